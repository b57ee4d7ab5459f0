"""`agenttune chat` and `agenttune ask`: lines in, answers out, and what they end with."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agenttune.spec import StudyRow
from agenttune.store import Store
from agenttune.testing.answers import ChatRequest, Response, completion
from agenttune.testing.server import ModelServer
from agenttune.testing.store import make_spec
from agenttune.types import Json
from tests.tui.code_study import grown
from tests.tui.workshop import IdleEngine, Workshop

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]


class Conversing:
    """Calls the tools it is given one after the other, one a request; then says that it is done."""

    def __init__(self, *calls: tuple[str, dict[str, Any]]) -> None:
        self._calls = list(calls)

    def __call__(self, request: ChatRequest) -> Response:
        """The next call, or words."""
        if not self._calls:
            return completion("That is all.")
        name, arguments = self._calls.pop(0)
        call: Json = {"id": "c1", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        return completion(None, finish="tool_calls", tool_calls=[call])


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(Conversing(("list_studies", {}))) as started:
        yield started


def piped(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_piped_lines_are_turns(
    server: ModelServer, agenttune: Run, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped(monkeypatch, "which studies are there?\n\nthanks\n")
    assert agenttune("chat", "--model", f"{server.url}#test") == 0
    captured = capsys.readouterr()
    assert captured.out == "That is all.\nThat is all.\n"
    assert "· list_studies\n  there is no study yet" in captured.err
    assert len(server.chats) == 3


def test_json_has_every_event(
    server: ModelServer, agenttune: Run, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped(monkeypatch, "which studies are there?\n")
    assert agenttune("chat", "--model", f"{server.url}#test", "--json") == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    names = [event["event"] for event in events]
    assert names[0] == "UsageTold" and names[-1] == "Done" and {"ToolCalled", "ToolReturned", "TextDelta"} <= set(names)
    assert events[-1]["text"] == "That is all."


def test_conversation_is_listed_and_resumed(
    server: ModelServer, store: Store, agenttune: Run, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in ((), ("--resume",)):
        piped(monkeypatch, "which studies are there?\n")
        assert agenttune("chat", "--model", f"{server.url}#test", *words) == 0
    capsys.readouterr()
    assert agenttune("chat", "--list", "--json") == 0
    (row,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert row["title"] == "which studies are there?"
    roles = [message["role"] for message in server.chats[-1]["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "user"]


def test_change_without_a_terminal_is_denied_and_ends_in_exit_code_2(
    store: Store, agenttune: Run, capsys: Output
) -> None:
    store.create_study(make_spec())
    config = {"x": 0.5, "layers": 2, "optimizer": "adam"}
    with ModelServer(Conversing(("propose", {"config": config, "reason": "try"}))) as server:
        assert agenttune("ask", "try x = .5", "--model", f"{server.url}#test") == 2
    assert "denied (nobody was there to ask): propose did not run" in capsys.readouterr().err
    assert store.take_controls(store.study().id) == []


def test_auto_does_what_stays_within_the_budget(store: Store, agenttune: Run, capsys: Output) -> None:
    store.create_study(make_spec())
    config = {"x": 0.5, "layers": 2, "optimizer": "adam"}
    with ModelServer(Conversing(("propose", {"config": config, "reason": "try"}))) as server:
        assert agenttune("ask", "try x = .5", "--model", f"{server.url}#test", "--approve", "auto") == 0
    assert len(store.take_controls(store.study().id)) == 1
    assert capsys.readouterr().out == "That is all.\n"


def test_question_about_no_study_is_a_sentence(agenttune: Run, capsys: Output) -> None:
    assert agenttune("ask", "why trial 7?", "--model", "none") == 2
    assert "no study is spoken of yet" in capsys.readouterr().out


def test_workspace_that_is_none_is_a_sentence(tmp_path: Path, agenttune: Run, capsys: Output) -> None:
    assert agenttune("chat", "--workspace", str(tmp_path / "none")) == 2
    assert "is no folder" in capsys.readouterr().err


def test_slash_commands_are_those_of_the_interface(
    agenttune: Run, study: StudyRow, tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["/help", "/studies", "/trial 1", "/open svc-digits", "/trial 1", "/trust", "/nonsense", "/mode never",
             "how is it going?", f"/export {tmp_path / 'chat.md'}", "/export", "/quit", "never read"]  # fmt: skip
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))
    assert agenttune("chat", "--model", "none") == 0
    captured = capsys.readouterr()
    assert "/model SPEC" in captured.out and "svc-digits" in captured.out
    assert "no study is spoken of yet" in captured.err and "there is no command /nonsense" in captured.err
    assert "`mode` must be 'ask', 'auto', 'plan', but got 'never'" in captured.err
    assert "never read" not in captured.out + captured.err
    written = (tmp_path / "chat.md").read_text()
    assert written.startswith("> how is it going?\n\n*show_study*\n\n    study")


def test_slash_log_prints_what_the_newest_trial_printed(
    agenttune: Run, study: StudyRow, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("/open svc-digits\n/log 1\n/log\n/log 99\n"))
    assert agenttune("chat", "--model", "none") == 0
    captured = capsys.readouterr()
    assert captured.out == "epoch 1\nepoch 2\n" * 2 and "the study has no trial 99" in captured.err


def test_slash_code_prints_the_variants_or_one_of_them(
    agenttune: Run,
    store: Store,
    store_path: Path,
    tmp_path: Path,
    capsys: Output,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grown(Workshop(store, IdleEngine(store_path)), tmp_path)
    store.create_study(make_spec())
    piped(monkeypatch, "/open digits\n/code\n/code 2\n/open study\n/code\n")
    assert agenttune("chat", "--model", "none") == 0
    captured = capsys.readouterr()
    assert "two layers in place of the missing name" in captured.out and "return [n, missing, 10]" in captured.out
    assert "'study' tunes no code" in captured.err


def test_settings_and_what_the_doctor_finds_are_printed_and_colours_are_the_terminals(
    agenttune: Run, store_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped(monkeypatch, "/config\n/doctor\n/theme ansi-light\n")
    assert agenttune("chat", "--model", "none") == 0
    captured = capsys.readouterr()
    assert "max_requests" in captured.out and "sandbox" in captured.out
    assert "in line mode the terminal's own colours hold" in captured.err


def test_turn_is_taken_back_line_by_line(agenttune: Run, capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["list the studies", "/compact", "/rewind two", "/rewind 2", "/rewind", "/rewind"]
    piped(monkeypatch, "\n".join(lines))
    assert agenttune("chat", "--model", "none") == 0
    told = capsys.readouterr().err
    assert "! there is nothing to save" in told and "is a number, as in /rewind 2, but got 'two'" in told
    assert "! turns are taken back from the last one, 1 to 1, but got 2" in told
    assert "the last turn is taken back" in told and "you had said: list the studies" in told
    assert "! there is no turn to take back" in told
