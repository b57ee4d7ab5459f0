"""Where the key for a server comes from: the environment, else the keyring of the operating system.

A key goes only to the host it was issued for: OPENAI_API_KEY to api.openai.com and nowhere else. AGENTTUNE_API_KEY
is for a server of one's own choice. Nothing here prints, stores or shows a key; what is found is also taken out of
every text from then on (redaction.py).
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field

from agenttune.redaction import remember

OPENAI_HOST = "api.openai.com"
VARIABLES = {
    OPENAI_HOST: "OPENAI_API_KEY",
    "openrouter.ai": "OPENROUTER_API_KEY",
    "api.anthropic.com": "ANTHROPIC_API_KEY",
    "generativelanguage.googleapis.com": "GEMINI_API_KEY",
    "api.mistral.ai": "MISTRAL_API_KEY",
    "api.groq.com": "GROQ_API_KEY",
    "api.deepseek.com": "DEEPSEEK_API_KEY",
    "api.x.ai": "XAI_API_KEY",
    "api.together.xyz": "TOGETHER_API_KEY",
    "api.fireworks.ai": "FIREWORKS_API_KEY",
    "api.cerebras.ai": "CEREBRAS_API_KEY",
    "router.huggingface.co": "HF_TOKEN",
}
"""Host -> the variable in which people keep its key."""
ANY_SERVER = "AGENTTUNE_API_KEY"
SERVICE = "agenttune"
"""Name of our entries in the keyring; their user name is the host."""
KEYRING_S = 2.0
"""How long the keyring may take: one that is locked waits for a person who may not be there."""

_from_keyring: dict[str, str | None] = {}


@dataclass(frozen=True, slots=True)
class Key:
    """A key and where it was found."""

    secret: str = field(repr=False)
    source: str
    """Name of the variable, or "keyring"."""


def find_key(host: str, *, is_local: bool) -> Key | None:
    """The key for that host; None if there is none. A server of one's own network is not looked up in the keyring."""
    for variable in variables_of(host):
        if secret := os.environ.get(variable, "").strip():
            remember(secret)
            return Key(secret, variable)
    if is_local:
        return None
    if host not in _from_keyring:
        _from_keyring[host] = _ask_keyring(host)
    found = _from_keyring[host]
    if not found:
        return None
    remember(found)
    return Key(found, "keyring")


def variables_of(host: str) -> tuple[str, ...]:
    """Variables that may hold the key of a host, the first that is set wins."""
    own = (VARIABLES[host],) if host in VARIABLES else ()
    return own if host == OPENAI_HOST else (*own, ANY_SERVER)


def ways_to_give_a_key(host: str, *, is_local: bool = False) -> str:
    """How to give the key of a host, as the end of a sentence."""
    keyring = "" if is_local else f", or store it once with `keyring set {SERVICE} {host}`"
    return f"set {' or '.join(variables_of(host))}{keyring}"


def _ask_keyring(host: str) -> str | None:
    """The keyring's answer within `KEYRING_S`, in a thread of its own; any failure is none."""
    found: list[str | None] = []

    def ask() -> None:
        try:
            import keyring

            found.append(keyring.get_password(SERVICE, host))
        except Exception:  # noqa: BLE001  # back ends are plugins of other people, which fail in ways of their own
            found.append(None)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(KEYRING_S)
    return found[0] if found else None
