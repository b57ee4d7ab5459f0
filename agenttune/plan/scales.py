"""A scale that is said of several ranges at once, written behind each: "both log", "a log scale for the former".

Also one that is said of a parameter apart from its range: "lr is log". Not for: the scale that stands beside its range
(ranges.py), ranges that parameters share (shared_ranges.py).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from agenttune.errors import RequestNotUnderstood
from agenttune.plan.reader import any_of
from agenttune.plan.words import NUMBER, read_number

_WIDE = 100
"""Upper end over lower end of a range that people search on a logarithmic scale."""
_WHICH = (
    r"(?:both|all(?:\s+(?:of\s+(?:them|these)|two|three|four|ranges|parameters))?|each(?:\s+of\s+them)?"
    r"|(?:the\s+)?(?:former|latter|first|second|last)(?:\s+(?:one|two|parameter|range))?)(?!\w)"
)
_SCALE = (
    r"(?<![\w-])(?:(?:on|in|a|an|use|using|with)\s+)*(?:log(?:arithmic(?:ally)?)?|linear(?:ly)?|uniform(?:ly)?)"
    r"(?:\s+(?:scale|distribution))?(?![\w-]|\s*loss)"
)
_IS = r"(?:\s+(?:are|is|of\s+them|should|to|be|on|in|one|both|too|also)(?!\w))*\s*"
_SAID = re.compile(
    rf"[\s,;]*\(?\s*(?<!\w)(?:(?:and|with|please)\s+)*(?:(?P<before>{_WHICH}){_IS}{_SCALE}"
    rf"|{_SCALE}\s*,?\s+(?:(?:for|on|in|is|are)\s+)*(?P<after>{_WHICH}))\s*:?\s*\)?",
    re.IGNORECASE,
)
_GO = (
    r"(?:\s*[:=∈,]|\s+(?:are|is|be|can|could|may|should|must|go|goes|range|ranges|run|runs|vary|varies|lie|lies"
    r"|in|over|values?|from|on|the)(?!\w))*\s*"
)
_ENDS = (
    rf"(?:between\s+{NUMBER}\s*(?:and|to)\s*{NUMBER}|{NUMBER}\s*(?:to|through|up\s+to|-|–|\.\.\.?)\s*{NUMBER}"
    rf"|[\[(]\s*{NUMBER}\s*[,;]\s*{NUMBER}\s*[\])])"
)
_BESIDE = re.compile(r"\s*,?\s*\(?\s*(?:on\s+|in\s+)?(?:log|linear|uniform)(?!\w)", re.IGNORECASE)
_BEHIND = re.compile(r"\s*,\s*log(?!\w)(?!\s+[a-z_][\w-]*\s*[:=]?\s*[\[(]?\s*(?:from|between|[-+.\d]))", re.IGNORECASE)
_AHEAD = re.compile(r"(?:^|[,;:.]\s+)(?:(?:with|use|on|in|the|a)\s+)*log\s*[:,]?\s*(?:(?:for|of)\s+)?$", re.IGNORECASE)
_JOINED = re.compile(r"\s*(?:,|and|,\s*and)\s*(?:the\s+)?", re.IGNORECASE)


def with_scales(text: str, spellings: Sequence[Sequence[str]]) -> str:
    """The sentence with the scale of several ranges behind each of them.

    Args:
        text: the sentence.
        spellings: what each of the parameters may be called.

    Raises:
        RequestNotUnderstood: which ranges are meant cannot be told.
    """
    every = [name for some in spellings for name in some]
    if not every or re.search(r"(?<!\w)(?:log|linear|uniform)", text, re.IGNORECASE) is None:
        return text
    one = rf"(?<![\w{{-])(?:{any_of(every)})(?![\w}}])"
    some = rf"{one}(?:\s*(?:,|and|&|,\s*and)\s*(?:the\s+)?{one})*"
    ranges = list(re.finditer(rf"(?P<names>{some}){_GO}(?P<ends>{_ENDS})", text, re.IGNORECASE))
    if not ranges:
        return text
    names = [{name.lower() for name in re.findall(one, match["names"], re.IGNORECASE)} for match in ranges]
    said = _SAID.search(text)
    if said is not None:
        is_before = [match.end() <= said.start() for match in ranges]
        meant = _meant((said["before"] or said["after"]).lower(), is_before, [len(own) for own in names])
        if not meant:
            raise _unclear(" ".join(said[0].split()).strip(" ,;:()"))
        return _put(text, said, [(ranges[at].end(), len(names[at])) for at in meant])
    said = re.search(
        rf"\s*[,;(]\s*(?:(?:and|with|both)\s+)*(?:(?P<before>{some}){_IS}{_SCALE}"
        rf"|{_SCALE}\s+(?:for|on)\s+(?:both\s+)?(?P<after>{some}))(?=\s*(?:[,;.)]|$))\s*\)?",
        text,
        re.IGNORECASE,
    )
    if said is None:
        _require_plain(text, ranges)
        return text
    wanted = {name.lower() for name in re.findall(one, said["before"] or said["after"], re.IGNORECASE)}
    meant = [at for at, own in enumerate(names) if own <= wanted]
    if set().union(*(names[at] for at in meant)) != wanted:
        return text
    return _put(text, said, [(ranges[at].end(), len(names[at])) for at in meant])


def is_wide(low: float, high: float) -> bool:
    """Whether a range is searched on a logarithmic scale where nobody said a scale."""
    return low > 0 and high / low >= _WIDE * (1 - 1e-9)  # 3e-4 / 3e-6 is 99.99999999999999


def _meant(which: str, is_before: Sequence[bool], counts: Sequence[int]) -> list[int]:
    """Which of the ranges are meant; none where that cannot be told.

    Args:
        which: the words for them.
        is_before: of each range, whether it was said before those words.
        counts: of each, of how many parameters it is said.
    """
    spoken = [at for at, is_said in enumerate(is_before) if is_said] or list(range(len(is_before)))
    if which.startswith(("all", "each")):
        return list(range(len(is_before)))
    if which.startswith("both"):
        return spoken if sum(counts[at] for at in spoken) == 2 else []
    if any(counts[at] > 1 for at in spoken) or len(spoken) < 2:
        return []
    if which.endswith("two"):
        return (spoken[:2] if "first" in which else spoken[-2:]) if len(spoken) > 2 else []
    if "first" in which or "second" in which:
        return [spoken[0 if "first" in which else 1]]
    if "last" in which:
        return spoken[-1:]
    return ([spoken[0]] if "former" in which else [spoken[1]]) if len(spoken) == 2 else []


def _put(text: str, said: re.Match[str], ends: Sequence[tuple[int, int]]) -> str:
    """The sentence with the scale at the ends of ranges, (where, of how many parameters), and not where it was said."""
    scale = "log" if re.search(r"(?<!\w)log", said[0], re.IGNORECASE) else "linear"
    puts = [(said.start(), said.end(), ", " if said.end() < len(text) else "")]
    for end, count in ends:
        if end == said.start() or not _BESIDE.match(text, end):
            puts.append((end, end, f" {scale} both" if count > 1 else f" {scale}"))
    for start, end, put in sorted(puts, reverse=True):
        text = f"{text[:start]}{put}{text[end:]}"
    return text


def _require_plain(text: str, ranges: Sequence[re.Match[str]]) -> None:
    """Refuses one `log`, set off by a comma, before or behind two ranges that may both be meant.

    Raises:
        RequestNotUnderstood: "lr 1e-5 to 1e-2, decay 1e-6 to 1e-3, log", "log: lr 1e-5 to 1e-2, decay 1e-6 to 1e-3".
    """
    for first, second in itertools.pairwise(ranges):
        if not _JOINED.fullmatch(text, first.end(), second.start()):
            continue
        is_behind = _BEHIND.match(text, second.end()) is not None and _is_wide(first)
        is_ahead = _AHEAD.search(text[: first.start()]) is not None and not _BESIDE.match(text, second.end())
        if is_behind or (is_ahead and _is_wide(second)):
            raise _unclear("log")


def _is_wide(named: re.Match[str]) -> bool:
    """Whether a range spans two decades at least."""
    return is_wide(*sorted(float(read_number(end[0])) for end in re.finditer(NUMBER, named["ends"], re.IGNORECASE)))


def _unclear(words: str) -> RequestNotUnderstood:
    sentence = f"which ranges {words!r} is about: say it behind each of them"
    return RequestNotUnderstood(sentence, fragments=(words,), fields=("ranges",))
