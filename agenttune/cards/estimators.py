"""Estimator cards: what is known of a scikit-learn family, as data, and how a config becomes an estimator.

A card never imports scikit-learn until an estimator or a library default is asked for. The families
themselves are in families.py. Not for: data (data.py), encoding (pipeline.py).
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agenttune.cards.metrics import METRICS, Metric, Task
from agenttune.cards.pipeline import EncodedFacts
from agenttune.errors import UserError
from agenttune.space import Constant, Parameter, Space, parameter_from_json, parameter_to_json
from agenttune.types import Config, Scalar

NONE = "none"
"""How a config says Python's None."""

Arguments = Mapping[str, Any]


def _as_is(arguments: Arguments, task: Task) -> Arguments:
    return arguments


def _no_change(library: Arguments, facts: EncodedFacts) -> Mapping[str, Scalar]:
    return {}


@dataclass(frozen=True, slots=True)
class EstimatorCard:
    """One family of estimators."""

    name: str
    """Short, as studies store it: "svm"."""
    title: str
    """As people read it: "SVM"."""
    classes: Mapping[Task, str]
    """Task -> "module:Class"; a task that is absent cannot be done."""
    build_space: Callable[[EncodedFacts], Space]
    """The curated space; ranges may depend on the data."""
    synonyms: tuple[str, ...] = ()
    """Other spellings, lower case."""
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Parameter -> what people call it, lower case."""
    build_wide_space: Callable[[EncodedFacts], Space] | None = None
    """A space with rarer choices, used only when a request names one of them."""
    scales: bool = False
    """Whether numbers are standardised for it."""
    scales_target: bool = False
    """Whether, in regression, the target is standardised for it too."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Arguments that are not tuned and differ from the library's."""
    is_seeded: bool = True
    """Whether the estimator takes `random_state`."""
    has_probabilities: bool = True
    """Whether the classifier predicts probabilities."""
    to_arguments: Callable[[Arguments, Task], Arguments] = _as_is
    """Config (None for "none") -> constructor arguments, where they differ."""
    from_library: Callable[[Arguments, EncodedFacts], Mapping[str, Scalar]] = _no_change
    """The library's constructor arguments -> parameters of the space, where they differ."""
    instead: str | None = None
    """The family to try for a task this one cannot do."""

    def class_name(self, task: Task) -> str:
        """ "SVC"."""
        return self.classes[task].partition(":")[2]

    def require(self, task: Task) -> None:
        """Checks that the family can do the task.

        Raises:
            UserError: it cannot.
        """
        if task not in self.classes:
            verb = "classify" if task == "classification" else "predict a number"
            hint = f"; try {self.instead}" if self.instead else ""
            raise UserError(f"{self.title} cannot {verb}{hint}")

    def require_metric(self, metric: Metric) -> None:
        """Checks that the family can be scored by the metric.

        Raises:
            UserError: it predicts no probabilities, which the metric needs.
        """
        if metric.needs == "probabilities" and not self.has_probabilities:
            raise UserError(
                f"{metric.title} needs probabilities, which {self.title} does not predict; try AUC or accuracy"
            )

    def space(self, facts: EncodedFacts, *, wide: bool = False) -> Space:
        """The typed space for data like these; with `wide`, rarer choices included."""
        return (self.build_wide_space if wide and self.build_wide_space else self.build_space)(facts)

    def with_defaults(self, space: Space, facts: EncodedFacts) -> Space:
        """The space with each parameter's default set to the library's value, where it has a place for it."""
        known = self._known(facts)
        parameters = {name: _with_default(name, entry, known.get(name)) for name, entry in space.parameters.items()}
        return Space.from_flat(
            parameters, conditions=space.conditions, constraints=[entry.text for entry in space.constraints]
        )

    def default_config(self, space: Space, facts: EncodedFacts) -> dict[str, Scalar]:
        """The library's own setting as a config of `space`; what the space holds constant keeps its value.

        Raises:
            ConfigInvalid: the space has no place for it.
        """
        return space.validate(self.values_of_library(space, facts))

    def make(self, config: Config, *, task: Task, seed: int) -> Any:
        """An unfitted estimator."""
        given = {name: None if value == NONE else value for name, value in config.items()}
        arguments = {**self.fixed, **self.to_arguments(given, task)}
        if self.is_seeded:
            arguments["random_state"] = seed % 2**32
        return self._class(task)(**arguments)

    def _class(self, task: Task) -> Any:
        self.require(task)
        module, _, name = self.classes[task].partition(":")
        return getattr(importlib.import_module(module), name)

    def _known(self, facts: EncodedFacts) -> dict[str, Any]:
        """The library's arguments, with what differs in this card's terms."""
        library = self._class(facts.task)().get_params()
        return {**library, **self.from_library(library, facts)}

    def values_of_library(self, space: Space, facts: EncodedFacts) -> dict[str, Scalar]:
        """The library's values of the parameters that are active at them, each in the space's terms."""
        known = self._known(facts)
        config: dict[str, Scalar] = {}
        for name, parameter in space.parameters.items():
            if space.is_active(name, config):
                value = parameter.value if isinstance(parameter, Constant) else known[name]
                config[name] = NONE if value is None else value
        return config


def _with_default(name: str, parameter: Parameter, value: Any) -> Parameter:
    value = NONE if value is None else value
    if isinstance(parameter, Constant) or not parameter.contains(value):
        return parameter
    return parameter_from_json({**parameter_to_json(parameter), "default": value}, name=name)


def stretched(low: float, high: float, *, to: float) -> tuple[float, float]:
    """`low` and `high`, moved by whole powers of ten until `to` lies between them; `to` is positive."""
    if to < low:
        return 10.0 ** math.floor(math.log10(to)), high
    if to > high:
        return low, 10.0 ** math.ceil(math.log10(to))
    return low, high


def metric_named(name: str) -> Metric:
    """The metric of that name.

    Raises:
        UserError: there is none.
    """
    if name not in METRICS:
        raise UserError(f"no metric is called {name!r}; there are {', '.join(METRICS)}")
    return METRICS[name]
