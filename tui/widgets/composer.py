"""`Composer`: where a person types: the prompt with what completes it, or a question in its place.

A card that appears hides the line; another that waits behind it is asked once it is answered. Not for: what is done
with what was typed or answered, whose messages go on to the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from agenttune.tui import glyphs
from agenttune.tui.commands import commands_for
from agenttune.tui.messages import Tone
from agenttune.tui.widgets.approval import ApprovalCard
from agenttune.tui.widgets.completions import Completions, Offer
from agenttune.tui.widgets.guarded import GuardedCard
from agenttune.tui.widgets.prompt import Prompt
from agenttune.tui.widgets.question import QuestionCard
from agenttune.tui.widgets.reply import Reply

if TYPE_CHECKING:
    from agenttune.agent import ApprovalRequested

ASKING = "-asking"
"""Class of the screen while a card waits."""


class Composer(Vertical):
    """A line of news, the prompt, and the cards that take its place."""

    def __init__(
        self,
        steady: Callable[[], float],
        *,
        examples: Callable[[], Sequence[str]],
        files: Callable[[str], list[str]],
        trials: Callable[[], list[tuple[int, str]]],
        is_code: Callable[[], bool],
        id: str | None = None,
    ) -> None:
        """
        Args:
            steady: a clock that never jumps, for what a key press means.
            examples: whole sentences to offer in the empty prompt.
            files: names that complete an `@`.
            trials: (number, state) of trials that complete one, newest first.
            is_code: whether a study over code is on screen, which has commands of its own.
        """
        super().__init__(id=id)
        self._steady = steady
        self._examples = examples
        self._files = files
        self._trials = trials
        self._is_code = is_code

    def compose(self) -> ComposeResult:
        """All of them; one is displayed."""
        yield Reply(id="reply")
        completions = Completions(self._commands, files=self._files, trials=self._trials, id="completions")
        yield completions
        with Horizontal(id="line"):
            yield Static(glyphs.POINTER, id="pointer")
            yield Prompt(self._examples, completions=completions, id="prompt")
        yield QuestionCard(self._steady, id="question")
        yield ApprovalCard(self._steady, id="approval")

    def _commands(self) -> list[Offer]:
        return commands(is_code=self._is_code())

    @property
    def prompt(self) -> Prompt:
        """The line to type in."""
        return self.query_one(Prompt)

    @property
    def field(self) -> Widget:
        """What stands where one types: a card that waits, or the prompt."""
        return self._card or self.prompt

    @property
    def is_asking(self) -> bool:
        """Whether a card waits."""
        return self._card is not None

    @property
    def _card(self) -> GuardedCard | None:
        cards = (self.query_one(ApprovalCard), self.query_one(QuestionCard))
        return next((card for card in cards if card.display), None)

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Shows one sentence above the prompt."""
        self.query_one(Reply).say(text, tone)

    def take_back(self, text: str) -> bool:
        """Takes that sentence away; whether it stood there."""
        return self.query_one(Reply).take_back(text)

    def clear(self) -> None:
        """Takes the sentence away."""
        self.query_one(Reply).clear()

    def ask(self, topic: str, title: str, lines: list[tuple[str, str]], *, yes: str, more: str, no: str) -> None:
        """Puts a question, as `QuestionCard.ask` does."""
        self.clear()
        card = self.query_one(QuestionCard)
        card.ask(topic, title, lines, yes=yes, more=more, no=no)
        self._show(card)

    def ask_for(self, asked: ApprovalRequested) -> None:
        """Puts a call that waits for a yes."""
        card = self.query_one(ApprovalCard)
        self._show(card)
        card.ask(asked, waiting=0)

    def _show(self, card: GuardedCard) -> None:
        """By hand, since what is not displayed yet cannot be focused."""
        self.add_class(ASKING)
        self.query_one("#line").display = False
        card.display = True
        self.screen.set_focus(card)
        self.screen.refresh_bindings()

    def forget_call(self) -> None:
        """Takes the card of a call away, if there is one: it is settled otherwise."""
        if self.query_one(ApprovalCard).display:
            self._hide(self.query_one(ApprovalCard))

    def _hide(self, card: GuardedCard) -> None:
        card.display = False
        left = self._card
        if left is None:
            self.remove_class(ASKING)
            self.query_one("#line").display = True
        else:
            left.arm()
        self.screen.set_focus(self.field)
        self.screen.refresh_bindings()

    @on(QuestionCard.Answered)
    def _end_question(self) -> None:
        self._hide(self.query_one(QuestionCard))

    @on(ApprovalCard.Answered)
    @on(ApprovalCard.Edit)
    def _end_approval(self) -> None:
        self._hide(self.query_one(ApprovalCard))

    @on(GuardedCard.TypedEarly)
    def _keep_for_draft(self, message: GuardedCard.TypedEarly) -> None:
        self.prompt.write(self.prompt.value + message.text)

    @on(Completions.Clicked)
    def _take(self, message: Completions.Clicked) -> None:
        self.prompt.take(message.offer)


def commands(*, is_code: bool) -> list[Offer]:
    """What a line that begins with a slash may become."""
    return [
        Offer(
            f"/{command.name}{' ' if command.argument else ''}",
            command.usage,
            command.help,
            tuple(f"/{alias}" for alias in command.aliases),
        )
        for command in commands_for(is_code=is_code)
    ]
