"""A schema as the `response_format` of OpenAI's chat completions, on each rung of the ladder, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agenttune.models import SchemaRung, Schemas


def response_format(schema: Schemas, rung: SchemaRung) -> dict[str, Any] | None:
    """What holds a reply to the schema on that rung; None on the last."""
    if rung == "text":
        return None
    if rung == "object":
        return {"type": "json_object"}
    document = schema.ranges if rung == "ranges" else schema.strict
    return {"type": "json_schema", "json_schema": {"name": schema.name, "schema": dict(document), "strict": True}}


def schemas_of(wanted: object) -> Schemas:
    """The schema within a `response_format`, the same in both dialects.

    Raises:
        ValueError: it holds none.
    """
    inner = wanted.get("json_schema") if isinstance(wanted, Mapping) else None
    document = inner.get("schema") if isinstance(inner, Mapping) else None
    if not isinstance(inner, Mapping) or not isinstance(document, Mapping):
        raise ValueError(f"`response_format` must be of type 'json_schema' and hold a schema, but got {wanted!r}")
    return Schemas(str(inner.get("name") or "reply"), ranges=document, strict=document)
