"""French phrases about what is measured, when to stop and what limits there are, in the grammar's English.

Not for: the other phrases (french.py), how the tables are used (languages.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

_SMALL = r"(?:petite?|bas(?:se)?|faible|réduite?|courte?)s?"
_LARGE = r"(?:grande?|haute?|élevée?|forte?)s?"
_CAN = r"(?:possible|(?:que |qu')(?:possible|tu (?:le )?peux|vous (?:le )?pouvez|on peut|faire se peut))"
WORD = r"[a-zéèêëàâîïôûùç]+"
_THE = r"(?:la |le |les |l'|cette |ce |mon |ma |notre )?"
_METRIC = r"(?:log loss|mean (?:absolute|squared) error|balanced accuracy|error rate|[a-z]\w*)"
_FALL = r"(?:descend(?:re|e|ent)?|baiss(?:er|e|ent)|diminu(?:er|e|ent)|chut(?:er|e))"
_RISE = r"(?:mont(?:er|e|ent)|grimp(?:er|e)|augment(?:er|e|ent))"
_FAR = (
    r"(?: (?:le plus(?: bas| haut)?(?: que)?(?: possible| tu peux)?|au (?:maximum|max|minimum)"
    r"|autant que (?:possible|tu peux|faire se peut)|tant que possible|beaucoup))?"
)
END = r"(?=\s*(?:[.,;:)\n]|$|et |mais ))"
_MUST = r"(?:qu[e']|doit|doivent|devrait|il faut qu[e']|faut qu[e'])"


def _to_the_end(match: re.Match[str]) -> str:
    """ "R² au maximum", but "20 essais au maximum" is a limit."""
    clause = re.split(r"[.,;:](?!\d)", match.string[: match.start()])[-1]
    if re.search(r"\d", clause) or re.match(r"essai|trial|run|minute|hour|heure|jour|gpu|worker|test", match[1]):
        return match[0]
    return f"{match[1]} as {'low' if ' min' in match[0] else 'high'} as possible"


GOALS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
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
    (r"(?:passe|descend|tombe|baisse) (?:en dessous de|sous)(?= [\d.])", "falls below"),
    (r"(?:passe|monte|grimpe) au-dessus de(?= [\d.])", "rises above"),
    # limits
    (
        rf"(?:ne |n')(?:{WORD} ){{1,3}}?(?:pas |jamais )?(?:qu[e'] ?)?(?:{WORD} ){{0,3}}?plus (?:de |d'"
        rf"|long(?:temps)? que |que )",
        "at most ",
    ),
    (rf"(?:ni|sans|inutile de|inutile d'|pas la peine de) ?(?:{WORD} ){{1,2}}?plus (?:de |d')", "at most "),
    (r"(?:un |le )?max(?:imum)? (?:de |d'|du )([a-z]\w*_\w+)", r"maximise \1"),
    (r"(?:un |le )?min(?:imum)? (?:de |d'|du )([a-z]\w*_\w+)", r"minimise \1"),
    (
        rf"(?:fai(?:s|re|tes) )?(?:baisser|descendre|diminuer|réduire|réduis(?:ez)?|baisse[rz]?"
        rf"|diminue[rz]?) {_THE}({_METRIC}){_FAR}",
        r"minimise \1",
    ),
    (rf"(?:fai(?:s|re|tes) )?(?:monter|grimper|augmenter|augmente[rz]?) {_THE}({_METRIC}){_FAR}", r"maximise \1"),
    (rf"{_MUST} ?{_THE}({_METRIC}) {_FALL}{_FAR}{END}", r"\1 as low as possible"),
    (rf"{_MUST} ?{_THE}({_METRIC}) {_RISE}{_FAR}{END}", r"\1 as high as possible"),
    (
        rf"(?:\( ?)?(?:qui )?(?:doit |doivent |devrait |qu'il |qu'elle ){_FALL}{_FAR}{END}(?: ?\))?",
        ", as low as possible",
    ),
    (
        rf"(?:\( ?)?(?:qui )?(?:doit |doivent |devrait |qu'il |qu'elle ){_RISE}{_FAR}{END}(?: ?\))?",
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
    (rf"({_METRIC}) au (?:maximum|max){END}", _to_the_end),
    (rf"({_METRIC}) au (?:minimum|min){END}", _to_the_end),
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
)
