"""Values of a wrong type at the public interface: one sentence, never a raw error."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import agenttune as at
from agenttune.store import Store

SPACE = at.Space(x=at.Float(0.0, 1.0, default=0.5))
WRONG: list[Any] = [
    *(None, "x", "", -1, 1.5, float("nan"), 10**400, True, b"x", "\ud800", object()),
    *([], ["a"], [None], {}, {1: 2}, {"x": None}, (0, 1)),
]
"""Whatever a slip can hand over; some are right in some places."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "agenttune.db") as opened:
        yield opened


def tuning(store: Store, /, **changes: Any) -> None:
    at.tune(**{"objective": lambda config: 1.0, "space": SPACE, "maximize": "score", "store": store, **changes})


def asking(store: Store, /, **changes: Any) -> at.Study:
    return at.Study.create(**{"space": SPACE, "maximize": "score", "store": store, **changes})


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda store: tuning(store, space={"x": at.Float(0, 1)}), "`space` must be an agenttune.Space.*'x'"),
        (lambda store: tuning(store, trials="30"), "`trials` must be a whole number, but got '30'"),
        (lambda store: tuning(store, seconds="5"), "`seconds` must be a number, but got '5'"),
        (lambda store: tuning(store, maximize=3), "one metric's name is needed, but got 3"),
        (lambda store: tuning(store, seed=None), "`seed` must be a whole number from 0, but got None"),
        (lambda store: tuning(store, workers=1.5), "`workers` must be a whole number from 1, but got 1.5"),
        (lambda store: tuning(store, gpus=-1), "`gpus` must be a whole number from 0, but got -1"),
        (lambda store: tuning(store, reuse_replies=1), "`reuse_replies` must be True or False, but got 1"),
        (lambda store: tuning(store, on_event=3), "`on_event` must be a callable.*got 3; leave it out"),
        (lambda store: tuning(store, objective=3), r"`objective` must be a callable f\(config\).*got 3"),
        (lambda store: tuning(store, name=3), "`name` must be a text.*got 3"),
        (lambda store: tuning(store, store=3), "`store` must be a path or a Store.*got 3"),
        (lambda store: tuning(store, first={"x": 0.5}), "`first` must be a list.*put it in brackets"),
        (lambda store: tuning(store, target="0.9"), "`target` must be a finite number, but got '0.9'"),
        (lambda store: tuning(store, constraints="cost < 3"), "`constraints` must be a list.*got 'cost < 3'"),
        (lambda store: tuning(store, proposer=["gp"]), "no proposer is called .*there are"),
        (lambda store: tuning(store, trial_seconds="5"), "limit `seconds`.*got '5'"),
        (
            lambda store: tuning(store, trial_seconds=1, executor="inline"),
            "limit `seconds`.*got 1 with .*'process', or",
        ),
        (
            lambda store: tuning(store, trial_memory=9, executor="inline"),
            "limit `memory_bytes`.*got 9 with .*'process'",
        ),
        (lambda store: tuning(store, trial_memory=2), "limit `memory_bytes`.*at least 1,000,000 bytes, but got 2: no"),
        (lambda store: at.Space(x=(0, 1)), "parameter `x` must be a Float.*got .0, 1."),  # type: ignore[arg-type]
        (lambda store: at.Space([at.Float(0, 1)]), "made of parameters by name"),  # type: ignore[arg-type]
        (lambda store: at.Space(x=at.Float(0, 1), constraints=3), "`constraints` must be a list"),  # type: ignore[arg-type]
        (lambda store: at.Float("a", 1), "`low` must be a finite number, but got"),  # type: ignore[arg-type]
        (lambda store: at.Categorical({"a": 3}), "choice 'a' must lead to a Space.*got 3"),  # type: ignore[dict-item]
        (lambda store: at.Study(3, "x"), "stands on a Store, but got 3"),  # type: ignore[arg-type]
        (lambda store: asking(store).tell("0", 1.0), "what `ask` returned, or its number, but got '0'"),  # type: ignore[arg-type]
        (lambda store: at.Study.open("\ud800", store=store), "the store holds no study yet"),
    ],
)
def test_a_wrong_type_is_one_sentence_with_rule_and_value(
    store: Store, call: Callable[[Store], object], words: str
) -> None:
    with pytest.raises(at.UserError, match=words) as refused:
        call(store)
    assert "\n" not in str(refused.value)
    assert store.studies() == [] or "ask" in words


