"""What people write around a request, or take back within it, out of the way of the grammar.

Greetings and asides that ask for nothing go; "not a forest but an SVM" becomes "an SVM"; of many spellings of one thing
("no more than", "must not exceed", "max.") the grammar sees one. What denies or limits stays. Not for: single words
that ask for nothing (harmless.py), several turns (conversation.py).
"""

from __future__ import annotations

import re
from functools import cache

from agenttune.plan.denials import without_denied
from agenttune.plan.masking import masked, unmasked
from agenttune.plan.notations import written_out
from agenttune.plan.spoken_clock import in_digits
from agenttune.plan.words import DURATION, NUMBER

_NOT = (
    r"(?:don'?t|do\s+not|does\s*n[o']t|must\s*n[o']t|may\s+not|shall\s+not|should\s*n[o']t"
    r"|can\s*not|can'?t|cannot|never|not|without)"
)
_COUNTED = (
    r"%|[smhd](?!\w)|(?:sec|min|hour|hr|day|week|trial|run|eval|tr(?:y|ies)(?!\w)|attempt|iteration|experiment|config|job|fit"
    r"|worker|process|core|thread|gpu|fold|dollar|usd|request|call|sample|row|quer|time|round|test|build|simulation|more|of\s)"
    r"|\$|[kmgt]i?b(?!\w)"
)
"""What is counted roughly: "about 30 trials" are 30, while "lr about 0.001" is no value that it is fixed at."""
_MORE = r"(?:more|longer|larger|bigger|higher|greater|slower)"
_SPELLINGS = (
    (r"(?<![\w-])u(?![\w-])", "you"),
    (r"[‘’`´](?=\w{1,2}(?!\w))(?<=\w[‘’`´])", "'"),
    (r"[“”„«»]", '"'),
    (r"\s*[–—−]\s*(?=\d)(?<=\d[–—−])|(?<=\d)\s*(?:–|—|−|→|->|=>|~)\s*(?=[-+.\d])", " to "),
    (
        rf"(?<!\w)({NUMBER})\s+((?:\w+\s+)?(?:gpus|cards))\s*[,;:(–-]*\s*(?:(?:and|with|running|run|put|so)\s+)*(?:one|1|a(?:\s+single)?)\s+(?:trial|run|job|training)"
        r"\s+(?:on|per|for)\s+(?:each|every|gpu|card)(?:\s+(?:of\s+them|one|gpu|card))?(?:\s*,?\s*(?:all\s+)?(?:at\s+(?:the\s+same\s+time|once)|in\s+parallel|simultaneously))?(?!\w)",
        r"\1 \2, \1 workers",
    ),
    (r"(?<!\w)(?:one|1)\s+(?:trial|run)\s+per\s+gpu(?:\s+on)?(?!\w)", " on "),
    (
        r"(?<!\w)(?:about|around|roughly|approximately|approx\.?|ca\.?|circa|some)\s+"
        r"(?=(?:an?|half|one|two|three|four|five|six|eight|ten|twenty|thirty|forty|fifty)(?!\w)"
        rf"|[\d.,]+k?[\s-]*(?:{_COUNTED})|\d[\d.e+-]*+\s*(?:to|and|or|-|–)\s*(?:about|around)?\s*\d)",
        "",
    ),
    (r"(?<=\d)\s*\.\.\.?\s*(?=[-+.\d])", " to "),
    (r"\(\s*(?:[A-Za-z_]\w*\s*,\s*)+(?:and\s+)?[A-Za-z_]\w*\s*\)", " "),
    (r"(?<!\w)(?:and\s+)?needs?\s+(?:the\s+)?(\w+)\s+predicted", r" predict \1"),
    (r"(?<!\w)is\s+what\s+(?:we|i|they)\s+(?:report|use|need|want|look\s+at|care\s+about)(?!\s+to(?!\w))", " "),
    (r"(?<!\w)the\s+script\s+is\s+called(?!\w)", " "),
    (
        r"(?<![\w./-])(?:(?:nvidia|geforce)\s+)?(?:[avhl]\d{1,2}0(?:0)?|p(?:4|40|100)|t4|rtx[\s-]*\d{4}|gtx[\s-]*\d{4})"
        r"(?![\w/]|\.\w|-\w)",
        "gpu",
    ),
    (
        rf"(?<!\w)(?:nothing|none|not\s+one)\s+(?:of\s+(?:them|those|these|it)\s+)?(?:(?:should|may|can|must|is\s+to|is\s+allowed\s+to)\s+)?(?:(?:takes?|taking|runs?|running|goes|go|going|lasts?)\s+)?"
        rf"(?:over|beyond|above|past|{_MORE}\s+than)\s+(?={DURATION})",
        "each trial at most ",
    ),
    (
        r"(?<!\w)(?:(?:i|we)(?:'d|\s+would)\s+rather\s+|please\s+|better\s+)?(?:not|do\s*n[o']t|do\s+not|never|avoid|without)\s+(?:use|using|touch|touching|occupy)\s+"
        r"(?:(?:the|a|any|my|our)\s+)?gpus?(?!\w)",
        "no gpu",
    ),
    (
        r"(?<!\w)(?:(?:but|and|please|run|do)\s+)*(?:not|never|nothing|don'?t\s+run(?:\s+(?:them|anything))?)\s+(?:run\s+)?"
        r"(?:in\s+parallel|concurrently|simultaneously|at\s+the\s+same\s+time)(?=\s*(?:[,.;:!?)]|$))",
        "1 worker",
    ),
    (
        r"(?<!\w)(?:i|we)\s+(?:do\s*n[o']t|do\s+not|only)\s+have\s+(?:too\s+|that\s+|so\s+)?(?:much|a\s+lot\s+of|lots\s+of|limited|little)\s+time"
        rf"(?:\s+(?:left|today|for\s+(?:this|that|it)))?\s*[,;:.(–-]*\s*(?=[^.;]*{DURATION})",
        "",
    ),
    (
        rf"(?<!\w)({NUMBER}\s+(?:trials|runs|evaluations|fits))\s+(?:of|at|with)\s+({DURATION})(?:\s+(?:each|apiece))?(?=\s*(?:[,.;:!?)]|$|and(?!\w)))",
        r"\1, \2 per trial",
    ),
    (
        rf"(?<!\w)({NUMBER})\s+(?:out\s+)?of\s+(?:the|my|our|these|its)\s+{NUMBER}\s+(gpus|cores|cpus|workers|cards)(?!\w)",
        r"\1 \2",
    ),
    (r"(?<!\w)w/o(?!\w)", "without"),
    (
        r"(?<!\w)(?:(?:i|we|they)\s+)?(?:do\s*n[o']t|do\s+not)\s+(?:really\s+)?(?:care|worry)\s+(?:about|for)\s+(?:any(?:thing|\s+\w+)?(?:\s+else)?)"
        r"\s+(?:but|except(?:\s+for)?|other\s+than|besides|apart\s+from)(?!\w)",
        "I care about",
    ),
    (
        r"(?<!\w)(?:nothing|no\s+other\s+\w+)(?:\s+else)?\s+(?:really\s+)?(?:matters|counts|is\s+of\s+interest)(?:\s+to\s+(?:me|us))?\s+"
        r"(?:but|except(?:\s+for)?|other\s+than|besides|apart\s+from)(?!\w)",
        "I care about",
    ),
    (rf"(?<!\w)(?:both|all|the)?\s*(trials|runs|workers|gpus|folds|cores|cards)\s*\(\s*({NUMBER})\s*\)", r"\2 \1"),
    (r"(?<!\w)(?:both|the\s+two)(?:\s+(?:of\s+)?(?:the|my|our))?\s+(gpus|cards|graphics\s+cards)(?!\w)", r"2 \1"),
    (
        r"(?<![\w.])(\w+)\s+(?:f[om]{1,2}|fr[mn]|form|fron|frmo|rom)\s+(?=[\d.]+\s*(?:to|-|–|until|up\s+to)\s*[\d.])",
        r"\1 from ",
    ),
    (r"(?<=\d)\s+(?:too|ot|tto|t)\s+(?=[\d.])", " to "),
    (r"(?<!\w)b4(?!\w)", "before"),
    (r"(?<!\w)(?:all|the\s+whole)\s+(?:night|day|evening|weekend)(?:\s+long)?(?!\w)", "all-night"),
    (
        rf"(?<!\w)(?:(?:that|which|and|to|it|be|is)\s+)*(?:{_NOT}|isn't|aren't|no)\s+(?:(?:be|get|go|grow|any)\s+)*deeper\s+than\s+({NUMBER})(?:\s+levels)?(?!\w)",
        r" , depth at most \1",
    ),
    (
        rf"(?<!\w){_NOT}\s+(?:change|touch|alter|vary|tune|modify)\s+(?:the\s+)?(\w+(?:\s\w+)?)\s*[,:;(-]+\s*(?:that|it|this|which|keep\s+it)"
        r"(?:'s|\s+is|\s+stays|\s+(?:should|must|has\s+to)\s+(?:be|stay|remain))?\s+(?:at\s+|fixed\s+at\s+)?(\w[\w.]*)"
        r"(?:\s*(?:,|and|,\s*and)\s*\2\s+(?:it\s+)?(?:is|stays|remains|shall\s+be)(?:\s+it)?)?(?=\s*(?:[,.;:!)]|$))\)?",
        r"\1 = \2",
    ),
    (
        r"(?<!\w)(?:i|we)(?:'d|\s+would)\s+(?:rather|sooner|prefer)(?!\s+not)(?:\s+to)?(?:\s+(?:have|use|see|do|take|go\s+for))?(?!\w)",
        " ",
    ),
    (
        rf"(?<!\w)(?:i|we|it|(?:the|my|our|this)\s+\w+)(?:'ve|\s+have|\s+has)?\s+(?:got\s+)?{NUMBER}\s+(cores|cpus|workers|gpus|threads)\s*[,;.:-]?\s*"
        rf"(?:(?:but|so|please|and|you|can|may|only)\s+)*use\s+(?:(?:only|up\s+to|at\s+most|just)\s+)*({NUMBER})"
        r"(?:\s+of\s+(?:them|those|these))?(?!\s*\w)",
        r"use \2 \1",
    ),
    (
        r"(?<!\w)(?:never|not|no)\s+(?:two|2|more\s+than\s+(?:one|1|a\s+single))\s+(?:runs?|trials?|jobs?|evaluations?)?\s*"
        r"(?:at\s+(?:once|a\s+time|the\s+same\s+time)|in\s+parallel|simultaneously)(?!\w)",
        "1 worker",
    ),
    (r"(?<!\w)(?:fast|quick)\s+(?=\d+[\s-]+trials?(?!\w))", ""),
    (
        r"(?<!\w)(metric|folds|trials|workers|seed|target|data|model|budget|time|goal)\?\s+(?!that|it|this|i(?!\w)|we(?!\w)|is|the)(?=\w)",
        r"\1: ",
    ),
    (
        r"(?<!\w)(?:an?\s+few|a\s+few|some|several|a\s+couple\s+of|a\s+handful\s+of)\s+(trials|runs|settings|tries|configs"
        r"|configurations|evaluations|attempts|rounds)\s*[,?:;(-]*\s*(?:maybe|like|say|about|perhaps|so|roughly)\s+"
        rf"({NUMBER})(?:\s*\??\))?",
        r"\2 \1",
    ),
    (
        rf"(?<!\w)no\s+(?:single\s+|one\s+|individual\s+)?(?:fit|trial|run|training|evaluation)\s+(?:(?:may|should|can|must"
        rf"|shall|is\s+allowed\s+to|is\s+to|gets\s+to|ever)\s+)*(?:takes?|runs?|lasts?|uses?|needs?|goes|go|gets?)\s+"
        rf"(?:{_MORE}\s+than|over|beyond|above)(?!\w)",
        "each trial at most",
    ),
    (
        r"(?<!\w)(?:any(?:thing)?|each|every|an?|all)\s+(?:(?:single|individual|one)\s+)?(?:(?:ones?|trials?|runs?|fits?|jobs?|evaluations?)\s+)?"
        rf"(?:(?:that|which)\s+)?(?:takes?|runs?|lasts?|needs?|goes|goes\s+on|running|taking|going)\s+(?:for\s+)?(?:over|past|{_MORE}\s+than|beyond|above)"
        rf"\s+({DURATION})\s*,?\s*(?:(?:gets?|is|are|should|must|will|can|to|be|has|have)\s+)*"
        r"(?:kill|stop|abort|cancel|drop|cut|end|discard|terminat)\w*(?:\s+(?:it|them|off|short))*",
        r"each trial at most \1",
    ),
    (
        r"(?<!\w)if\s+(?:it|that|this|you|we|he|she)\s+(?:can'?t|cannot|does\s*n[o']t|won'?t|fails?|isn'?t)(?:\s+(?:to|do|make|get"
        r"|be|reach|it|there|that|done|so))*\s+(?=(?:within|in|after|by)\s)",
        "",
    ),
    (r"(?<!\w)w/\s*", "with "),
    (r"(?<=\w)/(?:trials?|runs?|evals?)(?![\w./]\w|\w)", " per trial"),
    (
        r"(?<![\w.])(?:s\.\s?t\.|subject\s+to|such\s+that|provided\s+(?:that)?|so\s+long\s+as|as\s+long\s+as)(?!\w)",
        ", with ",
    ),
    (r"(?<!\w)(?:w\.r\.t\.?|wrt|with\s+respect\s+to)(?!\w)", "for"),
    (r"(?<=\.csv)\s*(?:->|→|=>)\s*", " predict "),
    (r"\s*(?:->|→|=>)\s*", " , "),
    (r"(?<!\w)(?:n[_\s])?(?:trials|runs)\s*[:=]\s*(\d+)", r"\1 trials"),
    (r"(?<!\w)(?:workers|n_jobs)\s*[:=]\s*(\d+)", r"\1 workers"),
    (r"(?<!\w)gpus?\s*[:=]\s*(\d+)", r"\1 gpus"),
    (r"(?<!\w)(?:metric|goal|objective)\s*:\s*", ""),
    (r"(?<!\w)(?<!per )(?<!each )(?<!every )(?<!a )(?:trial|run)s?\s+(?:max|tops)(?!\w)", "trials at most"),
    (r"(?<!\w)(\d+)\s+1/2\s+(?=min|hour|h\b|day)", r"\1.5 "),
    (r"(?<!\w)(?:tops|or\s+(?:less|fewer))(?!\w)", "at most"),
    (r"(?<=\d)\s*(?:gigs?|gigabytes?|go)(?!\w)", " GB"),
    (r"(?<=\d)\s*(?:megs?|megabytes?|mo)(?!\w)", " MB"),
    (r"(?<!\w)(\d+(?:\.\d+)?)\s*(?:us\s*\$|\$)(?!\w)", r"$\1"),
    (
        rf"(?<!\w)(?:but\s+)?(?:(?:to|and|it|must|should)\s+)*{_NOT}\s+(?:ever\s+)?(?:exceed"
        rf"(?:ing)?|surpass(?:ing)?|(?:go(?:ing)?|be|get|rise|climb)\s+(?:over|above|beyond)"
        rf"|(?:be|get|take|taking|run|last|use|using|need|spend|spending|cost|have|allow|do|go"
        rf"|become|grow|occupy|eat|eat\s+up|consume|require|hog|reserve|grab|claim|bother\s+with|try|waste|spend\s+on|launch|start|evaluate)\s+(?:any\s+)?"
        rf"(?:{_MORE}\s+than|(?:over|above|beyond|upwards\s+of)(?=\s+(?:[\d$.]|{NUMBER}))))(?!\w)",
        " at most ",
    ),
    (rf"(?<!\w)(?:but\s+)?(?:no|not|never)\s+(?:any\s+)?{_MORE}\s+than(?!\w)", "at most"),
    (r"(?<!\w)(?:not|never)\s+(?:above|over|beyond|past)(?=\s+[\d.])", "at most"),
    (r"(?<!\w)(?:not|never)\s+(?:below|under)(?=\s+[\d.])", "at least"),
    (r"(?<!\w)(?:(?:a|the)\s+)?max(?:imum|imal)?\s+of(?!\w)", "at most"),
    (r"(?<!\w)max(?:imal(?:ly)?)?\.?(?=\s*(?:\d|[$]))", "at most"),
    (r"(?<!\w)(?:at\s+(?:the\s+)?(?:maximum|max|utmost|very\s+most)|at\s+the\s+most)(?!\w)", "at most"),
    (
        rf"(?<!\w){_NOT}\s+(?:fall|drop|go|be|get|sink|dip)(?:ping|ing)?\s+(?:below|under"
        rf"|lower\s+than|less\s+than|beneath)(?!\w)",
        "at least",
    ),
    (r"(?<!\w)(?:no|not|never)\s+(?:less|fewer|lower|smaller)\s+than(?!\w)", "at least"),
    (r"(?<!\w)(?:(?:a|the)\s+)?min(?:imum)?\s+of(?!\w)", "at least"),
    (r"(?<!\w)(?:stay(?:s|ing)?|remain(?:s|ing)?|be|is|kept|keep)\s+(?:inside|within)(?!\w)", "at most"),
    (
        r"(?<!\w)but\s+(?=at\s+(?:most|least)|no\s+more|limit|keep|please|make|i\s|we\s|only|stop"
        r"|it\s|let|also|with\s)",
        ", ",
    ),
    (r"(?<=[,;.])\s*but\s+(?!not|no\s|never|without|don'?t|do\s+not)", " "),
    (r"(?<!\w)as\s+well\s+as\s+possible", ""),
    (r"(?<!\w)(lower|higher|smaller|larger|bigger|less|more)\s*(?:=+|means?|->)\s*better(?!\w)", r"\1 is better"),
    (r"(?<!\w)(lower|higher|smaller|larger|bigger|less|more)\s+(?:the\s+)?better(?!\w)", r"\1 is better"),
    (r"(?<!\w)(?:in|on|using)\s+(?:a\s+)?log(?:arithmic)?[\s-]*(?:space|scale)d?(?!\w)", "log"),
    (
        r"(?<!\w)log(?:arithmic(?:ally)?)?(?:[\s-]*(?:uniform(?:ly)?|spaced?"
        r"|scaled?))?(?:\s+distributed)?(?![\w-]|\s*loss)",
        "log",
    ),
    (r"(?<!\w)(?:no|not|without|non-)\s*(?:an?\s+)?log(?![\w-]|\s*loss)", "linear"),
    (
        rf"[(\[]\s*log\s*[)\]]\s*[:,]?\s*(?=(?:(?:between|from|in|over|range)\s+)?\[?\s*{NUMBER}\s*(?:to|and|-|,)\s*{NUMBER})",
        "log ",
    ),
    (
        rf"(?<!\w)log\s*,?\s+(?:(?:between|from|in|over|range)\s+)?\[?\s*({NUMBER})\s*(?:to|and|-"
        rf"|,)\s*({NUMBER})\s*\]?",
        r"\1 to \2 log",
    ),
)
"""(pattern, what the grammar reads). A list of names in brackets describes the columns of a file."""


def corrected(text: str) -> tuple[str, tuple[str, ...]]:
    """(the sentence as the grammar spells it, without what it denies; what it denies)."""
    text, hidden = masked(text)
    spellings = _compiled()
    text = in_digits(spellings[0][0].sub(spellings[0][1], text))
    text, denied = without_denied(text)
    for compiled, english in spellings[1:]:
        text = compiled.sub(english, text)
    return unmasked(written_out(text).strip(), hidden), tuple(unmasked(words, hidden) for words in denied)


@cache
def _compiled() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(pattern, re.IGNORECASE), english) for pattern, english in _SPELLINGS]
