"""Requests to a host and what it answers, as JSON. Both ends are this package: what is read here was written here.

A request is one JSON object. The answer is one JSON object a line, an `Event` each, the last of them one of `LAST`;
an answer that breaks off before has failed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agenttune.errors import CapabilityMissing, ModelError
from agenttune.models import Message, NumberSaid, Reply, Sample, Sampling, Schemas, Score, ToolCall
from agenttune.types import Json

Event = dict[str, Any]
"""One of {"loading": sentence}, {"waiting": n requests before}, {"began": true}, {"working": true}, {"text": piece},
or the last."""
LAST = ("reply", "scores", "error")
MOST_BYTES = 16_000_000
"""Longest request: many times the longest prompt that any model takes."""


@dataclass(frozen=True, slots=True)
class CompleteRequest:
    """What `Model.complete` is asked."""

    messages: tuple[Message, ...]
    schema: Schemas | None
    tools: tuple[Mapping[str, Json], ...]
    sampling: Sampling


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """What `Scores.score` is asked."""

    messages: tuple[Message, ...]
    candidates: tuple[str, ...]


def request_json(request: CompleteRequest | ScoreRequest) -> dict[str, Json]:
    """A request as it is sent."""
    return asdict(request)


def complete_request(content: Mapping[str, Any]) -> CompleteRequest:
    """Reads one.

    Raises:
        KeyError, TypeError: it is none.
    """
    schema = content["schema"]
    if schema is not None:
        schema = Schemas(**{**schema, "measured": tuple(schema["measured"])})
    sampling = Sampling(**content["sampling"])
    return CompleteRequest(tuple(content["messages"]), schema, tuple(content["tools"]), sampling)


def score_request(content: Mapping[str, Any]) -> ScoreRequest:
    """Reads one.

    Raises:
        KeyError, TypeError: it is none.
    """
    return ScoreRequest(tuple(content["messages"]), tuple(content["candidates"]))


def reply_event(reply: Reply) -> Event:
    """A whole reply."""
    return {"reply": asdict(reply)}


def reply_from(content: Mapping[str, Any]) -> Reply:
    """The reply of such an event."""
    return Reply(
        **{
            **content,
            "tool_calls": tuple(ToolCall(**call) for call in content["tool_calls"]),
            "numbers": _numbers(content["numbers"]),
            "others": tuple(Sample(other["text"], _numbers(other["numbers"])) for other in content["others"]),
        }
    )


def scores_event(scores: Sequence[Score]) -> Event:
    """The scores of all candidates."""
    return {"scores": [asdict(score) for score in scores]}


def scores_from(content: Sequence[Mapping[str, Any]]) -> list[Score]:
    """The scores of such an event."""
    return [Score(**score) for score in content]


def error_event(error: ModelError) -> Event:
    """Why there is no reply."""
    told = {"sentence": str(error), "verdict": error.verdict, "usage": error.usage, "text": error.text}
    return {"error": told | {"is_capability": isinstance(error, CapabilityMissing)}}


def error_from(content: Mapping[str, Any]) -> ModelError:
    """The error of such an event."""
    kind = CapabilityMissing if content["is_capability"] else ModelError
    return kind(content["sentence"], verdict=content["verdict"], usage=content["usage"], text=content["text"])


def _numbers(content: Sequence[Mapping[str, Any]]) -> tuple[NumberSaid, ...]:
    return tuple(NumberSaid(**number) for number in content)
