"""Rules for values and whole parameters, and for trying a configuration."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from agenttune.agent.offline.amounts import read_amount
from agenttune.agent.offline.assignments import read_whole_config
from agenttune.agent.offline.editing import space_edit
from agenttune.agent.offline.known import Known, definition, fold, listed
from agenttune.agent.offline.understood import Call
from agenttune.errors import RequestNotUnderstood
from agenttune.insight.quoting import quote
from agenttune.space import Bool, Categorical, Ordinal, spell
from agenttune.types import Json, Scalar

Said = Mapping[str, str]


def _words(text: str) -> list[str]:
    """Listed words, quotes and articles apart."""
    pieces = re.split(r"\s*,\s*(?:(?:and|or)\s+)?|\s+(?:and|or)\s+", text.strip())
    return [re.sub(r"^(?:an?|any|all)\s+", "", piece.strip(" \"'`")) for piece in pieces if piece.strip(" \"'`")]


def _also(known: Known, said: Said) -> Call:
    """ "also try AdamW", "add AdamW to the optimizers", "also try a linear kernel"."""
    words = _words(said["values"])
    if "parameter" in said:
        name = known.parameter(said["parameter"])
    else:
        name, words = _owner_of_new(known, words)
    entry = known.space.parameters[name]
    if not isinstance(entry, Categorical | Ordinal):
        raise RequestNotUnderstood(f"`{name}` has no list of values to add to, it is {definition(entry)}")
    old = known.values_of(name)
    new = [_new_value(known, name, word) for word in words]
    there = [value for value in new if value in old]
    if there:
        raise RequestNotUnderstood(f'`{name}` has {spell(there[0])} as it is; to run one say "try {spell(there[0])}"')
    values = [*old, *new]
    if isinstance(entry, Ordinal) and all(not isinstance(value, str) for value in values):
        values.sort()
    return space_edit(known.space, "set_choices", name=name, choices=[*values])


def _owner_of_new(known: Known, words: Sequence[str]) -> tuple[str, list[str]]:
    """The parameter that new values belong to, by its name beside them or by their kind."""
    if len(words) == 1 and " " in words[0]:
        head, _, tail = words[0].rpartition(" ")
        if known.parameters(tail):
            return known.parameter(tail), [head]
    owners: dict[str, None] = {}
    for word in words:
        owners |= dict.fromkeys(name for name, _ in known.holders(word)) or dict.fromkeys(known.relatives(word))
    if len(owners) == 1 and all(known.holders(word) or known.relatives(word) for word in words):
        return next(iter(owners)), list(words)
    lists = [name for name, entry in known.space.parameters.items() if isinstance(entry, Categorical | Ordinal)]
    shown = ", ".join(quote(word) for word in words[:5])
    way = f'say "add {words[0]} to {lists[0]}"' if lists and words else "this study has no list of values"
    raise RequestNotUnderstood(
        f"I do not know of which parameter {shown} is a value ({listed(lists)}): {way}", fragments=tuple(words)
    )


def _new_value(known: Known, name: str, word: str) -> Scalar:
    """The word as a value beside others: one of them where it spells one, a number, or text in their case."""
    old = known.values_of(name)
    same = [value for value in old if fold(spell(value)) == fold(word)]
    if same:
        return same[0]
    if all(not isinstance(value, str) for value in old):
        return known.number(name, word)
    if " " in word:
        raise RequestNotUnderstood(f"{quote(word)} is more than one word: put it in quotes as it shall be")
    texts = [value for value in old if isinstance(value, str)]
    return word.lower() if all(text == text.lower() for text in texts) else word


def _drop(known: Known, said: Said) -> Call:
    """ "drop sgd", "exclude the poly kernel"."""
    name, values = _listed_values(known, _words(said["values"]), said.get("parameter"))
    return with_values(known, name, [value for value in known.values_of(name) if value not in values])


def _drop_anything(known: Known, said: Said) -> Call:
    """ "drop sgd", "remove dropout": of these verbs the object may be a parameter."""
    thing = said["values"]
    if known.parameters(thing) and not known.holders(thing):
        return space_edit(known.space, "remove_parameter", name=known.parameter(thing))
    return _drop(known, said)


def _only(known: Known, said: Said) -> Call:
    """ "only adam and adamw", "only the rbf kernel"."""
    name, values = _listed_values(known, _words(said["values"]), said.get("parameter"))
    return with_values(known, name, [value for value in known.values_of(name) if value in values])


def _listed_values(known: Known, words: Sequence[str], parameter: str | None) -> tuple[str, list[Scalar]]:
    """(parameter, which of its values are named)."""
    if parameter is None and words and " " in words[-1]:
        head, _, tail = words[-1].rpartition(" ")
        if known.parameters(tail):
            parameter, words = tail, [*words[:-1], head]
    if parameter is not None:
        name = known.parameter(parameter)
        return name, [known.value(name, word) for word in words]
    owners = [{name for name, _ in known.holders(word)} for word in words]
    shared = set.intersection(*owners) if owners else set()
    if len(shared) == 1:
        name = next(iter(shared))
        return name, [known.value(name, word) for word in words]
    shown = ", ".join(quote(word) for word in words[:5])
    if shared:
        raise RequestNotUnderstood(f"{shown} could be of {listed(sorted(shared))}: say which")
    there = "; ".join(
        f"{name} {definition(entry)}"
        for name, entry in known.space.parameters.items()
        if isinstance(entry, Categorical | Ordinal)
    )
    raise RequestNotUnderstood(f"no parameter has the value {shown}; there are {there or 'none'}", fragments=(*words,))


def with_values(known: Known, name: str, values: Sequence[Scalar]) -> Call:
    """Some of the values a parameter has: other choices, or a fixed one where one is left.

    Raises:
        RequestNotUnderstood: none is left, or all.
    """
    entry = known.space.parameters[name]
    if not isinstance(entry, Categorical | Ordinal):
        raise RequestNotUnderstood(f"`{name}` has no list of values, it is {definition(entry)}")
    if not values:
        raise RequestNotUnderstood(f"that would leave no value of `{name}`, which is {definition(entry)}")
    if len(values) == len(known.values_of(name)):
        raise RequestNotUnderstood(f"`{name}` is {definition(entry)}: that changes nothing")
    if len(values) == 1:
        return space_edit(known.space, "freeze", name=name, value=values[0])
    return space_edit(known.space, "set_choices", name=name, choices=[*values])


def _fix(known: Known, said: Said) -> Call:
    name = known.parameter(said["parameter"])
    return space_edit(known.space, "freeze", name=name, value=known.value(name, said["values"]))


def _fix_at_best(known: Known, said: Said) -> Call:
    name, best = known.parameter(said["parameter"]), known.view.incumbent
    value = None if best is None else best.config.get(name)
    if value is None:
        raise RequestNotUnderstood(f'no best trial has a value of `{name}` yet: say "fix {name} at" and the value')
    return space_edit(known.space, "freeze", name=name, value=value)


def _switch(value: bool) -> Callable[[Known, Said], Call]:
    def rule(known: Known, said: Said) -> Call:
        name = known.parameter(said["parameter"])
        if not isinstance(known.space.parameters[name], Bool):
            raise RequestNotUnderstood(f"`{name}` is no switch, it is {definition(known.space.parameters[name])}")
        return space_edit(known.space, "freeze", name=name, value=value)

    return rule


def _remove(known: Known, said: Said) -> Call:
    return space_edit(known.space, "remove_parameter", name=known.parameter(said["parameter"]))


def _add(known: Known, said: Said) -> Call:
    """ "also tune weight_decay between 1e-6 and 1e-2 log"."""
    name = re.sub(r"[\s-]+", "_", said["parameter"].strip())
    if known.parameters(said["parameter"]):
        raise RequestNotUnderstood(f"`{known.parameters(said['parameter'])[0]}` is tuned as it is: say its new range")
    low, high, kind = read_amount(said["low"]).value, read_amount(said["high"]).value, said.get("kind") or ""
    is_whole = isinstance(low, int) and isinstance(high, int)
    if is_whole and not kind:
        raise RequestNotUnderstood(
            f'shall `{name}` take whole numbers only? Say "also tune {name} between {low} and {high}, whole numbers", '
            f'or "real numbers"'
        )
    if not kind or kind.lower().startswith(("real", "float")):
        parameter: dict[str, Json] = {"type": "float", "low": float(low), "high": float(high)}
    else:
        parameter = {"type": "int", "low": low, "high": high}
    if (said.get("scale") or "").lower().startswith("log"):
        parameter["log"] = True
    return space_edit(known.space, "add_parameter", name=name, parameter=parameter)


def _try(known: Known, said: Said) -> Call:
    """ "try C=10 with an rbf kernel"."""
    config = read_whole_config(known, said["values"])
    return Call("propose", {"config": dict(config), "reason": f"asked for: {quote(said['values'], 200)}"})


RULES: dict[str, Callable[[Known, Said], Call]] = {
    "also": _also,
    "drop": _drop,
    "drop_anything": _drop_anything,
    "only": _only,
    "fix": _fix,
    "fix_at_best": _fix_at_best,
    "switch_on": _switch(True),
    "switch_off": _switch(False),
    "remove_parameter": _remove,
    "add_parameter": _add,
    "try": _try,
}
