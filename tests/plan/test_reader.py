"""A sentence that is read piece by piece."""

from __future__ import annotations

from agenttune.plan.reader import Reader


def test_pattern_is_not_compiled_where_what_it_needs_is_missing() -> None:
    assert Reader("lr 1").take("(no pattern", needs="between") is None


def test_pattern_is_tried_where_what_it_needs_stands() -> None:
    match = Reader("lr Between 1 and 2").take(r"lr\s+between\s+(\d)", needs=r"between\s")
    assert match is not None and match[1] == "1"


def test_what_a_pattern_needs_must_be_unread() -> None:
    reader = Reader("lr at most 3")
    reader.take("at most")
    assert reader.take(r"lr\s", needs="at most") is None
