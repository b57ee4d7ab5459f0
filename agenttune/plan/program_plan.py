"""`ProgramPlan`: a study of a program of the person's own: a script, a command line or a Python function.

What the sentence leaves open is found in the script (inspection/) or asked for. Not for: estimators (checker.py).
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue

from agenttune.budget import Budget
from agenttune.errors import RequestNotUnderstood, SpaceError, UserError
from agenttune.goal import Direction, Goal
from agenttune.inspection import Option, Script, inspect_script, propose_space, usual_parameter
from agenttune.inspection.asked import as_in_script
from agenttune.inspection.printed import APART, NUMBER, named
from agenttune.objectives.command_line import BUILT_IN, placeholders, switch, switches
from agenttune.plan.deadlines import seconds_of, until_text
from agenttune.plan.located import require_function
from agenttune.plan.metric_names import usual_direction
from agenttune.plan.narrowing import whole
from agenttune.plan.plan import budget_text, said_of_the_search
from agenttune.plan.program_text import arguments_of, file_of, module_file, text_of
from agenttune.plan.programs import EXTREMES, spell_metrics
from agenttune.plan.request import AskedRange, Request
from agenttune.plan.scales import is_wide
from agenttune.plan.words import duration_text, size_text
from agenttune.space import Bool, Categorical, Constant, Float, Int, Ordinal, Parameter, Space, nearest
from agenttune.spec import StudySpec, TrialLimits
from agenttune.types import Scalar

DEFAULT_TRIALS = 30
"""As for estimators (checker.py)."""


class ProgramPlan(BaseModel):
    """Everything such a study needs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    request: Request
    what: str
    """The program, as the person named it."""
    objective: dict[str, JsonValue]
    metric: str
    direction: Direction
    space: dict[str, JsonValue]
    trials: int | None = None
    seconds: float | None = None
    until: str | None = None
    """The deadline, as people read it; `seconds` has it, too."""
    name: str
    assumptions: tuple[str, ...] = ()
    """What nobody said, one phrase each."""
    cwd: str = "."

    def understood(self) -> list[tuple[str, str]]:
        """(label, text) lines that show the plan before it starts."""
        request = self.request
        verb = "maximise" if self.direction == "maximize" else "minimise"
        until = "" if request.goal_target is None else f" until {request.goal_target:g}"
        goal = f"{verb} {self.metric}{until}" + "".join(f", {text}" for text in request.constraints)
        limits = [] if request.trial_seconds is None else [duration_text(request.trial_seconds)]
        limits += [] if request.trial_memory is None else [size_text(request.trial_memory)]
        parts = [self.what, goal, budget_text(self.trials, request.seconds, self.until)]
        parts += [f"at most {' and '.join(limits)} per trial"] if limits else []
        parts += [f"{request.workers} at a time"] if (request.workers or 1) > 1 else []
        parts += [f"{request.gpus} GPU{'s' if request.gpus > 1 else ''}"] if request.gpus else []
        parts += said_of_the_search(request)
        lines = [("understood", " · ".join(parts)), ("space", " · ".join(Space.from_json(self.space).describe()))]
        if self.objective["type"] == "command":
            command = self.objective["command"]
            words = shlex.join(map(str, command)) if isinstance(command, list) else str(command)
            env = self.objective.get("env")
            variables = [f"{name}={value} " for name, value in env.items()] if isinstance(env, dict) else []
            lines.append(("runs", "".join(variables) + words))
        return [*lines, ("assumed", " · ".join(self.assumptions))] if self.assumptions else lines


