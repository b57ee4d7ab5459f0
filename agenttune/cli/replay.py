"""`agenttune replay [STUDY]`: makes every proposal of a study again from its record, and compares."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from agenttune.cli.console import emit, put, say
from agenttune.cli.format import parse_positive
from agenttune.cli.options import add_store, add_study
from agenttune.visible import clean

if TYPE_CHECKING:
    from agenttune.spec import StudyRow
    from agenttune.store import Store
    from agenttune.study.replay import Replayed
    from agenttune.types import Json

DESCRIPTION = """\
Makes every proposal of a study again in an empty store: the model's replies and the outcomes come from
the record, so that nothing is asked and nothing runs. Exit code 0 where all of it is as it was, 1 where
something differs: it says at which trial the difference begins, and whether in the prompt, the space or
the proposal.

With --until N --then SPEC the first N trials are replayed and the study goes on live from there with
another model, in the new store. What the old model offered and nobody has run yet stays on offer."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    add_study(parser)
    parser.add_argument("--into", metavar="PATH", help="store file to make (default: one in a temporary folder)")
    parser.add_argument("--until", type=parse_positive, metavar="N", help="the first N trials only")
    parser.add_argument("--then", metavar="SPEC", help="go on after them with this model, or `none`; needs --until")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Replays, tells what differs, and goes on where that is wanted.

    Raises:
        UserError: the study cannot be replayed.
    """
    from agenttune.cli.opening import open_existing
    from agenttune.cli.quiet import quiet_libraries
    from agenttune.errors import UserError
    from agenttune.plan.model_choice import going_on_with
    from agenttune.store import Store
    from agenttune.study.replay import replay

    if arguments.then is not None and arguments.until is None:
        raise UserError("`--then` needs to know how many trials to replay before: give `--until N`, too")
    quiet_libraries()
    with open_existing(arguments.store) as store:
        row = store.study(arguments.study)
        spec = None if arguments.then is None else going_on_with(row.spec, arguments.then)
        if spec is not None and spec.objective.get("type") == "told":
            raise UserError(
                f"study {row.name!r} is driven by `ask` and `tell` from Python, so that nothing can go on by itself: "
                "leave out `--then`, and go on in the new store by `Study.open`"
            )
        with Store.open(_path(arguments.into)) as into:
            replayed = replay(store, row, into, until=arguments.until)
            _tell(row, replayed, into.path, json=arguments.json)
            if spec is None:
                return 0 if replayed.difference is None else 1
            into.set_proposer(replayed.study_id, spec.proposer, spec.model)
            return _go_on(into, replayed, json=arguments.json)


def _path(given: str | None) -> Path:
    if given is not None:
        return Path(given).expanduser().absolute()
    return Path(tempfile.mkdtemp(prefix="agenttune-replay-")) / "agenttune.db"


def _go_on(into: Store, replayed: Replayed, *, json: bool) -> int:
    from agenttune.cli.running import drive

    return drive(into, into.study(replayed.study_id), json=json, detach=False)


def _tell(row: StudyRow, replayed: Replayed, path: Path, *, json: bool) -> None:
    found = replayed.difference
    if json:
        difference: dict[str, Json] | None = None
        if found is not None:
            difference = {"trial": found.number, "kind": found.kind, "text": found.text}
        content: dict[str, Json] = {
            "event": "Replayed",
            "study": row.name,
            "id": replayed.study_id,
            "store": str(path),
            "n_trials": replayed.n_trials,
            "n_replies": replayed.n_exchanges,
            "n_requests": 0,
            "is_identical": found is None,
            "difference": difference,
            "elapsed_s": round(replayed.elapsed_s, 3),
        }
        emit(content)
        return
    put(
        f"{clean(row.name)}: {replayed.n_trials} trials and {replayed.n_exchanges} replies of its model replayed in "
        f"{replayed.elapsed_s:.1f} s, 0 requests sent"
    )
    if found is None:
        put("identical: every proposal is the one of the record")
    else:
        put(clean(f"trial {found.number}: the {found.kind} differs: {found.text}"))
        say("from there on the record was copied, not made again")
    say(f"the new store: {path}")
