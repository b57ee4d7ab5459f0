"""Candidates out of a model's text, strictly: every one is valid in the space, or refused with the rule it breaks.

Never raises because of what the text says, and never puts a value of its own in the model's place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from agenttune.errors import ConfigInvalid
from agenttune.exchange import NumberSaid
from agenttune.replies import Question
from agenttune.replies.clean import clean_text
from agenttune.replies.json_text import Unreadable, check_length, find_json, loosened, unquoted
from agenttune.replies.prediction import numbers_beside, read_prediction
from agenttune.replies.salvage import mend_config
from agenttune.replies.schema import CANDIDATES, CONFIG, PREDICTION, REASON
from agenttune.space import Space
from agenttune.space.scalars import scalar_key, spell_given
from agenttune.trial import MODEL, Candidate, Proposal
from agenttune.types import Scalar

MAX_OFFERS = 32
"""Most candidates of one reply that are looked at; a reply is asked for some four."""
MAX_REASON_CHARS = 300
"""Of a model's reason, which is shown in a line and told to it again."""
MAX_REFUSAL_CHARS = 400
"""Of the sentence that says why a candidate is refused: it may quote what the model wrote."""
MAX_KEPT_ENTRIES = 50
"""Of a refused configuration: the record need not hold whatever a model invents."""
NO_REASON = "the model gave no reason"

_CONFIG_NAMES = (CONFIG, "configuration", "parameters", "hyperparameters", "params")
_DECLINES = re.compile(
    r"\W*(?:sorry\b|as an ai\b|unfortunately,? i\b"
    r"|(?:i['’]?m|i am) (?:(?:very |really |so )?sorry|unable|not able)\b"
    r"|i (?:can['’]?t|cannot|can not|won['’]?t|will not|must decline)\b)",
    re.IGNORECASE,
)
"""How a reply begins that declines; it is only looked for where there is nothing to run."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a text came to."""

    candidates: tuple[Candidate, ...]
    refused: tuple[tuple[Proposal, str, str], ...]
    """(proposal, kind, reason): "illegal", "duplicate" or "infeasible"."""
    verdict: str
    """"used", "unparsable", "illegal", "infeasible", "duplicate", "refused" or "empty"."""
    why: str | None = None
    """The verdict in a sentence, where there is more to say."""


@dataclass(frozen=True, slots=True)
class _Offers:
    """What in a text may be candidates, from the surest shape down."""

    entries: tuple[object, ...] = ()
    rank: int = 0
    """3: listed under `candidates`; 2: objects with a configuration; 1: configurations alone; 0: nothing."""
    notes: tuple[str, ...] = ()


def decode(text: str, question: Question, *, numbers: Sequence[NumberSaid] = (), sample: int = 0) -> Decoded:
    """The first `question.k` candidates of the text that may be run, and what is wrong with the others.

    Args:
        text: of one reply.
        question: what was asked.
        numbers: distributions of numbers in the text.
        sample: which of the question's replies it is.
    """
    if not text.strip():
        return Decoded((), (), "empty", "the reply has no text")
    try:
        check_length(text)
        offers = _find_offers(text, question.space)
    except Unreadable as error:
        return Decoded((), (), "unparsable", str(error))
    if offers.rank == 0:
        return _without_offers(text)
    if not offers.entries:
        return Decoded((), (), "empty", f"the reply's list of `{CANDIDATES}` is empty")
    decoded = _judge_all(offers, question, numbers_beside(offers.entries, text, numbers))
    return replace(decoded, candidates=tuple(replace(entry, sample=sample) for entry in decoded.candidates))


# -- finding them ----------------------------------------------------------------------------------


def _find_offers(text: str, space: Space) -> _Offers:
    """Offers in the answer, else in the whole text: what a model thinks aloud before it is not its answer."""
    answer = _after_thinking(text)
    offers = _read_offers(answer, space)
    if offers.rank == 0 and "</think>" in text and not text.lstrip().startswith("<think>"):
        offers = _read_offers(text, space)
    return offers