def check_program(request: Request, *, cwd: Path, now: float | None = None) -> ProgramPlan:
    """The complete plan of a request that names a program.

    Args:
        request: what was asked for.
        cwd: folder that paths are relative to.
        now: seconds since the epoch that a deadline counts from; None reads the clock.

    Raises:
        RequestNotUnderstood: something is missing; `fields` tells what.
        UserError: it cannot be done; one sentence.
    """
    what = request.script or request.command or request.function
    assert what is not None  # the caller looked
    script = _script(request, cwd)
    assumptions = list(request.mended)
    if request.trials is not None and request.trials < 1:
        raise RequestNotUnderstood(f"a study needs at least one trial, but got {request.trials}", fields=("trials",))
    space, questions = _space(request, script, assumptions, cwd)
    metric = request.metric
    direction = request.direction or (None if metric is None else usual_direction(metric))
    if metric is None:
        questions.append((f"which metric is to be improved (as in `minimise val_loss`{_printed(script)})", "metric"))
    elif direction is None:
        questions.append((f"whether {metric} is better when it is larger or smaller", "direction"))
    if questions:
        sentence = f"to tune {what}, say {' and '.join(text for text, _ in questions)}"
        raise RequestNotUnderstood(sentence, fields=tuple(field for _, field in questions))
    assert metric is not None
    assert direction is not None
    assert space is not None  # else there was a question
    if request.direction is None:
        assumptions.append(f"{metric} is better the {'larger' if direction == 'maximize' else 'smaller'} it is")
    if script is not None and _is_one_of_many(metric, request, script):
        assumptions.append(f"the last {metric} that a run prints counts")
    trials = request.trials
    if trials is None and request.seconds is None and request.deadline is None:
        trials = DEFAULT_TRIALS
        assumptions.append(f"{DEFAULT_TRIALS} trials, as no limit was given")
    return ProgramPlan(
        request=request,
        what=what,
        objective=_objective(request, script, space, metric),
        metric=metric,
        direction=direction,
        space=space.to_json(),
        trials=trials,
        seconds=seconds_of(request, now=now),
        until=until_text(request, now=now),
        name=request.name or _name(request.script or file_of(request.command or "", cwd) or what.split()[0]),
        assumptions=tuple(assumptions),
        cwd=str(cwd.resolve()),
    )


def program_spec(plan: ProgramPlan) -> StudySpec:
    """The study that such a plan describes."""
    request = plan.request
    space = Space.from_json(plan.space)
    return StudySpec(
        name=plan.name,
        space=space,
        goal=Goal(plan.metric, plan.direction, constraints=request.constraints, target=request.goal_target),
        objective=plan.objective,
        budget=Budget(trials=plan.trials, seconds=plan.seconds, dollars=request.dollars, requests=request.requests),
        proposer=request.proposer or "auto",
        scheduler=request.scheduler or "fifo",
        seed=request.seed or 0,
        workers=request.workers or 1,
        gpus=request.gpus or 0,
        limits=TrialLimits(seconds=request.trial_seconds, memory_bytes=request.trial_memory),
        request=request.text or None,
        default=space.default_config(),
        cwd=plan.cwd,
        extra={"understood": [[label, text] for label, text in plan.understood()]},
    )


def _script(request: Request, cwd: Path) -> Script | None:
    """The script as it was read; None of a command or a function.

    Raises:
        RequestNotUnderstood: there is none of that name.
    """
    place = request.script or (request.function or "").partition(":")[0]
    if place.endswith(".py") and not (cwd / place).is_file():
        names = [path.name for path in cwd.glob("*.py")]
        near = next((name for name in names if name.endswith(f" {place}")), None) or nearest(place, names)
        hint = f"did you mean {near!r}?" if near else f"there is none in {cwd}"
        raise RequestNotUnderstood(f"there is no script {place!r}: {hint}", fields=("script",))
    if request.function is not None:
        require_function(request.function, cwd)
    return None if request.script is None else inspect_script(cwd / request.script)


def _name(place: str) -> str:
    """A study's name, after what it tunes."""
    return re.sub(r"[^a-z0-9]+", "-", Path(place).stem.lower()).strip("-") or "program"


