"""From a sentence to calls: cut into wishes, each matched as a whole against the phrases of every language.

The longest piece that is one wish is taken as one ("compare 3 and 7"), the rest read on; a sentence counts only if all
of it was read. Two readings that differ are asked back. Not for: what the words of a wish mean (known.py).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agenttune.agent.offline.editing import edited
from agenttune.agent.offline.examples import EXAMPLES, nearest
from agenttune.agent.offline.known import Known
from agenttune.agent.offline.phrases import LANGUAGES, Language, Phrase, language
from agenttune.agent.offline.rules import FREE_RULES, QUESTIONS, RULES
from agenttune.agent.offline.understood import Call, Understood
from agenttune.errors import RequestNotUnderstood
from agenttune.history import StudyView
from agenttune.insight.quoting import quote
from agenttune.redaction import redact
from agenttune.spec import StudyRow
from agenttune.visible import clean

MOST_CHARS = 1_000
"""Longest sentence; what people type is below 300."""
MOST_ASKED = 600
"""Characters of a question."""
MOST_WISHES = 8
"""Of one sentence: the ways of cutting it double with each."""
WHOLE = frozenset({"note", "create"})
"""Rules that take the rest of the sentence as it is, however many wishes it might hold."""
STEERING = frozenset(("pause_study", "resume_study", "stop_study", "edit_study", "undo_edit", "propose"))
"""Tools that do something to the study, which nobody does by asking whether: "stop?"."""
TAKING_TIME = frozenset(("pause_study", "resume_study", "propose", "confirm_winner"))
"""Tools whose effect comes later; so does that of a larger budget."""
HALTING = frozenset(("pause_study", "stop_study"))
_AT_ONCE = "would all be done at once, and I cannot wait in between: say the second when its time has come"
NO_STUDY = (
    'no study is spoken of yet: "tune an SVM on digits for accuracy, 30 trials" starts one, '
    '"open the latest study" takes one up'
)
_CJK = r"\u3040-\u30ff\u3400-\u9fff"
_SEAM = re.compile(rf"(?<=[{_CJK}])(?=[A-Za-z0-9#])|(?<=[A-Za-z0-9])(?=[{_CJK}])")


def read(text: str, view: StudyView | None, *, row: StudyRow | None = None) -> Understood:
    """What a sentence asks for.

    Args:
        text: as it was typed.
        view: the study that is spoken of; None where there is none.
        row: the same study's row, for what is relative to its bounds ("double the budget") and for one that has ended.

    Returns:
        Calls for all of it, or a question that quotes what was not understood.
    """
    plain = _plain(text)
    if not re.search(r"[^\W_]", plain):
        return Understood(question=f'say what you want, as in "{EXAMPLES["at_most"]}" or "{EXAMPLES["failures"]}"')
    if len(text) > MOST_CHARS:
        return Understood(
            question=f"I read at most {MOST_CHARS} characters at once, but got {len(text):,}: say it shorter"
        )
    known = None if view is None else Known(view, row, view.space)
    outcomes = [_read_in(language(name), plain, known) for name in LANGUAGES]
    readings = list({repr(calls): calls for calls in outcomes if not isinstance(calls, _Stuck)}.values())
    if len(readings) == 1:
        return Understood(calls=readings[0])
    if readings:
        return Understood(question=f"{quote(plain)} can mean two things: say it in other words")
    stuck = max((entry for entry in outcomes if isinstance(entry, _Stuck)), key=lambda entry: entry.progress)
    return Understood(question=_bounded(redact(stuck.question or _not_understood(stuck, plain))))


def _bounded(question: str) -> str:
    """A question that fits a screen."""
    return question if len(question) <= MOST_ASKED else f"{question[: MOST_ASKED - 4]} ..."


def _plain(text: str) -> str:
    """The text without what cannot be seen, one sign for what has several, blanks between Chinese and the rest."""
    spaced = re.sub(r"[，；。！？：、]", lambda sign: f"{sign[0]} ", text[:MOST_CHARS])
    folded = unicodedata.normalize("NFKC", clean(spaced)).replace("’", "'")
    return _SEAM.sub(" ", clean(re.sub(r"(?<=\d)\s*\.\.+\s*(?=[\d.-])", " to ", folded)))


@dataclass(frozen=True, slots=True)
class _Stuck:
    """Where reading came to an end."""

    progress: tuple[bool, int]
    """(whether a phrase was recognised, characters read before)."""
    rest: str
    """What could not be read."""
    question: str | None = None
    """What the rule of a phrase asks; None: no phrase fits."""
    understood: str = ""
    """The beginning of the rest that is a phrase."""


def _read_in(words: Language, text: str, known: Known | None) -> tuple[Call, ...] | _Stuck:
    calls = _read_whole(words, text, known)
    if isinstance(calls, _Stuck) or any(call.tool not in STEERING for call in calls):
        return calls
    if re.search(r"\?\s*$", text) and not words.requests.search(text):
        return _Stuck((True, 0), text, f"{quote(text)}: shall I? Then say it without the question mark")
    return calls


def _read_whole(words: Language, text: str, known: Known | None) -> tuple[Call, ...] | _Stuck:
    plain = words.plain(text)
    whole = [(phrase, match) for phrase, match in _matches(words, text) if phrase.rule in WHOLE]
    if whole:
        try:
            return (_call(*max(whole, key=lambda entry: _weight(entry[1])), known),)
        except RequestNotUnderstood as error:
            return _Stuck((True, 0), text, str(error))
    seams = [(match.start(), match.end()) for match in words.joiners.finditer(plain)]
    if len(seams) >= MOST_WISHES:
        return _Stuck((False, 0), plain, f"that are more than {MOST_WISHES} wishes at once: say some of them first")
    return _read_wishes(words, plain, 0, seams, known, "")


def _read_wishes(
    words: Language, text: str, start: int, seams: Sequence[tuple[int, int]], known: Known | None, verb: str
) -> tuple[Call, ...] | _Stuck:
    """Reads from `start` on, the longest piece first; `verb` is the first word of the wish before.

    One verb does for several wishes: "fix gamma at 0.1 and C at 10".
    """
    stuck: list[_Stuck] = []
    for position in range(len(seams), -1, -1):
        end, then = seams[position] if position < len(seams) else (len(text), len(text))
        wish, found = _read_spoken(words, text[start:end].strip(" ,;:!?."), known, verb)
        if isinstance(found, _Stuck):
            stuck.append(replace(found, progress=(found.progress[0], start)))
            continue
        if then >= len(text):
            return (found,)
        rest = _read_wishes(words, text, then, seams[position + 1 :], _after(known, found), wish.split()[0])
        if not isinstance(rest, _Stuck):
            if _is_plan(found, rest, is_then=words.afterwards.search(text[end:then]) is not None):
                return _Stuck((True, start), text[start:], f"{quote(text[start:])} {_AT_ONCE}")
            return (found, *rest)
        stuck.append(replace(rest, progress=(True, rest.progress[1])))
    return max(stuck, key=_nearness)


def _is_plan(first: Call, rest: Sequence[Call], *, is_then: bool) -> bool:
    """Whether the second shall wait for what the first takes time for: "ten more trials, then stop"."""
    if first.tool not in TAKING_TIME and '"set_budget"' not in json.dumps(first.arguments):
        return False
    return any(call.tool in HALTING or (is_then and call.tool in STEERING) for call in rest)


def _nearness(stuck: _Stuck) -> tuple[tuple[bool, int], bool, int]:
    """How near it came: a phrase, then how far; the longest piece that a rule asks of, the shortest that none knows."""
    is_asked = stuck.question is not None
    return stuck.progress, is_asked, len(stuck.rest) if is_asked else -len(stuck.rest)


def _read_spoken(words: Language, wish: str, known: Known | None, verb: str) -> tuple[str, Call | _Stuck]:
    """(the wish as it was read, what came of it): as it is, without a word like "also", or with the verb before it."""
    found = _read_wish(words, wish, known)
    bare = words.openers.sub("", wish)
    for other in dict.fromkeys((bare, f"{verb} {bare}" if verb else bare)):
        if other != wish and isinstance(found, _Stuck) and found.question is None:
            read_so = _read_wish(words, other, known)
            if not isinstance(read_so, _Stuck) or read_so.question is not None:
                wish, found = other, read_so
    return wish, found


def _read_wish(words: Language, wish: str, known: Known | None) -> Call | _Stuck:
    calls: dict[str, Call] = {}
    questions: list[tuple[int, str]] = []
    for phrase, match in _matches(words, wish):
        try:
            if phrase.rule in WHOLE:
                raise RequestNotUnderstood(f"say {quote(wish)} by itself: what follows is taken as it is")
            if phrase.rule in QUESTIONS:
                raise RequestNotUnderstood(QUESTIONS[phrase.rule])
            call = _call(phrase, match, known)
            calls.setdefault(repr(call), call)
        except RequestNotUnderstood as error:
            questions.append((_weight(match), str(error)))
    if len(calls) == 1:
        return next(iter(calls.values()))
    if calls:
        return _Stuck((True, 0), wish, f"{quote(wish)} can mean two things: say it in other words")
    if questions:
        return _Stuck((True, 0), wish, max(questions, key=lambda entry: entry[0])[1])
    return _Stuck((False, 0), wish, understood=_beginning(words, wish))


def _matches(words: Language, wish: str) -> Iterator[tuple[Phrase, re.Match[str]]]:
    for phrase in words.phrases:
        match = phrase.pattern.fullmatch(f" {wish}")
        if match:
            yield phrase, match


def _weight(match: re.Match[str]) -> int:
    """Characters that stand in the phrase itself: of two phrases the one with more fits more closely."""
    return len(match[0]) - sum(len(text or "") for text in match.groups())


def _call(phrase: Phrase, match: re.Match[str], known: Known | None) -> Call:
    said = {slot: text for slot, text in match.groupdict().items() if text is not None}
    if phrase.rule in FREE_RULES:
        return FREE_RULES[phrase.rule](said)
    if known is None:
        raise RequestNotUnderstood(NO_STUDY)
    return RULES[phrase.rule](known, said)


def _after(known: Known | None, call: Call) -> Known | None:
    """The study as the next wish finds it: with the space that the call would make."""
    if known is None or call.tool != "edit_study":
        return known
    return replace(known, space=edited(known.space, call))


def _beginning(words: Language, wish: str) -> str:
    """The longest beginning of a wish that is a phrase, of two words or more."""
    found = ""
    for phrase in words.phrases:
        match = phrase.pattern.match(f" {wish}")
        read = match[0].strip() if match else ""
        if " " in read and len(read) > len(found) and wish[len(read) : len(read) + 1].isspace():
            found = read
    return found


def _not_understood(stuck: _Stuck, text: str) -> str:
    example = nearest(stuck.rest or text)
    hint = f'I do understand "{example or EXAMPLES["at_most"]}"'
    if example is None:
        hint += f', "{EXAMPLES["more_trials"]}" or "{EXAMPLES["lessons"]}"'
    if stuck.understood:
        rest = stuck.rest[len(stuck.understood) :].strip()
        return f"I understand {quote(stuck.understood)}, but not {quote(rest)} after it; {hint}"
    return f"I do not understand {quote(stuck.rest or text)}; {hint}"
