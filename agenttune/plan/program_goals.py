"""What a sentence says of the metric of a program: which it is, its direction, when to stop, bounds on others.

Metrics of programs have any names; what a script prints tells them. Not for: metrics of estimators (goals.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agenttune.errors import RequestNotUnderstood
from agenttune.goal import Direction
from agenttune.plan.goals import (
    AS_POSSIBLE,
    HIGH_WORDS,
    LOW_WORDS,
    MAXIMIZE,
    MINIMIZE,
    NO_COUNT,
    better_is,
    loose_direction,
)
from agenttune.plan.programs import Program
from agenttune.plan.reader import FILLERS, Reader, same
from agenttune.plan.words import NUMBER, SHARE, read_number, read_share

SMALLER = frozenset(
    "loss err error rmse mae mse nll latency ms seconds secs time runtime perplexity ppl cost memory bytes gb mb "
    "drag".split()
)
LARGER = frozenset(
    "acc accuracy auc f1 r2 score reward throughput tps qps rps bleu rouge precision recall iou map lift return".split()
)
"""Words in the name of a metric that tell in which direction it is better."""
_PLAIN_METRICS = frozenset("score value objective result outcome quality performance output".split())
"""Words that may name a metric, though they mostly ask for nothing."""
_NAME = r"(?<![\w{-])([A-Za-z_]\w*)(?![\w}])"
_STOP = r"\s*,?\s*(?:(?:and|then|so|please|you\s+can|we\s+can)\s+)*stop"
_BETWEEN = (
    r"(?:\s+(?:the|its|my|our|a|an|possible|resulting|overall|final|best|mean|average|reported"
    r"|printed|of|value|in\s+terms\s+of|metric|measure"
    r"|objective|for|on)(?!\w))*\s+"
)
_BECOMES = (
    r"(?:\s+(?:should|must|has|have|needs?|to|be|get|gets|go|goes|become|becomes|is|are|want"
    r"|wanted|we\s+want|stay|as|far|possible|the)(?!\w))*\s+"
)
_COMPARISONS = (
    (r"<=|≤|at\s+most|no\s+more\s+than|not\s+more\s+than|at\s+or\s+below|up\s+to|not\s+above", "<="),
    (r">=|≥|at\s+least|no\s+less\s+than|not\s+less\s+than|at\s+or\s+above|not\s+below", ">="),
    (r"<|below|under|beneath|less\s+than|lower\s+than|smaller\s+than|fewer\s+than|shorter\s+than", "<"),
    (r">|above|over|more\s+than|higher\s+than|greater\s+than|larger\s+than|bigger\s+than|beyond", ">"),
)
_UNITS = {
    "ms": r"ms|milliseconds?|msec",
    "s": r"s|secs?|seconds?",
    "gb": r"gb|gib|gigabytes?",
    "mb": r"mb|mib|megabytes?",
    "kb": r"kb|kib|kilobytes?",
}
"""Part of a metric's name that is a unit -> how the unit is written."""
_UNIT = rf"(?:\s*({'|'.join(_UNITS.values())}|degrees|req/s|rps|tps|qps)(?:\s+of\s+(?:memory|ram))?(?!\w))?"


@dataclass(frozen=True, slots=True)
class AskedGoal:
    """What is said of the metric, and of others."""

    metric: str | None
    direction: Direction | None
    target: float | None
    """Value at which to stop."""
    bounds: tuple[str, ...]
    """Expressions over metrics, "latency_ms < 20"."""


