"""A study made in a conversation without a model: in free words, and in answer to what was asked back."""

from __future__ import annotations

from pathlib import Path

import pytest

from agenttune.agent import Agent
from agenttune.store import Store
from tests.agent.conftest import SCRIPT


@pytest.fixture
def agent(store: Store, folder: Path) -> Agent:
    (folder / "train.py").write_text(SCRIPT)
    return Agent("none", workspace=folder, store=store, approve="auto")


@pytest.mark.parametrize(
    "turns",
    [
        ["maximise accuracy of train.py, 2 trials"],
        ["tune train.py, 2 trials", "maximise accuracy"],
        ["tune train.py", "maximise accuracy, two trials"],
        pytest.param(["please optimise train.py for accuracy, 2 trials"], marks=pytest.mark.long),
    ],
)
def test_a_study_comes_of_free_words_and_answers(agent: Agent, store: Store, turns: list[str]) -> None:
    for text in turns:
        told = agent.ask(text)
    (row,) = store.studies()
    assert told.study == row.name
    assert row.spec.goal.metric == "accuracy"


def test_the_answer_to_a_question_goes_with_it(agent: Agent, store: Store) -> None:
    assert "which data" in agent.ask("I need a good random forest").text
    assert "I do not understand" in agent.ask("frobnicate").text
    assert store.studies() == []
    assert "is created" in agent.ask("on iris, 2 trials").text
    (row,) = store.studies()
    assert (row.spec.budget.trials, row.spec.objective["data"]) == (2, "iris")
