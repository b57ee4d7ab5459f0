"""What a model's spelling says: `openai:NAME`, or the address of a server and a model's name, `http://host/v1#NAME`.

A spelling is stored with every study, so one that holds a key is refused.
"""

from __future__ import annotations

import ipaddress
import urllib.parse
from dataclasses import dataclass

from agenttune.errors import UserError
from agenttune.models.keys import OPENAI_HOST, ways_to_give_a_key
from agenttune.redaction import redact

OWN_SUFFIXES = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
"""Ends of names that exist in a private network only."""
ENDPOINT = "/chat/completions"
"""End of an address that was copied whole from a server's manual; the SDK adds it."""
EXAMPLE = "http://localhost:11434/v1#qwen3"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a model is asked."""

    spec: str
    """The spelling."""
    base_url: str
    """Without a slash at its end, and without the `ENDPOINT`."""
    name: str
    """Of the model, as the server knows it."""
    host: str
    is_local: bool
    """Whether the host is this machine or one of a private network, as far as its name tells; nothing is resolved."""

    @property
    def server(self) -> str:
        """Names the server and model in what is remembered of them."""
        return f"{self.base_url}#{self.name}"


def is_address(spec: str) -> bool:
    """Whether the spelling says where a server is; other schemes' spellings name something else."""
    return spec.startswith(("openai:", "http:", "https:"))


def parse_address(spec: str) -> Address:
    """What the spelling says.

    Raises:
        UserError: it is none, or holds a secret.
    """
    if spec.strip() != spec or any(not sign.isprintable() or sign == " " for sign in spec):
        raise UserError(f"a model's spelling has no blanks or control characters, but got {redact(spec)!r}")
    if spec.startswith("openai:"):
        name = _secret_free(spec, spec.removeprefix("openai:"), OPENAI_HOST)
        if not name:
            raise UserError("openai: lacks the model's name, as in openai:gpt-5.6")
        return Address(spec, f"https://{OPENAI_HOST}/v1", name, OPENAI_HOST, False)
    return _server(spec)


def _server(spec: str) -> Address:
    try:
        parts = urllib.parse.urlsplit(spec)
        host, _ = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise UserError(f"{redact(spec)!r} is no address ({error}): write it as in {EXAMPLE}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise UserError(f"{redact(spec)!r} is no server's address: write openai:NAME, or as in {EXAMPLE}")
    if "@" in parts.netloc or parts.query:
        azure = f"; Azure's is https://{host}/openai/v1#NAME" if host.endswith(".azure.com") else ""
        raise UserError(
            f"the address of {host} holds a login or a query (?...), and addresses are stored: leave it out{azure}; "
            f"for a key, {ways_to_give_a_key(host, is_local=_is_private(host))}"
        )
    if not parts.fragment:
        raise UserError(f"{redact(spec)!r} lacks the model's name: add it after a #, as in {EXAMPLE}")
    _secret_free(spec, spec, host)
    path = parts.path.rstrip("/").removesuffix(ENDPOINT).rstrip("/")
    base_url = f"{parts.scheme}://{parts.netloc}{path}"
    return Address(spec, base_url, parts.fragment, host, _is_private(host))


def _secret_free(spec: str, text: str, host: str) -> str:
    if redact(spec) != spec:
        raise UserError(
            f"a model's spelling is stored and must hold no key, but got {redact(spec)!r}; {ways_to_give_a_key(host)}"
        )
    return text


def _is_private(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return "." not in host or host.endswith(OWN_SUFFIXES)  # a name without dots is in no public DNS
    return address.is_loopback or address.is_private or address.is_link_local
