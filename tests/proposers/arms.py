"""A desk made by hand and views with candidates, for tests of what a model offers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Event

from agenttune.exchange import Prompt
from agenttune.history import StudyView
from agenttune.proposers.llm import ModelArm
from agenttune.replies import Answer, Question
from agenttune.trial import Candidate, Proposal
from agenttune.types import Config

NOTHING = Answer((), (), "timeout", "no answer within 60 s", 1)


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class HandDesk:
    """Answers once it is let, with what it was made with."""

    def __init__(self, answers: Sequence[Answer] = ()) -> None:
        self.answers = list(answers)
        self.questions: list[Question] = []
        self.is_let = Event()

    def ask(self, question: Question) -> Answer:
        """Waits to be let."""
        self.questions.append(question)
        assert self.is_let.wait(30)
        return self.answers.pop(0) if self.answers else NOTHING

    def close(self) -> None:
        """Lets it answer."""
        self.is_let.set()


def prompter(view: StudyView, *, k: int, hint: Proposal | None) -> Question:
    """A question with an empty prompt."""
    return Question(Prompt(()), view.space, view.goal, lambda config: not view.has_seen(config), k, 1, view.number)


def make_arm(desk: HandDesk | None = None, clock: Callable[[], float] | None = None) -> ModelArm:
    """An arm at a desk."""
    return ModelArm(desk or HandDesk(), prompter, clock=clock or Clock())


def offer(view: StudyView, *configs: Config, asked_at: int | None = None) -> StudyView:
    """The view with candidates of these configurations besides."""
    at = view.number if asked_at is None else asked_at
    first = len(view.candidates) + 1
    offered = tuple(
        Candidate(config, f"offer {i}", 0.5, 0.1, 1, (7,), at, (), i, "verbal")
        for i, config in enumerate(configs, start=first)
    )
    return replace(view, candidates=(*view.candidates, *offered))
