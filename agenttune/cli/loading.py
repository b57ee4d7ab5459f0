"""Tells whoever follows a study that its local model is loading, while an answer is waited for.

A driver only waits for the reply: how the loading goes on is asked of the model's own process, now and then. Not for
models of servers, nor for a process of another machine.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from agenttune.cli.format import seconds
from agenttune.errors import UserError
from agenttune.events import Event, ModelAnswered, ModelAsked
from agenttune.visible import clean

if TYPE_CHECKING:
    from agenttune.models.local.address import HostFiles

POLL_S = 1.0
"""Between two looks at the process."""
ANSWER_S = 0.3
"""How long it may take to tell: the following stands still meanwhile."""


class Loading:
    """What there is to tell of one study's model."""

    def __init__(self, model: str | None) -> None:
        self._model = model
        self._files: HostFiles | None = None
        self._asked: ModelAsked | None = None
        """The question that is not answered yet."""
        self._waits_until = 0.0
        self._looked_at = -math.inf
        self._said: str | None = None

    def hear(self, event: Event) -> None:
        """Takes in one event of the study."""
        if isinstance(event, ModelAnswered):
            self._asked = None
        elif isinstance(event, ModelAsked):
            self._files = self._files or _files_of(self._model)
            self._asked, self._waits_until = event, time.monotonic() + event.latency_s

    def news(self) -> str | None:
        """How far the model is with loading, in a sentence; None where it is not, and where that was told already."""
        now = time.monotonic()
        if self._asked is None or self._files is None or now - self._looked_at < POLL_S:
            return None
        self._looked_at = now
        progress = _progress(self._files)
        if progress is None or progress == self._said:
            return None
        self._said = progress
        waits = f"trial {self._asked.number} waits up to {seconds(self._asked.latency_s)} for it"
        return (
            f"the model is loading: {clean(progress)}; {waits if now < self._waits_until else 'trials go on without'}"
        )


def _files_of(model: str | None) -> HostFiles | None:
    """Of the process of a model that runs on this machine; None of any other, or where it is not found from here."""
    from agenttune.models.local.address import Wanted
    from agenttune.models.local.spelling import is_local_spelling, place_of
    from agenttune.settings import load_settings

    if model is None or not is_local_spelling(model):
        return None
    try:
        settings = load_settings()
        return Wanted(place_of(model), settings.local_device, settings.local_dtype).files()
    except UserError:  # the driver says why, if it finds none either
        return None


def _progress(files: HostFiles) -> str | None:
    """What the process does before it can answer; None where it can, or says nothing."""
    from agenttune.models.local.client import ask_status

    address = files.read()
    status = None if address is None else ask_status(address, wait_s=ANSWER_S)
    return str(status["progress"]) if status is not None and status["state"] == "loading" else None
