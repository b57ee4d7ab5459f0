from __future__ import annotations

import json

import pytest

from agenttune.models import Schemas
from agenttune.models.local.engine import Engine
from agenttune.types import Json


def accepts(engine: Engine, schema: dict[str, Json], value: str) -> bool:
    """Whether a reply may be an object whose `x`, held to that schema, is spelled so."""
    document: dict[str, Json] = {
        "type": "object",
        "properties": {"x": schema},
        "required": ["x"],
        "additionalProperties": False,
    }
    assert engine.vocabulary is not None
    matcher = engine.vocabulary.matcher(Schemas("x", document, {}))
    tokens = engine._tokenizer.encode(f'{{"x":{value}}}', add_special_tokens=False)
    return bool(matcher.validate_tokens(tokens) == len(tokens))


@pytest.mark.parametrize("value", ["0.00001", "0.5", "-250000"])
def test_number_without_bounds_may_have_any_size(engine: Engine, value: str) -> None:
    assert accepts(engine, {"type": "number"}, value)


@pytest.mark.parametrize("low", [1e-6, 1e-8, 1e-9])
def test_small_bound_leaves_room_for_numbers_at_it(engine: Engine, low: float) -> None:
    schema: dict[str, Json] = {"type": "number", "minimum": low, "maximum": 0.1}
    assert accepts(engine, schema, f"{low:.10f}".rstrip("0"))
    assert accepts(engine, schema, "0.05")
    assert not accepts(engine, schema, "0.2")


@pytest.mark.parametrize("kind", ["integer", "number"])
def test_digits_do_not_go_on_for_ever(engine: Engine, kind: str) -> None:
    assert accepts(engine, {"type": kind}, "9" * 15)
    assert not accepts(engine, {"type": kind}, "9" * 17)


def test_bounds_of_whole_numbers_are_kept(engine: Engine) -> None:
    schema: dict[str, Json] = {"type": "integer", "minimum": 1, "maximum": 8}
    accepted = [number for number in range(-2, 12) if accepts(engine, schema, json.dumps(number))]
    assert accepted == list(range(1, 9))
