"""A model in the loop of a study, over a real server: what is asked, waited for, told, and never done twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Timer
from typing import Literal

import numpy as np
import psutil
import pytest

from agenttune import Budget, Study, driver, tune
from agenttune.edits import SetRange, edit_to_json
from agenttune.errors import UserError
from agenttune.events import ControlAnswered, Event, ModelAnswered, StudyChanged, TrialFinished
from agenttune.exchange import Exchange, ExchangeRequest, estimate_tokens
from agenttune.executors import load_executor
from agenttune.history import config_key
from agenttune.insight.prompt import MAX_TOKENS
from agenttune.models.prices import own_prices_path
from agenttune.replies.turn import SEED_STEP
from agenttune.settings import settings_path
from agenttune.spec import StudySpec, StudyState
from agenttune.store import Store
from agenttune.study import asking, has_live_driver
from agenttune.study.asking import last_answer
from agenttune.study.loop import Loop
from agenttune.study.seeds import seed_of
from agenttune.testing.answers import Responder, fault
from agenttune.testing.functions import SMOOTH
from agenttune.testing.planted import Planted
from agenttune.trial import Proposal, Trial, TrialState
from agenttune.types import Json
from tests.study.models import Doing, Held, Make, Offers, Serve, configs_of, set_latency, wait_for

FOR_EVER_S = 3_600.0


def run(store: Store, spec: StudySpec, *, on_event: Callable[[Event], None] | None = None) -> list[Trial]:
    """Runs a new study to its end; its trials."""
    return list(Study.from_spec(spec, store=store).run(on_event=on_event).trials)


def answers(store: Store) -> list[ModelAnswered]:
    """What became of the latest study's requests."""
    return [event for _, _, event in store.events(store.study().id) if isinstance(event, ModelAnswered)]


def arms(trials: list[Trial]) -> list[str]:
    return [trial.arm for trial in trials]


# -- what becomes of a reply -----------------------------------------------------------------------


def test_candidates_become_trials_that_name_their_exchange(store: Store, serve: Serve, make: Make) -> None:
    trials = run(store, make(serve(Offers()), 6))
    assert arms(trials[:4]) == ["sobol", "model", "sobol", "model"]
    replies = dict(store.exchanges(store.study().id))
    for trial in [trial for trial in trials if trial.arm == "model"]:
        (exchange_id,) = trial.proposal.exchange_ids
        assert trial.config in configs_of(replies[exchange_id].reply or "")
        assert trial.proposal.prediction_source == "verbal"


def test_planted_probabilities_come_out_of_the_gates_prediction(store: Store, serve: Serve, make: Make) -> None:
    """Of two replies a prompt, over HTTP, from the tokens to the trial: within 1%."""
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text("logprobs = true\nsamples = 2\n")
    configs = SMOOTH.space.sample(np.random.default_rng(0), 4)
    planted = Planted([(config, 0.6 + 0.05 * place, 0.003) for place, config in enumerate(configs)])
    trials = run(store, make(serve(planted), 6))
    believed = {config_key(config): (mean, sd) for config, mean, sd in planted.offers}
    predicted = [trial.proposal for trial in trials if trial.arm == "model"]
    assert len(predicted) >= 2
    for proposal in predicted:
        mean, sd = believed[config_key(proposal.config)]
        assert proposal.prediction_source == "tokens"
        assert proposal.predicted_mean == pytest.approx(mean, rel=0.01)
        assert proposal.predicted_sd == pytest.approx(sd, rel=0.01)


def test_study_that_was_interrupted_knows_its_answer_whichever_reply_came_last(store: Store, make_spec: Make) -> None:
    spec = make_spec()
    study = store.create_study(spec).id
    for sample, verdict in enumerate(["used", "unparsable", "timeout"]):
        sampling: dict[str, Json] = {"seed": seed_of(spec.seed, 0) + sample}
        request = ExchangeRequest("hf:tiny", (), sampling=sampling, sample_index=sample)
        store.add_exchange(study, Exchange(request, None if verdict == "timeout" else "{}", verdict))
    last = last_answer(store, study, spec)
    assert last is not None and (last[0], last[1].verdict) == (0, "used")


def test_study_that_was_interrupted_knows_its_answer_by_the_last_draw(store: Store, make_spec: Make) -> None:
    spec = make_spec()
    study = store.create_study(spec).id
    for config in ({"x": 0.1, "n": 1}, {"x": 0.2, "n": 1}):
        store.add_trial(study, Proposal(config, "sobol", "spread"), seed=1)
    for number, verdict in enumerate(["duplicate", "infeasible"]):
        sampling: dict[str, Json] = {"seed": (seed_of(spec.seed, 2) + number * SEED_STEP) % 2**32}
        store.add_exchange(study, Exchange(ExchangeRequest("hf:tiny", (), sampling=sampling), "{}", verdict))
    last = last_answer(store, study, spec)
    assert last is not None and (last[0], last[1].verdict) == (2, "infeasible")


