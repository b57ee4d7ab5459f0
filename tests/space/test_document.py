"""The [space] table of a study file, and the sentences about what is wrong with one."""

from __future__ import annotations

import tomllib

import pytest

from agenttune.errors import SpaceError
from agenttune.space import Categorical, Float, Int, Space
from agenttune.space.document import space_from_document

DOCUMENT = """
degree = { type = "int", low = 2, high = 5, when = { kernel = "poly" } }
C = { type = "float", low = 1e-3, high = 1e3, log = true, default = 1, unit = "1", meaning = "softness" }
kernel = { type = "categorical", choices = ["rbf", "poly"] }
width = { type = "ordinal", values = [16, 32], default = 32 }
bias = { type = "bool", when = { width = [16] } }
epochs = { type = "constant", value = 10 }
"""


def test_a_table_becomes_a_space_with_parents_first() -> None:
    space = space_from_document(tomllib.loads(DOCUMENT), ["C * degree < 100"])
    assert space.describe() == [
        "kernel rbf|poly",
        "degree 2..5 when kernel=poly",
        "C 1e-3..1e3 1 log",
        "width 16<32",
        "bias true|false when width=16",
        "epochs fixed at 10",
        "C * degree < 100",
    ]


def test_nested_python_and_a_flat_table_are_equal() -> None:
    nested = Space(kernel=Categorical({"rbf": None, "poly": Space(degree=Int(2, 5))}), C=Float(0, 1))
    document = """
    kernel = { type = "categorical", choices = ["rbf", "poly"] }
    degree = { type = "int", low = 2, high = 5, when = { kernel = ["poly"] } }
    C = { type = "float", low = 0, high = 1 }
    """
    assert space_from_document(tomllib.loads(document)) == nested


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ("lr = { type = 'float', low = 1, high = 0.1 }", "parameter `lr`: `low` must be below `high`, but got low=1.0"),
        (
            "lr = { type = 'flaot', low = 1, high = 2 }",
            "parameter `lr` needs a type, but got 'flaot'; did you mean `float`?",
        ),
        ("lr = { low = 1, high = 2 }", "parameter `lr` needs a type, but got None; there are float, int"),
        ("lr = { type = 'float', lo = 1, high = 2 }", "parameter `lr` (float) has no key `lo`; did you mean `low`?"),
        ("lr = { type = 'float', low = 1 }", "parameter `lr` (float) needs `high`, which is missing"),
        (
            "lr = { type = 'float', low = '1', high = 2 }",
            "parameter `lr`: `low` must be a finite number, but got '1' (text)",
        ),
        ("lr = { type = 'float', low = nan, high = 2 }", "`low` must be a finite number, but got nan"),
        ("lr = { type = 'float', low = 1, high = 2, log = 'yes' }", "`log` must be true or false, but got 'yes'"),
        ("lr = { type = 'categorical', choices = [] }", "parameter `lr`: `choices` must have at least one value"),
        ("lr = { type = 'categorical', choices = 'a' }", "`choices` must be a list of values, but got 'a' (text)"),
        ("lr = { type = 'categorical', choices = [1979-05-27] }", "`choices` must be a text, a number, true or false"),
        ("lr = 0.1", "parameter `lr` must be a table such as"),
        ("", "a space needs at least one parameter"),
        ("a = { type = 'bool', when = 3 }", "parameter `a`: `when` must name one parent and its values"),
        ("a = { type = 'bool', when = { } }", "parameter `a`: `when` must name one parent and its values"),
        (
            "a = { type = 'bool' }\nb = { type = 'bool', when = { aa = true } }",
            "`b` depends on `aa`, no other parameter; did you mean `a`?",
        ),
        (
            "k = { type = 'categorical', choices = ['rbf', 'poly'] }\nb = { type = 'bool', when = { k = 'ploy' } }",
            "parameter `b`: `when` needs values of `k` (rbf|poly), but got 'ploy'; did you mean `poly`?",
        ),
        (
            "k = { type = 'int', low = 1, high = 3 }\nb = { type = 'bool', when = { k = 4 } }",
            "`when` needs values of `k` (1..3), but got 4",
        ),
        ("k = { type = 'bool' }\nb = { type = 'bool', when = { k = [{}] } }", "`when` must be a text, a number"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_it(document: str, sentence: str) -> None:
    with pytest.raises(SpaceError) as caught:
        space_from_document(tomllib.loads(document))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("constraints", ["a > 1", [3]])
def test_constraints_are_a_list_of_texts(constraints: list[str]) -> None:
    with pytest.raises(SpaceError, match="constraints must be a list of texts"):
        space_from_document({"a": {"type": "int", "low": 1, "high": 3}}, constraints)
