"""Which calls run at once, which wait for a person, which never run. Read from code and one file, never from prompts.

The model has no say here: what it was made to believe by a data file or a log changes which calls it wants, not which
of them are allowed. `approvals.toml` beside settings.toml::

    mode = "ask"            # or "auto", "plan"
    [tools]
    propose = "auto"        # one tool
    [effects]
    run = "deny"            # everything that runs a command which nobody typed

A tool's own rule does not loosen what is `DANGEROUS`; only the rule of the effect does.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast, get_args

from agenttune.errors import SettingsError
from agenttune.settings import config_dir
from agenttune.space import nearest
from agenttune.tools import REGISTRY, Effect

Mode = Literal["ask", "auto", "plan"]
"""How much is done without asking: everything that changes something is asked; what stays within a granted budget is
done; nothing but reading is done."""
Decision = Literal["auto", "ask", "deny"]
DANGEROUS: tuple[Effect, ...] = ("spend", "run", "outside", "delete", "code")
"""Asked even in mode auto, unless a rule for that very effect says otherwise; mode plan denies them as all others."""
STRICTNESS: dict[Decision, int] = {"auto": 0, "ask": 1, "deny": 2}
FREE: tuple[Effect, ...] = ("read", "note")


@dataclass(frozen=True, slots=True)
class Policy:
    """What is allowed in a conversation."""

    mode: Mode = "ask"
    tools: Mapping[str, Decision] = field(default_factory=dict)
    """Name of a tool -> what is done with its calls."""
    effects: Mapping[Effect, Decision] = field(default_factory=dict)

    def decide(self, tool: str, effect: Effect) -> tuple[Decision, str]:
        """(what is done with such a call, by which rule)."""
        found: list[tuple[Decision, str]] = []
        if effect in self.effects:
            found.append((self.effects[effect], f"the rule for effect {effect}"))
        if tool in self.tools:
            found.append((self.tools[tool], f"the rule for {tool}"))
        if effect in DANGEROUS and effect not in self.effects:
            found.append(("ask", f"effect {effect} is always asked"))
        if not found or (self.mode == "plan" and effect not in FREE):
            found.append((self._by_mode(effect), f"mode {self.mode}"))
        return max(found, key=lambda entry: STRICTNESS[entry[0]])

    def _by_mode(self, effect: Effect) -> Decision:
        if effect in FREE:
            return "auto"
        return {"ask": "ask", "auto": "auto", "plan": "deny"}[self.mode]  # type: ignore[return-value]  # as written


def policy_path() -> Path:
    """The policy file, whether it is there or not."""
    return config_dir() / "approvals.toml"


def load_policy(mode: Mode | None = None, path: Path | None = None) -> Policy:
    """The person's policy.

    Args:
        mode: in place of the file's.
        path: the file; None is `policy_path()`. One that is missing is an empty one.

    Raises:
        SettingsError: it cannot be read, or names what is none of ours.
    """
    path = path or policy_path()
    content = _read(path)
    for key in content:
        if key not in ("mode", "tools", "effects"):
            raise SettingsError(f"{path}: unknown key {key!r}; there are mode, tools and effects")
    said = content.get("mode", "ask")
    if said not in get_args(Mode):
        raise SettingsError(f"{path}: `mode` must be one of {', '.join(get_args(Mode))}, but got {said!r}")
    tools = _rules(path, content, "tools", tuple(REGISTRY))
    effects = _rules(path, content, "effects", get_args(Effect))
    return Policy(mode or said, tools, cast("dict[Effect, Decision]", effects))


def _rules(path: Path, content: Mapping[str, Any], section: str, known: tuple[str, ...]) -> dict[str, Decision]:
    rules = content.get(section, {})
    if not isinstance(rules, dict):
        raise SettingsError(f"{path}: [{section}] is a table of names and {', '.join(STRICTNESS)}")
    for name, decision in rules.items():
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean {near!r}?" if near else f"there are {', '.join(known)}"
            raise SettingsError(f"{path}: [{section}] has no {name!r}; {hint}")
        if not isinstance(decision, str) or decision not in STRICTNESS:
            raise SettingsError(f"{path}: {name} must be one of {', '.join(STRICTNESS)}, but got {decision!r}")
    return rules


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the policy {path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"the policy {path} is not TOML: {error}") from error
