"""What a sentence says of parameters: "C between 0.01 and 100 log", "kernel rbf or poly", "gamma = 0.1".

Not for: putting them into a space (narrowing.py), the rest of a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agenttune.cards.estimators import EstimatorCard
from agenttune.cards.families import spellings
from agenttune.cards.pipeline import EncodedFacts
from agenttune.errors import RequestNotUnderstood
from agenttune.plan.named_alone import no_such_parameter, read_alone
from agenttune.plan.range_values import value_of, values_of
from agenttune.plan.range_words import (
    BEHIND,
    ENDLESS,
    EXCLUDING,
    JOIN,
    KIND_AHEAD,
    KIND_BEHIND,
    KIND_LEADS,
    KINDS,
    LEADS,
    LEAST,
    LOG,
    MAY,
    MEASURE,
    MOST,
    NO_COUNT,
    NO_MORE,
    OR,
    TO,
    UNIT_NAMES,
    UNITS,
    VALUES,
    VERB,
    WHOLE_KINDS,
)
from agenttune.plan.reader import FILLERS, Reader, any_of
from agenttune.plan.request import AskedRange
from agenttune.plan.words import NUMBER, read_number
from agenttune.space import Bool, Categorical, Ordinal, Parameter
from agenttune.types import Scalar


@dataclass(frozen=True, slots=True)
class Named:
    """A parameter of a program and how it may be spelled."""

    parameter: str
    spellings: tuple[str, ...]
    is_verbatim: bool = False
    """Whether its values are handed on as they are written: "4k" of a command is no 4000."""


@dataclass(frozen=True, slots=True)
class _Name:
    """A parameter of the family and how it may be spelled."""

    parameter: str
    pattern: str
    nouns: str | None = None
    """How people count it ("trees", "layers"), as a pattern; None for those nobody counts."""
    choices: tuple[Scalar, ...] = ()
    is_verbatim: bool = False
    is_free: bool = False
    """Whether it is of a program: its values may be any words, counted in any unit."""


def read_ranges(reader: Reader, card: EstimatorCard) -> list[AskedRange]:
    """Everything the sentence says of the family's parameters.

    Raises:
        RequestNotUnderstood: a parameter the family does not have, or two statements about one.
    """
    names = _names(card)
    _refuse_first(reader, names)
    found = [asked for name in names for asked in _statements(reader, name)]
    found += [asked for asked in _read_kind(reader, names, any_of(spellings(card))) if asked not in found]
    twice = next((asked for asked in found if [a.parameter for a in found].count(asked.parameter) > 1), None)
    if twice is not None:
        raise RequestNotUnderstood(f"the sentence says two things about {twice.parameter}; say one")
    _refuse_unknown(reader, card, names)
    _refuse_left_alone(reader, names)
    return read_alone(reader, {name.parameter: name.pattern for name in names}, found, owner=card.title)


def read_named(reader: Reader, names: Sequence[Named]) -> list[AskedRange]:
    """Everything the sentence says of parameters of a program, whose values may be any words.

    Raises:
        RequestNotUnderstood: values are those of a first trial.
    """
    found = []
    free = _free(names)
    _refuse_first(reader, free)
    for name in free:
        if not _is_mentioned(reader, name):
            continue
        others = "|".join(other.pattern for other in free if other is not name) or "(?!)"
        while (asked := _read_words(reader, name, others)) is not None:
            found.append(asked)
        found += _statements(reader, name)
    return found


def read_named_alone(
    reader: Reader, names: Sequence[Named], ranges: Sequence[AskedRange], *, script: str
) -> list[AskedRange]:
    """The ranges, with the parameters of a script that are named without values."""
    return read_alone(reader, {name.parameter: name.pattern for name in _free(names)}, ranges, owner=script)


def refuse_left_alone(reader: Reader, names: Sequence[Named]) -> None:
    """Asks for the values of a script's parameters that are not to be tuned, where those left are.

    Raises:
        RequestNotUnderstood: there is one.
    """
    _refuse_left_alone(reader, _free(names))


def read_measured(reader: Reader, names: Sequence[Named]) -> list[AskedRange]:
    """Ranges of a program's parameters that are given in a unit, to be asked before times are: "ttl 10 to 60 s"."""
    found = []
    for name in _free(names):
        if not _is_mentioned(reader, name):
            continue
        for read in (_read_range, _read_measured):
            if (asked := read(reader, name, has_unit=True)) is not None:
                found.append(asked)
    return found