def read_goal(reader: Reader, program: Program, early: tuple[str, ...]) -> AskedGoal:
    """The goal; to be asked once parameters are read, since bounds on them look the same.

    Args:
        reader: of the sentence.
        program: what is tuned.
        early: what `sure_bounds` found.

    Raises:
        RequestNotUnderstood: two metrics are named, or bounds that cannot hold together.
    """
    target, target_metric, target_direction = _target(reader)
    bounds = (*early, *_bounds(reader))
    _require_possible(bounds)
    said = _directed(reader, program)
    better = better_is(reader)
    named = (
        rf"(?:(?:the\s+)?(?:metric|measure|objective|target\s+metric)(?:\s+(?:is|to\s+\w+\s+is"
        rf"|called|named))*\s*[:=]?\s+{_NAME}"
        rf"|(?:it\s+)?(?:prints?|reports?|outputs?|logs?|returns?|writes)\s+(?:the\s+|its\s+"
        rf"|a\s+)?{_NAME}(?:=\S*)?(?:\s+at\s+the\s+end)?)"
    )
    for match in _real(reader, named, program):
        said.append((match[1] or match[2], None))
    if not said and target_metric is None:
        said = _plain(reader, program)
    names = list(dict.fromkeys([name for name, _ in said] + ([target_metric] if target_metric else [])))
    _forget(reader, names)
    if len(names) > 1:
        raise RequestNotUnderstood(
            f"a study improves one metric, but you name {' and '.join(names)}: a second objective is not supported yet",
            fields=("metric",),
        )
    if names:
        better = same("direction", [better, _loose_direction(reader)])
    found: Direction | None = same("direction", [*(direction for _, direction in said), better, target_direction])
    return AskedGoal(names[0] if names else None, found, target, bounds)


def usual_direction(metric: str) -> Direction | None:
    """The direction that a metric's name tells; None where it tells none, or both."""
    words = set(re.split(r"[_\W]+", metric.lower()))
    is_smaller, is_larger = bool(words & SMALLER), bool(words & LARGER)
    if is_smaller == is_larger:
        return None
    return "minimize" if is_smaller else "maximize"


def sure_bounds(reader: Reader, program: Program) -> tuple[str, ...]:
    """Bounds on names that are metrics for sure; to be asked before memory and time, whose units they may have."""
    names = [name for name in re.findall(_NAME, reader.peek_all()) if name not in program.options]
    sure = sorted({name for name in names if name in program.printed or "_" in name}, key=len, reverse=True)
    return _bounds(reader, rf"(?<![\w{{-])({'|'.join(map(re.escape, sure))})(?![\w}}])") if sure else ()


# -- pieces ----------------------------------------------------------------------------------------


def _directed(reader: Reader, program: Program) -> list[tuple[str, Direction | None]]:
    """(name, direction) of every "maximise tps", "tps as high as possible", "get val_loss down"."""
    up, down = rf"(?:{MAXIMIZE})", rf"(?:{MINIMIZE})"
    more, less = rf"(?:{HIGH_WORDS}|higher|larger|bigger|greater|more)", rf"(?:{LOW_WORDS}|lower|smaller|less|fewer)"
    shapes: tuple[tuple[str, Direction], ...] = (
        (rf"the\s+{more}\s+(?:the\s+)?{_NAME}\s*,?\s+the\s+better(?!\w)", "maximize"),
        (rf"the\s+{less}\s+(?:the\s+)?{_NAME}\s*,?\s+the\s+better(?!\w)", "minimize"),
        (rf"{_NAME}\s*[,:]?\s*(?:\(\s*)?(?:the\s+)?{more}\s+(?:is\s+|the\s+)?better(?!\w)", "maximize"),
        (rf"{_NAME}\s*[,:]?\s*(?:\(\s*)?(?:the\s+)?{less}\s+(?:is\s+|the\s+)?better(?!\w)", "minimize"),
        (
            rf"{_NAME}{_BECOMES}(?:as\s+(?:{HIGH_WORDS})\s+{AS_POSSIBLE}|up(?!\s+to)"
            rf"|{up}(?=\s*(?:[,.;:()]|$|\x00)))(?!\w)",
            "maximize",
        ),
        (
            rf"{_NAME}{_BECOMES}(?:as\s+(?:{LOW_WORDS})\s+{AS_POSSIBLE}|down(?!\s+to)"
            rf"|{down}(?=\s*(?:[,.;:()]|$|\x00)))(?!\w)",
            "minimize",
        ),
        (rf"{up}{_BETWEEN}{_NAME}", "maximize"),
        (rf"{down}{_BETWEEN}{_NAME}", "minimize"),
    )
    said: list[tuple[str, Direction | None]] = []
    for pattern, direction in shapes:
        said += [(match[1], direction) for match in _real(reader, rf"(?<![\w-]){pattern}", program)]
    return said


