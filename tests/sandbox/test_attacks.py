"""Twelve attacks from inside, at every level that confines; and their success where nothing does."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from agenttune.errors import SandboxError
from agenttune.processes import process_table
from agenttune.sandbox import Limits, hand_back
from tests.sandbox.aims import SECRET, Attack, Victim

confined = pytest.mark.parametrize("method", ["namespaces", "bubblewrap", "landlock"])
watched = pytest.mark.parametrize("method", ["namespaces", "bubblewrap", "landlock", "rlimits"])
"""What limits alone must hold, too."""
unconfined = pytest.mark.parametrize("method", ["rlimits"])


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """No process of an attack outlives its run."""
    yield
    children = [row for row in process_table().values() if row.parent == os.getpid() and not row.is_zombie]
    assert children == []


@watched
def test_a_fork_bomb_is_ended_by_the_count_of_processes(attack: Attack) -> None:
    ended = attack("fork_bomb", limits=Limits(seconds=4, n_processes=20))
    assert ended.broken == "processes"
    assert ended.elapsed_s < 4


@confined
def test_threads_without_end_are_ended_or_refused(attack: Attack) -> None:
    ended = attack("thread_bomb", limits=Limits(seconds=4))
    assert ended.broken == "threads" or "RuntimeError" in ended.output_tail


@watched
def test_ten_gigabytes_are_ended_by_the_memory_of_the_tree(attack: Attack) -> None:
    ended = attack("allocation", limits=Limits(seconds=6, memory_bytes=300_000_000))
    assert ended.broken == "memory"
    assert 300_000_000 < ended.peak_bytes < 3_000_000_000


@watched
def test_an_endless_loop_is_ended_by_the_clock(attack: Attack) -> None:
    ended = attack("endless_loop", limits=Limits(seconds=0.5))
    assert (ended.broken, ended.exit_code) == ("time", None)
    assert ended.elapsed_s < 4


@watched
def test_endless_output_keeps_its_end_alone(attack: Attack, folder: Path) -> None:
    ended = attack("endless_output", limits=Limits(seconds=1, output_bytes=1000))
    assert ended.broken == "time"
    assert len(ended.output_tail) == 1000
    assert ended.n_output_bytes > 1_000_000
    assert list(folder.iterdir()) == []


class Servers:
    """TCP, UDP and an abstract local socket on loopback."""

    def __init__(self) -> None:
        self.tcp, self.udp = socket.create_server(("127.0.0.1", 0)), socket.socket(type=socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.local = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.name = f"agenttune-test-{os.getpid()}"
        self.local.bind(b"\0" + self.name.encode())
        for server in (self.tcp, self.udp, self.local):
            server.setblocking(False)

    def ports(self) -> list[object]:
        return [self.tcp.getsockname()[1], self.udp.getsockname()[1], self.name]

    def heard(self) -> set[str]:
        told = set()
        with contextlib.suppress(BlockingIOError):
            self.tcp.accept()[0].close()
            told.add("tcp")
        for name, server in (("udp", self.udp), ("local", self.local)):
            with contextlib.suppress(BlockingIOError):
                server.recv(10)
                told.add(name)
        return told


@pytest.fixture
def servers() -> Iterator[Servers]:
    made = Servers()
    yield made
    for server in (made.tcp, made.udp, made.local):
        server.close()


@confined
def test_no_server_hears_of_it(attack: Attack, servers: Servers) -> None:
    ended = attack("network", *servers.ports())
    assert (ended.exit_code, ended.output_tail) == (0, "")
    assert servers.heard() == set()


@unconfined
def test_servers_hear_what_is_not_confined(attack: Attack, servers: Servers) -> None:
    attack("network", *servers.ports())
    assert servers.heard() == {"tcp", "udp", "local"}


@confined
def test_home_and_other_files_are_not_read(attack: Attack, outside: Path) -> None:
    given = outside / "given.txt"
    given.write_text("an input")
    ended = attack("read_files", outside, outside / "secret.txt", Path.home(), "/etc/passwd", given, readable=(given,))
    assert ended.exit_code == 0
    assert "an input" in ended.output_tail
    assert SECRET not in ended.output_tail and "root:" not in ended.output_tail and "secret" not in ended.output_tail


@confined
def test_no_environment_but_its_own_is_read(attack: Attack, victim: Victim) -> None:
    ended = attack("read_environment", victim.process.pid)
    assert ended.exit_code == 0
    assert "TMPDIR" in ended.output_tail and SECRET not in ended.output_tail


@confined
def test_nothing_is_written_outside(attack: Attack, outside: Path, folder: Path) -> None:
    given = outside / "secret.txt"
    seen = folder.parent / "seen"  # nothing of the machine's own: these attempts must do no harm if they succeed
    seen.mkdir()
    ended = attack("write_outside", given, outside, seen, folder.parent, Path.home(), readable=(given, seen))
    assert (ended.exit_code, ended.output_tail) == (0, "")
    assert given.read_text() == SECRET
    assert sorted(path.name for path in outside.iterdir()) == ["secret.txt"]
    assert sorted(path.name for path in folder.parent.iterdir()) == ["outside", "seen", "work"]
    assert list(seen.iterdir()) == []


@confined
def test_nobody_outside_is_killed(attack: Attack, victim: Victim) -> None:
    ended = attack("kill_driver", victim.process.pid)
    assert ended.exit_code == 0, ended.output_tail
    assert victim.process.poll() is None


@watched
def test_a_daemon_ends_with_its_run(attack: Attack, folder: Path) -> None:
    ended = attack("daemon")
    assert ended.exit_code == 0
    with (folder / "lock").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@confined
def test_patching_the_scorer_changes_nothing_but_predictions(attack: Attack, victim: Victim, folder: Path) -> None:
    ended = attack("patch_scorer", victim.labels)
    assert ended.exit_code == 0
    predictions = hand_back(folder, "predictions.txt", limit_bytes=100).decode().split()
    labels = victim.labels.read_text().split()[1:]
    assert sum(one == other for one, other in zip(predictions, labels, strict=True)) == 2
    with pytest.raises(SandboxError, match=r"linked\.txt"):
        hand_back(folder, "linked.txt", limit_bytes=100)


@confined
def test_held_out_labels_are_not_read(attack: Attack, victim: Victim) -> None:
    ended = attack("read_labels", victim.labels, victim.process.pid, victim.address, victim.size)
    assert ended.exit_code == 0
    assert SECRET not in ended.output_tail and "attached" not in ended.output_tail


@unconfined
def test_all_of_that_succeeds_where_nothing_is_confined(attack: Attack, victim: Victim, outside: Path) -> None:
    told = attack("read_labels", victim.labels, victim.process.pid, victim.address, victim.size).output_tail
    assert f"/proc/{victim.process.pid}/root{victim.labels} b'{SECRET}" in told
    assert SECRET in attack("read_environment", victim.process.pid).output_tail
    assert SECRET in attack("read_files", outside / "secret.txt").output_tail
    told = attack("write_outside", outside).output_tail
    assert "did 2" in told and "changed 0" in told
    attack("kill_driver", victim.process.pid)
    assert victim.process.wait(5) == -9
