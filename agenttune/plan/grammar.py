"""The offline grammar: a sentence in English to a `Request`, every word accounted for.

Rules read the sentence in a fixed order, each taking away what it understood; whatever is left, bar a
short list of fillers, is an error that quotes it. So nothing is ignored and nothing is guessed. Not
for: whether what is asked can be done (checker.py).
"""

from __future__ import annotations

import re
from itertools import takewhile
from pathlib import Path
from typing import Any

from agenttune.cards.data import BUNDLED, column_names, data_name
from agenttune.cards.families import CARDS, spellings
from agenttune.cards.metrics import Task
from agenttune.errors import RequestNotUnderstood
from agenttune.plan import clauses
from agenttune.plan.ranges import read_ranges
from agenttune.plan.reader import FILLERS, Reader, any_of, either, folded, loosely, same
from agenttune.plan.request import PlanOptions, Request
from agenttune.redaction import redact

EXAMPLE = "tune an SVM on digits for accuracy, 30 trials, at most 5 minutes"

_PREDICT = (
    r"(?:predict(?:ing)?|forecast(?:ing)?|label(?:\s+(?:column|is))?"
    r"|(?:with\s+)?target(?:\s+(?:column|variable))?(?:\s+(?:is|=))?)"
)


def read(text: str, options: PlanOptions) -> Request:
    """What the sentence and the flags ask for; a flag's number wins over the sentence's, and this is noted.

    Raises:
        RequestNotUnderstood: words were left over, the sentence contradicts itself, or a flag in its data.
        DataError: the data file named cannot be used.
    """
    reader = Reader(text)
    file, name, seed = _file(reader), _name(reader), clauses.seed(reader)
    family, family_task = _family(reader)
    _forget_name_of(reader, file or options.data)
    data = either("data", same("data set", [file, _bundled(reader)]), options.data)
    target, target_task = _target(reader, data, options)
    trial_seconds, trial_memory = clauses.trial_limits(reader)
    said: dict[str, Any] = {
        "name": name,
        "seed": seed,
        "workers": clauses.workers(reader),
        "gpus": clauses.gpus(reader),
        "trial_seconds": trial_seconds,
        "trial_memory": trial_memory,
        "seconds": clauses.seconds(reader),
        "trials": clauses.trials(reader),
    }
    folds, held_out = clauses.folds(reader), clauses.held_out(reader)
    goal_target, stop_metric = clauses.goal_target(reader)
    ranges = tuple(read_ranges(reader, CARDS[family])) if family else ()
    metric, direction = clauses.metric(reader, stop_metric=stop_metric)
    flags = {field: getattr(options, field) for field in said}
    request = Request(
        text=text,
        family=family,
        task=same("task", [family_task, target_task, clauses.task(reader)]),
        data=data,
        target=either("target", target, options.target),
        metric=metric,
        direction=direction,
        goal_target=goal_target,
        folds=folds,
        held_out=held_out,
        proposer=options.proposer,
        scheduler=options.scheduler,
        ranges=ranges,
        overruled=tuple(
            field for field in said if None not in (said[field], flags[field]) and said[field] != flags[field]
        ),
        **{field: said[field] if flags[field] is None else flags[field] for field in said},
    )
    _refuse_leftovers(reader, request)
    return request


def _file(reader: Reader) -> str | None:
    """A path that ends in .csv, .tsv or .txt (or that and .gz), quoted where it holds spaces."""
    ending = r"\.(?:csv|tsv|txt)(?:\.gz)?"
    quoted = reader.take_all(rf"[\"'`]([^\"'`]+{ending})[\"'`]")
    plain = reader.take_all(rf"(?<![\w./~-])([\w./~\\-]+{ending})(?!\w)")
    return same("data file", [match[1] for match in quoted + plain])


def _name(reader: Reader) -> str | None:
    match = reader.take(r"(?<!\w)(?:(?:call|name)\s+(?:it|the\s+study|this)|called|named)\s+[\"'`]?([\w.-]*\w)[\"'`]?")
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


def _target(reader: Reader, data: str | None, options: PlanOptions) -> tuple[str | None, Task | None]:
    """The column to predict, and the task the verb implies ("classify")."""
    the = r"\s+(?:the\s+)?(?:column\s+)?"
    quoted = reader.take(rf"(?<!\w){_PREDICT}{the}[\"'`]([^\"'`]+)[\"'`]")
    if quoted:
        return quoted[1], None
    known = [] if data is None else column_names(data if data in BUNDLED else Path(options.cwd, data).expanduser())
    if known:
        names = "|".join(loosely(name) for name in sorted(known, key=len, reverse=True))
        match = reader.take(rf"(?<!\w)(?:{_PREDICT}|(classify(?:ing)?)){the}({names})(?!\w)")
        if match:
            return folded(match[2], known), "classification" if match[1] else None
    return _unknown_target(reader, the), None


def _unknown_target(reader: Reader, the: str) -> str | None:
    """Up to three words after the verb that are no fillers: a column the data do not have, or not yet known."""
    match = reader.peek(rf"(?<!\w){_PREDICT}{the}((?:[^\s,.;\x00]+[^\S\x00]+){{0,2}}[^\s,.;\x00]+)")
    words = list(takewhile(lambda word: word.lower() not in FILLERS, match[1].split())) if match else []
    if not words:
        reader.take(r"(?<!\w)(?:predict(?:ing)?|forecast(?:ing)?)(?!\w)")
        return None
    reader.take(rf"(?<!\w){_PREDICT}{the}" + r"\s+".join(map(re.escape, words)))
    return " ".join(words)


def _refuse_leftovers(reader: Reader, request: Request) -> None:
    fragments = reader.fragments()
    if not fragments:
        return
    hint = ""
    if request.family is None:
        hint = f"; families are {', '.join(card.title for card in CARDS.values())}"
    elif request.data is None:
        hint = f"; data are {', '.join(BUNDLED)}, or the path of a CSV file"
    quoted = ", ".join(f"{redact(fragment)!r}" for fragment in fragments)
    sentence = f'I do not understand {quoted}{hint}; I do understand "{EXAMPLE}"'
    raise RequestNotUnderstood(sentence, fragments=fragments)
