"""Defects of published tuners with language models, each put to this one with the input that broke the other.

docs/defects.md tells where each was seen, and which test elsewhere holds the rest of them.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agenttune import Budget, Float, Goal, Int, Space, Study
from agenttune.cards import load_dataset
from agenttune.exchange import Prompt
from agenttune.goal import Direction
from agenttune.history import StudyView, config_key
from agenttune.insight.prompt import llm_prompt
from agenttune.insight.quoting import shown_config
from agenttune.prompts import render
from agenttune.replies import Question
from agenttune.replies.decode import Decoded, decode
from agenttune.space import Bool, Ordinal
from agenttune.spec import StudySpec, TrialLimits
from agenttune.store import Store
from agenttune.surrogate.acquisition import log_ei
from agenttune.surrogate.map_estimate import fit_posterior
from agenttune.surrogate.model import Observations
from agenttune.testing.answers import Responder, Response, completion, fault
from agenttune.testing.server import ModelServer
from agenttune.testing.views import complete
from agenttune.trial import TrialState
from agenttune.types import Config
from agenttune.units import read_bytes

ROOT = Path(__file__).parents[1]
SPACE = Space(x=Float(0.0, 1.0), n=Int(1, 9))
PERFECT = {"x": 0.25, "n": 4}
Run = Callable[..., Study]


def rough(config: Config) -> dict[str, float]:
    """An objective whose values are told apart by four digits."""
    return {"score": 0.7 - (float(config["x"]) - 0.3) ** 2 / 3 - int(config["n"]) / 97}


def perfect(config: Config) -> dict[str, float]:
    """An accuracy that cannot be beaten."""
    return {"score": 1.0}


def flawless(config: Config) -> dict[str, float]:
    """An error that cannot be beaten."""
    return {"score": 0.0}


def without_the_metric(config: Config) -> dict[str, float]:
    """Everything but what the goal is about."""
    return {"loss": 0.1, "f1": 0.9}


def says(*configs: Any, **fields: Any) -> Responder:
    """A model that offers the same whatever it is asked."""
    offered = [{"config": config, "reason": "r", "low": 0.1, "predicted": 0.5, "high": 0.9} for config in configs]
    return lambda request: completion(json.dumps({"candidates": offered, **fields}))


class Walking:
    """A model that offers one new configuration a reply."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self, request: Any) -> Response:
        """The next one."""
        self.n += 1
        return says({"x": self.n / 17, "n": 1 + self.n % 9})(request)


def asked(server: ModelServer) -> list[str]:
    """What each request told the model last."""
    return [request["messages"][-1]["content"] for request in server.chats]


def read(*configs: Any, space: Space = SPACE, **said: Any) -> Decoded:
    """What a reply of these configurations comes to."""
    return read_text(
        json.dumps({"candidates": [{"config": config, "reason": "r", **said} for config in configs]}), space
    )