def test_gate_keeps_its_rule_with_every_trial(store: Store, serve: Serve, make: Make) -> None:
    trials = run(store, make(serve(Offers()), 5))
    gates = [trial.proposal.memory["gate"] for trial in trials]
    assert all(isinstance(gate, dict) and gate["rule"] and gate["sentence"] for gate in gates)
    assert {"slack", "gap", "log_ei_model", "log_ei_surrogate"} <= set(gates[-1])  # type: ignore[arg-type]  # a dict


def test_one_request_serves_several_trials(store: Store, serve: Serve, make: Make) -> None:
    server = serve(Offers())
    trials = run(store, make(server, 4))
    assert arms(trials).count("model") > len(server.chats) == len(answers(store))
    assert len(server.chats) <= 0.3 * 4


def test_model_alone_runs_its_candidates_in_their_order(store: Store, serve: Serve, make: Make) -> None:
    trials = run(store, make(serve(Offers()), 4, proposer="llm"))
    (exchange,) = [exchange for _, exchange in store.exchanges(store.study().id)]
    assert [trial.config for trial in trials] == configs_of(exchange.reply or "")


def test_python_callers_name_a_model(store: Store, serve: Serve) -> None:
    server = serve(Offers())
    result = tune(
        lambda config: SMOOTH.value(config),
        SMOOTH.space,
        maximize="value",
        trials=3,
        model=f"{server.url}#test",
        executor="inline",
        store=store,
    )
    assert arms(list(result.trials)) == ["sobol", "model", "sobol"]
    assert store.study().spec.proposer == "llm+gp"


def test_ask_waits_for_the_model(store: Store, serve: Serve, make: Make) -> None:
    set_latency(FOR_EVER_S)
    held = Held()
    model = f"{serve(held).url}#test"
    with Study.create(SMOOTH.space, maximize="value", proposer="llm", model=model, store=store) as study:
        Timer(0.05, held.is_let.set).start()
        assert study.ask().arm == "model"


def test_two_workers_share_a_model(store: Store, serve: Serve, make: Make) -> None:
    server = serve(Offers())
    trials = run(store, make(server, 6, executor="process", workers=2))
    assert {trial.state for trial in trials} == {TrialState.COMPLETE} and len(trials) == 6
    assert "model" in arms(trials) and len({str(trial.config) for trial in trials}) == 6
    assert len(server.chats) <= 0.3 * 6


def test_candidates_are_read_in_the_space_as_it_was_edited(store: Store, serve: Serve, make: Make) -> None:
    study = Study.from_spec(make(serve(Offers()), 6), store=store)
    edit = edit_to_json(SetRange("dropout", high=0.5, low=0.4))

    def cut(event: Event) -> None:
        if isinstance(event, ModelAnswered):
            store.send(study.id, "edit", {"edit": edit})

    study.run(on_event=cut)
    later = [trial for trial in study.trials if trial.proposal.space_version == 2]
    assert len(study.trials) == 6 and later
    assert all(0.4 <= float(trial.config["dropout"]) <= 0.5 for trial in later)


def test_conversation_grows_and_is_compacted(store: Store, serve: Serve, make: Make) -> None:
    server = serve(Offers(1))
    run(store, make(server, 16, proposer="llm", history="chat"))
    lengths = [len(body["messages"]) for body in server.chats]
    assert lengths[:3] == [2, 4, 6] and 2 in lengths[3:]
    texts = [[message["content"] for message in body["messages"]] for body in server.chats]
    assert max(sum(map(estimate_tokens, of_one)) for of_one in texts) < MAX_TOKENS


# -- waiting ---------------------------------------------------------------------------------------


def test_late_reply_serves_the_trials_after_the_one_it_was_asked_for(store: Store, serve: Serve, make: Make) -> None:
    set_latency(0.01)
    held = Held()
    study = Study.from_spec(make(serve(held), 6), store=store)

    def let(event: Event) -> None:
        if isinstance(event, TrialFinished) and event.number == 1:
            held.is_let.set()
            wait_for(lambda: store.candidates(study.id))

    study.run(on_event=let)
    stood_in, late = study.trials[1], study.trials[2]
    assert stood_in.arm == "sobol"
    assert stood_in.reason.startswith("the model has not answered within 0.01 s; sobol stands in")
    assert (late.arm, late.proposal.exchange_ids) == ("model", (1,))


