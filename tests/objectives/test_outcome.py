"""What an objective returns or raises, as metrics or as a failure."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from agenttune.errors import DataError, TrialFailure
from agenttune.objectives.outcome import as_number, failure_of, outcome_values
from agenttune.trial import FailureKind


@pytest.mark.parametrize(
    "value", [2, 2.0, np.float32(2), np.int64(2), np.array(2.0), np.array([2.0]), Decimal(2)], ids=repr
)
def test_anything_that_is_one_number_counts(value: object) -> None:
    assert outcome_values(value, "score") == {"score": 2.0}


def test_all_metrics_of_a_mapping_are_kept() -> None:
    assert outcome_values({"score": np.float64(0.5), "loss": 1}, "score") == {"score": 0.5, "loss": 1.0}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("0.93", "the string '0.93'"),
        (None, "None"),
        (True, "True (a bool)"),
        ([0.9], "a list"),
        (np.array([1.0, 2.0]), "a ndarray"),
        (np.bool_(True), "True (a bool)"),
        (1j, "a complex"),
    ],
)
def test_what_is_no_number_is_invalid_and_said(value: object, said: str) -> None:
    with pytest.raises(TrialFailure) as failure:
        outcome_values(value, "score")
    assert failure.value.kind == "invalid"
    assert said in str(failure.value)


def test_missing_goal_metric_names_what_came_and_what_was_expected() -> None:
    with pytest.raises(TrialFailure, match=r"returned 'loss', 'f1', but the goal's metric 'score' was expected"):
        outcome_values({"loss": 1.0, "f1": 0.5}, "score")


@pytest.mark.parametrize("value", ["hello", None, math.nan, [1.0]])
def test_other_metric_that_is_no_number_is_left_out_and_logged(value: object, caplog: pytest.LogCaptureFixture) -> None:
    assert outcome_values({"score": 1.0, "note": value, "f1": 0.5}, "score") == {"score": 1.0, "f1": 0.5}
    (record,) = caplog.records
    assert record.getMessage().startswith("note is ") and "left out" in record.getMessage()


def test_metric_without_a_name_is_invalid() -> None:
    with pytest.raises(TrialFailure, match="names must be strings"):
        outcome_values({"score": 1.0, 3: 2.0}, "score")


def test_metric_whose_name_is_empty_is_left_out_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert outcome_values({"": 3, "accuracy": 0.5}, "accuracy") == {"accuracy": 0.5}
    assert "without a name" in caplog.text


@pytest.mark.parametrize("value", [np.ma.masked, np.ma.masked_array([0.5], mask=[True]).mean()])
def test_what_is_masked_is_no_zero(value: object) -> None:
    with pytest.raises(TrialFailure, match="accuracy is masked, so that it has no value") as caught:
        outcome_values(value, "accuracy")
    assert caught.value.kind == "nan"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.nan, 10**400])
def test_what_is_not_finite_is_nan(value: float) -> None:
    with pytest.raises(TrialFailure) as failure:
        as_number(value, "loss")
    assert failure.value.kind == "nan"
    assert "loss is " in str(failure.value)


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except (Exception, SystemExit) as caught:  # noqa: BLE001  # whichever was given
        return caught


def test_exception_is_a_crash_with_the_users_frames_only() -> None:
    failure = failure_of(raised(ValueError("first line\nsecond line")))
    assert (failure.kind, failure.message) == (FailureKind.CRASH, "ValueError: first line")
    assert "in raised" in (failure.traceback_tail or "")


def test_traceback_is_cut_to_its_last_lines() -> None:
    def deeper(depth: int) -> None:
        if depth == 0:
            raise ValueError("at the bottom")
        (deeper if depth % 2 else lambda d: deeper(d))(depth - 1)

    try:
        deeper(40)
    except ValueError as error:
        tail = failure_of(error).traceback_tail or ""
    assert len(tail.splitlines()) == 20
    assert tail.endswith("ValueError: at the bottom")


class OutOfMemoryError(RuntimeError):
    """As torch calls its own."""


@pytest.mark.parametrize(
    "error", [MemoryError(), OutOfMemoryError("x"), RuntimeError("CUDA error: out of memory")], ids=repr
)
def test_memory_running_out_is_oom(error: Exception) -> None:
    assert failure_of(error).kind is FailureKind.OOM


def test_users_mistake_is_invalid_and_has_no_traceback() -> None:
    failure = failure_of(raised(DataError("no column 'y'")))
    assert (failure.kind, failure.message, failure.traceback_tail) == (FailureKind.INVALID, "no column 'y'", None)


def test_leaving_the_interpreter_is_a_crash_with_its_code() -> None:
    failure = failure_of(raised(SystemExit(3)))
    assert (failure.kind, failure.exit_code) == (FailureKind.CRASH, 3)
    assert "sys.exit(3)" in failure.message


def test_failure_keeps_kind_detail_and_exit_code() -> None:
    failure = failure_of(TrialFailure("no", kind="timeout", detail="tail", exit_code=-9))
    assert (failure.kind, failure.traceback_tail, failure.exit_code) == (FailureKind.TIMEOUT, "tail", -9)


def test_exception_that_cannot_be_printed_still_has_a_message() -> None:
    class SilentError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert failure_of(SilentError()).message == "SilentError"


def test_long_message_is_shortened() -> None:
    message: Any = failure_of(ValueError("x" * 10_000)).message
    assert len(message) == 500


def test_no_line_of_the_evidence_is_long() -> None:
    lines = "\n".join(["x" * 10_000] * 30)
    for error in (raised(ValueError(lines)), TrialFailure("it broke", detail=lines)):
        tail = (failure_of(error).traceback_tail or "").splitlines()
        assert len(tail) == 20 and all(len(line) <= 500 for line in tail)


def test_key_of_several_lines_is_not_cut_in_two() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIE" * 300 + "\n-----END RSA PRIVATE KEY-----"
    assert failure_of(TrialFailure("it broke", detail=f"key {key} end")).traceback_tail == "key *** end"


def test_evidence_of_a_failure_is_kept_as_text() -> None:
    error = TrialFailure("it broke", detail=b"last words", exit_code="three")  # type: ignore[arg-type]
    failure = failure_of(error)
    assert (failure.traceback_tail, failure.exit_code) == ("b'last words'", None)
