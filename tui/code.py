"""What the screen says of a study over code: its variants as a tree, one of them, a diff. Pure: no widgets here.

Code, ideas and reasons come from a model: they are cleaned, and put into texts that read no markup.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from agenttune.tui import glyphs
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.styles import BAD, BEST, CODE, FAINT, GOOD, KEY, MUTED, STRONG
from agenttune.tui.text import code_lines, fit, hanging, number, plural, scalar
from agenttune.variant import PARAMETER, Lesson, RefusedBlock, Variant, name_of
from agenttune.visible import clean

if TYPE_CHECKING:  # numpy comes with it, after the first paint
    from agenttune.spec import StudySpec
    from agenttune.variants.tree import Node, Tree

LABEL_CELLS = 10
SIGN_CELLS, VALUE_CELLS, GAIN_CELLS, TRIALS_CELLS, ACTION_CELLS = 2, 10, 10, 7, 9
LEAST_IDEA = 16
"""Cells of an idea, for which action and number of trials give way."""
TREE_SHARE = 3
"""The tree takes a third of the width at most; deeper branches lose their left end."""
MOST_LESSONS = 5
"""The latest, below the tree; the sheet of a variant has all of its own."""
DIFF_STYLES = {"+": GOOD, "-": BAD, "@": CODE, "\\": FAINT}
"""First sign of a line of a diff -> how it looks; where there is no colour, the sign says it."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The view of the variants, line by line."""

    lines: list[Content]
    rows: dict[int, int]
    """Line -> number of the variant that is told in it."""
    chosen: tuple[int, int]
    """(first line of the chosen variant, the one behind its last)."""


def scored_words(spec: StudySpec) -> str:
    """Where the score comes from."""
    objective = spec.objective
    if "data" in objective:
        return f"{clean(spec.goal.metric)} of predictions on {clean(str(objective['data']))}, by labels it cannot read"
    return f"{clean(spec.goal.metric)}, self-reported by {clean(str(objective.get('command')))}"


def is_self_reported(spec: StudySpec) -> bool:
    """Whether the code that is scored tells its own score."""
    return "data" not in spec.objective


def origin_words(variant: Variant) -> str:
    """`improve of v1`, or whose code it is."""
    if variant.parent is None:
        return "your own code"
    return f"{variant.action} of {name_of(variant.parent)}"


def variant_words(snapshot: Snapshot, config_name: object, *, has_idea: bool) -> str | None:
    """`v3, improve of v1: the idea` of a configuration's variant; None where it is not known.

    Args:
        snapshot: of a study over code.
        config_name: the variant in a configuration.
        has_idea: whether the idea is told.
    """
    node = next((node for node in snapshot.tree.nodes.values() if node.variant.name == config_name), None)
    if node is None:
        return None
    idea = f": {clean(node.variant.idea)}" if has_idea and node.variant.idea else ""
    return f"{node.variant.name}, {origin_words(node.variant)}{idea}"


def diff_lines(diff: str) -> list[Content]:
    """A diff with its added and removed lines in colours."""
    return [
        Content.styled(line, MUTED if line.startswith(("+++ ", "--- ")) else DIFF_STYLES.get(line[:1], ""))
        for line in code_lines(diff)
    ]


def lessons_of(snapshot: Snapshot, number: int | None = None) -> list[Lesson]:
    """All lessons of a study, or those of one variant, in order."""
    lessons = (entry for entry in snapshot.view.code if isinstance(entry, Lesson))
    return [lesson for lesson in lessons if number is None or lesson.variant == number]


# -- the tree ----------------------------------------------------------------------------------------


def best_number(tree: Tree) -> int | None:
    """Number of the best variant; None where none was measured."""
    ranked = tree.ranked
    return ranked[0].variant.number if ranked else None


def tree_rows(tree: Tree) -> list[tuple[str, Node]]:
    """(branches that lead to it, variant), children below their parent."""
    return [
        ("".join("  " if is_last else "│ " for is_last in way[:-1]) + ("└ " if way[-1] else "├ ") if way else "", node)
        for way, node in tree.rows()
    ]


