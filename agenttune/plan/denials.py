"""What a sentence names only to deny it: "not accuracy - balanced accuracy", "an SVM instead of a forest".

A denial goes, and is told, where the same kind of thing is named beside it; alone it stays, and is asked about. Not
for: what is wanted (grammar.py), what asks for nothing (asides.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from agenttune.cards.data import BUNDLED
from agenttune.cards.families import CARDS, spellings
from agenttune.cards.metrics import METRICS
from agenttune.plan.asides import asks_nothing
from agenttune.plan.reader import any_of
from agenttune.plan.words import DURATION, NUMBER

_DET = r"(?:(?:an?|the|any|my|our|some|plain|just|simple|simply|raw|only|mere|pure|another|old|usual|boring)\s+)*"
_NOT = (
    r"(?:(?:do|does|did|would|will|should|must|can|could|is|are|was)(?:n['o]?t|\s+not)|won'?t|can(?:no|')?t"
    r"|never|not|no\s+longer)"
)
_VERB = (
    r"(?:want|need|use|using|report|trust|care\s+(?:about|for)|look\s+at|like|optimi[sz]e|tune|go\s+(?:for|with)"
    r"|mean|take|pick|choose|judge|score|show|give|believe|be|do|try|run)(?:\s+(?:me|us|to|it|by|on|for|with|in|use))*"
)
_BEFORE = (
    rf"(?<!\w)(?:{_NOT}|nor|neither|no|without|forget(?:\s+about)?|skip|ignore|avoid|never\s+mind|rather\s+than|scrap|ditch"
    rf"|scratch|bin|dump|abandon|(?:drop|lose|kick\s+out|throw\s+out)(?=\s+(?:the|that|my)\s)"
    rf"|instead\s+of|in\s+place\s+of|as\s+opposed\s+to|other\s+than|anything\s+but)(?:\s+(?:really|even|actually|ever))?"
    rf"(?:\s+{_VERB})?\s+(?:(?:for|on|by|in\s+terms\s+of)\s+)?{_DET}"
)
_TAIL = r"(?:\s+(?:score|data|data\s*set|set|model|models|itself|alone|only|here|reported|again))*(?!\w)"
_BOUNDED = r"(?!\s*,?\s+(?:below|above|under|over|loss|drop|penalty|degradation|at\s+(?:least|most)|of\s+\d)|\s*[<>=])"
"""What follows a thing of which only a value is denied."""
_HOW = r"(?:(?:so|very|quite|pretty|really|rather|way|completely|totally|just|simply|a\s+bit|highly|that)\s+)*"
_UNFIT = (
    r"misleading|useless|meaningless|pointless|worthless|irrelevant|uninformative|inappropriate|deceptive|nonsense"
    r"|overrated|boring|beside\s+the\s+point|off\s+the\s+table|the\s+wrong\s+\w+"
)
_FIT = r"useful|helpful|meaningful|informative|interesting|relevant|appropriate|suitable|important|the\s+right\s+\w+"
_BAD = r"overkill|hopeless|too\s+\w+|no\s+(?:good|use|option)|bad|out"
"""Of a metric these would be about its value."""
_IS = r"(?:is|are|was|would\s+be|seems|looks|'s)"
_IS_NOT = r"(?:(?:is|are|was|would\s+be)\s+not|isn'?t|aren'?t|wasn'?t)"
_SAYS_NOTHING = (
    r"(?:would\s+)?(?:tells?|says?|gives?|shows?|means?)\s+(?:(?:me|us|you|one)\s+)?(?:absolutely\s+|next\s+to\s+)?"
    r"(?:nothing|little|not\s+much)"
    r"|(?:does\s*n[o']t|does\s+not|do\s+not|don'?t|won'?t|can'?t)\s+(?:really\s+|even\s+)?(?:matter|help|count|cut\s+it"
    r"|(?:say|mean|tell\s+(?:me|us|you))(?:\s+(?:much|a\s+lot|anything|enough))?|interest\s+(?:me|us))"
)

_UNIT = r"(?:trials?|runs?|evaluations?|evals?|configs?|iterations?|workers?|folds?|jobs?|gpus?|cores?)"
_COUNT = rf"(?:{DURATION}|{NUMBER}(?:\s+{_UNIT}(?!\w))?)"
_EXCESS = (
    r"\s*(?:is|are|was|takes?|would\s+be|'s|sounds|seems)\s+(?:(?:way|far|much|a\s+bit|probably|clearly|really|just"
    r"|a\s+little|also|maybe)\s+)*(?:too\s+(?:much|many|long|few|little|short|slow|small|large|big|high|low|expensive)"
    r"|overkill|excessive|not\s+enough|insufficient|more\s+than\s+(?:we|i)\s+(?:need|have|can\s+afford|want))(?!\w)"
    r"(?:\s*,?\s*(?:sorry|sry|actually|i\s+think|i\s+guess|after\s+all)(?!\w))*"
)
_RATHER = (
    r"(?:or\s+|well\s+|hm+\s+|oh\s+|uh\s+)?(?:(?:no|wait|sorry|actually|rather|i\s+mean|make\s+(?:that|it)"
    r"|let'?s\s+(?:say|make\s+it|do))[\s,]+)+"
)
_NO_MORE = (
    r"(?:,\s*)?(?:and\s+)?not\s+(?:an?|one|a\s+single|even\s+one)\s+(?:single\s+)?(?:more\s+)?(?:second|minute|hour|day"
    r"|trial|run|cent|dollar|penny|bit|byte|megabyte|gigabyte|gpu|worker)s?\s*(?:more|longer|later|over|extra)(?!\w)"
)
_TAKEN_BACK = (
    r"(?<=[a-z])\s*[,(-]?\s*(?:and\s+)?(?:not|instead\s+of|rather\s+than|in\s+place\s+of)\s+(?:the\s+)?"
    rf"(?:(?:usual|default|old|previous|full|whole|original|planned)\s+)*(?:{_COUNT}|(?:hour|day|minute)(?!\w))"
    r"(?=\s*(?:[,.;:!?)-]|$|and(?!\w)|but(?!\w)))\)?"
)
_VALUE = r"(?:\d+(?:\.\d+)?\s*(?:%|percent)|0?\.\d+)(?![\d%])"
_NO_WAIT = (
    r"(?:^|(?<=[.;!?,\n]))[^.;!?,\n]{1,120}(?:\.\.\.?|…|[,;.!–-])*\s*(?<!\w)(?:(?:no|hm+|oh|ah|wait|actually|sorry)[\s,.]+)+"
    r"(?:skip|forget|scratch|drop|ignore|strike)\s+(?:that|it|this)(?!\w)"
)
""" "at least 500 tps... no wait, skip that": the clause before."""
_NUMBERS = (
    _NO_WAIT,
    rf"(?<![\w'.-]){NUMBER}(?:\s+(?P<unit>{_UNIT}))?{_EXCESS}\s*[,;:.-]*\s*(?:(?:so|make|it|that|let'?s|take|use|do|better|just|say|and|rather)\s+)*"
    rf"(?P<kept>{NUMBER})(?=\s*(?:[,.;!)]|$|and(?!\w)))",
    rf"(?<![\w'.-]){NUMBER}\s+(?P<unit>{_UNIT})\s*[,;.:(–-]*\s*{_RATHER}(?P<kept>{NUMBER})(?:\s+(?P=unit))?(?=\s*(?:[,.;!)]|$|is(?!\w)|are(?!\w)|and(?!\w)))"
    r"(?:\s+(?:is|are)\s+(?:plenty|enough|fine|better|sufficient))?",
    rf"(?<![\w'.-]){DURATION}\s*[,;.:(–-]*\s*{_RATHER}(?P<kept>{DURATION})",
    rf"(?<![\w'.-]){DURATION}{_EXCESS}(?=.*?{DURATION})",
    rf"(?<![\w'.-]){NUMBER}(?:\s+{_UNIT})?{_EXCESS}(?=.*?{NUMBER})",
    rf"(?<!\w){_NO_MORE}",
    _TAKEN_BACK,
    rf"(?<!\w)not\s+{DURATION}\s*,?\s*but\s+(?:rather\s+)?(?={DURATION})",
    rf"(?<!\w)not\s+{NUMBER}\s*,?\s*but\s+(?:rather\s+)?(?={NUMBER})",
    r"(?<=rather)(?P<kept>\s+(?!than)[^.;!?]{3,60}?)\s+than\s+[^,.;!?]{2,60}",
)
"""Numbers that are taken back beside those that count; `kept`: what stays."""
_RUN = r"trial|run|training(?:\s+run)?|evaluation|simulation|experiment|fit|test|build|job|iteration|execution"
_SO_FAR = (
    r"(?:,\s*)?(?<!\w)(?:since|because|as)\s+(?:each|every|one|a|an)\s+\w+\s+(?:takes?|needs?|lasts?|costs?)\s[^,.;]*",
    rf"(?<!\w)(?:(?:each|every|one|1|an?|per|a\s+single)\s+(?:single\s+)?(?:{_RUN})|(?<!\d\s)(?:the\s+|my\s+|our\s+)?(?:(?:{_RUN})s|training))"
    rf"\s+(?:(?:currently|usually|typically|normally|mostly|generally)\s+)?(?:takes?|lasts?|needs?|requires?)\s+(?:me\s+|us\s+|you\s+)?"
    rf"(?:(?:about|around|roughly|approximately|some|circa|on\s+average)\s+)*{DURATION}(?!\s*(?:at\s+most|max|tops|or\s+less))"
    r"(?:\s+(?:on|with)\s+(?:my|our|the|this|a|one|1)\s+(?:\w+\s+)?(?:gpu|cpu|machine|laptop|server|node|card|box|cluster))?",
    rf"(?<!\w)(?:(?:it|that|this|which)\s+)?(?:takes?|lasts?|needs?|requires?)\s+(?:(?:about|around|roughly|approximately|some|circa)\s+)*{DURATION}"
    r"\s+(?:(?:per|each|every|a|for\s+(?:a|each|every))\s+)+(?:trial|run|training|evaluation|simulation|experiment|fit|epoch)(?!\w)",
    rf"(?P<kept>(?<!\w)(?:currently|right\s+now|at\s+the\s+moment|so\s+far|at\s+present|out\s+of\s+the\s+box|with\s+(?:the\s+)?defaults?"
    rf"|(?:the|my|our)\s+(?:old|current|existing|present|last)\s+\w+(?:\s+(?:score|loss|error))?)(?:\s+(?!stop|until|reach|target|least|most|want|need)[a-z]+){{0,6}}\s*[,:=]?)\s+{_VALUE}",
    rf"(?P<kept>(?<!\w)(?:i|we|they)(?:'re|\s+are|\s+have|\s+get|\s+got)(?:\s+(?!stop|until|reach|target|least|most|want|need)[a-z]+){{0,6}}"
    rf"\s*[,:=]?)\s+{_VALUE}(?=\s*(?:[,.;!)]|$|(?:right\s+)?now|so\s+far|currently|at\s+the\s+moment))",
)
"""What is so already: how long a run takes, the value that a metric has."""
_KINDS_OF_MODEL = re.compile(
    r"(?<!\w)(?:(?:neural\s+)?net(?:work)?s?|deep\s+learning|transformers?|forests?|trees?|xgboost|lightgbm|catboost"
    r"|boosting|bayes\w*|linear|models?|search|grid|fancy|not|don'?t|no)(?!\w)",
    re.IGNORECASE,
)
_ANYTHING = (
    r"(?<!\w)(?:i\s+)?(?:don'?t|do\s+not)\s+want\s+[^,.;\d\x00]{2,40}[,.;]\s*(?:but|give\s+me|rather|use)(?!\w)",
    r"(?<!\w)not\s+[^,.;\d\x00]{2,40}?,?\s+but\s+(?:rather\s+)?",
    r",?\s+instead\s+of\s+[^,.;\d\x00]{2,40}(?=[,.;]|$)",
    r"(?<!\w)(?:no|without(?:\s+any)?|none\s+of\s+(?:that|this|your|the)|nothing)\s+(?:\w+\s+){0,2}?"
    r"(?:neural\s+net(?:work)?s?|deep\s+learning|trees?|stuff|magic|nonsense|tricks?|games?|gimmicks?|fancy)"
    r"(?=\s*(?:[,.;:!-]|$))",
)
"""Whatever is denied where another thing is asked for, if it is plain words or a kind of model."""


def without_denied(text: str) -> tuple[str, tuple[str, ...]]:
    """(the text without what it names only to deny it, what that was)."""
    told: list[str] = []

    def drop(match: re.Match[str]) -> str:
        said = match.groupdict()
        before, _, after = match[0].partition(said.get("kept") or "\0")
        told.append(" ".join((before if before.strip() else after).split()).strip(" ,;:-("))
        return f" {said.get('kept') or ''} {said.get('unit') or ''} "

    def drop_plain(match: re.Match[str]) -> str:
        return drop(match) if asks_nothing(_instead(_KINDS_OF_MODEL.sub(" ", match[0]))) else match[0]

    for denial, mention in _named():
        gone = "\n".join(match[0].replace(match["kept"] or "\0", "\n") for match in denial.finditer(text))
        left = denial.sub(lambda match: match["kept"] or " ", text)
        if _spelt(mention, left) - _spelt(mention, gone):
            text = denial.sub(drop, text)
    for pattern in _compiled((*_NUMBERS, *_SO_FAR)):
        text = pattern.sub(drop, text)
    for pattern in _compiled(_ANYTHING):
        text = pattern.sub(drop_plain, text)
    return text, tuple(told)


def _spelt(mention: re.Pattern[str], text: str) -> set[str]:
    """What a text names, spelt alike: "svm" denied and "SVM" asked for contradict each other."""
    return {re.sub(r"[\s_-]+", " ", match[0].lower()).removesuffix("s") for match in mention.finditer(text)}


def _instead(words: str) -> str:
    return re.sub(r"(?<!\w)(?:instead|but|rather|want|use|without|none|nothing|that|this)(?!\w)", " ", words)


@cache
def _named() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    """(a denial of one, a mention of one) of families, data and metrics."""
    families = [spelling for card in CARDS.values() for spelling in spellings(card)]
    data = [name for known, bundled in BUNDLED.items() for name in (known, *bundled.synonyms)]
    metrics = [name for metric in METRICS.values() for name in (metric.name, metric.title, *metric.synonyms)]
    return tuple(
        _denial_and_mention(kind, bad) for kind, bad in ((families, rf"|{_BAD}"), (data, rf"|{_BAD}"), (metrics, ""))
    )


def _denial_and_mention(names: Iterable[str], bad: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    one = rf"(?<![\w-])(?:{any_of(names)})s?(?![\w-])"
    unfit = rf"(?:{_IS}\s+{_HOW}(?:{_UNFIT}{bad})|{_IS_NOT}\s+{_HOW}(?:{_FIT})|{_SAYS_NOTHING})(?!\w)"
    denial = (
        rf"{_BEFORE}{one}{_BOUNDED}(?:\s+(?:or|nor)\s+{_DET}{one})*{_TAIL}(?:\s*[,;-]?\s*but(?:\s+rather)?(?!\w))?"
        rf"|{_DET}{one}(?:\s+(?:score|here|there|alone|itself|only))?\s*{unfit}"
        rf"|(?P<kept>(?<!\w)(?:prefer|value|like|favou?r)\s+{_DET}{one})\s+(?:over|to|above|more\s+than)\s+{_DET}{one}"
    )
    return re.compile(denial, re.IGNORECASE), re.compile(one, re.IGNORECASE)


@cache
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE | re.DOTALL) for pattern in patterns)
