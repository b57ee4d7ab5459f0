"""`Numbers` is a tuple of numbers in less room."""

from __future__ import annotations

import copy
import pickle

from hypothesis import given
from hypothesis import strategies as st

from agenttune.store.numbers import Numbers

NUMBERS = st.one_of(
    st.lists(st.integers(0, 30)),
    st.sets(st.integers(0, 60)).map(sorted),
    st.integers(0, 3000).map(lambda n: list(range(n))),
)


@given(NUMBERS)
def test_numbers_are_a_sequence_like_any_other(numbers: list[int]) -> None:
    compact = Numbers.of(numbers)
    assert list(compact) == numbers
    assert (len(compact), bool(compact)) == (len(numbers), bool(numbers))
    assert [compact[index] for index in range(-len(numbers), len(numbers))] == numbers + numbers
    assert compact[1:-1] == tuple(numbers[1:-1])
    assert all(number in compact for number in numbers)
    assert -1 not in compact


@given(NUMBERS)
def test_text_round_trips(numbers: list[int]) -> None:
    assert Numbers.parse(Numbers.of(numbers).text) == Numbers.of(numbers)


@given(NUMBERS)
def test_equal_and_hashed_like_the_tuple(numbers: list[int]) -> None:
    compact: object = Numbers.of(numbers)
    assert compact == tuple(numbers)
    assert tuple(numbers) == compact
    assert Numbers.of(numbers) == list(numbers)
    assert hash(compact) == hash(tuple(numbers))
    assert compact != (*numbers, 7)


@given(
    n=st.integers(0, 1500),
    running=st.lists(st.lists(st.integers(0, 80), max_size=4), min_size=1, max_size=6),
    gap=st.integers(0, 1500),
)
def test_proposals_in_a_row_are_told_apart(n: int, running: list[list[int]], gap: int) -> None:
    """Each saw a little more than the one before, and other trials were running."""
    for step, away in enumerate(running):
        last = n + 37 * step
        seen = [number for number in range(last) if last - number not in away and number != gap]
        assert list(Numbers.of(seen)) == seen


def test_gaps_split_runs_and_nothing_else_does() -> None:
    assert Numbers.of([*range(1000), *range(1001, 1003), 5]).text == "0-999,1001-1002,5"


def test_pickled_and_copied() -> None:
    compact = Numbers.of(range(5))
    assert pickle.loads(pickle.dumps(compact)) == copy.deepcopy(compact) == compact