def _is_one_of_many(metric: str, request: Request, script: Script) -> bool:
    """Whether "the lowest val_loss" may be meant of the values that one run prints."""
    found = script.metric(metric)
    text = spell_metrics(request.text, frozenset([metric]))
    is_extreme = re.search(rf"(?<!\w){EXTREMES}\s+{re.escape(metric)}(?!\w)", text, re.IGNORECASE) is not None
    return is_extreme and found is not None and found.is_repeated


def _space(
    request: Request, script: Script | None, assumptions: list[str], cwd: Path
) -> tuple[Space | None, list[tuple[str, str]]]:
    """(the space, what has to be asked as (words, field))."""
    example = "as in `lr from 1e-4 to 0.1 log`"
    seen = script or _script_of(request.command, cwd)
    options = {entry.parameter: _option_of(entry.parameter, request.command, seen) for entry in request.ranges}
    asked = {entry.parameter: _parameter(entry, options[entry.parameter]) for entry in request.ranges}
    assumptions += _assumed_kinds([entry for entry in request.ranges if not _tells(options[entry.parameter])], asked)
    for text in request.constraints:
        if (name := text.split()[0]) in asked or f"{{{name}}}" in (request.command or ""):
            return None, [(f"the range of {name}: {text} bounds a parameter, and constraints are on metrics", "ranges")]
    open_ones = [name for name, parameter in asked.items() if parameter is None and script is None]
    if script is not None:
        for entry in request.ranges:
            option = options[entry.parameter]
            if option is None and script.constant(entry.parameter) is not None:
                raise _constant(script, entry.parameter)
            if option is None:
                known = ", ".join(option.name for option in script.options) or "none"
                return None, [(f"which option {entry.parameter!r} is: {script.path.name} has {known}", "ranges")]
            parameter = asked.pop(entry.parameter)
            if option.name in asked:
                raise RequestNotUnderstood(
                    f"{entry.parameter} is option {option.name} of {script.path.name}, of which the sentence says "
                    "something already; say one",
                    fields=("ranges",),
                )
            asked[option.name] = parameter or _usual(entry, option)
            if asked[option.name] is None:
                is_half = entry.low is not None or entry.high is not None
                what = "the other end of the range of" if is_half else "which values may have"
                return None, [(f"{what} {entry.parameter}", "ranges")]
        return _script_space(script, asked, assumptions, example)
    for name in switches([request.command or ""]):
        found = asked.get(name) or Categorical([True, False])
        asked[name] = as_in_script(found, Option(name, f"--{name}", "bool", None, (), "", 0, on=f"--{name}"))
    missing = [name for name in placeholders([request.command or ""]) if name not in asked and name not in BUILT_IN]
    missing += open_ones + [name for name in _arguments(request, cwd) if asked and name not in asked]
    if missing or not asked:
        return None, [(f"which values {', '.join(missing) or 'its parameters'} may have ({example})", "ranges")]
    space = Space.from_flat({name: entry for name, entry in asked.items() if entry is not None})
    if not space.columns:
        return None, [_nothing_varies(asked, example)]
    return space, []


def _script_space(
    script: Script, asked: Mapping[str, Parameter | None], assumptions: list[str], example: str
) -> tuple[Space | None, list[tuple[str, str]]]:
    """The same of a script: what is asked for, with the usual ranges of the others where nothing else varies."""
    whole = propose_space(script)
    given = {name.replace("-", "_"): parameter for name, parameter in asked.items() if parameter is not None}
    if not given:
        if whole.space is None and whole.constants is not None:
            raise _constant(script, script.constants[0].name)
        if whole.space is None:
            return None, [(f"which values its options may have ({example})", "ranges")]
        assumptions.append(_usual_ranges(list(whole.space.parameters)))
        return whole.space, []
    space = propose_space(script, given).space
    if space is None or space.columns:
        return space, []
    others = {} if whole.space is None else whole.space.parameters
    others = {name: entry for name, entry in others.items() if name not in space.parameters}
    if not others:
        return None, [_nothing_varies(given, example)]
    assumptions.append(_usual_ranges(list(others)))
    return Space.from_flat({**others, **space.parameters}), []


