"""Clauses of a request that stand by themselves: limits of budget and machine, seed, folds.

Each function takes its words away from the reader and returns what they say, None if nothing was said. Not for: what is
measured and when to stop (goals.py), times of day (deadlines.py), how it is searched (search_clauses.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from agenttune.plan.reader import Reader, as_whole, compiled, every, first, same, whole
from agenttune.plan.words import (
    DURATION,
    LONG_DURATION,
    NUMBER,
    SHARE,
    SIZE,
    read_duration,
    read_number,
    read_share,
    read_size,
)

_AT_MOST = (
    r"(?:at\s+(?:the\s+)?most|only|just|no\s+more\s+than|not\s+more\s+than|up\s+to|within"
    r"|max(?:imum)?\.?(?:\s+of)?|under|below"
    r"|less\s+than|fewer\s+than|(?:limited|restricted|capped|set)\s+(?:to|at)|(?:limit|cap"
    r"|restrict)\s+(?:\w+\s+)?to|stop(?:ping)?\s+after"
    r"|(?:give\s+up\s+)?after|exactly|precisely|(?:a\s+)?(?:total\s+)?budget\s*(?:of|is|:|=)?"
    r"|(?:a\s+)?(?:time\s+)?(?:limit|cap)\s*(?:of|is|:|=)?|use|using|with|takes?|in|for)"
)
_UP_TO = rf"(?:(?:{_AT_MOST})\s+){{0,3}}"
_IN_ALL = r"(?:\s+(?:at\s+most|max(?:imum)?|in\s+total|in\s+all|altogether|overall)(?!\w)){0,2}"
_NOUN = (
    r"(?:trial|run|evaluation|eval|configuration|config|iteration|iter|experiment|attempt"
    r"|simulation|sim|sample|round|call|launch|replay|encode|execution|test"
    r"|candidate|measurement|setting|job|build|benchmark)"
)
_TRIAL_NOUNS = (
    "trials? runs? evaluations? evals? configurations? configs? tries iterations? iters? experiments? attempts? "
    "simulations? sims? samples(?!\\s+(?:per|in|at)(?!\\w)) rounds? settings(?!\\s+(?:of|for|per)(?!\\w)) "
    "candidates? measurements builds benchmarks calls goes launches executions replays"
).split()
_WORKER_NOUNS = "workers? process(?:es)? jobs? cores? cpus? threads? procs".split()
TRIALS = rf"(?:{'|'.join(_TRIAL_NOUNS)})(?!\w)"
_COUNTED = (
    r"(?:(?:different|separate|total|independent|complete|full|random|single|distinct"
    r"|(?:(?:well|carefully)[-\s]+)?(?:chosen|picked|selected)|good|decent|sensible|hyperparameter|parameter|tuning|search|benchmark|optimi[sz]ation|training)\s+)*"
)
_ONE = r"(?:single\s+|individual\s+|one\s+)?"
_EACH = rf"(?:for\s+|in\s+)?(?:per|a|an|each|every|any|one|single)\s+{_ONE}"
_PER_TRIAL = (
    rf"(?:(?:{_EACH}|per-){_NOUN}|(?:for\s+)?a\s+single\s+(?:one|{_NOUN})"
    rf"|(?:for\s+)?each(?:\s+(?:one|of\s+them|time))?|apiece)(?!\w)"
)
_GPU_MODELS = r"(?:(?:[ahv]100|h200|b200|a10g?|l40|l4|t4|a6000|(?:rtx\s*)?[34]090)s?(?:\s+(?:gpus?|cards?))?)"
_JOBS_EACH = r"(?<!\w)jobs?(?!\w)[^.;]{0,40}?(?<!\w)(?:each|apiece|per\s+job|a\s+job)(?!\w)"
"""Says that jobs are trials, not workers: "ten jobs, 5 minutes each"."""
_AT_ONCE = (
    r"(?:at\s+a\s+time|at\s+(?:the\s+same\s+time|once)|in\s+parallel|simultaneously"
    r"|concurrently|side\s+by\s+side)(?!\w)"
)
_TRIAL_TAKES = (
    r"(?:\s*(?:(?:time\s+)?limit|timeout|may|can|could|should|must|takes?|runs?|lasts?|gets?"
    r"|has|have|is|be|to|of|for|finish(?:es)?"
    r"|done|allowed|[:=,])(?!\w))*\s*"
)
"""What may stand between a trial and its limit."""
_ASIDE = r"(?:out|back|aside|apart)(?!\w)"
_STOP = r"(?:limit|cap|restrict|stop|kill|abort|cancel|terminat|end|drop|prun|cut)\w*(?:\s+off)?"
_LONGER = r"(?:past|over(?!\s*night)|beyond|longer\s+than|more\s+than|slower\s+than|exceed(?:s|ing)?|above|after)"
_FIT = r"(?:(?:the|model)\s+)*(?:training|fitting|fit(?=s|\s+times?))(?:s|\s+times?)?"
_OF_A_RUN = (
    r"(?<!\w)(?:tim(?:e|es|ed|ing)[\s-]?outs?|(?:kill|abort|cancel|terminat|prun|wait)\w*|cut(?:s|ting)?\s+off|each|every|per|individual"
    rf"|(?:stop|end|limit|cap|restrict)\s+(?:the\s+)?training|models?\s+(?:that|which)\s+trains?"
    rf"|(?<!it\s)(?<!that\s)(?<!\d\s)(?:{_NOUN}s)(?=\s+(?:(?:that|which|usually|typically|normally|should|must|may|can)\s+)*(?:take|need|last|run|be"
    rf"|at\s+most|under|within|{_LONGER})(?!\w))"
    rf"|{_FIT}(?=\s+(?:takes?|needs?|lasts?|must|should|may|can|has|is|to|in\s+under|under|below|within|less|at\s+most|max|for)(?!\w)))(?!\w)"
)
_OF_THE_WHOLE = (
    r"(?<!\w)(?:in\s+all|total|overall|altogether|together|budget|wall[\s-]?clock|whole|entire|study|search"
    r"|everything)(?!\w)"
)


def trial_limits(reader: Reader) -> tuple[float | None, int | None]:
    """(seconds, bytes) per trial: "10 min per trial", "each trial at most 2 GB", "20 s and 1 GB per trial".

    To be asked before `seconds`. Memory without "per trial" is per trial too: there is no other limit of it.
    """
    both = r"\s*(?:,|and|,\s*and)\s*"
    memory = r"(?:\s+(?:of\s+)?(?:max(?:imum)?\s+)?(?:memory|ram|mem)(?:\s+(?:limit|at\s+most|max))?(?!\w))?"
    for pattern, order in (
        (rf"({DURATION}){both}({SIZE}){memory}", (1, 2)),
        (rf"({SIZE}){memory}{both}({DURATION})", (2, 1)),
    ):
        ahead = pattern.replace(both, rf"\s+and\s+{_UP_TO}")
        match = reader.take(rf"(?<!\w){_UP_TO}{pattern}\s+{_PER_TRIAL}") or reader.take(
            rf"(?<!\w){_PER_TRIAL}{_TRIAL_TAKES}{_UP_TO}{ahead}(?!\w)(?!\s+(?:in\s+)?(?:total|all|overall|altogether))"
        )
        if match:
            return read_duration(match[order[0]]), read_size(match[order[1]])
    before = rf"(?:(?:{_PER_TRIAL})\s+(?:(?:may|can|should|must|gets?|has|have|uses?|needs?|to|take|be)\s+)*)?"
    noun = r"(?:(?:memory|ram)(?:\s+(?:limit|cap|budget|use|usage))?\s*(?:of|is|to|at|:|=)?\s*)?"
    size = every(reader, rf"{before}{noun}{_UP_TO}({SIZE}){memory}(?:\s+{_PER_TRIAL})?", read_size, "memory")
    return _trial_seconds(reader), size


def _trial_seconds(reader: Reader) -> float | None:
    long = r"(?:\s+(?:long|at\s+most|max(?:imum)?|of\s+(?:run)?time))?"
    after = first(reader, rf"{_UP_TO}({DURATION}){long}\s+{_PER_TRIAL}{_IN_ALL}", read_duration)
    limited = (
        rf"(?:{_STOP}\s+)?(?:{_PER_TRIAL}|(?:trial"
        rf"|run)s?(?=\s+(?:of|timeout|limit|may|can|take|must|should)))"
    )
    before = first(reader, rf"{limited}{_TRIAL_TAKES}{_UP_TO}({DURATION}){_IN_ALL}(?:\s+each)?", read_duration)
    going = (
        r"(?:\s+(?:that|which|if|when|once|it|they|is|are|takes?|taking|needs?|lasts?|runs?|running|goes|going|go|should|may)"
        r"(?!\w))*"
    )
    some = rf"(?:(?:a|an|any|each|every|all|the)\s+(?:single\s+|individual\s+)?(?:{_NOUN}|fit)s?|(?:{_NOUN}|fit)s)"
    ended = first(
        reader,
        rf"(?:{_STOP}\s+{some}|no\s+(?:single\s+|individual\s+)?{_NOUN}s?){going}\s+{_LONGER}\s+({DURATION})",
        read_duration,
    )
    dropped = rf"(?:time\s+out|(?:(?:are|get|be|is|should|must|to)\s+)+(?:timed\s+out|{_STOP}))"
    out = first(reader, rf"{some}\s+{dropped}\s+{_LONGER}\s+({DURATION})", read_duration)
    under = r"(?:at\s+most|under|below|less\s+than|within|no\s+(?:more|longer)\s+than|up\s+to|max(?:imum)?)"
    fitted = first(
        reader,
        rf"{_FIT}{_TRIAL_TAKES}(?:in\s+)?{under}\s+({DURATION})(?!\s+(?:in\s+(?:total|all)|altogether|overall)(?!\w))",
        read_duration,
    )
    return same("time per trial", [after, before, ended, out, fitted])


def _nouns(nouns: Sequence[str], owned: Collection[str]) -> str:
    """The nouns but those that are parameters: "8 threads" of a program with --threads are no workers."""
    free = [noun for noun in nouns if not any(re.fullmatch(noun, name, re.IGNORECASE) for name in owned)]
    return rf"(?:{'|'.join(free)})(?!\w)"


def workers(reader: Reader, owned: Collection[str] = ()) -> int | None:
    """ "4 workers", "four at a time", "2 trials in parallel", "run 8 jobs".

    Args:
        reader: of the sentence.
        owned: names of parameters.
    """
    if reader.peek_said(_JOBS_EACH):
        owned = (*owned, "job", "jobs")
    worker = rf"(?:(?:parallel|concurrent|worker|cpu)\s+)*{_nouns(_WORKER_NOUNS, owned)}"
    run = r"(?:(?:run|use|using|with|launch|on)\s+)?"
    found = every(
        reader,
        rf"{run}{_UP_TO}({NUMBER})\s+(?:of\s+(?:your|my|our|the)\s+)?(?:(?:of\s+them\s+|{TRIALS}\s+)?{_AT_ONCE}"
        rf"|parallel(?:\s+{TRIALS}|(?=\s*(?:[,.;)]|$)))|{worker}(?:\s+{_AT_ONCE})?)",
        as_whole,
        "workers",
    )
    if found is None:
        nouns = _nouns(("parallelism", "concurrency", "workers", "n_jobs"), owned)
        found = whole(reader, rf"{nouns}(?:\s+(?:of|is|to))?\s*[:=]?\s*({NUMBER})")
    if found is None and reader.take(r"(?<!\w)(?:one\s+after\s+(?:the\s+other|another)|sequentially)(?!\w)"):
        return 1
    return found


def gpus(reader: Reader) -> int | None:
    """ "2 GPUs", "a GPU", "one GPU per trial" where trials run one by one; 0 of "no GPU", "on the CPU only"."""
    none = [
        reader.take(rf"(?<!\w){shape}")
        for shape in (
            r"(?:(?:there\s+is|there's|i\s+have|we\s+have|with|use|using|needs?)\s+)?(?:no|without(?:\s+an?|\s+any)?|zero)\s+gpus?"
            r"(?:\s+(?:is|are|needed|necessary|required|here|available|at\s+all|please|for\s+(?:this|that|it)"
            r"|i\s+(?:think|guess|believe|suppose))(?!\w))*(?=\s*(?:[,.:;!)]|$))",
            r"(?:(?:run|runs|train|use|using|on|with|the)\s+)*cpus?[\s-]only(?!\w)",
            r"(?:(?:run|runs|train|use|using|stay)\s+)?(?:only\s+)?on\s+(?:the\s+|a\s+)?cpu(?:\s+only)?(?=\s*(?:[,.:;!)]|$))",
        )
    ]
    found = whole(
        reader,
        rf"(?:(?:use|using|on|with|have)\s+)?{_UP_TO}({NUMBER})\s+(?:(?:nvidia|graphics|old|new|big|small"
        rf"|single|gaming|spare|free|idle|shared)\s+)*(?:gpus?|cards?|{_GPU_MODELS})(?!\w)(?:\s+(?:per|for\s+(?:each|every)|each)\s+{_NOUN})?",
    )
    if found is None and reader.take(r"(?<!\w)(?:(?:use|using|on|with)\s+)(?:a|the)\s+(?:single\s+)?gpu(?!\w)"):
        return 1
    return same("gpus", [found, 0 if any(none) else None])


def seed(reader: Reader) -> int | None:
    """ "seed 7", "random seed = 7", "random_state 0"."""
    return whole(
        reader,
        rf"(?:(?:fixed|random|rng)\s+)*(?:seed|random[_\s]state)(?:\s+(?:to|set\s+to|at))?\s*(?:="
        rf"|of|:|is)?\s*({NUMBER})",
    )


def seconds(reader: Reader) -> float | None:
    """ "at most 5 minutes", "half an hour in total"; to be asked after `trial_limits`.

    What a clause says of one run, and they did not read, is left unread: "timeout 2 minutes", "wait 10 minutes".
    """
    wall = r"(?:(?:total\s+)?(?:wall[\s-]?clock\s+|run)?time(?:\s+(?:limit|budget|cap))?\s*(?:of|is|:|=)?\s*)?"
    found = []
    for match in compiled(rf"(?<!\w){wall}{_UP_TO}({LONG_DURATION}){_IN_ALL}").finditer(reader.peek_all()):
        if not _is_of_a_run(reader.peek_all(), match):
            reader.take_span(*match.span())
            found.append(read_duration(match[1]))
    return same("time", found)


def _is_of_a_run(text: str, said: re.Match[str]) -> bool:
    """Whether the clause of a duration speaks of one run and not of all of them."""
    before = re.split(r"[,;:!?()\n]|\.(?!\w)", text[: said.start()])[-1]
    after = re.split(r"[,;:!?()\n]|\.(?!\w)", text[said.end() :])[0]
    clause = f"{before}{said[0]}{after}"
    return compiled(_OF_A_RUN).search(clause) is not None and compiled(_OF_THE_WHOLE).search(clause) is None


def trials(reader: Reader, owned: Collection[str] = ()) -> int | None:
    """ "30 trials", "thirty runs at most", "number of trials: 30"; to be asked after `workers`.

    Args:
        reader: of the sentence.
        owned: names of parameters.
    """
    nouns = _nouns((*_TRIAL_NOUNS, *(["jobs?"] if reader.peek_said(_JOBS_EACH) else [])), owned)
    found = every(
        reader, rf"{_UP_TO}({NUMBER}|a\s+single)(?:\s+|-){_COUNTED}{nouns}{_IN_ALL}", _count, "number of trials"
    )
    noun = (
        r"(?:(?:number|count|amount)\s+of\s+(?:trials?|runs?|evaluations?)|(?:trial"
        r"|evaluation)s?\s+(?:count|budget|limit)|n_trials|trials)"
    )
    after = whole(
        reader, rf"{noun}\s*(?:of|is|to|:|=)?\s*{_UP_TO}({NUMBER})(?!\s*(?:min|sec|hour|[smhd](?!\w)|gb|%|workers))"
    )
    tried = whole(
        reader,
        rf"(?:try|run|evaluate|repeat|call)\s+(?:it|this|that|them|the\s+\w+)\s+{_UP_TO}({NUMBER})\s+times(?!\w)",
    )
    times = None
    if tried is None and not reader.peek_said(r"(?<!\w)(?:each|every|per)\s+\w+\s+(?:[\w-]+\s+)?times(?!\w)"):
        times = whole(
            reader, rf"{_UP_TO}({NUMBER})\s+times(?!\w)(?!\s+(?:as|faster|slower|more|less|larger|per|a|the)(?!\w))"
        )
    said = same("number of trials", [found, after, tried, times])
    in_all = r"(?:of\s+them\s+)?(?:in\s+total|in\s+all|altogether|overall)(?!\w)"
    if said is None:
        said = whole(reader, rf"{_UP_TO}({NUMBER})\s+{in_all}")
    return said if said is not None else _of_them(reader)


def _of_them(reader: Reader) -> int | None:
    """ "One run takes a minute. 60 of them.", where runs, and nothing else that is counted, were spoken of last."""
    shape = rf"(?<!\w){_UP_TO}({NUMBER})\s+of\s+(?:them|those|these)(?=\s*(?:[,.;!)]|$))"
    match = reader.peek(shape)
    spoken = [] if match is None else re.findall(rf"(?<!\w)(?:{_NOUN}s?|\w+s)(?!\w)", reader.text[: match.start()])
    last = next((word for word in reversed(spoken) if word.lower() not in _VERBS_IN_S), "")
    return whole(reader, shape.removeprefix(r"(?<!\w)")) if re.fullmatch(rf"{_NOUN}s?", last, re.IGNORECASE) else None


_VERBS_IN_S = frozenset(
    "takes needs lasts costs runs is has gets its this as minutes mins seconds secs hours hrs".split()
)
"""Words on s that are not what is counted."""


def _count(text: str) -> int:
    return 1 if "single" in text.lower() else as_whole(text)


def folds(reader: Reader) -> int | None:
    """ "5-fold", "ten-fold cross-validation", "3 folds", "folds = 3", "cv=5"."""
    validation = r"(?:cross[-\s]?validat(?:ion|ed|e)|cv|xval)(?!\w)"
    before = whole(reader, rf"({NUMBER})[-\s]*(?:cv\s+)?folds?(?!\w)(?:[-\s]+(?:stratified\s+)?{validation})?")
    named = whole(reader, rf"(?:number\s+of\s+)?folds\s*[=:]?\s*({NUMBER})(?!\s*(?:trials|runs|workers|min|h(?!\w)))")
    return same(
        "number of folds",
        [before, named, whole(reader, rf"(?:cv|k)\s*=\s*({NUMBER})(?=\s*(?:folds?|cv|,|;|\.|$))(?<!k=)")],
    )


def held_out(reader: Reader) -> float | None:
    """ "hold out 30%", "a fifth held out", "20% test set", "test size 0.25"."""
    rest = r"(?:\s+of\s+(?:(?:the|my|all)\s+)*(?:data|rows|samples))?"
    test = (
        r"(?:\s+(?:for|as)\s+(?:an?\s+|the\s+)?(?:final\s+)?(?:test(?:ing|s)?|validation"
        r"|evaluation|hold[-\s]?out)(?:\s+(?:set|split|data))?(?!\w))?"
    )
    verb = r"(?:hold(?:ing)?|keep(?:ing)?|set(?:ting)?|put(?:ting)?|leave|leaving)"
    shares = [
        first(reader, rf"(?:{verb}\s+{_ASIDE}|reserv(?:e|ing))\s+({SHARE}){rest}{test}", read_share),
        first(reader, rf"{verb}\s+({SHARE}){rest}\s+{_ASIDE}{test}", read_share),
        first(
            reader,
            rf"(?:{verb}\s+)?({SHARE}){rest}{test}\s+(?:(?:is|are|to\s+be)\s+)?(?:held|kept|set|put)[\s-]+{_ASIDE}{test}",
            read_share,
        ),
        first(
            reader,
            rf"(?:test|hold[-\s]?out)(?:[_\s]+(?:size|set|split|fraction|share))?\s*(?:of|is|=|:)?\s*({SHARE})",
            read_share,
        ),
        first(
            reader,
            rf"(?:{verb}\s+)?({SHARE}){rest}\s+(?:(?:as|for)\s+)?(?:an?\s+|the\s+)?(?:final\s+)?(?:(?:test"
            rf"|hold[-\s]?out)(?:\s+(?:set|split|data))?|testing)(?!\w)",
            read_share,
        ),
    ]
    split = reader.take(r"(?<![\w.])(\d\d)\s*[/:]\s*(\d\d)\s+(?:train(?:ing)?[\s/-]+test\s+)?split(?!\w)")
    if split and int(split[1]) + int(split[2]) == 100:
        shares.append(min(int(split[1]), int(split[2])) / 100)
    return same("part held out", shares)


def dollars(reader: Reader) -> float | None:
    """ "$5", "at most 3 dollars", "10 bucks": for language models."""
    money = r"(?:us[\s-]+)?(?:dollars?|usd|bucks?)(?!\w)"
    before = r"(?:(?:spend|spending|pay|cost(?:s|ing)?|for|budget(?:\s+of)?|is|be)\s+)*"
    found = [
        match[1] or match[2]
        for match in reader.take_all(rf"(?<!\w){before}{_UP_TO}(?:[$]\s*(\d+(?:\.\d+)?)|({NUMBER})\s*{money}){_IN_ALL}")
    ]
    return same("dollars", [float(read_number(text)) for text in found])


def model_requests(reader: Reader) -> int | None:
    """ "at most 30 requests", "ask the model at most five times"."""
    model = r"(?:model|llm|language\s+model|api)"
    asked = whole(
        reader,
        rf"(?:ask(?:ing)?|call(?:ing)?|query(?:ing)?|consult(?:ing)?)\s+(?:the\s+"
        rf"|a\s+)?{model}\s+{_UP_TO}({NUMBER})\s+times?{_IN_ALL}",
    )
    sent = whole(
        reader,
        rf"(?<!for\s)(?<!of\s)(?<!with\s)(?!(?:for|in|with)\s){_UP_TO}({NUMBER})\s+(?:{model}\s+)?(?:requests|queries|prompts){_IN_ALL}(?!\w)",
    )
    calls = whole(reader, rf"{_UP_TO}({NUMBER})\s+{model}\s+calls{_IN_ALL}(?!\w)")
    return same("requests", [asked, sent, calls])
