"""A tiny random Llama behind the test server: SDK, HTTP, masks, decoding and gate as one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai
import pytest
import torch

from agenttune import Budget, tune
from agenttune.errors import CapabilityMissing, ModelError
from agenttune.exchange import Prompt
from agenttune.goal import Goal
from agenttune.models import Model, Sampling, Schemas, load_model
from agenttune.models.local.engine import Engine
from agenttune.replies import Question
from agenttune.replies.desk import Desk
from agenttune.settings import settings_path
from agenttune.space import Float, Space
from agenttune.store import Store
from agenttune.testing.answers import ChatRequest, Response, error, schema_of
from agenttune.testing.functions import BRANCHED, SMOOTH, Function
from agenttune.testing.models import MESSAGES, SCHEMAS, ModelConformance
from agenttune.testing.served import MOST_REPLIES, Served
from agenttune.testing.server import ModelServer, main
from agenttune.testing.tiny_llama import make_tiny_llama
from agenttune.trial import Trial, TrialState
from agenttune.types import Json

FORM = {"type": "json_schema", "json_schema": {"name": "number", "schema": SCHEMAS.ranges}}
TOOLS: list[dict[str, Json]] = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}
    for name in ("predict", "stop")
]
STOP = {"type": "function", "function": {"name": "stop"}}


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    folder = make_tiny_llama(tmp_path_factory.mktemp("models") / "tiny", context=8_192, brevity=5)
    return Served(Engine.load(str(folder), device="cpu", dtype="float32"))


@pytest.fixture
def server(served: Served) -> Iterator[ModelServer]:
    with ModelServer(served) as running:
        yield running


@pytest.fixture
def sdk(server: ModelServer) -> Iterator[Any]:
    """OpenAI's client, its calls as any dictionary would make them."""
    with openai.OpenAI(base_url=server.url, api_key="none", max_retries=0) as client:
        yield client


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.db") as opened:
        yield opened


class TestServedModel(ModelConformance):
    @pytest.fixture(autouse=True)
    def _serve(self, server: ModelServer) -> None:
        self.server = server

    def make(self) -> Model:
        return load_model(f"{self.server.url}#tiny")

    def make_unable(self) -> Model | None:
        self.server.stop()
        return load_model(f"{self.server.url}#tiny")


def asked(sdk: Any, **changes: Any) -> Any:
    """The completion of a request."""
    return sdk.chat.completions.create(**{"model": "tiny", "messages": MESSAGES, "temperature": 1.0, **changes})


def texts(completion: Any) -> list[str]:
    return [choice.message.content for choice in completion.choices]


# -- what a request asks for is done -----------------------------------------------------------------


def test_every_choice_is_held_to_the_schema(sdk: Any) -> None:
    completion = asked(sdk, n=4, seed=1, response_format=FORM)
    numbers = [json.loads(text)["x"] for text in texts(completion)]
    assert len(set(numbers)) == 4 and all(0 <= number <= 1 for number in numbers)
    assert [choice.index for choice in completion.choices] == [0, 1, 2, 3]
    assert {choice.finish_reason for choice in completion.choices} == {"stop"}


@pytest.mark.parametrize("seed", range(2, 5))
def test_object_is_any_and_ends(sdk: Any, seed: int) -> None:
    (text,) = texts(asked(sdk, seed=seed, response_format={"type": "json_object"}))
    assert isinstance(json.loads(text), dict)


def test_seed_decides_what_is_drawn(sdk: Any) -> None:
    one, same, other = (texts(asked(sdk, seed=seed, response_format=FORM)) for seed in (1, 1, 2))
    assert one == same != other


def test_nothing_is_drawn_at_temperature_0(sdk: Any) -> None:
    one, other = (texts(asked(sdk, seed=seed, temperature=0, response_format=FORM)) for seed in (1, 2))
    assert one == other


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_reply_that_is_too_long_comes_cut(sdk: Any, limit: str) -> None:
    completion = asked(sdk, seed=1, response_format={"type": "json_object"}, **{limit: 2})
    (choice,) = completion.choices
    assert choice.finish_reason == "length"
    assert choice.message.content.startswith("{")
    assert completion.usage.completion_tokens == 2


def test_usage_tells_what_was_read_before(sdk: Any) -> None:
    told = [{"role": "system", "content": "Study. " * 50}]
    first, second = (asked(sdk, messages=[*told, *MESSAGES], response_format=FORM).usage for _ in range(2))
    assert second.prompt_tokens == first.prompt_tokens > 50
    assert second.prompt_tokens_details.cached_tokens > 50
    assert second.total_tokens == second.prompt_tokens + second.completion_tokens


def test_stream_spells_the_same_choices(sdk: Any) -> None:
    whole = asked(sdk, seed=3, n=2, response_format=FORM)
    streamed = ["", ""]
    for event in asked(sdk, seed=3, n=2, response_format=FORM, stream=True):
        usage = event.usage
        for choice in event.choices:
            streamed[choice.index] += choice.delta.content or ""
    assert streamed == texts(whole)
    assert usage.completion_tokens == whole.usage.completion_tokens


def test_each_choice_calls_the_tool_that_is_named(sdk: Any) -> None:
    completion = asked(sdk, tools=TOOLS, tool_choice=STOP, n=2)
    calls = [choice.message.tool_calls[0].function for choice in completion.choices]
    assert [(call.name, call.arguments) for call in calls] == [("stop", "{}")] * 2
    assert {choice.finish_reason for choice in completion.choices} == {"tool_calls"}


def test_model_of_ours_calls_a_tool(server: ModelServer) -> None:
    model = load_model(f"{server.url}#tiny")
    (call,) = model.complete(MESSAGES, tools=TOOLS, sampling=Sampling(seed=1, tool_choice="required")).tool_calls
    assert call.name in ("predict", "stop") and call.arguments == "{}"


