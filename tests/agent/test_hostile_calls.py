"""What a model, a file or the moment can do to a turn: it ends with a record, and does what was allowed and no more."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from agenttune.agent import Agent, ApprovalRequested, Done, ToolCalled, ToolReturned
from agenttune.agent.transcript import INTERRUPTED, Transcript
from agenttune.edits import SetRange, SetWorkers
from agenttune.models import Reply, ToolCall
from agenttune.spec import StudyState
from agenttune.steering import current_terms, edit
from agenttune.store import Store
from agenttune.study import Study
from agenttune.testing.store import make_spec
from tests.agent.conftest import Make, calling, saying


def returned(agent: Agent, text: str) -> list[ToolReturned]:
    """What the calls of a turn came to, which ends as every turn does."""
    events = agent.ask(text).events
    assert isinstance(events[-1], Done)
    return [event for event in events if isinstance(event, ToolReturned)]


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("read_log", {"number": 10**30}, "must be at most"),
        ("show_trial", {"number": 10**22}, "must be at most"),
        ("read_file", {"path": "a.csv", "first_line": 2**63 - 1}, "must be at most"),
        (
            "edit_study",
            {"edits": [{"edit": "restore", "name": "x", "parameter": {"type": "bool"}, "when": {"layers": 5}}]},
            "a list of values",
        ),
        ("create_study", {"request": "minimise val_loss of slow.py, 1e400 trials"}, "1e400"),
    ],
)
def test_arguments_that_nothing_can_hold_are_told(
    make: Make, store: Store, name: str, arguments: dict[str, Any], told: str
) -> None:
    store.create_study(make_spec())
    (only,) = returned(make(calling(name, **arguments), saying("I see."), study="study"), "do it")
    assert only.is_error and told in only.text and "fault of ours" not in only.text


def test_a_tool_that_breaks_ends_no_conversation(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("sk-planted0123456789abcdef")

    monkeypatch.setattr("agenttune.tools.list_files._entries", broken)
    (only,) = returned(make(calling("list_files"), saying("It broke.")), "what is here?")
    assert only.is_error and only.text == "a fault of ours, not of the call: ZeroDivisionError: ***"


@pytest.mark.timeout(60)
def test_a_backend_that_breaks_ends_the_turn(make: Make) -> None:
    agent = make(RuntimeError("a bug of the backend"))
    events = agent.ask("list the files").events
    assert isinstance(events[-1], Done)
    assert "a bug of the backend" in "".join(str(event) for event in events)


def test_interrupt_between_two_requests_sends_no_other(make: Make) -> None:
    agent: Agent

    def meanwhile() -> Reply:
        agent.interrupt()
        return calling("list_files")

    agent = make(meanwhile, saying("never asked for"))
    done = agent.ask("look around").events[-1]
    assert isinstance(done, Done) and done.is_interrupted


def test_interrupt_while_a_question_waits_is_a_no(make: Make, store: Store) -> None:
    store.create_study(make_spec())
    agent: Agent

    def approve(asked: ApprovalRequested) -> bool:
        agent.interrupt()
        return True

    call = calling("edit_study", edits=[{"edit": "set_workers", "workers": 4}])
    agent = make(call, saying("done"), approve=approve, study="study")
    (only,) = returned(agent, "use four workers")
    assert only.is_error and only.text.startswith("denied")
    assert current_terms(store, store.study("study")).workers == 1


def test_the_undo_that_was_shown_is_the_one_that_is_done(
    make: Make, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agenttune.steering.ANSWER_S", 0.1)  # it is this test that would answer
    store.create_study(make_spec())
    with Study.open("study", store=store) as study:
        edit(store, study.row, [SetRange("x", high=0.5)], by="a person")
        study.ask()  # who drives it applies it

        def approve(asked: ApprovalRequested) -> bool:
            assert "undo edit" in asked.what and "x" in asked.what
            edit(store, study.row, [SetWorkers(7)], by="somebody else")
            study.ask()
            return True

        agent = make(calling("undo_edit"), saying("undone"), approve=approve, study="study")
        agent.ask("take the range back")
        study.ask()
        row = study.row
    terms = current_terms(store, row)
    assert terms.workers == 7
    assert terms.space.to_json() == make_spec().space.to_json()


def test_a_script_that_changes_while_its_patch_waits_for_a_yes_is_left_alone(make: Make, folder: Path) -> None:
    script = folder / "sgd.py"
    script.write_text("LR = 0.01\nloss = LR ** 2\n")
    other = "import os\nRATE = 0.5\nloss = RATE ** 2\n"

    def approve(asked: ApprovalRequested) -> bool:
        assert "+print(f" in asked.what
        script.write_text(other)
        return True

    agent = make(calling("patch_script", path="sgd.py"), saying("patched"), approve=approve)
    (only,) = returned(agent, "let it print its loss")
    assert only.is_error and "has changed since you were asked" in only.text
    assert script.read_text() == other and not list(folder.glob("*.orig*"))


def test_files_with_names_that_are_no_text_are_listed(make: Make, folder: Path) -> None:
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.txt"))).write_text("x")
    agent = make(calling("list_files"), saying("There is one."), saying("Still here."))
    assert returned(agent, "what is here?")[0].text.startswith("??.txt")
    assert agent.ask("and now?").text == "Still here."


def test_calls_without_ids_of_their_own_keep_their_results_apart(make: Make, folder: Path) -> None:
    (folder / "a.txt").write_text("first")
    (folder / "b.txt").write_text("second")
    calls = tuple(ToolCall("", "read_file", f'{{"path": "{name}.txt"}}') for name in "ab")
    agent = make(Reply("", tool_calls=calls), saying("Both."))
    returned(agent, "read both")
    told = [str(message["content"]) for message in agent._turns.transcript.messages() if message["role"] == "tool"]
    assert ["first" in told[0], "second" in told[1]] == [True, True]


def test_a_reply_has_only_so_many_calls(make: Make, store: Store) -> None:
    store.create_study(make_spec())
    calls = tuple(ToolCall(f"c{number}", "add_note", f'{{"text": "note {number}"}}') for number in range(600))
    agent = make(Reply("", tool_calls=calls), saying("Noted."), study="study")
    found = returned(agent, "note it")
    assert [entry.is_error for entry in found] == 16 * [False] + 16 * [True]
    assert "at most 16 calls of one reply" in found[-1].text


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("profile_data", {"data": ".pgpass"}),
        ("inspect_script", {"path": ".priv/t.py"}),
        ("list_files", {"folder": ".priv"}),
        ("read_file", {"path": ".pgpass"}),
        ("create_study", {"request": "tune an SVM on .priv/p.csv, predict label"}),
        ("create_study", {"request": "tune an SVM on link.csv, predict label"}),
        ("create_study", {"document": {"objective": {"type": "table", "path": "../out side/p.csv"}}}),
        ("export_study", {"path": "AGENTTUNE.md", "format": "json"}),
    ],
)
def test_hidden_and_foreign_files_are_asked_for(
    make: Make, store: Store, folder: Path, name: str, arguments: dict[str, Any]
) -> None:
    secret = "db.corp:5432:prod:admin:Tr0ub4dor"
    store.create_study(make_spec())
    (folder / ".priv").mkdir()
    (folder / ".pgpass").write_text(f"{secret}\n")
    (folder / ".priv" / "t.py").write_text(f"x = '{secret}'\n")
    (folder / ".priv" / "p.csv").write_text(f"{secret},label\n1,2\n")
    (folder.parent / "out side").mkdir()
    (folder.parent / "out side" / "p.csv").write_text(f"{secret},label\n1,2\n")
    (folder / "link.csv").symlink_to(folder.parent / "out side" / "p.csv")
    agent = make(calling(name, **arguments), saying("ok"), approve="auto", study="study")
    (only,) = returned(agent, "go on")
    assert only.is_error and only.text.startswith("denied"), only.text
    assert "Tr0ub4dor" not in str(agent._turns.transcript.entries)


def test_a_private_key_is_hidden_from_its_middle_on(make: Make, folder: Path) -> None:
    body = "\n".join(["MIIEpAIBAAKCAQEA7kJhGfDsAqWeRtYuIoPz"] * 3)
    (folder / "key.pem").write_text(f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----\nafter\n")
    (only,) = returned(make(calling("read_file", path="key.pem", first_line=3), saying("ok")), "read key.pem")
    assert "MIIE" not in only.text and only.text.endswith("6: after")


def test_number_that_only_an_error_repeats_is_marked(make: Make) -> None:
    agent = make(calling("read_file", path="accuracy 0.98765"), saying("The accuracy is 0.98765."))
    assert agent.ask("how good?").text == "The accuracy is 0.98765[?]."


def test_compacting_tells_each_request_once_and_survives_a_crash(make: Make, store: Store, folder: Path) -> None:
    (folder / "long.txt").write_text("word " * 2_000)
    agent = make(saying("A reply."))
    for number in range(4):
        agent.ask(f"question {number}")
    transcript = agent._turns.transcript
    for _ in range(2):
        transcript.compact(agent._turns.workspace)
        assert [str(transcript.messages()[0]["content"]).count(f"question {number}") for number in range(4)] == [
            1,
            1,
            1,
            0,
        ]
        assert transcript.messages()[1] == {"role": "user", "content": "question 3"}
    assert agent.session is not None
    resumed = Transcript(store, store.session(agent.session), workspace=str(folder))
    assert resumed.messages() == transcript.messages()
    assert len(resumed.said) == 4


def test_call_whose_end_is_not_known_is_told_as_that(make: Make, store: Store, folder: Path) -> None:
    agent = make(calling("list_files"), saying("ok"))
    agent.ask("look")
    transcript = agent._turns.transcript
    transcript.add_reply("", [ToolCall("lost", "add_note", "{}")], by="model")
    assert transcript.messages()[-1]["content"] == f"<data>\n{INTERRUPTED}\n</data>"


def test_news_before_anything_is_said_makes_no_session(make: Make, store: Store) -> None:
    row = store.create_study(make_spec())
    agent = make(saying("I see."), study="study")
    agent.news()
    store.set_state(row.id, StudyState.STOPPED, reason="stopped by a person")
    assert [happened.sentence for happened in agent.news()] == ["it is stopped: stopped by a person"]
    assert agent.session is None and store.sessions() == []
    agent.ask("what happened?")
    assert [session.title for session in store.sessions()] == ["what happened?"]
    assert "it is stopped" in str(agent._turns.transcript.messages()[0]["content"])


def test_history_of_a_study_that_is_opened_is_no_news(make: Make, store: Store) -> None:
    row = store.create_study(make_spec())
    for number in range(30):
        store.note(row.id, f"note {number}")
    store.set_state(row.id, StudyState.STOPPED, reason="stopped by a person")
    agent = make(calling("open_study", study="study"), saying("It is open."))
    assert "StudyHappened" not in str(agent.ask("open it").events)


@pytest.mark.parametrize(
    ("sentences", "trials"),
    [
        (["ten more trials", "ten more trials"], 60),
        (["ten more trials", "double the number of trials"], 100),
        (["30 trials in all", "double the budget"], 60),
    ],
)
def test_amounts_count_from_what_waits_for_a_driver(
    store: Store, folder: Path, sentences: list[str], trials: int
) -> None:
    store.create_study(make_spec())
    agent = Agent("none", workspace=folder, store=store, approve=lambda asked: True, study="study")
    for text in sentences:
        agent.ask(text)
    assert current_terms(store, store.study("study")).budget.trials == trials


def test_a_cap_does_not_restart_a_study_that_was_stopped(store: Store, folder: Path) -> None:
    row = store.create_study(make_spec())
    store.set_state(row.id, StudyState.STOPPED, reason="stopped by a person")
    agent = Agent("none", workspace=folder, store=store, approve=lambda asked: True, study="study")
    for text in ("no more than 30 trials", "at most 10 seconds in all"):
        calls = [event.name for event in agent.ask(text).events if isinstance(event, ToolCalled)]
        assert calls == ["edit_study"]