def _after_thinking(text: str) -> str:
    """The text without what stands in <think> marks; some servers leave the first mark out, some replies the last."""
    if text.lstrip().startswith(("{", "[", "`", '"')):
        return text  # marks further on are words within strings
    return text.rpartition("</think>")[2].partition("<think>")[0]


def _read_offers(text: str, space: Space) -> _Offers:
    strict = _offers_as_written(text, space)
    if strict.rank == 3:
        return strict
    mended = loosened(text)
    if mended == text:
        return strict
    loose = _offers_as_written(mended, space)
    if loose.rank <= strict.rank:
        return strict
    return _Offers(loose.entries, loose.rank, (*loose.notes, "commas and Python's words read as JSON"))


def _offers_as_written(text: str, space: Space) -> _Offers:
    found = find_json(text)
    notes = ("text around the JSON left out",) if found.has_prose else ()
    documents = [_unwrapped(document, space) for document in found.documents]
    if not documents and text.lstrip().startswith('"'):
        documents = [_unwrapped(entry, space) for entry in _encoded_twice(text)]
        notes = ("JSON within a string",) if documents else ()
    lists = [_as_list(entry[CANDIDATES]) for entry in documents if isinstance(entry, dict) and CANDIDATES in entry]
    lists = [entries for entries in lists if entries is not None]
    if lists:  # a later one replaces an earlier, which was a draft or an echo of the prompt
        return _Offers(tuple(next((entries for entries in reversed(lists) if entries), ())), 3, notes)
    flat = [part for entry in documents for part in (entry if isinstance(entry, list) else [entry])]
    with_config = [part for part in flat if isinstance(part, dict) and _config_name(part) is not None]
    if with_config:
        return _Offers(tuple(with_config), 2, (*notes, f"no list of `{CANDIDATES}`"))
    bare = [part for part in flat if isinstance(part, dict) and _names_parameters(part, space)]
    return _Offers(tuple(bare), 1, (*notes, f"no list of `{CANDIDATES}`")) if bare else _Offers()


def _unwrapped(document: object, space: Space) -> object:
    """What lies in objects of one entry that is neither ours nor a parameter: {"answer": {...}}."""
    for _ in range(3):
        if not isinstance(document, dict) or len(document) != 1:
            break
        name, inner = next(iter(document.items()))
        if name == CANDIDATES or name in _CONFIG_NAMES or name in space.parameters:
            break
        inner = unquoted(inner)
        if not isinstance(inner, dict | list):
            break
        document = inner
    return document


def _encoded_twice(text: str) -> Sequence[object]:
    wrapped = find_json(f"[{text}]").documents  # whatever string it is, as JSON reads it
    if len(wrapped) != 1 or not isinstance(wrapped[0], list) or len(wrapped[0]) != 1:
        return ()
    inner = unquoted(wrapped[0][0])
    return (inner,) if isinstance(inner, dict | list) else ()


def _as_list(value: object) -> list[object] | None:
    value = unquoted(value)
    if isinstance(value, dict):
        return [value]
    return value if isinstance(value, list) else None


def _config_name(entry: Mapping[str, object]) -> str | None:
    """Under which name an object holds a configuration."""
    return next((name for name in _CONFIG_NAMES if isinstance(unquoted(entry.get(name)), dict)), None)


def _names_parameters(entry: Mapping[str, object], space: Space) -> bool:
    folded = {name.casefold() for name in entry}
    return any(name.casefold() in folded for name in space.parameters)


def _without_offers(text: str) -> Decoded:
    shown = clean_text(text, limit=100)
    if _DECLINES.match(_after_thinking(text).lstrip()):
        return Decoded((), (), "refused", f"the model declined: {shown!r}")
    found = find_json(_after_thinking(text)).documents
    if any(isinstance(entry, dict) and "refusal" in entry for entry in found):
        return Decoded((), (), "refused", f"the model declined: {shown!r}")
    what = f"JSON without `{CANDIDATES}`" if found else "no JSON that can be read"
    return Decoded((), (), "unparsable", f"the reply holds {what}: {shown!r}")


# -- judging them ----------------------------------------------------------------------------------


