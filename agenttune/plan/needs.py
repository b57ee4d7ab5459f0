"""What a request must say before anything can be tuned, and the questions about what it does not say.

Looks at the request alone. Not for: whether what is asked can be done with the data or files at hand (checker.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agenttune.cards.data import BUNDLED
from agenttune.cards.families import CARDS
from agenttune.objectives.command_line import BUILT_IN, placeholders, switches
from agenttune.plan.request import Request

SUBJECTS = ("family", "script", "command", "function")
"""Fields of which one says what is tuned."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be asked back."""

    field: str
    """Of `Request`."""
    text: str
    """The question, in a sentence."""


def missing(request: Request) -> tuple[Question, ...]:
    """The questions that the request leaves open, the first ones first."""
    subject = next((name for name in SUBJECTS if getattr(request, name) is not None), None)
    if subject is None:
        titles = ", ".join(card.title for card in CARDS.values())
        return (
            Question(
                "family",
                f"what is to be tuned? Name an estimator ({titles}), a script such as train.py, a command with its "
                'parameters in braces ("./bench.sh --threads {threads}"), or a function such as train.py:objective',
            ),
        )
    if subject == "family":
        return _of_estimator(request)
    questions = []
    if request.metric is None:
        questions.append(Question("metric", f"what of the {subject}'s output is to be improved? Name its metric"))
    unbounded = _without_range(request)
    if unbounded:
        names = ", ".join(unbounded)
        questions.append(Question("ranges", f"which values may {names} take? Say a range or a list for each"))
    elif subject != "script" and not request.ranges:
        questions.append(Question("ranges", f"which parameters has the {subject}, and which values may they take?"))
    return tuple(questions)


def _of_estimator(request: Request) -> tuple[Question, ...]:
    if request.data is None:
        known = f"{', '.join(BUNDLED)}, or the path of a CSV file"
        return (Question("data", f"which data are to be learned from? Name one of {known} (--data)"),)
    if request.target is None and request.data not in BUNDLED:
        return (Question("target", f"which column of {request.data} is to be predicted? Name it (--target)"),)
    return ()


def _without_range(request: Request) -> list[str]:
    """The parameters in braces of whose values nothing is known; a switch is on or off."""
    command = [request.command or ""]
    known = {_plain(asked.parameter) for asked in request.ranges} | {_plain(name) for name in switches(command)}
    return [name for name in placeholders(command) if name not in BUILT_IN and _plain(name) not in known]


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.lower())
