"""What a terminal is sent to take a text into its clipboard. Works over ssh, since the terminal is the person's own."""

from __future__ import annotations

import base64


def clipboard_code(text: str) -> str:
    """OSC 52: the text for the clipboard."""
    return f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\a"


def through_tmux(code: str) -> str:
    """A code that tmux hands to the terminal around it unread, where `allow-passthrough` is on."""
    doubled = code.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"
