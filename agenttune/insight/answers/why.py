"""Why a trial was run, and what came of it compared with what was known and predicted then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from agenttune.history import StudyView, config_key
from agenttune.insight.answers.answer import Answer, Difference, differences, trial_of
from agenttune.insight.answers.distance import nearest
from agenttune.trial import MODEL, SOURCE_WORDS, Trial
from agenttune.types import Config, Json, Scalar, is_number

if TYPE_CHECKING:
    from agenttune.surrogate import Surrogate

GATE = "gate"
"""Key of the gate's part in `Proposal.memory`, as proposers/round.py writes it."""
LEVEL = 0.01
"""Nats up to which two scores are told as the same."""
LIKELY = 0.5
"""Probability of success from which a configuration that never ran can have been right."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the gate said."""

    rule: str
    sentence: str
    numbers: dict[str, float]
    """As it kept them: log EI in nats, slack, how many candidates."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What one arm would have run."""

    arm: str
    config: dict[str, Scalar]
    ran: bool
    mean: float
    """As the surrogate expected it then."""
    sd: float
    log_ei: float
    feasibility: float
    """Probability of success."""
    measured: float | None
    """By the trial that did run this configuration, whenever."""
    measured_in: int | None
    """Its number."""
    hindsight_mean: float | None
    """As the surrogate expects it now; None without one, or where the space has no place for it any more."""
    hindsight_sd: float | None
    seconds: float | None = None
    """What it was expected to take; None where durations said nothing."""
    failed_in: int | None = None
    """Number of the trial in which this configuration failed or broke a constraint of the goal; None where none did."""
    is_infeasible: bool = False
    """Whether it was the constraint."""
    hindsight_feasibility: float = 1.0
    """Probability of success as it is known now."""

    @property
    def in_hindsight(self) -> float | None:
        """What it is worth by all that is known now; None where that is nothing, or nothing is known."""
        if self.measured is not None:
            return self.measured
        is_feasible = self.failed_in is None and self.hindsight_feasibility >= LIKELY
        return self.hindsight_mean if is_feasible else None


@dataclass(frozen=True, slots=True)
class Right:
    """Which arm was right in hindsight."""

    arm: str
    lead: float | None
    """By how much its configuration is better than the one that ran; 0 where that is its own, None where it failed."""
    is_sure: bool
    """Whether the lead is more than the standard deviation of what it rests on."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A prediction and what came."""

    by: str
    mean: float
    sd: float | None
    error: float | None
    """Measured minus predicted; None before it is measured."""
    deviations: float | None
    """The error in standard deviations."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A trial that was known then."""

    number: int
    value: float | None
    gain: float | None
    """How much better this trial came out; negative: worse. None where either has no value."""
    changed: tuple[Difference, ...]
    """What differs: this trial's value, the earlier one's."""


@dataclass(frozen=True, slots=True)
class WhyTrial(Answer):
    """Why trial `number` was run."""

    template: ClassVar[str] = "why"
    number: int
    state: str
    arm: str
    reason: str
    config: dict[str, Scalar]
    metric: str
    value: float | None
    is_feasible: bool
    failure: str | None
    """Kind and message."""
    gate: Judged | None
    predictions: tuple[Prediction, ...]
    incumbent: Earlier | None
    """The best trial then."""
    nearest: Earlier | None
    """The nearest of the trials that were finished then."""
    nearest_distance: float | None
    """From 0 to 1 (Gower)."""
    offers: tuple[Offered, ...] = ()
    """What every arm would have run, that of the surrogate first; empty where no gate judged, or an older one."""
    right: Right | None = None
    """None where there was nothing to choose, or nothing is known of it."""
    best_score: float | None = None
    """Nats of the best point that the surrogate found, from which the gate measures; None where it offers that one."""


def why_trial(view: StudyView, number: int, surrogate: Surrogate | None = None) -> WhyTrial:
    """Why a trial was run.

    Args:
        view: the study.
        number: of the trial.
        surrogate: fitted to the view, for what would have come of the rest.

    Raises:
        UserError: there is no such trial.
    """
    trial = trial_of(view, number)
    value = trial.value(view.goal.metric)
    before = _known_then(view, trial)
    best = next((other for other in view.ranked() if other in before), None)
    config = view.adapted(trial)
    near = None if config is None else nearest(view, config, before)
    failure = None if trial.failure is None else f"{trial.failure.kind.value}: {trial.failure.message}"
    offers = _offers(view, trial, surrogate)
    return WhyTrial(
        number,
        trial.state.value,
        trial.arm,
        trial.reason,
        dict(trial.config),
        view.goal.metric,
        value,
        trial.failure is None and (trial.outcome is None or view.is_feasible(trial)),
        failure,
        gate=_judged(trial),
        predictions=_predictions(trial, value),
        incumbent=None if best is None else _earlier(view, trial, best),
        nearest=None if near is None else _earlier(view, trial, near[0]),
        nearest_distance=None if near is None else near[1],
        offers=offers,
        right=_right(view, offers),
        best_score=_best_score(trial, offers),
    )


def gate_of(trial: Trial) -> dict[str, Json] | None:
    """What the gate kept of its verdict; None where no gate judged."""
    content = trial.proposal.memory.get(GATE)
    return content if isinstance(content, dict) else None


def gate_numbers(trial: Trial) -> dict[str, float]:
    """The numbers among it."""
    return {name: value for name, value in (gate_of(trial) or {}).items() if is_number(value)}


