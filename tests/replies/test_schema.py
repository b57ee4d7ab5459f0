"""The schema of a reply: what is asked for is what the decoder takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from agenttune.exchange import Prompt
from agenttune.goal import Goal
from agenttune.prompts import render
from agenttune.replies import Question
from agenttune.replies.decode import decode
from agenttune.replies.schema import reply_schema
from agenttune.testing.replies import SPACES, offers, written

GOAL = Goal("accuracy", "maximize")


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for entry in schema.values():
            yield from nodes(entry)
    elif isinstance(schema, list):
        for entry in schema:
            yield from nodes(entry)


@pytest.mark.parametrize("name", SPACES)
def test_strict_dialect_keeps_to_what_providers_decode(name: str) -> None:
    schema = reply_schema(SPACES[name], GOAL, k=4).strict
    for node in nodes(schema):
        assert not node.keys() & {"minItems", "maxItems", "minimum", "maximum", "default", "const", "oneOf"}
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            assert sorted(node["required"]) == sorted(node["properties"])


def test_dialect_with_ranges_bounds_values_and_candidates() -> None:
    schema: Any = reply_schema(SPACES["mixed"], GOAL, k=3).ranges
    listed = schema["properties"]["candidates"]
    assert (listed["minItems"], listed["maxItems"]) == (1, 3)
    assert listed["items"]["properties"]["config"]["properties"]["lr"]["maximum"] == 0.1


def test_unit_of_the_prediction_is_the_goals_metric() -> None:
    assert "accuracy to be expected" in json.dumps(reply_schema(SPACES["mixed"], GOAL, k=4).strict)


@pytest.mark.parametrize("name", SPACES)
def test_reply_in_the_schemas_shape_is_decoded_without_mending(name: str) -> None:
    space = SPACES[name]
    given = offers(space, np.random.default_rng(0), 4)
    schema: Any = reply_schema(space, GOAL, k=4).strict
    names = schema["properties"]["candidates"]["items"]["required"]
    assert all(list(offer) == names for offer in given)
    decoded = decode(written(given), Question(Prompt(()), space, GOAL, lambda _: True))
    assert [entry.salvaged for entry in decoded.candidates] == [()] * len(given)


def test_prompt_shows_the_fields_of_the_schema_in_its_order() -> None:
    """A server that holds replies to a schema has them written in the schema's order."""
    schema: Any = reply_schema(SPACES["mixed"], GOAL, k=4).strict
    (example,) = [line for line in render("system", k=4).splitlines() if line.startswith('{"candidates"')]
    fields = schema["properties"]["candidates"]["items"]["required"]
    assert re.findall(r'"(\w+)": (?!value)', example) == ["candidates", *fields]


def test_prediction_is_the_number_whose_distribution_is_wanted() -> None:
    assert reply_schema(SPACES["mixed"], GOAL, k=4).measured == ("predicted",)
