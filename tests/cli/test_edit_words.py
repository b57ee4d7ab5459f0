"""Edits as a shell user writes them."""

from __future__ import annotations

import pytest

from agenttune.budget import Budget
from agenttune.cli.edit_words import is_edit, read_edits
from agenttune.edits import (
    AddConstraint,
    AddMetricConstraint,
    Edit,
    Freeze,
    RemoveConstraint,
    RemoveMetricConstraint,
    SetBudget,
    SetChoices,
    SetRange,
    SetTarget,
    SetTrialLimit,
    SetWorkers,
    Terms,
)
from agenttune.errors import UserError
from agenttune.goal import Goal
from agenttune.space import Bool, Categorical, Float, Int, Ordinal, Space
from agenttune.spec import TrialLimits

SPACE = Space(
    lr=Float(1e-6, 1.0, log=True),
    depth=Int(1, 9),
    optimizer=Categorical(["sgd", "adam"]),
    batch=Ordinal([64, 256, 1024]),
    range=Categorical(["1..2", "1..3"]),
    flag=Bool(),
    workers=Int(1, 8),
    constraints=["depth * batch < 9999"],
)
TERMS = Terms(SPACE, Goal("loss", "minimize", ("size < 9",)), Budget(trials=50), TrialLimits(), 1)

EXAMPLES: list[tuple[list[str], list[Edit]]] = [
    (["lr<=1e-2"], [SetRange("lr", high=0.01)]),
    (["lr >= 1e-5"], [SetRange("lr", low=1e-5)]),
    (["lr=1e-5..1e-2 log"], [SetRange("lr", 1e-5, 1e-2, True)]),
    (["lr=1e-5..1e-2", "linear", "depth=2.."], [SetRange("lr", 1e-5, 1e-2, False), SetRange("depth", 2)]),
    (["batch<=256"], [SetChoices("batch", (64, 256))]),
    (["batch+=512", "batch-=64"], [SetChoices("batch", (64, 256, 512, 1024)), SetChoices("batch", (256, 512, 1024))]),
    (
        ["optimizer+=lion", "optimizer=lion"],
        [SetChoices("optimizer", ("sgd", "adam", "lion")), Freeze("optimizer", "lion")],
    ),
    (["optimizer-=sgd"], [SetChoices("optimizer", ("adam",))]),
    (["range=1..3"], [Freeze("range", "1..3")]),
    (["flag=yes"], [Freeze("flag", True)]),
    (["constraint", "depth*lr<1"], [AddConstraint("depth*lr<1")]),
    (["no-constraint", "depth * batch < 9999"], [RemoveConstraint("depth * batch < 9999")]),
    (["metric", "ms<20", "no-metric", "size < 9"], [AddMetricConstraint("ms<20"), RemoveMetricConstraint("size < 9")]),
    (["trials+=10", "trials-=5"], [SetBudget(trials=60), SetBudget(trials=55)]),
    (["trials=none", "seconds=2h"], [SetBudget(lifted=("trials",)), SetBudget(seconds=7200)]),
    (["dollars=1.5", "tokens=1e6"], [SetBudget(dollars=1.5), SetBudget(tokens=1_000_000)]),
    (["trial-seconds=30", "trial-memory=2G"], [SetTrialLimit(seconds=30), SetTrialLimit(memory_bytes=2 << 30)]),
    (["trial-seconds=none"], [SetTrialLimit(lifted=("seconds",))]),
    (["target=0.95", "target=none"], [SetTarget(0.95), SetTarget(None)]),
    (["study.workers=4", "space.workers<=4"], [SetWorkers(4), SetRange("workers", high=4)]),
]


@pytest.mark.parametrize(("words", "edits"), EXAMPLES, ids=[" ".join(words) for words, _ in EXAMPLES])
def test_words_are_edits(words: list[str], edits: list[Edit]) -> None:
    assert read_edits(TERMS, words) == edits
    assert is_edit(words[0])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["lr"], "'lr' is no edit; write it as in"),
        (["lrr<=1"], "no parameter is called 'lrr'; did you mean 'lr'?"),
        (["lr<=big"], "`lr` must be a number, but got 'big'"),
        (["lr+=adamw"], "`lr` must be a number"),
        (["lr+=0.1"], "lr has a range, not choices"),
        (["optimizer<=adam"], "optimizer has choices, not a range"),
        (["optimizer-=adamw"], "`optimizer` must be one of sgd, adam"),
        (["batch<=2"], "`values` must have at least one value"),
        (["batch+=many"], "must be a number, but got 'many'"),
        (["optimizer=adam", "log"], "log goes with a range"),
        (["trials=5", "log"], "log is for ranges of parameters"),
        (["constraint"], "constraint needs an expression"),
        (["trials=2.5"], "trials: must be a whole number, but got '2.5'"),
        (["seconds+=10"], "seconds+=10 cannot be: seconds is unbounded; give a total, as in seconds=50"),
        (["trials-=50"], "a budget of `trials` must be at least 1, but got 0"),
        (["seconds=soon"], "seconds: a duration must be positive"),
        (["trial-memory=much"], "trial-memory: a size must be positive"),
        (["target+=1"], "target is set by target=1"),
        (["study.workers=none"], "workers must be a number, but got 'none'"),
        (["workers=4"], "'workers' is a parameter and a bound of the study; write space.workers or study.workers"),
    ],
)
def test_what_is_no_edit_says_why(words: list[str], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        read_edits(TERMS, words)
    assert sentence in str(caught.value)
