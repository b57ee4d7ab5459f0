"""A command with placeholders, filled in for one configuration: "python train.py --lr {lr}" -> words.

Placeholders are `{name}`: parameters of the space, and those of `BUILT_IN`. `{{name}}` stands for the
literal text `{name}`, and `${name}` is left to the shell. Words that need an inactive parameter are
dropped, together with the option in front of a value that is a word of its own. `{amp:--amp}` is a switch:
`--amp` where amp is true, no word where it is false; `{amp:--amp/--no-amp}` and `{amp:/--no-amp}` name the
word that stands there where it is false. Runs nothing.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence

from agenttune.errors import ObjectiveError
from agenttune.types import Scalar

BUILT_IN = ("seed", "trial", "checkpoint_dir", "result")
"""Placeholders beside the parameters of the space; a parameter of the same name comes first."""

_IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_.-]*"
_FLAG = r"--?[A-Za-z][\w.-]*(?:=[\w.,+-]*)?"
_SWITCH = rf"{_IDENTIFIER}:(?=[/-])(?:{_FLAG})?(?:/{_FLAG})?"
_PLACEHOLDER = re.compile(
    rf"\{{\{{(?P<literal>{_SWITCH}|{_IDENTIFIER})\}}\}}|(?<!\$)\{{(?:(?P<switch>{_SWITCH})|(?P<name>{_IDENTIFIER}))\}}"
)
_OPTION = re.compile(r"--?[A-Za-z][\w.-]*")


def placeholders(texts: Iterable[str]) -> list[str]:
    """Names of the placeholders in order of appearance, each once; those of switches, too."""
    names = [name for text in texts for match in _PLACEHOLDER.finditer(text) if (name := _name(match))]
    return list(dict.fromkeys(names))


def switches(texts: Iterable[str]) -> list[str]:
    """Names of the placeholders that switch an option, which need true or false."""
    found = [match["switch"] for text in texts for match in _PLACEHOLDER.finditer(text) if match["switch"]]
    return list(dict.fromkeys(switch.partition(":")[0] for switch in found))


def switch(name: str, *, on: str = "", off: str = "") -> str:
    """The placeholder of a switch.

    Args:
        name: of the parameter.
        on: the word where it is true; empty for none.
        off: the word where it is false; empty for none.
    """
    return f"{{{name}:{on}/{off}}}" if off else f"{{{name}:{on}}}"


def check_placeholders(texts: Iterable[str], names: Collection[str]) -> None:
    """Refuses a placeholder that is neither built in nor one of `names`, the parameters of a space.

    Raises:
        ObjectiveError: names the placeholder and the nearest known name.
    """
    known = [*names, *BUILT_IN]
    for placeholder in placeholders(texts):
        if placeholder not in known:
            near = difflib.get_close_matches(placeholder, known, n=1)
            hint = f": did you mean {{{near[0]}}}?" if near else f"; there are {', '.join(known)}"
            raise ObjectiveError(f"the command uses {{{placeholder}}}, which is no parameter of the space{hint}")


def is_option(word: str) -> bool:
    """Whether a word is an option whose value, if it has one, is the next word: "--lr", "-l"."""
    return _OPTION.fullmatch(word) is not None


def argument_text(value: Scalar) -> str:
    """A value as a command sees it: exact floats, `true` and `false`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def filled(text: str, values: Mapping[str, str]) -> str | None:
    """`text` with its placeholders replaced; None if one has no value, or it is a switch that needs no word.

    Raises:
        ObjectiveError: a switch is neither true nor false.
    """
    if any(name not in values for name in placeholders([text])):
        return None
    whole = _PLACEHOLDER.fullmatch(text)
    replaced = _PLACEHOLDER.sub(lambda match: _replacement(match, values), text)
    return None if whole and whole["switch"] and not replaced else replaced


def filled_words(words: Sequence[str], values: Mapping[str, str]) -> list[str]:
    """The words of a command; a value with spaces in it stays one word.

    Raises:
        ObjectiveError: a switch is neither true nor false.
    """
    kept: list[str] = []
    was_bare_option = False
    for word in words:
        text = filled(word, values)
        if text is not None:
            kept.append(text)
        elif was_bare_option and not word.startswith("-") and not switches([word]):
            kept.pop()
        was_bare_option = text is not None and is_option(word)
    return kept


def filled_shell_text(text: str, values: Mapping[str, str]) -> str:
    """A shell command; every value is quoted, so that no value can be read as shell syntax.

    Raises:
        ObjectiveError: a placeholder stands inside quotes, where a value that needs quoting would end them; a switch
            is neither true nor false.
    """
    for name in placeholders([text]):
        if name not in values:
            word = rf"(?:(?<!\S)--?[A-Za-z][\w.-]*[ \t]+(?![-\s]))?[^\s;|&]*(?<!\$)\{{{re.escape(name)}\}}[^\s;|&]*"
            text = re.sub(word, "", text)
    for match in _PLACEHOLDER.finditer(text):
        value = values.get(match["name"] or "", "")
        if value and shlex.quote(value) != value and _is_quoted(text[: match.start()]):
            raise ObjectiveError(
                f"{{{match['name']}}} stands inside quotes and its value {value!r} needs quotes of its own: "
                "take the quotes around it away, every value is quoted"
            )
    quoted = {name: shlex.quote(value) for name, value in values.items()}
    return _PLACEHOLDER.sub(lambda match: _replacement(match, quoted), text)


def _name(match: re.Match[str]) -> str:
    """Of a placeholder; empty for literal text."""
    return match["name"] or (match["switch"] or "").partition(":")[0]


def _replacement(match: re.Match[str], values: Mapping[str, str]) -> str:
    """What stands in the place of a placeholder; nothing for a switch without a value.

    Raises:
        ObjectiveError: a switch is neither true nor false.
    """
    if match["literal"]:
        return f"{{{match['literal']}}}"
    value = values.get(_name(match), "")
    if not match["switch"]:
        return value
    name, _, words = match["switch"].partition(":")
    on, _, off = words.partition("/")
    if value not in ("true", "false", ""):
        raise ObjectiveError(f"{match[0]} switches an option, which takes true or false, but {name} is {value!r}")
    return on if value == "true" else off if value == "false" else ""


def _is_quoted(before: str) -> bool:
    """Whether a shell that has read `before` is inside quotes."""
    quote, is_escaped = "", False
    for character in before:
        if is_escaped:
            is_escaped = False
        elif character == "\\" and quote != "'":
            is_escaped = True
        elif character == quote:
            quote = ""
        elif character in "'\"" and not quote:
            quote = character
    return bool(quote)
