"""Spanish phrases of requests, and the English that the grammar reads for them; the longer before the shorter.

Not for: numbers (numerals.py), how the tables are used (languages.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agenttune.plan.clock import until

_TRIAL = r"(?:prueba|ensayo|intento|ejecución|evaluación|simulación|corrida|entrenamiento|iteración|vuelta)"
_SMALL = r"(?:baj[oa]s?|pequeñ[oa]s?|reducid[oa]s?|cort[oa]s?|menor(?:es)?|mínim[oa]s?)"
_LARGE = r"(?:alt[oa]s?|grandes?|elevad[oa]s?|mayor(?:es)?|máxim[oa]s?)"
_CAN = r"(?:posible|(?:que|como) (?:sea |se |te |le )?(?:posible|pueda[ns]?|puedas))"
_AS = r"(?:lo |tan |el |la |los |las )*(?:más )?"
_THE = r"(?:el |la |los |las |al )?"
_LESS = r"(?:menor(?:es)?|inferior(?:es)?|más pequeñ[oa])"
_MORE = r"(?:mayor(?:es)?|superior(?:es)?|más grande)"
_TOUCH = r"(?:toques?|tocar|toquéis|cambies?|cambiar|modifiques?|modificar|muevas?|mover|ajustes)"
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
    # what is to be predicted
    (r"prede(?:cir|cido|cida|ce|zca|cimos|cción)|pronostica[r]?|estima[r]?|predicción", "predict"),
    (r"(?:la |el )?(?:columna |variable )?objetivo(?! es (?:minimizar|maximizar))|etiqueta", "target"),
    (r"columna", "column"),
    # estimators
    (r"regresión (?:ridge|de cresta)|ridge", "ridge"),
    (r"regresión lasso|lasso", "lasso"),
    (r"regresión logística", "logistic regression"),
    (r"red elástica", "elastic net"),
    (r"(?:los |k[- ])?(?:k )?vecinos (?:más )?(?:cercanos|próximos)", "k nearest neighbours"),
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
    # when to stop
    (
        r"(?:para(?:r|te)?|detener(?:se|lo)?|detente|detén(?:lo)?|termina[r]?|corta[r]?)(?= (?:cuando|al|en cuanto"
        r"|en|si|una vez|tras|después|a los)(?!\w))",
        "stop",
    ),
    (r"(?<=stop )(?:a l[oa]s|tras(?: l[oa]s)?|después de(?: l[oa]s)?)(?= \d)", "after"),
    (r"(?<=stop )(?:al|en)(?= \d)", "at"),
    (r"al (?:llegar a|alcanzar)", "when reached"),
    (r"cuando|en cuanto|una vez que|si", "when"),
    (r"(?:llegu?e[ns]?|alcan(?:ce|za|zar|zado)|supere|llega)(?: (?:al?|el))?", "reached"),
    (r"(?:con eso |me |nos )*(?:basta(?:n|ría|rá)?|vale(?:n)?|es suficiente|suficientes?|alcanza con|sobra)", "enough"),
    # limits
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
        r"(?:como|cómo) (?:mucho|máximo)|(?:un )?máximo(?: de)?(?= \d)|a lo sumo|máx\.?|limitado a|tope de"
        r"|no más de|en menos de",
        "at most",
    ),
    (rf"(?:exprim(?:e|ir)|súbe(?:me|lo)?|sube|subir|lleva|empuja|estira) al máximo {_THE}(\w+)", r"maximise \1"),
    (rf"(?:exprim(?:e|ir)|sube|subir|lleva) {_THE}(\w+) al máximo", r"maximise \1"),
    (rf"(?:baja|reduce|lleva|deja) {_THE}(\w+) al mínimo", r"minimise \1"),
    (rf"{_AS}{_SMALL} {_CAN}", "as low as possible"),
    (rf"{_AS}{_LARGE} {_CAN}", "as high as possible"),
    (rf"(?:cuanto|mientras) (?:más )?{_SMALL}(?: sea)?,? mejor", "lower is better"),
    (rf"(?:cuanto|mientras) (?:más )?{_LARGE}(?: sea)?,? mejor", "higher is better"),
    (rf"(?:el|la|los|las) (?:más )?{_LARGE}(?: posible)?(?= \w*[a-z_])", "highest"),
    (rf"(?:el|la|los|las) (?:más )?{_SMALL}(?: posible)?(?= \w*[a-z_])", "lowest"),
    (r"([a-z_]\w*) máxim[oa](?=[ ,.;]|$)", r"highest \1"),
    (r"([a-z_]\w*) mínim[oa](?=[ ,.;]|$)", r"lowest \1"),
    (_CLOCK, _until),
    (r"(?:hasta|antes de|para)(?: la)? medianoche", "until midnight"),
    (r"(?:hasta|antes de|para)(?:l| el)? mediodía", "until noon"),
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
    # folds and the part held out
    (
        r"validación cruzada (?:de|con|en) (\d+) (?:particiones|pliegues|partes|iteraciones|folds|bloques)",
        r"\1-fold cross-validation",
    ),
    (r"(\d+) (?:particiones|pliegues)", r"\1 folds"),
    (r"validación cruzada", "cross-validation"),
    (
        r"(?:un|una|la) (cuarto|cuarta parte|tercio|tercera parte|quinto|quinta parte"
        r"|décim[oa](?: parte)?)(?= (?:de los datos|para))",
        lambda match: {"cu": "a quarter", "te": "a third", "qu": "a fifth", "dé": "a tenth"}[match[1][:2].lower()],
    ),
    (
        r"(?:reserva[r]?|aparta[r]?|guarda[r]?|deja[r]?|separa[r]?) (?:un |el )?(\d+(?:\.\d+)? ?(?:%|por ciento)"
        r"|a \w+)(?: de los datos)?"
        r"(?: aparte)?(?: (?:para|como)(?: la| el| conjunto de)? (?:prueba|test|pruebas|validación)(?: final)?)?",
        r"hold out \1",
    ),
    (
        r"(\d+(?:\.\d+)? ?(?:%|por ciento)|a \w+)(?: de los datos)? (?:aparte|para (?:la |el )?(?:prueba|test"
        r"|pruebas|evaluación|probar)|de test)",
        r"\1 held out",
    ),
    (r"por ciento", "%"),
    # budget and machine
    (
        r"(?:sol[oa]|sólo )?(?:una?|uno) (?:prueba |ejecución )?(?:a la vez|cada vez|por vez)|de una en una"
        r"|una tras otra",
        "1 at a time",
    ),
    (rf"(?:por|cada|para cada|en cada) (?:una de las )?{_TRIAL}|cada un[oa]", "per trial"),
    (
        r"evaluaciones|simulaciones|iteraciones|configuraciones|combinaciones|corridas|experimentos|ejecuci(?:ón"
        r"|ones)|vueltas|pruebas"
        r"|ensayos?|intentos?|tiradas|pasadas|(?<=1 )prueba",
        "trials",
    ),
    (r"prueba(?= final)", "test"),
    (r"núcleos|hilos|workers|cores|procesos?|trabajadores", "workers"),
    (r"al mismo tiempo|simultáne[oa]s?|(?:en )?paralel[oa]s?|en simultáneo|a la vez|simultáneamente", "at a time"),
    (r"semilla(?: aleatoria)?", "seed"),
    (r"(?:una|1) (?:sola )?(?:tarjeta gráfica|gpu)", "1 gpu"),
    (r"tarjetas? gráficas?", "gpu"),
    (r"memoria(?: ram)?|ram", "memory"),
    (r"(?:tres|3) cuartos de hora", "45 minutes"),
    (r"(?:un )?cuarto de hora", "15 minutes"),
    (r"(?:una )?media hora|media horita", "30 minutes"),
    (r"medio día", "12 hours"),
    (r"(?:una )?hora y media", "1.5 hours"),
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
        r"sujeto a|siempre que|con la condición de que|con tal (?:de )?que|mientras(?: que)?|manteniendo"
        r"|con la restricción de(?: que)?",
        "with",
    ),
    (r"hay que|debe(?:n)?|debería|deberían|tiene(?:n)? que|puede(?:n)?", "must"),
    (
        r"(\d+)(?: \w+)? (?:es|son|sería|serían|tarda|tardan) (?:demasiad[oa]s?(?: \w+)?|muchísim[oa]s?|mucho tiempo)",
        r"\1 is too many",
    ),
    (r"(?:no quiero|no uses?|nada de) (.+?), (?:sino )?", r"not a \1 but "),
    (r"no (?:un|una) (.+?),? sino", r"not a \1 but"),
    (
        r"(?:perdón|perdona),? |no, (?:mejor|que sean?)|(?:mejor )?que sean|mejor(?= (?:solo |sólo )?(?:\d|media"
        r"|una?))",
        "no, make that ",
    ),
    (r"olvida(?:te de)?(?: (?:el|la|los|las))?", "forget the"),
    (r"límite de tiempo", "time limit"),
    (r"sin|salvo|excepto|menos la columna", "without"),
    (r"ningun[oa]?|ningún|nada de", "no"),
    (r"nunca|jamás|tampoco", "not"),
    (r"porque|ya que|puesto que", "because"),
    (r"sol[oa]|sólo|solamente|únicamente", "only"),
    (r"y|e(?= i)", "and"),
    (r"o|u", "or"),
    # little words
    (r"en|con|para|por|al?|del?|sobre", "on"),
    (
        r"quiero|quisiera|puedes|podrías|me|mis?|yo|tú|ajusta[r]?|optimiza[r]?|afina[r]?|busca[r]?|encuentra"
        r"|usa[r]?|dame"
        r"|haz(?:l[oa]s?)?|un|una|unos|unas|el|la|los|las|datos|conjunto|archivo|fichero|modelo|mejor(?:es)?"
        r"|buen[oa]?s?|que|qué"
        r"|sea|es|son|total|resultados?|podría(?:n|mos)?|podéis|necesito|necesitamos|queremos|querría|gustaría"
        r"|deseo|tengo"
        r"|tenemos|hay|he|ha|han|tiene|tienen|haber|ten|tener|much[oa]s?|muy|bien|simplemente|aproximadamente|alrededor"
        r"|entonces|luego|después|también|además|así|ahora|primero|finalmente|aquí|ahí|ya|pues|vale|sí|claro|favor"
        r"|antemano"
        r"|ayuda|ayúdame|ajuste|ajústame|ajustame|tunear|optimice|optimización|optimízame|encontrar|encuéntrame|busco"
        r"|buscamos|entrena[r]?|entrenamiento|aprender|mejora[rs]?|mejorás|mejore|construir|crear|lanza[r]?"
        r"|ejecuta[r]?|ejecutando|prueba"
        r"|probar|toma[r]?|tirale|tírale|pásale|pon|poner|realiza[r]?|hacer|haga|hazme|corre[r]?|emplea[r]?"
        r"|utiliza[r]?|utilizando|usando|use"
        r"|dar|quedarse|mantener|mantén|mantenga|vaya|ir|comprendid[oa]|estudio|búsqueda|hiperparámetros?|parámetros?"
        r"|valor(?:es)?|rango|intervalo|conjuntos?|tabla|clasificador|regresor|clasificación|regresión|algoritmo|método"
        r"|problema|tarea|proyecto|script|programa|función|comando|puntuación|opción|nuestr[oa]s?|sus?|tus?|mí|nos"
        r"|le|les|se|lo|te"
        r"|est[eao]s?|es[eao]s?|aquel|él|ella|ellos|cual|cuál|cuyo|donde|dónde|como|cómo|durante|hacia|según|tod[oa]s?"
        r"|presupuesto|límite|tiempo|duración|número|óptim[oa]s?|siguiente|desde|entre|esté|están|está|estar|siendo"
        r"|ser|sería|será|fue|acabar|terminar|terminado|listo|vez|cada|bueno|disponemos|dispongo|más",
        "the",
    ),
)
MARKS = (
    r"aleatorio|exactitud|semilla|columna|objetivo|media|segundos?|antes|mejores|dame|haz|entrena|usa|menos|mayor|menor"
    r"|gracias|buenas|pruebas?|veinte|treinta|dos|tres|cuatro|cinco|diez|ensayos|corridas|con|para|una?|quiero|hasta"
    r"|entre|por favor|minutos|horas?|maximizar?|minimizar?|optimiza|que|en|de|los|las|del|árbol|decisión|regresión"
    r"|ajusta|predecir|procesos|mejor|el|al|y|más|por|sobre|bosque|red|hola|minimiza|maximiza|máximo|sin|cada|usando"
    r"|lo|puedes|como|nomás|mejorás|oye|che|porfa|mínim[oa]|intentos|ejecuciones|la|se|tengo|vueltas"
)
"""Words that its sentences have and English ones do not, as a pattern."""
LETTERS = "[ñáíóú¿¡é]"
"""Letters that its sentences have and English ones do not, as a pattern."""
