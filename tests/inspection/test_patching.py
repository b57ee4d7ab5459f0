"""Patches of real scripts: what they change, that the scripts then do it, and what is refused."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from agenttune.errors import RequestNotUnderstood, UserError
from agenttune.inspection import inspect_script, propose_patch, propose_space
from agenttune.plan import PlanOptions, spec_of, understand
from agenttune.store import Store
from agenttune.study import Study

TRAIN = '''#!/usr/bin/env python
"""A script."""
from __future__ import annotations

LR = 0.01  # step size
BATCH_SIZE = 64
NESTEROV = False
OPTIMIZER = "adam"
CONFIG = {"momentum": 0.9, "net": {"width": 32}}

def main():
    for epoch in range(3):
        val_loss = (LR - 0.02) ** 2 + 1 / BATCH_SIZE + NESTEROV + CONFIG["net"]["width"]
    assert isinstance(BATCH_SIZE, int) and isinstance(NESTEROV, bool) and isinstance(CONFIG["momentum"], float)
    return 0

if __name__ == "__main__":
    main()
'''


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "train.py"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def printed(path: Path, name: str, **variables: str) -> float:
    """The metric that a script prints, as the inspection would have it read."""
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, env=variables, timeout=60)
    assert done.returncode == 0, done.stderr
    metric = inspect_script(path).metric(name)
    assert metric is not None
    found = re.findall(metric.regex, done.stdout)
    assert found, done.stdout
    return float(found[-1])


def test_patched_script_prints_its_metric_and_takes_its_constants_from_variables(tmp_path: Path) -> None:
    path = written(tmp_path, TRAIN)
    names = ["LR", "BATCH_SIZE", "NESTEROV", "CONFIG.momentum", "CONFIG.net.width"]
    patch = propose_patch(path, constants=names)
    assert list(patch.variables.values()) == names and patch.metric == "val_loss" and path.read_text() == TRAIN
    path.write_bytes(patch.after)
    assert printed(path, "val_loss") == pytest.approx(1e-4 + 1 / 64 + 32)
    given = {"LR": "0.02", "BATCH_SIZE": "1", "NESTEROV": "true", "CONFIG_NET_WIDTH": "4", "CONFIG_MOMENTUM": "1"}
    assert printed(path, "val_loss", **given) == 1 + 1 + 4


def test_diff_is_one_that_git_applies(tmp_path: Path) -> None:
    path = written(tmp_path, TRAIN)
    patch = propose_patch(path, constants=["LR", "CONFIG.momentum"])
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=patch.diff.encode(), check=True)
    assert path.read_bytes() == patch.after
    assert patch.diff.count("\n+") == 1 + 4 and patch.diff.count("\n-") == 2


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"import sys\r\nacc = 0.5\r\nsys.stdout.flush()\r\n", "acc"),
        (b"\xef\xbb\xbfacc = 0.5\n", "acc"),
        (b"if True:\n\tacc = 0.5\n\tx = 1\n", "acc"),
        (b"acc = 0.5", "acc"),
        (b"# coding: latin-1\nname = '\xe9'; acc = 0.5\n", "acc"),
        (b"acc = 0.5\rx = 1\r", "acc"),
        (b"acc = 0.5; text = '''\nx\n'''\n", "acc"),
        (b"for i in range(3): acc = 0.5\n", "acc"),
        (b"with open(__file__) as f:\n    acc_test = 0.5\n", "acc_test"),
        (b"def evaluate(): return 1.0, 0.5\nloss, accuracy = evaluate()\n", "accuracy"),
        (b"class M:\n    def score(self): return 0.5\nresult = M().score()\n", "score"),
        (b"def accuracy_score(): return 0.5\nprint(round(accuracy_score(), 3))\n", "accuracy"),
        (b"loss_fn = len\nclass Loss: pass\nscore = 0.5\nloss = Loss()\n", "score"),
        (b"val_acc = 0.5\ntrain_acc = 0.9\n", "val_acc"),
        (b"acc = 0.1\nfor i in range(3):\n    for j in range(3):\n        acc += 0\nacc = 0.5\n", "acc"),
    ],
    ids=range(15),
)
def test_metric_is_found_and_all_else_stays_byte_for_byte(tmp_path: Path, content: bytes, name: str) -> None:
    path = written(tmp_path, content)
    patch = propose_patch(path)
    assert patch.metric == name
    added = [
        line[1:] for line in patch.diff.encode("utf-8").splitlines() if line.startswith(b"+") and b"print(" in line
    ]
    assert len(added) == 1
    assert (
        re.sub(rb'[ \t]*print\(f"\w+: \{\w+\}"\)(?:\r\n|\n|\r)?|"\w+:", ', b"", patch.after).rstrip()
        == content.rstrip()
    )
    path.write_bytes(patch.after)
    assert printed(path, name) == 0.5


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("x = 1\n", "no value that is a metric by its name is found"),
        ("def evaluate():\n    acc = 1\n", "no value that is a metric by its name"),
        ("losses = []\nloss = 'mse'\n", "no value that is a metric by its name"),
        ("acc = 1\nprint(f'acc: {acc}')\n", "it prints acc already"),
        ("if True: acc = 1\n", "no value that is a metric"),
        ("acc = 1 \\\n\nx = 2\n", "cannot be patched safely"),
        ("def f(:\n", "is no Python that can be parsed"),
    ],
)
def test_where_nothing_can_be_done_it_is_said(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        propose_patch(written(tmp_path, content))


def test_metric_that_is_named_is_the_one_that_is_printed(tmp_path: Path) -> None:
    path = written(tmp_path, "latency = 3.0\nacc = 0.5\nprint(f'acc: {acc}')\n")
    path.write_bytes(propose_patch(path, metric="latency").after)
    assert printed(path, "latency") == 3
    with pytest.raises(UserError, match="no value of speed is found"):
        propose_patch(path, metric="speed")
    with pytest.raises(UserError, match="a metric has the name of a variable"):
        propose_patch(path, metric='{__import__("os")}')


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ("LR = 0.1\n", "lr", "has no constant 'lr' that can be set; it has LR"),
        ("LR = 0.1\nLR = 0.2\n", "LR", "has no constant 'LR'"),
        ("LR = 0.1\ndef f():\n    global LR\n    LR = 1\n", "LR", "has no constant"),
        ("PATH = 'x'\n", "PATH", "in use already"),
        ("'doc'; LR = 0.1\n", "LR", "there is no line"),
    ],
)
def test_constant_that_cannot_be_set_is_refused(tmp_path: Path, content: str, name: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        propose_patch(written(tmp_path, content), constants=[name])


def test_import_goes_where_it_must_and_only_if_it_is_missing(tmp_path: Path) -> None:
    for content, expected in [
        ("# head\nLR = 0.1\n", ["import os", "LR"]),
        ("import os\nLR = 0.1\n", ["import os", "LR"]),
        ("import os as o\nLR = 0.1\n", ["import os", "import os as o", "LR"]),
        ("from __future__ import annotations\nLR: float = 1\n", ["from __future__", "import os", "LR"]),
        ("@property\ndef f(): pass\nLR = 0.1\n", ["import os", "@property", "LR"]),
    ]:
        after = propose_patch(written(tmp_path, content), constants=["LR"]).after.decode()
        lines = [line for line in after.splitlines() if not line.startswith(("#", "def"))]
        assert [line.startswith(start) for line, start in zip(lines, expected, strict=True)] == [True] * len(expected)
        assert 'float(os.environ.get("LR", ' in after


def test_many_constants_and_long_lines_take_no_time_of_their_own(tmp_path: Path) -> None:
    many = "".join(f"C{at} = {at}\n" for at in range(10_000)) + "acc = 1\n"
    one_line = "; ".join(f"D{at} = {at}" for at in range(10_000)) + "\n"
    patch = propose_patch(written(tmp_path, many + one_line), constants=["C5", "D9999"])
    assert ast.parse(patch.after) and len(patch.diff) < 1_000_000
    script = inspect_script(tmp_path / "train.py")
    assert len(script.constants) == 200 and "19,800 more constants are not listed" in script.unknowns
    assert propose_space(script).constants is not None


def test_study_of_a_patched_script_sets_its_variables(tmp_path: Path) -> None:
    path = written(tmp_path, TRAIN)
    path.write_bytes(propose_patch(path, constants=["LR", "NESTEROV"]).after)
    request = "minimise val_loss of train.py, LR from 0.001 to 0.1, 3 trials"
    spec = spec_of(understand(request, PlanOptions(cwd=str(tmp_path))))
    assert spec.objective["env"] == {"LR": "{lr}"}
    with Store.open(tmp_path / "agenttune.db") as store:
        Study.from_spec(spec, store=store).run()
        trials = [trial for trial in store.trials(store.study().id) if trial.outcome]
    losses = {round(trial.outcome.values["val_loss"], 9) for trial in trials if trial.outcome}
    assert losses == {round((float(trial.config["lr"]) - 0.02) ** 2 + 1 / 64 + 32, 9) for trial in trials}


@pytest.mark.parametrize("ranges", ["", ", LR from 0.1 to 1"])
def test_study_of_constants_asks_for_a_patch(tmp_path: Path, ranges: str) -> None:
    written(tmp_path, TRAIN)
    with pytest.raises(RequestNotUnderstood, match=r"LR is a constant of train\.py, which nothing sets"):
        understand(f"minimise val_loss of train.py{ranges}", PlanOptions(cwd=str(tmp_path)))
