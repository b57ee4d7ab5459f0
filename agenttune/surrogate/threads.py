"""One thread for linear algebra: at tens of trials more cost more than they bring, and would change last bits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import scipy.linalg  # noqa: F401  (its BLAS must be loaded to be found)
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # ships no types


@contextmanager
def single_thread() -> Iterator[None]:
    """Runs BLAS on one thread, and as before afterwards."""
    with _pools().limit(limits=1, user_api="blas"):
        yield


@cache
def _pools() -> ThreadpoolController:
    """The libraries of this process: to find them takes milliseconds."""
    return ThreadpoolController()
