"""The process table and the trees of attempts in it."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from agenttune.processes import (
    MARKER,
    Tree,
    has_marker,
    holder,
    is_running,
    lease_of,
    memory_of,
    process_table,
    psutil_table,
    row_of,
    send,
)
from agenttune.testing.executors import wait_until
from agenttune.trial import Lease


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "600"], env=os.environ | {MARKER: "outer/mine"}, start_new_session=True) as process:
        yield process
        process.kill()


def test_lease_names_this_process_as_psutil_does() -> None:
    lease = lease_of(os.getpid())
    assert lease is not None
    assert lease.pid == os.getpid()
    assert abs(lease.started_at - psutil.Process().create_time()) < 1.0


def test_no_process_has_no_lease(sleeper: subprocess.Popen[bytes]) -> None:
    sleeper.kill()
    sleeper.wait()
    assert lease_of(sleeper.pid) is None


def test_psutil_tells_the_same_tree(sleeper: subprocess.Popen[bytes]) -> None:
    mine, theirs = row_of(sleeper.pid), psutil_table.row_of(sleeper.pid)
    assert mine is not None
    assert theirs is not None
    assert (mine.pid, mine.parent, mine.session, mine.is_zombie) == (
        theirs.pid,
        theirs.parent,
        theirs.session,
        theirs.is_zombie,
    )
    assert sleeper.pid in {row.pid for row in psutil_table.rows()}
    assert psutil_table.variable_of(sleeper.pid, MARKER) == "outer/mine"


def test_zombie_does_not_run(sleeper: subprocess.Popen[bytes]) -> None:
    row = row_of(sleeper.pid)
    assert row is not None
    assert is_running(row.pid, row.started)
    sleeper.send_signal(signal.SIGKILL)
    wait_until(lambda: (now := row_of(sleeper.pid)) is not None and now.is_zombie, what="a zombie")
    assert not is_running(row.pid, row.started)


@pytest.mark.parametrize(("marker", "expected"), [("mine", True), ("outer", True), ("other", False)])
def test_marker_is_found_in_the_environment(sleeper: subprocess.Popen[bytes], marker: str, expected: bool) -> None:
    wait_until(lambda: has_marker(sleeper.pid, "mine"), what="exec")
    assert has_marker(sleeper.pid, marker) is expected


def test_holder_of_a_lease_is_known_by_its_marker_though_the_clock_was_set(sleeper: subprocess.Popen[bytes]) -> None:
    lease = lease_of(sleeper.pid)
    assert lease is not None
    shifted = Lease(lease.host, lease.boot_id, lease.pid, lease.started_at - 7200)
    wait_until(lambda: has_marker(sleeper.pid, "mine"), what="exec")
    assert holder(shifted, "mine") is not None
    assert holder(shifted, "other") is None
    assert holder(lease, "other") is not None


def test_nobody_holds_a_lease_of_another_boot(sleeper: subprocess.Popen[bytes]) -> None:
    lease = lease_of(sleeper.pid)
    assert lease is not None
    assert holder(Lease(lease.host, "another", lease.pid, lease.started_at), "mine") is None


def test_tree_holds_descendants_session_and_marked(sleeper: subprocess.Popen[bytes]) -> None:
    code = (
        "import subprocess, sys; print(subprocess.Popen(['sleep', '600'], stdout=2).pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as root:
        assert root.stdout is not None
        child = int(root.stdout.readline())
        tree = Tree("mine")
        row = row_of(root.pid)
        assert row is not None
        tree.set_root(row)
        wait_until(lambda: has_marker(sleeper.pid, "mine"), what="exec")
        assert {member.pid for member in tree.look(process_table())} == {root.pid, child}
        assert {member.pid for member in tree.look(process_table(), search=True)} == {root.pid, child, sleeper.pid}
        for member in tree.look(process_table()):
            send(member, signal.SIGKILL)
        root.wait()
    wait_until(lambda: tree.look(process_table(), search=True) == [], what="their end")


def test_known_descendant_stays_in_the_tree_when_it_loses_its_parent() -> None:
    code = (
        "import subprocess, sys; print(subprocess.Popen(['sleep', '600'], stdout=2, start_new_session=True).pid, "
        "flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as root:
        assert root.stdout is not None
        orphan = int(root.stdout.readline())
        tree = Tree("nobody")
        row = row_of(root.pid)
        assert row is not None
        tree.set_root(row)
        tree.look(process_table())
        root.kill()
        root.wait()
    members = tree.look(process_table())
    assert [member.pid for member in members] == [orphan]
    send(members[0], signal.SIGKILL)
    wait_until(lambda: not is_running(orphan, members[0].started), what="its end")


def test_a_signal_meant_for_another_process_of_that_pid_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    row = row_of(os.getpid())
    assert row is not None
    sent: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append(pid))
    send(dataclasses.replace(row, started=row.started - 1.0), signal.SIGKILL)
    assert sent == []
    send(row, signal.SIGKILL)
    assert sent == [row.pid]


def test_memory_of_this_process_is_what_psutil_says() -> None:
    row = row_of(os.getpid())
    assert row is not None
    resident = psutil.Process().memory_info().rss
    assert abs(memory_of([row], above=10**12) - resident) < 0.2 * resident
    assert 0 < memory_of([row], above=0) < 1.2 * resident
