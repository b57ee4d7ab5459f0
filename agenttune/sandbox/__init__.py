"""Runs code that a language model wrote and nobody has read.

Three levels, found by trying (`probe`):

- `strong`: the code sees only its folder, Python, the system's libraries and its inputs; no network, no
  other process. By namespaces and Landlock, or by bubblewrap.
- `medium`: the same files may be used, by Landlock; no sockets but local ones, and modes and times of files
  stay as they are, by a filter of system calls; no signals to anybody outside. Left open: local sockets that
  have a path can be reached by a user who may use them, names and sizes of files can be seen.
- `weak`: limits and a watch only. The code can read and change all that this user can, use the network, read
  what other processes were started with (keys among it), kill the driver, and kill what watches it, so that
  something of it lives on. Refused unless asked for.

Above `weak`, `hidden` takes single files and folders out of what can be read, data sets of libraries say.

At every level: own session, cleared environment, no stdin, limits on wall clock, memory and processes of
the whole tree, output of bounded size, and nothing that does not defend itself stays alive; above `weak`,
nothing does.

Not covered anywhere: faults of the kernel; how many files are written; what the processor's caches tell;
the kernel's own memory (pipes, sockets) and, at `strong`, /dev/shm, which may hold as much again as the
limit. /usr can be read. GPUs are not seen at `strong` and `medium`.

The code hands back files in its folder. `hand_back` reads one as the text of a stranger; to import,
unpickle or execute one would undo all this.
"""

from __future__ import annotations

from agenttune.sandbox.handing_back import hand_back
from agenttune.sandbox.probing import probe
from agenttune.sandbox.records import Broken, Execution, Level, Limits, Method, Offer
from agenttune.sandbox.running import run

__all__ = ["Broken", "Execution", "Level", "Limits", "Method", "Offer", "hand_back", "probe", "run"]
