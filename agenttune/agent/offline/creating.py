"""What a sentence asks for within a conversation: of the study that is spoken of, or of one to be made.

A study may be asked for in words that no phrase has; such a sentence, and the answer to what it left open, is read as
`agenttune tune` reads it. Not for: whether the study can be (plan/).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from agenttune.agent.offline.reading import read
from agenttune.agent.offline.understood import Call, Understood
from agenttune.errors import UserError
from agenttune.plan import PlanOptions, read_turns
from agenttune.steering import current_terms
from agenttune.tools.workspace import Workspace


def read_in(workspace: Workspace, text: str) -> Understood:
    """What a sentence asks for in this workspace, as it stands now."""
    if workspace.study_id is None:
        found = read(text, None)
    else:
        row, view = workspace.row(), workspace.view()
        terms = current_terms(workspace.store, row)  # with what waits for a driver: "ten more" counts from there
        budget = terms.budget
        view = replace(view, space=terms.space, goal=terms.goal, budget_trials=budget.trials, budget_s=budget.seconds)
        found = read(text, view, row=replace(row, spec=terms.within(row.spec)))
    is_new = any(call.tool == "create_study" for call in found.calls)
    if found.question is None and not is_new:
        return found
    call = _creating(text, () if is_new else workspace.unfinished, folder=workspace.folder)
    return found if call is None else Understood(calls=(call,))


def _creating(text: str, unfinished: Sequence[str], *, folder: Path) -> Call | None:
    """The call that makes a study of a sentence; None where it is no request, or has words left over.

    Args:
        text: as it was typed.
        unfinished: earlier sentences of a request that something was asked back about.
        folder: which paths are relative to.
    """
    for turns in ([*unfinished, text], [text]):
        try:
            request = read_turns(turns, PlanOptions(cwd=str(folder)))
        except UserError:
            continue
        if request.family or request.script or request.command or request.function:
            return Call("create_study", {"request": "\n".join(turns)})
    return None
