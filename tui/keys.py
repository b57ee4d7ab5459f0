"""Keys by name: as bindings have them, as people write and read them, and which are in force. No widgets here."""

from __future__ import annotations

from textual.binding import BindingsMap
from textual.dom import DOMNode
from textual.keys import Keys, _character_to_key, key_to_character

NAMES = {"slash": "/", "escape": "Esc", "pageup": "PgUp", "pagedown": "PgDn"}
"""Key -> how it is shown, where that is not its own name."""
ALIASES = {shown.lower(): key for key, shown in NAMES.items() if len(shown) > 1}
MODIFIERS = {"ctrl", "shift", "alt", "super", "hyper", "meta"}
SAME_BYTE = {"ctrl+h": "backspace", "ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape"}
"""What most terminals cannot tell from another key."""


def bindings_of(node: DOMNode) -> BindingsMap:
    """A node's bindings, with the person's own keys."""
    bindings = node._bindings.copy()  # as Textual does where it looks for a key's binding; there is no public way
    bindings.apply_keymap(node.app._keymap)
    return bindings


def key_of(node: DOMNode, binding_id: str) -> str:
    """The first key of one of a node's bindings, as people read it; one that does nothing else there, if it has one."""
    there = bindings_of(node).key_to_bindings
    keys = [key for key, bindings in there.items() if any(binding.id == binding_id for binding in bindings)]
    return key_name(min(keys, key=lambda key: len(there[key])))


def key_name(key: str) -> str:
    """`Ctrl+Q` of `ctrl+q`, `q` of `q`, `Esc` of `escape`."""
    shown = NAMES.get(key, key)
    parts = shown.split("+") if len(shown) > 1 else [shown]
    return "+".join(part if len(parts) == 1 and len(part) == 1 else part[:1].upper() + part[1:] for part in parts)


def keys_text(keys: str) -> str:
    """`Esc or q` of `escape,q`."""
    return " or ".join(key_name(key.strip()) for key in keys.split(","))


def key_as_bound(written: str) -> str:
    """A key that a person wrote, as bindings have it: `Esc` and `Ctrl+X` are as good as `escape` and `ctrl+x`."""
    key = written.strip()
    key = key.lower() if len(key) > 1 else key
    before, plus, name = key.rpartition("+") if key != "+" else ("", "", key)
    return ALIASES.get(key, before + plus + (_character_to_key(name) if len(name) == 1 else name))


def types_a_character(key: str) -> bool:
    """Whether it writes something in the prompt."""
    character = key_to_character(key)
    return character is not None and character.isprintable()


def why_unusable(key: str) -> str | None:
    """Why a terminal never sends this key, as a phrase; None where it may."""
    if key in SAME_BYTE:
        return f"a terminal sends it as {SAME_BYTE[key]}"
    *modifiers, name = key.split("+")
    if modifiers == ["shift"] and len(name) == 1:
        return f"a terminal sends it as {name.upper()}"
    is_known = name in set(Keys) or types_a_character(name)
    return None if is_known and set(modifiers) <= MODIFIERS else "there is no such key"
