"""What an estimator is scored by and when its study may stop, as a sentence says it.

Each function takes its words away from the reader. Not for: metrics of programs (programs.py).
"""

from __future__ import annotations

import re

from agenttune.cards.metrics import METRICS, SHARES, Task
from agenttune.errors import RequestNotUnderstood
from agenttune.goal import Direction
from agenttune.plan.reader import Reader, any_of, folded, same
from agenttune.plan.words import NUMBER, SHARE, read_number, read_share

MAXIMIZE = (
    r"maximi[sz](?:e|es|ed|ing)|highest|max(?:imal|imum)?|largest|higher(?!\s+than)"
    r"|high(?!\s+as)|increas(?:e|ing)|rais(?:e|ing)|greatest"
    r"|biggest|larger(?!\s+than)|boost(?:ing)?|push(?:ing)?(?:\s+up)?|top"
)
MINIMIZE = (
    r"minimi[sz](?:e|es|ed|ing)|lowest|min(?:imal|imum)?|smallest|shortest|least|lower(?!\s+than)"
    r"|reduc(?:e|ing)|decreas(?:e|ing)|smaller(?!\s+than)"
    r"|low(?!\s+as)|shrink|cut(?:ting)?"
)
NEUTRAL = r"best|good|better|improv(?:e|ing)|optimi[sz](?:e|ing)|optimal|tune\s+for|for|by|on"
_END = r"(?=\s*(?:[.,;:!?)]|$))"
HIGH_WORDS, LOW_WORDS = r"high|large|big|great|good", r"low|small|little|short|tiny"
AS_POSSIBLE = (
    r"as\s+(?:possible|can\s+be|(?:you|it|we|i|they)(?:'ll|\s+will|\s+possibly|\s+ever)?\s*(?:can|could|go(?:es)?|gets?)"
    r"(?:\s+(?:get|go|be|make\s+it|manage))?)"
)

_METRIC_NAMES = {
    text: metric.name for metric in METRICS.values() for text in (metric.name, metric.title.lower(), *metric.synonyms)
} | {"error": "error"}
METRIC = rf"(?:{any_of(_METRIC_NAMES)})"
_STOP = (
    r"(?:until|till|if(?=\s+(?:it|we|you|the\s+score)\s+(?:hits?|reach(?:es)?|gets?)(?!\w))"
    r"|stop(?:ping|s)?(?:\s+(?:once|when|at|as\s+soon\s+as|if))|quit|halt|done|as\s+soon\s+as|once|when)"
)
_AIM = (
    rf"(?:{_STOP}|stop|finish|end|reach(?:es|ing)?|hit(?:s|ting)?|get(?:s|ting)?(?:\s+to)?"
    rf"|achieve|beat(?:s|ing)?|target|goal|aim(?:ing)?|satisfied|happy|at\s+least)"
)
_REACHED = (
    r"(?:\s*(?:it['’]s|it|we|you|the|a|an|is|are|has|of|for|to|at|and|above|over|below|under"
    r"|at\s+least|at\s+most|as\s+soon\s+as|once|when|if|soon|as"
    r"|reach(?:es|ed|ing)?|hits?|gets(?:\s+to)?|get|goes|falls|drops|rises|climbs|exceeds?"
    r"|more\s+than|less\s+than|better\s+than|or|better|equals"
    r"|score|value|stop|done|model|[<>]=?)(?![\w]))*"
)
NO_COUNT = (
    r"(?!\s*(?:%|[smhdk](?!\w)|sec|min|hour|hr|day|[gmk]i?b(?!\w)|-?fold|trials?|runs?|eval"
    r"|config|iter|worker|process|job|core|gpu|dollar|bucks|usd|times(?!\w)))"
)
_UPWARDS = r">=?|at\s+least|over|above|more\s+than|better\s+than|exceed(?:s|ing)?|or\s+(?:more|better|higher)"
_DOWNWARDS = r"<=?|at\s+most|under|below|less\s+than|lower\s+than|or\s+(?:less|lower)|falls|drops"
_ENOUGH = (
    r"(?:\s*,?\s*(?:(?:is|are|would\s+be|will\s+be|that'?s|then|and|you\s+can|we\s+can"
    r"|it\s+can)\s+)*(?:good\s+)?(?:enough|fine|ok(?:ay)?|sufficient|suffices)(?!\w))?"
    r"(?:\s*,?\s*(?:(?:then|and|you\s+can|please|so)\s+)*stop(?:ping)?(?:\s+(?:there|then"
    r"|right\s+(?:there|then)|early|it))?(?!\w))?"
)


_THERE = (
    r"(?<!\w)(?:(?:and|then|you|can|please|just)\s+)*(?:(?:stop|quit|halt)(?:ping)?\s+)?(?:once|when|as\s+soon\s+as|if|after)\s+"
    r"(?:you|it|we|the\s+model|that|this)(?:\s+(?:get|gets|are|is|have|has|reach|reached|reaches|hit|hits|does|do|make|makes))"
    rf"(?:\s+(?:there|that\s+far|it|so\s+far|done))?(?=\s*(?:[,.;!)]|$|you|we|then|just|please|stop)){_ENOUGH}"
)
""" "once you get there you can stop", "stop as soon as it does": at a value that was said before."""


