"""Predictions as bytes of a stranger."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from agenttune.errors import TrialFailure
from agenttune.variants.predictions import most_bytes, read_predictions


def saved(array: Any, *, allow_pickle: bool = False) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=allow_pickle)
    return stream.getvalue()


@pytest.mark.parametrize(
    "array",
    [
        np.array([0, 2, 1], dtype=np.int8),
        np.array([True, False, True]),
        np.array([0.5, -1.0, 3.0], dtype=np.float32),
        np.array(["a", "bcd", "é"]),
        np.array([[0.1, 0.9], [0.5, 0.5], [1.0, 0.0]]),
        np.asfortranarray([[0.1, 0.9], [0.5, 0.5], [1.0, 0.0]]),
    ],
)
def test_plain_arrays_are_read_as_they_are(array: Any) -> None:
    assert np.array_equal(read_predictions(saved(array), n_rows=3), array)


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (np.zeros(4), r"must have the shape \(3,\), or \(3, k\).*but got \(4,\)"),
        (np.zeros((3, 2, 2)), "but got"),
        (np.zeros(()), "but got"),
        (np.zeros((3, 0)), "but got"),
        (np.zeros(3, dtype=complex), "must be numbers or labels.*complex128"),
        (np.zeros(3, dtype="datetime64[s]"), "must be numbers or labels"),
        (np.zeros(3, dtype=[("a", float)]), "must be numbers or labels"),
    ],
)
def test_other_arrays_are_refused(array: Any, sentence: str) -> None:
    with pytest.raises(TrialFailure, match=sentence) as refused:
        read_predictions(saved(array), n_rows=3)
    assert refused.value.kind == "invalid"


class _Bomb:
    def __reduce__(self) -> Any:
        return (pytest.fail, ("it was unpickled",))


def test_objects_are_refused_and_never_unpickled() -> None:
    with pytest.raises(TrialFailure, match=r"must be numbers or labels.*object"):
        read_predictions(saved(np.array([_Bomb(), 1, 2], dtype=object), allow_pickle=True), n_rows=3)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_predictions_that_are_not_finite_are_refused(value: float) -> None:
    with pytest.raises(TrialFailure, match="1 of 3 predictions are NaN or infinite") as refused:
        read_predictions(saved(np.array([0.0, value, 1.0])), n_rows=3)
    assert refused.value.kind == "nan"


def test_a_shape_that_is_not_there_allocates_nothing() -> None:
    content = saved(np.zeros(3))
    header = content.replace(b"(3,), }            ", b"(3,900000000000), }")
    assert header != content
    with pytest.raises(TrialFailure, match="cut off"):
        read_predictions(header, n_rows=3)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x93NUMPY", b"no array at all", b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 65_535, b"\x93NUMPY\x09\x00"],
)
def test_what_is_no_array_is_refused(content: bytes) -> None:
    with pytest.raises(TrialFailure, match=r"are no \.npy file"):
        read_predictions(content, n_rows=3)


def test_predictions_that_are_cut_off_are_refused() -> None:
    with pytest.raises(TrialFailure, match="cut off"):
        read_predictions(saved(np.zeros(3))[:-8], n_rows=3)


@pytest.mark.parametrize("character", [b"\xff\xff\xff\x7f", b"\x00\xd8\x00\x00"])
def test_labels_that_are_no_text_are_refused(character: bytes) -> None:
    content = bytearray(saved(np.array(["a", "b", "c"])))
    content[-4:] = character
    with pytest.raises(TrialFailure, match="are no text"):
        read_predictions(bytes(content), n_rows=3)


def test_probabilities_of_many_classes_fit_into_the_bound() -> None:
    assert len(saved(np.zeros((10, 1_000)))) < most_bytes(10, 1_000)
