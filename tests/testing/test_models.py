"""The suite for models: a right one passes it, and each wrong one fails the test that is about its fault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pytest

from agenttune.errors import CapabilityMissing, ModelError
from agenttune.models import Capabilities, Message, Model, Reply, Sampling, Schemas
from agenttune.testing.models import ModelConformance
from agenttune.testing.scripted import ScriptedModel
from agenttune.types import Json

RIGHT = Reply('{"x": 0.5}', {"prompt": 7}, 0.1)


class TestScriptedModel(ModelConformance):
    def make(self) -> Model:
        return ScriptedModel('{"x": 0.5}')

    def make_unable(self) -> Model | None:
        return ScriptedModel(ModelError("nobody answers", verdict="unreachable"))


class Meddling(ScriptedModel):
    """Changes the messages it is given."""

    def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: Schemas | None = None,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Sampling | None = None,
    ) -> Reply:
        """Answers, and adds to the conversation."""
        assert isinstance(messages, list)
        messages.append({"role": "assistant", "content": "x"})
        return RIGHT


class Demanding(ScriptedModel):
    """Cannot do without a sampling."""

    def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: Schemas | None = None,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Sampling | None = None,
    ) -> Reply:
        """Answers if it is told how."""
        assert sampling is not None
        return RIGHT


class Unending(ScriptedModel):
    """Streams text and no reply."""

    def stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Sampling | None = None,
    ) -> Iterator[str | Reply]:
        """Text alone."""
        yield RIGHT.text


class Wavering(ScriptedModel):
    """Knows something else each time it is asked what it can do."""

    @property
    def capabilities(self) -> Capabilities:  # type: ignore[override]  # the other one never changes
        """As many parts left out as there were requests."""
        return Capabilities("text", tuple(map(str, range(len(self.asked)))))


@pytest.mark.parametrize(
    ("model", "test"),
    [
        (Meddling(), "test_messages_are_left_alone"),
        (Demanding(), "test_sampling_may_be_left_to_the_model"),
        (Unending("text"), "test_stream_ends_in_the_whole_reply"),
        (Wavering("text"), "test_what_is_learned_outlives_no_contradiction"),
        (ScriptedModel("text", spec="test:sk-planted0123456789abcdef"), "test_spelling_names_it_and_holds_no_secret"),
        (ScriptedModel(" "), "test_one_request_gives_one_reply"),
        (ScriptedModel(Reply("x", rung="ranges")), "test_one_request_gives_one_reply"),
        (ScriptedModel(Reply("x", {"prompt": -1}, 0.1)), "test_reply_tells_what_it_cost"),
        (ScriptedModel(Reply("x", {"prompt_tokens": 7}, 0.1)), "test_reply_tells_what_it_cost"),
        (ScriptedModel(Reply("x")), "test_reply_tells_what_it_cost"),
        (ScriptedModel(RIGHT), "test_reply_says_how_it_was_held_to_the_schema"),
        (ScriptedModel(Reply("")), "test_threads_may_share_it"),
        (ScriptedModel(CapabilityMissing("no", verdict="unsupported")), "test_one_request_gives_one_reply"),
    ],
)
def test_wrong_model_fails_the_suite(model: Model, test: str) -> None:
    class Suite(ModelConformance):
        def make(self) -> Model:
            return model

    with pytest.raises(AssertionError):
        getattr(Suite(), test)()


@pytest.mark.parametrize("test", ["test_failure_has_a_verdict_and_a_sentence", "test_failure_of_a_stream_has_them_too"])
@pytest.mark.parametrize(
    "error",
    [OSError("no route"), ModelError("two\nlines"), ModelError("gone", verdict="novel"), ModelError("")],
)
def test_wrong_failure_fails_the_suite(error: Exception, test: str) -> None:
    class Suite(ModelConformance):
        def make(self) -> Model:
            return ScriptedModel("text")

        def make_unable(self) -> Model | None:
            return ScriptedModel(error)

    with pytest.raises((AssertionError, OSError)):
        getattr(Suite(), test)()
