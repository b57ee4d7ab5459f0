"""What every arm would have run in a trial's place, as a table, and who was right in hindsight."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from agenttune.tui import glyphs
from agenttune.tui.styles import GOOD, MUTED
from agenttune.tui.text import hanging, number, shorten
from agenttune.tui.trust import ARM_CELLS, UNKNOWN, Cell, table
from agenttune.units import spell_seconds
from agenttune.visible import clean

if TYPE_CHECKING:
    from agenttune.insight.answers.why import Offered, WhyTrial


def verdict_content(answer: WhyTrial, width: int) -> Content:
    """The table with its heading, at most `width` cells wide where that can be."""
    return Content("\n").join([Content(""), Content.styled("what else would have run", "bold"), *_lines(answer, width)])


def _lines(answer: WhyTrial, width: int) -> Iterator[Content]:
    has_seconds = any(offered.seconds is not None for offered in answer.offers)
    heads = ["arm", "expected", "sd", *(["takes"] if has_seconds else []), "score", "succeeds", "today"]
    rows = [_cells(answer, offered, has_seconds=has_seconds) for offered in answer.offers]
    yield from table(heads, rows, width)
    for told in (_measured_from(answer), _sentence(answer)):
        for label, text in hanging("", told, label_cells=0, width=width) if told is not None else ():
            yield Content.assemble((label, MUTED), text)


def _cells(answer: WhyTrial, offered: Offered, *, has_seconds: bool) -> list[Cell]:
    is_right = answer.right is not None and answer.right.arm == offered.arm
    ran = f" {glyphs.BEST} ran" if offered.ran else ""
    today = offered.in_hindsight
    told = _went_wrong(offered) if today is None else number(today)
    if today is not None and offered.measured is None and offered.hindsight_sd is not None:
        told += f" ±{offered.hindsight_sd:.2g}"
    return [
        (shorten(clean(offered.arm), ARM_CELLS) + ran, "bold" if offered.ran else MUTED),
        (number(offered.mean), ""),
        (f"±{offered.sd:.2g}", MUTED),
        *([(_takes(offered), MUTED)] if has_seconds else []),
        (f"{offered.log_ei:.1f}", ""),
        (f"{offered.feasibility:.0%}", ""),
        (told, GOOD if is_right else ""),
    ]


def _went_wrong(offered: Offered) -> str:
    return UNKNOWN if offered.failed_in is None else "infeasible" if offered.is_infeasible else "failed"


def _takes(offered: Offered) -> str:
    return UNKNOWN if offered.seconds is None else f"about {spell_seconds(offered.seconds)}"


def _measured_from(answer: WhyTrial) -> str | None:
    if answer.best_score is None:
        return None
    return f"the gate measures from {answer.best_score:.1f}, the best point that the surrogate found and did not offer"


def _sentence(answer: WhyTrial) -> str | None:
    right = answer.right
    if right is None:
        return None
    if right.lead is None:
        return f"in hindsight {clean(right.arm)} was right: what ran did not succeed"
    if right.lead == 0:
        return f"in hindsight {clean(right.arm)} was right: nothing better is known of the others' points"
    doubt = "" if right.is_sure else ", which is less than is sure"
    return (
        f"in hindsight {clean(right.arm)} was right: its point is better than what ran by {number(right.lead)}{doubt}"
    )
