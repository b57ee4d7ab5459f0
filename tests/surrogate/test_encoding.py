"""Features of configurations: scales, one-hot distances, activity."""

from __future__ import annotations

import numpy as np
import pytest

from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Space
from agenttune.surrogate.encoding import Encoding, Floats, keys
from agenttune.types import Scalar

SPACE = Space(
    rate=Float(1e-3, 1.0, log=True),
    width=Int(2, 5),
    size=Ordinal([16, 32, 64]),
    kind=Categorical({"a": None, "b": Space(inner=Float(0, 1)), "c": Space(inner=Float(0, 1))}),
    flag=Bool(),
    folds=Constant(5),
)
BASE: dict[str, Scalar] = {"rate": 1e-3, "width": 2, "size": 16, "kind": "a", "flag": False, "folds": 5}


def _features(*configs: dict[str, Scalar]) -> Floats:
    return Encoding(SPACE).features(SPACE.to_unit(list(configs)))


def test_numbers_span_zero_to_one() -> None:
    low, high = _features(BASE, {**BASE, "rate": 1.0, "width": 5, "size": 64})
    assert low[:3].tolist() == pytest.approx([0, 0, 0])
    assert high[:3].tolist() == pytest.approx([1, 1, 1])


def test_two_categories_are_one_apart() -> None:
    space = Space(kind=Categorical(["a", "b", "c"]), x=Float(0, 1))
    a, b, c = Encoding(space).features(space.to_unit([{"kind": kind, "x": 0.5} for kind in "abc"]))
    assert [float(np.linalg.norm(a - b)), float(np.linalg.norm(a - c))] == pytest.approx([1.0, 1.0])


def test_bool_is_one_feature() -> None:
    encoding = Encoding(Space(flag=Bool()))
    assert encoding.features(encoding.space.to_unit([{"flag": False}, {"flag": True}])).tolist() == [[0.0], [1.0]]


def test_only_numbers_are_warped() -> None:
    space = Space(kind=Categorical(["a", "b", "c"]), x=Float(0, 1), flag=Bool(), n=Int(1, 3))
    assert Encoding(space).numeric == [3, 5]


def test_activity_is_a_feature() -> None:
    off, on = _features(BASE, {**BASE, "kind": "b", "inner": 0.3})
    assert [float(off[-1]), float(on[-1])] == pytest.approx([0.0, 2**-0.5])


def test_inactive_number_lies_in_the_middle() -> None:
    encoding = Encoding(SPACE)
    column = [c.name for c in encoding.columns].index("inner")
    feature = sum(c.n_features for c in encoding.columns[:column])
    assert float(_features(BASE)[0, feature]) == pytest.approx(0.5)


def test_inactive_category_has_no_choice() -> None:
    space = Space(flag=Categorical({"on": Space(kind=Categorical(["a", "b", "c"])), "off": None}))
    encoding = Encoding(space)
    (off,) = encoding.features(space.to_unit([{"flag": "off"}]))
    assert off[1:4].tolist() == [0.0, 0.0, 0.0]


def test_features_are_finite_and_bounded() -> None:
    encoding = Encoding(SPACE)
    features = encoding.features(SPACE.snap(np.random.default_rng(0).random((200, len(SPACE.columns)))))
    assert np.isfinite(features).all()
    assert (features >= 0).all()
    assert (features <= 1).all()


def test_signature_changes_with_the_choices() -> None:
    narrow, wide = Space(kind=Categorical(["a", "b", "c"])), Space(kind=Categorical(["a", "b", "c", "d"]))
    assert Encoding(narrow).signature != Encoding(wide).signature


def test_signature_survives_a_new_range() -> None:
    assert Encoding(Space(x=Float(0, 1))).signature == Encoding(Space(x=Float(0, 2))).signature


def test_huge_integers_are_treated_as_continuous() -> None:
    assert Encoding(Space(n=Int(1, 10**9))).columns[0].kind == "real"


def test_keys_tell_points_apart() -> None:
    points = np.array([[0.1, 0.2], [0.1, 0.2 + 1e-15], [0.1, 0.3]])
    assert [len(set(keys(points))), keys(points)[0] == keys(points)[1]] == [2, True]
