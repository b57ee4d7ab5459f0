"""One request to a model with everything around it: reserve, send, decode strictly, repair once, record the verdict.

Not for: what is asked (insight/ and prompts/ write that), or what is done with an answer (proposers/).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agenttune.exchange import Prompt
from agenttune.goal import Goal
from agenttune.space import Space
from agenttune.trial import Candidate, Proposal
from agenttune.types import Config

K = 4
"""Candidates wanted of one request: one request then serves about four trials."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request for configurations."""

    prompt: Prompt
    space: Space
    goal: Goal
    is_new: Callable[[Config], bool]
    """Whether a valid configuration is not in the study yet."""
    k: int = K
    """Candidates wanted."""
    space_version: int = 1
    asked_at: int = 0
    """Number of the trial that is to be proposed."""
    seed: int = 0
    """For the server's sampling, 32 bits: differs from trial to trial, so that equal prompts are different requests."""
    seen_trials: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it; all of it is in the store already."""

    candidates: tuple[Candidate, ...]
    refused: tuple[tuple[Proposal, str, str], ...]
    """(proposal, kind, reason): "illegal", "duplicate" or "infeasible"; also in the store as refused proposals."""
    verdict: str
    """Of the last request, one of `agenttune.exchange.VERDICTS`."""
    why: str | None
    """The verdict in a sentence, where there is more to say."""
    n_sent: int
    """Requests that went out."""
