"""The digest of a study's history: what a prompt (prompt.py) and a person are told, as a record.

Bounded: every list has a most, every foreign text is quoted and capped (quoting.py), and configurations are those
of the current space. Deterministic in the view. Not for: words around it (prompts/), or its length in tokens
(prompt.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from statistics import median, variance
from typing import cast

from agenttune.history import StudyView
from agenttune.history.view import ConfigKey, config_key
from agenttune.insight.answers.why import gate_of
from agenttune.insight.quoting import (
    cells,
    digits_to_tell_apart,
    quote,
    round_value,
    runs,
    shown_config,
    spell_json,
    spell_number,
    spell_value,
    spell_values,
)
from agenttune.insight.records import (
    Best,
    Calibration,
    Digest,
    Expectation,
    Hint,
    Noise,
    Row,
    Rule,
    TrendLine,
)
from agenttune.insight.regions import Region, bad_regions
from agenttune.insight.trends import Trend, trends
from agenttune.replies.prediction import Z_90
from agenttune.space import Space
from agenttune.trial import MODEL, FailureKind, Trial, TrialState
from agenttune.types import Config

N_TOP, N_LATEST, N_WORST, N_PENDING = 5, 8, 2, 8
N_RULES, N_TRENDS, N_MESSAGES, N_REFUSED, N_NOTES = 4, 12, 3, 4, 3
"""Most rows of each list."""
MOST_TEXT = 160
"""Characters of a message, reason or note."""
N_PREDICTIONS = 50
"""Latest predictions of the model that are compared with what was measured."""
WINDOW = 1_000
"""Latest finished trials that rules of bad regions look at."""
MOST_FAILURES = 20
"""Latest failures whose messages are looked at."""
MOST_RUNS = 12
"""Runs of trial numbers that are listed; of more, the last ones."""
MOST_TRIED = 4
"""Trials that are looked at for each row wanted, where some cannot be shown."""
_NUMBER = re.compile(r"[0-9]+")


def digest(view: StudyView, *, surrogate_hint: Hint | None = None, since: Collection[int] | None = None) -> Digest:
    """The digest of a view.

    Args:
        view: the study.
        surrogate_hint: the surrogate's own next point, with what it should measure.
        since: numbers of trials that were finished when the reader was last told; only what is new since then is
            in the lists `latest`, `messages`, `refused` and `notes`. None: everything is new.
    """
    ranked = view.ranked()
    told = frozenset(since or ())
    new = [trial for trial in reversed(view.finished) if trial.number not in told]
    digits = digits_to_tell_apart([view.value(trial) for trial in ranked[:N_TOP]])
    rows = _Rows(view, digits)
    top = rows.first(ranked, N_TOP) if since is None else ()
    worst = rows.first(ranked[: N_TOP - 1 : -1], N_WORST) if since is None else ()
    shown = {row.number for row in (*top, *worst)}
    latest = rows.first((trial for trial in new if trial.number not in shown), N_LATEST)
    n_used = sum(trial.in_budget for trial in view.trials)
    n_infeasible = 0 if not view.goal.parsed else sum(not view.is_feasible(trial) for trial in view.complete)
    window = view.finished[-WINDOW:]
    found = trends(view, ranked)
    return Digest(
        finished=_numbers([trial.number for trial in view.finished]),
        n_complete=len(view.complete),
        n_stopped=sum(trial.state is TrialState.STOPPED for trial in view.finished),
        n_failed=len(view.failed),
        n_infeasible=n_infeasible,
        n_used=n_used,
        n_left=None if view.budget_trials is None else max(view.budget_trials - n_used, 0),
        n_hidden=len(rows.hidden),
        best=_best(view, digits),
        header=_header(view.space),
        top=top,
        worst=worst,
        latest=latest,
        pending=rows.first(view.pending, N_PENDING),
        failed_rules=_failed_rules(view, window),
        infeasible_rules=_infeasible_rules(view, window) if n_infeasible else (),
        n_window=len(window),
        messages=_messages(new),
        trends=() if found is None else tuple(_trend_line(view, t, digits) for t in found.trends[:N_TRENDS]),
        n_trends=0 if found is None else found.n_trials,
        hint=None if surrogate_hint is None else _expectation(view, surrogate_hint, digits),
        refused=_refused(view, since),
        calibration=_calibration(view),
        noise=_noise(view),
        notes=_notes(new),
    )


class _Rows:
    """Makes rows of trials, and remembers which it could not make."""

    def __init__(self, view: StudyView, digits: int) -> None:
        self.view, self.digits = view, digits
        self.hidden: set[int] = set()

    def first(self, trials: Iterable[Trial], most: int) -> tuple[Row, ...]:
        """Rows of the first trials that can be shown."""
        rows: list[Row] = []
        for trial in islice(trials, MOST_TRIED * most):
            row = self._row(trial)
            if row is not None:
                rows.append(row)
            if len(rows) == most:
                break
        return tuple(rows)

    def _row(self, trial: Trial) -> Row | None:
        config = self.view.adapted(trial)
        shown = None if config is None else shown_config(self.view.space, config)
        if shown is None:
            if trial.state.is_finished:
                self.hidden.add(trial.number)
            return None
        return Row(trial.number, trial.arm, _result(self.view, trial, self.digits), cells(self.view.space, shown))


def _result(view: StudyView, trial: Trial, digits: int) -> str:
    if trial.failure is not None:
        return f"failed ({trial.failure.kind})"
    value = trial.value(view.goal.metric)
    if not trial.state.is_finished or value is None:
        return str(trial.state)
    text = spell_number(value, digits)
    if trial.state is TrialState.STOPPED:
        return f"{text} (stopped early)"
    if trial.replicate_of is not None:
        return f"{text} (repeat of {trial.replicate_of})"
    return text if view.is_feasible(trial) else f"{text} (infeasible)"


def _numbers(numbers: Sequence[int]) -> str:
    found = runs(numbers)
    listed = [f"{first}" if first == last else f"{first}-{last}" for first, last in found[-MOST_RUNS:]]
    return ", ".join([*(["..."] if len(found) > MOST_RUNS else []), *listed]) or "none"


def _header(space: Space) -> str:
    return f"[{','.join(spell_values(space.columns))}]"


def _best(view: StudyView, digits: int) -> Best | None:
    trial = view.incumbent
    if trial is None:
        return None
    config = view.adapted(trial)
    shown = None if config is None else shown_config(view.space, config)
    default = default_trial(view)
    value = view.value(trial)
    base = None if default is None else default.value(view.goal.metric)
    return Best(
        number=trial.number,
        arm=trial.arm,
        value=spell_number(value, digits),
        config=None if shown is None else spell_json(shown),
        n_since=sum(other.number > trial.number for other in view.finished),
        default_number=None if default is None else default.number,
        default_value=None if base is None else spell_number(base, digits),
        gain=None if base is None else spell_number(view.goal.sign * (value - base), 3),
        changed=None if config is None or default is None else _changed(view, default, config),
    )


def default_trial(view: StudyView) -> Trial | None:
    """The first COMPLETE trial of the default configuration."""
    wanted = None if view.default is None else config_key(view.default)
    for trial in view.complete:
        if trial.proposal.arm == "default" or (wanted is not None and config_key(trial.config) == wanted):
            return trial
    return None


def _changed(view: StudyView, default: Trial, config: Config) -> str:
    names = [name for name in view.space.columns if config.get(name) != default.config.get(name)]
    return ", ".join([*spell_values(names[:N_TRENDS]), *(["..."] if len(names) > N_TRENDS else [])])


def _failed_rules(view: StudyView, window: Sequence[Trial]) -> tuple[Rule, ...]:
    """Regions where trials fail; lost ones are not their configuration's fault."""
    bad = [trial for trial in window if trial.failure is not None and trial.failure.kind is not FailureKind.LOST]
    good = [trial for trial in window if trial.failure is None]
    return _rules(view, good, [(trial, str(trial.failure.kind)) for trial in bad if trial.failure is not None])


