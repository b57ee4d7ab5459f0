"""The same for a user without privileges, where the tests are run by root."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "as_user.py"
AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
PROBE = f"""
import os, sys
open({str(SCRIPT)!r}).close()
sys.exit(sys.version_info < (3, 11) or not os.access(sys.executable, os.X_OK))
"""


def test_a_user_without_privileges_is_confined_as_root_is() -> None:
    told = subprocess.run(
        [*AS_NOBODY, _interpreter(), "-I", "-B", str(SCRIPT)],
        capture_output=True, text=True, timeout=60, env={}, cwd="/", check=True,
    )  # fmt: skip
    offered = [row for row in map(json.loads, told.stdout.splitlines()) if row["reason"] is None]
    if not offered:
        pytest.skip(f"nothing is offered here: {told.stdout}")
    for row in offered:
        assert (row["fork_bomb"], row["daemon"]) == ("processes", 0), row


def _interpreter() -> str:
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root can run a test as somebody else, with setpriv")
    for candidate in (sys.executable, "/usr/bin/python3"):
        done = subprocess.run([*AS_NOBODY, candidate, "-I", "-c", PROBE], check=False, capture_output=True, cwd="/")
        if done.returncode == 0:
            return candidate
    pytest.skip("no interpreter that others may run")
