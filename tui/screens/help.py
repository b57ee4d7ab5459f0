"""Keys and commands, read from the bindings and the registry themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static

from agenttune.tui.commands import COMMANDS
from agenttune.tui.styles import KEY, MUTED

KEY_NAMES = {"slash": "/", "escape": "Esc", "pageup": "PgUp", "pagedown": "PgDn"}
KEY_CELLS = 14


class HelpScreen(Screen[None]):
    """One page to scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,f1", "close", "Back", key_display="esc")]

    def __init__(self, groups: Iterable[tuple[str, Iterable[BindingType]]]) -> None:
        super().__init__()
        self._groups = groups

    def compose(self) -> ComposeResult:
        """A title and the page."""
        yield Static("keys and commands", id="title")
        with VerticalScroll(id="sheet"):
            yield Static(help_content(self._groups))
        yield Footer(show_command_palette=False, compact=True)

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
        lines += [_line(key_text(b), b.description) for b in bindings if isinstance(b, Binding) and b.description]
        lines.append(Content(""))
    lines.append(Content.styled("Commands, typed in the prompt", "bold"))
    lines += [_line(command.usage, command.help) for command in COMMANDS]
    lines += [
        Content(""),
        Content.styled("Anything else typed there is a request: say what to tune.", MUTED),
    ]
    return Content("\n").join(lines)


def key_text(binding: Binding) -> str:
    """`Esc or q`."""
    return " or ".join(_key_name(key.strip()) for key in binding.key.split(","))


def _key_name(key: str) -> str:
    parts = KEY_NAMES.get(key, key).split("+")
    return "+".join(part if len(part) == 1 else part[0].upper() + part[1:] for part in parts)


def _line(left: str, right: str) -> Content:
    return Content.assemble((f"  {left:<{KEY_CELLS}} ", KEY), (right, MUTED))
