"""Studies that really run: drivers, trials and signals, followed from the command line."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import psutil
import pytest

from agenttune.budget import Budget
from agenttune.goal import Goal
from agenttune.space import Float, Space
from agenttune.spec import StudyRow, StudySpec
from agenttune.store import Store
from agenttune.study import Study, follow, has_live_driver, status
from agenttune.trial import Outcome, Proposal, TrialState

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]
pytestmark = pytest.mark.slow
MakeRunnable = Callable[..., StudyRow]

OBJECTIVE = '''
import time
from pathlib import Path

def quick(config):
    print("evaluating", config["x"])
    if config["x"] > 2:
        raise ValueError("x is too large \\x1b[31m")
    return config["x"]

def gated(config, run):
    """Waits until a file `go` is there; trial 0 does not wait."""
    run.report(0, accuracy=0.0)
    while run.trial_number and not Path("go").exists() and not run.should_stop:
        time.sleep(0.01)
    return config["x"]

def broken(config):
    return "a string"
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where objectives are found."""
    (tmp_path / "objective_here.py").write_text(OBJECTIVE)
    return tmp_path


@pytest.fixture
def make_runnable(store: Store, folder: Path) -> Iterator[MakeRunnable]:
    """A study of a function above, not started; no driver survives the test."""
    made: list[str] = []

    def make(function: str = "quick", *, trials: int = 3, **others: object) -> StudyRow:
        spec = StudySpec(
            name=f"study-{len(made)}",
            space=Space(x=Float(0.0, 1.0, default=0.5), y=Float(0.0, 1.0, default=0.5)),
            goal=Goal("accuracy", "maximize"),
            objective={"type": "python", "target": f"objective_here:{function}"},
            budget=Budget(trials=trials),
            proposer="random",
            cwd=str(folder),
            **others,  # type: ignore[arg-type]  # fields of the spec
        )
        row = Study.from_spec(spec, store=store).row
        made.append(row.id)
        return row

    yield make
    (folder / "go").touch()
    for study_id in made:
        row = store.study(study_id)
        if has_live_driver(row) and row.driver is not None:
            os.kill(row.driver.pid, signal.SIGTERM)
            for _ in follow(store, study_id):
                pass


def command(*words: str, store: Path) -> list[str]:
    return [sys.executable, "-m", "agenttune", *words, "--store", str(store)]


def on_terminal(*words: str, store: Path) -> pexpect.spawn:
    program, *rest = command(*words, store=store)
    environment = os.environ | {"TERM": "xterm"}
    return pexpect.spawn(program, rest, encoding="utf-8", dimensions=(24, 140), timeout=60, env=environment)


def wait_until(is_so: Callable[[], bool], *, timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def n_running(store: Store, row: StudyRow) -> int:
    return len(store.running_attempts(row.id))


def children_of(row: StudyRow) -> list[psutil.Process]:
    assert row.driver is not None
    return psutil.Process(row.driver.pid).children(recursive=True)


def test_rows_go_to_stderr_and_the_result_to_stdout(
    make_runnable: MakeRunnable, store: Store, agenttune: Run, capsys: Output
) -> None:
    row = make_runnable()
    assert agenttune("resume") == 0
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out + captured.err
    assert [line.split()[0] for line in captured.err.splitlines() if "random " in line] == ["0", "1", "2"]
    told = dict(re.split(r"\s{2,}", line, maxsplit=1) for line in captured.out.splitlines())
    assert told["finished"].startswith("3 trials done, in ")
    assert told["found by"].startswith("random: ")
    assert Path(told["plot"]).read_bytes().startswith(b"\x89PNG")
    assert f"study {row.name} in {store.path}" in " ".join(captured.out.split())  # long paths go to a line of their own


def test_json_is_one_event_a_line_and_loads_no_display(
    make_runnable: MakeRunnable, store_path: Path, tmp_path: Path
) -> None:
    make_runnable()
    script = (
        "import sys; from agenttune.cli import main; code = main(sys.argv[2:]); "
        "open(sys.argv[1], 'w').write(' '.join(sys.modules)); sys.exit(code)"
    )
    words = [str(tmp_path / "modules"), "resume", "--json", "--store", str(store_path)]
    ran = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=True)
    events = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [entry["event"] for entry in events].count("TrialFinished") == 3
    assert events[-1]["event"] == "Result" and events[-1]["best"]["number"] in (0, 1, 2)
    assert ran.stderr == ""
    loaded = {name.partition(".")[0] for name in (tmp_path / "modules").read_text().split()}
    assert not loaded & {"rich", "textual", "torch", "optuna", "sklearn"}


def test_study_without_a_successful_trial_is_exit_code_1(
    make_runnable: MakeRunnable, agenttune: Run, capsys: Output
) -> None:
    make_runnable("broken", trials=2)
    assert agenttune("resume") == 1
    captured = capsys.readouterr()
    assert "best         none: 0 of 2 trials succeeded" in captured.out
    assert re.search(r"agenttune: no trial succeeded, 2 of 2 failed: most often 2 invalid \(", captured.err)


