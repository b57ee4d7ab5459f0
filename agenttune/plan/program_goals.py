"""What a sentence says of the metric of a program: which it is, its direction, when to stop.

Metrics of programs have any names; what a script prints tells them. Not for: bounds on others (program_bounds.py),
metrics of estimators (goals.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from agenttune.errors import RequestNotUnderstood
from agenttune.goal import Direction
from agenttune.plan.goals import (
    AS_POSSIBLE,
    HIGH_WORDS,
    LOW_WORDS,
    MAXIMIZE,
    MINIMIZE,
    better_is,
    loose_direction,
    refuse_second,
)
from agenttune.plan.metric_names import usual_direction
from agenttune.plan.program_bounds import NAME, PLAIN_METRICS, STOP, read_bounds, require_possible
from agenttune.plan.programs import Program
from agenttune.plan.reader import FILLERS, Reader, same
from agenttune.plan.typos import mended
from agenttune.plan.words import NUMBER, SHARE, read_number, read_share

_UP = rf"(?:{MAXIMIZE}|squeez(?:e|ing)|enlarg(?:e|ing))"
_DOWN = rf"(?:{MINIMIZE}|shorten(?:ing)?|trim(?:ming)?|shrink(?:ing)?|slash(?:ing)?|lessen(?:ing)?|fewest)"
_MORE = rf"(?:{HIGH_WORDS}|higher|larger|bigger|greater|more)"
_LESS = rf"(?:{LOW_WORDS}|lower|smaller|less|fewer)"
_RISES = r"(?:up(?!\s+to)|ris(?:e|es|ing)|climbs?|grows?|increases?|go(?:es|ing)?\s+up)"
_FALLS = r"(?:down(?!\s+to)|drops?|falls?|shrinks?|decreases?|sinks?|go(?:es|ing)?\s+down|come\s+down)"
_MUCH, _LITTLE = r"big|high|large|great|much|long|slow|expensive", r"small|low|little|poor|bad|weak"
_PRINTS = r"(?:prints?|reports?|outputs?|logs?|returns?|writes|echoes|gives|yields|emits|tells|spits)"
_NOT_TO = r"(?!\s+(?:to|below|under|above|over|from|by)(?!\w))"
_BETWEEN = (
    r"(?:\s+(?:the|its|my|our|a|an|possible|resulting|overall|final|best|mean|average|reported|more|much|down|is|it"
    r"|printed|of|value|in\s+terms\s+of|metric|measure|figure"
    r"|objective|for|on)(?!\w))*\s+"
)
_BECOMES = (
    r"(?:\s+(?:should|must|has|have|needs?|ought|to|be|get|gets|go|goes|become|becomes|is|are|want|going|keep|kept"
    r"|wanted|we\s+want|stay|as|far|possible|the|driven|pushed|brought|made|come|coming|out|move|moving|can|could|a|at|its)"
    r"(?!\w))*\s+"
)
_END = r"\s*!*(?=\s*(?:[.,;:()/\n]|$|\x00))"
_WHAT_COUNTS = (
    r"(?:what|all\s+that|(?:the\s+)?(?:only\s+)?(?:metric|measure|figure|number|score|thing|value|one|kpi|objective|quantity)"
    r"(?:\s+(?:that|which))?)\s+(?:really\s+)?(?:(?:i|we|they)\s+(?:\w+\s+)?(?:care\s+about|want|need|look\s+at|watch|report"
    r"|track|optimi[sz]e)|counts|matters|interests\s+(?:me|us))"
)


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
    target, target_metric, target_direction = _target(reader, program)
    target_metric = _as_printed(target_metric, program) if target_metric else None
    bounds = (*early, *read_bounds(reader))
    require_possible(bounds)
    said = _directed(reader, program)
    better = better_is(reader)
    said += [(name, None) for name in _named(reader, program)]
    bounded = {text.split()[0] for text in bounds}
    if said or target_metric is not None:
        _forget_printed(reader, program)
    if not said and target_metric is None:
        said = [(name, None) for name in _told(reader, program) if name not in bounded]
    if not said and target_metric is None:
        said = _plain(reader, program)
    names = list(dict.fromkeys([name for name, _ in said] + ([target_metric] if target_metric else [])))
    _forget(reader, [*names, *bounded])
    names += _beside(reader, program) if names else []
    if len(names) > 1:
        raise RequestNotUnderstood(
            f"a study improves one metric, but you name {' and '.join(names)}: a second objective is not supported yet",
            fields=("metric",),
        )
    if names:
        refuse_second(reader, rf"(?:minimi[sz]|maximi[sz]|optimi[sz]|improv|lower|reduc)\w*\s+(?:the\s+)?{names[0]}")
        better = same("direction", [better, _loose_direction(reader)])
    if names and reader.peek_said(r"(?<!\w)(?:faster|quicker|speed(?:ing)?\s+(?:\w+\s+){0,3}up|as\s+fast\s+as)(?!\w)"):
        better = better or usual_direction(names[0])
    found: Direction | None = same("direction", [*(direction for _, direction in said), better, target_direction])
    return AskedGoal(names[0] if names else None, found, target, bounds)


# -- pieces ----------------------------------------------------------------------------------------


def _directed(reader: Reader, program: Program) -> list[tuple[str, Direction | None]]:
    """(name, direction) of every "maximise tps", "tps as high as possible", "get val_loss down"."""
    own = _sure(program)
    if program.printed and (said := _with_direction(reader, program, own, own)):
        return said
    return _with_direction(reader, program, NAME, own)


def _with_direction(reader: Reader, program: Program, name: str, sure: str) -> list[tuple[str, Direction | None]]:
    """The same of names of a shape; those that are `sure` may stand behind weaker words."""
    said: list[tuple[str, Direction | None]] = []
    possible = rf"(?:\s+{AS_POSSIBLE})?"
    for is_up in (True, False):
        to, more, moves = (_UP, _MORE, _RISES) if is_up else (_DOWN, _LESS, _FALLS)
        words, least = (HIGH_WORDS, "most") if is_up else (LOW_WORDS, "(?:least|fewest)")
        extreme = (
            r"(?:peaks|is\s+(?:at\s+its\s+)?(?:highest|best))" if is_up else r"(?:bottoms\s+out|is\s+at\s+its\s+lowest)"
        )
        shapes = (
            rf"the\s+{more}\s+(?:the\s+)?{name}\s*,?\s+the\s+better(?!\w)",
            rf"{name}\s*[,:]?\s*(?:\(\s*)?(?:the\s+)?{more}\s+(?:is\s+|the\s+)?better(?!\w)",
            rf"{name}\s*,?\s*as\s+(?:{words}|far\s+{'up' if is_up else 'down'})\s+{AS_POSSIBLE}(?!\w)",
            rf"{name}{_BECOMES}(?:as\s+(?:{words})\s+{AS_POSSIBLE}|{moves}(?!\w){_NOT_TO}{possible}|{to}{_END})",
            rf"{name}\s*[:=,(/]*\s*(?:(?:the|a|be|go)\s+)?(?:{to}|{moves}|{words}){_END}",
            rf"{sure}[^.;:,\d\x00]{{0,60}}?\s(?:should|must|has\s+to|have\s+to|needs\s+to|ought\s+to)\s+"
            rf"(?:{moves}(?!\w){_NOT_TO}|be\s+(?:{to}{_END}|as\s+(?:{words})\s+{AS_POSSIBLE}))",
            rf"(?:how|as)\s+(?:{words})\s+(?:can|could|may|will|does)\s+(?:the\s+|my\s+|our\s+)?{name}(?:\s+(?:go|get|be))?",
            rf"(?:where|when|at\s+which)\s+(?:the\s+)?{name}\s+{extreme}(?!\w)",
            rf"(?<!at )(?:the\s+)?(?:{least}|{'more' if is_up else 'less|fewer'})\s+(?:of\s+)?{sure}",
            rf"{sure}[^.;:,\d\x00]{{0,60}}?\s(?:is|are|looks|seems|feels)\s+(?:\w+\s+)?too\s+"
            rf"(?:{_LITTLE if is_up else _MUCH})(?!\w)",
            rf"{to}{_BETWEEN}{name}",
        )
        for shape in shapes:
            found = _real(reader, rf"(?<![\w-]){shape}", program)
            said += [(text, "maximize" if is_up else "minimize") for text in found]
    return said


def _named(reader: Reader, program: Program) -> list[str]:
    """What is called the metric: "metric: val_acc", "the score is acc1", "I care about tps", "mAP is what counts"."""
    sure = _sure(program)
    noun = r"(?:metric|measure|objective|target\s+metric|optimi[sz]ation\s+target|kpi|fitness|criterion)"
    shapes = (
        rf"(?:the\s+)?{noun}(?:\s+(?:is|to\s+\w+\s+is|called|named|of\s+interest|will\s+be|should\s+be))*\s*[:=]?\s+{NAME}",
        rf"(?:the\s+)?(?:score|goal|figure|number|value|result)\s*(?:\s(?:is|will\s+be)|[:=])\s*(?:the\s+)?{sure}",
        rf"(?:(?:i|we)\s+)?(?:(?:really|only|mostly|mainly|just)\s+)*(?:care\s+about|watch|look(?:ing)?\s+at|track)\s+(?:the\s+)?{sure}"
        rf"(?:\s*,?\s*nothing\s+else(?:\s+(?:matters|really))?)?",
        rf"(?:the\s+)?{sure}\s+(?:is|are)\s+{_WHAT_COUNTS}(?!\w)",
        rf"(?:take|use|go\s+(?:with|for|by)|pick|choose|optimi[sz]e|(?:score|judge|rank|compare|select|decide)\s+(?:\w+\s+)?(?:by|on))\s+(?:the\s+)?{sure}",
        rf"{_WHAT_COUNTS}\s+(?:is|are)\s+(?:an?\s+|the\s+)?(?:better\s+|good\s+)?{sure}",
        rf"(?:what\s+)?(?:i'?m|we'?re|i\s+am|we\s+are)\s+after\s+(?:is\s+)?(?:an?\s+|the\s+)?(?:better\s+|good\s+|best\s+)*{sure}",
    )
    return [name for shape in shapes for name in _real(reader, rf"(?<!\w){shape}", program)]


def _beside(reader: Reader, program: Program) -> list[str]:
    """What else is to be improved, where the metric was read: "and lat", "lat as well", "lat should be small"."""
    if not program.printed:
        return []
    joint = r"(?:(?<!\w)(?:and|plus|then|followed\s+by|as\s+well\s+as)(?!\w)|[,;&/])"
    match = reader.peek(
        rf"{joint}\s*(?:(?:and|then|also|the|its)\s+)*{_sure(program)}"
        r"(?=\s*(?:[.,;:!?)\x00]|$|(?:of|in|from|as\s+well|too|also|should|must|ought)(?!\w)))"
    )
    return [_as_printed(match[1], program)] if match else []


def _told(reader: Reader, program: Program) -> list[str]:
    """What the program is said to print, which is its metric where none is named as that."""
    shape = (
        rf"(?:it\s+)?{_PRINTS}\s+(?:(?:out|back)\s+)?"
        rf"(?:the\s+|its\s+|a\s+|an\s+|me\s+|us\s+)?{NAME}(?:=\S*)?(?:\s+at\s+the\s+end)?"
    )
    return _real(reader, rf"(?<!\w){shape}", program)


def _forget_printed(reader: Reader, program: Program) -> None:
    """Takes what else the program is said to print, "it prints loss and accuracy", where its metric is told."""
    sure = _sure(program)
    listed = rf"(?:{sure}|\x00+)(?:\s*(?:,|and|,\s*and|&)\s+(?:the\s+|a\s+|an\s+)?(?:{sure}|\x00+))*"
    reader.take_all(rf"(?<!\w){_PRINTS}\s+(?:(?:out|back|both|the|its|a|an|me|us)\s+)*{listed}")


def _sure(program: Program) -> str:
    """Names that are metrics whatever stands around them, as a pattern."""
    if not program.printed:
        return r"(?<![\w{-])((?!\d)\w+_\w+)(?![\w}])"
    names = {re.sub(r"\W", "_", name) for name in program.printed} - set(program.options)
    known = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return rf"(?<![\w{{-])({known or '(?!)'})(?![\w}}])"


def _as_printed(name: str, program: Program) -> str:
    """The name as the program spells it."""
    return next((own for own in sorted(program.printed) if own.lower() == name.lower()), name)


def _real(reader: Reader, pattern: str, program: Program) -> list[str]:
    """Reads the matches of a pattern whose name is no filler: "minimise it" names nothing."""
    found = []
    printed = {name.lower() for name in program.printed}
    for match in list(re.finditer(pattern, reader.peek_all(), re.IGNORECASE)):
        name = next((text for text in match.groups() if text), "")
        is_name = name.lower() not in FILLERS or name.lower() in printed or name.lower() in PLAIN_METRICS
        is_own = name in program.options or name.lower() in ("than", "about", "ought", "back", "out")
        is_own = is_own or (name.lower() not in printed and bool(mended(name, [name])[1]))  # "trails max"
        is_word = re.fullmatch(rf"{NUMBER}|{_UP}|{_DOWN}|{_RISES}|{_FALLS}|{_MORE}|{_LESS}", name, re.IGNORECASE)
        if is_name and not is_own and (is_word is None or name.lower() in printed):
            reader.take(rf"(?<![\w-]){re.escape(match[0])}")
            found.append(_as_printed(name, program))
    return found


def _loose_direction(reader: Reader) -> Direction | None:
    """The direction of "minimise it", "it should go down", "maximum wanted", where the metric was named elsewhere."""
    it = (
        r"(?:(?:this|that|the\s+last|the\s+latter)\s+one|it|this|that|them"
        r"|the\s+(?:value|score|metric|result|number|figure))"
    )
    said: list[Direction | None] = []
    for to, rise, moves, words, direction in (
        (_UP, "higher|larger|bigger|high|up", _RISES, "maximum|max", "maximize"),
        (_DOWN, "lower|smaller|low|down", _FALLS, "minimum|min", "minimize"),
    ):
        shapes = (
            rf"{to}\s+{it}(?!\w)",
            rf"{it}{_BECOMES}(?:{moves}|{to})(?!\w){_NOT_TO}",
            rf"(?:make|get|push|bring|drive|keep|have|want|go)\s+(?:{it}\s+)?(?:as\s+)?(?:{rise})(?:\s+{AS_POSSIBLE})?{_END}",
            rf"(?:the\s+)?(?:{words})\s+(?:is\s+)?(?:wanted|desired|please|sought)(?!\w)",
        )
        matches = [reader.take(rf"(?<!\w){shape}") for shape in shapes]
        if any(matches):
            said.append("maximize" if direction == "maximize" else "minimize")
    return same("direction", [*said, loose_direction(reader)])


def _target(reader: Reader, program: Program) -> tuple[float | None, str | None, Direction | None]:
    """(value, metric, direction) of "val_acc 0.95 or better, then stop", "get eval_loss under 1.2 and stop"."""
    value = rf"({SHARE}|{NUMBER})"
    end = (
        rf"(?:{STOP}(?:ping)?(?:\s+(?:then|there|right\s+(?:then|there)))?|\s+(?:is"
        rf"|would\s+be)\s+(?:good\s+)?(?:enough|sufficient|fine))(?!\w)"
    )
    verb = (
        r"(?:of|is|are|reaches|reached|hits|gets|goes|falls|drops|rises|climbs|has|have|reach|exceeds|should|must|be|to"
        r"|come|comes|go|get|drop|fall|rise|climb|down|up|sinks)"
    )
    bound = (
        r"(under|below|above|over|to|at|at\s+least|at\s+most|less\s+than|more\s+than|lower\s+than|higher\s+than"
        r"|[<>]=?|=)"
    )
    gap = r"[^.;:,\d\x00]{0,60}?\s"
    reached = r"(?:as\s+soon\s+as|once|when|if|whenever|after)"
    for pattern, order in (
        (rf"(?:(?:get|bring|push)\s+)?{NAME}\s*(?:{verb}\s+)*{bound}\s*{value}{end}", (1, 3, 2)),
        (rf"{_sure(program)}{gap}(?:{verb}\s+)+{bound}\s*{value}{end}", (1, 3, 2)),
        (rf"{NAME}\s+(?:of\s+)?{value}\s+or\s+(better|more|less|higher|lower)(?:{end})?", (1, 2, 3)),
        (
            rf"(?:until|till|stop(?:ping)?(?:\s+(?:it|the\s+search|searching))?(?:\s+(?:{reached}|at))?|{reached})\s+"
            rf"(?:the\s+|we\s+(?:reach|have|hit)\s+|you\s+(?:reach|hit)\s+|(?:at\s+)?(?:{SHARE}|{NUMBER})\s*[\w/]*\s*,?\s*(?:i\.?e\.?|that\s+is|meaning|in\s+other\s+words)\s*,?\s*)?"
            rf"{NAME}\s*(?:{verb}\s*)*(?:of\s+)?{bound}?\s*{value}(?!\s*[:\w])(?:{end})?",
            (1, 3, 2),
        ),
        (
            rf"(?:stop(?:ping)?|quit|until|till|reach(?:es|ing)?|{reached})\s+(?:(?:at|once|when|if|it|we|you|reach(?:es)?|hits?|gets?|has|have"
            rf"|is|to)\s+)*(?:the\s+)?{value}\s+(?:of\s+)?{_sure(program)}()",
            (2, 1, 3),
        ),
        (
            rf"(?:target|goal|aim)(?:\s+(?:is|for|of"
            rf"|an?))*\s*:?\s+{NAME}\s*(?:of\s+)?{bound}?\s*{value}(?!\s*[:\w])(?:{end})?",
            (1, 3, 2),
        ),
    ):
        match = reader.peek(rf"(?<!\w){pattern}")
        if match and match[order[0]].lower() not in FILLERS - PLAIN_METRICS:
            reader.take(rf"(?<!\w){pattern}")
            word = re.sub(r"\s+", " ", (match[order[2]] or "").lower())
            direction = _side(word) or _side(match[0])
            return _value(match[order[1]]), match[order[0]], direction
    who, quit_ = (
        r"(?:it|we|you|that|this|they|the\s+(?:score|metric|value|model))",
        r"(?:stop|quit|halt|finish|end|call\s+it\s+(?:a\s+day|done))",
    )
    reaches = (
        r"(?:(?:is|are|has|have|reach|reached|reaches|hits?|gets?|goes|falls|drops|rises|climbs|exceeds|passes|to|at"
        r"|above|below|under|over)\s+)+"
    )
    it = reader.take(
        rf"(?<!\w)(?:until|{quit_}(?:ping)?(?:\s+early)?\s+(?:once|when|if|as\s+soon\s+as))\s+{who}\s+{reaches}{value}(?!\s*[:\w])(?:{end})?"
    ) or reader.take(
        rf"(?<!\w)(?:once|when|if|as\s+soon\s+as|after)\s+{who}\s+{reaches}{value}\s*,?\s*(?:(?:then|and|please|just|you\s+(?:can|may|should)|we\s+can|it\s+can)\s+)*"
        rf"(?:{quit_}|(?:that'?s|this\s+is|is)\s+(?:good\s+)?enough)(?:\s+(?:early|there|then|right\s+there))?(?!\w)"
    )
    if it is None:
        it = reader.take(rf"(?<!\w)(?:get|bring|push|drive)\s+{who}\s+(?:up\s+|down\s+)?{bound}\s*{value}{end}")
        if it is not None:
            return _value(it[2]), None, _side(it[1])
    if it is None:
        it = reader.take(rf"(?<!\w){quit_}(?:ping)?(?:\s+early)?\s+at\s+(\d+(?:\.\d+)?\s*%|\d*\.\d+)(?!\s*[:\w])")
    return (_value(it[1]), None, _side(it[0])) if it else (None, None, None)


def _side(words: str) -> Direction | None:
    """The direction in which a value is reached, as its words tell: "under 1.2", "drops to 3"."""
    is_down = re.search(
        r"(?<!\w)(?:under|below|less|lower|at most|down|drops?|falls?|sinks)(?!\w)|<", words, re.IGNORECASE
    )
    is_up = re.search(
        r"(?<!\w)(?:above|over|more|higher|at least|up|rises?|climbs?|exceeds)(?!\w)|>", words, re.IGNORECASE
    )
    if bool(is_down) == bool(is_up):
        return None
    return "minimize" if is_down else "maximize"


def _value(text: str) -> float:
    return float(read_number(text)) if re.fullmatch(NUMBER, text, re.IGNORECASE) else read_share(text)


def _plain(reader: Reader, program: Program) -> list[tuple[str, Direction | None]]:
    """A metric that is only named: "for val_acc", "on val_loss", or one that the program prints."""
    known = {name.lower() for name in program.printed}
    for match in list(re.finditer(NAME, reader.peek_all())):
        name = match[1]
        is_name = name.lower() in known or ("_" in name and not program.printed)
        if is_name and name not in program.options and (name.lower() not in FILLERS or name in program.printed):
            _forget(reader, [name])
            if others := [
                other for other in sorted(program.printed) if reader.peek(rf"(?<![\w{{-]){re.escape(other)}(?!\w)")
            ]:
                named = f"{name} and {others[0]}"
                raise RequestNotUnderstood(
                    f"a study improves one metric, but you name {named}: say one", fields=("metric",)
                )
            reader.take(r"(?<!\w)(?:look(?:ing)?\s+at|for|on|by|of)\s+(?=\x00)")
            return [(_as_printed(name, program), None)]
    return []


def _forget(reader: Reader, names: Iterable[str]) -> None:
    for name in names:
        reader.take_all(rf"(?<![\w{{-]){re.escape(name)}(?:=\S*)?(?![\w}}])")
