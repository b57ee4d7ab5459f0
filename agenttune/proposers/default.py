"""The configuration of all defaults, a library's or a script's own: where tuning starts, what it is compared with."""

from __future__ import annotations

import logging

from agenttune.errors import ConfigInvalid
from agenttune.history import StudyView
from agenttune.proposers.unseen import Unseen, make_proposal
from agenttune.trial import Proposal

logger = logging.getLogger(__name__)


class DefaultProposer:
    """Proposes the view's default configuration once, then nothing more."""

    def propose(self, view: StudyView, n: int) -> list[Proposal]:
        """The default if there is one, it lies in the space and did not run yet; else nothing."""
        proposal = default_proposal(view, Unseen(view)) if n > 0 else None
        return [] if proposal is None else [proposal]


def default_proposal(view: StudyView, unseen: Unseen) -> Proposal | None:
    """Takes the default configuration; None without one, outside the space, or when it is known already."""
    if view.default is None:
        return None
    try:
        config = view.space.validate(view.default)
    except ConfigInvalid as reason:
        logger.info("the default configuration lies outside the space: %s", reason)
        return None
    if not unseen.take(config):
        return None
    return make_proposal(view, config, arm="default", reason="its own defaults")
