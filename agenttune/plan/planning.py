"""From a `Request`, whoever read it, to a plan, and from a plan to a study. Not for: reading sentences."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from agenttune.plan.checker import check
from agenttune.plan.plan import StudyPlan, spec_from_plan
from agenttune.plan.program_plan import ProgramPlan, check_program, program_spec
from agenttune.plan.request import Request
from agenttune.spec import StudySpec

Plan: TypeAlias = StudyPlan | ProgramPlan
"""Of an estimator on a data set, or of a program of the person's own."""


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
