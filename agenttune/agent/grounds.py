"""Which numbers of a model's reply the record holds; the others are marked."""

from __future__ import annotations

from agenttune.agent.transcript import Transcript
from agenttune.tools.workspace import Workspace


def marked(text: str, transcript: Transcript, workspace: Workspace) -> tuple[str, tuple[str, ...]]:
    """(the reply with a mark behind every number that no record holds, those numbers).

    What counts as the record: results of tools in this conversation, the person's own words, and the study that is
    spoken of.
    """
    return text, ()  # TEMP
