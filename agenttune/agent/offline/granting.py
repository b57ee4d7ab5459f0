"""Rules for what a study may spend and when it ends: trials, time, money, workers, limits of one trial, a target."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agenttune.agent.offline.amounts import bytes_of, read_amount, seconds_of
from agenttune.agent.offline.editing import edit
from agenttune.agent.offline.known import Known
from agenttune.agent.offline.looking import count
from agenttune.agent.offline.understood import Call
from agenttune.budget import Budget
from agenttune.cards.metrics import SHARES
from agenttune.errors import RequestNotUnderstood, UserError
from agenttune.insight.quoting import quote
from agenttune.spec import StudyRow, TrialLimits
from agenttune.types import Json

Said = Mapping[str, str]


def _granted(known: Known, **bounds: Json) -> Call:
    """Bounds of the whole study; one that has ended goes on if they are trials or seconds, and more than before."""
    _require(Budget, bounds)
    if known.row is not None and known.row.state.is_ended and bounds.keys() <= {"trials", "seconds"}:
        before = {name: getattr(known.row.spec.budget, name) for name in bounds}
        if all(before[name] is not None and value > before[name] for name, value in bounds.items()):
            return Call("resume_study", dict(bounds))
    return edit("set_budget", **bounds)


def _require(limits: type[Budget] | type[TrialLimits], bounds: dict[str, Json]) -> None:
    """Asks back where a bound cannot be."""
    try:
        limits(**bounds)  # type: ignore[arg-type]  # it says which is of the wrong type
    except UserError as error:
        raise RequestNotUnderstood(str(error)) from None


def _trials_now(known: Known) -> int:
    if known.view.budget_trials is None:
        raise RequestNotUnderstood('this study has no bound on trials: say "50 trials in all" to set one')
    return known.view.budget_trials


def _more_trials(known: Known, said: Said) -> Call:
    return _granted(known, trials=_trials_now(known) + count(said["count"], least=1))


def _fewer_trials(known: Known, said: Said) -> Call:
    now, fewer = _trials_now(known), count(said["count"], least=1)
    if fewer >= now:
        raise RequestNotUnderstood(f"the study may run {now} trials in all, so that {fewer} fewer would leave none")
    return edit("set_budget", trials=now - fewer)


def _total_trials(known: Known, said: Said) -> Call:
    return _granted(known, trials=count(said["count"], least=1))


def _go_on_for(known: Known, said: Said) -> Call:
    return Call("resume_study", {"trials": _trials_now(known) + count(said["count"], least=1)})


def _double_trials(known: Known, said: Said) -> Call:
    return _granted(known, trials=2 * _trials_now(known))


def _double_budget(known: Known, said: Said) -> Call:
    """Every bound that there is, doubled: which needs all of them."""
    budget = _row(known).spec.budget
    names = ("trials", "seconds", "tokens", "dollars", "requests")
    bounds = {name: 2 * value for name in names if (value := getattr(budget, name)) is not None}
    if not bounds:
        raise RequestNotUnderstood('this study has no bounds to double: say "50 trials in all" to set one')
    return _granted(known, **bounds)


def _more_time(known: Known, said: Said) -> Call:
    now = _row(known).spec.budget.seconds
    if now is None:
        raise RequestNotUnderstood('this study has no bound on its time: say "at most 2 hours in all" to set one')
    span = said.get("duration") or f"{said['count']} {said['unit']}"
    return _granted(known, seconds=now + seconds_of(span))


def _total_time(known: Known, said: Said) -> Call:
    return _granted(known, seconds=seconds_of(said["duration"]))


def _row(known: Known) -> StudyRow:
    if known.row is None:
        raise RequestNotUnderstood('I do not know the bounds of this study: give them as totals, "50 trials in all"')
    return known.row


def _dollars(known: Known, said: Said) -> Call:
    return _granted(known, dollars=float(read_amount(said["amount"]).value))


def _requests(known: Known, said: Said) -> Call:
    return _granted(known, requests=count(said["count"]))


def _tokens(known: Known, said: Said) -> Call:
    return _granted(known, tokens=count(said["count"]))


def _trial_seconds(known: Known, said: Said) -> Call:
    return _limited(seconds=seconds_of(said["duration"]))


def _trial_memory(known: Known, said: Said) -> Call:
    return _limited(memory_bytes=bytes_of(said["size"]))


def _limited(**limits: Json) -> Call:
    _require(TrialLimits, limits)
    return edit("set_trial_limit", **limits)


def _workers(known: Known, said: Said) -> Call:
    return edit("set_workers", workers=count(said["count"], least=1))


def _more_workers(known: Known, said: Said) -> Call:
    return edit("set_workers", workers=_row(known).spec.workers + count(said["count"], least=1))


def _no_bound(name: str) -> Callable[[Known, Said], Call]:
    return lambda known, said: edit("set_budget", lifted=[name])


def _target(known: Known, said: Said) -> Call:
    """ "stop at accuracy 0.95": only the goal's metric can be one."""
    goal = known.view.goal.metric
    called = said.get("metric") or goal
    if known.metrics_called(called) != [goal]:
        raise RequestNotUnderstood(f"the target is one of `{goal}`, which this study improves, not of {quote(called)}")
    value = float(known.metric_number(goal, said["amount"], called=called))
    is_ours = known.row is not None and known.row.spec.objective.get("type") == "estimator"
    if is_ours and goal in SHARES and value > 1:
        raise RequestNotUnderstood(
            f"`{goal}` is at most 1: say {value / 100:g} for {value:g} %", fragments=(said["amount"],)
        )
    return edit("set_target", value=value)


RULES: dict[str, Callable[[Known, Said], Call]] = {
    "more_trials": _more_trials,
    "fewer_trials": _fewer_trials,
    "total_trials": _total_trials,
    "go_on_for": _go_on_for,
    "double_trials": _double_trials,
    "double_budget": _double_budget,
    "more_time": _more_time,
    "total_time": _total_time,
    "no_time": _no_bound("seconds"),
    "dollars": _dollars,
    "requests": _requests,
    "tokens": _tokens,
    "trial_seconds": _trial_seconds,
    "trial_memory": _trial_memory,
    "workers": _workers,
    "more_workers": _more_workers,
    "target": _target,
    "no_target": lambda known, said: edit("set_target", value=None),
}
