"""The steps of a study over code: what runs in which order, with a model that is known and code that is not run."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from agenttune import Budget, Goal
from agenttune.edits import Freeze, edit_from_json
from agenttune.errors import ModelError, UserError
from agenttune.events import CodeRefused, ProposerChosen, VariantAdded
from agenttune.models import Reply, Sampling
from agenttune.proposers.llm import ModelArm
from agenttune.replies.asking import Asking
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.study.asking import model_arm
from agenttune.study.code_asking import CodePrompts, first_of
from agenttune.study.replay import replay
from agenttune.study.step import NOTHING_FOUND, Steps
from agenttune.testing.answers import ChatRequest, Response, completion
from agenttune.testing.scripted import ScriptedModel
from agenttune.trial import Failure, FailureKind, Outcome, Trial, TrialState
from agenttune.types import Json
from agenttune.variant import RefusedBlock, Variant
from agenttune.variants.desk import CodeDesk
from agenttune.variants.space import first_space
from tests.study.models import Make, Serve, wait_for
from tests.variants.study import SOURCE, TARGET, TinyChecker

OBJECTIVE: dict[str, Json] = {
    "type": "code",
    "file": "model.py",
    "target": TARGET,
    "source": SOURCE,
    "variants": "variants",
}
PLAIN = SOURCE.replace('    PARAMS = {"lr": 0.01}\n    RANGES = {"lr": [1e-4, 1e-1, "log"]}\n', "").replace(
    'x * PARAMS["lr"]', "x"
)
"""The user's file without numbers."""
IDEA = re.compile(r'<data>\n"(\w+)(?: (\w+))?"\n</data>')


GOOD = ("worth 7", "worth 3", "worth 4", "worth 2", "worth 5", "worth 6", "worth 8", "worth 1", "worth 0", "worth 9")


class Killed(BaseException):
    """Stands for the end of a driver."""


class Coder(ScriptedModel):
    """Has the ideas it was made with, four at a time, and writes what each says: "worth 7", "crash 1", "again 1"."""

    def __init__(self, *ideas: str, numbers: bool = True) -> None:
        super().__init__()
        self.ideas = list(ideas)
        self.numbers = numbers

    def complete(self, messages: Any, **rest: Any) -> Reply:
        """By the words of the request alone: the same one gets the same reply."""
        super().complete(messages, **rest)
        return Reply(self.answer(messages), usage={"prompt": 10, "completion": 10})

    def answer(self, messages: Any) -> str:
        """The text."""
        text = str(messages[1]["content"])  # a repair gets what the question got
        if '{"directions"' in text:
            return json.dumps({"directions": [idea for idea in self.ideas if f'"{idea}"' not in text][:4]})
        if "failed when it ran" in text:
            return self.written("worth", "0.65")
        found = IDEA.search(text)
        return self.written(found[1], found[2] or "") if found else "nothing"

    def written(self, what: str, value: str) -> str:
        """The block."""
        numbers = '    PARAMS = {"lr": 0.01}\n    RANGES = {"lr": [0.0001, 0.1, "log"]}\n' if self.numbers else ""
        body = {
            "worth": f"    return x, 'worth {value}'",
            "crash": f"    raise ValueError('crash {value}')",
            "again": '    return x * PARAMS["lr"]',
        }
        if what == "bad":
            return f"```python\ndef guess(x):\n    return {value!r}\n```"
        if what == "again":
            numbers = '    PARAMS = {"lr": 0.01}\n    RANGES = {"lr": [1e-4, 1e-1, "log"]}\n'
        return f"```python\ndef predict(x):\n{numbers}{body[what]}\n```"


def at_once(desk: Any, question: Any) -> Future[Any]:
    """Asks in this thread."""
    future: Future[Any] = Future()
    future.set_result(desk.ask(question))
    return future


@dataclass
class Driven:
    """A study that is stepped through in this process, its code measured by what it says."""

    store: Store
    id: str
    steps: Steps

    def run(self, n: int = 100) -> str | None:
        """Up to `n` trials; why there are no more."""
        for _ in range(n):
            for _ in range(4):
                if self.steps.is_ready():
                    break
            reason = self.steps.propose()
            if reason is not None:
                return reason
            self.finish()
        return None

    def finish(self) -> None:
        """Runs what waits."""
        claimed = self.steps.claim()
        assert claimed is not None
        trial, attempt = claimed
        files = Path(str(self.steps.task(trial, attempt).objective["variants"]))
        text = (files / f"{trial.config['variant']}.py").read_text()
        if "crash" in text:
            tail = 'Traceback (most recent call last):\n  File "v.py", line 8\nValueError: crash'
            self.steps.record_failure(trial.number, Failure(FailureKind.CRASH, "the code raised ValueError", tail))
            return
        found = re.search(r"worth ([\d.]+)", text)
        score = float(found[1]) if found else 0.5
        score -= 0.01 * sum(
            abs(math.log10(value / 0.02)) for value in trial.config.values() if isinstance(value, float)
        )
        self.steps.record_outcome(trial.number, TrialState.COMPLETE, Outcome({"score": score}, 1.0))

    @property
    def trials(self) -> list[Trial]:
        return self.store.trials(self.id)

    @property
    def told(self) -> list[tuple[str, object]]:
        """(arm, variant) of each trial."""
        return [(trial.arm, trial.config["variant"]) for trial in self.trials]

    def events(self, kind: type) -> list[Any]:
        return [event for _, _, event in self.store.events(self.id) if isinstance(event, kind)]

    def entries(self, kind: type) -> list[Any]:
        return [entry for entry in self.store.code_entries(self.id) if isinstance(entry, kind)]


