"""What a sentence says of a program of the person's own: which it is, its parameters, its metric, bounds on others.

A script's own words help: its options and what it prints are looked for in its text. Nothing of it is run. Not for:
whether a study of it can be made (program_plan.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agenttune.errors import RequestNotUnderstood
from agenttune.goal import Direction
from agenttune.plan.ranges import Named, read_named
from agenttune.plan.reader import FILLERS, NEGATIONS, Reader, same
from agenttune.plan.request import AskedRange, Request
from agenttune.plan.words import NUMBER, SHARE, read_number, read_share

MOST_BYTES = 1_000_000
"""Of a script that is looked at."""
_OPTION = re.compile(r"[\"']--([A-Za-z][\w-]*)[\"']")
_PRINTED = re.compile(r"([A-Za-z_]\w*)[\"']?\s*[=:]\s*\{?")
_PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}")
_STARTS = (
    r"(?:\./[\w./-]+|(?<![\w./])[\w-]+\.sh(?!\w)"
    r"|(?:python3?|bash|sh|make|clang|gcc|g\+\+|cargo|java|node|go|docker|ninja|cmake|julia|Rscript)\s+\S+)"
)
_ENDS = re.compile(
    r"(?:minimi[sz]e|maximi[sz]e|for|with|to|in|on|until|stop|lower|higher|max|min|using|where|and|while|so|it|at|"
    r"lowest|highest|trials?|runs?|over|from|between|the)",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"(?:trials?|runs?|min\w*|h|hours?|s|sec\w*|workers?|gpus?|at|in|tries|evaluations?|days?)", re.IGNORECASE
)
ALIASES: dict[str, tuple[str, ...]] = {
    "lr": ("learning rate", "learning_rate"),
    "learning_rate": ("learning rate", "lr"),
    "batch_size": ("batch size", "batchsize", "bs", "batch"),
    "bs": ("batch size",),
    "weight_decay": ("weight decay", "wd"),
    "dropout": ("drop out", "dropout rate"),
    "epochs": ("epoch", "number of epochs"),
    "n_layers": ("layers", "number of layers"),
    "hidden_size": ("hidden size", "width"),
}
"""Option -> what people call it."""
SMALLER = frozenset(
    "loss err error rmse mae mse nll latency ms seconds secs time runtime perplexity ppl cost memory bytes gb mb "
    "drag".split()
)
LARGER = frozenset(
    "acc accuracy auc f1 r2 score reward throughput tps qps rps bleu rouge precision recall iou map lift return".split()
)
"""Words in the name of a metric that tell in which direction it is better."""
_NAME = r"(?<![\w{-])([A-Za-z_]\w*)(?![\w}])"
STOP = r"\s*,?\s*(?:and\s+|then\s+)*stop"
_UP = r"maximi[sz](?:e|ing)|max|maximal|highest|higher(?!\s+than)|raise|increase|largest|best\s+possible"
_DOWN = r"minimi[sz](?:e|ing)|min|minimal|lowest|lower(?!\s+than)|reduce|reducing|decrease|smallest|least"
_LOW_WORDS = r"low|small|little|short"
_HIGH_WORDS = r"high|large|big|great"


@dataclass(frozen=True, slots=True)
class Program:
    """The person's own program, as the sentence names it."""

    script: str | None = None
    command: str | None = None
    function: str | None = None
    options: tuple[str, ...] = ()
    """Parameters that it is known to have; empty where that is not known."""
    printed: frozenset[str] = frozenset()
    """Names that its text prints with a value, as far as can be told."""


def program_of(request: Request, folder: Path) -> Program | None:
    """The program that was named before; None where there was none."""
    if request.script is None and request.command is None and request.function is None:
        return None
    return _program(request.script, request.command, request.function, folder)


def read_program(reader: Reader, folder: Path) -> Program | None:
    """The script, command or function of a sentence; at most one of them.

    Raises:
        RequestNotUnderstood: two are named.
    """
    _forget_description(reader)
    command = _command(reader)
    function = _function(reader)
    scripts = [match[1] for match in reader.take_all(r"(?<![\w./{-])((?:[\w.-]+/)*[\w.-]+\.py)(?!\w|:\w)")]
    script = same("script", [text.removeprefix("./") for text in scripts])
    place = script
    if command is not None:
        inside = re.search(r"(?<!\S)((?:[\w.-]+/)*[\w.-]+\.py)(?!\S)", command)
        place = inside[1] if inside else None
        if script is not None and place != script:
            raise RequestNotUnderstood(f"one study tunes one program, but you name {command!r} and {script!r}: say one")
        script = None
    if function is not None:
        script = None
    if command is None and function is None and script is None:
        return None
    return _program(script, command, function, folder)


