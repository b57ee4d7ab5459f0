"""A person at the interface, in tmux: `python -m benchmarks.interface_tmux`, a part of `make soak`.

Keys are typed into a real terminal and the screen is read back: a study is started by a sentence, the window is
resized sixty times, tmux is detached from and attached to, the interface is left, opened again, killed and opened once
more. What must hold: nothing shows a traceback, the study goes on by itself all the time, the terminal is clean at the
end. No network: the offline assistant understands the sentence.
"""

from __future__ import annotations

import os
import pty
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from agenttune.store import Store
from agenttune.study import has_live_driver
from agenttune.tui.widgets.guarded import GRACE_S

REQUEST = "tune an SVM on digits for accuracy, 400 trials"
N_RESIZES = 60
PATIENCE_S = 90.0
SHELL = "ready$ "
"""The prompt of the shell in the window: what is on the screen while no interface is."""
BROKEN = re.compile(r"Traceback|Error:|report it|\x1b")
"""What no screen may hold."""


class Terminal:
    """A window of a tmux server of its own, with a shell in it."""

    def __init__(self, folder: Path) -> None:
        self._socket = str(folder / "tmux")
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("TMUX", "AGENTTUNE_"))}
        environ |= {"HOME": str(folder), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
        environ |= {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "STATE", "CACHE")}
        self._environ = environ
        self.tmux(
            "-f", os.devnull, "new-session", "-d", "-x", "120", "-y", "36", f"exec env PS1={shlex.quote(SHELL)} sh -i"
        )

    def tmux(self, *words: str) -> str:
        """What tmux answers."""
        command = ["tmux", "-S", self._socket, *words]
        return subprocess.run(command, env=self._environ, capture_output=True, text=True, check=True).stdout

    def type(self, text: str) -> None:
        """Types a text, key by key."""
        self.tmux("send-keys", "-l", "--", text)

    def press(self, *keys: str) -> None:
        """Presses keys by their names in tmux."""
        self.tmux("send-keys", "--", *keys)

    def screen(self) -> str:
        """What is shown.

        Raises:
            AssertionError: it is what no screen may hold.
        """
        shown = self.tmux("capture-pane", "-p")
        assert not BROKEN.search(shown), f"the screen shows a fault:\n{shown}"
        return shown

    def wait_for(self, text: str) -> None:
        """Waits until the screen shows it."""
        wait_for(lambda: text in self.screen(), lambda: f"{text!r} is not shown:\n{self.screen()}")

    @property
    def is_clean(self) -> bool:
        """Whether the shell has its screen back: the last line is its prompt, the cursor is behind it."""
        modes = "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{cursor_x}"
        told = self.tmux("display-message", "-p", modes).split()
        rows = self.screen().rstrip().splitlines()
        return told == ["0", "1", "0", str(len(SHELL))] and bool(rows) and rows[-1] == SHELL.rstrip()

    def interface(self) -> psutil.Process:
        """The process of the interface in the window."""
        shell = psutil.Process(int(self.tmux("display-message", "-p", "#{pane_pid}")))
        (found,) = shell.children()
        return found

    def attach_and_detach(self) -> None:
        """Shows the window on a terminal for a moment."""
        leader, follower = pty.openpty()
        command = ["tmux", "-S", self._socket, "attach-session"]
        client = subprocess.Popen(command, env=self._environ, stdin=follower, stdout=follower, stderr=follower)
        os.close(follower)
        wait_for(lambda: self.tmux("list-clients") != "", lambda: "tmux shows no client")
        self.tmux("detach-client", "-s", "0")
        os.close(leader)
        client.wait(timeout=PATIENCE_S)

    def close(self) -> None:
        """Ends tmux and what is left in its window."""
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], capture_output=True, check=False)


def wait_for(condition: Callable[[], bool], complaint: Callable[[], str]) -> None:
    """Polls until it holds.

    Raises:
        AssertionError: it does not.
    """
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, complaint()
        time.sleep(0.1)


