"""What the loop does with each control (a request to a running study): one function per kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from agenttune.budget import Budget
from agenttune.errors import UserError
from agenttune.spec import StudyState
from agenttune.study.editing import edit_study, undo_edit

if TYPE_CHECKING:
    from agenttune.store import Store
    from agenttune.study.loop import Loop
    from agenttune.types import Json

Payload = dict[str, "Json"]

BUDGETS = ("trials", "seconds", "dollars", "requests", "tokens")
"""Bounds that `resume` may set anew, as totals of the whole study."""


def obey(store: Store, study_id: str, do: Callable[[str, Payload], str]) -> None:
    """Does what the waiting controls ask, each with its answer or not at all.

    Args:
        store: where they wait.
        study_id: whose they are.
        do: carries one out and says so; a `UserError` refuses it.
    """
    for control_id, kind, payload in store.take_controls(study_id):
        try:
            with store.together():  # else a death in between would have it done twice
                said = do(kind, payload)
                store.answer(study_id, control_id, kind, accepted=True, answer=said)
            continue
        except UserError as error:
            said = str(error)
        except (TypeError, ValueError) as error:  # anybody may write controls
            said = f"the control {kind!r} cannot be read: {error}"
        store.answer(study_id, control_id, kind, accepted=False, answer=said)


def answer(loop: Loop, kind: str, payload: Payload) -> str:
    """Does what the control asks and says so in a sentence.

    Raises:
        UserError: it cannot be done; the reason is the answer.
    """
    if kind not in CONTROLS:
        raise UserError(f"no control is called {kind!r}; there are {', '.join(CONTROLS)}")
    return CONTROLS[kind](loop, payload)


def raised(budget: Budget, payload: Payload) -> Budget:
    """The budget after a `resume`."""
    changes = {name: value for name, value in payload.items() if name in BUDGETS}
    return replace(budget, **cast("dict[str, Any]", changes))


def _trials(loop: Loop) -> str:
    n = len(loop.running)
    return f"{n} trial{'' if n == 1 else 's'}"


def _pause(loop: Loop, payload: Payload) -> str:
    if loop.state.is_ended or loop.end_reason is not None:
        raise UserError("the study has ended; there is nothing to pause")
    loop.set_state(StudyState.PAUSED, "paused by a person")
    return f"paused; {_trials(loop)} in progress go{'es' if len(loop.running) == 1 else ''} on"


def _resume(loop: Loop, payload: Payload) -> str:
    loop.steps.set_budget(raised(loop.steps.spec.budget, payload))
    loop.go_on()
    loop.set_state(StudyState.RUNNING, "resumed by a person")
    return "running"


def _stop(loop: Loop, payload: Payload) -> str:
    kill = bool(payload.get("kill", False))
    if loop.state is StudyState.PAUSED:
        loop.set_state(StudyState.RUNNING, "stopping")
    if loop.end_reason is None:
        loop.end("stopped by a person", as_state=StudyState.STOPPED, hurry=True)
    else:  # it was ending already, for a reason that stays
        loop.end(loop.end_reason, as_state=loop.ends_as, hurry=True)
    if kill:
        loop.kill_attempts()
        return f"stopping; {_trials(loop)} in progress killed; they wait for a resume"
    return f"stopping after {_trials(loop)} in progress"


def _add(loop: Loop, payload: Payload) -> str:
    config = cast("dict[str, Any]", payload.get("config") or {})
    trial = loop.steps.add_config(config, str(payload.get("reason") or "asked for by a person"))
    return f"trial {trial.number} waits to run"


def _edit(loop: Loop, payload: Payload) -> str:
    former = loop.steps.spec.goal
    said = edit_study(loop.steps, payload)
    loop.look_at_terms(former)
    return said


def _undo(loop: Loop, payload: Payload) -> str:
    former = loop.steps.spec.goal
    said = undo_edit(loop.steps, payload)
    loop.look_at_terms(former)
    return said


def _confirm(loop: Loop, payload: Payload) -> str:
    top, replicates = int(cast(int, payload.get("top", 3))), int(cast(int, payload.get("replicates", 5)))
    if top < 1 or replicates < 1:
        raise UserError(f"`top` and `replicates` must be at least 1, but got top={top}, replicates={replicates}")
    added = loop.steps.add_replicates(top, replicates)
    return f"{len(added)} replicates wait to run, trials {added[0].number} to {added[-1].number}"


CONTROLS: dict[str, Callable[[Loop, Payload], str]] = {
    "pause": _pause,
    "resume": _resume,
    "stop": _stop,
    "add": _add,
    "edit": _edit,
    "undo": _undo,
    "confirm": _confirm,
}
"""Kind -> what the loop does with it."""
