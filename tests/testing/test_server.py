"""The test server speaks the protocol, commits every fault it promises, and can be rehearsed with."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Space
from agenttune.testing.answers import FAULTS, Drawn, Phases, Response, completion, fault
from agenttune.testing.server import ModelServer, main, script

SPACE = Space(
    rate=Float(1e-5, 1e-1, log=True),
    share=Float(0.0, 1.0, step=0.25),
    depth=Int(2, 9, step=2),
    size=Ordinal([16, 32, 64]),
    kernel=Categorical({"rbf": None, "poly": Space(degree=Int(2, 5))}),
    bias=Bool(),
    folds=Constant(5),
)


def body_for(schema: object = None, **fields: object) -> dict[str, Any]:
    body: dict[str, Any] = {"model": "test", "messages": [{"role": "user", "content": "hello"}], **fields}
    if schema is not None:
        body["response_format"] = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    return body


def post(server: ModelServer, body: dict[str, Any]) -> str:
    request = urllib.request.Request(
        f"{server.url}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        text = answer.read().decode()
    assert isinstance(text, str)
    return text


def text_of(answer: str) -> str:
    text = json.loads(answer)["choices"][0]["message"]["content"]
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize("ranges", [True, False])
def test_plain_start_answers_valid_configurations(ranges: bool) -> None:
    schema = {"type": "object", "properties": {"config": SPACE.json_schema(ranges=ranges)}}
    with ModelServer() as server:
        configs = [json.loads(text_of(post(server, body_for(schema, seed=at))))["config"] for at in range(30)]
    assert [SPACE.validate(config) for config in configs]
    assert len({json.dumps(config) for config in configs}) > 20


def test_predictions_lie_within_their_intervals() -> None:
    number = {"type": "number"}
    schema = {"type": "object", "properties": {"low": number, "predicted": number, "high": number}}
    drawn = json.loads(text_of(json.dumps(Drawn()(body_for(schema)).body)))
    assert drawn["low"] <= drawn["predicted"] <= drawn["high"]


def test_same_seed_gives_the_same_replies_in_any_order() -> None:
    bodies = [body_for({"type": "number"}, seed=at) for at in range(8)]
    with ModelServer(Drawn(3)) as server, ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda body: post(server, body), bodies))
    again = Drawn(3)
    assert together == [json.dumps(again(body).body) for body in reversed(bodies)][::-1]


def test_an_equal_request_gets_another_reply() -> None:
    drawn = Drawn()
    assert drawn(body_for({"type": "number"})) != drawn(body_for({"type": "number"}))


def test_requests_are_kept_with_headers_and_body() -> None:
    with ModelServer() as server:
        post(server, body_for(temperature=0.5))
    (received,) = server.requests
    assert received.path == "/v1/chat/completions"
    assert received.headers["content-type"] == "application/json"
    assert server.chats[0]["temperature"] == 0.5


def test_stream_spells_the_same_text() -> None:
    with ModelServer(lambda _: completion("one two three four five")) as server:
        lines = post(server, body_for(stream=True)).split("\n\n")
    events = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]
    deltas = [choice["delta"].get("content", "") for event in events for choice in event["choices"]]
    assert "".join(deltas) == "one two three four five"
    assert lines[-2:] == ["data: [DONE]", ""]
    assert events[-1]["usage"]["prompt_tokens"] == 100


def test_models_are_listed() -> None:
    with ModelServer() as server, urllib.request.urlopen(f"{server.url}/models", timeout=20) as answer:
        assert json.load(answer)["data"][0]["id"] == "test"


def test_stopped_server_refuses_and_comes_back_at_the_same_address() -> None:
    server = ModelServer()
    server.start()
    url = server.url
    server.stop()
    with pytest.raises(urllib.error.URLError, match="refused"):
        post(server, body_for())
    with server:
        assert server.url == url
        assert text_of(post(server, body_for()))


def test_stopping_does_not_wait_for_a_silent_reply() -> None:
    server = ModelServer(fault("silent"))
    with server, ThreadPoolExecutor(1) as pool:
        pending = pool.submit(post, server, body_for())
        while not server.requests:
            pass
        server.stop()
        assert pending.exception(timeout=20) is not None


def test_phases_follow_each_other() -> None:
    responder = Phases((2, lambda _: Response("a")), (1, lambda _: Response("b")), (None, lambda _: Response("c")))
    assert [responder({}).body for _ in range(5)] == ["a", "a", "b", "c", "c"]


def test_script_answers_in_turn_and_its_last_entry_for_ever() -> None:
    responder = script('["404", {"text": "hi", "times": 2}, "ok"]')
    answers = [responder(body_for()) for _ in range(5)]
    assert [answer.status for answer in answers] == [404, 200, 200, 200, 200]
    assert ["hi" in json.dumps(answer.body) for answer in answers] == [False, True, True, False, False]


@pytest.mark.parametrize(
    ("text", "said"), [("{}", "a JSON list"), ('["nope"]', "no fault is called 'nope'"), ("[3]", "3")]
)
def test_script_with_a_mistake_is_told(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "script.json"
    path.write_text(text)
    with pytest.raises(SystemExit) as caught:
        main(["--script", str(path)])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with ModelServer() as server, pytest.raises(SystemExit):
        main(["--port", server.url.rsplit(":", 1)[1].removesuffix("/v1")])
    assert "--port 0 takes a free one" in capsys.readouterr().err


def test_server_can_be_started_by_hand() -> None:
    command = [sys.executable, "-m", "agenttune.testing.server", "--port", "0", "--fault", "prose"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        spelling = process.stdout.readline().split()[-1]
        server = ModelServer(port=int(spelling.removesuffix("/v1#test").rsplit(":", 1)[1]))
        assert "learning rate" in text_of(post(server, body_for()))
        process.kill()


def raw(server: ModelServer) -> bytes:
    """Everything the server sends to one request, at the level of bytes."""
    content = json.dumps(body_for({"type": "number"}, temperature=1, max_tokens=9)).encode()
    host, port = server.url.removeprefix("http://").removesuffix("/v1").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        head = f"POST /v1/chat/completions HTTP/1.0\r\nContent-Length: {len(content)}\r\n\r\n"
        connection.sendall(head.encode() + content)
        received = b""
        while piece := connection.recv(4096):
            received += piece
    return received


@pytest.mark.parametrize("name", sorted(set(FAULTS) - {"silent", "reset"}))
def test_every_fault_is_one_http_response(name: str) -> None:
    with ModelServer(fault(name)) as server:
        head, _, body = raw(server).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 ")
    assert (len(body) == int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])) == (name != "broken-off")


def test_reset_connection_is_no_orderly_end() -> None:
    with ModelServer(fault("reset")) as server, pytest.raises(ConnectionResetError):
        raw(server)
