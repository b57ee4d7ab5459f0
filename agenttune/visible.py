"""Text from anywhere made safe for a terminal: no control characters, no escape sequences. Standard library only.

Where keys are taken out, too (redaction.py), that comes after: a control code within a key hides it.
"""

from __future__ import annotations

import re

ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # OSC, DCS, SOS, PM, APC with their payload; no further than their line
    r"|\x1b[ -/]*[0-~]?"  # any other escape
    r"|\x9b[0-?]*[ -/]*[@-~]",  # CSI as one byte
    re.MULTILINE,
)
"""Sequences that a terminal obeys."""
_SIGNS = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f"
    r"\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"  # direction, joiners, invisible signs
    r"\ufe00-\ufe0f"  # variation selectors: terminals disagree about the width they make
    r"\ud800-\udfff"  # halves of a sign: they cannot be written
)
UNSEEN = re.compile(rf"[\t\n{_SIGNS}]")
"""Single signs that a terminal obeys or does not show."""
_UNSEEN_IN_LINES = re.compile(f"[{_SIGNS}]")


def clean(text: str) -> str:
    """One line without control characters, escape sequences or marks that reverse text; runs of blanks become one."""
    return " ".join(UNSEEN.sub("", ESCAPES.sub("", re.sub(r"[\t\r\n\u2028\u2029]", " ", text))).split())


def clean_block(text: str) -> str:
    """As `clean`, but line ends, tabs and blanks stay."""
    return _UNSEEN_IN_LINES.sub("", ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
