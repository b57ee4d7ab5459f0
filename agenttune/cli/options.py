"""Arguments that several commands share. Standard library only."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from agenttune.cli.format import parse_count, parse_dollars, parse_positive, parse_seconds, parse_size

if TYPE_CHECKING:
    from agenttune.plan.model_choice import ModelChoice


def add_store(parser: argparse.ArgumentParser, *, json: bool = True) -> None:
    """`--store`, and `--json`."""
    parser.add_argument("--store", metavar="PATH", help="store file (default: the one of this user)")
    if json:
        parser.add_argument("--json", action="store_true", help="results as JSON, one object per line, on stdout")


def add_study(parser: argparse.ArgumentParser) -> None:
    """The study a command is about."""
    parser.add_argument("study", nargs="?", metavar="STUDY", help="name or unique prefix (default: the latest)")


def add_target(parser: argparse.ArgumentParser) -> None:
    """A study and, optionally, one of its trials: `STUDY`, `STUDY N` or `N`."""
    parser.add_argument("target", nargs="*", metavar="STUDY [N]", help="study (default: the latest), trial number")


def add_tuning(parser: argparse.ArgumentParser) -> None:
    """Budget, limits and name of a study to be created."""
    budget = parser.add_argument_group("budget and limits")
    budget.add_argument("--trials", type=parse_positive, metavar="N", help="trials in all")
    budget.add_argument("--seconds", type=parse_seconds, metavar="T", help="wall time in all: 90, 90s, 5m, 1.5h")
    budget.add_argument("--trial-seconds", type=parse_seconds, metavar="T", help="wall time of one trial")
    budget.add_argument("--trial-memory", type=parse_size, metavar="SIZE", help="memory of one trial: 500M, 2G")
    running = parser.add_argument_group("running")
    running.add_argument("--workers", type=parse_positive, metavar="N", help="trials at a time (default 1)")
    running.add_argument("--gpus", type=parse_count, metavar="N", help="GPUs to deal out, one visible per worker")
    running.add_argument("--seed", type=parse_count, metavar="N", help="makes the study repeatable (default 0)")
    running.add_argument("--name", metavar="NAME", help="name of the study")
    add_model(parser)
    add_follow(parser)


def add_model(parser: argparse.ArgumentParser) -> None:
    """Who proposes, and what a language model may cost."""
    group = parser.add_argument_group("who proposes")
    group.add_argument(
        "--model",
        metavar="SPEC",
        help="openai:NAME, http://localhost:11434/v1#NAME, hf:FOLDER, langchain:MODULE:OBJECT, or none",
    )
    group.add_argument(
        "--proposer", metavar="NAME", help="auto, llm+gp, llm, gp, forest, tpe, sobol, random (default auto)"
    )
    group.add_argument("--history", choices=("digest", "chat"), help="what a model is told each time (default digest)")
    group.add_argument(
        "--reuse-replies",
        action=argparse.BooleanOptionalAction,
        help="answer a request that any study of the store got a reply to by that reply (default: do not)",
    )
    add_model_limits(group)


def add_model_limits(group: argparse._ActionsContainer) -> None:
    """What a language model may cost."""
    group.add_argument("--max-dollars", type=parse_dollars, metavar="X", help="US dollars for the model, in all")
    group.add_argument("--max-requests", type=parse_count, metavar="N", help="requests to the model, in all")
    group.add_argument("--max-tokens", type=parse_count, metavar="N", help="tokens of the model, in all")


def model_choice(arguments: argparse.Namespace) -> ModelChoice:
    """What these flags say."""
    from agenttune.plan.model_choice import ModelChoice

    return ModelChoice(**{name: getattr(arguments, name) for name in ModelChoice.__slots__})


def add_follow(parser: argparse.ArgumentParser) -> None:
    """`--detach`."""
    parser.add_argument("--detach", action="store_true", help="return at once; the study goes on by itself")