def goal_target(reader: Reader) -> tuple[float | None, str | None]:
    """(value at which to stop, the metric it is a value of): "until accuracy reaches 0.98", "stop at 98% accuracy"."""
    value = rf"({NUMBER}|{SHARE}){NO_COUNT}"
    mean = r"(?:mean|average|cross-validated|validation|test|cv)\s+"
    patterns: tuple[tuple[str, int, int], ...] = (
        (rf"(?<!\w){_AIM}{_REACHED}\s+(?:{mean})?({METRIC}){_REACHED}\s+{value}{_ENOUGH}", 1, 2),
        (rf"(?<!\w){_STOP}{_REACHED}()\s+{value}{_ENOUGH}", 1, 2),
        (
            rf"(?<!\w)({METRIC})(?:\s+(?:score|of|is|must\s+be|should\s+be|to\s+be))*\s*(?:{_UPWARDS}"
            rf"|{_DOWNWARDS}|reach(?:es|ing)|of\s+at\s+least)\s*({SHARE}"
            rf"|{NUMBER}){NO_COUNT}(?:\s*(?:or\s+(?:better|more|higher|less|lower))(?!\w))?{_ENOUGH}",
            1,
            2,
        ),
        (rf"(?<!\w){_AIM}{_REACHED}\s+({SHARE}|{NUMBER})\s+(?:{mean})?({METRIC})(?!\w){_ENOUGH}", 2, 1),
        (
            rf"(?<!\w)({METRIC})\s+(?:of\s+)?({SHARE}|{NUMBER})\s+or\s+(?:better|more|higher|less"
            rf"|lower)(?!\w){_ENOUGH}",
            1,
            2,
        ),
        (
            rf"(?<!\w)({SHARE})\s+({METRIC})\s+(?:is|would\s+be|will\s+do)(?:\s+(?:good\s+)?(?:enough"
            rf"|fine|sufficient))(?!\w){_ENOUGH}",
            2,
            1,
        ),
    )
    if reader.take(_THERE):
        patterns += (
            (rf"(?<!\w)({METRIC})(?:\s+score)?\s*(?:of|at|=|around|about)\s*({SHARE}|{NUMBER}){NO_COUNT}", 1, 2),
        )
    for pattern, name_at, value_at in patterns:
        match = reader.peek(pattern)
        if match is None:
            continue
        name = metric_name(match[name_at]) if match[name_at] else None
        if _contradicts(name, match[0]):
            continue
        reader.take(pattern)
        text = match[value_at]
        is_number = re.fullmatch(NUMBER, text, re.IGNORECASE)
        aim = float(read_number(text)) if is_number else read_share(text)
        if aim > 1 and not is_number:
            raise RequestNotUnderstood(f"{text} is more than all", fields=("goal_target",))
        require_reachable(aim, name)
        return aim, name
    return None, None


def require_reachable(aim: float | None, name: str | None) -> None:
    """Refuses an aim that the metric never has, "accuracy 98"."""
    if aim is not None and aim > 1 and name in SHARES:
        raise RequestNotUnderstood(f"{METRICS[name].title} is never above 1, but got {aim:g}", fields=("goal_target",))


def _contradicts(name: str | None, text: str) -> bool:
    """Whether a bound on a metric is on its bad side: "accuracy under 90%" is no aim."""
    metric = METRICS.get(name or "")
    if metric is None:
        return False
    wrong = _DOWNWARDS if metric.direction == "maximize" else _UPWARDS
    return re.search(rf"(?<!\w)(?:{wrong})(?!\w)", text, re.IGNORECASE) is not None


