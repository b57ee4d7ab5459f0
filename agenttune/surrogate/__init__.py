"""What a study's trials say about configurations not tried: a Gaussian process on BoTorch.

`fit` makes a `Surrogate` of a view; `predict` and `score` are open to proposers, gates and explanations alike.
Names are loaded on first use, because torch takes seconds to import.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agenttune.surrogate.surrogate import Optimum as Optimum
    from agenttune.surrogate.surrogate import Surrogate as Surrogate
    from agenttune.surrogate.surrogate import fit as fit
    from agenttune.surrogate.surrogate import remembered as remembered

__all__ = ["Optimum", "Surrogate", "fit", "remembered"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'agenttune.surrogate' has no attribute {name!r}")
    return getattr(importlib.import_module("agenttune.surrogate.surrogate"), name)
