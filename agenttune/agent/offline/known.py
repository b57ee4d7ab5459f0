"""`Known`: what words mean in one study: its parameters, values, metrics and trials, by all their spellings.

A name that could mean two things, or nothing, is asked back, with what there is. Not for: how sentences are built.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from agenttune.agent.offline.amounts import Amount, in_unit, read_amount, unit_of
from agenttune.errors import ConfigInvalid, RequestNotUnderstood
from agenttune.history import StudyView
from agenttune.insight.quoting import quote, runs
from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Parameter, Space, nearest, spell
from agenttune.spec import StudyRow
from agenttune.types import Scalar

MOST_NAMED = 8
"""Names that a question lists."""
TRIAL = (
    r"(?:(?:trial|run|number|no\.?)\s*)?#?\s*\d+"
    r"|(?:best|winning|winner|last|latest|first)(?:\s+(?:trial|run|one))?"
)
"""How one trial is named."""
_TRUTH = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}


@cache
def _kin() -> Mapping[str, list[list[str]]]:
    return tomllib.loads((files(__package__) / "kin.toml").read_text(encoding="utf-8"))


def fold(text: str) -> str:
    """A name as it is compared: lower case, blanks for underscores and hyphens, without article and quotes."""
    plain = re.sub(r"[\s_-]+", " ", text.strip(" \"'`").lower()).strip()
    return re.sub(r"^(?:the|a|an) ", "", plain)


def listed(names: Iterable[str], joiner: str = "or") -> str:
    """Some names for a sentence: `a`, `b` or `c`."""
    quoted = [f"`{name}`" for name in names]
    if len(quoted) > MOST_NAMED:
        return f"{', '.join(quoted[:MOST_NAMED])}, ..."
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {joiner} {quoted[-1]}" if quoted else "none"


@dataclass(frozen=True)
class Known:
    """A study, and what its names are called."""

    view: StudyView
    row: StudyRow | None
    space: Space
    """As it is after the edits of the sentence so far."""

    # parameters and their values

    @cached_property
    def _spelt(self) -> dict[str, list[str]]:
        return _spellings(self.space.parameters)

    def parameters(self, text: str) -> list[str]:
        """The parameters that may be meant."""
        return [text] if text in self.space.parameters else _found(self._spelt, text)

    def parameter(self, text: str) -> str:
        """The parameter of that name.

        Raises:
            RequestNotUnderstood: there is none, or more than one.
        """
        found = self.parameters(text)
        if len(found) == 1:
            return found[0]
        if found:
            raise RequestNotUnderstood(f"{quote(text)} could be {listed(found)}: say which", fragments=(text,))
        close = nearest(fold(text), self._spelt)
        there = listed(self.space.parameters, "and")
        hint = f"did you mean {listed(self._spelt[close])}?" if close else f"there are {there}"
        raise RequestNotUnderstood(f"this study has no parameter {quote(text)}; {hint}", fragments=(text,))

    def values_of(self, name: str) -> tuple[Scalar, ...]:
        """What a parameter without a range may be."""
        parameter = self.space.parameters[name]
        if isinstance(parameter, Categorical):
            return parameter.choices
        if isinstance(parameter, Ordinal):
            return parameter.values
        if isinstance(parameter, Constant):
            return (parameter.value,)
        return (True, False) if isinstance(parameter, Bool) else ()

    def holders(self, text: str) -> list[tuple[str, Scalar]]:
        """(parameter, value) for every parameter that has this word among its values."""
        return [
            (name, value)
            for name, parameter in self.space.parameters.items()
            if not isinstance(parameter, Bool)
            for value in self.values_of(name)
            if isinstance(value, str) and fold(value) == fold(text)
        ]

    def relatives(self, text: str) -> list[str]:
        """The parameters that have a value of the same kind as this word: `adamw` goes with `adam`."""
        word = fold(text)
        kin = {entry for kind in _kin()["kinds"] if word in kind for entry in kind}
        return [
            name
            for name, parameter in self.space.parameters.items()
            if isinstance(parameter, Categorical)
            and any(isinstance(choice, str) and fold(choice) in kin for choice in parameter.choices)
        ]

    def value(self, name: str, text: str) -> Scalar:
        """A value of a parameter.

        Raises:
            RequestNotUnderstood: it cannot have it.
        """
        parameter = self.space.parameters[name]
        given: object = text.strip(" \"'`")
        if isinstance(parameter, Bool):
            given = _TRUTH.get(fold(text), given)
        elif isinstance(parameter, Float | Int):
            given = self.number(name, text)
        else:
            same = [value for value in self.values_of(name) if fold(spell(value)) == fold(text)]
            given = same[0] if same else _numeric(text)
        try:
            return parameter.coerce(given, name=name)
        except ConfigInvalid as error:
            raise RequestNotUnderstood(str(error), fragments=(text,)) from None

    def number(self, name: str, text: str, *, called: str | None = None) -> float:
        """A number in the unit of a parameter.

        Args:
            name: the parameter.
            text: the number, perhaps with a unit.
            called: what the parameter was called; one whose name tells the unit needs none with the number.

        Raises:
            RequestNotUnderstood: it has another unit, or it is not clear which.
        """
        parameter, amount = self.space.parameters[name], read_amount(text)
        unit = parameter.unit if unit_of(f"x {parameter.unit}") else unit_of(name)
        _require_unit(amount, unit, name, called)
        is_share = isinstance(parameter, Float) and parameter.low >= 0 and parameter.high <= 1
        number = in_unit(amount, unit, what=f"`{name}`", is_share=is_share)
        if isinstance(parameter, Int) and number != int(number):
            raise RequestNotUnderstood(f"`{name}` takes whole numbers, but you say {quote(text)}", fragments=(text,))
        return float(number) if isinstance(parameter, Float) else int(number) if number == int(number) else number

    # metrics

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """Names of all that trials measured, and the goal speaks of."""
        found = dict.fromkeys([self.view.goal.metric])
        for expression in self.view.goal.parsed:
            found.update(dict.fromkeys(sorted(expression.names)))
        for trial in self.view.complete:
            found.update(dict.fromkeys(trial.outcome.values if trial.outcome else ()))
        return tuple(found)

    def metrics_called(self, text: str) -> list[str]:
        """The metrics that may be meant."""
        if text in self.metrics:
            return [text]
        text = re.sub(r"^validation\b", "val", fold(text))
        return _found(_spellings(self.metrics), text) or _found(
            {fold(name).removeprefix("val "): [name] for name in self.metrics}, text
        )

    def metric_number(self, metric: str, text: str, *, called: str) -> float:
        """A number in the unit of a metric, as `number`."""
        amount = read_amount(text)
        _require_unit(amount, unit_of(metric), metric, called)
        seen = [trial.outcome.values.get(metric, 0.0) for trial in self.view.complete if trial.outcome]
        is_share = bool(seen) and all(0 <= value <= 1 for value in seen)
        return in_unit(amount, unit_of(metric), what=f"`{metric}`", is_share=is_share)

    # trials

    def trial(self, text: str) -> int:
        """Number of the trial that is meant: "trial 7", "#7", "the best".

        Raises:
            RequestNotUnderstood: there is no such trial.
        """
        numbers = [trial.number for trial in self.view.trials]
        digits = re.search(r"\d+", text)
        if digits is None:
            return self._special(fold(text), numbers)
        number = int(digits[0][:18])
        if number not in numbers:
            there = ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in runs(numbers)[:4])
            raise RequestNotUnderstood(
                f"this study has no trial {number}; it has {f'trials {there}' if there else 'none yet'}"
            )
        return number

    def _special(self, word: str, numbers: Sequence[int]) -> int:
        if word.split()[0] in ("last", "latest", "first") and numbers:
            return numbers[0 if word.startswith("first") else -1]
        best = self.view.incumbent
        if best is None or not numbers:
            raise RequestNotUnderstood("no trial of this study is complete yet: name one by its number")
        return best.number


def _spellings(names: Iterable[str]) -> dict[str, list[str]]:
    """Spelling -> the names it may mean."""
    found: dict[str, list[str]] = {}
    for name in names:
        own = fold(name)
        bare = own.rpartition(" ")[0] if unit_of(name) and " " in own else own
        kin = [word for group in _kin()["same"] if own in group or bare in group for word in group]
        for spelling in dict.fromkeys([own, bare, *kin]):
            found.setdefault(spelling, []).append(name)
    return found


def _found(spelt: Mapping[str, list[str]], text: str) -> list[str]:
    word = fold(text)
    return spelt.get(word) or spelt.get(word.removesuffix("s")) or []


def _require_unit(amount: Amount, unit: str | None, name: str, called: str | None) -> None:
    if unit is None or amount.unit is not None or called is None or unit_of(called) is not None:
        return
    raise RequestNotUnderstood(f'{quote(amount.text)} what? `{name}` is in {unit}: say "{amount.text} {unit}"')


def _numeric(text: str) -> object:
    try:
        return read_amount(text).value
    except RequestNotUnderstood:
        return text.strip(" \"'`")


def definition(parameter: Parameter) -> str:
    """A parameter's range or values, for a sentence."""
    return f"fixed at {spell(parameter.value)}" if isinstance(parameter, Constant) else parameter.describe()
