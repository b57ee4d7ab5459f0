"""What a sentence about a program of one's own is planned as."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agenttune.errors import RequestNotUnderstood
from agenttune.plan import PlanOptions, understand
from agenttune.plan.program_plan import ProgramPlan
from agenttune.space import Space

TRAIN = """import argparse
p = argparse.ArgumentParser()
p.add_argument("-l", "--learning-rate", "--rate", dest="lr", type=float, default=1e-3)
p.add_argument("--batch-size", type=int, default=32)
p.add_argument("--dropout", type=float, default=0.1)
p.add_argument("--epochs", type=int, default=3)
a = p.parse_args()
for _ in range(a.epochs):
    print(f"val_loss={a.lr:.4f}")
print(f"val_acc={a.lr:.4f}")
"""


def plan_of(folder: Path, text: str) -> ProgramPlan:
    (folder / "train.py").write_text(TRAIN)
    plan = understand(text, PlanOptions(cwd=str(folder)))
    assert isinstance(plan, ProgramPlan)
    return plan


def space_of(folder: Path, text: str) -> list[str]:
    return Space.from_json(plan_of(folder, text).space).describe()


@pytest.mark.parametrize("name", ["lr", "learning rate", "--learning-rate", "rate"])
def test_option_has_the_range_of_whichever_of_its_names(tmp_path: Path, name: str) -> None:
    assert space_of(tmp_path, f"minimise val_loss of train.py, {name} 1e-4 to 1e-2, 9 trials") == ["lr 1e-4..0.01 log"]


def test_option_under_two_names_has_one_range(tmp_path: Path) -> None:
    with pytest.raises(RequestNotUnderstood, match=r"is option lr of train\.py, of which the sentence says"):
        plan_of(tmp_path, "minimise val_loss of train.py, learning rate 1e-4 to 1e-2, rate 0.1 or 0.2, 9 trials")


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ("x 0 to 1, y 1 to 4", ["Float", "Int"]),
        ("x 0 to 1 integer, y 1 to 4 (float)", ["Int", "Float"]),
        ("x whole numbers from 0 to 1, y is a float between 1 and 4", ["Int", "Float"]),
        ("an integer x in [0, 1], real-valued y from 1 to 4, log", ["Int", "Float"]),
        ("x from 0 to 1, y from 1 to 4, continuous", ["Float", "Float"]),
    ],
)
def test_kind_of_a_range_is_what_is_said_of_it(tmp_path: Path, said: str, kinds: list[str]) -> None:
    plan = plan_of(tmp_path, f"minimise loss of `./sim {{x}} {{y}}`, {said}, 9 trials")
    found = Space.from_json(plan.space).parameters
    assert [type(found[name]).__name__ for name in ("x", "y")] == kinds
    assert not any("left aside" in phrase for phrase in plan.assumptions)


@pytest.mark.parametrize("program", ["`./sim {x} {y}`", "untold.py"])
def test_kind_that_is_assumed_is_told(tmp_path: Path, program: str) -> None:
    options = "".join(f'p.add_argument("--{name}")\n' for name in "xy")
    (tmp_path / "untold.py").write_text(
        f'import argparse\np = argparse.ArgumentParser()\n{options}print(f"loss={{1}}")'
    )
    plan = plan_of(tmp_path, f"minimise loss of {program}, x 0 to 1, y 1 to 4, 9 trials")
    assert plan.assumptions == (
        "whole numbers for y, unless you say `float`",
        "any number from 0 to 1 for x, unless you say `integer`",
    )


def test_command_of_a_script_has_the_kinds_of_its_options(tmp_path: Path) -> None:
    text = "minimise val_loss of `python train.py --dropout={d} --epochs {n}`, d 0 to 4, n 0 to 1, 9 trials"
    found = Space.from_json(plan_of(tmp_path, text).space).parameters
    assert [type(found[name]).__name__ for name in ("d", "n")] == ["Float", "Int"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("epochs a float from 1 to 4", "epochs takes whole numbers, as the script says"),
        ("epochs an integer from 1 to 4, float", "the sentence says of epochs that it is integer and float: say one"),
    ],
)
def test_kind_that_cannot_be_is_refused(tmp_path: Path, said: str, sentence: str) -> None:
    with pytest.raises(RequestNotUnderstood, match=sentence):
        plan_of(tmp_path, f"minimise val_loss of train.py, {said}, 9 trials")


@pytest.mark.parametrize("said", ["epochs=5", "with epochs 5", "fix epochs at 5, tune the rest"])
def test_others_are_tuned_where_values_alone_are_given(tmp_path: Path, said: str) -> None:
    plan = plan_of(tmp_path, f"minimise val_loss of train.py, {said}, 9 trials")
    assert [text.split()[0] for text in Space.from_json(plan.space).describe()] == [
        "lr", "batch_size", "dropout", "epochs",
    ]  # fmt: skip
    assert plan.assumptions == ("ranges of lr, batch_size, dropout as usual, around what the script has",)


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("train.py, lr 0.1, batch size 32, dropout 0.1", "batch_size and lr and dropout"),
        ("`./sim {x}`, x = 3", "x"),
    ],
)
def test_study_in_which_nothing_varies_is_refused(tmp_path: Path, said: str, names: str) -> None:
    with pytest.raises(RequestNotUnderstood, match=f"what is to vary, as you give one value only of {names} "):
        plan_of(tmp_path, f"minimise val_loss of {said}, 9 trials")


@pytest.mark.parametrize(
    "said",
    [
        "minimise val_loss of train.py, first try lr 1e-2 and batch size 32",
        "minimise val_loss of train.py, try lr 1e-2 and batch size 32 first",
        "first run train.py with lr 1e-2, minimise val_loss",
        "run train.py with epochs 5 first, minimise val_loss, lr 1e-4 to 0.1",
        "minimise val_loss of train.py, starting at lr 1e-3",
        "minimise val_loss of `./sim {x} {y}`, begin with x = 3, y 1 to 4",
        "tune an SVM on digits, start with C = 10",
    ],
)
def test_values_to_start_from_are_no_values_of_every_trial(tmp_path: Path, said: str) -> None:
    with pytest.raises(RequestNotUnderstood, match="a value in a sentence is that of every trial"):
        plan_of(tmp_path, f"{said}, 9 trials")


@pytest.mark.parametrize("said", ["start with lr between 1e-4 and 0.1", "lr starts at 1e-4", "first lr 1e-4 to 0.1"])
def test_range_to_start_with_is_a_range(tmp_path: Path, said: str) -> None:
    assert space_of(tmp_path, f"minimise val_loss of train.py, {said}, 9 trials") == ["lr 1e-4..0.1 log"]


@pytest.mark.parametrize(
    ("said", "course", "tuned"),
    [
        ("minimise val_loss over epochs of train.py", "over epochs", ["lr", "batch_size", "dropout"]),
        ("minimise val_loss of train.py across the epochs", "across the epochs", ["lr", "batch_size", "dropout"]),
        ("minimise val_loss of train.py over all epochs, lr 1e-4 to 0.1", "over all epochs", ["lr"]),
    ],
)
def test_course_of_a_metric_is_no_parameter(tmp_path: Path, said: str, course: str, tuned: list[str]) -> None:
    plan = plan_of(tmp_path, f"{said}, 9 trials")
    assert list(Space.from_json(plan.space).parameters) == tuned
    assert f"left aside: {course!r}" in plan.assumptions


@pytest.mark.parametrize(
    ("said", "tuned"),
    [
        ("over lr and epochs", ["lr", "epochs"]),
        ("over epochs and lr", ["lr", "epochs"]),
        ("over epochs 2-9", ["epochs"]),
    ],
)
def test_epochs_that_are_listed_or_have_a_range_are_tuned(tmp_path: Path, said: str, tuned: list[str]) -> None:
    plan = plan_of(tmp_path, f"minimise val_loss {said} of train.py, 9 trials")
    assert list(Space.from_json(plan.space).parameters) == tuned


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("the best val_loss over epochs of train.py", "'best' and 'over epochs'"),
        ("the mean validation loss of train.py over the epochs", "'mean' and 'over the epochs'"),
        ("the lowest val_loss over training of train.py", "'lowest' and 'over training'"),
    ],
)
def test_one_of_the_values_of_a_run_is_refused(tmp_path: Path, said: str, words: str) -> None:
    with pytest.raises(RequestNotUnderstood, match=f"judged by the last val_loss that it prints: leave {words} out"):
        plan_of(tmp_path, f"minimise {said}, 9 trials")


@pytest.mark.parametrize(
    ("said", "is_told"),
    [
        ("the lowest validation loss of train.py", True),
        ("minimise the lowest val_loss of train.py", True),
        ("the highest val_acc of train.py", False),  # which is printed once
        ("find the best val_loss of train.py", False),
    ],
)
def test_extreme_of_what_is_printed_often_is_told_to_be_the_last(tmp_path: Path, said: str, is_told: bool) -> None:
    plan = plan_of(tmp_path, f"{said}, lr 1e-4 to 0.1, 9 trials")
    assert ("the last val_loss that a run prints counts" in plan.assumptions) is is_told


@pytest.mark.parametrize(
    "said",
    [
        "val_loss and val_acc of train.py",
        "val_loss, then val_acc of train.py",
        "val_loss of train.py, val_acc too",
        "val_loss of train.py, val_acc should be large",
    ],
)
def test_second_metric_is_refused_however_it_is_joined(tmp_path: Path, said: str) -> None:
    with pytest.raises(RequestNotUnderstood, match="improves one metric, but you name val_loss and val_acc"):
        plan_of(tmp_path, f"minimise {said}, 9 trials")


@pytest.mark.parametrize("said", ["val_acc doesn't matter", "and report val_acc", "and keep val_acc above 0.5"])
def test_metric_that_is_not_to_be_improved_is_no_second_one(tmp_path: Path, said: str) -> None:
    assert plan_of(tmp_path, f"minimise val_loss of train.py, {said}, 9 trials").metric == "val_loss"


def test_last_word_of_a_script_with_blanks_is_told_its_name(tmp_path: Path) -> None:
    (tmp_path / "my script.py").write_text(TRAIN)
    with pytest.raises(RequestNotUnderstood, match=r"there is no script 'script\.py': did you mean 'my script\.py'"):
        plan_of(tmp_path, "minimise val_loss of my script.py, 9 trials")


def test_study_of_a_script_is_called_like_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "my script.py").write_text(TRAIN)
    assert plan_of(tmp_path, "minimise val_loss of 'my script.py', 9 trials").name == "my-script"


def test_early_stopping_of_a_script_that_has_an_option_of_it_is_asked_about(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(TRAIN.replace("--dropout", "--early-stopping"))
    with pytest.raises(RequestNotUnderstood, match="I do not understand 'early stopping'"):
        plan_of(tmp_path, "minimise val_loss of own.py, use early stopping, 9 trials")


@pytest.mark.parametrize("name", ["val/loss", '"val/loss"', "'val/loss'", "`val/loss`"])
def test_metric_with_a_slash_is_read_as_it_is_printed(tmp_path: Path, name: str) -> None:
    (tmp_path / "slash.py").write_text(TRAIN.replace("val_loss", "val/loss"))
    for program in ("slash.py", "`./sim val/loss {x}`, x 0 to 1"):
        plan = plan_of(tmp_path, f"minimise {name} of {program}, 9 trials")
        metric = plan.objective["metric"]
        assert isinstance(metric, dict)
        found = re.search(str(metric["regex"]), "loss=2 val/loss=0.25")
        assert (plan.metric, found and found["val_loss"]) == ("val_loss", "0.25")
    assert plan.objective["command"] == "./sim val/loss {x}"


def test_metrics_with_a_slash_between_are_two(tmp_path: Path) -> None:
    with pytest.raises(RequestNotUnderstood, match="you name val_loss and val_acc"):
        plan_of(tmp_path, "minimise val_loss/val_acc of train.py, 9 trials")


def test_metrics_with_a_slash_between_are_no_rate_where_nothing_printed_is_known(tmp_path: Path) -> None:
    rate = plan_of(tmp_path, "maximise ops/sec of `./sim {x}`, x 1 to 8")
    assert rate.metric == "ops_sec"
    with pytest.raises(RequestNotUnderstood, match="accuracy"):
        plan_of(tmp_path, "minimise loss/accuracy of `./sim {x}`, x 1 to 8")


def test_study_of_a_command_is_called_like_its_script(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, "minimise val_loss of `python train.py --lr {lr}`, lr 1e-4 to 1e-2, 10 trials")
    assert plan.name == "train"
    assert plan_of(tmp_path, "minimise loss of `./sim {x}`, x 1 to 8").name == "sim"


def test_quoted_script_in_a_command_is_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "my train.py").write_text(TRAIN)
    plan = plan_of(tmp_path, 'minimise val_loss of `python "my train.py" --lr {lr}`, lr 1e-4 to 1e-2, 10 trials')
    assert plan.objective["command"] == 'python "my train.py" --lr {lr}'


@pytest.mark.parametrize("said", ["with C 10 and the first 5 folds", "with C 10, first quick look"])
def test_first_of_something_else_is_no_first_trial(said: str) -> None:
    plan = understand(f"try an SVM on digits {said}", PlanOptions())
    assert "C fixed at 10" in dict(plan.understood())["space"]


def test_bound_is_on_a_metric_with_a_slash(tmp_path: Path) -> None:
    (tmp_path / "slash.py").write_text(TRAIN.replace("val_", "val/"))
    plan = plan_of(tmp_path, "minimise val/loss of slash.py, keep val/acc above 0.5, 9 trials")
    assert plan.request.constraints == ("val_acc > 0.5",)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("leave the dropout alone", "which value dropout has where you say 'leave the dropout alone'"),
        ("keep dropout as it is", "which value dropout has where you say 'keep dropout as it is'"),
        ("don't touch the dropout", 'I do not understand "don\'t touch the dropout"'),
    ],
)
def test_what_is_not_to_be_tuned_is_asked_about_where_the_others_are(tmp_path: Path, said: str, sentence: str) -> None:
    for tuned in ("9 trials", "epochs 5, 9 trials"):
        with pytest.raises(RequestNotUnderstood, match=sentence):
            plan_of(tmp_path, f"minimise val_loss of train.py, {said}, {tuned}")
    ranged = space_of(tmp_path, f"minimise val_loss of train.py, lr 1e-4 to 0.1, {said}, 9 trials")
    assert ranged == ["lr 1e-4..0.1 log"]
