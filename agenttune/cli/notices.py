"""Events that are no trial's end, in a line for people; None where a line would be noise."""

from __future__ import annotations

from agenttune.events import (
    AttemptEnded,
    CodeRefused,
    ControlAnswered,
    Event,
    ModelAnswered,
    Noted,
    ProposalRefused,
    ProposerChosen,
    SpaceEdited,
    StudyChanged,
    StudyEdited,
    VariantAdded,
)
from agenttune.spec import StudyState
from agenttune.visible import clean


def notice(event: Event) -> str | None:
    """The line, without control characters."""
    line = _line(event)
    return None if line is None else clean(line)


def _line(event: Event) -> str | None:
    if isinstance(event, StudyChanged):
        is_end = event.state in (StudyState.FINISHED, StudyState.STOPPED)  # the result says so at once
        return f"{event.state}: {event.reason}" if event.reason and not is_end else None
    if isinstance(event, ProposalRefused):
        return f"not run ({event.kind}), proposed by {event.arm}: {event.reason}"
    if isinstance(event, AttemptEnded):
        return f"trial {event.number}, attempt {event.attempt} {event.state}: {event.reason}"
    if isinstance(event, ControlAnswered):
        return f"{event.kind}: {'' if event.accepted else 'refused, '}{event.answer}"
    if isinstance(event, ProposerChosen):
        return f"{event.proposer} proposes from here on: {event.reason}"
    if isinstance(event, ModelAnswered | VariantAdded | CodeRefused):
        return event.sentence
    if isinstance(event, SpaceEdited):
        return f"space version {event.version}: {event.summary}"
    if isinstance(event, StudyEdited):
        return "; ".join([event.sentence, *event.effects])
    if isinstance(event, Noted):
        return f"note{'' if event.number is None else f' on trial {event.number}'}: {event.text}"
    return None
