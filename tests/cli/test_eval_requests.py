"""`agenttune models eval-requests` scores the grammar or a model on the labelled requests, within bounds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from agenttune.plan.cases import load_cases
from agenttune.store import Store
from agenttune.testing.answers import Response, completion, fault
from agenttune.testing.server import ModelServer

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]
EVAL = ("models", "eval-requests")


def told(capsys: Output) -> dict[str, Any]:
    content = json.loads(capsys.readouterr().out)
    assert isinstance(content, dict)
    return content


def reads_the_first_only(request: Mapping[str, Any]) -> Response:
    """Fills the form with the labels of the first case, whatever is asked."""
    return completion(json.dumps(load_cases("development")[0].expects))


def test_the_grammar_is_scored_without_a_model_or_a_store(agenttune: Run, capsys: Output, store_path: Path) -> None:
    assert agenttune(*EVAL, "--limit", "20", "--json") == 0
    content = told(capsys)
    assert (content["reader"], content["part"], content["n"]) == ("the offline grammar", "development", 20)
    assert content["whole"] + content["asked"] + content["missed"] + content["wrong"] == 20
    assert content["whole"] >= 5
    assert sum(entry["n"] for entry in content["languages"].values()) == 20
    assert "requests" not in content
    assert not store_path.exists()


@pytest.mark.long
@pytest.mark.timeout(400)  # a minute of CPU time, and the cores may be busy
def test_the_table_has_a_line_per_field_and_language(agenttune: Run, capsys: Output) -> None:
    assert agenttune(*EVAL, "--part", "all") == 0
    captured = capsys.readouterr()
    starts = {line.split()[0] for line in captured.out.splitlines() if line}
    assert {"reader", "requests", "family", "trials", "(question)", "all", "en", "de", "fr", "es", "zh"} <= starts
    n_cases = len(load_cases("development")) + len(load_cases("held-out"))
    assert f"the offline grammar · all · {n_cases} requests" in captured.out
    assert f"of {n_cases} requests" in captured.err


@pytest.mark.long
@pytest.mark.timeout(400)  # a minute of CPU time, and the cores may be busy
def test_misses_are_listed_with_what_was_said(agenttune: Run, capsys: Output) -> None:
    assert agenttune(*EVAL, "--misses", "--json") == 0
    content = told(capsys)
    misses = {entry["id"]: entry for entry in content["misses"]}
    assert len(misses) == content["n"] - content["whole"]
    assert "dev-en-01" not in misses
    said = [entry for entry in misses.values() if "I do not understand" in entry["said"]]
    turns = {case.id: list(case.turns) for case in load_cases("development")}
    assert said and all(entry["asked"] and entry["turns"] == turns[entry["id"]] for entry in said)


def test_a_model_is_scored_and_its_requests_are_counted(
    server: ModelServer, spec: str, agenttune: Run, capsys: Output, store: Store
) -> None:
    server.responder = reads_the_first_only
    assert agenttune(*EVAL, spec, "--limit", "3", "--json") == 0
    content = told(capsys)
    assert (content["reader"], content["n"], content["requests"], content["dollars"]) == (spec, 3, 3, 0)
    assert (content["whole"], content["missed"], content["asked"], content["wrong"]) == (1, 1, 1, 0)
    assert store.spent(None).requests == 3


def test_replies_drawn_from_the_schema_are_taken_and_nothing_invented_gets_through(
    spec: str, agenttune: Run, capsys: Output
) -> None:
    assert agenttune(*EVAL, spec, "--limit", "12", "--json", "--misses") == 0
    content = told(capsys)
    assert content["n"] == 12
    assert all("unparsable" not in entry["said"] for entry in content["misses"])
    counted = {"trials", "seconds", "trial_seconds", "trial_memory", "dollars", "requests", "name", "script"}
    verdicts = [(name, verdict) for entry in content["misses"] for name, verdict in entry["verdicts"]]
    assert [name for name, verdict in verdicts if verdict == "wrong" and name in counted] == []


def test_a_bound_on_requests_ends_it_and_what_was_done_is_told(
    server: ModelServer, spec: str, agenttune: Run, capsys: Output
) -> None:
    assert agenttune("models", "test", spec, "--json") == 0
    capsys.readouterr()
    assert agenttune(*EVAL, spec, "--limit", "9", "--max-requests", "4", "--json") == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["n"] == 4
    assert "ended after 4 of 9 requests" in captured.err
    assert len(server.requests) == 5  # the bound is for this evaluation alone


def test_dollars_cannot_be_bounded_where_the_price_is_unknown(
    monkeypatch: pytest.MonkeyPatch, agenttune: Run, capsys: Output
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a-key-that-is-secret")
    assert agenttune(*EVAL, "openai:nobody-knows-it", "--max-dollars", "1", "--json") == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["n"] == 0
    assert "costs in dollars is unknown" in captured.err


def test_a_model_that_cannot_be_asked_is_told_at_once(
    server: ModelServer, spec: str, agenttune: Run, capsys: Output
) -> None:
    server.responder = fault("quota")
    assert agenttune(*EVAL, spec) == 1
    assert (
        f"ended after 0 of {len(load_cases('development'))} requests: the account has no quota left"
        in capsys.readouterr().err
    )
    assert len(server.requests) == 1
