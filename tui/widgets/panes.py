"""`PaneBar`: which view of the study is shown: one line of names, the present one marked."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from agenttune.tui.styles import KEY, MUTED

PANES = (
    ("overview", "Study"),
    ("code", "Code"),
    ("parameters", "Parameters"),
    ("curves", "Curves"),
    ("trust", "Trust"),
    ("log", "Log"),
)
"""(id of the view, its name)."""
OVER_CODE = "code"
"""The view that only studies over code have."""
GAP = 2


def panes_of(*, is_code: bool) -> tuple[tuple[str, str], ...]:
    """The views of a study, over code or not."""
    return tuple(pane for pane in PANES if is_code or pane[0] != OVER_CODE)


class PaneBar(Static):
    """Names of the views; a click chooses one."""

    DEFAULT_CSS = """
    PaneBar { height: 1; padding: 0 1; }
    """

    class Chosen(Message):
        """A view was clicked."""

        def __init__(self, pane: str) -> None:
            super().__init__()
            self.pane = pane

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.panes = panes_of(is_code=False)
        """(id, name) of the views there are."""
        self.show(PANES[0][0])

    def show(self, pane: str) -> None:
        """Marks the view that is shown."""
        parts = [
            (f"[{name}]" if key == pane else f" {name} ", KEY if key == pane else MUTED) for key, name in self.panes
        ]
        self.update(Content("").join(Content.styled(*part) for part in parts))

    def on_click(self, event: events.Click) -> None:
        """Chooses what was clicked."""
        position = event.x - 1
        for key, name in self.panes:
            if 0 <= position < len(name) + GAP:
                self.post_message(self.Chosen(key))
                return
            position -= len(name) + GAP
