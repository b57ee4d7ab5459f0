"""Until when a study may take: seconds, a clock time, or both; and the clock time that a sentence says.

Not for: times of day in words (spoken_clock.py).
"""

from __future__ import annotations

import datetime
import re
import time

from agenttune.errors import RequestNotUnderstood
from agenttune.plan.reader import Reader, compiled, same
from agenttune.plan.request import Request

TOMORROW = "tomorrow "
"""Before a clock time: the one of tomorrow, not the next there is."""
_DONE = (
    r"(?:(?:(?:to\s+|so\s+)?(?:be\s+|is\s+|i'm\s+|i\s+am\s+|we're\s+)?(?:finish(?:ed|es)?|done|ready|through|complete(?:d)?|stops?|ends?|ending"
    r"|quits?|halts?|wraps?\s+up|over|leav(?:e|ing))|due|it\s+has\s+to\s+be\s+done|have|got|running)\s+)"
)
_DAY = r"(?:(?:tonight|today|tomorrow(?:\s+(?:morning|afternoon|evening|night))?|this\s+evening)\s*,?\s*)?"
_DONE_BY = (
    rf"(?:{_DONE}*{_DAY}(?:by|until|till|til|before|no\s+later\s+than|not\s+later\s+than"
    r"|at\s+the\s+latest(?:\s+(?:by|at))?|(?:the\s+)?deadline(?:\s+(?:is|at|of))?\s*[:=]?|due)"
    rf"|{_DONE}+{_DAY}at|at(?=[^.;]*\sby\s+then(?!\w)))\s+"
    rf"{_DAY}(?:at\s+)?{_DAY}(?:no\s+later\s+than\s+)?"
)
_SHARP = (
    r"(?:\s+(?:(?:in\s+the|tomorrow)\s+(?:evening|morning|afternoon)|tonight|today|tomorrow|sharp|at\s+the\s+latest)"
    r"(?!\w))*"
)
_START = re.compile(
    r"(?<!\w)(?:start|begin|launch|resum|schedul|kick)\w*(?:\s+(?:it|off|them|running))*\s+$", re.IGNORECASE
)
_CLOCKS: tuple[tuple[str, str], ...] = (
    (r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d)(?!\d)", ""),
    (
        r"(?:(\d{1,2}):(\d\d)\s*(am|pm|a\.m\.|p\.m\.|h|o'clock)?|(\d{1,2})\s*(am|pm|a\.m\.|p\.m\.|o'clock))(?!\w)",
        "",
    ),
    (r"midnight(?!\w)", "00:00"),
    (r"(?:noon|midday)(?!\w)", "12:00"),
)
"""(how a time of day is written, the time it is if it has no digits)."""


def deadline(reader: Reader) -> str | None:
    """Local time by which to be done, "18:00", "tomorrow 08:00" or ISO: "until 6pm", "finish by 8am tomorrow".

    When it is to start is left unread.

    Raises:
        RequestNotUnderstood: two times are given, or what is no time.
    """
    found = []
    for shape, known in _CLOCKS:
        for match in compiled(rf"(?<!\w){_DONE_BY}{shape}{_SHARP}").finditer(reader.peek_all()):
            if _START.search(reader.text[: match.start()]) is None:
                reader.take_span(*match.span())
                found.append(_on_its_day(match, known or _clock(match)))
    return same("deadline", found)


def until_text(request: Request, *, now: float | None = None) -> str | None:
    """The deadline as people read it, "Mon 08:00", with the date where that is days away; None without one.

    Args:
        request: what was asked for.
        now: seconds since the epoch; None reads the clock.
    """
    if request.deadline is None:
        return None
    moment = _now(now)
    wanted = _moment(request.deadline, moment)
    return f"{wanted:%a %H:%M}" if wanted - moment < datetime.timedelta(days=6) else f"{wanted:%Y-%m-%d %H:%M}"


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
    moment = _now(now)
    try:
        wanted = _moment(request.deadline, moment)
    except ValueError:
        raise RequestNotUnderstood(f"{request.deadline!r} is no time", fields=("deadline",)) from None
    left_s = (wanted - moment).total_seconds()
    if left_s <= 0:
        raise RequestNotUnderstood(f"{request.deadline} is past: give a time to come", fields=("deadline",))
    return left_s if request.seconds is None else min(request.seconds, left_s)


def _now(now: float | None) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(time.time() if now is None else now)


def _moment(text: str, now: datetime.datetime) -> datetime.datetime:
    """The next moment of a clock time, the one of tomorrow, or the one of an ISO time; local."""
    if "T" in text:
        return datetime.datetime.fromisoformat(text)
    clock = text.removeprefix(TOMORROW)
    hour, minute = map(int, clock.split(":"))
    wanted = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return wanted + datetime.timedelta(days=1) if clock != text or wanted <= now else wanted


def _on_its_day(match: re.Match[str], clock: str) -> str:
    """The time, of tomorrow where that was said.

    Raises:
        RequestNotUnderstood: "tomorrow midnight".
    """
    if "T" in clock or "tomorrow" not in match[0].lower():
        return clock
    if clock == "00:00":
        raise RequestNotUnderstood(
            f"whether {match[0].strip()!r} is where tomorrow begins or where it ends: say 00:01 or 23:59",
            fragments=(match[0].strip(),),
            fields=("deadline",),
        )
    return f"{TOMORROW}{clock}"


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
