"""What a block has to keep of the part that it replaces."""

from __future__ import annotations

import ast
import re

import pytest

from agenttune.variants.interface import broken_definition, broken_file
from agenttune.variants.target import Definition


def told(old: str, new: str) -> str | None:
    before, after = ast.parse(old).body[0], ast.parse(new).body[0]
    assert isinstance(before, Definition) and isinstance(after, Definition)
    return broken_definition(before, after)


CLASS = "class Net(Base):\n    def __init__(self, n): ...\n    def fit(self, x, y=1): ...\n    def _own(self): ...\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def f(a, /, b=1, *c, d, **e): ...", "def f(a: int, /, b=2, *c, d=3, **e) -> int: return 1"),
        ("@d(1)\ndef f(): ...", "@d( 1 )\ndef f(): return 2"),
        (CLASS, CLASS.replace("    def _own(self): ...\n", "    def more(self): ...\n    lr = 1\n")),
        (CLASS, CLASS.replace("    def fit", "    @no_grad()\n    def fit")),
        (CLASS, CLASS.replace("    def fit", "    @d\n    def fit").replace("y=1", "y=2")),
    ],
)
def test_what_nobody_relies_on_may_change(old: str, new: str) -> None:
    assert told(old, new) is None


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("def f(a): ...", "def f(b): ...", r"the parameters of f stay, with their order: f\(a\), but got f\(b\)"),
        ("def f(a, b): ...", "def f(b, a): ...", "with their order"),
        ("def f(a): ...", "def f(a, b=1): ...", r"got f\(a, b=1\)"),
        ("def f(a): ...", "def f(*, a): ...", "parameters"),
        ("def f(a): ...", "def f(a, /): ...", "parameters"),
        ("def f(*a): ...", "def f(**a): ...", "parameters"),
        ("def f(a=1): ...", "def f(a): ...", "the parameter a of f keeps a default"),
        ("def f(*, a=1): ...", "def f(*, a): ...", "keeps a default"),
        ("async def f(): ...", "def f(): ...", "f stays `async`"),
        ("def f(): ...", "async def f(): ...", "f stays without `async`"),
        ("@d\ndef f(): ...", "def f(): ...", "the decorators of f stay as they are, which is d"),
        ("def f(): ...", "@d\ndef f(): ...", "which is none"),
        (CLASS, CLASS.replace("(Base)", ""), "the bases of Net stay as they are, which is Base"),
        ("class A(metaclass=M): ...", "class A: ...", "which is M"),
        (CLASS, CLASS.replace("fit", "train"), r"fit is gone; put it back as fit\(self, x, y=1\)"),
        (CLASS, CLASS.replace("(self, n)", "(self)"), "the parameters of Net.__init__ stay"),
        (CLASS, CLASS.replace("    def fit", "    @staticmethod\n    def fit"), "Net.fit stays what it is"),
    ],
)
def test_what_callers_rely_on_stays(old: str, new: str, why: str) -> None:
    found = told(old, new)
    assert found is not None
    assert re.search(why, found), found


MODULE = "import os\nLR = 1\ndef f(a): ...\nclass Net: ...\ndef _own(): ...\nPARAMS = {}\n"


@pytest.mark.parametrize(
    "new",
    [
        "LR = 2\ndef f(a): return 1\nfrom x import Net\n",
        "try:\n    LR: int = 2\nexcept OSError:\n    pass\ndef f(a): ...\nclass Net(Base): ...\n",
    ],
)
def test_a_module_keeps_its_public_names(new: str) -> None:
    assert broken_file(ast.parse(MODULE), ast.parse(new)) is None


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("def f(a): ...\nclass Net: ...\n", "LR is gone; put it back"),
        ("[LR for LR in x]\n", "LR, f, Net are gone"),
        ("LR = 1\ndef f(b): ...\nclass Net: ...\n", r"the parameters of f stay"),
        ("LR = 1\nf = lambda a: 1\nclass Net: ...\n", "f stays a function"),
    ],
)
def test_a_module_without_one_is_broken(new: str, why: str) -> None:
    found = broken_file(ast.parse(MODULE), ast.parse(new))
    assert found is not None
    assert re.search(why, found), found


def test_the_variables_of_a_script_are_its_own() -> None:
    old = ast.parse("hidden = 64\ndef f(): ...\nprint(hidden)\n")
    assert broken_file(old, ast.parse("width = 64\ndef f(): ...\nprint(width)\n")) is None
    assert broken_file(old, ast.parse("print(1)\n")) == "the file keeps its public names, but f is gone; put it back"


def test_what_a_script_announces_stays() -> None:
    old = ast.parse("__all__ = ['score']\nscore = 1\nprint(score)\n")
    assert (
        broken_file(old, ast.parse("print(1)\n")) == "the file keeps its public names, but score is gone; put it back"
    )


def test_variables_of_a_main_block_are_its_own_and_functions_may_not_hide_in_it() -> None:
    old = ast.parse("def f(): ...\nif __name__ == '__main__':\n    result = f()\n")
    assert broken_file(old, ast.parse('def f(): ...\nif __name__ == "__main__":\n    f()\n')) is None
    hidden = ast.parse("if __name__ == '__main__':\n    def f(): ...\n")
    assert broken_file(old, hidden) == "the file keeps its public names, but f is gone; put it back"
