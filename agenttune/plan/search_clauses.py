"""Clauses of a request that say how to search: who proposes, and which trials are stopped early.

Like those of clauses.py, each function takes its words away from the reader and returns what they say.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from agenttune.errors import RequestNotUnderstood
from agenttune.plan.clauses import TRIALS
from agenttune.plan.reader import Reader, first, same
from agenttune.plan.words import NUMBER

_PROPOSERS = (
    ("random", r"random\s+(?:search|sampling)"),
    (
        "sobol",
        r"sobol(?:\s+(?:sequences?|points|sampling|search))?|quasi[-\s]?random(?:\s+(?:search|sampling|points))?",
    ),
    ("tpe", r"tpe|(?:tree[-\s]structured\s+)?parzen\s+estimators?"),
    ("gp", r"gaussian\s+process(?:es)?|gp(?=\s+(?:surrogate|proposer|model))"),
    ("auto", r"bayesian\s+(?:optimi[sz]ation|search|tuning|methods?|hpo)"),
)
"""(proposer, how people call it); of Bayesian optimisation the plan chooses which."""


def proposer(reader: Reader) -> str | None:
    """ "use TPE", "plain random search is fine"; what is denied or judged is left to be asked about."""
    found: list[str | None] = []
    for name, words in _PROPOSERS:
        shape = rf"(?:{words})(?:\s+(?:sampler|algorithm|surrogate|proposer|method))?(?!\w)"
        denied = rf"(?<!\w)(?:not|no|n't|never|without|than|of|beat\w*|versus|vs\.?)\s+(?:\w+\s+){{0,2}}{shape}"
        denied += rf"|{shape}\s+(?:is\s+|was\s+)?(?:not|n't|too|never)"
        if not reader.peek(denied) and reader.take(
            rf"(?<!\w)(?:(?:use|using|with|via|by|do|through|a|the|just|plain|pure|simple|good\s+old)\s+)*{shape}"
            r"(?:\s+(?:is\s+fine|will\s+do|is\s+enough|suffices)(?!\w))?"
        ):
            found.append(name)
    if reader.peek(rf"(?<![\w.-]){NUMBER}(?:\s+|-)(?:(?:different|independent|separate)\s+)*random\s+{TRIALS}"):
        found.append("random")  # and `trials` reads it
    return same("proposer", found)


_BAD = (
    r"(?:(?:clearly|obviously|really)\s+)?(?:bad|poor|hopeless|unpromising|weak|losing|worst|worse|failing)"
    r"(?:[-\s](?:looking|performing))?"
)
_STOPS = r"(?:stop|kill|cut|abort|end|terminate|halt|cancel|early[\s-]stop)"
_BAD_TRIALS = (
    rf"(?:(?:the|all|any|those)\s+)*(?:{_BAD}\s+(?:ones|{TRIALS})"
    rf"|{TRIALS}\s+that\s+(?:look|do|perform|go|are)\s+{_BAD}(?:ly)?)"
)
_PRUNES = rf"(?:pruning(?:\s+of)?|prune)(?:\s+(?:{_BAD_TRIALS}|{TRIALS}))?"
_ENDS = r"(?=\s*(?:[,.;:!?)\x00]|$|(?:and|please|so)(?!\w)|(?:for|of|on|in)\s+\x00))"


def _stopping(reader: Reader, owned: Collection[str]) -> str | None:
    """The scheduler of "use early stopping", "prune bad trials"; "fifo" of "without early stopping".

    What a clause says of one run's own stopping is left unread: "early stopping with patience 5".
    """
    is_own = any(re.search(r"early|patience|prun", name, re.IGNORECASE) for name in owned)
    noun = "(?!)" if is_own else rf"(?:early[\s-]+stopping(?:\s+of\s+(?:{_BAD_TRIALS}|{TRIALS}))?|{_PRUNES})"
    denied = (
        rf"(?:without|no|not|never|don'?t|do\s+not|disable|(?:turn|switch)\s+off)\s+(?:(?:use|using|do|any|apply)\s+)*"
        rf"(?:{noun}|{_STOPS}(?:ping)?\s+(?:(?:the|any|a|{_BAD})\s+)*(?:trial|{TRIALS})\s+early)"
    )
    if reader.take(rf"(?<!\w){denied}{_ENDS}"):
        return "fifo"
    asked = (
        rf"(?:(?<!\w)(?:with|use|using|do|apply|enable|by|and|please|want)|^|(?<=[,;.(:]))\s*(?:(?:some|the|please)\s+)*"
        rf"(?:{noun}|{_STOPS}(?:ping)?\s+{_BAD_TRIALS}(?:\s+(?:early|quickly|soon))?)"
    )
    return "median" if reader.take(f"{asked}{_ENDS}") else None


def scheduler(reader: Reader, owned: Collection[str] = ()) -> str | None:
    """ "asha as the scheduler", "scheduler: median", "successive halving", "use early stopping".

    Args:
        reader: of the sentence.
        owned: names of parameters.
    """
    names = {
        "asha": "asha",
        "successive halving": "asha",
        "median": "median",
        "median stopping": "median",
        "fifo": "fifo",
    }
    known = rf"({'|'.join(text.replace(' ', '[ -]') for text in sorted(names, key=len, reverse=True))})"
    start, noun = r"(?:(?:with|use|using)\s+(?:the\s+)?)?", r"(?:scheduler|scheduling|pruner|pruning)(?!\w)"
    found = first(reader, rf"{start}{known}\s+(?:as\s+(?:the\s+|a\s+)?)?{noun}", str) or first(
        reader, rf"(?:the\s+)?{noun}\s*(?:[:=]|is|should\s+be)?\s*{known}(?!\w)", str
    )
    if found is None:
        found = first(
            reader,
            rf"{start}(asha|successive[ -]halving|median[ -]stopping|median(?=[ -]rule))(?:[ -]rule)?(?![\w-])",
            str,
        )
    if found is None and (other := reader.peek(r"(?<!\w)(?:hyperband|bohb)(?![\w-])")):
        raise RequestNotUnderstood(
            f"no scheduler is called {other[0]!r}: choose asha, median or fifo",
            fragments=(other[0],),
            fields=("scheduler",),
        )
    named, stopping = None if found is None else names[re.sub(r"[\s-]+", " ", found.lower())], _stopping(reader, owned)
    return named if named is not None and stopping == "median" else same("scheduler", [named, stopping])
