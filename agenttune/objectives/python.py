"""Objectives that are Python callables: by name ("module:function", "file.py:function"), or pickled.

`f(config)` or `f(config, run)`: the signature decides. The process of the attempt imports the
user's module, nobody else. Not for: understanding what it returned (outcome.py).
"""

from __future__ import annotations

import difflib
import functools
import importlib
import importlib.machinery
import importlib.util
import inspect
import pickle
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from agenttune.errors import ObjectiveError
from agenttune.objectives import Run
from agenttune.types import Config, Json, Metrics

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class CallableObjective:
    """Any callable `f(config)` or `f(config, run)`, in the process that holds it."""

    def __init__(self, function: Callable[..., Any]) -> None:
        """Looks at the signature.

        Raises:
            ObjectiveError: it is no callable, or cannot be called with a configuration alone.
        """
        if not callable(function):
            raise ObjectiveError(f"an objective must be callable as f(config), but got {_article(function)}")
        self.function = function
        self._run_as = _how_run_is_passed(function)

    def evaluate(self, config: Config, run: Run) -> float | Metrics:
        """Calls the function with a copy of `config`; what it returns is judged by who runs the trial."""
        if self._run_as is None:
            return self.function(dict(config))  # type: ignore[no-any-return]  # the user's own; outcome.py looks at it
        if self._run_as == "positional":
            return self.function(dict(config), run)  # type: ignore[no-any-return]  # as above
        return self.function(dict(config), run=run)  # type: ignore[no-any-return]  # as above


class PythonObjective(CallableObjective):
    """A function found by name: `{"type": "python", "target": "module:function" | "file.py:function"}`."""

    @classmethod
    def from_json(cls, content: Mapping[str, Json], *, cwd: Path) -> PythonObjective:
        """Imports the target; modules and files are looked for in `cwd` first, as `python script.py` does.

        Raises:
            ObjectiveError: the target is malformed, or there is no such module, file or function.
        """
        target = content.get("target")
        if not isinstance(target, str) or not all(target.rpartition(":")):
            raise ObjectiveError(
                f"a Python objective needs `target` as 'module:function' or 'file.py:function', but got {target!r}"
            )
        place, _, name = target.rpartition(":")
        _put_first_on_path(cwd)
        module = _load_file(cwd / place) if place.endswith(".py") else _import(place, cwd=cwd)
        return cls(_attribute(module, name, place=place))


class PickledObjective(CallableObjective):
    """A callable of a notebook or a script: `{"type": "pickle", "path": ...}`, written by `pickle_objective`."""

    @classmethod
    def from_json(cls, content: Mapping[str, Json], *, cwd: Path) -> PickledObjective:
        """Reads the file, with the module search path of whoever wrote it.

        Raises:
            ObjectiveError: there is no such file, or it was not written by `pickle_objective`.
        """
        path = cwd / str(content.get("path", ""))
        try:
            with path.open("rb") as file:
                stored = pickle.load(file)  # the user's own code, as much as a script of theirs
            search_path, pickled = stored["sys_path"], stored["objective"]
        except OSError as error:
            raise ObjectiveError(f"the pickled objective {path} cannot be read: {error.strerror}") from error
        except (pickle.UnpicklingError, EOFError, KeyError, TypeError) as error:
            raise ObjectiveError(f"{path} is no objective pickled by AgentTune: start a new study") from error
        sys.path.extend(entry for entry in search_path if entry not in sys.path)
        _put_first_on_path(cwd)
        try:
            return cls(pickle.loads(pickled))
        except ModuleNotFoundError as error:
            raise ObjectiveError(
                f"the pickled objective needs the module {error.name!r}, which this Python cannot find"
            ) from error


def pickle_objective(function: Callable[..., Any], path: Path) -> None:
    """Writes a callable so that another process can load it: lambdas, closures and `__main__` too.

    Modules that only this process could import, a test's say, go along by value.

    Raises:
        ObjectiveError: it is no objective, or something it holds cannot be pickled; the culprit is named.
    """
    import cloudpickle

    CallableObjective(function)
    by_value = _modules_nobody_else_can_import(function)
    for module in by_value:
        cloudpickle.register_pickle_by_value(module)
    try:
        pickled = cloudpickle.dumps(function)
    except Exception as error:  # whatever the __reduce__ of a user's object raises
        raise ObjectiveError(_why_not_pickled(function, error)) from error
    finally:
        for module in by_value:
            cloudpickle.unregister_pickle_by_value(module)
    search_path = [str(Path(entry).resolve()) for entry in sys.path]
    path.write_bytes(pickle.dumps({"sys_path": search_path, "objective": pickled}))


