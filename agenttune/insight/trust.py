"""What a study's record says of who proposed in it: what each arm found, what the gate believed, what it cost.

Counted from the trials alone, repeats of a configuration left out. Arms are judged per unit of cost: what an arm found
is told for each minute that its trials took, and under a time budget the gap that its offer must cover at the gate
holds the difference in log cost already. Not for: why one trial ran (answers/why.py).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist, fmean, median
from typing import TYPE_CHECKING

from agenttune.history import StudyView
from agenttune.insight.answers.why import gate_numbers, gate_of
from agenttune.trial import MODEL, SOURCE_WORDS, PredictionSource, Proposal, Trial, TrialState

if TYPE_CHECKING:
    from agenttune.insight.answers.outlook import Outlook
    from agenttune.replies.costs import Costs
    from agenttune.replies.offers import Offers

Z_90 = 1.2816
"""Half of a normal distribution's 80% interval, in standard deviations."""
LEAST_S = 1.0
"""Seconds that an arm's trials took in all, below which an improvement a minute is the timer's noise."""


@dataclass(frozen=True, slots=True)
class ArmRecord:
    """What one arm did."""

    arm: str
    n_trials: int
    n_complete: int
    n_stopped: int
    n_failed: int
    """What is left of `n_trials` is not finished."""
    best: float | None
    """Of its complete feasible trials."""
    n_improved: int
    """How often one of them was the best so far."""
    regret: float | None
    """Median distance of them from the best of the study, at least 0: one that diverged hides no other."""
    seconds: float = 0.0
    """That its finished trials took."""
    gained: float | None = None
    """By how much its trials improved on the best before them, in all, at least 0; the study's first success improved
    on nothing. None where it has no success but that."""

    @property
    def gained_a_minute(self) -> float | None:
        """Improvement for each minute that its trials took; None where there is none to tell, or hardly any time."""
        return None if self.gained is None or self.seconds < LEAST_S else self.gained / self.seconds * 60


@dataclass(frozen=True, slots=True)
class GateRecord:
    """What became of the model's best candidates."""

    n_start: int
    """Ran in turn at the start, judged by nobody."""
    n_believed: int
    """Ran since the gate let them."""
    n_excepted: int
    """Ran although it did not: one trial in ten does."""
    n_rejected: int
    """Did not run: further below the best point that the surrogate found than the slack."""
    n_cut: int
    """Trials before which no candidate came near the surrogate's point."""
    n_vetoed: int
    """Trials before which all candidates near it were too likely to fail."""
    n_floor: int
    """Were the surrogate's own, as one trial in six at least is."""
    n_other: int
    """Ran by TPE or by a small step around the best trial, where the surrogate promised more than it kept."""
    n_without: int
    """Trials before which there was none to judge."""


@dataclass(frozen=True, slots=True)
class Tested:
    """A prediction for one trial and what it measured."""

    number: int
    mean: float
    sd: float | None
    measured: float

    @property
    def is_inside(self) -> bool | None:
        """Whether it measured within the 80% interval; None where there is no interval."""
        return abs(self.measured - self.mean) <= Z_90 * self.sd if self.sd else None


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Predictions of one source against what came."""

    tested: tuple[Tested, ...]
    """In order of number; at least one."""
    n_inside: int
    """Measured within the 80% interval."""
    n_intervals: int
    """Those that have one."""
    bias: float
    """Median of measured minus predicted."""
    error: float
    """Median of that without its sign."""
    crps: float | None
    """Mean continuous ranked probability score of those with an interval, in the metric's unit: an error that counts
    how sure a prediction was, the lower the better."""


@dataclass(frozen=True, slots=True)
class Trust:
    """How far a study's record lets one trust who proposed in it."""

    study_id: str
    metric: str
    n_finished: int
    """Trials finished when this was made."""
    arms: tuple[ArmRecord, ...]
    """The default first, then as they came."""
    gate: GateRecord | None
    """None where no gate judged."""
    by_surrogate: Forecasts | None
    """What the gate's surrogate predicted of the model's points."""
    by_model: Mapping[PredictionSource, Forecasts]
    """What the model predicted of them, by where its numbers come from."""
    slack: float | None
    """Nats that the model has earned by now; None where none proposes."""
    offers: Offers
    """Of the model."""
    refused: Mapping[str, int]
    """Refusals of other arms' proposals by kind."""
    costs: Costs
    active_s: float
    """Seconds that a driver ran."""
    outlook: Outlook
    """Of the next trials."""


