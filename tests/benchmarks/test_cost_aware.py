"""Rules for cost are compared run by run: the same instance, seed and starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agenttune.space import Float, Space
from agenttune.types import Config
from benchmarks import cost_aware
from benchmarks.cost_aware import RULES, regret, run, table


def result(instance: str, seed: int, rule: str, value: float) -> dict[str, Any]:
    """A run whose regret is `value` from half of the time on."""
    return {"instance": instance, "seed": seed, "rule": rule, "curve": [(0.5, value)], "time_ratio": 2.0}


def test_regret_is_of_trials_that_ended_in_time() -> None:
    curve = [(0.3, 0.8), (0.9, 0.2), (1.1, 0.0)]
    assert [regret(curve, share) for share in (0.1, 0.5, 1.0)] == [1.0, 0.8, 0.2]


def test_differences_are_of_the_same_instance_and_seed() -> None:
    results = [
        *(result("a", seed, "not counted", value) for seed, value in ((0, 0.9), (1, 0.5))),
        *(result("a", seed, "cooling", value) for seed, value in ((1, 0.6), (0, 0.5))),
        *(result("b", 0, rule, value) for rule, value in (("not counted", 0.4), ("cooling", 0.1))),
        result("c", 0, "cooling", 0.0),  # of which there is no other run
    ]
    (line,) = (line for line in table(results).splitlines() if "cooling - not counted at 100%" in line)
    assert "-0.225 [-0.300, -0.150], better in 2, worse in 1" in line  # mean of a: -.15, of b: -.3


class Clock:
    """Stands in for the surrogate: every trial takes a second."""

    space = Space(rate=Float(0.0, 1.0))

    def outputs(self, config: Config, instance: str) -> dict[str, float]:
        return {"val_accuracy": float(config["rate"]), "time": 1.0}


def test_rules_start_from_the_same_points_on_any_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost_aware, "_surface", lambda root: Clock())
    monkeypatch.setattr(cost_aware, "MOST_TRIALS", cost_aware.N_STARTS)
    curves = [run(("7", 1, rule), (1.0, 0.5), Path())["curve"] for rule in RULES]
    assert curves[0] == curves[1] == curves[2]
    assert [share for share, _ in curves[0]] == pytest.approx([0.04, 0.08, 0.12, 0.16, 0.2])


@pytest.mark.parametrize("option", ["--instances", "--seeds", "--processes"])
def test_count_below_one_is_refused(
    option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["cost_aware", option, "0"])
    with pytest.raises(SystemExit, match="2"):
        cost_aware.main()
    assert f"argument {option}: must be a whole number of at least 1, but got '0'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--data", "{tmp}"), "the suite 'lcbench' needs"),
        (("--data", "{tmp}", "--rules", "cooling,none"), "--rules must name some of not counted, cooling, full, but"),
    ],
)
def test_wrong_argument_ends_in_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    told: str,
) -> None:
    monkeypatch.setattr("sys.argv", ["cost_aware", *(word.format(tmp=tmp_path) for word in arguments)])
    assert cost_aware.main() == 2
    assert capsys.readouterr().err.startswith(told)
