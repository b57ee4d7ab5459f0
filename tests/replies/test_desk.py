"""One request with everything around it, against models that answer from a list."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agenttune.budget import Budget, Spending
from agenttune.errors import CapabilityMissing, ModelError, RateLimited
from agenttune.events import ModelAnswered
from agenttune.exchange import Prompt
from agenttune.goal import Goal
from agenttune.models import NumberSaid, Patience, Reply, Sample, Sampling
from agenttune.models.prices import Price
from agenttune.replies import Answer, Question, sender
from agenttune.replies.desk import Desk
from agenttune.space import Categorical, Float, Space
from agenttune.store import Store
from agenttune.testing.scripted import ScriptedModel
from agenttune.testing.store import make_spec
from agenttune.types import Json

SPACE = Space(x=Float(0.0, 1.0), kind=Categorical(["a", "b"]))
USAGE = {"prompt": 100, "completion": 50}
PRICE = Price(prompt=1.0, completion=10.0)


def offer(x: float, kind: str = "a") -> dict[str, Any]:
    return {"config": {"x": x, "kind": kind}, "reason": "why not", "low": 0.1, "predicted": 0.5, "high": 0.9}


def reply(*offers: dict[str, Any]) -> Reply:
    return Reply(json.dumps({"candidates": list(offers)}), usage=USAGE, revision="test-1")


GOOD = reply(offer(0.25), offer(0.75, "b"))
ILLEGAL = reply(offer(2.0))


def question(text: str = "propose", *, seed: int = 7) -> Question:
    prompt = Prompt(({"role": "user", "content": text},), {"system.md.jinja": "abc"})
    return Question(prompt, SPACE, Goal("score", "maximize"), lambda config: True, seed=seed, asked_at=3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as store:
        yield store


@pytest.fixture
def study(store: Store) -> str:
    return store.create_study(make_spec()).id


def desk(model: ScriptedModel, store: Store, study: str | None, *, budget: Budget | None = None, **rest: Any) -> Desk:
    return Desk(model, store=store, study_id=study, budget=lambda: budget or Budget(), price=PRICE, **rest)


def verdicts(store: Store, study: str) -> list[str]:
    return [exchange.verdict for _, exchange in store.exchanges(study)]


def answered(store: Store, study: str) -> list[ModelAnswered]:
    return [event for _, _, event in store.events(study) if isinstance(event, ModelAnswered)]


# -- one good reply --------------------------------------------------------------------------------


def test_answer_is_in_the_store_with_all_that_decided_it(store: Store, study: str) -> None:
    answer = desk(ScriptedModel(GOOD), store, study).ask(question())
    assert (answer.verdict, answer.n_sent, len(answer.candidates)) == ("used", 1, 2)
    ((exchange_id, exchange),) = store.exchanges(study)
    assert exchange.request.messages == ({"role": "user", "content": "propose"},)
    assert exchange.request.prompt_hashes == {"system.md.jinja": "abc"}
    assert exchange.request.sampling == {"temperature": None, "max_tokens": 2000, "seed": 7}
    assert (exchange.usage, exchange.dollars, exchange.revision) == (USAGE, 600e-6, "test-1")
    kept = store.candidates(study)
    assert [(entry.config, entry.exchange_ids, entry.asked_at) for entry in kept] == [
        ({"x": 0.25, "kind": "a"}, (exchange_id,), 3),
        ({"x": 0.75, "kind": "b"}, (exchange_id,), 3),
    ]
    assert [entry.exchange_ids for entry in answer.candidates] == [(exchange_id,)] * 2


def test_candidates_and_refusals_of_one_reply_are_both_kept(store: Store, study: str) -> None:
    answer = desk(ScriptedModel(reply(offer(0.5), offer(2.0), offer(0.5))), store, study).ask(question())
    assert answer.verdict == "used"
    assert [(kind, proposal.exchange_ids) for proposal, kind, _ in answer.refused] == [
        ("illegal", (1,)),
        ("duplicate", (1,)),
    ]
    assert store.refused(study) == list(answer.refused)


def test_real_usage_takes_the_place_of_the_worst_case(store: Store, study: str) -> None:
    desk(ScriptedModel(GOOD), store, study).ask(question())
    assert store.spent(study) == Spending(1, 150, 600e-6)


def test_unknown_usage_stays_at_the_worst_case(store: Store, study: str) -> None:
    desk(ScriptedModel(GOOD.text), store, study).ask(question())
    tokens = store.spent(study).tokens
    assert tokens is not None and tokens > 2000


def test_estimate_learns_from_what_earlier_replies_told(store: Store, study: str) -> None:
    model = ScriptedModel(Reply(GOOD.text, usage={"prompt": 1000, "completion": 50}), GOOD.text)
    desk(model, store, study).ask(question(seed=1))
    desk(model, store, study).ask(question(seed=2))  # a new desk reads the study's exchanges
    tokens = store.spent(study).tokens
    assert tokens is not None and tokens - 1050 >= 1000 + 2000


def test_price_of_cached_tokens_and_of_a_server_that_tells_its_own(store: Store, study: str) -> None:
    cached = Reply(GOOD.text, usage={**USAGE, "cached": 60})
    told = Reply(GOOD.text, usage=USAGE, dollars=0.25)
    asking = Desk(
        ScriptedModel(cached, told), store=store, study_id=study, budget=Budget, price=Price(1.0, 10.0, cached=0.1)
    )
    asking.ask(question(seed=1))
    asking.ask(question(seed=2))
    assert [exchange.dollars for _, exchange in store.exchanges(study)] == [546e-6, 0.25]


def test_local_model_is_free_and_an_unknown_price_is_unknown(store: Store, study: str) -> None:
    local = Desk(ScriptedModel(GOOD, is_local=True), store=store, study_id=study, budget=Budget)
    local.ask(question(seed=1))
    assert store.spent(study).dollars == 0.0
    Desk(ScriptedModel(GOOD, is_local=True), store=store, study_id=study, budget=Budget, price=PRICE).ask(question())
    assert store.spent(study).dollars == 600e-6  # the person's own price of a server of theirs
    Desk(ScriptedModel(GOOD), store=store, study_id=study, budget=Budget).ask(question(seed=2))
    assert store.spent(study).dollars is None


def test_request_outside_a_study_is_kept_without_candidates(store: Store) -> None:
    assert desk(ScriptedModel(GOOD), store, None).ask(question()).verdict == "used"
    assert store.spent(None).tokens == 150


# -- repair ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("bad", "told"), [("no idea", "no JSON that can be read"), (ILLEGAL, "from 0 to 1")])
def test_unusable_reply_is_repaired_once_with_its_errors_named(
    store: Store, study: str, bad: str | Reply, told: str
) -> None:
    model = ScriptedModel(bad, GOOD)
    answer = desk(model, store, study).ask(question())
    assert (answer.verdict, answer.n_sent, len(answer.candidates)) == ("repaired", 2, 2)
    first, said, asked = model.asked[1].messages
    assert (first["role"], said["role"], asked["role"]) == ("user", "assistant", "user")
    assert told in str(asked["content"])
    assert verdicts(store, study)[1] == "repaired"
    assert [entry.exchange_ids for entry in answer.candidates] == [(1, 2)] * 2
    assert [entry.exchange_ids for entry in store.candidates(study)] == [(1, 2)] * 2
    assert store.exchanges(study)[1][1].request.prompt_hashes.keys() == {"system.md.jinja", "repair.md.jinja"}


def test_second_unusable_reply_is_the_end(store: Store, study: str) -> None:
    model = ScriptedModel(ILLEGAL)
    answer = desk(model, store, study).ask(question())
    assert (answer.verdict, answer.n_sent, answer.candidates) == ("illegal", 2, ())
    assert len(model.asked) == 2
    assert [kind for _, kind, _ in answer.refused] == ["illegal", "illegal"]


@pytest.mark.parametrize("said", ["I'm sorry, I cannot do that.", "", json.dumps({"candidates": []})])
def test_refusal_and_silence_are_not_argued_with(store: Store, study: str, said: str) -> None:
    answer = desk(ScriptedModel(said), store, study).ask(question())
    assert answer.n_sent == 1
    assert verdicts(store, study) == [answer.verdict]
    assert answer.verdict == ("refused" if "sorry" in said else "empty")


# -- drawing again ---------------------------------------------------------------------------------

KNOWN = reply(offer(0.5), offer(0.5, "b"))
"""All of it is in the study of `known` already."""
BROKEN = reply(offer(0.95), offer(0.9, "b"))
"""All of it breaks the constraint of `known`."""


class FreeModel(ScriptedModel):
    """Draws again at no cost."""

    redraws = 2


def known(*, seed: int = 7) -> Question:
    """A question of a study that has every configuration with x at 0.5, and keeps x below 0.9."""
    space = Space(x=Float(0.0, 1.0), kind=Categorical(["a", "b"]), constraints=["x < 0.9"])
    return replace(question(seed=seed), space=space, is_new=lambda config: config["x"] != 0.5)


@pytest.mark.parametrize(("first", "verdict"), [(KNOWN, "duplicate"), (BROKEN, "infeasible")])
def test_what_no_grammar_holds_is_drawn_again_by_a_request_of_its_own(
    store: Store, study: str, first: Reply, verdict: str
) -> None:
    model = FreeModel(first, GOOD)
    answer = desk(model, store, study).ask(known())
    assert (answer.verdict, answer.n_sent, len(answer.candidates)) == ("used", 2, 2)
    assert verdicts(store, study) == [verdict, "used"]
    requests = [exchange.request for _, exchange in store.exchanges(study)]
    assert requests[1].messages == requests[0].messages
    assert len({request.sampling["seed"] for request in requests}) == len({request.key for request in requests}) == 2
    assert store.spent(study).requests == 2
    assert [entry.exchange_ids for entry in store.candidates(study)] == [(2,), (2,)]
    assert [(kind, proposal.exchange_ids) for proposal, kind, _ in answer.refused] == [(verdict, (1,))] * 2


def test_draws_that_bring_nothing_end_after_two_more(store: Store, study: str) -> None:
    model = FreeModel(KNOWN, BROKEN, KNOWN, GOOD)
    answer = desk(model, store, study).ask(known())
    assert (answer.verdict, answer.n_sent, answer.candidates) == ("duplicate", 3, ())
    assert verdicts(store, study) == ["duplicate", "infeasible", "duplicate"]


def test_model_that_is_paid_is_not_asked_to_draw_again(store: Store, study: str) -> None:
    model = ScriptedModel(KNOWN, GOOD)
    assert (desk(model, store, study).ask(known()).verdict, len(model.asked)) == ("duplicate", 1)


def test_reply_with_one_new_candidate_is_not_drawn_again(store: Store, study: str) -> None:
    model = FreeModel(reply(offer(0.5), offer(0.95), offer(0.25)))
    assert (desk(model, store, study).ask(known()).verdict, len(model.asked)) == ("used", 1)


def test_repair_that_brings_nothing_new_is_drawn_again_from_the_question(store: Store, study: str) -> None:
    model = FreeModel(ILLEGAL, KNOWN, GOOD)
    answer = desk(model, store, study).ask(known())
    assert (answer.verdict, verdicts(store, study)) == ("used", ["illegal", "duplicate", "used"])
    assert [len(asked.messages) for asked in model.asked] == [1, 3, 1]


def test_further_replies_follow_the_draw_that_was_used(store: Store, study: str) -> None:
    model = FreeModel(KNOWN, GOOD)
    desk(model, store, study, sampling=Sampling(n=2)).ask(known())
    requests = [exchange.request for _, exchange in store.exchanges(study)]
    assert [request.sample_index for request in requests] == [0, 0, 1]
    assert requests[2].sampling["seed"] == int(str(requests[1].sampling["seed"])) + 1


def test_draw_past_the_deadline_or_the_budget_is_not_begun(store: Store, study: str) -> None:
    model = FreeModel(KNOWN, GOOD)
    assert desk(model, store, study, deadline_s=0.0).ask(known(seed=1)).verdict == "duplicate"
    answer = desk(model, store, study, budget=Budget(requests=1)).ask(known(seed=1))
    assert (answer.verdict, len(model.asked)) == ("over-budget", 1)


def test_interrupted_draws_go_on_where_they_were(store: Store, study: str) -> None:
    desk(FreeModel(KNOWN), store, study, budget=Budget(requests=2)).ask(known())
    model = FreeModel(GOOD)
    answer = desk(model, store, study).ask(known())
    assert (answer.verdict, answer.n_sent, len(model.asked)) == ("used", 1, 1)
    assert verdicts(store, study) == ["duplicate", "duplicate", "used"]


# -- servers that fail -----------------------------------------------------------------------------


def test_refused_part_of_a_request_is_left_out_and_asked_again_at_once(store: Store, study: str) -> None:
    missing = CapabilityMissing("the server refused `seed`", verdict="unsupported")
    answer = desk(ScriptedModel(missing, missing, GOOD), store, study).ask(question())
    assert (answer.verdict, answer.n_sent) == ("used", 3)
    assert verdicts(store, study) == ["unsupported", "unsupported", "used"]
    assert store.spent(study) == Spending(3, 150, 600e-6)


def test_server_that_refuses_every_part_is_given_up(store: Store, study: str) -> None:
    model = ScriptedModel(CapabilityMissing("the server refused it", verdict="unsupported"))
    answer = desk(model, store, study).ask(question())
    assert (answer.verdict, answer.n_sent, len(model.asked)) == ("unsupported", 7, 7)


def test_busy_server_is_asked_three_times_at_most(store: Store, study: str) -> None:
    model = ScriptedModel(RateLimited("slow down", retry_after_s=0.0))
    answer = desk(model, store, study).ask(question())
    assert (answer.verdict, len(model.asked)) == ("rate-limited", 3)
    assert verdicts(store, study) == ["rate-limited"] * 3
    assert store.spent(study) == Spending(3, 0, 0.0)


@pytest.mark.parametrize("wait_s", [3600.0, float("nan"), float("inf")])
def test_server_that_wants_a_long_wait_is_not_waited_for(store: Store, study: str, wait_s: float) -> None:
    model = ScriptedModel(RateLimited("come back tomorrow", retry_after_s=wait_s))
    assert desk(model, store, study).ask(question()).verdict == "rate-limited"
    assert len(model.asked) == 1


def test_wait_that_would_pass_the_deadline_is_not_begun(store: Store, study: str) -> None:
    model = ScriptedModel(RateLimited("slow down", retry_after_s=20.0))
    assert desk(model, store, study, deadline_s=10.0).ask(question()).verdict == "rate-limited"
    assert len(model.asked) == 1


@pytest.mark.parametrize("verdict", ["no-quota", "unauthorised", "timeout", "unreachable", "empty", "refused"])
def test_failure_costs_one_request_and_a_verdict(store: Store, study: str, verdict: str) -> None:
    model = ScriptedModel(ModelError("the server said no", verdict=verdict))
    answer = desk(model, store, study).ask(question())
    assert (answer.verdict, answer.why, answer.n_sent) == (verdict, "the server said no", 1)
    assert verdicts(store, study) == [verdict]


@pytest.mark.parametrize("price", [PRICE, None])
def test_request_that_reached_nobody_costs_a_request_and_no_token(
    store: Store, study: str, price: Price | None
) -> None:
    refused = ModelError("connection refused", verdict="unreachable", usage={"prompt": 0, "completion": 0})
    Desk(ScriptedModel(refused), store=store, study_id=study, budget=Budget, price=price).ask(question())
    assert store.spent(study) == Spending(1, 0, 0.0)


def test_line_that_broke_costs_the_worst_case_since_the_model_may_have_worked(store: Store, study: str) -> None:
    desk(ScriptedModel(ModelError("connection reset", verdict="unreachable")), store, study).ask(question())
    tokens = store.spent(study).tokens
    assert tokens is not None and tokens > 2000


def test_timeout_costs_the_worst_case_since_the_model_may_have_worked(store: Store, study: str) -> None:
    desk(ScriptedModel(ModelError("no reply within 60 s", verdict="timeout")), store, study).ask(question())
    tokens = store.spent(study).tokens
    assert tokens is not None and tokens > 2000


def test_whole_candidates_of_a_cut_reply_are_used(store: Store, study: str) -> None:
    text = json.dumps({"candidates": [offer(0.25), offer(0.75)]})[:-20]
    answer = desk(ScriptedModel(ModelError("cut", verdict="cut", text=text, usage=USAGE)), store, study).ask(question())
    assert answer.verdict == "used"
    assert [entry.config["x"] for entry in answer.candidates] == [0.25]


def test_cut_reply_without_a_whole_candidate_stays_cut(store: Store, study: str) -> None:
    cut = ModelError("the reply ended at 2000 tokens", verdict="cut", text='{"candidates": [{"con', usage=USAGE)
    answer = desk(ScriptedModel(cut), store, study).ask(question())
    assert (answer.verdict, answer.why, answer.n_sent) == ("cut", "the reply ended at 2000 tokens", 1)
    assert store.spent(study).tokens == 150


@pytest.mark.parametrize("broken", [ValueError("a bug"), KeyError("x"), ModelError("odd", verdict="no such verdict")])
def test_bug_of_a_model_is_a_verdict(store: Store, study: str, broken: Exception) -> None:
    answer = desk(ScriptedModel(broken), store, study).ask(question())
    assert answer.verdict == "error"
    assert answer.why is not None and str(broken).strip("'") in answer.why


@pytest.mark.parametrize("returned", [None, {"text": "hi"}, Reply(None)])  # type: ignore[arg-type]  # what is wrong with it
def test_model_that_returns_something_else_is_a_verdict(store: Store, study: str, returned: Any) -> None:
    answer = desk(ScriptedModel(lambda: returned), store, study).ask(question())
    assert answer.verdict == "error"


def test_counts_nobody_can_believe_are_unknown(store: Store, study: str) -> None:
    usage: Any = {"prompt": -5, "completion": 10**30, "cached": True}
    desk(ScriptedModel(Reply(GOOD.text, usage=usage, dollars=float("nan"))), store, study).ask(question())
    ((_, exchange),) = store.exchanges(study)
    assert (exchange.usage, exchange.dollars) == ({}, None)


# -- budgets ---------------------------------------------------------------------------------------


def test_request_over_budget_is_not_sent_and_announced_once(store: Store, study: str) -> None:
    model = ScriptedModel(GOOD)
    asking = desk(model, store, study, budget=Budget(requests=1))
    asking.ask(question(seed=1))
    answers = [asking.ask(question(seed=seed)) for seed in (2, 3)]
    assert [(answer.verdict, answer.n_sent) for answer in answers] == [("over-budget", 0)] * 2
    assert answers[0].why is not None and "1 requests" in answers[0].why
    assert len(model.asked) == 1
    assert [(event.verdict, event.exchange_id) for event in answered(store, study)] == [
        ("used", 1),
        ("over-budget", None),
    ]


def test_worst_case_decides_before_anything_is_sent(store: Store, study: str) -> None:
    model = ScriptedModel(GOOD)
    answer = desk(model, store, study, budget=Budget(tokens=2000)).ask(question())
    assert (answer.verdict, model.asked) == ("over-budget", [])
    assert desk(model, store, study, budget=Budget(dollars=0.01)).ask(question()).verdict == "over-budget"
    assert desk(model, store, study, budget=Budget(dollars=0.03)).ask(question()).verdict == "used"


def test_repair_is_reserved_like_any_request(store: Store, study: str) -> None:
    answer = desk(ScriptedModel(ILLEGAL, GOOD), store, study, budget=Budget(requests=1)).ask(question())
    assert (answer.verdict, answer.n_sent) == ("over-budget", 1)
    assert verdicts(store, study) == ["illegal"]


def test_day_is_shared_by_all_studies(store: Store, study: str) -> None:
    other = store.create_study(make_spec("other")).id
    day = Budget(requests=1)
    assert desk(ScriptedModel(GOOD), store, study, daily=day).ask(question()).verdict == "used"
    answer = desk(ScriptedModel(GOOD), store, other, daily=day).ask(question())
    assert answer.verdict == "over-budget"
    assert answer.why is not None and "max_requests_per_day" in answer.why


# -- resuming --------------------------------------------------------------------------------------


def test_question_that_was_answered_is_not_sent_again(store: Store, study: str) -> None:
    model = ScriptedModel(GOOD)
    first, again = (desk(model, store, study).ask(question()) for _ in range(2))
    assert (len(model.asked), again.n_sent) == (1, 0)
    assert (again.verdict, again.candidates) == (first.verdict, first.candidates)
    assert len(store.candidates(study)) == 2
    assert len(answered(store, study)) == 1


def test_interrupted_repair_goes_on_where_it_was(store: Store, study: str) -> None:
    died_before_its_repair = desk(ScriptedModel(ILLEGAL), store, study, budget=Budget(requests=1))
    died_before_its_repair.ask(question())
    model = ScriptedModel(GOOD)
    answer = desk(model, store, study).ask(question())
    assert (answer.verdict, answer.n_sent, len(model.asked[0].messages)) == ("repaired", 1, 3)


def test_question_without_a_reply_is_sent_again(store: Store, study: str) -> None:
    desk(ScriptedModel(ModelError("too slow", verdict="timeout")), store, study).ask(question())
    assert desk(ScriptedModel(GOOD), store, study).ask(question()).verdict == "used"


def test_another_study_asks_for_itself(store: Store, study: str) -> None:
    desk(ScriptedModel(GOOD), store, study).ask(question())
    model = ScriptedModel(GOOD)
    assert desk(model, store, store.create_study(make_spec("other")).id).ask(question()).n_sent == 1


# -- samples, shutting down, keys ------------------------------------------------------------------


def test_replies_drawn_by_one_request_are_pooled_and_told_apart(store: Store, study: str) -> None:
    said = NumberSaid("predicted", GOOD.text.index("0.5"), 0.61, 0.02, 0.99)
    drawn = replace(reply(offer(0.1), offer(0.25)), others=(Sample(GOOD.text, (said,)), Sample("no idea")))
    model = ScriptedModel(drawn)
    answer = desk(model, store, study, sampling=Sampling(n=3)).ask(question())
    assert (answer.verdict, answer.n_sent, answer.refused) == ("used", 1, ())
    assert model.asked[0].sampling is not None and model.asked[0].sampling.n == 3
    kept = [(entry.config["x"], entry.sample, entry.prediction_source) for entry in store.candidates(study)]
    assert kept == [(0.1, 0, "verbal"), (0.25, 0, "verbal"), (0.25, 1, "tokens"), (0.75, 1, "verbal")]
    ((_, exchange),) = store.exchanges(study)
    assert (exchange.request.sampling["n"], exchange.others) == (3, drawn.others)


def test_empty_first_reply_does_not_hide_the_others(store: Store, study: str) -> None:
    drawn = replace(GOOD, text="", others=(Sample(GOOD.text),))
    answer = desk(ScriptedModel(drawn), store, study, sampling=Sampling(n=2)).ask(question())
    assert (answer.verdict, answer.n_sent, [entry.sample for entry in answer.candidates]) == ("used", 1, [1, 1])


def test_replies_that_one_request_does_not_bring_are_asked_for_one_by_one(store: Store, study: str) -> None:
    two = replace(GOOD, others=(Sample(GOOD.text),))
    model = ScriptedModel(two, GOOD, GOOD)
    answer = desk(model, store, study, sampling=Sampling(n=4)).ask(question())
    assert (answer.verdict, answer.n_sent) == ("used", 3)
    asked = [exchange.request for _, exchange in store.exchanges(study)]
    told = [(request.sample_index, request.sampling.get("n"), request.sampling["seed"]) for request in asked]
    assert told == [(0, 4, 7), (2, None, 9), (3, None, 10)]
    assert [entry.sample for entry in answer.candidates] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert store.spent(study).requests == 3


def test_more_replies_are_not_asked_for_where_none_comes_or_none_is_affordable(store: Store, study: str) -> None:
    silent = ScriptedModel(GOOD, ModelError("too slow", verdict="timeout"))
    answer = desk(silent, store, study, sampling=Sampling(n=4)).ask(question())
    assert (answer.verdict, answer.n_sent, len(silent.asked)) == ("used", 2, 2)
    model = ScriptedModel(GOOD)
    poor = desk(model, store, study, sampling=Sampling(n=4), budget=Budget(requests=3)).ask(question(seed=9))
    assert (poor.verdict, poor.n_sent, len(model.asked)) == ("used", 1, 1)


def test_worst_case_counts_every_reply_that_is_drawn(store: Store, study: str) -> None:
    asking = desk(ScriptedModel(GOOD), store, study, sampling=Sampling(n=4), budget=Budget(tokens=8_000))
    assert asking.ask(question()).verdict == "over-budget"


def test_more_replies_than_asked_for_are_left(store: Store, study: str) -> None:
    drawn = replace(GOOD, others=(Sample(GOOD.text),) * 3)
    answer = desk(ScriptedModel(drawn), store, study, sampling=Sampling(n=2)).ask(question())
    assert [entry.sample for entry in answer.candidates] == [0, 0, 1, 1]
    assert desk(ScriptedModel(drawn), store, study).ask(question(seed=8)).candidates[-1].sample == 0


def test_numbers_of_a_text_that_held_a_key_are_left_out(store: Store, study: str) -> None:
    keyed = reply(offer(0.5) | {"reason": "use sk-abcdefghijklmnop1234567890"})
    said = NumberSaid("predicted", keyed.text.index("0.5,"), 0.61, 0.02, 0.99)
    answer = desk(ScriptedModel(replace(keyed, numbers=(said,))), store, study).ask(question())
    assert answer.candidates[0].prediction_source == "verbal", "it stands elsewhere in what is kept"


def test_repair_asks_for_one_reply(store: Store, study: str) -> None:
    model = ScriptedModel(replace(ILLEGAL, others=(Sample("no idea"),)), GOOD)
    answer = desk(model, store, study, sampling=Sampling(n=2)).ask(question())
    assert (answer.verdict, len(model.asked)) == ("repaired", 2)
    assert model.asked[1].sampling is not None and model.asked[1].sampling.n == 1


def test_interrupted_sampling_goes_on_where_it_was(store: Store, study: str) -> None:
    desk(ScriptedModel(GOOD), store, study, sampling=Sampling(n=3), budget=Budget(requests=2)).ask(question())
    model = ScriptedModel(GOOD)
    answer = desk(model, store, study, sampling=Sampling(n=3)).ask(question())
    assert (answer.n_sent, len(model.asked), [entry.sample for entry in answer.candidates]) == (
        1,
        1,
        [0, 0, 1, 1, 2, 2],
    )
    assert len(store.candidates(study)) == 6


def test_what_several_replies_got_wrong_is_refused_once(store: Store, study: str) -> None:
    drawn = replace(reply(offer(2.0), offer(0.5)), others=(Sample(reply(offer(0.5), offer(2.0)).text),))
    answer = desk(ScriptedModel(drawn), store, study, sampling=Sampling(n=2)).ask(question())
    assert [(kind, proposal.config["x"]) for proposal, kind, _ in answer.refused] == [("illegal", 2.0)]
    assert [entry.sample for entry in answer.candidates] == [0, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"others": (None,)},
        {"others": 3},
        {"others": (Sample(None),)},  # type: ignore[arg-type]  # what is wrong with it
        {"numbers": 7},
    ],
)
def test_samples_that_are_none_are_a_verdict(store: Store, study: str, wrong: dict[str, Any]) -> None:
    answer = desk(ScriptedModel(replace(GOOD, **wrong)), store, study, sampling=Sampling(n=2)).ask(question())
    assert answer.verdict == "error"


@pytest.mark.parametrize(
    "number",
    [
        NumberSaid("predicted", 1, float("nan"), 0.1, 1.0),
        NumberSaid("predicted", 1, 0.5, -0.1, 1.0),
        NumberSaid("predicted", 1, 0.5, float("inf"), 1.0),
        NumberSaid("predicted", 1, 0.5, 0.1, 1.5),
        NumberSaid("predicted", "1", 0.5, 0.1, 1.0),  # type: ignore[arg-type]  # what is wrong with it
        0.5,
    ],
)
def test_distributions_nobody_can_believe_are_left_out(store: Store, study: str, number: Any) -> None:
    answer = desk(ScriptedModel(replace(GOOD, numbers=(number,))), store, study).ask(question())
    assert (answer.verdict, answer.candidates[0].prediction_source) == ("used", "verbal")
    assert store.exchanges(study)[0][1].numbers == ()


def test_cancelled_desk_waits_for_nobody_and_keeps_the_reservation(store: Store, study: str) -> None:
    is_asked, may_answer = threading.Event(), threading.Event()

    def never() -> Reply:
        is_asked.set()
        may_answer.wait(60.0)
        return GOOD

    asking = desk(ScriptedModel(never), store, study)
    answers: list[Answer] = []
    thread = threading.Thread(target=lambda: answers.append(asking.ask(question())))
    thread.start()
    assert is_asked.wait(60.0)
    asking.cancel()
    thread.join(60.0)
    assert [answer.verdict for answer in answers] == ["error"]
    assert store.exchanges(study) == []
    tokens = store.unsettled(study).tokens
    assert tokens is not None and tokens > 2000
    assert asking.ask(question()).n_sent == 0
    may_answer.set()


def test_cancelled_wait_for_a_busy_server_ends(store: Store, study: str) -> None:
    asking = desk(ScriptedModel(RateLimited("slow down", retry_after_s=25.0)), store, study)
    answers: list[Answer] = []
    thread = threading.Thread(target=lambda: answers.append(asking.ask(question())))
    thread.start()
    while not store.spent(study).requests:
        pass
    asking.cancel()
    thread.join(20.0)
    assert [answer.verdict for answer in answers] == ["error"]


def test_model_that_does_not_keep_its_time_is_left_behind(
    store: Store, study: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "GRACE_S", 0.0)
    may_answer = threading.Event()

    def late() -> Reply:
        may_answer.wait(60.0)
        return GOOD

    answer = desk(ScriptedModel(late), store, study, sampling=Sampling(timeout_s=0.01)).ask(question())
    may_answer.set()
    assert answer.verdict == "timeout"
    assert store.unsettled(study) == Spending(0, 0, 0)


class SlowModel(ScriptedModel):
    """Says that it takes long."""

    patience = Patience(reply_s=900.0, start_s=60.0)


def test_slow_model_gets_the_time_that_it_says_it_needs(store: Store, study: str) -> None:
    model = SlowModel(GOOD)
    desk(model, store, study).ask(question())
    sampling = model.asked[0].sampling
    assert sampling is not None
    assert sampling.timeout_s == 900.0


def test_model_is_waited_for_while_it_starts(store: Store, study: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "GRACE_S", 0.0)

    def after_its_timeout() -> Reply:
        time.sleep(0.1)
        return GOOD

    answer = desk(SlowModel(after_its_timeout), store, study, sampling=Sampling(timeout_s=0.01)).ask(question())
    assert answer.verdict == "used"


def test_keys_reach_neither_model_nor_store(
    store: Store, study: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted, looks_like_one = "correct-horse-battery", "sk-abcdefghijklmnop1234567890"
    monkeypatch.setenv("MY_API_KEY", planted)
    echo = json.dumps({"candidates": [offer(0.5) | {"reason": f"use {planted}"}, offer(9.0) | {"reason": planted}]})
    model = ScriptedModel(
        Reply(echo, revision=planted, others=(Sample(f"{planted} {looks_like_one}"), Sample(echo))),
        ModelError(f"bad key {looks_like_one}", verdict="unauthorised"),
        ValueError(f"header {planted}"),
        f"my key is {looks_like_one}",
        ModelError("cut", verdict="cut", text=f"{planted} {{"),
    )
    asking = desk(model, store, study)
    for seed in range(6):
        asking.ask(question(f"log says {planted} and {looks_like_one}", seed=seed))
    everything = repr([asked.messages for asked in model.asked])
    for file in path.parent.iterdir():
        if file.is_file():
            everything += file.read_bytes().decode("utf-8", "replace")
    assert planted not in everything
    assert looks_like_one not in everything


def test_choice_that_a_secret_variable_has_is_said_and_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_KEY", "adam_with_decay")
    space = Space(x=Float(0.0, 1.0), kind=Categorical(["a", "adam_with_decay"]))
    env: Json = {"OPT_KEY": "adam_with_decay", "METRIC_TOKEN": "validation_score", "MY_TOKEN": "tr0ub4dor"}
    spec = replace(
        make_spec(),
        space=space,
        first=(),
        default=None,
        goal=Goal("validation_score", "maximize"),
        objective={"type": "command", "command": "python train.py {x} {kind}", "env": env},
    )
    study = store.create_study(spec).id
    text = "propose kinds of adam_with_decay for validation_score"
    asked = replace(question(f"{text}, tr0ub4dor"), space=space)
    answer = desk(ScriptedModel(reply(offer(0.5, "adam_with_decay"))), store, study).ask(asked)
    ((_, exchange),) = store.exchanges(study)
    assert exchange.request.messages[0]["content"] == f"{text}, ***"
    assert [entry.config["kind"] for entry in answer.candidates] == ["adam_with_decay"]
