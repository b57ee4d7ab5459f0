"""What is understood, by rule, to name the nearest to what was not. A test reads every one of them."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache

from agenttune.agent.offline.phrases import language

EXAMPLES = {
    "at_most": "cap batch_size at 256",
    "at_least": "batch_size at least 32",
    "below": "keep latency_ms below 20",
    "raise": "raise lr to 0.5",
    "raise_high": "raise the upper limit of lr to 0.5",
    "lower": "lower lr to 1e-6",
    "between": "lr between 1e-4 and 1e-2",
    "also": "also try adamw",
    "drop": "exclude sgd",
    "drop_anything": "drop sgd",
    "only": "only adam and sgd",
    "fix": "fix gamma at 0.1",
    "add_parameter": "also tune weight_decay between 1e-6 and 1e-2 log",
    "constrain": "require batch_size * n_layers < 4096",
    "try": "try C=10 with an rbf kernel",
    "more_trials": "ten more trials",
    "total_trials": "100 trials in all",
    "more_time": "another 10 minutes",
    "total_time": "at most 2 hours in all",
    "trial_seconds": "stop anything slower than 30 s",
    "workers": "use at most 4 workers",
    "target": "stop when accuracy reaches 0.98",
    "pause": "pause",
    "go_on": "go on",
    "stop": "stop after the running trials",
    "kill": "kill it",
    "undo": "undo",
    "status": "how is it going",
    "best": "best 5 trials",
    "show_trial": "show trial 7",
    "explain": "why trial 7?",
    "log": "show the log of trial 4",
    "compare": "compare 3 and 7",
    "lessons": "what did we learn",
    "failures": "what failed and why",
    "next_ideas": "what would you try next",
    "outlook": "is it worth going on",
    "predict": "what would C=10 give",
    "note": "note that the data changed",
    "confirm": "confirm the winner",
    "plot": "plot it to study.png",
    "export": "export the study to study.csv",
    "export_best": "export the best as flags to best.txt",
    "create": "tune an SVM on digits for accuracy, 30 trials",
    "list_studies": "list the studies",
    "open_latest": "open the latest study",
    "list_files": "list the files",
    "read_file": "show train.py",
    "profile": "describe data.csv",
    "inspect": "inspect train.py",
}
_COMMON = frozenset(
    """
    a an and are at be can could do does for from have how i in is it me my not of on or should so that the there this
    to use was what which will with would you your
    """.split()
)
"""Words that tell nothing about a rule."""
_LEAST = 1.5
"""Information that shared words must carry, in nats: one word that a fifth of the rules have."""


def nearest(text: str) -> str | None:
    """The example of the rule whose phrases share the most telling words with a text; None where none does."""
    said = set(re.findall(r"\w+", text.lower())) - _COMMON
    scores: dict[str, float] = {}
    for rule, words, information in _phrases():
        shared = sum(information[word] for word in said & words)
        scores[rule] = max(scores.get(rule, 0.0), shared)
    rule = max(scores, key=lambda entry: scores[entry])
    return EXAMPLES[rule] if scores[rule] >= _LEAST else None


@cache
def _phrases() -> list[tuple[str, frozenset[str], dict[str, float]]]:
    """(rule, words of a phrase, information of each word: how few rules have it)."""
    phrases = [phrase for phrase in language("en").phrases if phrase.rule in EXAMPLES]
    rules_of = Counter(word for word, _ in {(word, phrase.rule) for phrase in phrases for word in phrase.words})
    information = {word: math.log(len(EXAMPLES) / n) for word, n in rules_of.items()}
    return [(phrase.rule, phrase.words, information) for phrase in phrases]