def variants_picture(snapshot: Snapshot, chosen: int, *, width: int) -> Picture:
    """The view: what is improved and how it is scored, the tree, what was refused and learnt."""
    objective, tree = snapshot.row.spec.objective, snapshot.tree
    what = f"{clean(str(objective.get('target') or 'all'))} of {clean(str(objective.get('file')))}"
    lines = [
        *_labelled("code", what, width=width),
        *_labelled("scored", scored_words(snapshot.row.spec), width=width),
        Content(""),
    ]
    if not tree.nodes:
        lines.append(Content.styled("no variant yet", MUTED))
        return Picture(lines, {}, (0, 0))
    rows, best = tree_rows(tree), best_number(tree)
    cells = min(width // TREE_SHARE, max(cell_len(f"{lead}{node.variant.name}") for lead, node in rows) + 1)
    lines.append(_head(snapshot, cells, width))
    told: dict[int, int] = {}
    first = last = 0
    for lead, node in rows:
        is_chosen = node.variant.number == chosen
        start = len(lines)
        lines.append(_row(lead, node, cells, width, is_best=node.variant.number == best, is_chosen=is_chosen))
        if is_chosen:
            lines += about_lines(snapshot, node, width=width - 2)
            first, last = start, len(lines)
        told |= dict.fromkeys(range(start, len(lines)), node.variant.number)
    return Picture([*lines, *_foot(snapshot, width)], told, (first, last))


def _head(snapshot: Snapshot, cells: int, width: int) -> Content:
    texts = [
        fit("", 2 + cells + SIGN_CELLS),
        fit(clean(snapshot.metric), VALUE_CELLS - 1, right=True) + " ",
        fit("gain", GAIN_CELLS - 1, right=True) + " ",
    ]
    if _has_details(cells, width):
        texts += [fit("trials", TRIALS_CELLS - 1, right=True) + " ", fit("action", ACTION_CELLS)]
    return Content.styled(fit("".join([*texts, "idea"]), width).rstrip(), FAINT)


def _has_details(cells: int, width: int) -> bool:
    left = 2 + cells + SIGN_CELLS + VALUE_CELLS + GAIN_CELLS
    return width - left - TRIALS_CELLS - ACTION_CELLS >= LEAST_IDEA


def _row(lead: str, node: Node, cells: int, width: int, *, is_best: bool, is_chosen: bool) -> Content:
    variant = node.variant
    room = cells - cell_len(variant.name) - 1
    branch = lead if cell_len(lead) <= room else glyphs.ELLIPSIS + lead[len(lead) - room + 1 :]
    sign, tone = _sign(node, is_best=is_best)
    value, value_style = _value(node, is_best=is_best)
    gain = "" if node.gain is None else f"{node.gain:+.4f}"
    gain_style = GOOD if (node.gain or 0) > 0 else BAD if (node.gain or 0) < 0 else MUTED
    parts = [
        (f"{glyphs.POINTER if is_chosen else ' '} ", KEY),
        (branch, FAINT),
        (fit(variant.name, cells - cell_len(branch)), KEY if is_chosen else STRONG),
        (fit(sign, SIGN_CELLS), tone),
        (fit(value, VALUE_CELLS - 1, right=True) + " ", value_style),
        (fit(gain, GAIN_CELLS - 1, right=True) + " ", gain_style),
    ]
    if _has_details(cells, width):
        parts += [
            (fit(str(len(node.trials) or ""), TRIALS_CELLS - 1, right=True) + " ", MUTED),
            (fit(variant.action, ACTION_CELLS), MUTED),
        ]
    left = sum(cell_len(text) for text, _ in parts)
    return Content.assemble(*parts, (fit(clean(variant.idea) or "your own code", width - left).rstrip(), ""))


def _sign(node: Node, *, is_best: bool) -> tuple[str, str]:
    if is_best:
        return glyphs.BEST, BEST
    return {
        "failed": (glyphs.FAILED, BAD),
        "running": (glyphs.RUNNING, CODE),
        "unrun": (glyphs.WAITING, MUTED),
        "complete": ("", ""),
    }[node.state]


def _value(node: Node, *, is_best: bool) -> tuple[str, str]:
    if node.value is not None:
        return number(node.value), BEST if is_best else STRONG
    if node.state == "failed" and node.failure is not None:
        return node.failure.kind.value, BAD
    return {"unrun": "waits"}.get(node.state, node.state), MUTED


def about_lines(snapshot: Snapshot, node: Node, *, width: int) -> list[Content]:
    """What a row has no room for: the idea in full, why it failed, its best numbers, lessons."""
    variant = node.variant
    lines = []
    if variant.parent is not None:
        lines += _labelled(variant.action, f"of {name_of(variant.parent)}: {clean(variant.idea)}", width=width)
    if node.failure is not None:
        told = f"{node.failure.kind.value}: {clean(node.failure.message)}"
        lines += _labelled("failed", told, width=width, style=BAD)
    if numbers := numbers_words(node):
        lines += _labelled("numbers", numbers, width=width)
    for lesson in lessons_of(snapshot, variant.number):
        lines += _labelled("lesson", clean(lesson.text), width=width)
    return [Content("  ") + line for line in lines]


def numbers_words(node: Node) -> str:
    """`lr=0.01 hidden=64` of the best trial; "" where it has no number or none was measured."""
    if node.best is None:
        return ""
    lead = f"{node.variant.name}."
    config = {name: value for name, value in node.best.config.items() if name != PARAMETER}
    return "  ".join(f"{clean(name.removeprefix(lead))}={scalar(value)}" for name, value in config.items())


def _foot(snapshot: Snapshot, width: int) -> list[Content]:
    """What was refused, by kind with the last reason, and the latest lessons."""
    refused = [entry for entry in snapshot.view.code if isinstance(entry, RefusedBlock)]
    lines: list[Content] = []
    for at, (kind, n) in enumerate(Counter(entry.kind for entry in refused).most_common()):
        last = next(entry for entry in reversed(refused) if entry.kind == kind)
        lines += _labelled("" if at else "refused", f"{n} {kind}: {clean(last.reason)}", width=width)
    lessons = lessons_of(snapshot)
    for at, lesson in enumerate(lessons[-MOST_LESSONS:]):
        lines += _labelled("" if at else "lessons", f"{name_of(lesson.variant)}: {clean(lesson.text)}", width=width)
    if len(lessons) > MOST_LESSONS:
        lines += _labelled(
            "", f"{plural(len(lessons) - MOST_LESSONS, 'earlier lesson')} with their variants", width=width
        )
    return [Content(""), *lines] if lines else []


def _labelled(label: str, text: str, *, width: int, style: str = "") -> list[Content]:
    rows = hanging(label, text, label_cells=LABEL_CELLS, width=width)
    return [Content.assemble((name, FAINT), (row, style)) for name, row in rows]
