"""`edit_study` and `undo_edit`: what a person is asked, what the study gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agenttune import Budget, Float, Goal, Space, Study
from agenttune.errors import UserError
from agenttune.spec import StudySpec, TrialLimits
from agenttune.store import Store
from agenttune.tools.toolbox import Tool, Weighed
from agenttune.tools.workspace import Workspace

SPEC = StudySpec(
    name="alive",
    space=Space(x=Float(0.0, 1.0)),
    goal=Goal("score", "minimize", target=0.1),
    objective={"type": "told"},
    budget=Budget(trials=5),
    proposer="sobol",
    workers=2,
    limits=TrialLimits(seconds=30),
)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """With one study of ask and tell, of one finished trial."""
    with Store.open(tmp_path / "agenttune.db") as store:
        with Study.from_spec(SPEC, store=store) as study:
            study.tell(study.ask(), 0.4)
        yield Workspace(tmp_path, store)


def weighed(workspace: Workspace, *edits: dict[str, Any]) -> Weighed:
    tool = Tool("edit_study")
    return tool.weigh(workspace, tool.checked({"edits": list(edits)}))


@pytest.mark.parametrize(
    ("edit", "effect"),
    [
        ({"edit": "set_range", "name": "x", "high": 0.5}, "steer"),
        ({"edit": "add_metric_constraint", "text": "size < 3"}, "steer"),
        ({"edit": "set_budget", "trials": 4}, "steer"),
        ({"edit": "set_budget", "trials": 6}, "spend"),
        ({"edit": "set_budget", "lifted": ["trials"]}, "spend"),
        ({"edit": "set_budget", "seconds": 60}, "steer"),
        ({"edit": "set_target", "value": 0.2}, "steer"),
        ({"edit": "set_target", "value": 0.05}, "spend"),
        ({"edit": "set_target", "value": None}, "spend"),
        ({"edit": "set_workers", "workers": 1}, "steer"),
        ({"edit": "set_workers", "workers": 3}, "spend"),
        ({"edit": "set_trial_limit", "seconds": 10}, "steer"),
        ({"edit": "set_trial_limit", "seconds": 60}, "spend"),
    ],
)
def test_what_lets_a_study_spend_more_is_weighed_so(workspace: Workspace, edit: dict[str, Any], effect: str) -> None:
    assert weighed(workspace, edit).effect == effect


def test_person_is_shown_the_difference(workspace: Workspace) -> None:
    asked = weighed(workspace, {"edit": "set_budget", "trials": 15}, {"edit": "set_range", "name": "x", "high": 0.3})
    assert asked.what.splitlines()[:3] == ["edit study alive", "x: 0..1 -> 0..0.3", "trials in all: 5 -> 15"]


@pytest.mark.long
def test_edit_is_applied_and_undone(workspace: Workspace) -> None:
    call = Tool("edit_study").call(workspace, {"edits": [{"edit": "set_workers", "workers": 1}]})
    assert call.text == "study alive: it waits: the next `ask` applies it\nat a time: 2 -> 1"
    with Study.open(store=workspace.store) as study:
        study.ask()
        assert study.row.spec.workers == 1
        undo = Tool("undo_edit")
        assert undo.weigh(workspace, {}).effect == "spend"
        assert "at a time: 1 -> 2" in undo.weigh(workspace, {}).what
        assert undo.call(workspace, {}).record["study"] == "alive"
        study.ask()
        assert study.row.spec == SPEC
    assert [entry.by for _, entry in workspace.store.edits(study.id)] == ["the assistant"] * 2


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ([], "`edits` is empty"),
        ([{"edit": "set_rang", "name": "x"}], "did you mean `set_range`"),
        ([{"edit": "set_workers", "workers": 2}], "this is so already"),
    ],
)
def test_edit_that_cannot_be_is_told(workspace: Workspace, edits: list[dict[str, Any]], said: str) -> None:
    for act in (Tool("edit_study").weigh, Tool("edit_study").call):
        with pytest.raises(UserError) as caught:
            act(workspace, {"edits": edits})
        assert said in str(caught.value)
    assert workspace.store.take_controls(workspace.row().id) == []
