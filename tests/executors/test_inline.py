"""The inline executor: the suite, and what only it does."""

from __future__ import annotations

from pathlib import Path

import pytest

from agenttune.executors import Executor
from agenttune.executors.inline import InlineExecutor
from agenttune.testing.executors import ExecutorConformance, end_of, make_task


class TestInlineExecutor(ExecutorConformance):
    def executor(self) -> Executor:
        return InlineExecutor()


def interrupts(config: object) -> float:
    raise KeyboardInterrupt


def test_keyboard_interrupt_passes_through(tmp_path: Path) -> None:
    executor = InlineExecutor()
    executor.submit(make_task(tmp_path, f"{Path(__file__).name}:interrupts", cwd=Path(__file__).parent))
    with pytest.raises(KeyboardInterrupt):
        executor.poll(0.0)


def test_a_report_can_stop_the_objective_at_once(tmp_path: Path) -> None:
    executor = InlineExecutor()
    executor.on_report = lambda attempt_id, report: report.step == 4
    executor.submit(make_task(tmp_path, "runs_until_stopped"))
    assert end_of(executor).values == {"score": 5.0}


def test_an_objective_is_loaded_once(tmp_path: Path) -> None:
    (tmp_path / "counting.py").write_text("calls = []\ndef f(config):\n    calls.append(1)\n    return len(calls)\n")
    executor = InlineExecutor()
    for number in (1, 2):
        executor.submit(make_task(tmp_path, "counting.py:f", attempt_id=number))
    assert [end_of(executor, number).values for number in (1, 2)] == [{"score": 1.0}, {"score": 2.0}]
