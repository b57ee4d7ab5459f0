"""A scale that is said of several ranges at once, written behind each: "both log", "a log scale for the former".

Not for: the scale that stands beside its range (ranges.py), ranges that parameters share (shared_ranges.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agenttune.errors import RequestNotUnderstood
from agenttune.plan.reader import any_of
from agenttune.plan.words import NUMBER

_WHICH = (
    r"(?P<{0}>both|all(?:\s+(?:of\s+(?:them|these)|two|three|four|ranges|parameters))?|each(?:\s+of\s+them)?"
    r"|(?:the\s+)?(?:former|latter|first|second|last)(?:\s+(?:one|two|parameter|range))?)(?!\w)"
)
_LOG = r"(?<![\w-])(?:(?:on|in|a|an|use|using|with)\s+)*log(?:arithmic(?:ally)?)?(?![\w-]|\s*loss)"
_SHAPE = re.compile(
    rf"[\s,;]*\(?\s*(?<!\w)(?:(?:and|with|please)\s+)*(?:{_WHICH.format('before')}(?:\s+(?:are|is|of\s+them|should|to|be|on|in|one)(?!\w))*\s*{_LOG}"
    rf"|{_LOG}\s*,?\s+(?:(?:for|on|in|is|are)\s+)*{_WHICH.format('after')})\s*:?\s*\)?",
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


def with_scales(text: str, spellings: Sequence[Sequence[str]]) -> str:
    """The sentence with the scale of several ranges behind each of them.

    Args:
        text: the sentence.
        spellings: what each of the parameters may be called.

    Raises:
        RequestNotUnderstood: which ranges are meant cannot be told.
    """
    said = _SHAPE.search(text)
    every = [name for some in spellings for name in some]
    if said is None or not every:
        return text
    one = rf"(?<![\w{{-])(?:{any_of(every)})(?![\w}}])"
    shape = rf"(?P<names>{one}(?:\s*(?:,|and|&|,\s*and)\s*(?:the\s+)?{one})*){_GO}(?P<ends>{_ENDS})"
    ranges = list(re.finditer(shape, text, re.IGNORECASE))
    if not ranges:
        return text
    counts = [len(re.findall(one, match["names"], re.IGNORECASE)) for match in ranges]
    meant = _meant((said["before"] or said["after"]).lower(), [match.end() <= said.start() for match in ranges], counts)
    if not meant:
        words = " ".join(said[0].split()).strip(" ,;:()")
        raise RequestNotUnderstood(
            f"which ranges {words!r} is about: say `log` behind each of them", fragments=(words,), fields=("ranges",)
        )
    puts = [(said.start(), said.end(), ", " if said.end() < len(text) else "")]
    for at in meant:
        end = ranges[at].end()
        if not re.match(r"\s*\(?(?:on\s+|in\s+)?log(?!\w)", text[end:] if end != said.start() else "", re.IGNORECASE):
            puts.append((end, end, " log both" if counts[at] > 1 else " log"))
    for start, end, put in sorted(puts, reverse=True):
        text = f"{text[:start]}{put}{text[end:]}"
    return text


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
    if which.endswith("two") or any(counts[at] > 1 for at in spoken):
        return []
    if "first" in which:
        return spoken[:1] if len(spoken) > 1 else []
    if "second" in which:
        return spoken[1:2]
    return ([spoken[0]] if "former" in which else [spoken[-1]]) if len(spoken) == 2 else []
