"""`KeyLine`: the keys that hold now, on the last row: as many as fit whole, and always the one for help."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import ActiveBinding
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

HELP = "help"
"""The action of the key that lists all others."""


class KeyLine(Footer):
    """Textual's footer cuts the entry at the edge in two; here what does not fit is left out."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self._shown: Sequence[ActiveBinding] | None = None

    def compose(self) -> ComposeResult:
        """The keys that hold now."""
        self._shown = self._to_show() if self._bindings_ready else None
        keys = list(super().compose())
        named = [key for key in keys if isinstance(key, FooterKey)]
        for key in named:
            key.add_class("-compact", update=False)  # else it is styled a second time as soon as it is there
        self._fit(named)
        yield from keys

    async def recompose(self) -> None:
        """Anew where other keys hold than before; Textual asks for it at every change of the focus."""
        if not self.is_attached:  # asked for while its screen still stood
            return
        if self._shown is None or self._shown != self._to_show():
            await super().recompose()

    def _to_show(self) -> Sequence[ActiveBinding]:
        return [active for active in self.screen.active_bindings.values() if active.binding.show]

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
