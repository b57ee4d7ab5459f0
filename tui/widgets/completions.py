"""`Completions`: what the word under the cursor may become, listed above the prompt, which keeps the focus.

A line that begins with "/" becomes a command; a word that begins with "@" a file or a trial. The prompt
tells what stands before the cursor and takes what was chosen; where the offers come from is the owner's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from textual import on
from textual.content import Content
from textual.fuzzy import FuzzySearch
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from agenttune.tui.styles import KEY, MUTED
from agenttune.tui.text import fit
from agenttune.visible import clean

ROWS = 8
"""Shown at once: half of what a terminal of 24 rows leaves; the rest is scrolled to."""
MOST = 50
"""Offers listed; whoever wants another one types on."""
LABEL_CELLS = 30
LONGEST_LABEL = 200
"""Characters of an earlier text in the list: more than a row shows."""
NOTHING_FOUND = "nothing sent before has these words"

_MENTION = re.compile(r"""(?:^|\s)(@"[^"]*|@trial\ \d*|@\S*)$""", re.VERBOSE)


class Offer(NamedTuple):
    """One completion."""

    insert: str
    """What takes the word's place."""
    label: str
    """How it is listed."""
    help: str = ""
    aliases: tuple[str, ...] = ()
    """Other words that mean the same; Enter sends one as it was typed."""


Triple = tuple[str, str, str]
Commands = Callable[[], Sequence[Offer | Triple]]
Files = Callable[[str], Sequence[str]]
"""Paths within the workspace that begin so; folders end with a slash."""
Trials = Callable[[], Sequence[tuple[int, str]]]
"""(number, a few words about it), newest first."""


