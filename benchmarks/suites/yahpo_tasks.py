"""Tasks made of the surrogates of yahpo.py, which several suites share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from agenttune.space import Categorical, Constant, Parameter, Space
from agenttune.types import Config
from benchmarks.suites import Task

if TYPE_CHECKING:
    from benchmarks.yahpo import Surface


def surface_names(scenario: str, root: Path | None) -> list[str]:
    """The trusted instances, in the file's order."""
    return list(_references(scenario, _folder(root)))


def surface_task(
    suite: str,
    scenario: str,
    name: str,
    root: Path | None,
    *,
    metric: str,
    meanings: Mapping[str, str],
    default: Config,
) -> Task:
    """One instance as a task, whose parameters say what they mean."""
    surface = _surface(scenario, _folder(root))
    best, median = _references(scenario, _folder(root))[name]
    told = {
        key: _meaning(entry, meanings[key]) if key in meanings else entry
        for key, entry in surface.space.parameters.items()
    }
    return Task(
        suite,
        name,
        Space(told),
        partial(surface.evaluate, instance=name),
        "maximize",
        conditions=("neutral", "shifted", "default"),
        metric=metric,
        best=best,
        median=median,
        default=default,
    )


def _meaning(parameter: Parameter, meaning: str) -> Parameter:
    if isinstance(parameter, Constant):
        return parameter
    if isinstance(parameter, Categorical):
        return Categorical(parameter.choices, meaning=meaning)
    return replace(parameter, meaning=meaning)


def _folder(root: Path | None) -> Path:
    assert root is not None
    return root / "yahpo"


@cache
def _references(scenario: str, folder: Path) -> dict[str, tuple[float, float]]:
    from benchmarks.yahpo import references

    return references(scenario, folder, 1_000)


@cache
def _surface(scenario: str, folder: Path) -> Surface:
    from benchmarks.yahpo import Surface

    return Surface(scenario, folder)