RECORDS: list[tuple[Callable[..., object], dict[str, Any]]] = [
    (at.Float, {"low": 0.0, "high": 1.0}),
    (at.Int, {"low": 0, "high": 3}),
    (at.Categorical, {"choices": ["a"]}),
    (at.Ordinal, {"values": [1, 2]}),
    (at.Bool, {}),
    (at.Constant, {"value": 3}),
    (at.Goal, {"metric": "score", "direction": "maximize"}),
    (at.Budget, {}),
]


def raw_errors(call: Callable[[Any], object]) -> list[str]:
    """What escapes that no caller was told of."""
    found = []
    for value in WRONG:
        try:
            call(value)
        except at.AgentTuneError as told:
            assert "\n" not in str(told)
        except Exception as error:  # noqa: BLE001  # whatever escapes is what is looked for
            found.append(f"{value!r}: {type(error).__name__}: {error}")
    return found


@pytest.mark.parametrize(("make", "right"), RECORDS, ids=lambda entry: getattr(entry, "__name__", ""))
def test_no_record_lets_a_raw_error_out(make: Callable[..., object], right: dict[str, Any]) -> None:
    for name in inspect.signature(make).parameters:
        assert raw_errors(lambda value, name=name: make(**{**right, name: value})) == [], name  # type: ignore[misc]


@pytest.mark.parametrize("call", [tuning, asking], ids=["tune", "create"])
def test_no_setting_of_a_study_lets_a_raw_error_out(
    store: Store, monkeypatch: pytest.MonkeyPatch, call: Callable[..., object]
) -> None:
    monkeypatch.setattr(at.Study, "run", lambda self, **settings: None)
    names = inspect.signature(at.tune if call is tuning else at.Study.create).parameters.keys() - {"store"}
    for name in names:
        other = {"maximize": None} if name == "minimize" else {}
        assert raw_errors(lambda value, name=name, other=other: call(store, **{**other, name: value})) == [], name  # type: ignore[misc]


def test_no_method_of_a_study_or_a_space_lets_a_raw_error_out(store: Store) -> None:
    study = asking(store, proposer="random")
    asked = study.ask()
    calls: dict[str, Callable[[Any], object]] = {
        "Space": at.Space,
        "validate": SPACE.validate,
        "fill": SPACE.fill,
        "describe_parameter": SPACE.describe_parameter,
        "open": lambda value: at.Study.open(value, store=store),
        "enqueue": study.enqueue,
        "reason": lambda value: study.enqueue({"x": 0.3}, reason=value),
        "resume trials": lambda value: study.resume(trials=value),
        "resume seconds": lambda value: study.resume(seconds=value),
        "resume max_dollars": lambda value: study.resume(max_dollars=value),
        "resume max_requests": lambda value: study.resume(max_requests=value),
        "resume max_tokens": lambda value: study.resume(max_tokens=value),
        "stop": lambda value: study.stop(kill=value),
        "on_event": lambda value: study.run(on_event=value),
        "report trial": lambda value: study.report(value, 1, score=1.0),
        "report step": lambda value: study.report(asked, value, score=1.0),
        "report metric": lambda value: study.report(asked, 1, score=value),
        "tell trial": lambda value: study.tell(value, 1.0),
        "tell failure": lambda value: study.tell(asked, failure=value),
        "tell value": lambda value: study.tell(study.ask(), value),
        "tell metrics": lambda value: study.tell(study.ask(), {"score": value}),
    }
    assert {name: found for name, call in calls.items() if (found := raw_errors(call))} == {}


def test_numpy_numbers_can_be_told(store: Store) -> None:
    study = asking(store, proposer="random")
    trial = study.ask()
    study.report(trial, np.int64(1), score=np.float32(0.25))  # type: ignore[arg-type]
    study.tell(trial, np.float32(0.5))  # type: ignore[arg-type]
    assert study.trials[0].value("score") == 0.5
