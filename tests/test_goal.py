"""Goals: what is feasible, and what cannot be told."""

from __future__ import annotations

import pytest

from agenttune.goal import Goal


@pytest.mark.parametrize(
    ("constraints", "metrics", "missing"),
    [
        (("ms < 20",), {"loss": 1.0}, ["ms"]),
        (("ms < 20",), {"loss": 1.0, "ms": 30.0}, []),
        (("ms < 20", "mb + ms < 9"), {"loss": 1.0}, ["mb", "ms"]),
        (("loss < 2 or ms < 20",), {"loss": 1.0}, []),
        (("loss > 2 or ms < 20",), {"loss": 1.0}, ["ms"]),
        (("log(loss) < 1",), {"loss": -1.0}, []),
        ((), {"loss": 1.0}, []),
    ],
)
def test_metrics_that_constraints_lack_are_named(
    constraints: tuple[str, ...], metrics: dict[str, float], missing: list[str]
) -> None:
    assert Goal("loss", "minimize", constraints).missing(metrics) == missing
