"""The numbers of a block: found, ranged, and set by their place in the text."""

from __future__ import annotations

import ast
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenttune.errors import ConfigInvalid
from agenttune.space import Bool, Categorical, Float, Int, Ordinal, Parameter
from agenttune.types import Scalar
from agenttune.variants.numbers import numbers_of, with_values
from agenttune.variants.refused import BlockRefused

DECLARED = '''\
def build(n):
    """Builds."""
    PARAMS = {"lr": 0.001, "hidden": 64, "act": 'relu', "bias": True, "é" if 0 else "x": 1}
    RANGES = {"lr": [1e-4, 1e-1, "log"], "hidden": (16, 256)}
    return PARAMS["lr"] * n  # é
'''.replace(', "é" if 0 else "x": 1', "")


def declared(params: str, ranges: str = "{}") -> dict[str, Parameter]:
    return numbers_of(f"def f():\n    PARAMS = {params}\n    RANGES = {ranges}\n", "function")[0]


def found(*lines: str) -> dict[str, Parameter]:
    return numbers_of("def f(n=3):\n    " + "\n    ".join(lines) + "\n", "function")[0]


def test_declared_numbers_have_their_ranges() -> None:
    parameters, defaults = numbers_of(DECLARED, "function")
    assert parameters == {
        "lr": Float(1e-4, 1e-1, log=True, default=0.001),
        "hidden": Int(16, 256, default=64),
        "bias": Bool(default=True),
    }
    assert defaults == {"lr": 0.001, "hidden": 64, "bias": True}


@pytest.mark.parametrize(
    ("block", "kind"),
    [
        ("import a\nPARAMS: dict[str, float] = {'lr': 1.0}\nRANGES = {'lr': [0.5, 2]}\n", "file"),
        ("class A:\n    PARAMS = {'lr': 1.0}\n    RANGES = {'lr': [0.5, 2]}\n", "class"),
        ("async def f():\n    RANGES = {'lr': [0.5, 2]}\n    PARAMS = {'lr': 1.0}\n", "function"),
    ],
)
def test_they_stand_in_the_target_itself(block: str, kind: str) -> None:
    assert numbers_of(block, kind)[0] == {"lr": Float(0.5, 2.0, default=1.0)}  # type: ignore[arg-type]  # one of three


@pytest.mark.parametrize(
    ("value", "written", "parameter"),
    [
        ("1", "[0.5, 2]", Float(0.5, 2.0, default=1.0)),
        ("1", "[1e-4, 10, 'log']", Float(1e-4, 10.0, log=True, default=1.0)),
        ("8", "[1e0, 1e3, 'log']", Int(1, 1000, log=True, default=8)),
        ("8", "[1, 9, 'linear']", Int(1, 9, default=8)),
        ("8.0", "[1, 9]", Float(1.0, 9.0, default=8.0)),
        ("500", "[16, 256]", Int(16, 500, default=500)),
        ("0.2", "[0.5, 0.9]", Float(0.2, 0.9, default=0.2)),
        ("-2", "[-1, 1]", Int(-2, 1, default=-2)),
        ("32", "[16, 64, 128]", Ordinal([16, 32, 64, 128], default=32)),
        ("'relu'", "['relu', 'tanh']", Categorical(["relu", "tanh"], default="relu")),
        ("'gelu'", "['relu', 'tanh']", Categorical(["relu", "tanh", "gelu"], default="gelu")),
        ("2", "['auto', 2]", Categorical(["auto", 2], default=2)),
        ("'log'", "['log', 'linear']", Categorical(["log", "linear"], default="log")),
        ("False", "[True, False]", Bool(default=False)),
    ],
)
def test_a_range_holds_the_value_it_was_written_with(value: str, written: str, parameter: Parameter) -> None:
    assert declared(f"{{'a': {value}}}", f"{{'a': {written}}}") == {"a": parameter}


