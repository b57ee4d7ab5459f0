"""Lets every trial run to its end."""

from __future__ import annotations

from agenttune.history import StudyView
from agenttune.trial import Decision, Trial


class FifoScheduler:
    """Stops nothing."""

    def judge(self, trial: Trial, view: StudyView) -> Decision:
        """CONTINUE."""
        return Decision.CONTINUE
