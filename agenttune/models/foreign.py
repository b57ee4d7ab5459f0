"""What an exception of somebody else's chat model means, as one of our errors. Not for servers we ask (refusals.py).

Packages name their exceptions alike and most carry an HTTP status, so class names and statuses decide, those of the
cause too; no package is imported, and what says nothing is a plain "error".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from agenttune.errors import ModelError, RateLimited
from agenttune.models.reading import brief
from agenttune.models.refusals import QUOTA, TOO_LONG, refused_part, retry_after_s

MEANINGS = (
    ("no-quota", (402,), r"PaymentRequired"),
    ("unauthorised", (401, 403), r"Authenticat|Authoriz|PermissionDenied|Forbidden|Credentials"),
    ("rate-limited", (429, 503, 529), r"RateLimit|ResourceExhausted|TooManyRequests|Throttl|Overloaded"),
    ("timeout", (408, 504), r"Timeout|DeadlineExceeded"),
    ("unreachable", (), r"ConnectionError|ConnectError|NotConnected|EndpointConnection"),
)
"""Verdict, HTTP statuses and names of exception classes that mean it; the first that fits counts."""
SENTENCES = {
    "no-quota": "the account behind {spec} has no quota left: {words}; see to it there",
    "unauthorised": "{spec} was not let in: {words}; give the key where its package looks for it",
    "rate-limited": "{spec} is asked for fewer requests: {words}",
    "timeout": "{spec} gave up waiting: {words}",
    "unreachable": "{spec} cannot be reached: {words}",
    "error": "{spec} failed: {words}",
}
NO_STATUS = 400
"""Of an exception without one, when it is read for a part of the request that is refused."""


def meaning_of(error: BaseException, spec: str) -> ModelError:
    """The error to raise instead, a sentence without secrets; one of ours stays as it is."""
    if isinstance(error, ModelError):
        return error
    told = _words(error)
    words = f"{type(error).__name__}: {brief(told)}" if told else type(error).__name__
    if TOO_LONG.search(told[:2_000]) or "ContextOverflowError" in _names(error):
        return ModelError(f"the request is too long for {spec}: {words}")
    verdict = _verdict(error, told)
    sentence = SENTENCES[verdict].format(spec=spec, words=words)
    if verdict == "rate-limited":
        return RateLimited(sentence, retry_after_s=retry_after_s(_headers(error)))
    return ModelError(sentence, verdict=verdict)


def refused_by(error: BaseException, sent: Collection[str]) -> str | None:
    """The part of the request, among `sent`, that the exception complains about."""
    if isinstance(error, ModelError):
        return None
    status = _status(error)
    body = getattr(error, "body", None) or _words(error)
    return refused_part(NO_STATUS if status is None else status, body, sent)


def _verdict(error: BaseException, told: str) -> str:
    if QUOTA.search(told[:2_000]):
        return "no-quota"
    status, names = _status(error), " ".join(_names(error))
    if status is not None:
        return next((verdict for verdict, statuses, _ in MEANINGS if status in statuses), "error")
    return next((verdict for verdict, _, named in MEANINGS if re.search(named, names, re.I)), "error")


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  # an exception of other people's, which may not even tell itself
        return ""


def _names(error: BaseException) -> list[str]:
    """Names of its classes and its cause's, but those that mean nothing."""
    chain = [error] if error.__cause__ is None else [error, error.__cause__]
    return [kind.__name__ for link in chain for kind in type(link).__mro__]


def _status(error: BaseException) -> int | None:
    """The HTTP status that the exception, its response or its cause carries."""
    for link in (error, error.__cause__):
        for holder in (link, getattr(link, "response", None)):
            for name in ("status_code", "status", "code"):
                value = getattr(holder, name, None)
                if isinstance(value, int) and not isinstance(value, bool) and 400 <= value < 600:
                    return int(value)
    return None


def _headers(error: BaseException) -> dict[str, str]:
    headers: Any = getattr(getattr(error, "response", None), "headers", None)
    if not isinstance(headers, Mapping):
        return {}
    return {str(name).lower(): str(value) for name, value in headers.items()}
