"""From what a person writes to a study: sentences (`understand`) and study files (`load_study_file`).

Nothing here runs a trial or writes a store. A language model that reads sentences later produces the
same `Request` as the grammar, and goes through the same checker.
"""

from __future__ import annotations

from agenttune.plan.checker import check
from agenttune.plan.grammar import EXAMPLE, read
from agenttune.plan.model_choice import ModelChoice, model_line, with_model
from agenttune.plan.plan import StudyPlan, spec_from_plan
from agenttune.plan.request import AskedRange, PlanOptions, Request
from agenttune.plan.study_file import load_study_file, study_from_document
from agenttune.plan.template import TEMPLATE

__all__ = [
    "EXAMPLE",
    "TEMPLATE",
    "AskedRange",
    "ModelChoice",
    "PlanOptions",
    "Request",
    "StudyPlan",
    "check",
    "load_study_file",
    "model_line",
    "spec_from_plan",
    "study_from_document",
    "understand",
    "with_model",
]


def understand(text: str, options: PlanOptions | None = None) -> StudyPlan:
    """The study a sentence and its flags ask for, with everything that was assumed.

    Raises:
        RequestNotUnderstood: words that cannot be read, or that contradict each other.
        UserError: what is asked cannot be done; one sentence.
    """
    options = options or PlanOptions()
    return check(read(text, options), cwd=options.cwd)
