"""A model that answers from a list: for tests of whatever asks one. Sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from agenttune.models import Capabilities, Message, Reply, Sampling, Schemas
from agenttune.types import Json

Step = str | Reply | BaseException | Callable[[], "str | Reply"]
"""What one request comes to: text, a whole reply, an exception to raise, or a function that makes one of the two."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the model got it."""

    messages: tuple[Message, ...]
    schema: Schemas | None
    sampling: Sampling | None


class ScriptedModel:
    """Takes one step of its script per request; the last one for ever.

    Attributes:
        asked: the requests, in order.
    """

    capabilities = Capabilities()

    def __init__(self, *steps: Step, spec: str = "scripted:test", is_local: bool = False) -> None:
        self.spec = spec
        self.is_local = is_local
        self.asked: list[Asked] = []
        self._steps = steps or ("",)
        self._lock = Lock()

    def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: Schemas | None = None,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Sampling | None = None,
    ) -> Reply:
        """The next step."""
        with self._lock:
            step = self._steps[min(len(self.asked), len(self._steps) - 1)]
            self.asked.append(Asked(tuple(messages), schema, sampling))
        if isinstance(step, BaseException):
            raise step
        came = step if isinstance(step, str | Reply) else step()
        if isinstance(came, Reply):
            return came
        return Reply(came, latency_s=0.0, rung="text" if schema is None else self.capabilities.rung)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Sampling | None = None,
    ) -> Iterator[str | Reply]:
        """The next step in one piece."""
        reply = self.complete(messages, tools=tools, sampling=sampling)
        yield reply.text
        yield reply
