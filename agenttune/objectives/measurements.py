"""Reading metrics out of what a command prints or writes: JSON lines, a regex, a result file.

Pure reading: nothing is run here, and nothing judged but what is a number (outcome.py).
"""

from __future__ import annotations

import json
import math
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from agenttune.errors import ObjectiveError, TrialFailure
from agenttune.redaction import redact

TAIL_LINES = 20
"""Last lines of output kept for a failure's evidence."""
LINE_CHARACTERS = 1 << 20
"""A longer line is cut into pieces, so that output without line ends needs no memory."""
LARGEST_STEP = 2**53
"""Up to which every whole number is a float of its own, and a store holds it."""

_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
_NOT_FINITE = re.compile(r"[-+]?(?:nan|inf(?:inity)?)", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One JSON object that a command printed."""

    metrics: dict[str, float]
    """Its entries that are numbers, NaN included."""
    step: int | None = None
    is_final: bool = False
    failure: TrialFailure | None = None
    """Why its entry of the goal's metric is no number; None where it is one, or there is none."""


def read_measurement(line: str, metric: str) -> Measurement | None:
    """The measurement a line of output holds, of `metric`, which is the goal's, or others; None for any other line."""
    line = line.strip()
    if not line.startswith("{"):
        return None
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):  # no JSON, or a whole number of thousands of digits
        return None
    if not isinstance(content, dict):
        return None
    step = content.pop("step", None)
    is_final = content.pop("final", False) is True
    metrics, failure = _numbers(content, metric, "a JSON line")
    has_step = _is_number(step) and abs(step) <= LARGEST_STEP and step == int(step)
    found = Measurement(metrics, int(step) if has_step else None, is_final, failure)
    return found if metrics or failure is not None else None


def read_number(text: str) -> float:
    """A printed number; commas may part its thousands, as in "11,000".

    Raises:
        ValueError: it is none. "0,95" is none: whether a comma is a decimal point cannot be known.
    """
    return float(text.replace(",", "") if _THOUSANDS.fullmatch(text) else text)


def compile_metric_regex(text: str) -> re.Pattern[str]:
    """A regex with one group, or with named groups that name metrics.

    Raises:
        ObjectiveError: it is no regex, or its groups are none, or several without names.
    """
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise ObjectiveError(f"the metric's regex {text!r} is not valid: {error}") from error
    if not pattern.groupindex and pattern.groups != 1:
        raise ObjectiveError(
            rf"the metric's regex needs one group around the number, as in 'accuracy: (\S+)', or named groups, "
            f"but {text!r} has {pattern.groups}"
        )
    return pattern


