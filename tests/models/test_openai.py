"""Every fault of a server, through the real SDK over real HTTP, ends in the error that says what it was."""

from __future__ import annotations

import logging
import ssl
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from agenttune.errors import CapabilityMissing, ModelError, RateLimited
from agenttune.models import Model, Reply, Sampling, load_model
from agenttune.models.address import Address
from agenttune.models.openai import MOST_BYTES, OpenAIModel
from agenttune.settings import settings_path
from agenttune.testing.answers import (
    FAULTS,
    SECRET,
    ChatRequest,
    Drawn,
    Phases,
    Response,
    completion,
    error,
    fault,
    refusing,
)
from agenttune.testing.models import MESSAGES, SAMPLING, SCHEMAS, ModelConformance, ask
from agenttune.testing.planted import Planted
from agenttune.testing.server import ModelServer

CERTIFICATE = Path(__file__).with_name("localhost.pem")
"""Of localhost, signed by itself, with its key, which protects nothing."""
SHORT_S = 0.3
SLOW = {"silent", "trickle"}
IMPATIENT = Sampling(timeout_s=SHORT_S)
VERDICTS = {
    "401": "unauthorised",
    "403": "unauthorised",
    "404": "error",
    "429": "rate-limited",
    "500": "error",
    "503": "rate-limited",
    "quota": "no-quota",
    "too-long": "error",
    "error-in-200": "error",
    "redirect": "error",
    "html": "error",
    "not-json": "error",
    "no-choices": "error",
    "null-choices": "error",
    "strange-choices": "error",
    "empty": "empty",
    "thinking": "empty",
    "length": "cut",
    "broken-off": "unreachable",
    "refusal": "refused",
    "filtered": "refused",
    "reset": "unreachable",
    "silent": "timeout",
    "trickle": "timeout",
    "no-temperature": "unsupported",
    "no-max-tokens": "unsupported",
    "no-ranges": "unsupported",
    "no-schema": "unsupported",
    "no-response-format": "unsupported",
}
READABLE = {"cut-json", "nan", "prose", "refusal-in-words", "wrong-tool", "injection", "garbage"}
"""Faults of the model, not of the server: the decoder's business."""


class TestOpenAIModel(ModelConformance):
    @pytest.fixture(autouse=True)
    def _serve(self, server: ModelServer) -> None:
        self.server = server

    def make(self) -> Model:
        return load_model(f"{self.server.url}#test")

    def make_unable(self) -> Model | None:
        self.server.stop()
        return load_model(f"{self.server.url}#test")


class TestMeasuringServer(TestOpenAIModel):
    """Draws several replies, and is asked for token probabilities, which it tells."""

    @pytest.fixture(autouse=True)
    def _measure(self, server: ModelServer) -> None:
        ask_for_logprobs()
        server.responder = Planted([({"x": 0.5}, 0.853, 0.003)])


class TestPickyServer(TestOpenAIModel):
    """Refuses one part of a request after the other, as the first ever asked of it."""

    @pytest.fixture(autouse=True)
    def _refuse(self, server: ModelServer) -> None:
        ask_for_logprobs()

        def picky(request: ChatRequest) -> Response:
            refused = refusing("n")(request) or refusing("logprobs")(request)
            if refused is not None:
                return refused
            for name in ("no-temperature", "no-max-tokens", "no-ranges", "no-schema", "no-response-format"):
                answer = FAULTS[name](request, Drawn())
                if answer.status != 200:
                    return answer
            return completion('{"x": 0.5}')

        server.responder = picky


