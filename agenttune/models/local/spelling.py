"""What `hf:...` names: a folder or a GGUF file of this machine, or a model of the Hub's. Nothing is loaded."""

from __future__ import annotations

import re
from pathlib import Path

from agenttune.errors import UserError
from agenttune.redaction import redact

SCHEME = "hf:"
GGUF = ".gguf"
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(@[A-Za-z0-9][\w./-]*)?")
"""A name, and behind an @ the branch, tag or commit where it is not the main one."""
WAYS = "`agenttune models get smollm2` fetches a small one"


def is_local_spelling(spec: str) -> bool:
    """Whether the spelling names a model that runs on this machine."""
    return spec.startswith(SCHEME)


def place_of(spec: str) -> str:
    """The absolute path of a folder or GGUF file, or the name of a model on the Hub, that the spelling names.

    A relative path is looked up from the current folder: for a study's driver, that is the folder the study was
    started in.

    Raises:
        UserError: it names none, or what is there is no model.
    """
    if redact(spec) != spec or not spec.isprintable():
        raise UserError(
            f"a model's spelling is stored and must hold no key or control character, but got {redact(spec)!r}"
        )
    place = spec.removeprefix(SCHEME)
    if not place.strip():
        raise UserError(f"hf: lacks the model: write hf:FOLDER, hf:FILE.gguf or hf:org/name; {WAYS}")
    path = _expanded(place)
    if _is_path(place) or path.exists():
        return str(_checked(path.resolve(), spec))
    if not HUB_NAME.fullmatch(place):
        hub = "models of the Hub are spelled hf:org/name or hf:org/name@REVISION"
        raise UserError(f"there is no folder {path.absolute()}, and {hub}; {WAYS}")
    return place


def _is_path(place: str) -> bool:
    return place.startswith(("/", "./", "../", "~")) or place.endswith(GGUF) or place in (".", "..")


def _expanded(place: str) -> Path:
    try:
        return Path(place).expanduser()
    except RuntimeError:
        raise UserError(f"no home folder is known for {place!r}; write the whole path") from None


def _checked(path: Path, spec: str) -> Path:
    """The path, if what is there looks like a model."""
    try:
        if path.is_file():
            if path.suffix == GGUF:
                return path
            raise UserError(f"{spec} names a file that is no {GGUF}: name the model's folder, or its {GGUF} file")
        if not path.is_dir():
            raise UserError(f"{spec} names nothing that is there ({path}): name a model's folder or file; {WAYS}")
        if (path / "config.json").is_file():
            return path
        inside = sorted(file.name for file in path.glob(f"*{GGUF}"))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    way = f"name its file, as in {spec.rstrip('/')}/{inside[0]}" if inside else WAYS
    raise UserError(f"the folder {path} holds no model (no config.json): {way}")
