"""`AgentTuneApp`: the application. Owns the screens, follows a study, holds the conversation; threads do the work."""

from __future__ import annotations

import asyncio
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from difflib import get_close_matches
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widgets import Input, TextArea

from agenttune.errors import UserError
from agenttune.redaction import redact
from agenttune.tui.ascii_filter import AsciiFilter
from agenttune.tui.clipboard import clipboard_code, through_tmux
from agenttune.tui.commands import commands_for
from agenttune.tui.conversation import Conversation
from agenttune.tui.engine import Engine
from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.keymap import EVERYWHERE, groups_in_force, keymap_of
from agenttune.tui.keys import key_of
from agenttune.tui.messages import (
    Applied,
    Broken,
    ConversationsListed,
    ConversationStands,
    DetailRead,
    Fact,
    FactsRead,
    ImportanceRead,
    Recalled,
    Refused,
    Started,
    StudiesListed,
    StudyChosen,
    Told,
    Tone,
    TrustRead,
    TrustUnread,
    WhyRead,
    WinnerRead,
)
from agenttune.tui.records import as_markdown
from agenttune.tui.screens.compare import CompareScreen
from agenttune.tui.screens.conversations import ConversationsScreen
from agenttune.tui.screens.help import HelpScreen
from agenttune.tui.screens.main import MainScreen
from agenttune.tui.screens.sheet import SheetScreen
from agenttune.tui.screens.studies import StudiesScreen
from agenttune.tui.screens.trial import TrialScreen
from agenttune.tui.screens.variant import VariantScreen
from agenttune.tui.text import plural
from agenttune.tui.themes import CONTRAST, DARK, LIGHT, quiet_variables
from agenttune.tui.title import BEGIN, POOR, title_code
from agenttune.tui.typing import TypingApp
from agenttune.tui.widgets.panes import OVER_CODE
from agenttune.tui.widgets.status import MODES
from agenttune.variant import name_of

if TYPE_CHECKING:
    from agenttune.agent import Agent
    from agenttune.settings import Settings
    from agenttune.study.code import Winner
    from agenttune.tui.conversation import Answer
    from agenttune.tui.snapshot import Snapshot

MOST_COMPARED = 4
"""Trials side by side."""
DOUBLE_PRESS_S = 1.0
"""Two Ctrl+C within this leave."""


