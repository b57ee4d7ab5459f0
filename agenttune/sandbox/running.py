"""Runs model-written code under watch: limits over its whole tree, output of bounded size, one record at its end."""

from __future__ import annotations

import contextlib
import marshal
import math
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import agenttune.sandbox
from agenttune.errors import SandboxError
from agenttune.processes import Tree, memory_of, new_marker, process_table, row_of, send
from agenttune.sandbox import bubblewrap
from agenttune.sandbox.records import LEVELS, Broken, Execution, Level, Limits, Method, Order

LOOK_S = 0.05
"""How often tree and memory are looked at: a program fills some 2 GB in a second, so 100 MB between two looks."""
KILL_S = 5.0
"""How long the keeper may take to kill everything before it is killed itself."""
CHUNK_BYTES = 1 << 16
TURN_BYTES = 1 << 20
"""Read of the output between two looks; more waits in the pipe, and its writer with it."""
N_THREADS = 1024
"""In the whole tree: far more than number libraries start, and the kernel's own memory for them stays below 100 MB."""

SYSTEM_PATHS = (
    "/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime",
    "/sys/devices/system",
)  # fmt: skip
"""Programs, libraries, and how many processors there are."""

_OWN_PROCESSES: dict[Method, int] = {"namespaces": 2, "bubblewrap": 4, "landlock": 2, "rlimits": 2}
"""Of ours, in the tree of a run."""

# Empty packages instead of ours, whose __init__ loads what the keeper has no use for.
_START = """
import sys
for name, folder in (("agenttune", sys.argv[1]), ("agenttune.sandbox", sys.argv[1] + "/sandbox")):
    sys.modules[name] = type(sys)(name)
    sys.modules[name].__path__ = [folder]
from agenttune.sandbox.keeper import main
main()
"""


def run(
    command: Sequence[str] | Path,
    folder: Path,
    *,
    readable: Sequence[Path] = (),
    hidden: Sequence[Path] = (),
    limits: Limits | None = None,
    environment: Mapping[str, str] | None = None,
    level: Level | None = None,
    allow_unsafe: bool = False,
    is_unwanted: Callable[[], bool] | None = None,
) -> Execution:
    """Runs code that nobody has read.

    Args:
        command: a program and its arguments, or a Python file, which runs in this interpreter's environment.
        folder: the existing folder it works in, and the only one it may write.
        readable: files and folders it may read besides Python, the system's libraries and `folder`.
        hidden: files and folders in these that it may not read; not held at `weak`.
        limits: the usual ones where None.
        environment: variables it sees besides PATH, HOME, TMPDIR, LANG and the numbers of threads.
        level: how strongly it is confined; the best this machine offers where None.
        allow_unsafe: whether `weak` will do, where the code can read this user's files and use the network.
        is_unwanted: asked all the while; once it says so, the run is ended.

    Raises:
        SandboxError: the level is not offered here, is `weak` without `allow_unsafe`, or the program does not start.
    """
    from agenttune.sandbox.probing import method_for

    method = method_for(level)
    if LEVELS[method] == "weak" and not allow_unsafe:
        raise SandboxError(
            "this machine cannot confine code (`agenttune doctor` says why), so that it could read your files and "
            "use the network: it runs only if unsafe execution is allowed explicitly"
        )
    arguments = [sys.executable, "-I", str(command.absolute())] if isinstance(command, Path) else list(command)
    script = [command] if isinstance(command, Path) else []
    return execute(
        arguments,
        folder,
        readable=[*readable, *script],
        hidden=hidden,
        limits=limits or Limits(),
        environment=environment or {},
        method=method,
        is_unwanted=is_unwanted,
    )


def execute(
    command: Sequence[str],
    folder: Path,
    *,
    readable: Sequence[Path],
    hidden: Sequence[Path] = (),
    limits: Limits,
    environment: Mapping[str, str],
    method: Method,
    is_unwanted: Callable[[], bool] | None = None,
) -> Execution:
    """As `run`, by a given method, which need not be offered.

    Raises:
        SandboxError: the system refuses it, or the program does not start.
    """
    status, told = os.pipe()
    try:
        order = _order(command, folder.resolve(), readable, hidden, limits, environment, method=method, status=told)
        with _started(told) as keeper:
            os.close(told)
            told = -1
            return _Watch(keeper, status, limits, method, is_unwanted).follow(order)
    finally:
        os.close(status)
        if told >= 0:
            os.close(told)


