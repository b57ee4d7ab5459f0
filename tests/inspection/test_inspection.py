"""What is found in scripts, and whether a study of it really runs."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenttune.errors import UserError
from agenttune.inspection import inspect_script, propose_space
from agenttune.plan import PlanOptions, spec_of, understand
from agenttune.store import Store
from agenttune.study import Study
from tests.plan.test_conversation import TRAIN


def written(folder: Path, text: str) -> Path:
    path = folder / "script.py"
    path.write_text(text)
    return path


OPTIONS = """import argparse
LR = 0.01
parser = argparse.ArgumentParser()
group = parser.add_argument_group("training")
group.add_argument("--lr", "-l", type=float, default=LR, help="step size")
group.add_argument("--batch-size", type=int, default=32)
group.add_argument("--layers", default=2)
group.add_argument("--mode", choices=("fast", "exact"), default="fast")
group.add_argument("--nesterov", action="store_true")
group.add_argument("--output-dir", default="out")
group.add_argument("--seed", type=int, default=3)
group.add_argument("--epochs", type=int, default=5)
group.add_argument("--sizes", type=int, choices=range(1, 4))
for name in ("a", "b"):
    parser.add_argument("--" + name)
"""


def test_options_are_found_with_kind_default_and_choices(tmp_path: Path) -> None:
    script = inspect_script(written(tmp_path, OPTIONS))
    found = {option.name: (option.flag, option.kind, option.default, option.choices) for option in script.options}
    assert found["lr"] == ("--lr", "float", 0.01, ())
    assert found["batch_size"] == ("--batch-size", "int", 32, ())
    assert found["layers"] == ("--layers", "int", 2, ())
    assert found["mode"] == ("--mode", "str", "fast", ("fast", "exact"))
    assert found["sizes"] == ("--sizes", "int", None, (1, 2, 3))
    assert "line 15: the name of an option is not written there" in script.unknowns


def test_proposed_space_holds_the_defaults_and_says_what_it_leaves_out(tmp_path: Path) -> None:
    proposed = propose_space(inspect_script(written(tmp_path, OPTIONS)))
    assert proposed.space is not None
    assert list(proposed.space.parameters) == ["lr", "batch_size", "layers", "mode", "sizes"]
    assert proposed.space.parameters["lr"].default == 0.01 and proposed.space.parameters["lr"].meaning == "step size"
    assert set(proposed.left_out) == {"nesterov", "output_dir", "seed", "epochs"}


@pytest.mark.parametrize(
    ("statement", "name", "line"),
    [
        ('print(f"val_acc: {x:.4f}")', "val_acc", "val_acc: 0.9312"),
        ('print(f"loss={x} val loss={y}")', "val_loss", "loss=1.0 val loss=0.25"),
        ('print("acc: %.3f" % x)', "acc", "acc: 0.931"),
        ('print("auc = {:.3f}".format(x))', "auc", "auc = 0.931"),
        ('logging.info("rmse %s", x)', "rmse", "INFO rmse 0.5"),
        ('print("score", x)', "score", "score 0.5"),
        ('print(json.dumps({"f1": x, "step": 3}))', "f1", '{"f1": 0.75, "step": 3}'),
        ('print({"mae": x})', "mae", "{'mae': 1.5e-03}"),
    ],
)
def test_printed_metric_is_found_with_a_regex_that_reads_it(
    tmp_path: Path, statement: str, name: str, line: str
) -> None:
    metric = inspect_script(written(tmp_path, f"import json, logging\nx = y = 1.0\n{statement}\n")).metric(name)
    assert metric is not None
    found = re.search(metric.regex, line)
    assert found is not None and float(found[1]) > 0


@pytest.mark.parametrize(
    ("statement", "name", "line", "captured"),
    [
        ('print(f"loss={x} val_loss={y}")', "loss", "loss=0.06 val_loss=5.06", ["0.06"]),
        ('print(f"val loss={y} loss={x} test/loss={z}")', "loss", "val loss=5.06 loss=0.06 test/loss=7", ["0.06"]),
        ('print(f"loss={x}")', "loss", "loss=nan -- loss=-inf", ["nan", "-inf"]),
        ('print({"loss": x})', "loss", "{'loss': NaN, 'more': 1}", ["NaN"]),
        ('print(f"loss={x}")', "loss", "loss=info", []),
        ('print(f"rate: {x:,} a second")', "rate", "rate: 11,000.5 a second, rate: 5.", ["11,000.5", "5"]),
        ('print(f"acc: {x}%")', "acc", "acc: 0,95% acc: 95.3%", ["0,95", "95.3"]),
        ('print(f"loss={x}, acc={y}")', "loss", "loss=1e-3,acc=0.5", ["1e-3"]),
        ('print(f"took: {x}")', "took", "took: 0:01:05.4 took: 24/73.", ["0:01:05.4", "24/73."]),
        (
            'print(f"loss: {x}")',
            "loss",
            "loss: 0.5, loss: .5) loss: 0.5; loss: 5] loss: 9 %",
            ["0.5", ".5", "0.5", "5", "9"],
        ),
        (
            'print(f"took: {x}")',
            "took",
            "took: 125ms took: 1.00s took: 2m5s took: 3.2GB",
            ["125ms", "1.00", "2m5s", "3.2GB"],
        ),
        ('print(f"rate: {x}")', "rate", "rate: 12.3it/s rate: 5/s rate: 2x", ["12.3", "5", "2"]),
        ('print(f"took: {x:.0f}ms")', "took", "took: 125ms, took: nanms, took: 1.00s", ["125", "nan", "1.00s"]),
        ('print("took:", f"{x:.1f}ms")', "took", "took: 125ms", ["125"]),
        ('print("took %.0fms" % x)', "took", "took 125ms", ["125"]),
        ('print("took: {:.0f}ms".format(x))', "took", "took: 125ms", ["125"]),
        ('print(f"took: {x}s"); print(f"took: {y}ms")', "took", "took: 125ms took: 1.00s", ["125ms", "1.00"]),
        ('print(f"loss={x}val={y}")', "loss", "loss=0.5val=0.3", ["0.5"]),
    ],
)
def test_printed_number_is_read_whole_and_under_its_own_name(
    tmp_path: Path, statement: str, name: str, line: str, captured: list[str]
) -> None:
    metric = inspect_script(written(tmp_path, f"x = y = z = 1.0\n{statement}\n")).metric(name)
    assert metric is not None
    assert re.findall(metric.regex, line) == captured


@pytest.mark.parametrize(
    ("statement", "name", "line"),
    [
        ('print(f"epoch {e} train_loss {x:.3f} val_loss {y:.4e}")', "val_loss", "epoch 3 train_loss 0.9 val_loss 5e-1"),
        ('print(f"epoch {e} train loss {x} val loss {y}")', "val_loss", "epoch 3 train loss 0.9 val loss 0.5"),
        ('print("val loss: " + str(x) + "ms")', "val_loss", "val loss: 0.5ms"),
        ('print("val_loss " + str(x))', "val_loss", "val_loss 0.5"),
        ('print(f"the best of all is still val_loss {x}")', "val_loss", "the best of all is still val_loss 0.5"),
    ],
)
def test_words_alone_and_sums_of_texts_are_metrics_if_somebody_asks(
    tmp_path: Path, statement: str, name: str, line: str
) -> None:
    script = inspect_script(written(tmp_path, f"e = x = y = 1.0\n{statement}\nprint('done', x)\n"))
    metric = script.metric(name)
    assert metric is not None and [float(text) for text in re.findall(metric.regex, line)] == [0.5]
    assert [entry.name for entry in script.metrics] == ["done"] and script.metric("loss") is None


def test_metric_of_a_loop_is_told(tmp_path: Path) -> None:
    script = inspect_script(written(tmp_path, TRAIN))
    assert [(metric.name, metric.is_repeated) for metric in script.metrics] == [
        ("val_loss", True),
        ("val_acc", True),
        ("latency_ms", False),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"def f(:\n", "is no Python that can be parsed"),
        (b"\xff\xfe\x00", "cannot be read as text"),
        (b"#" * 2_000_000, "too long for a script"),
    ],
)
def test_what_is_no_script_is_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "script.py"
    path.write_bytes(content)
    with pytest.raises(UserError, match=said):
        inspect_script(path)


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "script.py"
    path.write_text(text, encoding="utf-8", errors="replace")
    with contextlib.suppress(UserError):
        propose_space(inspect_script(path))


def test_study_of_a_script_refuses_numbers_that_are_more_than_a_number(tmp_path: Path) -> None:
    code = "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--n', type=int, default=2)\n"
    code += "n = parser.parse_args().n\nprint(f'done: {1} took: {n}')\nprint(f'elapsed: {n}/73')\n"
    (tmp_path / "train.py").write_text(code)
    spec = spec_of(understand("minimise elapsed of train.py, took below 5, 1 trial", PlanOptions(cwd=str(tmp_path))))
    with Store.open(tmp_path / "agenttune.db") as store:
        (trial,) = Study.from_spec(spec, store=store).run().trials
    assert trial.failure is not None
    assert "captured '2/73' for elapsed, which is no number" in trial.failure.message


def test_study_of_a_script_runs_with_all_its_metrics(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(TRAIN)
    request = "minimise val_loss of train.py, latency_ms below 5, 3 trials"
    spec = spec_of(understand(request, PlanOptions(cwd=str(tmp_path))))
    with Store.open(tmp_path / "agenttune.db") as store:
        best = Study.from_spec(spec, store=store).run().best
        values = [trial.outcome.values for trial in store.trials(store.study().id) if trial.outcome]
    assert len(values) == 3 and all(set(entry) == {"val_loss", "latency_ms"} for entry in values)
    assert best is None or (best.outcome is not None and best.outcome.values["latency_ms"] < 5)


def test_option_is_found_by_each_of_its_flags(tmp_path: Path) -> None:
    lines = 'p.add_argument("-l", "--learning-rate", "--rate", dest="lr", type=float, default=0.1)\n'
    lines += 'p.add_argument("--no-bias", dest="bias", action="store_false")\n'
    script = inspect_script(written(tmp_path, f"import argparse\np = argparse.ArgumentParser()\n{lines}"))
    found = {name: script.option(name) for name in ("lr", "learning-rate", "rate", "l", "bias", "no_bias")}
    names = {name: None if option is None else option.name for name, option in found.items()}
    same = dict.fromkeys(("lr", "learning-rate", "rate", "l"), "lr")
    assert names == {**same, "bias": "bias", "no_bias": None}  # which says the opposite
