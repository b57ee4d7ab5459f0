"""Whether a Python function exists, found out by reading its file: nothing of the user's is imported.

Not for: importing it (objectives/python.py does, in the process of an attempt).
"""

from __future__ import annotations

import ast
import importlib.machinery
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from agenttune.errors import ObjectiveError
from agenttune.space import nearest


def require_function(target: object, folder: Path) -> None:
    """Checks that 'module:function' or 'file.py:function' names something, as far as reading can tell.

    Args:
        target: as a study file has it.
        folder: where modules and files are looked for first.

    Raises:
        ObjectiveError: it is malformed, or there is no such file, module or function.
    """
    if not isinstance(target, str) or not all(target.rpartition(":")):
        raise ObjectiveError(
            f"a python objective needs `target` as 'module:function' or 'file.py:function', but got {target!r}"
        )
    place, _, function = target.rpartition(":")
    path = _file(place, folder) if place.endswith(".py") else _module(place, folder)
    if path is not None:
        _require_name(path, function.partition(".")[0])


def _file(place: str, folder: Path) -> Path:
    path = folder / place
    if not path.is_file():
        near = nearest(path.name, [entry.name for entry in path.parent.glob("*.py")]) if path.parent.is_dir() else None
        raise ObjectiveError(
            f"there is no file {place!r} beside the study file{f'; did you mean {near!r}?' if near else ''}"
        )
    return path


def _module(name: str, folder: Path) -> Path | None:
    """The module's source; None where it has none to read (built in, or compiled).

    Packages above it are found, not imported.
    """
    places: Sequence[str] | None = [str(folder), *sys.path]
    origin = None
    for part in name.split("."):
        found = None if places is None else importlib.machinery.PathFinder.find_spec(part, places)
        if found is None:
            if name.partition(".")[0] in sys.stdlib_module_names:
                return None
            here = sorted(path.stem for path in folder.glob("*.py"))
            near = nearest(name, here)
            hint = f"; did you mean {near!r}?" if near else ""
            raise ObjectiveError(f"there is no module {name!r} beside the study file or on the Python path{hint}")
        origin = found.origin
        places = None if found.submodule_search_locations is None else list(found.submodule_search_locations)
    return Path(origin) if origin is not None and origin.endswith(".py") else None


def _require_name(path: Path, name: str) -> None:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    except SyntaxError as error:
        raise ObjectiveError(f"{path.name} cannot be parsed: {error.msg} (line {error.lineno})") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ObjectiveError(f"{path.name} cannot be read: {error}") from error
    names = set(_names(tree.body))
    if name in names or "*" in names:
        return
    near = nearest(name, sorted(names))
    hint = f"; did you mean {near!r}?" if near else ""
    raise ObjectiveError(f"{path.name} has no function {name!r}{hint}")


def _names(body: Sequence[ast.stmt]) -> Iterator[str]:
    """What the statements of a module define; "*" where that cannot be told."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement.name
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in statement.names)
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            yield from (node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
        else:  # if, try, with, for: either branch may define it
            for block in ("body", "orelse", "finalbody"):
                yield from _names(getattr(statement, block, []))
            for handler in getattr(statement, "handlers", []):
                yield from _names(handler.body)
