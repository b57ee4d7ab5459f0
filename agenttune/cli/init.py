"""`agenttune init [PATH]`: a commented study file to start from."""

from __future__ import annotations

import argparse
from pathlib import Path

from agenttune.cli.console import put, say
from agenttune.errors import UserError
from agenttune.visible import clean

DESCRIPTION = "Writes a commented study file; `agenttune run` takes it. An existing file is never overwritten."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("path", nargs="?", default="study.toml", metavar="PATH", help="default: study.toml")


def run(arguments: argparse.Namespace) -> int:
    """Writes the file.

    Raises:
        UserError: it exists, or cannot be written.
    """
    from agenttune.plan import TEMPLATE

    path = Path(arguments.path)
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(TEMPLATE)
    except FileExistsError:
        raise UserError(f"{str(path)!r} exists already and is left alone; name another file") from None
    except OSError as error:
        raise UserError(f"cannot write {str(path)!r}: {error.strerror}") from None
    put(clean(str(path)))
    say(f"edit it, then: agenttune run {clean(str(path))}")
    return 0
