"""The column that is to be predicted, as a sentence says it: "predict price", "the last column is the label".

Each function takes its words away from the reader. Not for: whether the data have that column (checker.py).
"""

from __future__ import annotations

import re
from functools import cache
from itertools import takewhile
from pathlib import Path

from agenttune.cards.data import BUNDLED, column_names, load_dataset
from agenttune.cards.metrics import Task
from agenttune.errors import DataError, RequestNotUnderstood
from agenttune.plan.harmless import NOUNS
from agenttune.plan.reader import FILLERS, Reader, any_of, folded, loosely
from agenttune.plan.request import PlanOptions

_PREDICT = (
    r"(?:predict(?:ing|s)?|forecast(?:ing)?|estimat(?:e|ing)|label(?:\s+(?:column|is))*"
    r"|(?:class|outcome|output)\s+(?:column|variable|field|label)(?:\s+(?:is|being|will\s+be)|\s*[=:])?"
    r"|y\s*(?:is|=|:)|(?:with\s+)?(?:the\s+)?(?:target|response|dependent)(?:\s+(?:column|variable"
    r"|field))?(?:\s*(?:is|=|:|being|will\s+be|should\s+be))?)"
)
_PREDICTED = (
    r"predict\w*|forecast\w*|label(?:led|s)?|target(?:s|ed)?|response|dependent|outcome"
    r"|(?:column|variable|thing)\s+of\s+interest|marks|what\s+(?:i|we)(?:'m|'re|\s+am|\s+are)\s+(?:after|interested\s+in)|column\s+(?:that|which|where|with)"
    r"|(?:says?|tells?|shows?|knows?|see|find\s+out)\s+(?:if|whether|who|which|how\s+much)"
    r"|to\s+be\s+(?:learned|learnt|estimated)|classif(?:y|ied|ying)|estimate[ds]?|ground\s+truth"
)
"""What stands somewhere in a sentence that says which column to predict."""


def columns_of(data: str | None, options: PlanOptions) -> list[str]:
    """Of a file that can be read, or of bundled data without their target."""
    if data is None:
        return []
    if data in BUNDLED:
        return list(_features(data))
    try:
        return column_names(Path(options.cwd, data).expanduser())
    except DataError:
        return []


@cache
def _features(data: str) -> tuple[str, ...]:
    """Of bundled data, without the unit: "sepal length" of "sepal length (cm)"."""
    return tuple(column.name.partition(" (")[0] for column in load_dataset(data).card.columns)


def named_column(reader: Reader, data: str | None, options: PlanOptions) -> tuple[str | None, Task | None]:
    """The column to predict, and the task the verb implies ("classify")."""
    the = r"\s+(?:the\s+)?(?:(?:column|variable|value\s+of|field)\s+)?(?:called\s+|named\s+)?"
    quoted = reader.take(rf"(?<!\w){_PREDICT}{the}[\"'`]([^\"'`]+)[\"'`]")
    if quoted:
        return quoted[1], None
    known = [] if data is None else column_names(data if data in BUNDLED else Path(options.cwd, data).expanduser())
    if known:
        names = "|".join(loosely(name) for name in sorted(known, key=len, reverse=True))
        match = reader.take(rf"(?<!\w)(?:{_PREDICT}|(classify(?:ing)?)){the}({names})(?!\w)")
        if match:
            return folded(match[2], known), "classification" if match[1] else None
    return _unknown_target(reader, the), None


_EVERYTHING = (
    r"(?:everything|all|anything|all\s+the|the)\s+"
    r"(?:(?:other|rest|else|remaining|of|the|columns?|fields?|variables?|features?)(?!\w)\s*)*"
)


def regressed_column(reader: Reader, data: str, options: PlanOptions) -> tuple[str | None, Task | None]:
    """(the column, the task that the verb implies) of "regress y on everything else", "learn y from the rest"."""
    known = column_names(Path(options.cwd, data).expanduser())
    names = "|".join(loosely(name) for name in sorted(known, key=len, reverse=True))
    match = reader.take(
        rf"(?<!\w)(?:(?P<how>regress|explain|model|learn|infer|derive|fit|guess)\s+)(?:the\s+)?(?P<name>{names})\s+"
        rf"(?:on|from|by|with|using|out\s+of|as\s+a\s+function\s+of|given)\s+{_EVERYTHING}(?!\w)"
    )
    if match is None:
        return None, None
    return folded(match["name"], known), "regression" if match["how"].lower() == "regress" else None


