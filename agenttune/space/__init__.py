"""What may be tried: typed parameters, conditions, constraints, and their codec to the unit cube.

Light to import (NumPy and the standard library); only document.py, which reads study files, needs
pydantic, and it is not imported here.
"""

from __future__ import annotations

from agenttune.space.choices import Bool, Categorical, Constant, Ordinal
from agenttune.space.numeric import Float, Int
from agenttune.space.scalars import nearest, spell
from agenttune.space.serial import Parameter, parameter_from_json, parameter_to_json
from agenttune.space.space import Space
from agenttune.space.tree import Condition

__all__ = [
    "Bool",
    "Categorical",
    "Condition",
    "Constant",
    "Float",
    "Int",
    "Ordinal",
    "Parameter",
    "Space",
    "nearest",
    "parameter_from_json",
    "parameter_to_json",
    "spell",
]
