"""`AgentTuneApp`: the application. Owns the screens, follows a study, hands wishes to the engine in threads.

A later piece of work adds a conversation here: its screens post the same messages and its verbs go
into the same registry of commands.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widgets import Input

from agenttune.errors import RequestNotUnderstood, UserError
from agenttune.tui.ascii_filter import AsciiFilter
from agenttune.tui.commands import COMMANDS
from agenttune.tui.engine import Engine
from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.messages import DetailRead, NotUnderstood, Refused, Started, StudiesListed, Told, Tone, Understood
from agenttune.tui.screens.help import HelpScreen
from agenttune.tui.screens.main import MainScreen
from agenttune.tui.screens.studies import StudiesScreen
from agenttune.tui.screens.trial import TrialScreen
from agenttune.tui.themes import DARK, LIGHT
from agenttune.tui.widgets.prompt import Prompt
from agenttune.tui.widgets.question import QuestionCard
from agenttune.tui.widgets.trials import TrialsTable

if TYPE_CHECKING:
    from agenttune.plan import Plan
    from agenttune.tui.snapshot import Snapshot

PALETTE = Binding("ctrl+p", "command_palette", "Every command, found by typing a part of it")
"""Textual's own binding, for the list of keys."""
DOUBLE_PRESS_S = 1.0
"""Two Ctrl+C within this leave."""


