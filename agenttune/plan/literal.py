"""The literal check: what a model read out of a sentence is kept only as far as the sentence says it.

Numbers, spans, sizes, times, names and files must occur in it, converted ("half an hour" is 1800 s); what does not is
taken out, and asked about. A field that people always name, a seed say, also needs its word. Text alone decides: no
model, no data, no settings. Not for: whether "30" is meant for the trials, which no list of words tells, or whether
what is asked can be done (checker.py).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from agenttune.cards.data import BUNDLED
from agenttune.cards.families import CARDS, spellings
from agenttune.cards.metrics import METRICS
from agenttune.errors import ExpressionError
from agenttune.expressions import Expression
from agenttune.plan.deadlines import TOMORROW
from agenttune.plan.languages import in_english
from agenttune.plan.notations import written_out
from agenttune.plan.range_words import EXCLUDING, TO
from agenttune.plan.request import AskedRange, Request
from agenttune.plan.said import clock_times, counts, holds, numbers, shares, sizes, spans
from agenttune.plan.spoken_clock import in_digits
from agenttune.plan.tidying import corrected
from agenttune.plan.words import NUMBER, read_number

ASSUMED: dict[str, object] = {"workers": 1, "gpus": 0, "seed": 0, "folds": 5, "held_out": 0.2, "log": False}
"""Field -> what a plan takes anyway: read without being said, it is left out and nobody is asked."""
INFERRED = frozenset(["task"])
"""Fields that the data decide where nothing is said."""
LEAST_LIKENESS = 0.8
"""Of a misspelt name: "desicion tree" has .92, "random forest" against "decision tree" .46."""

_FAMILIES = {
    "svm": (
        "svc",
        "svr",
        "stützvektor",
        "vecteurs de support",
        "machine à vecteurs",
        "vectores de soporte",
        "支持向量机",
    ),
    "random-forest": ("zufallswald", "forêt aléatoire", "forêts aléatoires", "bosque aleatorio", "随机森林"),
    "extra-trees": ("极端随机树", "极限随机树"),
    "gradient-boosting": ("boosting", "hist gradient boosting", "梯度提升"),
    "decision-tree": ("entscheidungsbaum", "arbre de décision", "árbol de decisión", "决策树"),
    "logistic-regression": ("logistische", "logistischer", "régression logistique", "regresión logística", "逻辑回归"),
    "mlp": ("neuronales netz", "réseau de neurones", "red neuronal", "神经网络", "多层感知机"),
    "knn": ("nächste nachbarn", "plus proches voisins", "vecinos más cercanos", "k近邻", "最近邻"),
    "ridge": ("岭回归",),
    "elastic-net": ("弹性网络",),
}
"""What else families are called: in the languages beside English."""
_METRICS = {
    "accuracy": ("genauigkeit", "exactitude", "précision", "exactitud", "precisión", "准确率", "精度"),
    "error_rate": ("error", "fehler", "fehlerrate", "taux d'erreur", "tasa de error", "错误率", "误差"),
    "rmse": ("error", "fehler", "均方根误差"),
    "mae": ("absoluter fehler", "erreur absolue", "error absoluto", "绝对误差"),
    "mse": ("quadratischer fehler", "erreur quadratique", "error cuadrático", "均方误差"),
    "error": ("error", "fehler", "erreur", "错误率", "误差"),
}
_MORE_IS_BETTER = (
    r"\bmax|maximi|high|larg|more\b|bigger|greater|best|better|top\b|\bup\b|increas|rais|push"
    r"|squeeze|nach oben|\brauf\b|most\b|climb|grow|peak|↑|improv|fast|höch|hoch"
    r"|größ|groß|gross|grand|erhöh|steiger|haut|élev|augment|meilleur|alto|alta|mayor|sub[ai]"
    r"|aument|mejor|最大|最高|越高|提高|尽量高|尽量大"
)
_LESS_IS_BETTER = (
    r"\bmin\b|minim|low|small|little|less\b|least|shrink|\bcut|drop|fall|shorten|trim|↓|reduc|down\b|decreas|fewer|best|better|improv|fast|short|cheap"
    r"|klein|niedrig|nach unten|\brunter\b"
    r"|gering|senk|verringer|bass?e|baiss|bas\b|rédui|petit|moindre|menor|baj[aeo]|reduc|mejor"
    r"|最小|最低|越低|越小|尽可能小|尽可能低|降低|尽量小|尽量低"
)
_CUES = {
    "workers": r"worker|parall[eè]l|at a time|at once|simultan|concurren|same time|gleichzeitig|prozess"
    r"|process|proceso|core|kern|cœur|núcleo|hilo|thread|只跑一个|à la fois|a la vez|jobs|side by"
    r" side|\w+ at a|each gpu|并行|同时|进程",
    "gpus": r"gpu|\b[ahv]100s?\b|\b[hb]200s?\b|\bl40s?\b|\b[34]090s?\b|graphics card|grafikkarte|carte graphique|显卡",
    "seed": r"seed|startwert|zufall|graine|semilla|种子",
    "folds": r"fold|faltung|falten|kreuzvalid|cruzada|croisée|partici|\bplis?\b|pliegue|\bcv\b|折",
    "held_out": r"hold|held|aside|keep|kept|zurück|réserv|reserv|de côté|aparte|\btest|留出|保留",
    "requests": r"request|\bask|\bcalls?\b|anfrage|requête|demande|petici|solicitud|consulta|请求|询问|调用",
    "name": r"call|name|nenn|heiß|appel|nomm|llam|nombr|titul|叫|名",
    "script": r"\.\w+",
    "command": r"[./{]",
}
"""Field -> what stands in every text that gives it a value, in any of the languages."""
_DOLLARS = re.compile(r"\$|\bdollars?\b|\bbucks?\b|\busd\b|\bdólar(?:es)?\b|美元|美金|刀|\bcents?\b", re.IGNORECASE)


_NO_GPU = re.compile(r"\b(?:no|not|never|avoid|without|zero)\b[^.,;]{0,25}\bgpus?\b|\bcpu\b", re.IGNORECASE)
_APART = "\n¶\n"
"""Between a text and its translation, so that no amount reaches from one into the other."""
_ONE = re.compile(
    r"\b(?:eine?[nr]?|une?|una|uno|only one|single|one(?=\s+(?:[ahv]100|[hb]200|l40)))\b|一个|一块", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A value that the sentence does not state."""

    field: str
    """Of `Request`."""
    value: object
    is_asked: bool
    """Whether it must be asked; False where a plan assumes the same or data decide."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What a sentence states, worked out once."""

    text: str
    folded: str
    numbers: frozenset[float]
    left_out: frozenset[float]
    """Numbers that words in front of them leave out wherever they stand: the 4 of "below 4"."""

    @classmethod
    def of(cls, text: str) -> _Said:
        english = in_english(text)
        text = text if english == text else f"{text}{_APART}{english}"
        return cls(text, folded_name(text), numbers(text) | numbers(written_out(text)), _left_out(english))

    def has(self, name: str) -> bool:
        """Whether the name occurs as a word, in any case, its parts joined by blanks, "_" or "-"."""
        folded = folded_name(name)
        whole = rf"(?<![a-z0-9]){re.escape(folded)}(?:e?[sn]|er)?(?![a-z0-9])"
        return bool(folded) and re.search(whole, self.folded) is not None

    def has_any(self, names: Iterable[str]) -> bool:
        """Whether one of the names occurs, or words that are nearly one of them."""
        known = list(names)
        return any(self.has(name) for name in known) or any(self._nearly_has(folded_name(name)) for name in known)

    def _nearly_has(self, name: str) -> bool:
        if len(name) < 5:
            return False
        size, words = len(name.split()), self.folded.split()
        groups = (" ".join(words[at : at + size]) for at in range(len(words) - size + 1))
        return any(difflib.SequenceMatcher(None, name, group).ratio() >= LEAST_LIKENESS for group in groups)


