"""The main screen: the conversation, the study beside it, and the line to type in.

It shows what it is told and hands what a person wants to the desk (the application); nothing here blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Footer, Static, TextArea

from agenttune.errors import UserError
from agenttune.tui import glyphs
from agenttune.tui.commands import COMMANDS, Actions, find_command
from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.messages import (
    ConversationStands,
    Happened,
    ImportanceRead,
    ImportanceShares,
    Recalled,
    Refused,
    Seen,
    StudiesListed,
    Told,
    Tone,
    TrustRead,
    TrustUnread,
    TurnEnded,
)
from agenttune.tui.phase import Phase
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.text import clean, plural
from agenttune.tui.turns import records_of, show_event
from agenttune.tui.widgets.approval import ApprovalCard
from agenttune.tui.widgets.best import BestPanel
from agenttune.tui.widgets.chart import Chart
from agenttune.tui.widgets.completions import Completions, Offer
from agenttune.tui.widgets.curves import CurvesPanel
from agenttune.tui.widgets.panes import PANES, PaneBar
from agenttune.tui.widgets.parameters import ParametersPanel
from agenttune.tui.widgets.prompt import Prompt
from agenttune.tui.widgets.question import QuestionCard
from agenttune.tui.widgets.reply import Reply
from agenttune.tui.widgets.status import StatusLine
from agenttune.tui.widgets.strip import StatusStrip, TopLine
from agenttune.tui.widgets.transcript import Transcript
from agenttune.tui.widgets.trials import TrialsTable
from agenttune.tui.widgets.trust import TrustPanel
from agenttune.tui.widgets.welcome import EXAMPLES, Welcome, asks_content
from agenttune.tui.workspace_files import files_of

if TYPE_CHECKING:
    from agenttune.tui.conversation import Answer

WIDE_CELLS = 110
"""The study stands beside the conversation from here on."""
TALL_ROWS = 22
"""Below, the chart is lower and the best configuration gives way."""
ROOMY_ROWS = 32
"""From here on, blank lines between the parts."""
TICK_S = 1.0
"""Between repaints of running times."""

STOP = "stop"
"""Topic of the question before a study is stopped."""


class Desk(Actions, Protocol):
    """Whom the screen hands a person's wishes to."""

    def answer(self, answer: Answer) -> None:
        """What is said to the call that waits."""
        ...

    def interrupt(self) -> None:
        """Stops the reply; trials go on."""
        ...

    def remember(self, text: str) -> None:
        """Keeps what was typed for the next time."""
        ...

    def stop_study(self, study_id: str) -> None:
        """Ends a study after its running trials."""
        ...

    def read_importance(self, study_id: str) -> None:
        """Answers with `ImportanceRead`."""
        ...

    def read_trust(self, study_id: str) -> None:
        """Answers with `TrustRead`."""
        ...


