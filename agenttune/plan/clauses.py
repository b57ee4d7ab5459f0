"""Clauses of a request that stand by themselves: limits, folds, what to measure and when to stop.

Each function takes its words away from the reader and returns what they say, None if nothing was said.
"""

from __future__ import annotations

import re

from agenttune.cards.metrics import METRICS, Task
from agenttune.errors import RequestNotUnderstood
from agenttune.goal import Direction
from agenttune.plan.reader import Reader, any_of, as_whole, every, first, folded, same, whole
from agenttune.plan.words import (
    DURATION,
    LONG_DURATION,
    NUMBER,
    SHARE,
    SIZE,
    read_duration,
    read_number,
    read_share,
    read_size,
)

_UP_TO = (
    r"(?:(?:at\s+(?:the\s+)?most|only|just|no\s+more\s+than|not\s+more\s+than|up\s+to|within|max(?:imum)?(?:\s+of)?|under|less\s+than"
    r"|limited\s+to|stop(?:ping)?\s+after|(?:a\s+)?budget\s+of|(?:a\s+)?(?:time\s+)?limit\s+of|in|for)\s+)?"
)
_IN_ALL = r"(?:\s+(?:at\s+most|max(?:imum)?|in\s+total|in\s+all|altogether|overall)(?!\w))?"
_TRIALS = r"(?:trials?|runs?|evaluations?|configurations?|configs?|tries)(?!\w)"
_EACH = r"(?:per|a|each|every|for\s+each|for\s+every|for\s+one)"
_PER_TRIAL = rf"(?:{_EACH}[\s-]+(?:trial|run|evaluation|configuration)|each)(?!\w)"
_AT_ONCE = r"(?:at\s+a\s+time|at\s+once|in\s+parallel|simultaneously|concurrently)(?!\w)"
_ASIDE = r"(?:out|back|aside)(?!\w)"

_MAXIMIZE = r"maximi[sz](?:e|ing)|highest|max|largest|higher"
_MINIMIZE = r"minimi[sz](?:e|ing)|lowest|min|smallest|least|lower"
_NEUTRAL = r"best|good|better|improv(?:e|ing)|optimi[sz](?:e|ing)|for|by|on"

_METRIC_NAMES = {
    text: metric.name for metric in METRICS.values() for text in (metric.name, metric.title.lower(), *metric.synonyms)
} | {"error": "error"}
_METRIC = rf"(?:{any_of(_METRIC_NAMES)})"


def trial_limits(reader: Reader) -> tuple[float | None, int | None]:
    """(seconds, bytes) per trial: "10 min per trial", "each trial at most 2 GB", "20 s and 1 GB per trial".

    To be asked before `seconds`. Memory without "per trial" is per trial too: there is no other limit of it.
    """
    both = r"\s*(?:,|and|,\s*and)\s*"
    memory = r"(?:\s+(?:of\s+)?(?:memory|ram)(?!\w))?"
    for pattern, order in (
        (rf"({DURATION}){both}({SIZE}){memory}", (1, 2)),
        (rf"({SIZE}){memory}{both}({DURATION})", (2, 1)),
    ):
        match = reader.take(rf"(?<!\w){_UP_TO}{pattern}\s+{_PER_TRIAL}")
        if match:
            return read_duration(match[order[0]]), read_size(match[order[1]])
    return _trial_seconds(reader), every(reader, rf"{_UP_TO}({SIZE}){memory}(?:\s+{_PER_TRIAL})?", read_size, "memory")


def _trial_seconds(reader: Reader) -> float | None:
    after = first(reader, rf"{_UP_TO}({DURATION})\s+{_PER_TRIAL}", read_duration)
    middle = r"\s+(?:(?:time\s+)?limit(?:\s+of)?\s+|may\s+take\s+|takes?\s+)?"
    before = first(reader, rf"{_PER_TRIAL}{middle}{_UP_TO}({DURATION})", read_duration)
    return same("time per trial", [after, before])


def workers(reader: Reader) -> int | None:
    """ "4 workers", "four at a time", "2 trials in parallel"."""
    return whole(
        reader,
        rf"{_UP_TO}({NUMBER})\s+(?:(?:parallel\s+)?workers?(?!\w)|parallel\s+{_TRIALS}|(?:{_TRIALS}\s+)?{_AT_ONCE})",
    )


