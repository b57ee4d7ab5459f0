"""Runs one variant in the sandbox: its predictions, or what its script printed, or why there are none.

What comes back is judged outside: predictions as an array (predictions.py), a script's output as text that
says what its author likes. Not for: scores (objectives/code.py).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agenttune.errors import SandboxError, TrialFailure
from agenttune.redaction import redact
from agenttune.sandbox import Broken, Execution, Level, Limits, hand_back, run
from agenttune.variants import entry
from agenttune.variants.predictions import most_bytes, read_predictions
from agenttune.variants.work_folder import WorkFolder

TAIL_LINES = 20
"""Enough for the code's own frames and the error."""
LINE_CHARACTERS = 300
"""A longer line says nothing more to whoever mends the code."""
RESULT_BYTES = 1_000_000
"""Of a script's result file."""
SCRIPT_OUTPUT_BYTES = 1_000_000
"""Kept of a script's output, since its metric is read from it."""

_KINDS: dict[Broken, tuple[str, str]] = {
    "stop": ("invalid", "nobody wants its score any more"),
    "time": ("timeout", "it ran longer than {limits.seconds:g} s"),
    "cpu time": ("timeout", "it used more processor time than {limits.seconds:g} s on every core"),
    "memory": ("oom", "it used more than {limits.memory_bytes} bytes of memory"),
    "processes": ("crash", "it started more than {limits.n_processes} processes"),
    "threads": ("crash", "it started too many threads"),
    "file size": ("crash", "it wrote a file of more than {limits.file_bytes} bytes"),
}


@dataclass(frozen=True, slots=True)
class Inputs:
    """What `fit_predict` is called with; labels of `new_x` are not among it."""

    train_x: NDArray[np.float64]
    """n x p."""
    train_y: NDArray[Any]
    """n class numbers, or floats."""
    new_x: NDArray[np.float64]
    """m x p."""
    n_classes: int = 0
    """0 where the target is a number."""


@dataclass(frozen=True, slots=True)
class Confinement:
    """How a run is confined."""

    limits: Limits
    level: Level | None = None
    """The best there is where None."""
    allow_unsafe: bool = False
    hidden: tuple[Path, ...] = ()
    """What may not be read although Python and the system may: data sets of libraries."""
    is_unwanted: Callable[[], bool] | None = None
    """Asked all the while; once it says so, the run is ended."""


@dataclass(frozen=True, slots=True)
class VariantRun:
    """How a run ended: with `predictions`, with a script's output, or with a `failure`."""

    execution: Execution
    tail: str
    """The last lines of its output, for people and models."""
    predictions: NDArray[Any] | None = None
    """m, or m x k."""
    result: bytes | None = None
    """The result file that a script left, if any."""
    failure: TrialFailure | None = None

    @property
    def is_stopped(self) -> bool:
        """Whether it was ended because its score is not wanted any more."""
        return self.execution.broken == "stop"


def run_entry(
    work: WorkFolder, inputs: Inputs, *, file: str, entry_name: str, seed: int, confinement: Confinement
) -> VariantRun:
    """Lets the variant fit and predict; `work` must not be used again.

    Raises:
        SandboxError: code cannot be confined here as asked.
    """
    for name, array in zip(entry.INPUTS, (inputs.train_x, inputs.train_y, inputs.new_x), strict=True):
        np.save(work.path / name, array, allow_pickle=False)
    program = Path(entry.__file__)
    # -P and -s instead of -I, which would also ignore the seed of hashes
    command = [sys.executable, "-s", "-P", "-B", str(program), file, entry_name, str(seed)]
    execution = _run(command, work, confinement, readable=[program], environment={"PYTHONHASHSEED": str(seed % 2**32)})
    tail = output_tail(execution.output_tail, folder=work.path)
    failure = _failure(execution, confinement.limits, tail)
    if failure is not None:
        return VariantRun(execution, tail, failure=failure)
    try:
        content = hand_back(work.path, entry.PREDICTIONS, limit_bytes=most_bytes(len(inputs.new_x), inputs.n_classes))
        return VariantRun(execution, tail, predictions=read_predictions(content, n_rows=len(inputs.new_x)))
    except SandboxError as error:
        return VariantRun(execution, tail, failure=TrialFailure(str(error), detail=tail or None))
    except TrialFailure as error:
        return VariantRun(execution, tail, failure=error)


def run_script(
    work: WorkFolder,
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    result_name: str,
    confinement: Confinement,
) -> VariantRun:
    """Runs a script as its user runs it, in the work folder; what it tells of itself is not checked.

    Raises:
        SandboxError: code cannot be confined here as asked.
    """
    execution = _run(command, work, confinement, readable=work.readable, environment=environment)
    tail = output_tail(execution.output_tail, folder=work.path)
    failure = _failure(execution, confinement.limits, tail)
    if failure is not None:
        return VariantRun(execution, tail, failure=failure)
    try:
        result = hand_back(work.path, result_name, limit_bytes=RESULT_BYTES)
    except SandboxError:  # it may print its metric instead
        result = None
    return VariantRun(execution, tail, result=result)


def output_tail(text: str, *, folder: Path | None = None) -> str:
    """The last lines of a program's output: bounded, without secrets, paths of its folder relative."""
    if folder is not None:
        text = text.replace(f"{folder.resolve()}/", "").replace(f"{folder}/", "")
    lines = [line for line in redact(text).splitlines() if line.strip()]
    return "\n".join(
        line if len(line) <= LINE_CHARACTERS else f"{line[:LINE_CHARACTERS]}…" for line in lines[-TAIL_LINES:]
    )


def _run(
    command: Sequence[str],
    work: WorkFolder,
    confinement: Confinement,
    *,
    readable: Sequence[Path],
    environment: Mapping[str, str],
) -> Execution:
    return run(
        command,
        work.path,
        readable=readable,
        hidden=confinement.hidden,
        limits=confinement.limits,
        environment=environment,
        level=confinement.level,
        allow_unsafe=confinement.allow_unsafe,
        is_unwanted=confinement.is_unwanted,
    )


def _failure(execution: Execution, limits: Limits, tail: str) -> TrialFailure | None:
    detail = tail or None
    if execution.broken is not None:
        kind, reason = _KINDS[execution.broken]
        return TrialFailure(f"the code was ended: {reason.format(limits=limits)}", kind=kind, detail=detail)
    if execution.is_complete:
        return None
    code = execution.exit_code
    last = tail.splitlines()[-1].strip() if tail else ""
    ended = f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with exit code {code}"
    kind = "oom" if "MemoryError" in last.partition(":")[0] else "crash"
    return TrialFailure(f"the code {ended}{f': {last}' if last else ''}", kind=kind, detail=detail, exit_code=code)
