"""Files that are offered for a mention."""

from __future__ import annotations

from pathlib import Path

import pytest

from agenttune.tui.workspace_files import OFFERED, files_of


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").touch()
    folder = tmp_path / "work"
    for name in ("src/train.py", "src/deep/x.py", "data.csv", "data/a b.csv", ".env"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("", ["data.csv", "data/", "src/"]),
        ("da", ["data.csv", "data/"]),
        ("src/", ["src/deep/", "src/train.py"]),
        ("src/deep/x", ["src/deep/x.py"]),
        ("data/a b", ["data/a b.csv"]),
        (".e", [".env"]),
        ("none/", []),
        ("data.csv/", []),
        ("../", []),
        ("src/../../", []),
        ("/", []),
        ("/etc/", []),
        ("a\0/", []),
    ],
)
def test_paths_that_begin_so(workspace: Path, prefix: str, expected: list[str]) -> None:
    assert files_of(workspace)(prefix) == expected


def test_links_out_of_the_workspace_are_not_followed(workspace: Path) -> None:
    (workspace / "out").symlink_to(workspace.parent)
    assert files_of(workspace)("out/") == []


def test_list_is_bounded(workspace: Path) -> None:
    for i in range(OFFERED + 5):
        (workspace / f"many-{i:03d}").touch()
    assert len(files_of(workspace)("many")) == OFFERED


def test_links_in_a_circle_end_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "a.py" in files_of(tmp_path)("")
    assert files_of(tmp_path)("loop/") == []
