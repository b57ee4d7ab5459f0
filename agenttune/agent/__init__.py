"""The agent: a conversation that plans, runs, changes and explains studies, with a language model or without.

`Agent` is its Python interface; what it does is in `agenttune.tools`, what it may do in approvals.py.
"""

from __future__ import annotations

from agenttune.agent.agent import Agent, AgentResult
from agenttune.agent.approvals import Policy, load_policy
from agenttune.agent.events import (
    AgentEvent,
    ApprovalGiven,
    ApprovalRequested,
    Compacted,
    Done,
    Failed,
    StudyHappened,
    TextDelta,
    ToolCalled,
    ToolReturned,
    UsageTold,
    event_to_json,
)
from agenttune.agent.requests import Limits

__all__ = [
    "Agent",
    "AgentEvent",
    "AgentResult",
    "ApprovalGiven",
    "ApprovalRequested",
    "Compacted",
    "Done",
    "Failed",
    "Limits",
    "Policy",
    "StudyHappened",
    "TextDelta",
    "ToolCalled",
    "ToolReturned",
    "UsageTold",
    "event_to_json",
    "load_policy",
]
