"""The messages that ask a language model for configurations, at most `MAX_TOKENS` of them by the stated estimate.

What never changes comes first (system text, goal, parameters), byte for byte, so that servers cache it; then the
history. Where that is too long for the bound, lists of the digest are shortened in the order of `SHORTEN`, and the
prompt says so. Stateless: a conversation is rebuilt from the exchanges of the study.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from agenttune.exchange import Exchange, Prompt, estimate_tokens
from agenttune.history import StudyView
from agenttune.insight.digest import digest
from agenttune.insight.records import Digest, Hint
from agenttune.insight.space_text import space_text
from agenttune.prompts import SUFFIX, prompt_hash, render
from agenttune.types import Json

MAX_TOKENS = 3_000
"""Estimated tokens of all messages together stay below."""
FRESH_CHAT_TOKENS = 2_000
"""The same for the message a conversation starts from, or is compacted to: it leaves room for some turns."""
SHORTEN = (
    *(("notes", 1), ("trends", 8), ("refused", 2), ("latest", 5), ("pending", 4), ("top", 3), ("worst", 1)),
    *(("messages", 1), ("notes", 0), ("trends", 4), ("latest", 3), ("failed_rules", 2), ("infeasible_rules", 1)),
    *(("worst", 0), ("refused", 1), ("pending", 2), ("latest", 2), ("top", 2), ("refused", 0), ("pending", 1)),
    *(("latest", 1), ("top", 1), ("trends", 2), ("pending", 0), ("latest", 0), ("top", 0), ("messages", 0)),
    *(("failed_rules", 1), ("trends", 0), ("infeasible_rules", 0), ("failed_rules", 0)),
)
"""(list of the digest, entries that stay), from what is missed least to what is missed most."""
CONTINUED = ("used", "repaired", "illegal", "duplicate", "infeasible")
"""Verdicts of exchanges a conversation goes on from; what could not be read is not shown to the model again."""
FOLLOW_UP = "# What is new"
_FINISHED = re.compile(r"^Finished trials: (.*)\.$", re.MULTILINE)

Message = dict[str, Json]


def llm_prompt(
    view: StudyView,
    *,
    k: int,
    context: Mapping[str, str],
    surrogate_hint: Hint | None = None,
    mode: Literal["digest", "chat"] = "digest",
    earlier: Sequence[Exchange] = (),
) -> Prompt:
    """The prompt for the next `k` candidates.

    Args:
        view: the study.
        k: candidates wanted.
        context: (label -> text) of what is tuned, as `study_context` makes it; untrusted.
        surrogate_hint: the surrogate's own next point.
        mode: one fresh digest, or the conversation so far and what is new.
        earlier: the study's exchanges in order, for a conversation.
    """
    system, fixed = render("system", k=k), space_text(view, context)
    if mode == "chat":
        messages = _continued(view, (system, fixed), k=k, hint=surrogate_hint, earlier=earlier)
        if messages is not None:
            return Prompt(messages, _hashes("system", "space", "digest", "followup"))
    most = MAX_TOKENS if mode == "digest" else FRESH_CHAT_TOKENS
    # - 2: estimates are rounded up, and two texts are joined
    room = most - 2 - estimate_tokens(system) - estimate_tokens(fixed)
    text = _fitting(digest(view, surrogate_hint=surrogate_hint), k, room)
    messages = (_message("system", system), _message("user", f"{fixed}\n\n{text}"))
    return Prompt(messages, _hashes("system", "space", "digest"))


def overview(view: StudyView, context: Mapping[str, str]) -> str:
    """What a study is and how it stands, as prompts tell it, in at most `MAX_TOKENS`; asks for nothing."""
    fixed = space_text(view, context)
    return f"{fixed}\n\n{_fitting(digest(view), 0, MAX_TOKENS - estimate_tokens(fixed))}"


def _fitting(whole: Digest, k: int, room: int) -> str:
    """The digest in at most `room` tokens, as far as shortening goes."""
    text = ""
    for shortened in _ever_shorter(whole):
        text = render("digest", d=shortened, k=k, shortened=_missing(whole, shortened))
        if estimate_tokens(text) <= room:
            break
    return text


def _ever_shorter(whole: Digest) -> Iterator[Digest]:
    yield whole
    for name, most in SHORTEN:
        if len(getattr(whole, name)) > most:
            whole = _with(whole, name, getattr(whole, name)[:most])
            yield whole
    yield (whole := replace(whole, hint=None))
    if whole.best is not None:
        yield replace(whole, best=replace(whole.best, config=None, changed=None))


def _with(whole: Digest, name: str, value: Any) -> Digest:
    return replace(whole, **{name: value})


def _missing(whole: Digest, shortened: Digest) -> str:
    """ "4 more latest, 2 more top"."""
    names = dict.fromkeys(name for name, _ in SHORTEN)
    counts = {name: len(getattr(whole, name)) - len(getattr(shortened, name)) for name in names}
    counts["hint"] = int(whole.hint is not None and shortened.hint is None)
    return ", ".join(f"{n} more {name.replace('_', ' ')}" for name, n in counts.items() if n)


def _continued(
    view: StudyView, fixed: tuple[str, str], *, k: int, hint: Hint | None, earlier: Sequence[Exchange]
) -> tuple[Message, ...] | None:
    """The last exchange, its reply and what is new; None where there is none, or too much, or the space changed."""
    last = next((e for e in reversed(earlier) if e.verdict in CONTINUED and e.reply), None)
    if last is None or last.reply is None or not _starts_with(last.request.messages, fixed):
        return None
    told = _told(last.request.messages)
    if told is None:
        return None
    new = digest(view, surrogate_hint=hint, since=told)
    n_new = sum(trial.number not in told for trial in view.finished)
    text = render("followup", d=new, k=k, n_more=max(n_new - len(new.latest), 0))
    messages = (*last.request.messages, _message("assistant", last.reply), _message("user", text))
    total = sum(estimate_tokens(str(message["content"])) for message in messages)
    return messages if total < MAX_TOKENS else None


def _starts_with(messages: Sequence[Message], fixed: tuple[str, str]) -> bool:
    if len(messages) < 2 or messages[0] != _message("system", fixed[0]):
        return False
    return str(messages[1]["content"]).startswith(fixed[1])


def _told(messages: Sequence[Message]) -> frozenset[int] | None:
    """Numbers of the trials that the model knows as finished, read from the last text of ours."""
    ours = [str(message["content"]) for message in messages if message["role"] == "user"]
    ours = [text for index, text in enumerate(ours) if index == 0 or text.startswith(FOLLOW_UP)]
    found = _FINISHED.search(ours[-1]) if ours else None
    if found is None:
        return None
    words = [word for word in found[1].split(", ") if word not in ("...", "none")]
    spans = [(int(word.partition("-")[0]), int(word.rpartition("-")[2])) for word in words]
    if found[1].startswith("..."):  # of many runs the last are listed: all before them was told earlier
        spans.insert(0, (0, spans[0][0] - 1))
    return frozenset(number for first, last in spans for number in range(first, last + 1))


def _message(role: str, content: str) -> Message:
    return {"role": role, "content": content}


def _hashes(*names: str) -> dict[str, str]:
    return {name + SUFFIX: prompt_hash(name) for name in names}
