"""What a study's trials say about configurations not tried: a Gaussian process, or a random forest.

`fit` makes a `Surrogate` of a view; `predict` and `score` are open to proposers, gates and explanations alike.
Names are loaded on first use, because scipy takes a second to import.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from agenttune.surrogate.choice import remembered, remembered_choice

if TYPE_CHECKING:
    from agenttune.surrogate.fitting import fit as fit
    from agenttune.surrogate.surrogate import Optimum as Optimum
    from agenttune.surrogate.surrogate import Surrogate as Surrogate

__all__ = ["Optimum", "Surrogate", "fit", "remembered", "remembered_choice"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'agenttune.surrogate' has no attribute {name!r}")
    module = "fitting" if name == "fit" else "surrogate"
    return getattr(importlib.import_module(f"agenttune.surrogate.{module}"), name)
