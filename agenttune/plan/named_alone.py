"""Parameters that a sentence names as what is to be tuned, without values: "tune C and gamma of an SVM", "over lr".

Nothing else is tuned then, and everything in such a list is a parameter. Read after all ranges, so a name with values
is no such one. Not for: ranges (ranges.py).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence

from agenttune.errors import RequestNotUnderstood
from agenttune.plan.harmless import NOUNS, RELATED
from agenttune.plan.reader import FILLERS, NEGATIONS, Reader, compiled
from agenttune.plan.request import AskedRange

TUNE = (
    r"(?:tun(?:e|ing)|optimi[sz](?:e|ing)|over|across|var(?:y|ying)|adjust(?:ing)?|chang(?:e|ing)|sweep(?:ing)?"
    r"|search(?:ing)?|explor(?:e|ing)|only|just)(?!\w)"
)
_LITTLE = r"(?:only|just|over|for|the|its|their|both|these|a|an|my|our|\x00+(?:['’]s)?)"
_KINDS = r"(?:(?:hyper-?)?param(?:eter)?s?\s*:?\s+)?"
_ALSO = r"(?:,?\s*and(?:\s+also)?(?!\w)|&|\+|plus(?!\w)|,(?=\s*etc(?!\w)))"
_AND = rf"\s*(?:(?P<also>{_ALSO})|,)\s*"
_LEADS = (rf"(?<!\w){TUNE}\s+(?:{_LITTLE}\s+)*{_KINDS}", r"^\s*", rf"(?<=\x00)\s*{_ALSO}\s*")
_DENIED = re.compile(r"(?:n['’]?t|not|never|without|no)\s+$", re.IGNORECASE)
_NEXT = (
    r"(?:of|for|in|on|with|using|so|such|by|at|within|over|until|per|to|only|please|too|as|where|while|here|the)(?!\w)"
)
_NOTHING = rf"(?:\s+the)+\s*(?:[.,;:!?)\n]|$|{_NEXT})"
"""What a noun of another language that names nothing comes to (languages.py)."""
_BEHIND = (
    rf"(?=\s*(?:[.,;:!?)&+\n\x00]|$|(?:and|plus)(?!\w)(?!{_NOTHING})|{_NEXT}))"
    r"(?!\s*(?:to|at|in|of|from|with|by|and|over)?\s*[\[({]?\s*\.?\d)"
)
_THE = r"(?:the\s+|its\s+)?"
_WORD = rf"(?!and(?!\w)|plus(?!\w)|{_NEXT})[a-z_][\w-]*"
_OTHER = rf"{_THE}(so\s+on|(?:number\s+of\s+)?{_WORD}(?:\s+{_WORD}){{0,2}}?){_BEHIND}"
"""What stands in a list and is no parameter that is known."""
_CLAUSE = (
    (FILLERS - NOUNS - {"so", "etc", "everything"})
    | NEGATIONS
    | RELATED["direction"]
    | {"stop", "keep", "leave", "nothing"}
)
"""How something else than a name begins: "tune lr and report the loss"; "and so on" asks for more of them."""


def read_alone(
    reader: Reader, patterns: Mapping[str, str], ranges: Sequence[AskedRange], *, owner: str
) -> list[AskedRange]:
    """The ranges, with the parameters that are named as what is to be tuned.

    Args:
        reader: of the sentence.
        patterns: parameter -> how it may be spelled.
        ranges: that were read.
        owner: whose parameters they are, as people call it.

    Raises:
        RequestNotUnderstood: something in a list of them is no parameter.
    """
    if not patterns:
        return list(ranges)
    named: list[str] = []
    for lead in _LEADS:
        for match in compiled(lead).finditer(reader.peek_all()):
            entries, end = _list_at(reader.peek_all(), match.end(), patterns)
            if all(name is None for _, name in entries) or _DENIED.search(reader.text[: match.start()]):
                continue
            for words, name in entries:
                if name is None:
                    raise no_such_parameter(words, patterns, owner=owner)
                named.append(name)
            reader.take_span(match.start(), end)
    told = {asked.parameter for asked in ranges}
    kept = [asked.model_copy(update={"alone": True}) if asked.parameter in named else asked for asked in ranges]
    return kept + [AskedRange(parameter=name, alone=True) for name in dict.fromkeys(named) if name not in told]


def no_such_parameter(asked: str, known: Iterable[str], *, owner: str) -> RequestNotUnderstood:
    """What is said of a name that is none of the parameters."""
    names = sorted(known)
    nearest = difflib.get_close_matches(re.sub(r"[\s-]", "_", asked.lower()), names, n=1, cutoff=0.6)
    hint = f"did you mean {nearest[0]}?" if nearest else f"it has {', '.join(names)}"
    return RequestNotUnderstood(f"{owner} has no parameter {asked!r}; {hint}", fragments=(asked,))


def _list_at(text: str, start: int, patterns: Mapping[str, str]) -> tuple[list[tuple[str, str | None]], int]:
    """((words, the parameter that they spell) of each entry of the list that begins there, where it ends).

    A name that is no parameter belongs to it between two others, after "and", or before "of".
    """
    some = "|".join(sorted(patterns.values(), key=len, reverse=True))
    parameter = compiled(rf"{_THE}({some}){_BEHIND}")
    entries: list[tuple[str, str | None]] = []
    n_sure, end, at, is_joined = 0, start, start, False
    while match := parameter.match(text, at) or compiled(_OTHER).match(text, at):
        is_known = match.re is parameter
        if not is_known and match[1].split()[0].lower() in _CLAUSE:
            break
        entries.append((match[1], _spelt_so(match[1], patterns) if is_known else None))
        if is_known or is_joined or compiled(r"\s+of(?!\w)").match(text, match.end()):
            n_sure, end = len(entries), match.end()
        joint = compiled(_AND).match(text, match.end())
        if joint is None:
            break
        at, is_joined = joint.end(), joint["also"] is not None
    return entries[:n_sure], end


def _spelt_so(words: str, patterns: Mapping[str, str]) -> str:
    """The parameter that the words spell."""
    return next(name for name, pattern in patterns.items() if re.fullmatch(pattern, words, re.IGNORECASE))
