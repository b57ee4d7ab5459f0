"""`agenttune importance [STUDY]`: how much each parameter separates the best trials from the rest."""

from __future__ import annotations

import argparse

from agenttune.cli.console import cells, emit, pad, put, say, width
from agenttune.cli.options import add_store, add_study
from agenttune.visible import clean

DESCRIPTION = "Shares by PED-ANOVA, as bars: a statement about the trials of this study, not about the objective."
BAR_CELLS = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    add_study(parser)
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints the shares, largest first."""
    from agenttune.cli.opening import open_existing
    from agenttune.cli.quiet import quiet_libraries
    from agenttune.history import read_view

    with open_existing(arguments.store) as store:
        row = store.study(arguments.study)
        view = read_view(store, row)
    quiet_libraries()
    from agenttune.insight.importance import importance

    found = importance(view)
    if arguments.json:
        emit({"study": row.name, "id": row.id, "n_trials": found.n_trials, "importance": dict(found.shares)})
        return 0
    for line in bars(found.shares):
        put(line)
    say(f"from {found.n_trials} complete trials, by PED-ANOVA")
    return 0


def bars(shares: dict[str, float]) -> list[str]:
    """`name  ████████  42%`; the largest share fills the bar."""
    names = {name: clean(name) for name in shares}
    label = min(max(map(cells, names.values()), default=0), width() // 3)
    room = max(8, min(BAR_CELLS, width() - label - 9))
    largest = max(shares.values(), default=0.0) or 1.0
    return [
        f"{pad(names[name], label)}  {share:4.0%}  {'█' * round(room * share / largest)}".rstrip()
        for name, share in shares.items()
    ]
