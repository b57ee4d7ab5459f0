"""Records as the text a store keeps, and back. Text of our own making: damage shows as a `StoreError`.

Fields that a record gained later are missing in old text and get their default; fields this version
does not know are dropped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from functools import lru_cache
from typing import Any, TypeVar, cast

from agenttune.budget import Budget
from agenttune.errors import InternalError, StoreError, UserError
from agenttune.events import EVENT_TYPES, Event
from agenttune.exchange import Exchange, ExchangeRequest, NumberSaid, Sample
from agenttune.goal import Goal
from agenttune.redaction import redact, redact_json, remember_objective, say
from agenttune.space import Categorical, Ordinal, Space
from agenttune.spec import StudySpec, TrialLimits
from agenttune.trial import Candidate, Failure, FailureKind, Lease, PredictionSource
from agenttune.types import Json

T = TypeVar("T")
REUSED_FROM = "reused_from"
"""Beside the counts of an exchange's tokens: where a reply came from that was not sent for."""


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"{value!r} of {type(value).__name__} is not JSON")


_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False, default=_plain).encode


def dumps(content: object) -> str:
    """JSON text.

    Raises:
        InternalError: it holds NaN, infinity or something that is not JSON, which the caller had to notice.
    """
    try:
        return _encode(content)
    except (TypeError, ValueError) as error:
        raise InternalError(f"the store keeps JSON only: {error}") from error


def loads(text: str) -> Any:
    """What `dumps` was given. Call it within `reading_record`."""
    return json.loads(text)


@contextmanager
def reading_record(what: str) -> Iterator[None]:
    """Turns text that is damaged into a `StoreError` that names the record."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, UserError) as error:
        cause = error.__cause__ if isinstance(error, StoreError) else error  # a record within the record
        raise damaged(what, cause or error) from error


def damaged(what: str, error: BaseException) -> StoreError:
    """The sentence for a record whose text cannot be read."""
    return StoreError(
        f"the store's record of {what} is damaged ({type(error).__name__}: {error}); restore a backup, or start anew"
    )


def text_of(text: str) -> str:
    """Text as SQLite takes it: lone surrogates, from file names or broken output, are escaped."""
    return text.encode("utf-8", "backslashreplace").decode()


def foreign_text(text: str) -> str:
    """Text of people, programs and models as it is kept: as `text_of`, and without keys."""
    return redact(text_of(text))


def without_keys(failure: Failure) -> Failure:
    """A failure whose words, which are those of the program that failed, are `foreign_text`."""
    tail = failure.traceback_tail
    return replace(
        failure,
        message=foreign_text(failure.message),
        traceback_tail=None if tail is None else foreign_text(tail),
    )


def record(kind: type[T], content: Mapping[str, Any]) -> T:
    """A flat dataclass from the fields that are known."""
    known = {entry.name for entry in fields(cast(Any, kind))}
    return kind(**{name: value for name, value in content.items() if name in known})


def shallow(value: Any) -> dict[str, Any]:
    """A record's fields by name, not copied further down."""
    return {name: getattr(value, name) for name in value.__slots__}


# -- studies ---------------------------------------------------------------------------------------


_GOAL = ("metric", "direction", "constraints", "target")


def spec_to_json(spec: StudySpec) -> dict[str, Json]:
    """All of a spec as plain JSON."""
    content = shallow(spec)
    content["space"] = spec.space.to_json()
    content["goal"] = spec.goal.to_json()
    content["budget"] = asdict(spec.budget)
    content["limits"] = asdict(spec.limits)
    content["first"] = [dict(config) for config in spec.first]
    content["default"] = None if spec.default is None else dict(spec.default)
    content["request"] = None if spec.request is None else foreign_text(spec.request)
    content["extra"] = redact_json(spec.extra)
    return content


def spec_from_json(content: Mapping[str, Any]) -> StudySpec:
    """Inverse of `spec_to_json`."""
    goal = {**content["goal"], "constraints": tuple(content["goal"].get("constraints", ()))}
    return record(
        StudySpec,
        {
            **content,
            "space": _said(Space.from_json(content["space"])),
            "goal": Goal(**{name: goal[name] for name in _GOAL if name in goal}),
            "budget": record(Budget, content.get("budget", {})),
            "limits": record(TrialLimits, content.get("limits", {})),
            "first": tuple(content.get("first", ())),
        },
    )