@pytest.fixture
def tls_port() -> Iterator[int]:
    """Of a server on localhost that signed its certificate itself, and answers 501."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with HTTPServer(("localhost", 0), BaseHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def ask_for_logprobs() -> None:
    """In the settings of this test."""
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text("logprobs = true\n")


def complete(model: Model, sampling: Sampling = SAMPLING) -> Reply:
    return model.complete(MESSAGES, schema=SCHEMAS, sampling=sampling)


def test_every_fault_is_listed() -> None:
    assert set(FAULTS) == {*VERDICTS, *READABLE}


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_fault_ends_in_its_verdict_after_one_request(name: str, server: ModelServer, model: OpenAIModel) -> None:
    server.responder = fault(name)
    with pytest.raises(ModelError) as caught:
        complete(model, Sampling(temperature=1.0, timeout_s=SHORT_S if name in SLOW else 30.0))
    assert caught.value.verdict == VERDICTS[name]
    assert isinstance(caught.value, CapabilityMissing) == (VERDICTS[name] == "unsupported")
    assert isinstance(caught.value, RateLimited) == (VERDICTS[name] == "rate-limited")
    assert len(server.requests) == 1


@pytest.mark.parametrize("name", sorted(READABLE))
def test_words_of_a_bad_reply_are_handed_on(name: str, server: ModelServer, model: OpenAIModel) -> None:
    server.responder = fault(name)
    reply = complete(model)
    assert bool(reply.text) or bool(reply.tool_calls)


@pytest.mark.parametrize("name", sorted(set(VERDICTS) - {"no-ranges", "no-schema", "no-response-format"}))
def test_fault_within_a_stream_has_its_verdict_too(name: str, server: ModelServer, model: OpenAIModel) -> None:
    server.responder = fault(name)
    with pytest.raises(ModelError) as caught:
        list(model.stream(MESSAGES, sampling=Sampling(temperature=1.0, timeout_s=SHORT_S if name in SLOW else 30.0)))
    assert caught.value.verdict == ("cut" if name == "broken-off" else VERDICTS[name])
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "slow",
    [Response(never=True), replace(completion("a long reply " * 500), trickle_s=0.05)],
    ids=["silent", "trickle"],
)
def test_abandoned_request_is_broken_off(slow: Response, server: ModelServer, model: OpenAIModel) -> None:
    server.responder = lambda _: slow
    with pytest.raises(ModelError):
        complete(model, IMPATIENT)
    assert server.client_left.wait(20)


@pytest.mark.parametrize("status", [200, 500])
def test_answer_without_end_is_not_read_to_its_end(status: int, server: ModelServer, model: OpenAIModel) -> None:
    server.responder = lambda _: Response("a" * (2 * MOST_BYTES), status)
    with pytest.raises(ModelError, match="more than 16 MB") as caught:
        complete(model)
    assert caught.value.verdict == "error"
    assert server.client_left.wait(20)


def test_stream_of_a_line_without_end_is_not_read_to_its_end(server: ModelServer, model: OpenAIModel) -> None:
    server.responder = lambda _: Response("data: " + "a" * (2 * MOST_BYTES))
    with pytest.raises(ModelError, match="more than 16 MB"):
        list(model.stream(MESSAGES, sampling=SAMPLING))


def test_replies_are_drawn_as_often_as_asked_for(server: ModelServer, model: OpenAIModel) -> None:
    reply = complete(model, replace(SAMPLING, n=4))
    assert len({reply.text, *(sample.text for sample in reply.others)}) == 4
    assert server.chats[0]["n"] == 4


def test_one_reply_is_asked_for_without_a_word(server: ModelServer, model: OpenAIModel) -> None:
    assert complete(model).others == ()
    assert "n" not in server.chats[0]


def test_server_that_ignores_how_many_are_wanted_is_told_once(server: ModelServer, model: OpenAIModel) -> None:
    server.responder = lambda _: completion('{"x": 0.5}')
    for _ in range(2):
        assert complete(model, replace(SAMPLING, n=4)).others == ()
    assert [chat.get("n") for chat in server.chats] == [4, None]
    assert model.capabilities.without == ("n",)


def test_unusable_ones_of_several_replies_are_left_out(server: ModelServer, model: OpenAIModel) -> None:
    server.responder = lambda _: completion("cut off", finish="length", others=["", "whole", "too many"])
    reply = complete(model, replace(SAMPLING, n=3))
    assert (reply.text, reply.others) == ("whole", ())
    server.responder = lambda _: completion("cut off", finish="length", others=["", ""])
    with pytest.raises(ModelError) as caught:
        complete(model, replace(SAMPLING, n=3))
    assert (caught.value.verdict, caught.value.text) == ("cut", "cut off")


def test_retry_after_is_told(server: ModelServer, model: OpenAIModel) -> None:
    server.responder = lambda _: error(429, "slow down", headers={"Retry-After": "7"})
    with pytest.raises(RateLimited) as caught:
        complete(model)
    assert caught.value.retry_after_s == 7


@pytest.mark.parametrize("value", ["Wed, 21 Oct 2026 07:28:00 GMT", "nan", "-1", "1e99", ""])
def test_strange_retry_after_is_no_wait(value: str, server: ModelServer, model: OpenAIModel) -> None:
    server.responder = lambda _: error(429, "slow down", headers={"Retry-After": value})
    with pytest.raises(RateLimited) as caught:
        complete(model)
    assert caught.value.retry_after_s is None


def test_connection_refused_says_so(server: ModelServer, model: OpenAIModel) -> None:
    server.stop()
    with pytest.raises(ModelError, match=r"cannot be reached: .*refused") as caught:
        complete(model)
    assert caught.value.verdict == "unreachable"


def test_what_is_sent_is_safe_for_every_server(server: ModelServer, model: OpenAIModel) -> None:
    model.complete(MESSAGES, sampling=Sampling(max_tokens=7))
    assert server.chats == [{"model": "test", "messages": MESSAGES, "stream": False, "max_tokens": 7}]


def test_hints_and_schema_are_sent_while_nobody_refuses(server: ModelServer, model: OpenAIModel) -> None:
    complete(model)
    (sent,) = server.chats
    assert (sent["temperature"], sent["seed"]) == (0.7, 1)
    assert sent["response_format"]["json_schema"]["schema"] == SCHEMAS.ranges


def test_ladder_is_climbed_down_a_rung_at_a_time(server: ModelServer, model: OpenAIModel) -> None:
    server.responder = fault("no-response-format")
    rungs = []
    for _ in range(3):
        with pytest.raises(CapabilityMissing):
            complete(model)
        rungs.append(model.capabilities.rung)
    assert rungs == ["strict", "object", "text"]
    assert complete(model).rung == "text"
    assert [sent.get("response_format", {}).get("type") for sent in server.chats] == [
        "json_schema",
        "json_schema",
        "json_object",
        None,
    ]


def test_refused_parameter_is_left_out_from_then_on(server: ModelServer, model: OpenAIModel) -> None:
    server.responder = fault("no-temperature")
    with pytest.raises(CapabilityMissing, match="`temperature`"):
        complete(model)
    complete(model)
    assert ["temperature" in sent for sent in server.chats] == [True, False]


def test_the_other_spelling_of_the_limit_is_tried(server: ModelServer, model: OpenAIModel) -> None:
    server.responder = fault("no-max-tokens")
    with pytest.raises(CapabilityMissing):
        complete(model)
    complete(model)
    assert "max_tokens" not in server.chats[1]
    assert server.chats[1]["max_completion_tokens"] == SAMPLING.max_tokens


def test_no_request_goes_without_a_limit(server: ModelServer, model: OpenAIModel) -> None:
    def refuse_any_limit(request: object) -> Response:
        name = "max_tokens" if "max_tokens" in dict(request) else "max_completion_tokens"  # type: ignore[call-overload]
        return error(400, f"Unsupported parameter: '{name}'", param=name)

    server.responder = refuse_any_limit
    with pytest.raises(CapabilityMissing):
        complete(model)
    for _ in range(2):
        with pytest.raises(ModelError) as caught:
            complete(model)
        assert caught.value.verdict == "error"
    assert all({"max_tokens", "max_completion_tokens"} & sent.keys() for sent in server.chats)


def test_limit_that_is_too_large_is_not_dropped(server: ModelServer, model: OpenAIModel) -> None:
    server.responder = lambda _: error(400, "max_tokens is too large: 200. At most 100.", param="max_tokens")
    with pytest.raises(ModelError) as caught:
        complete(model)
    assert caught.value.verdict == "error"
    assert model.capabilities.without == ()


def test_what_was_learned_is_known_to_the_next_process(server: ModelServer, model: OpenAIModel) -> None:
    server.responder = Phases((1, fault("no-temperature")), (1, fault("no-ranges")), (None, Drawn()))
    for _ in range(2):
        with pytest.raises(CapabilityMissing):
            complete(model)
    fresh = load_model(model.spec)
    assert (fresh.capabilities.rung, fresh.capabilities.without) == ("strict", ("temperature",))
    assert load_model(f"{server.url}#another").capabilities.rung == "ranges"


def test_tool_calls_are_handed_on_unread(server: ModelServer, model: OpenAIModel) -> None:
    server.responder = fault("wrong-tool")
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    reply = model.complete(MESSAGES, tools=[tool])  # type: ignore[list-item]  # nested JSON
    assert [(call.name, call.arguments) for call in reply.tool_calls] == [("format_disk", "{not json")]
    assert server.chats[0]["tools"] == [tool]
    assert model.capabilities.tools


def test_streamed_tool_calls_are_put_together(server: ModelServer, model: OpenAIModel) -> None:
    server.responder = fault("wrong-tool")
    (reply,) = model.stream(MESSAGES)
    assert isinstance(reply, Reply)
    assert [(call.id, call.name) for call in reply.tool_calls] == [("call_1", "format_disk")]


def test_stream_yields_before_the_end(server: ModelServer, model: OpenAIModel) -> None:
    server.responder = lambda _: completion("a long reply " * 10)
    pieces = list(model.stream(MESSAGES))
    assert len(pieces) > 5
    assert isinstance(pieces[-1], Reply)
    assert pieces[-1].usage["prompt"] == 100


def test_stream_that_is_left_is_broken_off(server: ModelServer, model: OpenAIModel) -> None:
    server.responder = lambda _: replace(completion("a long reply " * 500), trickle_s=0.01)
    pieces = model.stream(MESSAGES)
    assert next(pieces)
    del pieces
    assert server.client_left.wait(20)


def test_server_that_cannot_stream_is_asked_plainly(server: ModelServer, model: OpenAIModel) -> None:
    server.responder = lambda request: (
        error(400, "Unsupported parameter: 'stream'", param="stream") if request["stream"] else completion("whole")
    )
    with pytest.raises(CapabilityMissing):
        list(model.stream(MESSAGES))
    assert next(model.stream(MESSAGES)) == "whole"
    assert server.chats[-1]["stream"] is False
    assert model.capabilities.streaming is False


def test_usage_and_cost_are_what_the_server_says(server: ModelServer, model: OpenAIModel) -> None:
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 8},
        "completion_tokens_details": {"reasoning_tokens": 3},
        "cost": 0.25,
    }
    server.responder = lambda _: completion("yes", usage=usage)
    reply = complete(model)
    assert reply.usage == {"prompt": 10, "completion": 5, "cached": 8, "reasoning": 3}
    assert (reply.dollars, reply.revision) == (0.25, "test-1")


def test_tokens_of_a_useless_reply_are_told(server: ModelServer, model: OpenAIModel) -> None:
    server.responder = fault("thinking")
    with pytest.raises(ModelError, match="50 tokens on thinking") as caught:
        complete(model)
    assert caught.value.usage["reasoning"] == 50


def test_cut_reply_is_told_with_what_came(server: ModelServer, model: OpenAIModel) -> None:
    server.responder = fault("length")
    with pytest.raises(ModelError) as caught:
        complete(model)
    assert caught.value.text is not None
    assert caught.value.text.startswith('{"x": ')


def test_many_threads_share_one_model(server: ModelServer, model: OpenAIModel) -> None:
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _: complete(model).text, range(32)))
    assert len(set(replies)) == 32
    assert len(server.requests) == 32


def test_threads_that_learn_the_same_go_down_one_rung(server: ModelServer, model: OpenAIModel) -> None:
    server.responder = fault("no-ranges")
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: ask(model, SCHEMAS), range(8)))
    assert {reply.rung for reply in replies} == {"strict"}


KEY = "sk-used1234567890abcdefgh"
OTHER = "an other secret of mine"


@pytest.fixture
def _planted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTTUNE_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}-openai")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"X-Extra: {KEY}-extra\nAuthorization: Bearer {KEY}-custom")
    monkeypatch.setenv("SOME_PASSWORD", OTHER)


def everything_said(error_: BaseException) -> Iterator[str]:
    """All that a handler could show of an exception, and of those it hides."""
    yield "".join(traceback.format_exception(error_))
    seen: BaseException | None = error_
    while seen is not None:
        yield f"{seen!r} {vars(seen)}"
        seen = seen.__cause__ or seen.__context__


@pytest.mark.parametrize("name", sorted({*VERDICTS, *READABLE} - {"trickle"}))
@pytest.mark.usefixtures("_planted")
def test_keys_are_in_no_error_reply_or_log(name: str, server: ModelServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.responder = fault(name)
    model = load_model(f"{server.url}#test")
    said = [repr(model), repr(model.capabilities)]
    try:
        said.append(repr(model.complete([{"role": "user", "content": f"{KEY} {OTHER}"}], sampling=IMPATIENT)))
    except ModelError as told:
        said += everything_said(told)
    said += [record.getMessage() for record in caplog.records] + [caplog.text]
    assert not [text for text in said if KEY in text or OTHER in text or SECRET in text]
    assert all(OTHER not in str(sent) and KEY not in str(sent) for sent in server.chats)


@pytest.mark.usefixtures("_planted")
def test_a_server_gets_its_own_key_and_nothing_of_openai(server: ModelServer) -> None:
    complete(load_model(f"{server.url}#test"))
    headers = server.requests[0].headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert not [value for name, value in headers.items() if KEY in value and name != "authorization"]
    assert not [name for name in headers if name.startswith("openai-")]


def posing_as(host: str, server: ModelServer) -> OpenAIModel:
    """A model that is asked as that host is, and answered by the test's server."""
    return OpenAIModel(Address(f"https://{host}/v1#test", server.url, "test", host, True))