def _how_run_is_passed(function: Callable[..., Any]) -> str | None:
    """None, "positional" or "keyword".

    A second positional parameter takes the run if it has no default or is called `run`, so that
    `f(config, folds=5)` keeps its 5.
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # builtins without a signature
        return None
    positional = [p for p in parameters if p.kind in _POSITIONAL]
    has_rest = any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters)
    required = [p.name for p in positional if p.default is p.empty]
    keyword_only = [p for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY]
    missing = [p.name for p in keyword_only if p.default is p.empty and p.name != "run"]
    if (not positional and not has_rest) or len(required) > 2 or missing:
        raise ObjectiveError(
            f"an objective is called as f(config) or f(config, run), but {_name(function)} takes "
            f"({', '.join(p.name for p in parameters)}): take one dict, as in config['lr']"
        )
    if len(positional) > 1 and (len(required) > 1 or positional[1].name == "run"):
        return "positional"
    return "keyword" if any(p.name == "run" for p in keyword_only) else None


def _put_first_on_path(folder: Path) -> None:
    text = str(folder)
    if text not in sys.path:
        sys.path.insert(0, text)


def _import(name: str, *, cwd: Path) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # the module is there; something it imports is not: its traceback tells
        raise ObjectiveError(f"there is no module {name!r} in {cwd} or on the Python path") from error


def _load_file(path: Path) -> ModuleType:
    """Runs a file as a module of its name, with its folder on the path, as Python does with a script."""
    if not path.is_file():
        raise ObjectiveError(f"there is no file {path}")
    _put_first_on_path(path.parent)
    name = path.stem
    if name in sys.modules:  # a file called json.py must not take the place of the module
        name = f"objective_{name}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None  # a path that ends in .py has a loader
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # pickles and dataclasses look their module up here
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _attribute(module: ModuleType, name: str, *, place: str) -> Any:
    try:
        return functools.reduce(getattr, name.split("."), module)
    except AttributeError as error:
        public = [entry for entry in vars(module) if callable(getattr(module, entry)) and not entry.startswith("_")]
        near = difflib.get_close_matches(name, public, n=1)
        hint = f": did you mean {near[0]!r}?" if near else ""
        raise ObjectiveError(f"{place} has no function {name!r}{hint}") from error


def _modules_nobody_else_can_import(function: Callable[..., Any]) -> list[ModuleType]:
    module = sys.modules.get(getattr(_innermost(function), "__module__", None) or "")
    if module is None or module.__name__ == "__main__":  # cloudpickle takes __main__ by value by itself
        return []
    return [] if _is_importable(module.__name__) else [module]


def _is_importable(name: str) -> bool:
    """Whether a fresh interpreter with this search path would find the module."""
    if name in sys.builtin_module_names:
        return True
    places: Sequence[str] | None = None
    *packages, last = name.split(".")
    for package in packages:
        found = importlib.machinery.PathFinder.find_spec(package, places)
        if found is None or found.submodule_search_locations is None:
            return False
        places = list(found.submodule_search_locations)
    return importlib.machinery.PathFinder.find_spec(last, places) is not None


def _innermost(function: Callable[..., Any]) -> Any:
    current: Any = function
    while isinstance(current, functools.partial):
        current = current.func
    return current if inspect.isroutine(current) else type(current)


def _why_not_pickled(function: Callable[..., Any], error: Exception) -> str:
    import cloudpickle

    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    for name, value in _held(function):
        try:
            cloudpickle.dumps(value)
        except Exception:  # noqa: BLE001  # as above: anything may come out of a user's object
            return (
                f"the objective {_name(function)} cannot be sent to another process because it holds {name!r}, "
                f"{_article(value)} ({reason}): make it inside the objective, or use executor='inline'"
            )
    return f"the objective {_name(function)} cannot be sent to another process ({reason}): use executor='inline'"


def _held(function: Callable[..., Any]) -> Iterable[tuple[str, object]]:
    """(name, value) of what a callable drags along: closure, globals, attributes, bound arguments."""
    if isinstance(function, functools.partial):
        yield from ((f"argument {position}", value) for position, value in enumerate(function.args))
        yield from function.keywords.items()
        yield from _held(function.func)
        return
    owner = getattr(function, "__self__", function)
    yield from getattr(owner, "__dict__", {}).items()
    code = getattr(function, "__code__", None)
    if code is None:
        return
    closure = inspect.getclosurevars(function)
    yield from closure.nonlocals.items()
    yield from closure.globals.items()


def _name(function: object) -> str:
    return str(getattr(function, "__qualname__", type(function).__name__))


def _article(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
