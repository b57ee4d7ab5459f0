"""Leases name one process exactly."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from agenttune.study.leases import is_alive, is_elsewhere, lease_for, lease_of


def test_this_process_is_alive() -> None:
    assert is_alive(lease_of())


def test_another_process_of_the_same_pid_is_not_it() -> None:
    assert not is_alive(replace(lease_of(), started_at=lease_of().started_at - 0.01))


def test_a_pid_from_another_boot_is_not_it() -> None:
    assert not is_alive(replace(lease_of(), boot_id="another"))


def test_a_process_elsewhere_counts_as_alive() -> None:
    assert is_alive(replace(lease_of(), host="elsewhere", boot_id="another"))
    assert is_alive(replace(lease_of(), host="renamed"))


def test_an_ended_process_is_dead_even_before_it_is_reaped() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    lease = lease_of(process.pid)
    assert is_alive(lease)
    process.communicate(b"\n")
    assert not is_alive(lease)


def test_a_driver_is_dead_once_nobody_holds_it() -> None:
    class Driver:
        pass

    driver, other = Driver(), Driver()
    lease = lease_for(driver)
    assert is_alive(lease) and lease != lease_for(other)
    del driver
    assert not is_alive(lease)


def test_only_a_process_that_cannot_be_looked_at_is_elsewhere() -> None:
    assert is_elsewhere(replace(lease_of(), host="elsewhere", boot_id="another"))
    assert not is_elsewhere(replace(lease_of(), host="renamed"))
    assert not is_elsewhere(replace(lease_of(), boot_id="another"))
