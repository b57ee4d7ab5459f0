"""The main screen: which study, how far it is, chart, best and trials, and the line to type in.

It shows what it is told and hands what a person wants to the desk (the application); nothing here blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Footer, Input, Static

from agenttune.errors import UserError
from agenttune.tui import glyphs
from agenttune.tui.commands import Actions, completions, find_command
from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.messages import NotUnderstood, Refused, Seen, StudiesListed, Told, Tone, Understood
from agenttune.tui.phase import Phase
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.text import clean, plural
from agenttune.tui.widgets.best import BestPanel
from agenttune.tui.widgets.chart import Chart
from agenttune.tui.widgets.hints import Hints
from agenttune.tui.widgets.prompt import Prompt
from agenttune.tui.widgets.question import QuestionCard
from agenttune.tui.widgets.reply import Reply, quoted
from agenttune.tui.widgets.strip import StatusStrip, TopLine
from agenttune.tui.widgets.trials import TrialsTable
from agenttune.tui.widgets.welcome import EXAMPLES, Welcome

if TYPE_CHECKING:
    from agenttune.plan import Plan

WIDE_CELLS = 110
"""Two columns from here on."""
SIDE_CELLS = 48
"""Of text in the right column, as agenttune.tcss makes it."""
TALL_ROWS = 22
"""Below, the chart is lower and the best configuration gives way."""
ROOMY_ROWS = 32
"""From here on, blank lines between the parts."""
TICK_S = 1.0
"""Between repaints of running times."""

START, STOP = "start", "stop"
"""Topics of questions."""


class Desk(Actions, Protocol):
    """Whom the screen hands a person's wishes to."""

    def read_request(self, text: str) -> None:
        """Answers with `Understood`, `NotUnderstood` or `Refused`."""
        ...

    def start_study(self, plan: Plan) -> None:
        """Creates the study, follows it and starts its driver."""
        ...

    def stop_study(self) -> None:
        """Ends the study on screen after its running trials."""
        ...


