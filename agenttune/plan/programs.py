"""What a sentence says of a program of the person's own: which it is, and its parameters.

A script's own words help: its options and what it prints are looked for in its text. Nothing of it is run. Not for:
its metric (program_goals.py), whether a study of it can be made (program_plan.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from agenttune.errors import RequestNotUnderstood
from agenttune.objectives.command_line import placeholders
from agenttune.plan.command_line import STARTS
from agenttune.plan.goals import MAXIMIZE, MINIMIZE
from agenttune.plan.metric_names import usual_direction
from agenttune.plan.named_alone import TUNE
from agenttune.plan.program_text import OPTION, arguments_of, defines, file_of, module_file, printed_names, text_of
from agenttune.plan.ranges import Named, read_measured, read_named, read_named_alone, refuse_left_alone
from agenttune.plan.reader import FILLERS, NEGATIONS, Reader, any_of, loosely, same
from agenttune.plan.request import AskedRange, Request
from agenttune.plan.words import NUMBER

_PATH = r"(?:[\w.-]+/)*[\w.-]+\.py"
_SPOKEN: dict[str, tuple[str, ...]] = {
    "val": ("validation",),
    "valid": ("validation",),
    "eval": ("evaluation",),
    "acc": ("accuracy",),
    "err": ("error",),
    "lat": ("latency",),
    "tps": (r"transactions\s+per\s+second",),
    "qps": (r"queries\s+per\s+second",),
    "rps": (r"requests\s+per\s+second",),
    "mem": ("memory",),
    "ppl": ("perplexity",),
    "runtime": (r"run[\s-]time", r"running\s+time"),
}
"""Part of a metric's name -> how people say it, as patterns."""
_UNIT_PARTS = frozenset("s ms us sec seconds gb mb kb bytes pct percent".split())
"""Parts of a metric's name that people leave away."""
_OTHER_NOUNS = frozenset("build trial evaluation test sample round batch step query request call".split())
"""Parts of a metric's name that name something else by themselves: "kill a build" of build_seconds."""
ALIASES: dict[str, tuple[str, ...]] = {
    "lr": ("learning rate", "learning_rate"),
    "learning_rate": ("learning rate", "lr"),
    "batch_size": ("batch size", "batchsize", "bs", "batch"),
    "bs": ("batch size",),
    "weight_decay": ("weight decay", "wd"),
    "dropout": ("drop out", "dropout rate"),
    "epochs": ("epoch", "number of epochs"),
    "num_epochs": ("epochs", "epoch", "number of epochs"),
    "momentum": ("beta",),
    "threads": ("thread", "number of threads"),
    "max_depth": ("depth",),
    "num_layers": ("layers", "number of layers"),
    "temperature": ("temp",),
    "n_layers": ("layers", "number of layers"),
    "hidden_size": ("hidden size", "width"),
}
"""Option -> what people call it."""
_SLASHED = r"(?P<quote>[\"'`]?)(?<![\w./{-])(?P<name>[A-Za-z]\w*(?:/[A-Za-z]\w*)+)(?![\w/]|\.\w)(?P=quote)"
"""A name such as "val/loss", in quotes or without."""
PER = frozenset("s sec secs second seconds min minute minutes h hour hours".split())
"""What stands behind the slash of a rate, "ops/sec"."""
_DIRECTED = rf"(?:{MAXIMIZE}|{MINIMIZE})"


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
    quoted = _quoted_scripts(reader, folder)
    function = _function(reader, folder)
    _forget_description(reader)
    command = _command(reader)
    plain = reader.take_all(r"(?<![\w./{-])(/?(?:[\w.-]+/)*[\w.-]+\.py)(?!\w|:\w)(?:['’]s(?!\w))?")
    scripts = [*quoted, *(match[1] for match in plain)]
    script = same("script", [text.removeprefix("./") for text in scripts])
    if command is not None:
        place = file_of(command, folder)
        if script is not None and script != place and not re.search(rf"(?<![\w./]){re.escape(script)}(?!\w)", command):
            raise RequestNotUnderstood(f"one study tunes one program, but you name {command!r} and {script!r}: say one")
        script = None
        _forget_file(reader, command)
    if function is not None:
        script = None
    if command is None and function is None and script is None:
        return None
    return _program(script, command, function, folder)


