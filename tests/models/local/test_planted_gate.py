"""What a local model believes, from its token probabilities through desk, store and gate to the trial's record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from agenttune.budget import Budget
from agenttune.exchange import Prompt
from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.models import Capabilities, Message, Reply, Sampling, Schemas
from agenttune.models.local.engine import Engine
from agenttune.proposers.candidates import model_proposal, usable
from agenttune.replies import Question
from agenttune.replies.desk import Desk
from agenttune.space import Categorical, Float, Space
from agenttune.store import Store
from agenttune.testing.store import make_spec
from agenttune.types import Json
from tests.models.local.planted import planted_engine

SPACE = Space(x=Float(0.0, 1.0), kind=Categorical(["a", "b"]))
GOAL = Goal("score", "maximize")


class InProcess:
    """An engine without a host."""

    spec = "hf:planted"
    is_local = True
    capabilities = Capabilities("ranges", logprobs=True)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: Schemas | None = None,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Sampling | None = None,
    ) -> Reply:
        return self._engine.complete(messages, schema=schema, tools=tools, sampling=sampling)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Sampling | None = None,
    ) -> Iterator[str | Reply]:
        yield self.complete(messages, tools=tools, sampling=sampling)


def belief(config: dict[str, Any]) -> tuple[float, float]:
    return 0.45 + 0.3 * config["x"], (0.01 if config["kind"] == "a" else 0.04)


def test_gate_predicts_what_the_probabilities_say_within_one_percent(tiny_llama: Path, tmp_path: Path) -> None:
    model = InProcess(planted_engine(tiny_llama, belief))
    prompt = Prompt(({"role": "user", "content": "Propose four."},))
    question = Question(prompt, SPACE, GOAL, lambda config: True, seed=3)
    with Store.open(tmp_path / "store.db") as store:
        study = store.create_study(make_spec()).id
        desk = Desk(model, store=store, study_id=study, budget=Budget, sampling=Sampling(n=3))
        desk.ask(question)
        view = StudyView(SPACE, GOAL, (), candidates=tuple(store.candidates(study)))
    proposals = [model_proposal(view, candidate, reason="why") for candidate in usable(view)]
    assert len(proposals) >= 5
    for proposal in proposals:
        mean, sd = belief(dict(proposal.config))
        assert proposal.prediction_source == "tokens"
        assert proposal.predicted_mean == pytest.approx(mean, rel=0.01)
        assert proposal.predicted_sd == pytest.approx(sd, rel=0.01)
