"""German phrases of requests, and the English that the grammar reads for them; the longer before the shorter.

Not for: numbers (numerals.py), how the tables are used (languages.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agenttune.plan.german_goals import GOALS, MAY, OVER, THE, UNDER, WORD
from agenttune.plan.little_words import LITTLE_WORDS
from agenttune.plan.numerals import number_words

_TRIAL = (
    r"(?:versuch|lauf|durchlauf|durchgang|simulation|test|messung|experiment|training|testlauf|trainingslauf"
    r"|auswertung)"
)
_TOUCH = r"(?:anfassen|verändern|ändern|anrühren|verstellen|mittunen|tunen)"

SCALE = r"(?:(?:auf|in|mit) )?(?:einer )?log(?:arithmisch(?:e[rnms]?)?)?(?:[- ]?(?:skala|skaliert|raum))?"
_ORDER = {"e": "first", "z": "second", "l": "last"}


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
        rf"(?:mehr|länger) als (\d+(?:\.\d+)? {WORD}|(?:eine[nr]? )?(?:halbe|drei ?viertel"
        rf"|viertel)[nr]? ?{WORD}) (?:(?:brauchst|brauchen|braucht|brauche|will|wollen|möchte|soll(?:en|te)?|müssen"
        rf"|dürfen"
        r"|darf|kannst?|muss|gibt|gönne?)(?:'s)? )?(?:(?:du|wir|es|ich|man|das|sie|er|da|davon"
        r"|auf keinen fall) )*(?:nicht|keinesfalls)"
        r"(?: (?:sein|werden|laufen|brauchen|dauern|machen|haben|rechnen))?",
        r"at most \1",
    ),
    (
        rf"(?:brauchst|musst|brauchen|müssen|brauche|muss)(?: (?:du|wir|ich|man|mir|dafür|dabei))* (?:nicht"
        rf"|keine?)(?! \S*(?:gpu|grafik))(?: {WORD}){{0,5}}(?=\s*(?:[,.;:)]|$))",
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
    (r"zur ?zeit|derzeit|aktuell|momentan|bisher|bislang|im moment", "currently"),
    (r"(?:und )?dann (?:stopp|schluss|aufhören|fertig|ende)(?=\s*(?:[.,;!)]|$))", "then stop"),
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
    (r"spalten", "columns"),
    (r"merkmalen?", "features"),
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
    # scales and steps
    (r"eine?[rsn]? (oder|bis|und) (?=\d+(?:$|[ ,.;)]))", r"1 \1 "),
    (
        rf"(?P<who>beide[rns]?|alle[rns]?|alles)(?: (?:parameter|bereiche|sind|davon|werte))*,? {SCALE}",
        lambda match: f"{'all' if match['who'].lower().startswith('a') else 'both'} log",
    ),
    (
        rf"{SCALE} (?:für|bei) (?P<who>beide[rns]?|alle[rns]?|alles)",
        lambda match: f"log for {'all' if match['who'].lower().startswith('a') else 'both'}",
    ),
    (
        rf"(?:(?:der|die|das) )?(?P<who>erstere[rns]?|erste[rns]?|letztere[rns]?|zweite[rns]?|letzte[rns]?)"
        rf"(?: (?:parameter|bereich))?,? {SCALE}",
        lambda match: f"the {_ORDER[match['who'][0].lower()]} one log",
    ),
    (r"sowohl (?:die |der |das |den )?([\w-]+(?: \w+)?) als auch (?:die |der |das |den )?(?=\w)", r"both \1 and "),
    (r"(?:(?:in|mit|im) )?(?:einer )?(?:schritten|schrittweite)(?: von| der größe)?(?= [\d.])", "in steps of"),
    (r"(?:in |mit )?([\d.]+)er[- ]?schritten", r"in steps of \1"),
    (r"(?:ein )?vielfaches? von(?= \d)", "multiples of"),
    (
        r"(?:etwa|ungefähr|circa|ca\.?|rund|so um(?: die)?|in der größenordnung(?: von)?|um die|um)(?= [\d.])",
        "about",
    ),
    (r"([\d.][\d.e+-]*) (?:(?:oder|und) (?:mehr|größer|höher)|(?:und )?aufwärts)", r"\1 or more"),
    (r"([\d.][\d.e+-]*) (?:oder (?:weniger|kleiner)|abwärts)", r"\1 or less"),
    (r"(?:(?:auf|in|mit) )?(?:einer )?lineare[rn]? (?:skala|skalierung)", "linear"),
    (
        rf"(?:pro|je|jede[rns]?|ein|1) {_TRIAL} (?:dauert|braucht|benötigt)(?! at most| höchstens| maximal)",
        "per trial takes",
    ),
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
    (r"(?:beziehungsweise|bzw\.?|respektive) (from \S+ to [-+.\d][\d.e+-]*)", r"and \1 respectively"),
    (r"([\d.][\d.e+-]*) (?:oder so|in etwa)", r"about \1"),
    (r"ganze zahlen|ganzzahlig", "numbers"),
    (r"liter|meter|kilo|kilometer|gramm|watt|volt|euro|pixel", "the"),
    (r"(\w+) (?:fest|fix|konstant)(?= [\d.])", r"\1 fixed at"),
    (r"([\d.][\d.e+-]*) (?:fest|fix|konstant)(?! (?:auf|bei))", r"\1"),
    (r"ab(?= [\d.][\d.e+-]*+(?! ?(?:uhr|h)(?!\w)|:))", "at least"),
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
        rf"{THE}(\w+) (?:(?:{MAY}|geht|aber|doch|lieber|jetzt|bitte) )*nur (?:noch )?bis(?: zu)?(?= [\d.])",
        r"\1 at most",
    ),
    *GOALS,
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
    (r"insgesamt (?:at most )?(\d+)(?=\s*(?:[.,;)]|$))", r"\1 altogether"),
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
    (r"(?:je(?:weils)?|jede[rs]?) (at most)", r"each \1"),
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
    (r"(?:liefert|misst|meldet|druckt|loggt|protokolliert)", "prints"),
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
    (r"zeitlimit|zeitgrenze|zeitbegrenzung", "time limit"),
    (r"mehr als", "more than"),
    (UNDER, "below"),
    (OVER, "above"),
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
