"""`agenttune config path|show|edit`: the settings file, and what holds with it."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
from pathlib import Path

from agenttune.cli.console import emit, is_interactive, put, say, table
from agenttune.errors import UserError
from agenttune.types import Json
from agenttune.visible import clean

DESCRIPTION = """\
path prints where the settings file is, show every setting with where its value comes from, edit opens the
file in $VISUAL or $EDITOR (a commented one is made if there is none) and checks it afterwards.
The person's own prices of models go to prices.toml beside it."""
ACTIONS = ("path", "show", "edit")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("action", choices=ACTIONS, help="what to do")
    parser.add_argument("--json", action="store_true", help="results as one JSON object on stdout")


def run(arguments: argparse.Namespace) -> int:
    """Does what the action says.

    Raises:
        SettingsError: the file holds a mistake.
        UserError: it cannot be edited here.
    """
    from agenttune.settings import settings_path

    match arguments.action:
        case "path":
            path = settings_path()
            if arguments.json:
                emit({"path": str(path), "exists": path.exists()})
            else:
                put(clean(str(path)))
        case "show":
            _show(as_json=arguments.json)
        case "edit":
            _edit(settings_path())
    return 0


def _show(*, as_json: bool) -> None:
    from agenttune.redaction import redact_json
    from agenttune.settings import load_settings_with_sources

    settings, sources = load_settings_with_sources()
    values: dict[str, Json] = settings.model_dump(mode="json")
    shown = {name: (redact_json(value), sources.get(name, "default")) for name, value in values.items()}
    if as_json:
        emit({name: {"value": value, "from": source} for name, (value, source) in shown.items()})
        return
    rows = [[name, "-" if value is None else str(value), source] for name, (value, source) in shown.items()]
    for line in table(["setting", "value", "from"], rows):
        put(line)


def _edit(path: Path) -> None:
    from agenttune.settings import load_settings, settings_template

    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise UserError(f"no editor is set: set VISUAL or EDITOR, or change {path} by other means")
    if not is_interactive():
        raise UserError(f"there is no terminal to edit in: change {path} by other means")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(settings_template(), encoding="utf-8")
        done = subprocess.run([*shlex.split(editor), str(path)], check=False)
    except (OSError, ValueError) as error:  # ValueError: quotes that do not match
        raise UserError(f"{path} cannot be edited with {editor!r}: {error}") from error
    if done.returncode != 0:
        raise UserError(f"{editor!r} ended with exit code {done.returncode}; {path} is as it left it")
    if keys := load_settings().keys:
        from agenttune.tui.keymap import keymap_of

        keymap_of(keys)
    say(f"{path} is in order")
