"""What an objective returned or raised, as finite metrics or as a failure with its evidence.

Not for: running anything. Shared by every executor, so that a trial ends the same wherever it ran.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import numpy as np

from agenttune.errors import TrialFailure, UserError
from agenttune.redaction import redact
from agenttune.trial import Failure, FailureKind

log = logging.getLogger(__name__)

TRACEBACK_LINES = 20
"""Enough for the user's own frames; the whole of it is in the log."""
MESSAGE_CHARACTERS = 500
"""A message is a sentence in tables and prompts; some libraries put pages into theirs. A line of a traceback, too."""
READ_CHARACTERS = 10_000
"""Of a line that is looked at for keys before it is cut: more than any key has."""

_PACKAGE = str(Path(__file__).parent.parent)


def as_number(value: object, name: str) -> float:
    """`value` as a finite float; numpy scalars and tensors of one element count as numbers.

    Raises:
        TrialFailure: it is no number (kind "invalid"), or not a finite one (kind "nan").
    """
    if np.ma.is_masked(value):
        raise TrialFailure(f"{name} is masked, so that it has no value", kind="nan")
    item = getattr(value, "item", None)
    if callable(item):
        try:
            value = item()
        except (TypeError, ValueError, RuntimeError) as error:
            raise TrialFailure(f"{name} is {_described(value)} where one number was expected") from error
    if isinstance(value, bool | str | bytes) or not hasattr(value, "__float__"):
        raise TrialFailure(f"{name} is {_described(value)} where a number was expected")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    except (TypeError, ValueError) as error:
        raise TrialFailure(f"{name} is {_described(value)} where a number was expected") from error
    if not math.isfinite(number):
        raise TrialFailure(f"{name} is {'NaN' if math.isnan(number) else 'infinite'}", kind="nan")
    return number


def outcome_values(returned: object, metric: str) -> dict[str, float]:
    """The metrics an objective returned: one number is the goal's metric.

    Others that are no finite numbers, or have no name, are left out, which is a line in the trial's log; a constraint
    that needs one of them is announced as lacking it.

    Raises:
        TrialFailure: it is neither a number nor a mapping with a number under the goal's metric.
    """
    if not isinstance(returned, Mapping):
        if isinstance(returned, bool | str | bytes) or not (
            hasattr(returned, "__float__") or hasattr(returned, "item")
        ):
            raise TrialFailure(
                f"the objective returned {_described(returned)} where a number, or a dict of metrics, was expected"
            )
        return {metric: as_number(returned, metric)}
    if metric not in returned:
        came = ", ".join(repr(name) for name in returned) or "no metric at all"
        raise TrialFailure(f"the objective returned {came}, but the goal's metric {metric!r} was expected")
    values = {}
    for name, value in returned.items():
        if name == "":
            log.warning("a metric without a name: left out of the trial's metrics")
            continue
        try:
            values[_name(name)] = as_number(value, str(name))
        except TrialFailure as failure:
            if name == metric or not isinstance(name, str):
                raise
            log.warning("%s: left out of the trial's metrics", failure)
    return values


def failure_of(error: BaseException, *, log_path: str | None = None) -> Failure:
    """What a raised exception says about the trial, with the tail of its traceback."""
    if isinstance(error, TrialFailure):
        return Failure(
            FailureKind(error.kind) if error.kind in list(FailureKind) else FailureKind.INVALID,
            _shortened(str(error)),
            traceback_tail=None if error.detail is None else _tail(str(error.detail)),
            exit_code=error.exit_code if isinstance(error.exit_code, int) else None,
            log_path=log_path,
        )
    if isinstance(error, UserError):
        return Failure(FailureKind.INVALID, _shortened(str(error)), log_path=log_path)
    if isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else 0 if error.code is None else 1
        message = f"the objective called sys.exit({error.code!r}) instead of returning its metric"
        return Failure(FailureKind.CRASH, message, _traceback_tail(error), exit_code=code, log_path=log_path)
    kind = FailureKind.OOM if is_out_of_memory(error) else FailureKind.CRASH
    return Failure(kind, _message(error), _traceback_tail(error), log_path=log_path)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out: Python's own, or that of a device as torch, CuPy, JAX and TensorFlow tell it."""
    if isinstance(error, MemoryError) or type(error).__name__ in ("OutOfMemoryError", "ResourceExhaustedError"):
        return True
    text = str(error) if isinstance(error, RuntimeError) else ""
    return "out of memory" in text.lower() or text.startswith("RESOURCE_EXHAUSTED")


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise TrialFailure(f"the objective returned a metric called {name!r}, but names must be strings")
    return name


def _described(value: object) -> str:
    if value is None:
        return "None"
    if isinstance(value, bool):
        return f"{value} (a bool)"
    if isinstance(value, str | bytes):
        return f"the string {_shortened(repr(value), limit=80)}"
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _message(error: BaseException) -> str:
    try:
        text = str(error).strip()
    except Exception:  # noqa: BLE001  # the user's own __str__ may fail, and the trial still needs its reason
        text = ""
    name = type(error).__name__
    return _shortened(f"{name}: {text.splitlines()[0]}" if text else name)


def _shortened(text: str, *, limit: int = MESSAGE_CHARACTERS) -> str:
    """A text of at most `limit` characters; keys go first, since half a key is not known as one."""
    return _cut(redact(text[:READ_CHARACTERS]), limit)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _tail(text: str) -> str:
    """The last lines of a text, none of them long; keys go first, which may have several lines."""
    lines = [line[:READ_CHARACTERS] for line in text.splitlines()[-TRACEBACK_LINES:]]
    return "\n".join(_cut(line, MESSAGE_CHARACTERS) for line in redact("\n".join(lines)).splitlines())


def _traceback_tail(error: BaseException) -> str:
    import traceback

    error.__traceback__ = _outside(error.__traceback__)
    return _tail("".join(traceback.format_exception(error)).rstrip())


def _outside(frames: TracebackType | None) -> TracebackType | None:
    """The frames from the first on that is not ours: those a person can do something about."""
    current = frames
    while current is not None and current.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        current = current.tb_next
    return current or frames
