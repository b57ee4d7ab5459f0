"""The files of an attempt survive torn writes, and its lock tells life from death."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from agenttune.executors.attempt_files import AttemptFiles, AttemptResult, ReportReader, TaskFile, report_line
from agenttune.testing.executors import make_task
from agenttune.trial import Failure, FailureKind, Lease, Report


@pytest.fixture
def files(tmp_path: Path) -> AttemptFiles:
    return AttemptFiles(tmp_path)


def test_task_comes_back_as_it_was(files: AttemptFiles, tmp_path: Path) -> None:
    task = TaskFile.of(make_task(tmp_path, config={"x": 0.1, "kernel": "rbf"}), marker="m", grace_s=2.0)
    files.write_task(task)
    assert files.read_task() == task


def test_lease_comes_back_as_it_was(files: AttemptFiles) -> None:
    lease = Lease("host", "boot", 12, 34.5)
    files.write_lease(lease)
    assert files.read_lease() == lease


@pytest.mark.parametrize(
    "result",
    [
        AttemptResult(1.5, values={"score": 0.1}),
        AttemptResult(1.5, failure=Failure(FailureKind.CRASH, "no", "trace", -11, "log.txt")),
        AttemptResult(1.5, died="killed"),
    ],
)
def test_result_comes_back_as_it_was(files: AttemptFiles, result: AttemptResult) -> None:
    files.write_result(result)
    assert files.read_result() == result


@pytest.mark.parametrize(
    "text", ["", '{"elapsed_s": 1, "val', "[1]", '{"values": {}}', '{"elapsed_s": 1, "foreign": 2}']
)
def test_torn_or_foreign_result_is_none(files: AttemptFiles, text: str) -> None:
    (files.directory / "result.json").write_text(text)
    assert files.read_result() is None


def test_torn_task_and_lease_are_none(files: AttemptFiles) -> None:
    for name in ("task.json", "lease.json"):
        (files.directory / name).write_text('{"pid": 1')
    assert (files.read_task(), files.read_lease()) == (None, None)


def test_each_report_is_read_once(files: AttemptFiles) -> None:
    reader = ReportReader(files)
    assert reader.new() == []
    reports = [Report(step, {"score": step / 10}, float(step)) for step in range(3)]
    files.reports.write_bytes(report_line(reports[0]))
    assert reader.new() == reports[:1]
    with files.reports.open("ab") as file:
        file.write(report_line(reports[1]) + report_line(reports[2]))
    assert reader.new() == reports[1:]
    assert reader.new() == []


def test_line_that_is_being_written_is_read_when_it_is_whole(files: AttemptFiles) -> None:
    reader = ReportReader(files)
    line = report_line(Report(0, {"score": 0.25}, 1.0))
    files.reports.write_bytes(line[:20])
    assert reader.new() == []
    with files.reports.open("ab") as file:
        file.write(line[20:])
    assert reader.new() == [Report(0, {"score": 0.25}, 1.0)]


def test_lines_that_are_no_reports_are_passed_over(files: AttemptFiles) -> None:
    whole = report_line(Report(1, {"score": 0.25}, 1.0))
    files.reports.write_bytes(b'garbage\n{"step": 0}\n[]\n' + whole)
    assert [report.step for report in ReportReader(files).new()] == [1]


def test_lock_is_held_until_its_descriptor_is_closed(files: AttemptFiles) -> None:
    assert not files.is_locked
    lock = files.lock()
    assert lock is not None
    assert files.is_locked
    assert files.lock() is None
    os.close(lock)
    assert not files.is_locked


def test_lock_is_held_by_a_process_that_inherits_it(files: AttemptFiles) -> None:
    lock = files.lock()
    assert lock is not None
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=(lock,)) as child:
        os.close(lock)
        assert files.is_locked
        child.kill()
    assert not files.is_locked


def test_log_tail_is_the_last_lines(files: AttemptFiles) -> None:
    files.log.write_text("".join(f"line {number}\n" for number in range(20_000)))
    assert files.log_tail(2) == "line 19998\nline 19999"
