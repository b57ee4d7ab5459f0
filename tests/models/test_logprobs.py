"""Distributions of numbers out of a server's token probabilities: what was planted comes back, as far as it is told."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agenttune.errors import CapabilityMissing
from agenttune.models import NumberSaid, Sampling, Schemas, load_model
from agenttune.models.logprobs import numbers_in, tells_logprobs
from agenttune.settings import settings_path
from agenttune.testing.answers import Drawn, completion, error
from agenttune.testing.models import MESSAGES, SCHEMAS
from agenttune.testing.planted import Planted
from agenttune.testing.server import ModelServer

MEASURED = Schemas("number", SCHEMAS.ranges, SCHEMAS.strict, measured=("predicted",))
PLANTED = Planted([({"x": 0.1}, 0.853, 0.003), ({"x": 0.7}, 12.4, 0.002), ({"x": 0.9}, -0.25, 0.0025)])


@pytest.fixture(autouse=True)
def _ask() -> None:
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text("logprobs = true\n")


def choice(*tokens: tuple[str, dict[str, float]]) -> dict[str, Any]:
    """A choice with these tokens and the probabilities of what could have stood there."""
    content = []
    for text, told in tokens:
        others = [{"token": other, "logprob": math.log(share)} for other, share in told.items()]
        logprob = math.log(told.get(text, 1.0))
        content.append({"token": text, "logprob": logprob, "top_logprobs": others})
    return {"logprobs": {"content": content}}


def said(*tokens: tuple[str, dict[str, float]]) -> NumberSaid:
    (number,) = numbers_in("".join(text for text, _ in tokens), choice(*tokens), ["predicted"])
    return number


# -- what a server tells ---------------------------------------------------------------------------


def test_value_tokens_alone_count_and_stand_in_the_text() -> None:
    number = said(
        ('{"é": 1, "predicted": ', {"oops": 0.9}),
        ("2", {"2": 0.75, "4": 0.25}),
        ("}", {"}": 1.0}),
    )
    assert (number.field, number.at) == ("predicted", len('{"é": 1, "predicted": '))
    assert (number.mean, number.resolved) == pytest.approx((0.75 * 2 + 0.25 * 4, 1.0))
    assert number.sd == pytest.approx(2 * math.sqrt(0.75 * 0.25))


def test_branches_that_go_on_as_something_else_do_not_count() -> None:
    number = said(
        ('{"predicted": 0.', {}),
        ("5", {"5": 0.3, "7": 0.1, "x": 0.4, '"': 0.1, "5.": 0.1}),
        ("}", {"}": 0.5, ",": 0.1, " ": 0.4}),
    )
    assert number.mean == pytest.approx(0.75 * 0.5 + 0.25 * 0.7)
    assert number.resolved == pytest.approx(1.0)


def test_token_may_hold_the_end_of_the_name_and_of_the_number() -> None:
    number = said(
        ('{"predicted"', {}),
        (": 1", {": 1": 0.5, ": 3": 0.25, ":": 0.25}),
        (".5}", {".5}": 0.75, ".7}": 0.25}),
    )
    assert number.mean == pytest.approx(0.75 * 1.5 + 0.25 * 1.7)
    assert number.resolved == pytest.approx(2 / 3)


def test_number_beside_ends_as_often_as_the_one_that_was_written() -> None:
    number = said(('{"predicted": 0.', {}), ("5", {"5": 0.5, "6": 0.5}), ("}", {"}": 0.5, "2": 0.5}))
    written, beside = 0.5 * 0.5 + 0.5 * 0.525, 0.5 * 0.6 + 0.5 * 0.65
    assert number.mean == pytest.approx((written + beside) / 2)


def test_number_beside_has_its_point_as_often_as_the_one_that_was_written() -> None:
    number = said(('{"predicted": ', {}), ("93", {"93": 0.5, "95": 0.25, "9": 0.25}), (".5", {".5": 1.0}), ("}", {}))
    assert number.mean == pytest.approx((0.5 * 93.5 + 0.25 * 95.5) / 0.75)
    assert number.resolved == pytest.approx(0.75), "9 may become anything"


def test_what_is_not_told_is_not_told_apart() -> None:
    number = said(('{"predicted": 0.', {}), ("5", {"5": 0.5, "6": 0.2}), ("}", {"}": 1.0}))
    assert number.mean == pytest.approx((0.5 * 0.5 + 0.2 * 0.6) / 0.7)
    assert number.resolved == pytest.approx(0.7)


def test_tokens_may_be_parts_of_a_character_and_stand_around_the_text() -> None:
    text = '{"é": 0, "predicted": 0.5}'
    head, tail = '{"é": 0, "predicted": 0.'.encode(), b"}"
    pieces = [b"<s>", head[:3], head[3:], b"5", tail, b"</s>"]
    content: list[dict[str, Any]] = [
        {"token": piece.decode("utf-8", "replace"), "bytes": list(piece), "logprob": 0.0, "top_logprobs": []}
        for piece in pieces
    ]
    content[3]["logprob"] = math.log(0.5)
    content[3]["top_logprobs"] = [{"token": "6", "bytes": [54], "logprob": math.log(0.5)}]
    (number,) = numbers_in(text, {"logprobs": {"content": content}}, ["predicted"])
    assert text[number.at :].startswith("0.5")
    assert number.mean == pytest.approx(0.55)


@pytest.mark.parametrize(
    "told",
    [
        None,
        3,
        {},
        {"content": None},
        {"content": [None, {"token": 3}, {"token": '{"predicted": 0.5}', "logprob": "high"}]},
        {"content": [{"token": '{"predicted": 0.5}', "logprob": 0.0, "top_logprobs": None}]},
        {"content": [{"token": "another text", "logprob": 0.0, "top_logprobs": []}]},
        {"content": [{"token": '{"predicted": 0.5}', "bytes": [999], "logprob": float("nan"), "top_logprobs": [3]}]},
    ],
)
def test_what_tells_nothing_of_the_number_gives_none(told: Any) -> None:
    assert numbers_in('{"predicted": 0.5}', {"logprobs": told}, ["predicted"]) == ()


PIECES = ["0", "1", "9", ".", "e", "-", "5}", "12", " ", ",", '"predicted": ', '{"predicted": 0.', "}", "é", ""]
LOGPROBS = st.floats() | st.integers() | st.sampled_from([0.0, -1.0, -9999.0, -(10**400), None, True])
TOKENS = st.fixed_dictionaries(
    {"token": st.sampled_from(PIECES), "logprob": LOGPROBS},
    optional={
        "bytes": st.lists(st.integers(0, 260), max_size=3) | st.none(),
        "top_logprobs": st.lists(st.fixed_dictionaries({"token": st.sampled_from(PIECES), "logprob": LOGPROBS})),
    },
)


IMPROBABLE = [
    {"token": '{"predicted": 0.', "logprob": 0.0, "top_logprobs": [{"token": "0", "logprob": 0.0}]},
    *({"token": "0", "logprob": logprob} for logprob in (-46.0, -700.0, 0.0)),
]
"""Digits whose probability is less than a float can say."""


@given(st.lists(TOKENS, max_size=12))
@example(IMPROBABLE)
def test_whatever_is_told_gives_numbers_or_none(content: list[dict[str, Any]]) -> None:
    text = "".join(entry["token"] for entry in content)
    for number in numbers_in(text, {"logprobs": {"content": content}}, ["predicted"]):
        assert text[number.at] in "-0123456789"
        assert math.isfinite(number.mean) and 0 <= number.sd < math.inf
        assert 0 <= number.resolved <= 1 + 1e-9


def test_number_that_is_not_wanted_is_not_measured() -> None:
    told = choice(('{"high": 0.', {}), ("5", {"5": 0.5, "6": 0.5}), ("}", {"}": 1.0}))
    assert tells_logprobs(told)
    assert numbers_in('{"high": 0.5}', told, ["predicted"]) == ()


# -- over HTTP -------------------------------------------------------------------------------------


def test_planted_distributions_come_back_within_one_percent() -> None:
    with ModelServer(PLANTED) as server:
        model = load_model(f"{server.url}#test")
        for seed in range(8):
            reply = model.complete(MESSAGES, schema=MEASURED, sampling=Sampling(seed=seed))
            assert model.capabilities.logprobs is True
            for number, (_, mean, sd) in zip(reply.numbers, PLANTED.offers, strict=True):
                assert number.resolved > 0.99
                assert number.mean == pytest.approx(mean, rel=0.01)
                assert number.sd == pytest.approx(sd, rel=0.01)
    assert (server.chats[0]["logprobs"], server.chats[0]["top_logprobs"]) == (True, 20)


@pytest.mark.parametrize(("mean", "sd"), [(0.853, 0.003), (0.853, 0.03), (0.853, 0.1), (0.9, 0.05), (0.0123, 0.002)])
def test_single_digits_err_by_less_than_a_deviation_and_hardly_make_it_smaller(mean: float, sd: float) -> None:
    """Of "0.853" in five tokens, 0.84 is only known to begin so: what lies beside the path counts by its interval."""
    planted = Planted([({"x": 0.1}, mean, sd)], decimals=4, chunk=1)
    with ModelServer(planted) as server:
        model = load_model(f"{server.url}#test")
        replies = [model.complete(MESSAGES, schema=MEASURED, sampling=Sampling(seed=seed)) for seed in range(8)]
    told = [number for reply in replies for number in reply.numbers if number.resolved >= 0.9]
    assert told
    assert all(abs(number.mean - mean) < sd for number in told)
    assert all(0.9 * sd < number.sd < 2 * sd for number in told)


def test_numbers_that_are_told_in_part_say_so() -> None:
    """Of three digits in one token 20 are told: two thirds of a distribution ten numbers wide on either side."""
    with ModelServer(Planted([({"x": 0.1}, 0.853, 0.01)])) as server:
        (number,) = load_model(f"{server.url}#test").complete(MESSAGES, schema=MEASURED).numbers
    assert 0.6 < number.resolved < 0.75


def test_every_reply_is_measured_on_its_own() -> None:
    with ModelServer(PLANTED) as server:
        reply = load_model(f"{server.url}#test").complete(MESSAGES, schema=MEASURED, sampling=Sampling(n=3))
    assert [len(sample.numbers) for sample in reply.others] == [3, 3]
    assert len({reply.text, *(sample.text for sample in reply.others)}) == 3


def test_nobody_is_asked_unless_the_settings_say_so() -> None:
    settings_path().write_text("")
    with ModelServer(PLANTED) as server:
        model = load_model(f"{server.url}#test")
        assert model.complete(MESSAGES, schema=MEASURED).numbers == ()
        assert model.capabilities.logprobs is None
    assert "logprobs" not in server.chats[0]


def test_request_without_a_number_to_measure_does_not_ask() -> None:
    with ModelServer(PLANTED) as server:
        load_model(f"{server.url}#test").complete(MESSAGES, schema=SCHEMAS)
    assert "logprobs" not in server.chats[0]


def test_server_that_ignores_the_wish_is_asked_once() -> None:
    with ModelServer(Drawn()) as server:
        for _ in range(2):
            model = load_model(f"{server.url}#test")
            model.complete(MESSAGES, schema=MEASURED)
            assert model.capabilities.logprobs is False
    assert ["logprobs" in chat for chat in server.chats] == [True, False]


@pytest.mark.parametrize(
    "refusal",
    [
        lambda _: error(400, "Unsupported parameter: 'logprobs'", param="logprobs"),
        lambda _: error(400, "Logprobs is not supported for the current model."),
        lambda _: error(400, "Unsupported value: 'top_logprobs' must be at most 5.", param="top_logprobs"),
    ],
)
def test_refused_wish_is_left_out_with_its_other_half(refusal: Any) -> None:
    with ModelServer(refusal) as server:
        model = load_model(f"{server.url}#test")
        with pytest.raises(CapabilityMissing):
            model.complete(MESSAGES, schema=MEASURED)
        server.responder = lambda _: completion('{"predicted": 0.5}')
        model.complete(MESSAGES, schema=MEASURED)
    assert model.capabilities.logprobs is False
    assert not {"logprobs", "top_logprobs"} & server.chats[1].keys()
