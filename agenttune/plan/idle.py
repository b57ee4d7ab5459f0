"""Plain words that no rule knows, in a request that is complete without them: "for breast cancer detection".

Such a word is left aside, and the plan tells so, unless it could matter: a denial, a comparison, the name of a method,
a metric, a parameter, or of what is done to data. Not for: words that are known to ask for nothing (harmless.py).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from functools import cache

from agenttune.cards.data import BUNDLED
from agenttune.cards.estimators import EstimatorCard
from agenttune.cards.families import CARDS, spellings
from agenttune.cards.metrics import METRICS
from agenttune.cards.pipeline import EncodedFacts
from agenttune.plan.harmless import RELATED
from agenttune.plan.reader import NEGATIONS
from agenttune.plan.request import Request
from agenttune.plan.words import NUMBER_WORD
from agenttune.space import Categorical, Ordinal

MOST_WORDS = 8
"""Of a request that are left aside: with more of them, it is not understood."""
LEAST_CHARS, MOST_HAN = 3, 2
"""Of a word that is left aside; shorter ones are symbols. Of signs in a row, Chinese words being short."""
NEAR = 0.84
"""Likeness to a word that matters from which on the two may be the same, misspelt."""

_STEMS = """
    fast quick speed slow rapid soon hurry short long cheap expens light heav few many several couple some dozen half
    double twice triple more less most least fewer under over above below beyond beneath within except unless until
    till before after later earlier every each per minimum maximum minim maxim lower higher large small big tiny huge
    deep wide shallow narrow exact strict always only sole exclusiv solely single multi all both either any other
    another different separate same default automatic manual random grid bayes tpe cma genetic evolution hyperband asha
    halving median optuna hyperopt skopt sobol lattice latin halton surrogate gaussian proposer scheduler pruner prune
    xgb lightgbm lgbm catboost tabnet transformer bert llama qwen gpt mistral resnet cnn rnn lstm gru vit unet autoencod
    perceptron bagging adaboost stacking voting naive linear quadratic polynomial sgd adam solver lbfgs newton kernel
    rbf poly sigmoid cosine relu tanh ensemble cluster kmeans dbscan pca tsne umap anomaly forest tree boost regress
    classif network neural svm svc svr knn ridge lasso elastic mlp logistic perceptr discriminant lda qda gam glm
    recall precision sensitiv specific kappa mcc matthews brier calibrat gini lift gain map ndcg mrr hit rank iou dice
    bleu rouge perplex latency throughput loss error accura score f1 auc roc rmse mae mse mape rmsle r2 deviance hinge
    huber quantile pinball poisson runtime memory energy size cost fair bias robust stab interpret spars varian
    normal standard scal imput balanc oversampl undersampl smote augment stratif shuffl drop remov delet encod onehot
    select featur column row sampl subset filter outlier missing nan weight group time seri split valid test holdout
    fold repeat nested bootstrap leave cross seed reproduc worker parallel thread core cpu gpu device cuda node machine
    cluster slurm kubernetes docker remote cloud batch epoch step layer unit neuron depth width rate momentum decay
    dropout alpha beta gamma lambda penalt regulariz regularis prun learn iter round warm resum continu restart early
    stop patien plateau converg abort kill timeout deadline budget limit cap trial run evaluat attempt experiment
    minute hour second day week month today tonight tomorrow weekend morning evening night noon midnight clock dollar
    euro cent money price spend pay token request ask query model-call prompt api log scale uniform integer discret
    categor continu range between from to constant fix freez frozen keep hold default initial start baseline current
    previous last best-known compare versus plot graph chart save store export deploy upload send email notify publish
    overwrite delete install download pip git commit push sudo ignore skip avoid exclud forbid prohibit never not no
    without neither nor none nothing hardly barely instead rather but however although despite improv optimi increas
    decreas reduc raise maxi mini constraint condition must require objective goal target metric predict forecast label
    response criterion threshold tradeoff pareto multiobjective weighted average sum product ratio percent share
    estimator algorithm dataset database mnist cifar imagenet titanic housing california boston adult covtype fashion
    penguin newsgroup wikipedia movielens kaggle openml huggingface
    nicht nie niemals kein ohne außer ausser statt sondern aber nur wenig schnell langsam kurz lang billig mehr
    weniger über unter mindest höchst bis vor nach jede stunde tag woche sekund minut größ klein niedrig hoch spalte
    merkmal zeile ignorier auslass weglass vermeid schicht baum netz kern tiefe rate genau fehler verlust treffer
    vorher versuch lauf prozess speicher gleich abbrech grenze schranke zwischen von fest skala vergleich speicher
    ne pas jamais sans sauf hors plutôt mais seulement uniquement peu beaucoup rapide vite lent court long moins plus
    sous sur avant après chaque heure jour semaine seconde minute grand petit haut bas colonne ligne ignore exclu évite
    couche arbre réseau noyau profondeur taux précision erreur perte rappel essai processus mémoire limite entre fixe
    échelle compare arrêt
    no nunca jamás sin salvo excepto sino pero solo sólo solamente poco mucho rápid lent cort larg barat menos más bajo
    sobre antes después cada hora día semana segundo minuto grande pequeñ alto columna fila ignora excluy evita capa
    árbol red núcleo profundidad tasa precisión error pérdida prueba proceso memoria límite entre fij escala compara
    para detener parar
