"""Requests in German, French, Spanish and Chinese, put into the English that the grammar reads.

Phrase by phrase from the tables below, never word by word at random: what no table knows stays as it was written, and
is quoted back as not understood. An English sentence is not touched. To add a language: a table and its marks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

Phrases = tuple[tuple[str, str], ...]
"""(pattern, English), the longer before the shorter; patterns stand between word borders where a script has some."""


@dataclass(frozen=True, slots=True)
class Language:
    """How sentences of a language are known and read."""

    marks: str
    """Words that its sentences have and English ones do not, as a pattern."""
    phrases: Phrases
    has_words: bool = True
    """Whether blanks stand between words."""
    has_decimal_comma: bool = True


_GERMAN: Phrases = (
    (r"(\w+) (?:in|aus) (\S+\.csv) (.*?)(?:vorhersagen?|vorherzusagen)", r"predict \1 in \2 \3"),
    (r"nicht mehr als|höchstens|maximal|bis zu|nie mehr als", "at most"),
    (r"mindestens|nicht weniger als|wenigstens", "at least"),
    (r"keine[nrs]? (.+?),? sondern", r"not \1 but"),
    (r"so (?:klein|niedrig|gering) wie möglich", "as low as possible"),
    (r"so (?:gro(?:ß|ss)|hoch) wie möglich", "as high as possible"),
    (r"(?:kleiner|niedriger|weniger) ist besser", "lower is better"),
    (r"(?:grö(?:ß|ss)er|höher|mehr) ist besser", "higher is better"),
    (r"(?:kleiner|weniger|niedriger) als|unter", "below"),
    (r"(?:grö(?:ß|ss)er|mehr|höher) als|über", "above"),
    (r"bis (?:um )?(\d{1,2}) uhr(?: fertig)?", r"until \1:00"),
    (r"bis (?:um )?(\d{1,2}:\d\d)(?: uhr)?(?: fertig)?", r"until \1"),
    (r"bis mitternacht", "until midnight"),
    (r"auf (?:einer )?log(?:arithmische[rn]?)?[- ]?skala|logarithmisch", "log"),
    (r"zwischen (\S+) und (\S+)", r"between \1 and \2"),
    (r"von (\S+) bis (\S+)", r"from \1 to \2"),
    (r"entscheidungsb(?:aum|äume)s?", "decision tree"),
    (r"logistische[rn]? regression", "logistic regression"),
    (r"zufallsw(?:ald|älder)s?", "random forest"),
    (r"neuronale[sn]?s? netz(?:es|werk)?s?", "neural network"),
    (r"nächste[rn]? nachbarn?|k-nächste-nachbarn", "nearest neighbours"),
    (r"(?:lineare )?stützvektor(?:maschine|klassifikator)", "svm"),
    (r"genauigkeit|trefferquote", "accuracy"),
    (r"fehlerrate", "error rate"),
    (r"fehler", "error"),
    (r"(?:pro|je|jede[rns]?) (?:versuch|lauf|durchlauf)", "per trial"),
    (r"je(?:weils)? (at most)", r"each \1"),
    (r"versuche?n?|läufe?n?|durchläufe?n?|experimente?n?|auswertungen", "trials"),
    (r"(?:parallele )?(?:prozesse?n?|arbeiter)", "workers"),
    (r"gleichzeitig|parallel", "at a time"),
    (r"startwert|zufallskeim|seed", "seed"),
    (r"eine halbe stunde|halbe stunde", "half an hour"),
    (r"eine dreiviertelstunde", "45 minutes"),
    (r"eine viertelstunde", "15 minutes"),
    (r"eine stunde", "1 hour"),
    (r"anderthalb stunden", "1.5 hours"),
    (r"stunden?", "hours"),
    (r"minuten?", "minutes"),
    (r"sekunden?", "seconds"),
    (r"tage?n?", "days"),
    (r"vorhersagen?|vorherzusagen|prognostizieren?", "predict"),
    (r"zielspalte|zielvariable", "target"),
    (r"klassifikation|klassifizieren?", "classification"),
    (r"maximieren?|maximiere", "maximise"),
    (r"minimieren?|minimiere", "minimise"),
    (r"(?:senken?|verringern?|reduzieren?)", "lower"),
    (r"(?:erhöhen?|steigern?)", "higher"),
    (r"zur(?:ück)?halten|zurückgelegt|beiseite", "held out"),
    (r"nein,? (?:lieber|doch|besser)?|doch lieber|stattdessen", "no, make that"),
    (r"statt (\S+)", r"not \1"),
    (r"vergiss (?:das |die |den )?", "forget the "),
    (r"zeitlimit|zeitgrenze", "time limit"),
    (r"und zwar|und|dabei|dazu|außerdem", "and"),
    (r"oder", "or"),
    (r"ohne", "without"),
    (r"kein(?:e[nrsm]?)?", "no"),
    (r"nicht", "not"),
    (r"auf|für|mit|im|in der|in den|in|am|an|zu|zum|zur|aus|bei|von|als", "on"),
    (
        r"bitte|möchte(?:n|st)?|würde|gern(?:e)?|ich|wir|mir|uns|kannst|könntest|du|sie|mal|mach(?:e|en)?|nimm|nehmen?"
        r"|optimiere?n?|tunen?|stimm(?:e|en)?|abstimmen|ab|einstellen|stelle|suche?n?|finde?n?|danke|hallo|guten tag"
        r"|der|die|das|den|dem|des|einen?|einer|einem|eines|ein|mein(?:e[nrsm]?)?|daten(?:satz)?|datei|modell|beste[nrs]?"
        r"|gute[nrs]?|lass|laufen|soll(?:en|te)?|werden|wird|ist|sind|es|fertig|sein|dann|so|etwa|noch|insgesamt|gesamt",
        "the",
    ),
)
_FRENCH: Phrases = (
    (r"s'il (?:te|vous) plaît", "the"),
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
    (r"une demi-heure|une demi heure", "half an hour"),
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
)
_SPANISH: Phrases = (
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
    (r"media hora", "half an hour"),
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
)
_CHINESE: Phrases = (
    (r"预测\s*(\S+\.csv)\s*(?:里|中)?的\s*(\w+)", r"predict \2 in \1"),
    (r"最小化\s*(\S+)\s*的\s*(\w+)", r"minimise \2 of \1"),
    (r"最大化\s*(\S+)\s*的\s*(\w+)", r"maximise \2 of \1"),
    (r"不要(?:用)?([^，。,]+?)[，,]\s*(?:改)?用", r"not \1 but "),
    (r"越高越好|尽可能高|尽量高", "as high as possible"),
    (r"越低越好|越小越好|尽可能低|尽可能小|尽量小", "as low as possible"),
    (r"不(?:低于|少于|小于)|至少", "at least"),
    (r"不(?:超过|多于|高于|大于)|最多|至多|不要超过", "at most"),
    (r"小于|低于", "below"),
    (r"大于|高于", "above"),
    (r"(?:晚上|下午)(\d{1,2})点(?:之?前)?(?:结束|完成)?", r"until \1pm"),
    (r"(?:早上|上午)?(\d{1,2})点(?:之?前)?(?:结束|完成)?", r"until \1:00"),
    (r"在?\s*(\S+?)\s*到\s*(\S+?)\s*之间", r" between \1 and \2"),
    (r"从?\s*([\d.e-]+)\s*到\s*([\d.e-]+)", r" from \1 to \2"),
    (r"对数(?:尺度|刻度|坐标)?", "log"),
    (r"随机森林", "random forest"),
    (r"决策树", "decision tree"),
    (r"逻辑回归|逻辑斯蒂回归", "logistic regression"),
    (r"神经网络|多层感知机", "neural network"),
    (r"梯度提升(?:树)?", "gradient boosting"),
    (r"支持向量机", "svm"),
    (r"k\s*近邻|最近邻", "k nearest neighbours"),
    (r"岭回归", "ridge"),
    (r"准确率|精度|正确率", "accuracy"),
    (r"错误率", "error rate"),
    (r"每次(?:试验|实验|运行)?", "each trial "),
    (r"([\d一二两三四五六七八九十百]+)\s*个?(?:并行|进程|线程|工作进程)", r"\1 workers"),
    (r"([\d一二两三四五六七八九十百]+)\s*(?:次|轮|个)(?:试验|实验|尝试|运行|评估)?", r"\1 trials"),
    (r"试验|实验|尝试", "trials"),
    (r"同时", "at a time"),
    (r"随机种子|种子", "seed"),
    (r"半(?:个)?小时", "half an hour"),
    (r"(?:个)?小时", " hours"),
    (r"分钟", " minutes"),
    (r"秒(?:钟)?", " seconds"),
    (r"天", " days"),
    (r"最大化", "maximise"),
    (r"最小化", "minimise"),
    (r"降低|减小", "lower"),
    (r"提高", "higher"),
    (r"预测", "predict"),
    (r"目标列", "target"),
    (r"取", "one of"),
    (r"改成|改为|换成", "no, make that"),
    (r"不要|别用|不用", "not"),
    (r"或者|或", " or "),
    (r"和|以及|并且", " and "),
    (
        r"请|帮我|麻烦|谢谢|你好|我想|我要|想|要|用|使用|在|上|的|对|把|调优|调整|调|优化|训练|数据集|数据|是|最好|一下|里|中|为|了|吧",
        " the ",
    ),
    (r"[，、；：。！？]", ", "),
)
LANGUAGES: dict[str, Language] = {
    "de": Language(
        r"auf|für|mit|und|bitte|versuche?|läufe|höchstens|keinen?|möchte|zwischen|stunden?|nein|von|wie|eine[nr]?|mach|ich|mindestens"
        r"|gleichzeitig|bis|minimieren?|maximieren?|fertig|startwert|nicht",
        _GERMAN,
    ),
    "fr": Language(
        r"sur|avec|essais|pas de|dans|une|pour|heures?|baisser|minimiser|maximiser|entre"
        r"|s'il|merci|peux-tu|prédis|je|les|à|plus de|moins de"
        r"|inférieure? à|pas plus de|graine|minimise[rz]?",
        _FRENCH,
    ),
    "es": Language(
        r"pruebas|ensayos|con|para|una?|quiero|hasta|entre|por favor|minutos|horas?|maximizar?"
        r"|minimizar?|optimiza|que|media|en|de|los|las|del|árbol|decisión|regresión|ajusta|predecir|procesos|mejor",
        _SPANISH,
    ),
    "zh": Language(r"[\u4e00-\u9fff]", _CHINESE, has_words=False, has_decimal_comma=False),
}
LEAST_MARKS = 2
"""Different marks that tell a language with words; a sentence of up to six words needs one."""
_NUMBER_WORDS: dict[str, dict[str, int]] = {
    "de": {
        "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10,
        "zwölf": 12, "fünfzehn": 15, "zwanzig": 20, "fünfundzwanzig": 25, "dreißig": 30, "vierzig": 40,
        "fünfzig": 50, "sechzig": 60, "achtzig": 80, "hundert": 100, "zweihundert": 200,
    },
    "fr": {
        "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9, "dix": 10,
        "douze": 12, "quinze": 15, "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
        "cent": 100,
    },
    "es": {
        "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10,
        "doce": 12, "quince": 15, "veinte": 20, "veinticinco": 25, "treinta": 30, "cuarenta": 40,
        "cincuenta": 50, "sesenta": 60, "cien": 100,
    },
}  # fmt: skip
_HAN = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}


def in_english(text: str, like: str | None = None) -> str:
    """The sentence in the grammar's English, as far as the tables go; an English one as it is.

    Args:
        text: the sentence.
        like: the language that was spoken before, for one too short to tell.
    """
    name = language_of(text) or like
    if name is None:
        return text
    language = LANGUAGES[name]
    if language.has_decimal_comma:
        text = re.sub(r"(?<![\d.,])(\d+),(\d+)(?!\d)", r"\1.\2", text)
    text = _han_numbers(text) if name == "zh" else _number_words(text, name)
    pad = "" if language.has_words else " "
    for pattern, english in _compiled(name):
        text = pattern.sub(f"{pad}{english}{pad}", text)
    return re.sub(r"[ \t]+", " ", text).strip()


def language_of(text: str) -> str | None:
    """The language of a sentence that is not English; None where it is, or cannot be told."""
    counts: dict[str, int] = {}
    for name, language in LANGUAGES.items():
        pattern = rf"(?<![\w./-])(?:{language.marks})(?![\w./-])" if language.has_words else language.marks
        counts[name] = len({mark.lower() for mark in re.findall(pattern, text, re.IGNORECASE)})
    best = max(counts, key=lambda name: counts[name])
    needed = 1 if best == "zh" or len(text.split()) <= 6 else LEAST_MARKS
    return best if counts[best] >= needed else None


@cache
def _compiled(name: str) -> list[tuple[re.Pattern[str], str]]:
    language = LANGUAGES[name]
    before, after = (r"(?<![\w{./-])", r"(?![\w}]|[./-]\w)") if language.has_words else ("", "")
    return [
        (re.compile(rf"{before}(?:{text})(?:{after})", re.IGNORECASE), english) for text, english in language.phrases
    ]


def _number_words(text: str, name: str) -> str:
    words = _NUMBER_WORDS[name]
    pattern = rf"(?<![\w-])(?:{'|'.join(sorted(words, key=len, reverse=True))})(?![\w-])"
    return re.sub(pattern, lambda match: str(words[match[0].lower()]), text, flags=re.IGNORECASE)


def _han_numbers(text: str) -> str:
    """Numbers up to 99 in Chinese digits, before a counting word."""

    def value(match: re.Match[str]) -> str:
        tens, ten, ones = match[1], match[2], match[3]
        total = (_HAN.get(tens, 1) * 10 if ten else _HAN.get(tens, 0)) + _HAN.get(ones, 0)
        return str(total)

    counted = r"(?=\s*(?:次|轮|个|分钟|小时|秒|天|折|并行|进程))"
    return re.sub(
        rf"([一二两三四五六七八九]?)(十)([一二三四五六七八九]?){counted}|(?!)",
        value,
        re.sub(rf"([一二两三四五六七八九])(?!十){counted}", lambda match: str(_HAN[match[1]]), text),
    )
