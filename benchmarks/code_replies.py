"""What becomes of code replies gone wrong: 200 hostile ones, drawn from a seed, read and checked for four targets.

Wanted: no crash, a verdict for each, nothing of any reply run, and of each that is taken a file that parses and differs
in the target alone.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from agenttune.variants.checking import check
from agenttune.variants.numbers import with_values
from agenttune.variants.reading import read_block, read_ideas
from agenttune.variants.refused import BlockRefused
from agenttune.variants.target import Target, find_target

N = 200
FILE = '''\
"""A small model and how it is trained."""

import numpy as np

SCALE = 2.0


def build_model(n_in, *, hidden=64):
    """A model of that width."""
    return {"w": np.zeros((n_in, hidden)), "scale": SCALE}


class Trainer:
    """Trains."""

    def __init__(self, model, lr=0.1):
        self.model, self.lr = model, lr

    def step(self, batch):
        text = """first
second"""
        return self.lr * batch, text


def fit_predict(train_x, train_y, new_x):
    return np.full(len(new_x), train_y.mean())
'''
RUN = "__import__('builtins').__dict__.__setitem__('ran', True)"
"""What would tell on whoever runs a reply."""
BLOCKS = {
    "build_model": (
        "def build_model(n_in, *, hidden=64):\n"
        '    PARAMS = {"lr": 0.01, "width": 32, "act": "relu"}\n'
        '    RANGES = {"lr": [1e-4, 1e-1, "log"], "act": ["relu", "tanh"]}\n'
        '    return {"w": np.ones((n_in, PARAMS["width"])), "act": PARAMS["act"], "lr": PARAMS["lr"]}\n'
    ),
    "Trainer": (
        "class Trainer:\n"
        '    PARAMS = {"momentum": 0.9}\n\n'
        "    def __init__(self, model, lr=0.1):\n"
        "        self.model, self.lr = model, lr\n\n"
        "    def step(self, batch):\n"
        '        return self.lr * batch * self.PARAMS["momentum"]\n'
    ),
    "Trainer.step": "def step(self, batch):\n    decay = 0.5\n    return decay * self.lr * batch\n",
    "": FILE.replace("train_y.mean()", "np.median(train_y)").replace(
        "SCALE = 2.0", 'SCALE = 3.0\nPARAMS = {"alpha": 0.5}'
    ),
}

Mutation = Callable[[str, np.random.Generator], str]


def _first_line(text: str) -> Mutation:
    """Puts lines at the start of the first body."""

    def mutate(block: str, rng: np.random.Generator) -> str:
        lines = block.split("\n")
        row = next(row for row, line in enumerate(lines) if line.startswith(("def ", "class ")))
        return "\n".join([*lines[: row + 1], *(f"    {line}" for line in text.split("\n")), *lines[row + 1 :]])

    return mutate


def _replaced(old: str, new: str) -> Mutation:
    return lambda block, rng: block.replace(old, new)


def _params(text: str) -> Mutation:
    """Puts another dict in the place of PARAMS, or adds it."""

    def mutate(block: str, rng: np.random.Generator) -> str:
        rows = block.split("\n")
        found = [row for row, line in enumerate(rows) if line.strip().startswith("PARAMS")]
        if not found:
            return _first_line(f"PARAMS = {text}")(block, rng)
        indent = rows[found[0]][: len(rows[found[0]]) - len(rows[found[0]].lstrip())]
        return "\n".join([*rows[: found[0]], f"{indent}PARAMS = {text}", *rows[found[0] + 1 :]])

    return mutate


def _cut(block: str, rng: np.random.Generator) -> str:
    return block[: int(rng.integers(len(block)))]


def _noisy(block: str, rng: np.random.Generator) -> str:
    """Signs put in at random places."""
    signs = [*"()[]{}:=\"'\\#@`\t\n\0\x0c", "\u202e", "\u200b", "\ufeff", "é", "\ud800", '"""', "```", "\r", "；"]
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(len(block) + 1))
        block = block[:at] + signs[int(rng.integers(len(signs)))] + block[at:]
    return block


def _swapped(block: str, rng: np.random.Generator) -> str:
    lines = block.split("\n")
    one, other = rng.integers(len(lines), size=2)
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


