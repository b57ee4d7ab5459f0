"""Commands: how they are run, and how their metric is found."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from agenttune.edits import SetWorkers, Terms, apply
from agenttune.errors import ObjectiveError, TrialFailure, UserError
from agenttune.goal import Goal
from agenttune.objectives.command import CommandObjective
from agenttune.objectives.outcome import outcome_values
from agenttune.processes import row_of
from agenttune.space import Float, Space
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.study import Study
from agenttune.testing.executors import wait_until
from agenttune.testing.objectives import FakeRun, ObjectiveConformance
from agenttune.types import Config, Json

CONFIG: Config = {"lr": 0.5, "kernel": "rbf"}


class TestCommandObjective(ObjectiveConformance):
    config: ClassVar[Config] = {"lr": 0.5}

    def content(self, folder: Path) -> dict[str, Json]:
        return {"type": "command", "command": "echo score {lr}", "metric": {"regex": "score (.*)"}}


def objective(folder: Path, script: str, **entries: Any) -> CommandObjective:
    """A Python script as a command, without a shell."""
    (folder / "script.py").write_text(script)
    command = [sys.executable, "-S", "-u", "script.py", *entries.pop("arguments", [])]
    return CommandObjective.from_json({"type": "command", "command": command, **entries}, cwd=folder)


def values(folder: Path, script: str, *, run: FakeRun | None = None, **entries: Any) -> dict[str, float]:
    run = run or FakeRun(folder / "files")
    return outcome_values(objective(folder, script, **entries).evaluate(CONFIG, run), "score")


def failure(folder: Path, script: str, *, run: FakeRun | None = None, **entries: Any) -> TrialFailure:
    with pytest.raises(TrialFailure) as caught:
        values(folder, script, run=run, **entries)
    return caught.value


def printing(*lines: str) -> str:
    """A script that prints those lines."""
    return "".join(f"print({line!r})\n" for line in lines)


def is_gone(pid: int) -> bool:
    row = row_of(pid)
    return row is None or row.is_zombie


REGEX: dict[str, Json] = {"regex": r"score[:=] ?(\S+)"}

# -- metric by regex -------------------------------------------------------------------------------


def test_last_match_of_the_regex_counts(tmp_path: Path) -> None:
    script = "print('score: 0.1')\nprint('score: 0.25 score: 0.5')\nprint('done')"
    assert values(tmp_path, script, metric=REGEX) == {"score": 0.5}


def test_output_on_stderr_is_searched_too(tmp_path: Path) -> None:
    assert values(tmp_path, "import sys; print('score=3', file=sys.stderr)", metric=REGEX) == {"score": 3.0}


def test_named_groups_are_metrics(tmp_path: Path) -> None:
    metric = {"regex": r"score (?P<score>\S+)(?: loss (?P<loss>\S+))?"}
    assert values(tmp_path, "print('score 0.5 loss 2')", metric=metric) == {"score": 0.5, "loss": 2.0}


def test_last_line_needs_no_line_end_and_progress_bars_are_lines(tmp_path: Path) -> None:
    script = "print('score: 1\\rscore: 2\\rscore: 3', end='')"
    assert values(tmp_path, script, metric=REGEX) == {"score": 3.0}


def test_metric_never_printed_is_invalid_and_shows_regex_and_last_line(tmp_path: Path) -> None:
    error = failure(tmp_path, "print('accuracy 1'); print()", metric=REGEX)
    assert error.kind == "invalid"
    assert repr(REGEX["regex"]) in str(error)
    assert "its last line was 'accuracy 1'" in str(error)


def test_command_that_prints_nothing_is_said_to(tmp_path: Path) -> None:
    assert "it printed nothing" in str(failure(tmp_path, "", metric=REGEX))


def test_captured_text_that_is_no_number_is_invalid(tmp_path: Path) -> None:
    assert "captured 'high'" in str(failure(tmp_path, "print('score: high')", metric=REGEX))


def test_captured_number_may_have_its_thousands_parted(tmp_path: Path) -> None:
    assert values(tmp_path, "print('score: -1,234,567.5')", metric=REGEX) == {"score": -1234567.5}
    for text in ("0,951", "0,95", "12,34", "1,2345"):
        assert f"captured '{text}'" in str(failure(tmp_path, f"print('score: {text}')", metric=REGEX))


def test_captured_nan_is_nan(tmp_path: Path) -> None:
    assert failure(tmp_path, "print('score: nan')", metric=REGEX).kind == "nan"


# -- metric by JSON line ---------------------------------------------------------------------------

JSON_LINE: dict[str, Json] = {"json_line": True}


def test_last_json_line_without_a_step_is_the_outcome(tmp_path: Path) -> None:
    script = """print('{"score": 0.1}')\nprint('noise')\nprint('{"score": 0.5, "loss": 1, "name": "x", "ok": true}')"""
    assert values(tmp_path, script, metric=JSON_LINE) == {"score": 0.5, "loss": 1.0}


def test_json_lines_with_a_step_are_reports(tmp_path: Path) -> None:
    run = FakeRun(tmp_path / "files")
    script = """print('{"step": 0, "score": 0.1}')\nprint('{"step": 1, "score": 0.2}')\nprint('{"score": 0.9}')"""
    assert values(tmp_path, script, run=run, metric=JSON_LINE) == {"score": 0.9}
    assert run.reports == [(0, {"score": 0.1}), (1, {"score": 0.2})]


def test_line_marked_final_is_the_outcome_though_it_has_a_step(tmp_path: Path) -> None:
    script = """print('{"step": 9, "score": 0.5, "final": true}')\nprint('{"step": 10, "score": 0.1}')"""
    assert values(tmp_path, script, metric=JSON_LINE) == {"score": 0.5}


def test_line_marked_final_without_the_metric_takes_nothing_back(tmp_path: Path) -> None:
    script = """print('{"score": 0.5}')\nprint('{"final": true, "size": 3}')"""
    assert values(tmp_path, script, metric=JSON_LINE) == {"score": 0.5, "size": 3.0}


def test_without_a_final_line_the_last_report_is_the_outcome(tmp_path: Path) -> None:
    script = """print('{"step": 0, "score": 0.1}')\nprint('{"step": 1, "score": 0.2}')"""
    assert values(tmp_path, script, metric=JSON_LINE) == {"score": 0.2}


def test_steps_without_the_goals_metric_are_passed_over(tmp_path: Path) -> None:
    run = FakeRun(tmp_path / "files")
    script = """print('{"step": 0, "loss": 3}')\nprint('{"step": 0, "score": 0.2}')"""
    assert values(tmp_path, script, run=run, metric=JSON_LINE) == {"score": 0.2}
    assert run.reports == [(0, {"score": 0.2})]


def test_json_lines_without_the_metric_are_invalid_and_say_what_there_was(tmp_path: Path) -> None:
    error = failure(tmp_path, """print('{"loss": 3, "f1": 1}')""", metric=JSON_LINE)
    assert error.kind == "invalid"
    assert "(there were loss, f1)" in str(error)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (['{"step": 1, "score": 0.5}', '{"event": "saved", "bytes": 8}'], {"score": 0.5, "bytes": 8.0}),
        (['{"score": 0.5, "f1": 1}', '{"f1": 2}', '{"loss": 3}'], {"score": 0.5, "f1": 2.0, "loss": 3.0}),
        (['{"f1": 2, "loss": 3}', '{"score": 0.5, "f1": 1}'], {"score": 0.5, "f1": 1.0, "loss": 3.0}),
    ],
)
def test_line_without_the_metric_stands_beside_the_outcome(
    tmp_path: Path, lines: list[str], expected: dict[str, float]
) -> None:
    assert values(tmp_path, printing(*lines), metric=JSON_LINE) == expected


def test_nan_in_a_json_line_is_nan(tmp_path: Path) -> None:
    assert failure(tmp_path, """print('{"score": NaN}')""", metric=JSON_LINE).kind == "nan"


@pytest.mark.parametrize("last", ["null", '"NaN"', '"-Infinity"', '"inf"'])
@pytest.mark.parametrize("step", ['"step": 2, ', ""])
def test_value_that_diverged_does_not_leave_the_one_before_it(tmp_path: Path, step: str, last: str) -> None:
    script = printing('{"step": 1, "score": 0.5}', f'{{{step}"score": {last}}}')
    assert failure(tmp_path, script, metric=JSON_LINE).kind == "nan"


def test_number_after_a_null_counts_and_the_null_is_no_report(tmp_path: Path) -> None:
    run = FakeRun(tmp_path / "files")
    script = printing('{"step": 1, "score": null}', '{"step": 2, "score": 0.5}')
    assert values(tmp_path, script, run=run, metric=JSON_LINE) == {"score": 0.5}
    assert run.reports == [(2, {"score": 0.5})]


@pytest.mark.parametrize(("value", "said"), [('"0.5"', "'0.5'"), ("true", "True"), ("[1]", "[1]")])
def test_metric_that_is_no_number_is_invalid_and_shown(tmp_path: Path, value: str, said: str) -> None:
    error = failure(tmp_path, printing('{"score": 0.5}', f'{{"score": {value}}}'), metric=JSON_LINE)
    assert error.kind == "invalid" and f"has score = {said} where a number was expected" in str(error)


@pytest.mark.parametrize(
    "line", ['{"step": NaN, "score": 1}', '{"step": Infinity, "score": 1}', '{"score": 1%s}' % ("0" * 5000)]
)
def test_json_line_that_is_no_measurement_does_not_take_the_result(tmp_path: Path, line: str) -> None:
    assert values(tmp_path, f"print('{line}')\nprint('{{\"score\": 0.5}}')", metric=JSON_LINE) == {"score": 0.5}


def test_number_that_no_float_holds_is_infinite(tmp_path: Path) -> None:
    error = failure(tmp_path, f"print('{{\"score\": -1{'0' * 400}}}')", metric=JSON_LINE)
    assert error.kind == "nan" and "infinite" in str(error)


def test_broken_json_is_just_output(tmp_path: Path) -> None:
    assert values(tmp_path, """print('{"score": ')\nprint('{"score": 1}')""", metric=JSON_LINE) == {"score": 1.0}


# -- metric by file --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"), [('{"score": 0.5, "n": 3}', {"score": 0.5, "n": 3.0}), ("0.25", {"score": 0.25})]
)
def test_result_file_holds_an_object_or_a_number(tmp_path: Path, text: str, expected: dict[str, float]) -> None:
    script = f"open('out.json', 'w').write({text!r})"
    assert values(tmp_path, script, metric={"file": "out.json"}) == expected


def test_result_file_may_carry_the_number_of_the_trial(tmp_path: Path) -> None:
    script = "import sys; open(sys.argv[1], 'w').write('1')"
    assert values(tmp_path, script, arguments=["out_{trial}"], metric={"file": "out_{trial}"}) == {"score": 1.0}
    assert (tmp_path / "out_4").exists()


def studied(folder: Path, file: str) -> StudySpec:
    """A study of three workers with that result file."""
    metric: Json = {"file": file}
    content: dict[str, Json] = {"type": "command", "command": "train {lr}", "metric": metric}
    space = Space(lr=Float(0, 1))
    return StudySpec("shared", space, Goal("score", "maximize"), content, workers=3, proposer="sobol", cwd=str(folder))


def test_result_file_of_several_workers_differs_from_trial_to_trial(tmp_path: Path) -> None:
    with Store.open(tmp_path / "agenttune.db") as store:
        for file in ("out.json", "out_{lr}.json"):
            with pytest.raises(UserError, match=r"is shared by 3: write 'out.*_{trial}.json', or use workers = 1"):
                Study.from_spec(studied(tmp_path, file), store=store)
        assert store.names() == []
        for file in ("out_{trial}.json", "{result}"):
            Study.from_spec(replace(studied(tmp_path, file), name=file), store=store)
        Study.from_spec(replace(studied(tmp_path, "out.json"), workers=1), store=store)


def test_workers_cannot_come_to_share_a_result_file(tmp_path: Path) -> None:
    terms = Terms.of(spec := replace(studied(tmp_path, "out.json"), workers=1), spec.space)
    with pytest.raises(UserError, match="is shared by 2"):
        apply(terms, SetWorkers(2))


def test_result_path_of_ours_is_used_without_being_asked_for(tmp_path: Path) -> None:
    script = "import os; open(os.environ['AGENTTUNE_RESULT'], 'w').write('{\"score\": 2}'); print('{\"score\": 1}')"
    assert values(tmp_path, script) == {"score": 2.0}


def test_result_file_without_the_metric_leaves_it_to_the_json_lines(tmp_path: Path) -> None:
    script = "import os; open(os.environ['AGENTTUNE_RESULT'], 'w').write('{\"f1\": 2}')\n"
    assert values(tmp_path, script + printing('{"score": 1}')) == {"score": 1.0, "f1": 2.0}
    assert "wrote result_from_command.json without its metric 'score' (there were f1)" in str(failure(tmp_path, script))


def test_result_placeholder_is_that_path(tmp_path: Path) -> None:
    script = "import sys; open(sys.argv[1], 'w').write('3')"
    assert values(tmp_path, script, arguments=["{result}"], metric={"file": "{result}"}) == {"score": 3.0}


def test_result_file_of_an_earlier_run_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text("0.99")
    error = failure(tmp_path, "", metric={"file": "out.json"})
    assert error.kind == "invalid"
    assert "was there before it started" in str(error)


@pytest.mark.parametrize("text", ["", "high", "[1]", '{"score": "high"}', '{"loss": 1}', "null", "true"])
def test_result_file_without_the_metric_is_invalid(tmp_path: Path, text: str) -> None:
    error = failure(tmp_path, f"open('out.json', 'w').write({text!r})", metric={"file": "out.json"})
    assert error.kind == "invalid" and "out.json" in str(error)


def test_null_in_a_result_file_is_nan(tmp_path: Path) -> None:
    script = "open('out.json', 'w').write('{\"score\": null}')"
    assert failure(tmp_path, script, metric={"file": "out.json"}).kind == "nan"


def test_missing_result_file_is_invalid(tmp_path: Path) -> None:
    assert "out.json is missing" in str(failure(tmp_path, "", metric={"file": "out.json"}))


# -- reports, environment, ends --------------------------------------------------------------------


def test_reports_may_be_appended_to_a_file(tmp_path: Path) -> None:
    run = FakeRun(tmp_path / "files")
    script = (
        "import os\nfile = open(os.environ['AGENTTUNE_REPORTS'], 'a')\n"
        """file.write('{"step": 0, "score": 0.5}\\n{"step": 1, "score": 0.75}\\n')\n"""
    )
    assert values(tmp_path, script, run=run) == {"score": 0.75}
    assert run.reports == [(0, {"score": 0.5}), (1, {"score": 0.75})]


def test_last_report_of_a_file_needs_no_line_end(tmp_path: Path) -> None:
    script = (
        "import os\nfile = open(os.environ['AGENTTUNE_REPORTS'], 'a')\n"
        """file.write('{"step": 0, "score": 0.5}\\n{"step": 1, "score": 0.75}')\n"""
    )
    assert values(tmp_path, script) == {"score": 0.75}


def test_environment_tells_trial_seed_and_folders(tmp_path: Path) -> None:
    script = (
        "import os, json\nnames = ('TRIAL', 'SEED')\n"
        "assert os.path.isdir(os.environ['AGENTTUNE_CHECKPOINT_DIR'])\n"
        "assert os.environ['AGENTTUNE_STOP_FILE'].endswith('stop')\n"
        "print(json.dumps({n: int(os.environ['AGENTTUNE_' + n]) for n in names} | {'score': float(os.environ['LR'])}))"
    )
    entries: dict[str, Any] = {"env": {"LR": "{lr}", "DEGREE": "{degree}"}}
    assert values(tmp_path, script, **entries) == {"TRIAL": 4.0, "SEED": 11.0, "score": 0.5}


def test_variable_of_an_inactive_parameter_is_left_out(tmp_path: Path) -> None:
    script = "import os; print('score:', int('DEGREE' in os.environ))"
    assert values(tmp_path, script, env={"DEGREE": "{degree}"}, metric=REGEX) == {"score": 0.0}


def test_nonzero_exit_is_a_crash_with_the_last_lines(tmp_path: Path) -> None:
    error = failure(tmp_path, "print('score: 1')\nraise ValueError('no such kernel')", metric=REGEX)
    assert (error.kind, error.exit_code) == ("crash", 1)
    assert (error.detail or "").endswith("ValueError: no such kernel")


def test_crash_by_signal_is_a_crash(tmp_path: Path) -> None:
    error = failure(tmp_path, "import os; os.abort()", metric=REGEX)
    assert (error.kind, error.exit_code, str(error)) == ("crash", -6, "the command crashed with SIGABRT")


@pytest.mark.parametrize(
    "script", ["import os; os.kill(os.getpid(), 15)", "import os; os._exit(137)", "import sys; sys.exit(-9)"]
)
def test_killed_from_outside_is_lost_so_that_it_may_run_again(tmp_path: Path, script: str) -> None:
    assert failure(tmp_path, script, metric=REGEX).kind == "lost"


def test_killed_after_its_result_was_complete_counts(tmp_path: Path) -> None:
    script = "import os; open('out.json', 'w').write('{\"score\": 1}'); os.kill(os.getpid(), 9)"
    assert values(tmp_path, script, metric={"file": "out.json"}) == {"score": 1.0}


@pytest.mark.parametrize("text", ['{"score": 0.9', "0.9", ""])
def test_killed_while_it_wrote_its_result_is_lost(tmp_path: Path, text: str) -> None:
    script = f"import os; f = open('out.json', 'w'); f.write({text!r}); f.close(); os.kill(os.getpid(), 9)"
    assert failure(tmp_path, script, metric={"file": "out.json"}).kind == "lost"


def test_unknown_program_is_invalid_and_named(tmp_path: Path) -> None:
    run = FakeRun(tmp_path / "files")
    missing = CommandObjective.from_json({"command": "no-such-program --lr {lr}"}, cwd=tmp_path)
    with pytest.raises(TrialFailure, match="'no-such-program' cannot be started: No such file"):
        missing.evaluate(CONFIG, run)


def test_refused_report_ends_the_command_and_its_children(tmp_path: Path) -> None:
    class Strict(FakeRun):
        def report(self, step: int, **metrics: float) -> None:
            raise TrialFailure("steps must grow")

    script = (
        "import os, subprocess, time\nchild = subprocess.Popen(['sleep', '600'])\n"
        "open('pids', 'w').write(f'{os.getpid()} {child.pid}')\n"
        'print(\'{"step": 0, "score": 1}\', flush=True)\ntime.sleep(600)'
    )
    started = time.monotonic()
    assert str(failure(tmp_path, script, run=Strict(tmp_path / "files"))) == "steps must grow"
    assert time.monotonic() - started < 60
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    wait_until(lambda: all(is_gone(pid) for pid in pids), what="the end of both")


def test_grandchild_that_keeps_the_pipe_open_does_not_hold_it_up(tmp_path: Path) -> None:
    script = (
        "import subprocess\nchild = subprocess.Popen(['sleep', '600'])\n"
        "open('pid', 'w').write(str(child.pid))\nprint('score: 1')"
    )
    try:
        assert values(tmp_path, script, metric=REGEX) == {"score": 1.0}
    finally:
        pid = int((tmp_path / "pid").read_text())
        os.kill(pid, 9)
        wait_until(lambda: is_gone(pid), what="its end")


def test_shell_runs_pipes_and_quotes_values(tmp_path: Path) -> None:
    shell = CommandObjective.from_json(
        {"command": "echo score: {lr} | cat; echo {kernel}", "shell": True, "metric": REGEX}, cwd=tmp_path
    )
    assert shell.evaluate({"lr": 0.5, "kernel": "; exit 3"}, FakeRun(tmp_path)) == {"score": 0.5}


def test_without_a_shell_nothing_is_expanded(tmp_path: Path) -> None:
    plain = CommandObjective.from_json({"command": "echo score: {lr} | $HOME", "metric": REGEX}, cwd=tmp_path)
    assert plain.evaluate(CONFIG, FakeRun(tmp_path)) == {"score": 0.5}


def test_output_is_shown_as_it_comes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values(tmp_path, "print('grüße'); print('score: 1')", metric=REGEX)
    assert capsys.readouterr().out == "grüße\nscore: 1\n"


# -- descriptions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({}, "needs `command`"),
        ({"command": "  "}, "needs `command`"),
        ({"command": []}, "needs `command`"),
        ({"command": "train 'unfinished"}, "cannot be split into words"),
        ({"command": "t", "metrik": {}}, "no entry 'metrik': did you mean 'metric'?"),
        ({"command": "t", "metric": {"regexp": "x"}}, "no entry 'regexp': did you mean 'regex'?"),
        ({"command": "t", "metric": {"regex": "(x)", "file": "y"}}, "takes one of"),
        ({"command": "t", "metric": "accuracy"}, "must be a table"),
        ({"command": "t", "metric": {"regex": "acc"}}, "needs one group"),
        ({"command": "t", "metric": {"regex": "(a)(b)"}}, "has 2"),
        ({"command": "t", "metric": {"regex": "(a"}}, "is not valid"),
        ({"command": "t", "env": ["A=1"]}, "must be a table"),
    ],
)
def test_malformed_description_is_refused_with_the_culprit(tmp_path: Path, content: Any, said: str) -> None:
    with pytest.raises(ObjectiveError) as error:
        CommandObjective.from_json({"type": "command", **content}, cwd=tmp_path)
    assert said in str(error.value)


@pytest.mark.parametrize("entries", [{}, {"env": {"LR": "{lrr}"}}, {"metric": {"file": "out_{lrr}"}}])
def test_placeholders_are_checked_against_the_space_wherever_they_stand(
    tmp_path: Path, entries: dict[str, Any]
) -> None:
    command = "train --lr {lr}" if entries else "train --lr {lrr}"
    checked = CommandObjective.from_json({"type": "command", "command": command, **entries}, cwd=tmp_path)
    with pytest.raises(ObjectiveError, match=r"\{lrr\}.*\{lr\}"):
        checked.check(["lr", "kernel"])
