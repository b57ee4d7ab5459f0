"""Until when a study may take: seconds, a clock time, or both."""

from __future__ import annotations

import datetime
import time

from agenttune.errors import RequestNotUnderstood
from agenttune.plan.request import Request


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