def gpus(reader: Reader) -> int | None:
    """ "2 GPUs"."""
    return whole(reader, rf"(?:(?:use|using|on|with)\s+)?{_UP_TO}({NUMBER})\s+gpus?(?!\w)")


def seed(reader: Reader) -> int | None:
    """ "seed 7", "random seed = 7"."""
    return whole(reader, rf"(?:random\s+)?seed\s*(?:=|of|:|is)?\s*({NUMBER})")


def seconds(reader: Reader) -> float | None:
    """ "at most 5 minutes", "half an hour in total"; to be asked after `trial_limits`."""
    return every(reader, rf"{_UP_TO}({LONG_DURATION}){_IN_ALL}", read_duration, "time")


def trials(reader: Reader) -> int | None:
    """ "30 trials", "thirty runs at most"; to be asked after `workers`."""
    return every(reader, rf"{_UP_TO}({NUMBER}|a\s+single)\s+{_TRIALS}{_IN_ALL}", _count, "number of trials")


def _count(text: str) -> int:
    return 1 if "single" in text.lower() else as_whole(text)


def folds(reader: Reader) -> int | None:
    """ "5-fold", "ten-fold cross-validation", "3 folds", "folds = 3"."""
    before = whole(reader, rf"({NUMBER})[-\s]*folds?(?!\w)(?:[-\s]+(?:cross[-\s]validat(?:ion|ed)|cv)(?!\w))?")
    return same("number of folds", [before, whole(reader, rf"folds\s*[=:]?\s*({NUMBER})")])


def held_out(reader: Reader) -> float | None:
    """ "hold out 30%", "a fifth held out"."""
    rest = r"(?:\s+of\s+(?:the\s+)?(?:data|rows))?"
    before = first(reader, rf"(?:hold(?:ing)?|keep(?:ing)?|set(?:ting)?)\s+{_ASIDE}\s+({SHARE}){rest}", read_share)
    after = first(reader, rf"({SHARE}){rest}\s+(?:held|kept|set)[\s-]+{_ASIDE}", read_share)
    return same("part held out", [before, after])


def goal_target(reader: Reader) -> tuple[float | None, str | None]:
    """(value at which to stop, the metric it is a value of): "until accuracy reaches 0.98", "until 98%"."""
    start = r"(?<!\w)(?:until|stop(?:ping)?\s+(?:once|when|at))"
    reached = r"(?:\s*(?:it|the|is|of|above|below|at\s+least|at\s+most|reach(?:es|ed)|hits|gets\s+to|[<>]=?)(?!\w))*"
    match = reader.take(rf"{start}{reached}(?:\s+({_METRIC}))?{reached}\s+({NUMBER}|{SHARE})(?!\s*[a-z%])")
    if match is None:
        above = r"\s*(?:>=?|at\s+least|of\s+at\s+least|over|above|reach(?:es|ing))\s*"
        match = reader.take(rf"(?<!\w)({_METRIC}){above}({SHARE}|{NUMBER})(?!\s*[a-z%])")
    if match is None:
        return None, None
    is_number = re.fullmatch(NUMBER, match[2], re.IGNORECASE)
    value = float(read_number(match[2])) if is_number else read_share(match[2])
    return value, _metric_name(match[1]) if match[1] else None


