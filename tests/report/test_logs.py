"""Logs read from the end and as they grow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agenttune.report import logs
from agenttune.trial import Proposal, Trial, TrialState


def test_tail_of_a_missing_file_is_empty(tmp_path: Path) -> None:
    assert logs.tail(tmp_path / "none", 5) == []


def test_tail_is_the_last_lines_without_escapes(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"one\n\x1b[31mtwo\x1b[0m\nthr\xff\xc3\xa9e\n")
    assert logs.tail(tmp_path / "log", 2) == ["two", "thr\ufffdée"]


def test_tail_of_a_long_file_reads_its_end_only(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("".join(f"line {at}\n" for at in range(200_000)))
    assert logs.tail(tmp_path / "log", 1) == ["line 199999"]


def test_growing_file_is_told_line_by_line_until_it_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log"
    writes: Iterator[bytes] = iter([b"one\ntw", b"o\n\xc3", b"\xa9\x1b[1mnd"])
    over: list[bool] = []

    def write_more(seconds: float) -> None:
        chunk = next(writes, None)
        if chunk is None:
            over.append(True)
        else:
            with path.open("ab") as stream:
                stream.write(chunk)

    monkeypatch.setattr("time.sleep", write_more)
    assert list(logs.growing(path, lambda: bool(over))) == ["one", "two", "énd"]


def test_growth_far_ahead_is_read_from_near_its_end(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("".join(f"line {at:05}\n" for at in range(10_000)))
    growth = logs.Growth(path, most_bytes=22)
    assert growth.read() == "line 09998\nline 09999\n"
    assert (growth.n_skipped, growth.read()) == (11 * 9_998, None)


def test_endless_line_comes_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("x" * 3 * logs.CHUNK)
    growth = logs.Growth(path)
    pieces = [growth.read() for _ in range(3)]
    assert pieces == ["", "x" * 2 * logs.CHUNK + "\n", ""] and len(growth.rest) == logs.CHUNK


def test_log_worth_reading_is_of_the_newest_running_trial_else_of_the_newest_that_ended() -> None:
    states = [TrialState.COMPLETE, TrialState.RUNNING, TrialState.RUNNING, TrialState.FAILED, TrialState.WAITING]
    trials = [Trial(number, Proposal({}, "gp", ""), state, 0, 0.0) for number, state in enumerate(states)]
    assert logs.worth_reading(trials) == 2
    assert logs.worth_reading([trials[0], trials[3], trials[4]]) == 3
    assert logs.worth_reading(trials[4:]) is None
