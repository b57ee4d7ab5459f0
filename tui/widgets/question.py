"""`QuestionCard`: something to agree to, in the prompt's place, so that the rest stays readable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from agenttune.tui.keys import key_of
from agenttune.tui.styles import KEY, MUTED
from agenttune.tui.text import hanging
from agenttune.tui.widgets.guarded import FRAME_CELLS, GRACE_S, GuardedCard
from agenttune.visible import clean

__all__ = ["GRACE_S", "QuestionCard"]

LABEL_CELLS = 11


class QuestionCard(GuardedCard):
    """Shows a question with its particulars; y or Enter agrees, k agrees to more, n or Esc does not."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "answer(True)", "Yes", key_display="y", id="yes"),
        Binding("k", "answer(True, True)", "Yes, at once", key_display="k", id="yes-more"),
        Binding("n,escape", "answer(False)", "No", key_display="n", id="no"),
    ]
    DEFAULT_CSS = """
    QuestionCard {
        height: auto;
        max-height: 14;
        overflow-y: auto;
        border: round $primary;
        padding: 0 1;
        border-title-color: $primary;
        border-title-style: bold;
    }
    """

    class Answered(Message):
        """The person decided."""

        def __init__(self, topic: str, is_agreed: bool, is_more: bool) -> None:
            super().__init__()
            self.topic = topic
            self.is_agreed = is_agreed
            self.is_more = is_more
            """Whether by the key that agrees to more."""

    def __init__(self, clock: Callable[[], float], *, id: str | None = None) -> None:
        super().__init__(clock, id=id)
        self._lines: list[tuple[str, str]] = []
        self._answers = Content("")
        self._has_more = True
        self.topic = ""
        """What is asked: names the answer's receiver."""

    def ask(
        self, topic: str, title: str, lines: Sequence[tuple[str, str]], *, yes: str, no: str, more: str = ""
    ) -> None:
        """Shows a question; `lines` are (label, text), `yes`, `more` and `no` say what the answers do.

        Without `more` there are two answers.
        """
        self.topic = topic
        self.arm()
        self.border_title = Content(title)
        self._lines = [(clean(label), clean(text)) for label, text in lines]
        self._has_more = bool(more)
        answers = (("yes", yes), ("yes-more", more), ("no", no))
        rows = [Content.assemble((key_of(self, name), KEY), f" {does}") for name, does in answers if does]
        self._answers = Content("     ").join(rows)
        self._paint()

    def on_resize(self) -> None:
        """Wraps anew, and is as high as that takes: within the layout that resizes it, it would keep its rows."""
        self.call_after_refresh(self._paint)

    def _paint(self) -> None:
        width = self.app.size.width - FRAME_CELLS
        rows = [
            Content.assemble((label, MUTED), text)
            for line in self._lines
            for label, text in hanging(*line, label_cells=LABEL_CELLS, width=width)
        ]
        self.update(Content("\n").join([*rows, Content(""), self._answers]))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """More can be agreed to only where it is asked."""
        return self._has_more or action != "answer" or parameters != (True, True)

    def action_answer(self, is_agreed: bool, is_more: bool = False) -> None:
        """Tells the answer, once."""
        topic, self.topic = self.topic, ""
        if topic:
            self.post_message(self.Answered(topic, is_agreed, is_more))
