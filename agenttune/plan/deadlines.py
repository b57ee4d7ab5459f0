"""Until when a study may take: seconds, a clock time, or both; and the clock time that a sentence says.

Not for: times of day in words (spoken_clock.py).
"""

from __future__ import annotations

import datetime
import re
import time

from agenttune.errors import RequestNotUnderstood
from agenttune.plan.reader import Reader, same
from agenttune.plan.request import Request

_DONE_BY = (
    r"(?:(?:(?:to\s+|so\s+)?(?:be\s+|is\s+|i'm\s+|i\s+am\s+|we're\s+)?(?:finish(?:ed|es)?|done|ready|through|complete(?:d)?|stops?|ends?|ending"
    r"|quits?|halts?|wraps?\s+up|over|leav(?:e|ing))|due|it\s+has\s+to\s+be\s+done|have|got|running)\s+)*"
    r"(?:by|until|till|til|before|no\s+later\s+than|not\s+later\s+than"
    r"|at\s+the\s+latest(?:\s+(?:by|at))?|(?:the\s+)?deadline(?:\s+(?:is|at|of))?\s*[:=]?|due"
    r"|at)\s+"
    r"(?:(?:tonight|today|tomorrow|this\s+evening)\s*,?\s*)?(?:at\s+)?(?:no\s+later\s+than\s+)?"
)
_CLOCKS: tuple[tuple[str, str], ...] = (
    (r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d)(?!\d)", ""),
    (
        r"(?:(\d{1,2}):(\d\d)\s*(am|pm|a\.m\.|p\.m\.|h|o'clock)?|(\d{1,2})\s*(am|pm|a\.m\.|p\.m\.|o'clock))(?!\w)"
        r"(?:\s+(?:in\s+the\s+(?:evening|morning|afternoon)|tonight|today|sharp|at\s+the\s+latest)(?!\w))*",
        "",
    ),
    (r"midnight(?!\w)", "00:00"),
    (r"(?:noon|midday)(?!\w)", "12:00"),
)
"""(how a time of day is written, the time it is if it has no digits)."""


def deadline(reader: Reader) -> str | None:
    """Local time by which to be done, "18:00" or ISO: "until 6pm", "no later than 20:00", "finish by midnight".

    Raises:
        RequestNotUnderstood: two times are given, or what is no time.
    """
    found = [
        known or _clock(match) for shape, known in _CLOCKS for match in reader.take_all(rf"(?<!\w){_DONE_BY}{shape}")
    ]
    return same("deadline", found)


def seconds_of(request: Request, *, now: float | None = None) -> float | None:
    """Seconds that the study may take: those that were said, at most until the deadline; None without either.

    Args:
        request: what was asked for.
        now: seconds since the epoch; None reads the clock.

    Raises:
        RequestNotUnderstood: the deadline is past, or no time.
    """
    if request.deadline is None:
        return request.seconds
    moment = datetime.datetime.fromtimestamp(time.time() if now is None else now)
    try:
        wanted = _moment(request.deadline, moment)
    except ValueError:
        raise RequestNotUnderstood(f"{request.deadline!r} is no time", fields=("deadline",)) from None
    left_s = (wanted - moment).total_seconds()
    if left_s <= 0:
        raise RequestNotUnderstood(f"{request.deadline} is past: give a time to come", fields=("deadline",))
    return left_s if request.seconds is None else min(request.seconds, left_s)


def _moment(text: str, now: datetime.datetime) -> datetime.datetime:
    """The next moment of a clock time, or the one of an ISO time; local."""
    if "T" in text:
        return datetime.datetime.fromisoformat(text)
    hour, minute = map(int, text.split(":"))
    wanted = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return wanted if wanted > now else wanted + datetime.timedelta(days=1)


def _clock(match: re.Match[str]) -> str:
    if (match.lastindex or 0) == 1 and "-" in match[1]:
        return match[1].replace(" ", "T")
    hour, minute = int(match[1] or match[4]), int(match[2] or 0)
    half = (match[3] or match[5] or "").lower().replace(".", "")
    half = "pm" if re.search(r"evening|afternoon|tonight", match[0]) and hour < 12 else half
    hour = hour % 12 + 12 if half == "pm" else hour % 12 if half == "am" else hour
    if hour > 24 or minute > 59:
        raise RequestNotUnderstood(f"{match[0].strip()!r} is no time of day", fields=("deadline",))
    return f"{hour % 24:02d}:{minute:02d}"
