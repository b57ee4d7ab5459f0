"""What `tune`, `run` and `resume` share: a driver is started, followed, and its result told."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from agenttune.cli.console import emit, put, say
from agenttune.cli.displays import Display, choose_display
from agenttune.cli.drawing import draw, plot_path
from agenttune.cli.following import Followed, catch_up, follow_study
from agenttune.cli.opening import current_space
from agenttune.cli.outcome import failures_line, infeasible_line, put_summary, stopped_line, summary
from agenttune.history import StudyView, read_view
from agenttune.replies.offers import offers_of
from agenttune.report.logs import tail
from agenttune.spec import StudyRow, StudySpec, StudyState
from agenttune.steering import ensure_driver
from agenttune.store import Store
from agenttune.study import Study, status
from agenttune.types import Json
from agenttune.variant import CODE, Variant
from agenttune.visible import clean

DRIVER_ERROR = " ERROR agenttune.driver: "
"""What stands before a sentence for people in the driver's log."""


def create_and_run(spec: StudySpec, arguments: argparse.Namespace, *, is_name_exact: bool) -> int:
    """Creates the study, starts its driver, follows it unless `--detach`, and returns the exit code.

    Args:
        is_name_exact: whether the name was asked for; one that was made up becomes `name-2` where taken.

    Raises:
        StudyExists: the name that was asked for is taken.
    """
    with Store.open(arguments.store) as store:
        row = Study.from_spec(spec, store=store, is_name_exact=is_name_exact).row
        return drive(store, row, json=arguments.json, detach=arguments.detach, is_new=True)


def drive(store: Store, row: StudyRow, *, json: bool, detach: bool, is_new: bool = False) -> int:
    """Makes sure that the study has a driver, follows it unless `detach`, and returns the exit code.

    What happened before is shown for a new study alone.
    """
    if detach:
        ensure_driver(store, row)
        _tell_detached(store, row, json=json)
        return 0
    display = choose_display(row, space=current_space(store, row), json=json)
    after = 0 if is_new else catch_up(store, row, display)
    followed = follow_study(store, row, display, after=after, begin=lambda: ensure_driver(store, row))
    if followed.fatal is not None:
        return 128 + followed.fatal
    return conclude(store, row.id, display, followed, json=json)


def conclude(store: Store, study_id: str, display: Display, followed: Followed, *, json: bool) -> int:
    """Tells how the study stands once the following is over, and returns the exit code."""
    row = store.study(study_id)
    view = read_view(store, row)
    stands = status(row)
    files = store.study_dir(row.id)
    if row.state.is_ended and view.finished:
        draw(view, row, plot_path(store, row))
    content = summary(row, view, status=stands, store=store.path, files=files, offers=offers_of(store, row.id))
    if json:
        emit({"event": "Result", **content})
    else:
        put_summary(content)
    code = _exit_code(content, row, followed, driver_log=files / "driver.log")
    if code == 0 and _lacks_variants(view, row):
        say(f"agenttune: no variant of the code was written and run before study {clean(row.name)} ended")
        return 1
    return code


def _tell_detached(store: Store, row: StudyRow, *, json: bool) -> None:
    row = store.study(row.id)
    if json:
        content: dict[str, Json] = {
            "event": "Detached",
            "study": row.name,
            "id": row.id,
            "pid": None if row.driver is None else row.driver.pid,
            "store": str(store.path),
        }
        emit(content)
    else:
        put(row.name)
        say(f"study {clean(row.name)} runs by itself; `agenttune attach`, `ps`, `logs -f` and `stop` reach it")


def _exit_code(content: dict[str, Json], row: StudyRow, followed: Followed, *, driver_log: Path) -> int:
    name = clean(row.name)
    if followed.has_left:
        say(f"agenttune: left study {name} as it is; `agenttune resume {name}` goes on with it")
        return 130
    if followed.n_interrupts > 1:
        say(f"agenttune: the running trials were killed; `agenttune resume {name}` goes on with them")
        return 130
    if not row.state.is_ended and (reason := _last_error(driver_log)):
        way = f"once that is put right, `agenttune resume {name}` goes on with it"
        say(f"agenttune: study {name} is interrupted: {reason}; {way}")
        return 2
    if not row.state.is_ended:
        say(f"agenttune: the driver of study {name} died (see {driver_log}); `agenttune resume {name}` goes on with it")
        return 70
    if content["best"] is not None:
        return 0
    if content["n_infeasible"]:
        say(f"agenttune: no trial was feasible: {infeasible_line(content)}; {_way_to_feasible(content)}")
        return 1
    if content["n_failed"] != content["n_trials"] or not content["n_trials"]:
        say(f"agenttune: {_unended(content)}")
        return 1
    why = f": most often {failures_line(content)}" if content["failures"] else ""
    say(f"agenttune: no trial succeeded, {content['n_failed']} of {content['n_trials']} failed{why}")
    return 1


def _unended(content: dict[str, Json]) -> str:
    """`no trial ran to its end (2 s are over), 2 of 2 were stopped; the best so far is loss 0.4649, trial 1`."""
    counts = {"were stopped": content["n_stopped"], "failed": content["n_failed"]}
    told = [f"{count} of {content['n_trials']} {what}" for what, count in counts.items() if count]
    best = f"; the best so far is {stopped_line(content)}" if content["best_stopped"] else ""
    return ", ".join([f"no trial ran to its end ({clean(str(content['end_reason']))})", *told]) + best


def _lacks_variants(view: StudyView, row: StudyRow) -> bool:
    """Whether a study over code ended before its time with the user's own code alone: its model was of no use."""
    if row.spec.objective.get("type") != CODE or row.state is not StudyState.FINISHED:
        return False
    is_short = row.n_trials < (row.spec.budget.trials or math.inf)
    return is_short and not any(isinstance(entry, Variant) and entry.number for entry in view.code)


def _last_error(driver_log: Path) -> str | None:
    """The sentence with which a driver gave up; None where it was killed, or has a bug."""
    _, found, reason = "".join(tail(driver_log, 1)).partition(DRIVER_ERROR)
    return reason if found else None


def _way_to_feasible(content: dict[str, Json]) -> str:
    if content["missing_metrics"]:
        return "have the objective report it with its result, or drop the constraint"
    return "loosen a constraint, or widen the space"
