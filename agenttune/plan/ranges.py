"""What a sentence says of parameters: "C between 0.01 and 100 log", "kernel rbf or poly", "gamma = 0.1".

Reading (`read_ranges`) and putting into a space (`narrowed`). Not for: the rest of a sentence.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agenttune.cards.estimators import EstimatorCard
from agenttune.cards.families import spellings
from agenttune.cards.pipeline import EncodedFacts
from agenttune.errors import RequestNotUnderstood, SpaceError
from agenttune.plan.reader import FILLERS, Reader, any_of
from agenttune.plan.request import AskedRange
from agenttune.plan.words import NUMBER, read_number
from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Parameter, Space
from agenttune.types import Scalar

_LOG = (
    r"(?:\s*,?\s*(?:\[|\(|on\s+an?\s+|in\s+|with\s+an?\s+|using\s+an?\s+)?(log(?!\s*loss)"
    r"|logarithmic|log-uniform|linear(?!\s+(?:reg|svm|kernel))|uniform)"
    r"(?:[-\s]*(?:scaled?|uniform(?:ly)?|spaced?|ly|steps?|space))?[\])]?(?!\w))?"
)
_TO = r"(?:up\s+to|to|through|thru|until|till|-|–|~|\.\.\.?|…|:)"
"""Between the ends of a range."""
_UNITS = (
    r"(?!\s*(?:%|trials?|runs?|workers?|-?folds?|min|sec|hour|s(?!\w)|m(?!\w)|h(?!\w)|gpu|[kmgt]i?b"
    r"|at\s+a\s+time|at\s+once|in\s+parallel|held|kept))"
)
_JOIN = r"\s*(?:,\s*or\s+|,\s*and\s+|,|/|\||\s+or\s+|\s+and\s+)\s*"
_MAY = (
    r"(?:\s+(?:only|is|are|stays?|(?:may|can|should|must|could|has\s+to|to)(?:\s+(?:go|be|reach|stay|remain|get))?))?"
)
_MOST = r"at\s+most|up\s+to|below|under|no\s+more\s+than|(?:less|fewer|smaller)\s+than|max(?:imum)?(?:\s+of)?|≤|<=?"
_LEAST = r"at\s+least|above|over|no\s+less\s+than|(?:more|greater|larger)\s+than|min(?:imum)?(?:\s+of)?|≥|>=?"
_VERB = (
    r"(?:(?:fix(?:ing|ed)?|keep(?:ing)?|hold(?:ing)?|set(?:ting)?|search(?:ing)?|vary(?:ing)?"
    r"|over|try(?:ing)?|tun(?:e|ing))\s+(?:the\s+)?)?"
)


@dataclass(frozen=True, slots=True)
class Named:
    """A parameter of a program and how it may be spelled."""

    parameter: str
    spellings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Name:
    """A parameter of the family and how it may be spelled."""

    parameter: str
    pattern: str
    nouns: str | None
    """How people count it ("trees", "layers"), as a pattern; None for those nobody counts."""
    choices: tuple[Scalar, ...]


def read_ranges(reader: Reader, card: EstimatorCard) -> list[AskedRange]:
    """Everything the sentence says of the family's parameters.

    Raises:
        RequestNotUnderstood: a parameter the family does not have, or two statements about one.
    """
    names = _names(card)
    found = [asked for name in names for asked in _statements(reader, name)]
    found += [asked for asked in _read_kind(reader, names, any_of(spellings(card))) if asked not in found]
    twice = next((asked for asked in found if [a.parameter for a in found].count(asked.parameter) > 1), None)
    if twice is not None:
        raise RequestNotUnderstood(f"the sentence says two things about {twice.parameter}; say one")
    _refuse_unknown(reader, card, names)
    return found


def read_named(reader: Reader, names: Sequence[Named]) -> list[AskedRange]:
    """Everything the sentence says of parameters of a program, whose values may be any words."""
    patterns = [_Name(name.parameter, _spelt(name.spellings), None, ()) for name in names]
    found = []
    for name in sorted(patterns, key=lambda name: -len(name.pattern)):
        if not _is_mentioned(reader, name):
            continue
        while (asked := _read_words(reader, name)) is not None:
            found.append(asked)
        found += _statements(reader, name)
    return found


def _read_words(reader: Reader, name: _Name) -> AskedRange | None:
    """ "opt O1 O2 or O3", "lto on or off", "threads: 1 2 4 8", "mode is one of fast, exact"."""
    word = r"(?!(?:to|and|from|between|log|one|with|is|at|up|in|of|or)(?!\w))[A-Za-z0-9][\w.+-]*"
    start = rf"{_VERB}{name.pattern}\s*(?:is|in|from|of|among|either|one\s+of|=|:)*\s*[\[({{]?\s*"
    match = reader.take(
        rf"{start}({word}(?:(?:\s*[,/|]\s*|\s+){word})*\s*,?\s*(?:\s+or\s+"
        rf"|/)\s*{word})(?![\w.])(?!\s*(?:trials?|runs?|better))"
    )
    if match is None:
        within = r"\s*(?:is|are|in|from|of|among|either|one\s+of|=|:|∈)*\s*"
        more = rf"(?:\s*[,;/|]\s*{word})+"
        spelled = rf"(?:\{{\s*({word}{more})\s*\}}|[\[(]\s*((?=[A-Za-z]){word}{more})\s*[\])])"
        match = reader.take(rf"{_VERB}{name.pattern}{within}{spelled}")
    if match is None:
        match = reader.take(rf"{_VERB}{name.pattern}\s*:\s*({NUMBER}(?:\s+{NUMBER})+)(?![\w.])")
    if match is None:
        return None
    listed = next(group for group in match.groups() if group)
    texts = [text.rstrip(".") for text in re.split(r"\s*(?:,\s*or\s+|\s+or\s+|[,;/|]|\s+)\s*", listed) if text]
    return AskedRange(parameter=name.parameter, values=tuple(_value(text, ()) for text in texts))


_COMMON = frozenset(["none", "random", "balanced", "true", "false", "auto"])
"""Choices that are words of many sentences."""


def words_of(card: EstimatorCard) -> tuple[str, ...]:
    """The names of the family's parameters, and of their choices."""
    words = [str(word) for name in _names(card) for word in (name.parameter, *name.choices)]
    return tuple(word for word in words if len(word) > 1 and word.lower() not in _COMMON)


