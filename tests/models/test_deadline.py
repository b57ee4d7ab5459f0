"""Nobody waits past the deadline, and whoever produces is told when nobody waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from agenttune.models.deadline import before_deadline


class Told:
    """Counts how often it was called."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def test_items_come_in_order_and_the_end_is_told_once() -> None:
    told = Told()
    assert list(before_deadline(lambda: iter("abc"), 60.0, give_up=told)) == ["a", "b", "c"]
    assert told.times == 1


def test_error_comes_after_what_was_produced() -> None:
    def produce() -> Iterator[int]:
        yield 1
        raise KeyError("gone")

    items = before_deadline(produce, 60.0, give_up=Told())
    assert next(items) == 1
    with pytest.raises(KeyError, match="gone"):
        next(items)


def test_deadline_ends_the_wait_between_two_items() -> None:
    released, told = threading.Event(), Told()

    def produce() -> Iterator[int]:
        yield 1
        released.wait(60)

    items = before_deadline(produce, 0.1, give_up=told)
    assert next(items) == 1
    with pytest.raises(TimeoutError):
        next(items)
    assert told.times == 1
    released.set()


def test_time_is_counted_for_all_items_together() -> None:
    done = threading.Event()

    def produce() -> Iterator[int]:
        while not done.wait(0.01):
            yield 1

    with pytest.raises(TimeoutError):
        for _ in before_deadline(produce, 0.1, give_up=done.set):
            pass
    assert done.is_set()


def test_one_who_leaves_early_is_missed() -> None:
    told = Told()
    items = before_deadline(lambda: iter("abc"), 60.0, give_up=told)
    next(items)
    items.close()  # type: ignore[attr-defined]  # a generator
    assert told.times == 1
