"""French phrases of requests, and the English that the grammar reads for them; the longer before the shorter.

Not for: numbers (numerals.py), how the tables are used (languages.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agenttune.plan.clock import until
from agenttune.plan.little_words import LITTLE_WORDS

_TRIAL = r"(?:essai|exécution|évaluation|simulation|entraînement|lancement|run|mesure|tentative|tirage|test)"
_SMALL = r"(?:petite?|bas(?:se)?|faible|réduite?|courte?)s?"
_LARGE = r"(?:grande?|haute?|élevée?|forte?)s?"
_CAN = r"(?:possible|(?:que |qu')(?:possible|tu (?:le )?peux|vous (?:le )?pouvez|on peut|faire se peut))"
_TOUCH = r"(?:touche[rz]?|change[rz]?|modifie[rz]?|bouge[rz]?)"
_WORD = r"[a-zéèêëàâîïôûùç]+"
_THE = r"(?:la |le |les |l'|cette |ce |mon |ma |notre )?"
_METRIC = r"(?:log loss|mean (?:absolute|squared) error|balanced accuracy|error rate|[a-z]\w*)"
_FALL = r"(?:descend(?:re|e|ent)?|baiss(?:er|e|ent)|diminu(?:er|e|ent)|chut(?:er|e))"
_RISE = r"(?:mont(?:er|e|ent)|grimp(?:er|e)|augment(?:er|e|ent))"
_FAR = (
    r"(?: (?:le plus(?: bas| haut)?(?: que)?(?: possible| tu peux)?|au (?:maximum|max|minimum)"
    r"|autant que (?:possible|tu peux|faire se peut)|tant que possible|beaucoup))?"
)
_END = r"(?=\s*(?:[.,;:)\n]|$|et |mais ))"
_MUST = r"(?:qu[e']|doit|doivent|devrait|il faut qu[e']|faut qu[e'])"
_CLOCK = (
    r"(?P<begin>jusqu'à|jusque|avant|d'ici(?: à)?|au plus tard(?: à| pour| avant)?|(?:terminer|finir|fini|prêt"
    r"|terminé)(?:e?s?) (?:avant|à|pour)|pour)"
    r"(?P<day> (?:ce soir|cet après-midi|demain(?: matin| soir| midi)?|aujourd'hui))?(?:,? (?:à|vers))?"
    r" (?P<hour>\d{1,2}) ?(?P<unit>h(?:eures?)?|:)(?: ?(?P<minute>\d\d)(?!\d)| (?P<part>et demie?"
    r"|et quart|moins (?:le )?quart))?"
    r"(?P<half> (?:du soir|ce soir|de l'après-midi|du matin|demain matin|pile|précises))?"
)


def _until(match: re.Match[str]) -> str:
    part, half, hour = match["part"] or "", f"{match['day'] or ''}{match['half'] or ''}", int(match["hour"])
    begin, is_plain = match["begin"].lower(), not (match["minute"] or part or half)
    is_long = begin == "jusqu'à" and not half and match["unit"].lower().startswith("heure")
    if (is_plain and (begin == "pour" or (begin == "d'ici" and hour <= 6))) or is_long:
        return match[0]  # "pour 8 h", "d'ici 2 h" and "jusqu'à 8 heures" are spans
    minute = 30 if "demi" in part else -15 if "moins" in part else 15 if part else match["minute"]
    return until(hour, minute, is_late=re.search(r"soir|après", half, re.IGNORECASE) is not None)


def _to_the_end(match: re.Match[str]) -> str:
    """ "R² au maximum", but "20 essais au maximum" is a limit."""
    if re.match(r"essai|trial|run|minute|hour|heure|h$|second|jour|gpu|worker|test|exécution", match[1]):
        return match[0]
    return f"{match[1]} as {'low' if ' min' in match[0] else 'high'} as possible"


PHRASES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"(\w+)-(?:moi|nous|toi|vous|les?|la|lui|leur|en|tu|t-(?:il|elle|on))", r"\1"),
    (_CLOCK, _until),
    # what says nothing
    (r"(?:bonjour|bonsoir|salut|coucou)(?: (?:à tous|tout le monde|l'équipe))?", "the"),
    (
        r"merci(?: (?:beaucoup|bien|d'avance|à (?:toi|vous)|par avance|infiniment))*|s'il (?:te|vous) plaît|svp|stp",
        "the",
    ),
    (
        r"(?:ça |cela )?n'a (?:aucun|pas de) sens(?: au-delà)?|n'importe (?:quoi|lequel|comment)|pas de (?:souci"
        r"|problème|panique)|peu importe",
        "the",
    ),
    (
        r"(?:est |reste |sont )?(?:coincée?s?|bloquée?s?|plafonne(?:nt)?|stagne(?:nt)?|bloque(?:nt)?) (?:à"
        r"|autour de) [-\d.]+ ?%?",
        "the",
    ),
    (
        r"(?:la|le|notre|mon) (?:gpu|carte graphique|machine|serveur|cluster|ordinateur|pc) (?:est|sera"
        r"|reste) (?:libre|disponible|dispo)",
        "the",
    ),
    (r"pas (?:une|un) (?:minute|seconde|heure|essai) de plus", "the"),
    (r"(?:c'est |ça |il )?le but,? (?:c'est|est|étant)(?: d['e'])?|le but", "the"),
    (r"de manière à|de façon à|afin de|afin d'|histoire de", "the"),
    (r"(?:en fait|finalement|en réalité|tout compte fait),?", "actually"),
    (
        r"(?:(?:il )?n'y a pas|pas besoin|sans besoin|n'utilise(?:r|z)? (?:pas|aucune?)|n'ai pas"
        r"|sans utiliser|sans|pas)(?: (?:de|d'une?|la|une?))* ?(?:gpu|carte graphique)",
        "no gpu",
    ),
    (
        rf"(?:pas besoin|inutile|ce n'est pas la peine|pas la peine) (?:de |d'|que |qu')(?:{_WORD} ?){{1,6}}?{_END}",
        "never mind that",
    ),
    (r"autrement dit|c'est-à-dire|rien d'autre|jette[rz]? un œil à|voyons|c'est tout", "the"),
    (r"bancs? d'essais?", "bench"),
    (
        r"(?:la |le )?(?:métrique|mesure|critère)(?: \w+){0,2}? (?:s'appelle|se nomme|est|c'est)(?= (?:la |le |l')?\w)",
        "metric ",
    ),
    (
        r"(?:la |le )?(colonne|cible|script|fonction|fichier|paramètre|variable)(?: \w+)? (?:s'appelle"
        r"|se nomme)(?= \w)",
        r"\1",
    ),
    (r"(?:,? ?et )?pas (?:plus|davantage)(?=\s*(?:[.,;!)]|$))", ""),
    # what is to be predicted
    (r"prédi(?:s|re|t|sez|ction|rait|sant)|prévoir|prévoi[ts]|estimer", "predict"),
    (r"(?:la )?(?:colonne |variable )?cible|étiquette", "target"),
    (r"colonne", "column"),
    # estimators
    (r"classifieurs?|classificateurs?", "classifier"),
    (r"régresseurs?", "regressor"),
    (r"régression (?:ridge|de crête)|ridge", "ridge"),
    (r"régression lasso|lasso", "lasso"),
    (r"régression logistique", "logistic regression"),
    (r"(?:les |des |k )?(?:k[- ])?plus proches voisins|kppv", "k nearest neighbours"),
    (r"(?:machines? à|séparateurs? à vaste marge)(?: vecteurs (?:de )?supports?)?", "svm"),
    (r"perceptrons? multi-?couches?(?: \(mlp\))?|réseaux? de neurones", "neural network"),
    (r"boosting de gradient|gradient boosting|gradient boosté|boosting|arbres boostés", "gradient boosting"),
    (r"forêts? d'arbres(?: aléatoires)?|forêts? aléatoires?", "random forest"),
    (r"arbres? de (?:décision|classification)", "decision tree"),
    # parameters
    (r"noyaux?", "kernel"),
    (r"degré", "degree"),
    (r"(?:taux|pas) d'apprentissage", "learning rate"),
    (r"taille (?:de(?:s)? |du )?(?:lots?|batch(?:es)?|mini-?batch)", "batch size"),
    (r"(?:nombre d')?époques", "epochs"),
    (r"profondeurs?(?: maximale| max)?", "depth"),
    (r"(?:nombre de )?couches(?: cachées)?", "layers"),
    (r"nombre d'arbres|arbres(?! de)", "trees"),
    (r"(?:nombre de )?voisins", "neighbors"),
    (
        rf"(?:ne |n'|sans )(?:surtout )?(?:pas )?{_TOUCH} (?:surtout|jamais|pas|absolument)?(?: (?:surtout|jamais"
        rf"|pas|absolument|à|aux?|la|les?))*(?: l')?",
        "don't touch",
    ),
    (
        r"(?:(?:le|la|les) )?(\w+) (?:reste(?:nt)?|demeure(?:nt)?) (?:tel(?:le)?s? quel(?:le)?s?|inchangée?s?"
        r"|comme (?:il|elle) est|par défaut)",
        r", don't touch \1",
    ),
    (r",? ?(?:fixée?s? à|constante? à|reste(?:r)? à|bloquée?s? à)", " fixed at"),
    (r"(?:de )?([-+.\d]\S*) (?:à|jusqu'à) ([-+.\d][\d.e+-]*)(?! ?h(?:eures)?(?!\w))", r"from \1 to \2"),
    (r"entre (\S+) et (\S+)", r"between \1 and \2"),
    (r"va|vont|varie(?:nt)?|allant|variant", "goes"),
    (r"parmi|choisi(?:e|s)? (?:parmi|entre)|au choix(?: (?:parmi|entre))?|soit|l'une? de", "one of"),
    (r"puissances de (?:2|deux)", "powers of 2"),
    (r"(?:en |sur |à |avec )?(?:une |l')?échelle log(?:arithmique)?|logarithmique(?:ment)?|en log", "log"),
    # metrics
    (r"erreur absolue(?: moyenne)?", "mean absolute error"),
    (r"(?:racine (?:carrée )?de l')erreur quadratique(?: moyenne)?", "rmse"),
    (r"erreur quadratique(?: moyenne)?", "mean squared error"),
    (r"taux d'erreurs?", "error rate"),
    (r"(?:l')?erreur(?!\w)", "error"),
    (r"(?:exactitude|précision) (?:équilibrée|balancée)", "balanced accuracy"),
    (r"(?:score|mesure) f1|f1[- ]score", "f1"),
    (r"(?:aire|surface) sous la courbe(?: roc)?", "auc"),
    (r"perte logarithmique|entropie croisée", "log loss"),
    (r"coefficient de détermination|r²", "r2"),
    (r"rappel|sensibilité", "recall"),
    (r"précision|exactitude|justesse", "accuracy"),
    (r"métrique", "metric"),
    (
        rf"sans qu[e'] ?{_THE}(\w+) (?:ne )?(?:dépasse|excède|monte (?:au-dessus de|à)|passe (?:au-dessus de"
        rf"|au-delà de))(?= [\d.])",
        r"with \1 at most",
    ),
    (
        rf"sans qu[e'] ?{_THE}(\w+) (?:ne )?(?:descende|tombe|passe|baisse)(?: (?:sous|en dessous de"
        rf"|au-dessous de|à))(?= [\d.])",
        r"with \1 at least",
    ),
    (r"(?:ne |n')(?:dépasse[rz]?|excède[rz]?|dépassent) (?:pas|jamais)(?= [\d.])", "at most"),
    # when to stop
    (
        rf"{_THE}({_METRIC}) (?:seulement |uniquement )?(?:ne doit aller |ne va |va |doit aller )?(?:que "
        rf"|seulement |uniquement )jusqu'à(?= [\d.])",
        r"\1 at most",
    ),
    (
        rf"(?:dès que|dès qu'|lorsque|lorsqu'|quand|si|une fois que) ?(?:on |tu |vous |nous |il "
        rf"|elle )?(?:atteint|atteins|atteignez|atteignons|dépasse|obtient|obtiens|arrive à|a)"
        rf" (?:une? |l'|la |le )?({_METRIC})(?: de| d'| à)?(?= [\d.])",
        r"when \1 reaches",
    ),
    (
        r"(?:dès qu'|dès que |quand |lorsqu'|si )(?:on |tu |vous |nous |il |elle )?(?:l')?(?:atteint|atteins"
        r"|atteignez|dépasse|arrive à|obtient)(?= [\d.])",
        "when it reaches",
    ),
    (
        r"(?:au bout de|après|passé|passées)(?= \d+(?:\.\d+)? (?:heures?|h|minutes?|min|secondes|essais|tirages))",
        "after",
    ),
    (r"(?:s'|d'|l')?arrête[rz]?(?:(?:-| )(?:toi|vous))?|stoppe[rz]?|stop|coupe[rz]?(?= (?:à|après|au bout))", "stop"),
    (r"(?<=stop )(?:à|au bout de|aux)(?= \d+(?:\.\d+)? (?:essais|minutes|heures|tirages))", "after"),
    (r"(?<=stop )à(?= \d)", "at"),
    (r"après(?= \d)", "after"),
    (r"dès que|dès|lorsque|quand|une fois que|si", "when"),
    (r"(?:est )?attein(?:t|te|s|dre|dra)|atteigne|dépassée?|a atteint", "reached"),
    (r"(?:ça |cela )?(?:suffit|suffisent|suffira|suffiront|suffisant)", "enough"),
    # limits
    (
        rf"(?:ne |n')(?:{_WORD} ){{1,3}}?(?:pas |jamais )?(?:qu[e'] ?)?(?:{_WORD} ){{0,3}}?plus (?:de |d'"
        rf"|long(?:temps)? que |que )",
        "at most ",
    ),
    (rf"(?:ni|sans|inutile de|inutile d'|pas la peine de) ?(?:{_WORD} ){{1,2}}?plus (?:de |d')", "at most "),
    (r"(?:un |le )?max(?:imum)? (?:de |d'|du )([a-z]\w*_\w+)", r"maximise \1"),
    (r"(?:un |le )?min(?:imum)? (?:de |d'|du )([a-z]\w*_\w+)", r"minimise \1"),
    (
        rf"(?:fai(?:s|re|tes) )?(?:baisser|descendre|diminuer|réduire|réduis(?:ez)?|baisse[rz]?"
        rf"|diminue[rz]?) {_THE}({_METRIC}){_FAR}",
        r"minimise \1",
    ),
    (rf"(?:fai(?:s|re|tes) )?(?:monter|grimper|augmenter|augmente[rz]?) {_THE}({_METRIC}){_FAR}", r"maximise \1"),
    (rf"{_MUST} ?{_THE}({_METRIC}) {_FALL}{_FAR}{_END}", r"\1 as low as possible"),
    (rf"{_MUST} ?{_THE}({_METRIC}) {_RISE}{_FAR}{_END}", r"\1 as high as possible"),
    (
        rf"(?:\( ?)?(?:qui )?(?:doit |doivent |devrait |qu'il |qu'elle ){_FALL}{_FAR}{_END}(?: ?\))?",
        ", as low as possible",
    ),
    (
        rf"(?:\( ?)?(?:qui )?(?:doit |doivent |devrait |qu'il |qu'elle ){_RISE}{_FAR}{_END}(?: ?\))?",
        ", as high as possible",
    ),
    (
        rf"plus {_THE}({_METRIC}) (?:est |sera )?{_SMALL},? (?:mieux|meilleur) (?:c'est|ça vaut)?",
        r"the lower \1 the better",
    ),
    (
        rf"plus {_THE}({_METRIC}) (?:est |sera )?{_LARGE},? (?:mieux|meilleur) (?:c'est|ça vaut)?",
        r"the higher \1 the better",
    ),
    (
        r"(?:ne (?:doit|doivent|peut|peuvent|devrait)? ?(?:pas|jamais)? ?(?:dépasse[rz]?|excéde[rz]?|pas dépasser)"
        r"|ne dépasse[rz]? (?:pas|jamais)|sans (?:jamais )?dépasser|ne dépassant pas)(?: (?:pas|jamais))?",
        "at most",
    ),
    (
        r"(?:ne (?:doit|doivent|peut|peuvent) (?:pas|jamais) (?:descendre|tomber|être|passer) (?:en dessous de|sous"
        r"|inférieure?s? à))",
        "at least",
    ),
    (
        r"(?:sans que|pourvu que|à condition que) (?:la |le |l'|les )?(\w+) ne? ?(?:passe|descende|tombe"
        r"|soit) (?:pas )?(?:en dessous de|sous|inférieure?s? à)",
        r"with \1 at least",
    ),
    (r"sans que (?:la |le |l'|les )?(\w+) (?:passe|descende|tombe) (?:en dessous de|sous)", r"with \1 at least"),
    (r"sans que (?:la |le |l'|les )?(\w+) (?:passe|monte|aille) (?:au-dessus de|au-delà de)", r"with \1 at most"),
    (
        r"(?:pousse[rz]?|porte[rz]?|amène[rz]?|poussent|portent|monter|fais monter|faire monter) (?:la |le "
        r"|l')?(\w+ )?au (?:maximum|max)",
        r"maximise \1",
    ),
    (rf"({_METRIC}) au (?:maximum|max){_END}", _to_the_end),
    (rf"({_METRIC}) au (?:minimum|min){_END}", _to_the_end),
    (
        r"pas plus d['e]|(?:tout )?au (?:grand )?(?:plus|maximum|max)|maximum|max\.?|maxi|limitée?s? à"
        r"|dans la limite de"
        r"|jusqu'à(?= \d+ (?:essais|minutes|heures|min))|en moins d['e]",
        "at most",
    ),
    (r"(?:d')?au (?:moins|minimum)|pas moins d['e]|minimum", "at least"),
    (rf"(?:le |la |les |aussi |plus |une? )*{_SMALL} (?:que )?{_CAN}", "as low as possible"),
    (rf"(?:le |la |les |aussi |plus |une? )*{_LARGE} (?:que )?{_CAN}", "as high as possible"),
    (
        r"(?:doit |doivent |devrait )?(?:monter|grimper|augmenter)(?: (?:le plus|au maximum"
        r"|autant que)(?: que)? ?(?:possible|tu peux)?)",
        "as high as possible",
    ),
    (
        r"(?:doit |doivent |devrait )?(?:descendre|baisser|diminuer)(?: (?:le plus|au maximum"
        r"|autant que)(?: que)? ?(?:possible|tu peux)?)",
        "as low as possible",
    ),
    (rf"(?:le|la|les) plus {_LARGE}(?= \w*[a-z_])", "highest"),
    (rf"(?:le|la|les) plus {_SMALL}(?= \w*[a-z_])", "lowest"),
    (r"(?:le|la|les) (?:meilleure?s?)", "best"),
    (rf"plus (?:c'est |il est |elle est )?{_SMALL},? mieux (?:c'est|ça vaut)", "lower is better"),
    (rf"plus (?:c'est |il est |elle est )?{_LARGE},? mieux (?:c'est|ça vaut)", "higher is better"),
    (rf"({_METRIC}) maximale?(?=[ ,.;]|$)", r"highest \1"),
    (rf"({_METRIC}) minimale?(?=[ ,.;]|$)", r"lowest \1"),
    (r"autant que? (?:possible|tu (?:le )?peux|faire se peut)|au mieux|le plus possible", "the"),
    (r"maximis\w+", "maximise"),
    (r"minimis\w+", "minimise"),
    (r"(?:fai(?:s|re|tes) )?(?:descendre|baisser|baisse[rz]?|réduire|réduis(?:ez)?|diminue[rz]?)", "lower"),
    (r"(?:fai(?:s|re|tes) )?(?:monter|grimper|augmente[rz]?)", "higher"),
    (r"(?:jusqu'à|avant|d'ici|pour) minuit", "until midnight"),
    (r"(?:jusqu'à|avant|d'ici|pour) midi", "until noon"),
    # folds and the part held out
    (r"validation croisée (?:à|en|de|avec) (\d+) (?:plis|blocs|parties|folds)", r"\1-fold cross-validation"),
    (r"(\d+) (?:plis|blocs)(?: de validation croisée)?", r"\1 folds"),
    (r"validation croisée", "cross-validation"),
    (
        r"(?:un|1) (quart|tiers|cinquième|dixième)(?= (?:des données|de côté|pour))",
        lambda match: {"q": "a quarter", "t": "a third", "c": "a fifth", "d": "a tenth"}[match[1][0].lower()],
    ),
    (
        r"(?:garde[rz]?|réserve[rz]?|mets|mettre|met(?:s|tez)|laisse[rz]?"
        r"|conserve[rz]?) (?:de côté )?(\d+(?:\.\d+)? ?(?:%|pour cent)|a \w+)"
        r"(?: des données)?(?: de côté)?(?: (?:pour|comme)(?: le| les| jeu de)? tests?(?: final)?)?",
        r"hold out \1",
    ),
    (
        r"(\d+(?:\.\d+)? ?(?:%|pour cent)|a \w+)(?: des données)? (?:de côté|pour (?:le |les )?tests?|en test"
        r"|réservés?(?: pour le test)?)",
        r"\1 held out",
    ),
    (r"pour cent", "%"),
    (r"(?:recherche|tirage|échantillonnage) aléatoire", "random search"),
    (r"(?:optimisation|recherche) bayésienne", "bayesian search"),
    (r"recherche (?:sur|en|par) (?:grille|quadrillage)", "grid search"),
    (r"modèles? de lang(?:age|ue)", "language model"),
    # budget and machine
    (r"un seul (?:essai )?à la fois|une? à la fois|un par un|l'un après l'autre", "1 at a time"),
    (rf"(?:par|chaque|pour chaque|à chaque) {_TRIAL}(?: (?:doit |peut )?(?:durer|prendre))?|chacune?", "per trial"),
    (r"limite[rz]? (?:à )?per trial à", "per trial at most"),
    (r"limite[rz]?(?= per trial)", "limit"),
    (r"(?<=per trial )(?:à|dure|prend)(?= \d)", "at most"),
    (
        r"évaluations?|simulations?|itérations?|configurations?|combinaisons?|lancements?|runs?|tests|mesures"
        r"|tirages?|passes|essais?"
        r"|tentatives?|exécutions?|coups(?= d'essai)",
        "trials",
    ),
    (r"c(?:œ|oe)urs|workers?|threads|jobs|process(?:us)?|travailleurs", "workers"),
    (r"en même temps|simultanés?|(?:en )?parallèles?|à la fois|simultanément", "at a time"),
    (r"(?:graine|germe)(?: aléatoire)?", "seed"),
    (r"(?:une|1) (?:seule? )?(?:cartes? graphiques?|gpu)", "1 gpu"),
    (r"cartes? graphiques?|gpu", "gpu"),
    (r"(de )?(?:mémoire(?: vive)?|ram)", lambda match: "of memory" if match[1] else "memory"),
    (r"(\d+(?:\.\d+)?) ?([kmg])io", r"\1 \2iB"),
    (r"(?:une )?demi[- ]heure", "30 minutes"),
    (r"(?:une )?demi[- ]journée", "12 hours"),
    (r"(?:trois|3) quarts d'heure", "45 minutes"),
    (r"(?:un )?quart d'heure", "15 minutes"),
    (r"(\d+) heures? et demie?", r"\1.5 hours"),
    (r"(?:une |1 )heure et quart", "1.25 hours"),
    (r"(\d+) heures et quart", r"\1.25 hours"),
    (
        r"(?:une|1|(\d+)) heures? et (\d+)(?: minutes?| min)?",
        lambda match: f"{match[1] or 1} hours and {match[2]} minutes",
    ),
    (r"(?:une|l') ?heure et demie", "1.5 hours"),
    (r"(?:une|d'une) (?:petite |seule )?heure", "1 hour"),
    (r"une minute", "1 minute"),
    (r"un jour|une journée", "1 day"),
    (r"heures?", "hours"),
    (r"secondes?", "seconds"),
    (r"jours?", "days"),
    (r"dollars?", "dollars"),
    (r"(?:dépense[rz]?|coûte[rz]?|paye[rz]?)", "spend"),
    (r"requêtes?(?: au modèle)?|appels? au modèle", "requests"),
    (
        r"(?:appelle|nomme|appelez|nommez|baptise)(?: (?:la|le|l'étude|cette étude|ça|cela))?|nom de l'étude ?:?",
        "call it",
    ),
    # what a program prints
    (r"(?:simule|joue|calcule|traite|fait) \d+ [a-zéèêàâîôûç]+ et(?= (?:affiche|imprime|renvoie|sort|écrit))", ","),
    (r"(?:affiche|imprime|renvoie|retourne|sort|écrit|crache|rend)(?:nt|r)?(?= \w+)", "prints"),
    # corrections and denials
    (
        r"(?:je )?(?:me suis|m'étais) trompée? (?:pour|sur|dans|avec) (?:la |le |les "
        r"|l')?(\w+)[,:;.]?(?: (?:c'est|il faut|ce sera|doit être|mets|plutôt))*",
        r"no, make that \1",
    ),
    (r"(?:je )?(?:voulais|veux) dire|correction ?[:,]?|pardon,?|je corrige ?[:,]?", "no, make that "),
    (
        r"(?:sous (?:la )?contrainte(?: (?:que|de))?|à condition que|pourvu que|tant que|tout en gardant|en gardant)",
        "with",
    ),
    (r"doit|doivent|devrait|devraient|peut|peuvent", "must"),
    (
        r"(\d+)(?: \w+)? (?:c'est|est|sont|serait|ça fait) (?:bien |beaucoup )?(?:trop(?: long| de temps)?)",
        r"\1 is too many",
    ),
    (r"pas (?:de |d'|un |une )(.+?),? (?:mais )?(un|une|des|le|la)(?!\w)", r"not a \1 but \2"),
    (r"(?:inférieure?s?|plus petite?) à|moins de|en dessous de|sous", "below"),
    (r"(?:supérieure?s?|plus grande?) à|plus de|au-dessus de", "above"),
    (r"non,? (?:plutôt)?|(?:plutôt|mets plutôt|disons plutôt|disons)", "no, make that"),
    (r"(?:oublie|enlève|supprime|retire)[rz]? (?:la |le |les )?", "forget the "),
    (r"limite de temps", "time"),
    (r"sans|sauf|excepté|hormis", "without"),
    (r"aucune?", "no"),
    (r"pas de|pas d'|pas|jamais", "not"),
    (r"parce qu[e']|car|puisqu[e']|vu que", "because"),
    (r"seulement|uniquement|seule?s?", "only"),
    (r"et", "and"),
    (r"ou", "or"),
    # little words
    (r"avec|sur|dans|pour|à|au|aux|de|du|des|d'|en|par", "on"),
    (
        r"je|j'|tu|vous|nous|veux|voudrais|optimise[rz]?|règle[rz]?|ajuste[rz]?|trouve[rz]?|cherche[rz]?|utilise[rz]?"
        r"|donne[rz]?|fai(?:s|re|tes)|lance[rz]?|une?|les?|la|l'|mon|ma|mes|ce|cette|données|jeux?|fichier|modèles?"
        r"|meilleure?s?|bon(?:ne)?s?|que|qui|est|sont|être|total",
        "the",
    ),
    (r"(?:[dlnscjmt]|qu)['’]([\w-]+)", r"the \1"),
    (LITTLE_WORDS["fr"], "the"),
)
