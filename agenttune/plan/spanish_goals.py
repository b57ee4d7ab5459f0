"""Spanish phrases about what is measured, when to stop and what limits there are, in the grammar's English.

Not for: the other phrases (spanish.py), how the tables are used (languages.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agenttune.plan.clock import until

_SMALL = r"(?:baj[oa]s?|pequeñ[oa]s?|reducid[oa]s?|cort[oa]s?|menor(?:es)?|mínim[oa]s?)"
_LARGE = r"(?:alt[oa]s?|grandes?|elevad[oa]s?|mayor(?:es)?|máxim[oa]s?)"
_CAN = r"(?:posible|(?:que|como) (?:sea |se |te |le )?(?:posible|pueda[ns]?|puedas))"
_AS = r"(?:lo |tan |el |la |los |las )*(?:más )?"
THE = r"(?:el |la |los |las |al )?"
_LESS = r"(?:menor(?:es)?|inferior(?:es)?|más pequeñ[oa])"
_MORE = r"(?:mayor(?:es)?|superior(?:es)?|más grande)"
WORD = r"[a-záéíóúñ]+"
_FALL = r"(?:baj(?:e[ns]?|ar)|disminuya[ns]?|disminuir|(?:se )?reduzca[ns]?|descienda[ns]?|descender|caiga[ns]?|caer)"
_RISE = r"(?:sub(?:a[ns]?|ir)|aument(?:e[ns]?|ar)|crezca[ns]?|crecer)"
_FAR = (
    r"(?: (?:lo (?:más|máximo|mínimo)(?: que)?(?: posible| se pueda| puedas)?"
    r"|todo lo (?:que (?:se )?pued[ae][ns]?|posible)"
    r"|(?:tanto como|cuanto)(?: se pueda| más(?: mejor)?| sea posible| puedas)|al máximo|mucho))?"
)
END = r"(?=\s*(?:[.,;:)\n]|$|pero |y(?! \d)))"
_METRIC = r"(?:log loss|mean (?:absolute|squared) error|balanced accuracy|error rate|[a-z_]\w*)"
MUST = r"(?:que|debe(?:ría)?(?: de)?|tiene que|ha de|hay que|necesita)"
_CLOCK = (
    r"(?P<begin>hasta|antes de|a más tardar(?: a)?|para|a)(?: eso de)?(?P<day> mañana a)? las? (?P<hour>\d{1,2}|una)"
    r"(?:(?:[:.]| ?h ?)(?P<minute>\d\d)(?!\d))?"
    r"(?P<part> y media| y cuarto| menos cuarto)?(?: ?h(?:oras)?(?!\w))?"
    r"(?P<half> ?(?:de la (?:tarde|noche|mañana)|pm|p\.m\.|am|a\.m\.|en punto))?"
)


def _until(match: re.Match[str]) -> str:
    part, half = match["part"] or "", match["half"] or ""
    if match["begin"].lower() == "a" and not (match["minute"] or part or half):
        return match[0]
    minute = 30 if "media" in part else -15 if "menos" in part else 15 if part else match["minute"]
    hour = "1" if match["hour"].lower() == "una" else match["hour"]
    is_late = re.search(r"tarde|noche|p\.?m", half, re.IGNORECASE) is not None
    return until(hour, minute, is_late=is_late, is_tomorrow=match["day"] is not None)


GOALS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    # when to stop
    (
        r"(?:(?:llegue|alcance|supere)(?:n|s|mos)?|lleguemos|alcancemos|consiga[ns]?|logre[ns]?|obtenga[ns]?"
        r"|haya|tenga[ns]?)(?: (?:al?|un|una|el|la))* ((?!(?:al?|del?)(?!\w))[a-z]\w*)"
        r"(?: del?| en)?(?= [\d.])",
        r"\1 reaches",
    ),
    (rf"{_FALL} (?:de|por debajo de|a|hasta)(?= [\d.])", "falls below"),
    (
        r"(?:a|tras|pasad[oa]s|después de|al cabo de)(?: l[oa]s)?(?= \d+(?:\.\d+)? (?:horas|minutos|segundos"
        r"|pruebas|ensayos|intentos))",
        "after",
    ),
    (
        r"(?:para(?:r|te)?|detener(?:se|lo)?|detente|detén(?:lo)?|termina[r]?|corta[r]?)(?= (?:cuando|al|en cuanto"
        r"|en|si|una vez|tras|después|a los)(?!\w))",
        "stop",
    ),
    (r"(?<=stop )(?:a l[oa]s|tras(?: l[oa]s)?|después de(?: l[oa]s)?)(?= \d)", "after"),
    (r"(?<=stop )(?:al|en)(?= \d)", "at"),
    (r"al (?:llegar a|alcanzar)", "when reached"),
    (r"siempre y cuando", "with"),
    (r"cuando|en cuanto|una vez que|tan pronto como|apenas|si", "when"),
    (r"(?:llegu?e[ns]?|alcan(?:ce|za|zar|zado)|supere|llega)(?: (?:al?|el))?", "reached"),
    (r"(?:con eso |me |nos )*(?:basta(?:n|ría|rá)?|vale(?:n)?|es suficiente|suficientes?|alcanza con|sobra)", "enough"),
    # metrics
    (r"error absoluto(?: medio)?", "mean absolute error"),
    (r"raíz (?:cuadrada )?del error cuadrático(?: medio)?", "rmse"),
    (r"error cuadrático(?: medio)?", "mean squared error"),
    (r"(?:exactitud|precisión) (?:balanceada|equilibrada)", "balanced accuracy"),
    (r"(?:puntuación|medida|valor) f1|f1[- ]score", "f1"),
    (r"área bajo la curva(?: roc)?", "auc"),
    (r"pérdida logarítmica|entropía cruzada", "log loss"),
    (r"coeficiente de determinación|r²", "r2"),
    (r"tasa de error", "error rate"),
    (r"exhaustividad|sensibilidad", "recall"),
    (r"exactitud|precisión", "accuracy"),
    (r"métrica", "metric"),
    # limits
    (
        rf"sin que {THE}(\w+) (?:{WORD} ){{0,2}}?(?:pase|suba|supere|exceda|sobrepase|rebase)(?: de(?:l)?"
        rf"| a)?(?= [\d.])",
        r"with \1 at most",
    ),
    (
        rf"sin que {THE}(\w+) (?:{WORD} ){{0,2}}?(?:baje|caiga|descienda)(?: por debajo)?(?: de(?:l)?| a)?(?= [\d.])",
        r"with \1 at least",
    ),
    (rf"(?:que )?(?:no|nunca|ni) (?:{WORD} ){{1,3}}?(?:más|mas) de", "at most"),
    (rf"(?:que )?(?:no|nunca|ni) (?:{WORD} ){{1,3}}?menos de", "at least"),
    (
        rf"(?:más|mas) de (\d+ {WORD}) no(?: (?:hagas?|necesito|quiero|hacen falta|hace falta|lances|uses))?",
        r"at most \1",
    ),
    (
        r"(?:que )?(?:no|nunca) (?:debe(?:n)?|puede(?:n)?|debería(?:n)?) (?:superar|exceder|pasar de|tardar más de"
        r"|durar más de|ser mayor(?:es)? (?:que|a|de))",
        "at most",
    ),
    (
        rf"(?:que )?(?:no|nunca) (?:supere(?:n)?|exceda(?:n)?|pase(?:n)? de|sobrepase(?:n)?|rebase(?:n)?"
        rf"|tarde(?:n)? más de|dure(?:n)? más de"
        rf"|(?:sea(?:n)? )?{_MORE} (?:que|a|de))|(?:no|nunca) (?:uses?|utilices?|gastes?|consumas?|tardes?|superes"
        rf"|pases) (?:más )?de",
        "at most",
    ),
    (
        r"sin (?:superar|exceder|pasar(?:se|te|nos)? de|usar más de|sobrepasar|gastar más de"
        r"|tardar más de)(?: (\w+) ?=)?",
        r"with \1 at most",
    ),
    (
        rf"(?:que )?(?:no|nunca) (?:baje(?:n)? del?|descienda(?:n)? del?|caiga(?:n)? (?:por debajo )?del?"
        rf"|(?:sea(?:n)? )?{_LESS} (?:que|a|de))",
        "at least",
    ),
    (
        r"(?:como|cómo) mínimo|(?:un )?mínimo(?: de)?(?= \d)|(?:un )?mínimo de|al menos|no menos de|por lo menos",
        "at least",
    ),
    (
        r"(?:como|cómo) (?:mucho|máximo)|(?:un )?máximo(?: de)?(?= \d)|a lo sumo|máx\.?|limitado a"
        r"|(?:con )?(?:un )?tope(?: de)?(?= \d)"
        r"|no más de|en menos de",
        "at most",
    ),
    (rf"(?:exprim(?:e|ir)|súbe(?:me|lo)?|sube|subir|lleva|empuja|estira) al máximo {THE}(\w+)", r"maximise \1"),
    (rf"(?:exprim(?:e|ir)|sube|subir|lleva) {THE}(\w+) al máximo", r"maximise \1"),
    (rf"(?:baja|reduce|lleva|deja) {THE}(\w+) al mínimo", r"minimise \1"),
    (rf"{MUST} {THE}({_METRIC}) (?:se )?{_FALL}{_FAR}{END}", r"\1 as low as possible"),
    (rf"{MUST} {THE}({_METRIC}) (?:se )?{_RISE}{_FAR}{END}", r"\1 as high as possible"),
    (rf"(?:\( ?)?{MUST} (?:se )?{_FALL}{_FAR}{END}(?: ?\))?", ", as low as possible"),
    (rf"(?:\( ?)?{MUST} (?:se )?{_RISE}{_FAR}{END}(?: ?\))?", ", as high as possible"),
    (r"(?:un |el )?máximo de (?:la |el )?([a-z]\w*_\w+)", r"maximise \1"),
    (r"(?:un |el )?mínimo de (?:la |el )?([a-z]\w*_\w+)", r"minimise \1"),
    (rf"lo que (?:{WORD} ){{1,4}}(?:es|son)(?= (?:la |el )?[a-z])", "metric"),
    (rf"{_AS}{_SMALL} {_CAN}", "as low as possible"),
    (rf"{_AS}{_LARGE} {_CAN}", "as high as possible"),
    (rf"(?:cuanto|mientras) (?:más )?{_SMALL}(?: sea)?,? mejor", "lower is better"),
    (rf"(?:cuanto|mientras) (?:más )?{_LARGE}(?: sea)?,? mejor", "higher is better"),
    (
        rf"(?:cuant[oa]s?|mientras) (?:menos|{_SMALL}|más {_SMALL})(?: sea)? (?:el |la )?({_METRIC}),? mejor",
        r"the lower \1 the better",
    ),
    (
        rf"(?:cuant[oa]s?|mientras) (?:más|{_LARGE}|más {_LARGE})(?: sea)? (?:el |la )?({_METRIC}),? mejor",
        r"the higher \1 the better",
    ),
    (rf"(?:el|la|los|las) (?:más )?{_LARGE}(?: posible)?(?= \w*[a-z_])", "highest"),
    (rf"(?:el|la|los|las) (?:más )?{_SMALL}(?: posible)?(?= \w*[a-z_])", "lowest"),
    (rf"({_METRIC}) máxim[oa](?=[ ,.;]|$)", r"highest \1"),
    (rf"({_METRIC}) mínim[oa](?=[ ,.;]|$)", r"lowest \1"),
    (_CLOCK, _until),
    (r"(?:hasta|antes de|para)(?: la)? medianoche", "until midnight"),
    (r"(?:hasta|antes de|para)(?:l| el)? mediodía", "until noon"),
    (r"al? (?:el )?mediodía(?=.{0,60}(?:entonces|acaba|termina|list[oa]))", "until noon"),
    (r"al? (?:la )?medianoche(?=.{0,60}(?:entonces|acaba|termina|list[oa]))", "until midnight"),
    (rf"{_LESS} (?:que|a|de)|menos de|por debajo de", "below"),
    (rf"{_MORE} (?:que|a|de)|más de|por encima de", "above"),
    (r"hasta(?= \d)", "at most"),
    (r"maximi[zc]\w+", "maximise"),
    (r"minimi[zc]\w+", "minimise"),
    (
        r"baj(?:ar|a|emos|en)(?:l[oa]s?)?|reduci(?:r|rl[oa]s?)|reduce|disminu(?:ir|ye)",
        lambda match: "minimise it" if re.search(r"l[oa]s?$", match[0], re.IGNORECASE) else "lower",
    ),
    (
        r"sub(?:ir|e)(?:l[oa]s?)?|aumenta[r]?(?:l[oa]s?)?",
        lambda match: "maximise it" if re.search(r"l[oa]s?$", match[0], re.IGNORECASE) else "higher",
    ),
)
