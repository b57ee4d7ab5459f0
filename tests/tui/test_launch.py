"""From a terminal and back: a real process on a real terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agenttune.spec import StudyState
from agenttune.tui.farewell import farewell
from agenttune.tui.launch import RESTORE, has_terminal
from tests.tui.terminal import FIRST, RUN, rest_of, spawn
from tests.tui.workshop import CONFIG, Workshop, fill, follower

CRASH = "import agenttune.tui.conversation as c; c.Conversation._turn = lambda self, text: 1 / 0; "
CRASH += "from agenttune.cli import main; sys.exit(main([]))"


@pytest.fixture
def store_path(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "at.db"


def is_restored(said: str) -> bool:
    return all(said.rfind(code) > said.rfind(code[:-1] + "h") for code in ("\x1b[?1049l", "\x1b[?1000l", "\x1b[?2004l"))


def test_quitting_restores_the_terminal_and_names_the_way_back(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.5)
    child = spawn(str(shop.engine.store_path), study_id)
    child.expect("0.5000")
    child.send("q")
    said = rest_of(child)
    assert is_restored(said) and child.exitstatus == 0
    assert f"agenttune attach svm-digits --store {shop.engine.store_path}" in said.replace("\r\n", "")


def test_signal_restores_the_terminal(store_path: Path) -> None:
    child = spawn(str(store_path))
    child.expect(FIRST)
    child.kill(signal.SIGTERM)
    assert is_restored(rest_of(child))
    assert child.exitstatus == 143


def test_lost_terminal_ends_the_process(store_path: Path) -> None:
    child = spawn(str(store_path))
    child.expect(FIRST)
    child.ptyproc.fileobj.close()  # not its number alone: whoever got that next would be closed with the child
    child.closed = child.ptyproc.closed = True
    _, status = os.waitpid(child.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 129


def test_bug_restores_the_terminal_and_exits_70(store_path: Path) -> None:
    child = spawn(code="import sys; " + CRASH)
    child.expect(FIRST)
    child.send("x\r")
    said = rest_of(child)
    assert is_restored(said) and child.exitstatus == 70
    assert "ZeroDivisionError" in said and "Traceback" not in said


def test_without_a_terminal_a_sentence_names_the_way_out(store_path: Path) -> None:
    command = [sys.executable, "-c", RUN, str(store_path)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "agenttune tune" in done.stderr and "--yes" in done.stderr and "\x1b" not in done.stderr
    assert not store_path.exists()


def test_screen_that_goes_to_a_file_is_none(store_path: Path, tmp_path: Path) -> None:
    child = spawn(str(store_path), code=f"import os; os.dup2(os.open({str(tmp_path / 'err')!r}, 65), 2); " + RUN)
    assert rest_of(child) == "" and child.exitstatus == 2


def test_dumb_terminal_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert not has_terminal()


def test_poor_terminal_gets_neither_colours_nor_signs_it_lacks(store_path: Path) -> None:
    child = spawn(str(store_path), NO_COLOR="1", LC_ALL="C", PYTHONUTF8="1")
    child.expect(FIRST)
    child.send("\x11")
    painted = str(child.before) + rest_of(child)
    assert painted.isascii()
    assert not any(code in painted for code in ("38;2", "48;2", "38;5", "48;5"))


def test_restoring_ends_every_mode_that_was_begun() -> None:
    assert all(code in RESTORE for code in ("\x1b[?1049l", "\x1b[?1000l", "\x1b[?1003l", "\x1b[?25h", "\x1b[?2004l"))


def test_nothing_heavy_is_loaded_for_the_first_paint() -> None:
    code = "import sys, agenttune.tui.app, agenttune.tui.launch; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"torch", "sklearn", "pandas", "scipy", "numpy", "sqlalchemy", "optuna", "pydantic", "matplotlib"}
    assert not heavy & set(loaded)


# -- the last word ------------------------------------------------------------------------------------


def last_word(shop: Workshop, study_id: str, store_path: Path | None = None) -> list[str]:
    return farewell(follower(shop, study_id).snapshot(), store_path or shop.engine.store_path)


def test_running_study_is_attached_to(shop: Workshop) -> None:
    study_id = shop.study()
    shop.complete(study_id, CONFIG, 0.5)
    stands, command = last_word(shop, study_id)
    assert stands == "svm-digits goes on by itself: 1/30 trials, best accuracy 0.5000 (trial 0)"
    assert command.startswith("agenttune attach svm-digits")


def test_ended_study_is_shown(shop: Workshop) -> None:
    study_id = shop.study()
    fill(shop, study_id)
    shop.store.set_state(study_id, StudyState.FINISHED)
    assert last_word(shop, study_id)[1].startswith("agenttune show svm-digits")


def test_interrupted_study_is_resumed(shop: Workshop) -> None:
    assert last_word(shop, shop.study(is_driven=False))[1].startswith("agenttune resume svm-digits")


def test_the_users_own_store_needs_no_option(shop: Workshop) -> None:
    from agenttune.settings import default_store_path

    assert last_word(shop, shop.study(), default_store_path())[1] == "agenttune attach svm-digits"


def test_hostile_name_is_quoted(shop: Workshop) -> None:
    assert "'a b; \"c'" in last_word(shop, shop.study('a b; "c'))[1]


def test_without_a_study_there_is_nothing_to_say(store_path: Path) -> None:
    assert farewell(None, store_path) == []
