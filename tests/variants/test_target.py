"""Finding a part of a file and putting a block in its place."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenttune.errors import TargetError
from agenttune.variants.target import find_target, put

FILE = '''\
import torch


@torch.no_grad()
def build_model(n_in, hidden=64):
    """Builds.

      More.
    """
    return n_in, hidden


class Trainer:
    rate = 0.1

    @staticmethod
    def step(batch):  # one
        text = """first
    second
"""
        return (batch,
  text)

    def fit(self): return 1  # all


if torch:
    def late(): return 2
'''
NAMES = ("build_model", "Trainer", "Trainer.step", "Trainer.fit", "late")


def test_a_function_comes_with_its_decorators() -> None:
    target = find_target(FILE, "build_model")
    assert (target.kind, target.indent) == ("function", "")
    assert target.source.startswith("@torch.no_grad()\ndef build_model(")
    assert target.source.endswith("return n_in, hidden\n")


def test_a_method_is_unindented_but_not_within_its_strings() -> None:
    target = find_target(FILE, "Trainer.step")
    assert target.source == (
        '@staticmethod\ndef step(batch):  # one\n    text = """first\n    second\n"""\n    return (batch,\n  text)\n'
    )
    assert target.indent == "    "


def test_a_decorator_s_sign_may_stand_above_it() -> None:
    text = "import a\n@(\n    a.b\n)\nclass Net:\n    pass\n"
    assert find_target(text, "Net").source == "@(\n    a.b\n)\nclass Net:\n    pass\n"


@pytest.mark.parametrize("name", ["", *NAMES])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_putting_a_target_back_changes_no_byte(name: str, newline: str) -> None:
    text = FILE.replace("\n", newline)
    target = find_target(text, name)
    assert put(text, target, target.source) == text


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_block_takes_the_line_ends_and_the_indentation_of_its_place(newline: str) -> None:
    text = FILE.replace("\n", newline)
    target = find_target(text, "Trainer.fit")
    after = put(text, target, 'def fit(self):\n    """One\n  two."""\n\n    return 2')
    expected = '    def fit(self):\n        """One\n  two."""\n\n        return 2\n'.replace("\n", newline)
    assert after == text[: target.start] + expected + text[target.end :]


def test_a_missing_end_of_the_last_line_stays_missing() -> None:
    text = "x = 1\ndef f(): return x"
    assert put(text, find_target(text, "f"), "def f():\n    return 2\n") == "x = 1\ndef f():\n    return 2"


def test_tabs_in_front_stay_in_front() -> None:
    text = "class A:\n\tdef f(self):\n\t\treturn 1\n\n\tdef g(self):\n\t\treturn 2\n"
    after = put(text, find_target(text, "A.f"), "def f(self):\n    if self:\n        return 3\n    return 4\n")
    assert after == text.replace("\t\treturn 1\n", "\t    if self:\n\t        return 3\n\t    return 4\n")
    ast.parse(after)


def test_a_line_within_an_f_string_is_not_indented() -> None:
    text = "class A:\n    def f(self): return 1\n"
    block = 'def f(self):\n    return f"""{self}\nb\n"""\n'
    assert put(text, find_target(text, "A.f"), block).endswith('        return f"""{self}\nb\n"""\n')


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        (FILE, "no_such", "name one of build_model, Trainer, Trainer.step, Trainer.fit, late"),
        (FILE, "step", "there is no 'step'"),
        ("x = 1\n", "f", "it has no function and no class"),
        ("def f(): 1\nx = 1\ndef f(): 2\n", "f", "defined in lines 1 and 3"),
        ("try:\n    def f(): 1\nexcept OSError:\n    def f(): 2\n", "f", "lines 2 and 4"),
        ("f = lambda: 1\n", "f", "'f' is a lambda"),
        ("def f(:\n", "f", "does not: line 1"),
        ("def f():\n    return\nreturn\n", "f", "'return' outside function"),
        ("x = " + "(" * 150 + ")" * 150, "", "nested too deeply"),
    ],
)
def test_what_cannot_be_a_target_is_refused_with_the_way_out(text: str, name: str, told: str) -> None:
    with pytest.raises(TargetError, match=told):
        find_target(text, name)


def test_a_class_within_a_function_is_no_target() -> None:
    with pytest.raises(TargetError, match=r"name one of f$"):
        find_target("def f():\n    class Net: pass\n", "Net")


_PLACES = [
    "class A:\n",
    "class A:\n\tdef f(self): return 1\n",
    "# a comment\n\n\x0cdef f(): return 1  # said\n",
    "@staticmethod\ndef g():\n    '''\n  x\n'''\n",
    "if True:\n    def h(a, b=(1,\n2)): return a\n    x = 'é'; y = 2\n",
]
_BODIES = [
    "    return 1\n",
    "    '''x\n y'''\n    return {\n1: 2}\n",
    "\n    # said\n    if x:\n        pass\n\n    return x\n",
]


@given(
    st.lists(st.sampled_from(_PLACES[1:]), min_size=1, max_size=4, unique=True),
    st.sampled_from(_BODIES),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.data(),
)
def test_the_rest_stays_byte_for_byte(
    places: list[str], body: str, newline: str, is_cut: bool, data: st.DataObject
) -> None:
    text = "".join(places).replace("\n", newline)
    text = text.removesuffix(newline) if is_cut else text
    names = [name for name, word in (("A.f", "A"), ("f", "\x0cdef"), ("g", "g()"), ("h", "h(a")) if word in text]
    name = data.draw(st.sampled_from(names))
    target = find_target(text, name)
    short = name.rpartition(".")[2]
    after = put(text, target, f"def {short}(x):\n{body}")
    assert after.startswith(text[: target.start])
    assert after.endswith(text[target.end :])
    node = ast.parse(find_target(after, name).source).body[0]
    assert ast.dump(node) == ast.dump(ast.parse(f"def {short}(x):\n{body}").body[0])
