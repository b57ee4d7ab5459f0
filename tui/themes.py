"""The colour themes. Colours never tell anything alone: words and signs say the same."""

from __future__ import annotations

from collections.abc import Mapping

from textual.color import Color
from textual.theme import Theme

DARK = Theme(
    name="agenttune",
    primary="#62c6b6",
    secondary="#8ab4f8",
    accent="#f2c063",
    success="#8fd18a",
    warning="#f2c063",
    error="#f08a80",
    foreground="#d9dee7",
    background="#12151a",
    surface="#181c23",
    panel="#232932",
    dark=True,
    variables={"input-selection-background": "#62c6b6 35%", "footer-key-foreground": "#62c6b6"},
)

LIGHT = Theme(
    name="agenttune-light",
    primary="#0b7a6b",
    secondary="#2459b3",
    accent="#a05a00",
    success="#2d7d32",
    warning="#a05a00",
    error="#b3261e",
    foreground="#22262c",
    background="#fbfbf9",
    surface="#f1f1ee",
    panel="#e3e4e0",
    dark=False,
)

CONTRAST = Theme(
    name="agenttune-contrast",
    primary="#00ffd0",
    secondary="#9ecbff",
    accent="#ffd75e",
    success="#5cff5c",
    warning="#ffd75e",
    error="#ff8080",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#3a3a3a",
    dark=True,
    variables={"input-selection-background": "#00ffd0 45%", "footer-key-foreground": "#00ffd0"},
)
"""For bright rooms and tired eyes: texts at 7:1 or more against their ground, labels and axes at 3.6:1."""


def quiet_variables(variables: Mapping[str, str], *, is_native: bool) -> dict[str, str]:
    """`$muted` and `$faint` of the styles, which no theme of Textual has.

    Args:
        variables: the theme's own.
        is_native: whether the terminal's own colours are used: they cannot be mixed, so what is quiet is dim.
    """
    if is_native:
        return {"muted": "dim", "faint": "dim"}
    foreground = Color.parse(variables["foreground"])
    return {"muted": foreground.with_alpha(0.62).hex, "faint": foreground.with_alpha(0.40).hex}
