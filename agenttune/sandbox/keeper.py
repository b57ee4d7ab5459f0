"""The process beside the code: confines it, waits for it, and leaves nothing of it alive.

Started by `running`; imports the standard library's small modules only, since every run pays for
them. It reads its order from its stdin, and the end of stdin (the driver wants the end, or is gone)
makes it kill everything. What became of the code goes to the descriptor of the order's `status`.

From outside in: driver, keeper, [first process of the pid namespace], code.
"""

from __future__ import annotations

import errno
import marshal
import os
import resource
import select
import sys

from agenttune import kernel
from agenttune.sandbox import landlock, namespaces, seccomp
from agenttune.sandbox.system_calls import NUMBERS

TYPE_CHECKING = False  # the real one costs as much as the confinement itself, and so does `enum` behind `signal`
if TYPE_CHECKING:
    import signal

    from agenttune.sandbox.records import Order
else:
    import _signal as signal

FILTER_FD = 9
"""Where bubblewrap is told to find the filter of system calls."""

_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 1, 24, 38, 47
_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION = 0x20080522
_ENDED, _REFUSED = "ended", "refused"

MEDIUM_READABLE = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/loadavg", "/proc/filesystems")
"""What of /proc is shown where it shows everybody's processes."""


def main() -> None:
    """Carries out the order on stdin."""
    order: Order = marshal.loads(_read_exactly(int.from_bytes(_read_exactly(4), "little")))
    status = order["status"]
    os.set_inheritable(status, False)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):  # whoever ends it ends the driver
        signal.signal(number, signal.SIG_IGN)
    kernel.become_subreaper()
    try:
        child, verdict = start(order)
    except OSError as error:
        _tell(status, _REFUSED, str(error))
        return
    output = os.open(os.devnull, os.O_RDWR)
    for descriptor in (1, 2):  # the code's alone: its end is then seen by the driver
        os.dup2(output, descriptor)
    said = _await(verdict)
    _end_all(order["method"], child)
    kind, text = said.partition(":")[::2] if said else (_ENDED, str(-signal.SIGKILL))
    _tell(status, kind, text)


def start(order: Order) -> tuple[int, int]:
    """Starts the code.

    Returns:
        The pid of the outermost process that holds it, and the pipe on which its end is told
        ("ended:CODE" with minus the number of a signal, or "refused:REASON").

    Raises:
        OSError: the system does not offer the method.
    """
    method, keeper = order["method"], os.getpid()
    if method == "landlock":
        _set_no_new_privileges()
        landlock.keep_signals_inside()
        _check_signals_are_kept(os.getppid())
    elif method == "namespaces":
        namespaces.leave()
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    try:
        os.close(reading)
        os.close(0)
        if method == "namespaces":
            kernel.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            namespaces.lay_out(
                order["readable"], order["folder"], hidden=order["hidden"], shared_bytes=order["shared_bytes"]
            )
        else:
            kernel.die_with_parent(keeper)
        _keep_code(order, writing)
    except BaseException as error:  # noqa: BLE001  # a fork must never return into the keeper's own code
        _tell(writing, _REFUSED, str(error))
    finally:
        os._exit(0)


def _keep_code(order: Order, verdict: int) -> None:
    """Forks once more, becomes the code there, and tells its end."""
    failure, failed = os.pipe()
    parent = os.getpid()
    code = os.fork()
    if code == 0:
        try:
            kernel.die_with_parent(parent)
            _become(order)
        except BaseException as error:  # noqa: BLE001  # as above
            os.write(failed, str(error).encode())
        finally:
            os._exit(127)
    os.close(failed)
    for descriptor in (1, 2):
        os.close(descriptor)
    reason = os.read(failure, 4096)  # empty once the code has been executed: the pipe closes itself
    exit_code = _wait_for(code)
    if reason:
        _tell(verdict, _REFUSED, reason.decode())
    else:
        _tell(verdict, _ENDED, str(exit_code))