class Output:
    """What a command has printed so far, as far as it matters."""

    def __init__(
        self, *, metric: str, regex: re.Pattern[str] | None, on_report: Callable[[int, dict[str, float]], None]
    ) -> None:
        self.metric = metric
        self.regex = regex
        self.on_report = on_report
        self.matched: dict[str, str] | None = None
        """What the regex captured last, name by name: metrics may be printed on lines of their own."""
        self.final: Measurement | None = None
        """The last JSON line with the goal's metric and without a step, or marked final."""
        self.last_report: Measurement | None = None
        """The last JSON line with the goal's metric and with a step."""
        self.beside: dict[str, float] = {}
        """Metrics of later lines without a step that say nothing of the goal's."""
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._rest = ""

    def feed(self, text: str) -> None:
        """Takes the next piece of output; a line counts once it is complete."""
        *lines, self._rest = _LINE_END.split(self._rest + text)
        for line in lines:
            self.read_line(line)
        if len(self._rest) > LINE_CHARACTERS:
            self.close()

    def close(self) -> None:
        """Takes what is left as a line."""
        rest, self._rest = self._rest, ""
        if rest:
            self.read_line(rest)

    def read_line(self, line: str) -> None:
        """Looks at one line: keeps it for the tail, searches it, reports what it reports."""
        if line.strip():
            self.tail.append(line)
        if self.regex is not None:
            for match in self.regex.finditer(line):
                captured = match.groupdict() if self.regex.groupindex else {self.metric: match.group(1)}
                found = {name: text for name, text in captured.items() if text is not None}
                self.matched = {**(self.matched or {}), **found}
        self.take(line)

    def take(self, line: str) -> None:
        """Reports a measurement with a step; any other is the outcome unless a later one comes.

        A step without the goal's metric is passed over: programs print training losses with the same
        steps as validation scores. One whose metric is null is not reported, since some print that
        where nothing was measured; it is the outcome if no number comes after it.
        """
        measurement = read_measurement(line, self.metric)
        if measurement is None:
            return
        has_metric = self.metric in measurement.metrics
        if not (has_metric or measurement.failure):
            if measurement.step is None or measurement.is_final:
                self.beside |= measurement.metrics
        elif measurement.step is None or measurement.is_final:
            self.final = measurement
            self.beside = {name: value for name, value in self.beside.items() if name not in measurement.metrics}
        else:
            self.last_report = measurement
            if has_metric:
                self.on_report(measurement.step, measurement.metrics)

    def outcome(self) -> dict[str, float]:
        """What the JSON lines measured in the end, with or without the goal's metric.

        Raises:
            TrialFailure: the goal's metric is no number.
        """
        last = self.final or self.last_report
        if last is None:
            return self.beside
        if last.failure is not None:
            raise last.failure
        return {**last.metrics, **self.beside}

    @property
    def last_line(self) -> str:
        """The last line that was not empty."""
        return redact(self.tail[-1].strip())[:200] if self.tail else ""  # half a key is not known as one


class LineTail:
    """The lines that were appended to a file since the last look."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0

    def new_lines(self, *, is_over: bool = False) -> list[str]:
        """Complete lines only: one that is being written is left for the next look, unless the writing is over."""
        try:
            if self.path.stat().st_size <= self._offset:
                return []
            with self.path.open("rb") as file:
                file.seek(self._offset)
                content = file.read()
        except OSError:
            return []
        complete = content if is_over else content[: content.rfind(b"\n") + 1]
        self._offset += len(complete)
        return complete.decode("utf-8", errors="replace").splitlines()


def read_result_file(path: Path, metric: str, *, must_be_closed: bool = False) -> dict[str, float] | float:
    """The metrics in a result file: a JSON object, or one number.

    Args:
        path: of the file.
        metric: the goal's metric, for the sentence of a failure.
        must_be_closed: whether a bare number needs a line end, since "0.9" may be all that a killed
            writer got out of "0.97".

    Raises:
        TrialFailure: there is no such file, or something else in it.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise TrialFailure(f"the command never wrote its result: {path} is missing") from error
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:  # no JSON, or a whole number of thousands of digits
        raise TrialFailure(
            f"{path.name} holds {text.strip()[:80]!r} where a JSON object with {metric!r}, or a number, was expected"
        ) from error
    if isinstance(content, dict):
        metrics, failure = _numbers(content, metric, path.name)
        if failure is not None:
            raise failure
        return metrics
    if not _is_number(content) or (must_be_closed and not text.endswith("\n")):
        raise TrialFailure(f"{path.name} holds {text.strip()[:80]!r} where a JSON object or a number was expected")
    return _as_float(content)


def _numbers(content: dict[str, Any], metric: str, where: str) -> tuple[dict[str, float], TrialFailure | None]:
    """The numbers of a JSON object, and why its `metric`, the goal's, is none.

    NaN, which JSON has not, is written as null or as a text.
    """
    metrics = {name: _as_float(value) for name, value in content.items() if _is_number(value)}
    value = content.get(metric)
    if metric in metrics or metric not in content:
        return metrics, None
    if isinstance(value, str) and _NOT_FINITE.fullmatch(value.strip()):
        return {**metrics, metric: float(value)}, None
    if value is None:
        return metrics, TrialFailure(f"{where} has {metric} = null, which stands for NaN", kind="nan")
    return metrics, TrialFailure(f"{where} has {metric} = {repr(value)[:80]} where a number was expected")


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _as_float(value: float) -> float:
    """The number; infinity for one that no float holds, which is a failure then as 1e400 is."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
