"""`agenttune code`: a language model rewrites a marked part of a file; what it writes runs confined, and is scored."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from agenttune.cli.console import ask, emit, put, say
from agenttune.cli.format import parse_positive, parse_seconds, parse_size
from agenttune.cli.options import add_follow, add_model_limits, add_store
from agenttune.errors import UserError
from agenttune.visible import clean

if TYPE_CHECKING:
    from agenttune.spec import StudySpec
    from agenttune.store import Store
    from agenttune.study.code import Winner
    from agenttune.study.code_task import CodeTask
    from agenttune.types import Json

DESCRIPTION = """\
Has a language model improve code, as in

  agenttune code digits_mlp.py --target build_model --data digits --metric accuracy --maximize
  agenttune code train.py --target build_model --metric val_accuracy --maximize
  agenttune code --data penguins.csv --column species --metric accuracy --maximize
  agenttune code show STUDY [N]      the variants as a tree, or one of them
  agenttune code diff STUDY [N]      what the best (or variant N) changes, as a patch
  agenttune code apply STUDY [N]     writes it into the file, and keeps a backup

With --data the code hands back predictions, which are scored on labels that it cannot read; without, the script
prints its own metric, which is then marked self-reported. Nothing of yours is changed before `apply`. What the model
wrote runs in a sandbox; where this machine has none, it does not run (`agenttune doctor`)."""
ACTIONS = ("show", "diff", "apply")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("what", nargs="?", metavar="FILE", help="the file to improve; or show, diff, apply")
    parser.add_argument("words", nargs="*", metavar="STUDY [N]", help="of show, diff and apply: study, variant")
    task = parser.add_argument_group("what is improved")
    task.add_argument("--target", metavar="NAME", default="", help="function or class that may change (default: all)")
    task.add_argument("--metric", metavar="NAME", help="what is measured")
    way = task.add_mutually_exclusive_group()
    way.add_argument("--maximize", action="store_true", help="the larger the better")
    way.add_argument("--minimize", action="store_true", help="the smaller the better")
    scored = parser.add_argument_group("how it is scored")
    scored.add_argument("--data", metavar="FILE", help="a CSV file, or the name of a data set of scikit-learn's")
    scored.add_argument("--column", metavar="NAME", help="the column to predict")
    scored.add_argument("--command", dest="line", metavar="LINE", help="how the script is run (default: python FILE)")
    scored.add_argument("--regex", metavar="RE", help=r"finds the metric in what it prints: 'accuracy: (\S+)'")
    scored.add_argument(
        "--rungs", metavar="LIST", help="cheap first: 0.25,1 of the training rows, or epochs=5,20 of the command"
    )
    _add_budget(parser)
    parser.add_argument("-y", "--yes", action="store_true", help="start, or apply, without asking")
    add_store(parser)


def _add_budget(parser: argparse.ArgumentParser) -> None:
    budget = parser.add_argument_group("budget and limits")
    budget.add_argument("--trials", type=parse_positive, metavar="N", help="trials in all (default 20)")
    budget.add_argument("--seconds", type=parse_seconds, metavar="T", help="wall time in all: 90, 90s, 5m, 1.5h")
    budget.add_argument("--trial-seconds", type=parse_seconds, metavar="T", help="wall time of one run of a variant")
    budget.add_argument("--trial-memory", type=parse_size, metavar="SIZE", help="memory of one run: 500M, 2G")
    budget.add_argument("--workers", type=parse_positive, metavar="N", default=1, help="trials at a time (default 1)")
    budget.add_argument("--seed", type=int, metavar="N", default=0, help="makes the study repeatable (default 0)")
    budget.add_argument("--name", metavar="NAME", help="name of the study")
    budget.add_argument("--model", metavar="SPEC", help="openai:NAME, http://localhost:11434/v1#NAME, hf:FOLDER, ...")
    add_model_limits(budget)
    budget.add_argument(
        "--allow-unsafe-exec", action="store_true", help="run the code even where this machine cannot confine it"
    )
    add_follow(parser)


def run(arguments: argparse.Namespace) -> int:
    """Starts a study, or shows or takes over what came of one.

    Raises:
        UserError: something cannot be, or an answer is needed and there is no terminal.
    """
    if arguments.what in ACTIONS:
        return _result(arguments)
    if arguments.words:
        raise UserError(f"one file is improved at a time, but got {' '.join([arguments.what, *arguments.words])!r}")
    return _start(arguments)


# -- a new study -----------------------------------------------------------------------------------


def _start(arguments: argparse.Namespace) -> int:
    from agenttune.cli.running import drive
    from agenttune.cli.tune import show_understood
    from agenttune.store import Store
    from agenttune.study import Study
    from agenttune.study.code_task import described

    task = _task(arguments)
    with Store.open(arguments.store) as store:
        spec = _spec(arguments, task, arguments.name or task.file.stem)
        show_understood(described(spec))
        if not arguments.yes and not ask("start?", way_out="pass --yes to start without asking"):
            say("nothing was started")
            return 130
        row = Study.from_spec(spec, store=store, is_name_exact=arguments.name is not None).row
        return drive(store, row, json=arguments.json, detach=arguments.detach, is_new=True)


def _task(arguments: argparse.Namespace) -> CodeTask:
    from agenttune.goal import Goal
    from agenttune.spec import TrialLimits
    from agenttune.study.code_task import CodeTask

    if arguments.metric is None or arguments.maximize == arguments.minimize:
        raise UserError("say what is measured and which way is better, as in --metric accuracy --maximize")
    file, target = arguments.what, arguments.target
    if file is None:
        if arguments.data is None:
            raise UserError("name the file to improve, or give --data to start from a plain model of it")
        file, target = _scaffold(arguments)
    return CodeTask(
        Path(file),
        target,
        Goal(arguments.metric, "maximize" if arguments.maximize else "minimize"),
        data=arguments.data,
        data_target=arguments.column,
        command=arguments.line,
        regex=arguments.regex,
        rungs=_rungs(arguments.rungs),
        allow_unsafe=arguments.allow_unsafe_exec,
        limits=TrialLimits(seconds=arguments.trial_seconds, memory_bytes=arguments.trial_memory),
    )


def _scaffold(arguments: argparse.Namespace) -> tuple[str, str]:
    """Writes a file to start from; returns its name and its target."""
    from agenttune.cards.estimators import metric_named
    from agenttune.variants.scaffold import TARGET, write_scaffold

    stem = "".join(letter if letter.isalnum() else "_" for letter in Path(arguments.data).stem)
    path = Path(f"{stem}_model.py")
    write_scaffold(path, arguments.data, metric_named(arguments.metric).task)
    say(f"{path} is a plain model to start from; its {TARGET} is improved")
    return str(path), arguments.target or TARGET


def _rungs(text: str | None) -> dict[str, Json] | None:
    """`0.25,1` or `epochs=5,20`.

    Raises:
        UserError: it is neither.
    """
    if text is None:
        return None
    option, _, listed = text.rpartition("=")
    try:
        numbers: list[Json] = [_number(part) for part in listed.split(",")]
    except ValueError:
        raise UserError(
            f"--rungs takes shares, 0.25,1, or values of an option, epochs=5,20, but got {text!r}"
        ) from None
    return {"option": option.strip(), "values": numbers} if option else {"share": numbers}


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _spec(arguments: argparse.Namespace, task: CodeTask, name: str) -> StudySpec:
    from agenttune.budget import Budget
    from agenttune.plan import ModelChoice
    from agenttune.study.code_task import code_spec

    limits = {name: getattr(arguments, name) for name in ("max_dollars", "max_requests", "max_tokens")}
    return code_spec(
        task,
        ModelChoice(arguments.model, **limits),
        name=name,
        budget=Budget(trials=arguments.trials, seconds=arguments.seconds),
        seed=arguments.seed,
        workers=arguments.workers,
    )


# -- what came of one ------------------------------------------------------------------------------


def _result(arguments: argparse.Namespace) -> int:
    from agenttune.cli.opening import open_existing

    with open_existing(arguments.store) as store:
        name, number = _named(store, arguments.words)
        if arguments.what == "show":
            return _show(store, name, number, json=arguments.json)
        from agenttune.study.code import winner_of

        winner = winner_of(store, store.study(name), number)
        if arguments.what == "diff":
            return _diff(winner, json=arguments.json)
        return _apply(winner, yes=arguments.yes, json=arguments.json)


def _named(store: Store, words: list[str]) -> tuple[str | None, int | None]:
    """(study, variant) of `STUDY`, `STUDY N`, `STUDY vN`, `vN` or nothing."""
    if len(words) > 2:
        raise UserError(f"a study and a variant are enough, but got {' '.join(words)!r}")
    *studies, last = words or [""]
    number = last.removeprefix("v")
    if words and number.isdecimal() and (studies or last not in store.names()):
        return (studies[0] if studies else None), int(number)
    if studies:
        raise UserError(f"a variant is named by its number, as in v3, but got {last!r}")
    return (words[0] if words else None), None


def _show(store: Store, name: str | None, number: int | None, *, json: bool) -> int:
    from agenttune.cli.code_tree import show_tree, show_variant

    row = store.study(name)
    if number is None:
        show_tree(store, row, json=json)
    else:
        show_variant(store, row, number, json=json)
    return 0


def _diff(winner: Winner, *, json: bool) -> int:
    from agenttune.cli.code_tree import put_diff

    if json:
        emit({"variant": winner.variant.name, "file": str(winner.path), "diff": winner.diff})
        return 0
    if not winner.diff:
        say(f"{winner.variant.name} is your own code as it was")
    put_diff(winner.diff)
    return 0


def _apply(winner: Winner, *, yes: bool, json: bool) -> int:
    from agenttune.cli.code_tree import put_diff
    from agenttune.study.code import apply_variant

    if not winner.diff:
        say(f"{winner.variant.name} is your own code as it was: there is nothing to apply")
        if json:
            emit({"variant": winner.variant.name, "file": str(winner.path), "backup": None})
        return 0
    if not yes:
        put_diff(winner.diff)
        if not ask(f"write this into {clean(str(winner.path))}?", way_out="pass --yes to write without asking"):
            say("nothing was written")
            return 130
    if winner.trial is None:
        say(f"{winner.variant.name} has no score: no trial of it succeeded")
    backup = apply_variant(winner)
    if json:
        emit({"variant": winner.variant.name, "file": str(winner.path), "backup": str(backup)})
    else:
        put(f"{winner.variant.name} is in {clean(str(winner.path))}; what was there is kept as {clean(backup.name)}")
    return 0
