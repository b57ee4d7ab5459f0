"""`agenttune init` and `agenttune run`: study files from the first line to the result."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agenttune.cli import main
from agenttune.cli.parser import build_parser
from agenttune.cli.run import with_flags
from agenttune.plan import load_study_file
from agenttune.store import Store

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]

STUDY = """
name = "a-command"
proposer = "random"
workers = 2

[objective]
type = "command"
command = {command}
metric = {{ regex = "accuracy: ([0-9.]+)" }}

[space]
x = {{ type = "float", low = 0.1, high = 1.0 }}

[goal]
metric = "accuracy"
direction = "maximize"

[budget]
trials = 3
"""


def study_file(folder: Path, code: str) -> Path:
    path = folder / "study.toml"
    path.write_text(STUDY.format(command=json.dumps([sys.executable, "-c", code])))
    return path


def test_study_file_is_shown_and_run(tmp_path: Path, store: Store, agenttune: Run, capsys: Output) -> None:
    path = study_file(tmp_path, "print('accuracy:', {x})")
    assert agenttune("run", str(path), "--trials", "2", "--seed", "5") == 0
    captured = capsys.readouterr()
    assert "space        x 0.1..1" in captured.err
    assert "finished     2 trials done" in captured.out
    assert store.study("a-command").spec.seed == 5
    assert agenttune("run", str(path), "--trials", "1", "--json") == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (result["study"], result["n_complete"]) == ("a-command-2", 1)


def test_space_that_nothing_fits_is_bad_input_and_makes_nothing(
    tmp_path: Path, store_path: Path, agenttune: Run, capsys: Output
) -> None:
    path = study_file(tmp_path, "print('accuracy:', {x})")
    path.write_text('constraints = ["x + x < 0"]\n' + path.read_text())
    assert agenttune("run", str(path)) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "'x + x < 0'" in said
    assert not store_path.exists()


def test_command_that_never_prints_its_metric_is_exit_code_1(tmp_path: Path, agenttune: Run, capsys: Output) -> None:
    assert agenttune("run", str(study_file(tmp_path, "print('nothing of use')")), "--trials", "1") == 1
    assert "most often 1 invalid (" in capsys.readouterr().err


def test_memory_that_was_meant_in_another_unit_is_bad_input_and_makes_nothing(
    tmp_path: Path, store: Store, agenttune: Run, capsys: Output
) -> None:
    assert agenttune("run", str(study_file(tmp_path, "pass")), "--trial-memory", "2") == 2
    assert "at least 1,000,000 bytes, but got 2: no program runs in so little; units are written as in 500M or 2G" in (
        " ".join(capsys.readouterr().err.split())
    )
    assert not store.studies()


def constrained(folder: Path, constraint: str) -> str:
    path = study_file(folder, "print('accuracy:', {x})")
    path.write_text(path.read_text().replace("[budget]", f"constraints = ['{constraint}']\n\n[budget]"))
    return str(path)


def test_metric_of_a_constraint_that_is_never_reported_is_exit_code_1(
    tmp_path: Path, agenttune: Run, capsys: Output
) -> None:
    assert agenttune("run", constrained(tmp_path, "latency_ms < 20"), "--trials", "2", "--workers", "1") == 1
    captured = capsys.readouterr()
    assert "note on trial 0: it did not report latency_ms" in captured.err
    assert "infeasible (no latency_ms); " in captured.err
    assert captured.err.splitlines()[-1] == (
        "agenttune: no trial was feasible: 2 of 2 complete trials break latency_ms < 20; 2 did not report latency_ms; "
        "have the objective report it with its result, or drop the constraint"
    )
    assert "best         none: no complete trial keeps latency_ms < 20" in captured.out
    agenttune("show")
    assert "infeasible   2 of 2 complete trials break latency_ms < 20; 2 did not report" in capsys.readouterr().out
    agenttune("show", "0")
    assert "infeasible   did not report latency_ms, needed for latency_ms < 20" in capsys.readouterr().out


def test_constraint_that_no_trial_keeps_is_exit_code_1(tmp_path: Path, agenttune: Run, capsys: Output) -> None:
    assert agenttune("run", constrained(tmp_path, "accuracy > 2"), "--trials", "2", "--json") == 1
    captured = capsys.readouterr()
    result = json.loads(captured.out.splitlines()[-1])
    assert (result["best"], result["n_complete"], result["n_infeasible"], result["missing_metrics"]) == (None, 2, 2, {})
    assert captured.err.endswith("2 of 2 complete trials break accuracy > 2; loosen a constraint, or widen the space\n")


def test_flags_win_over_the_file(tmp_path: Path) -> None:
    spec = load_study_file(study_file(tmp_path, "pass"))
    words = ["run", "x", "--seconds", "5m", "--trial-seconds", "9", "--trial-memory", "1G", "--workers", "4"]
    changed = with_flags(spec, build_parser(words).parse_args(words))
    assert (changed.budget.trials, changed.budget.seconds, changed.workers) == (3, 300.0, 4)
    assert (changed.limits.seconds, changed.limits.memory_bytes) == (9.0, 2**30)
    assert changed.name == "a-command"


@pytest.mark.parametrize(
    ("old", "new", "culprit"),
    [
        ("trials = 3", "trails = 3", "trials"),
        ("low = 0.1", "low = 5", "low"),
        ('"maximize"', '"upwards"', "maximize"),
        ('metric = "accuracy"', 'metric = ["accuracy", "f1"]', "metric"),
    ],
)
def test_study_file_with_a_mistake_is_one_sentence(
    old: str, new: str, culprit: str, tmp_path: Path, store_path: Path, agenttune: Run, capsys: Output
) -> None:
    path = study_file(tmp_path, "pass")
    path.write_text(path.read_text().replace(old, new))
    assert agenttune("run", str(path)) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1
    assert captured.err.startswith("agenttune: ") and culprit in captured.err
    assert not store_path.exists()


def test_study_file_that_is_not_there_is_named(tmp_path: Path, agenttune: Run, capsys: Output) -> None:
    assert agenttune("run", str(tmp_path / "nowhere.toml")) == 2
    assert "nowhere.toml" in capsys.readouterr().err


def test_written_template_is_a_study_file(tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    assert capsys.readouterr().out == "study.toml\n"
    assert load_study_file(tmp_path / "study.toml").budget.trials == 20
    assert main(["init"]) == 2
    assert "study.toml" in capsys.readouterr().err
