"""The words around ranges, as fragments of patterns: what joins two ends, opens one, sets a value, gives a scale.

Not for: reading (ranges.py).
"""

from __future__ import annotations

from agenttune.plan.words import NUMBER

LOG = (
    r"(?:(?:\s*,(?!\s*log\s+[a-z_][\w-]*\s*[:=]?\s*(?:(?:from|between|in|over)\s+)?[\[(]?\s*[-+.]?\d))?\s*(?:\["
    r"|\(|on\s+an?\s+|in\s+|with\s+an?\s+|using\s+an?\s+)?(log(?!\s*loss)"
    r"|logarithmic|log-uniform|linear(?!\s+(?:reg|svm|kernel))|uniform)"
    r"(?:[-\s]*(?:scaled?|uniform(?:ly)?|spaced?|ly|steps?|space))?(?!\w)"
    r"(?:\s+for\s+(?:that|this)(?:\s+one)?(?!\w))?\s*[\])]?)?"
)
TO = r"(?:up\s+to|to|through|thru|until|till|-|–|~|\.\.\.?|…|:)"
"""Between the ends of a range."""
UNITS = (
    r"(?!\s*(?:%|trials?|runs?|workers?|-?folds?|min|sec|hour|s(?!\w)|m(?!\w)|h(?!\w)|gpu|[kmgt]i?b"
    r"|at\s+a\s+time|at\s+once|in\s+parallel|held|kept))"
)
NO_COUNT = r"(?!\s*(?:%|trials?|runs?|evaluations?|workers?|-?folds?|at\s+a\s+time|at\s+once|in\s+parallel))"
NO_MORE = (
    r"(?!\s*,?\s*(?:(?:or|and)\s+(?:more|less|fewer|lower|higher|above|below|under|over|up|upwards|beyond|greater"
    r"|larger|bigger"
    rf"|smaller|so|thereabouts)|upwards|onwards|(?:at\s+(?:most|least)|max(?:imum)?|min(?:imum)?|tops)(?!\s*{NUMBER}))(?!\w))"
)
"""Not before words that make a number one end of a range: "0.1 or more"."""
JOIN = r"\s*(?:,\s*or\s+|,\s*and\s+|,|/|\||\s+or\s+|\s+and\s+)\s*"
OR = r"(?:\s*,?\s+or\s+|\s*[/|]\s*)"
MAY = (
    r"(?:\s+(?:only|is|are|stays?|(?:(?:may|can|should|must|could)\s+only\s+go)|(?:may|can|should|must"
    r"|could|has\s+to|to)(?:\s+(?:go|be|reach|stay|remain|get))?))?"
)
MOST = (
    r"(?:ends?|stops?)\s+at|at\s+most|up\s+to|below|under|no\s+more\s+than|(?:less|fewer|smaller)\s+than"
    r"|max(?:imum)?(?:\s+of)?|≤|<=?"
)
LEAST = (
    r"starts?\s+(?:at|from|with)|at\s+least|above|over|no\s+less\s+than|(?:more|greater|larger)\s+than"
    r"|min(?:imum)?(?:\s+of)?|≥|>=?"
)
EXCLUDING = r"(?<!\w)(?<!no )(?<!not )(?:below|under|above|over|(?:less|fewer|smaller|more|greater|larger)\s+than)|[<>]"
"""Words in front of one end that leave it out itself, where numbers are whole; "no more than" does not."""
BEHIND = {
    True: r"at\s+most|max(?:imum)?|tops|or\s+(?:less|lower|fewer|below|under|smaller)",
    False: r"at\s+least|min(?:imum)?|or\s+(?:more|higher|above|over|greater|larger|bigger)|and\s+(?:up|above"
    r"|more)|upwards",
}
"""Whether it is the upper end -> words behind a number that make it one: "0.5 or less"."""
VERB = (
    r"(?:(?:fix(?:ing|ed)?|keep(?:ing)?|hold(?:ing)?|set(?:ting)?|search(?:ing)?|vary(?:ing)?"
    r"|over|try(?:ing)?|tun(?:e|ing)|let(?:ting)?|allow(?:ing)?)\s+(?:the\s+)?)?"
)
LEADS = (
    r"(?:[\s:=∈,(\[]|(?:which|that)(?=\s+(?:is|are|can|could|may|goes|ranges|runs|takes|varies|should)(?!\w))"
    r"|(?:is|are|be|being|ranges?|ranging|var(?:y|ies|ying)|values?|to|should|can|could|may|might|must|would"
    r"|will|lies?|lying|somewhere|anywhere|anything|any|log|tuned|searched|varied|explored|going|goes|go|runs?"
    r"|floats?"
    r"|floating|int|integers?|real|number|an?|the|some|sensible|in|from|over|within|interval|of|i|we|i'd|we'd|let"
    r"|it|sizes?|counts?"
    r"|matters?|only|too|also|as|well|either|with|set|free)(?![\w-]))*"
)
"""What may stand between a parameter and its range."""
KINDS = r"float(?:s|ing)?|reals?|continuous|decimals?|fractional|ints?|integers?|whole|discrete"
"""Words that say whether values are whole numbers."""
WHOLE_KINDS = r"int|whole|discrete"
"""How those begin that say they are."""
_KIND = rf"(?:{KINDS})(?:[\s-]+(?:point|numbers?|values?|valued))?(?![\w-])"
KIND_LEADS = rf"(?:{LEADS}{_KIND})?{LEADS}"
"""The same of a program's parameter, which may be of either kind."""
KIND_AHEAD = rf"(?:{_KIND}\s+)?"
KIND_BEHIND = (
    rf"(?:\s*,?\s*[(\[]?\s*(?:(?:as|only|is|are|an?)\s+)*{_KIND}\s*[)\]]?"
    r"(?=\s*(?:[,.;:)\]\n]|$|(?:and|for|with|on|in|log)(?!\w))))?"
)
MEASURE = (
    r"(?:\s*(s|secs?|seconds?|ms|milliseconds?|us|min|minutes?|h|hours?|days?|weeks?|[kmg]i?b|degrees?|°|pixels?|px"
    r"|tokens|bytes|bits|steps)(?!\w))?"
)
"""A unit that a program's parameter is counted in."""
VALUES = frozenset(
    "on yes basic simple standard normal regular new old set sample optimal output shared server".split()
)
"""Fillers that are values of options often enough."""
ENDLESS = frozenset(
    "more less fewer lower higher above below under over up upwards beyond greater larger smaller".split()
)
"""Words behind "or" that are no value but open a range."""
UNIT_NAMES = {
    "s": r"s|secs?|seconds?",
    "ms": r"ms|milliseconds?",
    "us": r"us",
    "kb": r"ki?b",
    "mb": r"mi?b",
    "gb": r"gi?b",
}
"""Part of a parameter's name that is a unit -> how it is written."""
