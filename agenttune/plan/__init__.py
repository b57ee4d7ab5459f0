"""From what a person writes to a study: sentences (`understand`) and study files (`load_study_file`).

Nothing here runs a trial or writes a store. A language model that reads sentences later produces the
same `Request` as the grammar, and goes through the same checker.
"""

from __future__ import annotations

from agenttune.plan.checker import check
from agenttune.plan.grammar import EXAMPLE, read
from agenttune.plan.plan import StudyPlan, spec_from_plan
from agenttune.plan.request import AskedRange, PlanOptions, Request

__all__ = [
    "EXAMPLE",
    "AskedRange",
    "PlanOptions",
    "Request",
    "StudyPlan",
    "check",
    "spec_from_plan",
    "understand",
]


def understand(text: str, options: PlanOptions | None = None) -> StudyPlan:
    """The study a sentence and its flags ask for, with everything that was assumed.

    Raises:
        RequestNotUnderstood: words that cannot be read, or that contradict each other.
        UserError: what is asked cannot be done; one sentence.
    """
    options = options or PlanOptions()
    return check(read(text, options), cwd=options.cwd)
