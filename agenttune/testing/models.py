"""What every language-model backend must hold to, as tests to inherit.

::

    class TestMine(ModelConformance):
        def make(self) -> Model:
            return MyModel()

The model must be able to answer. Nothing here judges what it answers.
"""

from __future__ import annotations

import copy
import math
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from agenttune.errors import CapabilityMissing, ModelError
from agenttune.exchange import VERDICTS
from agenttune.models import Capabilities, Message, Model, Reply, Sample, Sampling, Schemas
from agenttune.redaction import redact

MESSAGES: list[Message] = [
    {"role": "system", "content": "You answer in JSON."},
    {"role": "user", "content": 'Choose a number x from 0 to 1 and answer {"x": ...}.'},
]
SAMPLING = Sampling(temperature=0.7, max_tokens=200, seed=1, timeout_s=60.0)
SCHEMAS = Schemas(
    "number",
    ranges={
        "type": "object",
        "properties": {"x": {"type": "number", "minimum": 0, "maximum": 1}},
        "required": ["x"],
        "additionalProperties": False,
    },
    strict={
        "type": "object",
        "properties": {"x": {"type": "number", "description": "0 to 1"}},
        "required": ["x"],
        "additionalProperties": False,
    },
)
TURNS = 8
"""More than a server can have parts of a request to refuse."""


def ask(model: Model, schema: Schemas | None = None, *, sampling: Sampling | None = SAMPLING) -> Reply:
    """The reply, after the server refused whatever it has to refuse."""
    for _ in range(TURNS):
        try:
            return model.complete(copy.deepcopy(MESSAGES), schema=schema, sampling=sampling)
        except CapabilityMissing:
            continue
    raise AssertionError(f"{model.spec} refused {TURNS} times, each time another part of the request")


class ModelConformance(ABC):
    """Inherit and say how to build yours."""

    @abstractmethod
    def make(self) -> Model:
        """A model that can answer."""

    def make_unable(self) -> Model | None:
        """One that cannot (no server there, say); None if yours always can."""
        return None

    def test_spelling_names_it_and_holds_no_secret(self) -> None:
        model = self.make()
        assert model.spec
        assert redact(model.spec) == model.spec
        assert redact(repr(model)) == repr(model)

    def test_capabilities_are_a_record(self) -> None:
        capabilities = self.make().capabilities
        assert isinstance(capabilities, Capabilities)
        with pytest.raises(FrozenInstanceError):
            capabilities.rung = "text"  # type: ignore[misc]  # that it cannot be is the claim

    def test_one_request_gives_one_reply(self) -> None:
        reply = ask(self.make())
        assert isinstance(reply, Reply)
        assert reply.text.strip()
        assert reply.rung == "text"

    def test_reply_tells_what_it_cost(self) -> None:
        reply = ask(self.make())
        assert all(isinstance(count, int) and count >= 0 for count in reply.usage.values())
        assert reply.usage.keys() <= {"prompt", "completion", "cached", "reasoning"}
        assert reply.latency_s is not None
        assert reply.latency_s >= 0
        assert reply.dollars is None or reply.dollars >= 0

    def test_reply_says_how_it_was_held_to_the_schema(self) -> None:
        model = self.make()
        reply = ask(model, SCHEMAS)
        assert reply.rung == model.capabilities.rung

    def test_several_replies_may_be_drawn_for_one_prompt(self) -> None:
        reply = ask(self.make(), SCHEMAS, sampling=replace(SAMPLING, n=3))
        assert reply.text.strip()
        assert len(reply.others) <= 2
        assert all(isinstance(sample, Sample) and sample.text.strip() for sample in reply.others)

    def test_distributions_stand_where_their_numbers_do(self) -> None:
        reply = ask(self.make(), replace(SCHEMAS, measured=("x",)), sampling=replace(SAMPLING, n=2))
        for sample in (Sample(reply.text, reply.numbers), *reply.others):
            for number in sample.numbers:
                assert number.field == "x"
                assert sample.text[number.at] in "-0123456789"
                assert math.isfinite(number.mean) and 0 <= number.sd < math.inf
                assert 0 <= number.resolved <= 1 + 1e-9

    def test_messages_are_left_alone(self) -> None:
        model, messages = self.make(), copy.deepcopy(MESSAGES)
        ask(model)  # which has refused what it has to refuse
        model.complete(messages, sampling=SAMPLING)
        assert messages == MESSAGES

    def test_sampling_may_be_left_to_the_model(self) -> None:
        assert ask(self.make(), sampling=None).text.strip()

    def test_stream_ends_in_the_whole_reply(self) -> None:
        model = self.make()
        ask(model)
        *pieces, reply = self._streamed(model)
        assert isinstance(reply, Reply)
        assert "".join(str(piece) for piece in pieces) == reply.text

    def test_threads_may_share_it(self) -> None:
        model = self.make()
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda _: ask(model, SCHEMAS), range(16)))
        assert all(reply.text for reply in replies)

    def test_what_is_learned_outlives_no_contradiction(self) -> None:
        model = self.make()
        ask(model, SCHEMAS)
        known = model.capabilities
        ask(model, SCHEMAS)
        again = model.capabilities
        assert all(
            getattr(again, entry.name) == getattr(known, entry.name) or getattr(known, entry.name) is None
            for entry in fields(Capabilities)
        )

    def test_failure_has_a_verdict_and_a_sentence(self) -> None:
        with pytest.raises(ModelError) as caught:
            ask(self._unable())
        _check_failure(caught.value)

    def test_failure_of_a_stream_has_them_too(self) -> None:
        with pytest.raises(ModelError) as caught:
            self._streamed(self._unable())
        _check_failure(caught.value)

    def _unable(self) -> Model:
        model = self.make_unable()
        if model is None:
            pytest.skip("this model always can answer")
        return model

    def _streamed(self, model: Model) -> list[str | Reply]:
        for _ in range(TURNS):
            try:
                return list(model.stream(copy.deepcopy(MESSAGES), sampling=SAMPLING))
            except CapabilityMissing:
                continue
        raise AssertionError(f"{model.spec} refused {TURNS} times, each time another part of the request")


def _check_failure(failure: ModelError) -> None:
    assert failure.verdict in VERDICTS
    assert str(failure)
    assert "\n" not in str(failure)
