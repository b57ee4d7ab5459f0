"""Commands that only read: ps, show, logs, export, plot, importance."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from agenttune.spec import StudyRow, StudyState
from agenttune.store import Store
from agenttune.trial import Outcome, Proposal, TrialState
from agenttune.types import Json

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]


def out(capsys: Output) -> str:
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out + captured.err
    return captured.out


def said(capsys: Output) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("agenttune: ") and captured.err.count("\n") == 1
    return captured.err


def test_ps_without_a_store_says_so_and_makes_none(store_path: Path, agenttune: Run, capsys: Output) -> None:
    assert agenttune("ps") == 0
    assert "no studies yet" in capsys.readouterr().err
    assert not store_path.exists()


def test_reading_a_store_that_is_not_there_is_bad_input(store_path: Path, agenttune: Run, capsys: Output) -> None:
    assert agenttune("show") == 2
    assert str(store_path) in said(capsys)
    assert not store_path.exists()


def test_ps_tells_status_best_and_budget(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    assert agenttune("ps") == 0
    header, line = out(capsys).splitlines()
    assert header.split()[:3] == ["study", "status", "trials"]
    assert line.split()[:6] == ["svc-digits", "finished", "4/4", "1", "accuracy", "0.9500"]


@pytest.mark.parametrize(("kind", "stands"), [("command", "interrupted"), ("told", "waiting")])
def test_study_that_nobody_drives_shows_as_interrupted_or_waits_for_its_program(
    kind: str, stands: str, make_study: Callable[..., StudyRow], agenttune: Run, capsys: Output
) -> None:
    make_study(state=StudyState.RUNNING, objective={"type": kind})
    agenttune("ps", "--json")
    assert json.loads(out(capsys))["status"] == stands


def test_study_that_waits_for_its_program_says_how_it_goes_on(
    make_study: Callable[..., StudyRow], agenttune: Run, capsys: Output
) -> None:
    make_study(state=StudyState.RUNNING)
    agenttune("show")
    assert "waiting" in (shown := out(capsys)) and "Study.open('svc-digits') with ask and tell" in shown


def test_show_tells_goal_space_best_and_failures(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    assert agenttune("show", "svc") == 0
    shown = out(capsys)
    for words in ("tune an SVM on digits", "maximise accuracy", "degree", "0.9500, trial 1", "gp: because of 3"):
        assert words in shown
    assert "1 crash (ValueError: C is too small)" in shown


def test_show_as_json_is_one_object(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    agenttune("show", "--json")
    content = json.loads(out(capsys))
    assert content["best"]["config"] == {"C": 10.0, "kernel": "poly", "degree": 2}
    assert content["default"]["value"] == 0.9
    assert content["failures"] == [{"kind": "crash", "count": 1, "reason": "ValueError: C is too small"}]


def test_show_trial_compares_it_with_the_best(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    assert agenttune("show", "3") == 0
    text = out(capsys)
    lines = text.splitlines()
    assert ["C", "50.0", "10.0", "x5"] in [line.split() for line in lines] or ["C", "50", "10", "x5"] in [
        line.split() for line in lines
    ]
    assert ["degree", "-", "2"] in [line.split() for line in lines]
    assert any("this one differs by -0.02" in line for line in lines)
    told = "0.9200 ± 0.0100 (one standard deviation), from the model's token probabilities; it came out +0.01, 1.0 of"
    assert told in " ".join(text.split())


def test_show_failed_trial_has_traceback_and_log(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    agenttune("show", "svc-digits", "2")
    shown = out(capsys)
    assert "crash: ValueError: C is too small (exit code 1)" in shown
    assert "  File x\n  ValueError\n" in shown
    assert "  epoch 1\n  epoch 2\n" in shown


def test_show_trial_as_json_has_everything(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    agenttune("show", "2", "--json")
    content = json.loads(out(capsys))
    assert content["failure"]["kind"] == "crash"
    assert content["differs_from_best"]["C"] == {"value": 0.02, "best": 10.0}
    assert content["log_tail"] == ["epoch 1", "epoch 2"]


@pytest.mark.parametrize(
    ("words", "culprit"),
    [(["show", "svc-digits", "99"], "99"), (["show", "nothing"], "nothing"), (["show", "a", "b", "c"], "a b c")],
)
def test_naming_what_is_not_there_is_one_sentence(
    words: list[str], culprit: str, study: StudyRow, agenttune: Run, capsys: Output
) -> None:
    assert agenttune(*words) == 2
    assert culprit in said(capsys)


def test_number_names_a_study_if_one_is_called_so(
    make_study: Callable[..., StudyRow], agenttune: Run, capsys: Output
) -> None:
    make_study("3")
    make_study("other")
    agenttune("show", "3", "--json")
    assert json.loads(out(capsys))["study"] == "3"


def test_hostile_requests_do_not_steer_the_terminal(
    make_study: Callable[..., StudyRow], agenttune: Run, capsys: Output
) -> None:
    make_study("表[/]", request="tune\x1b[31m this[/]\x07")
    for words, shown in ((["ps"], "表[/]"), (["show"], "tune this[/]"), (["show", "1"], "表[/]")):
        assert agenttune(*words) == 0
        assert shown in out(capsys)


def test_logs_of_a_trial_are_what_it_printed(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    assert agenttune("logs", "1") == 0
    assert out(capsys) == "epoch 1\nepoch 2\n"


def test_logs_follow_ends_with_the_study(study: StudyRow, store: Store, agenttune: Run, capsys: Output) -> None:
    (store.study_dir(study.id) / "driver.log").write_text("started\n")
    assert agenttune("logs", "-f") == 0
    assert out(capsys) == "started\n"


def test_logs_that_are_not_there_yet_are_no_error(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    assert agenttune("logs") == 0
    assert "nothing was logged yet" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("json", '{\n  "study"'),
        ("csv", "number,state"),
        ("flags", "--C 10.0 --kernel poly"),
        ("python", "# trial 1 of"),
    ],
)
def test_export_writes_each_format(kind: str, start: str, study: StudyRow, agenttune: Run, capsys: Output) -> None:
    assert agenttune("export", "--format", kind) == 0
    assert out(capsys).startswith(start)


def test_export_of_one_trial_has_its_configuration(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    agenttune("export", "3", "--format", "flags")
    assert out(capsys) == "--C 50.0 --kernel rbf\n"


def test_export_to_a_file_that_cannot_be_written_is_bad_input(
    tmp_path: Path, study: StudyRow, agenttune: Run, capsys: Output
) -> None:
    assert agenttune("export", "-o", str(tmp_path / "no" / "x.json")) == 2
    assert "no/x.json" in said(capsys)


def test_export_of_the_best_where_there_is_none_is_bad_input(
    make_study: Callable[..., StudyRow], agenttune: Run, capsys: Output
) -> None:
    make_study(trials=False)
    assert agenttune("export", "--format", "flags") == 2
    assert "no best configuration yet" in said(capsys)


def test_plot_prints_the_path_of_a_png(tmp_path: Path, study: StudyRow, agenttune: Run, capsys: Output) -> None:
    assert agenttune("plot", "-o", str(tmp_path / "p.png")) == 0
    assert out(capsys) == f"{tmp_path / 'p.png'}\n"
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


def test_plot_as_anything_but_png_is_bad_input(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    assert agenttune("plot", "-o", "p.pdf") == 2
    assert "p.pdf" in said(capsys)


def test_importance_of_too_few_trials_is_bad_input(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    assert agenttune("importance") == 2
    assert "at least 10" in said(capsys)


def test_attach_without_a_terminal_is_bad_input(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    assert agenttune("attach") == 2
    assert "terminal" in said(capsys)


def damage(store_path: Path, name: str) -> None:
    """Cuts the record of a study short."""
    with contextlib.closing(sqlite3.connect(store_path)) as raw, raw:
        raw.execute("UPDATE studies SET spec = substr(spec, 1, 9) WHERE name = ?", [name])


def test_ps_lists_the_rest_and_names_the_study_it_cannot_read(
    make_study: Callable[..., StudyRow], store_path: Path, agenttune: Run, capsys: Output
) -> None:
    for name in ("first", "broken", "last"):
        make_study(name)
    damage(store_path, "broken")
    assert agenttune("ps") == 0
    captured = capsys.readouterr()
    assert [line.split()[0] for line in captured.out.splitlines()] == ["study", "last", "first"]
    assert captured.err.count("\n") == 1
    assert "study 'broken' is damaged (JSONDecodeError" in captured.err


def test_ps_lists_the_rest_when_a_trial_cannot_be_read(
    make_study: Callable[..., StudyRow], store_path: Path, agenttune: Run, capsys: Output
) -> None:
    make_study("first")
    row = make_study("broken")
    with contextlib.closing(sqlite3.connect(store_path)) as raw, raw:
        raw.execute("UPDATE proposals SET config = '{' WHERE study_id = ?", [row.id])
    assert agenttune("ps", "--json") == 0
    captured = capsys.readouterr()
    assert [json.loads(line)["study"] for line in captured.out.splitlines()] == ["first"]
    assert captured.err.count("\n") == 1 and "study 'broken'" in captured.err


def test_trial_of_the_latest_study_is_shown_beside_a_study_that_cannot_be_read(
    make_study: Callable[..., StudyRow], store_path: Path, agenttune: Run, capsys: Output
) -> None:
    make_study("broken")
    make_study("last")
    damage(store_path, "broken")
    assert agenttune("show", "1") == 0
    assert "1 of last" in out(capsys)


def test_why_tells_who_proposed_a_trial_and_who_was_right(
    study: StudyRow, store: Store, agenttune: Run, capsys: Output
) -> None:
    arms: Json = [
        {
            "arm": "gp",
            "config": {"C": 2.0, "kernel": "rbf"},
            "mean": 0.9,
            "sd": 0.01,
            "log_ei": -4.0,
            "feasibility": 1.0,
        },
        {
            "arm": "model",
            "config": {"C": 3.0, "kernel": "rbf"},
            "mean": 0.8,
            "sd": 0.1,
            "log_ei": -5.0,
            "feasibility": 0.5,
            "seconds": 12.3,
        },
    ]
    gate: dict[str, Json] = {
        "rule": "floor",
        "sentence": "one trial in 6 at least is the surrogate's own",
        "arms": arms,
    }
    own = Proposal({"C": 2.0, "kernel": "rbf"}, "gp", "promises most", memory={"gate": gate})
    added = store.add_trial(study.id, own, seed=1)
    assert added is not None and store.claim(study.id) is not None
    store.finish(study.id, added.number, TrialState.COMPLETE, outcome=Outcome({"accuracy": 0.91}, 1.5))
    assert agenttune("why", "svc-digits", str(added.number)) == 0
    text = out(capsys)
    assert 'ran: "gp" {"C": 2, "kernel": "rbf"}, expected 0.9 (sd 0.01)' in text
    assert 'would have run: "model" {"C": 3, "kernel": "rbf"}' in text and "success with 0.5" in text
    assert "in hindsight: " in text
    assert text.count("about 12 s") == 1
    assert agenttune("why", str(added.number), "--json") == 0
    content = json.loads(out(capsys))
    assert [offered["seconds"] for offered in content["offers"]] == [None, 12.3]
    assert [offered["arm"] for offered in content["offers"]] == ["gp", "model"] and content["study"] == "svc-digits"


def test_why_without_a_number_asks_for_one(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    assert agenttune("why", "svc-digits") == 2
    assert "agenttune why svc-digits 3" in said(capsys)