def test_attempts_end_while_the_model_is_waited_for(store: Store, serve: Serve, make: Make) -> None:
    set_latency(FOR_EVER_S)
    held = Held()
    study = Study.from_spec(make(serve(held), 2, executor="process", workers=2), store=store)

    def let(event: Event) -> None:
        if isinstance(event, TrialFinished):
            held.is_let.set()

    study.run(on_event=let)
    assert arms(study.trials) == ["sobol", "model"]


def test_stop_is_obeyed_while_the_model_is_waited_for(store: Store, serve: Serve, make: Make) -> None:
    set_latency(FOR_EVER_S)
    study = Study.from_spec(make(server := serve(Offers()), 6), store=store)
    server.responder = Doing(lambda: store.send(study.id, "stop"))
    study.run()
    assert (study.row.state, len(study.trials)) == (StudyState.STOPPED, 1)


def test_pause_is_obeyed_while_the_model_is_waited_for(store: Store, serve: Serve, make: Make) -> None:
    set_latency(FOR_EVER_S)
    study = Study.from_spec(make(server := serve(Offers()), 6), store=store)
    server.responder = Doing(lambda: store.send(study.id, "pause"))

    def stop(event: Event) -> None:
        if isinstance(event, StudyChanged) and event.state == "paused":
            store.send(study.id, "stop")

    study.run(on_event=stop)
    kinds = [event.kind for _, _, event in store.events(study.id) if isinstance(event, ControlAnswered)]
    assert (kinds, study.row.state) == (["pause", "stop"], StudyState.STOPPED)


