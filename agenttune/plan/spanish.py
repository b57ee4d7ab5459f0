"""Spanish phrases of requests, and the English that the grammar reads for them; the longer before the shorter.

Not for: numbers (numerals.py), how the tables are used (languages.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agenttune.plan.little_words import LITTLE_WORDS
from agenttune.plan.spanish_goals import END, GOALS, MUST, THE, WORD

_TRIAL = r"(?:prueba|ensayo|intento|ejecución|evaluación|simulación|corrida|entrenamiento|iteración|vuelta)"
_TOUCH = r"(?:toques?|tocar|toquéis|cambies?|cambiar|modifiques?|modificar|muevas?|mover|ajustes)"
_ROWS = r"(?:los datos|las filas|las muestras|los ejemplos|los registros)"

SCALE = (
    r"(?:también )?(?:(?:en|con|a|usa|usando) )*(?:una |la )?(?:escala )?log(?:arítmic[oa]s?|arítmicamente)?(?: scale)?"
)
ORDER = {"p": "first", "s": "second", "ú": "last", "u": "last"}

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
        rf"no (?:hace falta|es necesario|es preciso|hay necesidad)(?! \S*gpu)(?: (?:de|que))?(?: {WORD}){{0,6}}{END}",
        "never mind that",
    ),
    (r"a ver|o sea|es decir|(?:échale|echa|dale) un (?:ojo|vistazo) al?|venga|mira|esto es", "the"),
    (r"(?:la )?métrica(?: \w+)? (?:se llama|es)(?= (?:la |el )?\w)", "metric "),
    (
        r"(?:la |el )?(columna|objetivo|script|programa|función|archivo|fichero|parámetro)(?: \w+)? se llama(?= \w)",
        r"\1",
    ),
    (
        r"actualmente|ahora mismo|de momento|por ahora|hasta ahora|ahora(?= (?:tengo|estamos|estoy|va|vamos))",
        "currently",
    ),
    (r"(?:y )?(?:entonces|luego|después) (?:para|detente|termina|paras|acaba)(?=\s*(?:[.,;!)]|$))", "then stop"),
    # what is to be predicted
    (r"prediga[ns]?|prede(?:cir|cido|cida|ce|zca|cimos|cción)|pronostica[r]?|estima[r]?|predicción", "predict"),
    (r"(?:la |el )?(?:columna |variable )?objetivo(?! es (?:minimizar|maximizar))|etiqueta", "target"),
    (r"columna", "column"),
    (r"columnas", "columns"),
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
    # scales and steps
    (r"un[ao]? (o|a|y) (?=\d+(?:$|[ ,.;)]))", r"1 \1 "),
    (
        r"(?P<who>l[oa]s 2|amb[oa]s|tod[oa]s?)(?: (?:ell[oa]s|rangos|parámetros|van|son|están|sean))*,? "
        rf"(?:{SCALE}|logarítmic[oa]s)",
        lambda match: f"{'all' if match['who'].lower().startswith('to') else 'both'} log",
    ),
    (
        rf"{SCALE} (?:para|en) (?P<who>l[oa]s 2|amb[oa]s|tod[oa]s)",
        lambda match: f"log for {'all' if match['who'].lower().startswith('to') else 'both'}",
    ),
    (
        rf"(?:el|la) (?P<who>primer[oa]?|segund[oa]|últim[oa])(?: (?:rango|parámetro))?,? (?:va |en |con )?{SCALE}",
        lambda match: f"the {ORDER[match['who'][0].lower()]} one log",
    ),
    (
        rf"{SCALE} (?:para|en) (?:el|la) (?P<who>primer[oa]?|segund[oa]|últim[oa])(?: (?:rango|parámetro))?",
        lambda match: f"log for the {ORDER[match['who'][0].lower()]} one",
    ),
    (r"tanto (?:el |la )?([\w-]+(?: \w+)?) como (?:el |la )?(?!mucho|máximo|mínimo)(?=\w)", r"both \1 and "),
    (
        r"(?:con|en|a|de|por) (?:un |una )?(?:pasos?|saltos?|incrementos?|intervalos?)(?: de)?(?= [\d.])"
        r"|pasos? de(?= [\d.])",
        "in steps of",
    ),
    (r"de ([\d.]+) en \1(?![\d.])", r"in steps of \1"),
    (r"(?:un )?múltiplos? de(?= \d)", "multiples of"),
    (r"entre (?:el |un )?([\d.]+ ?%) y (?:el |un )?([\d.]+ ?%)", r"between \1 and \2"),
    (r"del? ([\d.]+) al? ([\d.]+) ?(?:%|por ciento)", r"from \1% to \2%"),
    (r"a partir de(?= [\d.][\d.e+-]*+(?! ?h(?:oras)?(?!\w)))", "at least"),
    (
        r"(?:aproximadamente|más o menos|en torno a|cerca de|del orden de|(?:que )?ronde|rondando|alrededor de"
        r"|unos|unas)(?= [\d.])",
        "about",
    ),
    (
        r"(?:de )?([\d.][\d.e+-]*) (?:en adelante|(?:para|hacia) arriba|[oy] (?:más|mas|superior|mayor)(?:es)?(?! de))",
        r"\1 or more",
    ),
    (r"(?:de )?([\d.][\d.e+-]*) (?:(?:para|hacia) abajo|o (?:menos|inferior|menor)(?:es)?(?! de))", r"\1 or less"),
    (r"ni (?:menor|inferior|más pequeñ[oa]|menos|baje|caiga)(?:e?s)? (?:que|a|de)(?= [\d.])", "and at least"),
    (r"ni (?:mayor|superior|más grande|más|pase|suba|supere)(?:e?s)? (?:que|a|de)(?= [\d.])", "and at most"),
    (
        r"(\d[\d.e+-]*(?: (?:horas?|minutos?|segundos?|pruebas|ensayos|intentos|ejecuciones))?)"
        r" (?:de |como )?máximo(?! de)",
        r"\1 at most",
    ),
    (r"(\d[\d.e+-]*) (?:de |como )?mínimo(?! de)", r"\1 at least"),
    (r"(\w+) (?:déja|mantén|fíja|pón|pon)(?:l[oa]s?) (?:siempre |fij[oa] )?(?:en|a)(?= [\d.])", r"\1 fixed at"),
    (r"(?:(?:en|con) )?(?:una |la )?(?:escala |distribución )?lineal(?:es|mente)?", "linear"),
    (r"(?:(?:en|con) )?(?:una |la )?(?:escala |distribución )uniforme|uniforme(?:mente)?", "uniform"),
    (
        r"(?:número de )?neuronas(?: (?:por|de(?: la)?|en cada) capa(?: oculta)?)?|unidades ocultas(?: por capa)?",
        "hidden units",
    ),
    (r"(?:sube|aumenta|baja|reduce)(?: l[oa]s)? (?:pruebas|ensayos|intentos) a(?= \d)", "trials"),
    (r"exprim(?:e|ir|amos) (?:el |la )?([a-z]\w*_\w+)", r"maximise \1"),
    (r"(?:l[oa]s 2|amb[oa]s)(?= (?:log|linear|uniform)(?!\w))", "both"),
    (r"llama(?:r|ndo)? a(?:l)?(?= [a-z_]\w* (?:de|en) \S+\.py)", "call"),
    (r"([\d.][\d.e+-]*) (?:fij[oa]s?|constantes?)(?! en)", r"\1"),
    (r"fij[oa]s?(?= [\d.])", "fixed at"),
    (r"muev[ea]s?|mover|explora[r]?|recorre[r]?|barre[r]?|probando", "vary"),
    (r"respectivamente", "respectively"),
    (r"(?:números )?enter[oa]s|(?:números )?reales", "numbers"),
    (r"litros?|metros?|kilos?|kilómetros?|gramos?|vatios?|voltios?|euros?|píxeles", "the"),
    (r"(?:tardan?|duran?)(?= (?:(?:unos|about|como) )?\d)", "takes"),
    (r"([\d.][\d.e+-]*) (?:más o menos|o así|aproximadamente|aprox\.?)", r"about \1"),
    (r"veces", "times"),
    (r"llamadas(?! al modelo)", "calls"),
    (r"(?<=per trial )(?:tardan?|duran?|necesitan?)", "takes"),
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
        rf"{THE}(\w+) (?:se queda|queda|sigue|permanece) (?:como está|tal cual|igual|sin cambios|por defecto)",
        r", don't touch \1",
    ),
    (r"(\w+), (?:fij[oa]|fijad[oa]|constante) (?:en|a)", r"\1 fixed at"),
    (r",? ?(?:fij[oa]|fijad[oa]|constante) (?:en|a)|(?:que )?se (?:queda|mantiene|mantenga) en(?= [\d.])", " fixed at"),
    (r"(?:de(?:sde)? )?([-+.\d]\S*) (?:a|hasta) ([-+.\d][\d.e+-]*)", r"from \1 to \2"),
    (r"desde(?= [\d.][\d.e+-]*+)(?! \S+ (?:horas|de la))", "at least"),
    (r"entre (\S+) y (\S+)", r"between \1 and \2"),
    (r"entre(?= [^\s,]+ ?, ?[^\s,]+)|una? de|uno de|elegid[oa] entre|a elegir entre|de entre", "one of"),
    (r"(?<=\d) u (?=\d)", " or "),
    (r"(?:en )?potencias de (?:2|dos)", "powers of 2"),
    (r"va|van|varía(?:n)?|oscila(?:n)?|variando", "goes"),
    (
        r"(?:también )?(?:en |con |a )?(?:una )?escala (?:log(?:arítmica)?)|logarítmic[oa]|logarítmicamente"
        r"|(?:también )?en log",
        "log",
    ),
    (
        rf"(?:{MUST} )?(?:mover(?:se|l[oa])?|variar(?:se|l[oa])?|oscilar|estar|ir|buscar(?:l[oa])?|probar(?:l[oa])?)"
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
    *GOALS,
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
    (r"en total", "altogether"),
    (r"mide(?= [a-z]\w*_)", "prints"),
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
