"""Diffs that others apply, and a change that can be taken back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agenttune.errors import UserError
from agenttune.variants.patch import apply_text, unified_diff

BEFORE = "import a\n\n\ndef f():\n    return 1\n\n\nx = 1\n"
AFTER = BEFORE.replace("return 1", "y = 2\n    return y")
CHANGES = [
    (BEFORE, AFTER),
    (BEFORE.replace("\n", "\r\n"), AFTER.replace("\n", "\r\n")),
    (BEFORE.rstrip("\n"), AFTER.rstrip("\n")),
    (BEFORE, AFTER.rstrip("\n")),
    (BEFORE.rstrip("\n"), BEFORE),
    ("a\x0cb\rc\n", "a\x0cb\rd\n"),
    ("é\n" * 30, "é\n" * 12 + "ß\n" + "é\n" * 18),
]
TOOLS = (["patch", "-p1", "--binary"], ["git", "apply"])


@pytest.mark.parametrize("tool", TOOLS, ids=["patch", "git"])
@pytest.mark.parametrize(("before", "after"), CHANGES)
def test_a_diff_is_taken_by_others(before: str, after: str, tool: list[str], tmp_path: Path) -> None:
    assert patched(before, after, "dir/my file.py", tool, tmp_path) == after.encode()


@pytest.mark.parametrize("tool", TOOLS, ids=["patch", "git"])
def test_a_name_that_needs_quotes_has_them(tool: list[str], tmp_path: Path) -> None:
    assert patched(BEFORE, AFTER, 'a"b\\c.py', tool, tmp_path) == AFTER.encode()


def patched(before: str, after: str, name: str, tool: list[str], folder: Path) -> bytes:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(before.encode())
    diff = unified_diff(before, after, path=name)
    subprocess.run(tool, input=diff.encode(), cwd=folder, check=True, capture_output=True, timeout=30)
    return path.read_bytes()


def test_a_long_change_is_told_as_a_whole(tmp_path: Path) -> None:
    before, after = ("".join(f"l{n % m}\n" for n in range(3_000)) for m in (150, 151))
    assert patched(f"top\n{before}x", f"top\n{after}x", "a.py", TOOLS[0], tmp_path) == f"top\n{after}x".encode()
    assert unified_diff(before, after, path="a.py").count("@@ ") == 1


def test_no_change_is_no_diff() -> None:
    assert unified_diff(BEFORE, BEFORE, path="a.py") == ""


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from("ab\r"), max_size=8), st.lists(st.sampled_from("ab\r"), max_size=8), st.booleans())
def test_any_change_comes_out(
    tmp_path_factory: pytest.TempPathFactory, old: list[str], new: list[str], is_cut: bool
) -> None:
    before, after = "top\n" + "\n".join(old) + "\n", "top\n" + "\n".join(new) + ("" if is_cut else "\n")
    if before != after:
        assert patched(before, after, "a.py", TOOLS[1], tmp_path_factory.mktemp("apply")) == after.encode()


def test_a_change_keeps_the_mode_and_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(BEFORE)
    path.chmod(0o750)
    backup = apply_text(path, expected=BEFORE, after=AFTER)
    assert (path.read_text(), backup.read_text(), backup.name) == (AFTER, BEFORE, "train.py.orig")
    assert (path.stat().st_mode & 0o777, backup.stat().st_mode & 0o777) == (0o750, 0o750)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["train.py", "train.py.orig"]


def test_a_backup_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(BEFORE)
    (tmp_path / "train.py.orig").symlink_to(tmp_path / "nowhere")
    first = apply_text(path, expected=BEFORE, after=AFTER)
    second = apply_text(path, expected=AFTER, after=BEFORE)
    assert (first.name, second.name) == ("train.py.orig2", "train.py.orig3")
    assert (first.read_text(), second.read_text()) == (BEFORE, AFTER)


def test_a_file_that_has_changed_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(BEFORE + "y = 2\n")
    with pytest.raises(UserError, match=r"train.py is changed only while it is what the study began with.*by hand"):
        apply_text(path, expected=BEFORE, after=AFTER)
    assert [entry.read_text() for entry in tmp_path.iterdir()] == [BEFORE + "y = 2\n"]


def test_line_ends_and_encoding_stay(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    text = "# -*- coding: latin-1 -*-\r\nx = 'é'\r\n"
    path.write_bytes(text.encode("latin-1"))
    apply_text(path, expected=text, after=text.replace("x", "y"))
    assert path.read_bytes() == text.replace("x", "y").encode("latin-1")
    with pytest.raises(UserError, match="is written in iso-8859-1, which has no '€'"):
        apply_text(path, expected=text.replace("x", "y"), after=text + "# €")


def test_a_byte_order_mark_stays(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_bytes(BEFORE.encode("utf-8-sig"))
    apply_text(path, expected=BEFORE, after=AFTER)
    assert path.read_bytes() == AFTER.encode("utf-8-sig")


def test_the_file_behind_a_link_is_changed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "train.py").write_text(BEFORE)
    (tmp_path / "train.py").symlink_to("real/train.py")
    backup = apply_text(tmp_path / "train.py", expected=BEFORE, after=AFTER)
    assert (tmp_path / "train.py").is_symlink()
    assert backup == tmp_path / "real" / "train.py.orig"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no file of that name"):
        apply_text(tmp_path / "no.py", expected="", after="")
