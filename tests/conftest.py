"""What every test stands on: a home of its own, and no network beyond loopback."""

from __future__ import annotations

import gc
import ipaddress
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from agenttune import redaction

settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")  # `--hypothesis-profile default` looks for examples that nobody saw yet

for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "CLICOLOR_FORCE"):
    os.environ.pop(name, None)
os.environ.setdefault("TZ", "UTC")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """A million objects of modules and tests live to the end: no collection need look at them."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for those of all tests: beside them pytest reads all their names before it makes the next one."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def _own_home(_homes: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Settings, state and cache of each test lie in a folder of its own, also for its subprocesses."""
    home = Path(tempfile.mkdtemp(dir=_homes))
    monkeypatch.setenv("HOME", str(home))
    for variable, folder in (("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state"), ("XDG_CACHE_HOME", "cache")):
        monkeypatch.setenv(variable, str(home / folder))
    for variable in [key for key in os.environ if key.startswith("AGENTTUNE_") or key.endswith("_API_KEY")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    yield home


@pytest.fixture(autouse=True)
def _own_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test's study keeps secret is no secret to the next."""
    monkeypatch.setattr(redaction, "_known", set(redaction._known))
    monkeypatch.setattr(redaction, "_said", set(redaction._said))


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anything but loopback or a local socket fails the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(str(address[0])):
            raise AssertionError(f"a test tried to reach {address!r}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