def _real(reader: Reader, pattern: str, program: Program) -> list[re.Match[str]]:
    """Reads the matches of a pattern whose name is no filler: "minimise it" names nothing."""
    found = []
    for match in list(re.finditer(pattern, reader.peek_all(), re.IGNORECASE)):
        name = next((text for text in match.groups() if text), "")
        is_name = name.lower() not in FILLERS or name in program.printed or name.lower() in _PLAIN_METRICS
        if is_name and not re.fullmatch(rf"{NUMBER}|{MAXIMIZE}|{MINIMIZE}", name, re.IGNORECASE):
            reader.take(rf"(?<![\w-]){re.escape(match[0])}")
            found.append(match)
    return found


def _loose_direction(reader: Reader) -> Direction | None:
    """The direction of "minimise it", "it should go down", where the metric was named elsewhere."""
    it = r"(?:it|this|that|them|the\s+(?:value|score|metric|result|number))"
    is_up = reader.take(rf"(?<!\w)(?:(?:{MAXIMIZE})\s+{it}|{it}{_BECOMES}(?:up|{MAXIMIZE}))(?!\w)")
    is_down = reader.take(rf"(?<!\w)(?:(?:{MINIMIZE})\s+{it}|{it}{_BECOMES}(?:down|{MINIMIZE}))(?!\w)")
    apart = loose_direction(reader)
    return same("direction", ["maximize" if is_up else None, "minimize" if is_down else None, apart])


def _target(reader: Reader) -> tuple[float | None, str | None, Direction | None]:
    """(value, metric, direction) of "val_acc 0.95 or better, then stop", "get eval_loss under 1.2 and stop"."""
    value = rf"({SHARE}|{NUMBER})"
    end = (
        rf"(?:{_STOP}(?:ping)?(?:\s+(?:then|there|right\s+(?:then|there)))?|\s+(?:is"
        rf"|would\s+be)\s+(?:good\s+)?(?:enough|sufficient|fine))(?!\w)"
    )
    verb = r"(?:of|is|are|reaches|reached|hits|gets|goes|falls|drops|rises|climbs|has|have|reach|exceeds)"
    bound = (
        r"(under|below|above|over|to|at|at\s+least|at\s+most|less\s+than|more\s+than|lower\s+than|higher\s+than|[<>]=?)"
    )
    for pattern, order in (
        (rf"(?:(?:get|bring|push)\s+)?{_NAME}\s*(?:{verb}\s+)*{bound}\s*{value}{end}", (1, 3, 2)),
        (rf"{_NAME}\s+(?:of\s+)?{value}\s+or\s+(better|more|less|higher|lower)(?:{end})?", (1, 2, 3)),
        (
            rf"(?:until|stop(?:ping)?(?:\s+(?:once|when|if|as\s+soon\s+as|at))?|(?:as\s+soon\s+as|once"
            rf"|when))\s+(?:the\s+|we\s+(?:reach|have|hit)\s+|you\s+(?:reach|hit)\s+)?"
            rf"{_NAME}\s*(?:{verb}\s*)*(?:of\s+)?{bound}?\s*{value}(?!\s*[:\w])(?:{end})?",
            (1, 3, 2),
        ),
        (
            rf"(?:target|goal|aim)(?:\s+(?:is|for|of"
            rf"|an?))*\s*:?\s+{_NAME}\s*(?:of\s+)?{bound}?\s*{value}(?!\s*[:\w])(?:{end})?",
            (1, 3, 2),
        ),
    ):
        match = reader.peek(rf"(?<!\w){pattern}")
        if match and match[order[0]].lower() not in FILLERS - _PLAIN_METRICS:
            reader.take(rf"(?<!\w){pattern}")
            word = re.sub(r"\s+", " ", (match[order[2]] or "").lower())
            direction: Direction | None = None
            if word in ("under", "below", "less", "lower", "<", "<=", "at most", "less than", "lower than"):
                direction = "minimize"
            elif word in ("above", "over", "more", "higher", ">", ">=", "at least", "more than", "higher than"):
                direction = "maximize"
            text = match[order[1]]
            number = float(read_number(text)) if re.fullmatch(NUMBER, text, re.IGNORECASE) else read_share(text)
            return number, match[order[0]], direction
    it = reader.take(
        rf"(?<!\w)(?:until|stop(?:ping)?\s+(?:once|when|if|as\s+soon\s+as))\s+it\s+{verb}\s+{value}(?!\s*[:\w])(?:{end})?"
    )
    if it:
        text = it[1]
        number = float(read_number(text)) if re.fullmatch(NUMBER, text, re.IGNORECASE) else read_share(text)
        return number, None, None
    return None, None, None