def test_study_whose_trials_were_all_stopped_tells_the_best_of_them(
    make_runnable: MakeRunnable, store: Store, agenttune: Run, capsys: Output
) -> None:
    row = make_runnable(trials=2)
    for x in (0.25, 0.75):
        store.add_trial(row.id, Proposal({"x": x, "y": 0.5}, "human", ""), seed=1)
        store.claim(row.id)
        store.finish(row.id, int(x > 0.5), TrialState.STOPPED, outcome=Outcome({"accuracy": x}, 0.1))
    assert agenttune("resume") == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        "agenttune: no trial ran to its end (2 trials done), 2 of 2 were stopped; the best so far is accuracy 0.7500, "
        "trial 1"
    )
    assert agenttune("export", row.name, "1", "--format", "flags") == 0
    assert capsys.readouterr().out == "--x 0.75 --y 0.5\n"


def test_study_that_ended_before_any_trial_did_tells_why(
    make_runnable: MakeRunnable, agenttune: Run, capsys: Output
) -> None:
    make_runnable("gated")
    assert agenttune("resume", "--seconds", "0.001") == 1
    assert capsys.readouterr().err.endswith("agenttune: no trial ran to its end (0.001 s are over)\n")


def test_ctrl_c_stops_after_the_running_trials(make_runnable: MakeRunnable, store: Store, folder: Path) -> None:
    row = make_runnable("gated", trials=50, workers=2)
    terminal = on_terminal("resume", store=store.path)
    terminal.expect("running #1 random .*#2 random")
    terminal.sendintr()
    terminal.expect("stopping after the running trials; Ctrl-C again kills them")
    (folder / "go").touch()
    terminal.expect("stopped +by a person")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    assert [trial.state.value for trial in store.trials(row.id)] == ["complete"] * 3


def test_second_ctrl_c_kills_the_running_trials(make_runnable: MakeRunnable, store: Store) -> None:
    row = make_runnable("gated", trials=50, workers=2)
    terminal = on_terminal("resume", store=store.path)
    terminal.expect("running #1 random .*#2 random")
    running = children_of(store.study(row.id))
    terminal.sendintr()
    terminal.expect("stopping after the running trials")
    terminal.sendintr()
    terminal.expect("killing the running trials")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130
    assert "\x1b[?25h" in terminal.before
    assert not any(process.is_running() for process in running)
    assert [trial.state.value for trial in store.trials(row.id)] == ["complete", "waiting", "waiting"]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), pytest.param(signal.SIGHUP, 129, marks=pytest.mark.long)]
)
def test_follower_that_is_ended_leaves_the_study_running(
    number: int, code: int, make_runnable: MakeRunnable, store: Store, folder: Path
) -> None:
    row = make_runnable("gated")
    follower = subprocess.Popen(command("resume", store=store.path), stderr=subprocess.DEVNULL, stdout=subprocess.PIPE)
    wait_until(lambda: n_running(store, row) == 1)
    follower.send_signal(number)
    assert follower.communicate(timeout=30)[0] == b""
    assert follower.returncode == code
    assert status(store.study(row.id)) == "running"


@pytest.mark.long
@pytest.mark.skipif(not hasattr(psutil, "RLIMIT_FSIZE"), reason="limits of another process are Linux's")
def test_driver_that_cannot_write_is_told_with_its_own_sentence(
    make_runnable: MakeRunnable, store: Store, folder: Path
) -> None:
    row = make_runnable("gated")
    follower = subprocess.Popen(command("resume", store=store.path), stderr=subprocess.PIPE, text=True)
    wait_until(lambda: n_running(store, row) == 1)
    driver = store.study(row.id).driver
    assert driver is not None
    psutil.Process(driver.pid).rlimit(psutil.RLIMIT_FSIZE, (20_000, 20_000))  # as on a disk that is full
    (folder / "go").touch()
    said = follower.communicate(timeout=60)[1]
    assert follower.returncode == 2
    assert f"agenttune: study {row.name} is interrupted: the store {store.path} failed: disk I/O error; " in said
    assert f"once that is put right, `agenttune resume {row.name}` goes on with it" in said


def test_killed_driver_is_told_and_resume_goes_on(
    make_runnable: MakeRunnable, store: Store, folder: Path, agenttune: Run, capsys: Output
) -> None:
    row = make_runnable("gated")
    follower = subprocess.Popen(command("resume", store=store.path), stderr=subprocess.PIPE, text=True)
    wait_until(lambda: n_running(store, row) == 1)
    driver = store.study(row.id).driver
    assert driver is not None
    os.kill(driver.pid, signal.SIGKILL)
    said = follower.communicate(timeout=30)[1]
    assert follower.returncode == 70
    assert f"agenttune: the driver of study {row.name} died" in said and f"`agenttune resume {row.name}`" in said
    (folder / "go").touch()
    assert agenttune("resume") == 0
    assert [trial.state.value for trial in store.trials(row.id)] == ["complete"] * 3