def _program(script: str | None, command: str | None, function: str | None, folder: Path) -> Program:
    if function is not None:
        module, _, name = function.rpartition(":")
        place = module if module.endswith(".py") else module_file(module, folder)
        text = "" if place is None else text_of(folder / place)
        return Program(None, None, function, arguments_of(text, name), printed_names(text, is_shell=False))
    place = script if command is None else file_of(command, folder)
    text = "" if place is None else text_of(folder / place)
    is_shell = place is not None and (place.endswith(".sh") or re.match(r"#!.*sh(?!\w)", text) is not None)
    options = [name.replace("-", "_") for names in OPTION.findall(text) for name in names if name]
    names = options
    if command is not None:
        names = placeholders([command]) or re.findall(r"(?<!\S)--([A-Za-z]\w*)(?![\w-])", command)
    printed = printed_names(text, is_shell=is_shell)
    return Program(script, command, None, tuple(dict.fromkeys(names)), printed)


def spell_metrics(text: str, printed: frozenset[str]) -> str:
    """The sentence with what a program prints under its own names: "validation loss" as "val_loss"."""
    text = re.sub(
        r"(?<![\w{-])([A-Za-z]\w*)@(\d+)(?!\w)",
        lambda match: f"{match[1]}_{match[2]}" if f"{match[1]}_{match[2]}" in printed else match[0],
        text,
    )
    text = re.sub(
        rf"`[^`\n]*\s[^`\n]*`|(?P<verb>(?<!\w)(?:mini|maxi)mi[sz](?:e|ing)\s+(?:the\s+)?)?{_SLASHED}",
        partial(_joined, printed=printed),
        text,
    )
    spoken: dict[str, list[str]] = {}
    for name in sorted(printed):
        parts = [part for part in name.lower().split("_") if part]
        bare = [part for part in parts if part not in _UNIT_PARTS] or parts
        for chosen in {tuple(parts), tuple(bare)}:
            if len(chosen) > 1 or (chosen != tuple(parts) and chosen[0] not in FILLERS | _OTHER_NOUNS):
                spoken.setdefault(r"[\s-]+".join(_spoken(part) for part in chosen), []).append(name)
    for pattern, names in sorted(spoken.items(), key=lambda entry: -len(entry[0])):
        if len(set(names)) == 1:
            text = re.sub(rf"(?<![\w./{{-])(?:{pattern})(?![\w}}.-]\w|\w)", names[0], text, flags=re.IGNORECASE)
    return text


def _joined(match: re.Match[str], *, printed: frozenset[str]) -> str:
    """A name with slashes as that of a metric, where it is printed or is what a verb improves; commands stay."""
    if match["name"] is None:
        return match[0]
    name = match["name"].replace("/", "_")
    parts = match["name"].split("/")
    are_metrics = parts[-1] not in PER and all(usual_direction(part) for part in parts)  # "loss/accuracy" is two
    is_metric = name in printed or (match["verb"] and not are_metrics and not printed & set(parts))
    return f"{match['verb'] or ''}{name}" if is_metric else match[0]


def _spoken(part: str) -> str:
    return rf"(?:{'|'.join((re.escape(part), *_SPOKEN.get(part, ())))})"


EXTREMES = r"(?:lowest|highest|smallest|largest|min(?:imum|imal)?|max(?:imum|imal)?)"
"""Words in front of a metric that choose one of several values, or say in which direction it is better."""


def forget_course(reader: Reader, program: Program) -> tuple[str, ...]:
    """Takes "over the epochs" behind a metric, where no parameter is named; what it is.

    To be asked before parameters are read.

    Raises:
        RequestNotUnderstood: one of the values that a run prints is asked for, "the best val_loss over epochs".
    """
    metrics = "|".join(
        re.escape(name) for name in sorted(program.printed - set(program.options), key=len, reverse=True)
    )
    options = any_of(spelling for name in program.options for spelling in spellings_of_option(name)) or "(?!)"
    value = r"\s*(?:from|between|in|of|at|is|[:=])?\s*[\[({]?\s*[.\d]"
    match = metrics and reader.peek(
        rf"(?<!\w)(?P<which>(?:best|peak|mean|average|median|{EXTREMES})\s+)?(?P<metric>{metrics})"
        r"(?:\s+(?:of|in|from)\s+\x00+)?\s+(?P<course>(?:over|across|throughout|during|of)\s+(?:(?:all|any|every|the|its|training)\s+)*"
        r"(?:epochs?|steps|iterations|(?<=over\s)training(?=\s*(?:[,.;)]|$)|\s(?:of|in)\s)))"
        rf"(?!\w)(?!\s*(?:,|and|&|\+)\s*(?:the\s+)?(?:{options})(?!\w)(?!{value}))(?!{value})"
    )
    if not match:
        return ()
    if match["which"]:
        which, course = match["which"].strip(), match["course"]
        raise RequestNotUnderstood(
            f"a trial is judged by the last {match['metric']} that it prints: leave {which!r} and {course!r} out, or "
            "have the script print that value last",
            fields=("metric",),
        )
    reader.take_span(*match.span("course"))
    return (match["course"],)


