"""One person's settings: a file, then environment variables on top. Not for what belongs to one study.

The file is `$XDG_CONFIG_HOME/agenttune/settings.toml`; without it everything has its default.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from agenttune.errors import SettingsError

ENVIRONMENT = {"AGENTTUNE_STORE": "store"}
"""Environment variable -> the setting it overrides; an empty one counts as unset."""


class Settings(BaseModel):
    """What settings.toml may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)

    store: Path | None = None
    """The store file that commands use when `--store` names none; None is `agenttune.db` in `state_dir()`."""


def config_dir() -> Path:
    """Folder of settings: `$XDG_CONFIG_HOME/agenttune`."""
    return _xdg("XDG_CONFIG_HOME", ".config") / "agenttune"


def state_dir() -> Path:
    """Folder of the store and of logs: `$XDG_STATE_HOME/agenttune`."""
    return _xdg("XDG_STATE_HOME", ".local/state") / "agenttune"


def settings_path() -> Path:
    """The settings file, whether it is there or not."""
    return config_dir() / "settings.toml"


def load_settings(path: Path | None = None) -> Settings:
    """Reads the settings.

    Args:
        path: the file; None is `settings_path()`. One that is missing is an empty one.

    Raises:
        SettingsError: it cannot be read, is no TOML, or holds a key or value that is none of ours.
    """
    path = settings_path() if path is None else path
    content = _read(path)
    unknown = [key for key in content if key not in Settings.model_fields]
    if unknown:
        raise SettingsError(f"{path}: no setting is called {unknown[0]!r}; {_nearest(unknown[0])}")
    sources = dict.fromkeys(content, str(path))
    for variable, name in ENVIRONMENT.items():
        if os.environ.get(variable):
            content[name] = os.environ[variable]
            sources[name] = variable
    return _validated(content, sources)


def default_store_path() -> Path:
    """The store that is meant when none is named: the setting, else `agenttune.db` in `state_dir()`.

    Raises:
        SettingsError: the settings cannot be read.
    """
    wanted = load_settings().store
    return state_dir() / "agenttune.db" if wanted is None else wanted.expanduser().absolute()


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the settings {path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"the settings {path} are not TOML: {error}") from error


def _validated(content: Mapping[str, object], sources: Mapping[str, str]) -> Settings:
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise SettingsError(
            f"{sources[name]}: the setting `{name}` cannot be {content[name]!r}: {first['msg'].lower()}"
        ) from error


def _nearest(key: str) -> str:
    names = list(Settings.model_fields)
    near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(map(repr, names))}"


def _xdg(variable: str, fallback: str) -> Path:
    value = Path(os.environ.get(variable) or "")
    if value.is_absolute():  # the XDG specification: a relative one is to be ignored
        return value
    try:
        return Path.home() / fallback
    except RuntimeError as error:
        raise SettingsError(f"no home folder is known; set HOME or {variable}") from error
