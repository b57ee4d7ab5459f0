"""A mid-sized conditional study, made by hand so that its prompt is the same for ever; and readers of prompts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from agenttune.exchange import Prompt, estimate_tokens
from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Space
from agenttune.testing.views import complete, failed, unfinished
from agenttune.trial import Failure, FailureKind, Proposal, Trial
from agenttune.types import Config, Scalar

SPACE = Space(
    optimizer=Categorical(
        {"sgd": Space(momentum=Float(0, 0.99)), "adam": Space(beta2=Float(0.9, 0.9999)), "rmsprop": None},
        default="adam",
    ),
    lr=Float(1e-5, 1e-1, log=True, default=1e-3, meaning="learning rate of the whole network"),
    depth=Int(2, 24, default=6, unit="layers"),
    batch=Ordinal([16, 32, 64, 128], default=32),
    warmup=Bool(default=False),
    epochs=Constant(20),
    constraints=["depth * batch <= 2048"],
)
DEFAULT: Config = {"optimizer": "adam", "beta2": 0.999, "lr": 1e-3, "depth": 6, "batch": 32, "warmup": False}
CONTEXT = {"request": "train the tagger, at most 2 hours", "data": "4,096 sentences · 12 classes"}
BATCHES: tuple[int, ...] = (16, 32, 64, 128)


@dataclass(frozen=True)
class NextPoint:
    """What a surrogate would try."""

    config: Config
    mean: float
    sd: float


HINT = NextPoint({**DEFAULT, "lr": 0.0031415, "depth": 9}, 0.91234, 0.01234)


def config_of(number: int) -> dict[str, Scalar]:
    """A configuration that differs from trial to trial."""
    depth = 2 + (number * 7) % 23
    chosen = ("adam", "sgd", "rmsprop")[number % 3]
    inner: dict[str, dict[str, Scalar]] = {
        "adam": {"beta2": round(0.9 + 0.0999 * (number * 0.37 % 1), 6)},
        "sgd": {"momentum": round(0.99 * (number * 0.61 % 1), 6)},
        "rmsprop": {},
    }
    lr = 10 ** -(1 + 4 * (number * 0.29 % 1))
    return {"optimizer": chosen, **inner[chosen]} | {
        "lr": lr,
        "depth": depth,
        "batch": BATCHES[number % (3 if depth > 16 else 4)],
        "warmup": number % 2 == 0,
    }


def trial_of(number: int) -> Trial:
    """A trial: deep ones run out of memory, every third one is the model's, with a prediction."""
    config = DEFAULT if number == 0 else config_of(number)
    arm = "default" if number == 0 else "model" if number % 3 == 1 else "gp"
    proposal = Proposal(config, arm, "made for a test")
    if arm == "model":
        proposal = replace(proposal, predicted_mean=0.85, predicted_sd=0.02, prediction_source="verbal")
    depth, lr = int(config["depth"]), float(config["lr"])
    if depth > 16:
        oom = failed(number, config, proposal=proposal)
        return replace(oom, failure=Failure(FailureKind.OOM, f"CUDA out of memory in layer {depth}"))
    accuracy = round(0.9 - 0.02 * abs(depth - 9) / 9 - abs(lr - 0.003), 5)
    return complete(number, config, {"accuracy": accuracy, "latency_ms": 2.0 * depth}, proposal=proposal)


def mid_study(n: int = 24) -> StudyView:
    """The study after `n` trials, with one running, a repeat, a note, and refusals."""
    trials = [trial_of(number) for number in range(n)]
    trials[3] = replace(trials[3], notes=("the loss curve looks odd",))
    repeat = replace(complete(n, DEFAULT, {"accuracy": 0.887, "latency_ms": 12.0}), replicate_of=0, in_budget=False)
    running = unfinished(n + 1, config_of(n + 1), proposal=Proposal(config_of(n + 1), "gp", "made for a test"))
    seen = tuple(range(n))
    refused = (
        (Proposal(config_of(2), "model", "", seen_trials=seen), "duplicate", "trial 2 has this configuration"),
        (Proposal({"depth": 99}, "model", "", seen_trials=seen), "illegal", "`depth` must be at most 24, but got 99"),
        (Proposal(config_of(5), "gp", "", seen_trials=seen), "duplicate", "not the model's"),
    )
    return StudyView(
        SPACE,
        Goal("accuracy", "maximize", ("latency_ms < 30",), target=0.95),
        (*trials, repeat, running),
        default=DEFAULT,
        budget_trials=40,
        refused=refused,
    )


def tokens(prompt: Prompt) -> int:
    """Estimated tokens of all messages."""
    return sum(estimate_tokens(str(message["content"])) for message in prompt.messages)


def text_of(prompt: Prompt) -> str:
    """All messages."""
    return "\n\n".join(f"[{message['role']}]\n{message['content']}" for message in prompt.messages)


def configs_in(space: Space, text: str) -> Iterator[Mapping[str, Scalar]]:
    """Every configuration that a text shows, read back: JSON objects, and rows of tables."""
    for line in text.splitlines():
        found = re.match(r'the default configuration: (\{.*\})$|(\{(?!"candidates").*\})$', line)
        if found:
            yield json.loads(found[1] or found[2])
        row = re.match(r"(?:\d+ \([a-z]+\): [^\[]*|(?:refused: )?[a-z]+ )(\[.*)$", line)
        if row:
            values, _ = json.JSONDecoder().raw_decode(row[1])
            yield {name: value for name, value in zip(space.columns, values, strict=True) if value is not None}
