"""Language-model backends: one file per kind of server, one line each in the registry below.

The interface every backend meets. One call of `complete` sends one request, never more: whoever calls it has
reserved that request in the ledger first (replies/). Requests and replies are stored as `agenttune.exchange` records.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, cast, runtime_checkable

from agenttune.errors import UserError
from agenttune.exchange import NumberSaid as NumberSaid
from agenttune.exchange import Sample as Sample
from agenttune.redaction import redact
from agenttune.types import Json

REGISTRY = {
    "openai": "agenttune.models.openai:OpenAIModel",
    "http": "agenttune.models.openai:OpenAIModel",
    "https": "agenttune.models.openai:OpenAIModel",
    "langchain": "agenttune.models.langchain:LangChainModel",
    "hf": "agenttune.models.local:LocalModel",
}
"""Scheme of a spelling -> "module:Class", loaded on first use."""

TIMEOUT_S = 60.0
"""How long a reply may take, unless its model or the caller says otherwise."""

Message = Mapping[str, Json]
"""`{"role": "system" | "user" | "assistant" | "tool", "content": ...}`, as in OpenAI's chat completions."""

SchemaRung = Literal["ranges", "strict", "object", "text"]
"""How a reply can be held to a schema: with numeric ranges, without, any JSON object, not at all."""


@dataclass(frozen=True, slots=True)
class Schemas:
    """A JSON schema in both dialects (`Space.json_schema`), and a name for it."""

    name: str
    ranges: Mapping[str, Json]
    strict: Mapping[str, Json]
    grammar: str | None = None
    """The same for a model whose tokens can be masked, more exactly: a grammar in llguidance's Lark dialect."""
    measured: tuple[str, ...] = ()
    """Names of number fields whose distribution is wanted, from models that tell token probabilities."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a reply is drawn; what a server does not know is left out by the backend."""

    temperature: float | None = None
    max_tokens: int = 2_000
    """Most tokens of the reply, thinking included: what the worst case is reserved for. Studies take the setting."""
    seed: int | None = None
    timeout_s: float = TIMEOUT_S
    tool_choice: str | None = None
    """For a request with tools: "auto", "none", "required" (one of them must be called), or the name of that one."""
    n: int = 1
    """Replies drawn for one prompt: how much they differ says how sure the model is. Servers may draw fewer."""

    def to_json(self) -> dict[str, Json]:
        """What decides the reply, for the exchange's key; how long we wait does not."""
        told: dict[str, Json] = {"temperature": self.temperature, "max_tokens": self.max_tokens, "seed": self.seed}
        told |= {} if self.tool_choice is None else {"tool_choice": self.tool_choice}
        return told if self.n == 1 else {**told, "n": self.n}


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool the model wants called."""

    id: str
    name: str
    arguments: str
    """JSON as the model wrote it: untrusted."""


@dataclass(frozen=True, slots=True)
class Score:
    """How probable a text is as the reply to a prompt."""

    logprob: float
    """Natural logarithm of the probability of all its tokens, as the model itself puts it: held to no schema."""
    n_tokens: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered to one request."""

    text: str
    usage: Mapping[str, int] = field(default_factory=dict)
    """Tokens by kind: prompt, completion, cached, reasoning; a kind the server does not tell is absent."""
    latency_s: float | None = None
    dollars: float | None = None
    """Cost as the server itself tells it (OpenRouter); None otherwise."""
    revision: str | None = None
    """The model as the server names it."""
    tool_calls: tuple[ToolCall, ...] = ()
    rung: SchemaRung = "text"
    """How the reply was held to the schema."""
    numbers: tuple[NumberSaid, ...] = ()
    """Of `Schemas.measured`, in the order of the text; empty where token probabilities are not told."""
    others: tuple[Sample, ...] = ()
    """Further replies where `Sampling.n` asks for more than one; usage counts them all."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What is known of a server and model; None is not known yet."""

    rung: SchemaRung = "ranges"
    """The highest rung of the ladder that has not been refused."""
    without: tuple[str, ...] = ()
    """Parameters the server refused, left out since."""
    tools: bool | None = None
    streaming: bool | None = None
    logprobs: bool | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a model is waited for."""

    reply_s: float = TIMEOUT_S
    """Seconds of one reply: its requests' `Sampling.timeout_s`, unless the caller knows better."""
    start_s: float = 0.0
    """Further seconds before a reply begins, while the model is loaded or others are first."""


class Model(Protocol):
    """One request in, one reply out. One that is slow says so in an attribute `patience`, a `Patience`."""

    @property
    def spec(self) -> str:
        """The spelling it was made from, "openai:gpt-5.6" or "http://localhost:8000/v1#qwen3"; holds no secret."""
        ...

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine, so that it costs no dollars."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What is known so far."""
        ...

    def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: Schemas | None = None,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Sampling | None = None,
    ) -> Reply:
        """Sends one request, held to a JSON `schema` as far as the server can.

        Raises:
            CapabilityMissing: the server refused a part of the request, which is left out from now on.
            RateLimited: the server wants fewer requests.
            ModelError: no usable reply, for the reason its verdict and sentence say.
        """
        ...

    def stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Sampling | None = None,
    ) -> Iterator[str | Reply]:
        """Sends one request and yields pieces of text as they come; the last item is the whole `Reply`.

        Raises:
            ModelError: as `complete`, also between two pieces.
        """
        ...


@runtime_checkable
class Scores(Protocol):
    """A model that tells how probable texts are."""

    def score(self, messages: Sequence[Message], candidates: Sequence[str]) -> list[Score]:
        """The score of each candidate as the reply to these messages, in order.

        Raises:
            ModelError: as `complete`.
        """
        ...


def patience_of(model: Model) -> Patience:
    """How long that model is waited for."""
    said = getattr(model, "patience", None)
    return said if isinstance(said, Patience) else Patience()


def usual_samples(model: Model) -> int:
    """Replies to draw for one prompt where no setting says how many.

    1, since servers bill each; a backend whose replies cost little says more by an attribute `usual_samples`.
    """
    return int(getattr(model, "usual_samples", 1))


def fingerprint_of(model: Model) -> str:
    """What a reply of that model depends on beyond its spelling, as the start of its replies' `revision`.

    "", since only a server knows; a backend that knows says it by an attribute `fingerprint`.
    """
    return str(getattr(model, "fingerprint", ""))


def redraws_of(model: Model) -> int:
    """How often a question is asked again, with another seed, where no candidate of a reply can be run.

    0, since servers bill each; a backend whose replies cost nothing says more by an attribute `redraws`.
    """
    return int(getattr(model, "redraws", 0))


def load_model(spec: str) -> Model:
    """The model of that spelling; nothing is sent.

    Raises:
        UserError: the spelling names no backend.
    """
    scheme, colon, _ = spec.partition(":") if isinstance(spec, str) else ("", "", "")
    if not colon or scheme not in REGISTRY:
        raise UserError(
            f"no model is spelled {redact(repr(spec))}: write openai:NAME, or the server's address and the model's "
            "name, as in http://localhost:11434/v1#qwen3, or hf:FOLDER for one that runs here, or "
            "langchain:MODULE:OBJECT"
        )
    module, _, attribute = REGISTRY[scheme].partition(":")
    return cast(Model, getattr(importlib.import_module(module), attribute).from_spec(spec))
