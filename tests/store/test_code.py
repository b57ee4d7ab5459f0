"""Code entries as rows: kept once, in order, numbered, without keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agenttune.events import CodeRefused, VariantAdded
from agenttune.space import Categorical, Space
from agenttune.store import Store
from agenttune.testing.store import make_spec
from agenttune.variant import CodeEntry, Direction, Lesson, RefusedBlock, Variant

SECRET = "sk-" + "a1" * 20
START = Variant(7, None, "start", "", "def f(): pass\n")
DIRECTION = Direction(0, "improve", "a wider net", exchange_ids=(3,), asked_at=2)
VARIANT = Variant(
    0,
    0,
    "improve",
    "a wider net – «wide»",
    "def f():\n    return 1\n",
    {"lr": {"type": "float", "low": 1e-4, "high": 0.1, "log": True}},
    {"lr": 0.01},
    "abc",
    "def",
    direction=1,
    exchange_ids=(3, 4),
    asked_at=2,
)
REFUSED = RefusedBlock(0, "duplicate", "it is v1", "a wider net", "def f(): ...", 1, 1, (5,), 3)
LESSON = Lesson(1, "wider is no better", (6,), 4)
ALL: tuple[CodeEntry, ...] = (START, DIRECTION, VARIANT, REFUSED, LESSON)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.db") as store:
        yield store


@pytest.fixture
def study(store: Store) -> str:
    return store.create_study(make_spec()).id


def test_entries_are_read_as_they_were_given_with_ids_and_numbers(store: Store, study: str) -> None:
    kept = store.add_code_entries(study, ALL)
    assert [entry.id for entry in kept] == [1, 2, 3, 4, 5]
    assert kept[0] == replace(START, number=0, id=1)
    assert kept[2] == replace(VARIANT, number=1, id=3)
    assert kept[3:] == [replace(REFUSED, id=4), replace(LESSON, id=5)]
    assert store.code_entries(study) == tuple(kept)
    assert store.code_entries(study, after=3) == tuple(kept[3:])


def test_entry_of_the_same_exchange_is_not_added_twice(store: Store, study: str) -> None:
    first = store.add_code_entries(study, ALL)
    assert store.add_code_entries(study, ALL) == first
    assert len(store.code_entries(study)) == len(ALL)


def test_same_words_of_another_exchange_are_another_entry(store: Store, study: str) -> None:
    store.add_code_entries(study, [VARIANT])
    (other,) = store.add_code_entries(study, [replace(VARIANT, exchange_ids=(9,))])
    assert isinstance(other, Variant) and other.number == 1


def test_numbers_are_counted_per_study(store: Store, study: str) -> None:
    store.add_code_entries(study, [START])
    other = store.create_study(make_spec("other")).id
    (kept,) = store.add_code_entries(other, [START])
    assert isinstance(kept, Variant) and kept.number == 0


def test_keys_are_taken_out_of_code_ideas_and_numbers(store: Store, study: str) -> None:
    told = replace(VARIANT, block=f"KEY = '{SECRET}'\n", idea=SECRET, defaults={"lr": SECRET})
    (kept,) = store.add_code_entries(study, [told])
    assert "sk-" not in repr(kept)


def test_refused_block_is_announced_once_and_the_rest_is_not(store: Store, study: str) -> None:
    store.add_code_entries(study, ALL)
    store.add_code_entries(study, ALL)
    told = [event for _, _, event in store.events(study) if isinstance(event, CodeRefused)]
    assert told == [CodeRefused("duplicate", "it is v1", "v0")]
    assert told[0].sentence == "a block for v0 was refused (duplicate): it is v1"


def test_nothing_is_kept_of_a_transaction_that_fails(store: Store, study: str) -> None:
    with pytest.raises(ZeroDivisionError), store.together():
        store.add_code_entries(study, [START])
        raise ZeroDivisionError
    assert store.code_entries(study) == ()


def test_variant_leads_to_a_version_of_the_space_that_is_announced_with_it(store: Store, study: str) -> None:
    space = Space(variant=Categorical(["v0", "v1"]))
    told = store.add_variant(study, space, VariantAdded("v1", "a wider net", "v0", 0))
    assert told.version == store.study(study).space_version == 2
    assert store.spaces(study)[2] == space
    assert store.space_edits(study) == {}
    assert [event for _, _, event in store.events(study)][-1] == told
    assert told.sentence == "v1: a wider net (from v0)"