def _nothing_varies(names: Iterable[str], example: str) -> tuple[str, str]:
    """The question where every parameter has one value."""
    return f"what is to vary, as you give one value only of {' and '.join(names)} ({example})", "ranges"


def _usual_ranges(names: Sequence[str]) -> str:
    """What is assumed of options of which nothing was said."""
    return f"ranges of {', '.join(names)} as usual, around what the script has"


def _arguments(request: Request, cwd: Path) -> tuple[str, ...]:
    """What the function of a request must be given, where ranges speak of its arguments by their names."""
    module, _, function = (request.function or "").rpartition(":")
    place = module if module.endswith(".py") else module_file(module, cwd)
    names = () if place is None else arguments_of(text_of(cwd / place), function, are_required=True)
    return names if any(asked.parameter in names for asked in request.ranges) else ()


def _constant(script: Script, name: str) -> RequestNotUnderstood:
    """What is said where a constant is to be tuned."""
    return RequestNotUnderstood(
        f"{name} is a constant of {script.path.name}, which nothing sets from outside: give the script an option for "
        "it, or let the assistant change it (patch_script)",
        fields=("script",),
    )


def _script_of(command: str | None, cwd: Path) -> Script | None:
    """The Python script that a command runs, as far as it can be read."""
    place = None if command is None else file_of(command, cwd)
    if place is None or not place.endswith(".py"):
        return None
    try:
        return inspect_script(cwd / place)
    except UserError:  # the command may run it all the same
        return None


def _option_of(name: str, command: str | None, script: Script | None) -> Option | None:
    """The option that a parameter sets: that of its name, in a command the one in front of its placeholder."""
    if script is None or command is None:
        return None if script is None else script.option(name)
    typed = re.search(rf"(?<!\S)(-{{1,2}}[\w-]+)(?:=|\s+)[\"']?\{{{re.escape(name)}\}}", command)
    return None if typed is None else script.option(typed[1].lstrip("-"))


def _tells(option: Option | None) -> bool:
    """Whether an option tells the kind of its values."""
    return option is not None and (option.kind != "str" or bool(option.choices))


def _assumed_kinds(ranges: Sequence[AskedRange], asked: Mapping[str, Parameter | None]) -> list[str]:
    """What is assumed of ranges with whole ends, where neither the sentence nor a script tells the kind of values."""
    untold = [entry for entry in ranges if entry.is_whole is None and isinstance(entry.low, int)]
    whole = [entry.parameter for entry in untold if isinstance(asked[entry.parameter], Int)]
    shares = [entry.parameter for entry in untold if (entry.low, entry.high) == (0, 1) and entry.parameter not in whole]
    texts = [f"whole numbers for {' and '.join(whole)}, unless you say `float`"] if whole else []
    return texts + ([f"any number from 0 to 1 for {' and '.join(shares)}, unless you say `integer`"] if shares else [])


def _parameter(asked: AskedRange, option: Option | None) -> Parameter | None:
    """The parameter that was asked for; None where one end of its range is open.

    Args:
        asked: what was said of it.
        option: of the script, whose kind counts; None where it is not known.

    Raises:
        RequestNotUnderstood: the script takes no such numbers.
        SpaceError: there is no such range.
    """
    if asked.values:
        return _of_values(asked.values)
    if asked.low is None or asked.high is None:
        return None
    ends = (asked.low, asked.high)
    is_whole = ends != (0, 1) and all(isinstance(end, int) for end in ends)
    if option is not None and option.kind in ("int", "float"):
        is_whole = option.kind == "int"
        if is_whole and asked.is_whole is False:
            raise RequestNotUnderstood(
                f"{asked.parameter} takes whole numbers, as the script says: leave out what says otherwise",
                fields=("ranges",),
            )
    is_whole = is_whole if asked.is_whole is None else asked.is_whole
    low, high = _ends(asked.of_whole_numbers() if is_whole else asked, asked.low, asked.high)
    log = is_wide(low, high) if asked.log is None else asked.log
    try:
        if is_whole:
            return Int(whole(asked, low), whole(asked, high), log=log)
        return Float(float(low), float(high), log=log)
    except SpaceError as error:
        raise SpaceError(f"{asked.parameter} cannot have that range: {error}") from None


