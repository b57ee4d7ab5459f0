"""The two colour themes. Colours never tell anything alone: words and signs say the same."""

from __future__ import annotations

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