@pytest.mark.parametrize(
    ("params", "ranges", "why"),
    [
        ("load()", "{}", r"PARAMS is a dict that is written out.* but got load\(\)"),
        ("{'a': 1 / 3}", "{}", "'a' is 1 / 3"),
        ("{'a': float('nan')}", "{}", "written out, but 'a' is float"),
        ("{'a': 1e999}", "{}", "'a' is 1e309"),
        ("{'a': 123456789012345678901}", "{}", "up to 63 bits"),
        ("{'a': None}", "{}", "'a' is None"),
        ("{'a': [1, 2]}", "{}", r"'a' is \[1, 2\]"),
        ("{'a': 1, 'a': 2}", "{}", "'a' does so twice"),
        ("{'a b': 1}", "{}", "a key of PARAMS is a name in quotes.* got 'a b'"),
        ("{1: 1}", "{}", "but got 1"),
        ("{**other}", "{}", r"but got \*\*"),
        ("{'x' + 'y': 1}", "{}", "a name in quotes"),
        ("{f'p{n}': 1 for n in x}", "{}", "a dict that is written out"),
        (str({f"p{n}": 1 for n in range(21)}), "{}", "at most 20 entries, but got 21"),
        ("{'a': 1}", "{'b': [1, 2]}", "which is a, but not 'b'"),
        ("{'a': 1}", "[1, 2]", "RANGES is a dict"),
        ("{'a': 1}", "{'a': [2, 1]}", "'a' cannot be: its low end must be below"),
        ("{'a': 1}", "{'a': [2, 2]}", "below its high end"),
        ("{'a': 1}", "{'a': [0, 2, 'log']}", "`log` needs a `low` above 0"),
        ("{'a': 0}", "{'a': [1, 2, 'log']}", "`log` needs"),
        ("{'a': 1}", "{'a': [1]}", "a range has two ends, but 'a' has 1"),
        ("{'a': 1}", "{'a': [1, 2, 3, 'log']}", "two ends, but 'a' has 3"),
        ("{'a': 1}", "{'a': []}", "a range is"),
        ("{'a': 1}", "{'a': 3}", "but 'a' has 3"),
        ("{'a': 1}", "{'a': [x, 3]}", r"but 'a' has \[x, 3\]"),
        ("{'a': 1}", "{'a': [1, 1e999]}", "a range is"),
        ("{'a': 1}", "{'a': [1, (2, 3)]}", "a range is"),
    ],
)
def test_numbers_that_cannot_be_read_are_refused_with_the_reason(params: str, ranges: str, why: str) -> None:
    with pytest.raises(BlockRefused, match=why) as refused:
        declared(params, ranges)
    assert refused.value.kind == "bad-numbers"


@pytest.mark.parametrize(
    ("block", "why"),
    [
        ("def f():\n    PARAMS = {}\n    PARAMS = {'a': 1}\n", "assigned once, but 2 places do so"),
        ("def f():\n    PARAMS: dict\n    PARAMS = {'a': 1}\n", "2 places"),
        ("def f():\n    if x:\n        PARAMS = {'a': 1}\n", "as a statement of the function itself"),
        ("def f():\n    return (PARAMS := {'a': 1})\n", "stands as a statement"),
        ("def f():\n    PARAMS, b = {'a': 1}, 2\n", "stands as a statement"),
        ("def f():\n    for PARAMS in []: pass\n", "stands as a statement"),
        ("def f(:", "must be Python that parses"),
    ],
)
def test_params_stand_once_where_they_can_be_found(block: str, why: str) -> None:
    with pytest.raises(BlockRefused, match=why):
        numbers_of(block, "function")


@pytest.mark.parametrize("text", ["\\x1b[31mred", "line\\nline", "a" * 101])
def test_choice_is_a_line_that_people_can_read(text: str) -> None:
    with pytest.raises(BlockRefused, match="at most 100 printable characters"):
        declared('{"k": "rbf"}', f'{{"k": ["rbf", "{text}"]}}')
    with pytest.raises(BlockRefused, match="leave its range out"):
        declared(f'{{"k": "{text}"}}', '{"k": ["rbf", "poly"]}')
    assert declared(f'{{"k": "{text}", "lr": 0.1}}').keys() == {"lr"}  # as no choice it may be anything


def test_without_a_range_the_usual_one_of_the_name_is_taken() -> None:
    assert declared("{'lr': 0.5, 'beta_1': 0.9, 'seed': 3, 'shift': 0, 'act': 'relu'}") == {
        "lr": Float(1e-5, 0.5, log=True, default=0.5, meaning="learning rate"),
        "beta_1": Float(0.8, 0.99, default=0.9, meaning="decay of the first moment"),
    }