DEEP = 20_000
MUTATIONS: dict[str, Mutation] = {
    "as asked for": lambda block, rng: block,
    "cut": _cut,
    "noisy": _noisy,
    "lines swapped": _swapped,
    "empty": lambda block, rng: "",
    "only comments": lambda block, rng: "# nothing\n\n",
    "no final newline": lambda block, rng: block.rstrip("\n"),
    "CRLF": _replaced("\n", "\r\n"),
    "CR": _replaced("\n", "\r"),
    "tabs": _replaced("    ", "\t"),
    "mixed indentation": _replaced("        ", "    \t"),
    "indented": lambda block, rng: "".join(f"      {line}" for line in block.splitlines(keepends=True)),
    "byte order mark": lambda block, rng: "\ufeff" + block,
    "null byte": _replaced(":", ":\0"),
    "half a character": _first_line("x = '\ud800'"),
    "reversed text": _first_line("x = '\u202e' # \u2066"),
    "letters that look alike": _replaced("step", "ѕtep"),
    "normalised names": _replaced("step", "𝐬𝐭𝐞𝐩"),
    "1 MB": lambda block, rng: block + "# " + "x" * 1_000_000,
    "100 kB of code": lambda block, rng: block + "\n".join(f"x{n} = {n}" for n in range(12_000)),
    "deep brackets": _first_line(f"x = {'(' * DEEP}{')' * DEEP}"),
    "deep lists": _first_line(f"x = {'[' * 90}{']' * 90}"),
    "deep minus": _first_line(f"x = {'-' * DEEP}1"),
    "deep not": _first_line(f"x = {'not ' * DEEP}1"),
    "long sum": _first_line(f"x = {'+'.join('1' * DEEP)}"),
    "long chain": _first_line(f"x = a{'.b' * DEEP}"),
    "long calls": _first_line(f"x = a{'()' * DEEP}"),
    "deep lambdas": _first_line(f"x = {'lambda: ' * (DEEP // 3)}1"),
    "deep f-string": _first_line(f"x = f'{{{'-' * DEEP}1}}'"),
    "long f-string": _first_line(f"x = f'{{{'+'.join('1' * 2_000)}}}'"),
    "many elifs": _first_line("if a: pass\n" + "\n".join("elif a: pass" for _ in range(5_000))),
    "deep blocks": _first_line("\n".join(f"{' ' * n}if a:" for n in range(99)) + f"\n{' ' * 99}pass"),
    "huge number": _first_line(f"x = {'9' * 10_000}"),
    "huge power": _first_line("x = 10 ** 10 ** 10"),
    "endless at import": _first_line("while True: pass"),
    "recursion at import": lambda block, rng: block + "\ndef f(): return f()\nf()\n",
    "runs at import": lambda block, rng: f"{block}\n{RUN}\n",
    "runs in a default": _replaced("=64", f"={RUN}"),
    "runs in a decorator": lambda block, rng: f"@({RUN})\n{block}",
    "runs in a class": _first_line(RUN),
    "runs in an annotation": _first_line(f"x: {RUN} = 1"),
    "runs in PARAMS": _params(f'{{"lr": {RUN}}}'),
    "parameter more": _replaced("n_in,", "n_in, extra,"),
    "parameter less": _replaced("batch)", ")"),
    "other order": _replaced("self, model", "model, self"),
    "stars": _replaced("(self, batch)", "(*args, **kwargs)"),
    "async": _replaced("def ", "async def "),
    "other name": _replaced("build_model", "make_model"),
    "another class": _replaced("class Trainer", "class Coach(Trainer)"),
    "method gone": _replaced("def step", "def _step"),
    "twice": lambda block, rng: block + "\n\n" + block,
    "a lambda": lambda block, rng: "build_model = lambda n_in, *, hidden=64: None\n",
    "imports above": lambda block, rng: f"import torch\n{block}",
    "main below": lambda block, rng: f'{block}\nif __name__ == "__main__":\n    print(1)\n',
    "whole file": lambda block, rng: FILE.replace("np.zeros", "np.ones").replace("self.lr * batch", "batch"),
    "another file": lambda block, rng: FILE.replace("SCALE = 2.0", "SCALE = 9.0") + block,
    "global": _first_line("global SCALE, build_model\nSCALE = 9"),
    "nonlocal": _first_line("nonlocal x"),
    "return outside": lambda block, rng: f"{block}\nreturn 1\n",
    "yield": _first_line("yield 1"),
    "star import": _first_line("from os import *"),
    "subprocess": _first_line("import subprocess as s\ns.run('x')"),
    "os.system": _first_line("import os\nos.system('x')"),
    "hidden os.system": _first_line("getattr(__import__('o' + 's'), 'system')('x')"),
    "eval": _first_line("eval('1')"),
    "pickle": _first_line("from pickle import loads"),
    "calls in PARAMS": _params('{"lr": float("nan")}'),
    "infinite PARAMS": _params('{"lr": 1e999}'),
    "huge PARAMS": _params(f'{{"lr": {10**40}}}'),
    "nested PARAMS": _params('{"lr": {"a": 1}}'),
    "PARAMS by name": _params("dict(lr=1)"),
    "PARAMS unpacked": _params('{**{"lr": 1}}'),
    "PARAMS twice": _first_line("PARAMS = {}\nPARAMS = {'a': 1}"),
    "walrus PARAMS": _first_line("x = (PARAMS := {'lr': 1})"),
    "many PARAMS": _params(str({f"p{n}": n for n in range(50)})),
    "empty PARAMS": _params("{}"),
    "odd keys": _params("{'': 1, 'a b': 2}"),
    "odd ranges": _first_line("RANGES = {'lr': ['log'], 'width': [3, 1], 'act': []}"),
    "ranges of nothing": _first_line("PARAMS = {}\nRANGES = {'z': [1, 2]}"),
    "walrus": _first_line("y = [z := 1 for _ in range(3)]"),
    "type comments": _first_line("x = 1  # type: int\nfor i in []:  # type: ignore[x]\n    pass"),
    "match": _first_line("match 1:\n    case {'a': [x, *y], **z} | x if x: pass"),
    "backslashes": _first_line("x = 1 + \\\n  2\ny = '\\\n'; w = '\\d'"),
    "form feed": _replaced("\n\n", "\n\x0c\n"),
    "fence in a text": _first_line("'''\n```python\nf()\n```\n'''"),
    "only renamed": lambda block, rng: f"# {rng.integers(9)}\n" + FILE[FILE.index("def build") : FILE.index("class")],
}
"""What is done to code that is as it should be."""