def _infeasible_rules(view: StudyView, window: Sequence[Trial]) -> tuple[Rule, ...]:
    complete = [trial for trial in window if trial.state is TrialState.COMPLETE]
    good = [trial for trial in complete if view.is_feasible(trial)]
    return _rules(view, good, [(trial, "infeasible") for trial in complete if not view.is_feasible(trial)])


def _rules(view: StudyView, good: Sequence[Trial], bad: Sequence[tuple[Trial, str]]) -> tuple[Rule, ...]:
    fine = [config for trial in good if (config := view.adapted(trial)) is not None]
    placed = [(config, kind) for trial, kind in bad if (config := view.adapted(trial)) is not None]
    found = bad_regions(view.space, fine, [config for config, _ in placed], [kind for _, kind in placed])
    return tuple(_rule(region) for region in found[:N_RULES])


def _rule(region: Region) -> Rule:
    kinds = ", ".join(f"{kind} {n}" for kind, n in region.kinds)
    return Rule(spell_value(region.name), region.relation, spell_value(region.value), region.n_bad, region.n, kinds)


def _messages(new: Sequence[Trial]) -> tuple[str, ...]:
    lines: dict[str, str] = {}
    for trial in islice((trial for trial in new if trial.failure is not None), MOST_FAILURES):
        if trial.failure is not None and len(lines) < N_MESSAGES:
            message = quote(trial.failure.message, MOST_TEXT)
            lines.setdefault(_NUMBER.sub("0", message), f"trial {trial.number} ({trial.failure.kind}): {message}")
    return tuple(lines.values())