def read_parameters(
    reader: Reader, program: Program, *, early: Sequence[AskedRange] = (), has_ranges: bool = False
) -> list[AskedRange]:
    """What the sentence says of its parameters.

    Args:
        reader: of the sentence.
        program: whose parameters they are.
        early: what `read_measured` found.
        has_ranges: whether some were given before that leave the others alone.

    Raises:
        RequestNotUnderstood: two statements about one.
    """
    names = list(program.options) or _free_names(reader)
    said = [*early, *read_named(reader, [_named(name, program) for name in names])]
    found = [asked for at, asked in enumerate(said) if asked not in said[:at]]
    for asked in found:
        if sum(other.parameter == asked.parameter for other in found) > 1:
            raise RequestNotUnderstood(
                f"the sentence says two things about {asked.parameter}; say one", fields=("ranges",)
            )
    if program.script:
        found = read_named_alone(reader, [_named(name, program) for name in names], found, script=program.script)
    is_fixing = bool(found) and all(len(asked.values) == 1 for asked in found)
    if program.script and (is_fixing or not (found or has_ranges)):
        refuse_left_alone(reader, [_named(name, program) for name in names])
    if program.script and is_fixing:  # the others are tuned, so this asks for nothing more
        reader.take(
            r"(?<!\w)(?:and\s+)?(?:tune|optimi[sz]e|search|vary)\s+(?:(?:only|just)\s+)?"
            r"(?:(?:all\s+)?(?:the\s+)?(?:rest|others?)|everything\s+else)(?:\s+(?:options|parameters|hyper-?parameters))?(?!\w)"
        )
    elif found or has_ranges:
        _leave_alone(reader, [_named(name, program) for name in names])
    elif not program.script:
        _forget_mentions(reader, [_named(name, program) for name in names])
    return found


def measured_parameters(reader: Reader, program: Program) -> list[AskedRange]:
    """Those of its parameters whose range has a unit; to be asked before durations and sizes are read."""
    return read_measured(reader, [_named(name, program) for name in program.options])


def _forget_mentions(reader: Reader, names: Sequence[Named]) -> None:
    """Takes "over x and y" where nothing is said of their values: the question about ranges names them all."""
    spelt = "|".join(loosely(text) for name in names for text in sorted(name.spellings, key=len, reverse=True))
    if spelt:
        reader.take_all(
            r"(?<!\w)(?:over|across|tun(?:e|ing)|var(?:y|ying)|adjust(?:ing)?|chang(?:e|ing)|sweep(?:ing)?|play(?:ing)?\s+with"
            rf"|with\s+(?:the\s+)?(?:parameters?|knobs?|options?|arguments?))\s+(?:the\s+)?(?:{spelt})(?!\w)(?:\s*(?:,|and|,\s*and|&)\s+(?:the\s+)?(?:{spelt})(?!\w))*"
            r"(?!\s*[-=:(\[]?\s*\.?\d)"
        )