def keep_literal(request: Request) -> tuple[Request, tuple[Dropped, ...]]:
    """The request with only what its own text says, and what was taken out of it."""
    said = _Said.of(request.text)
    request = request.model_copy(update={"ranges": tuple(_with_said_ends(said, entry) for entry in request.ranges)})
    changes: dict[str, Any] = {}
    dropped: list[Dropped] = []
    for name, is_literal in _RULES.items():
        value = getattr(request, name)
        if value is not None and not (_has_cue(said, name) and is_literal(said, value, request)):
            changes[name] = None
            dropped.append(Dropped(name, value, is_asked(request, name, value)))
    for name, keep in (("constraints", _is_constraint_said), ("ranges", _is_range_said)):
        entries = getattr(request, name)
        kept = tuple(entry for entry in entries if keep(said, entry, request))
        if kept != entries:
            changes[name] = kept
            dropped += [Dropped(name, entry, True) for entry in entries if entry not in kept]
    scales = tuple(_with_said_scale(said, entry) for entry in changes.get("ranges", request.ranges))
    return request.model_copy(update={**changes, "ranges": scales}), tuple(dropped)


def unread(fragments: Iterable[str], request: Request) -> list[str]:
    """Words of its text that name no value of the request, and on which none rests: the other words state them all."""
    whole, _ = keep_literal(request)
    given = whole.given()
    names = [*given.values(), *(name for asked in whole.ranges for name in (asked.parameter, *asked.values))]
    known = {folded_name(name) for name in names if isinstance(name, str)}

    def is_stated_without(words: str) -> bool:
        rest = re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", " … ", request.text)
        without = keep_literal(request.model_copy(update={"text": rest}))[0].given()
        return all(without.get(name) == value or not is_asked(request, name, value) for name, value in given.items())

    return [words for words in fragments if folded_name(words) not in known and is_stated_without(words)]


