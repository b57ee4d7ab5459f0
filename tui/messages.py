"""What threads tell the screen: one message per kind of news. Widgets have their own messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from agenttune.trial import Attempt, Trial
from agenttune.tui.snapshot import Snapshot

if TYPE_CHECKING:
    from agenttune.agent import AgentEvent
    from agenttune.insight.answers.why import WhyTrial
    from agenttune.insight.trust import Trust
    from agenttune.session import SessionEntry, SessionRow
    from agenttune.spec import StudyRow
    from agenttune.study.code import Winner


class Tone(Enum):
    """How a sentence is meant."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"


class Seen(Message):
    """The followed study changed."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot


class Told(Message):
    """Something happened that is worth a sentence."""

    def __init__(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        super().__init__()
        self.text = text
        self.tone = tone


class Refused(Message):
    """What a person asked for cannot be done; the sentence names the way out."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class Started(Message):
    """A study was created, or found, and is to be followed."""

    def __init__(self, row: StudyRow) -> None:
        super().__init__()
        self.row = row


@dataclass(frozen=True, slots=True)
class StudyLine:
    """One study in a list."""

    id: str
    name: str
    status: str
    metric: str
    n_trials: int
    n_budget: int | None
    best: float | None
    created_at: float
    has_only_failures: bool
    """Whether it has finished, and no trial did anything but fail; False where its trials were not read."""


class StudiesListed(Message):
    """The store's studies, newest first."""

    def __init__(self, studies: list[StudyLine]) -> None:
        super().__init__()
        self.studies = studies


@dataclass(frozen=True, slots=True)
class TrialDetail:
    """All that is known of one trial."""

    trial: Trial
    attempts: tuple[Attempt, ...]
    log_path: str | None
    log_tail: tuple[str, ...]
    change: str = ""
    """What its variant changes in the block of the variant before it, as a diff; "" where there is none."""


class DetailRead(Message):
    """One trial was read whole."""

    def __init__(self, detail: TrialDetail) -> None:
        super().__init__()
        self.detail = detail


class WhyRead(Message):
    """What else would have run in a trial's place, and what is known of it today."""

    def __init__(self, answer: WhyTrial) -> None:
        super().__init__()
        self.answer = answer


class WinnerRead(Message):
    """A variant was read, with the user's file as it would become."""

    def __init__(self, winner: Winner) -> None:
        super().__init__()
        self.winner = winner


class Applied(Message):
    """A variant was written into the user's file."""

    def __init__(self, winner: Winner, backup: Path) -> None:
        """
        Args:
            winner: what was written.
            backup: where what was there is kept.
        """
        super().__init__()
        self.winner = winner
        self.backup = backup


class LogRead(Message):
    """What a trial has printed since the last time."""

    def __init__(self, study_id: str, number: int, lines: Sequence[str], unfinished: str, *, is_new: bool) -> None:
        """
        Args:
            study_id: of the trial's study.
            number: of the trial.
            lines: that were finished, clean.
            unfinished: what has come of the next one, clean.
            is_new: whether another log begins with them.
        """
        super().__init__()
        self.study_id = study_id
        self.number = number
        self.lines = lines
        self.unfinished = unfinished
        self.is_new = is_new


class Happened(Message):
    """Something happened in the conversation."""

    def __init__(self, event: AgentEvent) -> None:
        super().__init__()
        self.event = event


class TurnEnded(Message):
    """A turn of the conversation is over, one way or another."""


class TakenBack(Message):
    """Turns of the conversation were taken back."""

    def __init__(self, sentence: str) -> None:
        """
        Args:
            sentence: what the person said first in them.
        """
        super().__init__()
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a sheet."""

    label: str
    text: str
    is_bad: bool = False
    """Whether something cannot be used."""


class FactsRead(Message):
    """Facts for a sheet, in order."""

    def __init__(self, facts: Sequence[Fact], last: str | None = None) -> None:
        """
        Args:
            facts: those that are new.
            last: what to say below them; None: more are to come.
        """
        super().__init__()
        self.facts = facts
        self.last = last


class StudyChosen(Message):
    """The conversation speaks of another study now."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class ConversationStands(Message):
    """Who answers, what is allowed, and what it has cost."""

    def __init__(
        self,
        model: str | None,
        mode: str,
        session: str | None,
        context_tokens: int,
        tokens: int,
        dollars: float | None,
        restored: Sequence[SessionEntry] = (),
        *,
        is_estimated: bool = False,
    ) -> None:
        """
        Args:
            model: spelling of the language model; None is the offline assistant.
            mode: of approvals.
            session: id of the conversation, once something was said.
            context_tokens: of the conversation as it is sent, estimated.
            tokens: of all turns since this window opened.
            dollars: the same; None where a price is unknown.
            restored: what was said before, where an earlier conversation goes on.
            is_estimated: whether a worst case is in tokens and dollars, for a request that told neither.
        """
        super().__init__()
        self.model = model
        self.mode = mode
        self.session = session
        self.context_tokens = context_tokens
        self.tokens = tokens
        self.dollars = dollars
        self.is_estimated = is_estimated
        self.restored = restored


class ConversationsListed(Message):
    """Earlier conversations, newest first."""

    def __init__(self, conversations: Sequence[SessionRow]) -> None:
        super().__init__()
        self.conversations = conversations


class TrustUnread(Message):
    """Who was worth what could not be read; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class TrustRead(Message):
    """What the record says of who proposed in a study was read."""

    def __init__(self, trust: Trust) -> None:
        super().__init__()
        self.trust = trust


@dataclass(frozen=True, slots=True)
class ImportanceShares:
    """How much each parameter of a study matters, as far as its trials tell."""

    study_id: str
    n_complete: int
    """Complete trials the study had when this was worked out."""
    n_trials: int
    """Those of them that it rests on: no replicates, feasible; a sample where they are thousands."""
    shares: Mapping[str, float]
    """Parameter -> share of 1; empty without."""
    method: str
    """"PED-ANOVA"."""
    n_least: int
    """Trials below which there are no shares."""
    complaint: str = ""
    """Why there are no shares."""


class ImportanceRead(Message):
    """The importance of a study's parameters was worked out, and how its space came to be."""

    def __init__(self, importance: ImportanceShares, edits: Mapping[int, str]) -> None:
        """
        Args:
            importance: of each parameter.
            edits: version of the space -> the edit that led to it.
        """
        super().__init__()
        self.importance = importance
        self.edits = edits


class Broken(Message):
    """A thread met a bug of ours; whoever hears of it ends."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class Recalled(Message):
    """What was typed in earlier windows, oldest first."""

    def __init__(self, texts: Sequence[str]) -> None:
        super().__init__()
        self.texts = texts
