"""AgentTune: say what to tune, see who proposed what and why.

Importing this package does no work; names are loaded on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agenttune.agent import Agent as Agent
    from agenttune.agent import AgentResult as AgentResult
    from agenttune.budget import Budget as Budget
    from agenttune.errors import AgentTuneError as AgentTuneError
    from agenttune.errors import TrialFailure as TrialFailure
    from agenttune.errors import UserError as UserError
    from agenttune.goal import Goal as Goal
    from agenttune.models.chat_model import AgentTuneChatModel as AgentTuneChatModel
    from agenttune.space import Bool as Bool
    from agenttune.space import Categorical as Categorical
    from agenttune.space import Constant as Constant
    from agenttune.space import Float as Float
    from agenttune.space import Int as Int
    from agenttune.space import Ordinal as Ordinal
    from agenttune.space import Space as Space
    from agenttune.study import Result as Result
    from agenttune.study import Study as Study
    from agenttune.study import tune as tune
    from agenttune.study.code import tune_code as tune_code

__version__ = "0.1.0"

_HOMES = {
    "Agent": "agent",
    "AgentResult": "agent",
    "AgentTuneChatModel": "models.chat_model",
    "AgentTuneError": "errors",
    "Bool": "space",
    "Budget": "budget",
    "Categorical": "space",
    "Constant": "space",
    "Float": "space",
    "Goal": "goal",
    "Int": "space",
    "Ordinal": "space",
    "Result": "study",
    "Space": "space",
    "Study": "study",
    "TrialFailure": "errors",
    "UserError": "errors",
    "tune": "study",
    "tune_code": "study.code",
}

__all__ = [*_HOMES, "__version__"]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'agenttune' has no attribute {name!r}")
    return getattr(importlib.import_module(f"agenttune.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
