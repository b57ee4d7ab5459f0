"""`agenttune cost`: what was asked of models, per study and of the day."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agenttune.budget import Budget, Spending
from agenttune.exchange import Exchange, ExchangeRequest
from agenttune.spec import StudyRow
from agenttune.store import Store
from agenttune.trial import Candidate, Proposal
from agenttune.types import Scalar

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]

WORST = Spending(1, 2000, 0.02)
REQUEST = ExchangeRequest("openai:test", ({"role": "user", "content": "hello"},))


def ask(
    store: Store,
    study: str | None,
    verdict: str = "used",
    *,
    usage: dict[str, int] | None = None,
    worst: Spending = WORST,
    actual: Spending | None = None,
) -> None:
    """One request as a desk would keep it; not settled without `actual`."""
    reservation = store.reserve(study, worst, Budget())
    if actual is not None:
        store.settle(reservation, actual)
        store.add_exchange(study, Exchange(REQUEST, None, verdict, usage=usage or {}))


@pytest.fixture
def asked(study: StudyRow, store: Store) -> StudyRow:
    """A study with two answers, a refusal of the server and a request under way."""
    usage = {"prompt": 900, "cached": 400, "completion": 100, "reasoning": 60}
    ask(store, study.id, usage=usage, actual=Spending(1, 1000, 0.0125))
    ask(store, study.id, usage=usage, actual=Spending(1, 1000, 0.0125))
    ask(store, study.id, "rate-limited", actual=Spending(1, 0, 0.0))
    ask(store, study.id)
    return study


def told(capsys: Output) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_costs_of_a_study_as_json(asked: StudyRow, agenttune: Run, capsys: Output) -> None:
    assert agenttune("cost", "svc", "--json") == 0
    assert told(capsys) == [
        {
            "study": "svc-digits",
            "id": asked.id,
            "requests": 4,
            "tokens": 4000,
            "dollars": pytest.approx(0.045),
            "usage": {"prompt": 1800, "cached": 800, "completion": 200, "reasoning": 120},
            "n_untold": 0,
            "n_reused": 0,
            "verdicts": {"used": 2, "rate-limited": 1},
            "unsettled": {"requests": 1, "tokens": 2000, "dollars": 0.02},
            "budget": {"requests": None, "tokens": None, "dollars": None},
        }
    ]


def test_costs_of_a_study_for_people(asked: StudyRow, store: Store, agenttune: Run, capsys: Output) -> None:
    store.set_budget(asked.id, Budget(requests=10, dollars=2.0))
    assert agenttune("cost", "svc") == 0
    assert capsys.readouterr().out.splitlines() == [
        "study        svc-digits",
        "spent        4 of 10 requests, 4,000 tokens, $0.0450 of $2.00",
        "tokens       1,800 prompt, 800 cached, 200 completion, 120 reasoning",
        "verdicts     2 used, 1 rate-limited",
        "not settled  1 request, 2,000 tokens, $0.0200 at worst: under way, stopped, or their process died",
    ]


def test_costs_of_all_come_with_the_day(
    asked: StudyRow, make_study: Callable[..., StudyRow], store: Store, agenttune: Run, capsys: Output
) -> None:
    make_study("never-asked")
    ask(store, None, usage={"prompt": 10, "completion": 5}, actual=Spending(1, 15, 0.001))
    assert agenttune("cost") == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert [line.split()[0] for line in lines] == ["study", "svc-digits", "outside", "today"]
    assert lines[1].split()[1:4] == ["4", "4,000", "$0.0450"]
    assert "5 requests, 4,015 tokens, $0.0460" in lines[-1]
    assert "1 of them not settled" in shown.err


def test_bounds_of_the_day_are_those_of_the_settings(
    asked: StudyRow, agenttune: Run, capsys: Output, _own_home: Path
) -> None:
    settings = _own_home / "config" / "agenttune" / "settings.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text("max_requests_per_day = 100\nmax_dollars_per_day = 2.0\n")
    agenttune("cost")
    day = "today        4 of 100 requests, 4,000 tokens, $0.0450 of $2.00 (all studies, until 00:00 UTC)"
    assert capsys.readouterr().out.splitlines()[-1] == day


def test_all_costs_as_json_end_with_the_day(asked: StudyRow, agenttune: Run, capsys: Output) -> None:
    assert agenttune("cost", "--json") == 0
    study, day = told(capsys)
    assert study["study"] == "svc-digits"
    assert day == {
        "today": {"requests": 4, "tokens": 4000, "dollars": pytest.approx(0.045)},
        "per_day": {"requests": None, "tokens": None, "dollars": None},
    }


def test_unknown_price_is_unknown_and_no_zero(study: StudyRow, store: Store, agenttune: Run, capsys: Output) -> None:
    ask(store, study.id, worst=Spending(1, 2000, None), actual=Spending(1, 70, None))
    agenttune("cost", "svc")
    assert "1 request, 70 tokens, unknown dollars" in capsys.readouterr().out
    agenttune("cost", "svc", "--json")
    assert told(capsys)[0]["dollars"] is None
    agenttune("cost")
    assert capsys.readouterr().out.splitlines()[1].split()[3] == "unknown"


def test_requests_without_a_count_are_said_to_be(study: StudyRow, store: Store, agenttune: Run, capsys: Output) -> None:
    ask(store, study.id, "timeout", actual=Spending(1, None, None))
    agenttune("cost", "svc")
    assert "tokens       1 request without a count" in capsys.readouterr().out


def test_nothing_asked_is_said(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    assert agenttune("cost") == 0
    shown = capsys.readouterr()
    assert (shown.out, "no model was asked yet" in shown.err) == ("", True)


def test_sheet_of_a_study_has_a_line_on_the_model(asked: StudyRow, agenttune: Run, capsys: Output) -> None:
    agenttune("show", "svc")
    assert "model        4 requests, 4,000 tokens, $0.0450 (agenttune cost svc-digits)" in capsys.readouterr().out


def test_sheet_of_a_study_has_a_line_on_what_the_model_offered(
    study: StudyRow, store: Store, agenttune: Run, capsys: Output
) -> None:
    one, other = (dict[str, Scalar](C=value, kernel="rbf") for value in (3.0, 4.0))
    candidates = [Candidate(one, "a guess"), Candidate(other, "a guess"), Candidate(other, "a guess", sample=1)]
    refused = [(Proposal(one, "model", "a guess"), kind, "candidate 3") for kind in ("duplicate", "infeasible")]
    store.add_exchange(study.id, Exchange(REQUEST, "{}", "used"), candidates=candidates, refused=refused)
    agenttune("show", "svc")
    assert "5 candidates: 1 (20%) against a constraint of the space, 2 (40%) duplicate, 1 of them" in (
        " ".join(capsys.readouterr().out.split())
    )
    agenttune("show", "svc", "--json")
    (content,) = told(capsys)
    assert content["offers"] == {
        "n_offered": 5,
        "n_infeasible": 1,
        "n_duplicate": 2,
        "n_repeated": 1,
        "n_illegal": 0,
    }


def test_sheet_without_a_model_has_no_line_on_one(study: StudyRow, agenttune: Run, capsys: Output) -> None:
    agenttune("show", "svc")
    shown = capsys.readouterr().out
    assert "agenttune cost" not in shown and "offered" not in shown


@pytest.fixture
def answered(study: StudyRow, store: Store) -> StudyRow:
    """A study that sent nothing, since another one had the reply."""
    store.settle(store.reserve(study.id, Spending(0, 0, 0.0), Budget()), Spending(0, 0, 0.0))
    store.add_exchange(
        study.id, Exchange(REQUEST, "{}", "used", 0.0, {}, 0.0, reused_from="exchange 17 of study 'wine'")
    )
    return study


def test_reused_replies_cost_nothing_and_are_told(answered: StudyRow, agenttune: Run, capsys: Output) -> None:
    assert agenttune("cost", "svc") == 0
    assert capsys.readouterr().out.splitlines() == [
        "study        svc-digits",
        "spent        0 requests, 0 tokens, $0.00",
        "tokens       none told",
        "verdicts     1 used",
        "reused       1 of them: replies that other studies had got; nothing was sent",
    ]
    agenttune("cost")
    assert capsys.readouterr().out.splitlines()[1].endswith("1 used (1 reused)")
    agenttune("cost", "--json")
    assert told(capsys)[0]["n_reused"] == 1


def test_sheet_of_a_study_tells_of_reused_replies(answered: StudyRow, agenttune: Run, capsys: Output) -> None:
    agenttune("show", "svc")
    line = "model        0 requests, 0 tokens, $0.00, 1 answered by other studies (agenttune cost svc-digits)"
    assert line in capsys.readouterr().out.splitlines()
