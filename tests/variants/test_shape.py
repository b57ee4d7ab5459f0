"""What the shape of code leaves out, and what it keeps."""

from __future__ import annotations

import pytest

from agenttune.variants.shape import shape_of
from agenttune.variants.source import Unparsable

CODE = """
def f(x, y=1):
    total = 0
    for item in x:
        total += item * y
    return [total + item for item in x if (big := item) > 2], lambda a: a + big
"""
SAME = [
    """
def f(x: list[int], y: int = 1) -> tuple:
    '''Says what it does.'''
    s: int = 0  # a sum
    n: str
    for i in x:
        s += i * y
        pass
    return (
        [s + q for q in x if (z := q) > 2],
        lambda w: w + z,
    )
""",
    CODE.replace("item", "total2"),
]
OTHER = {
    "number": CODE.replace("> 2", "> 3"),
    "kind of a number": CODE.replace("> 2", "> 2.0"),
    "operator": CODE.replace("+=", "-="),
    "parameter": CODE.replace("x", "z"),
    "name": CODE.replace("f(", "g("),
    "default": CODE.replace("y=1", "y=2"),
    "order": CODE.replace("total + item", "item + total"),
    "which local": CODE.replace("total + item for", "total + total for"),
    "nothing done": CODE.replace("        total += item * y\n", "        pass\n"),
}


@pytest.mark.parametrize("same", SAME)
def test_names_of_locals_annotations_and_comments_are_left_out(same: str) -> None:
    assert shape_of(same) == shape_of(CODE)


@pytest.mark.parametrize("changed", OTHER)
def test_what_is_done_is_kept(changed: str) -> None:
    assert shape_of(OTHER[changed]) != shape_of(CODE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "def f():\n    import numpy as np\n    return np.ones(3)",
            "def f():\n    import numpy as n\n    return n.ones(3)",
        ),
        (
            "def f(x):\n    try:\n        return x()\n    except OSError as e:\n        raise e",
            "def f(x):\n    try:\n        return x()\n    except OSError as error:\n        raise error",
        ),
        (
            "def f(x):\n    def one(a):\n        nonlocal n\n        n = a\n    n = 1\n    one(x)\n    return n",
            "def f(x):\n    def two(a):\n        nonlocal m\n        m = a\n    m = 1\n    two(x)\n    return m",
        ),
        (
            "def f(x):\n    match x:\n        case [a, *rest] as whole: return a, rest, whole",
            "def f(x):\n    match x:\n        case [b, *more] as all_: return b, more, all_",
        ),
        ("def f(x):\n    return x", 'def f(x):\n    RANGES = {"lr": [1, 2]}\n    return x'),
        (
            "class A:\n    def f(self):\n        v = 1\n        return v",
            "class A:\n    def f(self):\n        w = 1\n        return w",
        ),
    ],
)
def test_locals_of_every_kind_may_be_called_otherwise(one: str, other: str) -> None:
    assert shape_of(one) == shape_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("def f():\n    global a\n    a = 1", "def f():\n    global b\n    b = 1"),
        ("def f():\n    global a\n    a = 1", "def f():\n    a = 1"),
        ("def f():\n    import numpy as n", "def f():\n    import torch as n"),
        ("def f():\n    import a.b as c\n    return c", "def f():\n    import a.b\n    return a"),
        ("class A:\n    a: int = 1", "class A:\n    a = 1"),
        ("class A:\n    lr = 1", "class A:\n    rate = 1"),
        (
            "def f(x):\n    class A:\n        lr = 1\n    return A",
            "def f(x):\n    class A:\n        rate = 1\n    return A",
        ),
        (
            "def f(x):\n    a = 1\n    class A:\n        a = 2\n    return a",
            "def f(x):\n    a = 1\n    class A:\n        b = 2\n    return a",
        ),
        ("def f(x, *, y): 1", "def f(x, y): 1"),
        ("def f(*x): return 1", "def f(**x): return 1"),
        ("async def f(x): return 1", "def f(x): return 1"),
        ("x.a", "x.b"),
        ("f(a=1)", "f(b=1)"),
        ('def f():\n    PARAMS = {"lr": 1}', 'def f():\n    PARAMS = {"lr": 2}'),
        ("def f():\n    if 1:\n        a()\n    b()", "def f():\n    if 1:\n        a()\n        b()"),
        ("[a for a in a]", "[a for a in b]"),
        ("def f(a, b):\n    return [c for c in a for d in b]", "def f(a, b):\n    return [d for c in a for d in b]"),
        ("'1'", "x = '1'"),
        ("x = 1", "x = True"),
        ("x = b'1'", "x = '1'"),
    ],
)
def test_what_others_see_is_kept(one: str, other: str) -> None:
    assert shape_of(one) != shape_of(other)


def test_what_does_not_parse_has_no_shape() -> None:
    with pytest.raises(Unparsable, match="line 1"):
        shape_of("def f(:")
