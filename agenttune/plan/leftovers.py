"""What is to be made of words that no rule read: whether they weigh, and which fields they are about.

Not for: reading (grammar.py), clauses that tell a story (asides.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agenttune.plan.asides import asks_nothing
from agenttune.plan.harmless import RELATED
from agenttune.plan.programs import ALIASES
from agenttune.plan.reader import NEGATIONS, loosely
from agenttune.plan.request import Request

_MOVES = (
    r"(?<!\w)(?:(?:drop|fall|rise|climb|grow|shrink|decreas|sink|increas)(?:e|s|es|ing)?|(?:baj|sub|reduc|reduzc|disminu|caig|crec|crezc|aument"
    r"|desc[ie]|asc[ie]|mejor)\w*|(?:sink|fäll|fall|steig|wachs|wächs|klett)\w*|(?:baiss|diminu|mont|augment|grimp|chut|descend)\w*)(?!\w)"
)
"""Words that tell a direction, where none was read."""
_ABOUT = (
    (r"trials?|repeats?|\d+t|runs?|evaluations|its|iters?|iterations?|rounds?", ("trials",)),
    (r"long|quick\w*|fast|time|minutes?|hours?|seconds?|soon", ("seconds",)),
    (r"workers?|parallel|processes", ("workers",)),
    (r"gpus?", ("gpus",)),
    (r"memory|ram|gb", ("trial_memory",)),
    (r"stop|until|reach\w*|%", ("goal_target",)),
    (r"recall|precision|optimi[sz]\w+|maximi[sz]\w+|minimi[sz]\w+|metrics?", ("metric",)),
    (r"dollars?|cheap\w*|money", ("dollars",)),
)
"""(words of what was not understood, the fields it is about)."""


def fields_of(fragments: Sequence[str], request: Request) -> tuple[str, ...]:
    """The fields that leftover words are about, as far as they tell."""
    text = " ".join(fragments)
    if re.search(r"(?<!\w)(?:touch|chang|tun|vary|alter|modify|fix|leave)\w*", text) and re.search(
        r"not|n't|never|leave", text
    ):
        return ("ranges",)
    found = [
        field
        for words, fields in _ABOUT
        if re.search(rf"(?<!\w)(?:{words})(?!\w)|{'%' if '%' in words else '(?!)'}", text, re.IGNORECASE)
        for field in fields
    ]
    if not found and re.search(r"[a-z_]{2,}\s*[-=:]?\s*\d", text, re.IGNORECASE):
        found = ["ranges"]
    is_program = request.script or request.command or request.function
    if is_program and request.metric is None and found == ["seconds"]:
        found = ["metric"]  # "how fast can it be?"
    if not found and is_program and request.metric is None:
        found = ["metric", "direction"]
    return tuple(found)


def with_nouns(fragments: Sequence[str], text: str) -> list[str]:
    """The fragments, bare numbers with what follows them: "10" of "10 or 20 trials" is about trials."""
    found = []
    for fragment in fragments:
        shape = rf"(?<![\w.]){re.escape(fragment)}((?:\s+(?:or|to|and|maybe|bis)\s+\S+)?\s+\w+)"
        following = re.search(shape, text) if re.fullmatch(r"[\d.,]+", fragment) else None
        found.append(following[0] if following else fragment)
    return found


def related_words(request: Request) -> set[str]:
    """Words about what was read: they ask for nothing more."""
    words = {
        word for field, some in RELATED.items() if getattr(request, field, None) not in (None, ()) for word in some
    }
    wide = [asked for asked in request.ranges if None not in (asked.low, asked.high)]
    if any(asked.log for asked in wide):
        words |= RELATED["log"] - (frozenset() if all(asked.log is not None for asked in wide) else _LOGS)
    if request.family is None:
        own = [request.metric or "", *(text.split()[0] for text in request.constraints)]
        own += [asked.parameter for asked in request.ranges]
        parts = {
            part for name in own for part in (name.lower(), name.lower().replace("_", "-"), *name.lower().split("_"))
        }
        parts |= {
            word for asked in request.ranges for alias in ALIASES.get(asked.parameter, ()) for word in alias.split()
        }
        if request.metric is not None and set(request.metric.lower().split("_")) & _TIMES:
            words |= RELATED["speed"]
        words |= parts - {"max", "min", "log", "num", "no"} - NEGATIONS
    return words


_LOGS = frozenset("log logarithmic logarithmically log-scale logscale log-uniform log-uniformly uniform".split())
"""Of the words about a scale those that give one: left over, they may be meant for a range that has none."""
_TIMES = frozenset("ms us ns s sec secs seconds minutes time latency runtime duration wall tps qps rps fps".split())
"""Parts of a metric's name that make it one of speed."""