def test_detached_study_takes_controls_and_ends_by_itself(
    make_runnable: MakeRunnable, store: Store, folder: Path, agenttune: Run, capsys: Output
) -> None:
    row = make_runnable("gated", trials=50)
    assert agenttune("resume", "--detach") == 0
    assert capsys.readouterr().out == f"{row.name}\n"
    wait_until(lambda: n_running(store, row) == 1 and store.trials(row.id)[0].state.is_finished)
    assert agenttune("pause") == 0
    assert "paused" in capsys.readouterr().out
    assert agenttune("add", "x=0.25", "--reason", "a hunch") == 0
    assert re.search(r"trial \d+ waits to run", capsys.readouterr().out)
    assert agenttune("add", "x=0.25") == 2
    assert "already" in capsys.readouterr().err
    assert agenttune("stop", "--json") == 0
    assert json.loads(capsys.readouterr().out)["control"] == "stop"
    (folder / "go").touch()
    for _ in follow(store, row.id):
        pass
    assert store.study(row.id).state.value == "stopped"
    assert agenttune("stop") == 2


def test_interrupted_study_can_be_stopped(
    make_runnable: MakeRunnable, store: Store, folder: Path, agenttune: Run, capsys: Output
) -> None:
    row = make_runnable("gated")
    agenttune("resume", "--detach")
    wait_until(lambda: n_running(store, row) == 1)
    driver = store.study(row.id).driver
    assert driver is not None
    os.kill(driver.pid, signal.SIGKILL)
    wait_until(lambda: not has_live_driver(store.study(row.id)))
    assert agenttune("stop", "--kill") == 0
    for _ in follow(store, row.id):
        pass
    assert status(store.study(row.id)) == "stopped"


def test_confirm_repeats_the_best_with_other_seeds(
    make_runnable: MakeRunnable, store: Store, agenttune: Run, capsys: Output
) -> None:
    row = make_runnable()
    assert agenttune("resume") == 0, capsys.readouterr()
    capsys.readouterr()
    code = agenttune("confirm", "--top", "2", "--replicates", "2")
    captured = capsys.readouterr()
    assert code == 0, captured
    lines = captured.out.splitlines()
    assert lines[0].split() == ["trial", "was", "mean", "95%", "repeats", "configuration"]
    assert "holds" in lines[-1] and "exactly alike" in lines[-1]
    assert "all alike" in lines[1] and "±" not in captured.out
    trials = store.trials(row.id)
    assert [trial.in_budget for trial in trials] == [True] * 3 + [False] * 4
    assert len({trial.seed for trial in trials}) == 7
    assert agenttune("rerun", "0", "--json") == 0
    again = json.loads(capsys.readouterr().out)
    assert again["values"] == again["recorded"]
    assert again["variables"]["AGENTTUNE_SEED"] == str(trials[0].seed)
    assert len(store.trials(row.id)) == 7


def test_rerun_shows_command_and_variables_without_secrets(
    store: Store, make_runnable: MakeRunnable, folder: Path, agenttune: Run, capsys: Output
) -> None:
    make_runnable()
    spec = StudySpec(
        name="a-command",
        space=Space(x=Float(0.0, 1.0, default=0.5)),
        goal=Goal("accuracy", "maximize"),
        objective={
            "type": "command",
            "command": [sys.executable, "-c", "print('token hunter22, accuracy:', {x})"],
            "metric": {"regex": "accuracy: ([0-9.]+)"},
            "env": {"MY_TOKEN": "hunter22", "MODE": "fast"},
        },
        budget=Budget(trials=1),
        proposer="random",
        cwd=str(folder),
    )
    Study.from_spec(spec, store=store)
    assert agenttune("resume", "a-command") == 0
    capsys.readouterr()
    assert agenttune("rerun", "a-command", "0") == 0
    shown = capsys.readouterr().out
    assert "MY_TOKEN='***'" in shown and "MODE=fast" in shown and "AGENTTUNE_TRIAL=0" in shown
    assert "hunter22" not in shown
    assert re.search(r"accuracy 0\.\d{4} in .*; recorded: 0\.\d{4}, difference \+0$", shown.strip())


@pytest.mark.long
def test_store_that_goes_away_ends_the_following_with_one_sentence(
    make_runnable: MakeRunnable, store: Store, store_path: Path
) -> None:
    row = make_runnable("gated")
    follower = subprocess.Popen(command("resume", store=store.path), stderr=subprocess.PIPE, text=True)
    wait_until(lambda: n_running(store, row) == 1)
    away = store_path.rename(store_path.with_name("away.db"))
    said = follower.communicate(timeout=30)[1].splitlines()
    assert follower.returncode == 2
    assert said[-1].startswith(f"agenttune: the store {store_path} was removed or replaced while it was in use")
    assert not store_path.exists()
    away.rename(store_path)  # for the fixture, which waits for the driver
