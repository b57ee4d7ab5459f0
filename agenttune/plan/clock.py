"""A time of day of another language in the grammar's English, "until 18:30".

Not for: how a language says one (its table), what the grammar makes of it (clauses.py).
"""

from __future__ import annotations


def until(hour: str | int, minute: str | int | None = 0, *, is_late: bool = False, is_tomorrow: bool = False) -> str:
    """ "until 18:30".

    Args:
        hour: as it was said; more than 24 is left for the grammar to refuse.
        minute: past it, or below 0 before it.
        is_late: whether the evening or the afternoon is meant.
        is_tomorrow: whether tomorrow is named.
    """
    at = 60 * int(hour) + int(minute or 0)
    if is_late and int(hour) < 12:
        at += 12 * 60
    day = "tomorrow " if is_tomorrow else ""
    return f" until {day}{at // 60:02d}:{at % 60:02d} "
