"""`agenttune plot [STUDY]`: the picture of a study as PNG."""

from __future__ import annotations

import argparse
from pathlib import Path

from agenttune.cli.console import emit, put
from agenttune.cli.options import add_store, add_study
from agenttune.errors import UserError
from agenttune.visible import clean

DESCRIPTION = "Draws every trial by arm, the best so far and the default's value as PNG, and prints the path."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    add_study(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="where to (default: plot.png in the study's folder)")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Draws and prints the path.

    Raises:
        UserError: the file name does not end in .png, or the file cannot be written.
    """
    if arguments.output is not None and Path(arguments.output).suffix.lower() != ".png":
        raise UserError(f"a plot is a PNG: name a file that ends in .png, not {arguments.output!r}")
    from agenttune.cli.drawing import draw, plot_path
    from agenttune.cli.opening import open_existing
    from agenttune.history import read_view

    with open_existing(arguments.store) as store:
        row = store.study(arguments.study)
        path = Path(arguments.output).absolute() if arguments.output else plot_path(store, row)
        draw(read_view(store, row), row, path)
    if arguments.json:
        emit({"study": row.name, "id": row.id, "plot": str(path)})
    else:
        put(clean(str(path)))
    return 0
