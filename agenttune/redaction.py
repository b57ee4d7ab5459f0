"""Takes keys, and whatever looks like one, out of text that is stored, logged, printed or sent to a model.

Covered: values of variables named like secrets, in the environment and in the `env` of a command, keys that were used
(`remember`), and the shapes that well-known issuers give their keys. Not covered: a short or shapeless secret that
nobody told us of, one that was encoded beyond JSON and URL quoting, and a variable's value that is a word of a study's
own (`say`: OPTIMIZER_KEY=sgd_momentum), which no model could propose otherwise. Left as they are: what a study needs
to run again (its command line, the values of its space), and the log and the result file in a trial's own folder;
these are shown redacted. Time is linear in the text, whoever wrote it.
"""

from __future__ import annotations

import json
import os
import re
import urllib.parse
from collections.abc import Iterable, Mapping
from functools import lru_cache

from agenttune.types import Json

HIDDEN = "***"
"""What stands in a secret's place."""
SECRET_NAME = re.compile(r"KEY|TOKEN(?!I[ZS])|SECRET|PASSW|PASSPHRASE|CREDENTIAL", re.IGNORECASE)
"""Names of variables whose values are secret."""
LEAST = 8
"""Characters of the shortest secret: below, ordinary words would be taken out of every text."""
LONG = 20
"""Characters from which on a word after "Bearer" is none of a language's."""

_known: set[str] = set()
_said: set[str] = set()

_SHAPES = re.compile(
    r"""
    (?P<pem>-----BEGIN[ A-Z]{0,40}PRIVATE\ KEY-----[^-"{}<>]*(?:-----END[ A-Z]{0,40}-----)?)
    | (?<=://)(?P<login>[^\s/:@"']{1,200}:[^\s/@"']{1,200})(?=@)
    | (?i:(?:\b|(?<=[0-9;\[]m))(?P<scheme>bearer|basic)\s{1,4})(?P<bearer>[A-Za-z0-9._~+/=-]{8,})
    | (?i:(?:api|access|secret|private|auth)[_-]?(?:key|token)|client[_-]?secret|passw(?:or)?d)
        \\?["']?\s{0,4}[:=]\s{0,4}\\?["']?
        (?!\*{3}) (?P<assigned>[^\s"'\\,;&<>(){}\[\]|]{8,})
    | (?:(?<![A-Za-z0-9])|(?<=[0-9;\[]m)) (?P<shape>
        (?:sk-|[prs]k_(?:live|test)_)[A-Za-z0-9_-]{12,}
        | (?:AIza|AKIA|ASIA|gsk_|hf_|xai-|r8_|gh[opusr]_|github_pat_|glpat-|xox[abeprs]-|nvapi-|pplx-|csk-|fw_)
            [A-Za-z0-9_-]{16,}
        | eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?
      )
    """,
    re.VERBOSE,
)
"""Every repeated class takes in all that may follow it, so that no character is read twice for one shape. The m at the
end of a colour code, as in "\\x1b[1m", is no letter in front of a key."""

_PLACEHOLDER = re.compile(r"(?<![{$])\{[A-Za-z_][\w.-]*(?::[/-][^{}]*)?\}")
_BRACED = re.compile(r"\{(\{[A-Za-z_][\w.-]*\})\}")
"""What stands for a placeholder's own text."""
_RANDOM = re.compile(r"(?=[A-Za-z]{0,7}[0-9])[A-Za-z0-9]{8}|[A-Za-z0-9]{24}")
"""Eight letters or digits in a row, a digit among them, or more letters than a word has: "sk-learn-estimators" has
neither."""


def remember(secret: str) -> None:
    """From now on `secret` is taken out of every text; one under `LEAST` characters is none."""
    _known.update(_spellings(secret))


def remember_objective(objective: Mapping[str, Json]) -> None:
    """Remembers the secrets in the `env` of a command; every process that reads a study does."""
    env = objective.get("env")
    for name, value in env.items() if isinstance(env, dict) else ():
        if _is_secret_name(name):
            for part in _PLACEHOLDER.split(str(value)):
                remember(part)
                remember(_BRACED.sub(r"\1", part))


def say(words: Iterable[str]) -> None:
    """`words` of a study's own, its metric, parameters and choices, hide nothing from now on; shapes of keys do."""
    _said.update(words)


def is_secret(name: str, value: str) -> bool:
    """Whether a variable of a command is secret: named like one, and nothing that a configuration fills in."""
    return _is_secret_name(name) and not _PLACEHOLDER.search(value)


def redact(text: str) -> str:
    """The text with `***` for every secret; redacting twice changes nothing more."""
    while (done := _redact_once(text)) != text:  # ends: every replacement is shorter than what it replaces
        text = done
    return text


def redact_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Environment variables, with `***` for the value of every secret one and secrets out of the others."""
    return {name: HIDDEN if SECRET_NAME.search(name) else redact(value) for name, value in variables.items()}


def redact_json(content: Json) -> Json:
    """The content with every text in it redacted; names stay as they are."""
    if isinstance(content, str):
        return redact(content)
    if isinstance(content, dict):
        return {name: redact_json(entry) for name, entry in content.items()}
    return [redact_json(entry) for entry in content] if isinstance(content, list) else content


def _redact_once(text: str) -> str:
    for secret in sorted(_known | _from_environment(), key=lambda entry: (-len(entry), entry)):
        if secret not in _said:
            text = text.replace(secret, HIDDEN)
    return _SHAPES.sub(_hidden, text)


def _from_environment() -> set[str]:
    found: set[str] = set()
    for name in os.environ:  # their values are decoded at each access
        if _is_secret_name(name):
            found |= _spellings(os.environ.get(name, ""))
    return found


@lru_cache(maxsize=4_096)
def _is_secret_name(name: str) -> bool:
    return SECRET_NAME.search(name) is not None


def _spellings(secret: str) -> set[str]:
    """The secret as it is, within JSON and within a URL."""
    secret = secret.strip()
    if len(secret) < LEAST:
        return set()
    return {secret, json.dumps(secret)[1:-1], urllib.parse.quote(secret, safe="")}


def _hidden(match: re.Match[str]) -> str:
    """What stands for a match: itself where it is an ordinary word after all."""
    kind = match.lastgroup
    assert kind is not None
    secret = match[kind]
    if kind == "shape" and not _RANDOM.search(secret):
        return match[0]
    if kind == "bearer" and len(secret) < LONG and not _RANDOM.search(secret):
        return match[0]
    return match[0].removesuffix(secret) + HIDDEN