def _plain(reader: Reader, program: Program) -> list[tuple[str, Direction | None]]:
    """A metric that is only named: "for val_acc", "on val_loss", or one that the program prints."""
    for match in list(re.finditer(_NAME, reader.peek_all())):
        name = match[1]
        is_name = name in program.printed or ("_" in name and not program.printed)
        if is_name and name not in program.options and name.lower() not in FILLERS:
            _forget(reader, [name])
            if others := [
                other for other in sorted(program.printed) if reader.peek(rf"(?<![\w{{-]){re.escape(other)}(?!\w)")
            ]:
                named = f"{name} and {others[0]}"
                raise RequestNotUnderstood(
                    f"a study improves one metric, but you name {named}: say one", fields=("metric",)
                )
            reader.take(r"(?<!\w)(?:look(?:ing)?\s+at|for|on|by|of)\s+(?=\x00)")
            return [(name, None)]
    return []


def _forget(reader: Reader, names: Sequence[str]) -> None:
    for name in names:
        reader.take_all(rf"(?<![\w{{-]){re.escape(name)}(?:=\S*)?(?![\w}}])")


def _bounds(reader: Reader, name: str = _NAME) -> tuple[str, ...]:
    start = r"(?:(?:keep(?:ing)?|hold(?:ing)?|with|but|also|and|while|where|if|ensure|make\s+sure|that|the|a|an)\s+)*"
    middle = (
        r"(?:\s+(?:must|has|have|needs?|should|shall|may|can|will|the|to|be|stay|stays|staying|is"
        r"|are|remain|remains|kept|go|get|goes|gets|being|of"
        r"|never|always|not\s+worse\s+than|strictly|still|,)(?!\w))*"
    )
    found: list[str] = []
    for words, sign in _COMPARISONS:
        for match in reader.take_all(
            rf"(?<!\w){start}{name}{middle}\s*(?:{words})\s*"
            rf"({NUMBER}){_UNIT}(?!\w){NO_COUNT}(?!{_STOP})(?!\s+(?:is\s+)?(?:good\s+)?enough)"
        ):
            if match[1].lower() in FILLERS - _PLAIN_METRICS:
                raise RequestNotUnderstood(f"which metric is meant by {match[0]!r}?", fields=("constraints",))
            _require_unit(match[1], match[3])
            found.append(f"{match[1]} {sign} {read_number(match[2]):g}")
        if name != _NAME:
            turned = rf"(?<!\w)(?:with\s+)?(?:{words})\s*({NUMBER}){_UNIT}\s+(?:of\s+|for\s+)?{name}(?!{_STOP})"
            for match in reader.take_all(turned):
                _require_unit(match[3], match[2])
                found.append(f"{match[3]} {sign} {read_number(match[1]):g}")
    return tuple(found)


def _require_unit(name: str, unit: str | None) -> None:
    """Refuses "latency_ms under 2 s": whether 2 or 2000 is meant is not ours to tell."""
    parts = set(name.lower().split("_")) & set(_UNITS)
    if unit and parts and not any(re.fullmatch(_UNITS[part], unit, re.IGNORECASE) for part in parts):
        raise RequestNotUnderstood(
            f"{name} has another unit than {unit!r}: say the bound in it", fields=("constraints",)
        )


def _require_possible(found: Sequence[str]) -> None:
    """Refuses bounds that leave nothing: "drag < .03" and "drag > .05"."""
    for text in found:
        name, sign, bound = text.split()
        for other in found:
            other_name, other_sign, other_bound = other.split()
            if name == other_name and sign[0] == "<" and other_sign[0] == ">" and float(bound) <= float(other_bound):
                raise RequestNotUnderstood(f"{text} and {other} cannot both hold: say one", fields=("constraints",))
