"""A model's words made safe for the record, for screens and for the next prompt."""

from __future__ import annotations

import re
import unicodedata

from agenttune.redaction import redact

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])?")


def clean_text(text: str, *, limit: int) -> str:
    """One line of at most `limit` characters without escape sequences, control characters or keys."""
    shown = _ESCAPES.sub("", text[: 4 * limit])
    shown = "".join(" " if sign.isspace() else sign for sign in shown if sign.isspace() or _is_seen(sign))
    shown = " ".join(redact(shown).split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _is_seen(sign: str) -> bool:
    """Neither control nor formatting (which can reverse text), nor half of a character."""
    return unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Cn", "Co")