def _free(names: Sequence[Named]) -> list[_Name]:
    patterns = [
        _Name(
            name.parameter,
            _spelt(name.spellings).replace("(?:", "-{0,2}(?:", 1),
            is_verbatim=name.is_verbatim,
            is_free=True,
        )
        for name in names
    ]
    return sorted(patterns, key=lambda name: -len(name.pattern))


def _read_words(reader: Reader, name: _Name, others: str) -> AskedRange | None:
    """ "opt O1 O2 or O3", "lto on or off", "threads: 1 2 4 8", "mode is one of fast, exact", "mode: a | b".

    Args:
        reader: of the sentence.
        name: of the parameter.
        others: the other parameters, as a pattern: a list ends where one of them is named.
    """
    little = r"(?:to|and|from|between|log|one|with|is|at|up|in|of|or|be|could|can|may|must|should)(?!\w)"
    plain = rf"(?!{little})[A-Za-z0-9][\w.+-]*"
    word = rf"[\"'`]?{plain}[\"'`]?"
    within = (
        r"(?:[\s=:∈(\[{]|,?\s*(?:which|that)(?=\s+(?:is|are|can|could|may|takes?|has|should)(?!\w))|(?:is|are|in"
        r"|takes?|has|from|of|out|among|amongst|either|one|can|could|may|must|should|be|the|values?|choices?"
        r"|options?)(?![\w-]))*"
    )
    end = rf"(?![\w.]\w|\w)(?!\s*(?:trials?|runs?|better)){NO_MORE}"
    comma, bar, more = r"\s*[,/|]\s*", r"\s*\|\s*", rf"(?:\s*[,;/|]\s*{word})+"
    for pattern, needed in (
        (rf"{within}({word}(?:(?:{comma}|\s+){word})*(?:\s*,?\s*(?:\s+or\s+|/)\s*{word})+){end}", r"\s+or\s+|/"),
        (rf"{within}({word}(?:{bar}{word})+){end}", r"\|"),
        (rf"{within}\{{\s*({word}{more})\s*\}}", r"\{"),
        (rf"{within}[\[(]\s*((?=[\"'`]?[A-Za-z]){word}{more})\s*[\])]", r"[\[(]"),
        (rf"\s*[:=]?\s*({NUMBER}(?:\s+{NUMBER}){{2,}})(?![\w.]\w|\w){UNITS}", rf"{NUMBER}\s+{NUMBER}"),
        (rf"\s*[:=]\s*({NUMBER}(?:\s+{NUMBER})+)(?![\w.]\w|\w){UNITS}", rf"{NUMBER}\s+{NUMBER}"),
        (
            rf"(?:\s*[:=∈]|{within}(?:one|any|out|values?|choices?|options?)(?:\s+(?:of|are|is|being))*\s*:?)\s*"
            rf"((?:(?=[A-Za-z]){plain})(?:\s*,\s*(?=[A-Za-z]){plain})+)(?=\s*(?:[.;)\n]|$|(?:,|and"
            rf"|,\s*and)\s*(?:{others})))",
            r",\s*[A-Za-z]",
        ),
    ):
        match = reader.peek(f"{VERB}{name.pattern}{pattern}", needs=needed)
        texts = [] if match is None else _words_of(match[1])
        if match is not None and not any(text.lower() in (FILLERS | ENDLESS) - VALUES for text in texts[1:]):
            reader.take(f"{VERB}{name.pattern}{pattern}")
            return AskedRange(parameter=name.parameter, values=_values(texts, name))
    return None