def is_asked(request: Request, name: str, value: object) -> bool:
    """Whether a value has to be asked for if it is not said: neither the data nor what is assumed give it."""
    if name in INFERRED or (name in ASSUMED and ASSUMED[name] == value):
        return False
    is_told = request.metric in METRICS or request.family in CARDS  # a metric tells its own
    return not (name == "direction" and is_told)


def _has_cue(said: _Said, name: str) -> bool:
    return name not in _CUES or re.search(_CUES[name], said.text, re.IGNORECASE) is not None


# -- rules: (what is said, value, request) -> whether the sentence states it -----------------------


def _count(said: _Said, value: int, request: Request) -> bool:
    return holds(counts(said.text), value) or (value == 1 and _ONE.search(said.text) is not None)


def _gpus(said: _Said, value: int, request: Request) -> bool:
    """The count, or 0 of "no GPU", "on the CPU only"."""
    return _count(said, value, request) or (value == 0 and _NO_GPU.search(said.text) is not None)


def _span(said: _Said, value: float, request: Request) -> bool:
    return holds(spans(said.text) | spans(written_out(said.text)), value)


def _size(said: _Said, value: int, request: Request) -> bool:
    return value in sizes(said.text)


def _share(said: _Said, value: float, request: Request) -> bool:
    return holds(shares(said.text), value)


def _dollar_amount(said: _Said, value: float, request: Request) -> bool:
    return bool(_DOLLARS.search(said.text)) and holds(said.numbers, value)


def _clock(said: _Said, value: str, request: Request) -> bool:
    clock = value.strip().removeprefix(TOMORROW)
    is_of_tomorrow = clock != value.strip()
    if is_of_tomorrow and not re.search(r"tomorrow|morgen|demain|mañana|明", said.text, re.IGNORECASE):
        return False
    return clock.replace(" ", "T")[:16] in clock_times(said.text) | clock_times(in_digits(said.text))


def _family(said: _Said, value: str, request: Request) -> bool:
    known = [*spellings(CARDS[value]), *_FAMILIES.get(value, ())] if value in CARDS else [value]
    return said.has_any(known)


def _metric(said: _Said, value: str, request: Request) -> bool:
    metric = METRICS.get(value)
    known = [value] if metric is None else [value, metric.title, *metric.synonyms]
    return said.has_any([*known, *_METRICS.get(value, ())])


def _data(said: _Said, value: str, request: Request) -> bool:
    bundled = BUNDLED.get(value)
    return said.has_any([value, *bundled.synonyms]) if bundled else said.has(value.removeprefix("./"))


def _name(said: _Said, value: str, request: Request) -> bool:
    return said.has(value)


def _path(said: _Said, value: str, request: Request) -> bool:
    return said.has(value.removeprefix("./"))


def _function(said: _Said, value: str, request: Request) -> bool:
    """Both parts occur, if not side by side: "the function objective in objective.py"."""
    file, _, function = value.rpartition(":")
    return said.has(function) and (not file or said.has(file.removeprefix("./")))


def _command(said: _Said, value: str, request: Request) -> bool:
    """It stands there as it is, but for what runs a script: "python", "./"."""
    text = " ".join(said.text.split())
    return " ".join(re.sub(r"^\s*(?:python3?\s+|\./)", "", value).split()) in text


def _direction(said: _Said, value: str, request: Request) -> bool:
    pattern = _MORE_IS_BETTER if value == "maximize" else _LESS_IS_BETTER
    return re.search(pattern, said.text, re.IGNORECASE) is not None


def _task(said: _Said, value: str, request: Request) -> bool:
    stem = r"cl?ass|klass|svc\b|分类" if value == "classification" else r"regress|régress|regres|svr\b|回归"
    return re.search(stem, said.text, re.IGNORECASE) is not None


