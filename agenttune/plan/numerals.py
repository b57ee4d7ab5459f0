"""Number words of English, German, French and Spanish, and Chinese numerals, with their values.

Not for: numbers in digits (words.py), what a text states in all (said.py).
"""

from __future__ import annotations

_ONES = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
    "de": "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
    "diecisiete dieciocho diecinueve",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "vingt trente quarante cinquante soixante",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
}
_JOINS = {"en": "{ten}-{one}", "de": "{one}und{ten}", "fr": "{ten}-{one}", "es": "{ten} y {one}"}
_MORE = {
    "en": {
        "single": 1, "once": 1, "twice": 2, "couple": 2, "dozen": 12, "two dozen": 24,
        "half a dozen": 6, "hundred": 100, "thousand": 1000,
    },
    "de": {
        "eins": 1, "einem einzigen": 1, "ein dutzend": 12, "dutzend": 12, "zwei dutzend": 24, "hundert": 100,
        "einhundert": 100, "tausend": 1000, "eintausend": 1000, "dreissig": 30, "einhundertfünfzig": 150,
        "zweihundertfünfzig": 250,
    },
    "fr": {
        "une douzaine": 12, "douzaine": 12, "une dizaine": 10, "une vingtaine": 20, "une trentaine": 30,
        "une cinquantaine": 50, "une centaine": 100, "cent": 100, "cent cinquante": 150, "mille": 1000,
        "vingt et un": 21, "trente et un": 31, "soixante-dix": 70, "soixante-quinze": 75, "quatre-vingt": 80,
        "quatre-vingts": 80, "quatre-vingt-dix": 90,
    },
    "es": {
        "una docena": 12, "docena": 12, "dos docenas": 24, "una decena": 10, "una veintena": 20, "cien": 100,
        "ciento cincuenta": 150, "mil": 1000, "un par de": 2,
        "veintiún": 21, "veintidós": 22, "veintitrés": 23, "veintiséis": 26,
    },
}  # fmt: skip
_ARTICLES = frozenset(["ein", "un", "uno"])
"""They count nothing, unless a unit follows."""
_UMLAUTS = str.maketrans({"ü": "ue", "ö": "oe", "ß": "ss"})
_HUNDRED_FORMS = {
    "de": {"hundert": 100}
    | {
        f"{one}hundert": 100 * value
        for value, one in enumerate("ein zwei drei vier fünf sechs sieben acht neun".split(), start=1)
    },
    "fr": {"cent": 100}
    | {
        f"{one} cent{s}": 100 * value
        for value, one in enumerate("deux trois quatre cinq six sept huit neuf".split(), start=2)
        for s in ("s", "")
    },
    "es": {"ciento": 100}
    | {
        f"{stem}ient{gender}s": 100 * value
        for value, stem in enumerate("dosc tresc cuatroc quin seisc setec ochoc novec".split(), start=2)
        for gender in "oa"
    },
}
"""Language -> hundreds that may have more behind them -> value."""

_CHINESE_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_CHINESE_PLACES = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
CHINESE = "[零〇一二两三四五六七八九十百千万]+"
"""A Chinese numeral, as a pattern."""


def number_words(language: str) -> dict[str, int]:
    """Word -> value, 0 to 99, the hundreds, and a few more."""
    ones, tens = _ONES[language].split(), _TENS[language].split()
    words = dict(zip(ones, range(20), strict=True))
    for value, ten in enumerate(tens, start=2):
        words[ten] = 10 * value
        for one in range(1, 10):
            word = _JOINS[language].format(ten=ten, one=ones[one])
            words[word] = words[word.replace("-", " ")] = 10 * value + one
    if language == "en":
        words |= {f"{ones[digit]} hundred": 100 * digit for digit in range(2, 10)}
    if language == "fr":
        for digit, name in enumerate(ones[10:], start=10):
            words[f"soixante-{name}"] = words[f"soixante {name}"] = 60 + digit
        for digit, name in enumerate(ones[1:], start=1):
            words[f"quatre-vingt-{name}"] = 80 + digit
    words |= hundreds(language)
    if language == "es":
        words |= {f"veinti{word}": 20 + digit for digit, word in enumerate(ones[:10]) if digit}
    if language == "de":
        words |= {word.translate(_UMLAUTS): value for word, value in words.items()}
    return {word: value for word, value in (words | _MORE[language]).items() if word not in _ARTICLES}


def hundreds(language: str) -> dict[str, int]:
    """Hundreds, "zweihundert", behind which there may be a number below a hundred, "zweihundertfünfzig"."""
    return _HUNDRED_FORMS.get(language, {})


def chinese_value(text: str) -> int:
    """The value of a `CHINESE` numeral."""
    total, digit = 0, 0
    for sign in text:
        if sign in _CHINESE_PLACES:
            place = _CHINESE_PLACES[sign]
            total = (total + digit) * place if place == 10_000 else total + (digit or 1) * place
            digit = 0
        else:
            digit = _CHINESE_DIGITS[sign]
    return total + digit