def _program(script: str | None, command: str | None, function: str | None, folder: Path) -> Program:
    place = script
    if command is not None:
        inside = re.search(r"(?<!\S)((?:[\w.-]+/)*[\w.-]+\.py)(?!\S)", command)
        place = inside[1] if inside else None
    text = _text(folder / place) if place is not None else ""
    options = [name.replace("-", "_") for name in _OPTION.findall(text)]
    names = options if command is None else _PLACEHOLDER.findall(command)
    return Program(script, command, function, tuple(dict.fromkeys(names)), _printed(text))


def read_parameters(reader: Reader, program: Program) -> list[AskedRange]:
    """What the sentence says of its parameters.

    Raises:
        RequestNotUnderstood: two statements about one.
    """
    names = list(program.options) or _free_names(reader)
    found = read_named(reader, [_named(name) for name in names])
    for asked in found:
        if sum(other.parameter == asked.parameter for other in found) > 1:
            raise RequestNotUnderstood(
                f"the sentence says two things about {asked.parameter}; say one", fields=("ranges",)
            )
    return found


@dataclass(frozen=True, slots=True)
class AskedGoal:
    """What is said of the metric, and of others."""

    metric: str | None
    direction: Direction | None
    target: float | None
    """Value at which to stop."""
    bounds: tuple[str, ...]
    """Expressions over metrics, "latency_ms < 20"."""


def read_goal(reader: Reader, program: Program, early: tuple[str, ...]) -> AskedGoal:
    """The goal; to be asked once parameters are read, since bounds on them look the same.

    Args:
        reader: of the sentence.
        program: what is tuned.
        early: what `sure_bounds` found.

    Raises:
        RequestNotUnderstood: two metrics are named, or bounds that cannot hold together.
    """
    target, target_metric, target_direction = _target(reader)
    better = _better(reader)
    bounds = (*early, *_bounds(reader))
    _require_possible(bounds)
    said: list[tuple[str, Direction | None]] = []
    directions: tuple[tuple[str, Direction], ...] = (
        (rf"(?:{_UP})\s+(?:the\s+|its\s+|possible\s+)*{_NAME}", "maximize"),
        (rf"(?:{_DOWN})\s+(?:the\s+|its\s+|possible\s+)*{_NAME}", "minimize"),
        (rf"{_NAME}\s+(?:as\s+(?:{_HIGH_WORDS})\s+as\s+(?:possible|you\s+can)|up)(?!\w)", "maximize"),
        (rf"{_NAME}\s+(?:to\s+be\s+)?maximi[sz]ed?(?=\s*(?:[,.;:]|$))", "maximize"),
        (rf"{_NAME}\s+(?:to\s+be\s+)?minimi[sz]ed?(?=\s*(?:[,.;:]|$))", "minimize"),
        (rf"{_NAME}\s+(?:as\s+(?:{_LOW_WORDS})\s+as\s+(?:possible|you\s+can)|down)(?!\w)", "minimize"),
    )
    for pattern, direction in directions:
        said += [(match[1], direction) for match in reader.take_all(rf"(?<![\w-]){pattern}")]
    named = (
        rf"(?:metric|measure)(?:\s+is|\s*[:=])?\s+{_NAME}|(?:it\s+)?prints?\s+{_NAME}(?:=\S*)?(?:\s+at\s+the\s+end)?"
    )
    said += [(match[1] or match[2], None) for match in reader.take_all(named)]
    if not said and target_metric is None:
        said = _plain(reader, program)
    names = list(dict.fromkeys([name for name, _ in said] + ([target_metric] if target_metric else [])))
    _forget(reader, names)
    if len(names) > 1:
        raise RequestNotUnderstood(
            f"a study improves one metric, but you name {' and '.join(names)}: a second objective is not supported yet",
            fields=("metric",),
        )
    found: Direction | None = same("direction", [*(direction for _, direction in said), better, target_direction])
    return AskedGoal(names[0] if names else None, found, target, bounds)


def usual_direction(metric: str) -> Direction | None:
    """The direction that a metric's name tells; None where it tells none, or both."""
    words = set(re.split(r"[_\W]+", metric.lower()))
    is_smaller, is_larger = bool(words & SMALLER), bool(words & LARGER)
    if is_smaller == is_larger:
        return None
    return "minimize" if is_smaller else "maximize"


# -- pieces ----------------------------------------------------------------------------------------


