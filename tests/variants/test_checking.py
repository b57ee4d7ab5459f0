"""Which blocks may become variants, and what the others are told."""

from __future__ import annotations

import ast
import os

import pytest

from agenttune.space import Int
from agenttune.variants.checking import check
from agenttune.variants.refused import BlockRefused
from agenttune.variants.shape import shape_of
from agenttune.variants.target import find_target

FILE = '''\
"""A model."""
import os
import subprocess as sp
import numpy as np

LR = 0.1


@np.vectorize
def build(n, depth=2):
    """Builds."""
    return n * depth


class Trainer(object):
    def __init__(self, lr):
        self.lr = lr

    def step(self, batch):
        sp.run(["true"])
        return batch * self.lr


def evaluate(model):
    return model
'''
BUILD = "@np.vectorize\ndef build(n, depth=2):\n    hidden = 64\n    return n + depth + hidden\n"
STEP = "def step(self, batch):\n    return batch - self.lr\n"


def refused(block: str, name: str = "build", text: str = FILE) -> BlockRefused:
    with pytest.raises(BlockRefused) as found:
        check(text, find_target(text, name), block)
    return found.value


def test_a_block_comes_with_its_file_its_numbers_and_its_shape() -> None:
    checked = check(FILE, find_target(FILE, "build"), BUILD)
    assert checked.block == BUILD
    assert checked.text == FILE.replace(
        '    """Builds."""\n    return n * depth\n', BUILD.partition("\n    ")[2].join(["    ", ""])
    )
    assert checked.parameters == {"hidden": Int(16, 1024, log=True, default=64, meaning="width")}
    assert checked.defaults == {"hidden": 64}
    assert checked.shape == check(FILE, find_target(FILE, "build"), BUILD.replace("hidden", "width") + "# x").shape


def test_an_indented_method_is_taken() -> None:
    block = "    def step(self, batch):\n        '''a\n  b'''\n        return -batch\n"
    checked = check(FILE, find_target(FILE, "Trainer.step"), block)
    assert checked.block == "def step(self, batch):\n    '''a\n  b'''\n    return -batch\n"


def test_the_whole_file_is_taken_where_all_else_is_as_it_was() -> None:
    whole = FILE.replace("n * depth", "n - depth").replace("import os", "# the same\nimport os")
    checked = check(FILE, find_target(FILE, "build"), whole.replace("\n", "\r\n"))
    assert checked.block.startswith("@np.vectorize\ndef build(")
    assert checked.text == FILE.replace("n * depth", "n - depth")


def test_the_class_around_a_method_is_taken_where_all_else_is_as_it_was() -> None:
    source = find_target(FILE, "Trainer").source
    block = source.replace("batch * self.lr", "batch")
    assert check(FILE, find_target(FILE, "Trainer.step"), block).text == FILE.replace("batch * self.lr", "batch")
    other = refused(block.replace("self.lr = lr", "self.lr = 1"), "Trainer.step")
    assert other.kind == "wrong-target"


def test_a_method_of_a_class_that_is_defined_twice_is_checked_alone() -> None:
    text = "class A:\n    def f(self): return 1\n\n\nclass A:\n    def g(self): return 2\n"
    assert check(text, find_target(text, "A.g"), "def g(self): return 3").text == text.replace("return 2", "return 3")
    assert refused("class A:\n    def g(self): return 3\n", "A.g", text).kind == "wrong-target"