class Completions(OptionList, can_focus=False):
    """Hidden while there is nothing to offer."""

    DEFAULT_CSS = f"""
    Completions {{
        display: none;
        height: auto;
        max-height: {ROWS};
        border: none;
        padding: 0;
        background: transparent;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        scrollbar-size-vertical: 1;
        & > .option-list--option {{ padding: 0 1; }}
        & > .option-list--option-highlighted {{ background: $primary-muted; color: $foreground; text-style: none; }}
        &:ansi > .option-list--option-highlighted {{ text-style: reverse; }}
    }}
    """

    class Clicked(Message):
        """An offer was chosen with the mouse."""

        def __init__(self, offer: Offer) -> None:
            super().__init__()
            self.offer = offer

    def __init__(
        self,
        commands: Commands = tuple,
        *,
        files: Files = lambda prefix: (),
        trials: Trials = tuple,
        id: str | None = None,
    ) -> None:
        """Nothing is asked for before somebody types.

        Args:
            commands: what a line that begins with "/" may become, in the order to list it.
            files: is called at every key of a mention, so it should be quick and its answer short.
        """
        super().__init__(id=id, markup=False)
        self._commands = commands
        self._files = files
        self._trials = trials
        self._offers: list[Offer] = []
        self._word = ""
        self._dismissed: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is something to choose, or a search that found nothing."""
        return bool(self.display)

    @property
    def word(self) -> str:
        """What is being completed: the end of what stands before the cursor."""
        return self._word

    @property
    def chosen(self) -> Offer | None:
        """The offer under the bar."""
        at = self.highlighted
        return self._offers[at] if self.is_open and at is not None and at < len(self._offers) else None

    @property
    def is_typed(self) -> bool:
        """Whether the chosen offer, or an alias of it, stands in the prompt already: there is nothing to take."""
        return self.chosen is not None and self._word in (self.chosen.insert.strip(), *self.chosen.aliases)

    def look(self, before: str, *, is_first_line: bool) -> None:
        """Offers what fits.

        Args:
            before: the line up to the cursor.
        """
        word = word_before(before, is_first_line=is_first_line)
        self._word = word or ""
        start = None if word is None else len(before) - len(word)
        if start is None or start != self._dismissed:
            self._dismissed = None
        if word is None or self._dismissed is not None:
            self.close()
        elif word.startswith("/"):
            self._show(fitting(self._commands(), word))
        else:
            self._show(self._mentions(word))

    def search(self, words: str, sent: Sequence[str]) -> None:
        """Lists what was sent before and holds these words, newest first."""
        self._word = ""
        self._show(found(words, sent), if_nothing=NOTHING_FOUND)

    def move(self, step: int) -> None:
        """Chooses the next one, or the one before; round at the ends."""
        if self._offers:
            self.highlighted = ((self.highlighted or 0) + step) % len(self._offers)

    def close(self) -> None:
        """Hides until there is something new to offer."""
        self.display = False
        self._offers = []

    def dismiss(self, before: str) -> None:
        """Hides until another word is typed."""
        self._dismissed = len(before) - len(self._word)
        self.close()

    def _mentions(self, word: str) -> list[Offer]:
        offers: list[Offer] = []
        if word.startswith("@trial "):
            wanted = word.removeprefix("@trial ")
            return [
                Offer(f"@trial {number} ", f"trial {number}", words)
                for number, words in self._trials()
                if str(number).startswith(wanted)
            ]
        if "@trial".startswith(word) and self._trials():
            offers.append(Offer("@trial ", "@trial NUMBER", "a trial of this study"))
        names = [name for name in self._files(word.lstrip('@"')) if clean(name) == name]
        return offers + [Offer(_mention_of(name), name) for name in names]

    def _show(self, offers: Iterable[Offer | Triple], *, if_nothing: str = "") -> None:
        self._offers = [Offer(*offer) for offer in islice(offers, MOST)]
        cells = min(LABEL_CELLS, max((len(offer.label) for offer in self._offers), default=0))
        rows = [Option(_row(offer, cells)) for offer in self._offers]
        if not rows and if_nothing:
            rows = [Option(Content.styled(if_nothing, MUTED), disabled=True)]
        self.set_options(rows)
        self.highlighted = 0 if self._offers else None
        self.display = bool(rows)

    @on(OptionList.OptionSelected)
    def _tell(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        self.post_message(self.Clicked(self._offers[message.option_index]))


def word_before(before: str, *, is_first_line: bool) -> str | None:
    """The command or mention that a line ends with, or None."""
    if is_first_line and before.startswith("/") and " " not in before:
        return before
    mention = _MENTION.search(before)
    return mention[1] if mention else None


def fitting(commands: Sequence[Offer | Triple], word: str) -> list[Offer]:
    """The commands that `word` may become: by its beginning first, then by letters in their order."""
    offers = [Offer(*command) for command in commands]
    wanted = word.removeprefix("/").lower()
    if not wanted:
        return offers
    search = FuzzySearch()
    ranked = []
    for place, offer in enumerate(offers):
        names = [name.removeprefix("/").strip().lower() for name in (offer.insert, *offer.aliases)]
        score = max(search.match(wanted, name)[0] for name in names)
        if score > 0:
            begins_so = any(name.startswith(wanted) for name in names)
            ranked.append((wanted not in names, not begins_so, -score, place))
    return [offers[place] for *_, place in sorted(ranked)]


def found(words: str, sent: Sequence[str]) -> Iterable[Offer]:
    """Each text that holds all of the words, once, newest first."""
    wanted = words.lower().split()
    for text in dict.fromkeys(reversed(sent)):
        if all(word in text.lower() for word in wanted):
            yield Offer(text, clean(text[:LONGEST_LABEL]))


def _row(offer: Offer, cells: int) -> Content:
    if not offer.help:
        return Content(clean(offer.label))
    return Content.assemble((fit(clean(offer.label), cells), KEY), (f"  {clean(offer.help)}", MUTED))


def _mention_of(name: str) -> str:
    if name.endswith("/"):
        return f'@"{name}' if " " in name else f"@{name}"  # to go on with what the folder holds
    return f'@"{name}" ' if " " in name else f"@{name} "
