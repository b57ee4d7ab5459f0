"""From a terminal to the application and back: signals, the terminal's state, the exit code, the last word.

Textual paints on stderr and restores the terminal when it ends by itself, but not on SIGTERM or
SIGHUP: both are caught here and make it end by itself. stdout gets one line, after the screen is gone.
"""

from __future__ import annotations

import os
import signal
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from agenttune.tui.glyphs import choose_glyphs
from agenttune.tui.title import END

if TYPE_CHECKING:
    from agenttune.tui.app import AgentTuneApp

EXIT_BAD_INPUT = 2
NO_TERMINAL = (
    "agenttune: the interface needs a terminal that can move its cursor, and there is none here: "
    'try `agenttune tune "tune an SVM on digits for accuracy" --yes`'
)
SIGNALS = (signal.SIGTERM, signal.SIGHUP)
PATIENCE_S = 3.0
"""After a signal the application has this long to end by itself, then the process ends anyway."""
RESTORE = "\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
"""Ends bracketed paste, mouse reports, the key protocol and the alternate screen; shows the cursor."""


def launch(store_path: Path, study_id: str | None) -> int:
    """Runs the application and returns the exit code of the process.

    Raises:
        Exception: whatever ended the application; the terminal is restored by then.
    """
    if not has_terminal():
        sys.stderr.write(NO_TERMINAL + "\n")
        return EXIT_BAD_INPUT
    from agenttune.settings import load_settings
    from agenttune.tui.app import make_app

    settings = load_settings()
    glyph_set, no_color = choose_glyphs(os.environ), "NO_COLOR" in os.environ
    app = make_app(store_path, study_id, glyph_set=glyph_set, no_color=no_color, settings=settings)
    with leaving_on_signals(app) as received:
        app.run()
        if app.terminal_title is not None:
            with suppress(OSError):  # the terminal is gone
                os.write(2, END.encode())
    if received:
        _let_go_of_dead_streams()
        return 128 + received[0]
    if app.crash is not None:
        raise _cause(app.crash)
    _say_farewell(app)
    return app.return_code or 0


def has_terminal() -> bool:
    """Whether keys can be read, and a screen painted on stderr."""
    streams = (sys.__stdin__, sys.__stderr__)
    return all(s is not None and s.isatty() for s in streams) and os.environ.get("TERM", "") not in ("", "dumb")


@contextmanager
def leaving_on_signals(app: AgentTuneApp) -> Iterator[list[int]]:
    """SIGTERM and SIGHUP end the application in order; yields the list of those received."""
    received: list[int] = []
    saved = termios.tcgetattr(sys.__stdin__) if sys.__stdin__ is not None else None

    def leave(number: int, frame: FrameType | None) -> None:
        received.append(number)
        if len(received) == 1:
            watchdog = threading.Timer(PATIENCE_S, _end_process, (128 + number, saved, app.terminal_title is not None))
            watchdog.daemon = True
            watchdog.start()
            if app.loop is None:
                _end_process(128 + number, saved, False)
            else:
                app.loop.call_soon_threadsafe(app.exit)

    before = {number: signal.signal(number, leave) for number in SIGNALS}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_process(code: int, saved: list[Any] | None, has_title: bool) -> None:
    """Restores the terminal as far as it is still there, and ends at once."""
    with suppress(OSError, termios.error):
        os.write(2, (RESTORE + (END if has_title else "")).encode())
        if saved is not None:
            termios.tcsetattr(0, termios.TCSANOW, saved)
    os._exit(code)


def _cause(error: BaseException) -> BaseException:
    """The error itself, where Textual wrapped it into the failure of a worker."""
    from textual.worker import WorkerFailed

    return error.error if isinstance(error, WorkerFailed) else error


def _say_farewell(app: AgentTuneApp) -> None:
    """One line on stdout: how the study stands and how to come back to it."""
    from agenttune.tui.farewell import farewell

    with suppress(OSError):  # the terminal is gone
        for line in farewell(app.snapshot, app.engine.store_path):
            sys.stdout.write(line + "\n")
        sys.stdout.flush()
    _let_go_of_dead_streams()


def _let_go_of_dead_streams() -> None:
    """Gives streams whose terminal is gone to the null device: what is left in them must not fail the exit (120)."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
