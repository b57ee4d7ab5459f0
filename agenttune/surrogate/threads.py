"""One thread for linear algebra: at tens of trials more cost more than they bring, and would change last bits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import RLock

import scipy.linalg  # noqa: F401  (its BLAS must be loaded to be found)
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # ships no types

_ONE_AT_A_TIME = RLock()
"""The limit is the process's: whoever leaves first would lift it for the others, who would then keep it for good."""


@contextmanager
def single_thread() -> Iterator[None]:
    """Runs BLAS on one thread, and as before afterwards; blocks of other threads wait."""
    with _ONE_AT_A_TIME, _pools().limit(limits=1, user_api="blas"):
        yield


@cache
def _pools() -> ThreadpoolController:
    """The libraries of this process: to find them takes milliseconds."""
    return ThreadpoolController()