def _words_of(listed: str) -> list[str]:
    texts = re.split(r"\s*(?:,\s*or\s+|\s+or\s+|[,;/|]|\s+)\s*", listed)
    return [bare for text in texts if (bare := text.rstrip(".").strip("\"'`"))]


_COMMON = frozenset(["none", "random", "balanced", "true", "false", "auto"])
"""Choices that are words of many sentences."""


def words_of(card: EstimatorCard) -> tuple[str, ...]:
    """The names of the family's parameters, and of their choices."""
    words = [str(word) for name in _names(card) for word in (name.parameter, *name.choices)]
    return tuple(word for word in words if len(word) > 1 and word.lower() not in _COMMON)


def spellings_of(card: EstimatorCard) -> tuple[str, ...]:
    """How the family's parameters may be called."""
    return tuple(spelling for name in _parameters(card) for spelling in (name, *card.aliases.get(name, ())))


def _read_kind(reader: Reader, names: Sequence[_Name], spelling: str) -> Iterator[AskedRange]:
    """ "an RBF svm", "l1 logistic regression": a choice of one parameter before the family, whose name was read."""
    for name in names:
        words = "|".join(re.escape(str(word)) for word in name.choices if str(word).lower() not in _COMMON)
        match = (
            reader.peek(rf"(?<![\w-])({words})(?:[\s-]+only(?!\w)|(?:[\s-]+kernel)?[\s-]+(?=\x00))") if words else None
        )
        if match and (match[0].endswith("only") or re.match(spelling, reader.text[match.end() :], re.IGNORECASE)):
            reader.take_span(*match.span())
            yield AskedRange(parameter=name.parameter, values=(value_of(match[1], name.choices),))


def _names(card: EstimatorCard) -> list[_Name]:
    """Every parameter of the family for either task, those with the longest spelling first."""
    names = []
    for name, parameter in _parameters(card).items():
        nouns = [alias for alias in card.aliases.get(name, ()) if len(alias) > 2]
        names.append(
            _Name(
                name, _spelt([name, *card.aliases.get(name, ())]), _spelt(nouns) if nouns else None, _choices(parameter)
            )
        )
    return sorted(names, key=lambda name: -len(name.pattern))


def _parameters(card: EstimatorCard) -> dict[str, Parameter]:
    """Those of the family for either task."""
    return {
        name: parameter
        for task in card.classes
        for name, parameter in card.space(EncodedFacts(task), wide=True).parameters.items()
    }


def _spelt(spellings: Sequence[str]) -> str:
    """Any of the spellings, with blanks, underscores and hyphens taken for one another."""
    longest_first = sorted(set(spellings), key=len, reverse=True)
    either = "|".join(r"[\s_-]*".join(map(re.escape, re.split(r"[\s_-]", text))) for text in longest_first)
    return rf"(?<![\w-])(?:{either})(?!\w)"


def _choices(parameter: Parameter) -> tuple[Scalar, ...]:
    if isinstance(parameter, Categorical):
        return tuple(parameter.choices)
    if isinstance(parameter, Ordinal):
        return tuple(value for value in parameter.values if isinstance(value, str))
    return (True, False) if isinstance(parameter, Bool) else ()


def _is_mentioned(reader: Reader, name: _Name) -> bool:
    """Whether its name stands there at all: the patterns about it are long."""
    return any(pattern and reader.peek(pattern) for pattern in (name.pattern, name.nouns))


def _statements(reader: Reader, name: _Name) -> Iterator[AskedRange]:
    if not _is_mentioned(reader, name):
        return
    for read in (_read_range, _read_list, _read_side, _read_value):
        while (asked := read(reader, name)) is not None:
            yield asked


