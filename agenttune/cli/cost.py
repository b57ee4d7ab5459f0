"""`agenttune cost [STUDY]`: what was asked of language models, and what it cost."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from agenttune.cli.console import emit, put, put_labelled, say, table
from agenttune.cli.options import add_store
from agenttune.types import Json

if TYPE_CHECKING:
    from agenttune.budget import Budget, Spending
    from agenttune.replies.costs import Costs
    from agenttune.spec import StudyRow
    from agenttune.store import Store

DESCRIPTION = (
    "Requests to language models, tokens, US dollars and verdicts, of one study or of all. Requests that are not "
    "settled count at their worst case; a price that is not known is unknown, never 0."
)
OUTSIDE = "outside any study"
UNSETTLED = "under way, stopped, or their process died"
BOUNDS = ("requests", "tokens", "dollars")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("study", nargs="?", metavar="STUDY", help="name or unique prefix (default: all, and the day)")
    add_store(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints the costs of one study, or of all that asked a model."""
    from agenttune.cli.opening import open_existing
    from agenttune.replies.costs import costs_of

    with open_existing(arguments.store) as store:
        if arguments.study is not None:
            row = store.study(arguments.study)
            costs = costs_of(store, row.id)
            if arguments.json:
                emit(_entry(row, costs))
            else:
                _put_study(row, costs)
            return 0
        rows: list[StudyRow | None] = [*store.studies(), None]
        found = [(row, costs_of(store, None if row is None else row.id)) for row in rows]
        _put_all([entry for entry in found if entry[1].spent.requests or entry[1].n_reused], store, json=arguments.json)
    return 0


def _put_all(found: list[tuple[StudyRow | None, Costs]], store: Store, *, json: bool) -> None:
    from agenttune.settings import load_settings

    today, caps = store.spent_today(), load_settings().daily
    if json:
        for row, costs in found:
            emit(_entry(row, costs))
        emit({"today": _spending(today), "per_day": _bounds(caps)})
        return
    if not found:
        say(f"no model was asked yet in {store.path}")
        return
    for line in table(
        ["study", "requests", "tokens", "dollars", "verdicts"],
        [_row(row, costs) for row, costs in found],
        right=frozenset({"requests", "tokens", "dollars"}),
    ):
        put(line)
    open_ones = sum(costs.unsettled.requests for _, costs in found)
    if open_ones:
        say(f"{open_ones} of them not settled: {UNSETTLED}; they count at their worst case")
    put_labelled("today", f"{_against(today, caps)} (all studies, until 00:00 UTC)")


def _put_study(row: StudyRow, costs: Costs) -> None:
    from agenttune.replies.costs import spell_spending

    put_labelled("study", row.name)
    put_labelled("spent", _against(costs.spent, row.spec.budget))
    put_labelled("tokens", _usage_line(costs))
    put_labelled("verdicts", _verdicts(costs) or "none yet")
    if costs.n_reused:
        put_labelled("reused", f"{costs.n_reused:,} of them: replies that other studies had got; nothing was sent")
    if costs.unsettled.requests:
        put_labelled("not settled", f"{spell_spending(costs.unsettled)} at worst: {UNSETTLED}")


def _against(spent: Spending, budget: Budget) -> str:
    """`7 of 10 requests, 12,345 tokens, $0.0312 of $2.00`."""
    from agenttune.replies.costs import counted, spell_dollars, spell_tokens

    requests = counted(spent.requests, "request")
    if budget.requests is not None:
        requests = f"{spent.requests:,} of {counted(budget.requests, 'request')}"
    tokens = spell_tokens(spent.tokens) + (f" of {budget.tokens:,}" if budget.tokens is not None else "")
    dollars = spell_dollars(spent.dollars)
    if budget.dollars is not None:
        dollars += f" of {spell_dollars(budget.dollars)}"
    return f"{requests}, {tokens}, {dollars}"


def _usage_line(costs: Costs) -> str:
    from agenttune.replies.costs import KINDS, counted

    told = ", ".join(f"{costs.usage[kind]:,} {kind}" for kind in KINDS if kind in costs.usage)
    untold = f"{counted(costs.n_untold, 'request')} without a count" if costs.n_untold else ""
    return "; ".join(part for part in (told, untold) if part) or "none told"


def _verdicts(costs: Costs) -> str:
    return ", ".join(f"{count} {verdict}" for verdict, count in costs.verdicts.items())


def _verdicts_of_row(costs: Costs) -> str:
    return _verdicts(costs) + (f" ({costs.n_reused:,} reused)" if costs.n_reused else "")


def _row(row: StudyRow | None, costs: Costs) -> list[str]:
    from agenttune.replies.costs import spell_dollars

    spent = costs.spent
    return [
        OUTSIDE if row is None else row.name,
        f"{spent.requests:,}",
        "unknown" if spent.tokens is None else f"{spent.tokens:,}",
        "unknown" if spent.dollars is None else spell_dollars(spent.dollars),
        _verdicts_of_row(costs),
    ]


def _entry(row: StudyRow | None, costs: Costs) -> dict[str, Json]:
    return {
        "study": None if row is None else row.name,
        "id": None if row is None else row.id,
        **_spending(costs.spent),
        "usage": dict(costs.usage),
        "n_untold": costs.n_untold,
        "n_reused": costs.n_reused,
        "verdicts": dict(costs.verdicts),
        "unsettled": _spending(costs.unsettled),
        "budget": None if row is None else _bounds(row.spec.budget),
    }


def _spending(spent: Spending) -> dict[str, Json]:
    return asdict(spent)


def _bounds(budget: Budget) -> dict[str, Json]:
    return {name: getattr(budget, name) for name in BOUNDS}
