"""A key goes to the host it belongs to; a keyring that fails or hangs is no obstacle."""

from __future__ import annotations

import sys
import threading
import types
from collections.abc import Callable

import pytest

from agenttune.models import keys
from agenttune.models.keys import find_key
from agenttune.redaction import redact


@pytest.fixture(autouse=True)
def _ask_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_from_keyring", {})


def serve_keyring(monkeypatch: pytest.MonkeyPatch, answer: Callable[[str, str], str | None]) -> None:
    """Puts a keyring of the test's in the place of the real package."""
    module = types.ModuleType("keyring")
    module.get_password = answer  # type: ignore[attr-defined]  # what the package offers
    monkeypatch.setitem(sys.modules, "keyring", module)


@pytest.mark.parametrize(
    ("variable", "host", "goes"),
    [
        ("OPENAI_API_KEY", "api.openai.com", True),
        ("OPENAI_API_KEY", "example.org", False),
        ("OPENAI_API_KEY", "localhost", False),
        ("OPENAI_API_KEY", "api.openai.com.example.org", False),
        ("AGENTTUNE_API_KEY", "api.openai.com", False),
        ("AGENTTUNE_API_KEY", "example.org", True),
        ("AGENTTUNE_API_KEY", "localhost", True),
        ("OPENROUTER_API_KEY", "openrouter.ai", True),
        ("OPENROUTER_API_KEY", "example.org", False),
    ],
)
def test_key_goes_to_its_own_host(monkeypatch: pytest.MonkeyPatch, variable: str, host: str, goes: bool) -> None:
    monkeypatch.setenv(variable, "the-key-itself")
    key = find_key(host, is_local=host == "localhost")
    assert (key is not None and key.secret == "the-key-itself") == goes


def test_own_variable_of_a_host_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "the-first-key")
    monkeypatch.setenv("AGENTTUNE_API_KEY", "the-second-key")
    key = find_key("openrouter.ai", is_local=False)
    assert key is not None and key.source == "OPENROUTER_API_KEY"


def test_key_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTTUNE_API_KEY", "the-key-itself")
    assert "the-key-itself" not in repr(find_key("example.org", is_local=False))


def test_keyring_is_asked_once_and_its_key_redacted(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def answer(service: str, user: str) -> str:
        asked.append((service, user))
        return "kept in the ring"

    serve_keyring(monkeypatch, answer)
    found = [find_key("example.org", is_local=False) for _ in range(2)]
    assert [key.source for key in found if key] == ["keyring", "keyring"]
    assert asked == [("agenttune", "example.org")]
    assert redact("it is kept in the ring") == "it is ***"


def test_keyring_is_not_asked_for_a_local_server(monkeypatch: pytest.MonkeyPatch) -> None:
    serve_keyring(monkeypatch, lambda service, user: "never")
    assert find_key("localhost", is_local=True) is None


def test_keyring_that_fails_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(service: str, user: str) -> str:
        raise RuntimeError("no D-Bus here")

    serve_keyring(monkeypatch, fail)
    assert find_key("example.org", is_local=False) is None


def test_keyring_that_hangs_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    serve_keyring(monkeypatch, lambda service, user: str(done.wait(60)))
    monkeypatch.setattr(keys, "KEYRING_S", 0.05)
    assert find_key("example.org", is_local=False) is None
    done.set()


def test_keyring_package_that_is_missing_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert find_key("example.org", is_local=False) is None
