"""Markdown as `Content` of a given width: how a finished reply looks. No widgets here.

Links are shown, never followed, HTML is text, and what `markup` would read stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from textual.content import Content

from agenttune.tui.glyphs import BULLET, QUOTE_BAR, RULE
from agenttune.tui.styles import CODE, FAINT, MUTED, STRONG

INDENT = 2
GAP = 2
LEAST_CELLS = 4
"""No column of a table is narrower."""
RULE_CELLS = 20
_INLINE_STYLES = {"strong": "bold", "em": "italic", "s": "strike"}


def _parser() -> MarkdownIt:
    """Reads tables, but neither HTML nor what could hide or forge text: references, images, entities."""
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    return parser.disable(["reference", "image", "entity"])


def render_markdown(text: str, width: int) -> Content:
    """The (clean) text in lines of at most `width` cells."""
    root = SyntaxTreeNode(_parser().parse(text))
    return Content("\n").join(_apart([_block(node, max(LEAST_CELLS, width)) for node in root.children]))


def _apart(blocks: Sequence[list[Content]]) -> list[Content]:
    """The lines of all blocks, a blank line between two."""
    return [line for i, block in enumerate(blocks) for line in ([Content("")] * (i > 0) + block)]


def _block(node: SyntaxTreeNode, width: int) -> list[Content]:
    match node.type:
        case "heading":
            return [line.stylize(STRONG) for line in _inline_lines(node, width)]
        case "bullet_list":
            return [line for item in node.children for line in _hung(item, f"{BULLET} ", width)]
        case "ordered_list":
            first = int(node.attrs.get("start", 1))
            items = enumerate(node.children, first)
            return [line for number, item in items for line in _hung(item, f"{number}. ", width)]
        case "fence" | "code_block":
            lines = node.content.rstrip("\n").expandtabs(4).split("\n")
            room = max(LEAST_CELLS, width - INDENT)
            return [part.stylize(CODE).pad_left(INDENT) for line in lines for part in _folded(line, room)]
        case "blockquote":
            bar = Content.styled(f"{QUOTE_BAR} ", FAINT)
            lines_within = _apart([_block(child, max(LEAST_CELLS, width - INDENT)) for child in node.children])
            return [bar + line.stylize_before(MUTED) for line in lines_within]
        case "table":
            return _table(node, width)
        case "hr":
            return [Content.styled(RULE * min(width, RULE_CELLS), FAINT)]
        case _:
            return _inline_lines(node, width)


def _folded(line: str, width: int) -> list[Content]:
    return Content(line).fold(width) if line else [Content("")]


def _hung(item: SyntaxTreeNode, label: str, width: int) -> list[Content]:
    """A list's item beside its label."""
    lines = [line for child in item.children for line in _block(child, max(LEAST_CELLS, width - len(label)))]
    head, *rest = lines or [Content("")]
    return [Content.styled(label, MUTED) + head, *(line.pad_left(len(label)) for line in rest)]


def _inline_lines(node: SyntaxTreeNode, width: int) -> list[Content]:
    content = Content("").join([_inline(child) for child in node.children])
    return [line for part in content.split("\n", allow_blank=True) for line in part.wrap(width)]


def _inline(node: SyntaxTreeNode) -> Content:
    match node.type:
        case "softbreak" | "hardbreak":
            return Content("\n")
        case "code_inline":
            return Content.styled(node.content, CODE)
        case "link":
            href = str(node.attrs.get("href", ""))
            words = Content("").join([_inline(child) for child in node.children])
            return words if words.plain == href else words + Content.styled(f" ({href})", MUTED)
        case _ if node.children:
            words = Content("").join([_inline(child) for child in node.children])
            return words.stylize(_INLINE_STYLES.get(node.type, ""))
        case _:
            return Content(node.content)


def _table(node: SyntaxTreeNode, width: int) -> list[Content]:
    rows = [
        [Content("").join([_inline(part) for part in cell.children]) for cell in row.children]
        for section in node.children
        for row in section.children
    ]
    widths = _column_widths([max(cell.cell_length for cell in column) for column in zip(*rows, strict=True)], width)
    lines: list[Content] = []
    for i, row in enumerate(rows):
        cells = [cell.wrap(cells) for cell, cells in zip(row, widths, strict=True)]
        style = STRONG if i == 0 else ""
        lines += [_row(parts, widths).stylize(style) for parts in zip_longest(*cells, fillvalue=Content(""))]
    return lines


def _row(parts: Sequence[Content], widths: Sequence[int]) -> Content:
    padded = [part.pad_right(cells - part.cell_length) for part, cells in zip(parts, widths, strict=True)]
    return Content(" " * GAP).join(padded).rstrip()


def _column_widths(wanted: Sequence[int], width: int) -> list[int]:
    """What each column gets; the widest give way first."""
    widths = [max(1, cells) for cells in wanted]
    room = width - GAP * (len(widths) - 1)
    while sum(widths) > room and max(widths) > LEAST_CELLS:
        widest = widths.index(max(widths))
        second = max([cells for i, cells in enumerate(widths) if i != widest], default=0)
        spare = sum(widths) - room
        widths[widest] = max(LEAST_CELLS, widths[widest] - max(1, min(spare, widths[widest] - second)))
    return widths
