"""Servers for studies that ask a model: they answer from the request alone, when they are let."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

from agenttune.settings import settings_path
from agenttune.spec import StudySpec
from agenttune.testing.answers import ChatRequest, Responder, Response, completion
from agenttune.testing.functions import SMOOTH
from agenttune.testing.server import ModelServer
from agenttune.testing.skill import Kind, Skill

DEADLINE_S = 100.0
Make = Callable[..., StudySpec]
Serve = Callable[[Responder], ModelServer]


class Offers:
    """Offers `k` configurations of `SMOOTH` a reply, near-optimal ones by default."""

    def __init__(self, k: int = 4, *, kind: Kind = "near") -> None:
        self.k = k
        self.kind: Kind = kind

    def __call__(self, request: ChatRequest) -> Response:
        """A completion that depends on messages and seed alone."""
        offered = json.loads(Skill(SMOOTH, self.kind).answer(request))["candidates"]
        return completion(json.dumps({"candidates": offered[: self.k]}))


class Repeating:
    """Offers a configuration that the study has the first `n` times that it gets a prompt; then as `Offers` does."""

    def __init__(self, known: dict[str, Any], n: int) -> None:
        self.known = known
        self.n = n
        self._n_asked: Counter[str] = Counter()
        self._offers = Offers(1)

    def __call__(self, request: ChatRequest) -> Response:
        """A completion."""
        prompt = json.dumps(request["messages"])
        self._n_asked[prompt] += 1
        if self._n_asked[prompt] > self.n:
            return self._offers(request)
        return completion(json.dumps({"candidates": [{"config": self.known, "reason": "it was good"}]}))


def configs_of(reply: str) -> list[dict[str, Any]]:
    """The configurations of an answer."""
    return [entry["config"] for entry in json.loads(reply)["candidates"]]


class Held:
    """Answers as another responder does, once it is let."""

    def __init__(self, answers: Callable[[ChatRequest], Response] | None = None) -> None:
        self.answers = answers or Offers()
        self.is_asked = Event()
        self.is_let = Event()

    def __call__(self, request: ChatRequest) -> Response:
        """Waits to be let."""
        self.is_asked.set()
        assert self.is_let.wait(DEADLINE_S)
        return self.answers(request)


class Doing:
    """Does something at each request, and never answers it."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self.act = act

    def __call__(self, request: ChatRequest) -> Response:
        """Nothing until the server stops or the client leaves."""
        self.act()
        return Response(never=True)


def set_latency(seconds: float) -> None:
    """Writes it to the settings of this test."""
    path: Path = settings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"latency_s = {seconds}\n")


def wait_for(condition: Callable[[], object]) -> None:
    """Polls until `condition` holds.

    Raises:
        AssertionError: it did not within the deadline.
    """
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