def metric(reader: Reader, *, stop_metric: str | None) -> tuple[str | None, Direction | None]:
    """(metric, direction), each None where nothing was said: "maximise AUC", "lowest error", "for accuracy".

    Args:
        reader: of the sentence.
        stop_metric: the one `goal_target` found.

    Raises:
        RequestNotUnderstood: two metrics are named.
    """
    middle = r"(?:\s+(?:the|its|for|mean|average|cross-validated|cross\s+validated|validation|cv))*"
    better = rf"(?<!\w)(?:({_MAXIMIZE})|({_MINIMIZE})|{_NEUTRAL}){middle}\s+"
    after = r"(?:\s+as\s+(?:(high|large|good)|(low|small))\s+as\s+(?:possible|you\s+can))?"
    found: list[tuple[str, Direction | None]] = []
    for match in reader.take_all(rf"(?:{better})?(?<!\w)({_METRIC})(?:\s+score)?{after}(?!\w)"):
        is_up, is_down = match[1] or match[4], match[2] or match[5]
        direction: Direction | None = "maximize" if is_up else "minimize" if is_down else None
        found.append((_metric_name(match[3]), direction))
    names = list(dict.fromkeys([name for name, _ in found] + ([stop_metric] if stop_metric else [])))
    if len(names) > 1:
        raise RequestNotUnderstood(
            f"a study improves one metric, but you name {' and '.join(names)}: a second objective is not supported yet"
        )
    return (names[0] if names else None), same("direction", [direction for _, direction in found])


def _metric_name(text: str) -> str:
    return _METRIC_NAMES[folded(text, _METRIC_NAMES)]


def task(reader: Reader) -> Task | None:
    """ "classification", "regressor": to be asked after the family, whose name may hold such a word."""
    classes = reader.take_all(r"(?<!\w)(?:classification|classif(?:y|ies|ying)|classifier)(?!\w)")
    numbers = reader.take_all(r"(?<!\w)(?:regression|regressor|regress(?:ing)?)(?!\w)")
    if classes and numbers:
        raise RequestNotUnderstood("the sentence says both classification and regression: say one")
    return "classification" if classes else "regression" if numbers else None


def deadline(reader: Reader) -> str | None:
    """Local time by which to be done, "18:00" or ISO: "until 6pm", "no later than 20:00", "finish by midnight"."""
    begin = (
        r"(?:(?:finish(?:ed)?|done|ready|be\s+done|stop|end|it\s+has\s+to\s+be\s+done)\s+)?"
        r"(?:by|until|till|before|no\s+later\s+than|at)\s+(?:tonight\s*,?\s*)?(?:no\s+later\s+than\s+)?"
    )
    iso = reader.take(rf"{begin}(\d{{4}}-\d\d-\d\d[T ]\d\d:\d\d)(?!\d)")
    if iso:
        return iso[1].replace(" ", "T")
    clock = reader.take(rf"(?<!\w){begin}(?:(\d{{1,2}}):(\d\d)\s*(am|pm)?|(\d{{1,2}})\s*(am|pm|o'clock))(?!\w)")
    if clock:
        hour, minute = int(clock[1] or clock[4]), int(clock[2] or 0)
        half = (clock[3] or clock[5] or "").lower()
        hour = hour % 12 + 12 if half == "pm" else hour % 12 if half == "am" else hour
        if hour > 24 or minute > 59:
            raise RequestNotUnderstood(f"{clock[0].strip()!r} is no time of day", fields=("deadline",))
        return f"{hour % 24:02d}:{minute:02d}"
    if reader.take(rf"(?<!\w){begin}midnight(?!\w)"):
        return "00:00"
    return "12:00" if reader.take(rf"(?<!\w){begin}noon(?!\w)") else None


def dollars(reader: Reader) -> float | None:
    """ "$5", "at most 3 dollars", "10 bucks": for language models."""
    money = r"(?:dollars?|usd|bucks?)(?!\w)"
    before = r"(?:(?:spend|spending|pay|cost(?:ing)?|for)\s+)?"
    found = [
        match[1] or match[2]
        for match in reader.take_all(rf"(?<!\w){before}{_UP_TO}(?:[$]\s*(\d+(?:\.\d+)?)|({NUMBER})\s*{money})")
    ]
    return same("dollars", [float(read_number(text)) for text in found])


def model_requests(reader: Reader) -> int | None:
    """ "at most 30 requests", "ask the model at most five times"."""
    asked = whole(
        reader, rf"(?:ask(?:ing)?|call(?:ing)?|query)\s+(?:the\s+|a\s+)?(?:model|llm)\s+{_UP_TO}({NUMBER})\s+times?"
    )
    sent = whole(reader, rf"{_UP_TO}({NUMBER})\s+(?:model\s+|llm\s+)?(?:requests|calls|queries)(?!\w)")
    return same("requests", [asked, sent])
