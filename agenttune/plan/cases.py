"""The labelled requests that a reader of requests is scored on; requests/README.md says how they are labelled.

Not for: judging a reader (scoring.py).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from agenttune.errors import InternalError

Part = Literal["development", "held-out"]

FOLDER = Path(__file__).parent / "requests"
FILES: dict[Part, tuple[str, ...]] = {
    "development": ("development.jsonl", "development_networks.jsonl"),
    "held-out": ("held_out.jsonl",),
}
LEAST_ROWS = 60
"""Rows of a written CSV: enough for five folds of two classes beside the part held out."""


class Case(BaseModel):
    """What somebody typed, and what is to be understood by it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    language: str
    domain: str
    turns: tuple[str, ...]
    """In order; a later one corrects the earlier ones."""
    files: dict[str, str] = {}
    """Name -> content of what lies in the folder."""
    expects: dict[str, JsonValue]
    """Field of `Request` -> value, or the list of its accepted spellings: all that the words say."""
    allows: dict[str, JsonValue] = {}
    """What the words imply: neither missed nor invented."""
    asks: tuple[str, ...] = ()
    """What has to be asked back, "metric|direction" for either; empty: the request is complete."""


def load_cases(part: Part) -> tuple[Case, ...]:
    """The cases of a part, in their order.

    Raises:
        InternalError: the file is missing or not as it should be.
    """
    return tuple(case for name in FILES[part] for case in _cases_of(FOLDER / name))


def _cases_of(path: Path) -> tuple[Case, ...]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return tuple(Case.model_validate(json.loads(line)) for line in lines)
    except (OSError, ValueError, ValidationError) as error:
        raise InternalError(f"the labelled requests in {path} cannot be read: {error}") from error


def write_files(case: Case, folder: Path) -> None:
    """Puts the files of a case into a folder, the rows of a CSV repeated until there are `LEAST_ROWS`."""
    for name, content in case.files.items():
        path = folder / name
        if path.suffix == ".csv":
            header, *rows = content.splitlines()
            content = "\n".join([header, *rows * -(-LEAST_ROWS // len(rows))]) + "\n"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        if path.suffix == ".sh":
            path.chmod(0o755)
