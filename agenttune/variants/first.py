"""`v0`: the user's own code as the first variant of a study."""

from __future__ import annotations

from agenttune.space.serial import parameter_to_json
from agenttune.variant import Variant
from agenttune.variants.numbers import numbers_of
from agenttune.variants.refused import BlockRefused
from agenttune.variants.shape import shape_of
from agenttune.variants.target import Target


def first_variant(target: Target) -> Variant:
    """The target as it is, with its numbers; without any where it declares them in a way that cannot be read."""
    try:
        parameters, defaults = numbers_of(target.source, target.kind)
    except BlockRefused:  # the rules for PARAMS are for models; a person may mean something else by that name
        parameters, defaults = {}, {}
    return Variant(
        0,
        None,
        "start",
        "",
        target.source,
        {name: parameter_to_json(parameter) for name, parameter in parameters.items()},
        dict(defaults),
        shape_of(target.source),
    )
