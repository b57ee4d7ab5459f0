"""Draws the pictures of the terminal interface in this folder, out of the snapshots that the tests compare with.

`pip install cairosvg && python docs/images/draw_states.py`; the snapshots are of a real store moved by hand.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

SNAPSHOTS = Path(__file__).parents[2] / "tests" / "tui" / "__snapshots__" / "test_snapshots"
STATES = {
    "empty": "test_empty[140x45]",
    "approval": "test_approval[140x45]",
    "conversation": "test_reply[140x45]",
    "edit": "test_edit_that_waits[140x45]",
    "parameters": "test_other_views[140x45-parameters]",
    "variants": "test_variants[140x45]",
    "log": "test_log_that_is_read[140x45]",
    "small": "test_running[80x24]",
}
"""Name of the picture -> snapshot."""
FONT = "DejaVu Sans Mono"


def main() -> None:
    """Writes the pictures."""
    import cairosvg  # type: ignore[import-not-found]  # for this script alone

    for name, snapshot in STATES.items():
        svg = (SNAPSHOTS / f"{snapshot}.svg").read_text(encoding="utf-8")
        svg = re.sub(r"@font-face\s*\{.*?\}\s*", "", svg, flags=re.DOTALL)  # no fonts from the net
        svg = re.sub(r"font-family:\s*[^;]+;", f"font-family: {FONT};", svg)
        svg = re.sub(r"<text ([^>]*)>([^<]*[\u2800-\u28ff][^<]*)</text>", _dotted, svg)
        cairosvg.svg2png(svg.encode(), write_to=str(Path(__file__).with_name(f"{name}.png")), output_width=1200)


def _dotted(match: re.Match[str]) -> str:
    """A text with braille, sign by sign, in a font that has them: its cells keep their places."""
    attributes, text = match[1], html.unescape(match[2])
    x, length = (float(re.search(rf'{name}="([\d.]+)"', attributes)[1]) for name in ("x", "textLength"))  # type: ignore[index]  # as textual writes them
    others = re.sub(r'(?<!\w)(?:x|textLength)="[\d.]+"', "", attributes)
    cell = length / len(text)
    return "".join(
        f'<text {others} style="font-family: DejaVu Sans" x="{x + at * cell:.1f}">{html.escape(sign)}</text>'
        for at, sign in enumerate(text)
        if not sign.isspace()
    )


if __name__ == "__main__":
    main()
