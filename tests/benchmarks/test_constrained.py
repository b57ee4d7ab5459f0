"""The problems with constraints: what is learnt of them helps."""

from __future__ import annotations

from benchmarks.constrained import PROBLEMS, run


def test_slack_finds_the_boundary_that_labels_do_not() -> None:
    slack, labels = (run(PROBLEMS["corner"], rule, seed=0) for rule in ("slack", "labels"))
    assert 0.8 < slack[-2] < 0.805 < labels[-2]
    assert slack[-1] < 10 < labels[-1]