def test_openai_gets_the_spelling_of_the_limit_that_it_takes(server: ModelServer) -> None:
    posing_as("api.openai.com", server).complete(MESSAGES, sampling=Sampling(max_tokens=7))
    assert server.chats == [{"model": "test", "messages": MESSAGES, "stream": False, "max_completion_tokens": 7}]


def test_router_is_held_to_providers_that_know_every_parameter(server: ModelServer) -> None:
    posing_as("openrouter.ai", server).complete(MESSAGES)
    assert server.chats[0]["provider"] == {"require_parameters": True}
    assert server.chats[0]["usage"] == {"include": True}


@pytest.mark.usefixtures("_planted")
def test_address_of_openai_is_its_own_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://example.org/v1")
    with OpenAIModel.from_spec("openai:gpt-5")._client(1.0) as client:
        assert str(client.base_url) == "https://api.openai.com/v1/"


def test_local_server_needs_no_key(server: ModelServer, model: OpenAIModel) -> None:
    complete(model)
    assert server.requests[0].headers["authorization"] == "Bearer none"


def test_openai_needs_a_key_and_says_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match=r"set OPENAI_API_KEY, or .*keyring set agenttune api.openai.com"):
        load_model("openai:gpt-5.6")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert not load_model("openai:gpt-5.6").is_local