def _spells(words: str, metric: str | None) -> bool:
    """Whether words spell a short name out: "character error rate" of cer."""
    initials = "".join(word[0] for word in re.findall(r"[a-z]+", words.lower()))
    return metric is not None and len(metric) > 1 and initials == metric.lower()


_VAGUE_TIMES = re.compile(r"(?:all[-\s](?:night|day|week)|overnight|today)", re.IGNORECASE)
"""Times that say nothing more where a budget is given."""
_UNSCORED = re.compile(
    r"(?<![\w-])(recall|sensitivity|precision|specificity|true\s+positive\s+rate|false\s+(?:positive|negative)\s+rate|mcc|matthews\s+correlation\w*"
    r"|(?:cohen'?s?\s+)?kappa|mape|smape|rmsle|brier(?:\s+score)?|average\s+precision|pr[\s-]auc|auprc|lift|gini|pinball(?:\s+loss)?"
    r"|explained[\s_]variance|top[-\s_](?:k[-\s_])?\d*\s*accuracy|median[\s_]absolute[\s_]error|med(?:ian[\s_])?ae|max(?:imum)?[\s_]error"
    r"|jaccard(?:\s+(?:index|score))?|(?:g[-\s]?mean|geometric\s+mean)|hamming\s+loss|hinge\s+loss|(?:average|balanced)_precision"
    r"|(?:micro|weighted|samples?)[-\s](?:averaged?\s+)?f1|f1[-\s](?:micro|weighted|samples)"
    r"|(?:recall|precision|f1|jaccard|roc_auc)_(?:micro|macro|weighted|samples|ov[ro](?:_weighted)?)|(?:neg|negative)_[a-z0-9_]+)(?!\w)",
    re.IGNORECASE,
)
"""Metrics that people know and no estimator is scored by here."""


def unscored_metric(fragments: Sequence[str], request: Request, text: str) -> str | None:
    """The metric that estimators are not scored by and leftover words are of; None where a program is tuned.

    Args:
        fragments: the leftover words, "median" of "median absolute error".
        request: what was read.
        text: the sentence.
    """
    if request.script or request.command or request.function:
        return None
    for match in _UNSCORED.finditer(text):
        if any(
            re.search(rf"(?<!\w){re.escape(part)}(?!\w)", whole, re.IGNORECASE)
            for part, whole in [(fragment, match[1]) for fragment in fragments]
            + [(match[1], fragment) for fragment in fragments]
        ):
            return match[1]
    return None


_KINDS = {
    "optim": "adam adamw adamax nadam sgd rmsprop adagrad adadelta adafactor lion lbfgs lamb muon",
    "activ": "relu gelu tanh sigmoid silu swish elu selu mish leaky",
    "sched": "cosine linear constant polynomial plateau onecycle",
}
"""Part of a parameter's name -> words that are values of such parameters."""
_STEPS = re.compile(
    r"schritt(?:en|e|weite)?(?!\w)|(?<!\w)(?:par\s+)?pas\s+de\s+\d|(?<!\w)pasos?\s+de(?!\w)|(?<!\w)in\s+steps(?!\w)"
    r"|(?<!\w)steps?\s+(?:of|size)(?!\w)|(?<!\w)increments?(?!\w)|(?<!\w)multiples?(?!\w)|步长|间隔",
    re.IGNORECASE,
)
"""How far values of a range lie apart, where that was not read."""


def follows_name(words: str, text: str, names: Sequence[str], *, in_clause: bool) -> bool:
    """Whether leftover words stand right behind the name of a parameter: they say something of it.

    Args:
        words: a run of them.
        text: the sentence.
        names: of the parameters.
        in_clause: whether all words behind the name count, up to the end of the clause.
    """
    between = r"(?:\s+(?:[^\s,;:.!?()]|[.,](?=\d))+)*?\s+" if in_clause else r"\s+"
    return any(
        re.search(rf"(?<![\w-]){loosely(name)}{between}{re.escape(words)}(?!\w)", text, re.IGNORECASE)
        for name in names
        if len(name) > 1
    )


def is_weighty(words: str, request: Request, names: Sequence[str]) -> bool:
    """Whether leftover words could ask for something.

    Args:
        words: a run of them.
        request: what was read.
        names: parameters of the program that is tuned.
    """
    is_program = (request.script or request.command or request.function) is not None
    if _VAGUE_TIMES.fullmatch(words) and (request.trials or request.seconds or request.deadline):
        return False
    if request.ranges and _STEPS.search(words):
        return True
    if any(
        kind in name.lower() and set(words.lower().split()) & set(values.split())
        for kind, values in _KINDS.items()
        for name in names
    ):
        return True
    if is_program and request.direction is None and re.search(_MOVES, words, re.IGNORECASE):
        return True
    return not (asks_nothing(words, names, of_program=is_program) or _spells(words, request.metric))