class MainScreen(Screen[None]):
    """Two columns from 110 cells on, else one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "Pause"),
        Binding("r,p", "continue", "Continue", key_display="r"),
        Binding("s", "stop", "Stop"),
        Binding("q", "leave", "Quit"),
        Binding("slash", "command", "Commands", key_display="/"),
        Binding("tab", "prompt", "Prompt"),
    ]

    def __init__(self, *, clock: Callable[[], float], steady: Callable[[], float], glyph_set: GlyphSet) -> None:
        super().__init__()
        self._clock = clock
        self._steady = steady
        self._glyph_set = glyph_set
        self._plan: Plan | None = None
        self._request = ""
        self.snapshot: Snapshot | None = None

        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE_CELLS, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (TALL_ROWS, "-tall"), (ROOMY_ROWS, "-roomy")]

    def compose(self) -> ComposeResult:
        """Lays the screen out; which parts show is decided by classes (agenttune.tcss)."""
        yield TopLine(id="top")
        yield StatusStrip(id="strip")
        yield Welcome(self._clock, id="welcome")
        with Container(id="study"):
            with Vertical(id="side"):
                yield Chart(self._glyph_set, id="chart")
                yield BestPanel(id="best")
            yield TrialsTable(self._clock, id="trials")
        with Vertical(id="composer"):
            yield Reply(id="reply")
            yield Hints(id="hints")
            with Horizontal(id="line"):
                yield Static(glyphs.POINTER, id="pointer")
                yield Prompt(self._offers, id="prompt")
            yield QuestionCard(self._steady, id="question")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Begins empty."""
        self._show()
        self.query_one(Prompt).focus()
        self.set_interval(TICK_S, self._tick)

    @property
    def desk(self) -> Desk:
        """What commands, keys and requests are handed to."""
        return cast(Desk, self.app)

    @property
    def phase(self) -> Phase:
        """How the study on screen stands."""
        return Phase.EMPTY if self.snapshot is None else self.snapshot.phase

    # -- news ----------------------------------------------------------------------------------------

    def on_seen(self, message: Seen) -> None:
        """Shows the study's new state."""
        before = self.snapshot if self.snapshot and self.snapshot.row.id == message.snapshot.row.id else None
        self.snapshot = message.snapshot
        self.add_class("-study")
        self._show()
        if before is None and not self.has_class("-asking"):
            self.query_one(TrialsTable).focus()
        if before is None or before.phase is not self.phase:
            self._greet(message.snapshot)
            self.refresh_bindings()

    def _greet(self, snapshot: Snapshot) -> None:
        name = clean(snapshot.row.name)
        if snapshot.phase is Phase.INTERRUPTED:
            self.say(f"no process drives {name} any more: press r and it goes on, nothing is lost", Tone.BAD)
        elif snapshot.phase is Phase.RUNNING:
            self.say(f"{name} runs by itself: q leaves it running")

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Shows one sentence above the prompt."""
        self.query_one(Reply).say(text, tone)

    def _show(self) -> None:
        snapshot = self.snapshot
        self.query_one(TopLine).show(snapshot)
        if snapshot is None:
            return
        self.query_one(StatusStrip).show(snapshot, now=self._clock())
        self.query_one(TrialsTable).show(snapshot)
        is_wide = self.size.width >= WIDE_CELLS
        self.query_one(BestPanel).show(snapshot, is_wide=is_wide, width=SIDE_CELLS if is_wide else self.size.width - 2)
        self._show_chart()

    @on(TrialsTable.Selected)
    def _show_chart(self) -> None:
        if self.snapshot is not None:
            self.query_one(Chart).show(self.snapshot.points.selecting(self.query_one(TrialsTable).selected))

    def on_resize(self, event: events.Resize) -> None:
        """Other texts fit now."""
        self.call_after_refresh(self._show)

    def _tick(self) -> None:
        if self.snapshot is not None and self.phase.is_live:
            self.query_one(StatusStrip).show(self.snapshot, now=self._clock())
            self.query_one(TrialsTable).tick()

    def on_told(self, message: Told) -> None:
        """Shows a sentence."""
        self.say(message.text, message.tone)

    def on_refused(self, message: Refused) -> None:
        """Shows why not; what was typed comes back."""
        self.say(message.sentence, Tone.BAD)
        self._give_back()

    def on_studies_listed(self, message: StudiesListed) -> None:
        """Lists the studies below the examples."""
        self.query_one(Welcome).show(message.studies)

    def leave_study(self) -> None:
        """Shows the empty prompt again."""
        self.snapshot = None
        self.remove_class("-study")
        self.query_one(Reply).clear()
        self._show()
        self.query_one(Prompt).focus()
        self.refresh_bindings()

    @on(TrialsTable.Opened)
    def _open(self, message: TrialsTable.Opened) -> None:
        self.attempt(lambda: self.desk.open_trial(str(message.number)))

    # -- typing --------------------------------------------------------------------------------------

    def _offers(self) -> Sequence[str]:
        if self.query_one(Prompt).value.startswith("/"):
            return completions()
        return EXAMPLES[:1] if self.snapshot is None else ()

    @on(Input.Changed, "#prompt")
    def _hint(self, message: Input.Changed) -> None:
        self.query_one(Hints).show(message.value)

    @on(Prompt.Sent)
    def _receive(self, message: Prompt.Sent) -> None:
        self.query_one(Reply).clear()
        if message.text.startswith("/"):
            self._run_command(message.text)
            return
        self._request = message.text
        self.query_one(Reply).say("reading", request=quoted(message.text))
        self.desk.read_request(message.text)

    def _run_command(self, line: str) -> None:
        def run() -> None:
            command, rest = find_command(line)
            command.run(self.desk, rest)

        self.attempt(run)

    def attempt(self, wish: Callable[[], object]) -> None:
        """Does what a person wants, or says why not."""
        try:
            wish()
        except UserError as error:
            self.say(str(error), Tone.BAD)

    @on(Prompt.Left)
    def _go_to_trials(self) -> None:
        if self.snapshot is not None:
            self.query_one(TrialsTable).focus()

    def on_not_understood(self, message: NotUnderstood) -> None:
        """Marks the words that could not be read; the request comes back to be mended."""
        self.query_one(Reply).say(message.sentence, Tone.BAD, request=quoted(message.request, message.fragments))
        self._give_back()

    def _give_back(self) -> None:
        prompt = self.query_one(Prompt)
        if self._request and not prompt.value:
            prompt.write(self._request)
        self._request = ""

    # -- questions -----------------------------------------------------------------------------------

    def on_understood(self, message: Understood) -> None:
        """Shows what was understood, and asks whether to start."""
        self._plan = message.plan
        self._ask(START, "Start this study?", message.lines, yes="start", no="change the request")

    def ask_to_stop(self, snapshot: Snapshot) -> None:
        """Asks whether to end the study."""
        n_running = len(snapshot.running)
        first = f"{plural(n_running, 'running trial')} will finish, " if n_running else ""
        lines = [("study", snapshot.row.name), ("then", f"{first}nothing new starts; r goes on with it later")]
        self._ask(STOP, "Stop this study?", lines, yes="stop", no="let it run")

    def _ask(self, topic: str, title: str, lines: list[tuple[str, str]], *, yes: str, no: str) -> None:
        self.query_one(Reply).clear()
        card = self.query_one(QuestionCard)
        card.ask(topic, title, lines, yes=yes, no=no)
        self._set_asking(True)
        card.focus()
        self.refresh_bindings()

    def _set_asking(self, is_asking: bool) -> None:
        """Swaps the card and the line; by hand, since what is not displayed yet cannot be focused."""
        self.set_class(is_asking, "-asking")
        self.query_one(QuestionCard).display = is_asking
        self.query_one("#line").display = not is_asking

    @on(QuestionCard.TypedEarly)
    def _keep_for_draft(self, message: QuestionCard.TypedEarly) -> None:
        prompt = self.query_one(Prompt)
        prompt.write(prompt.value + message.text)

    @on(QuestionCard.Answered)
    def _settle(self, message: QuestionCard.Answered) -> None:
        self._set_asking(False)
        to_trials = message.topic == STOP and self.snapshot is not None
        (self.query_one(TrialsTable) if to_trials else self.query_one(Prompt)).focus()
        self.refresh_bindings()
        plan, self._plan = self._plan, None
        if not message.is_agreed:
            self._give_back()
        elif message.topic == START and plan is not None:
            self._request = ""
            self.say("starting")
            self.desk.start_study(plan)
        elif message.topic == STOP:
            self.desk.stop_study()

    # -- keys ----------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that would do nothing are not offered."""
        if self.has_class("-asking") and action in ("pause", "continue", "stop", "leave", "prompt", "command"):
            return False
        if action == "pause":
            return self.phase is Phase.RUNNING
        if action == "stop":
            return self.phase.is_live
        if action == "continue":
            return self.phase.can_continue
        return True

    def action_pause(self) -> None:
        """Starts no new trials."""
        self.attempt(self.desk.pause_study)

    def action_continue(self) -> None:
        """Goes on."""
        self.attempt(self.desk.continue_study)

    def action_stop(self) -> None:
        """Asks, then ends the study."""
        self.attempt(self.desk.ask_to_stop)

    def action_leave(self) -> None:
        """Closes the interface."""
        self.desk.leave()

    def action_prompt(self) -> None:
        """Goes to the prompt."""
        self.query_one(Prompt).focus()

    def action_command(self) -> None:
        """Goes to the prompt and begins a command."""
        prompt = self.query_one(Prompt)
        prompt.focus()
        if not prompt.value:
            prompt.write("/")
