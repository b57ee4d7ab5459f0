"""What a server means by an error: which part of the request it refuses, or which verdict it is.

Decided by what the error names, never by the model's name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from agenttune.errors import ModelError, RateLimited
from agenttune.models.address import Address
from agenttune.models.keys import ways_to_give_a_key
from agenttune.models.reading import brief

LONGEST_WAIT_S = 86_400.0
QUOTA = re.compile(
    r"insufficient_quota|exceeded your current quota|billing.hard.limit|insufficient (?:credit|balance|funds)", re.I
)
TOO_LONG = re.compile(
    r"context_length_exceeded|context (?:length|window|size)|maximum context|prompt is too long", re.I
)
_SCHEMA = re.compile(
    r"response.?format|json.?schema|json.?object|json mode|structured.?output|grammar|guided|requested parameters", re.I
)
_COMPLAINT = re.compile(
    r"support|unknown|unrecogni[sz]ed|permitted|allowed|invalid|extra|unexpected|implemented|deprecat|require|only"
    r"|must|cannot|expected|literal|should be|fail|error|handle",
    re.I,
)
_TOO_LARGE = re.compile(r"too (?:large|big|high|many)|at most|less than|maximum value|exceeds", re.I)
ROUTED_BY = ("logprobs", "n", "response_format")
"""Parts for which a router finds no server, the first to be left out first."""
LIMITS = ("max_completion_tokens", "max_tokens")
"""The two spellings of the most tokens of a reply."""


def refused_part(status: int, body: Any, sent: Collection[str]) -> str | None:
    """The parameter among `sent` that the server refuses; None if the error is about something else."""
    text = _words(body)
    if status not in (400, 404, 422, 500, 501) or TOO_LONG.search(text):
        return None
    if status == 404:
        parts = ROUTED_BY if "requested parameters" in text else ()
        return next((part for part in parts if part in sent), None)
    part = next((name for name in _named(body) if name in sent), None)
    if part is None and "response_format" in sent and _SCHEMA.search(text) and _COMPLAINT.search(text):
        part = "response_format"
    if part is None and _COMPLAINT.search(text):
        found = {match.start(): name for name in sent if (match := re.search(_quoted(name), text))}
        part = found[min(found)] if found else None
    return None if part in LIMITS and _TOO_LARGE.search(text) else part


def error_of(status: int, body: Any, headers: Mapping[str, str], address: Address) -> ModelError:
    """The error that the server's answer means."""
    words, code = brief(_message(body)), str(_error(body).get("code"))
    if status == 402 or QUOTA.search(_words(body)):
        return ModelError(f"the account has no quota left: {words}; see to it there", verdict="no-quota")
    if status in (401, 403):
        way = ways_to_give_a_key(address.host, is_local=address.is_local)
        return ModelError(
            f"{address.host} does not let us in ({status}): {words}; for a key, {way}", verdict="unauthorised"
        )
    if status in (429, 503, 529):
        wait = retry_after_s(headers)
        told = "" if wait is None else f" (again in {wait:g} s)"
        return RateLimited(f"{address.host} wants fewer requests{told}: {words}", retry_after_s=wait)
    if status in (408, 504):
        return ModelError(f"{address.host} did not answer in its own time ({status}): {words}", verdict="timeout")
    if status == 404:
        return ModelError(
            f"{address.base_url} knows no model {address.name!r}, or no /chat/completions (404: {words}); "
            "look at the spelling, an address mostly ends in /v1"
        )
    if TOO_LONG.search(f"{code} {_words(body)}"):
        return ModelError(f"the request is too long for the model: {words}")
    if 300 <= status < 400:
        return ModelError(f"{address.base_url} sends us elsewhere ({status}); spell the address it sends to")
    return ModelError(f"{address.host} answered with an error ({status}): {words}")


def error_within(body: Any, address: Address) -> ModelError | None:
    """The error that came with status 200, as routers send it; None if there is none."""
    if not isinstance(body, dict) or not body.get("error"):
        return None
    code = _error(body).get("code")
    status = code if isinstance(code, int) and not isinstance(code, bool) and 400 <= code < 600 else 500
    return error_of(status, body, {}, address)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait; None where it does not say."""
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            wait = float(headers.get(name, "")) * unit_s
        except ValueError:  # a date, or nothing
            continue
        if 0 <= wait <= LONGEST_WAIT_S:
            return wait
    return None


def _error(body: Any) -> dict[str, Any]:
    """The object that describes the error, as OpenAI and most others nest it."""
    if not isinstance(body, dict):
        return {}
    inner = body.get("error")
    return inner if isinstance(inner, dict) else body


def _message(body: Any) -> Any:
    error = _error(body)
    for text in (error.get("message"), error.get("error"), error.get("detail"), body):
        if isinstance(text, str) and text.lstrip().startswith("<"):
            return "a web page"
        if isinstance(text, (str, list)) and text:
            return text
    return body or "without a reason"


def _words(body: Any) -> str:
    """What the error says, the start of it: some servers repeat the request."""
    error = _error(body)
    return f"{error.get('code')} {error.get('type')} {_message(body)}"[:2_000]


def _named(body: Any) -> list[str]:
    """Parameters that the error names in a field: OpenAI's `param`, or the places of a validation error."""
    names = []
    param = _error(body).get("param")
    if isinstance(param, str):
        names.append(re.split(r"[.\[]", param)[0])
    details = body.get("detail") if isinstance(body, dict) else None
    for entry in details if isinstance(details, list) else []:
        places = entry.get("loc") if isinstance(entry, dict) else None
        names += [str(place) for place in places] if isinstance(places, list) else []
    return names


def _quoted(name: str) -> str:
    """A parameter as error messages name it; an ordinary word counts only in quotes or before "not supported"."""
    if "_" in name or name == "temperature":
        return rf"(?<![\w-]){name}(?![\w-])"
    if name == "logprobs":
        return r"(?i:(?<![\w-])logprobs(?![\w-]))"  # Gemini: "Logprobs is not supported for the current model."
    return rf"['\"`]{name}['\"`]|\b{name}\b (?:is|are) (?:not|un)|\bsupport {name}\b"
