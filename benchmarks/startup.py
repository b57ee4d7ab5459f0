"""What a person pays before anything happens: `agenttune --help` and `import agenttune`, median of many starts."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

RUNS = 15

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "agenttune --help": ["-m", "agenttune", "--help"],
    "import agenttune": ["-c", "import agenttune"],
    "import agenttune.space": ["-c", "import agenttune.space"],
}


def main() -> None:
    """Prints the table, and the heavy packages that `import agenttune` loads (none)."""
    print(f"{'command':<26}{'median s':>10}{'best s':>10}")
    for label, arguments in COMMANDS.items():
        seconds = [timed(arguments) for _ in range(RUNS)]
        print(f"{label:<26}{statistics.median(seconds):>10.3f}{min(seconds):>10.3f}")
    heavy = "torch transformers openai scipy optuna textual langchain_core sqlalchemy".split()
    script = f"import agenttune, sys; print([name for name in {heavy} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
    print(f"heavy packages loaded by `import agenttune`: {loaded}")


def timed(arguments: list[str]) -> float:
    """Wall seconds of one start."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
