"""The command line: `agenttune COMMAND ...`. One file per command, imported once the command is known.

Promises: exit codes 0 (a study ended with a successful, feasible trial, or the command did its work), 1 (a
study ended with none), 2 (bad input, or input needed and no terminal), 70 (our fault: traceback in a
file, one sentence on stderr), 130 / 129 / 143 / 141 (interrupted, hung up, terminated, reader gone).
A stream closed from the start (`>&-`) counts as the null device: the code is that of the command.
stdout carries results, stderr everything else. `agenttune --help` imports the standard library only.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from agenttune.cli.console import results_lost
from agenttune.cli.parser import build_parser, load_command
from agenttune.errors import UserError

EXIT_OK = 0
EXIT_BAD_INPUT = 2
EXIT_OUR_FAULT = 70
EXIT_INTERRUPTED = 130
EXIT_READER_GONE = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; never raises, never prints a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _open_closed_streams()
    _tolerate_narrow_encodings()
    try:
        code = _dispatch(arguments)
    except BrokenPipeError:
        code = EXIT_READER_GONE
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    except SystemExit as wish:
        code = wish.code if isinstance(wish.code, int) else EXIT_OK
    except UserError as error:
        _complain(str(error))
        code = EXIT_BAD_INPUT
    except Exception as error:  # noqa: BLE001  # the last line of defence: exit code 70 and a file, no traceback
        from agenttune.cli.crash import record_crash

        _complain(record_crash(error, arguments))
        code = EXIT_OUR_FAULT
    return _settle_stdout(code)


def _dispatch(arguments: list[str]) -> int:
    if sys.platform == "win32":
        raise UserError("Windows is not supported; inside WSL (https://aka.ms/wsl) AgentTune runs as on Linux")
    if not arguments:
        from agenttune.cli.bare import run_bare

        return run_bare()
    parsed = build_parser(arguments).parse_args(arguments)
    return load_command(parsed.command).run(parsed)


def _complain(sentence: str) -> None:
    from agenttune.cli.console import say

    say(f"agenttune: {sentence}")


def _open_closed_streams() -> None:
    """Gives a closed stream's number to the null device; else the next file opened, the store say, would take it."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(descriptor, True)
            setattr(sys, name, os.fdopen(descriptor, mode))


def _tolerate_narrow_encodings() -> None:
    """A character that the terminal's encoding lacks becomes a question mark, not a crash."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _settle_stdout(code: int) -> int:
    """Flushes stdout; when that fails, makes sure that the interpreter does not complain at exit."""
    is_lost = code == EXIT_READER_GONE
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code, is_lost = EXIT_READER_GONE, True
    except OSError as error:
        if code != EXIT_BAD_INPUT:  # else it was said when it was written
            _complain(results_lost(error))
        code, is_lost = EXIT_BAD_INPUT, True
    if is_lost:
        with open(os.devnull, "w") as sink:  # noqa: PTH123  # a device
            os.dup2(sink.fileno(), sys.stdout.fileno())
    return code
