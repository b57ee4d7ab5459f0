"""The form a language model fills in for a request: its prompt, its schema, and how it is read back.

Its fields are those of `Request`. A reply is untrusted: each field is validated by itself, and one that is not valid
becomes a question. Not for: whether the words say it (literal.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from agenttune.cards.data import BUNDLED
from agenttune.cards.families import CARDS
from agenttune.cards.metrics import METRICS, Task
from agenttune.errors import ModelError
from agenttune.exchange import Prompt
from agenttune.goal import Direction
from agenttune.insight.quoting import quote
from agenttune.models import Schemas
from agenttune.plan.needs import Question
from agenttune.plan.request import MOST_CHARS, Request
from agenttune.prompts import prompt_hash, render
from agenttune.replies.clean import clean_text
from agenttune.replies.json_text import Unreadable, check_length, find_json
from agenttune.replies.schema import closed_object
from agenttune.types import Json

PROMPT = "request"
UNCLEAR = "unclear"
MOST_ENTRIES = 64
"""Of a list in a reply, and of its questions."""
MOST_QUESTION_CHARS = 300

MEANINGS = {
    "family": "the estimator, one of the families below",
    "script": 'a Python file whose options are to be tuned, "train.py"',
    "command": 'a command line with its parameters in braces, "./bench.sh --threads {threads}"',
    "function": 'a Python function, "train.py:objective"',
    "data": "a data set below, or the path of a CSV file",
    "target": "the column to predict",
    "task": '"classification" or "regression", only if the person says so',
    "metric": "what is to be improved, as the person or the program calls it",
    "direction": '"maximize" or "minimize", only if the person says so',
    "goal_target": "value of the metric at which to stop",
    "constraints": 'conditions on other metrics, ["latency_ms < 20"]',
    "ranges": "values of a parameter that are said: low and high, or a list (one: fixed); log: true only if said; of "
    'one that is only named as what to tune ("tune C and gamma"), its name and alone: true',
    "trials": "how many attempts in all",
    "seconds": "time for everything",
    "deadline": 'clock time by which to be done, "18:00", "tomorrow 08:00", or "2026-03-01T08:00"',
    "trial_seconds": "time for one attempt",
    "trial_memory": "bytes for one attempt",
    "workers": "how many attempts at the same time",
    "gpus": "how many GPUs",
    "dollars": "US dollars for the language model",
    "requests": "requests to the language model",
    "folds": "folds of the cross-validation",
    "held_out": "share of the rows kept for the final check",
    "seed": "random seed",
    "name": "name of the study",
}
"""Field -> what the prompt says of it; the form's fields, in their order."""
_ABOUT_UNCLEAR = (UNCLEAR, 'what must be asked back, [{"field": "trials", "question": "..."}]')
_CHOICES: dict[str, tuple[str, ...]] = {
    "family": tuple(CARDS),
    "task": get_args(Task),
    "direction": get_args(Direction),
}
_WHOLE = frozenset(["trials", "trial_memory", "workers", "gpus", "requests", "folds", "seed"])
_NUMBERS = frozenset(["goal_target", "seconds", "trial_seconds", "dollars", "held_out"])
_LISTS = frozenset(["constraints", "ranges"])
_ADAPTERS: dict[str, TypeAdapter[Any]] = {
    name: TypeAdapter(field) for name, field in get_type_hints(Request).items() if name in MEANINGS
}


def request_prompt(turns: Sequence[str]) -> Prompt:
    """The messages that ask what the texts say."""
    system = render(
        PROMPT,
        fields=[{"name": name, "meaning": meaning} for name, meaning in (*MEANINGS.items(), _ABOUT_UNCLEAR)],
        families=", ".join(CARDS),
        data=", ".join(BUNDLED),
        metrics=", ".join(METRICS),
    )
    shown = "\n".join(f"message {at}: {quote(turn, MOST_CHARS)}" for at, turn in enumerate(turns, start=1))
    messages: tuple[dict[str, Json], ...] = (
        {"role": "system", "content": system},
        {"role": "user", "content": f"<data>\n{shown}\n</data>"},
    )
    return Prompt(messages, {PROMPT: prompt_hash(PROMPT)})


