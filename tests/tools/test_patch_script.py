"""`patch_script`: what the person is shown, what is written, and what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agenttune.errors import UserError
from agenttune.store import Store
from agenttune.tools.toolbox import Tool
from agenttune.tools.workspace import Workspace

TRAIN = "LR = 0.01\nloss = LR ** 2\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "train.py").write_text(TRAIN)
    with Store.open(tmp_path / "agenttune.db") as store:
        yield Workspace(folder, store)


def test_person_sees_the_difference_before_a_file_is_overwritten(workspace: Workspace) -> None:
    asked = Tool("patch_script").weigh(workspace, {"path": "train.py", "constants": ["LR"]})
    assert asked.effect == "delete" and "is overwritten" in asked.what
    assert '+LR = float(os.environ.get("LR", 0.01))' in asked.what and '+print(f"loss: {loss}")' in asked.what
    assert [path.name for path in workspace.folder.iterdir()] == ["train.py"]


def test_old_script_is_kept_and_no_copy_is_lost(workspace: Workspace) -> None:
    script = workspace.folder / "train.py"
    script.chmod(0o750)
    (workspace.folder / "train.py.orig").write_text("mine")
    result = Tool("patch_script").call(workspace, {"path": "train.py"})
    assert script.read_text() == TRAIN + 'print(f"loss: {loss}")\n' and script.stat().st_mode & 0o777 == 0o750
    assert (workspace.folder / "train.py.orig").read_text() == "mine"
    assert (workspace.folder / "train.py.orig.1").read_text() == TRAIN and result.record["metric"] == "loss"
    assert sorted(path.name for path in workspace.folder.iterdir()) == ["train.py", "train.py.orig", "train.py.orig.1"]


def test_script_elsewhere_is_out_of_reach(workspace: Workspace) -> None:
    (workspace.folder.parent / "other.py").write_text(TRAIN)
    (workspace.folder / "link.py").symlink_to(workspace.folder.parent / "other.py")
    for path in ("../other.py", "link.py"):
        with pytest.raises(UserError, match="lies outside the workspace"):
            Tool("patch_script").call(workspace, {"path": path})


def test_nothing_is_left_where_nothing_is_to_be_done(workspace: Workspace) -> None:
    (workspace.folder / "train.py").write_text("x = 1\n")
    with pytest.raises(UserError, match="nothing is to be changed in train"):
        Tool("patch_script").call(workspace, {"path": "train.py"})
    assert [path.name for path in workspace.folder.iterdir()] == ["train.py"]


def test_inspection_tells_what_a_patch_can_set(workspace: Workspace) -> None:
    text = Tool("inspect_script").call(workspace, {"path": "train.py"}).text
    assert 'constants (set by patch_script):\n- "LR": float, 0.01 (line 1)' in text
    assert "once patch_script has made constants settable, also: lr 1e-5..0.1 log" in text