def _forget_description(reader: Reader) -> None:
    """Takes what the program is said to do: "nginx load test: ./bench.sh", "I simulate a wing with sim.py"."""
    program = rf"(?:[`\"']?{_STARTS}|(?:[\w.-]+/)*[\w.-]+\.py)"
    match = reader.peek(
        rf"^([^.,;:{{}}\d]{{0,60}}?)(?:\s+(?:via|with|using|through|in|by)|\s*[:,])\s+(?=(?:the\s+)?(?:script\s+)?{program})"
    )
    if (
        match is None
        or re.search(r"_|(?<!\w)function(?!\w)", match[1])
        or re.search(rf"(?<!\w)(?:{_UP}|{_DOWN})(?!\w)", match[1], re.IGNORECASE)
    ):
        return
    if not any(word.lower() in NEGATIONS for word in match[1].split()):
        reader.take(re.escape(match[0]))


def _command(reader: Reader) -> str | None:
    quoted = reader.take(rf"[`\"']({_STARTS}[^`\"']*)[`\"']")
    if quoted:
        return quoted[1].strip()
    begins = reader.peek(rf"(?<![\w./]){_STARTS}")
    if begins is None:
        return None
    rest = begins.string[begins.start() :]
    tokens = list(re.finditer(r"[^\s\x00]+", rest.split("\n")[0]))
    end, is_over = 0, False
    for index, token in enumerate(tokens):
        word = token[0]
        following = tokens[index + 1][0] if index + 1 < len(tokens) else ""
        bare = word.rstrip(",;:.")
        is_last = bare != word
        if index > 0 and _ENDS.fullmatch(bare):
            break
        if _is_part(bare, following, index, is_last=is_last):
            end = token.start() + len(bare)
        if is_last:
            is_over = True
            break
    command = rest[:end]
    if not command or (
        not _PLACEHOLDER.search(command) and not command.startswith("./") and not command.endswith(".sh")
    ):
        return None  # a script that is run without parameters is named as a script
    reader.take(re.escape(command))
    del is_over
    return command


def _is_part(word: str, following: str, index: int, *, is_last: bool) -> bool:
    """Whether a word belongs to a command for sure; others do if one that does comes behind them."""
    if index == 0 or "{" in word or word.startswith("-") or word in ("&&", "||", "|", ">"):
        return True
    if re.fullmatch(r"\d+", word):
        return is_last or not _UNIT.fullmatch(following.rstrip(",;:."))
    return "/" in word or bool(re.search(r"\.\w+$", word)) or index == 1


def _function(reader: Reader) -> str | None:
    direct = reader.take(r"(?<![\w./])((?:[\w.-]+/)*[\w.-]+\.py:[A-Za-z_]\w*)(?!\w)")
    if direct:
        return direct[1]
    match = reader.take(
        r"(?:the\s+)?function\s+[`'\"]?([A-Za-z_]\w*)[`'\"]?(?:\(\))?\s+(?:in|of|from)\s+[`'\"]?((?:[\w.-]+/)*[\w.-]+\.py)[`'\"]?"
    )
    return f"{match[2]}:{match[1]}" if match else None


def _free_names(reader: Reader) -> list[str]:
    """Words before something that reads like a range, where the program's own options are not known."""
    shape = rf"\s*(?:(?:between|from|in|over)\s+)?[\[(]?\s*{NUMBER}\s*(?:to|and|-|\.\.\.?|,)\s*{NUMBER}"
    found = []
    for match in re.finditer(rf"(?<![\w{{.-])([A-Za-z_]\w*)(?=[:=]?{shape})", reader.peek_all(), re.IGNORECASE):
        if match[1].lower() not in FILLERS and not re.fullmatch(NUMBER, match[1], re.IGNORECASE):
            found.append(match[1])
    return list(dict.fromkeys(found))


def _named(name: str) -> Named:
    return Named(name, (name, name.replace("_", "-"), name.replace("_", " "), *ALIASES.get(name, ())))


def _target(reader: Reader) -> tuple[float | None, str | None, Direction | None]:
    """(value, metric, direction) of "val_acc 0.95 or better, then stop", "get eval_loss under 1.2 and stop"."""
    value = rf"({SHARE}|{NUMBER})"
    stop = r"\s*,?\s*(?:and\s+|then\s+)*stop(?:ping)?(?:\s+(?:then|there|right\s+then))?(?!\w)"
    for pattern, order in (
        (rf"(?:get\s+)?{_NAME}\s+(under|below|above|over|to)\s+{value}{stop}", (1, 3, 2)),
        (rf"{_NAME}\s+(?:of\s+)?{value}\s+or\s+(better|more|less|higher|lower)(?:{stop})?", (1, 2, 3)),
        (
            rf"(?:until|stop\s+(?:once|when|at))\s+(?:the\s+)?{_NAME}\s*(?:is|reaches|hits|gets|falls|drops|rises)?\s*"
            rf"(under|below|above|over|to|at|[<>]=?)?\s*{value}(?!\s*[:\w])",
            (1, 3, 2),
        ),
    ):
        match = reader.take(rf"(?<!\w){pattern}")
        if match:
            word = (match[order[2]] or "").lower()
            direction: Direction | None = None
            if word in ("under", "below", "less", "lower", "<", "<="):
                direction = "minimize"
            elif word in ("above", "over", "more", "higher", ">", ">="):
                direction = "maximize"
            text = match[order[1]]
            number = float(read_number(text)) if re.fullmatch(NUMBER, text, re.IGNORECASE) else read_share(text)
            return number, match[order[0]], direction
    return None, None, None


