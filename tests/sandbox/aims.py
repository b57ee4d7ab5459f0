"""What the attacks are aimed at."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agenttune.sandbox import Execution

ATTACKS = Path(__file__).parent / "attacks"
SECRET = "planted-6b1f"
"""Stands in every environment, file and memory that is to stay unread."""

VICTIM = """
import ctypes, os, sys
labels = ctypes.create_string_buffer(open("labels.txt", "rb").read())
file = open("labels.txt", "rb")
print(ctypes.addressof(labels), len(labels), flush=True)
sys.stdin.read()
"""

Attack = Callable[..., Execution]


@dataclass(frozen=True)
class Victim:
    """A process of the same user that holds secrets, as a driver does."""

    process: subprocess.Popen[bytes]
    labels: Path
    address: int
    size: int
