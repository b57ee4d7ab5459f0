"""What lies in a readable folder and is yet hidden cannot be read, by whatever name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agenttune.sandbox import Execution, Limits, Method
from agenttune.sandbox.probing import reason_against
from agenttune.sandbox.running import execute
from tests.sandbox.aims import SECRET

confined = pytest.mark.parametrize("method", ["namespaces", "bubblewrap", "landlock"])

READ = """
import sys
for path in sys.argv[1:]:
    try:
        print(path, repr(open(path).read()))
    except OSError as error:
        print(path, type(error).__name__)
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A readable folder that holds a module, and a folder and a file that are to be hidden."""
    made = tmp_path / "library"
    (made / "data" / "more").mkdir(parents=True)
    (made / "data" / "labels.txt").write_text(SECRET)
    (made / "data" / "more" / "labels.txt").write_text(SECRET)
    (made / "labels.txt").write_text(SECRET)
    (made / "module.py").write_text("open to all")
    return made


def read(folder: Path, library: Path, method: Method, *paths: Path, readable: Path | None = None) -> Execution:
    reason = reason_against(method)
    if reason is not None:
        pytest.skip(f"{method} is not offered here: {reason}")
    return execute(
        [sys.executable, "-I", "-S", "-c", READ, *map(str, paths)],
        folder,
        readable=[readable or library],
        hidden=[library / "data", library / "labels.txt", library / "none"],
        limits=Limits(seconds=9),
        environment={},
        method=method,
    )


@confined
def test_hidden_files_are_not_read(folder: Path, library: Path, method: Method) -> None:
    paths = [library / "data" / "labels.txt", library / "data" / "more" / "labels.txt", library / "labels.txt"]
    ended = read(folder, library, method, *paths)
    assert ended.is_complete
    assert SECRET not in ended.output_tail


@confined
def test_what_lies_beside_them_is_read(folder: Path, library: Path, method: Method) -> None:
    assert "open to all" in read(folder, library, method, library / "module.py").output_tail


@confined
def test_hidden_files_are_not_read_through_a_link(folder: Path, library: Path, tmp_path: Path, method: Method) -> None:
    (tmp_path / "elsewhere").symlink_to(tmp_path)
    through = tmp_path / "elsewhere" / "library"
    paths = [through / "data" / "labels.txt", library / "data" / "labels.txt", through / "labels.txt"]
    ended = read(folder, library, method, *paths, readable=through)
    assert ended.is_complete
    assert SECRET not in ended.output_tail


@pytest.mark.parametrize("method", ["rlimits"])
def test_nothing_is_hidden_where_nothing_is_confined(folder: Path, library: Path, method: Method) -> None:
    assert SECRET in read(folder, library, method, library / "labels.txt").output_tail
