"""Ways of saying one thing: each sentence gives these fields, whatever else it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agenttune.plan import PlanOptions
from agenttune.plan.conversation import read_turns
from agenttune.plan.scoring import read_by_grammar
from agenttune.plan.tidying import corrected

TRAIN = """import argparse
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=1e-3)
p.add_argument("--dropout", type=float, default=0.1)
a = p.parse_args()
print(f"val_loss={a.lr:.4f}")
print(f"val_acc={a.lr:.4f}")
"""
FILES = {
    "train.py": TRAIN,
    "sim.py": "def simulate(alpha, beta):\n    return {'profit': alpha, 'waste': beta}\n",
    "bench.sh": '#!/bin/sh\necho "latency_ms=3"\necho "tps=4"\n',
    "churn.csv": "age,plan,churn\n" + "31,2,0\n44,1,1\n" * 30,
}
BENCH = "./bench.sh {threads}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    return tmp_path


def fields(text: str, folder: Path) -> dict[str, Any]:
    return read_turns(text.split(" || "), PlanOptions(cwd=str(folder))).model_dump(mode="json")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # stopping
        ("train.py, val_acc up, 12 trials, stop once val_acc is above 0.95", {"goal_target": 0.95, "constraints": []}),
        ("train.py for val_acc. If you hit 0.93, quit early.", {"goal_target": 0.93}),
        ("train.py; val_acc; 20 trials || and stop at 0.97", {"goal_target": 0.97}),
        (f"tps of {BENCH}, threads 1 to 8. I'd stop at 1000 tps.", {"goal_target": 1000.0}),
        ("knn on iris. Log loss. Stop when it's below 0.1.", {"goal_target": 0.1}),
        # limits
        ("svm on iris, don't spend over 15 min on it", {"seconds": 900.0}),
        ("train.py, val_acc, nothing over 5 min", {"trial_seconds": 300.0}),
        ("train.py, val_acc. An individual run that goes over 5 min gets killed.", {"trial_seconds": 300.0}),
        ("train.py, val_acc. One trial must not take longer than 10 min. 60 of them.", {"trials": 60}),
        ("My laptop has 8 cores, please use six of them. SVM on iris.", {"workers": 6, "trials": None}),
        ("svm on iris, 30 trials, not in parallel", {"workers": 1}),
        ("svm on wine, at most 20 trials of 2 minutes", {"trials": 20, "trial_seconds": 120.0, "seconds": None}),
        ("use 4 of the 8 gpus for train.py, val_acc", {"gpus": 4}),
        ("train.py, val_acc, no GPU", {"gpus": 0}),
        ("I'd rather not use the GPU. train.py, val_acc", {"gpus": 0}),
        ("train.py, val_acc, two cards, one trial on each at the same time", {"gpus": 2, "workers": 2}),
        ("train.py, val_acc, both gpus (2)", {"gpus": 2}),
        ("svm on iris, quit at noon", {"deadline": "12:00"}),
        ("svm on iris, I leave at six tonight so be done by 18:00", {"deadline": "18:00"}),
        ("svm on iris, 20 trials || hmm no, do three dozen", {"trials": 36}),
        ("svm on iris. I have all night but let's say 200 trials.", {"trials": 200}),
        # metrics
        ("svm on iris. Accuracy is the number to push up.", {"metric": "accuracy", "direction": "maximize"}),
        ("train.py prints val_loss and val_acc. Take val_acc.", {"metric": "val_acc"}),
        ("train.py: val_loss is too high", {"metric": "val_loss", "direction": "minimize"}),
        ("I don't care about anything but val_acc of train.py", {"metric": "val_acc"}),
        (f"please make {BENCH} faster, threads 1 to 32, it prints latency_ms", {"direction": "minimize"}),
        (f"best tps of {BENCH}, threads 1-8, latency_ms which must not exceed 9", {"constraints": ["latency_ms <= 9"]}),
        (f"maximise tps of {BENCH}, threads 1-8 || cap latency_ms at 20", {"constraints": ["latency_ms <= 20"]}),
        (f"tps of {BENCH}, threads 1-8, require latency_ms <= 8, stop at 9 tps", {"constraints": ["latency_ms <= 8"]}),
        # what is tuned, and what is predicted
        ("A replay lives in sim.py, function simulate. Maximise profit, alpha 0-1", {"function": "sim.py:simulate"}),
        ("In sim.py there's a function called simulate, lowest waste, alpha 0-1", {"function": "sim.py:simulate"}),
        ("svm on iris || Actually scrap the SVM, kNN is easier to explain", {"family": "knn"}),
        ("svm, churn.csv, churn column", {"target": "churn"}),
        ("we have churn.csv, last column churn, svm", {"target": "churn"}),
        ("The last column of churn.csv is what I want to predict. svm", {"target": "churn"}),
        ("svm on churn.csv (class column: churn)", {"target": "churn"}),
        ("svm, churn.csv with columns age, plan and churn; churn is the label", {"target": "churn"}),
        ("Regress age on everything else in churn.csv. Random forest", {"target": "age", "task": "regression"}),
        ("svm on churn.csv, churn is the target, keep 15 % for testing", {"held_out": 0.15}),
    ],
)  # fmt: skip
def test_saying_is_read(text: str, expected: dict[str, Any], folder: Path) -> None:
    read = fields(text, folder)
    assert {name: read[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tps of ./bench.sh {mode}, mode: eager or lazy or off", {"mode": ["eager", "lazy", "off"]}),
        ("tps of ./bench.sh {mode} {n}; mode is one of O1, O2, Os; n 1-4", {"mode": ["O1", "O2", "Os"], "n": (1, 4)}),
        ("tps of ./bench.sh {mode}, and mode, which is either eager or lazy", {"mode": ["eager", "lazy"]}),
        ("tps of ./bench.sh {a} {b}; a and b both from 1 to 8", {"a": (1, 8), "b": (1, 8)}),
        ("tps of ./bench.sh {a} {b}; the first one goes from 1 to 4, the second 2 to 9", {"a": (1, 4), "b": (2, 9)}),
        (f"{BENCH}: what number of threads gives the highest tps? 1 to 128.", {"threads": (1, 128)}),
        ("train.py for val_loss || dropout 0 to 0.5 || no, 0 to 0.3", {"dropout": (0, 0.3)}),
        (f"latency_ms of {BENCH}, threads fom 1 to 16", {"threads": (1, 16)}),
    ],
)  # fmt: skip
def test_ranges_are_read(text: str, expected: dict[str, Any], folder: Path) -> None:
    read = {
        entry["parameter"]: entry["values"] or (entry["low"], entry["high"]) for entry in fields(text, folder)["ranges"]
    }
    assert read == expected


@pytest.mark.parametrize(
    "text", ["lr (log) from 1e-5 to 0.1", "lr [log]: 1e-5 to 0.1", "lr from 1e-5 to 0.1 (log scale)"]
)
def test_scale_in_brackets_is_read(text: str, folder: Path) -> None:
    assert fields(f"train.py for val_loss, {text}", folder)["ranges"][0]["log"] is True


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("svm on wine, optimise recall, 20 trials", "metric"),
        ("svm on wine, precision of 0.9", "metric"),
        (f"how fast can it be? {BENCH}, threads 1 to 8", "metric"),
    ],
)
def test_metric_that_cannot_be_had_is_asked_about(text: str, asked: str, folder: Path) -> None:
    assert read_by_grammar([text], folder).asked == {asked}


def test_percentile_is_no_gpu() -> None:
    assert corrected("lower the p50 on 2 P100 cards")[0] == "lower the p50 on 2 gpu cards"


@pytest.mark.parametrize(
    "name", ["t4.py", "p4.py", "a100.py", "v100.py", "h100.py", "runs/t4.py", "u.py", "b4.py", "../w/me.py"]
)
def test_script_that_is_called_like_a_word_is_itself(name: str, folder: Path) -> None:
    folder = folder / "w"
    (folder / "runs").mkdir(parents=True)
    (folder / name).write_text(TRAIN)
    assert fields(f"minimise val_loss of {name}, lr 1e-5 to 1e-2, on a T4", folder)["script"] == name


@pytest.mark.parametrize("quotes", ["''", '""', "``", "“”"])
@pytest.mark.parametrize("name", ["my script é.py", "/{}/my script é.py", "on u/me.py"])
def test_script_with_blanks_is_named_in_quotes(name: str, quotes: str, folder: Path) -> None:
    name = name.format(str(folder).strip("/"))
    (folder / "on u").mkdir()
    (folder / name).write_text(TRAIN)
    read = fields(f"minimise val_loss of {quotes[0]}{name}{quotes[1]}, lr 1e-5 to 1e-2, 9 trials", folder)
    assert (read["script"], read["ranges"][0]["parameter"]) == (name, "lr")