def _judge_all(offers: _Offers, question: Question, numbers: Sequence[NumberSaid | None]) -> Decoded:
    candidates: list[Candidate] = []
    refused: list[tuple[Proposal, str, str]] = []
    taken: set[object] = set()
    for place, (entry, number) in enumerate(zip(offers.entries[:MAX_OFFERS], numbers, strict=False), start=1):
        if len(candidates) == question.k:
            break
        judged = _judge(entry, question, taken, offers.notes, number)
        if isinstance(judged, Candidate):
            candidates.append(judged)
        else:
            proposal, kind, reason = judged
            refused.append((proposal, kind, clean_text(f"candidate {place}: {reason}", limit=MAX_REFUSAL_CHARS)))
    if candidates:
        return Decoded(tuple(candidates), tuple(refused), "used", _refused_of(refused))
    kinds = {kind for _, kind, _ in refused}
    verdict = next(kind for kind in ("illegal", "infeasible", "duplicate") if kind in kinds)
    return Decoded((), tuple(refused), verdict, next(reason for _, kind, reason in refused if kind == verdict))


def _judge(
    entry: object, question: Question, taken: set[object], notes: Iterable[str], number: NumberSaid | None
) -> Candidate | tuple[Proposal, str, str]:
    """A candidate, or (proposal, kind, reason)."""
    config, reason, prediction = _parts(entry, question.space)
    try:
        if not isinstance(config, dict):
            raise ConfigInvalid(f"`{CONFIG}` must be an object of names and values, but got {spell_given(config)}")
        valid, mended = mend_config(config, question.space)
    except ConfigInvalid as error:
        is_violated = isinstance(config, dict) and error.parameter is None
        return _refusal(config, reason, question), "infeasible" if is_violated else "illegal", str(error)
    key = tuple((name, scalar_key(value)) for name, value in valid.items())
    if key in taken:
        return _refusal(valid, reason, question), "duplicate", "the same reply has it already"
    taken.add(key)
    if not question.is_new(valid):
        return _refusal(valid, reason, question), "duplicate", "the study has it already"
    predicted = read_prediction(prediction, number)
    return Candidate(
        config=valid,
        reason=reason,
        predicted_mean=predicted.mean,
        predicted_sd=predicted.sd,
        space_version=question.space_version,
        asked_at=question.asked_at,
        salvaged=tuple(clean_text(note, limit=200) for note in (*notes, *mended, *predicted.notes)),
        prediction_source=predicted.source,
    )


def _parts(entry: object, space: Space) -> tuple[object, str, Mapping[str, object]]:
    """(configuration, reason, prediction) of one offer."""
    if not isinstance(entry, dict):
        return entry, NO_REASON, {}
    name = _config_name(entry)
    ours = [own for own in (REASON, *PREDICTION) if own in entry and (name is not None or own not in space.parameters)]
    if name is not None:
        config = unquoted(entry[name])
    elif CONFIG in entry and CONFIG not in space.parameters:
        config = entry[CONFIG]
    else:  # parameters and what is said about them side by side
        config = {key: value for key, value in entry.items() if key not in ours}
    said = entry.get(REASON) if REASON in ours else None
    reason = clean_text(said, limit=MAX_REASON_CHARS) if isinstance(said, str) else ""
    return config, reason or NO_REASON, {key: entry[key] for key in ours if key != REASON}


def _refusal(config: object, reason: str, question: Question) -> Proposal:
    return Proposal(
        config=_storable(config),
        arm=MODEL,
        reason=reason,
        space_version=question.space_version,
        seen_trials=question.seen_trials,
    )


def _storable(config: object) -> dict[str, Scalar]:
    """A refused configuration for the record: whatever is no short value stands there as text."""
    if not isinstance(config, Mapping):
        return {}
    return {
        clean_text(str(name), limit=100): value
        if isinstance(value, bool | int | float)
        else clean_text(value if isinstance(value, str) else spell_given(value), limit=200)
        for name, value in list(config.items())[:MAX_KEPT_ENTRIES]
    }


def _refused_of(refused: Sequence[tuple[Proposal, str, str]]) -> str | None:
    return f"{len(refused)} more refused, the first: {refused[0][2]}" if refused else None