def n_done(path: Path) -> int:
    """Finished trials of the only study.

    Raises:
        AssertionError: nobody drives it.
    """
    with Store.open(path, must_exist=True) as store:
        row = store.study(None)
        assert has_live_driver(row), f"nobody drives the study: it is {row.state.value}"
        return sum(trial.state.is_finished for trial in store.trials(row.id))


def moved_on(path: Path, before: int) -> int:
    """Finished trials, once there are more than before."""
    wait_for(lambda: n_done(path) > before, lambda: f"the study stands still at {before} trials")
    return n_done(path)


def play(terminal: Terminal, path: Path) -> None:
    """The scenes, one after the other.

    Raises:
        AssertionError: something is not as it must be.
    """
    command = f"{shlex.quote(sys.executable)} -m agenttune"
    attach = f"clear; {command} attach --store {shlex.quote(str(path))}"
    terminal.wait_for(SHELL.strip())
    terminal.type(f"clear; AGENTTUNE_STORE={shlex.quote(str(path))} {command}")
    terminal.press("Enter")
    terminal.wait_for("Say what to tune")
    terminal.type(REQUEST)
    terminal.press("Enter")
    terminal.wait_for("Approve?")
    time.sleep(2 * GRACE_S)  # the card is deaf for so long
    terminal.press("y")
    terminal.wait_for("runs by itself")
    done = moved_on(path, 2)
    told("a sentence starts a study", done)

    draw = random.Random(0)
    for _ in range(N_RESIZES):
        terminal.tmux("resize-window", "-x", str(draw.randint(20, 200)), "-y", str(draw.randint(5, 60)))
        terminal.screen()
    terminal.tmux("resize-window", "-x", "120", "-y", "36")
    terminal.wait_for("AgentTune")
    done = moved_on(path, done)
    told(f"{N_RESIZES} resizes", done)

    for _ in range(3):
        terminal.attach_and_detach()
        terminal.wait_for("AgentTune")
    done = moved_on(path, done)
    told("tmux detached and attached", done)

    terminal.press("C-q")
    wait_for(lambda: terminal.is_clean, lambda: f"the terminal is not clean:\n{terminal.screen()}")
    assert "agenttune attach" in terminal.screen(), f"no way back is named:\n{terminal.screen()}"
    done = moved_on(path, done)
    told("left", done)

    terminal.type(attach)
    terminal.press("Enter")
    terminal.wait_for("running")
    done = moved_on(path, done)
    told("attached", done)

    terminal.interface().kill()
    wait_for(lambda: "Killed" in terminal.screen(), lambda: f"the interface lives:\n{terminal.screen()}")
    done = moved_on(path, done)
    terminal.type("reset")
    terminal.press("C-j")  # a shell whose terminal was left raw reads no Enter
    time.sleep(1.0)
    terminal.type(attach)
    terminal.press("Enter")
    terminal.wait_for("running")
    told("killed, and attached again", moved_on(path, done))

    terminal.press("C-q")
    wait_for(lambda: terminal.is_clean, lambda: f"the terminal is not clean:\n{terminal.screen()}")


def told(scene: str, n_trials: int) -> None:
    """Prints that a scene went well."""
    print(f"{scene}: {n_trials} trials", flush=True)


def main() -> int:
    """Plays; 1 if something was not as it must be."""
    if shutil.which("tmux") is None:
        print("no run in tmux: it is not installed here")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder, path = Path(name), Path(name) / "soak.db"
        terminal = Terminal(folder)
        try:
            play(terminal, path)
        except AssertionError as error:
            print(f"not as it must be: {error}", file=sys.stderr)
            return 1
        finally:
            terminal.close()
            end_study(path)
    return 0


def end_study(path: Path) -> None:
    """Ends the study's driver, whatever became of it."""
    if not path.exists():
        return
    with Store.open(path) as store:
        for row in store.studies():
            if row.driver is not None and has_live_driver(row):
                driver = psutil.Process(row.driver.pid)
                driver.terminate()
                driver.wait(PATIENCE_S)


if __name__ == "__main__":
    sys.exit(main())
