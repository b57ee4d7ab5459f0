"""`agenttune rerun [STUDY] N`: runs one trial again, outside the study, and shows what was run."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from agenttune.cli.console import clean, clean_block, emit, put, say
from agenttune.cli.options import add_store, add_target

if TYPE_CHECKING:
    from agenttune.executors import Ended, Task
    from agenttune.spec import StudyRow
    from agenttune.store import Store
    from agenttune.trial import Trial
    from agenttune.types import Json

DESCRIPTION = """\
Runs one trial again with the same configuration and seed in a temporary folder: nothing of it enters
the study. Prints the command, the variables AgentTune sets, and the value beside the recorded one.
Exit code 1 when the run fails."""
SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
"""Variables whose values are not shown."""
LOG_LINES = 20
POLL_S = 0.2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    add_target(parser)
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder and print its path")
    add_store(parser)


def redacted(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables, with `***` for the value of every secret one."""
    return {name: "***" if SECRET.search(name) else value for name, value in variables.items()}
