"""What was learned of a server is kept, shared, and forgotten in time; a damaged file is an empty one."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenttune.models import memory
from agenttune.models.memory import Learned, learn, memory_path, recall

SERVER = "http://localhost:1/v1#m"


def now(**fields: object) -> Learned:
    return Learned(**{"at": time.time(), **fields})  # type: ignore[arg-type]  # as the test says


def write(text: str | bytes) -> Path:
    path = memory_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_lessons_add_up() -> None:
    learn(SERVER, now(rung="object", without=("seed",)))
    learn(SERVER, now(rung="strict", without=("temperature",)))
    known = recall(SERVER)
    assert known is not None
    assert (known.rung, known.without) == ("object", ("seed", "temperature"))


def test_servers_are_kept_apart() -> None:
    learn(SERVER, now(rung="text"))
    assert recall(f"{SERVER}2") is None


def test_lesson_is_forgotten_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    learn(SERVER, now(rung="text"))
    later = time.time() + memory.EXPIRES_S
    monkeypatch.setattr(time, "time", lambda: later)
    assert recall(SERVER) is None


def test_new_lessons_do_not_prolong_old_ones() -> None:
    first = now(rung="text")
    learn(SERVER, first)
    learn(SERVER, Learned("text", ("seed",), first.at + 1_000))
    known = recall(SERVER)
    assert known is not None and known.at == first.at


def test_only_the_latest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST", 3)
    started = time.time() - 10
    for number in range(5):
        learn(f"{SERVER}{number}", Learned(rung="text", at=started + number))
    assert [number for number in range(5) if recall(f"{SERVER}{number}")] == [2, 3, 4]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        b"\xff\xfe",
        '{"version": 2, "servers": {}}',
        '{"version": 1, "servers": []}',
        json.dumps({"version": 1, "servers": {SERVER: {"rung": "magic", "without": [], "at": 0}}}),
        json.dumps({"version": 1, "servers": {SERVER: {"rung": "text", "without": [1], "at": "NOW"}}}),
        json.dumps({"version": 1, "servers": {SERVER: {"rung": "text", "without": [], "at": 1e12}}}),
        json.dumps({"version": 1, "servers": {SERVER: {"rung": "text", "without": [], "at": True}}}),
        '{"version": 1, "servers": {"' + SERVER + '": {"rung": ["text"], "without": [], "at": NaN}}}',
    ],
)
def test_damaged_file_is_an_empty_one(text: str | bytes) -> None:
    write(text if isinstance(text, bytes) else text.replace('"NOW"', str(time.time())))
    assert recall(SERVER) is None
    learn(SERVER, now(rung="object"))
    known = recall(SERVER)
    assert known is not None and known.rung == "object"


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda deeper: st.lists(deeper) | st.dictionaries(st.text(), deeper),
    )
)
def test_no_entry_can_crash_a_study(entry: object) -> None:
    write(json.dumps({"version": 1, "servers": {SERVER: entry}}))
    assert recall(SERVER) is None  # nothing that hypothesis draws here is a lesson


def test_folder_that_cannot_be_made_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    learn(SERVER, now(rung="text"))
    assert recall(SERVER) is None


def test_processes_lose_none_of_each_others_lessons() -> None:
    code = (
        "import sys, time; from agenttune.models.memory import Learned, learn\n"
        "for at in range(20):\n"
        "    learn('http://localhost:1/v1#m', Learned(without=(f'{sys.argv[1]}-{at}',), at=time.time()))"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, name]) for name in "abcd"]
    assert [process.wait(60) for process in processes] == [0, 0, 0, 0]
    known = recall(SERVER)
    assert known is not None and len(known.without) == 80
    assert sorted(path.name for path in memory_path().parent.iterdir()) == ["servers.json", "servers.lock"]
