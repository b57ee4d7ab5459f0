"""The tools that answer questions, on a study in a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agenttune.budget import Budget
from agenttune.goal import Goal
from agenttune.insight.provenance import unsupported_numbers
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.tools.toolbox import Toolbox
from agenttune.tools.workspace import ToolResult, Workspace
from agenttune.trial import Failure, FailureKind, Outcome, Proposal, TrialState
from tests.proposers.scene import SPACE, bowl


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A study of 24 trials, the last of which failed."""
    folder: Path = tmp_path_factory.mktemp("work")
    with Store.open(folder / "agenttune.db") as store:
        spec = StudySpec("bowl", SPACE, Goal("value", "maximize"), {"type": "told"}, Budget(trials=40), workers=2)
        row = store.create_study(spec)
        for config in SPACE.sample(np.random.default_rng(1), 24):
            added = store.add_trial(row.id, Proposal(config, "random", "spread"), seed=1)
            assert added is not None and store.claim(row.id) is not None
            if added.number == 23:
                failure = Failure(FailureKind.OOM, "tried 4 GiB")
                store.finish(row.id, added.number, TrialState.FAILED, failure=failure)
            else:
                outcome = Outcome({"value": bowl(config)}, 2.0)
                store.finish(row.id, added.number, TrialState.COMPLETE, outcome=outcome)
        yield Workspace(folder, store)


def call(workspace: Workspace, name: str, **arguments: Any) -> ToolResult:
    tool = Toolbox().tool(name)
    return tool.call(workspace, tool.checked(arguments))


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("explain_trial", {"number": 5}, 'Trial 5 (complete), proposed by random: "spread"'),
        ("compare_trials", {"numbers": [2, 3]}, "What differs (trials 2, 3):"),
        ("failures", {}, 'oom, 1 of them: "tried 4 GiB"'),
        ("lessons", {}, "What decides, from 23 complete trials"),
        ("next_ideas", {"k": 1}, "expected improvement"),
        ("outlook", {"n": 4}, "next 4: expected improvement"),
        ("predict", {"configs": [{"x": 0.3, "y": 0.8}, {"x": 3.0}]}, "configuration 2 is not valid"),
    ],
)
def test_answer_is_in_words_whose_numbers_stand_in_its_record(
    workspace: Workspace, name: str, arguments: dict[str, Any], said: str
) -> None:
    result = call(workspace, name, **arguments)
    assert said in result.text
    assert unsupported_numbers(result.text, [result.record]) == []


def test_answers_of_one_turn_share_a_fit(workspace: Workspace) -> None:
    first = workspace.surrogate(workspace.view())
    assert first is not None and workspace.surrogate(workspace.view()) is first


def test_fit_is_made_anew_once_there_is_a_trial_more(workspace: Workspace) -> None:
    first = workspace.surrogate(workspace.view())
    row = workspace.row()
    number = workspace.store.add_trial(row.id, Proposal({"x": 0.31, "y": 0.79}, "human", "near"), seed=1)
    assert number is not None and workspace.surrogate(workspace.view()) is not first
