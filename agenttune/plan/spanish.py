"""Spanish phrases of requests, and the English that the grammar reads for them; the longer before the shorter.

Not for: numbers (numerals.py), how the tables are used (languages.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agenttune.plan.clock import until
from agenttune.plan.little_words import LITTLE_WORDS

_TRIAL = r"(?:prueba|ensayo|intento|ejecución|evaluación|simulación|corrida|entrenamiento|iteración|vuelta)"
_SMALL = r"(?:baj[oa]s?|pequeñ[oa]s?|reducid[oa]s?|cort[oa]s?|menor(?:es)?|mínim[oa]s?)"
_LARGE = r"(?:alt[oa]s?|grandes?|elevad[oa]s?|mayor(?:es)?|máxim[oa]s?)"
_CAN = r"(?:posible|(?:que|como) (?:sea |se |te |le )?(?:posible|pueda[ns]?|puedas))"
_AS = r"(?:lo |tan |el |la |los |las )*(?:más )?"
_THE = r"(?:el |la |los |las |al )?"
_LESS = r"(?:menor(?:es)?|inferior(?:es)?|más pequeñ[oa])"
_MORE = r"(?:mayor(?:es)?|superior(?:es)?|más grande)"
_TOUCH = r"(?:toques?|tocar|toquéis|cambies?|cambiar|modifiques?|modificar|muevas?|mover|ajustes)"
_WORD = r"[a-záéíóúñ]+"
_FALL = r"(?:baj(?:e[ns]?|ar)|disminuya[ns]?|disminuir|(?:se )?reduzca[ns]?|descienda[ns]?|descender|caiga[ns]?|caer)"
_RISE = r"(?:sub(?:a[ns]?|ir)|aument(?:e[ns]?|ar)|crezca[ns]?|crecer)"
_FAR = (
    r"(?: (?:lo (?:más|máximo|mínimo)(?: que)?(?: posible| se pueda| puedas)?"
    r"|todo lo (?:que (?:se )?pued[ae][ns]?|posible)"
    r"|(?:tanto como|cuanto)(?: se pueda| más(?: mejor)?| sea posible| puedas)|al máximo|mucho))?"
)
_END = r"(?=\s*(?:[.,;:)\n]|$|pero |y(?! \d)))"
_METRIC = r"(?:log loss|mean (?:absolute|squared) error|balanced accuracy|error rate|[a-z_]\w*)"
_MUST = r"(?:que|debe(?:ría)?(?: de)?|tiene que|ha de|hay que|necesita)"
_ROWS = r"(?:los datos|las filas|las muestras|los ejemplos|los registros)"
_CLOCK = (
    r"(?P<begin>hasta|antes de|a más tardar(?: a)?|para|a)(?: eso de)? las? (?P<hour>\d{1,2}|una)(?:(?:[:.]"
    r"| ?h ?)(?P<minute>\d\d)(?!\d))?"
    r"(?P<part> y media| y cuarto| menos cuarto)?(?: ?h(?:oras)?(?!\w))?"
    r"(?P<half> ?(?:de la (?:tarde|noche|mañana)|pm|p\.m\.|am|a\.m\.|en punto))?"
)


def _until(match: re.Match[str]) -> str:
    part, half = match["part"] or "", match["half"] or ""
    if match["begin"].lower() == "a" and not (match["minute"] or part or half):
        return match[0]
    minute = 30 if "media" in part else -15 if "menos" in part else 15 if part else match["minute"]
    hour = "1" if match["hour"].lower() == "una" else match["hour"]
    return until(hour, minute, is_late=re.search(r"tarde|noche|p\.?m", half, re.IGNORECASE) is not None)


PHRASES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    # what says nothing
    (
        r"(?:hola|buenas|buenos días|buen día|buenas tardes|buenas noches|saludos|oye|oiga|che)(?: (?:a todos"
        r"|equipo|gente|tardes|noches))?",
        "the",
    ),
    (
        r"(?:muchas |mil )?gracias(?: (?:de antemano|por (?:la|tu|su) ayuda|por adelantado))*|por favor|porfa(?:vor)?",
        "the",
    ),
    (
        r"no (?:hay|tengo) (?:prisa|problema)|no importa(?: (?:cuál|qué|cómo))?|da igual|no pasa nada|no sé|ni idea",
        "the",
    ),
    (
        r"(?:está |se queda |sigue |anda )?(?:atascad[oa]|estancad[oa]|clavad[oa]|parad[oa])s? en (?:el )?[-\d.]+ ?%?",
        "the",
    ),
    (r"(?:se )?(?:estanca|atasca) en (?:el )?[-\d.]+ ?%?", "the"),
    (
        r"(?:el|la|mi|nuestr[oa]) (?:gpu|tarjeta gráfica|máquina|servidor|clúster|ordenador) (?:está|estará"
        r"|queda) (?:libre|disponible)",
        "the",
    ),
    (r"ni un(?:a)? (?:minuto|segundo|hora|prueba) más|y ya(?: está)?|nada más|nomás", "the"),
    (r"(?:se )?queda[rns]* cort[oa]s?|se queda[rns]* atrás", "the"),
    (r"(?:en realidad|de hecho|al final|pensándolo bien),?", "actually"),
    (
        r"(?:no (?:hace falta|necesito|necesitamos|hay|tengo|uses?)|sin necesidad de)(?: (?:usar|una|la"
        r"|ninguna))* gpus?",
        "no gpu",
    ),
    (
        rf"no (?:hace falta|es necesario|es preciso|hay necesidad)(?! \S*gpu)(?: (?:de|que))?(?: {_WORD}){{0,6}}{_END}",
        "never mind that",
    ),
    (r"a ver|o sea|es decir|(?:échale|echa|dale) un (?:ojo|vistazo) al?|venga|mira|esto es", "the"),
    (r"(?:la )?métrica(?: \w+)? (?:se llama|es)(?= (?:la |el )?\w)", "metric "),
    (
        r"(?:la |el )?(columna|objetivo|script|programa|función|archivo|fichero|parámetro)(?: \w+)? se llama(?= \w)",
        r"\1",
    ),
    # what is to be predicted
    (r"prede(?:cir|cido|cida|ce|zca|cimos|cción)|pronostica[r]?|estima[r]?|predicción", "predict"),
    (r"(?:la |el )?(?:columna |variable )?objetivo(?! es (?:minimizar|maximizar))|etiqueta", "target"),
    (r"columna", "column"),
    # estimators
    (r"regresión (?:ridge|de cresta)|ridge", "ridge"),
    (r"regresión lasso|lasso", "lasso"),
    (r"regresión logística", "logistic regression"),
    (r"red elástica", "elastic net"),
    (r"(?:los |k[- ])?(?:k )?vecinos (?:más )?(?:cercanos|próximos)|k[- ]?vecinos", "k nearest neighbours"),
    (r"máquinas? de (?:vectores? (?:de )?soporte|soporte vectorial)", "svm"),
    (r"perceptrón multicapa(?: \(mlp\))?|red(?:es)? neuronal(?:es)?", "neural network"),
    (
        r"(?:potenciación|aumento|refuerzo) (?:de|del) gradiente|boosting de gradiente|árboles potenciados",
        "gradient boosting",
    ),
    (r"bosques? aleatorios?|selva aleatoria", "random forest"),
    (r"árbol(?:es)? de (?:decisión|decisiones|clasificación)", "decision tree"),
    # parameters
    (r"núcleo(?= (?:rbf|lineal|linear|poly|sigmoid))", "kernel"),
    (r"grado", "degree"),
    (r"(?:tasa|ritmo) de aprendizaje", "learning rate"),
    (r"tamaño (?:de(?:l)? )?(?:lotes?|batch)", "batch size"),
    (r"(?:número de )?épocas", "epochs"),
    (r"profundidad(?:es)?(?: máximas?)?", "depth"),
    (r"(?:número de )?capas(?: ocultas)?", "layers"),
    (r"(?:número de )?árboles(?! de)", "trees"),
    (r"(?:número de )?vecinos", "neighbors"),
    (rf"(?:no (?:me )?|sin ){_TOUCH}(?: (?:nunca|jamás|para nada|el|la|los|las|al))*", "don't touch"),
    (
        rf"{_THE}(\w+) (?:se queda|queda|sigue|permanece) (?:como está|tal cual|igual|sin cambios|por defecto)",
        r", don't touch \1",
    ),
    (r"(\w+), (?:fij[oa]|fijad[oa]|constante) (?:en|a)", r"\1 fixed at"),
    (r",? ?(?:fij[oa]|fijad[oa]|constante) (?:en|a)|(?:que )?se (?:queda|mantiene|mantenga) en(?= [\d.])", " fixed at"),
    (r"(?:de(?:sde)? )?([-+.\d]\S*) (?:a|hasta) ([-+.\d][\d.e+-]*)", r"from \1 to \2"),
    (r"entre (\S+) y (\S+)", r"between \1 and \2"),
    (r"entre(?= [^\s,]+ ?, ?[^\s,]+)|una? de|uno de|elegid[oa] entre|a elegir entre|de entre", "one of"),
    (r"(?<=\d) u (?=\d)", " or "),
    (r"(?:en )?potencias de (?:2|dos)", "powers of 2"),
    (r"va|van|varía(?:n)?|oscila(?:n)?|variando", "goes"),
    (r"(?:en |con |a )?(?:una )?escala (?:log(?:arítmica)?)|logarítmic[oa]|logarítmicamente|en log", "log"),
    (
        rf"(?:{_MUST} )?(?:mover(?:se|l[oa])?|variar(?:se|l[oa])?|oscilar|estar|ir|buscar(?:l[oa])?|probar(?:l[oa])?)"
        r"(?= (?:entre|de|desde|between|from) [\d.])",
        "goes",
    ),
    (
        r"(?:deja[r]?|dejando|pon(?:er|iendo)?|fija[r]?|fijando|mantén|mantener)(?: (?:el|la"
        r"|fij[oa]))* (\w+) (?:fij[oa] )?(?:en|a)"
        r"(?= [\d.])",
        r"\1 fixed at",
    ),
    (
        r"(?:mejor )?que (\w+) (?:llegue|vaya|suba|crezca|sea)(?: (?:solo|sólo|solamente|únicamente"
        r"|como mucho))? hasta(?= [\d.])",
        r"\1 at most",
    ),
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
        rf"sin que {_THE}(\w+) (?:{_WORD} ){{0,2}}?(?:pase|suba|supere|exceda|sobrepase|rebase)(?: de(?:l)?"
        rf"| a)?(?= [\d.])",
        r"with \1 at most",
    ),
    (
        rf"sin que {_THE}(\w+) (?:{_WORD} ){{0,2}}?(?:baje|caiga|descienda)(?: por debajo)?(?: de(?:l)?| a)?(?= [\d.])",
        r"with \1 at least",
    ),
    (rf"(?:que )?(?:no|nunca|ni) (?:{_WORD} ){{1,3}}?(?:más|mas) de", "at most"),
    (rf"(?:que )?(?:no|nunca|ni) (?:{_WORD} ){{1,3}}?menos de", "at least"),
    (
        rf"(?:más|mas) de (\d+ {_WORD}) no(?: (?:hagas?|necesito|quiero|hacen falta|hace falta|lances|uses))?",
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
    (r"(?:como|cómo) mínimo|(?:un )?mínimo de|al menos|no menos de|por lo menos", "at least"),
    (
        r"(?:como|cómo) (?:mucho|máximo)|(?:un )?máximo(?: de)?(?= \d)|a lo sumo|máx\.?|limitado a"
        r"|(?:con )?(?:un )?tope(?: de)?(?= \d)"
        r"|no más de|en menos de",
        "at most",
    ),
    (rf"(?:exprim(?:e|ir)|súbe(?:me|lo)?|sube|subir|lleva|empuja|estira) al máximo {_THE}(\w+)", r"maximise \1"),
    (rf"(?:exprim(?:e|ir)|sube|subir|lleva) {_THE}(\w+) al máximo", r"maximise \1"),
    (rf"(?:baja|reduce|lleva|deja) {_THE}(\w+) al mínimo", r"minimise \1"),
    (rf"{_MUST} {_THE}({_METRIC}) (?:se )?{_FALL}{_FAR}{_END}", r"\1 as low as possible"),
    (rf"{_MUST} {_THE}({_METRIC}) (?:se )?{_RISE}{_FAR}{_END}", r"\1 as high as possible"),
    (rf"(?:\( ?)?{_MUST} (?:se )?{_FALL}{_FAR}{_END}(?: ?\))?", ", as low as possible"),
    (rf"(?:\( ?)?{_MUST} (?:se )?{_RISE}{_FAR}{_END}(?: ?\))?", ", as high as possible"),
    (r"(?:un |el )?máximo de (?:la |el )?([a-z]\w*_\w+)", r"maximise \1"),
    (r"(?:un |el )?mínimo de (?:la |el )?([a-z]\w*_\w+)", r"minimise \1"),
    (rf"lo que (?:{_WORD} ){{1,4}}(?:es|son)(?= (?:la |el )?[a-z])", "metric"),
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
    # folds and the part held out
    (
        r"validación cruzada (?:de|con|en) (\d+) (?:particiones|pliegues|partes|iteraciones|folds|bloques)",
        r"\1-fold cross-validation",
    ),
    (r"(\d+) (?:particiones|pliegues)", r"\1 folds"),
    (r"validación cruzada", "cross-validation"),
    (r"valida(?:r|ndo|lo)?", "validate"),
    (
        r"(?:un|una|la) (cuarto|cuarta parte|tercio|tercera parte|quinto|quinta parte"
        r"|décim[oa](?: parte)?)(?= (?:de los datos|para))",
        lambda match: {"c": "a quarter", "t": "a third", "q": "a fifth", "d": "a tenth"}[match[1][0].lower()],
    ),
    (
        r"(?:reserva[r]?|aparta[r]?|guarda[r]?|deja[r]?|separa[r]?) (?:un |el )?(\d+(?:\.\d+)? ?(?:%|por ciento)"
        r"|a \w+)"
        rf"(?: de {_ROWS})?(?: aparte)?(?: (?:para|como)(?: la| el| conjunto de)? (?:(?:prueba|test|pruebas"
        rf"|validación)(?: final)?|final))?",
        r"hold out \1",
    ),
    (
        rf"(\d+(?:\.\d+)? ?(?:%|por ciento)|a \w+)(?: de {_ROWS})? (?:aparte|para (?:la |el )?(?:prueba|test"
        r"|pruebas|evaluación|probar)|de test)",
        r"\1 held out",
    ),
    (r"por ciento", "%"),
    (r"búsqueda aleatoria|muestreo aleatorio", "random search"),
    (r"(?:búsqueda|optimización) bayesiana", "bayesian search"),
    (r"búsqueda (?:en|por) (?:rejilla|cuadrícula|malla)", "grid search"),
    # budget and machine
    (
        r"(?:sol[oa]|sólo )?(?:una?|uno) (?:prueba |ejecución )?(?:a la vez|cada vez|por vez)|de una en una"
        r"|una (?:tras|detrás de|a) otra|una (?:por|a) una|secuencialmente",
        "1 at a time",
    ),
    (r"de a (\d+)(?: a la vez)?", r"\1 at a time"),
    (rf"(?:por|cada|para cada|en cada) (?:una de las )?{_TRIAL}|cada un[oa]", "per trial"),
    (
        r"evaluaciones|simulaciones|iteraciones|configuraciones|combinaciones|corridas|experimentos|ejecuci(?:ón"
        r"|ones)|vueltas|pruebas"
        r"|ensayos?|intentos?|tiradas|pasadas|rondas|tandas|entrenamientos|mediciones|compilaciones"
        r"|lanzamientos|(?<=1 )prueba",
        "trials",
    ),
    (r"prueba(?= final)", "test"),
    (r"núcleos|hilos|workers|cores|procesos?|trabajadores", "workers"),
    (r"al mismo tiempo|simultáne[oa]s?|(?:en )?paralel[oa]s?|en simultáneo|a la vez|simultáneamente", "at a time"),
    (r"semilla(?: aleatoria)?", "seed"),
    (r"(?:una|1) (?:sola )?(?:tarjeta gráfica|gpu)", "1 gpu"),
    (r"tarjetas? gráficas?", "gpu"),
    (r"(?:(de) )?(?:memoria(?: ram)?|ram)", lambda match: "of memory" if match[1] else "memory"),
    (r"(?:tres|3) cuartos de hora", "45 minutes"),
    (r"(?:un )?cuarto de hora", "15 minutes"),
    (r"(?:una )?media hora|media horita", "30 minutes"),
    (r"medio minuto", "30 seconds"),
    (r"medio día", "12 hours"),
    (r"(?:una )?hora y media", "1.5 hours"),
    (r"(?:una )?hora y cuarto", "1.25 hours"),
    (r"(\d+) horas y cuarto", r"\1.25 hours"),
    (r"(\d+) horas? y (?:tres|3) cuartos", r"\1.75 hours"),
    (
        r"(?:una|1|(\d+)) horas? y (\d+)(?: minutos?)?(?! \w)",
        lambda match: f"{match[1] or 1} hours and {match[2]} minutes",
    ),
    (r"(\d+) horas y media", r"\1.5 hours"),
    (r"una hor(?:a|ita)", "1 hour"),
    (r"un minuto", "1 minute"),
    (r"un día", "1 day"),
    (r"horas?", "hours"),
    (r"minutos?", "minutes"),
    (r"segundos?", "seconds"),
    (r"días?", "days"),
    (r"dólar(?:es)?", "dollars"),
    (r"gasta(?:r|ndo|s)?|gaste[s]?|cuesta|cueste", "spend"),
    (r"peticiones(?: al modelo)?|consultas(?: al modelo)?|llamadas al modelo|solicitudes", "requests"),
    (
        r"(?:llám|nómbr|bautíz)a(?:lo|la)|llama(?:r|rlo|do|da)? (?:al? )?(?:el |la )?estudio"
        r"|nombre(?: del estudio)? ?:",
        "call it",
    ),
    # what a program prints
    (r"(?:simula|juega|calcula|procesa|hace) \d+ [a-zñáéíóú]+ y(?= (?:saca|devuelve|imprime|muestra|da))", ","),
    (r"(?:saca|devuelve|imprime|muestra|escupe|arroja|reporta|informa(?: de)?|da)(?:n)?(?= \w+)", "prints"),
    # corrections and denials
    (
        r"me (?:equivoqué|he equivocado|confundí|he confundido) (?:con|en) (?:el |la |los |las )?(\w+)[,:;.]?"
        r"(?: (?:que (?:sea|vaya)|es|era|debe ser|ponl[oa]|mejor))?",
        r"no, make that \1",
    ),
    (
        r"sujeto a|siempre que|con la condición de que|con tal (?:de )?que|mientras(?: que)?|manteniendo"
        r"|con la restricción de(?: que)?",
        "with",
    ),
    (r"hay que|debe(?:n)?|debería|deberían|tiene(?:n)? que|ha(?:n)? de", "must"),
    (r"puede(?:n)?|podría(?:n)?", "may"),
    (
        r"(\d+)(?: \w+)? (?:es|son|sería|serían|tarda|tardan) (?:demasiad[oa]s?(?: \w+)?|muchísim[oa]s?|mucho tiempo)",
        r"\1 is too many",
    ),
    (r"(?:no quiero|no uses?|nada de) (.+?), (?:sino )?", r"not a \1 but "),
    (r"no (?:un|una) (.+?),? sino", r"not a \1 but"),
    (
        r"(?:(?:perdón|perdona),? |no, (?:espera,? )?)+(?:(?:mejor|que sean?|quise decir|quería decir) )*"
        r"|no, (?:espera,? )?(?:mejor|que sean?)|(?:mejor )?que sean|mejor(?= (?:solo |sólo )?(?:\d|media"
        r"|una?))",
        "no, make that ",
    ),
    (r"(?:olvida(?:te de)?|quita[r]?|elimina[r]?|borra[r]?)(?: (?:el|la|los|las))?", "forget the"),
    (r"límite de tiempo", "time limit"),
    (r"sin|salvo|excepto|menos la columna", "without"),
    (r"ningun[oa]?|ningún|nada de", "no"),
    (r"nunca|jamás|tampoco", "not"),
    (r"porque|ya que|puesto que", "because"),
    (r"sol[oa]|sólo|solamente|únicamente", "only"),
    (r"y|e(?= i)", "and"),
    (r"o|u", "or"),
    (r"modelos? de lenguaje", "language model"),
    (r"clasificador(?:es)?", "classifier"),
    (r"regresor(?:es)?", "regressor"),
    (r"clasificación|clasificar", "classification"),
    (r"regresión", "regression"),
    # little words
    (r"del?(?= [\d.])", "of"),
    (r"en|con|para|por|al?(?! (?:time|quarter|third|fifth|tenth)(?!\w))|del?|sobre", "on"),
    (LITTLE_WORDS["es"], "the"),
)
