"""`agenttune edit [STUDY] EDIT...`: changes a living study, after showing what changes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from agenttune.cli.console import ask, emit, put, say, table
from agenttune.cli.options import add_store
from agenttune.errors import UserError
from agenttune.visible import clean

if TYPE_CHECKING:
    from agenttune.edits import Diff
    from agenttune.events import StudyEdited
    from agenttune.spec import StudyRow
    from agenttune.store import Store

DESCRIPTION = """\
Changes a study that lives: what it may try, what counts as good, how long it goes on. Shown first as
old -> new, with what becomes of its trials; finished trials stay. `agenttune undo` takes an edit back.

  lr<=1e-2  lr>=1e-5  lr=1e-5..1e-2 log     other bounds
  batch_size<=256  optimizer+=adamw  optimizer-=sgd  kernel=rbf
                                            other choices, one value
  constraint "a*b < 4096"                   what configurations must keep (no-constraint takes away)
  metric "latency_ms < 20"                  what is feasible (no-metric takes away)
  trials+=10  trials=50  seconds=2h  dollars=1  requests=40  tokens=1000000
                                            what may be spent in all; =none lifts a bound
  trial-seconds=30  trial-memory=2G  workers=4  target=0.95

Several edits are applied all or none. Quote what the shell would take: 'lr<=1e-2'."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("words", nargs="*", metavar="[STUDY] EDIT", help="as in 'lr<=1e-2' trials+=10")
    parser.add_argument("--list", action="store_true", help="show the edits there were, and do nothing")
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and do nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--by", default="a person", metavar="WHO", help="kept with the edit (default: a person)")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Shows the difference, asks, sends the control and prints the answer.

    Raises:
        UserError: an edit cannot be read or breaks a rule; nothing was sent.
    """
    from agenttune import steering
    from agenttune.cli.edit_words import is_edit, read_edits
    from agenttune.cli.opening import open_existing
    from agenttune.edits import edit_to_json

    words: list[str] = list(arguments.words)
    study = words.pop(0) if words and not is_edit(words[0]) else None
    with open_existing(arguments.store) as store:
        row = store.study(study)
        if arguments.list:
            return _list(store, row, is_json=arguments.json)
        if not words:
            raise UserError("give at least one edit, as in 'lr<=1e-2' or trials+=10; --list shows those there were")
        edits = read_edits(steering.current_terms(store, row), words)
        change = steering.preview_edit(store, row, edits).diff
        answer = None
        if may_go_on(arguments, change):
            answer = steering.edit(store, row, edits, by=arguments.by)
        contents = {"edits": [edit_to_json(edit) for edit in edits]}
    tell(arguments, row, "edit", {**contents, "diff": change.to_json()}, answer)
    return 0


def may_go_on(arguments: argparse.Namespace, change: Diff) -> bool:
    """Whether the change is sent: it is shown, and asked about at a terminal.

    Raises:
        UserError: there is no terminal to ask at, and nobody said --yes.
    """
    if not arguments.json:
        for line in change.text.splitlines():
            (put if arguments.dry_run else say)(clean(line))
    if arguments.dry_run:
        return False
    return arguments.yes or ask("change the study so?", way_out="--yes changes it, --dry-run only shows it")


def tell(
    arguments: argparse.Namespace, row: StudyRow, control: str, content: dict[str, object], answer: str | None
) -> None:
    """What came of it, on stdout."""
    if arguments.json:
        emit({"study": row.name, "id": row.id, "control": control, **content, "answer": answer})
    elif answer is not None:
        put(clean(f"{row.name}: {answer}"))
    elif not arguments.dry_run:
        say("nothing was changed")


def _list(store: Store, row: StudyRow, *, is_json: bool) -> int:
    import datetime
    from dataclasses import asdict

    entries = store.edits(row.id)
    undone_by = {entry.undoes: entry.edit_id for _, entry in entries if entry.undoes is not None}
    if is_json:
        for at, entry in entries:
            emit({"study": row.name, "at": at, **asdict(entry), "undone_by": undone_by.get(entry.edit_id)})
        return 0
    if not entries:
        put(f"study {clean(row.name)} was never edited")
        return 0
    rows = []
    for at, entry in entries:
        moment = datetime.datetime.fromtimestamp(at).strftime("%Y-%m-%d %H:%M:%S")
        rows.append([str(entry.edit_id), moment, entry.by, _standing(entry, undone_by), entry.summary])
    for line in table(["edit", "when", "by", "now", "what"], rows, right=frozenset(["edit"])):
        put(line)
    return 0


def _standing(entry: StudyEdited, undone_by: dict[int, int]) -> str:
    if entry.edit_id in undone_by:
        return f"undone by {undone_by[entry.edit_id]}"
    return "in force" if entry.undoes is None else f"undid {entry.undoes}"
