"""Finds the LangChain chat model that `langchain:MODULE:OBJECT` names: the user's own code runs here."""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel

from agenttune.errors import UserError
from agenttune.models.foreign import meaning_of
from agenttune.models.reading import brief
from agenttune.redaction import redact

EXAMPLE = "langchain:my_models:chat, where my_models.py defines `chat`"


@lru_cache(maxsize=8)
def find_chat(spec: str, folder: Path) -> BaseChatModel:
    """The chat model that a spelling names, seen from a folder; made once, for some hold gigabytes.

    Raises:
        UserError: the spelling is none, or what it names is no chat model.
        ModelError: the chat model cannot be made.
    """
    module, _, path = spec.removeprefix("langchain:").partition(":")
    if redact(spec) != spec:
        raise UserError(f"a model's spelling is stored and must hold no key, but got {redact(spec)!r}")
    if not all(name.isidentifier() for name in (*module.split("."), *path.split("."))):
        raise UserError(f"a LangChain model is spelled langchain:MODULE:OBJECT, but got {spec!r}: as in {EXAMPLE}")
    with _stdout_to_stderr():
        named = _named(_imported(module, spec, folder), path, spec)
        made = named
        if not isinstance(named, BaseChatModel) and callable(named):
            made = _made_by(named, spec)
    if isinstance(made, BaseChatModel):
        return made
    what = f"{type(made).__name__}" if made is named else f"a {type(made).__name__} that {path}() made"
    raise UserError(
        f"{spec} is no chat model, but {what}: name a BaseChatModel of langchain-core, or a class or function "
        "that makes one without arguments"
    )


def _imported(module: str, spec: str, folder: Path) -> Any:
    here = str(folder)
    if here not in sys.path:
        sys.path.insert(0, here)
    importlib.invalidate_caches()  # the module may have been written a moment ago
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module}.".startswith(f"{error.name}."):
            raise UserError(f"{spec}: there is no module {module!r} in {here} or on the Python path") from None
        failure: BaseException = error
    except (Exception, SystemExit) as error:  # noqa: BLE001  # the user's own code
        failure = error
    raise UserError(f"{spec}: importing {module!r} failed with {type(failure).__name__}: {brief(failure)}")


def _named(module: Any, path: str, spec: str) -> Any:
    found = module
    for name in path.split("."):
        if not hasattr(found, name):
            place = getattr(module, "__file__", None) or module.__name__
            raise UserError(f"{spec}: {place} has no {path!r}; look at the spelling, as in {EXAMPLE}")
        found = getattr(found, name)
    return found


def _made_by(factory: Callable[[], Any], spec: str) -> Any:
    try:
        return factory()
    except (Exception, SystemExit) as error:  # noqa: BLE001  # the user's own code, or a package's
        failure = meaning_of(error, spec)
    raise failure


@contextlib.contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    """What a user's module prints is not among our results; only the main thread may move stdout."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with contextlib.redirect_stdout(sys.stderr):
        yield
