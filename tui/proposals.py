"""Proposals as a small table: who offered what, why, what was expected, and what the gate said. No widgets here.

Nothing is worked out: rows are read off what tools answered and the store keeps.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from rich.cells import cell_len
from textual.content import Content

from agenttune.trial import SOURCE_WORDS, PredictionSource
from agenttune.tui.styles import FAINT, MUTED
from agenttune.tui.text import config_words, fit, number, shorten
from agenttune.types import Json
from agenttune.visible import clean

GAP = 2
ARM_CELLS = 12
LEAST_WORDS = 16
"""Cells for the last column at least."""

Told = Mapping[str, Json]
"""What a tool or an event told of one proposal."""


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """One proposal, in words."""

    place: str
    """The trial, "#14", or the place in an order."""
    arm: str
    predicted: str
    words: str
    """Why, or which configuration."""
    notes: tuple[str, ...] = ()
    """What else there is to say, one line each."""


@dataclass(frozen=True, slots=True)
class ProposalTable:
    """Proposals that belong together."""

    what: str
    """Head of the words."""
    rows: tuple[ProposalRow, ...]


def table_of_call(name: str, record: Told) -> ProposalTable | None:
    """The proposals that a tool told of; None where it is no such tool, or did not work."""
    match name:
        case "propose" if record:
            return ProposalTable("why", (_proposed(record),))
        case "predict" if rows := _mappings(record.get("rows")):
            return ProposalTable("configuration", tuple(map(_foreseen, rows)))
        case "next_ideas" if rows := _mappings(record.get("ideas")):
            return ProposalTable("configuration", tuple(_idea(at, row) for at, row in enumerate(rows, 1)))
    return None


def table_of_news(origins: Iterable[Json]) -> ProposalTable | None:
    """Where the trials of some news came from; None if they are about none."""
    rows = tuple(_origin(origin) for origin in _mappings(list(origins)) if origin)
    return ProposalTable("why", rows) if rows else None


def proposals_content(table: ProposalTable, width: int) -> Content:
    """One row a proposal; its words are wrapped beside the numbers, with the notes below them."""
    columns = [
        ("", [row.place for row in table.rows]),
        ("arm", [shorten(row.arm, ARM_CELLS) for row in table.rows]),
        ("predicted", [row.predicted for row in table.rows]),
    ]
    columns = [column for column in columns if any(column[1])]
    widths = [max(map(cell_len, [head, *texts])) for head, texts in columns]
    left_cells = sum(widths) + GAP * len(widths)
    room = max(LEAST_WORDS, width - left_cells)
    heads = "".join(fit(head, cells + GAP) for (head, _), cells in zip(columns, widths, strict=True))
    lines = [Content.styled(heads + table.what, FAINT)]
    for at, row in enumerate(table.rows):
        left = "".join(fit(texts[at], cells + GAP) for (_, texts), cells in zip(columns, widths, strict=True))
        told = [*Content(row.words).wrap(room), *(part for note in row.notes for part in _note_lines(note, room))]
        lines += [Content(left if i == 0 else " " * left_cells) + part for i, part in enumerate(told or [Content("")])]
    return Content("\n").join(lines)


def _note_lines(note: str, room: int) -> Iterator[Content]:
    yield from Content.styled(note, MUTED).wrap(room)


# -- rows ---------------------------------------------------------------------------------------------


def _proposed(told: Told) -> ProposalRow:
    notes = _notes(_config(told), _words(told, "answer"))
    return ProposalRow("", _words(told, "arm"), "", _words(told, "reason"), notes)


def _origin(told: Told) -> ProposalRow:
    gate = _words(told, "gate")
    reason = _words(told, "reason").removesuffix(f"; {gate}")  # the gate adds its sentence there, too
    predicted = _predicted(told, "predicted_mean", "predicted_sd")
    by = SOURCE_WORDS.get(cast(PredictionSource, told.get("prediction_source"))) if predicted else None
    notes = _notes(f"gate: {gate}" if gate else "", f"predicted {by}" if by else "")
    return ProposalRow(f"#{told.get('number')}", _words(told, "arm"), predicted, reason, notes)


def _foreseen(told: Told) -> ProposalRow:
    known = told.get("number")
    words = _config(told) or _words(told, "problem")
    notes = _notes(_chance(told), "" if known is None else f"trial {known} has it")
    return ProposalRow(str(told.get("position")), "", _predicted(told, "mean", "sd"), words, notes)


def _idea(position: int, told: Told) -> ProposalRow:
    return ProposalRow(str(position), "", _predicted(told, "mean", "sd"), _config(told), _notes(_chance(told)))


def _notes(*notes: str) -> tuple[str, ...]:
    return tuple(filter(None, notes))


def _words(told: Told, key: str) -> str:
    return clean(str(told.get(key) or ""))


def _config(told: Told) -> str:
    config = told.get("config")
    return config_words(config) if isinstance(config, dict) else ""


def _predicted(told: Told, mean_key: str, sd_key: str) -> str:
    """`0.9812 ± 0.0021`."""
    mean, sd = _finite(told.get(mean_key)), _finite(told.get(sd_key))
    return "" if mean is None else number(mean) + ("" if sd is None else f" ± {number(sd)}")


def _chance(told: Told) -> str:
    p_better = _finite(told.get("p_better"))
    return "" if p_better is None else f"{p_better:.0%} likely to beat the best"


def _finite(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _mappings(value: Json) -> list[dict[str, Json]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