def _of_values(values: Sequence[Scalar]) -> Parameter:
    if len(values) == 1:
        return Constant(values[0])
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) == len(values):
        return Ordinal(sorted(numbers))
    return Categorical(values)


def _usual(asked: AskedRange, option: Option) -> Parameter | None:
    """What the sentence leaves open of a range, as is usual for the option; None where that is not known."""
    if option.kind == "bool":
        return Bool()
    found = usual_parameter(option)
    usual = None if found is None else found[0]
    if asked.is_bare:
        return usual
    if not isinstance(usual, Float | Int):
        return None
    low, high = _ends(asked.of_whole_numbers() if isinstance(usual, Int) else asked, usual.low, usual.high)
    if isinstance(usual, Float):
        return Float(float(low), float(high), log=usual.log and low > 0, meaning=usual.meaning)
    return Int(whole(asked, low), whole(asked, high), log=usual.log and low > 0, meaning=usual.meaning)


def _ends(asked: AskedRange, low: float, high: float) -> tuple[float, float]:
    """Both ends of a range: those that were asked for, else these."""
    return low if asked.low is None else asked.low, high if asked.high is None else asked.high


def _objective(request: Request, script: Script | None, space: Space, metric: str) -> dict[str, JsonValue]:
    if request.function is not None:
        return {"type": "python", "target": request.function}
    names = [metric, *_bounded(request)]
    if script is None:
        return {"type": "command", "command": request.command, "metric": {"regex": _regex(names, None)}}
    words: list[JsonValue] = [sys.executable, str(request.script)]
    env: dict[str, JsonValue] = {}
    for name in space.parameters:
        option = script.option(name)
        assert option is not None  # the space is made of options
        if option.variable:
            env[option.variable] = f"{{{name}}}"
        else:
            is_switched = bool(option.on or option.off)
            words += [switch(name, on=option.on, off=option.off)] if is_switched else [option.flag, f"{{{name}}}"]
    for name in names:
        if script.metric(name) is None and script.metrics:
            known = ", ".join(dict.fromkeys(entry.name for entry in script.metrics))
            field = "metric" if name == metric else "constraints"
            raise RequestNotUnderstood(
                f"{script.path.name} does not print {name!r}; it prints {known}", fields=(field,)
            )
    objective: dict[str, JsonValue] = {"type": "command", "command": words, "metric": {"regex": _regex(names, script)}}
    return {**objective, "env": env} if env else objective


def _bounded(request: Request) -> list[str]:
    """Metrics that constraints speak of."""
    found = (re.findall(r"[A-Za-z_]\w*", text) for text in request.constraints)
    return [name for names in found for name in names]


def _regex(names: Sequence[str], script: Script | None) -> str:
    """Finds each metric where it is printed; named groups, of which the last match counts."""
    parts = []
    for name in dict.fromkeys(names):
        found = None if script is None else script.metric(name)
        written = re.escape(name).replace("_", "[_/@]")  # "val/loss", "recall@20"
        pattern = rf"{APART}{written}[\"']?\s*[=:]?\s*{NUMBER}" if found is None else found.regex
        parts.append(named(pattern, name))
    return "|".join(parts)


def _printed(script: Script | None) -> str:
    names = [] if script is None else list(dict.fromkeys(metric.name for metric in script.metrics))
    return f"; it prints {', '.join(names[:8])}" if names else ""
