"""`tune_code`: a person is asked first, whatever else is allowed; then a study over code runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agenttune.agent.approvals import load_policy
from agenttune.errors import UserError
from agenttune.store import Store
from agenttune.tools.toolbox import Tool
from agenttune.tools.workspace import Workspace
from tests.study.models import wait_for

SCRIPT = 'def slope():\n    return 1.0\n\n\nprint(f"score={slope():.2f}")\n'
CALL = {"path": "slope.py", "metric": "score", "direction": "maximize", "target": "slope"}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "slope.py").write_text(SCRIPT)
    (folder / ".keys.py").write_text(SCRIPT)
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    (folder / "link").symlink_to(tmp_path / "rows.csv")
    with Store.open(tmp_path / "agenttune.db") as store:
        yield Workspace(folder, store, model="http://127.0.0.1:9/v1#nobody")


def test_person_is_always_asked_and_told_what_will_run(workspace: Workspace, tmp_path: Path) -> None:
    weighed = Tool("tune_code").weigh(workspace, CALL)
    assert weighed.effect == "code" and "slope of slope.py may change" in weighed.what
    assert "self-reported" in weighed.what and "sandbox" in weighed.what
    (tmp_path / "rules.toml").write_text('mode = "auto"\n[tools]\ntune_code = "auto"\n')
    assert load_policy(path=tmp_path / "rules.toml").decide("tune_code", "code")[0] == "ask"
    assert workspace.store.names() == []


def test_study_is_made_and_driven(workspace: Workspace) -> None:
    told = Tool("tune_code").call(workspace, {**CALL, "trials": 1})
    row = workspace.store.study(str(told.record["study"]))
    assert (row.spec.proposer, row.spec.objective["target"], row.spec.budget.trials) == ("code", "slope", 1)
    wait_for(lambda: workspace.store.study(row.id).state.is_ended)
    assert [trial.value("score") for trial in workspace.store.trials(row.id)] == [1.0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"path": "../elsewhere.py"}, "outside the workspace"),
        ({"path": ".keys.py"}, "hidden"),
        ({"data": "../rows.csv"}, "outside the workspace"),
        ({"data": "link"}, "outside the workspace"),
        ({"target": "gone"}, "slope"),
    ],
)
def test_what_cannot_be_is_told(change: dict[str, str], told: str, workspace: Workspace) -> None:
    with pytest.raises(UserError, match=told):
        Tool("tune_code").weigh(workspace, {**CALL, **change})
