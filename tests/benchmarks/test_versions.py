"""What measured is told by version and commit, as far as it is known."""

from __future__ import annotations

import subprocess
from pathlib import Path

import agenttune
from benchmarks.versions import commit, versions


def test_versions_name_the_project_and_installed_peers() -> None:
    assert versions().startswith(f"agenttune {agenttune.__version__}")
    assert "optuna " in versions()


def test_commit_of_a_checkout_says_whether_files_differ_from_it(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b")
        subprocess.run(["git", "-C", str(tmp_path), *who, *arguments], check=True, capture_output=True)

    git("init")
    (tmp_path / "file").write_text("one")
    git("add", "file")
    git("commit", "-m", "one", "--no-gpg-sign")
    clean = commit(tmp_path)
    (tmp_path / "file").write_text("two")
    assert clean is not None and len(clean) == 12
    assert commit(tmp_path) == f"{clean}-dirty"


def test_folder_that_is_no_checkout_has_no_commit(tmp_path: Path) -> None:
    assert commit(tmp_path) is None
