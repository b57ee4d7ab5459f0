"""Strict decoding: what is taken, what is mended and said, what is refused and why."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agenttune.exchange import VERDICTS, NumberSaid, Prompt
from agenttune.goal import Goal
from agenttune.replies import Question
from agenttune.replies.decode import MAX_REASON_CHARS, Decoded, decode
from agenttune.replies.json_text import MAX_CHARS
from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Space
from agenttune.store import codec
from agenttune.testing.replies import SHAPES, SPACES, hostile_replies, offers, salvageable_replies, written
from agenttune.types import Config

SPACE = Space(
    C=Float(1e-3, 1e3, log=True),
    kernel=Categorical({"rbf": None, "poly": Space(degree=Int(2, 5))}),
    shrinking=Bool(),
)
CONFIG = {"C": 1.0, "kernel": "rbf", "shrinking": True}


def question(space: Space = SPACE, *, is_new: Callable[[Config], bool] = lambda _: True, k: int = 4) -> Question:
    return Question(Prompt(()), space, Goal("accuracy", "maximize"), is_new, k=k, space_version=2, asked_at=5)


def read(*configs: Any, space: Space = SPACE, **said: Any) -> Decoded:
    """What a reply of these configurations comes to."""
    return decode(written([{"config": config, "reason": "r", **said} for config in configs]), question(space))


def mended(config: dict[str, Any], space: Space = SPACE) -> tuple[dict[str, Any], tuple[str, ...]]:
    """(configuration, what was mended in it) of a reply that must be used."""
    decoded = read(config, space=space, low=0.1, predicted=0.2, high=0.3)
    assert decoded.verdict == "used", decoded.why
    return dict(decoded.candidates[0].config), decoded.candidates[0].salvaged


def why_refused(config: Any, space: Space = SPACE, *, verdict: str = "illegal") -> str:
    decoded = read(config, space=space)
    assert (decoded.verdict, decoded.candidates) == (verdict, ())
    assert decoded.why is not None
    return decoded.why


# -- a good reply ----------------------------------------------------------------------------------


def test_reply_as_asked_for_needs_no_mending() -> None:
    decoded = read(CONFIG, low=0.8, predicted=0.9, high=0.95)
    (candidate,) = decoded.candidates
    assert (decoded.verdict, decoded.why, decoded.refused) == ("used", None, ())
    assert (candidate.config, candidate.reason, candidate.salvaged) == (CONFIG, "r", ())
    assert candidate.predicted_mean == 0.9
    assert candidate.predicted_sd == pytest.approx(0.15 / (2 * 1.2816))
    assert (candidate.space_version, candidate.asked_at) == (2, 5)


def test_no_more_than_was_asked_for_is_taken() -> None:
    drawn = [offer["config"] for offer in offers(SPACES["mixed"], np.random.default_rng(0), 6)]
    decoded = decode(written([{"config": config} for config in drawn]), question(SPACES["mixed"], k=4))
    assert [entry.config for entry in decoded.candidates] == drawn[:4]


# -- where the JSON stands -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"candidates": [{"config": OURS}]}\n```',
        'Sure, here it is: {"candidates": [{"config": OURS}]} Enjoy!',
        'I first meant {"candidates": [{"config": {"C": 9}}]} but now:\n{"candidates": [{"config": OURS}]}',
        '<think>maybe {"C": 5, "kernel": "rbf", "shrinking": true}?</think>{"candidates": [{"config": OURS}]}',
        'thoughts without a beginning {"C": 5}</think>{"candidates": [{"config": OURS}]}',
        '[{"config": OURS}]',
        '{"config": OURS}',
        "[OURS]",
        "OURS",
        'The best is:\n```\nOURS\n```\nas "it" said.',
        '{"candidates": {"config": OURS}}',
        '{"answer": {"candidates": [{"config": OURS}]}}',
        '{"candidates": [{"config": OURS},],}',
        '{"candidates": [{"hyperparameters": OURS}]}',
        '{"candidates": [{"config": OURS}, {"config": {"C": 2.0, "ker',
        '{"candidates": [{"config": OURS, "reason": "two\nlines"}]}',
        '{"candidates": [{"config": OURS, "reason": "no <think> and no </think>"}]}',
    ],
)
def test_configuration_is_found_wherever_it_stands(text: str) -> None:
    decoded = decode(text.replace("OURS", json.dumps(CONFIG)), question())
    assert [entry.config for entry in decoded.candidates] == [CONFIG]


def test_several_blocks_of_one_candidate_each_are_all_read() -> None:
    other = CONFIG | {"C": 2.0}
    text = f"First:\n```json\n{json.dumps({'config': CONFIG})}\n```\nSecond:\n{json.dumps({'config': other})}"
    assert [entry.config for entry in decode(text, question()).candidates] == [CONFIG, other]


def test_thinking_that_never_ends_is_no_answer() -> None:
    assert decode(f"<think>{json.dumps(CONFIG)}", question()).verdict == "unparsable"


def test_prose_is_recorded_and_a_fence_alone_is_not_prose() -> None:
    text = written([{"config": CONFIG, "reason": "r", "low": 0.1, "predicted": 0.2, "high": 0.3}])
    assert decode(f"Here: {text}", question()).candidates[0].salvaged == ("text around the JSON left out",)
    assert decode(f"```json\n{text}\n```", question()).candidates[0].salvaged == ()


# -- what is mended, and said ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "meant", "note"),
    [
        ({"C": "0.1"}, {"C": 0.1}, "C: '0.1' (text) read as 0.1"),
        ({"C": " 1E-1 "}, {"C": 0.1}, "C: ' 1E-1 ' (text) read as 0.1"),
        ({"kernel": "RBF"}, {}, "kernel: 'RBF' (text) read as rbf"),
        ({"kernel": " rbf"}, {}, "kernel: ' rbf' (text) read as rbf"),
        ({"kernel": "poly", "degree": "3"}, {"kernel": "poly", "degree": 3}, "degree: '3' (text) read as 3"),
        ({"kernel": "poly", "degree": 3.0}, {"kernel": "poly", "degree": 3}, "degree: 3.0 read as 3"),
        ({"kernel": "poly", "degree": "3.0"}, {"kernel": "poly", "degree": 3}, "degree: '3.0' (text) read as 3"),
        ({"degree": 3}, {}, "degree: 3 left out, it is not used here"),
        ({"shrinking": "False"}, {"shrinking": False}, "shrinking: 'False' (text) read as false"),
    ],
)
def test_what_can_only_mean_one_thing_is_mended_and_recorded(
    given: dict[str, Any], meant: dict[str, Any], note: str
) -> None:
    assert mended(CONFIG | given) == (CONFIG | meant, (note,))


def test_name_in_another_case_is_read_and_recorded() -> None:
    config = {"c": 1.0, "Kernel": "rbf", "shrinking": True}
    assert mended(config) == (CONFIG, ("C: the name 'c' read so", "kernel: the name 'Kernel' read so"))


def test_null_for_what_is_not_used_is_as_good_as_nothing() -> None:
    assert mended(CONFIG | {"degree": None}) == (CONFIG, ())


def test_whole_number_for_a_float_needs_no_note() -> None:
    assert mended(CONFIG | {"C": 1}) == (CONFIG, ())


@pytest.mark.parametrize(
    ("given", "meant"), [(32, 32), ("32", 32), (32.0, 32), ("NONE", "none"), (None, "none"), ("1e-3", 0.001)]
)
def test_listed_values_are_told_apart_by_what_they_spell(given: Any, meant: Any) -> None:
    space = Space(x=Categorical([32, "none", 0.001]), y=Ordinal([1, 2]))
    assert mended({"x": given, "y": 1}, space)[0] == {"x": meant, "y": 1}


def test_number_for_a_choice_that_is_text_is_read_and_recorded() -> None:
    space = Space(x=Categorical(["16", "32"]))
    assert mended({"x": 16}, space) == ({"x": "16"}, ("x: 16 read as '16'",))


def test_choices_that_differ_in_case_alone_are_not_guessed() -> None:
    assert "must be one of" in why_refused({"x": "ADAM"}, Space(x=Categorical(["adam", "Adam"])))


def test_parameters_that_differ_in_case_alone_are_not_guessed() -> None:
    space = Space(lr=Float(0.0, 1.0), LR=Float(0.0, 1.0))
    assert "no parameter" in why_refused({"Lr": 0.1, "LR": 0.2}, space)


def test_constants_may_be_left_out_and_a_wrong_one_is_illegal() -> None:
    space = Space(x=Float(0.0, 1.0), epochs=Constant(20))
    assert mended({"x": 0.5}, space) == ({"x": 0.5, "epochs": 20}, ())
    assert "fixed at 20" in why_refused({"x": 0.5, "epochs": 10}, space)


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"C": 2000}, "`C` must be a number from 1e-3 to 1e3, but got 2000"),
        ({"C": 0}, "but got 0"),
        ({"C": "high"}, "but got 'high' (text)"),
        ({"C": "1,000"}, "but got '1,000' (text)"),
        ({"C": "1_0"}, "but got '1_0' (text)"),
        ({"C": True}, "but got True"),
        ({"C": None}, "but got None"),
        ({"C": [1.0]}, "but got [1.0]"),
        ({"C": "1e999"}, "but got inf"),
        ({"shrinking": 1}, "`shrinking` must be true or false, but got 1"),
        ({"shrinking": "yes"}, "but got 'yes' (text)"),
        ({"kernel": "poly"}, "`degree` is missing"),
        ({"kernel": "poly", "degree": 2.5}, "a whole number from 2 to 5, but got 2.5"),
        ({"kernel": "poly", "degree": True}, "but got True"),
        ({"kernel": "rbff"}, "did you mean 'rbf'?"),
        ({"kernel": ["rbf"]}, "`kernel` must be one of"),
        ({"gamma": 1.0}, "`gamma` is no parameter"),
    ],
)
def test_what_has_to_be_guessed_is_illegal_with_the_rule_and_the_value(change: dict[str, Any], told: str) -> None:
    assert told in why_refused(CONFIG | change)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("NaN", "NaN"),
        ("Infinity", "Infinity"),
        ("-Infinity", "-Infinity"),
        ("1e999", "1e999"),
        ("9" * 5000, "a number of 5,000 digits"),
    ],
)
def test_numbers_that_are_none_refuse_their_candidate_alone(word: str, told: str) -> None:
    text = f'{{"candidates": [{{"config": {{"C": {word}, "kernel": "rbf", "shrinking": true}}}}, {{"config": OURS}}]}}'
    decoded = decode(text.replace("OURS", json.dumps(CONFIG)), question())
    assert [entry.config for entry in decoded.candidates] == [CONFIG]
    ((_, kind, reason),) = decoded.refused
    assert kind == "illegal"
    assert reason == f"candidate 1: `C` must be a number from 1e-3 to 1e3, but got {told}"


def test_name_given_twice_is_illegal() -> None:
    decoded = decode('{"config": {"C": 1, "C": 1, "kernel": "rbf", "shrinking": true}}', question())
    assert decoded.verdict == "illegal"
    assert decoded.why is not None and "two values for one name" in decoded.why


def test_violated_constraint_is_infeasible() -> None:
    space = Space(batch=Int(1, 100), depth=Int(1, 100), constraints=["batch * depth < 50"])
    assert "is violated by batch=10, depth=10" in why_refused({"batch": 10, "depth": 10}, space, verdict="infeasible")


def test_repetitions_are_duplicates() -> None:
    decoded = read(CONFIG, CONFIG)
    assert (len(decoded.candidates), decoded.refused[0][1:]) == (
        1,
        ("duplicate", "candidate 2: the same reply has it already"),
    )
    known = decode(written([{"config": CONFIG}]), question(is_new=lambda config: False))
    assert (known.verdict, known.why) == ("duplicate", "candidate 1: the study has it already")


def test_most_telling_verdict_stands_for_a_reply_of_which_nothing_can_be_run() -> None:
    space = Space(x=Int(1, 9), y=Int(1, 9), constraints=["x < y"])
    infeasible: dict[str, object] = {"config": {"x": 5, "y": 5}}
    illegal: dict[str, object] = {"config": {"x": 0, "y": 5}}
    known: dict[str, object] = {"config": {"x": 1, "y": 5}}
    assert decode(written([infeasible, illegal]), question(space)).verdict == "illegal"
    assert decode(written([known, infeasible]), question(space, is_new=lambda _: False)).verdict == "infeasible"


@pytest.mark.parametrize(
    "text",
    ["I'm sorry, but I can't help.", "I cannot do this", "Sorry. No.", "As an AI, I", '{"refusal": "against policy"}'],
)
def test_refusal_in_words_is_a_refusal(text: str) -> None:
    assert decode(text, question()).verdict == "refused"


def test_apology_before_candidates_is_none() -> None:
    assert decode(f"I'm sorry for the delay: {written([{'config': CONFIG}])}", question()).verdict == "used"


def test_huge_and_deep_replies_are_refused_with_the_bound() -> None:
    assert f"{MAX_CHARS:,} characters" in str(decode("x" * (MAX_CHARS + 1), question()).why)
    assert "nested" in str(decode("[" * 100_000, question()).why)
    assert "nested" in str(decode('{"a":' * 40 + "1" + "}" * 40, question()).why)


# -- what is said beside ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "mean", "sd", "note"),
    [
        ({"low": 0.9, "predicted": 0.5, "high": 0.1}, 0.5, 0.8 / 2.5632, "low and high exchanged"),
        ({"low": 0.1, "high": 0.9}, 0.5, 0.8 / 2.5632, "predicted: the middle of low and high"),
        ({"predicted": 0.5}, 0.5, None, None),
        ({}, None, None, "no prediction"),
        ({"low": 0.1, "predicted": "0.5", "high": 0.9}, 0.5, 0.8 / 2.5632, "predicted: '0.5' (text) read as a number"),
        ({"low": 0.6, "predicted": 0.5, "high": 0.9}, 0.5, None, "interval from 0.6 to 0.9 left out"),
        ({"low": 0.5, "predicted": 0.5, "high": 0.5}, 0.5, None, "must have a width"),
        ({"low": True, "predicted": 0.5, "high": 0.9}, 0.5, None, "low: True is no number"),
        ({"low": 0.1, "predicted": float("nan"), "high": 0.9}, 0.5, 0.8 / 2.5632, "predicted: NaN is no number"),
        ({"predicted": "about 0.5"}, None, None, "predicted: 'about 0.5' (text) is no number"),
        ({"low": -1e308, "predicted": 0.0, "high": 1e308}, 0.0, 1e308 / 1.2816, None),
    ],
)
def test_prediction_is_read_as_far_as_it_makes_sense(
    said: dict[str, Any], mean: float | None, sd: float | None, note: str | None
) -> None:
    (candidate,) = read(CONFIG, **said).candidates
    assert candidate.predicted_mean == mean
    assert candidate.predicted_sd == (None if sd is None else pytest.approx(sd))
    assert note is None or any(note in entry for entry in candidate.salvaged)
    assert (note is None) == (candidate.salvaged == ())


OFFER = {"config": CONFIG, "reason": "a {brace} and a \\ and an é", "low": 0.1, "predicted": 0.5, "high": 0.9}


def said(
    text: str, *, nth: int = 0, mean: float = 0.61, resolved: float = 0.95, field: str = "predicted"
) -> NumberSaid:
    """The distribution of the nth prediction in a text."""
    at = [match.end() for match in re.finditer(r'"predicted": ', text)][nth]
    return NumberSaid(field, at, mean, 0.02, resolved)


def test_prediction_is_the_measured_one_of_the_object_it_stands_in() -> None:
    configs = [CONFIG | {"C": 1e9}, CONFIG, {"C": 0.5, "kernel": "poly", "degree": 3, "shrinking": False}, CONFIG]
    text = written([{**OFFER, "config": config} for config in configs])
    numbers = [said(text, nth=nth, mean=float(nth)) for nth in range(4)]
    decoded = decode(text, question(), numbers=numbers, sample=2)
    told = [(entry.predicted_mean, entry.predicted_sd, entry.prediction_source) for entry in decoded.candidates]
    assert told == [(1.0, 0.02, "tokens"), (2.0, 0.02, "tokens")], "the first is illegal, the last a duplicate"
    assert [entry.sample for entry in decoded.candidates] == [2, 2]


def test_candidate_without_a_measured_number_keeps_its_own() -> None:
    text = written([OFFER, {**OFFER, "config": CONFIG | {"C": 2.0}}])
    first, second = decode(text, question(), numbers=[said(text, nth=1)]).candidates
    assert (first.prediction_source, first.predicted_mean) == ("verbal", 0.5)
    assert (second.prediction_source, second.predicted_mean) == ("tokens", 0.61)


def test_later_of_two_lists_that_say_the_same_is_the_one_measured() -> None:
    draft = written([OFFER])
    text = f"First thought: {draft} That is it: {draft}"
    numbers = [said(text, nth=0, mean=0.1), said(text, nth=1, mean=0.2)]
    assert [entry.predicted_mean for entry in decode(text, question(), numbers=numbers).candidates] == [0.2]


@pytest.mark.parametrize("change", [{"resolved": 0.89}, {"field": "high"}])
def test_number_that_is_not_told_apart_or_not_the_prediction_does_not_count(change: dict[str, Any]) -> None:
    text = written([OFFER])
    (candidate,) = decode(text, question(), numbers=[said(text, **change)]).candidates
    assert (candidate.predicted_mean, candidate.prediction_source) == (0.5, "verbal")


@pytest.mark.parametrize("at", [-1, 0, 10**9])
def test_number_that_stands_nowhere_does_not_count(at: int) -> None:
    number = NumberSaid("predicted", at, 0.61, 0.02, 1.0)
    (candidate,) = decode(written([OFFER]), question(), numbers=[number]).candidates
    assert candidate.prediction_source == "verbal"


def test_candidate_without_any_prediction_has_no_source() -> None:
    (candidate,) = read(CONFIG).candidates
    assert (candidate.predicted_mean, candidate.prediction_source) == (None, None)


@pytest.mark.parametrize("name", SPACES)
def test_numbers_in_hostile_replies_harm_nothing(name: str) -> None:
    rng = np.random.default_rng(0)
    for text in islice(hostile_replies(SPACES[name], rng), 300):
        places = rng.integers(-1, len(text) + 2, 5).tolist()
        numbers = [NumberSaid("predicted", at, 0.5, 0.1, 1.0) for at in sorted(places)]
        decoded = decode(text, question(SPACES[name]), numbers=numbers)
        assert decoded.verdict == decode(text, question(SPACES[name])).verdict


def test_reason_is_one_harmless_line() -> None:
    text = written(
        [{"config": CONFIG, "reason": "\x1b[31mred\x1b[0m \x1b]0;title\x07and\n\n\u202ebad\x00" + "y" * 5000}]
    )
    (candidate,) = decode(text, question()).candidates
    assert candidate.reason.startswith("red and bady")
    assert candidate.reason.isprintable()
    assert len(candidate.reason) == MAX_REASON_CHARS


@pytest.mark.parametrize("reason", [None, 3, ["a"], {"a": 1}, "", "\x00"])
def test_reason_that_is_none_is_said_to_be_missing(reason: Any) -> None:
    (candidate,) = decode(written([{"config": CONFIG, "reason": reason}]), question()).candidates
    assert candidate.reason == "the model gave no reason"


def test_keys_in_reasons_and_refused_values_are_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TOKEN", "correct-horse-battery")
    text = written(
        [
            {"config": CONFIG, "reason": "as correct-horse-battery says"},
            {"config": CONFIG | {"kernel": "correct-horse-battery"}},
        ]
    )
    decoded = decode(text, question())
    assert len(decoded.candidates) == len(decoded.refused) == 1
    assert "correct-horse-battery" not in repr(decoded)


# -- many ------------------------------------------------------------------------------------------


def assert_sound(decoded: Decoded, space: Space) -> None:
    """A verdict that fits, candidates that are valid and new, refusals that can be kept."""
    assert decoded.verdict in VERDICTS
    assert (decoded.verdict == "used") == bool(decoded.candidates)
    assert decoded.verdict == "used" or decoded.why
    for candidate in decoded.candidates:
        assert space.validate(candidate.config) == candidate.config
    for proposal, kind, reason in decoded.refused:
        assert kind in ("illegal", "duplicate", "infeasible")
        assert reason.isprintable() and len(reason) <= 400
        codec.dumps(proposal.config)


@pytest.mark.parametrize("name", SPACES)
def test_hostile_replies_get_a_verdict_and_make_nothing_illegal(name: str) -> None:
    space = SPACES[name]
    verdicts = set()
    for text in islice(hostile_replies(space, np.random.default_rng(1)), 400):
        decoded = decode(text, question(space))
        assert_sound(decoded, space)
        verdicts.add(decoded.verdict)
    assert {"used", "unparsable", "illegal", "refused", "empty"} <= verdicts


@pytest.mark.parametrize("name", SPACES)
def test_salvageable_replies_are_read_exactly_as_they_are_meant(name: str) -> None:
    space = SPACES[name]
    for text, meant in islice(salvageable_replies(space, np.random.default_rng(2)), 200):
        decoded = decode(text, question(space))
        assert [dict(entry.config) for entry in decoded.candidates] == meant, text


TEXTS = st.text(alphabet=st.sampled_from('{}[]",:\\ \n0123456789.eE+-NaInfityTrueFalsnull<>/think`') | st.characters())
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
CONFIGS = st.dictionaries(st.sampled_from(["C", "c", "kernel", "degree", "shrinking", "x"]) | st.text(max_size=5), ODD)


@given(TEXTS | st.sampled_from(SHAPES))
@settings(deadline=None)
def test_any_text_gets_a_verdict(text: str) -> None:
    assert_sound(decode(text, question()), SPACE)


@given(st.lists(st.fixed_dictionaries({"config": CONFIGS}, optional=dict.fromkeys(("reason", "low", "high"), ODD))))
@settings(deadline=None, max_examples=50)
def test_any_configuration_is_valid_or_refused(given_offers: list[dict[str, Any]]) -> None:
    decoded = decode(json.dumps({"candidates": given_offers}), question())
    assert_sound(decoded, SPACE)
    assert len(decoded.candidates) + len(decoded.refused) >= min(len(given_offers), 4)
