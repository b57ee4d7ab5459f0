"""Commands that ask something of a study, where no driver is there to answer."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from agenttune.spec import StudyRow, StudyState
from agenttune.store import Store
from agenttune.study.leases import is_alive
from agenttune.trial import Lease, Proposal

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]


def sent(store: Store, row: StudyRow) -> list[tuple[str, dict[str, object]]]:
    return [(kind, dict(payload)) for _, kind, payload in store.take_controls(row.id)]


def refusal(capsys: Output) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("agenttune: ") and captured.err.count("\n") == 1
    return captured.err


def test_added_configuration_is_typed_by_its_parameters(
    study: StudyRow, store: Store, agenttune: Run, capsys: Output
) -> None:
    assert agenttune("add", "svc-digits", "C=3", "kernel=poly", "degree=4", "--reason", "a hunch") == 0
    assert sent(store, study) == [("add", {"config": {"C": 3.0, "kernel": "poly", "degree": 4}, "reason": "a hunch"})]
    assert "the next `ask` runs it" in capsys.readouterr().out


def test_study_of_ask_and_tell_is_stopped_and_resumed_though_nobody_asks(
    make_study: Callable[..., StudyRow], store: Store, agenttune: Run, capsys: Output
) -> None:
    row = make_study(state=StudyState.RUNNING)
    assert agenttune("stop") == 0
    assert (store.study(row.id).state, sent(store, row)) == (StudyState.STOPPED, [])
    assert agenttune("resume", "--trials", "9") == 0
    assert "goes on with the next `ask`" in capsys.readouterr().err
    assert [kind for kind, _ in sent(store, row)] == ["resume"]


def test_configuration_that_the_study_has_is_refused_at_once(
    study: StudyRow, store: Store, agenttune: Run, capsys: Output
) -> None:
    trial = store.add_trial(study.id, Proposal({"C": 3.0, "kernel": "rbf"}, "gp", ""), seed=1)
    assert trial is not None and agenttune("add", "C=3", "kernel=rbf") == 2
    assert f"this configuration is trial {trial.number} already" in refusal(capsys) and sent(store, study) == []


def test_parameters_left_out_get_their_default(study: StudyRow, store: Store, agenttune: Run) -> None:
    assert agenttune("add", "kernel=poly") == 0
    assert sent(store, study)[0][1]["config"] == {"C": 1.0, "kernel": "poly", "degree": 3}


@pytest.mark.parametrize(
    ("words", "culprit"),
    [
        (["c=3"], "'C'"),
        (["C=1000"], "C"),
        (["C=big"], "'big'"),
        (["kernel=sigmoid"], "rbf, poly"),
        (["kernel=rbf", "degree=3"], "degree"),
        (["kernel=poly", "degree=2.5"], "2.5"),
        (["C=1", "C=2"], "twice"),
        (["svc-digits"], "C=10"),
        (["svc-digits", "rubbish"], "rubbish"),
        (["C=nan"], "C"),
    ],
)
def test_value_that_breaks_a_rule_is_bad_input_and_nothing_is_sent(
    words: list[str], culprit: str, study: StudyRow, store: Store, agenttune: Run, capsys: Output
) -> None:
    assert agenttune("add", *words) == 2
    assert culprit in refusal(capsys)
    assert sent(store, study) == []


def test_pausing_what_does_not_run_is_bad_input(study: StudyRow, store: Store, agenttune: Run, capsys: Output) -> None:
    assert agenttune("pause") == 2
    assert "finished" in refusal(capsys)
    assert sent(store, study) == []


def test_stopping_what_has_ended_is_bad_input(study: StudyRow, store: Store, agenttune: Run, capsys: Output) -> None:
    assert agenttune("stop") == 2
    assert "4 trials done" in refusal(capsys)
    assert sent(store, study) == []


@pytest.mark.parametrize("words", [[], ["--detach"]])
def test_confirming_a_paused_study_names_resume_and_sends_nothing(
    words: list[str], make_study: Callable[..., StudyRow], store: Store, agenttune: Run, capsys: Output
) -> None:
    row = make_study(state=StudyState.PAUSED)
    assert agenttune("confirm", *words) == 2
    assert "is paused" in (told := refusal(capsys)) and "agenttune resume svc-digits" in told
    assert sent(store, row) == []


def test_confirming_nothing_is_bad_input(
    make_study: Callable[..., StudyRow], store: Store, agenttune: Run, capsys: Output
) -> None:
    row = make_study(trials=False, state=StudyState.NEW)
    assert agenttune("confirm") == 2
    assert "no complete trial" in refusal(capsys)
    assert sent(store, row) == []


def test_confirming_where_no_trial_is_feasible_names_the_constraint(
    make_study: Callable[..., StudyRow], store: Store, agenttune: Run, capsys: Output
) -> None:
    row = make_study(constraints=("accuracy < 0.1",))
    assert agenttune("confirm") == 2
    assert "no feasible trial to confirm: 3 are complete, but none keeps accuracy < 0.1; loosen" in refusal(capsys)
    assert sent(store, row) == []


def test_rerun_of_a_told_trial_is_refused_before_anything_is_printed(
    study: StudyRow, agenttune: Run, capsys: Output
) -> None:
    assert agenttune("rerun", "svc-digits", "1") == 2
    assert "'svc-digits' is driven by `ask` and `tell`" in refusal(capsys)


def test_rerun_needs_a_trial(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    assert agenttune("rerun") == 2
    assert "which trial" in refusal(capsys)


def test_added_configuration_as_json(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    agenttune("add", "C=3", "--json")
    assert json.loads(capsys.readouterr().out)["config"] == {"C": 3.0, "kernel": "rbf"}


def test_study_of_ask_and_tell_is_not_run(make_study: Callable[..., StudyRow], agenttune: Run, capsys: Output) -> None:
    make_study(state=StudyState.RUNNING)
    assert agenttune("resume") == 2
    assert "ask" in refusal(capsys)


def test_resume_raises_what_the_model_may_cost(
    make_study: Callable[..., StudyRow], store: Store, agenttune: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make_study(state=StudyState.RUNNING)
    monkeypatch.setattr("agenttune.cli.running.drive", lambda *arguments, **options: 0)
    assert agenttune("resume", "--max-requests", "0", "--max-dollars", "1.5") == 0
    ((_, kind, payload),) = store.take_controls(row.id)
    assert (kind, payload) == ("resume", {"requests": 0, "dollars": 1.5})


def test_a_driver_elsewhere_is_told_of_and_only_taken_over_on_request(
    make_study: Callable[..., StudyRow], store: Store, agenttune: Run, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make_study(state=StudyState.RUNNING)
    there = Lease("elsewhere", "another boot", 12, 3.0)
    store.acquire_driver(row.id, there, is_alive=is_alive)
    monkeypatch.setattr("agenttune.cli.running.drive", lambda *arguments, **options: 0)
    assert agenttune("resume") == 0
    assert "process 12 on elsewhere" in (said := capsys.readouterr().err) and "--take-over svc-digits" in said
    assert store.study(row.id).driver == there
    assert agenttune("resume", "--take-over") == 0
    assert "took the study from process 12 on elsewhere" in capsys.readouterr().err
    assert store.study(row.id).driver is None
