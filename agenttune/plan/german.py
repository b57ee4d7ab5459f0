"""German phrases of requests, and the English that the grammar reads for them; the longer before the shorter.

Not for: numbers (numerals.py), how the tables are used (languages.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agenttune.plan.clock import until
from agenttune.plan.little_words import LITTLE_WORDS
from agenttune.plan.numerals import number_words

_TRIAL = (
    r"(?:versuch|lauf|durchlauf|durchgang|simulation|test|messung|experiment|training|testlauf|trainingslauf"
    r"|auswertung)"
)
_MAY = r"(?:darf|dürfen|soll|sollen|sollte|sollten|muss|müssen|kann|können)"
_OVER = r"(?:über|größer als|grösser als|mehr als|höher als|länger als)"
_UNDER = r"(?:unter|kleiner als|weniger als|niedriger als|schlechter als)"
_AS_IT_GOES = r"(?: wie (?:nur )?(?:möglich|es (?:nur )?geht|du kannst))?"
_WORD = r"[a-zäöüß]+"
_METRIC = r"(?:log loss|mean (?:absolute|squared) error|balanced accuracy|error rate|[a-z]\w*)"
_FALL = (
    r"(?:runter(?:gehen|kommen)?|herunter|nach unten|sinken|fallen|zurückgehen"
    r"|(?:klein|niedrig)(?:er)? (?:werden|haben|sein|bleiben))"
)
_RISE = (
    r"(?:rauf(?:gehen)?|hoch(?:gehen|kommen)?|nach oben|steigen|wachsen"
    r"|(?:groß|größer|höher|hoch) (?:werden|haben|sein|bleiben))"
)
_FAR = (
    r"(?:(?:so weit|so sehr|so|möglichst)(?: (?:wie|es))?(?: (?:irgend|nur|eben))*(?: (?:möglich|geht))? ?(?:weit )?)?"
)
_THE = r"(?:(?:die|der|das|den|dem) )?"
_TOUCH = r"(?:anfassen|verändern|ändern|anrühren|verstellen|mittunen|tunen)"
_CLOCK = (
    r"(?P<begin>bis|vor|spätestens(?: um| bis| gegen)?|um(?= .{1,30}(?:fertig|abends|nachmittags)))"
    r"(?: spätestens)?(?P<day> (?:heute(?: (?:abend|nachmittag|nacht))?|morgen früh))?(?: (?:um|gegen))?"
    r" (?P<part>halb |viertel (?:nach|vor) |dreiviertel )?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?(?P<unit> ?uhr)?"
    r"(?: (?P<past>\d\d)(?! ?(?:versuche|min|%)))?(?P<half> (?:abends|nachmittags|morgens|früh|vormittags"
    r"|am (?:abend|nachmittag|morgen)))?"
    r"(?: (?:muss|soll|sollte|will|möchte)(?: (?:es|das|alles|ich))?)?(?: (?:fertig|durch|vorbei)(?: sein)?)?"
)


def _until(match: re.Match[str]) -> str:
    part, day = (match["part"] or "").strip(), f"{match['day'] or ''}{match['half'] or ''}"
    if not (part or day or match["minute"] or match["unit"]):
        return match[0]
    shift = {"halb": -30, "viertel vor": -15, "viertel nach": 15, "dreiviertel": -15}.get(part)
    minute = shift if shift is not None else match["minute"] or match["past"]
    is_late = re.search(r"abend|nachmittag|nacht", day, re.IGNORECASE) is not None
    return until(match["hour"], minute, is_late=is_late)


def _and_a_half(match: re.Match[str]) -> str:
    """ "zweieinhalb Stunden"."""
    unit = {"s": "hours", "m": "minutes", "t": "days"}[match[2][0].lower()]
    return f"{number_words('de')[match[1].lower()]}.5 {unit}"


PHRASES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    # what says nothing
    (r"(?:guten (?:morgen|abend|tag)|moin(?: moin)?|servus|grüß gott|hallo|hi)(?: (?:zusammen|leute|team))?", "the"),
    (
        r"(?:vielen|besten|herzlichen|lieben) dank(?: (?:im voraus|schon mal|schonmal))*|danke(?: (?:schön|dir|euch"
        r"|sehr))*",
        "the",
    ),
    (
        r"(?:hängt|steckt|stecken|steht|stagniert|dümpelt|liegt|bleibt|krebst)(?: \w+){0,2}? bei (?:etwa |ca\.? "
        r"|rund )?[-\d.]+ ?%?(?: (?:fest|rum|herum))?",
        "the",
    ),
    (
        r"(?:die|der|das|unser\w*) (?:grafikkarte|gpu|rechner|server|cluster|maschine|kiste) (?:ist|sind|wäre"
        r"|steht)(?: [a-zäöüß]+){0,5} (?:frei|verfügbar|bereit)",
        "the",
    ),
    (
        r"keine ahnung|kein(?:e)? (?:problem|stress|eile|hektik)|egal(?: (?:wie|welche[rs]?|ob))?|macht nichts"
        r"|nicht wahr|warum nicht",
        "the",
    ),
    (
        rf"(?:mehr|länger) als (\d+(?:\.\d+)? {_WORD}|(?:eine[nr]? )?(?:halbe|drei ?viertel"
        rf"|viertel)[nr]? ?{_WORD}) (?:(?:brauchst|brauchen|braucht|brauche|will|wollen|möchte|soll(?:en|te)?|müssen"
        rf"|dürfen"
        r"|darf|kannst?|muss|gibt|gönne?)(?:'s)? )?(?:(?:du|wir|es|ich|man|das|sie|er|da|davon"
        r"|auf keinen fall) )*(?:nicht|keinesfalls)"
        r"(?: (?:sein|werden|laufen|brauchen|dauern|machen|haben|rechnen))?",
        r"at most \1",
    ),
    (
        rf"(?:brauchst|musst|brauchen|müssen|brauche|muss)(?: (?:du|wir|ich|man|mir|dafür|dabei))* (?:nicht"
        rf"|keine?)(?! \S*(?:gpu|grafik))(?: {_WORD}){{0,5}}(?=\s*(?:[,.;:)]|$))",
        "never mind that",
    ),
    (
        r"(?:(?:brauche|brauchen|haben?|hab|nimm|nutze?|verwende)(?: (?:ich|wir|da))* )?keine (?:gpu"
        r"|grafikkarte)(?: (?:nötig|notwendig|erforderlich|vorhanden|da|nehmen|nutzen|verwenden))?",
        "no gpu",
    ),
    (r"(?:ohne|auch ohne) (?:gpu|grafikkarte)", "no gpu"),
    (r"(?:die )?(?:ziel)?metrik(?: \w+)? (?:heißt|nennt sich)(?= \w)", "metric "),
    (
        r"(?:die |das |der )?((?:ziel)?spalte|skript|programm|funktion|datei|parameter"
        r"|label)(?: \w+)? (?:heißt|nennt sich)(?= \w)",
        r"\1",
    ),
    # what is to be predicted
    (r"(\w+) (?:in|aus) (\S+\.csv) (.*?)(?:vorhersagen?|vorherzusagen)", r"predict \1 in \2 \3"),
    (r"(?:sage?|sagt|sagen) (\w+) (.*?)(?:voraus|vorher)(?!\w)", r"predict \1 \2"),
    (
        r"vor(?:her)?(?:zu)?sag(?:en?|t)|vorher(?:ge|zu)sagt?|voraus(?:ge|zu)?sag(?:t|en)|(?:ab)?schätzen|prognose"
        r"|prognostizieren?",
        "predict",
    ),
    (r"ziel(?:spalte|variable|größe|wert|merkmal)|label", "target"),
    (r"spalte", "column"),
    (r"klassifikation|klassifizieren?|klassifizierung", "classification"),
    # estimators
    (r"(?:k[- ])?nächste[rn]?[- ]nachbarn?-klassifikator[ns]?", "k nearest neighbours classifier"),
    (r"(?:k[- ])?nächste[rn]?[- ]nachbarn?", "k nearest neighbours"),
    (
        r"(\w[\w-]*?)-(klassifikator|regressor)e?[ns]?",
        lambda match: f"{match[1]} {'classifier' if match[2].lower().startswith('k') else 'regressor'}",
    ),
    (
        r"(\w[\w-]*?)-(?:modell|datensatz|daten|suche|studie|optimierung"
        r"|skript|verfahren)e?[ns]?",
        r"\1 the",
    ),
    (r"gradienten?[- ]?boosting|gradienten?verstärkung|boosting[- ]bäumen?", "gradient boosting"),
    (r"mehrschichtige[rsn]? perzeptron|neuronale[snm]? netz(?:es|en?|werk(?:e[ns]?)?)?", "neural network"),
    (r"support[- ]ve[kc]tor[- ]ma(?:schinen?|chines?)|(?:lineare )?stützvektor(?:maschinen?|klassifikator)", "svm"),
    (r"klassifikator(?:en|s)?", "classifier"),
    (r"regressor(?:en|s)?", "regressor"),
    (r"ridge[- ]regression|ridge", "ridge"),
    (r"elastisches netz", "elastic net"),
    (r"entscheidungsb(?:aum|äume)[ns]?", "decision tree"),
    (r"logistische[rn]? regression", "logistic regression"),
    (r"zufallsw(?:ald|älder)[ns]?", "random forest"),
    # parameters
    (r"kernel(?:funktion)?", "kernel"),
    (r"polynomgrad|grad", "degree"),
    (r"lernrate", "learning rate"),
    (r"batch[- ]?größe|stapelgröße|losgröße", "batch size"),
    (r"(?:anzahl (?:der )?)?epochen", "epochs"),
    (r"(?:maximale[rn]? )?(?:baum)?tiefe", "depth"),
    (r"(?:anzahl (?:der )?)?(?:verdeckten? )?schichten", "layers"),
    (r"(?:anzahl (?:der )?)?bäumen?", "trees"),
    (r"(?:anzahl (?:der )?)?nachbarn", "neighbors"),
    (r"(?:fass|rühr)(?:e|t)? (?:die |den |das )?(\S+(?: \S+)?) (?:bitte )?(?:nicht|nie) an", r"don't touch \1"),
    (
        rf"(?:die |den |das )?((?:batch |learning |weight )?\S+) (?:bitte )?(?:nicht {_TOUCH}|unverändert"
        r" lassen|so lassen(?: wie (?:sie|er|es) ist)?|(?:bleibt|soll bleiben|soll) (?:so )?(?:gleich|unverändert"
        r"|wie (?:sie|er|es) ist))",
        r"don't touch \1",
    ),
    (
        r"(?:lass|lasse|setz|setze|halt|halte|fixier|fixiere) (?:die |den |das )?(\w+) (?:fest |fix "
        r"|konstant )?(?:auf|bei)(?= [\d.])",
        r"\1 fixed at",
    ),
    (r"(?:bleibt |ist )?(?:fest|fix|konstant|fixiert) (?:auf|bei)|(?:bleibt|belassen) (?:bei|auf)", "fixed at"),
    (r"(?:von |ab )?([-+.\d]\S*) bis (?:zu )?([-+.\d][\d.e+-]*)", r"from \1 to \2"),
    (r"zwischen (\S+) und (\S+)", r"between \1 and \2"),
    (r"eines? (?:von|aus)|ausgewählt aus|entweder|wahlweise", "one of"),
    (r"aus(?= [^\s,]+ ?, ?[^\s,]+)", "one of"),
    (r"zweierpotenzen|potenzen von (?:2|zwei)", "powers of 2"),
    (
        r"(?:auf|in|mit)? ?(?:einer )?log(?:arithmische[rnm]?)?[- ]?(?:skala|skaliert|skalierung"
        r"|raum)|logarithmisch(?:e[rnms]?)?",
        "log",
    ),
    (
        rf"{_THE}(\w+) (?:(?:{_MAY}|geht|aber|doch|lieber|jetzt|bitte) )*nur (?:noch )?bis(?: zu)?(?= [\d.])",
        r"\1 at most",
    ),
    # when to stop
    (
        rf"{_THE}({_METRIC}) (?:soll |sollte |muss )?(?:unter|auf unter) (\d[\d.]*(?: ?%| prozent)?) (?:kommen"
        rf"|liegen|fallen|sinken|gehen|sein|liegt|ist|fällt|sinkt)"
        r",? (?:(?:dann|kannst|können|darfst|du|wir|ist|bitte|gerne?) )*(?:aufhören|schluss|stoppen|fertig"
        r"|stopp|abbrechen|reicht(?: (?:es|das|mir))*)",
        r"stop when \1 reaches \2",
    ),
    (
        rf"{_THE}({_METRIC}) (?:soll |sollte |muss )?(?:über|auf über|auf) (\d[\d.]*(?: ?%"
        rf"| prozent)?) (?:kommen|liegen|steigen|gehen|sein|liegt|ist|steigt)"
        r",? (?:(?:dann|kannst|können|darfst|du|wir|ist|bitte|gerne?) )*(?:aufhören|schluss|stoppen|fertig"
        r"|stopp|abbrechen|reicht(?: (?:es|das|mir))*)",
        r"stop when \1 reaches \2",
    ),
    (
        rf"(?:sobald|wenn|falls|bis) {_THE}({_METRIC}) (?:bei |auf |über |unter |mindestens )?(\d[\d.]*(?: ?%"
        rf"| prozent)?) (?:erreicht(?: hat)?|liegt|ist|kommt|steigt|fällt|sinkt"
        r"|knackt|schafft|überschreitet|unterschreitet|hat)",
        r"when \1 reaches \2",
    ),
    (
        r"(?:bei|ab) (\d+(?:\.\d+)? ?(?:%|prozent)?) (\w+ )?(?:(?:kannst du|können wir|ist) )?(?:auf(?:zu)?hören"
        r"|stoppen|abbrechen"
        r"|anhalten|aufhört|beenden|schluss)",
        r"stop at \1 \2",
    ),
    (
        r"(?:sobald|wenn|falls|ab|bis|bei) (\d+(?:\.\d+)? ?(?:%|prozent)?) (?:erreicht|geschafft"
        r"|geknackt)(?: (?:ist|sind|wird|wurde|werden))?,?"
        r"(?: (?:kannst|darfst|bitte|dann|du|gern|ruhig))*(?: (?:aufhören|stoppen|abbrechen|stopp|schluss|anhalten))?",
        r"stop when it reaches \1",
    ),
    (
        r"(?:hör(?:e|t)?|stopp(?:e|t)?|brich|brecht|halte?|beende|mach(?:e)? schluss)(?: (?:bitte"
        r"|dann|es|auf|ab|die suche|die studie))* (?=(?:bei|sobald|wenn|ab|nach|when|after)(?!\w))",
        "stop ",
    ),
    (r"(?<=stop )(?:bei|ab)(?!\w)", "at"),
    (
        r"nach(?= \d+(?:\.\d+)? (?:hours|minutes|versuchen|läufen|durchläufen|minuten|stunden|simulationen"
        r"|experimenten))",
        "after",
    ),
    (r"sobald|wenn|falls", "when"),
    (r"erreicht(?:e|en)?(?: (?:ist|sind|wird|wurde))?|erreichen", "reached"),
    (r"aufhören|stoppen|abbrechen|anhalten", "stop"),
    (r"(?:das )?reichen|reicht|genügt|genügen|genug", "enough"),
    # limits
    (
        rf"(?:ohne|ohne, )dass {_THE}(\w+) (?:{_WORD} )??(?:über|auf über) (\d[\d.]*) (?:geht|steigt|kommt"
        rf"|liegt|klettert)",
        r"with \1 at most \2",
    ),
    (
        rf"(?:ohne|ohne, )dass {_THE}(\w+) (?:{_WORD} )??unter (\d[\d.]*) (?:geht|fällt|sinkt|kommt|liegt|rutscht)",
        r"with \1 at least \2",
    ),
    (
        rf"(?:{_MAY} )?(?:(?:dabei|aber|jedoch|auch|bitte|da) )*(?:nicht|nie|niemals"
        rf"|keinesfalls) {_OVER} (\d[\d.]*(?: ?%)?)(?: (?:steigen|gehen|liegen|kommen|klettern|sein|wachsen))?",
        r"at most \1",
    ),
    (
        rf"(?:{_MAY} )?(?:(?:dabei|aber|jedoch|auch|bitte|da) )*(?:nicht|nie|niemals"
        rf"|keinesfalls) {_UNDER} (\d[\d.]*(?: ?%)?)(?: (?:fallen|sinken|gehen|liegen|kommen|rutschen|sein))?",
        r"at least \1",
    ),
    (r"(?:dabei|aber)(?= (?:höchstens|maximal|mindestens|minimal)(?! ?\w*möglich))", " "),
    (rf"{_MAY} (.{{1,30}}?) (?:nicht|nie) (?:überschreiten|übersteigen)", r"\1 at most"),
    (rf"(?:{_MAY} )?(?:nicht|nie|niemals) {_OVER}", "at most"),
    (rf"(?:{_MAY} )?(?:nicht|nie|niemals) {_UNDER}", "at least"),
    (
        r"(?:aller)?höchstens|maximum|max\.?|maximal(?= \d)|längstens|limitiert auf|begrenzt auf|bis zu"
        r"|innerhalb(?: von)?|binnen",
        "at most",
    ),
    (r"minimum|mindestens|wenigstens|zumindest", "at least"),
    (
        rf",? ?{_THE}(?:(?:{_MAY}|will ich|wollen wir|möchte ich|hätte ich gern|hätt ich gern) )(?:(?:bitte"
        rf"|gern|also|nur|unbedingt|einfach) )*{_FAR}{_FALL}(?: (?:irgend|nur|wie|möglich|es"
        rf"|geht))*(?=\s*(?:[.,;:)\n]|$|und|aber))",
        " as low as possible",
    ),
    (
        rf",? ?{_THE}(?:(?:{_MAY}|will ich|wollen wir|möchte ich|hätte ich gern|hätt ich gern) )(?:(?:bitte"
        rf"|gern|also|nur|unbedingt|einfach) )*{_FAR}{_RISE}(?: (?:irgend|nur|wie|möglich|es"
        rf"|geht))*(?=\s*(?:[.,;:)\n]|$|und|aber))",
        " as high as possible",
    ),
    (
        rf"je (?:kleiner|niedriger|geringer|weniger) {_THE}({_METRIC})(?: ist)?,? (?:desto|umso) besser",
        r"the lower \1 the better",
    ),
    (rf"je (?:größer|höher|mehr) {_THE}({_METRIC})(?: ist)?,? (?:desto|umso) besser", r"the higher \1 the better"),
    (r"darf|dürfen|soll|sollen|muss|müssen|sollte|sollten|möge", "must"),
    (
        rf"(?:so|möglichst) (?:klein|niedrig|gering|tief|kurz|wenig)(?:e[rsnm]?)?{_AS_IT_GOES}",
        "as low as possible",
    ),
    (rf"(?:so|möglichst) (?:gro(?:ß|ss)|hoch|hohe|viel)(?:e[rsnm]?)?{_AS_IT_GOES}", "as high as possible"),
    (
        r"so (?:weit|stark) (?:wie|es) (?:möglich|geht|nur möglich) (?:runter|nach unten|senken|drücken)",
        "as low as possible",
    ),
    (
        r"so (?:weit|stark) (?:wie|es) (?:möglich|geht|nur möglich) (?:rauf|hoch|nach oben|steigern)",
        "as high as possible",
    ),
    (rf"({_METRIC}) (?:hoch|rauf)(?=\s*(?:[.,;:)\n]|$|und))", r"\1 as high as possible"),
    (rf"({_METRIC}) (?:niedrig|klein|runter)(?=\s*(?:[.,;:)\n]|$|und))", r"\1 as low as possible"),
    (r"(?:höchst|größt|grösst|maximal)(?:e[rsnm]?)?(?:[- ]?mögliche?[rsnm]?)?(?= [a-zäöü_\d]*[a-zäöü_])", "highest"),
    (
        r"(?:niedrigst|kleinst|geringst|minimal)(?:e[rsnm]?)?(?:[- ]?mögliche?[rsnm]?)?(?= [a-zäöü_\d]*[a-zäöü_])",
        "lowest",
    ),
    (
        r"je (?:kleiner|niedriger|geringer|weniger),? (?:desto|umso) besser|(?:kleiner|niedriger|weniger) ist besser",
        "lower is better",
    ),
    (
        r"je (?:grö(?:ß|ss)er|höher|mehr),? (?:desto|umso) besser|(?:grö(?:ß|ss)er|höher|mehr) ist besser",
        "higher is better",
    ),
    (
        r"(?:hol|quetsch|kitzel|hole)e? (?:bitte |noch )*(?:mehr|das (?:letzte|maximum"
        r"|beste)(?: an)?) (\w+) (?:he)?raus",
        r"maximise \1",
    ),
    (
        r"(?:drück|press|bring|treib)e? (?:die |den |das )?(\w+) (?:so weit (?:wie möglich|es geht) )?(?:nach unten"
        r"|runter|herunter)",
        r"minimise \1",
    ),
    (
        r"(?:treib|bring|schraub)e? (?:die |den |das )?(\w+) (?:so weit (?:wie möglich|es geht) )?(?:nach oben|hoch"
        r"|rauf)",
        r"maximise \1",
    ),
    (r"(?:maximier|minimier)\w*", lambda match: "maximise" if match[0].lower().startswith("max") else "minimise"),
    (r"(?:ab)?(?:senken?|verringern?|reduzieren?|drücken)", "lower"),
    (r"(?:erhöhen?|steigern?)", "higher"),
    (_CLOCK, _until),
    (r"bis (?:heute )?(?:mittag|12 uhr mittags)", "until noon"),
    (r"bis (?:um )?mitternacht", "until midnight"),
    # metrics
    (r"mittlere[rnms]? absolute[rnms]? fehlers?|absoluter fehler", "mean absolute error"),
    (r"(?:wurzel aus dem |wurzel des )mittlere[rnms]? quadratische[rnms]? fehlers?", "rmse"),
    (r"mittlere[rnms]? quadratische[rnms]? fehlers?|quadratischer fehler", "mean squared error"),
    (r"(?:balancierte|ausgewogene|ausbalancierte)[rnms]? genauigkeit", "balanced accuracy"),
    (r"f1[- ](?:wert|score|maß|mass)|f-maß", "f1"),
    (r"bestimmtheitsma(?:ß|ss)|r²", "r2"),
    (r"log[- ]?(?:verlust|loss)|kreuzentropie", "log loss"),
    (r"fläche unter der (?:roc[- ])?kurve", "auc"),
    (r"genauigkeit|trefferquote", "accuracy"),
    (r"sensitivität", "recall"),
    (r"fehler(?:rate|quote)", "error rate"),
    (r"fehler", "error"),
    (r"zielmetrik|metrik|zielgröße", "metric"),
    # folds and the part held out
    (r"(\d+)[- ]?(?:fache?[rnms]?|fold) (?:kreuzvalidierung|cv|kreuzvalidieren)", r"\1-fold cross-validation"),
    (r"kreuzvalidierung mit (\d+) (?:faltungen|teilen|folds)", r"\1 folds"),
    (r"(?:mit )?(\d+) (?:faltungen|teilmengen)", r"\1 folds"),
    (
        r"(zwei|drei|vier|fünf|sechs|sieben|acht|zehn)fach(?:e[rnms]?)? (?:kreuzvalidierung|kreuzvalidiert"
        r"|kreuzvalidieren|cv)",
        lambda match: f"{number_words('de')[match[1].lower()]}-fold cross-validation",
    ),
    (r"(\d+)[- ]?fach (?:kreuzvalidiert|kreuzvalidieren)", r"\1-fold cross-validation"),
    (r"kreuzvalidierung|kreuzvalidiert", "cross-validation"),
    (r"(?:ein|1) (?=(?:viertel|fünftel|drittel|zehntel)(?: der daten)? (?:zum|als|für|zurück|beiseite|held))", "a "),
    (
        r"(?<=a )(viertel|fünftel|drittel|zehntel)",
        lambda match: {"v": "quarter", "f": "fifth", "d": "third", "z": "tenth"}[match[1][0].lower()],
    ),
    (
        r"(\d+(?:\.\d+)? ?(?:%|prozent)|a \w+) (?:der daten )?(?:zum test(?:en)?|als test(?:daten|menge"
        r"|set)?|für (?:den |die )?test(?:s|en|daten)?|zurück(?:zu)?(?:halten|legen)"
        r"|beiseite(?:legen)?)(?: (?:zurück(?:zu)?(?:halten|legen|gehalten)|beiseite(?:legen)?"
        r"|reservieren|verwenden|nehmen|aufheben))?",
        r"\1 held out",
    ),
    (
        r"(?:halte?|lege?|lass) (\d+(?:\.\d+)? ?(?:%|prozent)|a \w+) (?:der daten )?(?:zum testen )?(?:zurück"
        r"|beiseite)",
        r"\1 held out",
    ),
    (r"zur(?:ück)?halten|zurückgelegt|beiseite", "held out"),
    (r"prozent", "%"),
    (r"zufallssuche|zufällige suche", "random search"),
    (r"bayes(?:'?sche|ianische|-)? ?optimierung|bayesoptimierung", "bayesian search"),
    (r"raster-?suche|gitter-?suche", "grid search"),
    # budget and machine
    (
        r"(?:immer )?nur (?:ein(?:e[nr]?)?|1) (?:versuch|lauf|durchlauf)(?: (?:auf einmal|gleichzeitig"
        r"|zur gleichen zeit))?"
        r"|(?:einer |eins )?nach dem anderen|nacheinander",
        "1 at a time",
    ),
    (
        rf"(?:pro|je|jede[rns]?|für jede[ns]?|per|ein) (?:einzelne[rns]? )?{_TRIAL}(?: (?=(?:must|at most"
        rf"|höchstens)))?",
        "per trial",
    ),
    (r"je(?:weils)? (at most)", r"each \1"),
    (r"à (\d+(?:\.\d+)? ?\w+)", r"\1 each"),
    (
        r"simulationen|durchgängen?|testläufen?|messungen|konfigurationen|kombinationen|iterationen|trials"
        r"|evaluierungen|proben"
        r"|runs|trainingsläufen?|versuche?n?|läufe?n?|durchläufe?n?|experimente?n?|auswertungen|anläufe?n?"
        r"|runden|probeläufen?|messläufen?|simulationsläufen?",
        "trials",
    ),
    (r"arbeitsprozesse?n?|(?:cpu-)?kernen?|threads|cores|workern?|(?:parallele )?(?:prozesse?n?|arbeiter)", "workers"),
    (r"zur gleichen zeit|auf einmal|nebeneinander|gleichzeitig|parallel", "at a time"),
    (r"zufalls(?:saat|zahl|startwert|keim)|saat|startwert|seed", "seed"),
    (r"(?:eine[rn]?|1) (?:einzige[rn]? )?(?:grafikkarte|gpu)", "1 gpu"),
    (r"grafikkarte|gpu", "gpu"),
    (r"grafikkarten|gpus", "gpus"),
    (r"arbeitsspeicher|hauptspeicher|speicher|ram", "memory"),
    (r"(?:eine|1)? ?(?:drei ?viertel ?stunde)", "45 minutes"),
    (r"(?:eine[nr]?|1)? ?halbe[nr]? (?:stunde|std\.?)|30 minütchen", "30 minutes"),
    (r"(?:eine[nr]?|1)? ?halbe[nr]? minute", "30 seconds"),
    (r"(?:einen?|1)? ?halbe[nr]? tag", "12 hours"),
    (r"(?:eine[nr]?|1)? ?viertel ?stunde", "15 minutes"),
    (r"(?:anderthalb|eineinhalb|1 ?1/2) (?:stunden|std\.?)", "1.5 hours"),
    (
        r"(zwei|drei|vier|fünf|sechs|acht|zehn)einhalb (stunden?|std\.?|minuten|tage)",
        _and_a_half,
    ),
    (
        r"(?:eine|1|(\d+)) (?:stunden?|std\.?) und (\d+)(?: (?:minuten?|min))?",
        lambda match: f"{match[1] or 1} hours and {match[2]} minutes",
    ),
    (
        r"eine[nr]? (stunde|minute|sekunde|tag)",
        lambda match: (
            {"s": "1 hour", "m": "1 minute", "t": "1 day"}[match[1][0].lower()]
            if match[1].lower() != "sekunde"
            else "1 second"
        ),
    ),
    (r"stündchen", "1 hour"),
    (r"stunden?|std\.?|stdn\.?", "hours"),
    (r"minuten?|min\.|minütchen", "minutes"),
    (r"sekunden?|sek\.?", "seconds"),
    (r"tage?n?", "days"),
    (r"dollars?|us-dollar", "dollars"),
    (r"(?:ausgeben|ausgegeben|kosten|verbrauchen|zahlen|bezahlen)", "spend"),
    (r"(?:fürs|für das|dem|das|am|vom) sprachmodell(?:e)?", "on the language model"),
    (r"sprachmodelle?[nsm]?", "language model"),
    (r"(?:sprach)?modell-?anfragen|anfragen(?: an das (?:sprach)?modell)?", "requests"),
    (r"(?:heißt|nenne?|nennen)(?: (?:sie|es|das ganze|die studie|das))?(?: bitte)?", "call it"),
    (r"(?:mit )?(?:de[mr] )?namen?(?: der studie)?:?(?= [\w-]+)", "with the name"),
    # what a program prints
    (
        r"(?:spielt|simuliert|rechnet|verarbeitet|fährt|macht) \d+ [a-zäöüß]+ und(?= (?:schreibt|gibt|druckt|meldet"
        r"|liefert))",
        ",",
    ),
    (r"(?:schreibt|gibt|druckt|wirft|spuckt) (\w+(?:(?:, | und )\w+)*) (?:he)?(?:aus|raus)", r"prints \1"),
    (r"(?:liefert|meldet|druckt|loggt|protokolliert)", "prints"),
    # corrections and denials
    (
        r"(?:bei(?:m)? |mit (?:dem |der )?)(\w+) (?:hab(?:e)? ich mich|war ich) (?:vertan|geirrt|verschrieben"
        r"|vertippt|falsch)[,:;.]?(?: (?:es|das|soll|sollte|richtig|sein|ist|sind|muss))*",
        r"no, make that \1 ",
    ),
    (r"korrektur ?[:,]?|(?:ich )?(?:meinte|meine) (?:doch |eigentlich )?", "no, make that "),
    (r"keine[nrs]? (.+?),? sondern", r"not \1 but"),
    (
        r"(\d+)(?: \w+)? (?:dauern?|sind|ist|wären?|wird|werden) (?:mir )?(?:zu (?:lang(?:e)?|viele?|langsam|teuer)"
        r"|übertrieben)",
        r"\1 is too many",
    ),
    (
        r"(?:ach )?(?:nein|nee|nö|stopp|moment|quatsch),? ?(?:mach )?(?:lieber|doch|besser|eher)?|(?:mach(?:e|t)?"
        r"|nimm|nehmt) (?:doch )?(?:lieber|besser)|doch lieber|stattdessen",
        "no, make that",
    ),
    (r"ach (?:ne|nein|nee|nö),?(?! \d+(?: \w+)? is too)(?: (?:lieber|doch|besser))?", "no, make that "),
    (r"ach (?:ne|nein|nee|nö),?", "no, "),
    (r"(?:der )?rest (?:bleibt|so lassen|wie gehabt)(?: (?:so|gleich|wie (?:er|es) ist))?", "the"),
    (r"lieber|eher|eigentlich|tatsächlich|nunmehr", "the"),
    (r"statt (\S+)", r"not \1"),
    (r"(?:vergiss|streich(?:e)?|lass) (?:das |die |den )?", "forget the "),
    (r"zeitlimit|zeitgrenze", "time"),
    (r"mehr als", "more than"),
    (_UNDER, "below"),
    (_OVER, "above"),
    (r"und zwar|und|dabei|dazu|außerdem", "and"),
    (r"oder", "or"),
    (r"ohne|außer", "without"),
    (r"kein(?:e[nrsm]?)?", "no"),
    (r"nicht|nie|niemals", "not"),
    (r"nur|bloß|lediglich|ausschließlich", "only"),
    (r"weil|denn|schließlich", "because"),
    # little words
    (r"auf|für|mit|im|in der|in den|in|am|an|zu|zum|zur|aus|bei|von|vom|beim|als", "on"),
    (LITTLE_WORDS["de"], "the"),
)
