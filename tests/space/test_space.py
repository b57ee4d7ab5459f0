"""Space: flattening, the one validation, defaults, adapting old configurations, being a value."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from agenttune.errors import ConfigInvalid, ExpressionError, SpaceError
from agenttune.space import Bool, Categorical, Condition, Constant, Float, Int, Ordinal, Space
from agenttune.types import Scalar


def svm() -> Space:
    """A support vector machine's space: one conditional level, a merged parameter, a constant."""
    gamma = Float(1e-5, 1, log=True, default=0.01)
    return Space(
        C=Float(1e-3, 1e3, log=True, default=1),
        kernel=Categorical(
            {"rbf": Space(gamma=gamma), "poly": Space(gamma=gamma, degree=Int(2, 5, default=3)), "linear": None},
            default="rbf",
        ),
        shrinking=Bool(default=True),
        cache=Constant(200, unit="MB"),
        constraints=["C * degree < 3000"],
    )


RBF: dict[str, Scalar] = {"C": 1.0, "kernel": "rbf", "gamma": 0.01, "shrinking": True, "cache": 200}


def test_nested_spaces_are_flat_with_children_behind_parents() -> None:
    space = svm()
    assert list(space.parameters) == ["C", "kernel", "gamma", "degree", "shrinking", "cache"]
    assert space.columns == ("C", "kernel", "gamma", "degree", "shrinking")
    assert space.conditions == {
        "gamma": Condition("kernel", ("rbf", "poly")),
        "degree": Condition("kernel", ("poly",)),
    }
    assert space.parameters["kernel"] == Categorical(["rbf", "poly", "linear"], default="rbf")


def test_nesting_goes_any_depth_and_carries_constraints() -> None:
    inner = Space(a=Int(1, 9), b=Int(1, 9), constraints=["a < b"])
    space = Space(outer=Categorical({"x": Space(middle=Categorical({"y": inner, "z": None}))}))
    assert space.conditions["a"] == Condition("middle", ("y",))
    assert [expression.text for expression in space.constraints] == ["a < b"]
    assert space.contains({"outer": "x", "middle": "z"})
    assert not space.contains({"outer": "x", "middle": "y", "a": 3, "b": 2})


