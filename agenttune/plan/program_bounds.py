"""What a sentence says of bounds on the metrics of a program: "keep p99_ms under 20", "no more than 2 errors".

Not for: the metric that is improved (program_goals.py), bounds on parameters (ranges.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agenttune.errors import RequestNotUnderstood
from agenttune.plan.goals import NO_COUNT
from agenttune.plan.programs import Program
from agenttune.plan.reader import FILLERS, Reader
from agenttune.plan.words import NUMBER, read_number

NAME = r"(?<![\w{-])([A-Za-z_]\w*)(?![\w}])"
STOP = (
    r"\s*,?\s*(?:(?:and|then|so|please|you\s+(?:can|may|might|should)|we\s+can|it\s+(?:can|may))\s+)*stop(?!\w)"
    r"(?!\s+(?:at|when|once|if|as\s+soon|after|by|before|until|any|all|each|every|a|the)(?!\w))"
)
PLAIN_METRICS = frozenset("score value objective result outcome quality performance output".split())
"""Words that may name a metric, though they mostly ask for nothing."""
_MOVES = frozenset("drop fall rise climb sink dip grow drops falls rises climbs sinks dips grows down up".split())
"""Words before a bound that name no metric: "it should drop below 0.3"."""
_COMPARISONS = (
    (r"<=|≤|at\s+most|no\s+more\s+than|not\s+more\s+than|at\s+or\s+below|up\s+to|not\s+(?:above|over|exceeding)", "<="),
    (r">=|≥|at\s+least|no\s+less\s+than|not\s+less\s+than|at\s+or\s+above|not\s+below", ">="),
    (r"<|below|under|beneath|less\s+than|lower\s+than|smaller\s+than|fewer\s+than|shorter\s+than", "<"),
    (r">|above|over|more\s+than|higher\s+than|greater\s+than|larger\s+than|bigger\s+than|beyond", ">"),
)
_AFTER = (
    (r"at\s+most|or\s+(?:less|lower|fewer|smaller|below|under)|max(?:imum)?", "<="),
    (r"at\s+least|or\s+(?:more|higher|above|larger|over|greater)|min(?:imum)?", ">="),
)
"""The same behind the number: "0.05 or less"."""
_OVER = r"above|over|beyond|past|exceeding|more\s+than|higher\s+than|greater\s+than|larger\s+than|>=?"
_UNDER = r"below|under|beneath|less\s+than|lower\s+than|smaller\s+than|<=?"
_UNITS = {
    "ms": r"ms|milliseconds?|msec",
    "s": r"s|secs?|seconds?",
    "gb": r"gb|gib|gigabytes?",
    "mb": r"mb|mib|megabytes?",
    "kb": r"kb|kib|kilobytes?",
}
"""Part of a metric's name that is a unit -> how the unit is written."""
_UNIT = rf"(?:\s*({'|'.join(_UNITS.values())}|degrees|req/s|rps|tps|qps)(?:\s+of\s+(?:memory|ram))?(?!\w))?"
_NO_STOP = "".join(
    rf"(?<!{words})"
    for ending in ("", r"the\s")
    for words in (
        *(rf"{word}\s{ending}" for word in ("until", "till", "once")),
        rf"as\ssoon\sas\s{ending}",
        *(
            rf"{verb}\s{word}\s{ending}"
            for verb in ("stop", "stopping", "quit", "halt", "done")
            for word in ("when", "if", "at")
        ),
    )
)
"""Not behind words that make a bound the value at which to stop."""
_MIDDLE = (
    r"(?:\s*,(?=\s)|\s+(?:must|has|have|needs?|should|shall|may|can|will|ought|the|to|be|stay|stays|staying|is"
    r"|are|remain|remains|kept|go|get|goes|gets|being|of"
    r"|never|always|not\s+worse\s+than|strictly|still|in\s+turn|which|that|it|this|,)(?!\w))*"
)


def sure_bounds(reader: Reader, program: Program) -> tuple[str, ...]:
    """Bounds on names that are metrics for sure; to be asked before memory and time, whose units they may have."""
    names = [name for name in re.findall(NAME, reader.peek_all()) if name not in program.options]
    plain = {name.lower() for name in program.printed}
    sure = sorted({name for name in names if name.lower() in plain or "_" in name}, key=len, reverse=True)
    if not sure:
        return ()
    found = read_bounds(reader, rf"(?<![\w{{-])({'|'.join(map(re.escape, sure))})(?![\w}}])", is_sure=True)
    spelt = {name.lower(): name for name in program.printed}
    parts = [text.partition(" ") for text in found]
    return tuple(f"{spelt.get(name.lower(), name)} {rest}" for name, _, rest in parts)