class _Watch:
    """One run."""

    def __init__(
        self,
        keeper: subprocess.Popen[bytes],
        status: int,
        limits: Limits,
        method: Method,
        is_unwanted: Callable[[], bool] | None,
    ) -> None:
        assert keeper.stdin is not None and keeper.stdout is not None  # they are pipes
        self.keeper, self.status, self.limits, self.method = keeper, status, limits, method
        self.is_unwanted = is_unwanted
        self.lifeline, self.output = keeper.stdin, keeper.stdout.fileno()
        self.tail = bytearray()
        self.n_output_bytes = 0
        self.peak_bytes = 0
        self.broken: Broken | None = None
        self.tree = Tree(new_marker())
        self.give_up_at = math.inf
        """When the keeper is killed, too."""

    def follow(self, order: Order) -> Execution:
        """Gives the order and watches to the end."""
        begun = time.monotonic()
        try:
            content = marshal.dumps(dict(order))
            with contextlib.suppress(BrokenPipeError):  # its status tells why
                self.lifeline.write(len(content).to_bytes(4, "little") + content)
                self.lifeline.flush()
            row = row_of(self.keeper.pid)
            if row is not None:
                self.tree.set_root(row)
            said = self._watch(begun)
            elapsed_s = time.monotonic() - begun
        finally:
            self._end()
        self._read_output()
        return self._execution(said, elapsed_s)

    def _watch(self, begun: float) -> str:
        """What the keeper told of the end."""
        os.set_blocking(self.output, False)
        poller = select.poll()
        for descriptor in (self.output, self.status):
            poller.register(descriptor, select.POLLIN)
        look_at = begun + LOOK_S
        while True:
            ready = {descriptor for descriptor, _ in poller.poll(LOOK_S * 1000)}
            if self.output in ready and not self._read_output():
                poller.unregister(self.output)
            if self.status in ready:
                return os.read(self.status, CHUNK_BYTES).decode()
            now = time.monotonic()
            if now >= self.give_up_at:
                return ""
            if now >= look_at:
                self._look(now - begun)
                look_at = time.monotonic() + LOOK_S

    def _read_output(self) -> bool:
        """Reads what is there, up to a bound; False once nobody can write any more."""
        for _ in range(TURN_BYTES // CHUNK_BYTES):
            try:
                chunk = os.read(self.output, CHUNK_BYTES)
            except BlockingIOError:
                return True
            if not chunk:
                return False
            self.n_output_bytes += len(chunk)
            self.tail += chunk
            del self.tail[: max(0, len(self.tail) - self.limits.output_bytes)]
        return True

    def _look(self, elapsed_s: float) -> None:
        members = self.tree.look(process_table())
        used = memory_of(members, above=self.limits.memory_bytes)
        self.peak_bytes = max(self.peak_bytes, used)
        if self.broken is not None:
            return
        if used > self.limits.memory_bytes:
            self._break("memory")
        elif len(members) - _OWN_PROCESSES[self.method] > self.limits.n_processes:
            self._break("processes")
        elif sum(row.n_threads for row in members) > N_THREADS:
            self._break("threads")
        elif elapsed_s > self.limits.seconds:
            self._break("time")
        elif self.is_unwanted is not None and self.is_unwanted():
            self._break("stop")

    def _break(self, limit: Broken) -> None:
        self.broken = limit
        self.give_up_at = time.monotonic() + KILL_S
        self._cut()

    def _cut(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.lifeline.close()

    def _end(self) -> None:
        """Leaves nothing alive, whatever happened here."""
        self._cut()
        try:
            self.keeper.wait(KILL_S)
        except subprocess.TimeoutExpired:
            for row in self.tree.look(process_table()):
                send(row, signal.SIGKILL)

    def _execution(self, said: str, elapsed_s: float) -> Execution:
        kind, text = said.partition(":")[::2]
        if kind != "ended" and self.broken is None:
            reason = text or "its keeper was killed"
            raise SandboxError(f"the code could not be run by {self.method}: {reason}")
        exit_code = None if self.broken is not None else int(text)
        if self.method == "bubblewrap" and exit_code is not None and exit_code > _SIGNALLED:
            exit_code = _SIGNALLED - exit_code
        if exit_code in _LIMIT_SIGNALS:
            self.broken, exit_code = _LIMIT_SIGNALS[exit_code], None
        return Execution(
            level=LEVELS[self.method],
            method=self.method,
            exit_code=exit_code,
            broken=self.broken,
            elapsed_s=elapsed_s,
            peak_bytes=self.peak_bytes,
            output_tail=self.tail.decode(errors="replace"),
            n_output_bytes=self.n_output_bytes,
        )


_SIGNALLED = 128
"""Bubblewrap tells a signal as this plus its number, as a shell does."""
_LIMIT_SIGNALS: dict[int | None, Broken] = {-signal.SIGXCPU: "cpu time", -signal.SIGXFSZ: "file size"}


def _started(status: int) -> subprocess.Popen[bytes]:
    package = Path(agenttune.sandbox.__file__).parents[1]
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _START, str(package)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[status],
        env={},  # nothing of the driver's is in the memory that the code begins as a copy of
        start_new_session=True,
    )


def _order(
    command: Sequence[str],
    folder: Path,
    readable: Sequence[Path],
    hidden: Sequence[Path],
    limits: Limits,
    environment: Mapping[str, str],
    *,
    method: Method,
    status: int,
) -> Order:
    search = os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"])
    program = shutil.which(command[0], path=search)
    if program is None:
        raise SandboxError(f"there is no program {command[0]!r} to run")
    variables = {"PATH": search, "HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8"}
    variables |= {f"{name}_NUM_THREADS": str(limits.n_threads) for name in ("OMP", "MKL", "OPENBLAS")}
    if method == "landlock":  # without shared memory joblib has no locks, and would warn
        variables["JOBLIB_MULTIPROCESSING"] = "0"
    variables |= environment
    paths = _readable(readable)
    concealed = _concealed(hidden, paths)
    arguments = [program, *command[1:]]
    if method == "bubblewrap":
        arguments = [*bubblewrap.prefix(folder, paths, concealed, shared_bytes=limits.memory_bytes), *arguments]
    return Order(
        method=method,
        command=arguments,
        folder=str(folder),
        readable=paths,
        hidden=concealed,
        environment=variables,
        rlimits=_rlimits(limits, method),
        shared_bytes=limits.memory_bytes,
        status=status,
    )


def _readable(inputs: Sequence[Path]) -> list[str]:
    """Python, the system, and the inputs: as they are named and, behind links, as they really are."""
    named = [Path(path) for path in (*SYSTEM_PATHS, sys.prefix, sys.base_prefix, sys.exec_prefix)]
    named += [path.absolute() for path in inputs]
    named += [path.resolve() for path in named]
    return sorted({str(path) for path in named if path.exists()})


def _concealed(hidden: Sequence[Path], readable: Sequence[str]) -> list[str]:
    """Every path by which something hidden could be reached: a readable folder may be named through a link."""
    found = set()
    for path in (entry.resolve() for entry in hidden if entry.exists()):
        for root in map(Path, readable):
            if path.is_relative_to(root.resolve()):
                found.add(str(root.resolve() / path.relative_to(root.resolve())))
                found.add(str(root / path.relative_to(root.resolve())))
    return sorted(found)


def _rlimits(limits: Limits, method: Method) -> list[tuple[str, int]]:
    """A backstop for what the watch counts; memory is left to it, since address space says little of it."""
    cpu_s = math.ceil(limits.seconds * (os.cpu_count() or 1)) + 1
    found = [("RLIMIT_CORE", 0), ("RLIMIT_CPU", cpu_s), ("RLIMIT_FSIZE", limits.file_bytes), ("RLIMIT_NOFILE", 1024)]
    if method == "namespaces":  # counted there by namespace, elsewhere over all that the user runs
        found.append(("RLIMIT_NPROC", N_THREADS))
    return found
