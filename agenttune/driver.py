"""The driver: the process around a running study, in a session of its own.

`start` starts one and returns once it holds the study; the study then outlives whoever started it.
Everything asked of it goes through the store's controls. SIGTERM and SIGINT make it kill its
attempts, put their trials back and leave (143, 130); a closed terminal does not reach it.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from agenttune.errors import StudyBusy, UserError
from agenttune.executors import load_executor
from agenttune.proposers.sobol import start_size
from agenttune.redaction import redact
from agenttune.settings import SHARED_CORES
from agenttune.spec import StudyRow, StudySpec
from agenttune.store import Store
from agenttune.study import has_live_driver
from agenttune.study.loop import Loop
from agenttune.variant import CODE

LOG = "driver.log"
"""Name of the driver's log in the study's folder."""
START_S = 60.0
"""How long a driver may take from its start to holding the study; imports on a busy machine are slow."""
POLL_S = 0.02
GP_MODULES = ("scipy.stats.qmc", "agenttune.surrogate.fitting")
MODEL_MODULES = ("agenttune.insight.prompt", "agenttune.insight.context", *GP_MODULES)
CODE_MODULES = ("agenttune.insight.code_prompt", "agenttune.variants.desk", *GP_MODULES)
PRELOADED = {
    "auto": GP_MODULES,
    "gp": GP_MODULES,
    "forest": (*GP_MODULES, "agenttune.surrogate.forest"),
    "llm": MODEL_MODULES,
    "llm+gp": MODEL_MODULES,
    "code": CODE_MODULES,
}
"""Proposer -> what its later proposals need."""
CORE_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""How number libraries are told on how many cores to run."""
BUSY_EXIT = 3
"""Exit code of a driver that found another one."""

logger = logging.getLogger("agenttune.driver")


def start(study_id: str, store_path: Path | str) -> int:
    """Starts a driver for the study, detached, and returns its pid once it holds the study.

    Raises:
        StudyBusy: another driver holds it.
        UserError: the driver ended at once; the sentence has the last line of its log.
    """
    with Store.open(store_path, must_exist=True) as store:
        row = store.study(study_id)
        if has_live_driver(row) and row.driver is not None:
            raise StudyBusy(f"study {row.name!r} is driven by process {row.driver.pid} on {row.driver.host} already")
        log = store.study_dir(row.id) / LOG
        command = [sys.executable, "-P", "-m", "agenttune.driver", row.id, "--store", str(store.path)]
        # -P: a random.py beside the study's files is not the library's
        with log.open("ab") as output:
            offset = output.tell()
            process = _spawn(command, output, row.spec.cwd)
        # reaped as soon as it ends, so that a long-lived caller keeps no zombie
        threading.Thread(target=process.wait, name=f"reaper-{process.pid}", daemon=True).start()
        _wait_until_held(store, row, process, log, offset)
    return process.pid


def _spawn(command: list[str], output: BinaryIO, cwd: str) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, cwd=cwd
        )
    except OSError as error:
        raise UserError(f"the study cannot run in its folder {cwd}: {error.strerror}") from None


def _wait_until_held(store: Store, row: StudyRow, process: subprocess.Popen[bytes], log: Path, offset: int) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        now = store.study(row.id)
        if now.driver is not None and now.driver.pid == process.pid:
            return
        code = process.poll()
        if code == 0:
            return  # it held the study and is done already
        if code is not None:
            tail = log.read_bytes()[offset:].decode(errors="replace").strip().splitlines()
            said = tail[-1] if tail else f"it wrote nothing to {log}"
            error = StudyBusy if code == BUSY_EXIT else UserError
            raise error(f"the driver of study {row.name!r} ended at once (exit code {code}): {said}")
        time.sleep(POLL_S)
    raise UserError(f"the driver of study {row.name!r} did not start within {START_S:g} s; see {log}")


def _share_cores(workers: int) -> None:
    """Keeps the number libraries of several workers from using every core each; what the user has set stays."""
    if workers > 1:
        share = str(max(1, (os.cpu_count() or 1) // workers))
        unset = [variable for variable in CORE_VARIABLES if variable not in os.environ]
        os.environ.update(dict.fromkeys(unset, share), **{SHARED_CORES: " ".join(unset)})


def modules_for(spec: StudySpec) -> Sequence[str]:
    """What later proposals need; a study that is over at its start needs no surrogate."""
    n_trials = spec.budget.trials
    has_surrogate = spec.proposer == CODE or n_trials is None or n_trials > start_size(spec.space)
    return [name for name in PRELOADED.get(spec.proposer, ()) if has_surrogate or name not in GP_MODULES]


def _preload(names: Sequence[str]) -> None:
    """Imports modules while the first trials already run: scipy takes a second."""
    for name in names:
        importlib.import_module(name)


class WithoutKeys(logging.Formatter):
    """Lines of the log, tracebacks and all, with nothing in them that looks like a key."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, redacted."""
        return redact(super().format(record))


def _log_without_keys() -> None:
    """Logs to stderr, which is the driver's log, also what nobody caught."""
    handler = logging.StreamHandler()
    handler.setFormatter(WithoutKeys("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line a request; the store has them
    sys.excepthook = lambda *raised: logger.critical("the driver ends by a fault of ours", exc_info=raised)
    threading.excepthook = lambda raised: logger.error(
        "a thread ended by a fault of ours",
        exc_info=(raised.exc_type, raised.exc_value, raised.exc_traceback),  # type: ignore[arg-type]  # as raised
    )


def main(arguments: list[str] | None = None) -> int:
    """Drives one study in this process until it ends; see the module's docstring for the exit codes."""
    parser = argparse.ArgumentParser(prog="python -m agenttune.driver", description="drives one study")
    parser.add_argument("study")
    parser.add_argument("--store", required=True)
    options = parser.parse_args(arguments)
    _log_without_keys()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    received: list[int] = []
    try:
        with Store.open(options.store, must_exist=True) as store:
            row = store.study(options.study)
            loop = Loop(store, row.id, load_executor(row.spec.executor))

            def shut_down(number: int, frame: FrameType | None) -> None:
                received.append(number)
                loop.request_shutdown()

            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, shut_down)
            _share_cores(row.spec.workers)
            threading.Thread(target=_preload, args=(modules_for(row.spec),), name="preload", daemon=True).start()
            logger.info("process %d drives study %s (%s)", os.getpid(), row.name, row.id)
            loop.run()
            logger.info("study %s: %s", row.name, loop.end_reason or "left")
    except StudyBusy as error:
        logger.info("%s", error)
        return BUSY_EXIT
    except UserError as error:
        logger.error("%s", error)
        return 2
    return 128 + received[0] if received else 0


if __name__ == "__main__":
    raise SystemExit(main())
