"""From what a person writes to a study: sentences (`understand`) and study files (`load_study_file`).

Nothing here runs a trial or writes a store. A language model that reads sentences later produces the
same `Request` as the grammar, and goes through the same checker.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from agenttune.plan.checker import check
from agenttune.plan.conversation import read_turns
from agenttune.plan.grammar import EXAMPLE
from agenttune.plan.model_choice import ModelChoice, model_line, with_model
from agenttune.plan.plan import StudyPlan, spec_from_plan
from agenttune.plan.program_plan import ProgramPlan, check_program, program_spec
from agenttune.plan.request import AskedRange, PlanOptions, Request
from agenttune.plan.study_file import load_study_file, study_from_document
from agenttune.plan.template import TEMPLATE
from agenttune.spec import StudySpec

__all__ = [
    "EXAMPLE",
    "TEMPLATE",
    "AskedRange",
    "ModelChoice",
    "Plan",
    "PlanOptions",
    "ProgramPlan",
    "Request",
    "StudyPlan",
    "check",
    "load_study_file",
    "model_line",
    "plan_of",
    "spec_from_plan",
    "spec_of",
    "study_from_document",
    "understand",
    "understand_turns",
    "with_model",
]


Plan: TypeAlias = StudyPlan | ProgramPlan


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


def plan_of(request: Request, *, cwd: str | Path = ".", now: float | None = None) -> Plan:
    """The complete plan of a request.

    Args:
        request: what was asked for.
        cwd: folder that paths are relative to.
        now: seconds since the epoch that a deadline counts from; None reads the clock.

    Raises:
        UserError: something is missing, contradictory or impossible; one sentence.
    """
    if request.script or request.command or request.function:
        return check_program(request, cwd=Path(cwd), now=now)
    return check(request, cwd=cwd, now=now)


def spec_of(plan: Plan) -> StudySpec:
    """The study that a plan describes."""
    return program_spec(plan) if isinstance(plan, ProgramPlan) else spec_from_plan(plan)
