"""LangChain models of the user's: found, asked, held to limits, and their failures told; nothing goes to LangSmith."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel, GenericFakeChatModel
from langchain_core.language_models.fake_chat_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage

from agenttune.errors import CapabilityMissing, ModelError, RateLimited, UserError
from agenttune.models import Message, Model, Reply, Sampling, load_model
from agenttune.models.chat_model import AgentTuneChatModel
from agenttune.models.langchain import LangChainModel
from agenttune.models.prices import own_prices_path, price_of
from agenttune.settings import settings_path
from agenttune.testing.answers import SECRET, Phases, Response, completion, error, fault
from agenttune.testing.models import MESSAGES, SAMPLING, SCHEMAS, ModelConformance, ask
from agenttune.testing.server import ModelServer
from tests.models.sdk_chat import SdkChat
from tests.models.test_openai import READABLE, SLOW, VERDICTS

SPEC = "langchain:somebody:chat"
TOOLS: list[dict[str, Any]] = [
    {"type": "function", "function": {"name": "add", "description": "Adds.", "parameters": {"type": "object"}}}
]


def called(arguments: str, *, id: str = "c1") -> list[Any]:
    """A call of `add`, as servers send it."""
    return [{"id": id, "type": "function", "function": {"name": "add", "arguments": arguments}}]


CALLS = called('{"a": 1}')
HERE = {"no-max-tokens": "error", "refusal": "empty"}
"""Verdicts that differ: a request without any limit may cost anything; sdk_chat.py hides refusals."""


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current folder, for modules of the user's; forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def sdk(server: ModelServer) -> LangChainModel:
    return LangChainModel(SdkChat(url=server.url), spec=SPEC)


class TestFakeOfLangChain(ModelConformance):
    def make(self) -> Model:
        return LangChainModel(FakeListChatModel(responses=['{"x": 0.5}']), spec=SPEC)

    def make_unable(self) -> Model | None:
        return LangChainModel(GenericFakeChatModel(messages=iter([])), spec=SPEC)


class TestModelOverSdk(ModelConformance):
    @pytest.fixture(autouse=True)
    def _serve(self, server: ModelServer) -> None:
        self.server = server

    def make(self) -> Model:
        return LangChainModel(SdkChat(url=self.server.url, profile={"structured_output": True}), spec=SPEC)

    def make_unable(self) -> Model | None:
        self.server.stop()
        return self.make()


class TestOursWithinTheirs(TestModelOverSdk):
    def make(self) -> Model:
        return LangChainModel(AgentTuneChatModel(model=f"{self.server.url}#test"), spec=SPEC)


# -- the spelling ------------------------------------------------------------------------------------------

FAKE = "from langchain_core.language_models import FakeListChatModel\n"


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("chat = FakeListChatModel(responses=['hello'])", "chat"),
        ("def make():\n    return FakeListChatModel(responses=['hello'])", "make"),
        ("class Mine(FakeListChatModel):\n    responses: list[str] = ['hello']", "Mine"),
        ("class Models:\n    chat = FakeListChatModel(responses=['hello'])", "Models.chat"),
    ],
)
def test_module_of_the_current_folder_is_found(modules: Path, code: str, path: str) -> None:
    (modules / "my_chats.py").write_text(FAKE + code)
    model = load_model(f"langchain:my_chats:{path}")
    assert model.complete(MESSAGES).text == "hello"
    assert (model.spec, model.is_local) == (f"langchain:my_chats:{path}", False)


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("langchain:", "is spelled langchain:MODULE:OBJECT, but got 'langchain:'"),
        ("langchain:mine", "is spelled langchain:MODULE:OBJECT"),
        ("langchain:mine.py:chat:x", "is spelled langchain:MODULE:OBJECT"),
        (f"langchain:mine:{SECRET}", r"must hold no key, but got 'langchain:mine:\*\*\*'"),
        ("langchain:no_such_module:chat", r"there is no module 'no_such_module' in \S+ or on the Python path"),
        ("langchain:mine:chatt", r"mine\.py has no 'chatt'; look at the spelling"),
        ("langchain:mine:number", "is no chat model, but int: name a BaseChatModel"),
        ("langchain:mine:make", r"is no chat model, but a str that make\(\) made"),
        ("langchain:broken:chat", "importing 'broken' failed with ValueError: no luck"),
        ("langchain:leaving:chat", "importing 'leaving' failed with SystemExit: 3"),
        ("langchain:lacking:chat", "importing 'lacking' failed with ModuleNotFoundError: No module named 'vendor'"),
        ("langchain:mine:keyless", "langchain:mine:keyless failed: ValueError: no API key"),
    ],
)
def test_spelling_that_names_no_chat_model_is_refused(modules: Path, spec: str, sentence: str) -> None:
    keyless = "def keyless():\n    raise ValueError('no API key')\n"
    (modules / "mine.py").write_text(f"number = 3\ndef make():\n    return 'x'\n{keyless}")
    (modules / "broken.py").write_text("raise ValueError('no luck')")
    (modules / "leaving.py").write_text("import sys; sys.exit(3)")
    (modules / "lacking.py").write_text("import vendor")
    with pytest.raises(UserError, match=sentence) as caught:
        load_model(spec)
    assert "\n" not in str(caught.value)


def test_model_is_made_once(modules: Path) -> None:
    making = "made = []\ndef make():\n    made.append(1)\n    return FakeListChatModel(responses=['x'])"
    (modules / "counted.py").write_text(FAKE + making)
    for _ in range(3):
        load_model("langchain:counted:make")
    assert sys.modules["counted"].made == [1]


def test_what_a_module_prints_is_no_result(modules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (modules / "chatty.py").write_text(f"{FAKE}print('loading')\nchat = FakeListChatModel(responses=['x'])")
    load_model("langchain:chatty:chat")
    assert capsys.readouterr() == ("", "loading\n")


def test_price_is_unknown_until_the_person_names_it() -> None:
    assert price_of(SPEC, is_local=False) is None
    own_prices_path().parent.mkdir(parents=True, exist_ok=True)
    own_prices_path().write_text(f'["{SPEC}"]\nprompt = 1.0\ncompletion = 2.0\nas_of = 2026-11-26\n')
    price = price_of(SPEC, is_local=False)
    assert price is not None and price.completion == 2.0


# -- what is sent ------------------------------------------------------------------------------------------


def test_settings_that_the_model_declares_are_set_for_one_request(server: ModelServer) -> None:
    chat = SdkChat(url=server.url)
    LangChainModel(chat, spec=SPEC).complete(MESSAGES, sampling=SAMPLING)
    (sent,) = server.chats
    assert (sent["temperature"], sent["max_tokens"], sent["seed"]) == (0.7, 200, 1)
    assert (chat.temperature, chat.max_tokens, chat.seed) == (None, None, None)


def test_what_the_user_chose_stays_and_the_smaller_limit_holds(server: ModelServer) -> None:
    for limit in (50, 5_000):
        chat = SdkChat(url=server.url, temperature=0.0, seed=9, max_tokens=limit)
        LangChainModel(chat, spec=SPEC).complete(MESSAGES, sampling=SAMPLING)
    told = [(sent["temperature"], sent["seed"], sent["max_tokens"]) for sent in server.chats]
    assert told == [(0.0, 9, 50), (0.0, 9, 200)]


def test_model_that_counts_its_replies_goes_on_counting() -> None:
    model = LangChainModel(FakeListChatModel(responses=["one", "two"]), spec=SPEC)
    assert [model.complete(MESSAGES, sampling=SAMPLING).text for _ in range(2)] == ["one", "two"]


def test_schema_goes_only_to_a_model_that_says_it_keeps_them(server: ModelServer) -> None:
    says = SdkChat(url=server.url, profile={"structured_output": True})
    assert LangChainModel(says, spec=SPEC).complete(MESSAGES, schema=SCHEMAS).rung == "ranges"
    assert LangChainModel(SdkChat(url=server.url), spec=SPEC).complete(MESSAGES, schema=SCHEMAS).rung == "text"
    held, free = server.chats
    assert held["response_format"]["json_schema"]["schema"] == SCHEMAS.ranges
    assert "response_format" not in free


def test_refused_rungs_and_settings_are_left_out(server: ModelServer) -> None:
    server.responder = Phases((1, fault("no-ranges")), (1, fault("no-temperature")), (9, fault("no-ranges")))
    model = LangChainModel(SdkChat(url=server.url, profile={"structured_output": True}), spec=SPEC)
    assert ask(model, SCHEMAS).rung == "strict"
    assert model.capabilities.without == ("temperature",)
    assert "temperature" not in server.chats[-1]


def test_model_that_takes_no_response_format_is_asked_without() -> None:
    class Narrow(FakeListChatModel):
        def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Any:
            if kwargs:
                raise TypeError(f"create() got an unexpected keyword argument {next(iter(kwargs))!r}")
            return super()._generate(messages, stop, run_manager)

    model = LangChainModel(Narrow(responses=["{}"], profile={"structured_output": True}), spec=SPEC)
    assert ask(model, SCHEMAS).rung == "text"


def test_keys_are_taken_out_of_messages(sdk: LangChainModel, server: ModelServer) -> None:
    messages: list[Message] = [{"role": "user", "content": f"my key is {SECRET}"}]
    sdk.complete(messages)
    assert SECRET not in json.dumps(server.chats)


def test_conversation_with_tools_arrives(sdk: LangChainModel, server: ModelServer) -> None:
    result: Message = {"role": "tool", "tool_call_id": "c1", "content": "3"}
    sdk.complete([*MESSAGES, {"role": "assistant", "content": "", "tool_calls": CALLS}, result])
    asked, told = server.chats[0]["messages"][2:]
    assert json.loads(asked["tool_calls"][0]["function"]["arguments"]) == {"a": 1}
    assert (told["role"], told["tool_call_id"], told["content"]) == ("tool", "c1", "3")


# -- what comes back ---------------------------------------------------------------------------------------


def test_tokens_and_revision_are_told(sdk: LangChainModel) -> None:
    reply = sdk.complete(MESSAGES)
    assert reply.usage == {"prompt": 100, "completion": 4}
    assert reply.revision == "test-1"


def test_cached_and_reasoning_tokens_are_told() -> None:
    usage: Any = {
        "input_tokens": 10,
        "output_tokens": 8,
        "total_tokens": 18,
        "input_token_details": {"cache_read": 6},
        "output_token_details": {"reasoning": 5},
    }
    model = LangChainModel(
        FakeMessagesListChatModel(responses=[AIMessage(content="x", usage_metadata=usage)]), spec=SPEC
    )
    assert model.complete(MESSAGES).usage == {"prompt": 10, "completion": 8, "cached": 6, "reasoning": 5}


def test_blocks_of_text_are_one_text_and_thinking_is_none_of_it() -> None:
    blocks: Any = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    model = LangChainModel(FakeMessagesListChatModel(responses=[AIMessage(content=blocks)]), spec=SPEC)
    assert model.complete(MESSAGES).text == "ab"


def test_keys_are_taken_out_of_replies(sdk: LangChainModel, server: ModelServer) -> None:
    server.responder = lambda _: completion(f"key {SECRET}", tool_calls=called(SECRET))
    assert SECRET not in repr(sdk.complete(MESSAGES))
    model = LangChainModel(FakeMessagesListChatModel(responses=[AIMessage(content=f"key {SECRET}")]), spec=SPEC)
    assert SECRET not in repr(list(model.stream(MESSAGES)))


def test_tool_calls_come_back_as_the_model_wrote_them(sdk: LangChainModel, server: ModelServer) -> None:
    server.responder = lambda _: completion(None, tool_calls=[*CALLS, *called("{a: 1", id="c2")])
    reply = sdk.complete(MESSAGES, tools=TOOLS, sampling=Sampling(tool_choice="required"))
    assert [(call.id, call.name, call.arguments) for call in reply.tool_calls] == [
        ("c1", "add", '{"a": 1}'),
        ("c2", "add", "{a: 1"),
    ]
    assert (server.chats[0]["tools"], server.chats[0]["tool_choice"]) == (TOOLS, "any")
    assert sdk.capabilities.tools is True


def test_model_without_tools_is_asked_without_them() -> None:
    model = LangChainModel(FakeListChatModel(responses=["x"]), spec=SPEC)
    with pytest.raises(CapabilityMissing, match="refuses `tools`; left out from now on"):
        model.complete(MESSAGES, tools=TOOLS)
    assert model.complete(MESSAGES, tools=TOOLS).text == "x"
    assert model.capabilities.tools is False


def test_text_streams_in_pieces() -> None:
    model = LangChainModel(GenericFakeChatModel(messages=iter([AIMessage(content="one two")])), spec=SPEC)
    *pieces, reply = model.stream(MESSAGES)
    assert pieces == ["one", " ", "two"]
    assert isinstance(reply, Reply) and reply.text == "one two"
    assert model.capabilities.streaming is True


@pytest.mark.parametrize(
    "told", [{"finish_reason": "MAX_TOKENS"}, {"stop_reason": "max_tokens"}, {"done_reason": "length"}]
)
def test_reply_that_was_cut_says_so(told: dict[str, str]) -> None:
    message = AIMessage(content='{"x": 0.', response_metadata=told)
    with pytest.raises(ModelError) as caught:
        LangChainModel(FakeMessagesListChatModel(responses=[message]), spec=SPEC).complete(MESSAGES)
    assert (caught.value.verdict, caught.value.text) == ("cut", '{"x": 0.')


@pytest.mark.parametrize(
    ("own", "way"), [(50, "raise `max_tokens` of langchain:somebody:chat"), (None, r"in settings\.toml")]
)
def test_cut_reply_names_the_limit_that_holds(own: int | None, way: str, server: ModelServer) -> None:
    server.responder = fault("length")
    with pytest.raises(ModelError, match=way):
        LangChainModel(SdkChat(url=server.url, max_tokens=own), spec=SPEC).complete(MESSAGES, sampling=SAMPLING)


# -- failures ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(set(VERDICTS) - SLOW))
def test_fault_of_the_server_has_its_verdict(name: str, server: ModelServer) -> None:
    server.responder = fault(name)
    chat = SdkChat(url=server.url, profile={"structured_output": True})
    with pytest.raises(ModelError) as caught:
        LangChainModel(chat, spec=SPEC).complete(MESSAGES, schema=SCHEMAS, sampling=SAMPLING)
    assert (caught.value.verdict, len(server.chats)) == (HERE.get(name, VERDICTS[name]), 1)
    told = "".join(traceback.format_exception(caught.value))
    assert SECRET not in told and "openai." not in told
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", sorted(READABLE))
def test_fault_of_the_model_is_a_reply(name: str, sdk: LangChainModel, server: ModelServer) -> None:
    server.responder = fault(name)
    reply = sdk.complete(MESSAGES)
    assert reply.text or reply.tool_calls
    assert SECRET not in repr(reply)


@pytest.mark.parametrize("name", sorted(SLOW))
def test_slow_server_is_given_up(name: str, sdk: LangChainModel, server: ModelServer) -> None:
    server.responder = fault(name)
    with pytest.raises(ModelError) as caught:
        sdk.complete(MESSAGES, sampling=Sampling(timeout_s=0.3))
    assert caught.value.verdict == "timeout"


def test_busy_server_tells_how_long_to_wait(sdk: LangChainModel, server: ModelServer) -> None:
    server.responder = lambda _: error(429, "slow down", headers={"Retry-After": "7"})
    with pytest.raises(RateLimited) as caught:
        sdk.complete(MESSAGES)
    assert caught.value.retry_after_s == 7.0


@pytest.mark.parametrize("how", ["complete", "stream"])
def test_model_that_never_answers_is_given_up(how: str) -> None:
    is_over = threading.Event()

    class Silent(FakeListChatModel):
        def _call(self, *args: Any, **kwargs: Any) -> str:
            is_over.wait(30)
            return "late"

        def _stream(self, *args: Any, **kwargs: Any) -> Any:
            is_over.wait(30)
            yield from super()._stream(*args, **kwargs)

    model = LangChainModel(Silent(responses=["late"]), spec=SPEC)
    with pytest.raises(ModelError, match=f"{SPEC} did not answer within 0.1 s") as caught:
        list(getattr(model, how)(MESSAGES, sampling=Sampling(timeout_s=0.1)))
    is_over.set()
    assert caught.value.verdict == "timeout"


def test_model_that_returns_no_message_is_told() -> None:
    class Odd(FakeListChatModel):
        def invoke(self, *args: Any, **kwargs: Any) -> Any:
            return "text"

    with pytest.raises(ModelError, match="returned str instead of a message"):
        LangChainModel(Odd(responses=["x"]), spec=SPEC).complete(MESSAGES)


# -- tracing -----------------------------------------------------------------------------------------------


@contextmanager
def sink() -> Iterator[tuple[str, list[bytes]]]:
    """(address, bodies received) of a server in LangSmith's place."""
    received: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            received.append(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"-")
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = do_POST = do_PATCH = _take  # noqa: N815  # names of http.server's

        def log_message(self, *args: object) -> None:
            """Says nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{http.server_address[1]}", received
    finally:
        http.shutdown()
        http.server_close()


ASKING = """
from langchain_core.language_models import FakeListChatModel
from langchain_core.tracers.langchain import wait_for_all_tracers
from agenttune.models.langchain import LangChainModel

