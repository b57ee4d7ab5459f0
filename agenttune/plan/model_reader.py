"""A language model as a reader of requests: a sentence in any language to the same `Request` the grammar makes.

The model fills in a form; every field of its reply is validated, and then held to what the sentence says (literal.py):
what the words do not state is taken out and asked back. So a model can misread, but not invent. Every request is
reserved, settled and stored. Not for: whether what is asked can be done (checker.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from agenttune.cards.data import BUNDLED
from agenttune.cards.families import CARDS
from agenttune.cards.metrics import METRICS
from agenttune.errors import CapabilityMissing, ModelError, RequestNotUnderstood
from agenttune.exchange import Exchange, ExchangeLog, ExchangeRequest, Prompt
from agenttune.models import Model, Sampling, Schemas, patience_of
from agenttune.plan.conversation import merged_ranges
from agenttune.plan.form import decode_form, doubt, form_schema, is_form, request_prompt
from agenttune.plan.literal import Dropped, folded_name, is_asked, keep_literal, names_of, unread
from agenttune.plan.needs import SUBJECTS, Question, missing
from agenttune.plan.planning import Plan, plan_of
from agenttune.plan.reader import either
from agenttune.plan.request import MOST_CHARS, AskedRange, PlanOptions, Request
from agenttune.redaction import redact, redact_json
from agenttune.replies.sender import Sends, Sent
from agenttune.replies.tokens import PromptTokens
from agenttune.types import Json

MOST_TURNS = 8
"""Times the request is sent again because the server refused a part of it: each time another one."""
MOST_QUESTIONS = 3
"""Told at once; a model that invents more than it reads is of no help with the rest."""
_OF_THE_SUBJECT = frozenset(
    [*SUBJECTS, "task", "data", "target", "metric", "direction", "goal_target", "ranges", "folds", "held_out"]
)
"""Fields that say nothing of another subject."""


@dataclass(frozen=True, slots=True)
class ModelReading:
    """What a model made of a request."""

    request: Request
    """Only what its text says."""
    dropped: tuple[Dropped, ...] = ()
    """What the model said beyond that."""
    questions: tuple[Question, ...] = ()
    """What must be asked before anything can start."""
    unread: tuple[str, ...] = ()
    """Words that neither the grammar nor the model made anything of, as far as can be told."""
    adds: bool = True
    """Whether the model read more than the grammar."""


class ModelReader:
    """Asks one model what requests say."""

    def __init__(self, model: Model, sender: Sends, log: ExchangeLog, *, max_tokens: int = 2_000) -> None:
        """A reader at some ledger's expense.

        Args:
            model: which is asked.
            sender: of that model, which reserves and settles.
            log: where exchanges are kept.
            max_tokens: most of a reply.
        """
        self._model = model
        self._sender = sender
        self._log = log
        self._sampling = Sampling(temperature=0.0, max_tokens=max_tokens, seed=0, timeout_s=patience_of(model).reply_s)
        self._tokens = PromptTokens()

    def read(
        self, turns: Sequence[str], *, after: RequestNotUnderstood | None = None, is_latest: bool = True
    ) -> ModelReading:
        """What the texts say, the later ones correcting the earlier.

        Args:
            turns: the texts.
            after: the grammar's error about them. What it did read stands where the model says nothing; what the
                model takes otherwise is asked.
            is_latest: whether the error is about the last text. Else later ones may have corrected what was read: it
                stands where they do not touch it, and nothing is asked.

        Raises:
            RequestNotUnderstood: they are too long to be a request.
            ModelError: no usable reply came.
            BudgetExhausted: nothing may be sent.
        """
        text = "\n".join(turns)
        if len(text) > MOST_CHARS:
            raise RequestNotUnderstood(
                f"a request may have {MOST_CHARS:,} characters, but got {len(text):,}: say it in a few sentences"
            )
        fields, unclear = decode_form(self._ask(request_prompt(turns)))
        own, dropped = keep_literal(_by_our_names(Request(text=text, **fields)))
        if after is None:
            return ModelReading(own, dropped, _questions(own, dropped, unclear))
        if is_latest:
            request = _completed(own, after.read, after.fields)
            differences = tuple(_differences(own, after.read, after.fields))
        else:
            request, differences = _completed(own, _untouched(after.read, "\n".join(turns[1:])), ()), ()
        return ModelReading(
            request,
            dropped,
            _questions(request, dropped, (*unclear, *differences)),
            _runs(unread(after.fragments, request), text),
            _adds(own, after.read),
        )

    def _ask(self, prompt: Prompt) -> str:
        schema = form_schema()
        messages = tuple(cast(dict[str, Json], redact_json(message)) for message in prompt.messages)
        request = ExchangeRequest(
            self._model.spec, messages, dict(schema.ranges), self._sampling.to_json(), prompt.hashes
        )
        sent = self._send(request, schema)
        for _ in range(MOST_TURNS):
            if not isinstance(sent.error, CapabilityMissing):
                break
            sent = self._send(request, schema)
        if sent.verdict is not None or sent.text is None:
            raise ModelError(sent.why or "no usable reply", verdict=sent.verdict or "empty")
        return sent.text

    def _send(self, request: ExchangeRequest, schema: Schemas) -> Sent:
        sent = self._sender.send(request, schema, self._sampling, prompt_tokens=self._tokens.at_most(request))
        verdict = sent.verdict or ("used" if is_form(sent.text or "") else "unparsable")
        exchange = Exchange(
            request, sent.text, verdict, sent.latency_s, sent.usage, sent.dollars, sent.why, sent.revision
        )
        self._tokens.learn(exchange)
        self._log.add_exchange(None, exchange)
        return sent


def understand_with_model(
    text: str | Sequence[str],
    reader: ModelReader,
    options: PlanOptions | None = None,
    *,
    after: RequestNotUnderstood | None = None,
    is_latest: bool = True,
    is_shown: bool = False,
) -> Plan:
    """The study that a sentence in any language and its flags ask for, as `understand` makes it of English.

    Args:
        text: the sentence, or several, each correcting those before.
        reader: of the model that is asked.
        options: the flags.
        after: the grammar's error about it, and
        is_latest: whether it is about the last sentence, as in `ModelReader.read`.
        is_shown: whether somebody is asked, with the plan, before it starts: it tells which words were not read.

    Raises:
        RequestNotUnderstood: something has to be asked back; `fields` says what about. Or nobody is shown which
            words the grammar left over, and the model read nothing more.
        UserError: what is asked cannot be done; one sentence.
        ModelError: no usable reply came.
    """
    options = options or PlanOptions()
    reading = reader.read((text,) if isinstance(text, str) else text, after=after, is_latest=is_latest)
    request = with_flags(reading.request, options)
    open_fields = {name for name in Request.model_fields if getattr(options, name, None) is not None}
    questions = [entry for entry in reading.questions if entry.field not in open_fields]
    if questions:
        texts = list(dict.fromkeys(entry.text for entry in questions))
        more = f" · and {len(texts) - MOST_QUESTIONS} more" if len(texts) > MOST_QUESTIONS else ""
        raise RequestNotUnderstood(
            " · ".join(texts[:MOST_QUESTIONS]) + more, fields=tuple(entry.field for entry in questions)
        )
    if reading.unread:
        quoted = ", ".join(repr(redact(words)) for words in reading.unread)
        was_refused = after is not None and not after.read  # by a rule: such words are no paraphrase
        if not is_shown and (was_refused or not reading.adds):
            sentence = f"I do not understand {quoted}, nor does the model: say it in other words, or leave it out"
            raise RequestNotUnderstood(sentence, fragments=reading.unread)
        request = request.model_copy(update={"mended": (*request.mended, f"not read: {quoted}")})
    return plan_of(request, cwd=options.cwd)


def with_flags(request: Request, options: PlanOptions) -> Request:
    """The request with what flags say; a flag's number wins over the sentence's, and this is noted.

    Raises:
        RequestNotUnderstood: sentence and flag name different data or targets.
    """
    given = {name: value for name in PlanOptions.model_fields if (value := getattr(options, name)) is not None}
    given.pop("cwd")
    for name in ("data", "target"):
        either(name, getattr(request, name), given.get(name))
    overruled = tuple(name for name, value in given.items() if getattr(request, name) not in (None, value))
    return request.model_copy(update={**given, "overruled": overruled})


def _by_our_names(request: Request) -> Request:
    """The request with data, metric and parameters of an estimator named as here, where people call them otherwise."""
    changes: dict[str, Any] = {"data": _named(request.data, {name: entry.synonyms for name, entry in BUNDLED.items()})}
    if request.family in CARDS:
        card = CARDS[request.family]
        metrics = {name: (entry.title, *entry.synonyms) for name, entry in METRICS.items()}
        changes["metric"] = _named(request.metric, metrics)
        changes["ranges"] = tuple(
            asked.model_copy(update={"parameter": _named(asked.parameter, card.aliases)}) for asked in request.ranges
        )
    return request.model_copy(update=changes)


def _named(said: str | None, synonyms: Mapping[str, Sequence[str]]) -> str | None:
    """The name that a word is a synonym of, else the word."""
    plain = None if said is None else re.sub(r"[\s_-]+", " ", said.lower())
    known = (
        (name, re.sub(r"[\s_-]+", " ", word.lower())) for name, words in synonyms.items() for word in (name, *words)
    )
    return next((name for name, word in known if word == plain), said)


def _completed(request: Request, read: Mapping[str, Any], doubtful: Collection[str]) -> Request:
    """The request with what the grammar read and the model left out, but for what `_differences` asks about."""
    own = request.given()
    is_other = _is_other_subject(own, read)
    changes = {
        name: value
        for name, value in read.items()
        if name not in (*own, *doubtful) and not (is_other and name in _OF_THE_SUBJECT)
    }
    if "ranges" in read and not is_other:
        changes["ranges"] = merged_ranges(_named_alike(read["ranges"], request), request.ranges)
    return request.model_copy(update=changes)


_CAPS = frozenset(["dollars", "requests", "tokens"])
_TAKES_BACK = re.compile(
    r"(?<!\w)(?:no|not|never|don'?t|drop|remove|forget|without|leave|skip|ohne|kein\w*|nicht|weg|sans|pas|sin|quita)(?!\w)",
    re.IGNORECASE,
)
"""Words by which a later text may take back what an earlier one said."""


def _untouched(read: Mapping[str, Any], later: str) -> dict[str, Any]:
    """What was read of a text and later ones do not touch; where they take anything back, of the rest the caps."""
    words = folded_name(later)
    is_back = _TAKES_BACK.search(later) is not None
    kept = {name: value for name, value in read.items() if name in _CAPS or not is_back}
    limits = tuple(text for text in read.get("constraints", ()) if not _is_in(folded_name(text.split()[0]), words))
    ranges = tuple(asked for asked in read.get("ranges", ()) if not _is_in(folded_name(asked.parameter), words))
    return {**kept, "constraints": limits, "ranges": ranges}


def _is_in(name: str, words: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words) is not None


def _named_alike(ranges: Sequence[AskedRange], request: Request) -> tuple[AskedRange, ...]:
    """The ranges that say something of values, their parameters called as in the request."""
    called = {folded_name(asked.parameter): asked.parameter for asked in request.ranges}
    found = []
    for asked in ranges:
        names = map(folded_name, names_of(asked.parameter, request.family))
        parameter = next((called[name] for name in names if name in called), asked.parameter)
        found += [] if asked.is_bare else [asked.model_copy(update={"parameter": parameter})]
    return tuple(found)


def _differences(request: Request, read: Mapping[str, Any], doubtful: Collection[str]) -> Iterator[Question]:
    """About what the model takes otherwise than the grammar.

    Args:
        request: as the model reads it.
        read: as the grammar does.
        doubtful: fields that words left over are about: the model leaves them out with reason, or by mistake.
    """
    own = request.given()
    if _is_other_subject(own, read):
        name, value = _subject(read)
        yield Question(name, f"is {value} to be tuned, or {_subject(own)[1]}?")
    for name, value in read.items():
        if name == "constraints":
            missed = [text for text in value if _plain(text) not in map(_plain, request.constraints)]
            if missed:
                yield Question(name, f"do your words bound {', '.join(missed)}? The model does not take them so")
        elif name == "ranges":
            yield from _range_differences(request, value)
        elif name in SUBJECTS:
            continue
        elif name not in own and name in doubtful:
            yield Question(name, f"is the `{name}` to be {value}? The model does not take your words so")
        elif name in own and _plain(own[name]) != _plain(value):
            yield Question(name, f"the `{name}` can be {value} or {own[name]} by your words: which is it to be?")


def _range_differences(request: Request, ranges: Sequence[AskedRange]) -> Iterator[Question]:
    """About ranges that the grammar read whole, and the model otherwise: of others the words left over may be."""
    of_model = {asked.parameter: asked for asked in request.ranges}
    for asked in _named_alike(ranges, request):
        other = of_model.get(asked.parameter)
        is_whole = bool(asked.values) or None not in (asked.low, asked.high)
        if other is None or not is_whole:
            continue
        said = ((other.low, asked.low), (other.high, asked.high), (other.values or None, asked.values))
        if any(value is not None and value != known for value, known in said):
            either_one = f"{_spelt(asked)} or {_spelt(other)}"
            yield Question("ranges", f"{asked.parameter} can be {either_one} by your words: which is it to be?")


def _spelt(asked: AskedRange) -> str:
    if asked.values:
        return ", ".join(map(str, asked.values))
    return f"{'any' if asked.low is None else asked.low} to {'any' if asked.high is None else asked.high}"


def _runs(fragments: Sequence[str], text: str) -> tuple[str, ...]:
    """The fragments, those one that stand in the text with a few words between them, as people read them."""
    between = r"(?:\s+[^\s\d,.;:!?]+){0,3}\s+"
    runs: list[str] = []
    for words in fragments:
        shape = rf"{re.escape(runs[-1])}{between}{re.escape(words)}(?!\w)" if runs else r"(?!)"
        together = re.search(shape, text)
        runs[-1:] = [together[0]] if together else [*runs[-1:], words]
    return tuple(runs)


def _adds(own: Request, read: Mapping[str, Any]) -> bool:
    """Whether the model's reading holds what the grammar's does not, bar what is taken anyway."""
    ranges = _named_alike(read.get("ranges", ()), own)
    others = ((name, value) for name, value in own.given().items() if name != "ranges" and value != read.get(name))
    return any(asked not in ranges for asked in own.ranges) or any(is_asked(own, *entry) for entry in others)


def _is_other_subject(own: Mapping[str, Any], read: Mapping[str, Any]) -> bool:
    """Whether both name something to tune, and not the same."""
    (_, one), (_, other) = _subject(own), _subject(read)
    return None not in (one, other) and _plain(one) != _plain(other)


def _subject(given: Mapping[str, Any]) -> tuple[str, Any]:
    """(field, value) of what is tuned; the value is None where nothing is named."""
    name = next((name for name in SUBJECTS if name in given), SUBJECTS[0])
    return name, given.get(name)


def _plain(value: object) -> object:
    """A value whose spelling makes no difference."""
    if not isinstance(value, str):
        return value
    plain = re.sub(r"[\s_/@`\"'-]+|^\./", "", value.lower()).replace("<=", "<")
    return re.sub(r"(\.\d*?)0+(?!\d)", r"\1", plain).removesuffix(".")


def _questions(request: Request, dropped: Sequence[Dropped], unclear: Sequence[Question]) -> tuple[Question, ...]:
    """One question per field: the one there is, else about what the model invented, else about what is missing."""
    doubts = (doubt(entry.field, entry.value) for entry in dropped if entry.is_asked)
    found: dict[str, Question] = {}
    for question in (*unclear, *doubts, *missing(request)):
        found.setdefault(question.field, question)
    return tuple(found.values())