class MainScreen(Screen[None]):
    """Two columns from 110 cells on, else one at a time."""

    AUTO_FOCUS = "#prompt"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "Pause"),
        Binding("r,p", "continue", "Continue", key_display="r"),
        Binding("s", "stop", "Stop"),
        Binding("q", "leave", "Quit"),
        Binding("slash", "command", "Commands", key_display="/"),
        Binding("tab", "prompt", "Prompt"),
        Binding("f2", "flip", "Study", key_display="F2"),
        Binding("f3", "next_pane", "View", key_display="F3"),
        Binding("escape", "interrupt", "Stop the reply", key_display="esc"),
        Binding("ctrl+o", "fold", "Unfold the calls of tools", show=False),
        Binding("ctrl+y", "copy_reply", "Copy the latest reply", show=False),
        Binding("pageup", "page(-1)", "Earlier in the conversation", show=False),
        Binding("pagedown", "page(1)", "Later in the conversation", show=False),
    ]

    def __init__(
        self, *, clock: Callable[[], float], steady: Callable[[], float], glyph_set: GlyphSet, workspace: Path
    ) -> None:
        super().__init__()
        self._clock = clock
        self._steady = steady
        self._glyph_set = glyph_set
        self._files = files_of(workspace)
        self._queue: list[str] = []
        self._is_busy = False
        self._takes_focus = False
        self._stopping = ""
        """Id of the study that is asked about."""
        self._asked = ""
        """The sentence of the turn that is under way."""
        self._importance: ImportanceShares | None = None
        self.snapshot: Snapshot | None = None
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE_CELLS, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (TALL_ROWS, "-tall"), (ROOMY_ROWS, "-roomy")]

    def compose(self) -> ComposeResult:
        """Lays the screen out; which parts show is decided by classes (agenttune.tcss)."""
        yield TopLine(id="top")
        yield StatusStrip(id="strip")
        with Horizontal(id="body"):
            with Container(id="talk"):
                yield Welcome(self._clock, id="welcome")
                yield Static(asks_content(), id="asks")
                yield Transcript(self._steady, id="transcript")
            with Vertical(id="study"):
                yield PaneBar(id="panebar")
                with ContentSwitcher(id="panes", initial=PANES[0][0]):
                    with Vertical(id="overview"):
                        yield Chart(self._glyph_set, id="chart")
                        yield BestPanel(id="best")
                        yield TrialsTable(self._clock, id="trials")
                    yield ParametersPanel(self._glyph_set, id="parameters")
                    yield CurvesPanel(self._glyph_set, id="curves")
                    yield TrustPanel(id="trust")
        with Vertical(id="composer"):
            yield Reply(id="reply")
            completions = Completions(self._commands, files=self._files, trials=self._trials, id="completions")
            yield completions
            with Horizontal(id="line"):
                yield Static(glyphs.POINTER, id="pointer")
                yield Prompt(self._offers, completions=completions, id="prompt")
            yield QuestionCard(self._steady, id="question")
            yield ApprovalCard(self._steady, id="approval")
        yield StatusLine(id="status")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Begins empty."""
        self._show()
        self.query_one(StatusLine).show()
        self.set_interval(TICK_S, self._tick)

    @property
    def desk(self) -> Desk:
        """What commands, keys and sentences are handed to."""
        return cast(Desk, self.app)

    @property
    def transcript(self) -> Transcript:
        """What was said."""
        return self.query_one(Transcript)

    @property
    def phase(self) -> Phase:
        """How the study on screen stands."""
        return Phase.EMPTY if self.snapshot is None else self.snapshot.phase

    @property
    def pane(self) -> str:
        """The view of the study that is chosen."""
        return self.query_one(ContentSwitcher).current or PANES[0][0]

    # -- the study -----------------------------------------------------------------------------------

    def expect_study(self, *, takes_focus: bool) -> None:
        """Says whether the study that comes next was opened by name, so that its trials get the focus."""
        self._takes_focus = takes_focus

    def on_seen(self, message: Seen) -> None:
        """Shows the study's new state."""
        before = self.snapshot if self.snapshot and self.snapshot.row.id == message.snapshot.row.id else None
        self.snapshot = message.snapshot
        self.add_class("-study")
        if before is None:
            self._flip(self._takes_focus)
        self._show()
        if before is None and self._takes_focus and not self._is_asking:
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
        if not self._is_study_seen:
            return
        self.query_one(TrustPanel).see(snapshot)
        if self.pane == "parameters":
            self.query_one(ParametersPanel).show(snapshot, self._importance)
        elif self.pane == "curves":
            self.query_one(CurvesPanel).show(snapshot)
        if self.pane != "overview":
            return
        self.query_one(TrialsTable).show(snapshot)
        width = self.query_one("#study").content_size.width or self.size.width
        self.query_one(BestPanel).show(snapshot, is_wide=self.has_class("-roomy"), width=width - 2)
        self._show_chart()

    @property
    def _is_study_seen(self) -> bool:
        return self.size.width >= WIDE_CELLS or self.has_class("-pane")

    @on(ParametersPanel.ImportanceWanted)
    def _want_importance(self, message: ParametersPanel.ImportanceWanted) -> None:
        self.desk.read_importance(message.study_id)

    def on_importance_read(self, message: ImportanceRead) -> None:
        """Shows how much each parameter matters."""
        self._importance = message.importance
        self._show()

    @on(TrustPanel.Wanted)
    def _want_trust(self, message: TrustPanel.Wanted) -> None:
        self.desk.read_trust(message.study_id)

    def on_trust_read(self, message: TrustRead) -> None:
        """Shows who was worth what."""
        self.query_one(TrustPanel).show(message.trust)

    def on_trust_unread(self, message: TrustUnread) -> None:
        """Says why it could not be read."""
        self.query_one(TrustPanel).complain(message.sentence)

    @on(TrialsTable.CompareWanted)
    def _compare(self, message: TrialsTable.CompareWanted) -> None:
        self.attempt(lambda: self.desk.compare_trials(" ".join(map(str, message.numbers))))

    @on(TrialsTable.FilterWanted)
    def _want_filter(self) -> None:
        if self._is_asking:
            return
        prompt = self.query_one(Prompt)
        prompt.focus()
        prompt.write("/filter ")

    def set_filter(self, text: str) -> None:
        """Shows only the trials that fit.

        Raises:
            UserError: it is no condition.
        """
        table = self.query_one(TrialsTable)
        if self.snapshot is not None:
            table.show(self.snapshot)
        table.set_filter(text)
        self.show_pane("overview")

    @on(TrialsTable.Selected)
    def _show_chart(self) -> None:
        if self.snapshot is not None:
            self.query_one(Chart).show(self.snapshot.points.selecting(self.query_one(TrialsTable).selected))

    def on_resize(self, event: events.Resize) -> None:
        """Other texts fit now."""
        self.call_after_refresh(self._show)

    def _tick(self) -> None:
        self.transcript.tick()
        if self.snapshot is not None and self.phase.is_live:
            self.query_one(StatusStrip).show(self.snapshot, now=self._clock())
            self.query_one(TrialsTable).tick()

    def on_told(self, message: Told) -> None:
        """Shows a sentence."""
        self.say(message.text, message.tone)

    def on_refused(self, message: Refused) -> None:
        """Shows why not."""
        self.say(message.sentence, Tone.BAD)

    def on_studies_listed(self, message: StudiesListed) -> None:
        """Lists the studies below the examples."""
        self.query_one(Welcome).show(message.studies)

    def leave_study(self) -> None:
        """Shows the empty prompt again."""
        self.snapshot = None
        self.remove_class("-study", "-pane")
        self.remove_class("-talk")
        self.transcript.clear()
        self.query_one(Reply).clear()
        self._show()
        self._composer.focus()
        self.refresh_bindings()

    @on(TrialsTable.Opened)
    def _open(self, message: TrialsTable.Opened) -> None:
        self.attempt(lambda: self.desk.open_trial(str(message.number)))

    # -- views ---------------------------------------------------------------------------------------

    def show_pane(self, pane: str) -> None:
        """Shows one view of the study."""
        self.query_one(ContentSwitcher).current = pane
        self.query_one(PaneBar).show(pane)
        self._flip(True)
        self._show()
        (self.query_one(TrialsTable) if pane == "overview" else self.query_one(f"#{pane}")).focus()

    @on(PaneBar.Chosen)
    def _choose_pane(self, message: PaneBar.Chosen) -> None:
        self.show_pane(message.pane)

    def _flip(self, to_study: bool) -> None:
        """On a narrow screen either the conversation or the study is shown."""
        self.set_class(to_study, "-pane")

    def action_flip(self) -> None:
        """From the conversation to the study and back."""
        is_study = self.size.width < WIDE_CELLS and not self.has_class("-pane")
        if self.size.width >= WIDE_CELLS:
            is_study = isinstance(self.focused, Prompt | TextArea)
        self._flip(is_study)
        self._show()
        (self.query_one(TrialsTable) if is_study and self.pane == "overview" else self._composer).focus()

    def action_next_pane(self) -> None:
        """The next view of the study."""
        names = [key for key, _ in PANES]
        is_shown = self._is_study_seen
        self.show_pane(names[(names.index(self.pane) + 1) % len(names)] if is_shown else self.pane)

    # -- the conversation ----------------------------------------------------------------------------

    def _offers(self) -> Sequence[str]:
        return EXAMPLES[:1] if self.snapshot is None and not self.transcript.records else ()

    def _commands(self) -> list[Offer]:
        return [
            Offer(
                f"/{command.name}{' ' if command.argument else ''}",
                command.usage,
                command.help,
                tuple(f"/{alias}" for alias in command.aliases),
            )
            for command in COMMANDS
        ]

    def _trials(self) -> list[tuple[int, str]]:
        trials = () if self.snapshot is None else self.snapshot.trials
        return [(trial.number, trial.state.value) for trial in reversed(trials)]

    def on_recalled(self, message: Recalled) -> None:
        """Puts what was typed in earlier windows behind the arrow keys."""
        self.query_one(Prompt).remember(message.texts)

    @on(Completions.Clicked)
    def _take(self, message: Completions.Clicked) -> None:
        self.query_one(Prompt).take(message.offer)

    @on(Prompt.Sent)
    def _receive(self, message: Prompt.Sent) -> None:
        self.query_one(Reply).clear()
        self.desk.remember(message.text)
        if message.text.startswith("/"):
            self._run_command(message.text)
        else:
            self.attempt(lambda: self.desk.say_to_agent(message.text))

    def say_to_agent(self, text: str, send: Callable[[str], None]) -> None:
        """Shows a sentence and has it sent, or queues it behind the turn that is under way."""
        if self._is_busy:
            self._queue.append(text)
            self.say(f"queued, {plural(len(self._queue), 'sentence')} wait; Esc gives the last one back")
            return
        self._flip(False)
        self.add_class("-talk")
        self._is_busy, self._asked = True, text
        self.transcript.add_user(text)
        self.query_one(StatusLine).show(activity="thinking")
        send(text)
        self.refresh_bindings()

    def on_happened(self, message: Happened) -> None:
        """Shows what happens in a turn."""
        from agenttune.agent import ApprovalGiven, ApprovalRequested, ToolCalled

        if isinstance(message.event, ApprovalRequested):
            self._set_asking(ApprovalCard)
            self.query_one(ApprovalCard).ask(message.event, waiting=0)
            self.query_one(StatusLine).show(activity="waits for you")
            self.app.bell()
            return
        if isinstance(message.event, ApprovalGiven) and self.query_one(ApprovalCard).display:
            self._end_asking(ApprovalCard)
        if isinstance(message.event, ToolCalled):
            self.query_one(StatusLine).show(activity=f"at work: {message.event.name}")
        show_event(self.transcript, message.event)

    def on_turn_ended(self, message: TurnEnded) -> None:
        """Takes the next sentence of the queue."""
        self._is_busy = False
        if self.query_one(ApprovalCard).display:
            self._end_asking(ApprovalCard)
        self.query_one(StatusLine).show(activity="")
        self.refresh_bindings()
        if self._queue:
            self.desk.say_to_agent(self._queue.pop(0))

    def on_conversation_stands(self, message: ConversationStands) -> None:
        """Tells who answers and what it costs; an earlier conversation comes back."""
        self.query_one(StatusLine).show(message)
        if message.restored:
            self.add_class("-talk")
            self.transcript.restore(records_of(message.restored))
            if self._is_busy:
                self.transcript.add_user(self._asked)

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
    def _leave_prompt(self) -> None:
        if self._is_busy or self._queue:
            self.action_interrupt()
        elif self.snapshot is not None:
            self._flip(True)
            self._show()
            self.query_one(TrialsTable).focus()

    # -- questions -----------------------------------------------------------------------------------

    @property
    def _is_asking(self) -> bool:
        return self.has_class("-asking")

    def ask_to_stop(self, snapshot: Snapshot) -> None:
        """Asks whether to end the study."""
        n_running = len(snapshot.running)
        first = f"{plural(n_running, 'running trial')} will finish, " if n_running else ""
        lines = [("study", snapshot.row.name), ("then", f"{first}nothing new starts; r goes on with it later")]
        self.query_one(Reply).clear()
        self._stopping = snapshot.row.id
        self.query_one(QuestionCard).ask(STOP, "Stop this study?", lines, yes="stop", no="let it run")
        self._set_asking(QuestionCard)

    def _set_asking(self, card: type[QuestionCard | ApprovalCard]) -> None:
        """Swaps the line for a card; by hand, since what is not displayed yet cannot be focused."""
        self.add_class("-asking")
        self.query_one("#line").display = False
        self.query_one(card).display = True
        self.query_one(card).focus()
        self.refresh_bindings()

    def _end_asking(self, card: type[QuestionCard | ApprovalCard]) -> None:
        """Takes a card away; another that waits is asked then."""
        self.query_one(card).display = False
        left = self._card
        if left is None:
            self.remove_class("-asking")
            self.query_one("#line").display = True
        else:
            left.arm()
        self._composer.focus()
        self.refresh_bindings()

    @property
    def _card(self) -> ApprovalCard | QuestionCard | None:
        """The card that waits."""
        cards = (self.query_one(ApprovalCard), self.query_one(QuestionCard))
        return next((card for card in cards if card.display), None)

    @property
    def _composer(self) -> Widget:
        """What stands where one types: a card that waits, or the prompt."""
        return self._card or self.query_one(Prompt)

    @on(QuestionCard.TypedEarly)
    @on(ApprovalCard.TypedEarly)
    def _keep_for_draft(self, message: QuestionCard.TypedEarly) -> None:
        prompt = self.query_one(Prompt)
        prompt.write(prompt.value + message.text)

    @on(QuestionCard.Answered)
    def _settle(self, message: QuestionCard.Answered) -> None:
        self._end_asking(QuestionCard)
        if self.snapshot is not None and self._is_study_seen and not self._is_asking:
            self.query_one(TrialsTable).focus()
        if message.is_agreed:
            self.attempt(lambda: self.desk.stop_study(self._stopping))

    @on(ApprovalCard.Answered)
    def _allow(self, message: ApprovalCard.Answered) -> None:
        self._end_asking(ApprovalCard)
        self.query_one(StatusLine).show(activity="thinking")
        self.desk.answer(message.answer)

    @on(ApprovalCard.Edit)
    def _edit_instead(self, message: ApprovalCard.Edit) -> None:
        self._end_asking(ApprovalCard)
        self.desk.answer("deny")
        self.query_one(Prompt).write(message.text)

    # -- keys ----------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that would do nothing are not offered."""
        if self._is_asking and action in ("pause", "continue", "stop", "leave", "command"):
            return False
        if action == "pause":
            return self.phase is Phase.RUNNING
        if action == "stop":
            return self.phase.is_live
        if action == "continue":
            return self.phase.can_continue
        if action in ("flip", "next_pane"):
            return self.snapshot is not None
        if action == "interrupt":
            return self._is_busy
        return True

    def action_interrupt(self) -> None:
        """Stops the reply, never the trials; what waits in the queue comes back into the prompt."""
        if self._queue:
            self.query_one(Prompt).write(self._queue.pop())
            self.say("the last queued sentence is back in the prompt")
            return
        if self._is_busy:
            self.query_one(StatusLine).show(activity="stopping the reply")
            self.desk.interrupt()

    def action_copy_reply(self) -> None:
        """Copies the latest reply."""
        self.attempt(self.desk.copy_reply)

    def action_page(self, step: int) -> None:
        """Scrolls the conversation while something else has the focus."""
        (self.transcript.action_page_up if step < 0 else self.transcript.action_page_down)()

    def find(self, text: str) -> None:
        """Shows the next place of the conversation that holds a text.

        Raises:
            UserError: there is none.
        """
        if not self.transcript.find(text):
            raise UserError(f"nothing in the conversation holds {text!r}")

    def action_fold(self) -> None:
        """Folds or unfolds the cards of all calls."""
        self.transcript.action_fold_all()

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
        """Goes to the prompt, or to the card in its place."""
        self._flip(False)
        self._composer.focus()

    def action_command(self) -> None:
        """Goes to the prompt and begins a command."""
        prompt = self.query_one(Prompt)
        prompt.focus()
        if not prompt.value:
            prompt.write("/")
