"""A study's model is asked as its settings and its budget say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agenttune import Budget
from agenttune.settings import config_dir
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.study import Study
from agenttune.study.asking import longest_wait_s
from agenttune.testing.answers import fault
from agenttune.testing.server import ModelServer


@pytest.mark.parametrize(("study_s", "wait_s"), [(None, 7.0), (600.0, 7.0), (70.0, 7.0), (5.0, 0.5)])
def test_a_trial_waits_as_the_settings_say_but_at_most_a_tenth_of_the_study(
    study_s: float | None, wait_s: float
) -> None:
    config_dir().mkdir(parents=True)
    (config_dir() / "settings.toml").write_text("latency_s = 7.0")
    assert longest_wait_s(study_s) == wait_s


def test_short_study_is_not_spent_on_a_silent_model(store: Store, make_spec: Callable[..., StudySpec]) -> None:
    with ModelServer(fault("silent")) as server:
        spec = make_spec(
            proposer="llm+gp", model=f"{server.url}#test", budget=Budget(trials=3, seconds=15.0), default=None
        )
        study = Study.from_spec(spec, store=store)
        study.run()
    trials = store.trials(study.row.id)
    assert [trial.arm for trial in trials] == ["sobol"] * 3
    assert "the model has not answered within 1.5 s" in trials[1].reason
