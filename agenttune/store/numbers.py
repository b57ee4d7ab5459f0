"""`Numbers`: trial numbers kept as runs, since "all that were finished" is nearly always one run.

Ten thousand trials that each saw all earlier ones would otherwise hold fifty million integers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain
from typing import overload

UNSETTLED = 64
"""Numbers at the end that may differ from one proposal to the next: more than trials ever run at once."""

_settled: tuple[tuple[int, ...], list[range]] = ((), [])
"""The beginning of the numbers seen last, and its runs."""


class Numbers(Sequence[int]):
    """An immutable sequence of trial numbers, equal to a tuple or list of the same numbers."""

    __slots__ = ("_ends", "_runs")

    def __init__(self, runs: Sequence[range]) -> None:
        """Args:
        runs: ranges of step 1, none empty, one after the other.
        """
        self._runs = tuple(runs)
        self._ends = tuple(accumulate(map(len, self._runs)))

    @classmethod
    def of(cls, numbers: Sequence[int]) -> Numbers:
        """The same numbers in the same order."""
        return numbers if isinstance(numbers, Numbers) else cls(_runs_of(tuple(numbers)))

    @classmethod
    def parse(cls, text: str) -> Numbers:
        """Inverse of `text`.

        Raises:
            ValueError: it is no such text.
        """
        runs = []
        for part in text.split(",") if text else ():
            first, _, last = part.partition("-")
            runs.append(range(int(first), int(last or first) + 1))
        return cls(runs)

    @property
    def text(self) -> str:
        """For example "0-41,43"."""
        return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in self._runs)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        if isinstance(index, slice):
            return tuple(self)[index]
        place = range(len(self))[index]
        run = bisect_right(self._ends, place)
        return self._runs[run][place - self._ends[run]]

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(self._runs)

    def __contains__(self, number: object) -> bool:
        return any(number in run for run in self._runs)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Numbers):
            return self._runs == other._runs
        return tuple(self) == tuple(other) if isinstance(other, (tuple, list)) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Numbers({self.text!r})"


def _runs_of(numbers: tuple[int, ...]) -> list[range]:
    """Longest runs. What one proposal saw begins as what the one before it saw, so that is not looked at again."""
    global _settled
    known, runs = _settled
    if len(numbers) < 4 * UNSETTLED:
        return _split(numbers)
    if numbers[: len(known)] != known:
        known, runs = (), []
    n_settled = len(numbers) - UNSETTLED
    if n_settled - len(known) > UNSETTLED:
        runs = _joined(runs, _split(numbers[len(known) : n_settled]))
        known = numbers[:n_settled]
        _settled = known, runs
    return _joined(runs, _split(numbers[len(known) :]))


def _split(numbers: tuple[int, ...]) -> list[range]:
    """Runs found by halving: the cost follows the number of gaps, not of Python steps."""
    if not numbers:
        return []
    whole = range(numbers[0], numbers[0] + len(numbers))
    if numbers[-1] == whole[-1] and numbers == tuple(whole):
        return [whole]
    middle = len(numbers) // 2
    return _joined(_split(numbers[:middle]), _split(numbers[middle:]))


def _joined(left: list[range], right: list[range]) -> list[range]:
    if left and right and left[-1].stop == right[0].start:
        return [*left[:-1], range(left[-1].start, right[0].stop), *right[1:]]
    return [*left, *right]
