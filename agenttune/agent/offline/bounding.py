"""Rules for bounds: ranges of parameters, bounds on metrics, constraints."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from agenttune.agent.offline.amounts import read_amount
from agenttune.agent.offline.changing import with_values
from agenttune.agent.offline.editing import edit, space_edit
from agenttune.agent.offline.known import Known, definition, fold, listed
from agenttune.agent.offline.understood import Call
from agenttune.errors import ExpressionError, RequestNotUnderstood
from agenttune.expressions import Expression
from agenttune.insight.quoting import quote
from agenttune.plan.words import NUMBER
from agenttune.space import Float, Int, Ordinal, spell
from agenttune.types import Json, Scalar

Said = Mapping[str, str]
SIGNS = {"at_most": "<=", "below": "<", "at_least": ">=", "above": ">"}
"""Rule -> the sign of the bound it sets."""
_BOUND = re.compile(rf"(?P<thing>\w+)\s*(?P<sign>[<>]=?)\s*(?P<amount>{NUMBER})", re.IGNORECASE)


def _bound(sign: str) -> Callable[[Known, Said], Call]:
    """ "cap the batch size at 256", "keep latency below 20 ms"."""

    def rule(known: Known, said: Said) -> Call:
        thing = said["thing"]
        metrics, parameters = known.metrics_called(thing), known.parameters(thing)
        if len(metrics) + len(parameters) > 1:
            raise RequestNotUnderstood(f"{quote(thing)} could be {listed([*parameters, *metrics])}: say which")
        if metrics:
            number = known.metric_number(metrics[0], said["amount"], called=thing)
            return edit("add_metric_constraint", text=f"{metrics[0]} {sign} {spell(number)}")
        if fold(thing) in ("it", "this", "that"):
            return _unnamed(known, sign, said["amount"])
        return _narrow(known, _parameter(known, thing), sign, said)

    return rule


def _parameter(known: Known, thing: str) -> str:
    """The parameter, or a sentence that names the metrics too."""
    try:
        return known.parameter(thing)
    except RequestNotUnderstood as error:
        raise RequestNotUnderstood(f"{error}; measured are {listed(known.metrics, 'and')}") from None


def _unnamed(known: Known, sign: str, text: str) -> Call:
    number = read_amount(text).value
    fitting = [
        name
        for name, entry in known.space.parameters.items()
        if isinstance(entry, Float | Int) and entry.low < number < entry.high
    ]
    shown = fitting or list(known.space.columns)
    raise RequestNotUnderstood(f'what shall be {sign} {text}: {listed(shown)}? Say "cap {shown[0]} at {text}"')


def _narrow(known: Known, name: str, sign: str, said: Said) -> Call:
    """A bound inside the range of a parameter."""
    entry = known.space.parameters[name]
    if isinstance(entry, Ordinal):
        limit = known.number(name, said["amount"], called=said["thing"])
        return with_values(known, name, [value for value in entry.values if _is_kept(value, sign, limit)])
    if not isinstance(entry, Float | Int):
        raise RequestNotUnderstood(f"`{name}` has no range, it is {definition(entry)}")
    limit = known.number(name, said["amount"], called=said["thing"])
    if isinstance(entry, Int) and sign in ("<", ">"):
        limit += -entry.step if sign == "<" else entry.step
    is_high = sign[0] == "<"
    if limit >= entry.high if is_high else limit <= entry.low:
        verb, side = ("raise", "up to") if is_high else ("lower", "down to")
        raise RequestNotUnderstood(
            f"`{name}` goes {side} {spell(entry.high if is_high else entry.low)} as it is, so that "
            f'{quote(said["amount"])} would bound nothing; to widen it say "{verb} {name} to {said["amount"]}"'
        )
    return space_edit(known.space, "set_range", name=name, **({"high": limit} if is_high else {"low": limit}))


def _is_kept(value: Scalar, sign: str, limit: float) -> bool:
    """Whether a listed value keeps a bound; a word such as "none" stands for no limit."""
    if isinstance(value, str):
        return sign[0] == ">"
    return {"<=": value <= limit, "<": value < limit, ">=": value >= limit, ">": value > limit}[sign]


def _moved(word: str) -> Callable[[Known, Said], Call]:
    """ "raise lr to 0.5", "lower lr to 1e-6": a range made wider on that side."""

    def rule(known: Known, said: Said) -> Call:
        name = known.parameter(said["parameter"])
        entry, number = _ranged(known, name), known.number(name, said["amount"], called=said["parameter"])
        if word == "raise" and number > entry.high:
            return space_edit(known.space, "set_range", name=name, high=number)
        if word == "lower" and number < entry.low:
            return space_edit(known.space, "set_range", name=name, low=number)
        raise RequestNotUnderstood(
            f"`{name}` is {definition(entry)}, which {quote(said['amount'])} does not widen: say "
            f'"cap {name} at {said["amount"]}", "{name} at least {said["amount"]}" or "fix {name} at {said["amount"]}"'
        )

    return rule


def _side(side: str, word: str = "") -> Callable[[Known, Said], Call]:
    """ "set the upper limit of lr to 0.5"; one that is raised must end up higher."""

    def rule(known: Known, said: Said) -> Call:
        name = known.parameter(said["parameter"])
        entry, number = _ranged(known, name), known.number(name, said["amount"], called=said["parameter"])
        old = entry.high if side == "high" else entry.low
        if number == old or (word == "raise" and number < old) or (word == "lower" and number > old):
            raise RequestNotUnderstood(
                f"that limit of `{name}` is {spell(old)} as it is, so {number:g} would not {word or 'change'} it"
            )
        return space_edit(known.space, "set_range", name=name, **{side: number})

    return rule


def _scaled(factor: float) -> Callable[[Known, Said], Call]:
    """ "double the upper limit of lr"."""

    def rule(known: Known, said: Said) -> Call:
        name = known.parameter(said["parameter"])
        high = _ranged(known, name).high * factor
        whole = isinstance(known.space.parameters[name], Int)
        return space_edit(known.space, "set_range", name=name, high=int(high) if whole else high)

    return rule


def _between(known: Known, said: Said) -> Call:
    name = known.parameter(said["parameter"])
    _ranged(known, name)
    low, high = known.number(name, said["low"]), known.number(name, said["high"], called=said["parameter"])
    fields: dict[str, Json] = {"low": low, "high": high}
    if said.get("scale"):
        fields["log"] = said["scale"].lower().startswith("log")
    return space_edit(known.space, "set_range", name=name, **fields)


def _scale(known: Known, said: Said) -> Call:
    name = known.parameter(said["parameter"])
    entry, log = _ranged(known, name), said["scale"].lower().startswith("log")
    if entry.log == log:
        raise RequestNotUnderstood(f"`{name}` is {definition(entry)}: it is on that scale as it is")
    return space_edit(known.space, "set_range", name=name, log=log)


def _ranged(known: Known, name: str) -> Float | Int:
    entry = known.space.parameters[name]
    if not isinstance(entry, Float | Int):
        raise RequestNotUnderstood(f"`{name}` has no range, it is {definition(entry)}")
    return entry


def _constrain(known: Known, said: Said) -> Call:
    bound = _BOUND.fullmatch(said["text"].strip())
    if bound:
        return _bound(bound["sign"])(known, bound.groupdict())
    expression = _expression(said["text"])
    if expression.names <= set(known.space.parameters):
        return space_edit(known.space, "add_constraint", text=expression.text)
    if expression.names <= set(known.metrics):
        return edit("add_metric_constraint", text=expression.text)
    unknown = sorted(expression.names - set(known.space.parameters) - set(known.metrics))
    if unknown:
        there = listed([*known.space.parameters, *known.metrics], "and")
        raise RequestNotUnderstood(f"{listed(unknown)} is neither a parameter nor a metric; there are {there}")
    raise RequestNotUnderstood(f"{quote(said['text'])} mixes parameters and metrics: say one of either alone")


def _unconstrain(known: Known, said: Said) -> Call:
    """ "drop the latency constraint", "lift the constraint batch_size * n_layers < 4096"."""
    text = said["text"].strip()
    of_space = [entry.text for entry in known.space.constraints if _speaks_of(entry, text, known.parameters(text))]
    of_goal = [entry.text for entry in known.view.goal.parsed if _speaks_of(entry, text, known.metrics_called(text))]
    if len(of_space) + len(of_goal) == 1:
        kind = "remove_constraint" if of_space else "remove_metric_constraint"
        found = (of_space or of_goal)[0]
        return space_edit(known.space, kind, text=found) if of_space else edit(kind, text=found)
    there = [entry.text for entry in (*known.space.constraints, *known.view.goal.parsed)]
    if of_space or of_goal:
        raise RequestNotUnderstood(f"{quote(text)} could be {listed([*of_space, *of_goal])}: say which")
    raise RequestNotUnderstood(f"no constraint speaks of {quote(text)}; there are {listed(there, 'and')}")


def _speaks_of(expression: Expression, text: str, names: Sequence[str]) -> bool:
    squeezed = re.sub(r"\s+", "", text)
    return re.sub(r"\s+", "", expression.text) == squeezed or bool(expression.names & set(names))


def _expression(text: str) -> Expression:
    if not re.search(r"[<>=]", text):
        raise RequestNotUnderstood(f'{quote(text)} is no condition: write it like "batch * depth < 4096"')
    try:
        expression = Expression(text.strip())
    except ExpressionError as error:
        raise RequestNotUnderstood(str(error), fragments=(text,)) from None
    if not expression.names or not expression.is_condition:
        raise RequestNotUnderstood(f'{quote(text)} is no condition: write it like "batch * depth < 4096"')
    return expression


RULES: dict[str, Callable[[Known, Said], Call]] = {
    **{name: _bound(sign) for name, sign in SIGNS.items()},
    "raise": _moved("raise"),
    "lower": _moved("lower"),
    "set_high": _side("high"),
    "set_low": _side("low"),
    "raise_high": _side("high", "raise"),
    "raise_low": _side("low", "raise"),
    "lower_high": _side("high", "lower"),
    "lower_low": _side("low", "lower"),
    "double_high": _scaled(2),
    "halve_high": _scaled(0.5),
    "between": _between,
    "scale": _scale,
    "constrain": _constrain,
    "unconstrain": _unconstrain,
}
