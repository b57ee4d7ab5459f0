"""What a model is told of the thing that is tuned, as far as the study knows it."""

from __future__ import annotations

from agenttune.cards import CARDS
from agenttune.spec import StudySpec

HEADINGS = ("understood", "data", "assumed")
"""Lines of `spec.extra["understood"]` that say more than space and goal."""


def study_context(spec: StudySpec) -> dict[str, str]:
    """(label -> text) of the request, the estimator, the data; as they were given, so untrusted."""
    context = {"request": spec.request} if spec.request else {}
    family = spec.objective.get("family")
    if isinstance(family, str) and family in CARDS:
        context["estimator"] = CARDS[family].title
    understood = spec.extra.get("understood")
    for line in understood if isinstance(understood, list) else []:
        if isinstance(line, list) and len(line) == 2 and line[0] in HEADINGS:
            context[str(line[0])] = str(line[1])
    return context
