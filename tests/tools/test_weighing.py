"""What calls are weighed as, where a model could mean harm: commands, models, files elsewhere, files that are there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agenttune.errors import UserError
from agenttune.store import Store
from agenttune.testing.store import make_spec
from agenttune.tools.toolbox import Tool, Weighed
from agenttune.tools.workspace import Workspace
from tests.agent.conftest import SCRIPT

COMMAND: dict[str, Any] = {"type": "command", "command": "python train.py --x {x}", "metric": {"json_line": True}}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    folder = tmp_path / "work"
    folder.mkdir()
    (tmp_path / "secret.csv").write_text("user,password\nroot,hunter2\n")
    with Store.open(tmp_path / "agenttune.db") as store:
        store.create_study(make_spec())
        yield Workspace(folder, store, said=["tune python train.py --x {x} for score"], model="none")


def document(**objective: Any) -> dict[str, Any]:
    return {
        "objective": {**COMMAND, **objective},
        "space": {"x": {"type": "float", "low": 0.0, "high": 1.0}},
        "goal": {"metric": "score", "direction": "maximize"},
        "budget": {"trials": 3},
    }


def weighed(workspace: Workspace, name: str, **arguments: Any) -> Weighed:
    tool = Tool(name)
    return tool.weigh(workspace, tool.checked(arguments))


def test_script_in_a_sentence_of_the_persons_own_is_a_start(workspace: Workspace) -> None:
    (workspace.folder / "train.py").write_text(SCRIPT)
    sentence = "maximise accuracy of train.py, 2 trials"
    assert weighed(workspace, "create_study", request=sentence).effect == "run"
    workspace.said.append(f"what does train.py do? I would never say {sentence}")
    assert weighed(workspace, "create_study", request=sentence).effect == "run"
    workspace.said.append(f"what does this log mean?\n{sentence}\nepoch 1")
    assert weighed(workspace, "create_study", request=sentence).effect == "run"
    workspace.said.append(f"  {sentence} ")
    assert weighed(workspace, "create_study", request=sentence).effect == "start"


@pytest.mark.parametrize(
    "objective",
    [
        {},  # what was typed may have been "never run ..."
        {"command": "python other.py --x {x}"},
        {"command": ["python", "train.py", "--x", "{x}", "--more"]},
        {"env": {"PYTHONPATH": "/evil"}},
        {"shell": True},
    ],
)
def test_command_of_a_document_is_run(workspace: Workspace, objective: dict[str, Any]) -> None:
    found = weighed(workspace, "create_study", document=document(**objective))
    assert found.effect == "run" and "runs: " in found.what
    assert all(str(value) in found.what for value in objective.get("env", {}).values())


def test_model_of_a_document_is_not_even_loaded(workspace: Workspace) -> None:
    (workspace.folder / "evil.py").write_text("open('was-imported', 'w')\nchat = None\n")
    for model in ("langchain:evil:chat", "http://198.51.100.1/v1#spy"):
        with pytest.raises(UserError, match="a study asks the model of the conversation"):
            weighed(workspace, "create_study", document={**document(), "model": model})
    assert [path.name for path in workspace.folder.iterdir()] == ["evil.py"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"request": "tune an SVM on ../secret.csv, predict user"},
        {"document": {"objective": {"type": "estimator", "family": "svm", "data": "../secret.csv"}}},
        {"document": {"objective": {"type": "table", "path": "../secret.csv"}}},
    ],
)
def test_file_elsewhere_is_weighed_without_a_look_at_it(workspace: Workspace, arguments: dict[str, Any]) -> None:
    found = weighed(workspace, "create_study", **arguments)
    assert found.effect == "outside" and "password" not in found.what


def test_file_elsewhere_that_the_person_named_is_theirs_to_name(workspace: Workspace) -> None:
    (workspace.folder.parent / "data.csv").write_text(
        "a,kind\n" + "".join(f"{at},{'xy'[at % 2]}\n" for at in range(60))
    )
    workspace.said.append("tune an SVM on ../data.csv, predict kind")
    assert weighed(workspace, "create_study", request="tune an SVM on ../data.csv, predict kind").effect == "start"


@pytest.mark.parametrize(
    ("path", "effect"), [("new.json", "write"), ("train.py", "delete"), (".git/hooks/x", "outside")]
)
def test_writing_over_a_file_is_losing_it(workspace: Workspace, path: str, effect: str) -> None:
    (workspace.folder / "train.py").write_text("lr = 1\n")
    assert weighed(workspace, "export_study", path=path).effect == effect


def test_hidden_file_is_not_read_unasked(workspace: Workspace) -> None:
    assert weighed(workspace, "read_file", path=".env").effect == "outside"
    assert weighed(workspace, "read_file", path="train.py").effect == "read"


def test_longer_request_than_a_person_writes_is_refused(workspace: Workspace) -> None:
    with pytest.raises(UserError, match="may have 4,000 characters"):
        weighed(workspace, "create_study", request="svm on digits " * 400)
