"""The registry of commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from agenttune.errors import UserError
from agenttune.tui.commands import COMMANDS, Command, find_command
from agenttune.tui.screens.help import help_content


def test_names_and_aliases_are_unique() -> None:
    names = [name for command in COMMANDS for name in (command.name, *command.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_says_what_it_does(command: Command) -> None:
    assert command.help and command.help[-1] not in ".!"


def test_help_lists_every_command() -> None:
    text = help_content(()).plain
    assert all(command.usage in text for command in COMMANDS)


def test_the_page_of_the_interface_lists_every_command_as_it_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "interface.md").read_text(encoding="utf-8").replace("\\|", "|")
    listed = [line for line in page.splitlines() if line.startswith("| `/")]
    assert [line.split("`")[1] for line in listed] == [command.usage for command in COMMANDS]
    assert all(command.help in line for command, line in zip(COMMANDS, listed, strict=True))


def test_words_after_the_name_are_the_argument() -> None:
    command, rest = find_command("/open  svm-digits ")
    assert (command.name, rest) == ("open", "svm-digits")


def test_alias_is_as_good_as_the_name() -> None:
    assert find_command("/resume")[0].name == "continue"


def test_unknown_command_offers_the_nearest() -> None:
    with pytest.raises(UserError, match="no command /puase: did you mean /pause"):
        find_command("/puase")


def test_far_fetched_command_points_to_help() -> None:
    with pytest.raises(UserError, match="/help lists them"):
        find_command("/xyzzy now")
