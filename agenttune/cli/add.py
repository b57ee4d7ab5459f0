"""`agenttune add [STUDY] key=value ...`: has a configuration of one's own run next."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from agenttune.cli.console import emit, put
from agenttune.cli.format import config as config_text
from agenttune.cli.options import add_store
from agenttune.errors import UserError
from agenttune.visible import clean

if TYPE_CHECKING:
    pass

DESCRIPTION = """\
Has a configuration of your own run next, as trial of arm "human". Parameters left out get their
default. The values are checked before anything is sent."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("words", nargs="+", metavar="[STUDY] key=value ...", help="as in `C=10 kernel=rbf`")
    parser.add_argument("--reason", default="asked for by a person", help="kept with the trial")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Checks the values, sends the control and prints the answer.

    Raises:
        UserError: a word is no key=value, or a value breaks a rule of the space.
    """
    from agenttune.cli.opening import open_existing
    from agenttune.cli.values import parse_config
    from agenttune.history import read_view
    from agenttune.steering import add_config

    study, pairs = _split(arguments.words)
    with open_existing(arguments.store) as store:
        row = store.study(study)
        space = read_view(store, row).space
        config = space.fill(parse_config(space, pairs))
        answer = add_config(store, row, config, reason=arguments.reason)
    if arguments.json:
        emit({"study": row.name, "id": row.id, "control": "add", "config": dict(config), "answer": answer})
    else:
        put(f"{clean(row.name)}: {config_text(config)}: {answer}")
    return 0


def _split(words: list[str]) -> tuple[str | None, dict[str, str]]:
    study = None if "=" in words[0] else words[0]
    pairs: dict[str, str] = {}
    for word in words if study is None else words[1:]:
        key, sign, value = word.partition("=")
        if not sign or not key:
            raise UserError(f"a value is given as key=value, as in C=10, but got {word!r}")
        if key in pairs:
            raise UserError(f"{key!r} is given twice")
        pairs[key] = value
    if not pairs:
        raise UserError("give at least one value, as in C=10")
    return study, pairs
