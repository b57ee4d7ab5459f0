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
)

VALUES = {"lr": "0.1", "kernel": "a b"}


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
    ],
)
def test_shell_text_is_filled_with_quoted_values(command: str, text: str) -> None:
    assert filled_shell_text(command, VALUES) == text


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
