"""Replies from the record: in order, counted, compared, and none when there is none; and those of other studies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agenttune.budget import Spending
from agenttune.errors import BudgetExhausted
from agenttune.exchange import Exchange, ExchangeRequest, NumberSaid, Sample
from agenttune.models import Sampling, Schemas
from agenttune.replies.recorded import RecordedSender, ReusingSender, difference_of
from agenttune.replies.sender import Cancelled, Sends, Sent
from agenttune.store import Store
from agenttune.testing.store import make_spec

REQUEST = ExchangeRequest(
    model="openai:test",
    messages=({"role": "system", "content": "Propose."}, {"role": "user", "content": "Trial 3 gave 0.5."}),
    schema={"type": "object"},
    sampling={"seed": 1},
    prompt_hashes={"system.md.jinja": "a", "digest.md.jinja": "b"},
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(tmp_path / "agenttune.db") as opened:
        yield opened


@pytest.fixture
def study(store: Store) -> str:
    """The id of a study without trials."""
    return store.create_study(make_spec()).id


def send(sender: Sends, request: ExchangeRequest = REQUEST) -> Sent:
    return sender.send(request, Schemas("reply", {}, {}), Sampling(), prompt_tokens=100)


def heard(sender: RecordedSender, *exchanges: Exchange) -> RecordedSender:
    sender.came.extend(exchanges)
    return sender


def test_reply_comes_as_it_was_and_costs_what_it_did(store: Store, study: str) -> None:
    usage = {"prompt": 90, "completion": 10}
    numbers, others = (NumberSaid("predicted", 1, 0.5, 0.1, 1.0),), (Sample("[]"),)
    exchange = Exchange(REQUEST, "{}", "used", 1.5, usage, 0.25, revision="test-1", numbers=numbers, others=others)
    told: list[str] = []
    sent = send(heard(RecordedSender(store, study, told.append), exchange))
    assert sent == Sent("{}", 1.5, usage, 0.25, "test-1", numbers=numbers, others=others)
    spent = store.spent(study)
    assert (spent.requests, spent.tokens, spent.dollars, store.unsettled(study).requests) == (1, 100, 0.25, 0)
    assert told == []


def test_failure_comes_with_its_verdict_and_its_reason(store: Store, study: str) -> None:
    exchange = Exchange(REQUEST, None, "timeout", why="no reply within 60 s")
    sent = send(heard(RecordedSender(store, study, print), exchange))
    assert (sent.text, sent.verdict, sent.why, sent.error) == (None, "timeout", "no reply within 60 s", None)


def test_request_that_was_repeated_asks_to_be_repeated_at_once(store: Store, study: str) -> None:
    sender = heard(
        RecordedSender(store, study, print), Exchange(REQUEST, None, "rate-limited"), Exchange(REQUEST, "{}", "used")
    )
    first, second = send(sender), send(sender)
    assert getattr(first.error, "retry_after_s", None) == 0.0 and second.error is None


def test_reply_that_was_reused_costs_nothing_again(store: Store, study: str) -> None:
    exchange = Exchange(REQUEST, "{}", "used", 0.0, {}, 0.0, reused_from="exchange 17 of study 'wine'")
    sent = send(heard(RecordedSender(store, study, print), exchange))
    assert sent.reused_from == exchange.reused_from
    assert (store.spent(study), store.n_settled(study)) == (Spending(0, 0, 0.0), 1)


class Unwilling:
    """Notes what it is to send, and fails."""

    def __init__(self) -> None:
        self.asked: list[ExchangeRequest] = []
        self.is_cancelled = False

    def send(self, request: ExchangeRequest, schema: Schemas | None, sampling: Sampling, *, prompt_tokens: int) -> Sent:
        """No reply."""
        self.asked.append(request)
        return Sent(None, 0.5, verdict="timeout")

    def cancel(self) -> None:
        """Notes that, too."""
        self.is_cancelled = True


@pytest.mark.parametrize(
    ("then", "verdict"), [("used", None), ("illegal", None), ("repaired", None), ("refused", "refused")]
)
def test_reply_of_another_study_is_read_anew_at_no_cost(
    then: str, verdict: str | None, store: Store, study: str
) -> None:
    usage = {"prompt": 90, "completion": 10}
    store.add_exchange(study, Exchange(REQUEST, "{}", then, 1.5, usage, 0.25, "so it was", "test-1"))
    other, inner = store.create_study(make_spec("other")).id, Unwilling()
    sent = send(ReusingSender(inner, store, other))
    origin = f"exchange 1 of study {store.study(study).name!r}"
    why = None if verdict is None else "so it was"
    assert sent == Sent("{}", 0.0, {}, 0.0, "test-1", verdict, why, reused_from=origin)
    assert inner.asked == [] and (store.spent(other), store.n_settled(other)) == (Spending(0, 0, 0.0), 1)


def test_request_without_a_reply_anywhere_is_sent(store: Store, study: str) -> None:
    store.add_exchange(study, Exchange(replace(REQUEST, model="openai:other"), "{}", "used"))
    inner = Unwilling()
    assert send(ReusingSender(inner, store, study)).verdict == "timeout"
    assert inner.asked == [REQUEST] and store.n_settled(study) == 0


def test_reply_of_other_weights_answers_no_other_study(store: Store, study: str) -> None:
    store.add_exchange(study, Exchange(REQUEST, "{}", "used", revision="tiny-1a2"))
    inner = Unwilling()
    assert send(ReusingSender(inner, store, study, fingerprint="tiny-1a2")).text == "{}"
    assert send(ReusingSender(inner, store, study, fingerprint="tiny-3c4")).text is None
    assert inner.asked == [REQUEST]


@pytest.mark.parametrize("verdict", ["cut", "timeout", "unreachable", "empty"])
def test_part_of_a_reply_answers_no_other_study(verdict: str, store: Store, study: str) -> None:
    store.add_exchange(study, Exchange(REQUEST, '{"configs": [', verdict))
    inner = Unwilling()
    assert send(ReusingSender(inner, store, study)).verdict == "timeout"
    assert inner.asked == [REQUEST]


def test_what_is_under_way_is_let_go_of(store: Store, study: str) -> None:
    inner = Unwilling()
    ReusingSender(inner, store, study).cancel()
    assert inner.is_cancelled


def test_request_that_was_kept_back_is_kept_back(store: Store, study: str) -> None:
    sender = RecordedSender(store, study, print)
    sender.unsent = "the study may spend 3 requests"
    with pytest.raises(BudgetExhausted, match="the study may spend 3 requests"):
        send(sender)
    assert store.spent(study).requests == 0


def test_request_that_has_no_reply_in_the_record_gets_none(store: Store, study: str) -> None:
    with pytest.raises(Cancelled):
        send(RecordedSender(store, study, print))


def test_other_request_is_told_and_answered_all_the_same(store: Store, study: str) -> None:
    told: list[str] = []
    sender = heard(RecordedSender(store, study, told.append), Exchange(REQUEST, "{}", "used"))
    assert send(sender, replace(REQUEST, model="openai:other")).text == "{}"
    assert told == ["the model of the request changed"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, None),
        ({"sampling": {"seed": 2}, "schema": None}, "the schema and the sampling of the request changed"),
        ({"messages": REQUEST.messages[:1]}, "the request had 2 messages and has 1"),
        ({"prompt_hashes": {"system.md.jinja": "a"}}, "digest.md.jinja changed; the messages are the same"),
        (
            {"messages": (REQUEST.messages[0], {"role": "user", "content": "Trial 3 gave 0.6."})},
            "message 1 (user) had '5.' at character 15 and has '6.'",
        ),
        (
            {"messages": (REQUEST.messages[0], {"role": "user", "content": "Trial 3 gave 0.5. Go."})},
            "message 1 (user) had '' at character 17 and has ' Go.'",
        ),
    ],
)
def test_difference_of_two_requests_is_a_sentence(changes: dict[str, Any], sentence: str | None) -> None:
    assert difference_of(REQUEST, replace(REQUEST, **changes)) == sentence
