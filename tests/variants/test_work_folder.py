"""The folder in which a variant runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agenttune.errors import ObjectiveError
from agenttune.variants import work_folder
from agenttune.variants.work_folder import WorkFolder, make_work_folder, remove_work_folder


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A user's folder with a bit of everything."""
    made = tmp_path / "workspace"
    for folder in ("layers", "data/raw", "notes", ".git", "layers/__pycache__", "venv/lib", "mixed"):
        (made / folder).mkdir(parents=True)
    for name in (
        "model.py", "train.py", "layers/dense.py", "layers/__pycache__/dense.pyc", ".env", ".git/config",
        "data/a.csv", "data/raw/b.csv", "notes/plan.txt", "notes/.key", "venv/pyvenv.cfg", "venv/lib/numpy.py",
        "params.yaml", "mixed/tools.py", "mixed/table.csv",
    ):  # fmt: skip
        (made / name).write_text(name)
    return made


def made(
    workspace: Path, *, file: str = "model.py", with_links: bool = False, private: tuple[Path, ...] = ()
) -> WorkFolder:
    return make_work_folder(
        workspace.parent / "work", workspace=workspace, file=file, text="new", with_links=with_links, private=private
    )


def names(work: WorkFolder) -> set[str]:
    found = [Path(root) / name for root, folders, files in os.walk(work.path) for name in (*folders, *files)]
    return {path.relative_to(work.path).as_posix() for path in found if path.is_symlink() or not path.is_dir()}


def test_predictions_get_python_files_and_nothing_else(workspace: Path) -> None:
    work = made(workspace)
    assert names(work) == {"model.py", "train.py", "layers/dense.py", "mixed/tools.py"}
    assert work.readable == ()


def test_the_variant_stands_in_its_files_place(workspace: Path) -> None:
    work = made(workspace, file="layers/dense.py")
    assert (work.path / "layers" / "dense.py").read_text() == "new"
    assert (workspace / "layers" / "dense.py").read_text() == "layers/dense.py"


def test_a_script_reaches_other_files_by_links(workspace: Path) -> None:
    work = made(workspace, with_links=True)
    assert names(work) >= {"data", "params.yaml", "mixed/table.csv", "notes/plan.txt"}
    assert (work.path / "data" / "raw" / "b.csv").read_text() == "data/raw/b.csv"
    assert workspace / "data" in work.readable


def test_python_files_of_a_script_are_copies(workspace: Path) -> None:
    work = made(workspace, with_links=True)
    assert not (work.path / "train.py").is_symlink()
    assert not (work.path / "mixed" / "tools.py").is_symlink()


@pytest.mark.parametrize("with_links", [False, True])
def test_hidden_files_and_environments_are_not_reached(workspace: Path, with_links: bool) -> None:
    work = made(workspace, with_links=with_links)
    assert not any(part.startswith(".") for name in names(work) for part in Path(name).parts)
    assert not any(path.name in ("notes", "venv", ".env") or path == workspace for path in work.readable)


def test_private_folders_are_not_reached(workspace: Path) -> None:
    (workspace / "data" / "study").mkdir()
    (workspace / "data" / "study" / "labels.csv").write_text("1")
    work = made(workspace, with_links=True, private=(workspace / "data" / "study",))
    assert "data/a.csv" in names(work)
    assert not any(name.startswith("data/study") for name in names(work))
    assert workspace / "data" not in work.readable


def test_a_link_out_of_the_workspace_is_told_and_not_followed(workspace: Path) -> None:
    outside = workspace.parent / "outside.csv"
    outside.write_text("1")
    (workspace / "data" / "out.csv").symlink_to(outside)
    work = made(workspace, with_links=True)
    assert "data/out.csv" not in names(work)
    assert work.left_out[0].startswith("data/out.csv leads out of")
    assert all(path.resolve().is_relative_to(workspace) for path in work.readable)


def test_a_link_to_a_hidden_file_is_not_followed(workspace: Path) -> None:
    (workspace / "settings.txt").symlink_to(".env")
    assert "settings.txt" not in names(made(workspace, with_links=True))


def test_a_link_within_the_workspace_stays_within_the_work_folder(workspace: Path) -> None:
    (workspace / "latest.csv").symlink_to(workspace / "data" / "a.csv")
    (workspace / "alias.py").symlink_to("model.py")
    work = made(workspace, with_links=True)
    assert (work.path / "latest.csv").read_text() == "data/a.csv"
    assert (work.path / "alias.py").read_text() == "new"


def test_links_in_a_circle_are_left_out(workspace: Path) -> None:
    (workspace / "round").symlink_to("round")
    assert "round" not in names(made(workspace, with_links=True))


def test_too_many_python_files_are_refused(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_folder, "MAX_COPIES", 2)
    with pytest.raises(ObjectiveError, match=r"holds 3 Python files.*at most 2 .*a folder of its own"):
        made(workspace)
    assert not (workspace.parent / "work").exists()


def test_too_many_links_are_refused(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_folder, "MAX_LINKS", 3)
    with pytest.raises(ObjectiveError, match="would see 4 files and folders"):
        made(workspace, with_links=True)


@pytest.mark.parametrize("file", ["../model.py", "/etc/model.py"])
def test_a_file_outside_is_refused(workspace: Path, file: str) -> None:
    with pytest.raises(ObjectiveError, match="must lie in the study's folder"):
        made(workspace, file=file)


def test_a_work_folder_that_defends_itself_is_taken_away(workspace: Path) -> None:
    work = made(workspace, with_links=True)
    (work.path / "closed" / "inner").mkdir(parents=True)
    (work.path / "closed").chmod(0)
    remove_work_folder(work.path)
    assert not work.path.exists()
    assert (workspace / "data" / "a.csv").exists()


def test_a_work_folder_of_any_depth_is_taken_away(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    before = Path.cwd()
    try:
        os.chdir(work)
        for _ in range(3_000):  # deeper than Python recurses, and longer than a path may be
            os.mkdir("deep")  # noqa: PTH102  # relative to where we are
            os.chdir("deep")
    finally:
        os.chdir(before)
    remove_work_folder(work)
    assert not work.exists()


def test_folder_of_a_run_is_gone_however_the_run_ends(workspace: Path) -> None:
    path = workspace.parent / "work"
    with (
        pytest.raises(KeyError),
        work_folder.work_folder(path, workspace=workspace, file="model.py", text="new") as work,
    ):
        assert (work.path / "model.py").read_text() == "new"
        raise KeyError
    assert not path.exists()


def test_folder_that_could_not_be_laid_out_is_gone(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    path = workspace.parent / "work"
    with (
        pytest.raises(OSError, match="No space"),
        work_folder.work_folder(path, workspace=workspace, file="model.py", text="new"),
    ):
        pass
    assert not path.exists()
