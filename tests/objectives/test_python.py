"""Callables by name and pickled."""

from __future__ import annotations

import functools
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from agenttune.errors import ObjectiveError
from agenttune.objectives import load_objective
from agenttune.objectives.python import CallableObjective, PickledObjective, PythonObjective, pickle_objective
from agenttune.testing.objectives import FakeRun, ObjectiveConformance
from agenttune.types import Config, Json


class TestPythonObjective(ObjectiveConformance):
    config: ClassVar[Config] = {"x": 3.0}

    def content(self, folder: Path) -> dict[str, Json]:
        return {"type": "python", "target": "agenttune.testing.samples:square"}


class TestPickledObjective(ObjectiveConformance):
    config: ClassVar[Config] = {"x": 3.0}

    def content(self, folder: Path) -> dict[str, Json]:
        pickle_objective(lambda config: config["x"] + 1, folder / "objective.pkl")
        return {"type": "pickle", "path": "objective.pkl"}


def called_with(function: Callable[..., Any], folder: Path) -> Any:
    return CallableObjective(function).evaluate({"x": 3.0}, FakeRun(folder))


class Callables:
    def __call__(self, config: Any, run: Any) -> Any:
        return run.seed

    def method(self, config: Any) -> Any:
        return config["x"]

    @staticmethod
    def three(folds: int, config: Any, run: Any) -> Any:
        return folds, run.seed


def with_default(config: Any, folds: int = 5) -> Any:
    return folds


def with_run_default(config: Any, run: Any = None) -> Any:
    return run.seed


def with_keyword_run(config: Any, *, run: Any) -> Any:
    return run.seed


def with_anything(*arguments: Any, **keywords: Any) -> Any:
    return len(arguments), len(keywords)


@pytest.mark.parametrize(
    ("function", "returned"),
    [
        (lambda config: config["x"], 3.0),
        (lambda config, run: run.seed, 11),
        (lambda c, r: r.seed, 11),
        (with_default, 5),
        (with_run_default, 11),
        (with_keyword_run, 11),
        (with_anything, (1, 0)),
        (Callables(), 11),
        (Callables().method, 3.0),
        (functools.partial(Callables.three, 7), (7, 11)),
        (functools.partial(with_default, folds=9), 9),
        (dict, {"x": 3.0}),
    ],
)
def test_the_signature_decides_whether_the_run_is_passed(
    function: Callable[..., Any], returned: object, tmp_path: Path
) -> None:
    assert called_with(function, tmp_path) == returned


@pytest.mark.parametrize(
    "function",
    [lambda: 1.0, lambda lr, layers, dropout: 1.0, lambda *, lr: 1.0, lambda config, *, other: 1.0, 3.0],
)
def test_what_cannot_be_called_with_a_config_is_refused(function: Any) -> None:
    with pytest.raises(ObjectiveError, match=r"f\(config\)"):
        CallableObjective(function)


def test_the_function_gets_a_copy_of_the_config(tmp_path: Path) -> None:
    config = {"x": 1.0}
    CallableObjective(lambda given: given.clear() or 0.0).evaluate(config, FakeRun(tmp_path))
    assert config == {"x": 1.0}


# -- by name ---------------------------------------------------------------------------------------


@pytest.fixture
def clean_import(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def load(folder: Path, target: str) -> Any:
    return PythonObjective.from_json({"type": "python", "target": target}, cwd=folder).evaluate({}, FakeRun(folder))


@pytest.mark.usefixtures("clean_import")
@pytest.mark.parametrize("target", ["objective_of_mine:train", "objective_of_mine.py:train", "objective_of_mine:A.b"])
def test_modules_and_files_are_found_in_the_working_folder(tmp_path: Path, target: str) -> None:
    (tmp_path / "neighbour_of_mine.py").write_text("SCORE = 0.5\n")
    (tmp_path / "objective_of_mine.py").write_text(
        "import neighbour_of_mine\n"
        "def train(config): return neighbour_of_mine.SCORE\n"
        "class A:\n    @staticmethod\n    def b(config): return 0.5\n"
    )
    assert load(tmp_path, target) == 0.5


@pytest.mark.usefixtures("clean_import")
def test_file_in_a_folder_finds_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "beside_it.py").write_text("SCORE = 0.25\n")
    (tmp_path / "inner" / "in_folder.py").write_text("from beside_it import SCORE\ndef f(config): return SCORE\n")
    assert load(tmp_path, "inner/in_folder.py:f") == 0.25