def _become(order: Order) -> None:
    """Gives up everything and executes the command."""
    method, folder, command = order["method"], order["folder"], order["command"]
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for name, value in order["rlimits"]:
        number = getattr(resource, name)
        hard = resource.getrlimit(number)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (value, value))
    _offer_to_out_of_memory_killer()
    os.chdir(folder)
    if method in ("namespaces", "landlock"):
        _give_up_capabilities()
        _set_no_new_privileges()
        landlock.restrict(_rights(order))
        if NUMBERS or method == "landlock":
            seccomp.apply(pretend=method == "landlock")
    elif method == "bubblewrap":
        _lay_filter_ready()
    for number in range(1, signal.NSIG):  # Python ignores some, and so did the keeper
        if number not in (signal.SIGKILL, signal.SIGSTOP) and signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    os.execve(command[0], command, order["environment"])


def _rights(order: Order) -> list[tuple[str, int]]:
    rights = [right for path in order["readable"] for right in landlock.to_read(path, order["hidden"])]
    rights += [(path, landlock.DEVICE) for path in namespaces.DEVICES]
    if order["method"] == "namespaces":
        rights += [("/proc", landlock.READ), (namespaces.SHARED_MEMORY, landlock.WRITE)]
    else:
        rights += [(path, landlock.READ) for path in MEDIUM_READABLE]
    return [*rights, (order["folder"], landlock.WRITE)]


def _await(verdict: int) -> str:
    """What is told of the code's end; empty if it had to be killed."""
    poller = select.poll()
    poller.register(0, select.POLLIN)
    poller.register(verdict, select.POLLIN)
    while True:
        ready = {descriptor for descriptor, _ in poller.poll()}
        if verdict in ready:
            return os.read(verdict, 1 << 16).decode()
        if 0 in ready:
            return ""


def _end_all(method: str, child: int) -> None:
    """Kills and collects all that descends from this process."""
    if method == "landlock":
        os.kill(-1, signal.SIGKILL)  # all that can be signalled is inside, and no fork outruns it
    else:
        os.kill(child, signal.SIGKILL)  # the end of a pid namespace is the end of all in it
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return
        if method == "rlimits":
            _kill_children()


def _kill_children() -> None:
    """Orphans of what was killed are children of this process by now; nothing stops a program that outruns this."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            children = [int(word) for word in file.read().split()]
    except OSError:  # not Linux: the driver kills what it has seen
        return
    for child in children:
        os.kill(child, signal.SIGKILL)


def _check_signals_are_kept(driver: int) -> None:
    """Makes sure that nobody outside can be signalled, before everybody who can be is killed.

    Raises:
        OSError: the driver could be.
    """
    try:
        os.kill(driver, 0)
    except PermissionError:
        return
    raise OSError(errno.EPERM, "Landlock lets signals through to processes outside")


def _set_no_new_privileges() -> None:
    kernel.prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _give_up_capabilities() -> None:
    """Those of root, or of the owner of a user namespace; execution gives none of them back."""
    for capability in range(64):
        try:
            kernel.prctl(_PR_CAPBSET_DROP, capability)
        except OSError:  # past the last one, or there is none to drop
            break
    kernel.prctl(_PR_CAP_AMBIENT, _AMBIENT_CLEAR_ALL)
    header = _CAPABILITY_VERSION.to_bytes(4, "little") + bytes(4)
    kernel.syscall(NUMBERS["capset"], header, bytes(24))


def _offer_to_out_of_memory_killer() -> None:
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:  # not Linux
        pass


def _lay_filter_ready() -> None:
    program = seccomp.program()
    if program:
        held = os.memfd_create("filter")
        os.write(held, program)
        os.lseek(held, 0, os.SEEK_SET)
        os.dup2(held, FILTER_FD)


def _wait_for(code: int) -> int:
    """Exit code of that child; collects orphans meanwhile, as the first process of a namespace must."""
    while True:
        pid, status = os.wait()
        if pid == code:
            return os.waitstatus_to_exitcode(status)


def _tell(descriptor: int, kind: str, text: str) -> None:
    os.write(descriptor, f"{kind}:{text}".encode())


def _read_exactly(n_bytes: int) -> bytes:
    held = b""
    while len(held) < n_bytes:
        chunk = os.read(0, n_bytes - len(held))
        if not chunk:
            sys.exit(2)  # whoever began the order is gone
        held += chunk
    return held
