"""The distribution of a number in a server's reply, from the token probabilities it tells beside the text.

A server tells, for each token it wrote, the most probable ones that could have stood there. The number is followed
along the tokens that were written; at each, the others are branches that were not followed (number_said.py). Servers
tell probabilities of before a grammar or a schema ruled tokens out: so only what goes on as a number, or ends it,
counts, and is scaled up to all that was told at that place. What was not told is not told apart. How a number with
another token would have gone on nobody tells: one of the same length is taken to end there, or to have its point
there, as probably as the written one.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from agenttune.exchange import NumberSaid
from agenttune.models.number_said import Branch, number_distribution

TOP = 20
"""Tokens told at each place: the most that OpenAI's protocol allows."""
LEAST_LOGPROB = -700.0
"""Below it the exponential is nothing."""
_WHOLE = re.compile(rb"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_OPEN = re.compile(rb"-?(?:(?:0|[1-9]\d*)(?:\.\d*)?(?:(?<=\d)[eE][+-]?\d*)?)?")
"""What a number may begin with, nothing included."""
_ENDS = re.compile(rb"[\s,}\]]")


@dataclass(frozen=True, slots=True)
class _Token:
    """One place of a reply; text as UTF-8, since a token may be part of a character."""

    text: bytes
    told: Mapping[bytes, float]
    """Probability of each token that was told for this place, the written one included."""


def tells_logprobs(choice: Mapping[str, Any]) -> bool:
    """Whether a choice of a chat completion holds token probabilities."""
    return bool(_content(choice))


def numbers_in(text: str, choice: Mapping[str, Any], fields: Sequence[str]) -> tuple[NumberSaid, ...]:
    """Distributions of the numbers in a reply.

    Args:
        text: of the reply.
        choice: the part of a chat completion that it comes from.
        fields: names of the numbers that are wanted.
    """
    tokens = [token for entry in _content(choice) if (token := _token(entry)) is not None]
    encoded = text.encode("utf-8", "replace")
    shift = b"".join(token.text for token in tokens).find(encoded)  # tokens may begin or end with marks of the server's
    if not tokens or not fields or shift < 0:
        return ()
    starts = [start - shift for start in accumulate((len(token.text) for token in tokens), initial=0)]
    names = b"|".join(re.escape(name.encode()) for name in fields)
    found = []
    for match in re.finditer(rb'"(%b)"\s*:\s*(%b)' % (names, _WHOLE.pattern), encoded):
        branches = list(_branches(tokens, starts, encoded, *match.span(2)))
        known = number_distribution(branches) if branches else None
        if known is not None:
            found.append(NumberSaid(match[1].decode(), len(encoded[: match.start(2)].decode()), *known))
    return tuple(found)


def _branches(
    tokens: Sequence[_Token], starts: Sequence[int], encoded: bytes, start: int, end: int
) -> Iterator[Branch]:
    """How the number from `start` to `end` could have been written; nothing where no place told of others."""
    places = range(bisect_right(starts, start) - 1, min(bisect_right(starts, end), len(tokens)))
    if not any(len(tokens[place].told) > 1 for place in places):
        return
    reached = 1.0
    beside: list[Branch] = []
    """Ways not followed at the place before this one."""
    for place in places:
        token, at = tokens[place], starts[place]
        written, head = encoded[start:at], encoded[at:start]  # one of the two is empty
        ways = {
            other: branch
            for other, probability in token.told.items()
            if other.startswith(head) and (branch := _branch(written, other[len(head) :], probability)) is not None
        }
        share, told = sum(branch.probability for branch in ways.values()), min(sum(token.told.values()), 1.0)
        if token.text not in ways or not ways[token.text].probability > 0:
            yield from (*beside, Branch("", reached, is_whole=False))
            return
        yield Branch("", reached * (1.0 - told), is_whole=False)
        scaled = {
            other: Branch(branch.text, reached * branch.probability / share * told, branch.is_whole)
            for other, branch in ways.items()
        }
        followed = scaled.pop(token.text)
        number, all_ways = written.decode(), (followed, *scaled.values())
        ends = sum(branch.probability for branch in all_ways if branch.text == number) / reached
        points = sum(branch.probability for branch in all_ways if branch.text.startswith(f"{number}.")) / reached
        yield from (part for branch in beside for part in _gone_on(branch, number, ends, points))
        if followed.is_whole or place == places[-1] or followed.probability == 0:  # less than a float can say
            yield from all_ways
            return
        reached, beside = followed.probability, list(scaled.values())


def _gone_on(branch: Branch, number: str, ends: float, points: float) -> Iterator[Branch]:
    """A branch beside the number so far, as that one goes on if it is as long.

    Args:
        branch: not followed.
        number: that was written so far.
        ends: probability that it ends here.
        points: probability that its point comes next.
    """
    if branch.is_whole or len(branch.text) != len(number):
        yield branch
        return
    yield Branch(branch.text, branch.probability * ends, is_whole=True)
    if len(branch.text.lstrip("-")) < 2:  # from 1 to 2 is no place for a number
        points = 0.0
    yield Branch(f"{branch.text}.", branch.probability * points, is_whole=False)
    yield Branch(branch.text, branch.probability * (1.0 - ends - points), is_whole=False)


def _branch(written: bytes, added: bytes, probability: float) -> Branch | None:
    """The number so far with one more token; None if that is no way to write a number."""
    text = (written + added).lstrip()
    match = _OPEN.match(text)
    number = text[: match.end()] if match else b""
    rest = text[len(number) :]
    if not rest:
        return Branch(number.decode(), probability, is_whole=False) if added else None
    if _WHOLE.fullmatch(number) and _ENDS.match(rest):
        return Branch(number.decode(), probability, is_whole=True)
    return None


def _content(choice: Mapping[str, Any]) -> Sequence[Any]:
    told = choice.get("logprobs")
    content = told.get("content") if isinstance(told, dict) else None
    return content if isinstance(content, list) else ()


def _token(entry: Any) -> _Token | None:
    """A token of the server's; None if it is none."""
    text = _bytes(entry)
    if text is None:
        return None
    others = entry.get("top_logprobs")
    told: dict[bytes, float] = {}
    for other in (entry, *(others if isinstance(others, list) else ())):
        spelled, probability = _bytes(other), _probability(other)
        if spelled is not None and probability is not None:
            told.setdefault(spelled, probability)
    return _Token(text, told)


def _bytes(entry: Any) -> bytes | None:
    """How a token is spelled."""
    if not isinstance(entry, dict) or not isinstance(entry.get("token"), str):
        return None
    raw = entry.get("bytes")
    if isinstance(raw, list) and all(isinstance(byte, int) and 0 <= byte < 256 for byte in raw):
        return bytes(raw)
    return str(entry["token"]).encode("utf-8", "replace")


def _probability(entry: Any) -> float | None:
    logprob = entry.get("logprob") if isinstance(entry, dict) else None
    if isinstance(logprob, bool) or not isinstance(logprob, (int, float)) or not -math.inf <= logprob <= math.inf:
        return None
    return math.exp(max(min(logprob, 0.0), LEAST_LOGPROB))
