"""From what a person writes to a study: sentences (`understand`) and study files (`load_study_file`).

Nothing here runs a trial. A language model that reads sentences (`understand_with_model`) produces the same `Request`
as the grammar, and goes through the same checker.
"""

from __future__ import annotations

from agenttune.plan.checker import check
from agenttune.plan.grammar import EXAMPLE, read
from agenttune.plan.model_choice import ModelChoice, model_line, with_model
from agenttune.plan.model_reader import ModelReader, ModelReading, understand_with_model
from agenttune.plan.plan import StudyPlan, spec_from_plan
from agenttune.plan.request import AskedRange, PlanOptions, Request
from agenttune.plan.study_file import load_study_file
from agenttune.plan.template import TEMPLATE

__all__ = [
    "EXAMPLE",
    "TEMPLATE",
    "AskedRange",
    "ModelChoice",
    "ModelReader",
    "ModelReading",
    "PlanOptions",
    "Request",
    "StudyPlan",
    "check",
    "load_study_file",
    "model_line",
    "spec_from_plan",
    "understand",
    "understand_with_model",
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
