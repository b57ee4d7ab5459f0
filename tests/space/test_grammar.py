from __future__ import annotations

import json

import llguidance.hf
import numpy as np
import pytest
from hypothesis import given, settings
from llguidance import LLMatcher, LLTokenizer

from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Space
from agenttune.space.grammar import config_grammar
from agenttune.space.tree import Condition
from agenttune.testing.tiny_llama import make_tokenizer
from tests.space.test_properties import spaces

WIDE = Space(
    lr=Float(1e-5, 1.0, log=True),
    shift=Float(-3.5, 12.25),
    share=Float(0.1, 0.9, step=0.05),
    layers=Int(1, 8),
    batch=Int(8, 512, step=8),
    fixed=Constant(3),
    optimizer=Categorical({"adam": Space(beta=Float(0.8, 0.999)), "sgd": Space(nesterov=Bool(), momentum=Float(0, 1))}),
    decay=Ordinal([1e-5, 1e-3, 0.1]),
    label=Categorical(['a"b\\c', "é x", True, 3, 1.5]),
)


@pytest.fixture(scope="module")
def vocabulary() -> LLTokenizer:
    return llguidance.hf.from_tokenizer(make_tokenizer(600, context=4_096))


def spoken(vocabulary: LLTokenizer, grammar: str, rng: np.random.Generator) -> str:
    """A text of the grammar, each token drawn from those allowed."""
    matcher = LLMatcher(vocabulary, grammar)
    tokens: list[int] = []
    while not matcher.is_stopped():
        bits = np.unpackbits(np.frombuffer(matcher.compute_bitmask(), np.uint8), bitorder="little")
        token = int(rng.choice(np.flatnonzero(bits)))
        if token in vocabulary.eos_tokens:
            break
        tokens.append(token)
        assert matcher.consume_token(token), matcher.get_error()
    return bytes(vocabulary.decode_bytes(tokens)).decode()


def grammar_of(space: Space) -> str:
    return "\n".join(["start: config", *config_grammar(space)])


def test_whatever_is_spoken_is_a_configuration(vocabulary: LLTokenizer) -> None:
    rng = np.random.default_rng(0)
    for _ in range(100):
        config = json.loads(spoken(vocabulary, grammar_of(WIDE), rng))
        assert WIDE.validate(config) == config | {"fixed": 3}


def test_child_is_spoken_exactly_when_it_is_active(vocabulary: LLTokenizer) -> None:
    rng = np.random.default_rng(1)
    texts = [json.loads(spoken(vocabulary, grammar_of(WIDE), rng)) for _ in range(40)]
    assert {config["optimizer"] for config in texts} == {"adam", "sgd"}
    assert all(("beta" in config) == (config["optimizer"] == "adam") for config in texts)


def test_many_conditions_take_a_rule_each() -> None:
    switches = {f"use_{at}": Categorical({"yes": Space({f"x_{at}": Float(0, 1)}), "no": None}) for at in range(40)}
    assert len(config_grammar(Space(switches))) == 1 + 2 * 40 + 3  # a schema would need 2 ** 40 branches


def test_child_of_a_constant_stands_in_its_place(vocabulary: LLTokenizer) -> None:
    space = Space.from_flat({"mode": Constant("on"), "x": Int(1, 3)}, conditions={"x": Condition("mode", ("on",))})
    config = json.loads(spoken(vocabulary, grammar_of(space), np.random.default_rng(0)))
    assert list(config) == ["x"]


@settings(max_examples=60, deadline=None)
@given(space=spaces())
def test_any_space_has_a_grammar_of_its_configurations(vocabulary: LLTokenizer, space: Space) -> None:
    config = json.loads(spoken(vocabulary, grammar_of(space), np.random.default_rng(0)))
    unconstrained = Space.from_json({**space.to_json(), "constraints": []})
    assert unconstrained.validate(config)


EXTREMES = [
    *(Float(10.0**-places, 1.0, log=True) for places in (5, 8, 9, 10, 12, 13, 300)),
    *(Float(0.0, 10.0**places) for places in (-300, -12, -8, 3, 6, 7, 8, 9, 11, 12, 14, 15, 300)),
    Float(-1.0, 1e7),
    Float(-1e13, -1e9),
    Float(1e-5, 1.0),
    Int(-(2**63 - 1), 2**63 - 1),
    Int(2**53 + 1, 2**53 + 5),
    Int(2**60 + 1, 2**60 + 3),
    Int(2**60, 2**62),
    Int(1, 10**12, log=True),
]


@pytest.mark.parametrize("parameter", EXTREMES, ids=lambda parameter: parameter.describe())
def test_whatever_the_range_is_values_of_it_are_spoken(vocabulary: LLTokenizer, parameter: Float | Int) -> None:
    rng = np.random.default_rng(0)
    space = Space(x=parameter, rest=Bool())
    texts = [spoken(vocabulary, grammar_of(space), rng) for _ in range(20)]
    assert all(space.validate(json.loads(text)) for text in texts)
    assert len({json.loads(text)["x"] for text in texts}) >= 3


@pytest.mark.parametrize("value", [1e-5, 1.0, 0.00123])
def test_ends_and_default_can_be_said(vocabulary: LLTokenizer, value: float) -> None:
    matcher = LLMatcher(vocabulary, grammar_of(Space(x=Float(1e-5, 1.0, default=0.00123))))
    assert matcher.consume_tokens(vocabulary.tokenize_str(json.dumps({"x": value})))
    assert matcher.is_accepting()