def _leave_alone(reader: Reader, names: Sequence[Named]) -> None:
    """Takes "don't touch the batch size": where ranges are given, nothing else is tuned."""
    spelt = "|".join(loosely(text) for name in names for text in sorted(name.spellings, key=len, reverse=True))
    if not spelt:
        return
    some = rf"(?:the\s+)?(?:{spelt})(?!\w)(?:\s*(?:,|and|or|nor)\s+(?:the\s+)?(?:{spelt})(?!\w))*"
    touch = r"(?:touch|chang|tun|vary|alter|modify|adjust|optimi[sz])(?:e|ing|ying)?"
    reader.take_all(
        rf"(?<!\w)(?:(?:but|and|please)\s+)*(?:don'?t|do\s+not|never|without|not)\s+{touch}(?:\s+with)?\s+{some}"
    )
    kept = (
        r"(?:alone|as\s+(?:it|they)\s+(?:is|are)|as\s+is|unchanged|untouched|fixed|at\s+(?:its|the|their)\s+defaults?)"
    )
    reader.take_all(rf"(?<!\w)(?:(?:but|and|please)\s+)*(?:leave|keep)\s+{some}\s+{kept}(?!\w)")
    reader.take_all(
        rf"(?<!\w)(?:(?:but|and|please)\s+)*(?:forget|ignore|skip|leave\s+out|leave)\s+(?:about\s+)?{some}"
        r"(?:\s+(?:for\s+now|out))?(?!\w)"
    )
    reader.take_all(
        r"(?<!\w)(?:keep|leave)\s+(?:it|them|that|those)\s+(?:that\s+way|like\s+that|so|as\s+(?:it\s+)?is)(?!\w)"
    )


# -- pieces ----------------------------------------------------------------------------------------


def _quoted_scripts(reader: Reader, folder: Path) -> list[str]:
    """Scripts whose names have blanks, in quotes: those of the folder, and whatever stands in backquotes."""
    found = []
    commands = [match.span() for match in re.finditer(r"`[^`\n]*`", reader.peek_all())]
    for match in re.finditer(r"(?<!\w)([\"'`])([^\"'`\n]*\s[^\"'`\n]*\.py)\1(?!\w)", reader.peek_all()):
        if any(start < match.start() and match.end() < end for start, end in commands):
            continue
        is_script = match[1] == "`" and not re.search(rf"(?<!\S){STARTS}", match[2])
        if is_script or (folder / match[2]).is_file():
            reader.take_span(*match.span())
            found.append(match[2])
    return found


def _forget_description(reader: Reader) -> None:
    """Takes what the program is said to do: "nginx load test: ./bench.sh", "I simulate a wing with sim.py"."""
    program = rf"(?:[`\"']?{STARTS}|(?:[\w.-]+/)*[\w.-]+\.py)"
    match = reader.peek(
        rf"^([^.,;:{{}}\d]{{0,60}}?)(?:\s+(?:via|with|using|through|in|by)"
        rf"|\s*[:,])\s+(?=(?:the\s+)?(?:script\s+)?{program})"
    )
    if (
        match is None
        or re.search(r"_|(?<!\w)function(?!\w)", match[1])
        or re.search(rf"(?<!\w)(?:{_DIRECTED}(?!\w)|{TUNE})", match[1], re.IGNORECASE)
    ):
        return
    if not any(word.lower() in NEGATIONS for word in match[1].split()):
        reader.take(re.escape(match[0]))


def _forget_file(reader: Reader, command: str) -> None:
    """Takes mentions of the file that the command runs: "an evaluation in rank.sh; call it as `./rank.sh {k}`"."""
    for word in command.split():
        if re.search(r"\w\.\w+$", word) and "{" not in word:
            reader.take_all(rf"(?<![\w./-])(?:\./)?{re.escape(word.removeprefix('./'))}(?![\w/])")


def _command(reader: Reader) -> str | None:
    """What stands in backquotes and is a command (command_line.py puts it there)."""
    quoted = reader.take(rf"`((?:[^`\n]*\s)?{STARTS}[^`\n]*)`") or reader.take(
        r"`(?=[\w./~])([^`\n]*\s[^`\n]*\{[A-Za-z_]\w*\}[^`\n]*)`"
    )
    return quoted[1].strip() if quoted else None


