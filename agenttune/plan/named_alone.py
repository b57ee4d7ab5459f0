"""Parameters that a sentence names as what is to be tuned, without values: "tune C and gamma of an SVM", "over lr".

Nothing else is tuned then. Read after all ranges, so a name with values is no such one. Not for: ranges (ranges.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agenttune.plan.reader import Reader, compiled
from agenttune.plan.request import AskedRange

_VERBS = (
    r"(?:tun(?:e|ing)|optimi[sz](?:e|ing)|over|across|var(?:y|ying)|adjust(?:ing)?|chang(?:e|ing)|sweep(?:ing)?"
    r"|search(?:ing)?|explor(?:e|ing)|only|just)(?!\w)"
)
_LITTLE = r"(?:only|just|over|for|the|its|their|both|these|a|an|my|our|\x00+(?:['’]s)?)"
_KINDS = r"(?:(?:hyper-?)?param(?:eter)?s?\s*:?\s+)?"
_ALSO = r"(?:,?\s*and(?!\w)|&|\+|plus(?!\w))"
_AND = rf"\s*(?:{_ALSO}|,)\s*"
_DENIED = re.compile(r"(?:n['’]?t|not|never|without|no)\s+$", re.IGNORECASE)
_BEHIND = (
    r"(?=\s*(?:[.,;:!?)\n\x00]|$|(?:of|for|in|on|with|using|so|such|by|and\s+(?:minimi[sz]e|maximi[sz]e|improve|lower|reduce|raise|stop|use|run|keep)|at|within|over|until|per|to|only|please|too|as"
    r"|where|while|here|the)(?!\w)))(?!\s*(?:to|at|in|of|from|with|by|and|over)?\s*[\[({]?\s*\.?\d)"
)


def read_alone(reader: Reader, patterns: Mapping[str, str], ranges: Sequence[AskedRange]) -> list[AskedRange]:
    """The ranges, with the parameters that are named as what is to be tuned.

    Args:
        reader: of the sentence.
        patterns: parameter -> how it may be spelled.
        ranges: that were read.
    """
    if not patterns:
        return list(ranges)
    some = "|".join(sorted(patterns.values(), key=len, reverse=True))
    listed = rf"(?:the\s+|its\s+)?(?:{some})(?:{_AND}(?:the\s+|its\s+)?(?:{some}))*{_BEHIND}"
    leads = (rf"(?<!\w){_VERBS}\s+(?:{_LITTLE}\s+)*{_KINDS}", r"^\s*", rf"(?<=\x00)\s*{_ALSO}\s*")
    named: list[str] = []
    for lead in leads:
        if reader.peek(lead) is None:  # the rest takes long to compile
            continue
        for match in compiled(rf"(?:{lead})({listed})").finditer(reader.peek_all()):
            if _DENIED.search(reader.text[: match.start()]) is None:
                reader.take_span(*match.span())
                named += [_spelt_so(item, patterns) for item in re.split(_AND, match[1], flags=re.IGNORECASE)]
    told = {asked.parameter for asked in ranges}
    kept = [asked.model_copy(update={"alone": True}) if asked.parameter in named else asked for asked in ranges]
    return kept + [AskedRange(parameter=name, alone=True) for name in dict.fromkeys(named) if name not in told]


def _spelt_so(item: str, patterns: Mapping[str, str]) -> str:
    """The parameter that an entry of the list spells."""
    bare = re.sub(r"^\s*(?:the|its)\s+", "", item.strip(), flags=re.IGNORECASE)
    return next(name for name, pattern in patterns.items() if re.fullmatch(pattern, bare, re.IGNORECASE))
