"""Times of day as people say them, written as the grammar reads them: "half past five this afternoon" is 17:30.

Where nothing tells the half of the day, the words stay: nobody guesses it. Not for: spans of time (words.py), what a
time of day is said for (clauses.py).
"""

from __future__ import annotations

import re

_HOURS = {
    word: at for at, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)
}
_MINUTES = {"half": 30, "quarter": 15, "five": 5, "ten": 10, "twenty": 20, "twenty-five": 25, "twenty five": 25}
_HOUR = rf"(?P<hour>{'|'.join(sorted(_HOURS, key=len, reverse=True))}|1[0-2]|0?[1-9])(?![\w%])(?!\.\d)"
_PAST = (
    rf"(?:(?:an?\s+)?(?P<minutes>{'|'.join(sorted(_MINUTES, key=len, reverse=True))})(?:\s+minutes)?"
    r"\s+(?P<side>past|after|to|before)\s+)"
)
_DIGITS = r"(?::(?P<digits>[0-5]\d))?(?:\s*o['’]?\s?clock)?"
_HALF = (
    r"(?P<half>a\.?m\.?(?!\w)|p\.?m\.?(?!\w)|(?:(?:in\s+the|this|tomorrow|late|early)\s+)+(?:morning|afternoon|evening)(?!\w)"
    r"|tonight(?!\w)|at\s+night(?!\w))"
)
_FIRST = r"(?P<first>(?:this|tomorrow)\s+(?:morning|afternoon|evening)|tonight)"
_AT = r"(?<!\w)(?P<at>by|at|until|till|til|before|around|than|to)\s+"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\w)(?:(?P<at>by|at|until|till|til|before|around)\s+)?{_PAST}{_HOUR}(?:\s*o['’]?\s?clock)?\s*,?\s*{_HALF}",
        rf"{_AT}{_HOUR}{_DIGITS}\s*,?\s*{_HALF}",
        rf"(?<!\w){_FIRST}\s*,?\s+(?P<at>by|at|until|till|til|before|around)\s+{_PAST}?{_HOUR}{_DIGITS}(?!\s*[-\w%])",
    )
)


def in_digits(text: str) -> str:
    """The sentence with the times of day that it says in words, or with the half of the day, as "17:30"."""
    for pattern in _PATTERNS:
        text = pattern.sub(_written, text)
    return text


def _written(match: re.Match[str]) -> str:
    said = match.groupdict()
    hour = _HOURS.get(said["hour"].lower()) or int(said["hour"])
    minute = int(said.get("digits") or 0)
    if said.get("minutes"):
        minute = _MINUTES[re.sub(r"\s+", " ", said["minutes"].lower())]
        if said["side"].lower() in ("to", "before"):
            hour, minute = (hour - 1) or 12, 60 - minute
    part = (said.get("half") or said.get("first") or "").lower()
    if re.search(r"morning|^a\.?m", part):
        hour %= 12
    elif hour < 12 and not (hour < 5 and re.search(r"night", part)):
        hour += 12
    elif re.search(r"night", part):
        return match[0]  # "two at night", "twelve tonight": not for us to tell
    day = "tomorrow " if "tomorrow" in part else ""
    return f"{said['at'] or 'at'} {day}{hour:02d}:{minute:02d}"