# -- what cannot be done is refused ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        ("top_p", {"top_p": 0.5}),
        ("stop", {"stop": ["\n"]}),
        ("temperature", {"temperature": 3}),
        ("n", {"n": MOST_REPLIES + 1}),
        ("max_tokens", {"max_tokens": 0}),
        ("messages", {"messages": []}),
        ("messages", {"messages": [{"content": "whose?"}]}),
        ("response_format", {"response_format": {"type": "grammar"}}),
        ("tools", {"tools": [{"type": "function", "function": {}}]}),
        ("tools", {"tools": TOOLS, "response_format": FORM}),
        ("tool_choice", {"tools": TOOLS[:1], "tool_choice": STOP}),
    ],
)
def test_part_that_cannot_be_done_is_named(part: str, changes: dict[str, Any], sdk: Any) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        asked(sdk, **changes)
    assert caught.value.param == part
    assert f"`{part}" in str(caught.value)


def test_schema_beyond_masks_is_left_out_from_then_on(server: ModelServer) -> None:
    ahead: dict[str, Any] = {"type": "object", "properties": {"x": {"type": "string", "pattern": "(?=a)b"}}}
    model = load_model(f"{server.url}#tiny")
    with pytest.raises(CapabilityMissing, match=r"refuses replies held to a schema \(ranges\)"):
        model.complete(MESSAGES, schema=Schemas("ahead", ahead, ahead))
    assert model.capabilities.rung == "strict"


def test_prompt_beyond_the_context_is_told(server: ModelServer, sdk: Any) -> None:
    long = [{"role": "user", "content": "0.5 " * 8_000}]
    with pytest.raises(openai.BadRequestError) as caught:
        asked(sdk, messages=long)
    assert (caught.value.code, caught.value.param) == ("context_length_exceeded", "messages")
    with pytest.raises(ModelError, match=r"too long for the model: the prompt has \d+ tokens"):
        load_model(f"{server.url}#tiny").complete(long)


# -- a study -----------------------------------------------------------------------------------------


def run(function: Function, server: ModelServer, store: Store, *, trials: int) -> list[Trial]:
    """A study's trials; none of them waits less than the model needs."""
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text("latency_s = 3600.0\n")
    result = tune(
        lambda config: function.value(config),
        function.space,
        maximize="value",
        trials=trials,
        proposer="llm+gp",
        model=f"{server.url}#tiny",
        executor="inline",
        store=store,
        seed=0,
    )
    return list(result.trials)


@pytest.mark.parametrize(("function", "trials"), [(SMOOTH, 8), (BRANCHED, 5)], ids=["smooth", "branched"])
def test_every_candidate_of_a_study_is_legal_at_first_reading(
    function: Function, trials: int, server: ModelServer, store: Store
) -> None:
    finished = run(function, server, store, trials=trials)
    study = store.study().id
    exchanges = [exchange for _, exchange in store.exchanges(study)]
    offered = [entry for exchange in exchanges for entry in json.loads(exchange.reply or "")["candidates"]]
    assert [(exchange.verdict, exchange.why) for exchange in exchanges] == [("used", None)] * len(server.chats)
    assert [function.space.validate(entry["config"]) for entry in offered] == [entry["config"] for entry in offered]
    assert [candidate.config for candidate in store.candidates(study)] == [entry["config"] for entry in offered]
    assert [trial.state for trial in finished] == [TrialState.COMPLETE] * trials

    asked_for = [trial for trial in finished if trial.arm == "model"]
    predicted = [(entry["config"], entry["predicted"]) for entry in offered]
    assert asked_for
    assert all((trial.config, trial.proposal.predicted_mean) in predicted for trial in asked_for)
    assert {trial.proposal.prediction_source for trial in asked_for} == {"verbal"}


def test_reply_without_ranges_is_refused_and_told_why(served: Served, store: Store) -> None:
    def without_ranges(request: ChatRequest) -> Response:
        if "minimum" in json.dumps(schema_of(request)):
            return error(400, "'minimum' is not permitted", param="response_format")
        return served(request)

    question = Question(Prompt(tuple(map(dict, MESSAGES))), Space(x=Float(0.0, 1.0)), Goal("value", "maximize"), bool)
    with ModelServer(without_ranges) as server:
        sampling = Sampling(temperature=1.5, max_tokens=400)
        desk = Desk(load_model(f"{server.url}#tiny"), store=store, study_id=None, budget=Budget, sampling=sampling)
        for seed in range(20):  # a list without bounds comes empty, or is cut, at every second one
            answer = desk.ask(replace(question, seed=seed))
            told = str(server.chats[-1]["messages"][-1]["content"])
            if told != MESSAGES[-1]["content"]:
                break
    (_, kind, reason), *_ = answer.refused
    assert kind == "illegal" and "`x` must be a number from 0 to 1, but got" in reason
    assert reason in told
    assert answer.candidates == ()


# -- by hand -----------------------------------------------------------------------------------------


@pytest.mark.long
def test_tiny_model_can_be_served_by_hand() -> None:
    command = [sys.executable, "-m", "agenttune.testing.server", "--port", "0", "--local"]
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=one_thread
    ) as process:
        assert process.stdout is not None
        model = load_model(process.stdout.readline().split()[-1])
        reply = model.complete(MESSAGES, schema=SCHEMAS, sampling=Sampling(seed=1))
        process.kill()
    assert 0 <= json.loads(reply.text)["x"] <= 1
    assert reply.usage["prompt"] > 0


def test_folder_without_a_model_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--local", str(tmp_path)])
    assert "holds no model (no config.json)" in capsys.readouterr().err
