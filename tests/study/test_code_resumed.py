"""Studies over code: the same again from the same seed, and on where a driver ended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agenttune import Budget
from agenttune.events import VariantAdded
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.variant import Variant
from tests.study.coding import GOOD, Coder, Driven, drive, spec_over_code
from tests.study.models import Make


@pytest.fixture
def spec(make_spec: Make) -> StudySpec:
    """A study over `predict`."""
    return spec_over_code(make_spec)


class Killed(BaseException):
    """Stands for the end of a driver."""


IDEAS = ("worth 5", "bad 1", "crash 2", "worth 7", "bad 3", "crash 8", "again 3", *GOOD)


def essence(driven: Driven) -> list[tuple[object, ...]]:
    """All of each proposal but the clock."""
    return [(trial.proposal, trial.seed, trial.state) for trial in driven.trials]


def test_same_seed_and_model_lead_to_the_same_study(tmp_path: Path, spec: StudySpec) -> None:
    made = []
    for name in ("one", "two"):
        with Store.open(tmp_path / f"{name}.db") as store:
            driven = drive(store, Coder(*IDEAS), replace(spec, budget=Budget(trials=12)))
            driven.run()
            made.append((essence(driven), store.code_entries(driven.id)))
    assert made[0] == made[1]
    assert len(made[0][0]) == 12


class Dying:
    """A store that a driver loses before its n-th entries are written."""

    def __init__(self, store: Store, n: int) -> None:
        self._store = store
        self._left = n

    def add_code_entries(self, study_id: str, entries: Any) -> Any:
        """Keeps them, or dies."""
        if self._left == 0:
            raise Killed
        self._left -= 1
        return self._store.add_code_entries(study_id, entries)


@pytest.mark.parametrize("n", range(8))
def test_killed_between_exchange_and_entry_the_study_goes_on_as_it_would_have(
    tmp_path: Path, spec: StudySpec, n: int
) -> None:
    spec = replace(spec, budget=Budget(trials=10))
    with Store.open(tmp_path / "whole.db") as store:
        whole = drive(store, Coder(*IDEAS), spec)
        whole.run()
        wanted, entries, n_asked = essence(whole), store.code_entries(whole.id), len(store.exchanges(whole.id))
    with Store.open(tmp_path / "cut.db") as store:
        study = store.create_study(spec).id
        with pytest.raises(Killed):
            drive(store, Coder(*IDEAS), spec, study=study, keeps=Dying(store, n)).run()
        second = drive(store, Coder(*IDEAS), spec, study=study)
        second.run()
        assert store.code_entries(study) == entries
        assert essence(second) == wanted
        assert len(store.exchanges(study)) == n_asked


def test_variant_whose_space_was_not_written_any_more_gets_it_from_the_next_driver(
    store: Store, spec: StudySpec
) -> None:
    driven = drive(store, Coder(*IDEAS), spec)
    driven.run(1)
    store.add_code_entries(
        driven.id, [Variant(0, 0, "improve", "by hand", "def predict(x):\n    return x, 'worth 9'\n")]
    )
    again = drive(store, Coder(*IDEAS), spec, study=driven.id)
    again.run(1)
    assert again.told[1] == ("code", "v1")
    assert [event.name for event in again.events(VariantAdded)] == ["v1"]
