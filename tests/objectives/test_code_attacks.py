"""Model code that wants a better score than it deserves, or something of the user's, through the objective."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

import pytest

from agenttune.errors import TrialFailure
from agenttune.objectives.code import CodeObjective
from agenttune.sandbox import Level
from agenttune.sandbox.probing import methods_of, reason_against
from agenttune.testing.objectives import FakeRun
from agenttune.variants.kept import KeptVariant, keep_variant

SECRET = "planted-9e21"
HONEST = 1 / 3
"""What code gets that says class 0 of three equal ones."""


class Attempt:
    """A user's folder with data, a store beside it, and code that is not what it seems."""

    limits: ClassVar = {"seconds": 60, "memory_bytes": 400_000_000}

    def __init__(self, folder: Path, level: Level) -> None:
        self.level = level
        self.workspace = folder / "workspace"
        self.workspace.mkdir()
        self.rows = self.workspace / "rows.csv"
        lines = [f"{number % 10},{number // 7},{number % 3}" for number in range(90)]
        self.rows.write_text("\n".join(["x,y,class", *lines, ""]))
        (self.workspace / "model.py").write_text("mine")
        self.variants = folder / "store-files" / "study" / "variants"
        self.run = FakeRun(folder / "store-files" / "study" / "trial", metric="accuracy")

    def score(self, body: str, *, before: str = "", data: str = "rows.csv") -> float:
        """Accuracy of code whose `fit_predict` does this, and then says class 0 unless it has returned."""
        lines = "\n".join(f"    {line}" for line in body.strip("\n").splitlines())
        text = (
            f"import os, sys\nimport numpy as np\n{before}\n"
            f"def fit_predict(train_x, train_y, new_x):\n{lines}\n    return np.zeros(len(new_x))\n"
        )
        keep_variant(self.variants, "v1", KeptVariant(text))
        objective = CodeObjective.from_json(
            {
                "type": "code", "file": "model.py", "target": "f", "source": "mine", "variants": str(self.variants),
                "data": data, "data_target": "class" if data == "rows.csv" else None, "metric": "accuracy",
                "limits": dict(self.limits), "level": self.level, "held_out": 0.2,
            },
            cwd=self.workspace,
        )  # fmt: skip
        return objective.evaluate({"variant": "v1"}, self.run)["accuracy"]


@pytest.fixture(params=["strong", "medium"])
def attempt(tmp_path: Path, request: pytest.FixtureRequest) -> Attempt:
    level: Level = request.param
    reasons = [reason_against(method) for method in methods_of(level)]
    if None not in reasons:
        pytest.skip(f"the level {level} is not offered here: {reasons}")
    return Attempt(tmp_path, level)


def test_labels_of_the_data_file_cannot_be_read(attempt: Attempt) -> None:
    with pytest.raises(TrialFailure, match=r"(FileNotFound|Permission)Error.*rows\.csv"):
        attempt.score(f"open({str(attempt.rows)!r}).read()")


def test_labels_that_come_with_a_library_cannot_be_looked_up(attempt: Attempt) -> None:
    body = """
from sklearn.datasets import load_iris
x, y = load_iris(return_X_y=True)
return y[np.argmin(((new_x[:, None] - x) ** 2).sum(axis=2), axis=1)]
"""
    with pytest.raises(TrialFailure, match=r"(FileNotFound|Permission)Error.*(iris\.csv|datasets/data)"):
        attempt.score(body, data="iris")


def test_no_file_in_reach_holds_labels(attempt: Attempt) -> None:
    body = """
held = sum(len(np.load(name)) for name in os.listdir(".") if name.endswith("_y.npy"))
assert sorted(os.listdir(".")) == ["model.py", "new_x.npy", "train_x.npy", "train_y.npy"], os.listdir(".")
assert held == len(train_y) and len(train_y) + len(new_x) == 90
"""
    assert attempt.score(body) == pytest.approx(HONEST, abs=0.1)


def test_folders_above_hold_nothing(attempt: Attempt) -> None:
    body = """
found = []
for root, folders, files in os.walk(os.path.abspath("../../../..")):
    found += [name for name in files if name in ("rows.csv", "sandbox.json", "v1.py", "v1.json")]
assert not found, found
"""
    assert attempt.score(body) == pytest.approx(HONEST, abs=0.1)


