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
from textual.containers import Container, Horizontal
from textual.screen import Screen
from textual.widgets import Static

from agenttune.errors import UserError
from agenttune.tui.commands import Actions, find_command
from agenttune.tui.glyphs import GlyphSet
from agenttune.tui.keys import key_of
from agenttune.tui.messages import (
    ConversationStands,
    Happened,
    ImportanceRead,
    LogRead,
    Recalled,
    Refused,
    Seen,
    StudiesListed,
    TakenBack,
    Told,
    Tone,
    TrustRead,
    TrustUnread,
    TurnEnded,
)
from agenttune.tui.phase import Phase
from agenttune.tui.records import CallState
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.text import plural
from agenttune.tui.title import title_of
from agenttune.tui.turns import records_of, show_event
from agenttune.tui.widgets.approval import ApprovalCard
from agenttune.tui.widgets.blocks import PATIENCE_S, TYPING_S
from agenttune.tui.widgets.composer import Composer
from agenttune.tui.widgets.key_line import KeyLine
from agenttune.tui.widgets.log import LogPanel
from agenttune.tui.widgets.panes import PaneBar
from agenttune.tui.widgets.parameters import ParametersPanel
from agenttune.tui.widgets.prompt import BUSY, Prompt
from agenttune.tui.widgets.question import QuestionCard
from agenttune.tui.widgets.status import StatusLine
from agenttune.tui.widgets.strip import StatusStrip, TopLine
from agenttune.tui.widgets.study_pane import OVERVIEW, StudyPane
from agenttune.tui.widgets.transcript import Transcript
from agenttune.tui.widgets.trials import TrialsTable
from agenttune.tui.widgets.trust import TrustPanel
from agenttune.tui.widgets.variants import VariantsPanel
from agenttune.tui.widgets.welcome import EXAMPLES, Welcome, asks_content
from agenttune.tui.workspace_files import files_of
from agenttune.visible import clean

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

    def stop_study(self, study_id: str, *, kill: bool) -> None:
        """Ends a study after its running trials, or kills them."""
        ...

    def retitle(self, text: str) -> None:
        """Has the terminal's title tell this."""
        ...

    def read_importance(self, study_id: str) -> None:
        """Answers with `ImportanceRead`."""
        ...

    def read_trust(self, study_id: str) -> None:
        """Answers with `TrustRead`."""
        ...

    def follow_log(self, study_id: str, number: int | None) -> None:
        """Answers with `LogRead` as the trial prints, until another one is wanted; None is none."""
        ...