""".split()
_SHORT = frozenset(stem for stem in _STEMS if len(stem) <= 4)
_LONG = tuple(sorted({stem for stem in _STEMS if len(stem) > 4}))
_HAN_MATTERS = re.compile(
    "[不没无非别勿禁除仅只快慢短长少多小大高低每各上下前后最更约零一二三四五六七八九十百千万半双倍数列行层树核率度折秒分时天周月限停至到从间内外并或且若]"
)


def idle_words(fragments: Sequence[str], text: str) -> frozenset[str]:
    """The words of what was not understood, if all of them can be left aside; else none.

    A word after "with" or "using" cannot: it says how something is to be done.
    """
    words = [word for fragment in fragments for word in re.split(r"[\s,;:.!?()\"'/-]+", fragment) if word]
    if len(words) > MOST_WORDS or not all(is_idle(word) and not _is_means(word, text) for word in words):
        return frozenset()
    return frozenset(word.lower() for word in words)


def _is_means(word: str, text: str) -> bool:
    means = r"(?:with|using|via|by|on|under)"
    return re.search(rf"(?<!\w){means}\s+(?:an?\s+)?{re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def is_whole(request: Request, before: Request) -> bool:
    """Whether it says what is tuned, on which data or by which metric."""
    family, data = request.family or before.family, request.data or before.data
    program = any(getattr(part, name) for part in (request, before) for name in ("script", "command", "function"))
    return bool((family and data) or (program and (request.metric or before.metric)))


def is_idle(word: str) -> bool:
    """Whether nothing that a request could be about is called so, or nearly so."""
    if re.fullmatch(rf"[\u4e00-\u9fff]{{1,{MOST_HAN}}}", word):
        return _HAN_MATTERS.search(word) is None
    plain = word.lower()
    is_word = plain.isalpha() and plain.isascii() | (plain.upper() != plain) and len(plain) >= LEAST_CHARS
    if not is_word or (word.isupper() and len(word) < 6) or re.search(r"[a-z][A-Z]", word):
        return False
    if plain in NEGATIONS or plain in _SHORT or plain in _known() or re.fullmatch(NUMBER_WORD, plain):
        return False
    if any(plain.startswith(stem) for stem in _LONG) or any(
        plain == stem + end for stem in _SHORT for end in ("s", "es", "e", "ed", "er", "ing", "ly")
    ):
        return False
    return not difflib.get_close_matches(plain, _known(), n=1, cutoff=NEAR)


@cache
def _known() -> frozenset[str]:
    """Every word in the name of a family, a data set, a metric, a parameter or a choice, and words about fields."""
    phrases = [*BUNDLED, *(name for bundled in BUNDLED.values() for name in bundled.synonyms)]
    for card in CARDS.values():
        phrases += [*spellings(card), *_names_in(card)]
    for metric in METRICS.values():
        phrases += [metric.name, metric.title.lower(), *metric.synonyms]
    words = {word for phrase in phrases for word in re.findall(r"[^\W\d_]{3,}", phrase.lower())}
    return frozenset(words | {word for related in RELATED.values() for word in related})


def _names_in(card: EstimatorCard) -> list[str]:
    names = [name for entry in card.aliases.items() for name in (entry[0], *entry[1])]
    for task in card.classes:
        for name, parameter in card.space(EncodedFacts(task), wide=True).parameters.items():
            names.append(name)
            if isinstance(parameter, Categorical):
                names += map(str, parameter.choices)
            elif isinstance(parameter, Ordinal):
                names += map(str, parameter.values)
    return names
