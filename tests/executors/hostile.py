"""Objectives that misbehave, run by name in processes of their own. Pids they leave are written to `config["pids"]`."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

FOREVER = "import time\nwhile True: time.sleep(60)"


def note(config: Any, pid: int) -> None:
    with Path(config["pids"]).open("a") as file:
        file.write(f"{pid}\n")


def sleeps(config: Any) -> float:
    note(config, os.getpid())
    while True:
        time.sleep(60)


def reports_then_sleeps(config: Any, run: Any) -> float:
    run.report(0, score=0.25)
    run.report(1, loss=3.0)
    return sleeps(config)


def leaves_setsid_grandchild(config: Any) -> float:
    child = subprocess.Popen([sys.executable, "-c", FOREVER], start_new_session=True)
    note(config, child.pid)
    return 1.0


def leaves_double_fork_without_environment(config: Any) -> float:
    code = f"import os, subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {FOREVER!r}], " + (
        "start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={}).pid)"
    )
    note(config, int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout))
    return sleeps(config)


def grandchild_ignores_sigterm(config: Any) -> float:
    code = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True)\n{FOREVER}"
    child = subprocess.Popen([sys.executable, "-c", code], start_new_session=True, stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    note(config, child.pid)
    return 1.0


def grandchild_holds_pipe_and_prints(config: Any) -> float:
    child = subprocess.Popen(["yes"], start_new_session=True)
    note(config, child.pid)
    return 1.0


def ignores_sigterm(config: Any) -> float:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return sleeps(config)


def prints_much(config: Any) -> float:
    line = b"x" * 99_999 + b"\n"
    for _ in range(1000):
        os.write(1, line)
    return 1.0


def prints_with_interpreter_lock_held(config: Any) -> float:
    libc = ctypes.PyDLL(None)  # unlike CDLL, it keeps the lock during the call
    text = b"y" * 1_000_000
    for _ in range(3):
        libc.write(1, text, ctypes.c_size_t(len(text)))
    return 1.0


def eats_memory(config: Any) -> float:
    note(config, os.getpid())
    eaten = []
    while True:
        eaten.append(bytearray(b"z" * 20_000_000))
        time.sleep(0.01)


def grandchild_eats_memory(config: Any) -> float:
    code = "eaten = b'z' * 300_000_000\n" + FOREVER
    child = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    note(config, child.pid)
    return sleeps(config)


def shares_memory_by_fork(config: Any) -> float:
    shared = bytearray(b"z" * 80_000_000)
    children = []
    for _ in range(4):
        pid = os.fork()
        if pid == 0:
            time.sleep(1.0)
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    return float(len(shared))


def crashes(config: Any) -> float:
    print("about to crash", flush=True)
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    if signal.getsignal(config["signal"]) is signal.SIG_IGN:  # whoever runs the tests may be under nohup
        signal.signal(config["signal"], signal.SIG_DFL)
    os.kill(os.getpid(), config["signal"])
    time.sleep(60)
    return 1.0


def segfaults(config: Any) -> float:
    ctypes.string_at(0)
    return 1.0


def exits_without_a_word(config: Any) -> float:
    os._exit(3)


def exits_after_a_word(config: Any) -> float:
    print("a word")
    os._exit(3)


def result_then_crash_at_exit(config: Any) -> float:
    import atexit

    atexit.register(os.abort)
    return 1.0


def hangs_at_exit(config: Any) -> float:
    threading.Thread(target=time.sleep, args=(600,)).start()
    return 1.0


def kills_its_keeper(config: Any) -> float:
    note(config, os.getpid())
    os.kill(os.getppid(), signal.SIGKILL)
    return sleeps(config)


def forks_away_and_kills_its_keeper(config: Any) -> float:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            note(config, os.getpid())
            while True:
                time.sleep(60)
        os._exit(0)
    while not Path(config["pids"]).exists():
        time.sleep(0.01)
    os.kill(os.getppid(), signal.SIGKILL)
    return sleeps({"pids": os.devnull})


def fails_to_import_what_it_needs(config: Any) -> float:
    import a_module_that_is_not_there  # type: ignore[import-not-found]  # that is the point

    return float(a_module_that_is_not_there.x)


def writes_then_waits(config: Any) -> float:
    """Counts the execution, then runs until the file `go` is there."""
    with Path(config["path"]).open("a") as file:
        file.write("ran\n")
    note(config, os.getpid())
    while not Path(config["go"]).exists():
        time.sleep(0.01)
    return 0.5


def environment(config: Any) -> dict[str, float]:
    return {
        "score": 0.0,
        "gpu": float(os.environ.get("CUDA_VISIBLE_DEVICES", "-1")),
        "seed": float(os.environ["AGENTTUNE_SEED"]),
        "trial": float(os.environ["AGENTTUNE_TRIAL"]),
        "unbuffered": float(os.environ["PYTHONUNBUFFERED"]),
        "depth": float(os.environ["AGENTTUNE_ATTEMPT"].count("/")),
        "is_leader": float(os.getsid(0) == os.getppid()),
    }


def draws(config: Any) -> dict[str, float]:
    import random

    import numpy as np

    return {"score": random.random(), "numpy": float(np.random.random())}  # the global state


def threads_of_number_libraries(config: Any) -> float:
    import numpy as np
    from threadpoolctl import threadpool_info  # type: ignore[import-untyped]  # ships no types

    assert np.__version__
    return float(max(pool["num_threads"] for pool in threadpool_info()))


def takes_its_time(config: Any) -> float:
    time.sleep(1.0)
    return 1.0
