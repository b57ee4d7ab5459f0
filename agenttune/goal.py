"""What a study is after: one metric, a direction, bounds on other metrics. No measuring here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, get_args

from agenttune.errors import ExpressionError, GoalError
from agenttune.expressions import Expression
from agenttune.types import Json, Metrics, Scalar, is_number

Direction = Literal["maximize", "minimize"]


@dataclass(frozen=True, slots=True)
class Goal:
    """One metric to improve."""

    metric: str
    """Name of the metric, as the objective reports it."""
    direction: Direction
    constraints: tuple[str, ...] = ()
    """Expressions over metrics that a configuration must satisfy to be feasible, "latency_ms < 20"."""
    target: float | None = None
    """The study ends once the metric is at least this good."""
    parsed: tuple[Expression, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.metric, str) or not self.metric:
            raise GoalError(f"a goal needs the name of a metric, as in maximize='accuracy', but got {self.metric!r}")
        if self.direction not in get_args(Direction):
            raise GoalError(f"`direction` must be 'maximize' or 'minimize', but got {self.direction!r}")
        if self.target is not None and not is_number(self.target):
            raise GoalError(f"`target` must be a finite number, but got {self.target!r}")
        if isinstance(self.constraints, str | bytes) or not isinstance(self.constraints, Iterable):
            raise GoalError(f"`constraints` must be a list, as in ['latency_ms < 20'], but got {self.constraints!r}")
        object.__setattr__(self, "constraints", tuple(self.constraints))
        object.__setattr__(self, "parsed", tuple(Expression(text) for text in self.constraints))

    @property
    def sign(self) -> float:
        """+1 when larger is better, -1 otherwise."""
        return 1.0 if self.direction == "maximize" else -1.0

    def is_better(self, value: float, than: float) -> bool:
        """Whether `value` beats `than`."""
        return self.sign * value > self.sign * than

    def is_reached(self, value: float) -> bool:
        """Whether `value` is at least as good as the target; False without a target."""
        return self.target is not None and self.sign * value >= self.sign * self.target

    def is_feasible(self, metrics: Metrics) -> bool:
        """Whether every metric constraint holds; one that cannot be worked out from `metrics` does not."""
        return all(_worked_out(expression, metrics) for expression in self.parsed)

    def broken(self, metrics: Metrics) -> list[str]:
        """Texts of the metric constraints that do not hold, or cannot be worked out from `metrics`."""
        return [expression.text for expression in self.parsed if not _worked_out(expression, metrics)]

    def missing(self, metrics: Metrics) -> list[str]:
        """Names of the metrics for lack of which a constraint cannot be worked out from `metrics`."""
        names: set[str] = set()
        for expression in self.parsed:
            lacking = expression.names - metrics.keys()
            if lacking and _worked_out(expression, metrics) is None:
                names |= lacking
        return sorted(names)

    def to_json(self) -> dict[str, Json]:
        """The goal as plain JSON."""
        return {
            "metric": self.metric,
            "direction": self.direction,
            "constraints": list(self.constraints),
            "target": self.target,
        }


def _worked_out(expression: Expression, metrics: Metrics) -> Scalar | None:
    """Its value; None where it lacks a metric ("a < 1 or b < 1" may need but one of them), or has no value (1 / 0)."""
    try:
        return expression.evaluate(metrics)
    except ExpressionError:
        return None