def _read_kind(reader: Reader, names: Sequence[_Name], spelling: str) -> Iterator[AskedRange]:
    """ "an RBF svm", "l1 logistic regression": a choice of one parameter before the family, whose name was read."""
    for name in names:
        words = "|".join(re.escape(str(word)) for word in name.choices if str(word).lower() not in _COMMON)
        match = (
            reader.peek(rf"(?<![\w-])({words})(?:[\s-]+only(?!\w)|(?:[\s-]+kernel)?[\s-]+(?=\x00))") if words else None
        )
        if match and (match[0].endswith("only") or re.match(spelling, reader.text[match.end() :], re.IGNORECASE)):
            reader.take_span(*match.span())
            yield AskedRange(parameter=name.parameter, values=(_value(match[1], name.choices),))


def _names(card: EstimatorCard) -> list[_Name]:
    """Every parameter of the family for either task, those with the longest spelling first."""
    parameters: dict[str, Parameter] = {}
    for task in card.classes:
        parameters.update(card.space(EncodedFacts(task), wide=True).parameters)
    names = []
    for name, parameter in parameters.items():
        nouns = [alias for alias in card.aliases.get(name, ()) if len(alias) > 2]
        names.append(
            _Name(
                name, _spelt([name, *card.aliases.get(name, ())]), _spelt(nouns) if nouns else None, _choices(parameter)
            )
        )
    return sorted(names, key=lambda name: -len(name.pattern))


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


