"""Run as a user without privileges: prints what is offered, and whether a fork bomb and a daemon are ended.

Needs nothing but the standard library: the interpreter of the tests may lie where that user cannot go.
"""

import fcntl
import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
ATTACKS = Path(__file__).parent / "attacks"
sys.path.insert(0, str(ROOT))

from agenttune.sandbox import Limits  # noqa: E402
from agenttune.sandbox.probing import reason_against  # noqa: E402
from agenttune.sandbox.running import execute  # noqa: E402


def main() -> None:
    """One JSON object a method."""
    for method in ("namespaces", "bubblewrap", "landlock"):
        told: dict[str, object] = {"method": method, "reason": reason_against(method)}
        if told["reason"] is None:
            with tempfile.TemporaryDirectory() as name:
                told |= attacked(method, Path(name))
        print(json.dumps(told))


def attacked(method: str, folder: Path) -> dict[str, object]:
    """How the attacks ended that depend on who runs them."""
    ends = {}
    for name in ("fork_bomb", "daemon"):
        script = ATTACKS / f"{name}.py"
        ended = execute(
            [sys.executable, "-I", str(script)],
            folder,
            readable=[script],
            limits=Limits(seconds=6, n_processes=20),
            environment={},
            method=method,  # type: ignore[arg-type]  # one of three
        )
        ends[name] = ended.broken or ended.exit_code
    with (folder / "lock").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return dict(ends)


main()
