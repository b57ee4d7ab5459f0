"""The last word on stdout, after the screen is gone: how the study stands and how to come back to it."""

from __future__ import annotations

import shlex
from pathlib import Path

from agenttune.tui.phase import Phase
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.text import number
from agenttune.visible import clean


def farewell(snapshot: Snapshot | None, store_path: Path) -> list[str]:
    """The lines; none if no study was on screen."""
    if snapshot is None:
        return []
    name = clean(snapshot.row.name)
    total = snapshot.row.spec.budget.trials
    done = f"{snapshot.n_done}{'' if total is None else f'/{total}'} trials"
    best = snapshot.best
    result = ""
    if best is not None:
        result = f", best {clean(snapshot.metric)} {number(snapshot.view.value(best))} (trial {best.number})"
    stands = "goes on by itself" if snapshot.phase is Phase.RUNNING else f"is {snapshot.phase.value}"
    command = f"agenttune {_verb(snapshot.phase)} {shlex.quote(snapshot.row.name)}{_store_option(store_path)}"
    return [f"{name} {stands}: {done}{result}", clean(command)]


def _verb(phase: Phase) -> str:
    if phase.is_ended:
        return "show"
    return "resume" if phase is Phase.INTERRUPTED else "attach"


def _store_option(store_path: Path) -> str:
    from agenttune.settings import default_store_path

    return "" if store_path == default_store_path() else f" --store {shlex.quote(str(store_path))}"
