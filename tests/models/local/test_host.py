"""What a host answers over HTTP, and to whom."""

from __future__ import annotations

import http.client
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from agenttune.errors import ModelError
from agenttune.models import Message
from agenttune.models.local.address import Address, HostFiles, living_hosts
from agenttune.models.local.client import ask_status, stop_hosts
from tests.models.local.hosts import fake_model

MESSAGES: list[Message] = [{"role": "user", "content": "anything"}]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[HostFiles, Address]]:
    """One that has loaded its model, for all tests of this file."""
    folder = tmp_path_factory.mktemp("host")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        fake_model(folder / "tiny").complete(MESSAGES)
        ((files, address),) = living_hosts()
    yield files, address
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        stop_hosts()


def answered(address: Address, method: str, path: str, *, token: str | None, body: bytes = b"") -> int:
    """The status of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=30.0)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    connection.request(method, path, body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("token", [None, "", "wrong", "wröng"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/status"), ("POST", "/complete"), ("POST", "/score")])
def test_nobody_is_answered_without_the_token(
    host: tuple[HostFiles, Address], token: str | None, method: str, path: str
) -> None:
    sent = None if token is None else token.encode().decode("latin-1")
    assert answered(host[1], method, path, token=sent, body=b"{}") == 401


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/../../etc/passwd", b"", 404),
        ("GET", "/complete", b"", 404),
        ("POST", "/status", b"{}", 404),
        ("POST", "/complete", b"{", 400),
        ("POST", "/complete", b"[]", 400),
        ("POST", "/complete", b"{}", 400),
        ("POST", "/complete", b"[" * 100_000, 400),
        ("POST", "/score", b'{"messages": 1, "candidates": []}', 400),
        ("PUT", "/complete", b"{}", 501),
    ],
)
def test_what_is_no_request_is_refused(
    host: tuple[HostFiles, Address], method: str, path: str, body: bytes, status: int
) -> None:
    assert answered(host[1], method, path, token=host[1].token, body=body) == status
    assert ask_status(host[1]) is not None


def test_request_without_a_length_is_refused(host: tuple[HostFiles, Address]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", host[1].port, timeout=30.0)
    connection.putrequest("POST", "/complete")
    connection.putheader("Authorization", f"Bearer {host[1].token}")
    connection.putheader("Content-Length", "99999999999")
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_request_that_is_too_long_is_not_sent(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="longer than the 16 MB"):
        fake_model(tmp_path / "tiny").complete([{"role": "user", "content": "x" * 16_000_000}])
    assert living_hosts() == []


def test_address_is_for_its_owner_s_eyes(host: tuple[HostFiles, Address]) -> None:
    assert stat.S_IMODE(host[0].address.stat().st_mode) == 0o600
    assert stat.S_IMODE(host[0].address.parent.stat().st_mode) == 0o700


def test_token_is_in_no_log_and_no_text(host: tuple[HostFiles, Address]) -> None:
    files, address = host
    assert address.token not in files.log.read_text()
    assert address.token not in repr(address)


def test_status_tells_the_model_and_how_long_nobody_asked(host: tuple[HostFiles, Address]) -> None:
    status = ask_status(host[1])
    assert status is not None
    assert status["state"] == "ready"
    assert status["model"] == {"name": "tiny", "device": "auto", "memory_bytes": 1_500_000}
    assert status["idle_s"] >= 0


def test_host_has_a_session_of_its_own_and_no_terminal(host: tuple[HostFiles, Address]) -> None:
    assert os.getsid(host[1].pid) == host[1].pid


def test_damaged_address_counts_as_none(host: tuple[HostFiles, Address], tmp_path: Path) -> None:
    files = HostFiles(tmp_path / "host")  # none that a host keeps whole
    files.write(host[1])
    content = json.loads(files.address.read_text())
    for damaged in ("", "[]", "{}", json.dumps(content | {"port": "1"}), json.dumps(content | {"more": 1})):
        files.address.write_text(damaged)
        assert files.read() is None
    files.write(host[1])
    assert files.read() == host[1]
