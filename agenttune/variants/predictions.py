"""Predictions that untrusted code handed back: bytes -> an array, or a sentence why they are none.

Nothing is unpickled, and nothing allocated that the file does not hold. Not for: how good they are.
"""

from __future__ import annotations

import io
import math
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agenttune.errors import TrialFailure

MAX_HEADER_BYTES = 1_000
"""Of an array's description; that of a plain array takes some 100."""
LABEL_BYTES = 800
"""The longest label: 200 characters."""


def most_bytes(n_rows: int, n_classes: int) -> int:
    """The largest file that predictions for so many rows may take."""
    return MAX_HEADER_BYTES + n_rows * max(LABEL_BYTES, 16 * n_classes)


def read_predictions(content: bytes, *, n_rows: int) -> NDArray[Any]:
    """Predictions of n rows: `(n,)` labels or numbers, or `(n, k)` probabilities.

    Args:
        content: of an .npy file.
        n_rows: how many rows were to be predicted.

    Raises:
        TrialFailure: it is no such file, or an array of another shape or type (kind "invalid"), or holds
            NaN or an infinite number (kind "nan").
    """
    shape, is_fortran, dtype, start = _header(content)
    if dtype.hasobject or dtype.kind not in "fiubU" or dtype.itemsize == 0:
        raise TrialFailure(f"predictions must be numbers or labels, but the array handed back holds {dtype}")
    if len(shape) not in (1, 2) or shape[0] != n_rows or 0 in shape:
        raise TrialFailure(
            f"predictions for {n_rows} new rows must have the shape ({n_rows},), or ({n_rows}, k) for k classes, "
            f"but got {shape}"
        )
    if len(content) - start != math.prod(shape) * dtype.itemsize:
        raise TrialFailure("the predictions handed back are cut off, or are longer than they say")
    if dtype.kind == "U":
        _check_characters(np.frombuffer(content, np.dtype("u4").newbyteorder(dtype.byteorder), offset=start))
    array: NDArray[Any] = np.frombuffer(content, dtype, offset=start).reshape(shape, order="F" if is_fortran else "C")
    if dtype.kind == "U":
        return array
    if dtype.kind == "f":
        array = array.astype(np.float64)
        n_bad = int(np.sum(~np.isfinite(array)))
        if n_bad:
            raise TrialFailure(f"{n_bad} of {array.size} predictions are NaN or infinite", kind="nan")
        return array
    return array.astype(np.int64)


def _header(content: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """(shape, whether columns come first, type, where the numbers begin)."""
    stream = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        shape, is_fortran, dtype = read(stream, max_header_size=MAX_HEADER_BYTES)
    except Exception as error:  # whatever a made-up header makes of a parser
        raise TrialFailure("the predictions handed back are no .npy file of a plain array") from error
    return shape, is_fortran, dtype, stream.tell()


def _check_characters(codes: NDArray[np.uint32]) -> None:
    """Refuses what Python would not take for a character, and halves of one."""
    if np.any((codes > sys.maxunicode) | ((codes >= 0xD800) & (codes <= 0xDFFF))):
        raise TrialFailure("the labels handed back are no text")