@pytest.mark.usefixtures("clean_import")
def test_file_called_like_a_module_does_not_replace_it(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("def f(config): return 1.5\n")
    assert load(tmp_path, "json.py:f") == 1.5
    assert hasattr(sys.modules["json"], "dumps")


@pytest.mark.usefixtures("clean_import")
@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("train", "'module:function' or 'file.py:function', but got 'train'"),
        (":f", "but got ':f'"),
        ("no_such_module_here:f", "no module 'no_such_module_here'"),
        ("json.no_such_part:f", "no module 'json.no_such_part'"),
        ("no_such_file.py:f", "there is no file"),
        ("json:dump_s", "json has no function 'dump_s': did you mean 'dumps'?"),
        ("json:__doc__", "must be callable"),
    ],
)
def test_unknown_target_is_refused_by_name(tmp_path: Path, target: str, said: str) -> None:
    with pytest.raises(ObjectiveError) as error:
        load(tmp_path, target)
    assert said in str(error.value)


@pytest.mark.usefixtures("clean_import")
def test_missing_dependency_of_a_module_is_not_a_missing_module(tmp_path: Path) -> None:
    (tmp_path / "needs_more.py").write_text("import nothing_of_that_name\n")
    with pytest.raises(ModuleNotFoundError, match="nothing_of_that_name"):
        load(tmp_path, "needs_more:f")


def test_unknown_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ObjectiveError, match="no objective type is called 'pyhton'"):
        load_objective({"type": "pyhton"}, cwd=tmp_path)


# -- pickled ---------------------------------------------------------------------------------------

OFFSET = 4.0


def of_this_module(config: Any) -> float:
    return float(config["x"]) + OFFSET


def in_another_process(path: Path) -> str:
    code = (
        "from pathlib import Path; from agenttune.objectives.python import PickledObjective; "
        f"print(PickledObjective.from_json({{'path': {str(path)!r}}}, cwd=Path()).function({{'x': 3.0}}))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=path.parent, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip() + done.stderr


def test_closure_travels_to_another_process(tmp_path: Path) -> None:
    offset = 2.0
    pickle_objective(lambda config: config["x"] + offset, tmp_path / "f.pkl")
    assert in_another_process(tmp_path / "f.pkl") == "5.0"


def test_function_of_a_module_nobody_else_can_import_travels_too(tmp_path: Path) -> None:
    pickle_objective(of_this_module, tmp_path / "f.pkl")
    assert in_another_process(tmp_path / "f.pkl") == "7.0"


@pytest.mark.usefixtures("clean_import")
def test_module_found_on_a_changed_path_is_found_again(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "found_by_path.py").write_text("def f(config): return config['x'] * 2\n")
    sys.path.insert(0, str(folder))
    pickle_objective(__import__("found_by_path").f, tmp_path / "f.pkl")
    assert in_another_process(tmp_path / "f.pkl") == "6.0"


def test_what_cannot_be_pickled_is_named(tmp_path: Path) -> None:
    lock = threading.Lock()

    def objective(config: Any) -> float:
        with lock:
            return 1.0

    with pytest.raises(ObjectiveError, match=r"objective cannot be sent .* it holds 'lock', a lock .*inline"):
        pickle_objective(objective, tmp_path / "f.pkl")
    assert not (tmp_path / "f.pkl").exists()


def test_attribute_that_cannot_be_pickled_is_named(tmp_path: Path) -> None:
    holder = Callables()
    holder.handle = threading.Lock()  # type: ignore[attr-defined]  # as notebooks do
    with pytest.raises(ObjectiveError, match="'handle'"):
        pickle_objective(holder.method, tmp_path / "f.pkl")


def test_what_is_no_objective_is_not_pickled(tmp_path: Path) -> None:
    with pytest.raises(ObjectiveError, match=r"f\(config\)"):
        pickle_objective(lambda: 1.0, tmp_path / "f.pkl")


@pytest.mark.parametrize("content", [b"", b"not a pickle", b"\x80\x04]\x94."])
def test_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.pkl").write_bytes(content)
    with pytest.raises(ObjectiveError, match="no objective pickled by AgentTune"):
        PickledObjective.from_json({"type": "pickle", "path": "f.pkl"}, cwd=tmp_path)


def test_missing_pickle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ObjectiveError, match=r"f\.pkl cannot be read"):
        PickledObjective.from_json({"type": "pickle", "path": "f.pkl"}, cwd=tmp_path)
