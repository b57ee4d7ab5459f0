"""Models that run on this machine: `hf:FOLDER`, `hf:FILE.gguf`, `hf:org/name`.

`LocalModel` is a thin client: the model itself lives in a process of its own (host.py), one for all studies and
commands of this machine, so that whoever asks stays small and starts fast.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast

from agenttune.models import Capabilities, Message, Patience, Reply, Sampling, Schemas, Score
from agenttune.models.local.address import Wanted
from agenttune.models.local.client import COMMAND, Client
from agenttune.models.local.spelling import place_of
from agenttune.models.local.wire import (
    CompleteRequest,
    ScoreRequest,
    reply_from,
    request_json,
    scores_from,
)
from agenttune.redaction import redact_json
from agenttune.settings import load_settings
from agenttune.types import Json

IDLE_S = 600.0
REPLY_S = 900.0
"""For one reply: 2,000 tokens of a small model on two slow cores, with room."""
START_S = 3_600.0
"""Until a reply begins: some gigabytes are fetched from the Hub at first use, and others may be first."""


class LocalModel:
    """Implements `agenttune.models.Model` and `Scores`; may be used from several threads at once."""

    is_local = True
    capabilities = Capabilities("ranges", tools=True, streaming=True, logprobs=True)
    patience = Patience(reply_s=REPLY_S, start_s=START_S)
    usual_samples = 2
    """Two replies show how far they lie apart; on a CPU each takes its time, on a GPU more cost little (`samples`)."""

    redraws = 2
    """Masks hold replies to types, ranges and conditions; neither to constraints nor to what is new in the study."""

    def __init__(self, spec: str, wanted: Wanted, *, idle_s: float = IDLE_S, command: Sequence[str] = COMMAND) -> None:
        """
        Args:
            spec: its spelling.
            wanted: what that names.
            idle_s: seconds without a request after which its process ends.
            command: starts that process.
        """
        self.spec = spec
        self._wanted = wanted
        self._client = Client(wanted, spec=spec, idle_s=idle_s, start_s=START_S, command=command)

    @classmethod
    def from_spec(cls, spec: str) -> LocalModel:
        """The model of that spelling; nothing is loaded or started.

        Raises:
            UserError: the spelling names no model, or the settings hold a mistake.
        """
        settings = load_settings()
        wanted = Wanted(place_of(spec), settings.local_device, settings.local_dtype)
        return cls(spec, wanted, idle_s=settings.local_idle_s)

    def __repr__(self) -> str:
        return f"LocalModel({self.spec!r})"

    @property
    def fingerprint(self) -> str:
        """Its name and a digest of where it lies, what its files are, and the settings' device and dtype."""
        return self._wanted.files().base.name

    def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: Schemas | None = None,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Sampling | None = None,
    ) -> Reply:
        """Has the model answer once; see `agenttune.models.Model`."""
        *_, reply = self._replied(messages, schema, tools, sampling)
        return cast(Reply, reply)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Sampling | None = None,
    ) -> Iterator[str | Reply]:
        """Has the model answer once, and yields text as it comes."""
        return self._replied(messages, None, tools, sampling)

    def score(self, messages: Sequence[Message], candidates: Sequence[str]) -> list[Score]:
        """How probable the model finds each candidate; see `agenttune.models.Scores`."""
        request = ScoreRequest(_redacted(messages), tuple(candidates))
        *_, last = self._client.send("/score", request_json(request), timeout_s=REPLY_S)
        return scores_from(last["scores"])

    def _replied(
        self,
        messages: Sequence[Message],
        schema: Schemas | None,
        tools: Sequence[Mapping[str, Json]],
        sampling: Sampling | None,
    ) -> Iterator[str | Reply]:
        sampling = Sampling(timeout_s=REPLY_S) if sampling is None else sampling
        if schema is not None:
            schema = replace(schema, ranges=dict(schema.ranges), strict=dict(schema.strict))
        request = CompleteRequest(_redacted(messages), schema, tuple(dict(tool) for tool in tools), sampling)
        fingerprint = self.fingerprint  # before: files that are written anew meanwhile are not what answers
        events = self._client.send("/complete", request_json(request), timeout_s=sampling.timeout_s)
        for event in events:
            if "text" in event:
                yield event["text"]
            elif "reply" in event:
                reply = reply_from(event["reply"])
                yield replace(reply, revision="@".join(filter(None, (fingerprint, reply.revision))))


def _redacted(messages: Sequence[Message]) -> tuple[Message, ...]:
    return tuple(cast(Message, redact_json(dict(message))) for message in messages)