model = LangChainModel(FakeListChatModel(responses=["x"]), spec="langchain:a:b")
prompt = [{"role": "user", "content": "a private prompt"}]
model.complete(prompt)
list(model.stream(prompt))
wait_for_all_tracers()
"""


@pytest.mark.parametrize("is_allowed", [False, True])
def test_prompts_reach_langsmith_only_where_the_settings_allow_it(
    is_allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text("langsmith_tracing = true\n" if is_allowed else "")
    with sink() as (address, received):
        for name, value in (("TRACING", "true"), ("API_KEY", "none"), ("ENDPOINT", address)):
            monkeypatch.setenv(f"LANGSMITH_{name}", value)
        monkeypatch.setenv("LANGCHAIN_TRACING_V2", "true")
        monkeypatch.setenv("LANGSMITH_RUN_COMPRESSION", "false")
        monkeypatch.setenv("LANGSMITH_DISABLE_RUN_COMPRESSION", "true")
        subprocess.run([sys.executable, "-c", ASKING], check=True, capture_output=True, timeout=60)
    assert bool(received) is is_allowed
    assert any(b"a private prompt" in body for body in received) is is_allowed


def test_vendor_that_says_no_in_words_of_its_own(server: ModelServer, sdk: LangChainModel) -> None:
    server.responder = lambda _: Response({"detail": "the seed parameter is not supported: 'seed'"}, 422)
    with pytest.raises(CapabilityMissing, match="refuses `seed`"):
        sdk.complete(MESSAGES, sampling=SAMPLING)
