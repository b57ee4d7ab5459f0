"""The person's own words for a part of the English that they were turned into.

Not for: the turning (languages.py, tidying.py).
"""

from __future__ import annotations

import difflib
import re

_TOKEN = re.compile(r"\d+(?:[.,]\d+)+|[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+(?:[.'-][^\W\u4e00-\u9fff]+)*|[^\w\s]")
_SIGNS = str.maketrans("，。、；：！？（）～", ",.,;:!?()~")


def own_words(words: str, plain: str, text: str) -> str:
    """The stretch of a text that was turned into some words; those themselves where it cannot be told.

    Args:
        words: a part of `plain`.
        plain: what the text was turned into.
        text: as it was typed.
    """
    start = plain.find(words)
    if start < 0 or re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text):
        return words
    theirs, ours = list(_TOKEN.finditer(text)), list(_TOKEN.finditer(plain))
    first = 0
    matcher = difflib.SequenceMatcher(None, _plain(ours), _plain(theirs), autojunk=False)
    for at, there, n in matcher.get_matching_blocks():
        for offset in range(n):
            token, own = ours[at + offset], theirs[there + offset]
            if token.end() <= start:
                first = own.end()
            elif token.start() >= start + len(words):
                return _trimmed(text[first : own.start()]) or words
    return _trimmed(text[first:]) or words


def _plain(tokens: list[re.Match[str]]) -> list[str]:
    texts = [token[0].lower().translate(_SIGNS) for token in tokens]
    return [text.replace(",", ".") if text[0].isdigit() else text for text in texts]


def _trimmed(text: str) -> str:
    return text.strip(" \t\n,.;:!?，。、；：！？（）()")