def metric(reader: Reader, *, stop_metric: str | None) -> tuple[str | None, Direction | None]:
    """(metric, direction), each None where nothing was said: "maximise AUC", "lowest error", "for accuracy".

    Args:
        reader: of the sentence.
        stop_metric: the one `goal_target` found.

    Raises:
        RequestNotUnderstood: two metrics are named.
    """
    middle = r"(?:\s+(?:the|its|for|mean|average|possible|cross-validated|cross\s+validated|validation|cv|test))*"
    better = rf"(?<!\w)(?:({MAXIMIZE})|({MINIMIZE})|{NEUTRAL}){middle}\s+"
    after = (
        rf"(?:\s+(?:(?:should|must|to|be|get|go|goes|is|stays?|kept|becomes?|needs?|has|have|the|what|which|thing|one|number|figure|value|metric|i|we|want|wanted"
        rf"|driven|pushed|brought|come)\s+)*(?:as\s+(?:({HIGH_WORDS})"
        rf"|({LOW_WORDS}))\s+{AS_POSSIBLE}"
        rf"|({MAXIMIZE}|up|increased|raised|boosted|improved)|({MINIMIZE}|down|reduced|lowered|decreased))(?!\w)(?!\s+(?:to|than)(?!\w)))?"
    )
    found: list[tuple[str, Direction | None]] = []
    for match in reader.take_all(rf"(?:{better})?(?<!\w)({METRIC})(?:\s+score)?{after}(?!\w)"):
        is_up, is_down = match[1] or match[4] or match[6], match[2] or match[5] or match[7]
        direction: Direction | None = "maximize" if is_up else "minimize" if is_down else None
        found.append((metric_name(match[3]), direction))
    names = list(dict.fromkeys([name for name, _ in found] + ([stop_metric] if stop_metric else [])))
    if len(names) > 1:
        raise RequestNotUnderstood(
            f"a study improves one metric, but you name {' and '.join(names)}: a second objective is not supported yet"
        )
    directions = [direction for _, direction in found]
    refuse_second(reader, METRIC)
    if names:
        reader.take(r"(?<!\w)(?:i|we)(?:'m|'re|\s+am|\s+are)\s+after\s+(?:an?\s+|the\s+)?(?=\x00)")
        directions += [better_is(reader), loose_direction(reader)]
    return (names[0] if names else None), same("direction", directions)


def refuse_second(reader: Reader, metric: str) -> None:
    """Refuses what nothing measures beside a metric: "error rate and fit time".

    Args:
        reader: of the sentence.
        metric: the metric, as a pattern.

    Raises:
        RequestNotUnderstood: something is named so.
    """
    match = reader.peek_said(
        rf"(?<!\w){metric}(?:\s+(?:of|in|for|from)\s+(?:the\s+)?[\w./`-]+)?\s*(?:,?\s*and|plus|as\s+well\s+as|&)\s+(?:(?:the|its|also|low|short|minimi[sz]e)\s+)*"
        r"((?:(?:fit(?:ting)?|train(?:ing)?|inference|prediction|run|wall|compute|model)[\s_-]+)?"
        r"(?:times?|runtime|latency|size|memory|duration|complexity))(?!\w)"
        r"(?!\s*(?:[:=<>\d]|of\s+(?:\d|at|under|below|less)|(?:is|at|under|below|less|within|limit|budget|per|use|usage|should|must|may)(?!\w)))"
    )
    if match:
        raise RequestNotUnderstood(
            f"a study improves one metric, but you name {match[0]}: a second objective is not supported yet",
            fragments=(match[1],),
            fields=("metric",),
        )


def better_is(reader: Reader) -> Direction | None:
    """ "lower is better", "the bigger the better", "as small as possible", with nothing between."""
    up, down = rf"(?:{HIGH_WORDS}|higher|larger|bigger|greater|more)", rf"(?:{LOW_WORDS}|lower|smaller|less|fewer)"
    found: list[Direction | None] = []
    for words, direction in ((up, "maximize"), (down, "minimize")):
        shape = rf"(?:the\s+)?{words}\s+(?:(?:is|are|being)\s+|the\s+)better|as\s+{words}\s+{AS_POSSIBLE}"
        if reader.take(rf"(?<!\w)(?:{shape})(?!\w)"):
            found.append("maximize" if direction == "maximize" else "minimize")
    return same("direction", found)


def loose_direction(reader: Reader) -> Direction | None:
    """The direction of a word apart from the metric, of which there is but one: "minimise sim.py's drag"."""
    moved = [
        reader.take_all(
            rf"(?<!\w)(?:get|bring|push|drive|take)\s[^.;!?]{{0,80}}?(?<!\w)(?:{way})(?:\s+as\s+far\s+{AS_POSSIBLE}|(?:\s+\w+){{0,3}}{_END})"
        )
        for way in ("up|higher", "down|lower")
    ]
    is_up = moved[0] + reader.take_all(r"(?<!\w)(?:maximi[sz](?:e|es|ed|ing)|highest|largest|greatest)(?!\w)")
    is_down = moved[1] + reader.take_all(r"(?<!\w)(?:minimi[sz](?:e|es|ed|ing)|lowest|smallest)(?!\w)")
    return same("direction", ["maximize" if is_up else None, "minimize" if is_down else None])


def metric_name(text: str) -> str:
    """The name in `METRICS` of a spelling."""
    return _METRIC_NAMES[folded(text, _METRIC_NAMES)]


def task(reader: Reader) -> Task | None:
    """ "classification", "regressor": to be asked after the family, whose name may hold such a word."""
    classes = reader.take_all(r"(?<!\w)(?:classification|classif(?:y|ies|ying)|classifier)(?!\w)")
    numbers = reader.take_all(r"(?<!\w)(?:regression|regressor|regress(?:ing)?)(?!\w)")
    if classes and numbers:
        raise RequestNotUnderstood("the sentence says both classification and regression: say one")
    return "classification" if classes else "regression" if numbers else None
