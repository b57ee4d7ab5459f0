"""`StudyPlan`: a request made complete, with everything that was assumed on the way written down.

Made by checker.py; shown to a person before anything runs; turned into a `StudySpec` here.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue

from agenttune.budget import Budget
from agenttune.cards.families import CARDS
from agenttune.cards.metrics import METRICS, Task
from agenttune.goal import Direction, Goal
from agenttune.plan.request import Request
from agenttune.plan.words import duration_text, size_text
from agenttune.space import Space
from agenttune.spec import StudySpec, TrialLimits
from agenttune.types import Scalar

_SHARES = {0.1: "a tenth", 0.2: "a fifth", 0.25: "a quarter", 0.5: "half"}


class StudyPlan(BaseModel):
    """Everything a study of a scikit-learn estimator needs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    request: Request
    family: str
    task: Task
    data: str
    """Name of a bundled set, or an absolute path."""
    data_name: str
    """Short, for people."""
    sha256: str | None = None
    """Of the data file; None for bundled sets."""
    target: str
    facts: tuple[str, ...] = ()
    """What the data card says."""
    metric: str
    direction: Direction
    goal_target: float | None = None
    folds: int
    held_out: float
    trials: int | None = None
    seconds: float | None = None
    until: str | None = None
    """The deadline, as people read it; `seconds` has it, too."""
    trial_seconds: float | None = None
    trial_memory: int | None = None
    """Bytes."""
    workers: int = 1
    gpus: int = 0
    seed: int = 0
    name: str
    proposer: str = "auto"
    scheduler: str = "fifo"
    space: dict[str, JsonValue]
    default: dict[str, Scalar] | None = None
    """The library's own setting; None where the space asked for has no place for it."""
    assumptions: tuple[str, ...] = ()
    """What nobody said, one phrase each."""
    cwd: str = "."

    def understood(self) -> list[tuple[str, str]]:
        """(label, text) lines that show the plan before it starts."""
        lines = [
            (
                "understood",
                " · ".join(
                    [self._what(), self._goal(), self._budget(), *self._limits(), *said_of_the_search(self.request)]
                ),
            ),
            ("space", " · ".join(Space.from_json(self.space).describe())),
        ]
        if self.sha256 is not None:
            lines.insert(1, ("data", " · ".join(self.facts)))
        if self.assumptions:
            lines.append(("assumed", " · ".join(self.assumptions)))
        return lines

    def _what(self) -> str:
        return f"{CARDS[self.family].class_name(self.task)} (scikit-learn) on {self.data_name}"

    def _goal(self) -> str:
        verb = "maximise" if self.direction == "maximize" else "minimise"
        until = "" if self.goal_target is None else f" until {self.goal_target:g}"
        return f"{verb} {METRICS[self.metric].title}{until}, {self.folds}-fold, {share_text(self.held_out)} held out"

    def _budget(self) -> str:
        return budget_text(self.trials, self.request.seconds, self.until)

    def _limits(self) -> list[str]:
        bounds = [] if self.trial_seconds is None else [duration_text(self.trial_seconds)]
        bounds += [] if self.trial_memory is None else [size_text(self.trial_memory)]
        phrases = [f"at most {' and '.join(bounds)} per trial"] if bounds else []
        phrases += [f"{self.workers} at a time"] if self.workers > 1 else []
        return phrases + ([f"{self.gpus} GPU{'s' if self.gpus > 1 else ''}"] if self.gpus else [])


def budget_text(trials: int | None, seconds: float | None, until: str | None) -> str:
    """ "30 trials or 5 min", "until Mon 08:00"."""
    bounds = [] if trials is None else [f"{trials} trial{'s' if trials > 1 else ''}"]
    bounds += [] if seconds is None else [duration_text(seconds)]
    return " or ".join(bounds + ([] if until is None else [f"until {until}"]))


def said_of_the_search(request: Request) -> list[str]:
    """ "proposer tpe", "scheduler asha", "seed 7": what of the search somebody chose."""
    chosen = {name: getattr(request, name) for name in ("proposer", "scheduler", "seed")}
    return [f"{name} {value}" for name, value in chosen.items() if value is not None]


def share_text(share: float) -> str:
    """ "a fifth", "30%"."""
    return _SHARES.get(round(share, 6), f"{100 * share:.3g}%")


def spec_from_plan(plan: StudyPlan) -> StudySpec:
    """The study that a plan describes."""
    objective: dict[str, JsonValue] = {
        "type": "estimator",
        "family": plan.family,
        "task": plan.task,
        "data": plan.data,
        "target": plan.target,
        "metric": plan.metric,
        "folds": plan.folds,
        "held_out": plan.held_out,
    }
    if plan.sha256 is not None:
        objective["sha256"] = plan.sha256
    return StudySpec(
        name=plan.name,
        space=Space.from_json(plan.space),
        goal=Goal(plan.metric, plan.direction, target=plan.goal_target),
        objective=objective,
        budget=Budget(
            trials=plan.trials,
            seconds=plan.seconds,
            dollars=plan.request.dollars,
            requests=plan.request.requests,
        ),
        proposer=plan.proposer,
        scheduler=plan.scheduler,
        seed=plan.seed,
        workers=plan.workers,
        gpus=plan.gpus,
        limits=TrialLimits(seconds=plan.trial_seconds, memory_bytes=plan.trial_memory),
        request=plan.request.text or None,
        default=plan.default,
        cwd=str(Path(plan.cwd).resolve()),
        extra={
            "understood": [[label, text] for label, text in plan.understood()],
            "data": [] if plan.sha256 is None else list(plan.facts),
        },
    )
