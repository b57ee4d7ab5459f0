"""What a study came to: as one JSON object, and as a few lines for people. Computed from the record.

Not for: events on the way there (displays.py).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import cast

from agenttune.cli.console import put_labelled
from agenttune.cli.format import config, number, seconds
from agenttune.history import StudyView
from agenttune.insight.answers.failed import alike
from agenttune.replies.offers import Offers, spell_offers
from agenttune.spec import StudyRow
from agenttune.study.status import WAITING
from agenttune.trial import Trial, TrialState
from agenttune.types import Json
from agenttune.visible import clean

MOST_REASONS = 3
"""Why trials failed, as a line tells it: one line of a terminal or two."""


def summary(
    row: StudyRow, view: StudyView, *, status: str, store: Path, files: Path, offers: Offers
) -> dict[str, Json]:
    """The result object: the last line of `--json`, and the ground of `lines`."""
    best = view.incumbent
    plot = files / "plot.png"
    return {
        "study": row.name,
        "id": row.id,
        "status": status,
        "end_reason": row.end_reason,
        "metric": row.spec.goal.metric,
        "direction": row.spec.goal.direction,
        "best": None if best is None else _trial(best, view),
        **_stopped(view),
        "default": _default(view),
        "held_out": row.summary.get("held_out"),
        "n_trials": row.n_trials,
        "n_complete": sum(trial.replicate_of is None for trial in view.complete),
        **_infeasible(view),
        "n_failed": len(view.failed),
        "failures": _failures(view),
        "offers": dict(asdict(offers)) if offers.n_offered else None,
        "active_s": row.active_s,
        "seed": row.spec.seed,
        "store": str(store),
        "files": str(files),
        "plot": str(plot) if plot.exists() else None,
    }


def put_summary(content: dict[str, Json]) -> None:
    """Prints the result for people, on stdout."""
    for label, text in lines(content):
        put_labelled(label, text)


def lines(content: dict[str, Json]) -> list[tuple[str, str]]:
    """(label, text) of the result."""
    stands, took = str(content["status"]), seconds(_float(content["active_s"]))
    reason = str(content["end_reason"] or "").removeprefix(stands).strip()
    if stands == WAITING:
        reason = f"for its Python program, which goes on by Study.open({content['study']!r}) with ask and tell"
    told = [(stands, f"{reason}, in {took}" if reason else f"in {took}")]
    told += _best_lines(content)
    if content["n_infeasible"]:
        told.append(("infeasible", infeasible_line(content)))
    if content["failures"]:
        told.append(("failed", failures_line(content)))
    if isinstance(content["offers"], dict):
        told.append(("offered", spell_offers(Offers(**cast("dict[str, int]", content["offers"])))))
    if content["plot"]:
        told.append(("plot", str(content["plot"])))
    told.append(("study", f"{content['study']} in {content['store']}"))
    told.append(("files", str(content["files"])))
    return told


def infeasible_line(content: dict[str, Json]) -> str:
    """`2 of 4 complete trials break latency_ms < 20; 1 did not report latency_ms`."""
    missing = content["missing_metrics"]
    assert isinstance(missing, dict)
    broken = f"{content['n_infeasible']} of {content['n_complete']} complete trials break {constraints(content)}"
    return "; ".join([broken, *(f"{count} did not report {clean(name)}" for name, count in missing.items())])


def constraints(content: dict[str, Json]) -> str:
    """`latency_ms < 20, size < 1e6`."""
    texts = content["constraints"]
    assert isinstance(texts, list)
    return clean(", ".join(map(str, texts)))


def stopped_line(content: dict[str, Json]) -> str:
    """`loss 0.4649, trial 1`: the best of the trials that were stopped before their end."""
    stopped = content["best_stopped"]
    assert isinstance(stopped, dict)
    return f"{clean(str(content['metric']))} {number(_float(stopped['value']))}, trial {stopped['number']}"


def failures_line(content: dict[str, Json]) -> str:
    """`2 timeout (it took longer than 10 s), 1 crash (ValueError: ...)`, and how many more there are."""
    told = [(_int(entry["count"]), entry["kind"], clean(str(entry["reason"]))) for entry in _list(content["failures"])]
    line = ", ".join(f"{count} {kind} ({reason})" for count, kind, reason in told[:MOST_REASONS])
    n_more = sum(count for count, _, _ in told[MOST_REASONS:])
    return f"{line} and {n_more} more" if n_more else line


def _best_lines(content: dict[str, Json]) -> list[tuple[str, str]]:
    best = content["best"]
    if not isinstance(best, dict) and content["n_infeasible"]:
        return [("best", f"none: no complete trial keeps {constraints(content)}")]
    if not isinstance(best, dict) and isinstance(stopped := content["best_stopped"], dict):
        values = stopped["config"]
        assert isinstance(values, dict)
        return [("best", f"none ran to its end; of those stopped before it, {stopped_line(content)}: {config(values)}")]
    if not isinstance(best, dict):
        return [("best", f"none: {content['n_complete']} of {content['n_trials']} trials succeeded")]
    metric = str(content["metric"])
    values = best["config"]
    assert isinstance(values, dict)
    told = [
        ("best", f"{metric} {number(_float(best['value']))}, trial {best['number']}: {config(values)}"),
        ("found by", f"{best['arm']}: {best['reason']}"),
    ]
    held_out, default = content["held_out"], content["default"]
    if isinstance(held_out, dict):
        line = _held_out_line(held_out, content["direction"], is_default=best["arm"] == "default")
        told.append(("held out", line))
    elif isinstance(default, dict) and default["number"] != best["number"]:
        versus = _versus(best["value"], default["value"], content["direction"])
        told.append(("default", f"{metric} {versus}, trial {default['number']}"))
    return told


def _held_out_line(held_out: dict[str, Json], direction: Json, *, is_default: bool) -> str:
    text = f"{held_out['metric']} {number(_float(held_out['best']))} on data the tuning never saw"
    if is_default:
        return f"{text}; nothing that was tried beat the library's default"
    if held_out.get("default") is None:
        return text
    return f"{text}; the library's default {_versus(held_out['best'], held_out['default'], direction)}"


def _versus(best: Json, default: Json, direction: Json) -> str:
    """`0.9735, the best is better by 0.0084`."""
    gain = _float(best) - _float(default) if direction == "maximize" else _float(default) - _float(best)
    if gain == 0:
        return f"{number(_float(default))}, the same"
    return f"{number(_float(default))}, the best is {'better' if gain > 0 else 'worse'} by {number(abs(gain))}"


def _trial(trial: Trial, view: StudyView) -> dict[str, Json]:
    return {
        "number": trial.number,
        "value": view.value(trial),
        "values": dict(trial.outcome.values) if trial.outcome else {},
        "config": dict(trial.config),
        "arm": trial.arm,
        "reason": trial.reason,
    }


def _stopped(view: StudyView) -> dict[str, Json]:
    """How many trials were stopped before their end, and the best by what they had measured until then."""
    trials = [trial for trial in view.trials if trial.state is TrialState.STOPPED and trial.replicate_of is None]
    measured = [trial for trial in trials if trial.value(view.goal.metric) is not None and view.is_feasible(trial)]
    best = max(measured, key=lambda trial: view.goal.sign * view.value(trial), default=None)
    return {"n_stopped": len(trials), "best_stopped": None if best is None else _trial(best, view)}


def _default(view: StudyView) -> dict[str, Json] | None:
    for trial in view.complete:
        if trial.arm == "default" and trial.replicate_of is None:
            return _trial(trial, view)
    return None


def _infeasible(view: StudyView) -> dict[str, Json]:
    """How many complete trials break the constraints, and how many of them lack which metric."""
    trials = [trial for trial in view.complete if trial.replicate_of is None and not view.is_feasible(trial)]
    missing = Counter(name for trial in trials if trial.outcome for name in view.goal.missing(trial.outcome.values))
    return {
        "constraints": list(view.goal.constraints),
        "n_infeasible": len(trials),
        "missing_metrics": dict(missing.most_common()),
    }


def _failures(view: StudyView) -> list[Json]:
    """Failures that are alike, the most frequent first, each with the reason of the first."""
    first: dict[tuple[str, str], str] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for trial in view.failed:
        kind = trial.failure.kind.value if trial.failure else "failed"
        reason = trial.failure.message if trial.failure else "no reason was kept"
        counts[kind, alike(reason)] += 1
        first.setdefault((kind, alike(reason)), reason)
    return [{"kind": same[0], "count": count, "reason": first[same]} for same, count in counts.most_common()]


def _float(value: Json) -> float:
    assert isinstance(value, int | float)  # written as a number above
    return float(value)


def _int(value: Json) -> int:
    assert isinstance(value, int)  # likewise
    return value


def _list(value: Json) -> list[dict[str, Json]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
