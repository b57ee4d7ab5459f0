"""A real store whose studies are moved by hand, one event at a time, and the application on it. No fixtures."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from textual.app import App
from textual.pilot import Pilot

from agenttune.budget import Budget
from agenttune.goal import Direction, Goal
from agenttune.space import Categorical, Float, Int, Space
from agenttune.spec import StudySpec, StudyState
from agenttune.store import Store
from agenttune.study.leases import lease_of
from agenttune.trial import Attempt, Failure, FailureKind, Outcome, Proposal, Report, Trial, TrialState
from agenttune.tui.app import AgentTuneApp
from agenttune.tui.bridge import Follower
from agenttune.tui.engine import Engine
from agenttune.tui.glyphs import GlyphSet
from agenttune.types import Config, Json

SVM = Space(
    C=Float(1e-3, 1e3, log=True),
    gamma=Float(1e-5, 1.0, log=True),
    kernel=Categorical({"rbf": None, "poly": Space(degree=Int(2, 5))}),
)


CONFIG: Config = {"C": 1.0, "gamma": 0.1, "kernel": "rbf"}
HELD_OUT: dict[str, Json] = {"metric": "accuracy", "best": 0.9917, "best_trial": 14, "default": 0.9806}


class HandClock:
    """A clock that moves when it is told to."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class IdleEngine(Engine):
    """Loads and remembers nothing; what would have been driven is kept, see the fixture `shop`."""

    def __init__(self, store_path: Path) -> None:
        super().__init__(store_path)
        self.driven: list[str] = []

    def warm_up(self) -> None:
        """Nothing: tests load what they need."""

    def recalled(self) -> list[str]:
        """Nothing: no other window was there before."""
        return []

    def remember(self, text: str) -> None:
        """Forgets it: tests write nothing outside their folders."""


@dataclass
class Workshop:
    """A store, and hands to move its studies with."""

    store: Store
    engine: IdleEngine
    wall: HandClock = field(default_factory=lambda: HandClock(time.time()))
    steady: HandClock = field(default_factory=lambda: HandClock(1000.0))

    def study(
        self,
        name: str = "svm-digits",
        *,
        space: Space = SVM,
        direction: Direction = "maximize",
        budget: Budget | None = None,
        state: StudyState = StudyState.RUNNING,
        is_driven: bool = True,
        objective: dict[str, Json] | None = None,
    ) -> str:
        """A study; driven by this process, if it is."""
        goal = Goal("accuracy" if direction == "maximize" else "loss", direction)
        objective = objective or {"type": "command", "command": "./train"}
        spec = StudySpec(name, space, goal, objective, budget=budget or Budget(trials=30))
        study_id = self.store.create_study(spec).id
        if is_driven:
            self.store.acquire_driver(study_id, lease_of(), is_alive=lambda lease: False)
        if state is not StudyState.NEW:
            self.store.set_state(study_id, state)
        return study_id

    def start(
        self, study_id: str, config: Config, *, arm: str = "gp", reason: str = "spread over the space"
    ) -> Attempt:
        """A new trial that runs."""
        self.store.add_trial(study_id, Proposal(config, arm, reason), seed=0)
        claimed = self.store.claim(study_id)
        assert claimed is not None
        return claimed[1]

    def complete(
        self, study_id: str, config: Config, value: float, *, arm: str = "gp", reason: str = "spread over the space"
    ) -> Trial:
        """A new trial that has succeeded."""
        number = self.start(study_id, config, arm=arm, reason=reason).trial_number
        metric = self.store.study(study_id).spec.goal.metric
        self.store.finish(study_id, number, TrialState.COMPLETE, outcome=Outcome({metric: value}, 1.3))
        return self.store.trial(study_id, number)

    def fail(self, study_id: str, config: Config, message: str, *, kind: FailureKind = FailureKind.CRASH) -> Trial:
        """A new trial that has failed."""
        number = self.start(study_id, config).trial_number
        failure = Failure(kind, message, traceback_tail="Traceback (most recent call last):\n  ...\n" + message)
        self.store.finish(study_id, number, TrialState.FAILED, failure=failure)
        return self.store.trial(study_id, number)

    def report(self, attempt: Attempt, step: int, value: float) -> None:
        """An intermediate measurement."""
        self.store.add_reports(attempt.id, [Report(step, {"accuracy": value}, float(step))])

    def write_log(self, attempt: Attempt, text: str) -> None:
        """What the attempt's process wrote."""
        folder = Path(attempt.directory)
        folder.mkdir(parents=True)
        (folder / "log.txt").write_text(text)

    def app(
        self, study_id: str | None = None, *, glyph_set: GlyphSet = GlyphSet.BRAILLE, no_color: bool = False
    ) -> AgentTuneApp:
        """The application on this store."""
        return AgentTuneApp(
            self.engine,
            study_id=study_id,
            glyph_set=glyph_set,
            clock=self.wall,
            steady=self.steady,
            no_color=no_color,
        )


WAIT_S = 60.0
"""How long something may take to come about: the first fit of a surrogate loads torch, beside other tests."""


async def wait_for(pilot: Pilot[None], condition: Callable[[], object], *, seconds: float = WAIT_S) -> None:
    """Lets the application work until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        await pilot.pause(0.02)


def fill(shop: Workshop, study_id: str) -> None:
    """A study's history as it is halfway, with one of everything."""
    shop.complete(
        study_id,
        {"C": 1.0, "gamma": 0.015625, "kernel": "rbf"},
        0.9735,
        arm="default",
        reason="its own defaults",
    )
    values = [0.1037, 0.9541, 0.8812, 0.9777, 0.9791, 0.1037, 0.9805, 0.9612, 0.9833, 0.9819, 0.9861, 0.9847]
    for i, value in enumerate(values):
        config: dict[str, float | str | int] = {"C": 0.021 * 3**i % 700 + 0.001, "gamma": 0.31 / 2**i, "kernel": "rbf"}
        if i % 4 == 2:
            config |= {"kernel": "poly", "degree": 3}
        arm, why = (
            ("sobol", "spread over the space") if i < 4 else ("gp", f"expected to improve on {max(values[:i]):.4f}")
        )
        shop.complete(study_id, config, value, arm=arm, reason=why)
    shop.fail(
        study_id,
        {"C": 500.0, "gamma": 0.9, "kernel": "poly", "degree": 5},
        "it took longer than 20 s",
        kind=FailureKind.TIMEOUT,
    )
    shop.complete(
        study_id,
        {"C": 12.3, "gamma": 0.00121, "kernel": "rbf"},
        0.9889,
        reason="expected to improve on 0.9861 by 0.0021",
    )
    shop.complete(
        study_id,
        {"C": 14.1, "gamma": 0.0019, "kernel": "rbf"},
        0.9875,
        reason="expected to improve on 0.9889 by 0.0004",
    )


def shown(app: App[None]) -> str:
    """The screen as text, row by row."""
    width, height = app.size
    painted = app.screen._compositor.render_strips()  # what a terminal would be sent; there is no public way
    return "\n".join(strip.text[:width] for strip in painted[:height])


def follower(shop: Workshop, study_id: str) -> Follower:
    """Whatever follows a study in the application, at a clock that stands still."""
    return Follower(shop.store, study_id, clock=shop.wall)