def form_schema() -> Schemas:
    """The form as a JSON schema: every field of the prompt, null where nothing is said."""
    return Schemas("request", _form(ranges=True), _form(ranges=False))


def decode_form(text: str) -> tuple[dict[str, Any], tuple[Question, ...]]:
    """(fields that are valid, questions) of a reply; a field that is not valid becomes a question.

    Raises:
        ModelError: the reply holds no form.
    """
    form = _form_of(text)
    if form is None:
        raise ModelError("the reply is not the form that was asked for", verdict="unparsable", text=text)
    fields: dict[str, Any] = {}
    questions: list[Question] = []
    for name, adapter in _ADAPTERS.items():
        value = form.get(name)
        if value is None or value == "" or value == []:
            continue
        try:
            fields[name] = _validated(adapter, name, value)
        except ValidationError:
            questions.append(doubt(name, value))
    unclear = form.get(UNCLEAR)
    for entry in unclear[:MOST_ENTRIES] if isinstance(unclear, list) else ():
        if isinstance(entry, Mapping) and entry.get("field") in MEANINGS:
            asked = clean_text(str(entry.get("question") or ""), limit=MOST_QUESTION_CHARS)
            questions.append(Question(entry["field"], asked or f"what is the `{entry['field']}` to be?"))
    return fields, tuple(questions)


def is_form(text: str) -> bool:
    """Whether a reply holds a form."""
    return _form_of(text) is not None


def doubt(name: str, value: object) -> Question:
    """The question about a value of a model that is not what was said."""
    shown = clean_text(str(value), limit=80)
    return Question(name, f"the model takes {shown} for the `{name}`, which your words do not say: what is it to be?")


def _validated(adapter: TypeAdapter[Any], name: str, value: object) -> object:
    if name in _LISTS and isinstance(value, list):
        value = [_without_nulls(entry) for entry in value[:MOST_ENTRIES]]
    return adapter.validate_python(str(value) if isinstance(value, bool) else value)


def _without_nulls(entry: object) -> object:
    """An entry of a list as a record takes it: null stands for what was not said."""
    if not isinstance(entry, Mapping):
        return entry
    return {key: value for key, value in entry.items() if value is not None}


def _form_of(text: str) -> Mapping[str, object] | None:
    """The first object in the text that holds a field of the form."""
    try:
        check_length(text)
        documents = find_json(text).documents
    except Unreadable:
        return None
    return next((entry for entry in documents if isinstance(entry, dict) and entry.keys() & {*MEANINGS, UNCLEAR}), None)


def _form(*, ranges: bool) -> dict[str, Json]:
    properties: dict[str, Json] = {name: _field_schema(name, ranges=ranges) for name in MEANINGS}
    unclear = closed_object({"field": {"type": "string", "enum": list(MEANINGS)}, "question": {"type": "string"}})
    properties[UNCLEAR] = _listed(unclear, ranges, most=3)
    return closed_object(properties)


def _field_schema(name: str, *, ranges: bool) -> dict[str, Json]:
    if name == "constraints":
        return _listed({"type": "string"}, ranges, most=4)
    if name == "ranges":
        return _listed(_range_schema(ranges), ranges, most=12)
    if name in _CHOICES:
        return _or_null({"type": "string", "enum": [*_CHOICES[name]]})
    if name in _NUMBERS:
        return _or_null({"type": "number"})
    if name not in _WHOLE:
        return _or_null({"type": "string"})
    return _or_null({"type": "integer", "minimum": 0} if ranges else {"type": "integer"})


def _range_schema(ranges: bool) -> dict[str, Json]:
    value: Json = {"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "boolean"}]}
    return closed_object(
        {
            "parameter": {"type": "string"},
            "low": _or_null({"type": "number"}),
            "high": _or_null({"type": "number"}),
            "log": _or_null({"type": "boolean"}),
            "alone": _or_null({"type": "boolean"}),
            "values": _listed(value, ranges, most=12),
        }
    )


def _or_null(schema: dict[str, Json]) -> dict[str, Json]:
    return {"anyOf": [{"type": "null"}, schema]}


def _listed(items: Json, ranges: bool, *, most: int) -> dict[str, Json]:
    """A list; how long it may be is a range."""
    return {"type": "array", "items": items, **({"maxItems": most} if ranges else {})}
