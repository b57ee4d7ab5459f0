"""What is asked of a script's options is held to what the script takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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
p.add_argument("--amp", action=argparse.BooleanOptionalAction, default=False)
p.add_argument("--warm", type=lambda text: text == "true", default=True)
p.add_argument("--optimizer", choices=["adam", "sgd", "rmsprop"], default="sgd")
p.add_argument("--batch-size", type=int, choices=[16, 32, 64, 128])
a = p.parse_args()
print(f"val_loss: {a.lr + a.k + a.amp}")
"""


def asked(folder: Path, text: str) -> StudySpec:
    (folder / "train.py").write_text(SCRIPT)
    return spec_of(understand(f"minimise val_loss of train.py, {text}, 3 trials", PlanOptions(cwd=str(folder))))


def space_of(folder: Path, text: str) -> Space:
    return asked(folder, text).space


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nesterov on or off", "nesterov cannot be tuned: a switch without a value cannot be set from a parameter"),
        ("nesterov = on, k 1 to 4", "nesterov cannot be tuned"),
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
        ("amp on or off", "amp --amp|--no-amp"),
        ("amp true or false", "amp --amp|--no-amp"),
        ("batch_size 20 to 100", "batch_size 32<64"),
        ("batch_size 16 or 128", "batch_size 16<128"),
        ("k 1.0 to 4.0", "k 1..4"),
        ("warm on or off", "warm true|false"),
    ],
)
def test_values_are_those_of_the_script(tmp_path: Path, text: str, described: str) -> None:
    assert space_of(tmp_path, text).describe() == [described]


def test_range_of_a_number_is_no_range_of_whole_ones(tmp_path: Path) -> None:
    assert isinstance(space_of(tmp_path, "lr 0 to 1").parameters["lr"], Float)


def test_own_value_of_a_script_is_the_default_in_its_spelling(tmp_path: Path) -> None:
    assert asked(tmp_path, "amp on or off, optimizer SGD or adam").default == {"amp": "--no-amp", "optimizer": "sgd"}


def test_study_of_a_switch_that_can_be_switched_off_runs(tmp_path: Path) -> None:
    spec = asked(tmp_path, "amp on or off, k 1 to 9")
    with Store.open(tmp_path / "agenttune.db") as store:
        Study.from_spec(spec, store=store).run()
        outcomes = {trial.config["amp"]: trial.outcome for trial in store.trials(store.study().id)}
    assert outcomes.keys() == {"--amp", "--no-amp"} and None not in outcomes.values()
