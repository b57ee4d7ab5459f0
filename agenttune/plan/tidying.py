"""What people write around a request, or take back within it, out of the way of the grammar.

Greetings and asides that ask for nothing go; "not a forest but an SVM" becomes "an SVM"; of many spellings of one thing
("no more than", "must not exceed", "max.") the grammar sees one. What denies or limits stays. Not for: single words
that ask for nothing (harmless.py), several turns (conversation.py).
"""

from __future__ import annotations

import re
from functools import cache

from agenttune.plan.asides import without_asides
from agenttune.plan.masking import masked, unmasked
from agenttune.plan.notations import written_out
from agenttune.plan.words import NUMBER

_ASIDES = (
    r"^(?:ok(?:ay)?|so|well|hey|hi|hello|good\s+(?:morning|evening|day|afternoon))(?:\s+(?:there|all|everyone|team))?"
    r"\s*(?:[,!.:;)]+|\s(?=so\b))\s*(?::\)|;\))?",
    r"(?:so\s+)?here'?s\s+the\s+deal\s*[,:]?",
    r"i'?m\s+(?:quite\s+|very\s+)?new\s+to\s+(?:this|that|it|all\s+this)\s*[.,!]*",
    r"(?:thanks?|thank\s+you|thx|cheers)(?:\s+(?:a\s+lot|a\s+(?:bunch|million)|so\s+much|very\s+much|in\s+advance|again"
    r"|(?:in\s+advance\s+)?for\s+(?:your\s+|the\s+)?(?:help(?:ing)?|time|support)))?\s*[.!]*",
    r"(?:please|pls|plz|kindly)(?!\w)",
    r"(?::-?\)|;-?\)|\^\^)",
    r"(?:would|do)\s+you\s+mind",
    r"(?:could|can|would|will)\s+(?:you|someone|we)(?:\s+(?:please|maybe|perhaps))?(?:\s+help\s+(?:me|us)(?:\s+to)?)?",
    r"(?:i|we)(?:\s+would|'d)?\s+(?:like|love)\s+(?:you\s+)?to",
    r"i'?(?:ve|\s+have)\s+(?:got\s+)?(?=an?\s|the\s|this\s)",
    r"let'?s\s+say",
    r"(?:quick|good|great|nice|new|easy|simple|small)\s+(?:one|question|request|favou?r)(?!\s+(?:per|at))\s*[:,!.-]*",
    r"(?:which|this|that)\s+one(?!\w)",
    r"(?:,\s*)?since\s+(?:they|it|we|i|he|she|my\s+\w+|our\s+\w+|the\s+\w+)(?:\s[^.,;\d]*)?",
    r"(?:,\s*)?(?:since|because|as)\s+(?:each|every|one|a|an)\s+\w+\s+(?:takes?|needs?|lasts?|costs?)\s[^,.;]*",
    r"(?:,\s*)?so\s+(?:that\s+)?(?:(?:the|our|my|its|their)\s+)?(?!please|we|i|you|but|and)\w+\s+"
    r"(?:don'?t|doesn'?t|do\s+not|does\s+not|won'?t|can'?t|cannot)\s[^,.;\d]*",
    r"(?:,\s*)?(?:the|my|our)\s+(?:\w+\s+)?(?:gpu|card|node|machine|box|cluster|server|pc|laptop|workstation)\s+is\s+"
    r"(?:idle|free|available|unused)(?!\w)[^,.;\d]*",
    r"(?:(?:there\s+is|there's|with|i\s+have)\s+)?no\s+(?:(?:other|further|particular|fixed|hard|real)\s+)*(?:limit|budget"
    r"|deadline|cap|constraint)s?(?:\s+(?:otherwise|besides|in\s+(?:hours|time|minutes)|on\s+(?:the\s+)?(?:run)?time))*"
    r"(?:\s+but(?=\s+\d)|(?=\s*(?:[,.;!]|$)))",
    r"one\s+(?:more|last|other|final)\s+(?:thing|point|remark|request|question)\s*[:,.]?",
    r"my\s+(?:boss|prof|professor|team|colleagues?|customer|supervisor|advisor)\s+(?:wants?"
    r"|likes?|says?|needs?|asks?\s+for)"
    r"(?:\s+(?:linear|simple)\s+\w+)?",
    r"(?:double[\s-]check|note|remember|be\s+aware|keep\s+in\s+mind)(?:\s+that)?\s*[:,]?",
    r"i'?m\s+burning\s+money\s+here\s*:?",
    r"(?:no|without(?:\s+an?)?)\s+gpus?\s*(?:is\s+|are\s+)?(?:needed|necessary|required)?(?=\s*[,.:;]|\s*$)",
    r"(?:,\s*)?(?:if\s+(?:you\s+can|(?:at\s+all\s+)?possible|that'?s\s+(?:ok(?:ay)?|possible))|ideally)(?!\w)",
    r"(?:no|not?\s+a)\s+(?:problem|worries|rush|hurry|preference)(?=\s*[,.:;!]|\s*$)",
    r"before\s+(?:my|our|the|his|her)\s+(?:\w+\s+)?[a-z]+(?=\s*(?:[,.;:!]|$))",
    r"(?:just\s+)?(?:a\s+)?(?:fast|quick)\s+(?=(?:\d+[\s-]+trials?|run|test\s+run|study|search"
    r"|sweep|tuning|job)(?!\w))",
)
"""Patterns of what asks for nothing."""
_NOT = (
    r"(?:don'?t|do\s+not|does\s*n[o']t|must\s*n[o']t|may\s+not|shall\s+not|should\s*n[o']t"
    r"|can\s*not|can'?t|cannot|never|not|without)"
)
_MORE = r"(?:more|longer|larger|bigger|higher|greater|slower)"
_SPELLINGS = (
    (r"(?<!\w)u(?!\w)", "you"),
    (r"[‘’`´](?=\w{1,2}(?!\w))(?<=\w[‘’`´])", "'"),
    (r"[“”„«»]", '"'),
    (r"\s*[–—−]\s*(?=\d)(?<=\d[–—−])|(?<=\d)\s*(?:–|—|−|→|->|=>|~)\s*(?=[-+.\d])", " to "),
    (r"(?<!\w)(?:one|1)\s+(?:trial|run)\s+per\s+gpu(?:\s+on)?(?!\w)", " on "),
    (
        r"(?<!\w)(?:about|around|roughly|approximately|approx\.?|ca\.?|circa|some)\s+"
        r"(?=(?:an?|half|\d|one|two|three|four|five|six|eight|ten|twenty|thirty|forty|fifty)(?!\w)|\d)",
        "",
    ),
    (r"(?<=\d)\s*\.\.\.?\s*(?=[-+.\d])", " to "),
    (r"\(\s*(?:[A-Za-z_]\w*\s*,\s*)+(?:and\s+)?[A-Za-z_]\w*\s*\)", " "),
    (r"(?<!\w)(?:and\s+)?needs?\s+(?:the\s+)?(\w+)\s+predicted", r" predict \1"),
    (r"(?<!\w)is\s+what\s+(?:we|i|they)\s+(?:report|use|need|want|look\s+at|care\s+about)", " "),
    (r"(?<!\w)the\s+script\s+is\s+called(?!\w)", " "),
    (r"(?<!\w)w/o(?!\w)", "without"),
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
        rf"|become|grow|occupy)\s+(?:any\s+)?{_MORE}\s+than)(?!\w)",
        " at most ",
    ),
    (rf"(?<!\w)(?:but\s+)?(?:no|not|never)\s+(?:any\s+)?{_MORE}\s+than(?!\w)", "at most"),
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
    (
        rf"(?<!\w)log\s*,?\s+(?:(?:between|from|in|over|range)\s+)?\[?\s*({NUMBER})\s*(?:to|and|-"
        rf"|,)\s*({NUMBER})\s*\]?",
        r"\1 to \2 log",
    ),
)
"""(pattern, what the grammar reads). A list of names in brackets describes the columns of a file."""
_DENIED = (
    r"(?:i\s+)?(?:don'?t|do\s+not)\s+want\s+(?:an?\s+|the\s+)?[^,.;]{2,40}[,.;]\s*(?:but\s+)?"
    r"(?:give\s+me\s+|rather\s+|use\s+)?",
    r"(?<!\w)not\s+(?:an?\s+|the\s+)?[^,.;]{2,40}?,?\s+but\s+(?:rather\s+)?",
    r"(?:,\s*(?:and\s+)?|\s+and\s+)not\s+(?:an?\s+|the\s+)?(?:svms?|random\s+forests?|ridge"
    r"|lasso|knn|mlp|decision\s+trees?)(?!\w)",
    r",?\s+instead\s+of\s+(?:an?\s+|the\s+)?[^,.;]{2,40}(?=[,.;]|$)",
    r"(?<!\w)no\s+(?:neural\s+networks?|random\s+forests?|trees?|svms?|deep\s+learning)\s*[,.;:]\s*",
)
"""Patterns of what is named only to be denied, where another thing is asked for beside it."""


def corrected(text: str) -> str:
    """The sentence without asides and denials."""
    text, hidden = masked(text)
    spellings = _compiled()
    text = spellings[0][0].sub(spellings[0][1], text)
    for pattern in _DENIED:
        text = re.sub(pattern, " ", text, flags=re.IGNORECASE)
    for pattern in _ASIDES:
        text = re.sub(rf"(?<!\w){pattern}" if pattern[0] not in "^(,:" else pattern, " ", text, flags=re.IGNORECASE)
    for compiled, english in spellings[1:]:
        text = compiled.sub(english, text)
    return unmasked(without_asides(written_out(text)).strip(), hidden)


@cache
def _compiled() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(pattern, re.IGNORECASE), english) for pattern, english in _SPELLINGS]