_LIMITS = (
    r"(?:only|just|solely|without|except(?:\s+for)?|excluding|exclude|ignor(?:e|ing)|drop(?:ping)?|skip(?:ping)?"
    r"|remov(?:e|ing)|omit(?:ting)?|leav(?:e|ing)\s+out|but\s+not)"
)
_SELECTING = re.compile(rf"(?<!\w)(?:{_LIMITS}|use|using|from)(?:\s+(?:on|with|to|use|using|from))*\s+$", re.IGNORECASE)


def forget_list(reader: Reader, data: str, options: PlanOptions) -> None:
    """Takes "with columns age, plan and churn", which describes the file and selects nothing."""
    one = rf"[\"'`]?(?:{any_of(columns_of(data, options)) or '(?!)'})(?![\w-])[\"'`]?"
    match = reader.peek(
        r"(?<!\w)(?:(?:with|has|have|having|contains|its|the)\s+)+columns?\s*(?:are\s+|named\s+|called\s+|:\s*)?"
        rf"{one}(?:\s*,\s*{one})*\s*,?\s*(?:and|,)\s*{one}"
    )
    if match is None or _SELECTING.search(reader.text[: match.start()]):
        return
    if not re.match(r"\s+(?:only|alone)(?!\w)", reader.text[match.end() :], re.IGNORECASE):
        reader.take_span(*match.span())


def forget_rest(reader: Reader, data: str, options: PlanOptions) -> None:
    """Takes "from all other columns", "using everything else": a study learns from them anyway.

    And "it has age, plan and churn", which describes the file.
    """
    reader.take_all(
        rf"(?<!\w)(?:from|using|with|given|on|by|out\s+of)\s+(?:everything\s+else|{_EVERYTHING}(?<=\w))(?=\s*(?:[,.;:!?)]|$|in\s|of\s))"
    )
    one = rf"[\"'`]?(?:{any_of(columns_of(data, options)) or '(?!)'})(?![\w-])[\"'`]?"
    reader.take(rf"(?<!\w)(?:has|have|contains?|holds?)\s+{one}(?:\s*(?:,|and|,\s*and)\s*{one})+")


def last_column(reader: Reader, data: str, options: PlanOptions) -> str | None:
    """ "the last column is the label", "... level, ragequit (that last one is the thing to predict)"."""
    last = r"(?:the\s+|that\s+|our\s+)*last\s+(?:one|column|field|variable|of\s+(?:them|these|those))"
    last += r"(?:\s+(?:of|in)\s+(?:(?:the|my|our|this)\s+(?:file|table|data|csv)|\x00+))?"
    match = reader.take(
        rf"(?<!\w)(?:(?:{_PREDICT})\s+(?:is\s+)?{last}(?!\w)|{last}(?:'s|\s+is|\s+being|\s*=)\s+(?:(?:the|a|one|thing|column|value|what|that"
        rf"|i|we|want|need|to|be|like|our|my)\s+)*(?:predict\w*|forecast\w*|target|label|outcome|response)(?!\w))"
    )
    columns = column_names(Path(options.cwd, data).expanduser())
    if match is None and columns:
        match = reader.take(
            rf"(?<!\w){last}\s*(?:[:,(]|(?:which\s+)?is(?:\s+called)?|called|named)?\s*[\"'`]?{loosely(columns[-1])}(?![\w-])[\"'`]?\)?"
        )
        return columns[-1] if match else None
    if match is None or not columns:
        return None
    names = "|".join(loosely(name) for name in sorted(columns, key=len, reverse=True))
    listed = re.search(rf"(?<![\w-])({names})\W*$", reader.text[: match.start()], re.IGNORECASE)
    return folded(listed[1], columns) if listed else columns[-1]


_COLUMN = (
    r"(?:columns?|features|feature(?!\s+(?:selection|engineering|scaling|extraction|importances?))|variables|fields?)"
)
_ANY = (
    rf"[\"'`]?(?!(?:{'|'.join(map(re.escape, sorted(FILLERS - NOUNS)))}|all|other|max|target|label)(?![\w-]))"
    r"\w[\w.-]*(?!\w)[\"'`]?"
)
_SOME = rf"{_ANY}(?:\s*(?:,|and|,\s*and|&)\s*{_ANY})*"
_SELECTIONS = (
    rf"(?<!the\s)(?<!has\s)(?<!have\s){_LIMITS}\s+(?:(?:the|my|on|with|use|using|from|first|last|\d+)\s+)*"
    rf"(?:{_COLUMN}\s*:?\s+{_ANY}|{_SOME}\s+{_COLUMN})",
    rf"(?:using|use|from|based\s+on)\s+(?:(?:only|just|the|my)\s+)*{_COLUMN}\s*:?\s+{_ANY}(?!\s+as(?!\w))",
    rf"(?<!has\s)(?<!have\s){_COLUMN}\s*:?\s+{_SOME}\s+(?:only|alone|and\s+nothing\s+else)",
)
"""Choices of columns that need not be any of the data."""


