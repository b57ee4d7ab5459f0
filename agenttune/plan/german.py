"""German phrases of requests, and the English that the grammar reads for them; the longer before the shorter.

Not for: numbers (numerals.py), how the tables are used (languages.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

PHRASES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"(\w+) (?:in|aus) (\S+\.csv) (.*?)(?:vorhersagen?|vorherzusagen)", r"predict \1 in \2 \3"),
    (
        r"(\w[\w-]*?)-(?:modell|klassifikator|regressor|datensatz|daten|suche|studie|optimierung"
        r"|skript|verfahren)e?[ns]?",
        r"\1 the",
    ),
    (r"(?:von |ab )?([-+.\d]\S*) bis (?:zu )?([-+.\d][\d.e+-]*)", r"from \1 to \2"),
    (r"à (\d+(?:\.\d+)? ?\w+)", r"\1 each"),
    (r"nur|bloß|lediglich", "only"),
    (r"kernel(?:funktion)?", "kernel"),
    (r"polynomgrad|grad", "degree"),
    (r"darf|dürfen|soll|sollen|muss|müssen|sollte|sollten|möge", "must"),
    (r"(?:sage?|sagt|sagen) (\w+) (.*?)(?:voraus|vorher)(?!\w)", r"predict \1 \2"),
    (
        r"(?:bei|ab) (\d+(?:\.\d+)? ?(?:%|prozent)?) (\w+ )?(?:auf(?:zu)?hören|stoppen|abbrechen"
        r"|anhalten|aufhört|beenden|schluss)",
        r"stop at \1 \2",
    ),
    (
        r"(?:hör(?:e|t)?|stopp(?:e|t)?|brich|brecht|halte?|beende|mach(?:e)? schluss)(?: (?:bitte"
        r"|dann|es|die suche|die studie))* (?=(?:bei|sobald|wenn|ab)(?!\w))",
        "stop ",
    ),
    (r"(?<=stop )(?:bei|ab)(?!\w)", "at"),
    (r"sobald|wenn|falls", "when"),
    (r"erreicht(?:e|en)?(?: (?:ist|sind|wird|wurde))?|erreichen", "reached"),
    (r"aufhören|stoppen|abbrechen|anhalten", "stop"),
    (r"(?:das )?reichen|reicht|genügt|genügen|genug", "enough"),
    (
        r"(?:darf|dürfen|soll|sollen|muss|müssen|sollte) (.{1,30}?) (?:nicht|nie) (?:überschreiten|übersteigen)",
        r"\1 at most",
    ),
    (
        r"(?:darf|dürfen|soll|sollen|sollte|kann) (?:nicht|nie|niemals) (?:über|größer als|mehr als|höher als)",
        "at most",
    ),
    (r"(?:darf|dürfen|soll|sollen|sollte|kann) (?:nicht|nie|niemals) (?:unter|kleiner als|weniger als)", "at least"),
    (r"(?:nicht|nie|niemals) (?:über|größer als|höher als|länger als|mehr als)", "at most"),
    (r"(?:nicht|nie|niemals) (?:unter|kleiner als|weniger als)", "at least"),
    (r"allerhöchstens|maximum|max\.|längstens|limitiert auf|begrenzt auf|nicht länger als", "at most"),
    (r"minimum|zumindest", "at least"),
    (
        r"(?:so|möglichst) (?:klein|niedrig|gering|tief|kurz|wenig)(?:e[rsnm]?)?(?: wie (?:möglich"
        r"|es geht|nur möglich))?",
        "as low as possible",
    ),
    (
        r"(?:so|möglichst) (?:gro(?:ß|ss)|hoch|hohe|viel)(?:e[rsnm]?)?(?: wie (?:möglich|es geht|nur möglich))?",
        "as high as possible",
    ),
    (r"(?:höchst|größt|grösst|maximal)(?:e[rsnm]?)?(?:[- ]?mögliche?[rsnm]?)?(?= [a-zäöü_\d]*[a-zäöü_])", "highest"),
    (
        r"(?:niedrigst|kleinst|geringst|minimal)(?:e[rsnm]?)?(?:[- ]?mögliche?[rsnm]?)?(?= [a-zäöü_\d]*[a-zäöü_])",
        "lowest",
    ),
    (r"je (?:kleiner|niedriger),? (?:desto|umso) besser", "lower is better"),
    (r"je (?:größer|grösser|höher|mehr),? (?:desto|umso) besser", "higher is better"),
    (
        r"(?:bis|um|vor|spätestens(?: um| bis)?)(?: heute(?: abend)?)?(?: um)? (\d{1,2})(?: uhr)?"
        r" (?:abends|am abend|nachmittags)",
        r"until \1pm",
    ),
    (
        r"(?:bis|vor|spätestens(?: um| bis)?)(?: heute(?: abend)?)?(?: um)? (\d{1,2}):(\d\d)(?:"
        r" uhr)?(?: fertig(?: sein)?)?",
        r"until \1:\2",
    ),
    (r"(?:bis|vor|spätestens(?: um| bis)?)(?: heute(?: abend)?)?(?: um)? (\d{1,2}) uhr (\d\d)", r"until \1:\2"),
    (
        r"(?:bis|vor|spätestens(?: um| bis)?)(?: heute(?: abend)?)?(?: um)? (\d{1,2}) ?uhr(?: fertig(?: sein)?)?",
        r"until \1:00",
    ),
    (r"bis (?:heute )?(?:mittag|12 uhr mittags)", "until noon"),
    (
        r"(?:auf|in|mit)? ?(?:einer )?log(?:arithmische[rnm]?)?[- ]?(?:skala|skaliert|skalierung"
        r"|raum)|logarithmisch(?:e[rnms]?)?",
        "log",
    ),
    (r"mittlere[rnms]? absolute[rnms]? fehler|absoluter fehler", "mean absolute error"),
    (r"(?:wurzel aus dem |wurzel des )mittlere[rnms]? quadratische[rnms]? fehlers?", "rmse"),
    (r"mittlere[rnms]? quadratische[rnms]? fehler|quadratischer fehler", "mean squared error"),
    (r"balancierte[rnms]? genauigkeit|ausgewogene[rnms]? genauigkeit", "balanced accuracy"),
    (r"f1[- ](?:wert|score|maß|mass)|f-maß", "f1"),
    (r"bestimmtheitsma(?:ß|ss)", "r2"),
    (r"log[- ]?(?:verlust|loss)|kreuzentropie", "log loss"),
    (r"fläche unter der (?:roc[- ])?kurve", "auc"),
    (r"gradienten?[- ]?boosting|gradienten?verstärkung|boosting[- ]bäumen?", "gradient boosting"),
    (r"mehrschichtige[rsn]? perzeptron|neuronale[snm]? netz(?:es|en?|werk(?:e[ns]?)?)?", "neural network"),
    (r"support[- ]vektor[- ]maschinen?|stützvektormaschinen?", "svm"),
    (r"(?:k[- ])?nächste[rn]?[- ]nachbarn?(?:[- ]klassifikator)?", "k nearest neighbours"),
    (r"ridge[- ]regression|ridge", "ridge"),
    (r"elastisches netz", "elastic net"),
    (r"lernrate", "learning rate"),
    (r"batch[- ]?größe|stapelgröße|losgröße", "batch size"),
    (r"(?:anzahl (?:der )?)?epochen", "epochs"),
    (r"(?:maximale[rn]? )?(?:baum)?tiefe", "depth"),
    (r"(?:anzahl (?:der )?)?(?:verdeckten? )?schichten", "layers"),
    (r"bäumen?", "trees"),
    (r"(?:anzahl (?:der )?)?nachbarn", "neighbors"),
    (r"(\d+)[- ]?(?:fache?[rnms]?|fold) (?:kreuzvalidierung|cv|kreuzvalidieren)", r"\1-fold cross-validation"),
    (r"kreuzvalidierung mit (\d+) (?:faltungen|teilen|folds)", r"\1 folds"),
    (r"(?:mit )?(\d+) (?:faltungen|teilmengen)", r"\1 folds"),
    (r"kreuzvalidierung", "cross-validation"),
    (
        r"(\d+(?:\.\d+)?) ?(?:%|prozent) (?:der daten )?(?:zum test(?:en)?|als test(?:daten|menge"
        r"|set)?|für (?:den |die )?test(?:s|en|daten)?|zurück(?:zu)?(?:halten|legen)"
        r"|beiseite(?:legen)?)(?: (?:zurück(?:zu)?(?:halten|legen|gehalten)|beiseite(?:legen)?"
        r"|reservieren|verwenden|nehmen|aufheben))?",
        r"\1% held out",
    ),
    (
        r"(?:halte?|lege?|lass) (\d+(?:\.\d+)?) ?(?:%|prozent) (?:der daten )?(?:zum testen )?(?:zurück|beiseite)",
        r"\1% held out",
    ),
    (r"prozent", "%"),
    (
        r"(?:immer )?nur (?:ein(?:e[nr]?)?|1) (?:versuch|lauf|durchlauf)(?: (?:auf einmal"
        r"|gleichzeitig|zur gleichen zeit))?",
        "1 at a time",
    ),
    (
        r"(?:pro|je|jede[rns]?|für jeden|per) (?:einzelne[rn]? )?(?:versuch|lauf|durchlauf"
        r"|durchgang|simulation|test|messung|experiment|training)",
        "per trial",
    ),
    (
        r"simulationen|durchgängen?|testläufen?|messungen|konfigurationen|iterationen|trials"
        r"|evaluierungen|proben|runs|trainingsläufen?",
        "trials",
    ),
    (r"arbeitsprozesse?n?|kernen?|threads|cores|workern?", "workers"),
    (r"zur gleichen zeit|auf einmal|nebeneinander", "at a time"),
    (r"zufalls(?:saat|zahl|startwert)|saat", "seed"),
    (r"(?:eine )?(?:grafikkarte|gpu)", "1 gpu"),
    (r"grafikkarten|gpus", "gpus"),
    (r"arbeitsspeicher|hauptspeicher|speicher|ram", "memory"),
    (r"(?:eine|1) (?:dreiviertel ?stunde)", "45 minutes"),
    (r"(?:eine|1)? ?halbe[nr]? (?:stunde|std\.?)", "30 minutes"),
    (r"(?:eine|1)? ?halbe[nr]? minute", "30 seconds"),
    (r"(?:einen?|1)? ?halbe[nr]? tag", "12 hours"),
    (r"(?:eine|1)? ?viertel ?stunde", "15 minutes"),
    (r"(?:anderthalb|eineinhalb) stunden", "1.5 hours"),
    (r"zweieinhalb stunden", "2.5 hours"),
    (r"eine[nr]? minute", "1 minute"),
    (r"eine[nr]? tag", "1 day"),
    (r"std\.?|stdn\.?", "hours"),
    (r"min\.", "minutes"),
    (r"sek\.?", "seconds"),
    (r"dollars?|us-dollar", "dollars"),
    (r"(?:ausgeben|ausgegeben|kosten|verbrauchen|zahlen|bezahlen)", "spend"),
    (r"(?:sprach)?modell-?anfragen|anfragen(?: an das (?:sprach)?modell)?", "requests"),
    (r"(?:heißt|nenne?|nennen)(?: (?:sie|es|die studie|das))?(?: bitte)?", "call it"),
    (r"(?:mit )?(?:de[mr] )?namen", "with the name"),
    (r"vor(?:her)?(?:zu)?sag(?:en?|t)|vorhergesagt|vorausgesagt|voraus(?:zu)?sagen|schätzen|prognose", "predict"),
    (r"ziel(?:spalte|variable|größe|wert|merkmal)|zielgröße|label", "target"),
    (r"spalte", "column"),
    (r"(?:fass|rühr)(?:e|t)? (?:die |den |das )?(\S+(?: \S+)?) nicht an", r"don't touch \1"),
    (
        r"(?:die |den |das )?((?:batch |learning |weight )?\S+) (?:nicht (?:anfassen|verändern"
        r"|ändern|anrühren)|unverändert"
        r" lassen|bleibt (?:gleich|unverändert|wie sie ist))",
        r"don't touch \1",
    ),
    (r"fest (?:auf|bei)|fix (?:auf|bei)|konstant (?:auf|bei)?|bleibt (?:bei|auf)?", "fixed at"),
    (r"(?:maximier|minimier)\w*", lambda match: "maximise" if match[0].lower().startswith("max") else "minimise"),
    (r"eines? (?:von|aus)|ausgewählt aus|entweder|wahlweise", "one of"),
    (r"aus(?= [^\s,]+ ?, ?[^\s,]+)", "one of"),
    (r"zielmetrik|metrik", "metric"),
    (r"mehr als", "more than"),
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
    (r"eine halbe stunde|halbe stunde", "30 minutes"),
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
    (r"lieber|eher|eigentlich|tatsächlich|nunmehr", "the"),
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
        r"|der|die|das|den|dem|des|einen?|einer|einem|eines|ein|mein(?:e[nrsm]?)?|daten(?:satz)?"
        r"|datei|modell|beste[nrs]?"
        r"|gute[nrs]?|lass|laufen|soll(?:en|te)?|werden|wird|ist|sind|es|fertig|sein|dann|so|etwa"
        r"|noch|insgesamt|gesamt",
        "the",
    ),
    (
        "brauche?n?|benötige?n?|will|wollen|wollte|hätte|hab(?:e|en|t)?|hat|kann|können|könnten"
        "|würden|magst|bräuchte|gib|geben|gebe"
        "|darf|dürfen|dürfte|muss|müssen|sollten|lassen|läuft|lief|starte?n?|führe|ausführen"
        "|durch|verwende[nt]?|benutze?n?|nutze?n?|einsetzen|setze?"
        "|trainiere?n?|trainiert|lerne?n?|erstelle?n?|baue?n?|berechne?n?|verbessere?n?"
        "|optimal(?:e[rnms]?)?|optimiert|optimierung|abzustimmen|einzustellen|tuning"
        "|hyperparameter(?:suche|optimierung|n)?"
        "|guten (?:morgen|abend)|moin|servus|grüße|vielen dank|dankeschön|besten dank|im voraus"
        "|lieben|liebe|freundliche"
        "|unser(?:e[nrsm]?)?|dein(?:e[nrsm]?)?|euer|eure[nrsm]?|ihr(?:e[nrsm]?)?"
        "|sein(?:e[nrsm]?)?|dies(?:e[nrsm]?)?|jen(?:e[nrsm]?)|etwas|alles|man|euch|dich|mich"
        "|ihnen"
        "|doch|auch|schon|eben|halt|nun|jetzt|gerade|zuerst|erst|anschließend|danach|denn|weil|da"
        "|damit|dass|daß|ob|wo|was|welche[rnsm]?|wie|wobei|während|solange|sofern"
        "|gut|schön|super|toll|prima|kurz|einfach|wirklich|vielleicht|gerne|okay|klar|ja|hier"
        "|dort|davon|darauf|hin|her|rund|ungefähr|circa|ca\\.?"
        "|skript|programm|funktion|befehl|klassifikator|regressor|verfahren|methode|ansatz"
        "|werte?n?|wert|bereich|parametern?|studie|suche|aufgabe|projekt|problem|ergebnis(?:se)?"
        "|training"
        "|zeit|budget|limit|gesamtzeit|laufzeit|stück|datei(?:en)?|tabelle|csv-datei|datensätzen?"
        "|dazu|dafür|egal wie|insgesamt|zusammen|jeweils|unter der bedingung|bedingung"
        "|nebenbedingung"
        "|geht|gehen|liegen?|liegt|bleiben|bleibt|halten|gehalten|wurde|worden|wäre|wären|gibt"
        "|gebt|steht|stehen|nehme|nimmt|probiere?n?|teste?n?|wähle?n?",
        "the",
    ),
)
MARKS = (
    r"zufallswald|entscheidungsbaum|genauigkeit|prozesse?|datensatz|höchste|kleinste|stunde"
    r"|halbe|keine|danke|hallo|könntest|kannst|nimm|reichen|sobald|"
    r"auf|für|mit|und|bitte|versuche?|läufe|höchstens|keinen?|möchte|zwischen|stunden?|nein"
    r"|von|wie|eine[nrm]?|mach|ich|mindestens"
    r"|gleichzeitig|bis|minimieren?|maximieren?|fertig|startwert|nicht|der|das|dem|den|oder"
    r"|über|soll|vorhersagen|je|aus|auch|sekunden|minuten|durchläufe|optimiere"
    r"|lieber|doch|brauche|wir|ist|sein|werden|zum|zur|sondern"
)
"""Words that its sentences have and English ones do not, as a pattern."""
LETTERS = "[äöüß]"
"""Letters that its sentences have and English ones do not, as a pattern."""
