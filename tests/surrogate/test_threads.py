"""The limit of BLAS to one thread: it is there, it is lifted, and threads do not lift each other's."""

from __future__ import annotations

from threading import Event, Thread

from agenttune.surrogate import threads
from agenttune.surrogate.threads import single_thread


def _n_threads() -> set[int]:
    return {pool["num_threads"] for pool in threads._pools().info() if pool["user_api"] == "blas"}


def test_blas_is_limited_inside_and_only_there() -> None:
    before = _n_threads()
    assert before
    with single_thread():
        assert _n_threads() == {1}
        with single_thread():
            assert _n_threads() == {1}
        assert _n_threads() == {1}
    assert _n_threads() == before


def test_a_thread_that_leaves_lifts_no_limit_of_another() -> None:
    before = _n_threads()
    first_is_in, first_may_leave, first_is_out = Event(), Event(), Event()
    seen: list[set[int]] = []

    def first() -> None:
        with single_thread():
            first_is_in.set()
            first_may_leave.wait(10)
        first_is_out.set()

    def second() -> None:
        with single_thread():
            first_is_out.wait(10)
            seen.append(_n_threads())

    one, other = Thread(target=first), Thread(target=second)
    one.start()
    assert first_is_in.wait(10)
    other.start()
    other.join(0.2)  # it would be in by then, if it could
    first_may_leave.set()
    one.join(10)
    other.join(10)
    assert seen == [{1}]
    assert _n_threads() == before
