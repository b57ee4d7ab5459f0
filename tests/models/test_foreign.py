"""What exceptions of other people's packages mean, told by their names, statuses and words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from agenttune.errors import ModelError, RateLimited
from agenttune.models.foreign import meaning_of, refused_by
from agenttune.testing.answers import SECRET

SPEC = "langchain:a:b"


def named(name: str, words: str = "words", **attributes: Any) -> Exception:
    """An exception of a class of that name."""
    made = type(name, (Exception,), attributes)(words)
    assert isinstance(made, Exception)
    return made


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (named("ModelAuthenticationError"), "unauthorised"),
        (named("Unauthenticated"), "unauthorised"),
        (named("NoCredentialsError"), "unauthorised"),
        (named("ModelRateLimitError"), "rate-limited"),
        (named("ResourceExhausted"), "rate-limited"),
        (named("ThrottlingException"), "rate-limited"),
        (named("ReadTimeout"), "timeout"),
        (named("DeadlineExceeded"), "timeout"),
        (TimeoutError("too slow"), "timeout"),
        (named("APIConnectionError"), "unreachable"),
        (ConnectionRefusedError("nobody there"), "unreachable"),
        (named("Anything", status_code=402), "no-quota"),
        (named("Anything", status_code=403), "unauthorised"),
        (named("Anything", code=429), "rate-limited"),
        (named("Anything", response=SimpleNamespace(status_code=529)), "rate-limited"),
        (named("RateLimitError", "insufficient_quota"), "no-quota"),
        (named("APIConnectionError", status_code=500), "error"),
        (named("Anything", status_code=200, code=True), "error"),
        (ZeroDivisionError(), "error"),
    ],
)
def test_verdict(error: Exception, verdict: str) -> None:
    failure = meaning_of(error, SPEC)
    assert failure.verdict == verdict
    assert SPEC in str(failure)
    assert isinstance(failure, RateLimited) is (verdict == "rate-limited")


def test_cause_counts_where_the_exception_says_nothing() -> None:
    wrapper = named("ChatVendorError")
    wrapper.__cause__ = named("ClientError", status_code=401)
    assert meaning_of(wrapper, SPEC).verdict == "unauthorised"


def test_too_long_a_request_is_told() -> None:
    for error in (named("ContextOverflowError"), named("BadRequestError", "maximum context length is 4096 tokens")):
        assert str(meaning_of(error, SPEC)).startswith("the request is too long for langchain:a:b")


def test_secrets_and_lines_are_taken_out() -> None:
    assert str(meaning_of(ValueError(f"bad\nkey {SECRET}"), SPEC)) == "langchain:a:b failed: ValueError: bad key ***"


def test_exception_that_cannot_be_told_is_named() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert str(meaning_of(Mute(), SPEC)) == "langchain:a:b failed: Mute"


def test_ours_stays_as_it_is() -> None:
    own = ModelError("no", verdict="cut")
    assert meaning_of(own, SPEC) is own
    assert refused_by(ModelError("`seed` is not supported"), {"seed"}) is None


def test_part_that_is_refused_is_found_in_words_and_bodies() -> None:
    in_words = TypeError("create() got an unexpected keyword argument 'seed'")
    in_body = named("BadRequestError", status_code=400, body={"error": {"message": "no", "param": "temperature"}})
    of_server = named("InternalServerError", "unknown words about 'seed'", status_code=503)
    sent = {"seed", "temperature"}
    assert [refused_by(error, sent) for error in (in_words, in_body, of_server)] == ["seed", "temperature", None]