def arm_records(view: StudyView) -> tuple[ArmRecord, ...]:
    """What each arm did."""
    trials = [trial for trial in view.trials if trial.replicate_of is None]
    names = sorted(dict.fromkeys(trial.arm for trial in trials), key=lambda name: name != "default")
    steps = view.best_so_far()
    gains = {number: abs(value - steps[at - 1][1]) if at else None for at, (number, value) in enumerate(steps)}
    return tuple(_arm_record(view, name, [t for t in trials if t.arm == name], gains) for name in names)


def _arm_record(view: StudyView, arm: str, trials: Sequence[Trial], gains: Mapping[int, float | None]) -> ArmRecord:
    """Of an arm's trials.

    Args:
        view: the study.
        arm: its name.
        trials: that it proposed.
        gains: by how much each success improved on the best before it; None for the first, which had none before.
    """
    states = Counter(trial.state for trial in trials)
    values = [view.value(trial) for trial in view.ranked() if trial.arm == arm]
    regret = None
    if values and view.incumbent is not None:
        best = view.value(view.incumbent)
        regret = median(abs(best - value) for value in values)
    return ArmRecord(
        arm,
        len(trials),
        states[TrialState.COMPLETE],
        states[TrialState.STOPPED],
        states[TrialState.FAILED],
        values[0] if values else None,
        sum(gains.get(trial.number, 0.0) != 0.0 for trial in trials),
        regret,
        seconds=sum(t.outcome.elapsed_s for t in trials if t.state.is_finished and t.outcome is not None),
        gained=sum(gained) if (gained := [g for t in trials if (g := gains.get(t.number)) is not None]) else None,
    )


def gate_record(view: StudyView) -> GateRecord | None:
    """What the gate did; None where none judged."""
    rules: Counter[tuple[str, bool]] = Counter()
    for trial in view.trials:
        content = gate_of(trial)
        if content is not None and trial.replicate_of is None:
            rules[str(content.get("rule")), trial.arm == MODEL] += 1
    if not rules:
        return None
    return GateRecord(
        n_start=rules["start", True],
        n_believed=rules["slack", True] + rules["unscored", True],
        n_excepted=rules["every tenth", True],
        n_rejected=rules["surrogate", False],
        n_cut=rules["cut", False],
        n_vetoed=rules["veto", False],
        n_floor=rules["floor", False],
        n_other=rules["other arm", False],
        n_without=rules["no candidate", False],
    )


def forecasts_by_surrogate(view: StudyView) -> Forecasts | None:
    """What the gate's surrogate predicted of the model's points, where it is kept, against what they measured."""

    def predicted(trial: Trial) -> tuple[float | None, float | None]:
        numbers = gate_numbers(trial)
        return numbers.get("surrogate_mean"), numbers.get("surrogate_sd")

    return _forecasts(view, predicted)


def forecasts_by_model(view: StudyView) -> dict[PredictionSource, Forecasts]:
    """What the model predicted of its points against what they measured, each source of numbers by itself."""
    found: dict[PredictionSource, Forecasts] = {}
    for source in SOURCE_WORDS:
        forecasts = _forecasts(view, partial(_own_prediction, source))
        if forecasts is not None:
            found[source] = forecasts
    return found


def _own_prediction(source: PredictionSource, trial: Trial) -> tuple[float | None, float | None]:
    proposal = trial.proposal
    if proposal.prediction_source != source:
        return None, None
    return proposal.predicted_mean, proposal.predicted_sd


def _forecasts(view: StudyView, predicted: Callable[[Trial], tuple[float | None, float | None]]) -> Forecasts | None:
    tested = []
    for trial in view.complete:
        if trial.arm != MODEL or trial.replicate_of is not None:
            continue
        mean, sd = predicted(trial)
        if mean is not None:
            tested.append(Tested(trial.number, mean, sd, view.value(trial)))
    if not tested:
        return None
    errors = [entry.measured - entry.mean for entry in tested]
    inside = [entry.is_inside for entry in tested if entry.is_inside is not None]
    scores = [_crps(entry.measured, entry.mean, entry.sd) for entry in tested if entry.sd]
    crps = fmean(scores) if scores else None
    return Forecasts(tuple(tested), sum(inside), len(inside), median(errors), median(map(abs, errors)), crps)


def _crps(measured: float, mean: float, sd: float) -> float:
    """Of a normal prediction (Gneiting and Raftery 2007, section 4.2)."""
    unit, z = NormalDist(), (measured - mean) / sd
    return sd * (z * (2 * unit.cdf(z) - 1) + 2 * unit.pdf(z) - 1 / math.sqrt(math.pi))


def other_refusals(refused: Sequence[tuple[Proposal, str, str]]) -> dict[str, int]:
    """Refusals of all arms but the model's by kind, the most frequent first."""
    return dict(Counter(kind for proposal, kind, _ in refused if proposal.arm != MODEL).most_common())
