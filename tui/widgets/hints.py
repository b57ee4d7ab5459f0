"""`Hints`: the commands that a line beginning with a slash may become."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from agenttune.tui.commands import COMMANDS
from agenttune.tui.styles import KEY, MUTED


class Hints(Static):
    """Shown above the prompt while a command is typed."""

    DEFAULT_CSS = """
    Hints { height: auto; max-height: 10; padding: 0 1; display: none; }
    """

    def show(self, typed: str) -> None:
        """Lists what `typed` may become; nothing unless it begins with a slash."""
        if not typed.startswith("/"):
            self.display = False
            return
        word = typed.partition(" ")[0]
        fitting = [command for command in COMMANDS if f"/{command.name}".startswith(word)]
        self.display = bool(fitting)
        self.update(
            Content("\n").join(
                Content.assemble((f"{command.usage:<15} ", KEY), (command.help, MUTED)) for command in fitting
            )
        )
