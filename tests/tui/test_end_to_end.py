"""A sentence, a real driver, a real model: started from the screen, left, and come back to."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from agenttune.store import Store
from agenttune.study import has_live_driver
from agenttune.tui.widgets.guarded import GRACE_S
from tests.tui.terminal import FIRST, rest_of, spawn

REQUEST = "tune a decision tree on iris for accuracy, 5 trials"


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_study_outlives_the_terminal_it_was_started_in(tmp_path: Path) -> None:
    path = tmp_path / "at.db"
    first = spawn(str(path))
    first.expect(FIRST)
    first.send(REQUEST + "\r")
    first.expect("Approve")
    time.sleep(2 * GRACE_S)  # the card is deaf for so long by the clock on the wall
    first.send("y")
    first.expect("runs by itself")
    first.kill(signal.SIGKILL)
    first.wait()
    with Store.open(path) as store:
        row = store.study(None)
        assert has_live_driver(row) or row.state.is_ended
    second = spawn(str(path), row.id)
    second.expect("held out", timeout=200)
    second.send("q")
    assert "decision-tree-iris is finished: 5/5 trials, best accuracy" in rest_of(second)
    assert second.exitstatus == 0