def _plain(reader: Reader, program: Program) -> list[tuple[str, Direction | None]]:
    """A metric that is only named: "for val_acc", "on val_loss", or one that the program prints."""
    for match in list(re.finditer(_NAME, reader.peek_all())):
        name = match[1]
        is_name = name in program.printed or ("_" in name and not program.printed)
        if is_name and name not in program.options and name.lower() not in FILLERS:
            _forget(reader, [name])
            reader.take(r"(?<!\w)(?:look(?:ing)?\s+at|for|on|by|of)\s+(?=\x00)")
            return [(name, None)]
    return []


def _forget(reader: Reader, names: Sequence[str]) -> None:
    for name in names:
        reader.take_all(rf"(?<![\w{{-]){re.escape(name)}(?:=\S*)?(?![\w}}])")


def sure_bounds(reader: Reader, program: Program) -> tuple[str, ...]:
    """Bounds on names that are metrics for sure; to be asked before memory and time, whose units they may have."""
    names = [name for name in re.findall(_NAME, reader.peek_all()) if name not in program.options]
    sure = sorted({name for name in names if name in program.printed or "_" in name}, key=len, reverse=True)
    return _bounds(reader, rf"(?<![\w{{-])({'|'.join(map(re.escape, sure))})(?![\w}}])") if sure else ()


def _bounds(reader: Reader, name: str = _NAME) -> tuple[str, ...]:
    spelled = (
        (r"<=|at\s+most|no\s+more\s+than|not\s+more\s+than|at\s+or\s+below|up\s+to|not\s+above", "<="),
        (r">=|at\s+least|no\s+less\s+than|not\s+less\s+than|at\s+or\s+above|not\s+below", ">="),
        (r"<|below|under|less\s+than|lower\s+than|smaller\s+than", "<"),
        (r">|above|over|more\s+than|higher\s+than|greater\s+than|larger\s+than", ">"),
    )
    start = r"(?:(?:keep(?:ing)?|hold(?:ing)?|with|but|also|and|while)\s+)*"
    middle = r"(?:\s+(?:must|has|have|needs?|should|to|be|stay|stays|is|are|remain|never|always|,)(?!\w))*"
    unit = r"(?:\s*(?:ms|s|gb|gib|mb|mib|%|degrees|seconds))?"
    found: list[str] = []
    for words, sign in spelled:
        for match in reader.take_all(rf"(?<!\w){start}{name}{middle}\s*(?:{words})\s*({NUMBER}){unit}(?!\w)(?!{STOP})"):
            found.append(f"{match[1]} {sign} {read_number(match[2]):g}")
    return tuple(found)


def _better(reader: Reader) -> Direction | None:
    is_up = reader.take(rf"(?:{_HIGH_WORDS}|higher|larger|bigger|more)\s+(?:is|are)\s+better")
    is_down = reader.take(rf"(?:{_LOW_WORDS}|lower|smaller|less|shorter)\s+(?:is|are)\s+better")
    return "maximize" if is_up else "minimize" if is_down else None


def _require_possible(found: Sequence[str]) -> None:
    """Refuses bounds that leave nothing: "drag < .03" and "drag > .05"."""
    for text in found:
        name, sign, bound = text.split()
        for other in found:
            other_name, other_sign, other_bound = other.split()
            if name == other_name and sign[0] == "<" and other_sign[0] == ">" and float(bound) <= float(other_bound):
                raise RequestNotUnderstood(f"{text} and {other} cannot both hold: say one", fields=("constraints",))


def _text(path: Path) -> str:
    if not path.is_file():
        return ""
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            return stream.read(MOST_BYTES)
    except OSError:
        return ""


def _printed(text: str) -> frozenset[str]:
    """Names before "=" or ":" in strings of a text."""
    strings = re.findall(r"[\"']((?:[^\"'\\\n]|\\.)*)[\"']", text)
    found = {name for string in strings for name in _PRINTED.findall(f"{string}")}
    keys = re.findall(r"[\"']([A-Za-z_]\w*)[\"']\s*:", text)
    return frozenset(found | set(keys))
