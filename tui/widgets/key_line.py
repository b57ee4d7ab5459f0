"""`KeyLine`: the keys that hold now, on the last row: as many as fit whole, and always the one for help."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

HELP = "help"
"""The action of the key that lists all others."""


class KeyLine(Footer):
    """Textual's footer cuts the entry at the edge in two; here what does not fit is left out."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)

    def compose(self) -> ComposeResult:
        """The keys that hold now."""
        keys = list(super().compose())
        self._fit(key for key in keys if isinstance(key, FooterKey))
        yield from keys

    def on_resize(self) -> None:
        """More fit now, or fewer."""
        self._fit(self.query(FooterKey))

    def _fit(self, keys: Iterable[FooterKey]) -> None:
        """Shows the first ones, those of what has the focus, and the help."""
        in_order = sorted(keys, key=lambda key: key.action != HELP)  # the help's room is taken first
        room = self.app.size.width - self.styles.padding.width + 1
        for key in in_order:
            room -= cell_len(f"{key.key_display} {key.description} ")
            key.display = room >= 0
