"""What a terminal can show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from agenttune.tui import glyphs
from agenttune.tui.ascii_filter import AsciiFilter
from agenttune.tui.glyphs import GlyphSet, choose_glyphs, to_ascii
from agenttune.tui.phase import Phase


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"LANG": "en_US.UTF-8", "TERM": "xterm"}, GlyphSet.BRAILLE),
        ({"LANG": "de_DE.utf8"}, GlyphSet.BRAILLE),
        ({}, GlyphSet.BRAILLE),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, GlyphSet.ASCII),
        ({"LANG": "en_US.ISO-8859-1"}, GlyphSet.ASCII),
        ({"LANG": "C.UTF-8", "TERM": "linux"}, GlyphSet.BLOCKS),
        ({"LC_ALL": "C", "AGENTTUNE_GLYPHS": "blocks"}, GlyphSet.BLOCKS),
        ({"LANG": "C.UTF-8", "AGENTTUNE_GLYPHS": "nonsense"}, GlyphSet.BRAILLE),
    ],
)
def test_the_environment_decides_the_glyph_set(environ: dict[str, str], expected: GlyphSet) -> None:
    assert choose_glyphs(environ) is expected


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"))))
def test_ascii_likeness_keeps_the_width(text: str) -> None:
    assert to_ascii(text).isascii()
    assert len(to_ascii(text)) == sum(max(cell_len(c), 0) for c in text)


def test_every_sign_has_a_likeness_of_its_own() -> None:
    signs = [glyphs.BEST, glyphs.RUNNING, glyphs.WAITING, glyphs.PAUSED, glyphs.FAILED, glyphs.STOPPED]
    likenesses = [to_ascii(sign) for sign in signs]
    assert len(set(likenesses)) == len(signs)
    assert "?" not in likenesses


def test_points_of_different_kinds_stay_apart_in_ascii() -> None:
    likenesses = [to_ascii(sign) for sign in (*glyphs.MARKS, glyphs.BEST, glyphs.TIMES)]
    assert len(set(likenesses)) == len(likenesses) and "?" not in likenesses
    assert all(cell_len(mark) == 1 for mark in glyphs.MARKS)


def test_every_phase_has_a_sign_of_one_cell() -> None:
    assert all(cell_len(phase.mark) == 1 for phase in Phase)


def test_filter_replaces_what_a_terminal_without_utf8_cannot_show() -> None:
    filtered = AsciiFilter().apply([Segment("★ 0.98 · ✖")], Color(0, 0, 0))
    assert filtered == [Segment("* 0.98 . x")]
