"""`agenttune tune`: words that the grammar cannot read go to the model, and what is missing is asked back."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pexpect
import pytest

from agenttune.store import Store
from agenttune.testing.answers import Drawn, Response, completion, fault
from agenttune.testing.server import ModelServer

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]
WORDS = "wring the very best out of k-NN with iris flowers, two shots, 3x the usual care"
LEFT_OUT = "tune k-NN on iris, 2 trials, and never let n_neighbors and p be large together"
"""Its end asks for what nobody reads."""
FORM = {"family": "knn", "data": "iris", "trials": 2}


def reads_then_proposes(form: dict[str, Any]) -> Callable[[Mapping[str, Any]], Response]:
    """Answers the first request with a form, the others as a proposer does."""
    drawn, replies = Drawn(), [json.dumps(form)]
    return lambda request: completion(replies.pop()) if replies else drawn(request)


def last_error(capsys: Output) -> str:
    return capsys.readouterr().err.splitlines()[-1]


@pytest.mark.slow
def test_words_left_over_are_read_by_the_model_and_counted(
    agenttune: Run, server: ModelServer, spec: str, store: Store, capsys: Output
) -> None:
    server.responder = reads_then_proposes(FORM)
    assert agenttune("tune", WORDS, "--yes", "--json", "--model", spec, "--proposer", "llm", "--seed", "1") == 0
    captured = capsys.readouterr()
    assert f"asking {spec} what the words mean" in captured.err
    assert f"read by      {spec}, held to what your words say" in captured.err
    assert "not read: '3x'" in captured.err
    result = json.loads(captured.out.splitlines()[-1])
    assert (result["event"], result["n_complete"]) == ("Result", 2)
    assert store.spent(None).requests == 1


def test_what_the_model_makes_up_is_asked_back(
    agenttune: Run, server: ModelServer, spec: str, store: Store, capsys: Output
) -> None:
    server.responder = reads_then_proposes(FORM | {"trials": 200, "metric": "f1"})
    assert agenttune("tune", WORDS, "--yes", "--model", spec) == 2
    assert "200" in last_error(capsys)
    assert store.studies() == []


def test_what_the_model_leaves_out_stays_as_the_grammar_read_it(
    agenttune: Run, server: ModelServer, spec: str, capsys: Output
) -> None:
    server.responder = reads_then_proposes(FORM)
    words = "k-NN on iris for balanced accuracy, seed 4, at most $0.30, in two shots"
    assert agenttune("tune", words, "--model", spec) == 2  # nobody to say yes
    shown = " ".join(capsys.readouterr().err.split())
    assert "maximise balanced accuracy" in shown and "2 trials · seed 4" in shown and "at most $0.30" in shown


def test_words_that_nobody_reads_are_refused_unless_somebody_is_shown_them(
    agenttune: Run, server: ModelServer, spec: str, store: Store, capsys: Output
) -> None:
    for flags in (["--yes"], []):
        server.responder = reads_then_proposes(FORM)
        assert agenttune("tune", LEFT_OUT, *flags, "--model", spec) == 2
        assert "I do not understand 'never let n_neighbors and p be large', nor does the model" in last_error(capsys)
    assert store.studies() == []


def test_words_that_nobody_reads_are_shown_at_the_terminal(server: ModelServer, spec: str, store_path: Path) -> None:
    server.responder = reads_then_proposes(FORM)
    words = ["-m", "agenttune", "tune", LEFT_OUT, "--model", spec, "--store", str(store_path)]
    terminal = pexpect.spawn(
        sys.executable, words, encoding="utf-8", dimensions=(24, 100), timeout=100, env=os.environ | {"TERM": "xterm"}
    )
    terminal.expect(r"assumed\s+not read: 'never let n_neighbors and p.*start\? \[Y/n\] ")
    terminal.sendline("n")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130


def test_a_request_that_the_grammar_reads_costs_nothing(
    agenttune: Run, server: ModelServer, spec: str, store_path: Path, capsys: Output
) -> None:
    assert agenttune("tune", "tune k-NN on iris, 2 trials", "--model", spec) == 2  # nobody to say yes
    assert agenttune("tune", "tune k-NN", "--yes", "--model", spec) == 2  # a question no model can answer
    assert "which data" in last_error(capsys)
    assert agenttune("tune", WORDS, "--yes", "--model", "none") == 2
    assert server.chats == [] and not store_path.exists()


def test_a_model_that_is_down_or_has_no_money_is_told_with_the_words(
    agenttune: Run, server: ModelServer, spec: str, capsys: Output
) -> None:
    server.responder = fault("500")
    assert agenttune("tune", WORDS, "--yes", "--model", spec) == 2
    error = last_error(capsys)
    assert "I do not understand" in error and f"{spec} could not be asked either" in error
    n_asked = len(server.chats)
    assert agenttune("tune", WORDS, "--yes", "--model", spec, "--max-tokens", "10") == 2
    assert "could not be asked either" in last_error(capsys)
    assert len(server.chats) == n_asked


def test_a_question_is_answered_at_the_terminal(store_path: Path) -> None:
    words = ["-m", "agenttune", "tune", "tune k-NN, 2 trials", "--store", str(store_path)]
    environment = os.environ | {"TERM": "xterm"}
    terminal = pexpect.spawn(
        sys.executable, words, encoding="utf-8", dimensions=(24, 100), timeout=100, env=environment
    )
    terminal.expect(r"which data.*your answer \(Enter gives up\)\s+> ")
    terminal.sendline("frobnicate_it on iris")
    terminal.expect(r"'frobnicate.*other words \(Enter gives up\)\s+> ")
    terminal.sendline("on iris, 3 trials")
    terminal.expect(r"iris.*3 trials.*start\? \[Y/n\] ")
    terminal.sendline("n")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130
    assert not store_path.exists()
