"""What the text of a person's program tells: its options, what it prints, its functions. Nothing of it is run.

Not for: what a sentence says of it (programs.py), a script's options with their types (inspection/).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

MOST_BYTES = 1_000_000
"""Of a program that is looked at."""
OPTION = re.compile(r"[\"']--([A-Za-z][\w-]*)(?:/[\w-]+)?[\"']|(?<!\w)dest\s*=\s*[\"'](\w+)[\"']")
"""Name of an option in a script's text, as it is typed (click's "--amp/--no-amp", too) or as its `dest`."""
_NAME = r"[A-Za-z_]\w*(?:/[A-Za-z_]\w*)*(?:@\w+)?"
_PRINTED = re.compile(rf"(?<![\w$-])({_NAME})[\"']?\s*[=:]\s*\{{?")


def file_of(command: str, folder: Path) -> str | None:
    """The program that a command runs: the last of its words that is a script of the folder."""
    found = None
    for word in command.split():
        is_plain = "{" not in word and not word.startswith("-")
        if is_plain and (re.search(r"\.\w+$", word) or found is None) and (folder / word).is_file():
            found = word
    return found


def module_file(module: str, folder: Path) -> str | None:
    """The file of a module of the folder; None where there is none."""
    place = module.replace(".", "/")
    return next((path for path in (f"{place}.py", f"{place}/__init__.py") if (folder / path).is_file()), None)


def text_of(path: Path) -> str:
    """The beginning of a file; empty where it cannot be read, or is no text."""
    if not path.is_file():
        return ""
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            text = stream.read(MOST_BYTES)
    except OSError:
        return ""
    return "" if "\x00" in text else text


def printed_names(text: str, *, is_shell: bool) -> frozenset[str]:
    """Names that a text prints with a value, as far as can be told."""
    if is_shell:
        lines = [line for line in text.splitlines() if re.search(r"(?<!\w)(?:echo|printf)(?!\w)", line)]
        return _plain(name for line in lines for name in re.findall(rf"(?<![\w$-])({_NAME})\s*[=:]", line))
    strings = re.findall(r"[\"'`]((?:[^\"'`\\\n]|\\.)*)[\"'`]", text)
    found = {name for string in strings for name in _PRINTED.findall(string)}
    return _plain(found | set(re.findall(rf"[\"']({_NAME})[\"']\s*:", text)))


def _plain(names: Iterable[str]) -> frozenset[str]:
    """The names as metrics have them, "recall_20" of "recall@20", "val_loss" of "val/loss"."""
    return frozenset(re.sub("[@/]", "_", name) for name in names)


def defines(text: str, function: str) -> bool:
    """Whether a Python text defines a function of that name."""
    return re.search(rf"^\s*(?:async\s+)?def\s+{re.escape(function)}\s*\(", text, re.MULTILINE) is not None


def arguments_of(text: str, function: str, *, are_required: bool = False) -> tuple[str, ...]:
    """The names that a function of a Python text takes; none where it cannot be told.

    Args:
        text: of the module.
        function: its name.
        are_required: whether those with a default are left out.
    """
    found = re.search(rf"^\s*(?:async\s+)?def\s+{re.escape(function)}\s*\(([^)]*)\)", text, re.MULTILINE)
    parts = [part for part in found[1].split(",") if not (are_required and "=" in part)] if found else []
    names = [part.split(":")[0].split("=")[0].strip() for part in parts]
    return tuple(name for name in names if name.isidentifier() and name not in ("self", "trial", "config"))
