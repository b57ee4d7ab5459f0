"""`Welcome`: what one sees before there is a study: three things to type, and the studies there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.content import Content
from textual.widgets import Static

from agenttune.tui import glyphs
from agenttune.tui.messages import StudyLine
from agenttune.tui.phase import phase_of
from agenttune.tui.styles import KEY, MUTED
from agenttune.tui.text import age, fit, number
from agenttune.tui.widgets.strip import sign_of
from agenttune.visible import clean

EXAMPLES = (
    "tune an SVM on digits for accuracy, 30 trials, at most 5 minutes",
    "tune gradient boosting on wine, 40 trials, learning rate 0.01 to 0.3 log",
    "/studies",
)
"""Things to type; each works as it stands."""
ASKS = ("how is it going?", "what did we learn?", "is it worth going on?", "ten more trials")
"""Things to say of a study; each works as it stands, in any study with a bound on its trials."""
LISTED = 5


class Welcome(Static):
    """Shown while no study is followed."""

    DEFAULT_CSS = """
    Welcome { height: 1fr; padding: 1 2; overflow-y: auto; }
    """

    def __init__(self, clock: Callable[[], float], *, id: str | None = None) -> None:
        super().__init__(welcome_content((), now=0.0), id=id)
        self._clock = clock

    def show(self, studies: Sequence[StudyLine]) -> None:
        """Lists these studies below the examples."""
        self.update(welcome_content(studies, now=self._clock()))


def welcome_content(studies: Sequence[StudyLine], *, now: float) -> Content:
    """The text."""
    request, other, listing = EXAMPLES
    lines = [
        Content.styled("Say what to tune. For example:", "bold"),
        Content(""),
        _example(request),
        _example(other),
        _example(listing, "  go back to an earlier study"),
        Content(""),
        Content.assemble(
            ("Tab", KEY),
            (" writes the first one for you   ", MUTED),
            ("/help", KEY),
            (" lists keys and commands", MUTED),
        ),
    ]
    if studies:
        lines += [Content(""), Content.styled("Studies here", "bold"), Content("")]
        lines += [study_line(study, now=now) for study in studies[:LISTED]]
    return Content("\n").join(lines)


def asks_content() -> Content:
    """What can be said of a study, while nothing was."""
    lines = [Content.styled("Ask about this study, or change it. For example:", "bold"), Content("")]
    return Content("\n").join([*lines, *map(_example, ASKS)])


def _example(text: str, note: str = "") -> Content:
    return Content.assemble((f"  {glyphs.POINTER} ", "$primary"), text, (note, MUTED))


def study_line(study: StudyLine, *, now: float) -> Content:
    """`  ✔ svm-digits      finished     30/30   accuracy 0.9889   5 min ago`."""
    phase = phase_of(study.status)
    sign, tone = sign_of(phase, has_only_failures=study.has_only_failures)
    total = "" if study.n_budget is None else f"/{study.n_budget}"
    best = "" if study.best is None else f"{clean(study.metric)} {number(study.best)}"
    return Content.assemble(
        (f"  {sign} ", tone),
        fit(clean(study.name), 22),
        (f"  {phase.value:<11}", tone),
        (f"{study.n_trials}{total}".rjust(8), MUTED),
        (f"   {fit(best, 18)} ", ""),
        (age(now - study.created_at), MUTED),
    )
