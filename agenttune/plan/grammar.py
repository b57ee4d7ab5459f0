"""The offline grammar: a sentence in English to a `Request`, every word accounted for.

Rules read the sentence in a fixed order, each taking away what it understood. Of what is left, bar a short list of
fillers, words that could ask for something are an error that quotes them (asides.py tells which could); the others are
left aside, and the request says so. So nothing is ignored in silence and nothing is guessed. Not for: whether what is
asked can be done (checker.py).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agenttune.cards.data import BUNDLED, data_name
from agenttune.cards.families import CARDS, spellings
from agenttune.cards.metrics import METRICS, Task
from agenttune.errors import RequestNotUnderstood
from agenttune.plan import clauses, goals, search_clauses, targets
from agenttune.plan.asides import take_asides
from agenttune.plan.both_ends import in_order
from agenttune.plan.command_line import doubtful
from agenttune.plan.deadlines import deadline
from agenttune.plan.languages import in_english, language_of
from agenttune.plan.leftovers import fields_of, follows_name, is_weighty, related_words, unscored_metric, with_nouns
from agenttune.plan.own_names import own_names
from agenttune.plan.program_bounds import sure_bounds
from agenttune.plan.program_goals import read_goal
from agenttune.plan.programs import (
    Program,
    forget_course,
    measured_parameters,
    program_of,
    read_parameters,
    read_program,
    spell_metrics,
    spellings_of_option,
)
from agenttune.plan.quoting import own_words
from agenttune.plan.ranges import read_ranges, spellings_of, words_of
from agenttune.plan.reader import Reader, any_of, either, folded, loosely, same
from agenttune.plan.request import PlanOptions, Request
from agenttune.plan.scales import with_scales
from agenttune.plan.shared_ranges import of_the_only_one, placed, spread
from agenttune.plan.tidying import corrected
from agenttune.plan.typos import mended
from agenttune.plan.verbatim import require_verbatim
from agenttune.plan.words import DURATION, NUMBER
from agenttune.redaction import redact

EXAMPLE = "tune an SVM on digits for accuracy, 30 trials, at most 5 minutes"
SCRIPT_EXAMPLE = "minimise val_loss of train.py, lr 1e-5 to 1e-1, 40 trials"

_OWNED = {
    "gradient-boosting": ("rounds", "round", "iterations", "iteration", "iters", "iter", "early_stopping"),
    "mlp": ("early_stopping",),
}
"""Family -> nouns that count something else than trials there, and what an estimator of it does by itself."""


def read(text: str, options: PlanOptions) -> Request:
    """What the sentence and the flags ask for; a flag's number wins over the sentence's, and this is noted.

    Raises:
        RequestNotUnderstood: words were left over, the sentence contradicts itself, or a flag in its data.
        DataError: the data file named cannot be used.
    """
    return read_part(text, options, Request())


def read_part(text: str, options: PlanOptions, before: Request, *, typed: str | None = None) -> Request:
    """What one turn says; words that are nearly known ones are mended, where the sentence is understood then.

    Args:
        text: the turn.
        options: flags.
        before: what was said already: a turn may speak of its program, family or data without naming them.
        typed: the turn as the person typed it, where `text` is not.

    Raises:
        RequestNotUnderstood: as `read`.
    """
    typed = text if typed is None else typed
    english = in_english(text, own=own_names(text, Path(options.cwd), before))
    plain, denied = corrected(english)
    is_foreign = text != typed or language_of(text) is not None
    found = replace(_read(plain, text, options, before, typed=typed), is_foreign=is_foreign)
    notes: tuple[str, ...] = ()
    plain_words = (*found.asides, *(words for words in found.leftovers if words not in found.weighty()))
    mendable, changes = mended(plain, found.weighty(), plain_words)
    if changes:
        try:
            again = replace(_read(mendable, text, options, before, typed=typed), is_foreign=is_foreign)
        except RequestNotUnderstood:
            again = found
        if again is not found and (len(again.weighty()) < len(found.weighty()) or not found.weighty()):
            found = again
            notes = tuple(f"{written!r} taken for {known!r}" for written, known in changes)
    if found.weighty():
        raise found.error(typed)
    require_verbatim(found.request, before, typed=typed, english=english)
    own = [own_words(words, english, typed) for words in denied]
    own += [own_words(words, found.text, typed) for words in (*found.asides, *found.leftovers)]
    return found.request.model_copy(update={"mended": (*notes, *map(left_aside, dict.fromkeys(own)))})


def left_aside(words: str) -> str:
    """The note about words that changed nothing."""
    return f"left aside: {redact(words)!r}"


@dataclass(frozen=True, slots=True)
class _Found:
    """What one reading of a sentence came to."""

    request: Request
    leftovers: tuple[str, ...]
    """Words that no rule read, verbatim."""
    text: str
    asides: tuple[str, ...] = ()
    """Phrases that ask for nothing, verbatim."""
    doubtful: tuple[str, ...] = ()
    """Words that may belong to the command."""
    names: tuple[str, ...] = ()
    """Of the program's parameters."""
    columns: tuple[str, ...] = ()
    """Of the data, but for the target."""
    is_foreign: bool = False
    """Whether it was put into English: words that stayed may mean anything."""

    def weighty(self) -> tuple[str, ...]:
        """Those of the leftovers that could ask for something."""
        weighty = (
            words
            for words in self.leftovers
            if is_weighty(words, self.request, (*self.names, *self.columns))
            or unscored_metric((words,), self.request, self.text) is not None
            or follows_name(words, self.text, self.names, in_clause=self.is_foreign)
        )
        return tuple(dict.fromkeys((*self.doubtful, *weighty)))

    def error(self, typed: str) -> RequestNotUnderstood:
        """What says that the leftovers were not understood, in the words of the text as typed."""
        request, fragments = self.request, self.weighty()
        if self.doubtful:
            quoted = ", ".join(f"{redact(own_words(words, self.text, typed))!r}" for words in self.doubtful)
            raise RequestNotUnderstood(
                f"whether {quoted} belongs to the command {request.command!r}: put the command in backquotes",
                fragments=self.doubtful,
                fields=("command",),
                read=request.model_copy(update={"command": None}).given(),
            )
        hint, example = "", EXAMPLE
        if request.script or request.command or request.function:
            example = SCRIPT_EXAMPLE
        elif request.family is None:
            hint = f"; families are {', '.join(card.title for card in CARDS.values())}"
        elif request.data is None:
            hint = f"; data are {', '.join(BUNDLED)}, or the path of a CSV file"
        if (metric := unscored_metric(fragments, request, self.text)) is not None:
            known = ", ".join(entry.title for entry in METRICS.values() if request.task in (None, entry.task))
            sentence = f"no estimator is scored by {metric!r} here: choose one of {known}"
            fragments = (own_words(metric, self.text, typed),)
            return RequestNotUnderstood(sentence, fragments=fragments, fields=("metric",), read=request.given())
        fields = fields_of(with_nouns(fragments, self.text), request)
        if not fields and any(
            loosely(name) == loosely(word) for name in self.names for text in fragments for word in text.split()
        ):
            fields = ("ranges",)
        fragments = tuple(dict.fromkeys(own_words(fragment, self.text, typed) for fragment in fragments))
        quoted = ", ".join(f"{redact(fragment)!r}" for fragment in fragments)
        sentence = f'I do not understand {quoted}{hint}; I do understand "{example}"'
        return RequestNotUnderstood(sentence, fragments=fragments, fields=fields, read=request.given())


