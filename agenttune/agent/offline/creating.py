"""A study asked for in words that no phrase has, and the answer to what such a request left open.

The sentence is read as `agenttune tune` reads it. Not for: whether the study can be (plan/).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agenttune.agent.offline.understood import Call
from agenttune.errors import UserError
from agenttune.plan import PlanOptions, read_turns


def creating(text: str, unfinished: Sequence[str], *, folder: Path) -> Call | None:
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
