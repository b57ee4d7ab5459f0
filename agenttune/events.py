"""One small dataclass per thing that happens in a study; stored in the transaction of what they announce.

Consumed alike by the command line (`--json`), the TUI and `on_event=` of Python callers.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TypeAlias, get_args

from agenttune.types import Config, Json, Metrics


@dataclass(frozen=True, slots=True)
class StudyChanged:
    """The study got another state."""

    state: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TrialProposed:
    """A trial was added, WAITING."""

    number: int
    arm: str
    reason: str
    config: Config
    predicted_mean: float | None = None
    predicted_sd: float | None = None
    replicate_of: int | None = None
    gate: dict[str, Json] | None = None
    """Rule, numbers and sentence, where a gate decided."""


@dataclass(frozen=True, slots=True)
class ProposalRefused:
    """A proposal was not run."""

    arm: str
    config: Config
    kind: str
    """"invalid", "duplicate", ..."""
    reason: str


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """A trial started to run."""

    number: int
    attempt: int


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """An attempt ended without outcome or failure; its trial waits again, or failed as lost."""

    number: int
    attempt: int
    state: str
    """"died" or "orphaned"."""
    reason: str


@dataclass(frozen=True, slots=True)
class TrialReported:
    """A running trial measured something."""

    number: int
    step: int
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class TrialFinished:
    """A trial got its final state."""

    number: int
    state: str
    values: Metrics = field(default_factory=dict)
    elapsed_s: float | None = None
    failure_kind: str | None = None
    failure: str | None = None
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class SpaceEdited:
    """The study has a new version of its space; since `StudyEdited` is there, only in older records."""

    version: int
    summary: str


@dataclass(frozen=True, slots=True)
class StudyEdited:
    """The study was edited, or an edit of it undone, which is an edit as well."""

    edit_id: int
    """1, 2, ... within the study."""
    edit: dict[str, Json]
    inverse: dict[str, Json]
    """The edit that undoes it."""
    summary: str
    diff: dict[str, Json]
    """What changed and what became of trials: {"lines": [{"what", "old", "new"}], "effects": [sentence]}."""
    version: int | None = None
    """Of the space that it led to; None where the space stayed."""
    undoes: int | None = None
    """The edit that it takes back."""
    by: str = "a person"

    @property
    def sentence(self) -> str:
        """What it is: "edit 3 (space version 2): lr: to 0.01"."""
        space = "" if self.version is None else f" (space version {self.version})"
        undoing = "" if self.undoes is None else f"edit {self.undoes} undone: "
        return f"edit {self.edit_id}{space}: {undoing}{self.summary}"

    @property
    def effects(self) -> list[str]:
        """What became of trials, in sentences."""
        told = self.diff.get("effects")
        return [str(sentence) for sentence in told] if isinstance(told, list) else []


@dataclass(frozen=True, slots=True)
class VariantAdded:
    """The study has code that it can run from here on: a new choice of `variant`, in a new version of the space."""

    name: str
    idea: str
    """What it tries, in the model's words; "" for the user's own code."""
    parent: str | None
    version: int
    """Of the space that it led to."""

    @property
    def sentence(self) -> str:
        """What it is: "v3: fit the residual (from v1)"."""
        return f"{self.name}: {self.idea or 'the code as it is'}{f' (from {self.parent})' if self.parent else ''}"


@dataclass(frozen=True, slots=True)
class CodeRefused:
    """Code of a model was not taken, and never ran."""

    kind: str
    """One of `agenttune.variant.RefusedKind`."""
    reason: str
    parent: str
    """The variant it was to change."""

    @property
    def sentence(self) -> str:
        """What it is: "a block for v1 was refused (changed-interface): ..."."""
        return f"a block for {self.parent} was refused ({self.kind}): {self.reason}"


@dataclass(frozen=True, slots=True)
class ControlAnswered:
    """What became of a control (pause, stop, add, edit, undo)."""

    control_id: int
    kind: str
    accepted: bool
    answer: str


@dataclass(frozen=True, slots=True)
class ProposerChosen:
    """`auto` decided who proposes from here on, or a proposer had to be replaced."""

    proposer: str
    reason: str


@dataclass(frozen=True, slots=True)
class BudgetChanged:
    """What the study may spend in all was set anew."""

    before: dict[str, Json]
    after: dict[str, Json]


@dataclass(frozen=True, slots=True)
class DriverChanged:
    """Another driver asks the study's model from here on; a request that was under way counts as never asked."""

    n_trials: int


@dataclass(frozen=True, slots=True)
class ModelAsked:
    """A question to the study's model was written, knowing what was visible at this moment."""

    number: int
    """Of the trial that was to be proposed."""
    latency_s: float
    """How long a trial waits for the answer."""


@dataclass(frozen=True, slots=True)
class ModelAnswered:
    """A request to a language model came to its end, for better or worse."""

    exchange_id: int | None
    """None: it was not sent, since a budget would be passed; announced once until the model is asked again."""
    model: str
    verdict: str
    """One of `agenttune.exchange.VERDICTS`."""
    why: str | None = None
    n_candidates: int = 0
    """Configurations of the reply that may be run."""
    latency_s: float | None = None
    dollars: float | None = None
    """None when the price is unknown."""
    reused_from: str | None = None
    """The exchange of another study whose reply this is; nothing was sent then."""

    @property
    def sentence(self) -> str:
        """What came of it: "the model offered 4 candidates in 3.2 s"."""
        took = "" if self.latency_s is None else f" in {self.latency_s:.1f} s"
        if self.reused_from is not None:
            took = f", read in {self.reused_from}"
        cost = f" for ${self.dollars:.4f}" if self.dollars else ""
        if self.n_candidates:
            plural = "s" if self.n_candidates > 1 else ""
            return f"the model offered {self.n_candidates} candidate{plural}{took}{cost}"
        if self.verdict in ("used", "repaired"):  # of a question about code: what came of it has events of its own
            return f"the model answered{took}{cost}"
        if self.exchange_id is None:
            return f"the model was not asked ({self.verdict}), and trials go on{f': {self.why}' if self.why else ''}"
        return f"the model gave nothing to run ({self.verdict}){took}{cost}{f': {self.why}' if self.why else ''}"


@dataclass(frozen=True, slots=True)
class HeldOutScored:
    """The winner and the default were scored on data that tuning never saw."""

    metric: str
    best: float
    best_trial: int
    default: float | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """A note was added, to a trial or to the study."""

    text: str
    number: int | None = None


Event: TypeAlias = (
    StudyChanged
    | TrialProposed
    | ProposalRefused
    | AttemptStarted
    | AttemptEnded
    | TrialReported
    | TrialFinished
    | SpaceEdited
    | StudyEdited
    | VariantAdded
    | CodeRefused
    | ControlAnswered
    | ProposerChosen
    | BudgetChanged
    | DriverChanged
    | ModelAsked
    | ModelAnswered
    | HeldOutScored
    | Noted
)

EVENT_TYPES: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}
"""Event name -> class, as stored and as printed by `--json`."""


def event_to_json(event: Event) -> dict[str, Json]:
    """`{"event": "TrialProposed", ...fields}`."""
    return {"event": type(event).__name__, **asdict(event)}
