"""The terminal's title, which a tab or a list of windows shows: study and state.

The former title is put on the terminal's stack; a terminal without one is left without a title.
"""

from __future__ import annotations

from agenttune.tui.phase import Phase
from agenttune.tui.snapshot import Snapshot
from agenttune.tui.text import shorten
from agenttune.visible import clean

BEGIN = "\x1b[22;2t"
END = "\x1b]2;\x1b\\\x1b[23;2t"
MOST_NAME = 40
POOR = ("", "dumb", "linux")
"""Values of TERM without a title."""


def title_of(snapshot: Snapshot | None, *, is_waiting: bool) -> str:
    """`svm-digits - running, 12/30 trials - AgentTune`."""
    parts = ["waits for your yes"] if is_waiting else []
    if snapshot is not None:
        total = snapshot.row.spec.budget.trials
        state = snapshot.phase.value
        if snapshot.phase is Phase.RUNNING:
            state += f", {snapshot.n_done}{'' if total is None else f'/{total}'} trials"
        parts += [shorten(clean(snapshot.row.name), MOST_NAME), state]
    return " - ".join([*parts, "AgentTune"])


def title_code(text: str) -> str:
    """What a terminal is sent; the text holds no control codes (OSC 2)."""
    return f"\x1b]2;{text}\x1b\\"
