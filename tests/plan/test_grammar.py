"""The grammar: sentences.toml, and what holds for any sentence."""

from __future__ import annotations

import re
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agenttune.errors import RequestNotUnderstood, UserError
from agenttune.plan import PlanOptions
from agenttune.plan.grammar import EXAMPLE, SCRIPT_EXAMPLE, read
from agenttune.plan.reader import FILLERS, NEGATIONS

HERE = Path(__file__).parent
DATA = str(HERE.parent / "data")
SENTENCES = tomllib.loads((HERE / "sentences.toml").read_text())["sentence"]
READ = [case for case in SENTENCES if "expect" in case]
REFUSED = [case for case in SENTENCES if "refused" in case]


def asked(text: str, **options: Any) -> dict[str, Any]:
    content = read(text, PlanOptions(cwd=DATA, **options)).model_dump(mode="json", exclude_none=True)
    del content["text"]
    return {name: value for name, value in content.items() if value != [] or name in ("ranges", "overruled")}


@pytest.mark.parametrize("case", READ, ids=[case["text"] for case in READ])
def test_sentence_is_read(case: dict[str, Any]) -> None:
    content = asked(case["text"])
    ranges = content.pop("ranges")
    assert content.pop("overruled") == []
    assert content == case["expect"]
    found = [{name: value for name, value in entry.items() if value != []} for entry in ranges]
    assert sorted(found, key=str) == sorted(case.get("ranges", []), key=str)


@pytest.mark.parametrize("case", REFUSED, ids=[case["text"] for case in REFUSED])
def test_sentence_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(UserError) as caught:
        asked(case["text"])
    assert case["refused"] in str(caught.value)
    assert getattr(caught.value, "fragments", ()) == tuple(
        case.get("fragments", getattr(caught.value, "fragments", ()))
    )


def test_there_are_sentences_enough() -> None:
    assert len(READ) >= 40
    assert len(REFUSED) >= 20


def test_example_in_the_message_is_understood() -> None:
    assert asked(EXAMPLE)["trials"] == 30


@pytest.mark.parametrize("word", sorted(NEGATIONS))
def test_denial_is_never_ignored(word: str) -> None:
    with pytest.raises(RequestNotUnderstood, match="I do not understand"):
        asked(f"tune an svm on digits {word} rbf kernel")


def test_fillers_deny_nothing() -> None:
    assert not FILLERS & NEGATIONS


@pytest.mark.parametrize("word", ["fast", "cheap", "gamma", "0.3", "tests", "kernels", "minutes"])
def test_unknown_word_is_quoted(word: str) -> None:
    with pytest.raises(RequestNotUnderstood) as caught:
        asked(f"tune an svm on digits {word} for accuracy")
    assert caught.value.fragments == (word,)


def test_flag_completes_the_sentence() -> None:
    content = asked("tune a random forest", data="flowers.csv", target="species", trials=5, seconds=60.0)
    assert (content["data"], content["target"], content["trials"], content["seconds"]) == (
        "flowers.csv",
        "species",
        5,
        60.0,
    )


def test_flag_that_agrees_is_fine() -> None:
    assert asked("tune an svm on digits, 30 trials", trials=30)["trials"] == 30


def test_flag_wins_over_the_number_of_the_sentence_and_this_is_noted() -> None:
    content = asked("tune an svm on digits, 30 trials", trials=40)
    assert (content["trials"], content["overruled"]) == (40, ["trials"])


def test_flag_that_names_other_data_is_refused() -> None:
    with pytest.raises(RequestNotUnderstood, match="gives digits for the data, the flag flowers"):
        asked("tune an svm on digits", data="flowers.csv")


def test_name_of_the_file_counts_as_mention_of_it() -> None:
    assert asked("tune an svm on flowers to predict species", data="flowers.csv")["target"] == "species"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        asked(text)
    except UserError as error:
        assert "\n" not in str(error).replace(text, "")


WORDS = st.sampled_from(
    "svm digits C gamma kernel rbf poly between and from to 10 0.1 1e-3 log trials minutes at most per trial "
    "maximise accuracy rmse not = , 5-fold until a half hour workers with or 30%".split()
)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=25))
def test_every_word_is_used_or_quoted(words: list[str]) -> None:
    try:
        content = asked(" ".join(words))
    except UserError:
        return
    assert "not" not in words
    assert "rmse" not in words or content["metric"] == "rmse"
    assert "gamma" not in words or any(entry["parameter"] == "gamma" for entry in content["ranges"])


def test_long_sentence_is_read_in_reasonable_time() -> None:
    started = time.process_time()
    with pytest.raises(UserError):
        asked("tune an svm on digits with C between 1 and 10, " * 50 + "2 3 4 5, " * 200)
    assert time.process_time() - started < 10


def test_samples_of_a_leaf_are_no_trials() -> None:
    with pytest.raises(RequestNotUnderstood, match="5 samples per leaf"):
        read("random forest on digits, 20 trials, at least 5 samples per leaf", PlanOptions())


def test_example_of_what_is_understood_is_of_a_script_where_one_is_tuned() -> None:
    with pytest.raises(RequestNotUnderstood, match=re.escape(SCRIPT_EXAMPLE)):
        read("minimise ms of `./bench.sh {k}`, k 1 to 9, 3 frobnicators", PlanOptions())