class AgentTuneApp(App[None]):
    """The interface on one store file."""

    TITLE = "AgentTune"
    CSS_PATH = "agenttune.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help"),
        Binding("ctrl+q", "leave", "Quit", priority=True, show=False),
        Binding("ctrl+c", "copy_or_leave", "Copy what is selected; twice: quit", priority=True, show=False),
    ]

    def __init__(
        self,
        engine: Engine,
        *,
        study_id: str | None = None,
        glyph_set: GlyphSet = GlyphSet.BRAILLE,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
        no_color: bool = False,
    ) -> None:
        """Nothing is read before the first paint.

        Args:
            study_id: the study to follow from the start.
            clock: seconds since the epoch, for ages and running times.
            steady: seconds of a clock that never jumps, for what a key press means.
            no_color: whether to leave colours out and tell everything by words, signs and reverse.
        """
        super().__init__(ansi_color=no_color or None)
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        if not self.no_color:
            self.theme = DARK.name
        self.engine = engine
        self.crash: BaseException | None = None
        """The error that ended the application, if one did."""
        self.loop: asyncio.AbstractEventLoop | None = None
        self._study_id = study_id
        self._glyph_set = glyph_set
        self._clock = clock
        self._steady = steady
        self._ascii = AsciiFilter()
        self._unfollow = threading.Event()
        self._pressed_at = float("-inf")
        self.main = MainScreen(clock=clock, steady=steady, glyph_set=glyph_set)

    # -- life ----------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Paints first, loads after."""
        self.loop = asyncio.get_running_loop()
        self.push_screen(self.main)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        if self._study_id is not None:
            self._follow(self._study_id)
        else:
            self._in_thread(lambda: self._list_studies(self.main), self.main)
            threading.Thread(target=self._warm_up, daemon=True).start()

    def _warm_up(self) -> None:
        """In a daemon thread, since leaving should not wait for it; a failure shows with the first request."""
        with suppress(Exception):
            self.engine.warm_up()

    def on_unmount(self) -> None:
        """Lets go of the study; it runs on by itself."""
        self._unfollow.set()

    def get_line_filters(self) -> list[LineFilter]:
        """Adds the last filter for terminals without UTF-8."""
        filters = list(super().get_line_filters())
        return [*filters, self._ascii] if self._glyph_set is GlyphSet.ASCII else filters

    def _handle_exception(self, error: Exception) -> None:
        self.crash = self.crash or error
        super()._handle_exception(error)

    def _print_error_renderables(self) -> None:
        """Textual would print a traceback with local variables; whoever called gets the error itself."""
        self._exit_renderables.clear()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: the same verbs as after a slash, and the theme."""
        for command in COMMANDS:
            if command.argument in ("", "[NAME]"):
                yield SystemCommand(
                    command.name.capitalize(), command.help, partial(self.main.attempt, partial(command.run, self, ""))
                )
        yield SystemCommand("Theme", "choose the colours", self.action_change_theme)

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

    def _follow(self, study_id: str) -> None:
        self._unfollow.set()
        self._unfollow = stop = threading.Event()
        self._study_id = study_id

        def post(message: Message) -> None:
            if not stop.is_set():
                self.main.post_message(message)

        def call() -> None:
            from agenttune.tui import bridge

            bridge.follow(self.engine.store_path, study_id, stop=stop, post=post, clock=self._clock)

        self._in_thread(call, self.main)

    def on_started(self, message: Started) -> None:
        """Follows a study that was just created or found."""
        self._follow(message.row.id)

    # -- wishes (Desk) -------------------------------------------------------------------------------

    def read_request(self, text: str) -> None:
        """Reads a request; the answer is a message."""

        def call() -> None:
            try:
                plan, lines = self.engine.understand(text)
            except RequestNotUnderstood as error:
                self.main.post_message(NotUnderstood(text, str(error), error.fragments))
            else:
                self.main.post_message(Understood(text, plan, lines))

        self._in_thread(call, self.main)

    def start_study(self, plan: Plan) -> None:
        """Creates a study, follows it and starts its driver."""

        def call() -> None:
            row = self.engine.create(plan)
            self.post_message(Started(row))
            self.engine.drive(row.id)

        self._in_thread(call, self.main)

    def pause_study(self) -> None:
        """Starts no new trials."""
        self._control("pause")

    def stop_study(self) -> None:
        """Ends the study after its running trials."""
        self._control("stop")

    def _control(self, kind: str) -> None:
        snapshot = self._need_study()
        self.main.say(f"asking the study to {kind}")
        self._in_thread(lambda: self.engine.control(snapshot.row.id, kind), self.main)

    def continue_study(self) -> None:
        """Goes on with a paused, interrupted or stopped study."""
        snapshot = self._need_study()
        if not snapshot.phase.can_continue:
            raise UserError(f"the study is {snapshot.phase.value}: there is nothing to go on with")
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
        if not wanted.isdecimal() or int(wanted) >= len(snapshot.trials):
            raise UserError(f"a trial is named by its number, 0 to {len(snapshot.trials) - 1}, but got {wanted!r}")
        screen: TrialScreen
        study_id = snapshot.row.id

        def read(number: int) -> None:
            self._in_thread(lambda: screen.post_message(DetailRead(self.engine.detail(study_id, number))), screen)

        screen = TrialScreen(int(wanted), lambda: self.snapshot, read, clock=self._clock, glyph_set=self._glyph_set)
        self.push_screen(screen)

    def show_studies(self) -> None:
        """Opens the list of studies."""
        screen: StudiesScreen

        def read() -> None:
            self._in_thread(lambda: self._list_studies(screen), screen)

        screen = StudiesScreen(read, clock=self._clock)
        self.push_screen(screen, lambda chosen: self._follow(chosen) if chosen else None)

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
        self._study_id = None
        self.main.leave_study()

    def show_help(self) -> None:
        """Opens the list of keys and commands."""
        groups = (
            ("Everywhere", [*AgentTuneApp.BINDINGS, PALETTE]),
            ("With the trials in focus", [*MainScreen.BINDINGS, *TrialsTable.BINDINGS]),
            ("In the prompt", Prompt.BINDINGS),
            ("On a question", QuestionCard.BINDINGS),
            ("On one trial", TrialScreen.BINDINGS),
        )
        self.push_screen(HelpScreen(groups))

    def leave(self) -> None:
        """Closes the interface; the study goes on."""
        self.exit()

    # -- keys ----------------------------------------------------------------------------------------

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
        if not selected and isinstance(self.focused, Input):
            selected = self.focused.selected_text
        if selected:
            self.copy_to_clipboard(selected)
            self.main.say("copied")
            return
        if self._steady() - self._pressed_at <= DOUBLE_PRESS_S:
            self.leave()
            return
        self._pressed_at = self._steady()
        self.main.say("Ctrl+C again leaves; a running study goes on")


def make_app(store_path: Path, study_id: str | None, *, glyph_set: GlyphSet, no_color: bool) -> AgentTuneApp:
    """The application on a store file."""
    return AgentTuneApp(Engine(store_path), study_id=study_id, glyph_set=glyph_set, no_color=no_color)
