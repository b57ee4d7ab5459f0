"""Clauses that tell a story and ask for nothing: "for my thesis I have to compare a few things".

A clause goes only if it is plainly narrative, and names nothing that a request could be about. Not for: clauses that
ask for something, of which every word counts (grammar.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from agenttune.cards.data import BUNDLED
from agenttune.cards.families import CARDS, spellings
from agenttune.cards.metrics import METRICS
from agenttune.plan.reader import loosely
from agenttune.plan.words import NUMBER_WORD

_CLAUSE = re.compile(r".+?(?:[,.;:!?\n]+(?=\s|$)|$)", re.DOTALL)
_NARRATIVE = re.compile(
    r"(?<!\w)(?:i|i'm|i've|i'd|i'll|we|we're|we've|my|our|us|me|he|she|his|her|they|their|sorry|hope|because|everybody"
    r"|it's|it\s+is|that's|this\s+is|never\s+mind)(?!\w)",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"(?<!\w)(?:want\w*|need\w*|must|should|shall|only|use|using|uses|optimi[sz]\w*|tun(?:e|ed|ing)|improv\w*|minimi\w*|maximi\w*|best|better"
    r"|good|great|prefer\w*|ensure|sure|keep\w*|avoid\w*|care|cares|accura\w*|precis\w*|recall|sensitivity|specificity|calibrat\w*"
    r"|fast\w*|quick\w*|slow\w*|cheap\w*|long|short\w*|time|late|soon|hurry|today|tonight|tomorrow|overnight|week\w*|deadline|memory|ram|small\w*|large\w*|big\w*|few\w*|many|much|more|less|most|least|fewer"
    r"|high\w*|low\w*|max\w*|min\w*|no|not|none|never|without|except|don'?t|doesn'?t|didn'?t|can'?t|cannot|won'?t|isn'?t|aren'?t|instead|but|rather|ignor\w*|skip\w*|exclud\w*"
    r"|column\w*|feature\w*|target\w*|label\w*|predict\w*|class\w*|regress\w*|cluster\w*|fold\w*|valid\w*|test\w*|split\w*|seed\w*|random\w*|repeat\w*"
    r"|gpu\w*|cpu\w*|core\w*|worker\w*|parallel\w*|process\w*|thread\w*|trial\w*|run\w*|evaluation\w*|iteration\w*|budget\w*|limit\w*|stop\w*|until|before|after"
    r"|second\w*|minute\w*|hour\w*|day\w*|dollar\w*|money|cost\w*|kernel\w*|depth\w*|tree\w*|layer\w*|rate\w*|batch\w*|epoch\w*|dropout|alpha|gamma|log\w*|param\w*|range\w*"
    r"|boost\w*|forest\w*|net\w*|transformer\w*|model\w*|xgb\w*|lightgbm|lgbm|catboost|bayes\w*|grid|search\w*|latency|throughput|error\w*|loss\w*|score\w*|metric\w*"
    r"|set|take|go\s+with|choose|pick|call\w*|name\w*|same|default\w*|fix\w*|constant|between|from|per|each|every|half|double|twice|dozen|hundred|percent|all)(?!\w)",
    re.IGNORECASE,
)
_OF_DATA = re.compile(
    r"(?:column|feature|target|label|predict|class|regress|cluster|fold|valid|test|split|kernel|depth|tree|layer|boost|calibrat"
    r"|forest|net|transformer|model|xgb|lightgbm|lgbm|catboost|name|call)\w*",
    re.IGNORECASE,
)
"""Of those words the ones that ask for nothing where a program is tuned: it has no data, and its metric is read."""
_PRODUCT = re.compile(r"(?<![\w.])[A-Za-z]+(?:-[A-Za-z]+)*-?\d+[A-Za-z]*(?![\w=.]\w|\w|=|\s*[<>=:])")
"""A word that ends in a number, "x264": the name of a thing, unless it may be a setting."""
_SIGNS = re.compile(r"[\d_{}<>=%$/\\\[\]()\"]|\.\w|--|\w-\w")
MOST_WORDS = 14
"""Of a clause that goes: longer ones are likely to say more than one thing."""


def without_asides(text: str) -> str:
    """The text without its narrative clauses; all of it, where nothing else would be left."""
    clauses = _CLAUSE.findall(text)
    kept = [clause for clause in clauses if not _is_aside(clause)]
    return "".join(kept) if any(re.search(r"\w", clause) for clause in kept) else text


def _is_aside(clause: str) -> bool:
    return (
        _NARRATIVE.search(clause) is not None
        and len(clause.split()) <= MOST_WORDS
        and _SIGNS.search(clause.rstrip(" ,.;:!?\n")) is None
        and _ASKS.search(clause) is None
        and _names().search(clause) is None
    )


def asks_nothing(words: str, names: Sequence[str] = (), *, of_program: bool = False) -> bool:
    """Whether words that nobody read can be left aside: they name, count, limit and deny nothing that a study knows.

    Args:
        words: a run of words.
        names: parameters of the program that is tuned.
        of_program: whether a program is tuned: no data, estimator or kernel is asked for then.
    """
    own = "|".join(loosely(name) for name in names)
    if of_program:
        words = _PRODUCT.sub(lambda match: match[0] if _may_be_setting(match[0]) else " ", words)
        words = re.sub(r"(?<![\w.])\d+(?:\.\d+)?[BM](?!\w)", " ", words)  # the size of a language model
        words = re.sub(r"(?<=[A-Za-z])-(?=[A-Za-z])", " ", words)
    asking = [match for match in _ASKS.finditer(words) if not (of_program and _OF_DATA.fullmatch(match[0]))]
    return (
        _SIGNS.search(words) is None
        and not asking
        and _names(of_program).search(words) is None
        and not (own and re.search(rf"(?<!\w)(?:{own})(?!\w)", words, re.IGNORECASE))
    )


def _may_be_setting(word: str) -> bool:
    """Whether a word with a number says something: "seed7", "p99", "A100", "k5"."""
    letters = re.match(r"[A-Za-z-]+", word)
    assert letters is not None  # so does the pattern begin
    digits = re.sub(r"\D", "", word)
    is_short = len(letters[0].strip("-")) < 2 and len(digits) < 3
    is_card = re.fullmatch(r"[a-z]\d{2,3}s?|p\d\d+", word, re.IGNORECASE) is not None and word.lower()[0] in "ahbvlptk"
    return is_short or is_card or _ASKS.fullmatch(letters[0].strip("-")) is not None


@cache
def _names(of_program: bool = False) -> re.Pattern[str]:
    """Everything that a request could name, and numbers."""
    known = [] if of_program else [name for bundled in BUNDLED.values() for name in bundled.synonyms] + list(BUNDLED)
    for card in () if of_program else CARDS.values():
        known += spellings(card)
        known += [name for name, aliases in card.aliases.items() for name in (name, *aliases)]
    for metric in METRICS.values():
        known += [metric.name, metric.title, *metric.synonyms]
    words = "|".join(re.escape(name) for name in sorted(set(known), key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{words}|{NUMBER_WORD})(?!\w)", re.IGNORECASE)
