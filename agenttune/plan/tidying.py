"""What people write around a request, or take back within it, out of the way of the grammar.

Greetings and asides that ask for nothing go; "not a forest but an SVM" becomes "an SVM"; "w/" becomes "with". What
denies or limits stays. Not for: several turns (conversation.py).
"""

from __future__ import annotations

import re

_ASIDES = (
    r"^(?:ok(?:ay)?|so|well|hey|hi|hello|good\s+(?:morning|evening|day))(?:\s+there)?\s*(?:[,!.:;)]+|\s(?=so\b))\s*(?::\)|;\))?",
    r"(?:so\s+)?here'?s\s+the\s+deal\s*[,:]?",
    r"i'?m\s+(?:quite\s+|very\s+)?new\s+to\s+(?:this|that|it|all\s+this)\s*[.,!]*",
    r"(?:thanks?|thank\s+you|thx|cheers)(?:\s+(?:a\s+lot|so\s+much|very\s+much|in\s+advance|again))?\s*[.!]*",
    r"(?:please|pls|plz|kindly)(?!\w)",
    r"(?::-?\)|;-?\)|\^\^)",
    r"(?:could|can|would|will)\s+you(?:\s+(?:please|maybe|perhaps))?(?:\s+help\s+(?:me|us)(?:\s+to)?)?",
    r"(?:i|we)(?:\s+would|'d)?\s+(?:like|love)\s+(?:you\s+)?to",
    r"i'?(?:ve|\s+have)\s+(?:got\s+)?(?=an?\s|the\s|this\s)",
    r"let'?s\s+say",
    r"(?:,\s*)?since\s+(?:they|it|we|i|he|she|my\s+\w+|our\s+\w+|the\s+\w+)(?:\s[^.,;]*)?",
    r"my\s+(?:boss|prof|professor|team|colleagues?|customer)\s+(?:wants?|likes?|says?|needs?|asks?\s+for)(?:\s+(?:linear|simple)\s+\w+)?",
    r"i'?m\s+burning\s+money\s+here\s*:?",
    r"(?:no|without(?:\s+an?)?)\s+gpus?\s*(?:is\s+|are\s+)?(?:needed|necessary|required)?(?=\s*[,.:;]|\s*$)",
    r"(?:,\s*)?(?:if\s+(?:you\s+can|possible)|ideally)(?!\w)",
)
"""Patterns of what asks for nothing."""
_SPELLINGS = (
    (r"(?<!\w)u(?!\w)", "you"),
    (r"(?<!\w)(?:one|1)\s+(?:trial|run)\s+per\s+gpu(?:\s+on)?(?!\w)", " on "),
    (
        r"(?<!\w)(?:about|around|roughly|approximately|approx\.?|ca\.?|some)\s+(?=(?:an?|half|\d|one|two|three|ten|twenty|thirty)(?!\w)|\d)",
        "",
    ),
    (r"(?<=\d)\s*\.\.\.?\s*(?=[-+.\d])", " to "),
    (r"\(\s*(?:[A-Za-z_]\w*\s*,\s*)+(?:and\s+)?[A-Za-z_]\w*\s*\)", " "),
    (r"(?<!\w)(?:and\s+)?needs?\s+(?:the\s+)?(\w+)\s+predicted", r" predict \1"),
    (r"(?<!\w)is\s+what\s+(?:we|i|they)\s+(?:report|use|need|want|look\s+at)", " "),
    (r"(?<!\w)the\s+script\s+is\s+called(?!\w)", " "),
    (r"(?<!\w)w/\s*", "with "),
    (r"\s*->\s*", " predict "),
    (r"(?<!\w)(?:trials|runs)\s*[:=]\s*(\d+)", r"\1 trials"),
    (r"(?<!\w)(?:workers)\s*[:=]\s*(\d+)", r"\1 workers"),
    (r"(?<!\w)(?:metric|goal)\s*:\s*", ""),
    (r"(?<!\w)(?:trial|run)s?\s+(?:max|tops)(?!\w)", "trials at most"),
    (r"(?<!\w)(\d+)\s+1/2\s+(?=min|hour|h\b|day)", r"\1.5 "),
    (r"(?<!\w)tops(?!\w)", "at most"),
    (r"(?<!\w)pls(?!\w)", ""),
    (r"(?<!\w)(?:don'?t|do\s+not|never)\s+(?:use|take|run|spend|need)\s+(?:any\s+)?more\s+than", "at most"),
    (r"(?<!\w)but\s+(?=at\s+most|no\s+more|not\s+more)", ""),
    (r"(?<!\w)as\s+well\s+as\s+possible", ""),
)
"""(pattern, what the grammar reads). A list of names in brackets describes the columns of a file."""
_DENIED = (
    r"(?:i\s+)?(?:don'?t|do\s+not)\s+want\s+(?:an?\s+|the\s+)?[^,.;]{2,40}[,.;]\s*(?:but\s+)?(?:give\s+me\s+|rather\s+|use\s+)?",
    r"(?<!\w)not\s+(?:an?\s+|the\s+)?[^,.;]{2,40}?,?\s+but\s+(?:rather\s+)?",
    r"(?:,\s*(?:and\s+)?|\s+and\s+)not\s+(?:an?\s+|the\s+)?(?:svms?|random\s+forests?|ridge|lasso|knn|mlp|decision\s+trees?)(?!\w)",
    r",?\s+instead\s+of\s+(?:an?\s+|the\s+)?[^,.;]{2,40}(?=[,.;]|$)",
    r"(?<!\w)no\s+(?:neural\s+networks?|random\s+forests?|trees?|svms?|deep\s+learning)\s*[,.;:]\s*",
)
"""Patterns of what is named only to be denied, where another thing is asked for beside it."""


def corrected(text: str) -> str:
    """The sentence without asides and denials."""
    for pattern, english in _SPELLINGS[:1]:
        text = re.sub(pattern, english, text, flags=re.IGNORECASE)
    for pattern in _DENIED:
        text = re.sub(pattern, " ", text, flags=re.IGNORECASE)
    for pattern in _ASIDES:
        text = re.sub(rf"(?<!\w){pattern}" if pattern[0] not in "^(,:" else pattern, " ", text, flags=re.IGNORECASE)
    for pattern, english in _SPELLINGS:
        text = re.sub(pattern, english, text, flags=re.IGNORECASE)
    return text.strip()