def test_key_with_a_blank_is_told_without_showing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-one two")
    with pytest.raises(ModelError, match="OPENAI_API_KEY holds a blank") as caught:
        load_model("openai:gpt-5.6")
    assert "sk-one" not in str(caught.value)


def test_proxy_of_the_environment_is_not_asked_for_a_local_server(
    monkeypatch: pytest.MonkeyPatch, server: ModelServer, model: OpenAIModel
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert complete(model).text


@pytest.mark.parametrize(
    ("name", "value"),
    [("HTTPS_PROXY", "foo://bar"), ("HTTPS_PROXY", "http://[::1"), ("SSL_CERT_FILE", "/nowhere.pem")],
)
def test_unusable_proxy_or_certificate_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ModelError, match=rf"cannot be used .*; see to .*\b{name}\b") as caught:
        complete(load_model("https://model.example/v1#m"))
    assert caught.value.verdict == "unreachable"


def test_local_server_with_a_certificate_of_its_own_is_trusted_when_told(
    monkeypatch: pytest.MonkeyPatch, tls_port: int
) -> None:
    model = load_model(f"https://localhost:{tls_port}/v1#m")
    with pytest.raises(ModelError, match=r"CERTIFICATE_VERIFY_FAILED.*; to trust .* set SSL_CERT_FILE to it"):
        complete(model)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with pytest.raises(ModelError, match=r"answered with an error \(501\)"):  # so it was let in
        complete(model)


def test_deadline_counts_the_whole_call(server: ModelServer, model: OpenAIModel) -> None:
    server.responder = lambda _: replace(completion("a long reply " * 500), trickle_s=0.05)
    started = time.monotonic()
    with pytest.raises(ModelError):
        complete(model, IMPATIENT)
    assert time.monotonic() - started < 15  # all of it takes more than 30 s, with no pause longer than the timeout
