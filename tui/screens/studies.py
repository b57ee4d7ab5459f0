"""All studies of the store, newest first, to open one."""

from __future__ import annotations

from textual import on
from textual.widgets.option_list import Option

from agenttune.tui.messages import StudiesListed
from agenttune.tui.screens.picking import PickScreen
from agenttune.tui.widgets.welcome import study_line


class StudiesScreen(PickScreen):
    """Dismissed with the id of a study, or with None."""

    HEADING = "studies"
    IF_EMPTY = "no study yet: describe one in the prompt"

    @on(StudiesListed)
    def _show(self, message: StudiesListed) -> None:
        self.offer([Option(study_line(study, now=self._clock()), id=study.id) for study in message.studies])