@lru_cache(maxsize=64)
def spec_of(text: str) -> StudySpec:
    """A spec from its stored text; specs hardly ever change, and followers ask for the same one ten times a second."""
    with reading_record("a study"):
        spec = spec_from_json(loads(text))
        remember_objective(spec.objective)
        say([spec.goal.metric])
        return spec


@lru_cache(maxsize=64)
def space_of(text: str) -> Space:
    """A space from its stored text."""
    with reading_record("a space"):
        return _said(Space.from_json(loads(text)))


def _said(space: Space) -> Space:
    """The space, whose words are no secrets."""
    say(space.parameters)
    for parameter in space.parameters.values():
        if isinstance(parameter, Categorical | Ordinal):
            values = parameter.choices if isinstance(parameter, Categorical) else parameter.values
            say(value for value in values if isinstance(value, str))
    return space


# -- trials ----------------------------------------------------------------------------------------


def lease_to_text(lease: Lease) -> str:
    """Canonical: equal leases have equal text, which is what the driver's compare-and-swap compares."""
    content = [lease.host, lease.boot_id, lease.pid, lease.started_at]
    return dumps([*content, lease.holder] if lease.holder else content)


def lease_of(text: str | None) -> Lease | None:
    """Inverse of `lease_to_text`."""
    return None if text is None else Lease(*loads(text))


def failure_of(text: str | None) -> Failure | None:
    """A failure from its stored text."""
    if text is None:
        return None
    content = loads(text)
    return record(Failure, {**content, "kind": FailureKind(content["kind"])})


# -- events and exchanges --------------------------------------------------------------------------


def event_to_text(event: Event) -> str:
    """The fields of an event; its class is kept beside them."""
    return dumps(shallow(event))


def event_of(kind: str, text: str) -> Event | None:
    """An event; None if only a later version of AgentTune knows its class."""
    known = EVENT_TYPES.get(kind)
    return None if known is None else record(known, loads(text))


def usage_to_text(exchange: Exchange) -> str:
    """Tokens by kind; of a reply that was used before, where it came from."""
    told = {} if exchange.reused_from is None else {REUSED_FROM: exchange.reused_from}
    return dumps({**exchange.usage, **told})


def exchange_of(
    request: str,
    reply: str | None,
    verdict: str,
    latency_s: float | None,
    usage: str,
    dollars: float | None,
    why: str | None,
    revision: str | None,
    numbers: str | None,
    others: str | None,
) -> Exchange:
    """An exchange from its stored columns."""
    content = loads(request)
    asked = record(ExchangeRequest, {**content, "messages": tuple(content["messages"])})
    said = _numbers_of([] if numbers is None else loads(numbers))
    samples = [] if others is None else loads(others)
    more = tuple(Sample(entry["text"], _numbers_of(entry["numbers"])) for entry in samples)
    tokens = loads(usage)
    reused_from = tokens.pop(REUSED_FROM, None)
    return Exchange(asked, reply, verdict, latency_s, tokens, dollars, why, revision, said, more, reused_from)


def numbers_to_text(numbers: Sequence[NumberSaid]) -> str | None:
    """Distributions of numbers; None where there are none."""
    return dumps([shallow(entry) for entry in numbers]) if numbers else None


def samples_to_text(samples: Sequence[Sample]) -> str | None:
    """Further replies, which are a model's words; None where there are none."""
    if not samples:
        return None
    return dumps(
        [
            {"text": foreign_text(entry.text), "numbers": [shallow(number) for number in entry.numbers]}
            for entry in samples
        ]
    )


def _numbers_of(content: Sequence[Mapping[str, Any]]) -> tuple[NumberSaid, ...]:
    return tuple(record(NumberSaid, entry) for entry in content)


def candidate_of(
    row_id: int,
    config: str,
    reason: str,
    predicted_mean: float | None,
    predicted_sd: float | None,
    space_version: int,
    exchange_ids: str,
    asked_at: int,
    salvaged: str,
    prediction_source: PredictionSource | None,
    sample: int,
) -> Candidate:
    """A candidate from its stored columns."""
    return Candidate(
        loads(config),
        reason,
        predicted_mean,
        predicted_sd,
        space_version,
        tuple(loads(exchange_ids)),
        asked_at,
        tuple(loads(salvaged)),
        row_id,
        prediction_source,
        sample,
    )