class MainScreen(Screen[None]):
    """Two columns from 110 cells on, else one at a time."""

    AUTO_FOCUS = "#prompt"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "interrupt", "Stop the reply", key_display="esc", id="stop-reply"),
        Binding("p", "pause", "Pause", id="pause"),
        Binding("r,p", "continue", "Continue", key_display="r", id="continue"),
        Binding("s", "stop", "Stop", id="stop"),
        Binding("q", "leave", "Quit", id="leave"),
        Binding("slash", "command", "Commands", key_display="/", id="command"),
        Binding("tab", "prompt", "Prompt", id="prompt"),
        Binding("f2", "flip", "Study", key_display="F2", id="flip"),
        Binding("f3", "next_pane", "View", key_display="F3", id="next-view"),
        Binding("ctrl+o", "fold", "Unfold the calls of tools", show=False, id="unfold"),
        Binding("ctrl+y", "copy_reply", "Copy the latest reply", show=False, id="copy-reply"),
        Binding("pageup", "page(-1)", "Earlier in the conversation", show=False, id="page-up"),
        Binding("pagedown", "page(1)", "Later in the conversation", show=False, id="page-down"),
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
        self._queue_told = ""
        """What was last said of it."""
        self._is_busy = False
        self._expected: str | None = None
        """Id of the study that is followed."""
        self._takes_focus = False
        self._stopping = ""
        """Id of the study that is asked about."""
        self._asked = ""
        """The sentence of the turn that is under way."""
        self.snapshot: Snapshot | None = None
        self._typing_to = 0.0
        """Until then typing goes before what the study does."""
        self._is_show_due = False
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
            yield StudyPane(self._clock, self._glyph_set, id="study")
        yield Composer(
            self._steady,
            examples=self._examples,
            files=self._files,
            trials=self._trials,
            is_code=lambda: self.snapshot is not None and self.snapshot.is_code,
            id="composer",
        )
        yield StatusLine(id="status")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begins empty."""
        self._show()
        self.query_one(StatusLine).show()
        self._tick()
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
    def study_pane(self) -> StudyPane:
        """The study by several views."""
        return self.query_one(StudyPane)

    @property
    def composer(self) -> Composer:
        """Where one types."""
        return self.query_one(Composer)

    # -- the study -----------------------------------------------------------------------------------

    def expect_study(self, study_id: str, *, takes_focus: bool) -> None:
        """Says which study comes next, and whether it was opened by name, so that its trials get the focus."""
        self._expected, self._takes_focus = study_id, takes_focus

    def on_seen(self, message: Seen) -> None:
        """Shows the study's new state; one that was left meanwhile stays away."""
        if message.snapshot.row.id != self._expected:
            return
        before = self.snapshot if self.snapshot and self.snapshot.row.id == message.snapshot.row.id else None
        self.snapshot = message.snapshot
        if before is None:
            self.update_classes({"-study": True, "-pane": self._takes_focus})
        if before is None or before.phase is not self.phase or self._steady() >= self._typing_to:
            self._show()
        elif not self._is_show_due:
            self._is_show_due = True
            self.set_timer(PATIENCE_S, self._show)
        if before is None and self._takes_focus and not self.composer.is_asking:
            self.set_focus(self.study_pane.view)
        if before is not None and self.phase.is_ended and not before.phase.is_ended:
            self.app.bell()
        if before is None or before.phase is not self.phase:
            self._greet(message.snapshot)
            self.refresh_bindings()

    def _greet(self, snapshot: Snapshot) -> None:
        """Names what works wherever the focus is or goes; the last row has the keys of one place."""
        name = clean(snapshot.row.name)
        if snapshot.phase is Phase.INTERRUPTED:
            self.say(f"no process drives {name} any more: {snapshot.way_on}, nothing is lost", Tone.BAD)
        elif snapshot.phase is Phase.RUNNING:
            self.say(f"{name} runs by itself: {key_of(self.app, 'quit')} leaves it running")
        elif snapshot.phase is Phase.WAITING:
            self.say(f"{name} waits for its Python program: {snapshot.way_on}")
        elif snapshot.phase is Phase.STOPPED:
            self.say(f"{snapshot.row.end_reason or 'stopped'}: {snapshot.way_on}")
        elif snapshot.has_only_failures:
            n = len(snapshot.view.failed)
            all_of_them = "the only trial" if n == 1 else f"all {n:,} trials"
            self.say(f'{all_of_them} failed: ask "what failed and why"', Tone.BAD)
        elif snapshot.phase is Phase.FINISHED:
            more = ' or "ten more trials"' if snapshot.is_out_of_trials else ""
            self.say(f'finished: {snapshot.row.end_reason or "done"}; ask "what did we learn?"{more}', Tone.GOOD)

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Shows one sentence above the prompt."""
        self.composer.say(text, tone)

    def _show(self) -> None:
        self._is_show_due = False
        snapshot = self.snapshot
        self.query_one(TopLine).show(snapshot)
        if snapshot is None:
            return
        self.query_one(StatusStrip).show(snapshot, now=self._clock())
        if self._is_study_seen:
            pane = self.study_pane
            width = (pane.content_size.width or self.size.width) - 2
            pane.show(snapshot, is_roomy=self.has_class("-roomy"), width=width)

    @property
    def _is_study_seen(self) -> bool:
        return self.size.width >= WIDE_CELLS or self.has_class("-pane")

    @on(ParametersPanel.ImportanceWanted)
    def _want_importance(self, message: ParametersPanel.ImportanceWanted) -> None:
        self.desk.read_importance(message.study_id)

    def on_importance_read(self, message: ImportanceRead) -> None:
        """Shows how much each parameter matters."""
        self.study_pane.show_importance(message)
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

    @on(LogPanel.Wanted)
    def _want_log(self, message: LogPanel.Wanted) -> None:
        self.desk.follow_log(message.study_id, message.number)

    def on_log_read(self, message: LogRead) -> None:
        """Shows what a trial has printed."""
        self.query_one(LogPanel).take(message)

    def show_log(self, number: int | None) -> None:
        """Shows what a trial prints; None: the newest."""
        self.query_one(LogPanel).choose(number)
        self.show_pane("log")

    @on(TrialsTable.CompareWanted)
    def _compare(self, message: TrialsTable.CompareWanted) -> None:
        self.attempt(lambda: self.desk.compare_trials(" ".join(map(str, message.numbers))))

    @on(TrialsTable.FilterWanted)
    def _want_filter(self, message: TrialsTable.FilterWanted) -> None:
        self.begin_command(f"/filter {message.text}")

    def set_filter(self, text: str) -> None:
        """Shows only the trials that fit.

        Raises:
            UserError: it is no condition.
        """
        if self.snapshot is not None:
            self.study_pane.set_filter(text, self.snapshot)
        self.show_pane(OVERVIEW)

    def on_resize(self, event: events.Resize) -> None:
        """Other texts fit now."""
        self.call_after_refresh(self._show)

    def _tick(self) -> None:
        self.desk.retitle(title_of(self.snapshot, is_waiting=self.composer.is_asking))
        self.transcript.tick()
        if self.snapshot is not None and self.phase.is_live:
            self.query_one(StatusStrip).show(self.snapshot, now=self._clock())
            self.study_pane.tick()

    @on(Prompt.Changed)
    def _give_way(self) -> None:
        self._typing_to = self._steady() + TYPING_S
        self.transcript.give_way()

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
        self.snapshot = self._expected = None
        self.remove_class("-study", "-pane", "-talk")
        self.transcript.clear()
        self.composer.clear()
        self._show()
        self.set_focus(self.composer.field)
        self.refresh_bindings()

    @on(TrialsTable.Opened)
    def _open(self, message: TrialsTable.Opened) -> None:
        self.attempt(lambda: self.desk.open_trial(str(message.number)))

    @on(VariantsPanel.Opened)
    def _open_variant(self, message: VariantsPanel.Opened) -> None:
        self.attempt(lambda: self.desk.show_code(str(message.number)))

    # -- views ---------------------------------------------------------------------------------------

    def show_pane(self, pane: str) -> None:
        """Shows one view of the study."""
        self.study_pane.choose(pane)
        self._flip(True)
        self._show()
        view = self.study_pane.view
        if view.focusable:
            self.set_focus(view)
        elif self.focused is not None and self.study_pane in self.focused.ancestors:
            self.set_focus(None)  # what is hidden now takes no keys; the prompt keeps its own

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
            is_study = self.focused is self.composer.field
        self._flip(is_study)
        self._show()
        self.set_focus(self.study_pane.view if is_study else self.composer.field)

    def action_next_pane(self) -> None:
        """The next view of the study."""
        self.show_pane(self.study_pane.next_pane if self._is_study_seen else self.study_pane.pane)

    # -- the conversation ----------------------------------------------------------------------------

    def _examples(self) -> Sequence[str]:
        return EXAMPLES[:1] if self.snapshot is None and not self.transcript.records else ()

    def _trials(self) -> list[tuple[int, str]]:
        trials = () if self.snapshot is None else self.snapshot.trials
        return [(trial.number, trial.state.value) for trial in reversed(trials)]

    def on_recalled(self, message: Recalled) -> None:
        """Puts what was typed in earlier windows behind the arrow keys."""
        self.composer.prompt.remember(message.texts)

    @on(Prompt.Sent)
    def _receive(self, message: Prompt.Sent) -> None:
        self.composer.clear()
        self.desk.remember(message.text)
        if message.text.startswith("/"):
            self._run_command(message.text)
        else:
            self.attempt(lambda: self.desk.say_to_agent(message.text))

    def say_to_agent(self, text: str, send: Callable[[str], None]) -> None:
        """Shows a sentence and has it sent, or queues it behind the turn that is under way."""
        if self._is_busy:
            self._queue.append(text)
            self._tell_queue()
            return
        self.update_classes({"-pane": False, "-talk": True})
        self.add_class(BUSY, update=False)
        self._is_busy, self._asked = True, text
        self.transcript.add_user(text)
        self.query_one(StatusLine).show(activity="thinking")
        send(text)
        self.refresh_bindings()

    def _tell_queue(self) -> None:
        n = len(self._queue)
        waiting = f"{plural(n, 'sentence')} wait{'s' if n == 1 else ''}"
        self._queue_told = f"queued, {waiting}; {key_of(self, 'stop-reply')} gives the last one back"
        self.say(self._queue_told)

    def on_happened(self, message: Happened) -> None:
        """Shows what happens in a turn."""
        from agenttune.agent import ApprovalGiven, ApprovalRequested, ToolCalled

        if isinstance(message.event, ApprovalRequested):
            self.composer.ask_for(message.event)
            self.transcript.turn_call(message.event.id, CallState.WAITING)
            self.query_one(StatusLine).show(activity="waits for you")
            self.app.bell()
            return
        if isinstance(message.event, ApprovalGiven):
            self.composer.forget_call()
            if message.event.is_allowed:
                self.transcript.turn_call(message.event.id, CallState.RUNNING)
        if isinstance(message.event, ToolCalled):
            self.query_one(StatusLine).show(activity=f"at work: {message.event.name}")
        show_event(self.transcript, message.event)

    def on_turn_ended(self, message: TurnEnded) -> None:
        """Takes the next sentence of the queue."""
        self._is_busy = False
        self.remove_class(BUSY, update=False)
        self.composer.forget_call()
        self.query_one(StatusLine).show(activity="")
        self.refresh_bindings()
        if self._queue:
            self.desk.say_to_agent(self._queue.pop(0))
            if self.composer.take_back(self._queue_told) and self._queue:
                self._tell_queue()

    def on_conversation_stands(self, message: ConversationStands) -> None:
        """Tells who answers and what it costs; an earlier conversation comes back."""
        self.query_one(StatusLine).show(message)
        if message.restored:
            self.add_class("-talk")
            self.transcript.restore(records_of(message.restored))
            if self._is_busy:
                self.transcript.add_user(self._asked)

    def on_taken_back(self, message: TakenBack) -> None:
        """What was said comes back into the prompt, unless something else stands there meanwhile."""
        if not self.composer.prompt.draft:
            self.composer.prompt.write(message.sentence)

    def need_silence(self) -> None:
        """Says whether the conversation may be changed.

        Raises:
            UserError: a reply is under way.
        """
        if self._is_busy:
            key = key_of(self, "stop-reply")
            raise UserError(f"a reply is under way: stop it first ({key}), or wait for its end")

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
        if self.snapshot is not None and not self.composer.prompt.text:  # typed since: the person stays
            self._flip(True)
            self._show()
            self.set_focus(self.study_pane.view)

    # -- questions -----------------------------------------------------------------------------------

    def ask_to_stop(self, snapshot: Snapshot) -> None:
        """Asks whether to end the study."""
        trials = plural(len(snapshot.running), "running trial")
        then = f"{trials} will finish, or be killed and wait; " if snapshot.running else "no trial runs just now; "
        lines = [
            ("study", snapshot.row.name),
            ("then", f"{then}nothing new starts; /continue goes on with it later"),
        ]
        self._stopping = snapshot.row.id
        self.composer.ask(STOP, "Stop this study?", lines, yes="stop after them", more="stop now", no="let it run")

    @on(QuestionCard.Answered)
    def _settle(self, message: QuestionCard.Answered) -> None:
        if self.snapshot is not None and self._is_study_seen and not self.composer.is_asking:
            self.set_focus(self.study_pane.view)
        if message.is_agreed:
            self.attempt(lambda: self.desk.stop_study(self._stopping, kill=message.is_more))

    @on(ApprovalCard.Answered)
    def _allow(self, message: ApprovalCard.Answered) -> None:
        self.query_one(StatusLine).show(activity="thinking")
        self.desk.answer(message.answer)

    @on(ApprovalCard.Edit)
    def _edit_instead(self, message: ApprovalCard.Edit) -> None:
        is_offline = message.id.startswith("offline-")  # then the call is the sentence, read
        self.composer.prompt.write_instead(self._asked if is_offline else message.text)
        self.desk.answer("deny")

    # -- keys ----------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that would do nothing are not offered."""
        if self.composer.is_asking and action in ("pause", "continue", "stop", "leave", "command"):
            return False
        if action == "pause":
            return self.phase is Phase.RUNNING
        if action == "stop":
            return self.phase.is_live
        if action == "continue":
            return self.snapshot is not None and self.snapshot.can_continue
        if action in ("flip", "next_pane"):
            return self.snapshot is not None
        if action == "interrupt":
            return self._is_busy
        return True

    def action_interrupt(self) -> None:
        """Stops the reply, never the trials; what waits in the queue comes back into the prompt."""
        if self._queue:
            self.composer.prompt.write_instead(self._queue.pop())
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
        self.set_focus(self.composer.field)

    def take_prompt(self) -> bool:
        """Goes to the prompt for what is typed elsewhere; not while a card waits there."""
        if self.composer.is_asking:
            return False
        self.set_focus(self.composer.prompt)
        return True

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted while something else has the focus is meant for the prompt."""
        self.take_prompt()
        self.composer.prompt.post_message(events.Paste(event.text))

    def begin_command(self, text: str) -> None:
        """Writes a command into the prompt, to be ended there."""
        if self.take_prompt():
            self.composer.prompt.write_instead(text)

    def action_command(self) -> None:
        """Goes to the prompt and begins a command."""
        prompt = self.composer.prompt
        self.set_focus(prompt)
        if not prompt.value:
            prompt.write("/")