_RULES: dict[str, Callable[[_Said, Any, Request], bool]] = {
    "family": _family,
    "task": _task,
    "data": _data,
    "target": _name,
    "metric": _metric,
    "direction": _direction,
    "goal_target": _share,
    "trials": _count,
    "seconds": _span,
    "trial_seconds": _span,
    "trial_memory": _size,
    "workers": _count,
    "gpus": _gpus,
    "seed": _count,
    "name": _name,
    "folds": _count,
    "held_out": _share,
    "command": _command,
    "script": _path,
    "function": _function,
    "deadline": _clock,
    "dollars": _dollar_amount,
    "requests": _count,
}
"""Field -> whether the sentence states that value of it."""


def _is_constraint_said(said: _Said, text: str, request: Request) -> bool:
    """Whether it is a condition whose names and numbers all occur."""
    try:
        expression = Expression(text)
    except ExpressionError:
        return False
    plain = re.sub("|".join(map(re.escape, sorted(expression.names, key=len, reverse=True))) or r"(?!)", " ", text)
    bounds = [float(number) for number in re.findall(r"\d+(?:\.\d+)?(?:e[-+]?\d+)?|\.\d+", plain, re.IGNORECASE)]
    return (
        expression.is_condition
        and all(said.has(name) for name in expression.names)
        and all(holds(said.numbers, bound) for bound in bounds)
    )


def _is_range_said(said: _Said, asked: AskedRange, request: Request) -> bool:
    """Whether the parameter, and each bound or value, occurs."""
    values = [value for value in (asked.low, asked.high, *asked.values) if value is not None]
    return said.has_any(names_of(asked.parameter, request.family)) and all(
        _is_value_said(said, each) for each in values
    )


def _is_value_said(said: _Said, value: object) -> bool:
    if isinstance(value, bool):
        return True  # on, off, yes, no, with, without: no list of words is complete
    return holds(said.numbers, value) if isinstance(value, int | float) else said.has(str(value))


def _with_said_scale(said: _Said, asked: AskedRange) -> AskedRange:
    """The range without a scale of which nothing was said."""
    is_said = re.search(r"log|linear|lineal|linéaire|对数|线性", said.text, re.IGNORECASE) is not None
    return asked if is_said or asked.log is None else asked.model_copy(update={"log": None})


def _with_said_ends(said: _Said, asked: AskedRange) -> AskedRange:
    """The range with its ends as they are said, and whether they are left out: "below 4" is neither 3 nor up to 4."""
    low, high = asked.low, asked.high
    if low is not None and low not in said.numbers and low - 1 in said.left_out:
        low -= 1
    if high is not None and high not in said.numbers and high + 1 in said.left_out:
        high += 1
    is_out = {"low_excluded": low in said.left_out or None, "high_excluded": high in said.left_out or None}
    return asked.model_copy(update={"low": low, "high": high, "is_whole": None, **is_out})  # no form asks for kinds


def _left_out(english: str) -> frozenset[float]:
    """Whole numbers that are left out at each place; "never below 4" and "over 4 to 8" leave none out."""
    plain, _ = corrected(english)
    found: dict[bool, set[float]] = {True: set(), False: set()}
    for match in re.finditer(NUMBER, plain, re.IGNORECASE):
        words = re.search(rf"(\w+\s+){{0,3}}(?:{EXCLUDING})\s*$", plain[: match.start()], re.IGNORECASE)
        is_denied = words is not None and re.search(r"\b(?:no|not|never)\b", words[0], re.IGNORECASE) is not None
        is_range = re.match(rf"\s*{TO}\s*\d", plain[match.end() :], re.IGNORECASE) is not None
        found[words is not None and not is_denied and not is_range].add(float(read_number(match[0])))
    return frozenset(number for number in found[True] - found[False] if number.is_integer())


def names_of(parameter: str, family: str | None) -> Collection[str]:
    """How people call a parameter."""
    aliases = CARDS[family].aliases.get(parameter, ()) if family in CARDS else _usual_names().get(parameter, ())
    return [parameter, *aliases, *_usual_names().get(parameter, ())]


@cache
def _usual_names() -> dict[str, tuple[str, ...]]:
    """Option of a script -> how people call it, from what they call parameters of estimators."""
    rates = ("learning rate", "step size", "lernrate", "taux d'apprentissage", "tasa de aprendizaje", "学习率")
    return {
        "lr": rates,
        "learning_rate": ("lr", *rates),
        "batch_size": ("batch", "bs", "lote", "taille de lot", "batch größe", "批大小"),
        "weight_decay": ("wd", "权重衰减"),
        "n_estimators": ("bäume", "bäumen", "arbres", "árboles", "树的数量"),
        "kernel": ("noyau", "núcleo", "核函数"),
        "bs": ("batch size",),
    }


def folded_name(text: str) -> str:
    """A name with its case and what joins its parts left out."""
    return re.sub(r"[\s_\-’']+", " ", text.lower()).strip()
