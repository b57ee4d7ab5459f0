"""Finding a user's function without running anything of theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from agenttune.errors import ObjectiveError
from agenttune.plan.located import require_function

SOURCE = """
raise SystemExit("this file must not run")

import os.path as paths
from math import sin as wave

def objective(config):
    return 1.0

class Model:
    def score(self, config):
        return 1.0

pair, single = objective, objective
if True:
    def guarded(config): return 1.0
else:
    def other(config): return 2.0
try:
    import nothing_of_the_kind as fast
except ImportError:
    def slow(config): return 3.0
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(SOURCE)
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("raise SystemExit('this package must not be imported')\n")
    (tmp_path / "pack" / "inner.py").write_text(SOURCE)
    return tmp_path


@pytest.mark.parametrize(
    "name", ["objective", "Model.score", "single", "guarded", "other", "slow", "fast", "wave", "paths"]
)
@pytest.mark.parametrize("place", ["train.py", "train", "pack.inner"])
def test_whatever_a_file_defines_is_found(folder: Path, place: str, name: str) -> None:
    require_function(f"{place}:{name}", folder)


@pytest.mark.parametrize("target", ["json:dumps", "math:sin", "os.path:join"])
def test_installed_modules_are_found(folder: Path, target: str) -> None:
    require_function(target, folder)


def test_star_import_may_define_anything(folder: Path) -> None:
    (folder / "star.py").write_text("from train import *\n")
    require_function("star:whatever", folder)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("train.py:objectve", "train.py has no function 'objectve'; did you mean 'objective'?"),
        ("trian.py:objective", "there is no file 'trian.py' beside the study file; did you mean 'train.py'?"),
        (
            "trian:objective",
            "there is no module 'trian' beside the study file or on the Python path; did you mean 'train'?",
        ),
        ("pack.outer:objective", "there is no module 'pack.outer'"),
        ("train.deep:objective", "there is no module 'train.deep'"),
        ("train", "needs `target` as 'module:function'"),
        ("train:", "needs `target` as 'module:function'"),
        (None, "needs `target`"),
    ],
)
def test_missing_function_is_one_sentence(folder: Path, target: object, reason: str) -> None:
    with pytest.raises(ObjectiveError) as caught:
        require_function(target, folder)
    assert reason in str(caught.value)


def test_syntax_error_is_told_with_its_line(folder: Path) -> None:
    (folder / "broken.py").write_text("x = 1\ndef f(:\n")
    with pytest.raises(ObjectiveError, match=r"broken\.py cannot be parsed: .* \(line 2\)"):
        require_function("broken:f", folder)
