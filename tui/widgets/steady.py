"""`SteadyText`: a text that is told several times a second, and painted only when it has changed.

Every layout of a screen costs some milliseconds: a text that keeps its size asks for none.
"""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class SteadyText(Static):
    """A text of one line, or one that says whether its height may have changed."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._put: Content | None = None

    def put(self, content: Content, *, layout: bool = False) -> None:
        """Shows it, unless it is shown already.

        Args:
            content: the text.
            layout: whether it may take another number of lines than the one before.
        """
        if self._put is None or not content.is_same(self._put):
            self._put = content
            self.update(content, layout=layout)
