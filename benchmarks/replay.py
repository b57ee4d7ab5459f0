"""What a replay costs and finds: `python -m benchmarks.replay` prints a line a replay.

40 trials of .3 s each on two workers, proposed by a model over loopback and the gate, are made again: all of it must
be identical, and no request may reach the server. Then one byte of one prompt is changed: that of trial 17 in a study
whose model is asked for every trial (`llm`, one candidate a reply), and that of the first request from trial 17 on in
the study of the gate. Both must be told at exactly that trial.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agenttune import Study
from agenttune.budget import Budget
from agenttune.events import ModelAsked
from agenttune.exchange import Prompt
from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.insight.prompt import llm_prompt
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.study import asking
from agenttune.study.replay import Replayed, replay
from agenttune.testing.answers import ChatRequest, Response, completion
from agenttune.testing.functions import SMOOTH
from agenttune.testing.server import ModelServer
from agenttune.testing.skill import Skill

TRIALS = 40
WORKERS = 2
CHANGED = 17


class Offers:
    """Near-optimal candidates, so many a reply."""

    def __init__(self, k: int) -> None:
        self.k = k

    def __call__(self, request: ChatRequest) -> Response:
        """A completion."""
        offered = json.loads(Skill(SMOOTH).answer(request))["candidates"][: self.k]
        return completion(json.dumps({"candidates": offered}))


def main() -> int:
    """Makes two studies and replays each as it is and changed; 1 if something is not as it should be."""
    with tempfile.TemporaryDirectory(prefix="agenttune-replay-") as folder:
        os.environ |= {f"XDG_{name}_HOME": str(Path(folder) / name.lower()) for name in ("CONFIG", "STATE", "CACHE")}
        with Store.open(Path(folder) / "agenttune.db") as store:
            are_right = [
                *replays(store, "llm+gp", Offers(4), Path(folder)),
                *replays(store, "llm", Offers(1), Path(folder)),
            ]
    print("every replay was as it should be" if all(are_right) else "FAILED: see the lines above")
    return 0 if all(are_right) else 1


def replays(store: Store, proposer: str, offers: Offers, folder: Path) -> list[bool]:
    """Both replays of one study, each with its line."""
    with ModelServer(offers) as server:
        study = Study.from_spec(spec(proposer, f"{server.url}#test"), store=store)
        study.run()
        n_sent = len(server.chats)
        asked = [event.number for _, _, event in store.events(study.id, limit=10_000) if isinstance(event, ModelAsked)]
        number = next(number for number in asked if number >= CHANGED)
        same = replayed(store, study, folder / f"{proposer}.db")
        other = with_changed_prompt(number, lambda: replayed(store, study, folder / f"{proposer}-changed.db"))
        n_more = len(server.chats) - n_sent
    told = "identical" if same.difference is None else f"differs: {same.difference}"
    print(
        f"{proposer:6}  {same.n_trials} trials on {WORKERS} workers, {n_sent} requests then, {n_more} in the replays: "
        f"{told}, {same.elapsed_s:.1f} s",
        flush=True,
    )
    found = other.difference
    at = "nowhere" if found is None else f"at trial {found.number} ({found.kind}): {found.text}"
    print(f"{'':6}  one byte changed in the prompt of trial {number}: told {at}", flush=True)
    return [
        same.difference is None and n_more == 0 and same.n_trials == TRIALS,
        found is not None and (found.number, found.kind) == (number, "prompt"),
        proposer != "llm" or number == CHANGED,
    ]


def spec(proposer: str, model: str) -> StudySpec:
    """A study that takes hardly any processor."""
    return StudySpec(
        name=proposer,
        space=SMOOTH.space,
        goal=Goal("value", "maximize"),
        objective={"type": "python", "target": "benchmarks.outage_objective:soon"},
        budget=Budget(trials=TRIALS),
        proposer=proposer,
        model=model,
        workers=WORKERS,
        cwd=str(Path.cwd()),
    )


def replayed(store: Store, study: Study, place: Path) -> Replayed:
    """The replay of a study into a new store."""
    with Store.open(place) as into:
        return replay(store, study.row, into)


def with_changed_prompt(number: int, run: Callable[[], Replayed]) -> Replayed:
    """What `run` returns while one byte of what the model is asked for that trial is another."""
    write = llm_prompt

    def changed(view: StudyView, **arguments: Any) -> Prompt:
        prompt = write(view, **arguments)
        if view.number == number:
            text = str(prompt.messages[1]["content"])
            prompt.messages[1]["content"] = f"{text[:100]}~{text[101:]}"
        return prompt

    setattr(asking, "llm_prompt", changed)  # noqa: B010  # the name it is called by, which asking does not export
    try:
        return run()
    finally:
        setattr(asking, "llm_prompt", write)  # noqa: B010


if __name__ == "__main__":
    sys.exit(main())