def _read(plain: str, text: str, options: PlanOptions, before: Request, *, typed: str) -> _Found:
    reader = Reader(plain)
    program = read_program(reader, Path(options.cwd)) or program_of(before, Path(options.cwd))
    if (spelt := _with_ranges_apart(plain, program, before)) != plain:
        reader = Reader(spelt)
        program = read_program(reader, Path(options.cwd)) or program
    file = _file(reader)
    name, seed = _name(reader, targets.columns_of(file or before.data, options)), clauses.seed(reader)
    limits: dict[str, Any] = {
        "deadline": deadline(reader),
        "dollars": clauses.dollars(reader),
        "requests": clauses.model_requests(reader),
    }
    if program is not None:
        return _of_program(
            reader,
            program,
            text,
            options,
            name=name,
            seed=seed,
            has_ranges=any(len(asked.values) != 1 for asked in before.ranges),
            typed=typed,
            **limits,
        )
    family, family_task = _family(reader)
    known_family, known_file = family or before.family, file or options.data
    if known_file is not None:
        targets.forget_list(reader, known_file, options)
    target, target_task = (
        (None, None) if known_file is None else (targets.last_column(reader, known_file, options), None)
    )
    if target is None and known_file is not None:
        target, target_task = targets.regressed_column(reader, known_file, options)
    if target is None and known_file is not None:
        target, target_task = targets.named_column(reader, known_file, options)
    if target is None and known_file is not None:
        target = targets.only_column(reader, known_file, options)
    if target is not None and known_file is not None:
        targets.forget_rest(reader, known_file, options)
    _forget_name_of(reader, known_file)
    data = either("data", same("data set", [file, _bundled(reader)]), options.data)
    if data in BUNDLED:
        targets.forget_list(reader, data, options)
        targets.forget_rest(reader, data, options)
    if target is None and target_task is None:
        target, target_task = targets.named_column(reader, data or before.data, options)
    if target is None:
        target = targets.only_column(reader, known_file or before.data, options)
    said = _numbers(reader, name=name, seed=seed, owned=("calls", *_OWNED.get(known_family or "", ())))
    folds, held_out = clauses.folds(reader), clauses.held_out(reader)
    goal_target, stop_metric = goals.goal_target(reader)
    ranges = tuple(read_ranges(reader, CARDS[known_family])) if known_family else ()
    metric, direction = goals.metric(reader, stop_metric=stop_metric)
    goals.require_reachable(goal_target, metric)
    request = Request(
        text=text,
        family=family,
        task=same("task", [family_task, target_task, goals.task(reader)]),
        data=data,
        target=either("target", target, options.target),
        metric=metric,
        direction=direction,
        goal_target=goal_target,
        folds=folds,
        held_out=held_out,
        ranges=ranges,
        **limits,
        **_with_flags(said, options),
    )
    known_target, known_data = request.target or before.target, request.data or before.data
    targets.refuse_selection(reader, known_data, options, target=known_target)
    asides = take_asides(reader, known_target)
    names = () if known_family is None else words_of(CARDS[known_family])
    columns = tuple(name for name in targets.columns_of(known_data, options) if name != known_target)
    return _Found(request, reader.fragments(related_words(request)), reader.text, asides, names=names, columns=columns)


