"""Words around a request that ask for nothing: "for my thesis", "since the cluster is free tonight", "it's not urgent".

What the rules did not read is judged here: a whole phrase by its build (`take_asides`), single words by what they could
mean (`asks_nothing`). What is left aside is told. Not for: what is denied (denials.py), spellings (tidying.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from agenttune.cards.data import BUNDLED
from agenttune.cards.families import CARDS, spellings
from agenttune.cards.metrics import METRICS
from agenttune.plan.reader import Reader, loosely
from agenttune.plan.words import NUMBER_WORD, SHARE

_ASKS = re.compile(
    r"(?<!\w)(?:want\w*|need\w*|must|should|shall|only|use|using|uses|optimi[sz]\w*|tun(?:e|ed|ing)|improv\w*|minimi\w*|maximi\w*|best|better"
    r"|good|great|prefer\w*|ensure|sure|keep\w*|avoid\w*|care|cares|accura\w*|precis\w*|recall|sensitivity|specificity|calibrat\w*"
    r"|fast\w*|quick\w*|slow\w*|cheap\w*|long|short\w*|time|late|soon|hurry|today|tonight|tomorrow|overnight|week\w*|deadline|memory|ram|small\w*|large\w*|big\w*|few\w*|many|much|more|less|most|least|fewer"
    r"|high\w*|low\w*|max\w*|min\w*|no|not|none|never|without|except|don'?t|doesn'?t|didn'?t|can'?t|cannot|won'?t|isn'?t|aren'?t|instead|but|rather|ignor\w*|skip\w*|exclud\w*"
    r"|column\w*|feature\w*|target\w*|label\w*|predict\w*|class\w*|regress\w*|cluster\w*|fold\w*|valid\w*|test\w*|split\w*|seed\w*|random\w*|repeat\w*"
    r"|gpu\w*|cpu\w*|core\w*|worker\w*|parallel\w*|process\w*|thread\w*|trial\w*|run\w*|evaluation\w*|iteration\w*|budget\w*|limit\w*|stop\w*|until|before|after"
    r"|second\w*|minute\w*|hour\w*|day\w*|dollar\w*|money|cost\w*|kernel\w*|depth\w*|tree\w*|layer\w*|rate\w*|batch\w*|epoch\w*|dropout|alpha|gamma|log\w*|param\w*|range\w*"
    r"|boost\w*|forest\w*|net\w*|transformer\w*|model\w*|xgb\w*|lightgbm|lgbm|catboost|bayes\w*|grid|search\w*|latency|throughput|error\w*|loss\w*|score\w*|metric\w*"
    r"|pca|balanced|scal(?:e|ed|ing)|normali[sz]\w*|standardi[sz]\w*|imput\w*|encod\w*|oversampl\w*|smote|weight\w*|ensembl\w*|speed|nested"
    r"|prun\w*|halving|early|warm\w*|alone|adam\w*|sgd|l-?bfgs"
    r"|stratif\w*|bootstrap\w*|outliers?|augment\w*|polynomial\w*|set|take|go\s+with|choose|pick|call\w*|name\w*|same|default\w*|fix\w*|constant|between|from|per|each|every|half|linear\w*|uniform\w*|double|twice|dozen|hundred|thousand|million|billion|percent|all|exclusive\w*|likewise|ditto|even|odd|multiples?)(?!\w)",
    re.IGNORECASE,
)
_OF_DATA = re.compile(
    r"(?:column|feature|target|label|predict|class|regress|cluster|fold|valid|test|split|kernel|depth|tree|layer|boost|calibrat"
    r"|forest|net|transformer|model|xgb|lightgbm|lgbm|catboost|name|call|adam|sgd|l-?bfgs)\w*",
    re.IGNORECASE,
)
"""Of those words the ones that ask for nothing where a program is tuned: it has no data, and its metric is read."""
_PRODUCT = re.compile(r"(?<![\w.])[A-Za-z]+(?:-[A-Za-z]+)*-?\d+[A-Za-z]*(?![\w=.]\w|\w|=|\s*[<>=:])")
"""A word that ends in a number, "x264": the name of a thing, unless it may be a setting."""
_SIGNS = re.compile(r"[\d_{}<>=%$/\\\[\]()\"]|\.\w|--|\w-\w")
_SOMEBODY = r"(?:i|we|you|he|she|they|it|this|that|who|people|nobody|everybody|everyone|somebody|someone)"
_THEIR = r"(?:(?:my|our|his|her|their|your|the|a|an|some|this|that|next|last)\s+)*"
_DAY = r"(?:tomorrow|today|tonight|(?:this|next|last)\s+\w+|(?:on\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day)(?!\w)"
_REST = r"(?:\s[^.,;:!?\d\x00]*)?"
"""The rest of a clause without numbers, none of it read by a rule."""
_HOW = r"(?:(?:so|very|quite|pretty|really|rather|way|a\s+bit|too|all\s+that|that|particularly|exactly)\s+)*"
_UNLIMITED = (
    r"(?:(?:there\s+is|there's|with|i\s+have)\s+)?(?:no|without(?:\s+any|\s+an?)?)\s+(?:(?:other|further|particular|fixed|hard"
    r"|real|time)\s+)*(?:limit|budget|deadline|cap|constraint)s?(?:\s+(?:otherwise|besides|in\s+(?:hours|time|minutes)"
    r"|on\s+(?:the\s+)?(?:run)?time))*(?=\s*(?:[,.:;!]|but\s*\x00|$))"
)
_PHRASES = (
    _UNLIMITED,
    # politeness
    r"(?:would|do)\s+you\s+mind",
    r"(?:no|not?\s+a)\s+(?:problem|worries|rush|hurry|preference|offen[cs]e|idea|clue)",
    r"(?:quick|fast|easy|simple|small|short|good|great|nice|new|one|another|next|last|other|final)\s+(?:more\s+)?(?:question|request"
    r"|favou?r|one|thing|point|note|remark|try|check|look|look\s+at|attempt|go|job|run|study|search|sweep|tuning|sanity\s+(?:check"
    r"|chk|test)|test\s+run|baseline|demo|exercise|shot)(?!\s+(?:per|at|in)(?!\w))",
    r"(?:anything|something)\s+else\s*\??\s*(?:no(?:pe)?|nothing|that'?s\s+(?:it|all))?",
    r"(?:that(?:'s|\s+is|\s+was)|this\s+is)\s+(?:it|all|everything)(?:\s+(?:for\s+now|thanks?|from\s+me))?",
    r"(?:two|three|four|five|a\s+(?:few|couple\s+of)|some|several|more)\s+(?:\w+\s+)?(?:changes?|things?|corrections?"
    r"|questions?|points?|remarks?|notes?|requests?|details?|wishes|amendments?|constraints?|conditions?|requirements?)",
    r"(?:no|without(?:\s+an?)?)\s+gpus?(?:\s+(?:is|are|needed|necessary|required|here|available))*(?=\s*(?:[,.:;]|$))",
    r"(?:then\s+)?(?:so\s+be\s+it|too\s+bad|(?:it|you|we)\s+(?:can'?t|cannot))(?=\s*[.!]?\s*$)",
    r"(?:at|on|in)\s+(?:the\s+)?(?:very\s+)?(?:end|bottom|top|last\s+line|tail)\s+of\s+(?:the|its|each|every|a)\s+(?:\w+\s+)?(?:log|output|file|training|epoch|run|stdout)s?",
    r"(?:by|before|for|until|till|in|at|to)\s+(?:tomorrow|today|tonight|(?:this|next)\s+\w+|(?:mon|tues|wednes|thurs|fri|satur|sun)day)['’]s\s+(?:[a-z]+\s+)?[a-z]+",
    r"(?:(?:this|that|these|those|which|first|second|third|last|latter|former|any|good|bad|right|other|next)\s+|the\s+)ones?(?=\s*(?:[,.;:!?)]|$|is\s|are\s))",
    r"(?:i|we)(?:\s+really)?\s+(?:don'?t|do\s+not|won'?t)\s+(?:need|want|ask\s+for)\s+(?:any\s+)?(?:more|better|anything)(?:\s+(?:than\s+that|more|else))?(?=\s*(?:[,.;:!?)]|$))",
    r"(?:after\s+)?(?:every|each|per)\s+(?:epoch|step|batch|line)",
    # what does not matter
    r"(?:[a-z_]+\s+){0,2}[a-z_]+\s+(?:is\s+|are\s+|can\s+be\s+)?(?:whatever(?:\s+(?:you|it|we)\s+(?:like|likes|want|wants|need|needs|prefer))?|(?:is\s+)?up\s+to\s+you"
    r"|as\s+you\s+(?:like|please|see\s+fit|want)|doesn'?t\s+matter|anything\s+goes)",
    r"(?:our|my|the|an?)\s+(?:old|current|existing|previous|other|first|big|small|simple)\s+ones?",
    rf"(?:it'?s|it\s+is|this\s+is|that'?s|not?hing\s+is|nothing)\s+(?:not\s+)?{_HOW}(?:urgent|pressing|critical|serious"
    r"|complicated|fancy|special|important|a\s+(?:big\s+)?deal|a\s+secret|rocket\s+science)",
    r"(?:never\s+mind|no\s+matter|regardless\s+of|whatever|irrespective\s+of)\s+(?:the\s+|what\s+|how\s+)*"
    r"[a-z]+(?!\s*[<>=\d])",
    rf"(?:(?:the\s+)?[a-z]+\s+)?(?:{_SOMEBODY}\s+)?(?:really\s+)?(?:don'?t|do\s+not|does\s*n[o']t|couldn'?t)\s+(?:really\s+"
    r"|much\s+)*(?:care(?:\s+(?:less|much))?|mind)(?:\s+(?:about|how|what|which|whether)\s+(?:the\s+|any\s+|its\s+)?[a-z]+)?",
    r"(?:is|are)\s+what\s+(?:i|we|they)(?:'m|'re|\s+am|\s+are)?\s+(?:really\s+)?(?:after|looking\s+for|want|need|interested\s+in)",
    # what somebody does not know, and stories
    rf"{_SOMEBODY}\s+(?:(?:really|honestly|just|still)\s+)*(?:(?:don'?t|do\s+not|did\s*n[o']t|does\s*n[o']t|can'?t|never|have"
    rf"|had|has)\s+)(?:(?:really|quite|yet|even)\s+)*(?:know|knew|understand|understood|remember|no\s+(?:idea|clue)|tell){_REST}",
    rf"{_SOMEBODY}(?:'m|'re|'s|\s+am|\s+are|\s+is)\s+(?:(?:currently|just|also)\s+)?(?:comparing|studying|writing|teaching"
    rf"|losing|wasting|burning|struggling|fighting|learning|benchmarking|preparing|finishing|working\s+on|new\s+to|at|in|on|off|away|back|stuck|out|tired){_REST}",
    rf"(?:while|when|whilst)\s+{_SOMEBODY}(?:'m|'re|'s)?(?:\s|(?=\x00)){_REST}",
    rf"(?:since|because|as|cause|cuz|so\s+that)\s+(?:{_SOMEBODY}(?:'m|'re|'s|'ve|'ll|'d)?|(?:my|our|his|her|their|the|this)\s+[a-z]+)(?!\w){_REST}",
    r"so\s+(?:that\s+)?(?:(?:the|our|my|its|their)\s+)?(?!please|we|i|you|but|and)\w+\s+(?:don'?t|doesn'?t|do\s+not|does\s+not"
    rf"|won'?t|can'?t|cannot){_REST}",
    r"(?:the|my|our)\s+(?:\w+\s+)?(?:gpu|card|node|machine|box|cluster|server|pc|laptop|workstation)\s+is\s+"
    rf"(?:idle|free|available|unused){_REST}",
    rf"{_THEIR}(?:boss|prof|professor|team|colleagues?|customers?|clients?|supervisor|advisor|manager|lead|friends?|reviewers?)\s+"
    rf"(?:wants?|likes?|says?|said|needs?|asks?(?:\s+for)?|asked(?:\s+for)?|insists?|claims?|thinks?|told\s+(?:me|us)|gave\s+(?:me|us)"
    rf"|sent\s+(?:me|us)|promised|complains?|keeps?\s+\w+ing){_REST}",
    rf"(?:before|after|until|till|over|during|at|by)\s+(?:{_THEIR})(?:lunch|dinner|breakfast|standup|stand-up|work|bed|class"
    r"|school|christmas|coffee|tea|meetings?|(?:coffee|lunch|tea)\s+break|demo|talk|weekend|holidays?|review|lesson)",
    rf"before\s+{_SOMEBODY}\s+[a-z]+",
    rf"(?:for|in)\s+{_THEIR}(?:[a-z]+\s+)?[a-z]+\s+{_DAY}",
    rf"{_THEIR}(?!{_SOMEBODY}(?!\w))[a-z]+\s+(?:opens?|closes?|meets?)\s+{_DAY}",
    r"(?:every|each|last|one|at)\s+(?:night|morning|evening|week|month|day|sunday|monday|friday)s?(?:\s+at\s+[a-z]+)?"
    r"(?!\s+(?:at|by)\s+\d)",
    r"(?:all|the\s+whole|one|an?)\s+(?:spring|summer|autumn|fall|winter|year|semester|term|lesson|while)(?!\w)",
    rf"(?:(?:that|it|this)'s|takes?|is|are|was|were|seems?)\s+{_HOW}(?:quick|fast|slow|cheap|small|tiny|large|big|huge|short|long|loud|new|old)"
    rf"(?:\s+to\s+[a-z]+)?(?:\s+(?:here|there|on\s+(?:this|my|our)\s+\w+|for\s+(?:me|us)))?(?=\s*(?:[.,;:!?)]|$|so(?!\w)|and(?!\w)))",
    r"(?:is|are|do|does|did|was|were|isn'?t|aren'?t|don'?t|doesn'?t)\s+(?:\w+\s+){1,6}\w+\s*\?",
    r"even(?=\s+(?:though|if|when|more|better|less|with|without|on|the|a|my|our|at|then|so|for)(?!\w))",
    r"(?:the\s+thing\s+|what\s+)?(?:i|we)(?:'m|'re|\s+am|\s+are)\s+(?:really\s+)?after\s+(?:is|are)(?!\w)",
    r"(?:one\s+)?wins(?=\s*(?:[.,;:!)]|$))",
    r"(?:note|remember|be\s+aware|keep\s+in\s+mind|double[\s-]check)(?:\s+that)?(?!\w)",
    r"(?:therefore|hence|thus|so)\s+(?:keep|just)(?!\w)",
    r"[a-z_]+\s+(?:is\s+)?left\s+alone|leave\s+(?:the|my|our)\s+[a-z_]+\s+alone",
    r"(?:leave|let|leaving|keep)\s+(?:it|that|this|them|those)\s+(?:alone|running|run|be|going|as\s+(?:it\s+is|is))(?!\w)",
)
"""Phrases that ask for nothing, by their build; their words are no more than `_WEIGHTY` allows."""
_WEIGHTY = re.compile(
    r"(?<!\w)(?:only|must|should|shall|at\s+(?:least|most)|max(?:imum|imi\w+)?|min(?:imum|imi\w+|s|utes?)?|column\w*|feature\w*|target\w*|label\w*|predict\w*"
    r"|exclud\w*|ignor\w*|skip\w*|stop\w*|until|budget|limit\w*|within|between|folds?|trials?|seconds?|hours?"
    r"|workers?|parallel|memory|seed|pas\s+de\s+\d+)(?!\w)",
    re.IGNORECASE,
)
"""What a phrase of `_PHRASES` must not hold beside its own words: it would limit, count or name something."""


def take_asides(reader: Reader, target: str | None = None) -> tuple[str, ...]:
    """Reads the phrases that ask for nothing, after all rules have read theirs; what they are.

    Args:
        reader: of the sentence.
        target: the column to predict: how many rows have it asks for nothing, "only 8% quit".
    """
    found = []
    for share in _share_of(target).finditer(reader.text):
        start, end = share.span("share")
        if reader.peek_all()[start:end] == reader.text[start:end]:
            reader.take_span(*share.span())
            found.append((share.start(), " ".join(share[0].split())))
    for pattern in _compiled():
        start = 0
        while match := pattern.search(reader.peek_all(), start):
            start = match.end()
            words = " ".join(match[0].split())
            if (pattern is _compiled()[0] or not _WEIGHTY.search(words)) and not _named().search(words):
                reader.take_span(*match.span())
                found.append((match.start(), words.strip(" ,.?!")))
    return tuple(words for _, words in sorted(found))


@cache
def _compiled() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"(?<![\w'-]){pattern}(?![\w'-])", re.IGNORECASE) for pattern in _PHRASES)


@cache
def _share_of(target: str | None) -> re.Pattern[str]:
    """ "only 8% quit", "3 percent of the customers are positive"."""
    stem = "" if target is None else target[: max(4, len(target) - 2)]
    few = r"(?:(?:only|just|about|roughly|around|some|because|since|as)\s+)*"
    rows = r"(?:of\s+(?:(?:them|the|our|all|my)\s+)*(?:[a-z]+\s+)?)?(?:(?:are|is|have|has|do|did|actually|ever)\s+)*"
    what = rf"(?:positives?|{re.escape(stem)}\w*)" if stem else "positives?"
    return re.compile(rf"(?<![\w.]){few}(?P<share>{SHARE})\s+{rows}{what}(?!\w)", re.IGNORECASE)


@cache
def _named() -> re.Pattern[str]:
    """Families, data and metrics."""
    known = [name for bundled in BUNDLED.values() for name in bundled.synonyms] + list(BUNDLED)
    known += [name for card in CARDS.values() for name in spellings(card)]
    known += [name for metric in METRICS.values() for name in (metric.name, metric.title, *metric.synonyms)]
    return re.compile(
        rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(known, key=len, reverse=True)))})(?!\w)", re.IGNORECASE
    )


def asks_nothing(words: str, names: Sequence[str] = (), *, of_program: bool = False) -> bool:
    """Whether words that nobody read can be left aside: they name, count, limit and deny nothing that a study knows.

    Args:
        words: a run of words.
        names: parameters of the program that is tuned.
        of_program: whether a program is tuned: no data, estimator or kernel is asked for then.
    """
    own = "|".join(loosely(name) for name in names)
    if of_program:
        words = _PRODUCT.sub(lambda match: match[0] if _may_be_setting(match[0]) else " ", words)
        words = re.sub(r"(?<![\w.])\d+(?:\.\d+)?[BM](?!\w)", " ", words)  # the size of a language model
        words = re.sub(r"(?<=[A-Za-z])-(?=[A-Za-z])", " ", words)
    asking = [match for match in _ASKS.finditer(words) if not (of_program and _OF_DATA.fullmatch(match[0]))]
    return (
        _SIGNS.search(words) is None
        and not asking
        and _names(of_program).search(words) is None
        and not (own and re.search(rf"(?<!\w)(?:{own})(?!\w)", words, re.IGNORECASE))
    )


def _may_be_setting(word: str) -> bool:
    """Whether a word with a number says something: "seed7", "p99", "A100", "k5"."""
    letters = re.match(r"[A-Za-z-]+", word)
    assert letters is not None  # so does the pattern begin
    digits = re.sub(r"\D", "", word)
    is_short = len(letters[0].strip("-")) < 2 and len(digits) < 3
    is_card = re.fullmatch(r"[a-z]\d{2,3}s?|p\d\d+", word, re.IGNORECASE) is not None and word.lower()[0] in "ahbvlptk"
    return is_short or is_card or _ASKS.fullmatch(letters[0].strip("-")) is not None


@cache
def _names(of_program: bool = False) -> re.Pattern[str]:
    """Everything that a request could name, and numbers."""
    known = [] if of_program else [name for bundled in BUNDLED.values() for name in bundled.synonyms] + list(BUNDLED)
    for card in () if of_program else CARDS.values():
        known += spellings(card)
        known += [name for name, aliases in card.aliases.items() for name in (name, *aliases)]
    for metric in METRICS.values():
        known += [metric.name, metric.title, *metric.synonyms]
    words = "|".join(re.escape(name) for name in sorted(set(known), key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{words}|{NUMBER_WORD})(?!\w)", re.IGNORECASE)
