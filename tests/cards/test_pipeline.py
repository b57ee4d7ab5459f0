"""From data to the estimator: parts, folds, encoding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agenttune.cards import CARDS, load_dataset
from agenttune.cards.pipeline import encoded_facts, fold_limit, folds_of, make_pipeline, split
from agenttune.errors import DataError

FLOWERS = Path(__file__).parent.parent / "data" / "flowers.csv"


def test_parts_are_disjoint_and_complete() -> None:
    dataset = load_dataset("iris")
    tuning, kept = split(dataset, held_out=0.2, seed=3)
    assert sorted([*tuning, *kept]) == list(range(150))
    assert len(kept) == 30


def test_parts_keep_the_shares_of_classes() -> None:
    dataset = load_dataset("iris")
    _, kept = split(dataset, held_out=0.2, seed=3)
    assert np.bincount(dataset.target[kept]).tolist() == [10, 10, 10]


def test_parts_depend_on_the_seed_alone() -> None:
    dataset = load_dataset("iris")
    first, again, other = (split(dataset, held_out=0.2, seed=seed)[1].tolist() for seed in (3, 3, 4))
    assert first == again != other


def test_folds_lie_inside_the_tuning_part() -> None:
    dataset = load_dataset("iris")
    tuning, kept = split(dataset, held_out=0.2, seed=3)
    folds = folds_of(dataset, tuning, folds=4, seed=3)
    assert sorted(row for _, test in folds for row in test) == tuning.tolist()
    assert not any(set(kept) & set(train) for train, _ in folds)


def test_more_folds_than_rows_of_a_class_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rare.csv"
    path.write_text("x,y\n" + "".join(f"{i},{'rare' if i < 4 else 'common'}\n" for i in range(60)))
    dataset = load_dataset(path, target="y")
    tuning, _ = split(dataset, held_out=0.25, seed=0)
    assert fold_limit(dataset, tuning) == 3
    with pytest.raises(DataError, match=r"class 'rare' of target 'y' has only 4 of 60 rows, too few for 5 folds"):
        folds_of(dataset, tuning, folds=5, seed=0)


def test_class_with_one_row_cannot_be_held_out(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("x,y\n" + "".join(f"{i},{'rare' if i < 1 else 'common'}\n" for i in range(60)))
    with pytest.raises(DataError, match="class 'rare' of target 'y' has only 1 of 60 rows"):
        split(load_dataset(path, target="y"), held_out=0.2, seed=0)


def test_facts_are_those_of_the_encoded_matrix() -> None:
    dataset = load_dataset(FLOWERS, target="species")
    tuning, _ = split(dataset, held_out=0.2, seed=0)
    facts = encoded_facts(dataset, tuning, scales=True)
    assert (facts.task, facts.n_rows, facts.n_features) == ("classification", 118, 4 + 3 + 2)


def test_missing_values_and_unseen_levels_can_be_predicted() -> None:
    dataset = load_dataset(FLOWERS, target="species")
    estimator = CARDS["knn"].make({"n_neighbors": 1}, task="classification", seed=0)
    pipeline = make_pipeline(dataset, estimator, scales=True, scales_target=False)
    pipeline.fit(dataset.features.iloc[:100], dataset.target[:100])
    strange = dataset.features.iloc[100:101].assign(site="the moon", petal_width=np.nan)
    assert pipeline.predict(strange)[0] in (0, 1, 2)


def test_numbers_are_scaled_for_families_that_need_it() -> None:
    dataset = load_dataset("wine")
    rows = np.arange(len(dataset.target), dtype=np.intp)
    assert encoded_facts(dataset, rows, scales=True).variance == pytest.approx(1.0)
    assert encoded_facts(dataset, rows, scales=False).variance > 1000