def _with_ranges_apart(plain: str, program: Program | None, before: Request) -> str:
    """The sentence with each parameter's range said of it, and a program's metrics under their own names."""
    if program is None:
        family = _family(Reader(plain))[0] or before.family
        if family is None:
            return plain
        names = spellings_of(CARDS[family])
        each = [[name] for name in names]
        return spread(with_scales(in_order(plain, each), each), names)
    own = [spellings_of_option(name) for name in program.options]
    spelt = in_order(spell_metrics(plain, program.printed), own)
    spelt = with_scales(spelt if program.script else placed(spelt, program.options), own)
    apart = spread(spelt, program.options)
    return of_the_only_one(apart, own)


def _of_program(
    reader: Reader,
    program: Program,
    text: str,
    options: PlanOptions,
    *,
    name: str | None,
    seed: int | None,
    has_ranges: bool,
    typed: str,
    **limits: Any,
) -> _Found:
    """The same for a program of the person's own."""
    bounds = sure_bounds(reader, program)
    course = forget_course(reader, program)
    early = measured_parameters(reader, program)
    said = _numbers(reader, name=name, seed=seed, owned=_owned(program))
    ranges = tuple(read_parameters(reader, program, early=early, has_ranges=has_ranges))
    goal = read_goal(reader, program, bounds)
    request = Request(
        text=text,
        script=program.script,
        command=program.command,
        function=program.function,
        metric=goal.metric,
        direction=goal.direction,
        goal_target=goal.target,
        constraints=goal.bounds,
        ranges=ranges,
        **limits,
        **_with_flags(said, options),
    )
    asides = (*course, *take_asides(reader))
    beside = doubtful(reader.text, reader.peek_all(), program.command, typed=typed) if program.command else ()
    return _Found(request, reader.fragments(related_words(request)), reader.text, asides, beside, program.options)


def _owned(program: Program) -> tuple[str, ...]:
    """Nouns that count something else than trials or workers: parameters, and calls unless a function is called."""
    return program.options if program.function else (*program.options, "calls")


