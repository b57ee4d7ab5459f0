"""Spanish phrases of requests, and the English that the grammar reads for them; the longer before the shorter.

Not for: numbers (numerals.py), how the tables are used (languages.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

PHRASES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"(?:en realidad|de hecho|al final|pensándolo bien),?", "actually"),
    (r"núcleo(?= (?:rbf|lineal|linear|poly|sigmoid))", "kernel"),
    (r"grado", "degree"),
    (r"(?:de )?([-+.\d]\S*) (?:a|hasta) ([-+.\d][\d.e+-]*)", r"from \1 to \2"),
    (r"más (?:alt|grande|elevad)[oae]?s? posible", "as high as possible"),
    (r"más (?:baj|pequeñ|reducid)[oa]s? posible", "as low as possible"),
    (
        r"(?:parar?|para(?= (?:cuando|al|en|si))|detener(?:se)?|detente|detén|termina[r]?"
        r"|deten(?:er)?lo)(?= (?:cuando|al|en cuanto|en|si|una vez)(?!\w))",
        "stop",
    ),
    (r"(?:al llegar a|al alcanzar)", "when reached"),
    (r"cuando|en cuanto|una vez que|si", "when"),
    (r"(?:llegu?e[ns]?|alcan(?:ce|za|zar|zado)|supere|llega)(?: (?:al?|el))?", "reached"),
    (r"(?:con eso )?(?:basta(?:n|ría|rá)?|es suficiente|suficientes?|alcanza con)", "enough"),
    (
        r"(?:que )?(?:no|nunca) (?:debe(?:n)?|puede(?:n)?|debería(?:n)?) (?:superar|exceder|pasar"
        r" de|ser mayor(?:es)? (?:que|a|de))",
        "at most",
    ),
    (
        r"(?:que )?(?:no|nunca) (?:supere(?:n)?|exceda(?:n)?|pase(?:n)? de|sobrepase(?:n)?"
        r"|rebase(?:n)?|sea(?:n)? mayor(?:es)? (?:que|a|de)|mayor(?:es)? (?:que|a|de)"
        r"|superior(?:es)? a)|sin (?:superar|exceder|pasar de|usar más de|sobrepasar|gastar más"
        r" de)",
        "at most",
    ),
    (
        r"(?:que )?(?:no|nunca) (?:baje de|sea(?:n)? (?:menor(?:es)?|inferior(?:es)?) (?:que|a|de)"
        r"|menor(?:es)? (?:que|a|de)|inferior(?:es)? a|descienda de)",
        "at least",
    ),
    (r"(?:no|nunca) (?:uses?|utilices?|gastes?|consumas?|tardes?) más de", "at most"),
    (r"como (?:mucho|máximo)|máximo de|un máximo de|a lo sumo|máx\.?|limitado a|tope de", "at most"),
    (r"como mínimo|un mínimo de|mínimo de", "at least"),
    (
        r"(?:lo más|tan|el más|la más|lo) (?:baj[oa]s?|pequeñ[oa]s?|reducid[oa]s?|cort[oa])(?:"
        r" (?:que|como) (?:sea|se pueda))? ?(?:posible)?",
        "as low as possible",
    ),
    (
        r"(?:lo más|tan|el más|la más|lo) (?:alt[oa]s?|grandes?|elevad[oa]s?)(?: (?:que|como)"
        r" (?:sea|se pueda))? ?(?:posible)?",
        "as high as possible",
    ),
    (r"(?:el|la|los|las) (?:mayor|máxim[oa]|más alt[oa])(?: posible)?(?= \w*[a-z_])", "highest"),
    (r"(?:el|la|los|las) (?:menor|mínim[oa]|más baj[oa])(?: posible)?(?= \w*[a-z_])", "lowest"),
    (r"(?:cuanto|mientras) (?:más baj[oa]|menor|más pequeñ[oa])(?: sea)?,? mejor", "lower is better"),
    (r"(?:cuanto|mientras) (?:más alt[oa]|mayor|más grande)(?: sea)?,? mejor", "higher is better"),
    (r"([a-z_]\w*) máxim[oa](?=[ ,.;]|$)", r"highest \1"),
    (r"([a-z_]\w*) mínim[oa](?=[ ,.;]|$)", r"lowest \1"),
    (r"(?:inferior(?:es)?|menor(?:es)?) (?:a|que|de)", "below"),
    (r"(?:superior(?:es)?|mayor(?:es)?) (?:a|que|de)", "above"),
    (
        r"(?:hasta|antes de|a más tardar a|para) las (\d{1,2})(?::(\d\d))? (?:de la (?:tarde|noche)|pm)",
        lambda match: f"until {match[1]}{':' + match[2] if match[2] else ''}pm",
    ),
    (r"(?:hasta|antes de|a más tardar a|para|a) las (\d{1,2}):(\d\d)(?: ?h(?:oras)?)?", r"until \1:\2"),
    (r"(?:hasta|antes de|a más tardar a|para) las (\d{1,2})(?: (?:de la mañana|h(?:oras)?))?", r"until \1:00"),
    (r"(?:hasta|antes de)(?: la)? medianoche", "until midnight"),
    (r"(?:hasta|antes de)(?:l)? mediodía", "until noon"),
    (r"(?:en |con |a )?(?:una )?escala (?:log(?:arítmica)?)|logarítmic[oa]|logarítmicamente|en log", "log"),
    (r"error absoluto(?: medio)?", "mean absolute error"),
    (r"raíz (?:cuadrada )?del error cuadrático(?: medio)?", "rmse"),
    (r"error cuadrático(?: medio)?", "mean squared error"),
    (r"(?:exactitud|precisión) (?:balanceada|equilibrada)", "balanced accuracy"),
    (r"(?:puntuación|medida|valor) f1|f1[- ]score", "f1"),
    (r"área bajo la curva(?: roc)?", "auc"),
    (r"pérdida logarítmica|entropía cruzada", "log loss"),
    (r"coeficiente de determinación", "r2"),
    (r"regresión (?:ridge|de cresta)|ridge", "ridge"),
    (r"regresión lasso|lasso", "lasso"),
    (r"red elástica", "elastic net"),
    (r"(?:los |k[- ])?(?:k )?vecinos (?:más )?(?:cercanos|próximos)", "k nearest neighbours"),
    (r"máquinas? de (?:vectores? (?:de )?soporte|soporte vectorial)", "svm"),
    (r"perceptrón multicapa|redes neuronales|red neuronal", "neural network"),
    (
        r"(?:potenciación|aumento|refuerzo) (?:de|del) gradiente|boosting de gradiente|árboles potenciados",
        "gradient boosting",
    ),
    (r"bosques? aleatorios?|selva aleatoria", "random forest"),
    (r"árbol(?:es)? de (?:decisión|decisiones|clasificación)", "decision tree"),
    (r"tasa de aprendizaje|ritmo de aprendizaje", "learning rate"),
    (r"tamaño (?:de(?:l)? )?(?:lotes?|batch)", "batch size"),
    (r"(?:número de )?épocas", "epochs"),
    (r"profundidad(?: máxima)?", "depth"),
    (r"(?:número de )?capas(?: ocultas)?", "layers"),
    (r"(?:número de )?árboles(?! de)", "trees"),
    (r"(?:número de )?vecinos", "neighbors"),
    (
        r"(?:validación cruzada) (?:de|con|en) (\d+) (?:particiones|pliegues|partes|iteraciones|folds|bloques)",
        r"\1-fold cross-validation",
    ),
    (r"(\d+) (?:particiones|pliegues)", r"\1 folds"),
    (r"validación cruzada", "cross-validation"),
    (
        r"(?:reserva[r]?|aparta[r]?|guarda[r]?|deja[r]?|separa[r]?) (?:un |el )?(\d+(?:\.\d+)?)"
        r" ?(?:%|por ciento)(?: de los datos)?(?: aparte)?(?: (?:para|como)(?: la| el| conjunto"
        r" de)? (?:prueba|test|pruebas|validación))?",
        r"hold out \1%",
    ),
    (
        r"(\d+(?:\.\d+)?) ?(?:%|por ciento)(?: de los datos)? (?:aparte|para (?:la |el )?(?:prueba"
        r"|test|pruebas|evaluación|probar)|de test)",
        r"\1% held out",
    ),
    (r"por ciento", "%"),
    (
        r"(?:por|cada|para cada|en cada) (?:una de las )?(?:prueba|ensayo|intento|ejecución"
        r"|evaluación|simulación|corrida|entrenamiento)|cada un[oa]",
        "per trial",
    ),
    (
        r"(?:solo |sólo )?(?:una?|uno) (?:prueba |ejecución )?(?:a la vez|cada vez|por vez)|de una"
        r" en una|una tras otra",
        "1 at a time",
    ),
    (r"evaluaciones|simulaciones|iteraciones|configuraciones|corridas|experimentos|ejecución|vueltas", "trials"),
    (r"núcleos|hilos|workers|cores", "workers"),
    (r"al mismo tiempo|simultáne[oa]s?|(?:en )?paralel[oa]s?|en simultáneo", "at a time"),
    (r"semilla(?: aleatoria)?", "seed"),
    (r"tarjetas? gráficas?", "gpu"),
    (r"memoria(?: ram)?|ram", "memory"),
    (r"(?:una )?media hora", "30 minutes"),
    (r"medio día", "12 hours"),
    (r"(?:un )?cuarto de hora", "15 minutes"),
    (r"tres cuartos de hora", "45 minutes"),
    (r"(?:una )?hora y media", "1.5 hours"),
    (r"(\d+) horas y media", r"\1.5 hours"),
    (r"un minuto", "1 minute"),
    (r"un día", "1 day"),
    (r"dólar(?:es)?", "dollars"),
    (r"gasta(?:r|ndo|s)?|gaste[s]?|cuesta|cueste", "spend"),
    (r"peticiones(?: al modelo)?|consultas(?: al modelo)?|llamadas al modelo|solicitudes", "requests"),
    (r"(?:llám(?:alo|ala)|nómbralo|nómbrala)|llama(?:r|rlo|do|da)? (?:al? )?(?:el |la )?estudio", "call it"),
    (r"prede(?:cir|cido|cida|ce|zca|cimos|cción)|pronostica[r]?|estima[r]?|predicción", "predict"),
    (r"(?:la |el )?(?:columna |variable )?objetivo(?! es (?:minimizar|maximizar))|etiqueta", "target"),
    (r"columna", "column"),
    (r"(?:no|sin) (?:toques?|tocar|cambies?|cambiar|modifiques?|modificar)(?: (?:el|la|los|las|al))?", "don't touch"),
    (r"fij[oa] (?:en|a)|fijad[oa] (?:en|a)|constante (?:en|a)|se queda en", "fixed at"),
    (r"entre(?= [^\s,]+ ?, ?[^\s,]+)", "one of"),
    (r"(?:una? de|uno de|elegid[oa] entre|a elegir entre|de entre)", "one of"),
    (
        r"(?:sujeto a|siempre que|con la condición de que|con tal (?:de )?que|mientras(?: que)?"
        r"|manteniendo|con la restricción de(?: que)?)",
        "with",
    ),
    (r"maximi[zc]\w+", "maximise"),
    (r"minimi[zc]\w+", "minimise"),
    (r"debe(?:n|ría|rían)?|tiene(?:n)? que|puede(?:n)?", "must"),
    (r"métrica", "metric"),
    (r"más de", "more than"),
    (r"menos de", "less than"),
    (r"por favor|buenos días", "the"),
    (r"no más de|como (?:mucho|máximo)|a lo sumo|hasta|máximo", "at most"),
    (r"al menos|como mínimo|no menos de|por lo menos", "at least"),
    (r"(?:no quiero|no uses?|nada de) (.+?), (?:sino )?", r"not a \1 but "),
    (r"no (?:un|una) (.+?),? sino", r"not a \1 but"),
    (r"(?:lo más|tan) (?:bajo|baja|pequeñ[oa])(?: como sea)? posible", "as low as possible"),
    (r"(?:lo más|tan) (?:alto|alta|grande)(?: como sea)? posible", "as high as possible"),
    (r"(?:menor(?:es)?|más pequeñ[oa]) (?:que|a|de)|menos de|por debajo de", "below"),
    (r"(?:mayor(?:es)?|más grande) (?:que|a|de)|más de|por encima de", "above"),
    (r"(?:hasta|antes de) las (\d{1,2}:\d\d)", r"until \1"),
    (r"(?:hasta|antes de) las (\d{1,2})", r"until \1:00"),
    (r"en escala log(?:arítmica)?", "log"),
    (r"entre (\S+) y (\S+)", r"between \1 and \2"),
    (r"de (\S+) a (\S+)", r"from \1 to \2"),
    (r"bosques? aleatorios?", "random forest"),
    (r"árbol(?:es)? de decisión", "decision tree"),
    (r"regresión logística", "logistic regression"),
    (r"red(?:es)? neuronal(?:es)?", "neural network"),
    (r"(?:k )?vecinos más cercanos", "k nearest neighbours"),
    (r"máquinas? de vectores(?: de)? soporte", "svm"),
    (r"exactitud|precisión", "accuracy"),
    (r"tasa de error", "error rate"),
    (r"por (?:prueba|ensayo|intento)|cada (?:una|uno|prueba|ensayo)", "per trial"),
    (r"pruebas?|ensayos?|intentos?|ejecuciones", "trials"),
    (r"procesos?|trabajadores", "workers"),
    (r"en paralelo|a la vez|simultáneamente", "at a time"),
    (r"semilla", "seed"),
    (r"media hora", "30 minutes"),
    (r"un cuarto de hora", "15 minutes"),
    (r"hora y media", "1.5 hours"),
    (r"una hora", "1 hour"),
    (r"horas?", "hours"),
    (r"minutos?", "minutes"),
    (r"segundos?", "seconds"),
    (r"días?", "days"),
    (r"predecir|predice|pronosticar", "predict"),
    (r"maximi[zc][ae]r?", "maximise"),
    (r"minimi[zc][ae]r?", "minimise"),
    (r"bajar|baja|reducir|reduce|disminuir", "lower"),
    (r"subir|aumentar", "higher"),
    (r"no, (?:mejor|que sean?)|que sean|mejor que sean", "no, make that"),
    (r"olvida (?:el |la )?", "forget the "),
    (r"límite de tiempo", "time limit"),
    (r"sin", "without"),
    (r"y", "and"),
    (r"o", "or"),
    (r"en|con|para|por|a|al|de|del|sobre", "on"),
    (
        r"por favor|gracias|hola|buenos días|quiero|quisiera|puedes|podrías|me|mi|mis|yo|tú|ajusta[r]?|optimiza[r]?"
        r"|afina[r]?|busca[r]?|encuentra|usa[r]?|dame|haz|un|una|unos|unas|el|la|los|las|datos|conjunto|archivo|fichero"
        r"|modelo|mejor(?:es)?|buen[oa]?s?|que|sea|es|son|total|resultados",
        "the",
    ),
    (
        "buenas|buenas tardes|buen día|saludos|puede|pueden|podría(?:n|mos)?|podéis|necesito"
        "|necesitamos|queremos|querría|gustaría|deseo|tengo|tenemos|hay|he|ha|han|tiene|tienen"
        "|haber|debe|deben|debería|ten|tener"
        "|muchas|mucho|muy|bien|solo|sólo|solamente|únicamente|simplemente|aproximadamente|unos"
        "|alrededor|entonces|luego|después|también|además|así|ahora|primero|finalmente|aquí|ahí"
        "|ya|pues|vale|sí|claro|favor|antemano|ayuda|ayúdame"
        "|ajustar|ajuste|ajústame|ajustame|afinar|tunear|optimizar|optimice|optimización"
        "|optimízame|encontrar|encuéntrame|busco|entrena[r]?|entrenamiento|aprender|mejora[r]?"
        "|mejore|construir|crear|lanza[r]?|ejecuta[r]?|ejecutando|prueba(?= con)|probar|prueba"
        "|toma[r]?|pon|poner|realiza[r]?|hacer|haga|hazme|corre[r]?|emplea[r]?|utiliza[r]?"
        "|utilizando|usando|usar|use|dar|da|quedarse|mantener|mantén|mantenga|vaya|va|ir|varía"
        "|variando|comprendid[oa]"
        "|estudio|búsqueda|hiperparámetros?|parámetros?|valor(?:es)?|rango|intervalo|conjuntos?"
        "|fichero|archivo|tabla|clasificador|regresor|clasificación|regresión|algoritmo|método"
        "|problema|tarea|proyecto|script|programa|función|comando|resultado|puntuación"
        "|nuestr[oa]s?|su|sus|tu|tus|mí|nos|le|les|se|lo|te|est[eao]s?|es[eao]s?|aquel|él|ella"
        "|ellos"
        "|cual|cuál|cuyo|donde|dónde|como|cómo|porque|ya que|durante|hacia|según|todo|toda|todos"
        "|todas|presupuesto|límite|tiempo|duración|número|óptim[oa]s?|siguiente|mientras|desde"
        "|entre|esté|están|está|estar|siendo|ser|sería|será|fue|acabar|terminar|terminado|listo"
        "|vez|cada|bueno|máximo|mínimo",
        "the",
    ),
)
MARKS = (
    r"aleatorio|exactitud|semilla|columna|objetivo|media|segundos?|antes|mejores|dame|haz"
    r"|entrena|usa|menos|mayor|menor|gracias|buenas|prueba|veinte|treinta|dos|tres|cuatro"
    r"|cinco|diez|"
    r"pruebas|ensayos|con|para|una?|quiero|hasta|entre|por favor|minutos|horas?|maximizar?"
    r"|minimizar?|optimiza|que|media|en|de|los|las|del|árbol|decisión|regresión|ajusta|predecir|procesos|mejor"
    r"|el|al|y|más|por|sobre|semilla|bosque|red|hola|gracias|segundos|minimiza|maximiza|máximo"
    r"|sin|cada|usando|lo|puedes|como"
)
"""Words that its sentences have and English ones do not, as a pattern."""
LETTERS = "[ñáíóú¿¡é]"
"""Letters that its sentences have and English ones do not, as a pattern."""
