"""How the terminal interface holds up: `python -m benchmarks.interface`, a part of `make soak`.

The application runs headless in this process, on a real store; what a terminal adds is not in the figures. Keys are
timed from the event to the painted prompt, while four trials report twenty lines a second together and a reply streams
at a hundred tokens a second.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
from textual import events
from textual.pilot import Pilot

from agenttune.agent import Done, TextDelta
from agenttune.budget import Budget
from agenttune.goal import Goal
from agenttune.space import Float, Int, Space
from agenttune.spec import StudySpec, StudyState
from agenttune.store import Store
from agenttune.study.leases import lease_of
from agenttune.trial import Outcome, Proposal, Report, TrialState
from agenttune.tui.app import AgentTuneApp
from agenttune.tui.conversation import FLUSH_S
from agenttune.tui.engine import Engine
from agenttune.tui.messages import Happened
from agenttune.tui.records import Record, ReplyRecord, UserRecord
from agenttune.tui.widgets.prompt import Prompt

N_KEYS = 150
PIECE = int(100 * 4 * FLUSH_S)
"""Characters at a time: a hundred tokens a second, as the conversation hands them on."""
IDLE_S = 20.0
SIZE = (140, 45)
REPLY = "Trial **14** is best with `C=12.3`: it gains 0.0154 over the default.\n\n- gamma matters\n- C does less\n\n"
BARS = {"key_p95_ms": 50.0, "rss_mb": 250.0, "idle_percent": 1.0}


def make_study(store: Store, n_trials: int) -> str:
    """A study that runs, with that many finished trials and four at work."""
    space = Space(C=Float(1e-3, 1e3, log=True), depth=Int(1, 64))
    spec = StudySpec("soak", space, Goal("accuracy", "maximize"), {"type": "told"}, budget=Budget(trials=n_trials + 40))
    study_id = store.create_study(spec).id
    store.acquire_driver(study_id, lease_of(), is_alive=lambda lease: False)
    store.set_state(study_id, StudyState.RUNNING)
    for number in range(n_trials + 4):
        config = {"C": 10 ** (number % 6 - 3), "depth": number % 64 + 1}
        store.add_trial(study_id, Proposal(config, "gp", "expected to improve"), seed=number)
        store.claim(study_id)
        if number < n_trials:
            outcome = Outcome({"accuracy": 0.9 + (number * 7919 % 1000) / 1e4}, 1.0)
            store.finish(study_id, number, TrialState.COMPLETE, outcome=outcome)
    return study_id


@asynccontextmanager
async def interface(path: Path, study_id: str, n_messages: int = 0) -> AsyncIterator[tuple[AgentTuneApp, Pilot[None]]]:
    """The application, once it shows the study and what was said."""
    app = AgentTuneApp(Engine(path), study_id=study_id)
    async with app.run_test(size=SIZE) as pilot:
        while app.snapshot is None:
            await pilot.pause(0.05)
        if n_messages:
            records: list[Record] = []
            for number in range(n_messages // 2):
                records += [UserRecord(f"question {number}"), ReplyRecord(REPLY, "a model")]
            app.main.add_class("-talk")
            app.main.transcript.restore(records)
        app.main.query_one(Prompt).focus()
        await pilot.pause(1.0)
        yield app, pilot


async def key_times(app: AgentTuneApp, n_keys: int) -> list[float]:
    """Milliseconds from each key to the painted prompt."""
    prompt = app.main.query_one(Prompt)
    found: list[float] = []
    for number in range(n_keys):
        if number % 40 == 0:
            prompt.write("")
        before, began = len(prompt.text), time.perf_counter()
        app.post_message(events.Key("x", "x"))
        painted = asyncio.Event()
        while len(prompt.text) == before:
            await asyncio.sleep(0)
        app.call_after_refresh(painted.set)
        await painted.wait()
        found.append(1000 * (time.perf_counter() - began))
        await asyncio.sleep(0.05)
    return found


async def under_load(path: Path, n_trials: int, n_messages: int) -> dict[str, float]:
    """Key times while trials report and a reply streams, memory at the end."""
    with Store.open(path) as store:
        study_id = make_study(store, n_trials)
        attempts = store.running_attempts(study_id)
        stop = threading.Event()

        def report() -> None:
            step = 0
            while not stop.wait(4 / 20):
                step += 1
                for attempt in attempts:
                    store.add_reports(attempt.id, [Report(step, {"accuracy": 0.9}, float(step))])

        async with interface(path, study_id, n_messages) as (app, _):
            app.main.say_to_agent("go on", lambda text: None)

            async def stream() -> None:
                words = REPLY * 200
                for at in range(0, len(words), PIECE):
                    if stop.is_set():
                        return
                    app.main.post_message(Happened(TextDelta(words[at : at + PIECE])))
                    await asyncio.sleep(FLUSH_S)

            reporter = threading.Thread(target=report)
            reporter.start()
            streaming = asyncio.create_task(stream())
            times = await key_times(app, N_KEYS)
            stop.set()
            await streaming
            reporter.join()
            app.main.post_message(Happened(Done(REPLY, "a model")))
            await asyncio.sleep(0.5)
    times.sort()
    rss = psutil.Process().memory_info().rss / 1e6
    return {
        "key_p50_ms": statistics.median(times),
        "key_p95_ms": times[int(0.95 * len(times))],
        "key_max_ms": times[-1],
        "rss_mb": rss,
    }


async def idle(path: Path) -> dict[str, float]:
    """Per cent of a core while a study runs and nothing happens."""
    with Store.open(path) as store:
        study_id = make_study(store, 100)
        async with interface(path, study_id):
            await asyncio.sleep(2.0)
            before = time.process_time()
            await asyncio.sleep(IDLE_S)
            return {"idle_percent": 100 * (time.process_time() - before) / IDLE_S}


CASES = [(100, 100), (100, 1_000), (1_000, 100), (10_000, 100)]
"""(trials, messages)."""


def main() -> None:
    """Prints a line of JSON per case; each runs in a process of its own, so that memory is its own."""
    if len(sys.argv) > 1:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "soak.db"
            if sys.argv[1] == "idle":
                found = asyncio.run(idle(path))
            else:
                found = asyncio.run(under_load(path, int(sys.argv[1]), int(sys.argv[2])))
        print(json.dumps({name: round(value, 2) for name, value in found.items()}))
        return
    import subprocess

    is_over = False
    for case in [*CASES, ("idle",)]:
        words = [str(part) for part in case]
        ran = subprocess.run(
            [sys.executable, "-m", "benchmarks.interface", *words], capture_output=True, text=True, check=True
        )
        found = json.loads(ran.stdout)
        over = [name for name, bar in BARS.items() if found.get(name, 0.0) > bar]
        is_over |= bool(over)
        what = "idle" if words == ["idle"] else f"{words[0]} trials, {words[1]} messages"
        print(f"{what}: {found}{f' · over the bar: {over}' if over else ''}", flush=True)
    sys.exit(is_over)


if __name__ == "__main__":
    main()