def _function(reader: Reader, folder: Path) -> str | None:
    """ "fit.py:objective", "pkg.mod:run" of the folder, "objective in fit.py", where fit.py defines it."""
    direct = reader.take(rf"(?<![\w./])({_PATH}:[A-Za-z_]\w*)(?!\w)(?:\(\))?")
    if direct:
        return direct[1].removeprefix("./")
    for match in re.finditer(r"(?<![\w./:-])([A-Za-z_][\w.]*):([A-Za-z_]\w*)(?![\w:])", reader.peek_all()):
        place = module_file(match[1], folder)
        if place is not None and defines(text_of(folder / place), match[2]):
            reader.take(rf"(?:the\s+)?(?:python\s+)?(?:function\s+)?[`'\"]?{re.escape(match[0])}[`'\"]?(?:\(\))?")
            return match[0]
    says = r"(?:function|def|callable|method)"
    shape = (
        rf"(?<![\w.])(?:(?:the\s+|a\s+)?({says}\s+|(?:tun(?:e|ing)|optimi[sz](?:e|ing)|call(?:ing)?|of|run)\s+(?:the\s+)?))?"
        rf"[`'\"]?([A-Za-z_]\w*)[`'\"]?(\s*\([^()]*\))?[`'\"]?(?:\s+{says})?"
        rf"\s+(?:defined\s+in|in|of|from|inside|within)\s+(?:the\s+)?(?:file\s+|module\s+)?[`'\"]?({_PATH})[`'\"]?(?!\w)"
    )
    for shape_of_file in (
        rf"(?<![\w./])[`'\"]?(?P<path>{_PATH})[`'\"]?\s*[,;:(]*\s*(?:(?:and|the|its|an?|with|calling|entry\s+point"
        rf"|it'?s|inside|there(?:'s|\s+is)|you'll\s+find|i\s+have|we\s+have|has|have|holds|defines|contains|python)\s+)*{says}"
        r"\s+(?:(?:is\s+)?(?:called|named)\s+|is\s+)?[`'\"]?(?P<name>[A-Za-z_]\w*)(?!\w)[`'\"]?(?:\(\))?\)?",
        rf"(?<![\w./])[`'\"]?(?P<path>{_PATH})[`'\"]?(?:'s|’s)\s+(?:{says}\s+)?[`'\"]?(?P<name>[A-Za-z_]\w*)[`'\"]?(?:\(\)|\s+{says}(?!\w))",
        rf"(?<![\w./])(?:the\s+)?{says}\s+(?:is\s+)?(?:called\s+|named\s+)?[`'\"]?(?P<name>[A-Za-z_]\w*)[`'\"]?(?:\s*\([^()]*\))?\s*,?\s*(?:(?:that|which|it|is|lives|sits|you|can|find|be"
        rf"|found|defined|located|lies|resides|written)\s+)*(?:in|from|inside|of)\s+(?:the\s+)?(?:file\s+|module\s+)?[`'\"]?(?P<path>{_PATH})[`'\"]?(?!\w)",
    ):
        told = reader.peek(shape_of_file)
        if told and told["name"].lower() not in FILLERS | NEGATIONS:
            reader.take(shape_of_file)
            return f"{told['path'].removeprefix('./')}:{told['name']}"
    for match in re.finditer(shape, reader.peek_all(), re.IGNORECASE):
        name, path = match[2], match[4].removeprefix("./")
        is_named = match[1] is not None and re.match(says, match[1], re.IGNORECASE) is not None
        is_likely = match[1] is not None or match[3] is not None or name.lower() not in FILLERS
        if is_named or (is_likely and defines(text_of(folder / path), name)):
            reader.take(re.escape(match[0]))
            return f"{path}:{name}"
    return None


def _free_names(reader: Reader) -> list[str]:
    """Words before something that reads like a range, where the program's own options are not known."""
    shape = rf"\s*(?:(?:between|from|in|over)\s+)?[\[(]?\s*{NUMBER}\s*(?:to|and|-|\.\.\.?|,)\s*{NUMBER}"
    found = []
    for match in re.finditer(rf"(?<![\w{{.-])([A-Za-z_]\w*)(?=[:=]?{shape})", reader.peek_all(), re.IGNORECASE):
        if match[1].lower() not in FILLERS | {"between", "range", "least", "most"} and not re.fullmatch(
            NUMBER, match[1], re.IGNORECASE
        ):
            found.append(match[1])
    return list(dict.fromkeys(found))


def spellings_of_option(name: str) -> tuple[str, ...]:
    """What an option may be called, its own name first."""
    return (name, *ALIASES.get(name, ()))


def _named(name: str, program: Program) -> Named:
    counted = re.match(r"(?:num|n|nb)_(\w+)$", name)
    spelt = [f"number of {counted[1].replace('_', ' ')}"] if counted else []
    spelt += [name, name.replace("_", "-"), name.replace("_", " "), *ALIASES.get(name, ())]
    return Named(name, tuple(spelt), is_verbatim=program.command is not None)
