"""Every proposal made again from the record: identical, without a request, and where it differs it says so."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from agenttune import Budget, Goal, Study, prompts
from agenttune.edits import (
    AddConstraint,
    AddMetricConstraint,
    Edit,
    SetBudget,
    SetRange,
    SetTarget,
    SetWorkers,
    edit_to_json,
)
from agenttune.errors import StudyBusy, UserError
from agenttune.events import Event, ModelAnswered, ModelAsked, TrialFinished, TrialProposed
from agenttune.executors import load_executor
from agenttune.history import StudyView
from agenttune.models.openai import OpenAIModel
from agenttune.proposers.gated import GatedProposer
from agenttune.proposers.random import RandomProposer
from agenttune.replies import desk, turn
from agenttune.replies.decode import Decoded
from agenttune.settings import settings_path
from agenttune.spec import StudySpec, StudyState
from agenttune.store import Store
from agenttune.study import replay as study_replay
from agenttune.study.loop import Loop
from agenttune.study.replay import Replayed, replay
from agenttune.study.step import UNANSWERED, Steps
from agenttune.testing.answers import ChatRequest, Responder, Response, error, fault
from agenttune.testing.functions import SMOOTH
from agenttune.testing.planted import Planted
from agenttune.testing.server import ModelServer
from agenttune.testing.skill import Skill
from agenttune.trial import FailureKind, Proposal
from tests.study.models import Held, Make, Offers, Repeating, Serve, set_latency, wait_for
from tests.study.specs import SMOOTH_OBJECTIVE, asking, reporting

OWN = {"learning_rate": 0.01, "weight_decay": 1e-4, "dropout": 0.2, "layers": 2, "width": 64}
PLANTED = Planted([(config, 0.9, 0.003) for config in Skill(SMOOTH, "near").configs(np.random.default_rng(0), 4)])
"""All its replies offer the same, so that their dispersion is 0."""
FAULTS = ("garbage", "prose", "401", "empty", "quota", "no-ranges", "length", "nan", "refusal")


def smooth(spec: StudySpec, proposer: str, *, trials: int) -> StudySpec:
    """A study of `SMOOTH` in this process."""
    return replace(
        spec,
        space=SMOOTH.space,
        goal=Goal("value", "maximize"),
        objective=SMOOTH_OBJECTIVE,
        executor="inline",
        proposer=proposer,
        budget=Budget(trials=trials),
    )


@pytest.fixture
def into(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(tmp_path / "again.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def gated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A finished study with a model and a gate, only to be read; its server is gone."""
    folder = tmp_path_factory.mktemp("gated")
    with pytest.MonkeyPatch.context() as patch, Store.open(folder / "agenttune.db") as opened:
        for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
            patch.setenv(variable, str(folder / "home"))
        with ModelServer(Offers()) as server:
            Study.from_spec(asking(reporting(folder), server, 10), store=opened).run()
            assert len(server.chats) == len(opened.exchanges(opened.study().id))
        yield opened


def again(store: Store, into: Store, **arguments: Any) -> Replayed:
    return replay(store, store.study(), into, **arguments)


def proposals(store: Store) -> list[tuple[object, ...]]:
    """All of the latest study's proposals but the ids of candidates, which count from 1 in a new store."""
    found: list[tuple[object, ...]] = []
    for trial in store.trials(store.study().id):
        made = trial.proposal
        numbers = (made.predicted_mean, made.predicted_sd, made.prediction_source, tuple(made.seen_trials))
        kept = made.memory.get("gate")
        gate = {name: kept[name] for name in kept if name != "candidate"} if isinstance(kept, dict) else None
        found.append((trial.config, made.arm, made.reason, numbers, made.space_version, trial.replicate_of, gate))
    return found


def gate_of(proposal: Proposal) -> dict[str, Any]:
    kept = proposal.memory.get("gate")
    return kept if isinstance(kept, dict) else {}