def test_seconds_end_a_study_that_waits_for_its_model(
    store: Store, serve: Serve, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_latency(FOR_EVER_S)
    monkeypatch.setattr(asking, "WAITING_SHARE", FOR_EVER_S)
    server = serve(Doing(lambda: None))
    study = Study.from_spec(make(server, 6, proposer="llm", budget=Budget(seconds=0.2)), store=store)
    study.run()
    assert (study.row.end_reason, study.trials) == ("0.2 s are over", [])


def test_seconds_end_an_ask_that_waits_for_its_model(
    store: Store, serve: Serve, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_latency(FOR_EVER_S)
    monkeypatch.setattr(asking, "WAITING_SHARE", FOR_EVER_S)
    server = serve(Doing(lambda: None))
    spec = make(server, 6, proposer="llm", budget=Budget(seconds=0.2), objective={"type": "told"})
    with Study.from_spec(spec, store=store) as study, pytest.raises(UserError, match=r"0\.2 s are over"):
        study.ask()


def test_driver_that_is_told_to_end_does_not_wait_for_the_model(store: Store, serve: Serve, make: Make) -> None:
    set_latency(FOR_EVER_S)
    server = serve(Doing(lambda: None))
    study_id = store.create_study(make(server, 6, executor="process")).id
    process = psutil.Process(driver.start(study_id, store.path))
    wait_for(lambda: server.chats)
    os.kill(process.pid, signal.SIGTERM)
    process.wait(timeout=10.0)  # the model would have another minute
    assert server.client_left.wait(10.0)
    assert not has_live_driver(store.study(study_id))
    assert store.unsettled(study_id).requests == 1  # nobody knows what it cost


# -- budgets ---------------------------------------------------------------------------------------


def test_model_is_not_asked_once_the_trials_are_spent(store: Store, serve: Serve, make: Make) -> None:
    server = serve(Offers(1))
    assert arms(run(store, make(server, 2, proposer="llm"))) == ["model"] * 2
    assert len(server.chats) == 2


def test_requests_beyond_the_budget_are_not_sent_and_told_once(store: Store, serve: Serve, make: Make) -> None:
    server = serve(Offers(1))
    trials = run(store, make(server, 5, proposer="llm", budget=Budget(trials=5, requests=2)))
    assert (len(server.chats), arms(trials)) == (2, ["model", "model", "sobol", "sobol", "gp"])
    assert "the study may spend 2 requests" in trials[2].reason and "stands in" in trials[2].reason
    assert [(event.verdict, event.exchange_id) for event in answers(store)] == [
        ("used", 1),
        ("used", 2),
        ("over-budget", None),
    ]


def test_dollars_that_do_not_last_for_a_request_keep_it_back(store: Store, serve: Serve, make: Make) -> None:
    server = serve(Offers())
    own_prices_path().parent.mkdir(parents=True)
    own_prices_path().write_text(f'["{server.url}#test"]\nprompt = 5.0\ncompletion = 20.0\nas_of = "2026-01-01"\n')
    trials = run(store, make(server, 3, budget=Budget(trials=3, dollars=0.0001)))
    assert (server.chats, arms(trials)) == ([], ["sobol"] * 3)
    assert "may spend 0.0001 dollars" in trials[1].reason


def test_garbage_costs_verdicts_and_no_trial(store: Store, serve: Serve, make: Make) -> None:
    server = serve(fault("garbage"))
    trials = run(store, make(server, 8))
    assert [trial.state for trial in trials] == [TrialState.COMPLETE] * 8 and "model" not in arms(trials)
    assert {event.verdict for event in answers(store)} == {"unparsable"}
    assert len(server.chats) <= 0.3 * 8, "a repair is a request, too"


def test_key_that_is_missing_at_a_resume_is_told_and_the_study_goes_on(
    store: Store, serve: Serve, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-planted0123456789abcdef")
    spec = make(serve(Offers()), 3, model="openai:gpt-5.6")
    study = Study.from_spec(spec, store=store)
    monkeypatch.delenv("OPENAI_API_KEY")
    study.run()
    assert arms(study.trials) == ["sobol"] * 3
    (told,) = answers(store)
    assert told.exchange_id is None and "OPENAI_API_KEY" in (told.why or "")
    assert "OPENAI_API_KEY" in study.trials[1].reason


# -- interruptions ---------------------------------------------------------------------------------


def test_reply_that_came_before_a_crash_is_used_after_it(store: Store, serve: Serve, make: Make) -> None:
    server = serve(Offers())
    study_id = store.create_study(make(server, 3)).id

    def crash(event: Event) -> None:
        if isinstance(event, ModelAnswered):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Loop(store, study_id, load_executor("inline"), on_event=crash).run()
    assert arms(store.trials(study_id)) == ["sobol"]
    Loop(store, study_id, load_executor("inline")).run()
    assert arms(store.trials(study_id)) == ["sobol", "model", "sobol"]
    assert len(server.chats) == 1


def proposals(trials: list[Trial]) -> list[tuple[object, ...]]:
    return [(trial.config, trial.arm, trial.reason, trial.proposal.exchange_ids) for trial in trials]


@pytest.mark.parametrize("history", ["digest", pytest.param("chat", marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "answers_with",
    [
        Offers(),
        pytest.param(Offers(kind="worst"), marks=pytest.mark.long),
        pytest.param(fault("prose"), marks=pytest.mark.long),
    ],
    ids=["near", "worst", "prose"],
)
def test_study_interrupted_after_every_trial_proposes_what_it_would_have(
    history: Literal["digest", "chat"], answers_with: Responder, tmp_path: Path, serve: Serve, make: Make
) -> None:
    server = serve(answers_with)
    spec = make(server, 8, history=history)
    with Store.open(tmp_path / "whole.db") as store:
        whole = proposals(run(store, spec))
    n_whole = len(server.chats)
    assert n_whole > 1
    with Store.open(tmp_path / "pieces.db") as store:
        study_id = store.create_study(spec).id
        while not store.study(study_id).state.is_ended:
            run_one_trial(store, study_id)
        assert proposals(store.trials(study_id)) == whole
    assert len(server.chats) == 2 * n_whole


def test_study_stopped_during_a_request_makes_it_again(tmp_path: Path, serve: Serve, make: Make) -> None:
    set_latency(FOR_EVER_S)
    server = serve(Offers())
    spec = make(server, 5)
    with Store.open(tmp_path / "whole.db") as store:
        whole = proposals(run(store, spec))
    with Store.open(tmp_path / "pieces.db") as store:
        study = Study.from_spec(spec, store=store)
        server.responder = Doing(lambda: store.send(study.id, "stop"))
        study.run()
        server.responder = Offers()
        study.run()
        assert proposals(study.trials) == whole
        assert store.unsettled(study.id).requests == 1, "what was cut off may have been paid for"


def test_driver_killed_after_a_reply_is_followed_by_one_that_uses_it(tmp_path: Path, serve: Serve, make: Make) -> None:
    set_latency(FOR_EVER_S)
    server = serve(Offers())
    spec = make(server, 4, proposer="llm")
    with Store.open(tmp_path / "whole.db") as store:
        whole = proposals(run(store, spec))
    n_whole = len(server.chats)
    with Store.open(tmp_path / "pieces.db") as store:
        study_id = store.create_study(replace(spec, executor="process")).id
        process = psutil.Process(driver.start(study_id, store.path))
        wait_for(lambda: store.exchanges(study_id))
        process.kill()
        process.wait(timeout=30.0)
        Study.open(study_id, store=store).run()
        assert proposals(store.trials(study_id)) == whole
    assert len(server.chats) == 2 * n_whole


def run_one_trial(store: Store, study_id: str) -> None:
    """Drives the study until a trial has finished."""

    def leave(event: Event) -> None:
        if isinstance(event, TrialFinished):
            loop.request_shutdown()

    loop = Loop(store, study_id, load_executor("inline"), on_event=leave)
    loop.run()
