"""Placeholders of commands."""

from __future__ import annotations

import shlex
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agenttune.errors import ObjectiveError
from agenttune.objectives.command_line import (
    argument_text,
    check_placeholders,
    filled_shell_text,
    filled_words,
    placeholders,
    switch,
    switches,
)

VALUES = {"lr": "0.1", "kernel": "a b", "amp": "true", "bias": "false"}


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("train --lr {lr}", ["train", "--lr", "0.1"]),
        ("train --lr={lr} -k {kernel}", ["train", "--lr=0.1", "-k", "a b"]),
        ("train --degree {degree} --lr {lr}", ["train", "--lr", "0.1"]),
        ("train --degree={degree} --lr {lr}", ["train", "--lr", "0.1"]),
        ("train {degree} {lr}", ["train", "0.1"]),
        ("train --verbose --degree={degree}", ["train", "--verbose"]),
        ("train --lr 0.5 {degree}", ["train", "--lr", "0.5"]),
        ("train --a={lr} {degree}", ["train", "--a=0.1"]),
        ("train '{\"lr\": {lr}}'", ["train", '{"lr": 0.1}']),
        ("awk '{{print}}' ${lr}", ["awk", "{print}", "${lr}"]),
        ("train {amp:--amp} {bias:--bias}", ["train", "--amp"]),
        ("train {amp:--amp/--no-amp} {bias:--bias/--no-bias}", ["train", "--amp", "--no-bias"]),
        ("train {amp:/-A} {bias:/-B} --verbose {bias:--bias}", ["train", "-B", "--verbose"]),
        ("train {amp:--amp=1/--amp=} {bias:--bias=1/--bias=}", ["train", "--amp=1", "--bias="]),
        (
            "train {degree:--degree/--none} x={{amp:--amp}} ${amp:-1} {amp:-1}",
            ["train", "x={amp:--amp}", "${amp:-1}", "{amp:-1}"],
        ),
    ],
)
def test_words_are_filled_and_inactive_ones_dropped(command: str, words: list[str]) -> None:
    assert filled_words(shlex.split(command), VALUES) == words


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("train --lr {lr} | tee log", "train --lr 0.1 | tee log"),
        ("train -k {kernel}", "train -k 'a b'"),
        ("train --degree {degree} --lr {lr}", "train  --lr 0.1"),
        ("train --degree={degree} --lr {lr}; echo ${HOME}", "train  --lr 0.1; echo ${HOME}"),
        ("echo '{\"lr\": {lr}}'", "echo '{\"lr\": 0.1}'"),
        ("train {amp:--amp}{bias:--bias/--no-bias} {degree:--degree} | tee log", "train --amp--no-bias  | tee log"),
    ],
)
def test_shell_text_is_filled_with_quoted_values(command: str, text: str) -> None:
    assert filled_shell_text(command, VALUES) == text


def test_switch_takes_true_or_false() -> None:
    with pytest.raises(
        ObjectiveError, match=r"\{lr:--lr\} switches an option, which takes true or false, but lr is '0.1'"
    ):
        filled_words(["{lr:--lr}"], VALUES)


@pytest.mark.parametrize("words", [{"on": "--amp"}, {"off": "--no-amp"}, {"on": "-a=1", "off": "-a="}])
def test_switch_is_read_back(words: dict[str, str]) -> None:
    written = switch("amp", **words)
    assert switches([written]) == placeholders([written]) == ["amp"]
    for value, side in (("true", "on"), ("false", "off")):
        assert filled_words([written], {"amp": value}) == ([words[side]] if side in words else [])


def test_value_that_would_end_the_quotes_around_it_is_refused() -> None:
    with pytest.raises(ObjectiveError, match="take the quotes around it away"):
        filled_shell_text("echo '{kernel}'", VALUES)


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=20))
def test_no_value_is_read_as_shell_syntax(value: str) -> None:
    text = filled_shell_text("printf %s {value}", {"value": value})
    done = subprocess.run(["/bin/sh", "-c", text], capture_output=True, check=True)
    assert done.stdout == value.encode()


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), (3, "3"), (1e-05, "1e-05"), (0.1 + 0.2, "0.30000000000000004"), ("rbf", "rbf")],
)
def test_values_are_written_exactly(value: object, text: str) -> None:
    assert argument_text(value) == text  # type: ignore[arg-type]  # scalars all


def test_unknown_placeholder_names_the_nearest() -> None:
    with pytest.raises(ObjectiveError, match=r"\{leaning_rate\}.*did you mean \{learning_rate\}"):
        check_placeholders(["--lr", "{leaning_rate}"], ["learning_rate"])


def test_parameters_and_built_in_names_are_known() -> None:
    check_placeholders(["{lr}", "{seed}", "{trial}", "{checkpoint_dir}", "{result}"], ["lr"])


def test_placeholders_come_in_order_and_once() -> None:
    assert placeholders(["{b} {a}", "{{literal}} {b}", "${shell}"]) == ["b", "a"]
