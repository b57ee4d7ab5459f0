"""`agenttune code`: from a file to a better one, with a model that knows a good, a broken and a repeated patch."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agenttune.cli import main
from agenttune.store import Store
from agenttune.testing.answers import fault
from agenttune.testing.code_skill import CodePatch, CodeSkill
from agenttune.testing.server import ModelServer

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]

MODEL = '''"""Nearest centre, of the first few columns."""

import numpy as np


def columns():
    """How many columns are looked at."""
    return 1


def fit_predict(train_x, train_y, new_x):
    """The class of the nearest centre."""
    n = columns()
    centres = np.stack([train_x[train_y == y].mean(axis=0)[:n] for y in np.unique(train_y)])
    return np.linalg.norm(new_x[:, None, :n] - centres[None], axis=2).argmin(axis=1)
'''
SCRIPT = '''"""Prints a metric of its own."""


def slope():
    """The steepness."""
    return 1.0


if __name__ == "__main__":
    print(f"score={1 - abs(slope() - 3) / 10:.4f}")
'''


def returning(value: str) -> Callable[[str], str]:
    """A patch that has the function return something else."""
    return lambda source: source[: source.rindex("return")] + f"return {value}"


PATCHES = (
    CodePatch("look at a column that is not there", returning("missing")),
    CodePatch("look at every column", returning("4")),
    CodePatch("look at all of the columns", returning("2 + 2")),
)


@pytest.fixture
def skilled() -> Iterator[ModelServer]:
    """A server whose model knows the patches."""
    with ModelServer(CodeSkill(PATCHES)) as server:
        yield server


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the code, in which the commands run."""
    monkeypatch.chdir(folder := folder_with_code(tmp_path))
    return folder


def folder_with_code(place: Path) -> Path:
    folder = place / "work"
    folder.mkdir()
    (folder / "centres.py").write_text(MODEL)
    (folder / "slope.py").write_text(SCRIPT)
    return folder


@dataclass
class Improved:
    """A study that has run, the only one of its store."""

    folder: Path
    store: Path

    def run(self, *words: str) -> int:
        """Exit code of a command of `agenttune code` on it."""
        return main(["code", *words, "--store", str(self.store)])


@pytest.fixture(scope="module")
def improved(made_once: Path) -> Improved:
    """Run once: tests only read it, but for the user's file."""
    scene = Improved(folder_with_code(made_once), made_once / "studies.db")
    with pytest.MonkeyPatch.context() as patch, ModelServer(CodeSkill(PATCHES)) as server:
        patch.chdir(scene.folder)
        code = scene.run(
            *("centres.py", "--target", "columns", "--data", "iris", "--metric", "accuracy", "--maximize"),
            *("--trials", "4", "--model", f"{server.url}#skill", "--yes"),
        )
    assert code == 0
    return scene


@pytest.fixture
def study(improved: Improved, monkeypatch: pytest.MonkeyPatch, capsys: Output) -> Iterator[Improved]:
    """That study, in whose folder the commands run; the user's file is put back after each test."""
    monkeypatch.chdir(improved.folder)
    capsys.readouterr()
    yield improved
    for path in improved.folder.glob("centres.py*"):
        path.unlink()
    (improved.folder / "centres.py").write_text(MODEL)


