"""What is asked of a script's options is held to what the script takes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from agenttune.budget import Budget
from agenttune.errors import SpaceError, UserError
from agenttune.plan import PlanOptions, spec_of, understand
from agenttune.space import Float, Space
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.study import Study

SCRIPT = """import argparse
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=0.1)
p.add_argument("--k", type=int, default=3)
p.add_argument("--nesterov", action="store_true")
p.add_argument("--no-bias", dest="bias", action="store_false")
p.add_argument("--flag", type=bool, default=True)
p.add_argument("--loud", action="count", default=0)
p.add_argument("--amp", action=argparse.BooleanOptionalAction, default=False)
p.add_argument("--warm", type=lambda text: text == "true", default=True)
p.add_argument("--optimizer", choices=["adam", "sgd", "rmsprop"], default="sgd")
p.add_argument("--batch-size", type=int, choices=[16, 32, 64, 128])
a = p.parse_args()
print(f"val_loss: {a.lr + a.k + a.amp + 2 * a.nesterov + 4 * a.bias + 8 * a.flag}")
"""


def asked(folder: Path, text: str) -> StudySpec:
    (folder / "train.py").write_text(SCRIPT)
    return spec_of(understand(f"minimise val_loss of train.py, {text}, 3 trials", PlanOptions(cwd=str(folder))))


def space_of(folder: Path, text: str) -> Space:
    return asked(folder, text).space


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("loud 0 to 3", "loud cannot be tuned: it takes no value and is no switch; leave it out"),
        ("nesterov = fast, k 1 to 4", "nesterov is on or off, as the script says, but got 'fast'"),
        ("optimizer lion or adam", "optimizer is one of adam, sgd, rmsprop, as the script says, but got 'lion'"),
        ("optimizer = lion, k 1 to 4", "optimizer is one of adam, sgd, rmsprop"),
        ("amp fast or slow", "amp is on or off, as the script says, but got 'fast'"),
        ("amp from 0 to 1", "amp is on or off, as the script says, but got '0 to 1'"),
        ("batch_size 200 to 300", "batch_size is one of 16, 32, 64, 128, as the script says, but got '200 to 300'"),
        ("k 2, 3 or none", "k takes whole numbers, as the script says, but got 'none'"),
        ("k 1.5 or 2", "k takes whole numbers, as the script says, but got 1.5"),
        ("lr auto or none", "lr takes numbers, as the script says, but got 'auto'"),
    ],
)
def test_what_a_script_does_not_take_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(SpaceError, match=re.escape(sentence)):
        asked(tmp_path, text)


def test_range_of_whole_numbers_has_whole_ends(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"k takes whole numbers, but got 1\.5"):
        asked(tmp_path, "k 1.5 to 4")
    with pytest.raises(UserError, match=r"k takes whole numbers, but got 7\.5"):
        asked(tmp_path, "k at most 7.5")


@pytest.mark.parametrize(
    ("text", "described"),
    [
        ("optimizer Adam or SGD", "optimizer adam|sgd"),
        ("amp on or off", "amp true|false"),
        ("amp true or false", "amp true|false"),
        ("batch_size 20 to 100", "batch_size 32<64"),
        ("batch_size 16 or 128", "batch_size 16<128"),
        ("k 1.0 to 4.0", "k 1..4"),
        ("warm on or off", "warm true|false"),
        ("nesterov yes or no", "nesterov true|false"),
        ("bias on or off", "bias true|false"),
        ("flag off or on", "flag true|false"),
    ],
)
def test_values_are_those_of_the_script(tmp_path: Path, text: str, described: str) -> None:
    assert space_of(tmp_path, text).describe() == [described]


def test_range_of_a_number_is_no_range_of_whole_ones(tmp_path: Path) -> None:
    assert isinstance(space_of(tmp_path, "lr 0 to 1").parameters["lr"], Float)


def test_own_value_of_a_script_is_the_default_in_its_spelling(tmp_path: Path) -> None:
    assert asked(tmp_path, "amp on or off, optimizer SGD or adam").default == {"amp": False, "optimizer": "sgd"}


def test_switches_reach_the_script(tmp_path: Path) -> None:
    spec = asked(tmp_path, "amp on or off, nesterov on or off, bias on or off, flag on or off, k 1 to 9")
    spec = replace(spec, budget=Budget(trials=8))
    with Store.open(tmp_path / "agenttune.db") as store:
        Study.from_spec(spec, store=store).run()
        trials = store.trials(store.study().id)
    weights = {"k": 1, "amp": 1, "nesterov": 2, "bias": 4, "flag": 8}
    told = [trial.outcome.values["val_loss"] for trial in trials if trial.outcome is not None]
    assert told == pytest.approx(
        [0.1 + sum(weights[name] * float(trial.config[name]) for name in weights) for trial in trials]
    )
    assert all({trial.config[name] for trial in trials} == {False, True} for name in weights if name != "k")


def test_switches_of_a_command_are_on_or_off(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    command = "`python train.py --lr {lr} {amp:--amp/--no-amp} {nesterov:--nesterov}`"
    text = f"minimise val_loss of {command}, lr 0.01 to 1, nesterov off or on, 3 trials"
    space = spec_of(understand(text, PlanOptions(cwd=str(tmp_path)))).space
    assert space.describe() == ["lr 0.01..1 log", "nesterov true|false", "amp true|false"]
