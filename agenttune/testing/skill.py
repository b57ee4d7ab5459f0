"""A model of known skill: it knows a function and answers with near-optimal, random, worst or stuck configurations.

So that "the model helps" and "a bad model does no harm" are measured, not hoped. It answers from the request alone,
as a server would: what it draws depends on the request's text and on nothing else. A `Skill` is a responder::

    with ModelServer(Skill(MIXED, "worst")) as server:
        ...
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from agenttune.space import Bool, Categorical
from agenttune.testing.answers import ChatRequest, Response, completion
from agenttune.testing.functions import Function
from agenttune.types import Config, Scalar

Kind = Literal["near", "random", "worst", "stuck"]
KINDS: tuple[Kind, ...] = get_args(Kind)
NEAR = 0.08
"""Largest distance of a near-optimal answer from the optimum, in the unit cube, by parameter."""
FAR = 0.1
"""The same of a worst answer from the worst corner."""
K = 4
STUCK_SEED = 5
SURE = 1.2816
"""Standard deviations from the middle to an end of an 80% interval."""
GOOD_SD = 0.05
BAD_SD = 1e-3
"""Half a thousandth of a bowl's depth: far too sure."""
BAD_SHIFT = 0.5


@dataclass(frozen=True)
class Skill:
    """What the model knows, and how well it says what it knows."""

    function: Function
    kind: Kind = "near"
    is_calibrated: bool = True
    """Whether its intervals hold the truth four times in five, or hardly ever."""

    def __call__(self, request: ChatRequest) -> Response:
        """The response to a request of OpenAI's chat completions."""
        return completion(self.answer(request))

    def answer(self, request: ChatRequest) -> str:
        """The content of a reply."""
        text = json.dumps([request.get("messages"), request.get("seed")], sort_keys=True, default=str)
        rng = np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))
        return json.dumps({"candidates": [self._candidate(config, rng) for config in self.configs(rng, K)]})

    def configs(self, rng: np.random.Generator, k: int) -> list[dict[str, Scalar]]:
        """`k` configurations of this skill."""
        space = self.function.space
        if self.kind == "random":
            return space.sample(rng, k)
        if self.kind == "stuck":
            return space.sample(np.random.default_rng(STUCK_SEED), 1) * k
        centre, reach = (self.function.optimum, NEAR) if self.kind == "near" else (self.function.worst, FAR)
        return [self._around(centre, reach, rng) for _ in range(k)]

    def _around(self, centre: Config, reach: float, rng: np.random.Generator) -> dict[str, Scalar]:
        """A configuration within `reach` of another one in every number, with its categories."""
        space = self.function.space
        (middle,) = space.to_unit([centre])
        point = middle.copy()
        for column, name in enumerate(space.columns):
            if name in centre and not isinstance(space.parameters[name], Categorical | Bool):
                point[column] += rng.uniform(-reach, reach)
        (snapped,) = space.snap(np.clip(point, 0.0, 1.0)[None, :])
        beyond = np.abs(snapped - middle) > reach  # whole numbers lie on a grid that may be coarser than the reach
        (config,) = space.from_unit(np.where(beyond, middle, snapped)[None, :])
        return config

    def _candidate(self, config: dict[str, Scalar], rng: np.random.Generator) -> dict[str, Any]:
        value, sd = self.function.value(config), GOOD_SD if self.is_calibrated else BAD_SD
        predicted = value + (rng.normal(0.0, sd) if self.is_calibrated else BAD_SHIFT)
        return {
            "config": config,
            "reason": f"made by a model of known skill ({self.kind})",
            "predicted": predicted,
            "low": predicted - SURE * sd,
            "high": predicted + SURE * sd,
        }