WRAPPINGS: dict[str, Callable[[str], str]] = {
    "python fence": lambda code: f"Here it is:\n\n```python\n{code}\n```\nIt is better.",
    "bare fence": lambda code: f"```\n{code}\n```",
    "no fence": lambda code: code,
    "unclosed fence": lambda code: f"```py\n{code}",
    "long fence": lambda code: f"~~~~~python\n{code}\n~~~~~",
    "fence in a fence": lambda code: f"```markdown\n```python\n{code}\n```\n```",
    "two fences": lambda code: f"```python\n{code}\n```\nor\n```python\ndef other():\n    return 1\n```",
    "other languages": lambda code: f"```bash\nls\n```\n```python\n{code}\n```\n```json\n[]\n```",
    "thinking": lambda code: f"<think>```python\ndef g(): pass\n```</think>\n```python\n{code}\n```",
    "endless thinking": lambda code: f"<think>\n```python\n{code}\n```",
    "as JSON": lambda code: json.dumps({"directions": ["Add dropout."], "code": code}),
    "shell": lambda code: f"```bash\n{code}\n```",
    "one line": lambda code: f"`{code}`",
    "prose": lambda code: f"I would write {code[:20]!r} and so on.",
}


def hostile_replies(rng: np.random.Generator) -> Iterator[tuple[str, str, str]]:
    """(what was done, name of the target, reply), without end; each mutation comes in turn, in wrappings by chance."""
    names, wrappings = list(BLOCKS), list(WRAPPINGS)
    while True:
        for title, mutate in MUTATIONS.items():
            name = names[int(rng.integers(len(names)))]
            usual = rng.random() < 0.6
            wrapping = wrappings[0 if usual else int(rng.integers(len(wrappings)))]
            yield f"{title}, {wrapping}", name, WRAPPINGS[wrapping](mutate(BLOCKS[name], rng))


def verdict_of(reply: str, target: Target) -> str:
    """What becomes of a reply: "taken", or the rule that it breaks."""
    try:
        checked = check(FILE, target, read_block(reply))
    except BlockRefused as error:
        return error.kind if error.reason else ""
    ast.parse(checked.text)
    assert checked.text.startswith(FILE[: target.start]), "something in front of the target changed"
    assert checked.text.endswith(FILE[target.end :]), "something behind the target changed"
    assert with_values(checked.block, checked.defaults) == checked.block, "a value does not come back"
    for name, parameter in checked.parameters.items():
        assert parameter.contains(checked.defaults[name]), "a range does not hold the value"
    return "taken"


def ideas_of(reply: str) -> str:
    """The same of a reply that is read as ideas."""
    try:
        return "read" if read_ideas(reply, k=4) else ""
    except BlockRefused as error:
        return error.kind if error.reason else ""


def main() -> int:
    """Prints what became of the replies; 1 if one crashed, got no verdict, or was run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.code_replies", description=__doc__)
    parser.add_argument("--n", type=int, default=N, help="replies")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    targets = {name: find_target(FILE, name) for name in BLOCKS}
    replies = hostile_replies(np.random.default_rng(options.seed))
    verdicts: Counter[str] = Counter()
    ideas: Counter[str] = Counter()
    crashes, slowest_ms, began = 0, 0.0, time.process_time()
    for _ in range(options.n):
        title, name, reply = next(replies)
        at = time.process_time()
        try:
            verdicts[verdict_of(reply, targets[name])] += 1
            ideas[ideas_of(reply)] += 1
        except Exception as error:  # noqa: BLE001  # counted: there must be none
            crashes += 1
            print(f"  {title} ({name or 'file'}): {type(error).__name__}: {error}"[:300])
        slowest_ms = max(slowest_ms, (time.process_time() - at) * 1e3)
    spent_ms = (time.process_time() - began) / max(options.n, 1) * 1e3
    has_run = hasattr(builtins, "ran")
    without = verdicts[""] + ideas[""]
    print(f"hostile code replies, {options.n:,} in all: {crashes} crashes, {without} without a verdict")
    print("  as code   " + ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common()))
    print("  as ideas  " + ", ".join(f"{count} {verdict}" for verdict, count in ideas.most_common()))
    told = "some were RUN" if has_run else "none was run"
    print(f"  {spent_ms:.1f} ms CPU each, {slowest_ms:.0f} ms the slowest; {told}")
    return 1 if crashes or without or has_run else 0


if __name__ == "__main__":
    sys.exit(main())