def outcomes(store: Store) -> list[tuple[object, ...]]:
    trials = store.trials(store.study().id)
    return [(trial.state, trial.outcome, trial.failure and trial.failure.kind, trial.reports) for trial in trials]


def assert_identical(store: Store, into: Store, replayed: Replayed) -> None:
    assert replayed.difference is None
    assert proposals(into) == proposals(store)
    assert outcomes(into) == outcomes(store)
    assert into.study().state is store.study().state


def asked_for(store: Store) -> list[int]:
    """Numbers of the trials that the model was asked for."""
    events = store.events(store.study().id)
    return [event.number for _, _, event in events if isinstance(event, ModelAsked)]


# -- identical -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proposer", "trials"),
    [("gp", 6), ("auto", 11), *(pytest.param(name, 12, marks=pytest.mark.long) for name in ("random", "sobol", "tpe"))],
)
def test_studies_without_a_model_are_made_again(
    proposer: str, trials: int, store: Store, into: Store, make_spec: Make
) -> None:
    """With ten trials measured, `auto` chooses its surrogate."""
    Study.from_spec(smooth(make_spec(), proposer, trials=trials), store=store).run()
    assert_identical(store, into, again(store, into))


@pytest.mark.parametrize(
    ("proposer", "history"),
    [
        ("llm", "digest"),
        *(pytest.param(*given, marks=pytest.mark.long) for given in (("llm", "chat"), ("llm+gp", "chat"))),
    ],
)
def test_studies_with_a_model_are_made_again_without_a_request(
    proposer: str, history: Literal["digest", "chat"], store: Store, into: Store, serve: Serve, make: Make
) -> None:
    server = serve(Offers())
    Study.from_spec(make(server, 14, proposer=proposer, history=history), store=store).run()
    n_sent = len(server.chats)
    server.stop()
    replayed = again(store, into)
    assert_identical(store, into, replayed)
    assert replayed.n_exchanges == n_sent == len(into.exchanges(into.study().id)) > 1


def test_study_with_a_gate_is_made_again_without_a_request(gated: Store, into: Store) -> None:
    replayed = again(gated, into)
    assert_identical(gated, into, replayed)
    rules = {gate_of(trial.proposal)["rule"] for trial in into.trials(into.study().id)}
    assert rules >= {"start", "slack", "surrogate"}
    n_sent = len(gated.exchanges(gated.study().id))
    assert replayed.n_exchanges == n_sent == len(into.exchanges(into.study().id)) > 1


@pytest.mark.long
@pytest.mark.parametrize("responder", [Offers(), PLANTED], ids=["one a request", "all in one"])
def test_several_replies_to_a_prompt_are_replayed_whether_one_request_brings_them_or_more(
    responder: Responder, store: Store, into: Store, serve: Serve, make: Make
) -> None:
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text("samples = 3\nlogprobs = true\n")
    server = serve(responder)
    Study.from_spec(make(server, 16), store=store).run()
    candidates = store.candidates(store.study().id)
    assert {entry.sample for entry in candidates} == {0, 1, 2}
    assert {entry.prediction_source for entry in candidates} == {"tokens" if responder is PLANTED else "verbal"}
    replayed = again(store, into)
    assert_identical(store, into, replayed)
    assert replayed.n_exchanges == len(server.chats)
    assert any("dispersion" in gate_of(trial.proposal) for trial in store.trials(store.study().id))


def test_first_of_several_replies_is_known_before_the_others_are(
    store: Store, into: Store, serve: Serve, make: Make
) -> None:
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text("samples = 2\nlatency_s = 0.05\n")
    held = Held()
    server = serve(held)
    server.responder = lambda request: held.answers(request) if "n" in request else held(request)
    study = Study.from_spec(make(server, 5), store=store)

    def let(event: Event) -> None:
        if isinstance(event, TrialFinished) and event.number == 1:
            wait_for(lambda: len(store.candidates(study.id)) == 4)
        if isinstance(event, TrialFinished) and event.number == 3:
            held.is_let.set()
            wait_for(lambda: len(store.candidates(study.id)) == 8)

    study.run(on_event=let)
    made = store.trials(study.id)[3].proposal
    assert (made.arm, made.memory[UNANSWERED]) == ("model", 4)
    assert_identical(store, into, again(store, into))


