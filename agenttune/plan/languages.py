"""Requests in German, French, Spanish and Chinese, put into the English that the grammar reads.

Phrase by phrase from the tables below, never word by word at random: what no table knows stays as it was written, and
is quoted back as not understood. An English sentence is not touched. To add a language: a table and its marks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial

from agenttune.plan import chinese, french, german, spanish
from agenttune.plan.command_line import in_backquotes
from agenttune.plan.marks import LETTERS, MARKS
from agenttune.plan.masking import masked, masked_too, unmasked
from agenttune.plan.numerals import CHINESE, chinese_value, hundreds, number_words
from agenttune.plan.own_names import OwnNames

Phrases = tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...]
"""(pattern, English or what makes it), the longer before the shorter. Patterns stand between word borders
where a script has some."""


@dataclass(frozen=True, slots=True)
class Language:
    """How sentences of a language are read."""

    phrases: Phrases
    has_words: bool = True
    """Whether blanks stand between words."""
    has_decimal_comma: bool = True


LANGUAGES: dict[str, Language] = {
    "de": Language(german.PHRASES),
    "fr": Language(french.PHRASES),
    "es": Language(spanish.PHRASES),
    "zh": Language(chinese.PHRASES, has_words=False, has_decimal_comma=False),
}
_TIDY = tuple(
    (re.compile(pattern, re.IGNORECASE), english)
    for pattern, english in (
        (r"(?<!\w)(?:the\s+)+(?=[\d$])", ""),
        (
            r"(?<!\w)(?:depth|learning\s+rate|batch\s+size|trees|neighbors|layers|epochs|weight\s+decay)\s+"
            r"(?:the\s+)*\(?\s*(max_depth|lr|learning_rate|batch_size|n_estimators|n_neighbors|num_layers|n_layers"
            r"|num_epochs|epochs|weight_decay)(?:\s*\))?(?!\w)",
            r"\1",
        ),
        (
            r"(?<!\w)\(?(?:on\s+|in\s+)?log\)?\s*,?\s+((?:from|between)\s+[-+.\d]\S*\s+(?:to"
            r"|and)\s+[-+.\d][\w.+-]*\w)(?!\w)"
            r"(?!\s*(?:on\s+|in\s+)?\(?log)",
            r"\1 log",
        ),
        (r"(?<![\w.])([a-z_]\w*)\s+(\d[\d.]*)\s+(at most|at least)(?=\s*(?:[,.;:)]|$))", r"\1 \3 \2"),
        (
            r"(?<![\w.])([a-z_]\w*)\s+at most\s+(-?\d[\d.]*\d|-?\d)(?:\s*,|\s+and|\s+but"
            r"|\s+the)*\s+at least\s+(-?\d[\d.]*\d|-?\d)"
            r"(?=\s*(?:[,;:)]|\.(?!\d)|$))",
            r"\1 from \3 to \2",
        ),
        (
            r"(?<![\w.])([a-z_]\w*)\s+at least\s+(-?\d[\d.]*\d|-?\d)(?:\s*,|\s+and|\s+but"
            r"|\s+the)*\s+at most\s+(-?\d[\d.]*\d|-?\d)"
            r"(?=\s*(?:[,;:)]|\.(?!\d)|$))",
            r"\1 from \2 to \3",
        ),
        (
            r"(?<![\w.])(\d[\d.]*\s*%)\s+(?:(?:on|of|the)\s+)+(?=(?:balanced\s+)?(?:accuracy|auc|f1|precision"
            r"|recall|error|r2)(?!\w))",
            r"\1 ",
        ),
        (r"(?<!\w)on\s+(?=[\[{])", "in "),
        (r"(?<!\w)(at least|at most)\s+(?:the\s+)*([a-z]\w*_\w+)\s+(?=[\d.])", r"\2 \1 "),
        (
            r"(?<!\w)(one of|in)\s+(?:the\s+)*((?=[a-z])[\w.+-]+(?:\s*,\s*(?=[a-z])[\w.+-]+)+)\s+(?:and"
            r"|or)\s+(?=[a-z])([\w.+-]*\w)",
            r"\1 {\2, \3}",
        ),
        (r"(?<=[\u4e00-\u9fff])(?=[\w.])(?![\u4e00-\u9fff])|(?<=\w)(?<![\u4e00-\u9fff])(?=[\u4e00-\u9fff])", " "),
        (r"\s+(?=[,;:!?)]|\.(?![\w/.]))", ""),
        (r"[ \t\xa0\u202f]+", " "),
    )
)
"""What is done to the English of any language: "at most the 40 minutes", "depth max_depth from 1 to 8"."""
_DECIMALS = re.compile(
    r"(?<![\d.,{\[])\d+,\d+(?:,\s+\d+(?:,\d+)?)*(?:\s*,)?\s+(?:o|ó|y|oder|und|ou|et)\s+\d+,\d+(?![\d}\]]|,\d)"
)
"""A list of such numbers, "0,1, 0,2 o 0,4": what parts them is a comma with a blank."""
_DECIMAL_COMMA = re.compile(r"(?<![\w.,{\[(])(?:0,\d+|\d+,\d{1,2})(?![\d,\])}])")
"""A number that English writes with a point: one more mark, beside a word."""
_UNFOLDED = frozenset(["precisión", "précision"])
"""Words that without their accents are those of another language, with another sense."""
_PLAIN = dict(zip("áéíóúñàâçèêëîïôùû", "aeiounaaceeeiiouu", strict=True)) | {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
LEAST_FOLDED = 5
"""Letters of a word that is known without its accents; "dès" and "des", "más" and "mas" are two words."""
LEAST_MARKS = 2
"""Different marks that tell a language with words; a sentence of up to six words needs one."""


def in_english(text: str, like: str | None = None, own: OwnNames | None = None) -> str:
    """The sentence in the grammar's English, as far as the tables go; an English one as it is.

    Args:
        text: the sentence.
        like: the language that was spoken before, for one too short to tell.
        own: names that are no words of a language.
    """
    found = language_of(text)
    name = found if like is None or found == "zh" else like
    text = in_backquotes(text, is_english=name is None)
    if name is None:
        return text
    language = LANGUAGES[name]
    text, hidden = masked(text.replace("¿", "").replace("¡", "").replace("’", "'"))
    if language.has_decimal_comma:
        text = _plain_digits(text)
    text = _han_numbers(text) if name == "zh" else _number_words(text, name)
    if own is not None:
        text, hidden = masked_too(text, hidden, _touched(own.parameters, name))
        text, hidden = masked_too(text, hidden, _touched(own.others, name), before=r"(?<!\d)(?<!\d\s)")
    for pattern, english in _compiled(name):
        text = pattern.sub(partial(_put, english=english), text)
    for pattern, english in _TIDY:
        text = pattern.sub(english, text)
    return unmasked(text, hidden).strip()


def _plain_digits(text: str) -> str:
    """Numbers with a decimal point, and nothing between thousands: "0,5", "10.000", "1 000", "4º"."""
    text = re.sub(r"(?<![\d.,])([1-9]\d{0,2})[\u00a0\u202f](?=\d{3}(?!\d))", r"\1", text)
    text = re.sub(
        r"(?<![\d.,])(?<!\d )([1-9]\d{0,2})((?:[. ]000)+)(?![\d.,]\d|\d| \d)",
        lambda match: match[1] + re.sub(r"\D", "", match[2]),
        text,
    )
    text = re.sub(r"(?<=\d)[ \u00a0\u202f]%", "%", text)
    text = re.sub(r"(?<![\d.,])([1-9]\d{0,2})((?:,000)+)(?![\d.,]\d|\d)", _in_thousands, text)
    text = re.sub(r"[\[({][^\[\](){}]*(?:;|\d\s*(?:-|–|\.\.|a|à|bis|hasta)\s*\d)[^\[\](){}]*[\])}]", _plain_ends, text)
    text = re.sub(r"(?<!\w)\d+(?:[ºª]|[eè]re?|(?:i?[eè])me)(?!\w)", " ", text)
    text = _DECIMALS.sub(lambda match: re.sub(r"(?<=\d),(?=\d)", ".", match[0]), text)
    return re.sub(r"(?<![\d.,{\[])(?<!\d, )(\d+),(\d+)(?![\d}\]]|,\d)", r"\1.\2", text)


def _in_thousands(match: re.Match[str]) -> str:
    """ "10,000" as ten thousand: nobody writes ten with three decimals."""
    return match[1] + match[2].replace(",", "")


def _plain_ends(match: re.Match[str]) -> str:
    """ "[0,1 ; 1,5]" and "{0,1 - 0,3}": what parts those is no comma."""
    return re.sub(r"(?<![\d.,])(\d+),(\d+)(?![\d,])", r"\1.\2", match[0])


@cache
def _touched(names: tuple[str, ...], language: str) -> tuple[str, ...]:
    """Those of the names that the table of a language takes for words, but for what a seed is called."""
    found = []
    for name in names:
        text = name
        for pattern, english in _compiled(language):
            text = pattern.sub(partial(_put, english=english), text)
        if len(name) > 1 and text.strip() not in (name, "seed"):
            found.append(name)
    return tuple(found)


def language_of(text: str) -> str | None:
    """The language of a sentence that is not English; None where it is, or cannot be told."""
    counts: dict[str, int] = {}
    for name, language in LANGUAGES.items():
        counts[name] = len({mark.lower() for mark in _marks(name).findall(text)})
        counts[name] += re.search(LETTERS.get(name, "(?!)"), text, re.IGNORECASE) is not None
        if counts[name] and language.has_decimal_comma:
            counts[name] += _DECIMAL_COMMA.search(text) is not None
    best = max(counts, key=lambda name: counts[name])
    needed = 1 if best == "zh" or len(text.split()) <= 6 else LEAST_MARKS
    return best if counts[best] >= needed else None


@cache
def _marks(name: str) -> re.Pattern[str]:
    has_words = LANGUAGES[name].has_words
    return re.compile(rf"(?<![\w./-])(?:{MARKS[name]})(?![\w./-])" if has_words else MARKS[name], re.IGNORECASE)


def _put(match: re.Match[str], english: str | Callable[[re.Match[str]], str]) -> str:
    """What stands for a match, with the blank that it ended with."""
    words = match.expand(english) if isinstance(english, str) else english(match)
    return f"{words} " if match[0][-1:] in (" ", "'") and words and not words[-1].isspace() else words


@cache
def _compiled(name: str) -> list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]]:
    language = LANGUAGES[name]
    before, after = (r"(?<![\w{./-])", r"(?<=[\s'])|(?![\w}]|[./-]\w)") if language.has_words else ("", "")
    pad = "" if language.has_words else " "
    return [
        (
            re.compile(rf"{before}(?:{_without_accents(text)})(?:{after})", re.IGNORECASE),
            f"{pad}{english}{pad}" if isinstance(english, str) else english,
        )
        for text, english in language.phrases
    ]


def _without_accents(pattern: str) -> str:
    """The pattern, so that it finds its longer words written without accents, too: "regresion", "hoechstens"."""

    def plain(match: re.Match[str]) -> str:
        word = match[0]
        if word.lower() in _UNFOLDED or (len(word) < LEAST_FOLDED and not re.search("[äöüß]", word)):
            return word
        return "".join(f"(?:{sign}|{_PLAIN[sign]})" if sign in _PLAIN else sign for sign in word)

    return re.sub(
        r"\[[^\]]*\]|\(\?<[=!][^)]*\)|[^\W\d_]+",
        lambda match: match[0] if match[0][0] in "[(" else plain(match),
        pattern,
    )


def _number_words(text: str, name: str) -> str:
    words, places = number_words(name), hundreds(name)

    def value(match: re.Match[str]) -> str:
        plain = [" ".join(part.lower().split()) for part in match.groups(default="")]
        return str(places[plain[0]] + words[plain[1]] if plain[0] else words[plain[2]])

    return _number_pattern(name).sub(value, text)


@cache
def _number_pattern(name: str) -> re.Pattern[str]:
    def any_of(words: Iterable[str]) -> str:
        return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))

    small = [word for word, value in number_words(name).items() if 0 < value < 100]
    composed = rf"({any_of(hundreds(name))})[\s-]?({any_of(small)})"
    return re.compile(rf"(?<![\w-])(?:{composed}|({any_of(number_words(name))}))(?![\w-])", re.IGNORECASE)


def _han_numbers(text: str) -> str:
    """Chinese numerals before a counting word, in digits."""
    counted = (
        r"(?=\s*个?\s*(?:次|轮|组|遍|回|趟|个|路|分钟|分|小时|钟头|秒|天|折|成|"
        r"并行|进程|线程|核|块|张|美元|美金|刀|点|层|棵|倍|并发))"
    )
    text = re.sub(r"(?<=[准高低快慢好大小多少早长短稳近远])一[点些]", "", text)  # "a little more", no number
    percent = re.sub(rf"百分之({CHINESE})", lambda match: f"{chinese_value(match[1])}%", text)
    return re.sub(rf"({CHINESE})[来多]?{counted}", lambda match: str(chinese_value(match[1])), percent)
