"""Whether a running trial is worth going on with: one file per scheduler, one line each in the registry."""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from agenttune.errors import UserError
from agenttune.history import StudyView
from agenttune.trial import Decision, Trial

REGISTRY = {
    "fifo": "agenttune.schedulers.fifo:FifoScheduler",
    "median": "agenttune.schedulers.pruned:MedianScheduler",
    "asha": "agenttune.schedulers.pruned:SuccessiveHalvingScheduler",
    "halving": "agenttune.schedulers.pruned:BetterHalfScheduler",
}
"""Name -> "module:Class", loaded on first use."""


class Scheduler(Protocol):
    """One method; built without arguments."""

    def judge(self, trial: Trial, view: StudyView) -> Decision:
        """What to do with a running trial after its latest report (`trial.reports[-1]`)."""
        ...


def load_scheduler(name: str) -> Scheduler:
    """The scheduler of that name.

    Raises:
        UserError: there is none.
    """
    if not isinstance(name, str) or name not in REGISTRY:
        raise UserError(f"no scheduler is called {name!r}; there are {', '.join(REGISTRY)}")
    module, _, attribute = REGISTRY[name].partition(":")
    return cast(Scheduler, getattr(importlib.import_module(module), attribute)())