def read_bounds(reader: Reader, name: str = NAME, *, is_sure: bool = False) -> tuple[str, ...]:
    """Every bound on a metric, "latency_ms < 20".

    Args:
        reader: of the sentence.
        name: the metrics, as a pattern with one group.
        is_sure: whether those are metrics and nothing else.

    Raises:
        RequestNotUnderstood: it is on nothing in particular, or in another unit than the metric's.
    """
    start = (
        r"(?:(?:keep(?:ing)?|hold(?:ing)?|with|but|also|and|while|where|if|requir(?:e|es|ing)|demand|insist\s+on|given"
        r"|ensure|make\s+sure|that|the|a|an)\s+)*"
    )
    found = list(_avoided(reader, name))
    for words, sign in _COMPARISONS:
        side = rf"(?:{words})\s*({NUMBER}){_UNIT}"
        for match in reader.take_all(
            rf"(?<!\w){_NO_STOP}{start}{_NO_STOP}{name}{_MIDDLE}\s*"
            rf"{side}(?!\w){NO_COUNT}(?!{STOP})(?!\s+(?:is\s+)?(?:good\s+)?enough)"
            r"(?:\s+is\s+(?:a\s+|the\s+)?(?:must|hard\s+(?:limit|constraint|requirement)|required|mandatory))?",
            needs=side,
        ):
            if not is_sure and match[1].lower() in (FILLERS - PLAIN_METRICS) | _MOVES:
                raise RequestNotUnderstood(f"which metric is meant by {match[0]!r}?", fields=("constraints",))
            found.append(_bound(match[1], sign, match[2], match[3]))
        if is_sure:
            turned = rf"(?<!\w)(?:with\s+)?{side}\s+(?:of\s+|for\s+)?{name}(?!{STOP})"
            for match in reader.take_all(turned, needs=side):
                found.append(_bound(match[3], sign, match[1], match[2]))
    for words, sign in _AFTER if is_sure else ():
        side = rf"({NUMBER}){_UNIT}\s+(?:{words})(?!\w)(?!\s*\d)(?!{STOP})"
        for match in reader.take_all(
            rf"(?<!\w){_NO_STOP}{start}{_NO_STOP}{name}{_MIDDLE}\s*[:=]?\s*{side}", needs=side
        ):
            found.append(_bound(match[1], sign, match[2], match[3]))
    return tuple(found)


def require_possible(found: Sequence[str]) -> None:
    """Refuses bounds that leave nothing: "drag < .03" and "drag > .05".

    Raises:
        RequestNotUnderstood: there are some.
    """
    for text in found:
        name, sign, bound = text.split()
        for other in found:
            other_name, other_sign, other_bound = other.split()
            if name == other_name and sign[0] == "<" and other_sign[0] == ">" and float(bound) <= float(other_bound):
                raise RequestNotUnderstood(f"{text} and {other} cannot both hold: say one", fields=("constraints",))


# -- pieces ----------------------------------------------------------------------------------------


def _avoided(reader: Reader, name: str) -> Iterator[str]:
    """Bounds on what is not to be: "without p99_ms going over 20", "reject anything with max_dd above 0.15"."""
    going = (
        r"(?:\s+(?:ever|going|getting|rising|climbing|being|growing|becoming|falling|dropping|sinking|dipping|that|is|are"
        r"|goes|gets|rises|climbs|falls|drops|of)(?!\w))*"
    )
    anything = (
        r"(?:any(?:thing|one)?|every(?:thing)?|all|runs?|trials?|configs?|configurations?|settings?|results?|those)"
    )
    what = (
        r"(?:without\s+(?:(?:the|my|our|letting|having)\s+)*"
        rf"|(?:reject|discard|throw\s+(?:out|away)|rule\s+out|disregard|dismiss)\s+(?:{anything}\s+)*"
        r"(?:(?:with|where|whose|for\s+which|in\s+which|that\s+has|that\s+have)\s+)?(?:the\s+|an?\s+)?)"
    )
    cap = r"(?:cap(?:ping)?|limit(?:ing)?|restrict(?:ing)?)\s+"
    capped = rf"(?<!\w){cap}(?:the\s+)?{name}\s+(?:at|to)\s+({NUMBER}){_UNIT}(?!\w){NO_COUNT}"
    for match in reader.take_all(capped, needs=cap):
        yield _bound(match[1], "<=", match[2], match[3])
    for words, sign in ((_OVER, "<="), (_UNDER, ">=")):
        shape = rf"(?<!\w){what}{name}{going}\s*(?:{words})\s*({NUMBER}){_UNIT}(?!\w){NO_COUNT}"
        for match in reader.take_all(shape, needs=what):
            yield _bound(match[1], sign, match[2], match[3])


def _bound(name: str, sign: str, number: str, unit: str | None) -> str:
    """A bound as an expression.

    Raises:
        RequestNotUnderstood: "latency_ms under 2 s": whether 2 or 2000 is meant is not ours to tell.
    """
    parts = set(name.lower().split("_")) & set(_UNITS)
    if unit and parts and not any(re.fullmatch(_UNITS[part], unit, re.IGNORECASE) for part in parts):
        raise RequestNotUnderstood(
            f"{name} has another unit than {unit!r}: say the bound in it", fields=("constraints",)
        )
    value = re.sub(r"e([+-])0+(?=\d)", r"e\1", f"{read_number(number):g}")
    return f"{name} {sign} {value}"