def _read_range(reader: Reader, name: _Name) -> AskedRange | None:
    """ "C between 1 and 10 log", "C from 1 to 10", "C 1 to 10", "C in [1, 10]"."""
    start = (
        rf"{_VERB}{name.pattern}(?:\s+(?:is|are|ranges?|ranging|varies|varying|values?|to\s+be"
        rf"|should|can|may|must|be|lie|lies|somewhere|anywhere"
        r"|anything|log|tuned|searched|going|goes|go|run|runs|matters?"
        r"|only)(?!\w))*(?:\s*\(\s*(?:in\s+)?[a-z°%/]+\s*\))?\s*[:=∈,]?(?:\s+(?:somewhere|anywhere"
        r"|anything)(?!\w))?"
    )
    patterns = [
        rf"{start}\s*(?:in\s+)?between\s+({NUMBER})\s*(?:and|to|&|,|-|–)\s*({NUMBER})",
        rf"{start}\s*(?:from|in|over|within|(?:in|over|within)\s+(?:the\s+)?(?:range|interval)"
        rf"|range|interval)?\s*(?:of\s+|from\s+|between\s+)?({NUMBER})\s*{_TO}\s*({NUMBER})",
        rf"{start}\s*(?:in|over|from|within|(?:in|over|within)?\s*(?:the\s+)?(?:range"
        rf"|interval))?\s*[\[(]\s*({NUMBER})\s*(?:,|;|{_TO})\s*({NUMBER})(?:\s+[a-z]+)?\s*[\])]",
        rf"{start}\s+from\s+({NUMBER})\s+(?:down|up)\s+to\s+({NUMBER})",
        rf"{start}\s+(?:(?:should|must|can|may)\s+be\s+(?:tuned|searched|varied)(?:\s+too"
        rf"|\s+as\s+well)?\s*,?\s*)({NUMBER})\s*{_TO}\s*({NUMBER})",
    ]
    if name.nouns:
        patterns.append(rf"(?:from\s+)?({NUMBER})\s*(?:to|-|–)\s*({NUMBER})\s+{name.nouns}")
        patterns.append(rf"between\s+({NUMBER})\s+and\s+({NUMBER})\s+{name.nouns}")
    for pattern in patterns:
        match = reader.take(pattern + _UNITS + _LOG)
        if match:
            log = None if match[3] is None else match[3].lower().startswith("log")
            low, high = read_number(match[1]), read_number(match[2])
            if re.search(r"\bdown\s+to\b", match[0], re.IGNORECASE):
                low, high = high, low
            return AskedRange(parameter=name.parameter, low=low, high=high, log=log)
    return None


def _read_list(reader: Reader, name: _Name) -> AskedRange | None:
    """ "kernel rbf or poly", "rbf kernel", "n_neighbors in {3, 5, 9}"."""
    words = "|".join(re.escape(str(choice)) for choice in sorted(map(str, name.choices), key=len, reverse=True))
    one = rf"[\"'`]?(?:{NUMBER}{'|' + words if words else ''})[\"'`]?(?![\w])"
    verb = (
        r"(?:\s+(?:is|are|being|stays?|remains?|in|from|of|among|amongst|out\s+of|either|one\s+of|any\s+of|to|at|fixed"
        r"|set|should|can|may|must|be|values?|choices?|options?"
        r"|choose|chosen|picked|selected|try|the|list|=|:|∈)(?!\w))*\s*[:=∈]?"
    )
    several = rf"\s*[\[({{]?\s*({one}(?:{_JOIN}{one})+)\s*[\])}}]?"
    match = reader.take(rf"{_VERB}{name.pattern}{verb}{several}{_UNITS}")
    if match is None and words:
        match = reader.take(rf"{_VERB}{name.pattern}{verb}\s*[\[({{]?\s*[\"'`]?({words})[\"'`]?\s*[\])}}]?(?!\w)")
    if match is None and words:
        match = reader.take(rf"(?<![\w-])((?:{words})(?:{_JOIN}(?:{words}))*)\s+{name.pattern}s?(?!\w)")
    if match is None:
        return None
    texts = [text.strip(" \"'`") for text in re.split(_JOIN, match[1])]
    return AskedRange(parameter=name.parameter, values=tuple(_value(text, name.choices) for text in texts))


