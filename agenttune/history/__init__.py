"""The read-only view of a study that proposers, schedulers, reports and people share.

A view is a snapshot: building one reads nothing, and whoever holds one cannot change the study.
"""

from __future__ import annotations

from agenttune.history.view import StudyView, config_key

__all__ = ["StudyView", "config_key"]