def refuse_selection(reader: Reader, data: str | None, options: PlanOptions, *, target: str | None) -> None:
    """Quotes what limits a study to some of the columns: it learns from all of them.

    Args:
        reader: of the sentence.
        data: the data set.
        options: flags.
        target: the column to predict, as far as it is known.
    """
    columns = columns_of(data, options)
    names, others = any_of(columns) or "(?!)", any_of(name for name in columns if name != target) or "(?!)"
    sure = any_of(name for name in columns if name != target and name.lower() not in FILLERS) or "(?!)"
    column = r"(?:columns?|features?|variables?|fields?)"
    what = rf"(?:(?:the|an?|my|{column}|on|with|using|use|from)\s+)*"
    the = rf"(?:\s*[:=]|\s+(?:the|my|are|is|be|just|only|{column}|inputs?|called|named)(?!\w))*\s*[\"'`]?"
    kind = rf"(?:numeric(?:al)?|categorical|continuous|binary|boolean|text)\s+(?:{column}|ones?)"
    named = (
        rf"{_LIMITS}\s+{what}(?:[\"'`]?(?:{names})|{kind})",
        rf"(?:based\s+(?:only\s+|solely\s+)?on|given|features?|inputs?|predictors?|regressors?|covariates?){the}(?:{others})",
        rf"(?:from|using|use|by)(?:\s+(?:the|only|just|{column}))*\s+[\"'`]?"
        rf"(?:{sure}|(?:{others})[\"'`]?\s*(?:,|and|\+|&)\s*[\"'`]?(?:{others}))",
        rf"(?:{others}|{kind})[\"'`]?\s+(?:only|alone|and\s+nothing\s+else)",
    )
    is_bundled = data in BUNDLED
    look = reader.peek_said if is_bundled else reader.peek  # of "radius error", the error was read as a metric
    found = [look(_whole(shape)) for shape in named] + [reader.peek(_whole(shape)) for shape in _SELECTIONS]
    words = next((match[0] for match in found if match), None)
    if words is not None:
        way = f"leave columns out of {data or 'the file'} itself"
        if is_bundled:
            way = f"save {data} as a CSV file that has only those you want"
        raise RequestNotUnderstood(
            f"{words!r}: a study learns from every column but the target, so {way}",
            fragments=(words,),
            fields=("data",),
        )


def _whole(shape: str) -> str:
    return rf"(?<![\w-])(?:{shape})(?![\w-])"


def only_column(reader: Reader, data: str | None, options: PlanOptions) -> str | None:
    """The one column that is named, where the sentence says somewhere that something is to be predicted."""
    if data is None or data in BUNDLED:
        return None
    known = column_names(Path(options.cwd, data).expanduser())
    one = rf"[\"'`]?(?:{any_of(known) or '(?!)'})(?![\w-])[\"'`]?"
    column = r"(?:column|field|variable)"
    apart = (
        rf"(?:^|[,;:.(\n])\s*{one}\s*(?:[,;.)\n]|$)|(?<![\w./-]){one}\s+{column}(?!\w)"
        rf"|(?<!\w){column}\s*[:=]?\s*{one}"
    )
    if not (reader.peek_said(rf"(?<!\w)(?:{_PREDICTED})(?!\w)") or reader.peek(apart)):
        return None
    plain = [
        name for name in known if re.search(rf"(?<![\w./-]){loosely(name)}(?![\w-])", reader.peek_all(), re.IGNORECASE)
    ]
    if len(plain) != 1:
        return None
    reader.take_all(
        rf"(?<![\w./-])(?:(?:the\s+)?(?:column|variable|field)\s*[:=]?\s*)?(?:called\s+"
        rf"|named\s+)?[\"'`]?{loosely(plain[0])}(?![\w-])[\"'`]?"
    )
    return plain[0]


def _unknown_target(reader: Reader, the: str) -> str | None:
    """Up to three words after the verb that are no fillers: a column the data do not have, or not yet known."""
    match = reader.peek(rf"(?<!\w){_PREDICT}{the}((?:[^\s,.;\x00]+[^\S\x00]+){{0,2}}[^\s,.;\x00]+)")
    words = list(takewhile(lambda word: word.lower() not in FILLERS, match[1].split())) if match else []
    if not words:
        reader.take(r"(?<!\w)(?:predict(?:ing)?|forecast(?:ing)?)(?!\w)")
        return None
    reader.take(rf"(?<!\w){_PREDICT}{the}" + r"\s+".join(map(re.escape, words)))
    return " ".join(words)