def test_a_mapping_allows_any_printable_name() -> None:
    space = Space({"learning-rate": Float(0, 1), "svc__C": Int(1, 2), "größe 1": Bool()})
    assert space.validate({"learning-rate": 1, "svc__C": 2, "größe 1": False})["learning-rate"] == 1.0


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Space(), "a space needs at least one parameter"),
        (lambda: Space({"": Bool()}), "the name of a parameter must be a printable text such as 'lr', but got ''"),
        (lambda: Space({" lr": Bool()}), "but got ' lr'"),
        (lambda: Space({3: Bool()}), "but got 3"),  # type: ignore[dict-item]
        (
            lambda: Space(lr=0.1),  # type: ignore[arg-type]
            "parameter `lr` must be a Float, Int, Categorical, Ordinal, Bool, Constant, but got 0.1",
        ),
        (
            lambda: Space(a=Int(1, 2), k=Categorical({"x": Space(a=Int(1, 3))})),
            "parameter `a` is defined twice; rename",
        ),
        (
            lambda: Space(k=Categorical({"x": Space(a=Int(1, 2)), "y": Space(a=Int(1, 3))})),
            "parameter `a` is defined twice; rename",
        ),
        (
            lambda: Space(lr=Float(0, 1), constraints=["lrr < 1"]),
            "mentions `lrr`, which is no parameter; did you mean `lr`?",
        ),
        (lambda: Space(lr=Float(0, 1), constraints=["1 < 2"]), "'1 < 2' mentions no parameter"),
        (lambda: Space(lr=Float(0, 1), constraints=["lr + 1"]), "'lr + 1' is neither true nor false"),
        (lambda: Space(lr=Float(0, 1), constraints=["lr"]), "'lr' is neither true nor false"),
        (
            lambda: Space.from_flat({"a": Bool(), "b": Int(1, 2)}, conditions={"b": Condition("aa", (True,))}),
            "`b` depends on `aa`, no other parameter; did you mean `a`?",
        ),
        (
            lambda: Space.from_flat({"a": Float(0, 1), "b": Int(1, 2)}, conditions={"b": Condition("a", (0.5,))}),
            "`b` depends on `a`, which is a float",
        ),
        (
            lambda: Space.from_flat({"a": Bool(), "b": Bool()}, conditions={"b": Condition("a", ())}),
            "no value is given",
        ),
        (
            lambda: Space.from_flat(
                {"a": Bool(), "b": Bool()}, conditions={"b": Condition("a", (True,)), "a": Condition("b", (True,))}
            ),
            "depend on each other in a circle: a -> b -> a",
        ),
    ],
)
def test_a_broken_space_names_the_culprit(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(SpaceError) as caught:
        make()
    assert sentence in str(caught.value)


def test_a_constraint_outside_the_language_is_refused() -> None:
    with pytest.raises(ExpressionError, match="is an attribute"):
        Space(lr=Float(0, 1), constraints=["lr.real < 1"])


def test_a_switch_may_be_a_constraint() -> None:
    assert not Space(flag=Bool(), constraints=["flag"]).contains({"flag": False})


@pytest.mark.parametrize(
    ("change", "culprit", "sentence"),
    [
        ({"Cc": 1.0}, "Cc", "`Cc` is no parameter of this space; did you mean `C`?"),
        ({"C": 1e4}, "C", "`C` must be a number from 1e-3 to 1e3, but got 10000.0"),
        ({"C": "0.1"}, "C", "`C` must be a number from 1e-3 to 1e3, but got '0.1' (text)"),
        ({"C": True}, "C", "but got True"),
        ({"degree": 3}, "degree", "`degree` is only used when kernel=poly, but kernel=rbf; leave it out"),
        ({"kernel": "linear"}, "gamma", "`gamma` is only used when kernel=rbf|poly, but kernel=linear; leave it out"),
        ({"kernel": "poly"}, "degree", "`degree` is missing; give it a value of 2..5"),
        ({"cache": 100}, "cache", "`cache` is fixed at 200, but got 100; leave it out"),
        (
            {"kernel": "poly", "degree": 5, "C": 900},
            None,
            "constraint 'C * degree < 3000' is violated by C=900, degree=5",
        ),
    ],
)
def test_a_broken_config_names_parameter_rule_and_value(
    change: dict[str, object], culprit: str | None, sentence: str
) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        svm().validate({**RBF, **change})
    assert sentence in str(caught.value)
    assert caught.value.parameter == culprit


def test_a_config_must_be_a_mapping() -> None:
    with pytest.raises(ConfigInvalid, match="must map names to values"):
        svm().validate([("C", 1.0)])  # type: ignore[arg-type]


def test_validation_normalises_and_orders() -> None:
    given = {"shrinking": np.bool_(True), "gamma": np.float64(0.01), "kernel": np.str_("rbf"), "C": 1}
    valid = svm().validate(given)
    assert list(valid.items()) == list(RBF.items())
    assert [type(value) for value in valid.values()] == [float, str, float, bool, int]


def test_a_constraint_that_cannot_be_computed_is_violated() -> None:
    space = Space(a=Int(0, 4), b=Int(0, 4), constraints=["a / b < 3"])
    with pytest.raises(
        ConfigInvalid, match=r"constraint 'a / b < 3' cannot be computed .*division by zero.* by a=1, b=0"
    ):
        space.validate({"a": 1, "b": 0})
    assert not any(config["b"] == 0 for config in space.enumerate())


def test_filling_takes_defaults_of_what_is_active() -> None:
    assert svm().fill({"kernel": "poly"}) == {**RBF, "kernel": "poly", "degree": 3}
    assert svm().fill({"kernel": "linear"}).keys() == {"C", "kernel", "shrinking", "cache"}


def test_filling_needs_a_default() -> None:
    with pytest.raises(ConfigInvalid, match="`b` is missing"):
        Space(a=Int(1, 2, default=1), b=Int(1, 2)).fill({})


def test_the_default_config_is_whole_and_valid_or_none() -> None:
    assert svm().default_config() == RBF
    assert Space(a=Int(1, 2)).default_config() is None
    assert Space(a=Int(1, 2, default=1), constraints=["a > 1"]).default_config() is None


def test_activity_follows_values_and_constants() -> None:
    frozen = Space.from_flat(
        {"kernel": Constant("poly"), "degree": Int(2, 5), "gamma": Float(0, 1)},
        conditions={"degree": Condition("kernel", ("poly",)), "gamma": Condition("kernel", ("rbf",))},
    )
    assert frozen.active({}) == {"kernel", "degree"}
    assert frozen.columns == ("degree",)
    assert frozen.validate({"degree": 3}) == {"kernel": "poly", "degree": 3}
    assert frozen.describe()[2] == "gamma 0..1 when kernel=rbf (never, as it stands)"
    assert not frozen.contains({"degree": 3, "gamma": 0.5})


def test_a_parent_may_be_a_whole_number_or_a_switch() -> None:
    space = Space.from_flat(
        {"width2": Int(1, 64), "layers": Int(1, 4), "p": Float(0, 1), "dropout": Bool()},
        conditions={"width2": Condition("layers", (2, 3.0, 4)), "p": Condition("dropout", (True,))},
    )
    assert list(space.parameters) == ["layers", "width2", "dropout", "p"]
    assert space.conditions["width2"].values == (2, 3, 4)
    for config in space.sample(np.random.default_rng(0), 200):
        assert ("width2" in config) == (config["layers"] != 1)
        assert ("p" in config) == config["dropout"]


def test_a_log_int_parent_opens_its_children() -> None:
    space = Space.from_flat({"n": Int(1, 8, log=True), "x": Bool()}, conditions={"x": Condition("n", (1, 8))})
    assert all(("x" in config) == (config["n"] in (1, 8)) for config in space.sample(np.random.default_rng(0), 100))


def test_equal_bins_are_sampled_equally() -> None:
    space = Space(n=Int(1, 5), k=Categorical(["a", "b", "c"]), grid=Float(0, 1, step=0.25))
    configs = space.sample(np.random.default_rng(0), 6000)
    for name, count in (("n", 5), ("k", 3), ("grid", 5)):
        shares = np.unique([str(config[name]) for config in configs], return_counts=True)[1] / 6000
        np.testing.assert_allclose(shares, 1 / count, atol=0.03)


def test_codes_of_log_ints_are_centres_of_log_bins() -> None:
    space = Space(n=Int(1, 2, log=True))
    edges = np.log([0.5, 1.5, 2.5])
    centres = ((edges[:-1] + edges[1:]) / 2 - edges[0]) / (edges[2] - edges[0])
    np.testing.assert_allclose(space.to_unit([{"n": 1}, {"n": 2}])[:, 0], centres)


@pytest.mark.parametrize("change", [{"kernel": "sigmoid"}, {"C": "much"}])
def test_encoding_a_foreign_value_names_the_parameter(change: dict[str, Scalar]) -> None:
    with pytest.raises(ConfigInvalid, match=f"`{next(iter(change))}` must be"):
        svm().to_unit([{**RBF, **change}])


def test_codes_of_floats_are_affine() -> None:
    space = Space(a=Float(-1, 3), b=Float(1e-4, 1, log=True))
    np.testing.assert_allclose(space.to_unit([{"a": 0, "b": 1e-3}]), [[0.25, 0.25]])


def test_points_beyond_the_cube_are_clipped() -> None:
    space = Space(a=Float(0.1, 0.3), b=Float(0.1, 0.3, log=True), n=Int(1, 3))
    assert space.from_unit([[-1, -1, -1], [2, 2, 2]]) == [{"a": 0.1, "b": 0.1, "n": 1}, {"a": 0.3, "b": 0.3, "n": 3}]


@pytest.mark.parametrize(("points", "sentence"), [([[0.5]], "points must be n x 5"), ([[float("nan")] * 5], "got NaN")])
def test_points_of_another_shape_are_refused(points: list[list[float]], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        svm().from_unit(points)


def test_a_space_of_constants_has_one_config() -> None:
    space = Space(a=Constant(1), b=Constant("x"))
    assert space.columns == ()
    assert space.cardinality == 1
    assert list(space.enumerate()) == space.sample(np.random.default_rng(0), 1) == [{"a": 1, "b": "x"}]


def test_sampling_keeps_narrow_constraints() -> None:
    space = Space(a=Float(0, 1), b=Float(0, 1), constraints=["abs(a - b) < 0.001"])
    assert all(abs(float(c["a"]) - float(c["b"])) < 0.001 for c in space.sample(np.random.default_rng(0), 20))


def test_sampling_is_repeatable() -> None:
    assert svm().sample(np.random.default_rng(3), 5) == svm().sample(np.random.default_rng(3), 5)


def test_constraints_that_leave_nothing_are_reported() -> None:
    space = Space(a=Int(1, 4), constraints=["a > 2", "a < 2"])
    with pytest.raises(SpaceError, match=r"keep the constraints \(a > 2; a < 2\); loosen one"):
        space.sample(np.random.default_rng(0), 1)


@pytest.mark.parametrize(
    ("space", "sentence"),
    [
        (
            Space(a=Float(1, 2), b=Float(1, 2), constraints=["a < 1.5", "a + b < 0"]),
            r"keeps 'a \+ b < 0': none of 1\d{6} random configurations did; loosen one",
        ),
        (
            Space(a=Int(1, 50), b=Int(1, 50), constraints=["a > b", "b > a"]),
            r"keeps 'a > b' and 'b > a' together: none of",
        ),
        (Space(a=Int(1, 4), b=Bool(), constraints=["a > 4"]), "keeps 'a > 4': none of its 8 configurations does"),
        (Space(a=Int(1, 2), constraints=["log(-a) < 0"]), r"keeps 'log\(-a\) < 0'"),
    ],
)
def test_constraints_that_nothing_keeps_are_named(space: Space, sentence: str) -> None:
    with pytest.raises(SpaceError, match=sentence):
        space.require_satisfiable()


@pytest.mark.parametrize(
    "space",
    [
        Space(a=Float(0, 1), b=Float(0, 1), constraints=["abs(a - b) < 1e-5"]),
        Space(a=Int(1, 10**6), b=Int(1, 10**6), constraints=["a + b < 20000"]),
        Space(a=Int(1, 100), b=Int(1, 100), constraints=["a * b == 9409"]),
        Space(a=Float(0, 1, default=0.5), constraints=["a == 0.5"]),
        Space(k=Categorical({"x": Space(a=Float(1, 2)), "y": None}), constraints=["a < 0"]),
        Space(a=Float(0, 1)),
    ],
)
def test_rare_constraints_are_no_reason_to_refuse(space: Space) -> None:
    space.require_satisfiable()


@pytest.mark.parametrize(
    ("space", "cardinality"),
    [
        (Space(a=Int(1, 4), b=Bool()), 8),
        (Space(k=Categorical({"x": Space(a=Int(1, 3), b=Bool()), "y": Space(c=Int(1, 5)), "z": None})), 12),
        (Space(a=Float(0, 1)), None),
        (Space(k=Categorical({"x": Space(a=Float(0, 1)), "y": None})), None),
        (Space(a=Int(1, 10**5), b=Int(1, 10**5)), None),
        (Space(o=Ordinal([1, 2, 3]), g=Float(0, 1, step=0.5)), 9),
    ],
)
def test_cardinality_counts_configs(space: Space, cardinality: int | None) -> None:
    assert space.cardinality == cardinality


def test_an_infinite_space_cannot_be_enumerated() -> None:
    with pytest.raises(SpaceError, match="not finite"):
        Space(a=Float(0, 1)).enumerate()


def test_old_configs_find_their_place_or_none() -> None:
    old: dict[str, Scalar] = {"C": 1.0, "kernel": "rbf", "gamma": 0.01}
    assert svm().adapt({**old, "removed": 3}) == RBF
    assert svm().adapt({**old, "C": 1e9}) is None
    assert svm().adapt({**old, "kernel": "sigmoid"}) is None
    assert svm().adapt({**old, "degree": 3}) == RBF
    assert Space(C=Float(0, 10), new=Int(1, 2)).adapt(old) is None
    assert Space(C=Float(0, 10), constraints=["C > 2"]).adapt(old) is None


def test_a_constant_that_is_not_used_wakes_nothing() -> None:
    space = Space.from_flat(
        {"k": Categorical(["x", "y"]), "frozen": Constant(3), "below": Bool()},
        conditions={"frozen": Condition("k", ("x",)), "below": Condition("frozen", (3,))},
    )
    assert space.adapt({"k": "y"}) == space.validate({"k": "y"}) == {"k": "y"}
    assert space.active({"k": "y"}) == {"k"}
    assert space.validate({"k": "x", "below": True}) == {"k": "x", "frozen": 3, "below": True}


def test_describing_is_short() -> None:
    assert svm().describe() == [
        "C 1e-3..1e3 log",
        "kernel rbf|poly|linear",
        "gamma 1e-5..1 log when kernel=rbf|poly",
        "degree 2..5 when kernel=poly",
        "shrinking true|false",
        "cache fixed at 200 MB",
        "C * degree < 3000",
    ]
    assert svm().labels["degree"] == svm().describe_parameter("degree") == "2..5"


def test_a_space_cannot_be_changed() -> None:
    space = svm()
    with pytest.raises(AttributeError, match="a space does not change"):
        space.columns = ()
    with pytest.raises(TypeError):
        space.parameters["C"] = Bool()  # type: ignore[index]


def test_spaces_are_equal_by_content() -> None:
    assert svm() == copy.deepcopy(svm()) == Space.from_json(svm().to_json())
    assert Space(a=Int(1, 2), b=Bool()) != Space(b=Bool(), a=Int(1, 2))
    two = ["a > b", "a < 4"]
    assert Space(a=Int(1, 9), b=Int(1, 9), constraints=two) == Space(a=Int(1, 9), b=Int(1, 9), constraints=two[::-1])
    assert Space(a=Constant(True)) != Space(a=Constant(1))
    assert svm() != "a space"


def test_importing_spaces_stays_light() -> None:
    code = (
        "import sys, agenttune.space; print([m for m in ('pydantic', 'scipy', 'pandas', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