def _read_side(reader: Reader, name: _Name) -> AskedRange | None:
    """ "max depth at most 10", "C at least 0.1", "C <= 10"."""
    high = reader.take(rf"{_VERB}{name.pattern}{_MAY}\s*(?:{_MOST})\s*({NUMBER}){_UNITS}")
    if high:
        return AskedRange(parameter=name.parameter, high=read_number(high[1]))
    low = reader.take(rf"{_VERB}{name.pattern}{_MAY}\s*(?:{_LEAST})\s*({NUMBER}){_UNITS}")
    if low:
        return AskedRange(parameter=name.parameter, low=read_number(low[1]))
    if name.nouns and (match := reader.take(rf"(?<!\w)(?:({_MOST})|{_LEAST})\s*({NUMBER})\s+{name.nouns}")):
        side = "high" if match[1] else "low"
        return AskedRange.model_validate({"parameter": name.parameter, side: read_number(match[2])})
    return None


def _read_value(reader: Reader, name: _Name) -> AskedRange | None:
    """ "gamma = 0.1", "gamma fixed at 0.1", "with gamma 0.1"."""
    to_be = (
        r"(?:\s+(?:is|are|being|at|to|of|fixed|set|equal|equals|kept|held|stays?|remains?|should|must|be"
        r"|always|constant(?:ly)?|to\s+be)(?!\w))*\s*[:=]?\s*"
    )
    match = reader.take(rf"{_VERB}{name.pattern}{to_be}({NUMBER}){_UNITS}")
    if match is None and name.nouns:
        match = reader.take(rf"({NUMBER})\s+{name.nouns}")
    if match is None:
        match = reader.take(rf"{_VERB}{name.pattern}\s*=\s*[\"'`]?([\w.+-]*\w)[\"'`]?")
    return AskedRange(parameter=name.parameter, values=(_value(match[1], name.choices),)) if match else None


def _value(text: str, choices: Sequence[Scalar]) -> Scalar:
    """A word as one of the choices where it spells one, else a truth value, a number, or the word."""
    for choice in choices:
        if str(choice).lower() == text.lower():
            return choice
    if re.fullmatch(NUMBER, text, re.IGNORECASE):
        return read_number(text)
    return text


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
            asked = " ".join(words)
            known = sorted(name.parameter for name in names)
            nearest = difflib.get_close_matches(re.sub(r"[\s-]", "_", asked.lower()), known, n=1, cutoff=0.5)
            hint = f"did you mean {nearest[0]}?" if nearest else f"it has {', '.join(known)}"
            raise RequestNotUnderstood(f"{card.title} has no parameter {asked!r}; {hint}", fragments=(asked,))


def is_rare(card: EstimatorCard, facts: EncodedFacts, ranges: Sequence[AskedRange]) -> bool:
    """Whether a value is asked for that only the family's wide space has."""
    parameters = card.space(facts).parameters
    for asked in ranges:
        parameter = parameters.get(asked.parameter)
        if isinstance(parameter, Categorical) and any(value not in parameter.choices for value in asked.values):
            return True
    return False


def narrowed(space: Space, ranges: Sequence[AskedRange], *, title: str) -> Space:
    """The space with what was asked for put in; parameters that can no longer be active are dropped.

    Raises:
        RequestNotUnderstood: a parameter or a value the family does not have.
        SpaceError: a range that cannot be.
    """
    parameters = dict(space.parameters)
    for asked in ranges:
        if asked.parameter not in parameters:
            raise RequestNotUnderstood(f"{title} has no parameter {asked.parameter}; it has {', '.join(parameters)}")
        try:
            parameters[asked.parameter] = _replaced(asked, parameters[asked.parameter])
        except SpaceError as error:
            raise SpaceError(f"{asked.parameter} cannot have that range: {error}") from None
    constraints = [entry.text for entry in space.constraints]
    changed = Space.from_flat(parameters, conditions=space.conditions, constraints=constraints)
    kept = {name: parameter for name, parameter in changed.parameters.items() if name in changed.awake}
    conditions = {name: entry for name, entry in changed.conditions.items() if name in kept}
    narrow = Space.from_flat(kept, conditions=conditions, constraints=constraints)
    if not narrow.columns:
        raise RequestNotUnderstood(f"every parameter of {title} is fixed, so there is nothing to tune")
    return narrow


