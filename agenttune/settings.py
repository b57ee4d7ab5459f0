"""One person's settings: a file, then environment variables on top. Not for what belongs to one study.

The file is `$XDG_CONFIG_HOME/agenttune/settings.toml`; without it everything has its default.
"""

from __future__ import annotations

import difflib
import json
import os
import textwrap
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agenttune.budget import MOST, Budget
from agenttune.errors import SettingsError
from agenttune.redaction import redact

SHARED_CORES = "AGENTTUNE_SHARED_CORES"
"""Variable with the names of those that a driver has set so that its workers share the cores."""
ENVIRONMENT = {"AGENTTUNE_STORE": "store", "AGENTTUNE_MODEL": "model"}
"""Environment variable -> the setting it overrides; an empty one counts as unset."""


class Settings(BaseModel):
    """What settings.toml may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, use_attribute_docstrings=True)

    store: Path | None = Field(default=None, examples=["~/studies/agenttune.db"])
    """The store file that commands use when `--store` names none; without it, agenttune.db in the state folder."""
    model: str | None = Field(default=None, examples=["http://localhost:11434/v1#qwen3"], min_length=1)
    """The language model that proposes when `--model` names none: openai:NAME, a server's address and #NAME,
    hf:FOLDER for one that runs here, or langchain:MODULE:OBJECT."""
    latency_s: float = Field(default=20.0, strict=True, gt=0, le=3_600, allow_inf_nan=False)
    """Seconds that a trial waits for the model, at most a tenth of the study's; after that the surrogate proposes, and
    the reply serves later ones."""
    max_tokens_per_reply: int = Field(default=4_000, strict=True, ge=100, le=1_000_000)
    """Tokens that a model may use for one reply, thinking included; so much is reserved before a request is sent."""
    samples: int | None = Field(default=None, examples=[4], strict=True, ge=1, le=16)
    """Replies drawn for one prompt: how far they lie apart says how sure the model is. Without it, 2 of a model on this
    machine (hf:), 1 of a server, where each is paid for."""
    logprobs: bool = Field(default=False, strict=True)
    """Whether servers are asked for token probabilities, by which a model's predictions are measured; many refuse or
    ignore it."""
    reuse_replies: bool = Field(default=False, strict=True)
    """Whether a request that any study of the store got a reply to is answered by that reply and not sent again: it
    costs nothing, and the same study made twice asks its model once."""
    max_dollars_per_day: float | None = Field(
        default=None, examples=[5.0], strict=True, ge=0, le=MOST, allow_inf_nan=False
    )
    """US dollars that all studies of a store together may pay models within one day (UTC)."""
    max_requests_per_day: int | None = Field(default=None, examples=[200], strict=True, ge=0, le=MOST)
    """Requests that all studies of a store together may send within one day."""
    max_tokens_per_day: int | None = Field(default=None, examples=[500_000], strict=True, ge=0, le=MOST)
    """Tokens, of prompts and replies, that all studies of a store together may use within one day."""
    local_device: str = Field(default="auto", pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")
    """Where models of this machine (hf:...) run: "auto" takes a graphics card if there is one, else "cpu", "cuda",
    "cuda:1", "mps"."""
    local_dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """Numbers that models of this machine are loaded as: "auto" takes what suits the device; half of the bytes take
    half of the memory."""
    local_idle_s: float = Field(default=600.0, strict=True, gt=0, le=MOST, allow_inf_nan=False)
    """Seconds without a request after which the process that holds a model of this machine ends."""
    keys: dict[str, str] = Field(default={}, strict=True)
    """Keys of the terminal interface, by the names that its help (F1) shows: a table of name and key, or keys with
    commas between."""
    bell: bool = Field(default=True, strict=True)
    """Whether the terminal interface rings when something waits for a yes and when the study on screen ends."""
    title: bool = Field(default=True, strict=True)
    """Whether the terminal's title tells the study on screen and its state."""
    langsmith_tracing: bool = Field(default=False, strict=True)
    """Whether LangChain models (langchain:MODULE:OBJECT) may be traced: LangSmith then gets every prompt and reply
    where its environment variables (LANGSMITH_TRACING, LANGSMITH_API_KEY) switch it on."""

    @property
    def daily(self) -> Budget:
        """What all requests of one day together may spend."""
        return Budget(
            tokens=self.max_tokens_per_day, dollars=self.max_dollars_per_day, requests=self.max_requests_per_day
        )


def config_dir() -> Path:
    """Folder of settings: `$XDG_CONFIG_HOME/agenttune`."""
    return _xdg("XDG_CONFIG_HOME", ".config") / "agenttune"


def state_dir() -> Path:
    """Folder of the store and of logs: `$XDG_STATE_HOME/agenttune`."""
    return _xdg("XDG_STATE_HOME", ".local/state") / "agenttune"


def cache_dir() -> Path:
    """Folder of what can be fetched or made again, models say: `$XDG_CACHE_HOME/agenttune`."""
    return _xdg("XDG_CACHE_HOME", ".cache") / "agenttune"


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
    return load_settings_with_sources(path)[0]


def load_settings_with_sources(path: Path | None = None) -> tuple[Settings, dict[str, str]]:
    """The settings, and for each that is set the file or variable it comes from.

    Args:
        path: as for `load_settings`.

    Raises:
        SettingsError: as `load_settings`.
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
    return _validated(content, sources), sources


def settings_template() -> str:
    """A settings file that names every setting and sets none."""
    lines = ["# Settings of AgentTune; remove the # before a line to set it. `agenttune config show` tells what holds."]
    for name, entry in Settings.model_fields.items():
        value = entry.default if entry.default is not None else (entry.examples or [""])[0]
        lines += ["", *textwrap.wrap(entry.description or "", 100, initial_indent="# ", subsequent_indent="# ")]
        lines.append(f"# {name} = {json.dumps(value)}")
    return "\n".join(lines) + "\n"


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
            f"{sources[name]}: the setting `{name}` cannot be {redact(repr(content[name]))}: {first['msg'].lower()}"
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
