"""French phrases of requests, and the English that the grammar reads for them; the longer before the shorter.

Not for: numbers (numerals.py), how the tables are used (languages.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agenttune.plan.clock import until
from agenttune.plan.french_goals import END, GOALS, WORD
from agenttune.plan.little_words import LITTLE_WORDS

_TRIAL = r"(?:essai|exécution|évaluation|simulation|entraînement|lancement|run|mesure|tentative|tirage|test)"
_TOUCH = r"(?:touche[rz]?|change[rz]?|modifie[rz]?|bouge[rz]?)"
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
    is_late = re.search(r"soir|après", half, re.IGNORECASE) is not None
    return until(hour, minute, is_late=is_late, is_tomorrow="demain" in half.lower())


SCALE = r"(?:(?:en|sur|à|avec) )?(?:une |l')?(?:échelle )?log(?:arithmique(?:s|ment)?)?"
_ORDER = {"p": "first", "2": "second", "d": "second", "s": "second"}

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
        rf"(?:pas besoin|inutile|ce n'est pas la peine|pas la peine) (?:de |d'|que |qu')(?:{WORD} ?){{1,6}}?{END}",
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
    (r"actuellement|pour l'instant|pour le moment|jusqu'ici", "currently"),
    (r"(?:et )?(?:puis|ensuite|alors) (?:stop|on arrête|arrête|tu arrêtes)(?=\s*(?:[.,;!)]|$))", "then stop"),
    # what is to be predicted
    (r"prédi(?:s|re|t|sez|ction|rait|sant)|prévoir|prévoi[ts]|estimer", "predict"),
    (r"(?:la )?(?:colonne |variable )?cible|étiquette", "target"),
    (r"colonne", "column"),
    (r"colonnes", "columns"),
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
    # scales and steps
    (r"une? (ou|à|et) (?=\d+(?:$|[ ,.;)]))", r"1 \1 "),
    (
        rf"(?P<who>(?:tou(?:s|tes) )?les 2|tou(?:s|tes)|tout)(?: (?:les paramètres|sont|est))*,? {SCALE}",
        lambda match: f"{'both' if match['who'].endswith('2') else 'all'} log",
    ),
    (
        rf"{SCALE} pour (?P<who>(?:tou(?:s|tes) )?les 2|tou(?:s|tes)|tout)",
        lambda match: f"log for {'both' if match['who'].endswith('2') else 'all'}",
    ),
    (
        rf"(?:le|la) (?P<who>première?|2e|deuxième|second(?:e)?),? {SCALE}",
        lambda match: f"the {_ORDER[match['who'][0].lower()]} one log",
    ),
    (
        rf"{SCALE} pour (?:le|la) (?P<who>première?|2e|deuxième|second(?:e)?)",
        lambda match: f"log for the {_ORDER[match['who'][0].lower()]} one",
    ),
    (r"(?:tant|aussi bien) (?:le |la |l')?([\w-]+(?: \w+)?) que (?:pour )?(?:le |la |l')?(?=\w)", r"both \1 and "),
    (r"(?:par|avec un|avec des|au|de) pas de(?= [\d.])|pas de(?= [\d.])", "in steps of"),
    (r"de ([\d.]+) en \1(?![\d.])", r"in steps of \1"),
    (r"(?:un )?multiples? de(?= \d)", "multiples of"),
    (r"([\d.][\d.e+-]*) (?:fixes?|constante?)(?! à)", r"\1"),
    (
        r"(?:fixé?e?|bloqué) (?:sur )?(?=[\d.])"
        r"|(?:laisse|garde|fixe|mets)[rz]? (?:le |la )?(\w+)(?: fixe)? à(?= [\d.])",
        lambda match: f"{match[1]} fixed at " if match[1] else "fixed at ",
    ),
    (r"([\d.][\d.e+-]*) (?:environ|à peu près|ou presque)", r"about \1"),
    (r"respectivement", "respectively"),
    (r"(?:nombres )?(?:entiers|réels)", "numbers"),
    (r"litres?|mètres?|kilos?|kilomètres?|grammes?|watts?|volts?|euros?|pixels?", "the"),
    (r"([\d.][\d.e+-]*) (?:(?:ou|et) (?:plus|davantage)|et au-delà)(?! de)", r"\1 or more"),
    (r"([\d.][\d.e+-]*) ou moins(?! de)", r"\1 or less"),
    (r"(?:(?:en|sur|à) )?(?:une |l')?(?:échelle )?linéaire(?:ment)?(?! (?:reg|svm))", "linear"),
    (r"à partir de(?= [\d.][\d.e+-]*+(?! ?h(?:eures)?(?!\w)))", "at least"),
    (r"(?:environ|approximativement|autour de|de l'ordre de|à peu près|aux alentours de|vers)(?= [\d.])", "about"),
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
    *GOALS,
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
    (r"(?:en tout|au total)", "altogether"),
    (r"mesure(?= [a-z]\w*_)", "prints"),
    # budget and machine
    (r"un seul (?:essai )?à la fois|une? à la fois|un par un|l'un après l'autre", "1 at a time"),
    (rf"(?:par|chaque|pour chaque|à chaque) {_TRIAL}(?: (?:doit |peut )?(?:durer|prendre))?|chacune?", "per trial"),
    (r"limite[rz]? (?:à )?per trial à", "per trial at most"),
    (r"limite[rz]?(?= per trial)", "limit"),
    (r"(?<=per trial )à(?= \d)", "at most"),
    (r"(?<=per trial )(?:dure|prend|met)(?= (?:\d|about))", "takes"),
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
    (r"limite de temps", "time limit"),
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
