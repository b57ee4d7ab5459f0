"""German phrases about what is measured, when to stop and what limits there are, in the grammar's English.

Not for: the other phrases (german.py), how the tables are used (languages.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agenttune.plan.clock import until

MAY = r"(?:darf|dürfen|soll|sollen|sollte|sollten|muss|müssen|kann|können)"
OVER = r"(?:über|größer als|grösser als|mehr als|höher als|länger als)"
UNDER = r"(?:unter|kleiner als|weniger als|niedriger als|schlechter als)"
_AS_IT_GOES = r"(?: wie (?:nur )?(?:möglich|es (?:nur )?geht|du kannst))?"
WORD = r"[a-zäöüß]+"
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
THE = r"(?:(?:die|der|das|den|dem) )?"
_CLOCK = (
    r"(?P<begin>bis|vor|spätestens(?: um| bis| gegen)?|um(?= .{1,30}(?:fertig|abends|nachmittags)))"
    r"(?: spätestens)?(?P<day> (?:heute(?: (?:abend|nachmittag|nacht))?|morgen(?: (?:früh|abend|mittag"
    r"|nachmittag))?))?(?: (?:um|gegen))?"
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
    is_tomorrow = re.match(r" morgen", match["day"] or "", re.IGNORECASE) is not None
    return until(match["hour"], minute, is_late=is_late, is_tomorrow=is_tomorrow)


GOALS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    # when to stop
    (
        rf"{THE}({_METRIC}) (?:soll |sollte |muss )?(?:unter|auf unter) (\d[\d.]*(?: ?%| prozent)?) (?:kommen"
        rf"|liegen|fallen|sinken|gehen|sein|liegt|ist|fällt|sinkt)"
        r",? (?:(?:dann|kannst|können|darfst|du|wir|ist|bitte|gerne?) )*(?:aufhören|schluss|stoppen|fertig"
        r"|stopp|abbrechen|reicht(?: (?:es|das|mir))*)",
        r"stop when \1 reaches \2",
    ),
    (
        rf"{THE}({_METRIC}) (?:soll |sollte |muss )?(?:über|auf über|auf) (\d[\d.]*(?: ?%"
        rf"| prozent)?) (?:kommen|liegen|steigen|gehen|sein|liegt|ist|steigt)"
        r",? (?:(?:dann|kannst|können|darfst|du|wir|ist|bitte|gerne?) )*(?:aufhören|schluss|stoppen|fertig"
        r"|stopp|abbrechen|reicht(?: (?:es|das|mir))*)",
        r"stop when \1 reaches \2",
    ),
    (
        rf"(?:sobald|wenn|falls|bis) {THE}({_METRIC}) (?:bei |auf |über |unter |mindestens )?(\d[\d.]*(?: ?%"
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
    (r"(?:höchstens|maximal) (\d+) (?:ebenen )?tief", r"depth at most \1"),
    # limits
    (
        rf"(?:ohne|ohne, )dass {THE}(\w+) (?:{WORD} )??(?:über|auf über) (\d[\d.]*) (?:geht|steigt|kommt"
        rf"|liegt|klettert)",
        r"with \1 at most \2",
    ),
    (
        rf"(?:ohne|ohne, )dass {THE}(\w+) (?:{WORD} )??unter (\d[\d.]*) (?:geht|fällt|sinkt|kommt|liegt|rutscht)",
        r"with \1 at least \2",
    ),
    (
        rf"(?:{MAY} )?(?:(?:dabei|aber|jedoch|auch|bitte|da) )*(?:nicht|nie|niemals"
        rf"|keinesfalls) {OVER} (\d[\d.]*(?: ?%)?)(?: (?:steigen|gehen|liegen|kommen|klettern|sein|wachsen))?",
        r"at most \1",
    ),
    (
        rf"(?:{MAY} )?(?:(?:dabei|aber|jedoch|auch|bitte|da) )*(?:nicht|nie|niemals"
        rf"|keinesfalls) {UNDER} (\d[\d.]*(?: ?%)?)(?: (?:fallen|sinken|gehen|liegen|kommen|rutschen|sein))?",
        r"at least \1",
    ),
    (r"(?:dabei|aber)(?= (?:höchstens|maximal|mindestens|minimal)(?! ?\w*möglich))", " "),
    (rf"{MAY} (.{{1,30}}?) (?:nicht|nie) (?:überschreiten|übersteigen)", r"\1 at most"),
    (rf"(?:{MAY} )?(?:nicht|nie|niemals) {OVER}", "at most"),
    (rf"(?:{MAY} )?(?:nicht|nie|niemals) {UNDER}", "at least"),
    (
        r"(?:aller)?höchstens|maximum|max\.?|maximal(?= \d)|längstens|limitiert auf|begrenzt auf|bis zu"
        r"|innerhalb(?: von)?|binnen",
        "at most",
    ),
    (r"minimum|mindestens|wenigstens|zumindest", "at least"),
    (
        rf",? ?{THE}(?:(?:{MAY}|will ich|wollen wir|möchte ich|hätte ich gern|hätt ich gern) )(?:(?:bitte"
        rf"|gern|also|nur|unbedingt|einfach) )*{_FAR}{_FALL}(?: (?:irgend|nur|wie|möglich|es"
        rf"|geht))*(?=\s*(?:[.,;:)\n]|$|und|aber))",
        " as low as possible",
    ),
    (
        rf",? ?{THE}(?:(?:{MAY}|will ich|wollen wir|möchte ich|hätte ich gern|hätt ich gern) )(?:(?:bitte"
        rf"|gern|also|nur|unbedingt|einfach) )*{_FAR}{_RISE}(?: (?:irgend|nur|wie|möglich|es"
        rf"|geht))*(?=\s*(?:[.,;:)\n]|$|und|aber))",
        " as high as possible",
    ),
    (
        rf"je (?:kleiner|niedriger|geringer|weniger) {THE}({_METRIC})(?: ist)?,? (?:desto|umso) besser",
        r"the lower \1 the better",
    ),
    (rf"je (?:größer|höher|mehr) {THE}({_METRIC})(?: ist)?,? (?:desto|umso) besser", r"the higher \1 the better"),
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
)
