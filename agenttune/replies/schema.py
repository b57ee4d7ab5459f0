"""The shape of a reply with candidates: its JSON schema in both dialects. The names in it are the prompt's.

`{"candidates": [{"config": {...}, "reason": "...", "low": x, "predicted": y, "high": z}, ...]}`: low and
high bound what the model believes the goal's metric will be in four cases of five.
"""

from __future__ import annotations

from agenttune.goal import Goal
from agenttune.models import Schemas
from agenttune.space import Space
from agenttune.types import Json

CANDIDATES = "candidates"
CONFIG = "config"
REASON = "reason"
PREDICTED = "predicted"
PREDICTION = ("low", PREDICTED, "high")


def reply_schema(space: Space, goal: Goal, *, k: int) -> Schemas:
    """Schema of a reply with `k` candidates."""
    return Schemas(
        CANDIDATES,
        ranges=_reply(space, goal, k, ranges=True),
        strict=_reply(space, goal, k, ranges=False),
        measured=(PREDICTED,),
    )


def _reply(space: Space, goal: Goal, k: int, *, ranges: bool) -> dict[str, Json]:
    candidate = _object(
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
    return _object({CANDIDATES: listed})


def _object(properties: dict[str, Json]) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
