"""Whatever a server sends is a reply or a typed error; what an error refuses is read from what it names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenttune.errors import ModelError
from agenttune.exchange import VERDICTS
from agenttune.models import Reply
from agenttune.models.address import parse_address
from agenttune.models.reading import Gathered, brief, read_reply, read_usage
from agenttune.models.refusals import error_of, error_within, refused_part

ADDRESS = parse_address("https://example.org/v1#m")
SENT = {"temperature", "seed", "max_tokens", "response_format", "tools", "stream"}
WORDS = st.sampled_from(
    "choices message content finish_reason usage delta tool_calls function name arguments id text index refusal "
    "error code param detail loc prompt_tokens completion_tokens_details reasoning_tokens cost length".split()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | WORDS,
    lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(WORDS, deeper, max_size=5),
    max_leaves=20,
)
CHOICES = JSON.map(lambda message: {"choices": [{"message": message, "finish_reason": "stop"}], "usage": message})


@given(JSON | CHOICES)
def test_any_body_is_a_reply_or_a_typed_error(body: Any) -> None:
    try:
        assert isinstance(read_reply(body, rung="text", latency_s=0.1), Reply)
    except ModelError as error:
        assert error.verdict in VERDICTS


@given(st.lists(st.dictionaries(WORDS, JSON) | CHOICES.map(lambda body: {"choices": [{"delta": body["usage"]}]})))
def test_any_stream_is_a_reply_or_a_typed_error(events: list[dict[str, Any]]) -> None:
    gathered = Gathered()
    pieces = [gathered.add(event) for event in events]
    try:
        assert read_reply(gathered.body(), rung="text", latency_s=0.1).text == "".join(pieces)
    except ModelError as error:
        assert error.verdict in VERDICTS


@given(st.integers(300, 599), JSON, st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms"]), st.text()))
def test_any_error_has_a_verdict_and_one_line(status: int, body: Any, headers: dict[str, str]) -> None:
    error = error_of(status, body, headers, ADDRESS)
    assert error.verdict in VERDICTS
    assert "\n" not in str(error)
    assert refused_part(status, body, SENT) in {*SENT, None}
    error_within(body, ADDRESS)


@pytest.mark.parametrize(
    ("status", "body", "part"),
    [
        (400, {"error": {"message": "Unsupported value", "param": "temperature"}}, "temperature"),
        (400, {"message": "Unsupported", "param": "response_format.json_schema.strict"}, "response_format"),
        (422, {"detail": [{"loc": ["body", "seed"], "msg": "extra fields not permitted"}]}, "seed"),
        (400, {"message": "`temperature` is not supported with this model"}, "temperature"),
        (
            500,
            {"message": "[{'type': 'literal_error', 'loc': ('body', 'response_format', 'type')}]"},
            "response_format",
        ),
        (400, {"message": "grammar could not be parsed: error"}, "response_format"),
        (400, {"error": "registry.ollama.ai/library/gemma:latest does not support tools"}, "tools"),
        (
            404,
            {"error": {"message": "No endpoints found that can handle the requested parameters."}},
            "response_format",
        ),
        (
            400,
            "'messages' must contain the word 'json' to use 'response_format' of type 'json_object'",
            "response_format",
        ),
        (
            400,
            {"message": "max_tokens is not supported, use max_completion_tokens", "param": "max_tokens"},
            "max_tokens",
        ),
        (400, {"message": "max_tokens is too large: 2000"}, None),
        (400, {"message": "maximum context length is 4096 tokens, temperature is not supported"}, None),
        (400, {"message": "the model gpt-9 is unknown"}, None),
        (500, {"message": "upstream provider failed to stream"}, None),
        (401, {"message": "`temperature` is not supported", "param": "temperature"}, None),
        (400, {"message": "Unsupported value", "param": "top_p"}, None),
        (400, None, None),
    ],
)
def test_refused_part_is_the_one_that_is_named(status: int, body: Any, part: str | None) -> None:
    assert refused_part(status, body, SENT) == part


def test_router_without_a_server_for_all_of_it_is_asked_for_less() -> None:
    body = {"error": {"message": "No endpoints found that can handle the requested parameters."}}
    sent = {"temperature", "n", "logprobs", "top_logprobs", "response_format"}
    parts = [refused_part(404, body, sent), refused_part(404, body, sent - {"logprobs", "top_logprobs"})]
    assert parts == ["logprobs", "n"]


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (402, {"error": {"message": "Insufficient credits"}}, "no-quota"),
        (429, {"error": {"code": "insufficient_quota", "message": "x"}}, "no-quota"),
        (429, {"error": {"message": "Rate limit; see https://example.org/account/billing"}}, "rate-limited"),
        (504, "<html>gateway</html>", "timeout"),
        (529, {"error": {"type": "overloaded_error"}}, "rate-limited"),
        (500, "", "error"),
    ],
)
def test_verdict_follows_status_and_code(status: int, body: Any, verdict: str) -> None:
    assert error_of(status, body, {}, ADDRESS).verdict == verdict


def test_error_in_a_good_answer_has_the_verdict_of_its_code() -> None:
    error = error_within({"error": {"code": 429, "message": "slow down"}}, ADDRESS)
    assert error is not None and error.verdict == "rate-limited"
    assert error_within({"choices": [], "error": None}, ADDRESS) is None


@pytest.mark.parametrize("count", [True, -1, 1.5, "7", None, 10**12])
def test_count_that_is_none_is_unknown(count: object) -> None:
    assert read_usage({"usage": {"prompt_tokens": count, "completion_tokens": 3}}) == {"completion": 3}


def test_text_in_parts_is_one_text() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]
    body = {"choices": [{"message": {"content": parts}, "finish_reason": "stop"}]}
    assert read_reply(body, rung="text", latency_s=0.0).text == "ab"


def test_words_of_a_server_are_one_short_clean_line() -> None:
    told = brief("a\x1b[2J\nb api_key=abcdefgh1234 " + "x" * 1_000)
    assert told.startswith("a [2J b api_key=*** xxx")
    assert len(told) == 301
