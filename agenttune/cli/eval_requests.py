"""`agenttune models eval-requests [SPEC]`: how well labelled requests are understood, by the grammar or by a model."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from agenttune.cli.console import emit, put, put_labelled, say, table
from agenttune.cli.format import parse_positive
from agenttune.cli.hosts import telling_progress
from agenttune.errors import BudgetExhausted, ModelError
from agenttune.visible import clean

if TYPE_CHECKING:
    from agenttune.budget import Spending
    from agenttune.plan.cases import Case
    from agenttune.plan.scoring import Reader, Scored, Tally
    from agenttune.types import Json

GRAMMAR = "the offline grammar"
EVERY = 10
"""Cases between two lines of progress."""
LONGEST_SAID = 300
"""Characters of a question that are shown."""
SPLITS: dict[str, Callable[[Case], str]] = {
    "kind": lambda case: "needs a question" if case.asks else "complete",
    "language": lambda case: case.language,
    "domain": lambda case: case.domain,
}
"""What the requests are also counted by."""


def add_arguments(group: argparse._ActionsContainer) -> None:
    """Declares the arguments of this action."""
    group.add_argument(
        "--part",
        choices=("development", "held-out", "all"),
        default="development",
        help="which labelled requests (default development: what is held out is not for looking at)",
    )
    group.add_argument("--limit", type=parse_positive, metavar="N", help="the first N requests only")
    group.add_argument("--misses", action="store_true", help="list the requests that were not understood whole")


def run(arguments: argparse.Namespace) -> int:
    """Reads every request and tells what was right; 1 if it ended before the last one.

    Raises:
        UserError: the spelling is none, or settings or prices hold a mistake.
    """
    from agenttune.plan.scoring import read_by_grammar

    cases = _cases(arguments.part, arguments.limit)
    if arguments.spec is None:
        scored, spent = _score(cases, read_by_grammar), None
    else:
        scored, spent = _score_model(cases, arguments)
    if arguments.json:
        emit(_as_json(arguments, scored, spent))
    else:
        _put(arguments, scored, spent)
    return 0 if len(scored) == len(cases) else 1


def _cases(part: str, limit: int | None) -> tuple[Case, ...]:
    from agenttune.plan.cases import FILES, load_cases

    return tuple(case for name in FILES if part in (name, "all") for case in load_cases(name))[:limit]


def _score(cases: Sequence[Case], reader: Reader) -> list[Scored]:
    """Of the cases in order, as far as the bounds allow and the model can be asked."""
    from agenttune.plan.scoring import run_case

    scored: list[Scored] = []
    try:
        for case in cases:
            scored.append(run_case(case, reader))
            if len(scored) % EVERY == 0:
                n_whole = sum(entry.is_whole for entry in scored)
                say(f"{len(scored)} of {len(cases)} requests, {n_whole} understood whole")
    except (BudgetExhausted, ModelError) as error:
        say(f"ended after {len(scored)} of {len(cases)} requests: {error}")
    return scored


def _score_model(cases: Sequence[Case], arguments: argparse.Namespace) -> tuple[list[Scored], Spending]:
    """(scores, what the model's requests cost)."""
    from agenttune.cli.opening import store_path
    from agenttune.plan.model_choice import ModelChoice
    from agenttune.plan.scoring import reader_of
    from agenttune.plan.understanding import open_reader
    from agenttune.store import Store

    limits = ("max_dollars", "max_requests", "max_tokens")
    choice = ModelChoice(**{name: getattr(arguments, name) for name in limits})
    with Store.open(store_path(arguments.store)) as store, telling_progress():
        before = store.spent(None)
        reader = open_reader(store, arguments.spec, choice)
        scored = _score(cases, reader_of(reader))
        return scored, _difference(store.spent(None), before)


def _difference(after: Spending, before: Spending) -> Spending:
    from agenttune.budget import Spending

    tokens = None if after.tokens is None or before.tokens is None else after.tokens - before.tokens
    dollars = None if after.dollars is None or before.dollars is None else after.dollars - before.dollars
    return Spending(after.requests - before.requests, tokens, dollars)


def _as_json(arguments: argparse.Namespace, scored: Sequence[Scored], spent: Spending | None) -> dict[str, Json]:
    from agenttune.plan.scoring import tally

    counted = tally(scored)
    split: dict[str, Json] = {
        f"{title}s": {name: _verdicts(entry) for name, entry in _by(scored, key).items()}
        for title, key in SPLITS.items()
    }
    told: dict[str, Json] = {
        "reader": arguments.spec or GRAMMAR,
        "part": arguments.part,
        **_verdicts(counted),
        "fields": {name: dict(counter) for name, counter in counted.fields.items()},
        **split,
    }
    if spent is not None:
        told |= {"requests": spent.requests, "tokens": spent.tokens, "dollars": spent.dollars}
    if arguments.misses:
        told["misses"] = [
            {
                "id": entry.case.id,
                "turns": list(entry.case.turns),
                "verdicts": [list(pair) for pair in entry.verdicts],
                "asked": [*sorted(entry.reading.asked)],
                "said": clean(entry.reading.said),
            }
            for entry in scored
            if not entry.is_whole
        ]
    return told


def _verdicts(counted: Tally) -> dict[str, Json]:
    return {
        "n": counted.n,
        "whole": counted.n_whole,
        "asked": counted.n_asked,
        "missed": counted.n_missed,
        "wrong": counted.n_wrong,
    }


def _by(scored: Sequence[Scored], key: Callable[[Case], str]) -> dict[str, Tally]:
    from agenttune.plan.scoring import tally

    names = dict.fromkeys(key(entry.case) for entry in scored)
    return {name: tally(entry for entry in scored if key(entry.case) == name) for name in names}


def _put(arguments: argparse.Namespace, scored: Sequence[Scored], spent: Spending | None) -> None:
    from agenttune.plan.scoring import VERDICTS, tally

    counted = tally(scored)
    put_labelled("reader", f"{arguments.spec or GRAMMAR} · {arguments.part} · {counted.n} requests")
    put_labelled(
        "requests",
        f"{_share(counted.n_whole, counted.n)} understood whole · {counted.n_asked} asked back instead · "
        f"{counted.n_missed} missed something · {counted.n_wrong} wrong without a question",
    )
    if spent is not None:
        put_labelled("cost", _cost_words(spent))
    put()
    rows = [[name, *(str(counter[verdict]) for verdict in VERDICTS)] for name, counter in counted.fields.items()]
    totals = counted.counts()
    rows.append(["all fields", *(str(totals[verdict]) for verdict in VERDICTS)])
    for line in table(["field", *VERDICTS], rows, right=frozenset(VERDICTS)):
        put(line)
    for title, key in SPLITS.items():
        put()
        rows = [[name, *map(str, _verdicts(entry).values())] for name, entry in _by(scored, key).items()]
        for line in table([title, *_verdicts(counted)], rows, right=frozenset(_verdicts(counted))):
            put(line)
    if arguments.misses:
        _put_misses(scored)


def _put_misses(scored: Sequence[Scored]) -> None:
    for entry in scored:
        if entry.is_whole:
            continue
        put()
        put_labelled(entry.case.id, " / ".join(entry.case.turns))
        amiss = [f"{name}: {verdict}" for name, verdict in entry.verdicts if verdict != "correct"]
        amiss += [f"{entry.n_needless} needless"] if entry.n_needless else []
        put_labelled("", " · ".join(amiss))
        if entry.reading.said:
            put_labelled("said", clean(entry.reading.said)[:LONGEST_SAID])


def _cost_words(spent: Spending) -> str:
    from agenttune.replies.costs import counted, spell_dollars

    tokens = "tokens not told" if spent.tokens is None else counted(spent.tokens, "token")
    return f"{counted(spent.requests, 'request')} · {tokens} · {spell_dollars(spent.dollars)}"


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole}" + (f" ({100 * part / whole:.0f}%)" if whole else "")
