"""From what a person writes to a study: sentences (`understand`) and study files (`load_study_file`).

Nothing here runs a trial. A language model that reads sentences (`understand_with_model`) produces the same `Request`
as the grammar, and goes through the same checker.
"""

from __future__ import annotations

from collections.abc import Sequence

from agenttune.plan.checker import check
from agenttune.plan.conversation import read_turns
from agenttune.plan.grammar import EXAMPLE
from agenttune.plan.model_choice import ModelChoice, model_line, with_model
from agenttune.plan.model_reader import ModelReader, ModelReading, understand_with_model
from agenttune.plan.plan import StudyPlan, spec_from_plan
from agenttune.plan.planning import Plan, plan_of, spec_of
from agenttune.plan.program_plan import ProgramPlan
from agenttune.plan.request import AskedRange, PlanOptions, Request
from agenttune.plan.study_file import load_study_file, study_from_document
from agenttune.plan.template import TEMPLATE
from agenttune.plan.understanding import Understood, open_reader, understand_with

__all__ = [
    "EXAMPLE",
    "TEMPLATE",
    "AskedRange",
    "ModelChoice",
    "ModelReader",
    "ModelReading",
    "Plan",
    "PlanOptions",
    "ProgramPlan",
    "Request",
    "StudyPlan",
    "Understood",
    "check",
    "load_study_file",
    "model_line",
    "open_reader",
    "plan_of",
    "read_turns",
    "spec_from_plan",
    "spec_of",
    "study_from_document",
    "understand",
    "understand_turns",
    "understand_with",
    "understand_with_model",
    "with_model",
]


def understand(text: str, options: PlanOptions | None = None) -> Plan:
    """The study a sentence and its flags ask for, with everything that was assumed.

    Raises:
        RequestNotUnderstood: words that cannot be read, or that contradict each other.
        UserError: what is asked cannot be done; one sentence.
    """
    return understand_turns((text,), options)


def understand_turns(turns: Sequence[str], options: PlanOptions | None = None) -> Plan:
    """The same of several turns, of which each adds to or corrects those before.

    Raises:
        UserError: as `understand`.
    """
    options = options or PlanOptions()
    return plan_of(read_turns(turns, options), cwd=options.cwd)