def _offers(view: StudyView, trial: Trial, surrogate: Surrogate | None) -> tuple[Offered, ...]:
    content = (gate_of(trial) or {}).get("arms")
    entries = [
        entry
        for entry in (content if isinstance(content, list) else [])
        if isinstance(entry, dict) and _is_config(entry.get("config"))
    ]
    ran = _ran(trial, entries)
    found = []
    for position, entry in enumerate(entries):
        config = cast("dict[str, Scalar]", entry["config"])
        numbers = [entry.get(name) for name in ("mean", "sd", "log_ei", "feasibility")]
        if not all(map(is_number, numbers)):
            continue
        mean, sd, log_ei, feasibility = cast("list[float]", numbers)
        placed = view.placed(config, trial.proposal.space_version)
        now: tuple[float | None, float | None, float] = (None, None, 1.0)
        if surrogate is not None and placed is not None:
            means, sds = surrogate.predict([placed])
            now = float(means[0]), float(sds[0]), float(surrogate.feasibility([placed])[0])
        key = config_key(config)
        runs = [t for t in view.finished if config_key(t.config) == key]
        run = next((t for t in runs if t.value(view.goal.metric) is not None and view.is_feasible(t)), None)
        broken = next((t for t in runs if view.is_broken(t)), None)
        offered = Offered(
            str(entry.get("arm")),
            config,
            position == ran,
            mean,
            sd,
            log_ei,
            feasibility,
            measured=None if run is None else view.value(run),
            measured_in=None if run is None else run.number,
            hindsight_mean=now[0],
            hindsight_sd=now[1],
            seconds=seconds if is_number(seconds := entry.get("seconds")) else None,
            failed_in=None if broken is None else broken.number,
            is_infeasible=broken is not None and broken.failure is None,
            hindsight_feasibility=now[2],
        )
        found.append(offered)
    return tuple(found)


def _is_config(content: Json) -> bool:
    return isinstance(content, dict) and all(isinstance(value, bool | int | float | str) for value in content.values())


def _ran(trial: Trial, entries: Sequence[dict[str, Json]]) -> int | None:
    """Position of the offer that ran: that of its arm, where several arms offered the same configuration."""
    key = config_key(trial.config)
    same = [k for k, entry in enumerate(entries) if config_key(cast("Config", entry["config"])) == key]
    return next((k for k in same if entries[k].get("arm") == trial.arm), same[0] if same else None)


def _best_score(trial: Trial, offers: Sequence[Offered]) -> float | None:
    """The surrogate offers another point where it searches with a prior, looks around, or TPE proposes for it."""
    found = gate_numbers(trial).get("log_ei_surrogate")
    return found if found is not None and offers and found > offers[0].log_ei + LEVEL else None


def _right(view: StudyView, offers: Sequence[Offered]) -> Right | None:
    ran = next((offer for offer in offers if offer.ran), None)
    n_different = len({config_key(offer.config) for offer in offers})
    known = [(view.goal.sign * value, offer) for offer in offers if (value := offer.in_hindsight) is not None]
    if ran is None or not known or n_different < 2 or (ran.in_hindsight is None and ran.failed_in is None):
        return None
    value, best = max(known, key=lambda entry: (entry[0], entry[1].ran))
    if ran.in_hindsight is None:
        return Right(best.arm, None, is_sure=best.measured is not None)
    lead = value - view.goal.sign * ran.in_hindsight
    spread = [offer.hindsight_sd or 0.0 for offer in (best, ran) if offer.measured is None]
    return Right(best.arm, lead, lead > max(spread, default=0.0))


def _known_then(view: StudyView, trial: Trial) -> list[Trial]:
    """Trials that were finished when it was proposed; those that had ended by then where that is not recorded."""
    seen = set(trial.proposal.seen_trials)

    def was_known(other: Trial) -> bool:
        if seen:
            return other.number in seen
        return other.number < trial.number and other.ended_at is not None and other.ended_at <= trial.created_at

    return [other for other in view.finished if was_known(other)]


def _earlier(view: StudyView, trial: Trial, other: Trial) -> Earlier:
    value, then = trial.value(view.goal.metric), other.value(view.goal.metric)
    gain = None if value is None or then is None else view.goal.sign * (value - then)
    return Earlier(other.number, then, gain, differences(trial.config, other.config))


def _predictions(trial: Trial, value: float | None) -> tuple[Prediction, ...]:
    """What the proposer predicted, and for a model's candidate what the gate's surrogate did."""
    proposal, found = trial.proposal, []
    if proposal.predicted_mean is not None:
        by = trial.arm if proposal.prediction_source is None else SOURCE_WORDS[proposal.prediction_source]
        found.append(_against(by, proposal.predicted_mean, proposal.predicted_sd, value))
    numbers = gate_numbers(trial)
    if trial.arm == MODEL and "surrogate_mean" in numbers:
        mean, sd = numbers["surrogate_mean"], numbers.get("surrogate_sd")
        found.append(_against("by the gate's surrogate", mean, sd, value))
    return tuple(found)


def _against(by: str, mean: float, sd: float | None, value: float | None) -> Prediction:
    error = None if value is None else value - mean
    return Prediction(by, mean, sd, error, None if error is None or not sd else error / sd)


def _judged(trial: Trial) -> Judged | None:
    content = gate_of(trial)
    if content is None:
        return None
    return Judged(str(content.get("rule")), str(content.get("sentence")), gate_numbers(trial))