def test_the_scorer_cannot_be_patched(attempt: Attempt) -> None:
    before = """
import numpy
numpy.mean = lambda *arguments, **more: 1.0
try:
    import agenttune.cards.metrics as metrics
    metrics._accuracy = lambda *arguments: 1.0
except (ImportError, OSError):
    pass
"""
    assert attempt.score("pass", before=before) == pytest.approx(HONEST, abs=0.1)


def test_the_scorers_files_cannot_be_written(attempt: Attempt) -> None:
    from agenttune.cards import metrics

    path = Path(metrics.__file__)
    content = path.read_bytes()
    with pytest.raises(TrialFailure, match="Error"):
        attempt.score(f"open({str(path)!r}, 'a').write('# changed')")
    assert path.read_bytes() == content


def test_predictions_that_are_a_link_are_refused(attempt: Attempt) -> None:
    with pytest.raises(TrialFailure, match=r"handed back no 'predictions\.npy'"):
        attempt.score(f"os.symlink({str(attempt.rows)!r}, 'predictions.npy'); os._exit(0)")


def test_predictions_that_are_another_file_are_refused(attempt: Attempt) -> None:
    with pytest.raises(TrialFailure, match="no plain file"):
        attempt.score("os.link('train_y.npy', 'predictions.npy'); os._exit(0)")


def test_predictions_that_are_a_pipe_are_refused(attempt: Attempt) -> None:
    with pytest.raises(TrialFailure, match="no plain file"):
        attempt.score("os.mkfifo('predictions.npy'); os._exit(0)")


def test_a_metric_that_is_printed_counts_for_nothing(attempt: Attempt) -> None:
    body = """
print('{"accuracy": 1.0, "final": true}', flush=True)
open("result_from_command.json", "w").write('{"accuracy": 1.0}')
"""
    assert attempt.score(body) == pytest.approx(HONEST, abs=0.1)
    assert not attempt.run.reports


def test_the_environment_of_the_driver_cannot_be_read(attempt: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", SECRET)
    body = f"""
held = [repr(dict(os.environ)), " ".join(sys.argv)]
try:
    seen = list(filter(str.isdigit, os.listdir("/proc")))
except OSError:
    seen = []
for pid in [{os.getpid()}, os.getppid(), "self", *seen]:
    for name in ("environ", "cmdline"):
        try:
            held.append(open(f"/proc/{{pid}}/{{name}}").read())
        except OSError:
            pass
assert {SECRET[::-1]!r}[::-1] not in "".join(held)
assert {str(attempt.workspace)!r} not in "".join(held)
"""
    assert attempt.score(body) == pytest.approx(HONEST, abs=0.1)


def test_the_memory_of_the_driver_cannot_be_read(attempt: Attempt) -> None:
    with pytest.raises(TrialFailure, match=r"(FileNotFound|Permission)Error"):
        attempt.score(f"open('/proc/{os.getpid()}/mem', 'rb')")


def test_the_users_file_cannot_be_written(attempt: Attempt) -> None:
    body = f"""
open("model.py", "w").write("theirs")
try:
    open({str(attempt.workspace / "model.py")!r}, "w").write("theirs")
except OSError:
    pass
"""
    attempt.score(body)
    assert (attempt.workspace / "model.py").read_text() == "mine"


def test_what_says_how_the_code_ran_cannot_be_written(attempt: Attempt) -> None:
    with pytest.raises(TrialFailure, match="Error"):
        attempt.score("open('../sandbox.json', 'w').write('{}')")


def test_an_endless_loop_is_a_timeout(attempt: Attempt) -> None:
    attempt.limits = {"seconds": 2, "memory_bytes": 400_000_000}  # type: ignore[misc]  # of this one
    with pytest.raises(TrialFailure, match="longer than 2 s") as failed:
        attempt.score("while True: pass")
    assert failed.value.kind == "timeout"


def test_ten_gigabytes_are_out_of_memory(attempt: Attempt) -> None:
    with pytest.raises(TrialFailure, match="more than 400000000 bytes of memory") as failed:
        attempt.score("held = [np.ones(10**8) for _ in range(13)]")
    assert failed.value.kind == "oom"


def test_an_exit_without_predictions_is_a_failure(attempt: Attempt) -> None:
    with pytest.raises(TrialFailure, match="handed back no"):
        attempt.score("sys.exit(0)")


def test_a_work_folder_a_thousand_folders_deep_does_no_harm(attempt: Attempt) -> None:
    body = """
for _ in range(1500):
    os.mkdir("d")
    os.chdir("d")
os.chdir(os.environ["HOME"])
"""
    assert attempt.score(body) == pytest.approx(HONEST, abs=0.1)