def _read_range(reader: Reader, name: _Name, *, has_unit: bool = False) -> AskedRange | None:
    """ "C between 1 and 10 log", "C from 1 to 10", "C 1 to 10", "C in [1, 10]", "ttl could be 10 to 60 s"."""
    leads, ahead, behind = (KIND_LEADS, KIND_AHEAD, KIND_BEHIND) if name.is_free else (LEADS, "", "")
    lead = rf"{ahead}{VERB}{name.pattern}(?:\s*\(\s*(?:in\s+)?[a-z°%/]+\s*\))?{leads}"
    measure = MEASURE if name.is_free else "()"
    shapes = (
        (lead, rf"between\s+({NUMBER}){measure}\s*(?:and|to|&|,|-|–)\s*({NUMBER}){measure}"),
        (lead, rf"(?:>\s*)?({NUMBER}){measure}\s*(?:(?:down|all\s+the\s+way)\s+)?{TO}\s*(?:<\s*)?({NUMBER}){measure}"),
        (
            rf"{ahead}{VERB}{name.pattern}{leads}",
            rf"[\[(]\s*({NUMBER})()\s*(?:,|;)\s*({NUMBER})()(?=(?:\s+[a-z]+)?\s*[\])])",
        ),
    )
    for before, ends in shapes:
        ends += rf"{'' if name.is_free else UNITS}{NO_COUNT}"
        whole = rf"{before}{ends}(?:\s*[\])])?{behind}{LOG}(?:\s*[\])])?{behind}"
        match = reader.peek(whole, needs=ends)
        if match is None or (has_unit and not match[4]):
            continue
        if match[4] and "," in match[0][: match.start(1) - match.start()]:
            continue  # "tune the dropout, 10 to 20 minutes"
        _require_unit(name.parameter, match[2] or match[4])
        reader.take(whole)
        return _range(name, match, match[1], match[3], match[5] or _log_before(reader, name, match))
    if name.nouns:
        for pattern in (r"(?:from\s+)?({0})\s*(?:to|-|–)\s*({0})\s+{1}", r"between\s+({0})\s+and\s+({0})\s+{1}"):
            match = reader.take(pattern.format(NUMBER, name.nouns) + UNITS + LOG)
            if match:
                return _range(name, match, match[1], match[2], match[3])
    return None


def _read_measured(reader: Reader, name: _Name, *, has_unit: bool) -> AskedRange | None:
    """One end, or values, in a unit: "ttl at most 600 s", "timeout 10, 20 or 30 s", "timeout = 30 s"."""
    unit = MEASURE[:-1] if has_unit else "()"
    for words, is_high in ((MOST, True), (LEAST, False)):
        side = rf"(?:{words})\s*({NUMBER}){unit}"
        match = reader.take(rf"{VERB}{name.pattern}{MAY}\s*{side}", needs=side)
        if match:
            _require_unit(name.parameter, match[2])
            return _side(name, match, is_high=is_high)
    is_set = (
        r"(?:\s*[:=]|\s+(?:is|are|of|at|fixed|set|either|one|values?|can|could|be|must|should)(?!\w))*\s*[\[({]?\s*"
    )
    behind = rf"\s*[\])}}]?{unit}"
    values = rf"({NUMBER}(?:(?:{JOIN}{NUMBER})*{OR}{NUMBER})?){behind}"
    match = reader.take(f"{VERB}{name.pattern}{is_set}{values}", needs=f"{NUMBER}{behind}")
    if match is None:
        return None
    _require_unit(name.parameter, match[2])
    return AskedRange(parameter=name.parameter, values=_values(re.split(JOIN, match[1]), name))


def _log_before(reader: Reader, name: _Name, match: re.Match[str]) -> str | None:
    """The log that stands between a parameter and its range, or before both: "log-uniform lr 1e-4 to 1e-2"."""
    lead = match[0][: match.start(1) - match.start()]
    named = re.search(rf"{VERB}{name.pattern}", lead, re.IGNORECASE)
    if re.search(r"(?<![\w-])log(?![\w-])", lead[named.end() :] if named else "", re.IGNORECASE):
        return "log"
    before = re.search(
        r"(?:^|[^\s\d)\]])\s*(?<![\w-])(?<!no )(?<!not )(log(?:[\s-]*(?:scaled?|uniform))?\s*(?:(?:for|of|on)\s+"
        r"|:\s*)?(?:the\s+)?)$",
        reader.peek_all()[: match.start()],
        re.IGNORECASE,
    )
    if before is None:
        return None
    reader.take_span(*before.span(1))
    return "log"


