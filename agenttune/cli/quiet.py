"""Keeps third-party chatter off the terminal: what libraries log or warn goes nowhere in the command line."""

from __future__ import annotations

import logging
import warnings


def quiet_libraries() -> None:
    """Called before a library that talks is imported (matplotlib announces its font cache)."""
    logging.getLogger().addHandler(logging.NullHandler())
    warnings.simplefilter("ignore")
