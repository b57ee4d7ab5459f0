"""The steps of a study over code: what runs in which order, with a model that is known and code that is not run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agenttune import Budget
from agenttune.edits import Freeze, edit_from_json
from agenttune.errors import ModelError, UserError
from agenttune.events import CodeRefused, ProposerChosen, VariantAdded
from agenttune.models import Reply
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.study.asking import model_arm
from agenttune.study.code_asking import first_of
from agenttune.study.replay import replay
from agenttune.study.step import NOTHING_FOUND, Steps
from agenttune.testing.answers import ChatRequest, Response, completion
from agenttune.testing.scripted import ScriptedModel
from agenttune.variant import RefusedBlock, Variant
from agenttune.variants.space import first_space
from tests.study.coding import GOOD, OBJECTIVE, PLAIN, Coder, Driven, drive, spec_over_code
from tests.study.models import Make, Serve, wait_for
from tests.variants.study import SOURCE, TARGET


@pytest.fixture
def spec(make_spec: Make) -> StudySpec:
    """A study over `predict`."""
    return spec_over_code(make_spec)


# -- the order of steps ----------------------------------------------------------------------------


def test_users_code_runs_first_then_variants_with_numbers_between_them(store: Store, spec: StudySpec) -> None:
    driven = drive(store, Coder(*GOOD), spec)
    assert driven.run() == "8 trials done"
    assert [arm for arm, _ in driven.told] == ["default", "code", "sobol", "sobol", "code", "sobol", "code", "sobol"]
    assert [name for arm, name in driven.told if arm == "code"] == ["v1", "v2", "v3"]
    first, variant, numbers = driven.trials[:3]
    assert first.reason == "the code as it is"
    assert (variant.reason, variant.proposal.parent) == ("worth 7 (from v0)", 0)
    assert variant.proposal.exchange_ids == (2,)
    assert numbers.reason == f"tunes the numbers of {numbers.config['variant']}: spread over the space"
    assert numbers.proposal.parent == int(numbers.config["variant"] == "v1")  # the best trial of that variant


def test_each_variant_is_a_version_of_the_space_that_is_announced_and_files_of_its_own(
    store: Store, spec: StudySpec
) -> None:
    driven = drive(store, Coder(*GOOD), spec)
    driven.run(5)
    told = driven.events(VariantAdded)
    assert [(event.name, event.idea, event.parent, event.version) for event in told] == [
        ("v1", "worth 7", "v0", 2),
        ("v2", "worth 5", "v1", 3),
    ]
    assert "v2.lr" in driven.steps.space.parameters
    folder = store.study_dir(driven.id) / "variants"
    assert sorted(path.name for path in folder.iterdir()) == [f"v{n}.{end}" for n in range(3) for end in ("json", "py")]
    assert (folder / "v0.py").read_text() == SOURCE
    assert "worth 7" in (folder / "v1.py").read_text() and "def other" in (folder / "v1.py").read_text()
    assert json.loads((folder / "v1.json").read_text())["target"] == TARGET


def test_files_that_were_taken_away_are_written_again(store: Store, spec: StudySpec) -> None:
    driven = drive(store, Coder(*GOOD), spec)
    driven.run(2)
    path = store.study_dir(driven.id) / "variants" / "v1.py"
    written = path.read_text()
    path.unlink()
    driven.steps.task(driven.trials[1], store.attempts(driven.id, 1)[-1])
    assert path.read_text() == written


def test_refused_and_repeated_blocks_are_told_and_never_run(store: Store, spec: StudySpec) -> None:
    driven = drive(store, Coder("bad 1", "again 1", "worth 7", "worth 8"), spec)
    driven.run(3)
    assert [event.kind for event in driven.events(CodeRefused)] == ["wrong-target", "unchanged"]
    assert [entry.idea for entry in driven.entries(Variant)] == ["", "worth 7"]
    assert driven.told[0] == ("default", "v0")
    reason = driven.trials[1].reason
    assert driven.trials[1].arm == "sobol" and reason.startswith(
        "the model gave nothing to run: duplicate; sobol stands in"
    )
    assert driven.told[2] == ("code", "v1")


def test_failed_variant_is_mended_next(store: Store, spec: StudySpec) -> None:
    driven = drive(store, Coder("crash 1", "worth 7", "worth 8", "worth 9"), spec)
    driven.run(4)
    assert driven.told[:2] == [("default", "v0"), ("code", "v1")]
    mend = driven.entries(Variant)[2]
    assert (mend.action, mend.parent) == ("debug", 1)
    assert mend.idea == "mends v1, which failed: ValueError: crash"
    assert [trial.config["variant"] for trial in driven.trials if trial.arm == "code"] == ["v1", "v2"]


def test_person_who_fixed_the_choice_gets_numbers_only_and_pays_for_no_code(store: Store, spec: StudySpec) -> None:
    model = Coder(*GOOD)
    driven = drive(store, model, spec)
    driven.run(2)
    n_asked = len(model.asked)
    driven.steps.edit(Freeze("variant", "v1"))
    driven.run(4)
    assert {trial.config["variant"] for trial in driven.trials[2:]} == {"v1"}
    assert len(model.asked) == n_asked


def test_variant_that_was_written_while_the_choice_was_fixed_runs_once_it_is_free(
    store: Store, spec: StudySpec
) -> None:
    driven = drive(store, Coder(*GOOD), spec)
    driven.run(2)
    frozen = driven.steps.edit(Freeze("variant", "v1"))
    late = "def predict(x):\n    return x, 'worth 9'\n"  # of a question that was under way
    store.add_code_entries(driven.id, [Variant(0, 0, "improve", "came late", late)])
    driven.run(1)
    driven.steps.edit(edit_from_json(frozen.inverse))
    driven.run(1)
    assert driven.told[2:] == [("sobol", "v1"), ("code", "v2")]


# -- models that do not answer ---------------------------------------------------------------------


def test_dead_model_leaves_numbers_with_its_reason(store: Store, spec: StudySpec) -> None:
    driven = drive(store, ScriptedModel(ModelError("the server is gone", verdict="unreachable")), spec)
    assert driven.run() == "8 trials done"
    assert driven.told[0] == ("default", "v0")
    assert all(
        trial.reason.startswith("the model gave nothing to run: the server is gone; ") for trial in driven.trials[1:]
    )
    assert all("tunes the numbers of v0" in trial.reason for trial in driven.trials[1:])


def test_model_that_answers_again_is_heard(store: Store, spec: StudySpec) -> None:
    coder = Coder(*GOOD)
    gone = ModelError("the server is gone", verdict="unreachable")

    class Mended(Coder):
        def complete(self, messages: Any, **rest: Any) -> Reply:
            if len(self.asked) == 0:
                self.asked.append(rest)  # type: ignore[arg-type]  # counts it
                raise gone
            return super().complete(messages, **rest)

    driven = drive(store, Mended(*coder.ideas), spec)
    driven.run(4)
    assert [arm for arm, _ in driven.told][:3] == ["default", "sobol", "code"]


def test_nothing_to_propose_ends_the_study_with_its_reason(store: Store, spec: StudySpec) -> None:
    spec = replace(spec, objective={**OBJECTIVE, "source": PLAIN})
    spec = replace(spec, space=first_space(first_of(spec)))
    driven = drive(store, ScriptedModel(ModelError("the server is gone", verdict="unreachable")), spec)
    reason = driven.run()
    assert reason == (
        "the model gave nothing to run: the server is gone, and no variant that works has numbers left to tune"
    )
    assert reason != NOTHING_FOUND
    assert driven.told == [("default", "v0")]


def test_code_without_numbers_goes_on_variant_by_variant(store: Store, spec: StudySpec) -> None:
    spec = replace(spec, objective={**OBJECTIVE, "source": PLAIN}, budget=Budget(trials=4))
    spec = replace(spec, space=first_space(first_of(spec)))
    driven = drive(store, Coder(*GOOD, numbers=False), spec)
    assert driven.run() == "4 trials done"
    assert driven.told == [("default", "v0"), ("code", "v1"), ("code", "v2"), ("code", "v3")]
    assert driven.trials[1].config == {"variant": "v1"}


def test_budget_of_requests_holds_over_the_study(store: Store, spec: StudySpec) -> None:
    spec = replace(spec, budget=Budget(trials=8, requests=4))
    model = Coder(*GOOD)
    driven = drive(store, model, spec)
    assert driven.run() == "8 trials done"
    assert len(model.asked) == 4
    assert len([arm for arm, _ in driven.told if arm == "code"]) == 2
    assert "the study may spend 4 requests" in driven.trials[-1].reason


def test_study_over_code_is_not_replayed_and_says_why(tmp_path: Path, store: Store, spec: StudySpec) -> None:
    driven = drive(store, Coder(*GOOD), spec)
    driven.run(2)
    with (
        Store.open(tmp_path / "other.db") as into,
        pytest.raises(UserError, match="a replay runs nothing; `agenttune rerun"),
    ):
        replay(store, store.study(driven.id), into)


# -- a real server and the arm of a study ----------------------------------------------------------


class Served:
    """Answers as a coder does."""

    def __init__(self, coder: Coder) -> None:
        self.coder = coder

    def __call__(self, request: ChatRequest) -> Response:
        """A completion."""
        return completion(self.coder.answer(request["messages"]))


def test_arm_of_a_study_asks_a_server_and_checks_with_the_real_rules(
    store: Store, spec: StudySpec, serve: Serve
) -> None:
    server = serve(Served(Coder("bad 1", "worth 7", "worth 8", "worth 9")))
    spec = replace(spec, model=f"{server.url}#test")
    study = store.create_study(spec).id
    driven = Driven(store, study, Steps(store, study, make_arm=model_arm))
    for _ in range(2):
        wait_for(driven.steps.is_ready)
        assert driven.steps.propose() is None
        driven.finish()
    driven.steps.close()
    assert driven.told == [("default", "v0"), ("code", "v1")]
    assert [entry.kind for entry in driven.entries(RefusedBlock)] == ["wrong-target"]
    assert [event.proposer for event in driven.events(ProposerChosen)] == ["code"]
    assert "Your code was not run" in json.dumps(server.requests[2].body)
