"""`agenttune` without a command: the terminal interface where there is a terminal, else a sentence."""

from __future__ import annotations

from agenttune.cli.console import has_screen
from agenttune.errors import UserError


def run_bare() -> int:
    """Opens the interface on the user's own store.

    Raises:
        UserError: there is no terminal.
    """
    if not has_screen():
        raise UserError(
            "the interface needs a terminal and there is none: name a command, as in "
            '`agenttune tune "tune an SVM on digits for accuracy" --yes`; `agenttune --help` lists them'
        )
    from agenttune.settings import default_store_path
    from agenttune.tui import run_app

    return run_app(default_store_path(), None)
