"""`agenttune run study.toml`: the study that a file describes is created, run and followed."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agenttune.cli.options import add_store, add_tuning, model_choice

if TYPE_CHECKING:
    from agenttune.spec import StudySpec

DESCRIPTION = """\
Runs the study that a file describes; `agenttune init` writes one. Flags win over what the file says.
Ctrl-C ends the study after its running trials, a second one kills those; a closed terminal leaves it
running."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("file", metavar="FILE", help="a study file, as in study.toml")
    add_tuning(parser)
    parser.add_argument("-y", "--yes", action="store_true", help="for symmetry with `tune`: `run` never asks")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Reads the file, shows what it says, runs it.

    Raises:
        StudyFileError: the file has a typo or a wrong value.
    """
    from agenttune.cli.running import create_and_run
    from agenttune.cli.tune import show_understood
    from agenttune.plan import load_study_file, model_line, with_model
    from agenttune.plan.describing import spec_lines

    spec = with_model(with_flags(load_study_file(Path(arguments.file)), arguments), model_choice(arguments))
    show_understood([*spec_lines(spec), model_line(spec)])
    return create_and_run(spec, arguments, is_name_exact=arguments.name is not None)


def with_flags(spec: StudySpec, arguments: argparse.Namespace) -> StudySpec:
    """The spec with what the flags say in place of what the file says."""
    budget = {name: getattr(arguments, name) for name in ("trials", "seconds")}
    limits = {"seconds": arguments.trial_seconds, "memory_bytes": arguments.trial_memory}
    others = {name: getattr(arguments, name) for name in ("workers", "gpus", "seed", "name")}
    return replace(
        spec,
        budget=replace(spec.budget, **_given(budget)),
        limits=replace(spec.limits, **_given(limits)),
        **_given(others),
    )


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
