"""French phrases of requests, and the English that the grammar reads for them; the longer before the shorter.

Not for: numbers (numerals.py), how the tables are used (languages.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

PHRASES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"(?:en fait|finalement|en réalité|tout compte fait),?", "actually"),
    (r"noyaux?", "kernel"),
    (r"degré", "degree"),
    (r"(?:de )?([-+.\d]\S*) à ([-+.\d][\d.e+-]*)", r"from \1 to \2"),
    (r"(?:arrête[zr]?(?:-(?:toi|vous))?|stoppe[zr]?|arrêter|s'arrêter|stop)", "stop"),
    (r"(?<=stop )à(?= \d)", "at"),
    (r"dès que|dès|lorsque|quand|une fois que|si", "when"),
    (r"(?:est )?attein(?:t|te|s|dre|dra)|atteigne|dépassée?|a atteint", "reached"),
    (r"(?:ça |cela )?(?:suffit|suffisent|suffira|suffiront|suffisant)", "enough"),
    (
        r"(?:ne (?:doit|doivent|peut|peuvent|devrait)? ?(?:pas|jamais)? ?(?:dépasse[rz]?"
        r"|excéde[rz]?|pas dépasser)|ne dépasse[rz]? (?:pas|jamais)|sans dépasser|ne dépassant"
        r" pas)(?: (?:pas|jamais))?",
        "at most",
    ),
    (
        r"(?:ne (?:doit|doivent|peut) (?:pas|jamais) (?:descendre|tomber|être) (?:en dessous de|sous|inférieure?s? à))",
        "at least",
    ),
    (
        r"pas plus d['e]|au plus|au maximum|tout au plus|maximum|max\.?|maxi|limitée? à|dans la"
        r" limite de|jusqu'à(?! \d{1,2} ?h)(?= \d+ (?:essais|minutes|heures))",
        "at most",
    ),
    (r"(?:d')?au moins|au minimum|pas moins d['e]|minimum", "at least"),
    (
        r"(?:le|la|les|aussi|plus|un|une)? ?(?:plus )?(?:petite?|bas(?:se)?|faible|réduite?"
        r"|courte?)(?:s)?(?: que)? possible",
        "as low as possible",
    ),
    (
        r"(?:le|la|les|aussi|plus|un|une)? ?(?:plus )?(?:grande?|haute?|élevée?|forte?)(?:s)?(?: que)? possible",
        "as high as possible",
    ),
    (r"(?:le|la|les) plus (?:grande?s?|hautes?|élevée?s?|fortes?)(?= \w*[a-z_])", "highest"),
    (r"(?:le|la|les) plus (?:petite?s?|basse?s?|faibles?)(?= \w*[a-z_])", "lowest"),
    (r"(?:le|la|les) (?:meilleure?s?)", "best"),
    (r"plus (?:c'est |il est |elle est )?(?:petite?|bas(?:se)?|faible),? mieux c'est", "lower is better"),
    (r"plus (?:c'est |il est |elle est )?(?:grande?|haute?|élevée?),? mieux c'est", "higher is better"),
    (r"(\S+) maximale?(?=[ ,.;]|$)", r"highest \1"),
    (r"(\S+) minimale?(?=[ ,.;]|$)", r"lowest \1"),
    (r"(?:jusqu'à|avant|pour|d'ici) (\d{1,2}) ?h(?:eures)? (?:du soir|ce soir)", r"until \1pm"),
    (
        r"(?:jusqu'à|avant|d'ici|au plus tard à|terminer (?:avant|à)|fini (?:avant|à)) (\d{1,2}) ?[h:] ?(\d\d)",
        r"until \1:\2",
    ),
    (
        r"(?:jusqu'à|avant|d'ici|au plus tard à|terminer (?:avant|à)|fini (?:avant|à)) (\d{1,2}) ?h(?:eures)?(?!\w)",
        r"until \1:00",
    ),
    (r"(?:jusqu'à|avant) minuit", "until midnight"),
    (r"(?:jusqu'à|avant) midi", "until noon"),
    (r"(?:en |sur |à |avec )?(?:une |l')?échelle log(?:arithmique)?|logarithmique(?:ment)?|en log", "log"),
    (r"erreur absolue(?: moyenne)?", "mean absolute error"),
    (r"(?:racine de l'|racine carrée de l')erreur quadratique(?: moyenne)?", "rmse"),
    (r"erreur quadratique(?: moyenne)?", "mean squared error"),
    (r"(?:exactitude|précision) (?:équilibrée|balancée)", "balanced accuracy"),
    (r"(?:score|mesure) f1|f1[- ]score", "f1"),
    (r"(?:aire|surface) sous la courbe(?: roc)?", "auc"),
    (r"perte logarithmique|entropie croisée", "log loss"),
    (r"coefficient de détermination", "r2"),
    (r"régression (?:ridge|de crête)|ridge", "ridge"),
    (r"régression lasso|lasso", "lasso"),
    (r"elastic net", "elastic net"),
    (r"(?:les |des |k )?(?:k[- ])?plus proches voisins|kppv", "k nearest neighbours"),
    (r"(?:machines? à|séparateurs? à vaste marge|machines? à) ?(?:vecteurs (?:de )?supports?)?", "svm"),
    (r"perceptrons? multi-?couches?", "neural network"),
    (r"(?:boosting de gradient|gradient boosting|boosting|arbres boostés)", "gradient boosting"),
    (r"forêts? d'arbres(?: aléatoires)?", "random forest"),
    (r"taux d'apprentissage|pas d'apprentissage", "learning rate"),
    (r"taille (?:de(?:s)? |du )?(?:lots?|batch(?:es)?|mini-?batch)", "batch size"),
    (r"(?:nombre d')?époques", "epochs"),
    (r"profondeur(?: maximale| max)?", "depth"),
    (r"(?:nombre de )?couches(?: cachées)?", "layers"),
    (r"nombre d'arbres|arbres(?! de)", "trees"),
    (r"nombre de voisins|voisins", "neighbors"),
    (r"validation croisée (?:à|en|de|avec) (\d+) (?:plis|blocs|parties|folds)", r"\1-fold cross-validation"),
    (r"(\d+) (?:plis|blocs)(?: de validation croisée)?", r"\1 folds"),
    (r"validation croisée", "cross-validation"),
    (
        r"(?:garde[rz]?|réserve[rz]?|mets|mettre|met(?:s|tez)|laisse[rz]?) (?:de côté"
        r" )?(\d+(?:\.\d+)?) ?(?:%|pour cent)(?: des données)?(?: de côté)?(?: (?:pour|comme)(?:"
        r" le| les| jeu de)? tests?)?",
        r"hold out \1%",
    ),
    (
        r"(\d+(?:\.\d+)?) ?(?:%|pour cent)(?: des données)? (?:de côté|pour (?:le |les )?tests?|en"
        r" test|réservés?(?: pour le test)?)",
        r"\1% held out",
    ),
    (r"pour cent", "%"),
    (
        r"(?:par|chaque|pour chaque|à chaque) (?:essai|exécution|évaluation|simulation"
        r"|entraînement|lancement|run|mesure)|par run|chacun[e]?",
        "per trial",
    ),
    (r"un seul (?:essai )?à la fois|une? à la fois|un par un|l'un après l'autre", "1 at a time"),
    (r"évaluations?|simulations?|itérations?|configurations?|lancements?|runs?|tests|mesures", "trials"),
    (r"(?:c(?:œ|oe)urs|workers?|threads|jobs|process)", "workers"),
    (r"en même temps|simultanés?|(?:en )?parallèles?", "at a time"),
    (r"(?:graine|germe)(?: aléatoire)?", "seed"),
    (r"(?:cartes? graphiques?|gpu)", "gpu"),
    (r"mémoire(?: vive)?|ram", "memory"),
    (r"(?:une )?demi[- ]heure|trente minutes", "30 minutes"),
    (r"(?:une )?demi[- ]journée", "12 hours"),
    (r"(?:un )?quart d'heure", "15 minutes"),
    (r"trois quarts d'heure", "45 minutes"),
    (r"(\d+) heures et demie?", r"\1.5 hours"),
    (r"une minute", "1 minute"),
    (r"un jour|une journée", "1 day"),
    (r"dollars?", "dollars"),
    (r"(?:dépense[rz]?|coûte[rz]?|paye[rz]?)", "spend"),
    (r"requêtes?(?: au modèle)?|appels? au modèle", "requests"),
    (r"(?:appelle|nomme|appelez|nommez)(?:-(?:la|le))?(?: (?:la|l'étude|cette étude))?", "call it"),
    (r"prédi(?:s|re|t|sez|ction|rait|sant)|prévoir|prévoi[ts]|estimer", "predict"),
    (r"(?:la )?(?:colonne |variable )?cible", "target"),
    (r"colonne", "column"),
    (r"ne (?:touche[zr]?|change[zr]?|modifie[zr]?) pas (?:à |au |aux )?(?:la |le |les |l')?", "don't touch "),
    (r"(?:sans (?:toucher|changer|modifier)) (?:à |au |aux )?(?:la |le |les |l')?", "don't touch "),
    (r"fixée? à|fixés? à|constante? à|reste(?:r)? à", "fixed at"),
    (r"(?:parmi|choisi(?:e|s)? (?:parmi|entre)|soit|l'un de)", "one of"),
    (r"sous (?:la )?contrainte(?: (?:que|de))?|à condition que|tant que|tout en gardant|en gardant", "with"),
    (r"maximis\w+", "maximise"),
    (r"minimis\w+", "minimise"),
    (r"doit|doivent|devrait|devraient|peut|peuvent", "must"),
    (r"métrique", "metric"),
    (r"plus de", "more than"),
    (r"moins de", "less than"),
    (r"s'il (?:te|vous) plaît", "the"),
    (r"merci(?: beaucoup| bien| d'avance| à (?:toi|vous))*", "the"),
    (r"pas plus de|au plus|au maximum|tout au plus|jusqu'à|maximum", "at most"),
    (r"au moins|au minimum|pas moins de", "at least"),
    (r"pas (?:de |d'|un |une )(.+?),? (?:mais )?(un|une|des|le|la)(?!\w)", r"not a \1 but \2"),
    (r"(?:aussi|le plus|la plus) (?:petite?|bas(?:se)?|faible)(?: que)? possible", "as low as possible"),
    (r"(?:aussi|le plus|la plus) (?:grande?|haute?|élevée?)(?: que)? possible", "as high as possible"),
    (r"(?:inférieure?s?|plus petite?) à|moins de|en dessous de|sous", "below"),
    (r"(?:supérieure?s?|plus grande?) à|plus de|au-dessus de", "above"),
    (r"(?:jusqu'à|avant) (\d{1,2}) ?h(?:eures)?(?!\w)", r"until \1:00"),
    (r"(?:jusqu'à|avant) (\d{1,2})[h:](\d\d)", r"until \1:\2"),
    (r"(?:en|sur une) échelle log(?:arithmique)?", "log"),
    (r"entre (\S+) et (\S+)", r"between \1 and \2"),
    (r"de (\S+) à (\S+)", r"from \1 to \2"),
    (r"forêts? aléatoires?", "random forest"),
    (r"arbres? de décision", "decision tree"),
    (r"régression logistique", "logistic regression"),
    (r"réseaux? de neurones", "neural network"),
    (r"k plus proches voisins|plus proches voisins", "k nearest neighbours"),
    (r"machine à vecteurs de support", "svm"),
    (r"gradient boosté", "gradient boosting"),
    (r"précision|exactitude", "accuracy"),
    (r"taux d'erreur", "error rate"),
    (r"par essai|chacun|chaque essai", "per trial"),
    (r"essais?|tentatives?|exécutions?", "trials"),
    (r"processus|travailleurs", "workers"),
    (r"en parallèle|à la fois|simultanément", "at a time"),
    (r"graine", "seed"),
    (r"une demi-heure|une demi heure", "30 minutes"),
    (r"un quart d'heure", "15 minutes"),
    (r"une heure et demie", "1.5 hours"),
    (r"une heure", "1 hour"),
    (r"heures?", "hours"),
    (r"secondes?", "seconds"),
    (r"jours?", "days"),
    (r"prédi(?:s|re|t)|prévoir", "predict"),
    (r"maximise[rz]?", "maximise"),
    (r"minimise[rz]?", "minimise"),
    (r"baisse[rz]?|réduire|diminue[rz]?", "lower"),
    (r"augmente[rz]?", "higher"),
    (r"non,? (?:plutôt)?|plutôt", "no, make that"),
    (r"oublie[rz]? (?:la |le )?", "forget the "),
    (r"limite de temps", "time limit"),
    (r"sans", "without"),
    (r"pas de|pas d'|pas", "not"),
    (r"et", "and"),
    (r"ou", "or"),
    (r"avec|sur|dans|pour|à|au|aux|de|du|des|d'|en|par", "on"),
    (
        r"peux-tu|pouvez-vous|pourrais-tu|s'il (?:te|vous) plaît|merci|bonjour|salut|je|j'|tu|vous|nous|veux|voudrais"
        r"|optimise[rz]?|optimiser|règle[rz]?|ajuste[rz]?|trouve[rz]?|cherche[rz]?|utilise[rz]?|donne[rz]?|fais|faire"
        r"|lance[rz]?|un|une|le|la|les|l'|mon|ma|mes|ce|cette|données|jeu|fichier|modèle|meilleure?s?|bonne?s?|que|qui"
        r"|soit|est|sont|être|total",
        "the",
    ),
    (r"(?:[dlnscjmt]|qu)['’]([\w-]+)", r"the \1"),
    (
        "bonsoir|coucou|pourriez-vous|peux|pouvez|pourrais|pourriez|voulez|veuillez|aimerais"
        "|aimerions|souhaite(?:rais)?|souhaitons|voudrions|avons|ai|ont|avez|faut|il|elle|on|ils"
        "|elles|besoin"
        "|d'avance|beaucoup|mille|svp|stp|bien|très|vraiment|juste|simplement|seulement"
        "|uniquement|environ|approximativement|alors|donc|puis|ensuite|aussi|ainsi|déjà"
        "|maintenant|d'abord|enfin|ici|là"
        "|régler|réglage|réglez|tuner|tune|optimisation|optimisez|optimisant|trouver|chercher"
        "|cherchez|entraîne[rz]?|entraînement|apprendre|améliore[rz]?|construire|créer|lancer"
        "|exécuter|exécute[rz]?|essaye[rz]?|essaie|teste[rz]?|tester|prends|prendre|prenez|mets"
        "|mettre|effectue[rz]?|faire|faites|tourner|tourne[rz]?|employer|emploie"
        "|utilisant|utiliser|étude|recherche|hyperparamètres?|paramètres?|valeurs?|plage"
        "|intervalle|jeux?|données|fichier|tableau|classifieur|classificateur|régresseur"
        "|régression|classification|algorithme|méthode|problème|tâche|projet|script|programme"
        "|fonction|commande|résultats?|score|mon|notre|nos|votre|vos|ton|ta|tes|son|sa|ses|leur"
        "|leurs|ces|cet|mes|moi|toi|lui"
        "|ça|cela|c'|n'|qu'|s'|m'|t'|que|dont|où|comme|car|puisque|parce|afin|pendant|durant|vers"
        "|chez|entre autres|selon|tout|tous|toute|toutes|budget|limite|temps|durée|totale?s?"
        "|globale?|nombre|optimal(?:e|es)?|optimaux|suivante?s?|doit|doivent|devrait|peut|rester"
        "|reste|garder|gardant|va|aller|varie|variant|allant|compris(?:e|es)?|se|y|dollar"
        "|modèles?|sera|serait|étant|ait|aient|fini|terminé|terminer|plus|grâce",
        "the",
    ),
)
MARKS = (
    r"aléatoire|exactitude|processus|essai|graine|heure|demi|secondes?|avant|parmi|validation"
    r" croisée|colonne|cible|meilleure?|moins|que|se|ne|ce|peux|veux|lance|merci|salut|bonjour"
    r"|plis|"
    r"sur|avec|essais|pas de|dans|une|pour|heures?|baisser|minimiser|maximiser|entre"
    r"|s'il|merci|peux-tu|prédis|je|les|à|plus de|moins de|inférieure? à|pas plus de|graine|minimise[rz]?"
    r"|des|du|et|ou|au|aux|le|la|jusqu'à|bonjour|voudrais|forêt|arbre|réseau"
    r"|régression|est|par essai|secondes|jeu de données|d'|l'|en parallèle|plutôt|non"
)
"""Words that its sentences have and English ones do not, as a pattern."""
LETTERS = "[èêàùçœâîôûé]"
"""Letters that its sentences have and English ones do not, as a pattern."""