def test_the_tree_tells_what_every_variant_is_worth(study: Improved, capsys: Output) -> None:
    assert study.run("show", "centres", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    by_idea = {entry["idea"]: entry for entry in told["variants"]}
    assert by_idea["look at a column that is not there"]["failure"]["kind"] == "crash"
    assert by_idea["look at every column"]["gain"] > 0.1
    assert told["refused"]["duplicate"] >= 1
    assert study.run("show", "centres") == 0
    assert "v0" in capsys.readouterr().out


def test_the_best_is_a_patch_that_applies_and_is_kept_from_harm(study: Improved, capsys: Output) -> None:
    assert study.run("diff", "centres") == 0
    patch = capsys.readouterr().out
    assert (study.folder / "centres.py").read_text() == MODEL
    subprocess.run(["git", "apply", "--check", "-"], input=patch, text=True, cwd=study.folder, check=True)
    assert study.run("apply", "centres", "--yes", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert Path(told["backup"]).read_text() == MODEL
    assert "return 4" in (study.folder / "centres.py").read_text()
    assert study.run("apply", "centres", "--yes") == 2
    assert "something else by now" in capsys.readouterr().err


def test_a_variant_is_shown_with_its_source(study: Improved, capsys: Output) -> None:
    assert study.run("show", "--json", "centres", "v2") == 0
    assert json.loads(capsys.readouterr().out)["block"].endswith("return 4\n")
    assert study.run("show", "centres", "v2") == 0
    assert "look at every column" in (shown := capsys.readouterr().out)
    assert "return 4" in shown


def test_a_script_is_scored_by_what_it_prints_and_that_is_told(workspace: Path, agenttune: Run, capsys: Output) -> None:
    steeper = CodePatch("make it steeper", returning("2.5"))
    with ModelServer(CodeSkill([steeper])) as server:
        command = ("code", "slope.py", "--target", "slope", "--metric", "score", "--maximize", "--trials", "2")
        assert agenttune(*command, "--model", f"{server.url}#skill", "--yes", "--name", "slope") == 0
    assert "self-reported" in capsys.readouterr().err
    assert agenttune("code", "show", "slope", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [entry["value"] for entry in told["variants"]] == [0.8, 0.95]


@pytest.mark.long
def test_data_alone_gets_a_file_to_start_from(
    workspace: Path, skilled: ModelServer, store: Store, agenttune: Run, capsys: Output
) -> None:
    command = ("code", "--data", "iris", "--metric", "accuracy", "--maximize", "--trials", "2", "--yes")
    assert agenttune(*command, "--model", f"{skilled.url}#skill") == 0, capsys.readouterr().err
    made = workspace / "iris_model.py"
    assert "def build_model():" in made.read_text()
    made.write_text(made.read_text() + "# mine\n")
    assert agenttune(*command, "--model", f"{skilled.url}#skill") == 2
    assert "is there already" in capsys.readouterr().err


def test_file_to_start_from_of_a_study_that_could_not_begin_is_taken_the_next_time(
    workspace: Path, skilled: ModelServer, agenttune: Run, capsys: Output
) -> None:
    command = ("code", "--data", "iris", "--metric", "accuracy", "--maximize", "--trials", "2")
    assert agenttune(*command, "--yes") == 2
    assert "name one with --model" in capsys.readouterr().err
    assert (workspace / "iris_model.py").exists()
    assert agenttune(*command, "--model", f"{skilled.url}#skill") == 2
    assert "pass --yes to start" in capsys.readouterr().err  # nothing else is in its way


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("centres.py", "--target", "nothing", "--data", "iris", "--metric", "accuracy", "--maximize"), "columns"),
        (("centres.py", "--data", "iris", "--metric", "accuracy"), "which way is better"),
        (("slope.py", "--metric", "accuracy", "--maximize"), "it prints score"),
        (("slope.py", "--data", "iris", "--metric", "accuracy", "--maximize"), "fit_predict(train_x"),
        (("slope.py", "--metric", "score", "--maximize", "--rungs", "epochs=1,2"), "every rung would run the same"),
        (("slope.py", "--metric", "score", "--maximize", "--command", "python slope.py {lr}"), "uses {lr}"),
        (("centres.py", "--data", "few.csv", "--metric", "accuracy", "--maximize"), "`code --column`): a, y"),
        (
            ("centres.py", "--data", "few.csv", "--column", "y", "--metric", "accuracy", "--maximize"),
            "too few for 5 folds",
        ),
        (("gone.py", "--metric", "score", "--maximize"), "cannot be read"),
        (("centres.py", "--data", "iris", "--metric", "accuracy", "--maximize", "--rungs", "a,b"), "--rungs takes"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_made(
    words: tuple[str, ...], told: str, workspace: Path, skilled: ModelServer, agenttune: Run, capsys: Output
) -> None:
    (workspace / "few.csv").write_text("a,y\n" + "1,x\n2,z\n" * 6)
    assert agenttune("code", *words, "--model", f"{skilled.url}#skill", "--yes") == 2
    assert told in capsys.readouterr().err
    assert agenttune("ps", "--json") in (0, 2)
    assert "centres" not in capsys.readouterr().out


def test_without_a_model_the_way_out_is_told(workspace: Path, agenttune: Run, capsys: Output) -> None:
    command = ("code", "centres.py", "--target", "columns", "--data", "iris", "--metric", "accuracy", "--maximize")
    assert agenttune(*command, "--yes") == 2
    assert "name one with --model" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--model", "openai:no-such-model", "--max-dollars", "1"), "none is sent before the price is known"),
        (("--model", "http://127.0.0.1:9/v1#m", "--max-requests", "3"), "free, it is local, at most 3 requests"),
    ],
)
def test_what_the_model_may_cost_is_told_before_it_is_asked(
    words: tuple[str, ...],
    told: str,
    workspace: Path,
    agenttune: Run,
    capsys: Output,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none-at-all")
    assert agenttune("code", "slope.py", "--target", "slope", "--metric", "score", "--maximize", *words) == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_users_own_code_is_nothing_to_apply_in_json_too(study: Improved, capsys: Output) -> None:
    assert study.run("apply", "centres", "v0", "--json") == 0
    assert json.loads(capsys.readouterr().out)["backup"] is None


def test_variant_that_failed_is_not_applied_without_a_word(study: Improved, capsys: Output) -> None:
    assert study.run("apply", "centres", "v1", "--yes") == 0
    assert "v1 has no score" in capsys.readouterr().err


@pytest.mark.long
def test_study_whose_model_is_of_no_use_ends_by_itself_and_is_no_success(
    workspace: Path, agenttune: Run, capsys: Output
) -> None:
    with ModelServer(fault("garbage")) as server:
        command = ("code", "slope.py", "--target", "slope", "--metric", "score", "--maximize", "--trials", "4")
        assert agenttune(*command, "--model", f"{server.url}#m", "--yes", "--name", "useless") == 1
    told = capsys.readouterr()
    assert "no variant of the code was written and run" in told.err
    assert "0.8000" in told.out
