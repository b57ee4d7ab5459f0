"""One request of a question and what its replies held. Not for sending it (sender.py) or keeping it (asking.py).

Several replies to one prompt are read one by one, and what they offer is put together: a configuration that two of
them offer is a candidate twice, which says how sure the model is of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from agenttune.exchange import ExchangeRequest
from agenttune.prompts import SUFFIX, prompt_hash, render
from agenttune.redaction import redact
from agenttune.replies import Answer, Question
from agenttune.replies.decode import Decoded, decode
from agenttune.replies.sender import Sent
from agenttune.trial import Candidate, Proposal
from agenttune.types import Json

MAX_ERRORS = 8
"""Most errors that a repair request names."""
MAX_REPLY_CHARS = 4_000
"""Of the model's own reply, as it is shown to it again."""
SEED_STEP = 2**16
"""Between the seeds of a question's draws: further replies count up from them, by far less."""
N_OFFERED = "n_offered"
"""In the memory of a refused proposal: how often the replies of one request have it, where that is more than once."""
Told = TypeVar("Told", Candidate, Proposal)


@dataclass(frozen=True, slots=True)
class Turn:
    """One request, and what was read in its replies."""

    request: ExchangeRequest
    decoded: Decoded
    n_sent: int
    reply: str | None = None
    n_replies: int = 0
    """Drawn by this one request."""
    exchange_id: int | None = None


def read(sent: Sent, question: Question, *, sample: int = 0, after: Turn | None = None) -> Decoded:
    """What the replies to one request came to, candidates of all of them together.

    Args:
        sent: the replies, or why there are none.
        question: what was asked.
        sample: which of the question's replies the first of these is.
        after: the turn that this one is to repair.
    """
    decoded = _read_first(sent, question, sample)
    if sent.others:
        others = [
            decode(entry.text, question, numbers=entry.numbers, sample=sample + place)
            for place, entry in enumerate(sent.others, start=1)
        ]
        decoded = _pooled([decoded, *others])
    if after is None or after.exchange_id is None:
        return decoded
    earlier = (after.exchange_id,)
    return replace(
        decoded,
        candidates=tuple(replace(entry, exchange_ids=earlier) for entry in decoded.candidates),
        verdict="repaired" if decoded.verdict == "used" else decoded.verdict,
    )


def repair_of(turn: Turn, question: Question) -> ExchangeRequest:
    """The same conversation, the first reply, and what is wrong with it; one reply is asked for."""
    errors = [reason for _, _, reason in turn.decoded.refused][:MAX_ERRORS] or [turn.decoded.why or "it is no JSON"]
    said: dict[str, Json] = {"role": "assistant", "content": (turn.reply or "")[:MAX_REPLY_CHARS]}
    asked: dict[str, Json] = {"role": "user", "content": redact(render("repair", errors=errors, k=question.k))}
    return replace(
        turn.request,
        messages=(*turn.request.messages, said, asked),
        sampling={name: value for name, value in turn.request.sampling.items() if name != "n"},
        prompt_hashes={**turn.request.prompt_hashes, f"repair{SUFFIX}": prompt_hash("repair")},
    )


def redrawn(question: Question, number: int) -> Question:
    """The same question with the seed of its draw `number`, from 1: another request, and the same in a replay."""
    return replace(question, seed=(question.seed + number * SEED_STEP) % 2**32)


def answer_of(turns: Sequence[Turn], further: Sequence[Turn] = ()) -> Answer:
    """The answer of a question's turns: what the last one came to, and all that was refused on the way.

    Args:
        turns: the request, the one to repair it, and those that drew again.
        further: those for more replies to the same prompt.
    """
    last = turns[-1]
    return Answer(
        candidates=tuple(_told_from(entry, turn) for turn in (last, *further) for entry in turn.decoded.candidates),
        refused=tuple(
            (_told_from(proposal, turn), kind, reason)
            for turn in (*turns, *further)
            for proposal, kind, reason in turn.decoded.refused
        ),
        verdict=last.decoded.verdict,
        why=last.decoded.why,
        n_sent=sum(turn.n_sent for turn in (*turns, *further)),
    )


def _read_first(sent: Sent, question: Question, sample: int) -> Decoded:
    """What the first reply came to; one that was cut may hold whole candidates."""
    if sent.text and sent.verdict in (None, "cut"):
        decoded = decode(sent.text, question, numbers=sent.numbers, sample=sample)
        if sent.verdict is not None and not decoded.candidates:
            return Decoded((), decoded.refused, sent.verdict, sent.why)
        return decoded
    if sent.verdict is None:
        return Decoded((), (), "empty", "the reply has no text")
    return Decoded((), (), sent.verdict, sent.why)


def _pooled(parts: Sequence[Decoded]) -> Decoded:
    """Several replies as one; a configuration that more than one of them got wrong is refused once."""
    entries = [entry for part in parts for entry in part.refused]
    refused: list[tuple[Proposal, str, str]] = []
    while entries:
        (proposal, kind, reason), *_ = entries
        left = [entry for entry in entries if entry[1] != kind or entry[0].config != proposal.config]
        n_offered = len(entries) - len(left)
        told = replace(proposal, memory={N_OFFERED: n_offered}) if n_offered > 1 else proposal
        refused.append((told, kind, reason))
        entries = left
    best = next((part for part in parts if part.candidates), parts[0])
    candidates = tuple(entry for part in parts for entry in part.candidates)
    return Decoded(candidates, tuple(refused), best.verdict, best.why)


def _told_from(entry: Told, turn: Turn) -> Told:
    """A candidate or a proposal with the exchange it came from, as the store keeps it."""
    if turn.exchange_id is None:
        return entry
    return replace(entry, exchange_ids=(*entry.exchange_ids, turn.exchange_id))
