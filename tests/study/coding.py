"""A study over code that is stepped through in this process, with a model that is known and code that is not run."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agenttune import Budget, Goal
from agenttune.models import Reply, Sampling
from agenttune.proposers.llm import ModelArm
from agenttune.replies.asking import Asking
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.study.code_asking import CodePrompts, first_of
from agenttune.study.step import Steps
from agenttune.testing.scripted import ScriptedModel
from agenttune.trial import Failure, FailureKind, Outcome, Trial, TrialState
from agenttune.types import Json
from agenttune.variants.desk import CodeDesk
from agenttune.variants.space import first_space
from tests.study.models import Make
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


def spec_over_code(make_spec: Make) -> StudySpec:
    """A study over `predict`."""
    made: StudySpec = make_spec(
        objective=OBJECTIVE,
        goal=Goal("score", "maximize"),
        proposer="code",
        model="scripted:test",
        budget=Budget(trials=8),
    )
    return replace(made, space=first_space(first_of(made)))
