"""The names that a person's own files give to things: options, what is printed, columns.

They are no words of a language, whatever they look like: "capas" of a script with --capas is not "layers". Not for:
which program or data a sentence asks for (programs.py, grammar.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from agenttune.cards.data import BUNDLED, column_names
from agenttune.errors import DataError
from agenttune.plan.programs import program_of
from agenttune.plan.request import Request

_FILE = re.compile(r"(?<![\w./-])((?:[\w.-]+/|\./)*[\w.-]+\.(py|sh|csv|tsv))(?::([A-Za-z_]\w*))?(?!\w)", re.ASCII)
_MODULE = re.compile(r"(?<![\w./:-])([A-Za-z_]\w*):([A-Za-z_]\w*)(?!\w)", re.ASCII)


@dataclass(frozen=True, slots=True)
class OwnNames:
    """Names of a person's own."""

    parameters: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    """Metrics and columns."""


def own_names(text: str, folder: Path, before: Request) -> OwnNames:
    """Those of the files that a sentence names, or that were named before."""
    requests = [before]
    tables = [before.data] if before.data is not None and before.data not in BUNDLED else []
    for path, ending, function in _FILE.findall(text):
        if ending in ("csv", "tsv"):
            tables.append(path)
        elif function:
            requests.append(Request(function=f"{path}:{function}"))
        else:
            requests.append(Request(command=f"./{path}") if ending == "sh" else Request(script=path))
    requests += [
        Request(function=f"{module}.py:{function}")
        for module, function in _MODULE.findall(text)
        if (folder / f"{module}.py").is_file()
    ]
    programs = [program for request in requests if (program := program_of(request, folder)) is not None]
    printed = {name for program in programs for name in program.printed}
    columns = {name for table in tables for name in _columns(folder / table)}
    return OwnNames(
        tuple(dict.fromkeys(name for program in programs for name in program.options)), tuple(sorted(printed | columns))
    )


def _columns(path: Path) -> tuple[str, ...]:
    try:
        return tuple(column_names(path.expanduser()))
    except (DataError, OSError):
        return ()
