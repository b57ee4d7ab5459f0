"""Keys and commands, read from the bindings and the registry themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from agenttune.tui.commands import COMMANDS
from agenttune.tui.keys import keys_text
from agenttune.tui.styles import KEY, MUTED
from agenttune.tui.widgets.key_line import KeyLine

KEY_CELLS, NAME_CELLS = 21, 16


class HelpScreen(Screen[None]):
    """One page to scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,f1", "close", "Back", key_display="esc", id="back")]

    def __init__(self, groups: Iterable[tuple[str, Iterable[BindingType]]]) -> None:
        super().__init__()
        self._groups = groups

    def compose(self) -> ComposeResult:
        """A title and the page."""
        yield Static("keys and commands", id="title")
        with VerticalScroll(id="sheet"):
            yield Static(help_content(self._groups))
        yield KeyLine()

    def on_mount(self) -> None:
        """Scrolling needs the focus."""
        self.query_one("#sheet").focus()

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)


def help_content(groups: Iterable[tuple[str, Iterable[BindingType]]]) -> Content:
    """The page."""
    lines: list[Content] = []
    for title, bindings in groups:
        lines += [Content.styled(title, "bold")]
        lines += [
            _line(keys_text(b.key), f"{b.id or '':<{NAME_CELLS}} {b.description}")
            for b in bindings
            if isinstance(b, Binding) and b.description
        ]
        lines.append(Content(""))
    lines.append(Content.styled("Commands, typed in the prompt", "bold"))
    lines += [_line(command.usage, command.help) for command in COMMANDS]
    lines += [
        Content(""),
        Content.styled("Anything else typed there is a request: say what to tune.", MUTED),
    ]
    return Content("\n").join(lines)


def _line(left: str, right: str) -> Content:
    return Content.assemble((f"  {left:<{KEY_CELLS}} ", KEY), (right, MUTED))