def _range(name: _Name, match: re.Match[str], low: str, high: str, log: str | None) -> AskedRange:
    """The range; its log where the sentence says so, whichever word of it does."""
    ends = (read_number(low), read_number(high))
    if re.search(r"(?<!\w)down\s+to(?!\w)", match[0], re.IGNORECASE):
        ends = (ends[1], ends[0])
    is_log = None if log is None else log.lower().startswith("log")
    return AskedRange(
        parameter=name.parameter,
        low=ends[0],
        high=ends[1],
        log=is_log,
        is_whole=_is_whole(name, match) if name.is_free else None,
        low_excluded=bool(re.search(rf">\s*{re.escape(low)}", match[0])) or None,  # as both_ends.py writes it
        high_excluded=bool(re.search(rf"<\s*{re.escape(high)}", match[0])) or None,
    )


def _is_whole(name: _Name, match: re.Match[str]) -> bool | None:
    """Whether the values are said to be whole numbers, or any; None where nothing is.

    Raises:
        RequestNotUnderstood: both are said.
    """
    beside = re.sub(rf"{VERB}{name.pattern}", " ", match[0], count=1, flags=re.IGNORECASE)
    said = re.findall(rf"(?<![\w-])(?:{KINDS})(?!\w)", beside, re.IGNORECASE)
    kinds = {re.match(WHOLE_KINDS, word, re.IGNORECASE) is not None for word in said}
    if len(kinds) > 1:
        raise RequestNotUnderstood(
            f"the sentence says of {name.parameter} that it is {said[0]} and {said[1]}: say one", fields=("ranges",)
        )
    return next(iter(kinds), None)


def _require_unit(parameter: str, unit: str | None) -> None:
    """Refuses "timeout_ms from 1 to 2 s": whether 2 or 2000 is meant is not ours to tell."""
    parts = [part for part in parameter.lower().split("_") if part in UNIT_NAMES]
    if unit and parts and not any(re.fullmatch(UNIT_NAMES[part], unit, re.IGNORECASE) for part in parts):
        raise RequestNotUnderstood(
            f"{parameter} has another unit than {unit!r}: say its range in it", fields=("ranges",)
        )


def _read_list(reader: Reader, name: _Name) -> AskedRange | None:
    """ "kernel rbf or poly", "rbf kernel", "n_neighbors in {3, 5, 9}"."""
    words = "|".join(re.escape(str(choice)) for choice in sorted(map(str, name.choices), key=len, reverse=True))
    one = rf"[\"'`]?(?:{NUMBER}{'|' + words if words else ''})[\"'`]?(?![\w])"
    verb = (
        r"(?:[\s:=∈]|(?:is|are|in|from|of|out|among|amongst|either|one|any|to|at|fixed|set|should|can|could|may"
        r"|might|must"
        r"|would|be|being|stays?|remains?|values?|choices?|options?|choose|chosen|picked|selected|try|the"
        r"|list)(?![\w-]))*"
    )
    several = rf"\s*[\[({{]?\s*({one}(?:{JOIN}{one})+)\s*[\])}}]?"
    match = reader.take(rf"{VERB}{name.pattern}{verb}{several}{UNITS}{NO_MORE}", needs=rf"{one}{JOIN}{one}")
    if match is None and words:
        match = reader.take(rf"{VERB}{name.pattern}{verb}\s*[\[({{]?\s*[\"'`]?({words})[\"'`]?\s*[\])}}]?(?!\w)")
    if match is None and name.nouns:
        match = reader.take(rf"(?<![\w.])({NUMBER}(?:{JOIN}{NUMBER})+)\s+{name.nouns}")
    if match is None and words:
        match = reader.take(rf"(?<![\w-])((?:{words})(?:{JOIN}(?:{words}))*)\s+{name.pattern}s?(?!\w)")
    if match is None:
        return None
    texts = [text.strip(" \"'`") for text in re.split(JOIN, match[1])]
    return AskedRange(parameter=name.parameter, values=_values(texts, name))