def test_any_other_positive_number_is_tuned_around_its_value() -> None:
    assert declared("{'a': 20, 'b': 1, 'c': 2.0, 'd': 0.5, 'e': 1e308}") == {
        "a": Int(5, 80, log=True, default=20),
        "b": Int(1, 4, log=True, default=1),
        "c": Float(0.5, 8.0, log=True, default=2.0),
        "d": Float(0.125, 1.0, log=True, default=0.5),
    }


def test_constants_are_keyword_arguments_and_what_is_assigned_once() -> None:
    parameters = found("hidden = 64", "i = 1", "total = 2", "total += 1", "a = b = 3", "return Net(x[7], 8, alpha=0.5)")
    assert parameters == {
        "hidden": Int(16, 1024, log=True, default=64, meaning="width"),
        "alpha": Float(0.125, 1.0, log=True, default=0.5),
    }


def test_what_is_no_hyperparameter_is_left_alone() -> None:
    lines = (
        "flag = True",
        "seed = 3",
        "epochs = 20",
        "n_jobs = 2",
        "k = -1.0",
        "x = 0",
        "z = f(axis=1, in_features=4)",
    )
    assert found(*lines, 'return f"{g(beta=3)}", lambda c=f(beta=3): c') == {}


def test_defaults_and_decorators_belong_to_the_interface() -> None:
    assert numbers_of("@d(alpha=2)\ndef f(a=3, *, b=g(alpha=4)):\n    return 1\n", "function") == ({}, {})


def test_constants_of_one_name_are_told_apart() -> None:
    assert list(found("a = f(rate=0.5, rate_2=3)", "b = f(rate=0.25)", "c = f(rate=0.75)")) == [
        "rate",
        "rate_2",
        "rate_3",
        "rate_4",
    ]


def test_of_many_constants_the_usual_ones_are_taken() -> None:
    names = list(found(*(f"a{n} = f(p{n}=2)" for n in range(10)), "b = f(lr=0.1)"))
    assert names == [*(f"p{n}" for n in range(7)), "lr"]


def test_values_go_where_the_numbers_stand() -> None:
    after = with_values(DECLARED, {"lr": 1e-05, "act": "it's", "bias": False})
    assert after == DECLARED.replace("0.001", "1e-05").replace("'relu'", '"it\'s"').replace("True", "False")


def test_constants_are_set_by_position() -> None:
    block = "def f():\r\n    é = 'ö'; hidden = 64\r\n    return g(é, lr = (0.5), hidden=64)\r\n"
    after = with_values(block, {"hidden": 3, "lr": 0.25})
    assert after == block.replace("; hidden = 64", "; hidden = 3").replace("0.5", "0.25")


def test_a_value_that_is_there_already_is_not_respelled() -> None:
    block = "PARAMS = {'lr': 1e-3, 'n': 0x40}\n"
    assert with_values(block, {"lr": 0.001, "n": 64}) == block


@pytest.mark.parametrize(
    ("values", "why"),
    [({"no": 1}, "has lr, hidden, act, bias, not 'no'"), ({"lr": float("nan")}, "finite"), ({"lr": [1]}, "finite")],
)
def test_a_value_that_cannot_be_set_is_refused(values: Mapping[str, Scalar], why: str) -> None:
    with pytest.raises(ConfigInvalid, match=why):
        with_values(DECLARED, values)


_SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20).filter(lambda text: text.isprintable()),
)


@given(st.lists(_SCALARS, min_size=1, max_size=6), st.data())
def test_values_come_back_as_they_were_put(values: list[Scalar], data: st.DataObject) -> None:
    params = {f"p{n}": value for n, value in enumerate(values)}
    block = f"class A:\n    PARAMS = {params!r}\n    é = 'ß', PARAMS\n"
    wanted = data.draw(st.fixed_dictionaries(dict.fromkeys(params, _SCALARS)))
    written = with_values(block, wanted)
    statement = ast.parse(written).body[0]
    assert isinstance(statement, ast.ClassDef) and isinstance(statement.body[0], ast.Assign)
    read = ast.literal_eval(statement.body[0].value)
    assert read == wanted
    assert with_values(written, params) == with_values(block, params)
    assert written.endswith("\n    é = 'ß', PARAMS\n")
