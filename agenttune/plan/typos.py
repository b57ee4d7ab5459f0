"""Words that are nearly one of the grammar's own, mended; what was taken for what is told.

Only words that were not understood are touched, and only where one known word is clearly the nearest. Numbers, names
with digits or underscores, and short words are left alone.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from functools import cache

from agenttune.cards.data import BUNDLED
from agenttune.cards.families import CARDS, spellings
from agenttune.cards.metrics import METRICS
from agenttune.plan.harmless import FILLERS

LEAST_CHARS = 5
"""Of a word that is mended: shorter ones are near too many others."""
NEAR = 0.8
"""Ratio of `difflib`: "regresion" and "regression" have .95, "trails" and "trials" .83. Letters that changed places,
"desicion", count as near in any case."""
VERY_NEAR = 0.88
"""As "acuracy" and "accuracy", .93."""
WORDS = (
    "trials should minutes hours seconds workers accuracy parallel maximise minimise maximize minimize between random "
    "predict target column memory stopping folds cross-validation classification regression neighbours neighbors"
).split()
_OTHER_WORDS = frozenset(["median", "micro"])
"""Near a known word, and right as they are."""


def mended(text: str, fragments: Sequence[str], plain: Sequence[str] = ()) -> tuple[str, list[tuple[str, str]]]:
    """(the sentence with near misses among the words of `fragments` mended, [(written, taken for)]).

    Args:
        text: the sentence.
        fragments: what of it was not understood.
        plain: what of it asks for nothing as it stands: of these words only very near misses are mended.
    """
    changes: list[tuple[str, str]] = []
    for some, cutoff in ((fragments, NEAR), (plain, VERY_NEAR)):
        for word in re.findall(rf"[^\W\d_]{{{LEAST_CHARS},}}", " ".join(some)):
            near = _nearest(word.lower(), cutoff)
            if near is not None and near != word.lower():
                changes.append((word, near))
    for word, near in changes:
        text = re.sub(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", near, text)
    return text, changes


def _nearest(word: str, cutoff: float) -> str | None:
    if word in _vocabulary() or word in FILLERS or word in _OTHER_WORDS:
        return None
    known_words = [known for known in sorted(_vocabulary()) if known[0] == word[0]]  # an "expression" is no regression
    near = difflib.get_close_matches(word, known_words, n=1, cutoff=cutoff)
    swapped = [known for known in known_words if sorted(known) == sorted(word)]
    found = swapped or near
    return found[0] if found else None


@cache
def _vocabulary() -> frozenset[str]:
    phrases = [*WORDS, *BUNDLED]
    for bundled in BUNDLED.values():
        phrases += bundled.synonyms
    for card in CARDS.values():
        phrases += spellings(card)
    for metric in METRICS.values():
        phrases += [metric.name, metric.title.lower(), *metric.synonyms]
    return frozenset(word for phrase in phrases for word in re.findall(r"[a-z]{4,}", phrase.lower()))
