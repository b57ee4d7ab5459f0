"""A study over code made by hand: variants of a model, their trials, what was refused. No tests."""

from __future__ import annotations

from pathlib import Path

from agenttune.budget import Budget
from agenttune.events import VariantAdded
from agenttune.goal import Goal
from agenttune.spec import StudySpec, StudyState
from agenttune.study.leases import lease_of
from agenttune.trial import FailureKind
from agenttune.types import Json
from agenttune.variant import Action, Direction, Lesson, RefusedBlock, Variant, name_of
from agenttune.variants.first import first_variant
from agenttune.variants.space import as_config, first_space, with_variant
from agenttune.variants.target import find_target
from tests.tui.workshop import Workshop

FILE = '''"""A small model."""


def build(n):
    """Layers."""
    width = n
    return [width, 10]


def fit_predict(train_x, train_y, new_x):
    return new_x[:, 0]
'''
WIDER = '''def build(n):
    """Layers, wider."""
    PARAMS = {"hidden": 64}
    return [n, PARAMS["hidden"], 10]
'''
BROKEN = '''def build(n):
    """Layers."""
    return [n, missing, 10]
'''
DEEPER = '''def build(n):
    """Layers, deeper."""
    PARAMS = {"hidden": 64, "depth": 2}
    return [n, *[PARAMS["hidden"]] * PARAMS["depth"], 10]
'''
TEXT = '''def build(n):
    """[bold red]Loud[/] \x1b[31mlayers."""
    return [n, 30, 10]
'''
HIDDEN: Json = {"type": "int", "low": 16, "high": 256}
DEPTH: Json = {"type": "int", "low": 1, "high": 4}
REASON = "`build` must take n, but got (n, width); keep the parameters as they are"


def add_variant(
    shop: Workshop,
    study_id: str,
    block: str,
    idea: str,
    *,
    parent: int = 0,
    action: Action = "improve",
    numbers: dict[str, tuple[Json, int]] | None = None,
) -> Variant:
    """A variant as the desk and the driver add one: its record, and the next version of the space."""
    told = numbers or {}
    defaults = {name: value for name, (_, value) in told.items()}
    offered = Variant(0, parent, action, idea, block, {name: kind for name, (kind, _) in told.items()}, defaults)
    (kept,) = shop.store.add_code_entries(study_id, [offered])
    assert isinstance(kept, Variant)
    row = shop.store.study(study_id)
    space = with_variant(shop.store.spaces(study_id)[row.space_version], kept)
    shop.store.add_variant(study_id, space, VariantAdded(kept.name, idea, name_of(parent), version=0))
    return kept


def code_study(shop: Workshop, folder: Path, *, name: str = "digits", is_self_reported: bool = False) -> str:
    """A study whose own code has run, with the file it improves in `folder`."""
    (folder / "model.py").write_text(FILE)
    v0 = first_variant(find_target(FILE, "build"))
    scored: dict[str, Json] = (
        {"command": "python model.py", "metric": {"regex": "accuracy=([0-9.]+)"}}
        if is_self_reported
        else {"data": "digits", "metric": "accuracy", "entry": "fit_predict"}
    )
    objective: dict[str, Json] = {"type": "code", "file": "model.py", "target": "build", "source": FILE, **scored}
    goal = Goal("accuracy", "maximize")
    spec = StudySpec(name, first_space(v0), goal, objective, budget=Budget(trials=20), proposer="code", cwd=str(folder))
    study_id = shop.store.create_study(spec).id
    shop.store.acquire_driver(study_id, lease_of(), is_alive=lambda lease: False)
    shop.store.set_state(study_id, StudyState.RUNNING)
    shop.store.add_code_entries(study_id, [v0])
    shop.complete(study_id, as_config(v0, v0.defaults), 0.9133, arm="default", reason="the code as it is")
    return study_id


def grown(shop: Workshop, folder: Path, *, is_self_reported: bool = False) -> str:
    """The same halfway: a better variant with its numbers, a broken one and its mend, one that runs, refused blocks."""
    study_id = code_study(shop, folder, is_self_reported=is_self_reported)
    wider = "put a hidden layer between, wide enough to tell the digits apart, and let its width be tuned"
    v1 = add_variant(shop, study_id, WIDER, wider, numbers={"hidden": (HIDDEN, 64)})
    shop.complete(study_id, as_config(v1, v1.defaults), 0.9502, arm="code", reason=f"{wider} (from v0)")
    words = "tunes the numbers of v1: expected to improve on 0.9502"
    shop.complete(study_id, as_config(v1, {"hidden": 128}), 0.9611, reason=words)
    v2 = add_variant(shop, study_id, BROKEN, "normalise between the layers", parent=1)
    shop.fail(study_id, as_config(v2, {}), "NameError: name 'missing' is not defined", kind=FailureKind.CRASH)
    v3 = add_variant(
        shop,
        study_id,
        DEEPER,
        "two layers in place of the missing name",
        parent=2,
        action="debug",
        numbers={"hidden": (HIDDEN, 64), "depth": (DEPTH, 2)},
    )
    shop.complete(study_id, as_config(v3, v3.defaults), 0.9577, arm="code", reason="two layers (from v2)")
    shop.store.add_code_entries(
        study_id,
        [
            Direction(1, "improve", "drop out half of the hidden layer"),
            RefusedBlock(1, "changed-interface", REASON, "give it a width"),
            RefusedBlock(1, "duplicate", "it is v1 but for comments and names: say something new", twin=1),
            RefusedBlock(0, "duplicate", "it is v3 but for comments and names: say something new", twin=3),
            Lesson(1, "a hidden layer is worth more than anything else so far"),
            Lesson(3, "a second layer adds little on so few rows"),
        ],
    )
    v4 = add_variant(shop, study_id, TEXT, "start anew with [bold]fixed[/bold] sizes", action="draft")
    attempt = shop.start(study_id, as_config(v4, {}), arm="code", reason="start anew with fixed sizes (from v0)")
    shop.wall.now = attempt.started_at + 12.5
    return study_id
