"""Whatever is typed: never an error, never a call out of nothing, never calls and a question at once."""

from __future__ import annotations

import json
import string

from hypothesis import given, settings
from hypothesis import strategies as st

from agenttune.agent.offline import read
from agenttune.agent.offline.reading import MOST_ASKED
from agenttune.tools import REGISTRY
from tests.agent.offline.studies import row_of, view_of
from tests.agent.offline.test_sentences import QUESTIONS, SENTENCES

TAKING_ALL = ("add_note", "create_study")
"""Tools that are given the rest of a sentence as it is."""
STUDIES = {name: (view_of(name), row_of(name)) for name in ("svm", "mlp", "db")}
WORDS = sorted({word for _, text, _ in (*SENTENCES, *QUESTIONS) for word in text.split()})
"""All words of the tables: any of them may come together."""


def check(name: str, text: str) -> None:
    view, row = STUDIES[name]
    understood = read(text, view, row=row)
    assert bool(understood.calls) is (understood.question is None)
    assert len(understood.question or "") <= MOST_ASKED
    for call in understood.calls:
        assert call.tool in REGISTRY
        json.dumps(call.arguments, allow_nan=False)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(STUDIES)), st.text(max_size=200))
def test_any_text_is_read_without_an_error(name: str, text: str) -> None:
    check(name, text)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(STUDIES)), st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join))
def test_known_words_in_any_order_are_read_without_an_error(name: str, text: str) -> None:
    check(name, text)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(alphabet=string.ascii_lowercase, min_size=1, max_size=8).map(lambda w: f"q{w}x"), max_size=8))
def test_text_without_known_words_makes_no_call(words: list[str]) -> None:
    assert read(" ".join(words), STUDIES["mlp"][0]).calls == ()


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([entry for entry in SENTENCES if entry[2][0].tool not in TAKING_ALL]),
    st.text(alphabet=string.ascii_lowercase, min_size=2, max_size=8).map(lambda word: f"q{word}x"),
)
def test_a_word_that_nobody_knows_stops_a_sentence(entry: tuple[str, str, list[object]], word: str) -> None:
    study, text, _ = entry
    view, row = STUDIES[study]
    assert read(f"{text.rstrip(' .?!？')} {word}", view, row=row).calls == ()
