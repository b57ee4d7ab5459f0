"""Requests of several turns: each later one adds to what was said before, or corrects it.

A turn is read by the grammar as a sentence of its own, without having to be complete; what it says takes the place of
what was said, "use AUC instead", "no, make that 50 trials", "forget the time limit". Not for: a study that exists.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agenttune.cards.data import BUNDLED, column_names
from agenttune.cards.families import CARDS
from agenttune.errors import RequestNotUnderstood
from agenttune.plan.denials import without_denied
from agenttune.plan.grammar import left_aside, read, read_part
from agenttune.plan.languages import in_english, language_of
from agenttune.plan.metric_names import usual_direction
from agenttune.plan.own_names import own_names
from agenttune.plan.quoting import own_words
from agenttune.plan.reader import any_of, loosely
from agenttune.plan.request import MOST_CHARS, AskedRange, PlanOptions, Request
from agenttune.plan.words import NUMBER
from agenttune.types import Scalar

_TAKES_BACK = (
    r"^(?:(?:no(?!\s+(?:more|less|longer)\s)|nope|sorry|wait|hm+|actually|ah|oh|ok(?:ay)?|and"
    r"|also|but|then|wrong\s+\w+|rather|better|please|well)"
    r"(?:\s*[,.:;!-]\s*|\s+))+"
)
_CORRECTS = (
    (r"^\s*(?:(?:and|no)\s*,?\s+)+(?=make\s+that\s)", " "),
    (r"(?:make\s+(?:that|it)|i\s+meant?|i\s+mean|let'?s\s+(?:use|do|take|say)|change\s+(?:that|it)\s+to|take)\s+", " "),
    (r"\s+(?:instead|rather|please|after\s+all|too|as\s+well)(?!\w)", " "),
    (r"(?<!\w)(?:that|it|this)\s+should\s+(?:rather\s+)?(?:be|have\s+been)\s+", ""),
)
_FORGET = (
    r"(?:forget|drop|remove|without|ignore|no|skip)\s+(?:about\s+)?(?:the\s+|any\s+|a\s+)?(?:{0})"
    r"(?:\s+(?:limit|budget|bound|cap))?(?!\w)|(?:forget|drop|remove|lift|ignore"
    r"|skip)\s+(?:the\s+)?(?:limit|cap|bound)\s+(?:on|of|for)\s+(?:the\s+)?(?:{0})(?!\w)"
)
_FORGOTTEN = {
    "seconds": r"time|seconds|minutes|hours",
    "trials": r"trials?|number\s+of\s+trials",
    "dollars": r"dollars?|money|price|cost",
    "requests": r"requests?",
    "trial_seconds": r"time\s+per\s+trial",
    "trial_memory": r"memory",
    "deadline": r"deadline",
    "constraints": r"constraints?|bounds?",
    "goal_target": r"target|stopping",
}
"""Field -> how people call it when they take it back."""
_RANGE = rf"{NUMBER}\s*(?:to|-|–|and|up\s+to)\s*{NUMBER}(?:\s+log(?:arithmic)?)?"
_FIXES = re.compile(
    r"(?<!\w)(?:fix\w*|keep|kept|stays?|always|constant\w*|only|just|holds?|held|leave|remains?|set|pin\w*|freeze|frozen)(?!\w)|=",
    re.IGNORECASE,
)
"""Words that make one value the only one."""
_ADDS = re.compile(r"(?<!\w)(?:as\s+well|too|also|add|plus|auch|aussi|también|tambien)(?!\w)|[也还]", re.IGNORECASE)
"""Words that make it one more."""
_SUBJECT = ("family", "script", "command", "function")


def read_turns(turns: Sequence[str], options: PlanOptions) -> Request:
    """What all turns together ask for.

    Raises:
        RequestNotUnderstood: words of one were left over, or it contradicts itself.
        DataError: a data file cannot be used.
    """
    n_chars = sum(map(len, turns))
    if n_chars > MOST_CHARS:
        raise RequestNotUnderstood(f"a request may have {MOST_CHARS:,} characters, but got {n_chars:,}: say it shorter")
    first, *later = turns
    if not later:
        return read(first, options)
    request = read_part(first, options, Request())
    language = language_of(first)
    for turn in later:
        own = own_names("\n".join(turns), Path(options.cwd), request)
        request = _with(request, in_english(turn, language, own), options, typed=turn)
    return request.model_copy(update={"text": "\n".join(turns)})


def merged_ranges(before: Sequence[AskedRange], said: Sequence[AskedRange]) -> tuple[AskedRange, ...]:
    """The ranges with what was said of them later; of one that was said in part, the other end stays.

    Raises:
        RequestNotUnderstood: a later bound leaves none of the values listed before.
    """
    found = {asked.parameter: asked for asked in before}
    for asked in said:
        old = found.get(asked.parameter)
        if old is not None:
            asked = asked.model_copy(update={"alone": asked.alone or old.alone})
        if old is not None and asked.is_bare:
            asked = old.model_copy(update={"alone": asked.alone})
        elif old is not None and not asked.values and not old.values:
            low = asked.low if asked.low is not None else old.low
            high = asked.high if asked.high is not None else old.high
            log = asked.log if asked.log is not None else old.log
            ends: dict[str, object] = {"low": low, "high": high, "log": log}
            ends["low_excluded"] = asked.low_excluded if asked.low is not None else old.low_excluded
            ends["high_excluded"] = asked.high_excluded if asked.high is not None else old.high_excluded
            ends["is_whole"] = asked.is_whole if asked.is_whole is not None else old.is_whole
            asked = asked.model_copy(update=ends)
        elif old is not None and len(old.values) > 1 and not asked.values and (asked.low is None or asked.high is None):
            asked = asked.model_copy(update={"low": None, "high": None, "values": _within(old.values, asked)})
        found[asked.parameter] = asked
    return tuple(found.values())


def _with(request: Request, turn: str, options: PlanOptions, *, typed: str) -> Request:
    (text, denied), forgotten = without_denied(turn.strip()), []
    for field, words in _FORGOTTEN.items():
        text, n = re.subn(_FORGET.format(words), " ", text, flags=re.IGNORECASE)
        forgotten += [field] if n else []
    text = re.sub(_TAKES_BACK, "", text.strip(" ,.;"), flags=re.IGNORECASE)
    text, dropped = _without_ranges(text, request)
    for pattern, put in _CORRECTS:
        text = re.sub(pattern, put, text, flags=re.IGNORECASE)
    if after := re.search(r",?\s*(?<!\w)not\s+(?![^,.;]*\sbut\s)[\w\s-]+$", text, re.IGNORECASE):  # "sepal, not petal"
        text, denied = text[: after.start()], (*denied, after[0].strip(" ,"))
    if request.ranges and re.fullmatch(rf"\s*(?:from\s+|between\s+)?{_RANGE}", text.rstrip(" .!"), re.IGNORECASE):
        text = f"{request.ranges[-1].parameter} {text}"  # "no, 0 to 0.3"
    if (column := _column(text, request, options)) is not None:
        text = f"predict {column}"
    only = re.match(
        rf"\s*(?:(?:the|do|use|try|take|have|go|for|with|just|only|rather|say|it|at\s+most|up\s+to)\s+)*({NUMBER})"
        r"(?=\s*(?:[,.!;]|and(?!\w)|$))",
        text,
        re.IGNORECASE,
    )
    counts = (request.workers, request.folds, request.gpus, request.seed)
    if (
        only is not None
        and request.trials is not None
        and (only[0].strip() == text.strip(" .!") or counts == (None,) * 4)
    ):
        _require_about_trials(request, denied)
        text = f"{only[1]} trials{text[only.end() :]}"  # "no, make that 25"
    kept = request.model_copy(
        update={
            **{field: Request.model_fields[field].default for field in forgotten},
            "ranges": tuple(asked for asked in request.ranges if asked.parameter not in dropped),
            "mended": (*request.mended, *(left_aside(own_words(words, turn, typed)) for words in denied)),
        }
    )
    if not text.strip(" ,.;!"):
        return kept
    try:
        said = read_part(text, options, kept, typed=typed)
    except RequestNotUnderstood as error:
        ranges = merged_ranges(kept.ranges, error.read.get("ranges", ()))
        error.read = {**kept.given(), **error.read, "ranges": ranges}
        raise
    if said.mended and not dropped and not forgotten and said == Request(text=text, mended=said.mended):
        raise RequestNotUnderstood(f"I do not understand what {typed.strip()!r} changes", fragments=(typed.strip(),))
    changes: dict[str, Any] = {
        name: getattr(said, name)
        for name in Request.model_fields
        if name not in ("text", "ranges", "constraints", "overruled", "mended") and getattr(said, name) is not None
    }
    if any(name in changes for name in _SUBJECT):
        changes = dict.fromkeys(_SUBJECT) | changes
    if changes.get("metric", request.metric) != request.metric and "direction" not in changes:
        changes["direction"] = request.direction if _is_alike(request.metric, said.metric) else None
    if "data" in changes and changes["data"] != request.data and "target" not in changes:
        changes["target"] = None
    _require_clear_values(kept.ranges, said.ranges, text, typed=typed)
    changes["ranges"] = merged_ranges(kept.ranges, said.ranges)
    changes["mended"] = tuple(dict.fromkeys((*kept.mended, *said.mended)))
    changes["constraints"] = tuple(dict.fromkeys((*kept.constraints, *said.constraints)))
    return kept.model_copy(update=changes)


def _without_ranges(text: str, request: Request) -> tuple[str, list[str]]:
    """(the turn without what it takes back of parameters, "forget about the k"; which parameters those are)."""
    dropped = []
    aliases = CARDS[request.family].aliases if request.family else {}
    for asked in request.ranges:
        names = any_of([asked.parameter, *aliases.get(asked.parameter, ())])
        text, n = re.subn(_FORGET.format(names), " ", text, flags=re.IGNORECASE)
        dropped += [asked.parameter] if n else []
    return text, dropped


def _require_about_trials(request: Request, denied: Sequence[str]) -> None:
    """Refuses a bare number where another number than that of the trials was said last, or is taken back.

    Raises:
        RequestNotUnderstood: it could be the end of a range.
    """
    said = re.findall(r"(?<![\w.])\d+(?![\w.]\d)", request.text)
    taken_back = re.findall(r"\d+", " ".join(denied))
    is_other = bool(said) and str(request.trials) in said and said[-1] != str(request.trials)
    if request.ranges and (is_other or any(text != str(request.trials) for text in taken_back)):
        raise RequestNotUnderstood(
            "say what that number is: that of the trials, or the end of a range", fields=("trials", "ranges")
        )


def _require_clear_values(before: Sequence[AskedRange], said: Sequence[AskedRange], text: str, *, typed: str) -> None:
    """Refuses a single value for what had several, unless it is said to be the only one: "batch size to 128".

    Raises:
        RequestNotUnderstood: there is one.
    """
    is_plain = re.fullmatch(r"\s*[\w-]+(?:\s[\w-]+)?\s*[=:]?\s*\S+\s*", text) is not None and not re.search(
        r"\sto\s", text
    )
    if (is_plain and not _ADDS.search(typed)) or _FIXES.search(text):
        return
    several = {asked.parameter for asked in before if len(asked.values) != 1}
    for asked in said:
        if asked.parameter in several and len(asked.values) == 1:
            raise RequestNotUnderstood(
                f"is {asked.parameter} to be {asked.values[0]} only, or is that one more value or an end of its range?",
                fields=("ranges",),
            )


def _column(text: str, request: Request, options: PlanOptions) -> str | None:
    """The column that is all the turn says: "make that delay_arr"."""
    if request.data is None or request.data in BUNDLED:
        return None
    columns = column_names(Path(options.cwd, request.data).expanduser())
    plain = text.strip(" \"'`.,;!")
    return next((name for name in columns if re.fullmatch(loosely(name), plain, re.IGNORECASE)), None)


def _is_alike(old: str | None, new: str | None) -> bool:
    """Whether two metrics of a program are better in the same direction, as their names tell."""
    directions = [None if name is None else usual_direction(name) for name in (old, new)]
    return directions[0] is not None and directions[0] == directions[1]


def _within(values: Sequence[Scalar], asked: AskedRange) -> tuple[Scalar, ...]:
    """Those of the listed values that one later bound leaves.

    Raises:
        RequestNotUnderstood: none is left, or they are no numbers.
    """
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if all(isinstance(value, int) for value in numbers):
        asked = asked.of_whole_numbers()
    low, high = (-math.inf if asked.low is None else asked.low), (math.inf if asked.high is None else asked.high)
    left = tuple(value for value in numbers if low <= value <= high)
    if len(numbers) < len(values) or not left:
        listed = ", ".join(map(str, values))
        raise RequestNotUnderstood(
            f"{asked.parameter} was to be one of {listed}: say its new values", fields=("ranges",)
        )
    return left
