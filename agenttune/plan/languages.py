"""Requests in German, French, Spanish and Chinese, put into the English that the grammar reads.

Phrase by phrase from the tables below, never word by word at random: what no table knows stays as it was written, and
is quoted back as not understood. An English sentence is not touched. To add a language: a table and its marks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from agenttune.plan import chinese, french, german, spanish
from agenttune.plan.masking import masked, unmasked
from agenttune.plan.numerals import CHINESE, chinese_value, number_words

Phrases = tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...]
"""(pattern, English or what makes it), the longer before the shorter. Patterns stand between word borders
where a script has some."""


@dataclass(frozen=True, slots=True)
class Language:
    """How sentences of a language are known and read."""

    marks: str
    """Words that its sentences have and English ones do not, as a pattern."""
    phrases: Phrases
    letters: str = r"(?!)"
    """Letters that count as one more mark, as a pattern."""
    has_words: bool = True
    """Whether blanks stand between words."""
    has_decimal_comma: bool = True


LANGUAGES: dict[str, Language] = {
    "de": Language(german.MARKS, german.PHRASES, german.LETTERS),
    "fr": Language(french.MARKS, french.PHRASES, french.LETTERS),
    "es": Language(spanish.MARKS, spanish.PHRASES, spanish.LETTERS),
    "zh": Language(chinese.MARKS, chinese.PHRASES, has_words=False, has_decimal_comma=False),
}
LEAST_MARKS = 2
"""Different marks that tell a language with words; a sentence of up to six words needs one."""


def in_english(text: str, like: str | None = None) -> str:
    """The sentence in the grammar's English, as far as the tables go; an English one as it is.

    Args:
        text: the sentence.
        like: the language that was spoken before, for one too short to tell.
    """
    found = language_of(text)
    name = found if like is None or found == "zh" else like
    if name is None:
        return text
    language = LANGUAGES[name]
    text, hidden = masked(text.replace("¿", "").replace("¡", "").replace("’", "'"))
    if language.has_decimal_comma:
        text = re.sub(r"(?<![\d.,{\[])(?<!\d, )(\d+),(\d+)(?![\d}\]]|,\d)", r"\1.\2", text)
    text = _han_numbers(text) if name == "zh" else _number_words(text, name)
    pad = "" if language.has_words else " "
    for pattern, english in _compiled(name):
        text = pattern.sub(f"{pad}{english}{pad}" if isinstance(english, str) else english, text)
    return re.sub(r"[ \t]+", " ", unmasked(text, hidden)).strip()


def language_of(text: str) -> str | None:
    """The language of a sentence that is not English; None where it is, or cannot be told."""
    counts: dict[str, int] = {}
    for name, language in LANGUAGES.items():
        pattern = rf"(?<![\w./-])(?:{language.marks})(?![\w./-])" if language.has_words else language.marks
        counts[name] = len({mark.lower() for mark in re.findall(pattern, text, re.IGNORECASE)})
        counts[name] += re.search(language.letters, text, re.IGNORECASE) is not None
    best = max(counts, key=lambda name: counts[name])
    needed = 1 if best == "zh" or len(text.split()) <= 6 else LEAST_MARKS
    return best if counts[best] >= needed else None


@cache
def _compiled(name: str) -> list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]]:
    language = LANGUAGES[name]
    before, after = (r"(?<![\w{./-])", r"(?![\w}]|[./-]\w)") if language.has_words else ("", "")
    return [
        (re.compile(rf"{before}(?:{text})(?:{after})", re.IGNORECASE), english) for text, english in language.phrases
    ]


def _number_words(text: str, name: str) -> str:
    words = number_words(name)
    return _number_pattern(name).sub(lambda match: str(words[" ".join(match[0].lower().split())]), text)


@cache
def _number_pattern(name: str) -> re.Pattern[str]:
    longest_first = sorted(number_words(name), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])", re.IGNORECASE)


def _han_numbers(text: str) -> str:
    """Chinese numerals before a counting word, in digits."""
    counted = (
        r"(?=\s*个?\s*(?:次|轮|个|分钟|分|小时|钟头|秒|天|折|并行|进程|线程|核|块|张|美元|美金|刀|点|层|棵|倍|并发))"
    )
    percent = re.sub(rf"百分之({CHINESE})", lambda match: f"{chinese_value(match[1])}%", text)
    return re.sub(rf"({CHINESE}){counted}", lambda match: str(chinese_value(match[1])), percent)