@pytest.fixture
def redraws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models of servers cost nothing, too: they draw again twice."""
    monkeypatch.setattr(OpenAIModel, "redraws", 2, raising=False)


def drawn_again(store: Store) -> list[list[str]]:
    """Verdicts of the exchanges of each prompt, in order."""
    by_prompt: dict[str, list[str]] = {}
    for _, exchange in store.exchanges(store.study().id):
        by_prompt.setdefault(str(exchange.request.messages), []).append(exchange.verdict)
    return list(by_prompt.values())


@pytest.mark.usefixtures("redraws")
@pytest.mark.long
@pytest.mark.parametrize(
    ("n", "verdicts"), [(1, ["duplicate", "used"]), (2, ["duplicate", "duplicate", "used"]), (9, ["duplicate"] * 3)]
)
@pytest.mark.parametrize("proposer", ["llm", "llm+gp"])
def test_replies_that_were_drawn_again_are_replayed(
    n: int, verdicts: list[str], proposer: str, store: Store, into: Store, serve: Serve, make: Make
) -> None:
    server = serve(Repeating(OWN, n))
    Study.from_spec(make(server, 7, proposer=proposer, first=(OWN,)), store=store).run()
    assert verdicts in drawn_again(store)
    replayed = again(store, into)
    assert_identical(store, into, replayed)
    assert drawn_again(into) == drawn_again(store)
    assert replayed.n_exchanges == len(server.chats)


@pytest.mark.long
@pytest.mark.usefixtures("redraws")
def test_draw_that_a_budget_kept_back_is_replayed(store: Store, into: Store, serve: Serve, make: Make) -> None:
    spec = make(serve(Repeating(OWN, 1)), 8, proposer="llm", first=(OWN,), budget=Budget(trials=8, requests=3))
    Study.from_spec(spec, store=store).run()
    assert drawn_again(store) == [["duplicate", "used"], ["duplicate"]]
    assert_identical(store, into, again(store, into))


@pytest.mark.long
@pytest.mark.usefixtures("redraws")
def test_interrupted_study_that_draws_again_is_replayed(store: Store, into: Store, serve: Serve, make: Make) -> None:
    study_id = store.create_study(make(serve(Repeating(OWN, 1)), 7, first=(OWN,))).id

    def crash(event: Event) -> None:
        if isinstance(event, TrialFinished):
            raise KeyboardInterrupt

    while not store.study(study_id).state.is_ended:
        with contextlib.suppress(KeyboardInterrupt):
            Loop(store, study_id, load_executor("inline"), on_event=crash).run()
    assert ["duplicate", "used"] in drawn_again(store)
    assert_identical(store, into, again(store, into))


@pytest.mark.usefixtures("redraws")
def test_driver_that_died_between_two_draws_is_replayed(store: Store, into: Store, serve: Serve, make: Make) -> None:
    repeating, held = Repeating(OWN, 1), Held(Offers(1))
    server = serve(repeating)
    study = Study.from_spec(make(server, 6, first=(OWN,)), store=store)

    def stop(event: Event) -> None:
        if isinstance(event, ModelAnswered) and event.verdict == "duplicate":
            assert held.is_asked.wait(30.0)
            store.send(study.id, "stop", {"kill": True})

    def answer(request: ChatRequest) -> Response:
        response = repeating(request)
        server.responder = held
        return response

    server.responder = answer
    study.run(on_event=stop)
    held.is_let.set()
    server.responder = Offers(1)
    Study.open("study", store=store).resume()
    assert drawn_again(store)[0] == ["duplicate"]
    assert_identical(store, into, again(store, into))


@pytest.mark.long
def test_ids_of_a_crowded_store_are_told_from_those_of_the_new_one(
    store: Store, into: Store, serve: Serve, make: Make
) -> None:
    server = serve(Offers())
    for name in ("before", "study"):
        Study.from_spec(make(server, 8, name=name), store=store).run()
    assert_identical(store, into, again(store, into))
    (exchange_id, _), *_ = store.exchanges(store.study().id)
    assert exchange_id > 1, "ids of the record and of the new store would be the same anyway"
    assert [trial.proposal.exchange_ids for trial in into.trials(into.study().id)][1] == (1,)


def test_two_workers_are_replayed_in_the_order_of_what_was_visible(
    store: Store, into: Store, serve: Serve, make: Make
) -> None:
    Study.from_spec(make(serve(Offers()), 8, executor="process", workers=2), store=store).run()
    assert any(len(trial.proposal.seen_trials) < trial.number for trial in store.trials(store.study().id))
    assert_identical(store, into, again(store, into))


@pytest.mark.long
def test_late_reply_is_not_known_before_it_was_heard(store: Store, into: Store, serve: Serve, make: Make) -> None:
    set_latency(0.05)
    held = Held()
    study = Study.from_spec(make(serve(held), 8), store=store)

    def let(event: Event) -> None:
        if isinstance(event, TrialFinished) and event.number == 3:
            held.is_let.set()
            wait_for(lambda: store.candidates(study.id))

    study.run(on_event=let)
    trials = store.trials(study.id)
    assert [UNANSWERED in trial.proposal.memory for trial in trials[:5]] == [False, True, True, True, False]
    assert "not answered within 0.05 s" in trials[1].reason
    assert "model" in {trial.arm for trial in trials[4:]}
    assert_identical(store, into, again(store, into))


@pytest.mark.long
@pytest.mark.parametrize("name", FAULTS)
def test_failures_of_the_model_are_replayed(name: str, store: Store, into: Store, serve: Serve, make: Make) -> None:
    Study.from_spec(make(serve(fault(name)), 8), store=store).run()
    replayed = again(store, into)
    assert_identical(store, into, replayed)
    then, now = ([exchange for _, exchange in kept.exchanges(kept.study().id)] for kept in (store, into))
    assert now == then and then


def test_request_that_is_sent_again_is_replayed_without_a_wait(
    store: Store, into: Store, serve: Serve, make: Make
) -> None:
    busy: list[Response] = [error(429, "slow down", headers={"Retry-After": "0"})]
    offers = Offers()

    def answer(request: ChatRequest) -> Response:
        return busy.pop() if busy else offers(request)

    Study.from_spec(make(serve(answer), 4), store=store).run()
    verdicts = [exchange.verdict for _, exchange in store.exchanges(store.study().id)]
    assert verdicts[:2] == ["rate-limited", "used"]
    assert_identical(store, into, again(store, into))


@pytest.mark.long
def test_requests_that_a_budget_kept_back_are_replayed(store: Store, into: Store, serve: Serve, make: Make) -> None:
    spec = make(serve(Offers(1)), 6, proposer="llm", budget=Budget(trials=6, requests=2))
    Study.from_spec(spec, store=store).run()
    assert_identical(store, into, again(store, into))


@pytest.mark.long
def test_study_without_its_key_is_replayed(
    store: Store, into: Store, serve: Serve, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-planted0123456789abcdef")
    study = Study.from_spec(make(serve(Offers()), 8, model="openai:gpt-5.6"), store=store)
    monkeypatch.delenv("OPENAI_API_KEY")
    study.run()
    assert_identical(store, into, again(store, into))


@pytest.mark.long
def test_people_are_replayed(store: Store, into: Store, serve: Serve, make: Make) -> None:
    study = Study.from_spec(make(serve(Offers()), 10, first=(OWN,)), store=store)
    edit = edit_to_json(SetRange("width", high=1_000))

    def act(event: Event) -> None:
        if isinstance(event, TrialFinished) and event.number == 4:
            store.send(study.id, "edit", {"edit": edit})
            study.enqueue({**OWN, "layers": 3})
        if isinstance(event, TrialProposed) and event.number == 7:
            store.note(study.id, "looks odd", number=7)

    study.run(on_event=act)
    study.resume(trials=14)
    store.send(study.id, "confirm", {"top": 1, "replicates": 2})
    Loop(store, study.id, load_executor("inline")).run()
    trials = store.trials(study.id)
    assert {trial.proposal.space_version for trial in trials} == {1, 2}
    assert [trial.number for trial in trials if trial.arm == "human"][:2] == [0, 5]
    assert_identical(store, into, again(store, into))
    assert into.study().spec.budget == Budget(trials=14)
    assert into.space_edits(into.study().id) == {2: edit}
    assert into.trials(into.study().id)[7].notes == ("looks odd",)


EDITS: list[Edit] = [
    SetRange("width", high=1_000),
    AddConstraint("layers * width < 3000"),
    AddMetricConstraint("value < 0.9"),
    SetBudget(trials=12),
    SetTarget(7.0),
    SetWorkers(2),
]


@pytest.mark.long
def test_edits_and_their_undoing_are_replayed(store: Store, into: Store, serve: Serve, make: Make) -> None:
    spec = make(serve(Offers()), 8)
    study = Study.from_spec(spec, store=store)

    def act(event: Event) -> None:
        if isinstance(event, TrialFinished) and event.number < len(EDITS):
            store.send(study.id, "edit", {"edit": edit_to_json(EDITS[event.number]), "by": "ada"})
        if isinstance(event, TrialFinished) and event.number in (7, 8):
            store.send(study.id, "undo", {"edit_id": event.number - 6})

    study.run(on_event=act)
    study.resume(trials=14)
    study.run()
    told = [entry for _, entry in store.edits(study.id)]
    assert [entry.undoes for entry in told] == [None] * 6 + [1, 2]
    assert_identical(store, into, again(store, into))
    assert [entry for _, entry in into.edits(into.study().id)] == told
    assert into.study().spec == study.row.spec != spec
    assert into.spaces(into.study().id) == store.spaces(study.id)


def test_edit_of_an_older_record_is_replayed(store: Store, into: Store, make_spec: Make) -> None:
    study = Study.from_spec(smooth(make_spec(), "sobol", trials=6), store=store)
    edit = edit_to_json(SetRange("width", high=1_000))

    def act(event: Event) -> None:
        if isinstance(event, TrialFinished) and event.number == 2:
            store.send(study.id, "edit", {"edit": edit})

    study.run(on_event=act)
    store.close()
    with sqlite3.connect(store.path) as connection:
        old = json.dumps({"version": 2, "summary": "width: to 1000"})
        connection.execute("UPDATE events SET kind='SpaceEdited', content=? WHERE kind='StudyEdited'", [old])
    connection.close()
    with Store.open(store.path) as reopened:
        assert_identical(reopened, into, again(reopened, into))
    assert into.space_edits(into.study().id) == {2: edit}


def test_interrupted_study_is_replayed(store: Store, into: Store, serve: Serve, make: Make) -> None:
    server = serve(fault("prose"))
    study_id = store.create_study(make(server, 7)).id

    def crash(event: Event) -> None:
        if isinstance(event, TrialFinished):
            raise KeyboardInterrupt

    while not store.study(study_id).state.is_ended:
        try:
            Loop(store, study_id, load_executor("inline"), on_event=crash).run()
        except KeyboardInterrupt:
            server.responder = Offers()
    assert_identical(store, into, again(store, into))


@pytest.mark.long
def test_ends_of_every_kind_are_replayed(store: Store, into: Store, make_spec: Make) -> None:
    spec = smooth(make_spec(scheduler="median"), "gp", trials=9)
    with Study.from_spec(replace(spec, objective={"type": "told"}), store=store) as study:
        for number in range(9):
            trial = study.ask()
            for step in range(3):
                study.report(trial, step, value=float(-number))
            if number == 3:
                study.tell(trial, float("nan"))
            elif number == 6:
                study.tell(trial, failure="it broke")
            else:
                study.tell(trial, float(number % 4))
    assert_identical(store, into, again(store, into))
    assert FailureKind.NAN in {trial.failure.kind for trial in into.trials(into.study().id) if trial.failure}


# -- what differs ----------------------------------------------------------------------------------


def test_one_byte_of_a_prompt_is_told_at_its_trial(gated: Store, into: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    number = asked_for(gated)[-1]
    assert number > 4
    render = prompts.render

    def changed(name: str, **values: Any) -> str:
        written = render(name, **values)
        is_meant = name == "digest" and len(asked_for(into)) == len(asked_for(gated)) - 1
        return f"{written[:40]}~{written[41:]}" if is_meant else written

    monkeypatch.setattr("agenttune.insight.prompt.render", changed)
    found = again(gated, into).difference
    assert found is not None and (found.number, found.kind) == (number, "prompt")
    assert "message 1 (user)" in found.text and "~" in found.text


def test_changed_prompt_file_is_named(gated: Store, into: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    hash_of = prompts.prompt_hash
    monkeypatch.setattr(
        "agenttune.insight.prompt.prompt_hash", lambda name: "0" * 64 if name == "space" else hash_of(name)
    )
    found = again(gated, into).difference
    assert found is not None and (found.number, found.kind) == (asked_for(gated)[0], "prompt")
    assert found.text == f"space{prompts.SUFFIX} changed; the messages are the same"


@pytest.mark.long
def test_reply_that_is_read_otherwise_is_told_at_the_proposal(
    store: Store, into: Store, serve: Serve, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    Study.from_spec(make(serve(Offers()), 10), store=store).run()
    first = next(trial for trial in store.trials(store.study().id) if trial.arm == "model")
    monkeypatch.setattr(turn, "decode", lambda *_, **__: Decoded((), (), "duplicate", "nothing new"))
    found = again(store, into).difference
    assert found is not None and (found.number, found.kind) == (first.number, "proposal")
    assert proposals(into) == proposals(store), "the record is copied from there on"


def test_proposer_that_proposes_otherwise_is_told_with_both_values(
    store: Store, into: Store, make_spec: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    Study.from_spec(smooth(make_spec(), "random", trials=6), store=store).run()
    propose = RandomProposer.propose

    def changed(self: RandomProposer, view: StudyView, n: int) -> list[Proposal]:
        made = propose(self, view, n)
        return [replace(made[0], config={**made[0].config, "layers": 13})] if view.number == 4 else made

    monkeypatch.setattr(RandomProposer, "propose", changed)
    monkeypatch.setattr(Steps, "_refusal", lambda self, proposal, view: None)
    monkeypatch.setattr(Steps, "_ask", lambda self, proposer, view: proposer.propose(view, 1)[0])
    found = again(store, into).difference
    assert found is not None and (found.number, found.kind) == (4, "proposal")
    assert found.text.startswith("its config was {") and '"layers": 13' in found.text
    assert proposals(into) == proposals(store)


def test_edit_that_leads_elsewhere_is_told(
    store: Store, into: Store, make_spec: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = Study.from_spec(smooth(make_spec(), "random", trials=6), store=store)

    def act(event: Event) -> None:
        if isinstance(event, TrialFinished) and event.number == 2:
            store.send(study.id, "edit", {"edit": edit_to_json(SetRange("layers", high=5))})

    study.run(on_event=act)
    monkeypatch.setattr(study_replay, "apply", lambda space, edit: space)
    found = again(store, into).difference
    assert found is not None and (found.number, found.kind) == (3, "space")
    assert found.text == "the edit 'layers: to 5' leads to another space than it did"


@pytest.mark.parametrize("wants", [True, False])
def test_asking_at_other_trials_is_told(
    wants: bool, gated: Store, into: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GatedProposer, "_wants", lambda self, view: wants)
    found = again(gated, into).difference
    assert found is not None and (found.number, found.kind) == (0 if wants else asked_for(gated)[0], "asking")


def test_repair_that_would_not_be_asked_for_is_told_and_kept(
    store: Store, into: Store, serve: Serve, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    Study.from_spec(make(serve(fault("prose")), 4), store=store).run()
    monkeypatch.setattr(desk, "REPAIRABLE", ())
    found = again(store, into).difference
    assert found is not None and (found.number, found.kind) == (asked_for(store)[0], "prompt")
    assert found.text == "another request followed then, and would not now"
    then, now = ([exchange for _, exchange in kept.exchanges(kept.study().id)] for kept in (store, into))
    assert now == then and proposals(into) == proposals(store)


# -- what cannot be, and what may be cut -----------------------------------------------------------


@pytest.mark.long
def test_first_trials_end_as_recorded_and_the_rest_is_left(store: Store, into: Store, serve: Serve, make: Make) -> None:
    Study.from_spec(make(serve(Offers()), 12, executor="process", workers=2), store=store).run()
    replayed = again(store, into, until=7)
    assert (replayed.difference, replayed.n_trials) == (None, 7)
    assert proposals(into) == proposals(store)[:7] and outcomes(into) == outcomes(store)[:7]
    assert into.study().state is StudyState.NEW


@pytest.mark.long
def test_branch_goes_on_where_it_would_have(store: Store, into: Store, serve: Serve, make: Make) -> None:
    server = serve(Offers())
    Study.from_spec(make(server, 12), store=store).run()
    again(store, into, until=7)
    Study.open(store=into).run()
    assert proposals(into) == proposals(store)


@pytest.mark.parametrize("until", [0, 7])
def test_until_is_bounded_by_the_trials(until: int, store: Store, into: Store, make_spec: Make) -> None:
    Study.from_spec(smooth(make_spec(), "random", trials=6), store=store).run()
    with pytest.raises(UserError, match=f"first {until} trials.*has 6; give 1 to 6"):
        again(store, into, until=until)


def test_store_with_studies_is_no_place_for_a_replay(store: Store, make_spec: Make) -> None:
    Study.from_spec(smooth(make_spec(), "random", trials=3), store=store).run()
    with pytest.raises(UserError, match="needs a store without studies"):
        again(store, store)


def test_study_without_trials_cannot_be_replayed(store: Store, into: Store, make_spec: Make) -> None:
    store.create_study(make_spec())
    with pytest.raises(UserError, match="has no trial yet"):
        again(store, into)


def test_running_study_is_not_replayed(store: Store, into: Store, make_spec: Make) -> None:
    with Study.from_spec(
        replace(smooth(make_spec(), "random", trials=3), objective={"type": "told"}), store=store
    ) as study:
        study.ask()
        with pytest.raises(StudyBusy, match="agenttune stop study"):
            again(store, into)
    assert into.names() == []


def test_study_of_before_questions_were_recorded_is_refused(
    store: Store, into: Store, serve: Serve, make: Make
) -> None:
    Study.from_spec(make(serve(Offers()), 4), store=store).run()
    with sqlite3.connect(store.path) as connection:
        connection.execute("DELETE FROM events WHERE kind = 'ModelAsked'")
    connection.close()
    with pytest.raises(UserError, match="did not record when its model was asked"):
        again(store, into)
