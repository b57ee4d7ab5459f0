"""`Prompt`: one to six lines to type in, with a history, a search through it, and completion.

Enter sends; Ctrl+J begins a new line, and so do Shift+Enter and Alt+Enter where a terminal tells them
apart. What is pasted is never sent by itself; a long paste stands as one word until the text is sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events, on
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import Location

from agenttune.tui.history_file import KEPT
from agenttune.tui.keys import bindings_of
from agenttune.tui.text import clean_lines
from agenttune.tui.widgets.completions import Completions, Offer

PLACEHOLDER = "Say what to tune, or / for commands"
SEARCHING = "Search what was sent: type, Up and Down choose, Enter takes, Esc gives up"
BUSY = "-busy"
"""Class of the screen while a turn is under way."""
ROWS = 6
LONG_LINES, LONG_CHARACTERS = 10, 2_000
"""A paste beyond either is shown as one word."""


class Prompt(TextArea):
    """Posts `Sent` with each text, and `TextArea.Changed` at every key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Send, or take what is offered", show=False, id="send"),
        Binding("ctrl+j,shift+enter", "new_line", "New line", show=False, id="new-line"),
        Binding("up", "older", "Earlier line", show=False, id="older"),
        Binding("down", "newer", "Later line", show=False, id="newer"),
        Binding("ctrl+r", "search", "Search what was sent", show=False, id="search"),
        Binding("tab", "complete", "Complete", show=False, id="complete"),
        Binding("escape", "discard", "Clear", key_display="esc", id="clear-prompt"),
        Binding("escape", "leave", "Trials", key_display="esc", id="leave-prompt"),
    ]
    DEFAULT_CSS = f"""
    Prompt, Prompt:focus {{
        border: none;
        height: auto;
        max-height: {ROWS};
        padding: 0;
        background: transparent;
        background-tint: transparent 0%;
        scrollbar-size: 0 0;
        & .text-area--placeholder {{ color: $text-disabled; }}
        &:ansi .text-area--placeholder {{ text-style: dim; }}
    }}
    """

    class Sent(Message):
        """A text was sent; it is not empty, and pastes are in it whole."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The person wants to go elsewhere."""

    def __init__(
        self,
        offers: Callable[[], Sequence[str]] = tuple,
        *,
        completions: Completions | None = None,
        sent: Sequence[str] = (),
        id: str | None = None,
    ) -> None:
        """Begins empty.

        Args:
            offers: whole texts; the first that begins with what was typed is offered in grey, and by Tab.
            completions: the list above the prompt, composed by the owner; without it nothing is searched.
            sent: what was sent in earlier runs, oldest first.
        """
        super().__init__(placeholder=PLACEHOLDER, highlight_cursor_line=False, id=id)
        self.cursor_blink = False  # calm, and half a percent of a core less
        self.match_cursor_bracket = False
        self._offers = offers
        self._completions = completions
        self._sent = list(sent)[-KEPT:]
        self._walk: list[str] = []
        self._position = 0
        self._draft_before_search: str | None = None
        self._pastes: dict[str, str] = {}
        self._had_text = False

    # -- the text ------------------------------------------------------------------------------------

    @property
    def value(self) -> str:
        """The whole text, with every paste in it."""
        if not self._pastes:
            return self.text
        labels = re.compile("|".join(map(re.escape, self._pastes)))
        return labels.sub(lambda match: self._pastes[match[0]], self.text)

    @property
    def draft(self) -> str:
        """What the person typed and did not send yet; not what the history or a search shows for the moment."""
        if self._draft_before_search is not None:
            return self._draft_before_search
        return self._walk[-1] if self._is_walking else self.value

    @draft.setter
    def draft(self, text: str) -> None:
        self.write(text)

    def remember(self, sent: Sequence[str]) -> None:
        """Puts what was sent in earlier runs before what was sent in this one."""
        self._sent = [*sent, *self._sent][-KEPT:]

    def write(self, text: str) -> None:
        """Replaces what stands in the prompt; a long paste of this run is shown as one word again."""
        self._end_search()
        text = _tidy(text)
        for label, paste in self._pastes.items():
            text = text.replace(paste, label)
        self.load_text(text)
        self.move_cursor(self.document.end)

    def write_instead(self, text: str) -> None:
        """As `write`; what the person typed before is kept in the history."""
        self._keep(self.draft)
        self.write(text)

    def _keep(self, text: str) -> None:
        text = text.strip()
        if text and (not self._sent or self._sent[-1] != text):
            self._sent = [*self._sent, text][-KEPT:]
        self._walk = []

    def action_new_line(self) -> None:
        """Begins a new line."""
        self._put("\n", *self.selection)

    def _put(self, text: str, start: Location, end: Location) -> None:
        self.replace(text, start, end, maintain_selection_offset=False)
        self.scroll_cursor_visible()

    async def on_key(self, event: events.Key) -> None:
        """Acts at once, in the order of the keys.

        Left to the application, as bindings are, an action may come after letters that were typed after its key,
        and Enter would be one more line.
        """
        bindings = bindings_of(self).key_to_bindings.get(event.key, [])
        actions = ["new_line"] if event.key == "alt+enter" else [binding.action for binding in bindings]
        for action in actions:
            if await self.app.run_action(action, self):
                event.stop()
                event.prevent_default()
                return

    # -- pastes --------------------------------------------------------------------------------------

    def on_paste(self, event: events.Paste) -> None:
        """Inserts; sends nothing."""
        event.stop()
        event.prevent_default()
        self._insert_paste(event.text)

    def action_paste(self) -> None:
        """Inserts what was copied in this window."""
        self._insert_paste(self.app.clipboard)

    def _insert_paste(self, text: str) -> None:
        text = _tidy(text).strip("\n")
        if text.count("\n") >= LONG_LINES or len(text) > LONG_CHARACTERS:
            text = self._label_of(text)
        if text:
            self._put(text, *self.selection)

    def _label_of(self, paste: str) -> str:
        n_lines = paste.count("\n") + 1
        size = f"{n_lines} lines" if n_lines > 1 else f"{len(paste):,} characters"
        label, number = f"[pasted {size}]", 1
        while self._pastes.get(label, paste) != paste:
            number += 1
            label = f"[pasted {size} #{number}]"
        self._pastes[label] = paste
        return label

    def action_delete_left(self) -> None:
        """A paste goes as a whole, since what is left of its word would stand for nothing."""
        if not self._delete_paste():
            super().action_delete_left()

    def action_delete_word_left(self) -> None:
        """As Backspace does."""
        if not self._delete_paste():
            super().action_delete_word_left()

    def _delete_paste(self) -> bool:
        """Whether the word of a paste stood before the cursor."""
        label = next((label for label in self._pastes if self._before_cursor.endswith(label)), None)
        if label is None or self.selected_text:
            return False
        row, column = self.cursor_location
        self._put("", (row, column - len(label)), (row, column))
        return True

    # -- completion ----------------------------------------------------------------------------------

    def watch_selection(self) -> None:
        """The text or the cursor has changed: other things may be offered."""
        if self.is_mounted:
            self._look()

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Offers nothing while the focus is elsewhere; a search goes on when it is back."""
        super().watch_has_focus(_has_focus)
        self._look()

    def update_suggestion(self) -> None:
        """The rest of what is offered, in grey after the cursor."""
        offer = self._offer()
        self.suggestion = offer[len(self.text) :] if offer and self.text and self.cursor_at_end_of_text else ""

    def _offer(self) -> str | None:
        text = self.text
        return next((offer for offer in self._offers() if offer.startswith(text) and offer != text), None)

    def _look(self) -> None:
        if self._completions is None or not self._completions.is_attached:
            return
        if not self.has_focus:
            self._completions.close()
        elif self._draft_before_search is not None:
            self._completions.search(self.text, self._sent)
        elif self._is_walking:
            self._completions.close()
        else:
            self._completions.look(self._before_cursor, is_first_line=self.cursor_at_first_line)

    @property
    def _before_cursor(self) -> str:
        row, column = self.cursor_location
        return self.document[row][:column]

    @property
    def _popup(self) -> Completions | None:
        """The list, while it is open."""
        return self._completions if self._completions is not None and self._completions.is_open else None

    def take(self, offer: Offer) -> None:
        """Puts an offer in the place of the word under the cursor; of the whole text, after a search."""
        if self._completions is None:
            return
        if self._draft_before_search is not None:
            self._walk = [*self._sent, self._draft_before_search]
            self._position = len(self._sent) - 1 - self._sent[::-1].index(offer.insert)
            self.write(offer.insert)
            return
        row, column = self.cursor_location
        rest = re.match(r"\S*", self.document[row][column:])
        assert rest is not None
        end = column + rest.end()
        self._put(offer.insert, (row, column - len(self._completions.word)), (row, end))

    def action_complete(self) -> None:
        """Takes what is offered; an empty prompt without any offer is left."""
        popup, offer = self._popup, self._offer()
        if popup is not None or self._draft_before_search is not None:
            self._take_chosen()
        elif offer is not None:
            self.write(offer)
        elif not self.text:
            self.post_message(self.Left())

    def _take_chosen(self) -> None:
        chosen = None if self._popup is None else self._popup.chosen
        if chosen is not None:
            self.take(chosen)
        else:
            self._end_search()
            self._look()

    # -- history -------------------------------------------------------------------------------------

    @property
    def _is_walking(self) -> bool:
        """Whether what stands here is the history's, untouched."""
        if not self._walk or not self.cursor_at_end_of_text:
            return False
        return self.value == self._walk[self._position]

    def action_older(self) -> None:
        """One row up; from the first, the text sent before that begins like this one."""
        if self._popup is not None:
            self._popup.move(-1)
        elif not self._is_walking and not self.navigator.is_first_wrapped_line(self.cursor_location):
            self.action_cursor_up()
        else:
            self._recall(-1)

    def action_newer(self) -> None:
        """One row down; from the last, the text sent after, down to the draft."""
        if self._popup is not None:
            self._popup.move(1)
        elif not self._is_walking and not self.navigator.is_last_wrapped_line(self.cursor_location):
            self.action_cursor_down()
        else:
            self._recall(1)

    def _recall(self, step: int) -> None:
        if not self._is_walking:
            typed = self.value
            fitting = [text for text in self._sent if text.startswith(typed) and text != typed]
            self._walk = [*(fitting or self._sent), typed]
            self._position = len(self._walk) - 1
        if 0 <= self._position + step < len(self._walk):
            self._position += step
            self.write(self._walk[self._position])

    def action_search(self) -> None:
        """Searches what was sent before for the words typed here; again: an older one."""
        if self._completions is None:
            raise SkipAction
        if self._draft_before_search is None:
            self._draft_before_search = self.value
            self.placeholder = SEARCHING
            self._look()
        else:
            self._completions.move(1)

    def _end_search(self) -> None:
        self._draft_before_search = None
        self.placeholder = PLACEHOLDER

    # -- keys ----------------------------------------------------------------------------------------

    def action_submit(self) -> None:
        """Takes what is offered; sends the text if there is nothing to take, and unless it is empty."""
        if self._draft_before_search is not None or (self._popup is not None and not self._popup.is_typed):
            self._take_chosen()
            return
        text = self.value.strip()
        if not text:
            return
        self._keep(text)
        self.write("")
        self.post_message(self.Sent(text))

    @on(TextArea.Changed)
    def _retell_keys(self) -> None:
        """A text and an empty prompt have different keys."""
        if self._had_text != bool(self.text):
            self._had_text = bool(self.text)
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leaving is offered where there is somewhere to go; under way, the same key stops the reply instead."""
        if action not in ("discard", "leave"):
            return True
        if self._draft_before_search is not None:
            return action == "leave"
        is_busy = self.screen.has_class(BUSY)
        if self.text:
            return action == "discard" and (self._popup is not None or not is_busy)
        return action == "leave" and self.screen.has_class("-study") and not is_busy

    def action_discard(self) -> None:
        """Closes the list; else empties the prompt, whose text Up brings back."""
        if self._popup is not None:
            self._popup.dismiss(self._before_cursor)
        else:
            self._keep(self.draft)
            self.clear()

    def action_leave(self) -> None:
        """Gives up a search; else leaves the prompt."""
        draft = self._draft_before_search
        if draft is not None:
            self.write(draft)
        else:
            self.post_message(self.Left())

    def action_cursor_page_up(self) -> None:
        """Left to whoever has pages to turn."""
        raise SkipAction

    def action_cursor_page_down(self) -> None:
        """Left to whoever has pages to turn."""
        raise SkipAction

    def action_delete_right(self) -> None:
        """Ctrl+D, too, which in an empty prompt is somebody else's."""
        if not self.text:
            raise SkipAction
        super().action_delete_right()

    def action_redo(self) -> None:
        """Ctrl+Y, which is somebody else's where nothing was undone."""
        if not self.history.redo_stack:
            raise SkipAction
        super().action_redo()


def _tidy(text: str) -> str:
    """Lines without control codes, whatever they end with; blanks at the very end stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(clean_lines(text)) + " " * (len(text) - len(text.rstrip(" ")))
