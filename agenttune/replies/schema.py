"""The shape of a reply with candidates: its JSON schema in both dialects. The names in it are the prompt's.

`{"candidates": [{"config": {...}, "reason": "...", "low": x, "predicted": y, "high": z}, ...]}`: low and
high bound what the model believes the goal's metric will be in four cases of five.
"""

from __future__ import annotations

from agenttune.goal import Goal
from agenttune.models import Schemas
from agenttune.space import Space
from agenttune.space.grammar import config_grammar, literal
from agenttune.types import Json

CANDIDATES = "candidates"
CONFIG = "config"
REASON = "reason"
PREDICTED = "predicted"
PREDICTION = ("low", PREDICTED, "high")


TEXT = r'TEXT: /"[^"\\\x00-\x1F\x7F]{1,200}"/'
NUMBER = r"NUMBER: /-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,12})?/"
"""A number without exponent: as far as it is written, its size is known (models/number_said.py)."""


def reply_schema(space: Space, goal: Goal, *, k: int) -> Schemas:
    """Schema of a reply with `k` candidates."""
    return Schemas(
        CANDIDATES,
        _reply(space, goal, k, ranges=True),
        _reply(space, goal, k, ranges=False),
        grammar=reply_grammar(space, k=k),
        measured=(PREDICTED,),
    )


def reply_grammar(space: Space, *, k: int) -> str:
    """The same as a grammar: exactly `k` candidates, each as `Space.validate` wants it but for constraints."""
    fields = [f"{literal(f', {quoted(REASON)}: ')} TEXT"]
    fields += [f"{literal(f', {quoted(name)}: ')} NUMBER" for name in PREDICTION]
    more = f"({literal(', ')} candidate){{{k - 1}}}" if k > 1 else ""  # the dialect knows no repetition of 0 times
    return "\n".join(
        [
            f"start: {literal('{' + quoted(CANDIDATES) + ': [')} candidate {more} {literal(']}')}",
            f"candidate: {literal('{' + quoted(CONFIG) + ': ')} config {' '.join(fields)} {literal('}')}",
            *config_grammar(space),
            TEXT,
            NUMBER,
        ]
    )


def quoted(name: str) -> str:
    """The name as JSON spells it."""
    return f'"{name}"'


def closed_object(properties: dict[str, Json]) -> dict[str, Json]:
    """Schema of an object with all of these properties and no other, as strict servers want it."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _reply(space: Space, goal: Goal, k: int, *, ranges: bool) -> dict[str, Json]:
    candidate = closed_object(
        {
            CONFIG: space.json_schema(ranges=ranges),
            REASON: {"type": "string", "description": "why this one, in one sentence"},
            "low": {"type": "number", "description": f"{goal.metric} is below this in one case of ten"},
            PREDICTED: {"type": "number", "description": f"{goal.metric} to be expected"},
            "high": {"type": "number", "description": f"{goal.metric} is above this in one case of ten"},
        }
    )
    listed: dict[str, Json] = {"type": "array", "items": candidate}
    if ranges:
        listed |= {"minItems": 1, "maxItems": k}
    else:
        listed["description"] = f"{k} candidates that differ"
    return closed_object({CANDIDATES: listed})