def _replaced(asked: AskedRange, old: Parameter) -> Parameter:
    if asked.values:
        values = [_allowed(asked.parameter, value, old) for value in asked.values]
        if len(values) == 1:
            return Constant(values[0], unit=old.unit, meaning=old.meaning)
        if isinstance(old, Categorical | Bool):
            return Categorical(values, unit=old.unit, meaning=old.meaning)
        return Ordinal(_in_order(values), unit=old.unit, meaning=old.meaning)
    if isinstance(old, Ordinal):
        return _range_of_list(asked, old)
    if not isinstance(old, Float | Int):
        raise RequestNotUnderstood(f"{asked.parameter} is one of {old.describe()}, so it has no range")
    low = old.low if asked.low is None else asked.low
    high = old.high if asked.high is None else asked.high
    log = (old.log and low > 0) if asked.log is None else asked.log
    if isinstance(old, Float):
        return Float(float(low), float(high), log=log, unit=old.unit, meaning=old.meaning)
    return Int(_whole(asked, low), _whole(asked, high), log=log, unit=old.unit, meaning=old.meaning)


def _allowed(name: str, value: Scalar, old: Parameter) -> Scalar:
    """The value, if the parameter may have it: one of its choices, or any number of its kind."""
    if isinstance(old, Categorical | Bool):
        fits = old.contains(value)
    elif isinstance(old, Ordinal):
        fits = value in old.values or _is_number(value)
    else:
        fits = _is_number(value) and (isinstance(old, Float) or float(value) == int(value))
    if not fits:
        kind = "a whole number" if isinstance(old, Int) else "a number"
        wanted = kind if isinstance(old, Float | Int) else f"one of {old.describe()}"
        raise RequestNotUnderstood(f"{name} must be {wanted}, but got {value!r}", fragments=(str(value),))
    if isinstance(old, Float):
        return float(value)
    return int(value) if isinstance(old, Int) else value


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _in_order(values: Sequence[Scalar]) -> list[Scalar]:
    """Numbers by size, then words ("none": no limit)."""
    numbers = sorted(value for value in values if not isinstance(value, str))
    return [*numbers, *(value for value in values if isinstance(value, str))]


def _range_of_list(asked: AskedRange, old: Ordinal) -> Parameter:
    """A range over a parameter that is a list of values: a true range, or the part of the list on one side."""
    if asked.low is None or asked.high is None:
        kept = [value for value in old.values if _is_within(value, asked)]
        if len(kept) < 2:
            raise RequestNotUnderstood(f"{asked.parameter} has too few values left of {old.describe()}; give a range")
        return Ordinal(kept, unit=old.unit, meaning=old.meaning)
    if all(isinstance(value, int) for value in old.values if not isinstance(value, str)):
        low, high = _whole(asked, asked.low), _whole(asked, asked.high)
        return Int(low, high, log=bool(asked.log), unit=old.unit, meaning=old.meaning)
    log = asked.low > 0 if asked.log is None else asked.log
    return Float(float(asked.low), float(asked.high), log=log, unit=old.unit, meaning=old.meaning)


def _is_within(value: Scalar, asked: AskedRange) -> bool:
    """Whether a listed value is on the asked side; "none" means no upper limit."""
    if isinstance(value, str):
        return asked.high is None
    return (asked.low is None or value >= asked.low) and (asked.high is None or value <= asked.high)


def _whole(asked: AskedRange, value: float) -> int:
    if value != int(value):
        raise RequestNotUnderstood(f"{asked.parameter} takes whole numbers, but got {value:g}")
    return int(value)
