"""Text from anywhere made safe for a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenttune.visible import clean, clean_block

HOSTILE = {
    "\x1b[31mred\x1b[0m": "red",
    "\x1b]8;;http://x\x07link\x1b]8;;\x07": "link",
    "\x1b]0;title\x1b\\after": "after",
    "a\x1b]0;title": "a",
    "\x1bPdcs\x1b\\after": "after",
    "\x1b[?1049hscreen": "screen",
    "\x1bcreset": "reset",
    "c1\x9b31mred": "c1red",
    "nul\x00 bell\x07 del\x7f": "nul bell del",
    "tab\tand\nline": "tab and line",
    "abc\u202egnp.exe": "abcgnp.exe",
    "in\u200bvisible\ufe0f \u061csigns\u2066": "invisible signs",
    "half\ud83d of a sign": "half of a sign",
}
"""Text -> what is seen of it."""


@pytest.mark.parametrize("text", HOSTILE)
def test_clean_leaves_nothing_that_steers_a_terminal(text: str) -> None:
    assert clean(text) == HOSTILE[text]


def test_clean_keeps_what_is_readable() -> None:
    assert clean("\x1b[1mbold\x1b[0m  [/] [bold] 日本 é") == "bold [/] [bold] 日本 é"


@given(st.text())
def test_clean_is_idempotent_and_printable(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not any(ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 for sign in once)


@pytest.mark.parametrize("text", [text for text in HOSTILE if "\n" not in text])
def test_block_keeps_its_lines_and_an_open_sequence_hides_none(text: str) -> None:
    block = clean_block(f"  {text}\r\n\tnext\rlast")
    assert block == f"  {clean_block(text)}\n\tnext\nlast"
    assert clean(block) == f"{HOSTILE[text]} next last"