def read_text(text: str, space: Space = SPACE) -> Decoded:
    return decode(text, Question(Prompt(()), space, Goal("score", "maximize"), lambda _: True, k=4))


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Runs a study in this process that asks a model over HTTP, which is its `server`."""
    servers: list[ModelServer] = []
    store = Store.open(tmp_path / "agenttune.db")

    def made(
        responder: Responder,
        trials: int = 6,
        *,
        objective: Callable[[Config], dict[str, float]] = rough,
        direction: Direction = "maximize",
        **changes: Any,
    ) -> Study:
        servers.append(ModelServer(responder))
        servers[-1].start()
        spec = StudySpec(
            name="study",
            space=SPACE,
            goal=Goal("score", direction),
            objective={"type": "python", "target": f"{__name__}:{objective.__name__}"},
            budget=Budget(trials=trials),
            proposer="llm",
            executor="inline",
            model=f"{servers[-1].url}#test",
            limits=TrialLimits(),
            cwd=str(tmp_path),
        )
        study = Study.from_spec(replace(spec, **changes), store=store)
        study.run()
        return study

    made.servers = servers  # type: ignore[attr-defined]  # for the tests that look at requests
    yield made
    for server in servers:
        server.stop()
    store.close()


def server_of(run: Run) -> ModelServer:
    """Of the latest study."""
    return run.servers[-1]  # type: ignore[attr-defined,no-any-return]  # set by the fixture


# -- a score that cannot be beaten hangs the step to the next target -------------------------------


@pytest.mark.parametrize(
    ("objective", "direction", "proposer"), [(perfect, "maximize", "llm+gp"), (flawless, "minimize", "llm")]
)
def test_study_goes_on_after_a_score_that_cannot_be_beaten(
    run: Run, objective: Callable[[Config], dict[str, float]], direction: Direction, proposer: str
) -> None:
    study = run(Walking(), objective=objective, direction=direction, proposer=proposer)
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 6
    assert "model" in {trial.arm for trial in study.trials}


def test_study_ends_at_a_target_that_cannot_be_beaten(run: Run) -> None:
    study = run(Walking(), objective=perfect, goal=Goal("score", "maximize", target=1.0))
    assert len(study.trials) == 1


# -- too few valid candidates end the run, or let invalid ones through -----------------------------


def test_few_valid_candidates_run_and_invalid_ones_never(run: Run) -> None:
    study = run(says({"x": 7.0, "n": 4}, PERFECT, {"x": 0.5}, {"x": 0.5, "n": 4.5}))
    assert len(study.trials) == 6
    assert all(SPACE.contains(trial.config) for trial in study.trials)
    assert [trial.config for trial in study.trials if trial.arm == "model"] == [PERFECT]


# -- decimals are counted in the lower bound -------------------------------------------------------


def test_floats_with_whole_bounds_keep_their_decimals_in_the_prompt() -> None:
    space = Space(decrease=Float(0, 0.5), cost=Float(1, 1000, log=True))
    trial = complete(0, {"decrease": 0.1234, "cost": 3.25}, {"score": 1.0})
    view = StudyView(space, Goal("score", "maximize"), (trial,))
    text = str(llm_prompt(view, k=4, context={}).messages[-1]["content"])
    assert "1 [0.123,3.25]" in text  # a thousandth of the range, not of a whole number


# -- tiny values of a log scale collapse into one --------------------------------------------------


def test_tiny_values_of_a_log_scale_stay_apart() -> None:
    space = Space(alpha=Float(1e-9, 1.0, log=True))
    values = [1e-9, 3e-9, 1e-8, 1e-7, 1e-6, 1e-5]
    configs = [{"alpha": value} for value in values]
    assert [shown_config(space, config) for config in configs] == configs
    assert [entry.config for entry in read(*configs[:4], space=space).candidates] == configs[:4]
    assert [back["alpha"] for back in space.from_unit(space.to_unit(configs))] == pytest.approx(values, rel=1e-9, abs=0)


def test_value_near_a_listed_one_is_not_that_value() -> None:
    space = Space(alpha=Ordinal([1e-8, 1e-6, 1e-4]))
    decoded = read({"alpha": 1e-7}, {"alpha": 1e-6}, space=space)
    assert [entry.config for entry in decoded.candidates] == [{"alpha": 1e-6}]


# -- every column is told as categorical -----------------------------------------------------------


def test_columns_are_counted_by_their_kinds(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rows = [f"{i / 3:.2f},{i * 7 % 40 / 9:.3f},{'abc'[i % 3]},{i % 5 / 2},{i % 2}" for i in range(40)]
    path.write_text("\n".join(["width,height,site,depth,kind", *rows]) + "\n")
    assert load_dataset(path, target="kind").card.facts()[0] == "40 rows, 3 numbers + 1 categories"
    assert load_dataset("iris").card.facts()[0] == "150 rows, 4 numbers"


# -- a spread of 0 turns the acquisition into greed ------------------------------------------------


def test_prediction_without_any_spread_has_an_unknown_one() -> None:
    (candidate,) = read(PERFECT, low=0.5, predicted=0.5, high=0.5).candidates
    assert (candidate.predicted_mean, candidate.predicted_sd) == (0.5, None)


def test_exact_measurements_leave_the_acquisition_finite_and_curious() -> None:
    x = np.linspace(0, 1, 6)[:, None]
    fitted = fit_posterior(Observations(x, np.linspace(-1, 1, 6), [0]), start=None)
    assert fitted is not None
    mean, variance = fitted.posterior.marginal(np.vstack([x, x[-1:] - 0.1]))
    gains = log_ei(mean, np.sqrt(variance), 1.0)
    assert np.isfinite(gains).all()
    assert gains[-1] > gains[:-2].max()


# -- what was measured never reaches the model; a parse failure runs the best again ----------------


def test_all_that_was_measured_is_in_the_next_prompt(run: Run) -> None:
    study = run(Walking(), 8)
    assert len(asked(server_of(run))) >= 3
    for text in asked(server_of(run)):
        (told,) = re.findall(r"Finished trials: ([\d, -]+)\.", text) or ["none"]
        n_told = int(re.split(r"\D+", told)[-1]) + 1 if told != "none" else 0
        for trial in study.trials[:n_told]:
            value = trial.value("score")
            assert value is not None
            shown = re.search(rf"^{trial.number} \(.+?\): (\S+) \[", text, flags=re.MULTILINE)
            assert shown is not None and float(shown[1]) == pytest.approx(value, abs=0.005)
    assert n_told >= 5


def test_reply_that_cannot_be_read_runs_nothing_again(run: Run) -> None:
    study = run(fault("garbage"), 5)
    assert len({config_key(trial.config) for trial in study.trials}) == 5


# -- an incomplete configuration crashes the run ---------------------------------------------------


def test_configuration_that_lacks_a_parameter_is_refused_by_its_name(run: Run) -> None:
    study = run(says({"x": 0.5}))
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 6
    why = read({"x": 0.5}).why
    assert why is not None and "`n`" in why


# -- text of a model is evaluated ------------------------------------------------------------------


def test_nothing_in_the_package_evaluates_text() -> None:
    found = [
        f"{path.name}:{node.lineno}"
        for folder in ("agenttune", "prompts", "tui")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec")
    ]
    assert found == []


def test_code_in_a_reply_is_not_run(tmp_path: Path) -> None:
    made = tmp_path / "made"
    code = f"__import__('pathlib').Path({str(made)!r}).touch()"
    for text in (code, f"{{'x': {code}, 'n': 4}}", json.dumps({"candidates": [{"config": {"x": code, "n": code}}]})):
        assert read_text(text).candidates == ()
    assert not made.exists()


# -- the direction is decided by a model -----------------------------------------------------------


def test_reply_cannot_turn_the_direction(run: Run) -> None:
    turned = {"direction": "minimize", "maximize": False, "lower_is_better": True, "goal": {"direction": "minimize"}}
    study = run(says(PERFECT, {"x": 0.9, "n": 9}, {"x": 0.8, "n": 8}, **turned))
    assert study.goal == Goal("score", "maximize")
    assert all("Maximise the metric" in text for text in asked(server_of(run)))
    assert study.best is not None
    assert study.best.value("score") == max(trial.value("score") or 0.0 for trial in study.trials)


# -- other metrics stand in for the one that is missing --------------------------------------------


def test_trial_without_the_goals_metric_failed_whatever_else_it_measured(run: Run) -> None:
    study = run(Walking(), 3, objective=without_the_metric)
    assert [(trial.state, trial.value("score")) for trial in study.trials] == [(TrialState.FAILED, None)] * 3


# -- text for a bool; examples that contradict themselves ------------------------------------------


def test_false_as_text_is_not_true() -> None:
    space = Space(bootstrap=Bool())
    spelled = [read({"bootstrap": text}, space=space).candidates for text in ("False", "false")]
    assert [found[0].config for found in spelled] == [{"bootstrap": False}] * 2
    assert read({"bootstrap": "nope"}, space=space).candidates == ()


def test_form_of_a_reply_that_the_prompt_shows_is_read_without_mending() -> None:
    (form,) = re.findall(r'^\{"candidates".*\}$', render("system", k=1), flags=re.MULTILINE)
    filled = form.replace('{"parameter": value, ...}', json.dumps(PERFECT)).replace(", ...]", "]")
    filled = filled.replace('"low": x', '"low": 0.1').replace('"predicted": y', '"predicted": 0.5')
    (candidate,) = read_text(filled.replace('"high": z', '"high": 0.9')).candidates
    assert (candidate.config, candidate.predicted_mean, candidate.salvaged) == (PERFECT, 0.5, ())


def test_amounts_that_the_prompts_explain_are_those_we_read() -> None:
    told = re.findall(r'"(\d+ Gi?B)" is (\d+)', (ROOT / "prompts" / "request.md.jinja").read_text(encoding="utf-8"))
    assert len(told) == 2
    assert [read_bytes(text) for text, _ in told] == [int(amount) for _, amount in told]


# -- a silent stand-in for a model that fails; trials without a source ------------------------------


@pytest.mark.parametrize(("name", "proposer"), [("garbage", "llm+gp"), ("500", "llm"), ("reset", "llm+gp")])
def test_who_stands_in_for_a_model_that_fails_is_named_in_every_trial(run: Run, name: str, proposer: str) -> None:
    study = run(fault(name), 5, proposer=proposer)
    assert len(study.trials) == 5
    for trial in study.trials[1:]:
        assert trial.arm in ("sobol", "gp") and trial.proposal.exchange_ids == ()
        assert "model" in trial.reason


def test_every_trial_is_labelled_by_its_source(run: Run) -> None:
    study = run(Walking(), 8, proposer="llm+gp")
    assert {trial.arm for trial in study.trials} >= {"model", "sobol"}
    assert all((trial.arm == "model") == bool(trial.proposal.exchange_ids) for trial in study.trials)
    assert all(trial.reason for trial in study.trials)


def test_every_test_that_the_table_names_is_there() -> None:
    table = (ROOT / "docs" / "defects.md").read_text(encoding="utf-8")
    file = "tests/test_known_defects.py"
    for path, name in re.findall(r"`((?:tests/[\w/]+\.py)?(?:::)?)(test_\w+)`", table):
        file = path.removesuffix("::") if path.startswith("tests/") else file if path else "tests/test_known_defects.py"
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{name}"