def _notes(new: Sequence[Trial]) -> tuple[str, ...]:
    found = ((trial, note) for trial in new for note in reversed(trial.notes))
    return tuple(f"trial {trial.number}: {quote(note, MOST_TEXT)}" for trial, note in islice(found, N_NOTES))


def _trend_line(view: StudyView, trend: Trend, digits: int) -> TrendLine:
    parameter = view.space.parameters[trend.name]
    correlation = trend.correlation
    low, high = (
        (None, None) if trend.span is None else (spell_value(round_value(parameter, value)) for value in trend.span)
    )
    return TrendLine(
        name=spell_value(trend.name),
        share=None if trend.share is None else f"{100 * trend.share:.0f}",
        direction=None if correlation is None else "higher" if correlation > 0 else "lower",
        correlation=None if correlation is None else f"{correlation:+.2f}",
        low=low,
        high=high,
        choice=None if trend.choice is None else spell_value(trend.choice),
        choice_median=None if trend.choice_median is None else spell_number(trend.choice_median, digits),
        rest_median=None if trend.rest_median is None else spell_number(trend.rest_median, digits),
    )


def _expectation(view: StudyView, hint: Hint, digits: int) -> Expectation | None:
    shown = shown_config(view.space, hint.config)
    if shown is None:
        return None
    return Expectation(spell_json(shown), spell_number(hint.mean, digits), spell_number(hint.sd, 2))


def _refused(view: StudyView, since: Collection[int] | None) -> tuple[str, ...]:
    """What of the model's was refused or vetoed, latest first; `seen_trials` tells what was known at the verdict."""
    n_told = 0 if since is None else len(since)
    entries = [(len(p.seen_trials), p.config, kind, why) for p, kind, why in view.refused if p.arm == MODEL]
    entries += _vetoed(view)
    told: dict[str, None] = {}  # a model that draws again may offer one config several times in a row
    for n_seen, config, kind, reason in sorted(entries, key=lambda entry: entry[0])[::-1]:
        if n_seen < n_told or len(told) == N_REFUSED:
            break
        told.setdefault(_refusal(view, config, kind, reason))
    return tuple(told)


def _vetoed(view: StudyView) -> Iterator[tuple[int, Config, str, str]]:
    """Candidates that the gate did not run since they would probably fail, each as it was judged last."""
    latest: dict[ConfigKey, tuple[int, Config, str, str]] = {}
    for trial in view.trials:
        content = (gate_of(trial) or {}).get("vetoed")
        for entry in content if isinstance(content, list) else []:
            if isinstance(entry, dict) and isinstance(entry.get("config"), dict):
                config = cast("Config", entry["config"])
                latest[config_key(config)] = (
                    len(trial.proposal.seen_trials),
                    config,
                    "vetoed",
                    str(entry.get("reason")),
                )
    yield from latest.values()


def _refusal(view: StudyView, of: Config, kind: str, reason: str) -> str:
    config = shown_config(view.space, of)
    which = "" if config is None else f" {cells(view.space, config)}"
    return f"{quote(kind, 20)[1:-1]}{which}: {quote(reason, MOST_TEXT)}"


def _calibration(view: StudyView) -> Calibration | None:
    """Of the model's own predictions, not of the surrogate's."""
    pairs: list[tuple[float, float | None, float]] = []
    for trial in reversed(view.complete):
        if len(pairs) == N_PREDICTIONS:
            break
        told = trial.proposal
        if told.arm == MODEL and told.prediction_source == "verbal" and told.predicted_mean is not None:
            pairs.append((told.predicted_mean, told.predicted_sd, view.value(trial)))
    if not pairs:
        return None
    n_inside = sum(sd is not None and abs(mean - value) <= Z_90 * sd for mean, sd, value in pairs)
    bias = median(mean - value for mean, _, value in pairs)
    error = median(abs(mean - value) for mean, _, value in pairs)
    return Calibration(len(pairs), n_inside, f"{bias:+.2g}", spell_number(error, 2))


def _noise(view: StudyView) -> Noise | None:
    """Pooled standard deviation of repeats."""
    groups: dict[int, list[float]] = {}
    for trial in view.complete:
        if trial.replicate_of is not None:
            groups.setdefault(trial.replicate_of, []).append(view.value(trial))
    if not groups:
        return None
    for trial in view.complete:
        if trial.number in groups:
            groups[trial.number].append(view.value(trial))
    several = [values for values in groups.values() if len(values) > 1]
    if not several:
        return None
    n_runs = sum(len(values) for values in several)
    try:
        pooled = sum(variance(values) * (len(values) - 1) for values in several) / (n_runs - len(several))
    except OverflowError:  # values near the largest float
        return None
    return Noise(spell_number(pooled**0.5, 2), len(several), n_runs)