def _numbers(reader: Reader, *, name: str | None, seed: int | None, owned: Collection[str]) -> dict[str, Any]:
    """What is said of budget and machine, in the order in which the clauses have to be read."""
    trial_seconds, trial_memory = clauses.trial_limits(reader)
    return {
        "name": name,
        "seed": seed,
        "proposer": search_clauses.proposer(reader),
        "scheduler": search_clauses.scheduler(reader, owned),
        "workers": clauses.workers(reader, owned),
        "gpus": clauses.gpus(reader),
        "trial_seconds": trial_seconds,
        "trial_memory": trial_memory,
        "seconds": clauses.seconds(reader),
        "trials": clauses.trials(reader, owned),
    }


def _with_flags(said: dict[str, Any], options: PlanOptions) -> dict[str, Any]:
    """The values, those of flags first, and which of the sentence's they overrule."""
    flags = {field: getattr(options, field) for field in said}
    overruled = tuple(
        field for field in said if None not in (said[field], flags[field]) and said[field] != flags[field]
    )
    return {field: said[field] if flags[field] is None else flags[field] for field in said} | {"overruled": overruled}


def _file(reader: Reader) -> str | None:
    """A path that ends in .csv, .tsv or .txt (or that and .gz), quoted where it holds spaces."""
    ending = r"\.(?:csv|tsv|txt)(?:\.gz)?"
    quoted = reader.take_all(rf"[\"'`]([^\"'`]+{ending})[\"'`]")
    plain = reader.take_all(rf"(?<![\w./~-])([\w./~\\-]+{ending})(?!\w)")
    return same("data file", [match[1] for match in quoted + plain])


def _name(reader: Reader, columns: Collection[str]) -> str | None:
    """What the study is called; "the column is called `left`" names none."""
    other = "".join(rf"|{loosely(name)}(?![\w-])" for name in columns)
    match = reader.take(
        r"(?<!\w)(?:(?:call|name|label|title)\s+(?:it|the\s+study|this(?:\s+(?:study|one))?)"
        r"|(?:study|it|this)\s+(?:(?:is|be|should\s+be)\s+)?(?:called|named)"
        r"|(?:with|under)\s+(?:the\s+)?name|(?:study\s+)?name\s*[=:]"
        r"|(?<!column\s)(?<!variable\s)(?<!field\s)"
        r"(?<!file\s)(?<!function\s)(?<!metric\s)(?<!target\s)(?:called|named)"
        r"|study\s+name(?:\s+is)?)(?:\s+|(?<=[=:]))"
        r"(?!(?:with|as|like|by|via|using|from|to|in|on|for|and|at|it|is|over|once|twice|a|an|the|so|per)(?!\w))"
        rf"(?![\"'`]?(?:{DURATION}|{NUMBER}\s+\w{other}))[\"'`]?([\w.-]*\w)[\"'`]?"
    )
    return match[1] if match else None


def _family(reader: Reader) -> tuple[str | None, Task | None]:
    """The family, and the task its name implies (SVC, RandomForestRegressor)."""
    known = {spelling: (card.name, task) for card in CARDS.values() for spelling, task in spellings(card).items()}
    matches = reader.take_all(rf"(?<![\w-])({any_of(known)})(?:['’]?s)?(?![\w-])")
    found = [known[folded(match[1], known)] for match in matches]
    families = list(dict.fromkeys(name for name, _ in found))
    if len(families) > 1:
        titles = " and ".join(CARDS[name].title for name in families)
        raise RequestNotUnderstood(f"one study tunes one family of estimators, but you name {titles}: start one each")
    return (families[0] if families else None), same("task", [task for _, task in found])


def _bundled(reader: Reader) -> str | None:
    known = {spelling: name for name, bundled in BUNDLED.items() for spelling in (name, *bundled.synonyms)}
    matches = reader.take_all(rf"(?<![\w-])({any_of(known)})(?![\w-])")
    return same("data set", [known[folded(match[1], known)] for match in matches])


def _forget_name_of(reader: Reader, data: str | None) -> None:
    """Takes the bare name of the data ("penguins" of penguins.csv) for a mention of them."""
    if data is not None:
        reader.take_all(rf"(?<![\w-]){loosely(data_name(Path(data)))}(?![\w-])")