def _read_side(reader: Reader, name: _Name) -> AskedRange | None:
    """ "max depth at most 10", "C at least 0.1", "C <= 10", "the upper end of C to 10", "at most 8 neighbours"."""
    end = r"(?:end|bound|limit|edge|value)\s+(?:of|for|on)\s+(?:the\s+)?"
    to = r"(?:\s+(?:is|to|be|at|should|must|now))*\s*[:=]?\s*"
    upper, lower = r"(?:upper|top|high(?:er|est)?|max(?:imum)?)", r"(?:lower|bottom|low(?:est)?|min(?:imum)?)"
    for is_high, words, ends in ((True, MOST, upper), (False, LEAST, lower)):
        side = rf"(?:{words})\s*({NUMBER})"
        behind = rf"({NUMBER})\s*,?\s*(?:{BEHIND[is_high]})(?!\w)(?!\s*{NUMBER})"
        cap = r"(?:cap|limit|restrict)\s+" if is_high else "(?!)"
        patterns = [
            (rf"{VERB}{name.pattern}{MAY}\s*{side}{UNITS}{LOG}", side),
            (rf"(?<!\w)(?:the\s+)?{ends}\s+{end}{name.pattern}{to}({NUMBER}){UNITS}", rf"{ends}\s+{end}"),
            (
                rf"{name.pattern}(?:['’]s)?\s+{ends}\s+(?:end|bound|limit){to}({NUMBER}){UNITS}",
                rf"{ends}\s+(?:end|bound|limit)",
            ),
        ]
        patterns += [(rf"(?<!\w){side}\s+{name.nouns}", side)] if name.nouns else []
        patterns += [
            (
                rf"(?<!\w)(?!{name.pattern})(?:{ends})\s+(?:the\s+)?{name.pattern}{to}({NUMBER}){UNITS}{NO_MORE}",
                rf"(?<!\w)(?:{ends})\s",
            ),
            (rf"(?<!\w){cap}(?:the\s+)?{name.pattern}\s+(?:at|to)\s+({NUMBER}){UNITS}", cap),
            (rf"{VERB}{name.pattern}{to}{behind}", behind),
        ]
        for pattern, needed in patterns:
            match = reader.take(pattern, needs=needed)
            if match:
                return _side(name, match, is_high=is_high, log=match[2] if match.re.groups > 1 else None)
    return None


def _side(name: _Name, match: re.Match[str], *, is_high: bool, log: str | None = None) -> AskedRange:
    """One end, with whether the words in front of it leave it out itself."""
    value = read_number(match[1])
    before = match.string[: match.start(1)]
    words = re.search(rf"(?:{EXCLUDING})\s*$", before, re.IGNORECASE)
    is_excluded = True if isinstance(value, int) and words is not None else None
    is_log = log.lower().startswith("log") if log else None
    if is_high:
        return AskedRange(parameter=name.parameter, high=value, log=is_log, high_excluded=is_excluded)
    return AskedRange(parameter=name.parameter, low=value, log=is_log, low_excluded=is_excluded)


def _read_value(reader: Reader, name: _Name) -> AskedRange | None:
    """ "gamma = 0.1", "gamma fixed at 0.1", "with gamma 0.1"."""
    to_be = (
        r"(?:\s+(?:is|are|being|at|to|of|fixed|set|equal|equals|kept|held|stays?|remains?|should|must|be"
        r"|always|constant(?:ly)?|to\s+be)(?!\w))*\s*[:=]?\s*"
    )
    value = rf"({NUMBER})(?!\s+of(?!\w)){UNITS}{NO_MORE}(?!\s*{TO}\s*[\d.\x00])"
    match = reader.take(f"{VERB}{name.pattern}{to_be}{value}", needs=value)
    if match is None and name.nouns:
        match = reader.take(rf"({NUMBER})\s+{name.nouns}")
    if match is None:
        match = reader.take(rf"{VERB}{name.pattern}\s*=\s*[\"'`]?([\w.+-]*\w)[\"'`]?", needs="=")
    return AskedRange(parameter=name.parameter, values=(value_of(match[1], name.choices),)) if match else None