class AgentTuneApp(TypingApp):
    """The interface on one store file."""

    TITLE = "AgentTune"
    CSS_PATH = "agenttune.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*EVERYWHERE]

    def __init__(
        self,
        engine: Engine,
        *,
        study_id: str | None = None,
        glyph_set: GlyphSet = GlyphSet.BRAILLE,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
        no_color: bool = False,
        keymap: Mapping[str, str] | None = None,
        bell: bool = True,
        title: bool = False,
        make_agent: Callable[..., Agent] | None = None,
    ) -> None:
        """Nothing is read before the first paint.

        Args:
            study_id: the study to follow from the start.
            clock: seconds since the epoch, for ages and running times.
            steady: seconds of a clock that never jumps, for what a key press means.
            make_agent: makes the agent of the conversation; None is the usual one.
            no_color: whether to leave colours out and tell everything by words, signs and reverse.
            keymap: the person's own keys, as `keymap_of` has them.
            bell: whether it may ring.
            title: whether the terminal's title tells the study and its state.
        """
        super().__init__(ansi_color=no_color or None)
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.register_theme(CONTRAST)
        if not self.no_color:
            self.theme = DARK.name
        self.set_keymap(keymap or {})
        self.engine = engine
        self.crash: BaseException | None = None
        """The error that ended the application, if one did."""
        self.loop: asyncio.AbstractEventLoop | None = None
        self.terminal_title: str | None = None
        """What the terminal's title was set to; None: it was left alone."""
        self._may_ring = bell
        self._may_title = title
        self._study_id = study_id
        self._glyph_set = glyph_set
        self._clock = clock
        self._steady = steady
        self._ascii = AsciiFilter()
        self._unfollow = threading.Event()
        self._unfollow_log = threading.Event()
        self._pressed_at = float("-inf")
        self.conversation = Conversation(engine.store_path, self._hear, workspace=Path.cwd(), make=make_agent)
        self.main = MainScreen(clock=clock, steady=steady, glyph_set=glyph_set, workspace=Path.cwd())

    # -- life ----------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Paints first, loads after."""
        self.loop = asyncio.get_running_loop()
        self.push_screen(self.main)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self._in_thread(self._recall, self.main)
        if self._study_id is not None:
            self._follow(self._study_id, takes_focus=True)
            self.conversation.speak_of(self._study_id)
        else:
            self._in_thread(lambda: self._list_studies(self.main), self.main)
            threading.Thread(target=self._warm_up, daemon=True).start()

    def _recall(self) -> None:
        self.main.post_message(Recalled(self.engine.recalled()))
        model, mode = self.engine.standing()
        self.main.post_message(ConversationStands(model, mode, None, 0, 0, 0.0))

    def _warm_up(self) -> None:
        """In a daemon thread, since leaving should not wait for it; a failure shows with the first request."""
        with suppress(Exception):
            self.engine.warm_up()

    def on_unmount(self) -> None:
        """Lets go of the study; it runs on by itself."""
        self._unfollow.set()
        self._unfollow_log.set()
        self.conversation.close()

    def _hear(self, message: Message) -> None:
        """Hands on what the conversation tells, from its thread."""
        (self if isinstance(message, StudyChosen | Broken) else self.main).post_message(message)

    def on_broken(self, message: Broken) -> None:
        """Ends with the error."""
        raise message.error

    def on_study_chosen(self, message: StudyChosen) -> None:
        """Follows the study that the conversation speaks of now."""

        def call() -> None:
            self.call_from_thread(self._follow, self.engine.find(message.name).id, takes_focus=False)

        self._in_thread(call, self.main)

    def get_line_filters(self) -> list[LineFilter]:
        """Adds the last filter for terminals without UTF-8."""
        filters = list(super().get_line_filters())
        return [*filters, self._ascii] if self._glyph_set is GlyphSet.ASCII else filters

    def get_css_variables(self) -> dict[str, str]:
        """Adds what quiet texts look like."""
        variables = super().get_css_variables()
        return variables | quiet_variables(variables, is_native=self.native_ansi_color)

    def _handle_exception(self, error: Exception) -> None:
        self.crash = self.crash or error
        super()._handle_exception(error)

    def _print_error_renderables(self) -> None:
        """Textual would print a traceback with local variables; whoever called gets the error itself."""
        self._exit_renderables.clear()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: the same verbs as after a slash; one that lacks a word is begun in the prompt."""
        has_prompt = screen is self.main and not self.main.composer.is_asking
        is_code = self.snapshot is not None and self.snapshot.is_code
        for command in commands_for(is_code=is_code):
            if command.needs_argument and not has_prompt:
                continue
            run = partial(self.main.attempt, partial(command.run, self, ""))
            begin = partial(self.main.begin_command, f"/{command.name} ")
            yield SystemCommand(command.name.capitalize(), command.help, begin if command.needs_argument else run)

    @property
    def snapshot(self) -> Snapshot | None:
        """The study on screen."""
        return self.main.snapshot

    # -- threads -------------------------------------------------------------------------------------

    def _in_thread(self, call: Callable[[], object], receiver: MessagePump) -> None:
        """Runs `call` in a thread; what a person should hear of its failure goes to `receiver`."""

        def run() -> None:
            try:
                call()
            except UserError as error:
                receiver.post_message(Refused(str(error)))

        self.run_worker(run, thread=True)

    def _follow(self, study_id: str, *, takes_focus: bool) -> None:
        self._unfollow.set()
        self._unfollow = stop = threading.Event()
        self.main.expect_study(study_id, takes_focus=takes_focus)

        def post(message: Message) -> None:
            if not stop.is_set():
                self.main.post_message(message)

        def call() -> None:
            from agenttune.tui import bridge

            bridge.follow(self.engine.store_path, study_id, stop=stop, post=post, clock=self._clock)

        self._in_thread(call, self.main)

    def on_started(self, message: Started) -> None:
        """Follows a study that was found, and has the conversation speak of it."""
        self.conversation.speak_of(message.row.name)
        self._follow(message.row.id, takes_focus=True)

    # -- wishes (Desk) -------------------------------------------------------------------------------

    def say_to_agent(self, text: str) -> None:
        """Takes a turn of the conversation, after those before it."""
        self.main.say_to_agent(text, self.conversation.send)

    def interrupt(self) -> None:
        """Stops the reply; trials go on."""
        self.conversation.interrupt()

    def remember(self, text: str) -> None:
        """Keeps what was typed for the next time."""
        self._in_thread(lambda: self.engine.remember(text), self.main)

    def answer(self, answer: Answer) -> None:
        """What is said to the call that waits."""
        self.conversation.answer(answer)

    def use_model(self, spec: str) -> None:
        """Has another model answer."""
        if not spec:
            raise UserError(
                "which model? As in /model openai:gpt-5, /model http://localhost:11434/v1#qwen3 or /model none"
            )
        self.main.say(f"asking {spec} from here on")
        self.conversation.use(model=spec)

    def use_mode(self, mode: str) -> None:
        """Sets how much is done without asking."""
        if mode not in MODES:
            told = ", ".join(f"{name} ({meaning})" for name, meaning in MODES.items())
            raise UserError(f"the mode is {told}, but got {mode!r}")
        self.conversation.use(mode=mode)

    def show_conversations(self) -> None:
        """Opens the list of earlier conversations."""
        screen: ConversationsScreen

        def read() -> None:
            self._in_thread(lambda: screen.post_message(ConversationsListed(self.engine.conversations())), screen)

        screen = ConversationsScreen(read, clock=self._clock)
        self.push_screen(screen, lambda chosen: self.conversation.use(session=chosen) if chosen else None)

    def compact_conversation(self) -> None:
        """Makes the conversation shorter for the model."""
        self.main.need_silence()
        self.conversation.compact()

    def rewind(self, n_turns: int) -> None:
        """Takes the last turns of the conversation back."""
        self.main.need_silence()
        self.conversation.rewind(n_turns)

    def find_text(self, text: str) -> None:
        """Shows the next place of the conversation that holds a text."""
        if not text:
            raise UserError("find what? As in /find learning rate")
        self.main.find(text)

    def copy_reply(self) -> None:
        """Copies the latest reply."""
        reply = self.main.transcript.last_reply
        if reply is None:
            raise UserError("there is no reply to copy yet")
        self.copy_to_clipboard(reply)
        self.main.say("the latest reply is copied, as far as this terminal takes it; /export writes a file")

    def export_transcript(self, path: str) -> None:
        """Writes the conversation to a Markdown file."""
        records = self.main.transcript.records
        if not records:
            raise UserError("nothing was said yet")
        place = Path(path or time.strftime("agenttune-%Y%m%d-%H%M%S.md", time.localtime(self._clock()))).expanduser()
        text = redact(as_markdown(records))

        def write() -> None:
            try:
                with place.open("x", encoding="utf-8") as stream:
                    stream.write(text)
            except FileExistsError:
                raise UserError(f"{place} is there already: name another file") from None
            except OSError as error:
                raise UserError(f"{place} cannot be written: {error.strerror or error}") from None
            self.main.post_message(Told(f"written to {place.absolute()}", Tone.GOOD))

        self._in_thread(write, self.main)

    def compare_trials(self, wanted: str) -> None:
        """Shows trials side by side."""
        snapshot = self._need_study()
        numbers = [int(word) for word in re.findall(r"\d{1,9}", wanted)]
        if not 2 <= len(numbers) <= MOST_COMPARED or max(numbers) >= len(snapshot.trials):
            raise UserError(
                f"two to {MOST_COMPARED} trials are compared by their numbers, 0 to {len(snapshot.trials) - 1}, "
                f"as in /compare 3 7, but got {wanted!r}"
            )
        self.push_screen(CompareScreen(numbers, lambda: self.snapshot))

    def show_pane(self, pane: str) -> None:
        """Shows one view of the study."""
        self._need_study()
        self.main.show_pane(pane)

    def set_filter(self, text: str) -> None:
        """Shows only the trials that fit."""
        self._need_study()
        self.main.set_filter(text)

    def read_importance(self, study_id: str) -> None:
        """Works out how much each parameter matters."""

        def read() -> None:
            found = ImportanceRead(self.engine.importance(study_id), self.engine.space_edits(study_id))
            self.main.post_message(found)

        self._in_thread(read, self.main)

    def read_trust(self, study_id: str) -> None:
        """Reads who was worth what."""

        def read() -> None:
            try:
                self.main.post_message(TrustRead(self.engine.trust(study_id)))
            except UserError as error:
                self.main.post_message(TrustUnread(str(error)))

        self._in_thread(read, self.main)

    def follow_log(self, study_id: str, number: int | None) -> None:
        """Reads what a trial prints, in place of any other."""
        self._unfollow_log.set()
        if number is None:
            return
        self._unfollow_log = stop = threading.Event()

        def post(message: Message) -> None:
            if not stop.is_set():
                self.main.post_message(message)

        def call() -> None:
            from agenttune.tui.log_feed import follow_log

            follow_log(self.engine.store_path, study_id, number, stop=stop, post=post)

        self._in_thread(call, self.main)

    def show_log(self, wanted: str) -> None:
        """Shows what a trial prints."""
        snapshot = self._need_study()
        self.main.show_log(_trial_number(wanted, snapshot) if wanted else None)

    def pause_study(self) -> None:
        """Starts no new trials."""
        self._control("pause")

    def stop_study(self, study_id: str, *, kill: bool) -> None:
        """Ends a study after its running trials, or kills them."""
        self.main.say(f"asking the study to stop{' now' if kill else ''}")
        self._in_thread(lambda: self.engine.control(study_id, "stop", {"kill": kill}), self.main)

    def _control(self, kind: str) -> None:
        snapshot = self._need_study()
        self.main.say(f"asking the study to {kind}")
        self._in_thread(lambda: self.engine.control(snapshot.row.id, kind), self.main)

    def continue_study(self) -> None:
        """Goes on with a paused, interrupted or stopped study."""
        snapshot = self._need_study()
        if not snapshot.can_continue:
            why = snapshot.way_on if snapshot.is_told else "there is nothing to go on with"
            raise UserError(f"the study is {snapshot.phase.value}: {why}")
        self.main.say("going on")

        def call() -> None:
            self.engine.go_on(snapshot.row.id)
            self.main.post_message(Told("it goes on", Tone.GOOD))

        self._in_thread(call, self.main)

    def ask_to_stop(self) -> None:
        """Asks, then ends the study."""
        snapshot = self._need_study()
        if not snapshot.phase.is_live:
            raise UserError(f"the study is {snapshot.phase.value}: there is nothing to stop")
        self.main.ask_to_stop(snapshot)

    def _need_study(self) -> Snapshot:
        if self.snapshot is None:
            raise UserError("there is no study on screen: describe one, or open one with /studies")
        return self.snapshot

    def open_trial(self, wanted: str) -> None:
        """Shows one trial whole."""
        snapshot = self._need_study()
        shown = _trial_number(wanted, snapshot)
        screen: TrialScreen
        study_id = snapshot.row.id

        def read(number: int) -> None:
            self._in_thread(lambda: screen.post_message(DetailRead(self.engine.detail(study_id, number))), screen)

        def explain(number: int) -> None:
            def call() -> None:
                if (answer := self.engine.why(study_id, number)) is not None:
                    screen.post_message(WhyRead(answer))

            self._in_thread(call, screen)

        screen = TrialScreen(shown, lambda: self.snapshot, read, explain, clock=self._clock, glyph_set=self._glyph_set)
        self.push_screen(screen)

    def show_code(self, wanted: str) -> None:
        """Shows the variants of a study over code, or one of them whole."""
        snapshot = self._need_study()
        if not snapshot.is_code:
            raise UserError(
                f"study {snapshot.row.name!r} tunes no code; `agenttune code FILE` starts a study that does"
            )
        if wanted:
            self._open_variant(_variant_number(wanted, snapshot), snapshot.row.id)
        else:
            self.main.show_pane(OVER_CODE)

    def _open_variant(self, number: int, study_id: str) -> None:
        screen: VariantScreen

        def read(wanted: int) -> None:
            self._in_thread(lambda: screen.post_message(WinnerRead(self.engine.winner(study_id, wanted))), screen)

        def write(winner: Winner) -> None:
            self._in_thread(lambda: screen.post_message(Applied(winner, self.engine.apply(winner))), screen)

        screen = VariantScreen(number, lambda: self.snapshot, read, write, steady=self._steady)
        self.push_screen(screen)

    def show_studies(self) -> None:
        """Opens the list of studies."""
        screen: StudiesScreen

        def read() -> None:
            self._in_thread(lambda: self._list_studies(screen), screen)

        screen = StudiesScreen(read, clock=self._clock)
        self.push_screen(screen, lambda chosen: self.open_study(chosen) if chosen else None)

    def _list_studies(self, receiver: MessagePump) -> None:
        damaged: list[UserError] = []
        receiver.post_message(StudiesListed(self.engine.studies(on_damage=damaged.append)))
        for error in damaged:
            receiver.post_message(Refused(str(error)))

    def open_study(self, wanted: str | None) -> None:
        """Follows another study."""
        self._in_thread(lambda: self.post_message(Started(self.engine.find(wanted))), self.main)

    def new_study(self) -> None:
        """Leaves the study to itself."""
        self._unfollow.set()
        self.conversation.leave_study()
        self.main.leave_study()

    def show_help(self) -> None:
        """Opens the list of keys and commands."""
        self.push_screen(HelpScreen(groups_in_force(self._keymap)))

    def use_theme(self, name: str) -> None:
        """Shows other colours, or offers them."""
        if self.no_color:
            raise UserError("there are no colours to choose: NO_COLOR is set")
        if name and name not in self.available_themes:
            near = get_close_matches(name, self.available_themes, n=1)
            hint = f"did you mean {near[0]}?" if near else "/theme lists them"
            raise UserError(f"there is no theme {name!r}: {hint}")
        if name:
            self.theme = name
            self.main.say(f"the colours are those of {name}, until you leave")
        else:
            self.search_themes()

    def show_config(self) -> None:
        """Opens the list of settings."""

        def read() -> None:
            told = FactsRead(self.engine.settings(), "`agenttune config edit` changes them")
            screen.post_message(told)

        screen = SheetScreen("settings", lambda: self._in_thread(read, screen))
        self.push_screen(screen)

    def show_doctor(self) -> None:
        """Opens what the doctor finds."""

        def read() -> None:
            n_bad = 0
            try:
                for fact in chain([self._terminal_fact], self.engine.doctor()):
                    n_bad += fact.is_bad
                    screen.post_message(FactsRead([fact]))
            except UserError as error:
                screen.post_message(Refused(str(error)))
                return
            last = f"{plural(n_bad, 'thing')} cannot be used" if n_bad else "all of it can be used"
            screen.post_message(FactsRead([], last))

        # in a daemon thread, since leaving should not wait for torch to load
        screen = SheetScreen("doctor", lambda: threading.Thread(target=read, daemon=True).start())
        self.push_screen(screen)

    @property
    def _terminal_fact(self) -> Fact:
        colours = "no colours" if self.no_color else f"theme {self.theme}"
        size = f"{self.size.width} x {self.size.height}"
        return Fact("terminal", f"TERM {os.environ.get('TERM', 'unset')}, {size}, {self._glyph_set.value}, {colours}")

    def leave(self) -> None:
        """Closes the interface; the study goes on."""
        self.exit()

    def copy_to_clipboard(self, text: str) -> None:
        """Copies through tmux, too, which by its own settings takes the one code, the other or neither."""
        super().copy_to_clipboard(text)
        if "TMUX" in os.environ and self._driver is not None:
            self._driver.write(through_tmux(clipboard_code(text)))  # as Textual writes its own

    def bell(self) -> None:
        """Rings, unless the settings say otherwise."""
        if self._may_ring:
            super().bell()

    def retitle(self, text: str) -> None:
        """Has the terminal's title tell this."""
        if self._may_title and self._driver is not None and text != self.terminal_title:
            begin = BEGIN if self.terminal_title is None else ""
            self.terminal_title = text
            self._driver.write(begin + title_code(text))  # as `bell` does: in line with what is painted

    # -- keys ----------------------------------------------------------------------------------------

    def type_ahead(self, event: events.Key) -> None:
        """A character that is no key of a view begins a text in the prompt."""
        if self.screen is self.main and self.main.take_prompt():
            self.hand_on(event, self.main.composer.prompt)

    def action_help(self) -> None:
        """Opens the list of keys and commands, once."""
        if not isinstance(self.screen, HelpScreen):
            self.show_help()

    def action_leave(self) -> None:
        """Closes the interface."""
        self.leave()

    def action_copy_or_leave(self) -> None:
        """Copies a selection; without one, a second press leaves."""
        selected = self.screen.get_selected_text()
        if not selected and isinstance(self.focused, Input | TextArea):
            selected = self.focused.selected_text
        if selected:
            self.copy_to_clipboard(selected)
            self.main.say("copied")
            return
        if self._steady() - self._pressed_at <= DOUBLE_PRESS_S:
            self.leave()
            return
        self._pressed_at = self._steady()
        self.main.say(f"{key_of(self, 'copy')} again leaves; a running study goes on")


def _trial_number(wanted: str, snapshot: Snapshot) -> int:
    if not wanted.isdecimal() or int(wanted) >= len(snapshot.trials):
        raise UserError(f"a trial is named by its number, 0 to {len(snapshot.trials) - 1}, but got {wanted!r}")
    return int(wanted)


def _variant_number(wanted: str, snapshot: Snapshot) -> int:
    number, known = wanted.removeprefix("v"), snapshot.tree.nodes
    if not number.isdecimal() or int(number) not in known:
        names = ", ".join(map(name_of, known))
        raise UserError(f"a variant is named by its number, one of {names}, but got {wanted!r}")
    return int(number)


def make_app(
    store_path: Path, study_id: str | None, *, glyph_set: GlyphSet, no_color: bool, settings: Settings
) -> AgentTuneApp:
    """The application on a store file.

    Raises:
        SettingsError: a key that the settings choose cannot be.
    """
    return AgentTuneApp(
        Engine(store_path),
        study_id=study_id,
        glyph_set=glyph_set,
        no_color=no_color,
        keymap=keymap_of(settings.keys),
        bell=settings.bell,
        title=settings.title and os.environ.get("TERM", "") not in POOR,
    )
