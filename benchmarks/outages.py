"""Studies whose model fails them: `python -m benchmarks.outages [--only NAME]` prints a line a study.

30 trials each by a real driver process, against a server over loopback that behaves, that answers garbage to every
request, that never answers, and that dies after 10 trials and comes back after 20. A trial waits for the model for 2 s
(a settings file). Trials take .3 s; those of the silent server 4 s, so that requests do run into their own timeout of
60 s, which no setting shortens. Each study must end FINISHED with 30 complete trials, and a trial must be labelled
"model" if and only if its configuration was in a reply that the server really sent.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agenttune import driver
from agenttune.budget import Budget
from agenttune.goal import Goal
from agenttune.spec import StudySpec, StudyState
from agenttune.store import Store
from agenttune.study import has_live_driver
from agenttune.testing.answers import ChatRequest, Responder, Response, completion, fault
from agenttune.testing.functions import SMOOTH
from agenttune.testing.server import ModelServer
from agenttune.testing.skill import Skill
from agenttune.trial import Trial, TrialState
from agenttune.types import Config

TRIALS = 30
LATENCY_S = 2.0
REQUESTS_BAR = 0.3
"""Requests per trial of the study whose server behaves."""
PATIENCE_S = 600.0
POLL_S = 0.01
DIES_AT, RETURNS_AT = 10, 20


class Recorded:
    """Answers as another responder does, and keeps what was sent."""

    def __init__(self, answers: Responder) -> None:
        self._answers = answers
        self._lock = threading.Lock()
        self.texts: list[str] = []

    def __call__(self, request: ChatRequest) -> Response:
        """The other's response."""
        response = self._answers(request)
        with self._lock:
            self.texts += _texts(response)
        return response

    @property
    def configs(self) -> list[Config]:
        """All configurations that were sent."""
        found: list[Config] = []
        for text in self.texts:
            try:
                found += [entry["config"] for entry in json.loads(text)["candidates"]]
            except ValueError:  # garbage has none
                continue
        return found


@dataclass(frozen=True)
class Outage:
    """One kind of server."""

    name: str
    answers: Responder
    objective: str = "soon"
    is_away: bool = False
    """Whether it dies after `DIES_AT` trials and comes back after `RETURNS_AT`."""


def near(request: ChatRequest) -> Response:
    """Four near-optimal candidates."""
    return completion(Skill(SMOOTH).answer(request))


OUTAGES = (
    Outage("well", near),
    Outage("garbage", fault("garbage")),
    Outage("silent", lambda _: Response(never=True), objective="slowly"),
    Outage("away 10-20", near, is_away=True),
)


def main() -> int:
    """Runs the studies; 1 if one did not end as it should."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=[outage.name for outage in OUTAGES])
    options = parser.parse_args()
    print(f"{'server':11} state     complete  arms of trials 0-9, 10-19, 20-29", end="")
    print("  requests a trial  verdicts  seconds  labels", flush=True)
    wanted = [outage for outage in OUTAGES if options.only in (None, outage.name)]
    with tempfile.TemporaryDirectory(prefix="agenttune-outages-") as folder:
        settle(Path(folder))
        are_right = [run(outage, Path(folder)) for outage in wanted]
    print("every study ended as it should" if all(are_right) else "FAILED: see the rows above")
    return 0 if all(are_right) else 1


def settle(folder: Path) -> None:
    """Settings of the benchmark's own, for its drivers, too."""
    os.environ |= {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "STATE", "CACHE")}
    settings = folder / "config" / "agenttune" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"latency_s = {LATENCY_S}\n")


def run(outage: Outage, folder: Path) -> bool:
    """One study; prints its row and tells whether it is right."""
    recorded = Recorded(outage.answers)
    with ModelServer(recorded) as server, Store.open(folder / "agenttune.db") as store:
        study_id = store.create_study(spec(outage, f"{server.url}#test")).id
        begun = time.monotonic()
        driver.start(study_id, store.path)
        if outage.is_away:
            when(store, study_id, DIES_AT, server.stop)
            when(store, study_id, RETURNS_AT, server.start)
        wait_for(lambda: not has_live_driver(store.study(study_id)))
        return told(outage, store, study_id, recorded.configs, seconds=time.monotonic() - begun)


def spec(outage: Outage, model: str) -> StudySpec:
    """A study of five parameters that takes hardly any processor."""
    return StudySpec(
        name=outage.name.replace(" ", "-"),
        space=SMOOTH.space,
        goal=Goal("value", "maximize"),
        objective={"type": "python", "target": f"benchmarks.outage_objective:{outage.objective}"},
        budget=Budget(trials=TRIALS),
        proposer="llm+gp",
        model=model,
        cwd=str(Path.cwd()),
    )


def when(store: Store, study_id: str, n_finished: int, act: Callable[[], None]) -> None:
    """Acts once so many trials are finished."""
    wait_for(lambda: sum(trial.state.is_finished for trial in store.trials(study_id)) >= n_finished)
    act()


def wait_for(condition: Callable[[], bool]) -> None:
    """Polls until `condition` holds.

    Raises:
        TimeoutError: it takes too long for a study that is not stuck.
    """
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the study is stuck")
        time.sleep(POLL_S)


def told(outage: Outage, store: Store, study_id: str, sent: list[Config], *, seconds: float) -> bool:
    """Prints the row of a study that ended."""
    row, trials = store.study(study_id), store.trials(study_id)
    n_complete = sum(trial.state is TrialState.COMPLETE for trial in trials)
    per_trial = store.spent(study_id).requests / TRIALS
    verdicts = Counter(exchange.verdict for _, exchange in store.exchanges(study_id))
    n_wrong = sum(
        (trial.arm == "model") != (dict(trial.config) in [dict(config) for config in sent]) for trial in trials
    )
    print(
        f"{outage.name:11} {row.state.value:9} {n_complete:5}     "
        f"{'; '.join(arms(trials[at : at + 10]) for at in range(0, TRIALS, 10))}  {per_trial:.2f}  "
        f"{spelled(verdicts)}  {seconds:.0f} s  {n_wrong} of {len(trials)} labels wrong",
        flush=True,
    )
    is_in_bar = outage.name != "well" or per_trial <= REQUESTS_BAR
    return row.state is StudyState.FINISHED and n_complete == TRIALS and n_wrong == 0 and is_in_bar


def arms(trials: list[Trial]) -> str:
    """ "6 model, 4 gp"."""
    return spelled(Counter(trial.arm for trial in trials))


def spelled(counts: Counter[str]) -> str:
    """ "6 model, 4 gp"; "none"."""
    return ", ".join(f"{n} {name}" for name, n in counts.most_common()) or "none"


def _texts(response: Response) -> list[str]:
    body: Any = response.body
    if response.never or response.status != 200 or not isinstance(body, dict):
        return []
    return [str(choice["message"]["content"]) for choice in body["choices"]]


if __name__ == "__main__":
    sys.exit(main())