def _values(texts: Sequence[str], name: _Name) -> tuple[Scalar, ...]:
    return values_of(texts, name.parameter, name.choices, is_verbatim=name.is_verbatim)


_FIRST = (
    r"(?:first(?:ly)?\s*,?\s+(?:try|run|test|evaluate)(?:\s+\x00+)?(?:\s+with)?|(?:(?:warm|cold)[\s-]?)?(?:start|begin)(?:ning|ing)?"
    r"(?:\s+(?:the|search|study|tuning|out|off))*(?:\s+(?:at|from|with|by\s+trying))?)"
)
"""Words in front of the values of a first trial."""
_FIRST_NEEDS = r"(?<!\w)(?:first|start|begin|warm|cold)"


def _refuse_first(reader: Reader, names: Sequence[_Name]) -> None:
    """Refuses values to start from: a value that a sentence gives is that of every trial."""
    some = "|".join(name.pattern for name in names)
    if not some:
        return
    is_set = r"(?:\s+(?:of|at|is|to|with|from|value)(?!\w))*\s*[:=]?\s*"
    value = rf"(?:{some}){is_set}{NUMBER}(?![\w.]\w|\w)(?!\s*(?:{TO}|,|or|and)\s*{NUMBER})"
    for shape in (
        rf"(?<!\w){_FIRST}\s+(?:(?:the|an?)\s+)*{value}",
        rf"(?<!\w)(?:try|run|test|evaluate)\s+(?:[^;!?\n]{{0,60}}\s)?{value}[^,;!?\n]{{0,60}}\s(?<!the\s)(?<!at\s)first"
        r"(?=\s*(?:[.,;:!?)]|$|(?:and|then)(?!\w)))",
    ):
        if match := reader.peek(shape, needs=_FIRST_NEEDS):
            words = reader.text[slice(*match.span())]
            raise RequestNotUnderstood(
                f"{words!r}: a value in a sentence is that of every trial, so leave it out, and add that trial to the "
                "study: `agenttune add STUDY key=value`, or [[first]] in a study file",
                fields=("ranges",),
            )


def _refuse_left_alone(reader: Reader, names: Sequence[_Name]) -> None:
    """Asks for the value of what is not to be tuned: "leave the number of trees alone"."""
    kept = r"(?:alone|as\s+(?:it|they)\s+(?:is|are)|as\s+is|unchanged|untouched)"
    for name in names:
        match = reader.peek(
            rf"(?<!\w)(?:(?:leav|keep)(?:e|ing)?\s+(?:the\s+)?(?:{name.pattern})\s+{kept}"
            rf"|(?:{name.pattern})\s+(?:(?:is|are|to\s+be|should\s+be)\s+)?(?:left|kept)\s+{kept})(?!\w)"
        )
        if match:
            raise RequestNotUnderstood(
                f"which value {name.parameter} has where you say {match[0]!r}: say it, as in `{name.parameter} = ...`",
                fragments=(match[0],),
                fields=("ranges",),
            )


def _refuse_unknown(reader: Reader, card: EstimatorCard, names: Sequence[_Name]) -> None:
    """Quotes a statement about a parameter that the family does not have."""
    word = r"[a-z_][\w]*"
    for pattern in (
        rf"((?:{word}\s+){{0,2}}{word})\s+between\s+{NUMBER}\s+and\s+{NUMBER}",
        rf"((?:{word}\s+){{0,2}}{word})\s+from\s+{NUMBER}\s+to\s+{NUMBER}",
        rf"({word})\s*=\s*[\w.\"'+-]+",
    ):
        match = reader.peek(rf"(?<!\w){pattern}")
        words = [] if match is None else [text for text in match[1].split() if text.lower() not in FILLERS]
        if words:
            raise no_such_parameter(" ".join(words), [name.parameter for name in names], owner=card.title)
