"""What a variant does, as a hash: its predictions after fitting a tiny fixed input.

Two programs with one hash do the same up to 6 significant digits, however they are written; they are one
candidate. Two hashes say that something differs, not that it matters. Not for scripts, which hand
back no predictions; and not for telling whether code is good.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agenttune.sandbox import Limits
from agenttune.variants.running import Confinement, Inputs, run_entry
from agenttune.variants.work_folder import work_folder

N_TRAIN, N_NEW = 96, 256
"""Rows: few enough for any program to fit in seconds, enough new ones to see small changes in labels."""
SECONDS = 30.0
"""Importing torch alone takes some 5 s on a crowded machine."""
NOISE = 0.5
"""Of a column's standard deviation, so that new rows lie between the classes, where programs differ."""
DIGITS = 6
"""Significant ones: sums in another order differ in the last of 16, single precision in the last of 7."""
_SEED = 20_170


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The hash, or why there is none."""

    value: str | None
    reason: str | None = None


def tiny_inputs(train_x: NDArray[np.float64], train_y: NDArray[Any], *, n_classes: int) -> Inputs:
    """A fixed part of real training rows, and new rows that are real ones plus noise.

    Args:
        train_x: `n x p`, encoded, rows that tuning may see.
        train_y: their targets.
        n_classes: 0 for numbers.
    """
    rng = np.random.default_rng(_SEED)
    train = rng.permutation(len(train_x))[:N_TRAIN]
    near = rng.integers(len(train_x), size=N_NEW)
    noise = rng.standard_normal((N_NEW, train_x.shape[1])) * train_x.std(axis=0) * NOISE
    return Inputs(train_x[train], train_y[train], train_x[near] + noise, n_classes=n_classes)


def fingerprint(
    text: str,
    inputs: Inputs,
    *,
    folder: Path,
    workspace: Path,
    file: str,
    entry_name: str = "fit_predict",
    private: Sequence[Path] = (),
    confinement: Confinement,
) -> Fingerprint:
    """Runs a variant on `inputs` and hashes what it predicts.

    Args:
        text: of the variant's file.
        inputs: those of `tiny_inputs`, the same for all variants of a study.
        folder: where the run may work; it is made and taken away, and so is one that a killed run left there.
        workspace: the user's folder.
        file: the variant's file, relative to it.
        entry_name: the function that fits and predicts.
        private: what stays out of reach, as of `work_folder`.
        confinement: its limit of time is lowered to some seconds.

    Raises:
        ObjectiveError: the workspace holds too much.
        SandboxError: code cannot be confined here as asked.
    """
    limits = Limits(min(SECONDS, confinement.limits.seconds), confinement.limits.memory_bytes)
    confined = replace(confinement, limits=limits)
    with work_folder(folder, workspace=workspace, file=file, text=text, private=private) as work:
        ran = run_entry(work, inputs, file=file, entry_name=entry_name, seed=_SEED, confinement=confined)
    if ran.predictions is None:
        return Fingerprint(None, str(ran.failure))
    return Fingerprint(hash_of(ran.predictions))


def hash_of(predictions: NDArray[Any]) -> str:
    """Sha256, hexadecimal: of shape and entries, floats rounded."""
    if predictions.dtype.kind == "f":
        words = [f"{value:.{DIGITS - 1}e}" for value in (predictions.ravel() + 0.0).tolist()]  # no negative zero
    else:
        words = [str(value) for value in predictions.ravel().tolist()]
    return hashlib.sha256("\n".join([str(predictions.shape), *words]).encode()).hexdigest()