@pytest.mark.parametrize(
    ("block", "kind", "why"),
    [
        ("def build(n:\n", "unparsable", "must be Python that parses, but line 1: "),
        ("def build(n, depth=2):\n    return 1\0\n", "unparsable", "null bytes"),
        ("def build(n, depth=2):\n    return '\ud800'\n", "unparsable", "surrogates not allowed"),
        (f"def build(n, depth=2):\n    return {'-' * 90_000}1\n", "unparsable", "nested too deeply"),
        (f"def build(n, depth=2):\n    return {'(' * 9_000}\n", "unparsable", "nested too deeply"),
        (f"def build(n, depth=2):\n    return f'{{{'+'.join('1' * 300)}}}'\n", "unparsable", "nested too deeply"),
        (f"def build(n, depth=2):\n    return {'9' * 5_000}\n", "unparsable", "digits"),
        ("def build(n, depth=2):\n    nonlocal x\n", "unparsable", "nonlocal"),
        ("return 1\n", "unparsable", "outside function"),
        (f"x = '{'a' * 100_001}'\n", "too-long", "may have 100,000 characters, but got 100,008"),
        ("# nothing\n", "no-code", "there is no statement"),
        (STEP, "wrong-target", "the one function build, but got the function step; answer with"),
        ("x = 1\n", "wrong-target", "but there is no definition"),
        ("class build:\n    pass\n", "wrong-target", "but got the class build"),
        (BUILD + BUILD, "wrong-target", "defines it 2 times"),
        ("import torch\n" + BUILD, "outside-target", "has also: import torch; put what it needs"),
        (BUILD + "print(build(1))\n", "outside-target", r"has also: print\(build\(1\)\)"),
        (FILE.replace("LR = 0.1", "LR = 0.2"), "outside-target", "has also: LR = 0.2"),
        ("import os\n" + BUILD, "outside-target", "has some of the file around it"),
        (BUILD.replace("    hidden", "    global LR\n    hidden"), "outside-target", "it declares `global LR`"),
        (BUILD.replace("n, depth=2", "n"), "changed-interface", r"the parameters of build stay"),
        (BUILD.replace("@np.vectorize\n", ""), "changed-interface", "the decorators of build stay"),
        (BUILD.replace("64", "sp.run('x')"), "forbidden-import", "does without subprocess; leave it out"),
        (BUILD.replace("    h", "    import socket\n    h"), "forbidden-import", "does without socket; .*the sandbox"),
        (BUILD.replace("64", "os.system('x')"), "forbidden-import", "os.system"),
        (BUILD.replace("    h", "    from os import system as s\n    h"), "forbidden-import", "os.system"),
        (BUILD.replace("    h", "    import urllib.request as u\n    h"), "forbidden-import", "urllib"),
        (BUILD.replace("    h", "    from asyncio import subprocess\n    h"), "forbidden-import", "asyncio.subprocess"),
        (BUILD.replace("64", "eval('1')"), "forbidden-import", "eval"),
        (BUILD.replace("64", "__import__('os')"), "forbidden-import", "__import__"),
        (BUILD.replace("    h", "    import builtins as b\n    b.exec('1')\n    h"), "forbidden-import", "exec"),
        (BUILD.replace("hidden = 64", "PARAMS = {'a': f()}"), "bad-numbers", "written out"),
    ],
    ids=lambda value: str(value)[:30].encode("ascii", "replace").decode(),
)
def test_a_block_that_breaks_a_rule_is_told_which(block: str, kind: str, why: str) -> None:
    error = refused(block)
    assert error.kind == kind
    with pytest.raises(BlockRefused, match=why):
        raise error


@pytest.mark.parametrize(
    "block",
    [
        BUILD.replace("64", "model.eval()"),
        BUILD.replace("    h", "    code, http = 1, 2\n    h"),
        BUILD.replace("64", "evaluate(os.path.join('a'))"),
        BUILD.replace("    h", "    import asyncio, httplike\n    h"),
    ],
)
def test_names_that_only_look_forbidden_are_not(block: str) -> None:
    assert check(FILE, find_target(FILE, "build"), block).block == block


def test_what_the_target_uses_already_is_not_forbidden() -> None:
    block = "def step(self, batch):\n    sp.run(['false'])\n    return batch\n"
    assert check(FILE, find_target(FILE, "Trainer.step"), block).block == block


@pytest.mark.parametrize(
    "block",
    [
        find_target(FILE, "build").source,
        "@np.vectorize\ndef build(n: int, depth=2):\n    # it\n    return n * depth",
    ],
)
def test_users_own_code_has_its_own_shape_however_it_is_written(block: str) -> None:
    target = find_target(FILE, "build")
    assert check(FILE, target, block).shape == shape_of(target.source)


def test_other_names_may_be_forbidden_instead() -> None:
    with pytest.raises(BlockRefused, match="without math"):
        check(FILE, find_target(FILE, "build"), BUILD.replace("    h", "    import math\n    h"), forbidden=("math",))


def test_of_the_whole_file_everything_may_change_but_its_public_names() -> None:
    whole = (
        "import numpy\nLR = 3\ndef build(n, depth=1): return 1\nclass Trainer: pass\ndef evaluate(model): return 2\n"
    )
    target = find_target(FILE, "")
    assert check(FILE, target, whole).text == whole
    assert refused(whole.replace("evaluate", "score"), "").kind == "changed-interface"


def test_future_annotations_of_the_file_change_nothing() -> None:
    text = "from __future__ import annotations\ndef f(): return 1\n"
    target = find_target(text, "f")
    assert check(text, target, "def f():\n    x: y = 2\n    return x\n").text.count("x: y") == 1


def test_reading_runs_nothing(tmp_path: os.PathLike[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    touch = "open('made', 'w')"
    block = f"@np.vectorize\ndef build(n, depth={touch}):\n    class A:\n        {touch}\n    return {touch}\n"
    checked = check(FILE, find_target(FILE, "build"), block)
    ast.parse(checked.text)
    assert os.listdir(tmp_path) == []  # noqa: PTH208  # of a fixture that is any path


def test_block_may_use_params_as_the_user_does() -> None:
    own = "def build():\n    PARAMS = load()\n    return PARAMS.a\n"
    checked = check(own, find_target(own, "build"), own.replace("PARAMS.a", "PARAMS.b"))
    assert (checked.parameters, checked.defaults) == ({}, {})
