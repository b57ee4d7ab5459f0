"""The last filter over painted lines for terminals without UTF-8."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from agenttune.tui.glyphs import to_ascii


class AsciiFilter(LineFilter):
    """Replaces every character beyond ASCII by one of the same width."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments in ASCII."""
        return [Segment(to_ascii(text), style, control) for text, style, control in segments]