Start = Callable[..., Driven]


@pytest.fixture
def spec(make_spec: Make) -> StudySpec:
    """A study over `predict`."""
    made: StudySpec = make_spec(
        objective=OBJECTIVE,
        goal=Goal("score", "maximize"),
        proposer="code",
        model="scripted:test",
        budget=Budget(trials=8),
    )
    return replace(made, space=first_space(first_of(made)))


def drive(
    store: Store, model: ScriptedModel, spec: StudySpec, *, study: str | None = None, keeps: Any = None
) -> Driven:
    """A driver of a new study, or of one that there is."""
    study = study or store.create_study(spec).id

    def arm(store: Store, study_id: str, spec: StudySpec, *, budget: Callable[[], Budget]) -> ModelArm:
        asking = Asking(model, store=store, study_id=study_id, budget=budget, sampling=Sampling(timeout_s=5.0))
        desk = CodeDesk(asking, keeps or store, study_id, TinyChecker())
        prompts = CodePrompts(store, study_id, spec, latency_s=1.0)

        class AtDesk:
            def ask(self, question: Any) -> Any:
                return desk.ask(question)

            def close(self) -> None:
                desk.cancel()

        return ModelArm(AtDesk(), prompts, start=at_once)

    return Driven(store, study, Steps(store, study, make_arm=arm))


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
    assert [entry.idea for entry in driven.entries(Variant)] == ["", "worth 7"][: len(driven.entries(Variant))]
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


# -- determinism, and drivers that end -------------------------------------------------------------

IDEAS = ("worth 5", "bad 1", "crash 2", "worth 7", "bad 3", "crash 8", "again 3", *GOOD)


def essence(driven: Driven) -> list[tuple[object, ...]]:
    """All of each proposal but the clock."""
    return [(trial.proposal, trial.seed, trial.state) for trial in driven.trials]


def test_same_seed_and_model_lead_to_the_same_study(tmp_path: Path, spec: StudySpec) -> None:
    made = []
    for name in ("one", "two"):
        with Store.open(tmp_path / f"{name}.db") as store:
            driven = drive(store, Coder(*IDEAS), replace(spec, budget=Budget(trials=12)))
            driven.run()
            made.append((essence(driven), store.code_entries(driven.id)))
    assert made[0] == made[1]
    assert len(made[0][0]) == 12


class Dying:
    """A store that a driver loses before its n-th entries are written."""

    def __init__(self, store: Store, n: int) -> None:
        self._store = store
        self._left = n

    def add_code_entries(self, study_id: str, entries: Any) -> Any:
        """Keeps them, or dies."""
        if self._left == 0:
            raise Killed
        self._left -= 1
        return self._store.add_code_entries(study_id, entries)


@pytest.mark.parametrize("n", range(8))
def test_killed_between_exchange_and_entry_the_study_goes_on_as_it_would_have(
    tmp_path: Path, spec: StudySpec, n: int
) -> None:
    spec = replace(spec, budget=Budget(trials=10))
    with Store.open(tmp_path / "whole.db") as store:
        whole = drive(store, Coder(*IDEAS), spec)
        whole.run()
        wanted, entries, n_asked = essence(whole), store.code_entries(whole.id), len(store.exchanges(whole.id))
    with Store.open(tmp_path / "cut.db") as store:
        study = store.create_study(spec).id
        with pytest.raises(Killed):
            drive(store, Coder(*IDEAS), spec, study=study, keeps=Dying(store, n)).run()
        second = drive(store, Coder(*IDEAS), spec, study=study)
        second.run()
        assert store.code_entries(study) == entries
        assert essence(second) == wanted
        assert len(store.exchanges(study)) == n_asked


def test_variant_whose_space_was_not_written_any_more_gets_it_from_the_next_driver(
    store: Store, spec: StudySpec
) -> None:
    driven = drive(store, Coder(*IDEAS), spec)
    driven.run(1)
    store.add_code_entries(
        driven.id, [Variant(0, 0, "improve", "by hand", "def predict(x):\n    return x, 'worth 9'\n")]
    )
    again = drive(store, Coder(*IDEAS), spec, study=driven.id)
    again.run(1)
    assert again.told[1] == ("code", "v1")
    assert [event.name for event in again.events(VariantAdded)] == ["v1"]


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
