"""A study's variants as files, for the process of an attempt, which does not open the store.

`v3.py` is the user's file with the block in the target's place, numbers as written; `v3.json` holds the
block and the target's name. The store stays the record: these files can be written anew from it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from agenttune.errors import ObjectiveError


@dataclass(frozen=True, slots=True)
class KeptVariant:
    """What a run needs to know of a variant."""

    text: str
    """Of the user's file with the block in it."""
    block: str = ""
    target: str = ""


def keep_variant(folder: Path, name: str, variant: KeptVariant) -> None:
    """Writes `NAME.py` and `NAME.json`; whoever reads meanwhile finds both whole, or none."""
    folder.mkdir(parents=True, exist_ok=True)
    about = json.dumps({"block": variant.block, "target": variant.target})
    for suffix, content in ((".json", about), (".py", variant.text)):
        passing = folder / f"{name}{suffix}.new"
        passing.write_text(content, encoding="utf-8")
        os.replace(passing, folder / f"{name}{suffix}")  # noqa: PTH105  # says what it does


def kept_variant(folder: Path, name: str) -> KeptVariant:
    """The variant of that name.

    Raises:
        ObjectiveError: there are no such files, or they hold something else.
    """
    try:
        text = (folder / f"{name}.py").read_text(encoding="utf-8")
        about = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        return KeptVariant(text, str(about["block"]), str(about["target"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ObjectiveError(f"the files of variant {name!r} in {folder} cannot be read: {error}") from error
