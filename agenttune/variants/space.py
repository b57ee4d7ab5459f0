"""The space of a study over code: which variant, and below each its own numbers; and the views that tune one of them.

`variant` is a categorical, `v3.lr` a parameter that is active where it is `v3`. Not for: what a block's numbers are
(numbers.py) or which variant is tuned (proposers/code.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from agenttune.history import StudyView
from agenttune.space import Categorical, Condition, Parameter, Space
from agenttune.space.serial import parameter_from_json
from agenttune.trial import Trial
from agenttune.types import Config, Scalar
from agenttune.variant import PARAMETER, Variant, parameter_name


def first_space(v0: Variant) -> Space:
    """The first version of a study's space: the user's own code and its numbers."""
    choice = Categorical([v0.name], default=v0.name, meaning="which code is run")
    return with_variant(Space.from_flat({PARAMETER: choice}), v0)


def with_variant(space: Space, variant: Variant) -> Space:
    """The next version of the space, in which the variant can be chosen; the space itself if a person fixed the choice.

    Raises:
        SpaceError: a number of it is defined against the rules.
    """
    choice = space.parameters[PARAMETER]
    if not isinstance(choice, Categorical):
        return space
    numbers = {
        parameter_name(variant.number, name): _defined(variant, name)
        for name in variant.parameters
        if parameter_name(variant.number, name) not in space.parameters
    }
    if variant.name not in choice.choices:
        choices = (*choice.choices, variant.name)
        choice = Categorical(choices, default=choice.default, unit=choice.unit, meaning=choice.meaning)
    return Space.from_flat(
        {**space.parameters, PARAMETER: choice, **numbers},
        conditions={**space.conditions, **dict.fromkeys(numbers, Condition(PARAMETER, (variant.name,)))},
        constraints=[expression.text for expression in space.constraints],
    )


def is_fixed(space: Space) -> bool:
    """Whether a person fixed the choice, so that no other variant can run."""
    return not isinstance(space.parameters[PARAMETER], Categorical)


def choices(space: Space) -> tuple[Scalar, ...]:
    """Names of the variants that can be chosen."""
    parameter = space.parameters[PARAMETER]
    return parameter.choices if isinstance(parameter, Categorical) else tuple(filter(None, (parameter.default,)))


def as_config(variant: Variant, numbers: Config) -> dict[str, Scalar]:
    """A configuration of the study: the variant with these numbers, by name in its block."""
    return {PARAMETER: variant.name} | {
        parameter_name(variant.number, name): numbers[name] for name in variant.parameters if name in numbers
    }


def numbers_of(variant: Variant, config: Config) -> dict[str, Scalar]:
    """The numbers of a configuration by name in the variant's block: inverse of `as_config`."""
    named = {name: parameter_name(variant.number, name) for name in variant.parameters}
    return {name: config[full] for name, full in named.items() if full in config}


def own_view(view: StudyView, variant: Variant) -> StudyView | None:
    """The study as it looks to whoever tunes this variant alone: its own trials, its own numbers' names as the space.

    Returns:
        None where it has no number that varies.
    """
    space = _own_space(view.space, variant)
    if space is None or not space.columns:
        return None
    return replace(
        view,
        space=space,
        spaces={1: space},
        trials=tuple(_own(trial, variant) for trial in view.trials if trial.config.get(PARAMETER) == variant.name),
        default=variant.defaults or None,
        next_number=view.number,
        candidates=(),
        refused=(),
        code=(),
    )


def _own_space(space: Space, variant: Variant) -> Space | None:
    """Its numbers as the study's space has them now: a person may have narrowed them."""
    named: Mapping[str, str] = {name: parameter_name(variant.number, name) for name in variant.parameters}
    parameters = {name: space.parameters[full] for name, full in named.items() if full in space.parameters}
    return Space.from_flat(parameters) if parameters else None


def _own(trial: Trial, variant: Variant) -> Trial:
    own = replace(trial.proposal, config=numbers_of(variant, trial.config), space_version=1)
    return replace(trial, proposal=own)


def _defined(variant: Variant, name: str) -> Parameter:
    """A number of a variant, whose default is what it was written with."""
    definition = variant.parameters[name]
    assert isinstance(definition, dict)  # as `parameter_to_json` writes it
    default = variant.defaults.get(name)
    return parameter_from_json(
        definition if default is None else {**definition, "default": default},
        name=parameter_name(variant.number, name),
    )
