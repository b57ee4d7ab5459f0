"""How well a reader understands the labelled requests: field by field, and whole.

A reader may be right, ask, miss what was said, or be wrong silently: a field wrong or invented, and no question
about it. Only the last costs a user a study that is not theirs. Not for: reading (grammar.py, model_reader.py).
"""

from __future__ import annotations

import datetime
import math
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from agenttune.cards.metrics import METRICS
from agenttune.errors import ModelError, RequestNotUnderstood, UserError
from agenttune.plan.cases import Case, write_files
from agenttune.plan.conversation import read_turns
from agenttune.plan.model_reader import ModelReader
from agenttune.plan.planning import plan_of
from agenttune.plan.request import AskedRange, PlanOptions, Request

Verdict = Literal["correct", "asked", "missed", "wrong"]
VERDICTS: tuple[Verdict, ...] = ("correct", "asked", "missed", "wrong")

NOW = datetime.datetime(2026, 1, 1).timestamp()
"""When the requests were written: their deadlines are to come."""
QUESTION = "(question)"
"""Stands for a field where something had to be asked."""
SOMEWHERE = "?"
"""Stands among asked fields for a question that does not tell which field it is about."""
UNTRIED = frozenset(["unreachable", "unauthorised", "no-quota", "rate-limited"])
"""Verdicts of a model that was not asked, and would answer no other request now either."""
NOT_SCORED = frozenset(["text", "overruled", "mended", "proposer", "scheduler"])
SUBJECT = frozenset(["family", "script", "command", "function"])
"""Fields of which one says what is tuned: a question about one is a question about all."""

_ABOUT = (
    (r"which estimator|families are|family of estimators", "family"),
    (r"which data|data are|data set|data file|no file|cannot be read|cannot find|does not exist", "data"),
    (r"which column|no column|\btarget\b", "target"),
    (r"number of trials|`trials`", "trials"),
    (r"values for the time\b|`seconds`", "seconds"),
    (r"time per trial|`trial_seconds`|one trial may take", "trial_seconds"),
    (r"memory", "trial_memory"),
    (r"`(workers|gpus|seed|folds)`", ""),
    (r"number of folds", "folds"),
    (r"part held out", "held_out"),
    (r"better the (?:larger|smaller) it is|for the direction", "direction"),
    (r"improves one metric|measures (?:classification|regression)|metric", "metric"),
    (r"both classification and regression|measures (?:classification|regression)|cannot predict", "task"),
    (r"has no parameter|cannot have that range|so there is nothing to tune", "ranges"),
)
"""(what a sentence of the grammar or the checker holds, the field it is about; empty: the one it quotes)."""
_QUOTED = re.compile(r"'[^']*'")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of a request."""

    fields: Mapping[str, object]
    """Field of `Request` -> value, of those that it takes for said."""
    asked: frozenset[str] = frozenset()
    """Fields that it asks back about."""
    is_open: bool = False
    """Whether it stopped at its question: a field it does not give is open then, not missed."""
    said: str = ""
    """Its questions, or why there is no reading."""


Reader = Callable[[Sequence[str], Path], Reading]
"""(turns, folder that holds the files) -> reading."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What a reading of one case is worth."""

    case: Case
    reading: Reading
    verdicts: tuple[tuple[str, Verdict], ...]
    """(field, or `QUESTION`; verdict), one per field expected, question needed and field invented."""
    n_needless: int
    """Questions that were not needed."""

    @property
    def is_whole(self) -> bool:
        """Whether everything is right: all fields, and questions exactly where they are needed."""
        return self.n_needless == 0 and all(verdict == "correct" for verdict in self._judged())

    @property
    def is_wrong(self) -> bool:
        """Whether something is wrong without a question about it."""
        return any(verdict == "wrong" for _, verdict in self.verdicts)

    @property
    def has_asked(self) -> bool:
        """Whether any question came back."""
        return bool(self.reading.asked)

    def _judged(self) -> Iterator[Verdict]:
        """Verdicts on the whole: behind a question that was needed, fields may stay open."""
        is_due = (QUESTION, "correct") in self.verdicts
        for name, verdict in self.verdicts:
            yield "correct" if is_due and verdict == "asked" and name != QUESTION else verdict


@dataclass(slots=True)
class Tally:
    """Counts over several cases."""

    n: int = 0
    n_whole: int = 0
    n_wrong: int = 0
    """Cases with something wrong silently."""
    n_asked: int = 0
    """Cases that are not whole, not wrong, and where a question came back."""
    fields: dict[str, Counter[str]] = field(default_factory=dict)
    """Field -> verdict -> count."""

    @property
    def n_missed(self) -> int:
        """Cases where something said was left out, without a question or an error."""
        return self.n - self.n_whole - self.n_wrong - self.n_asked

    def add(self, scored: Scored) -> None:
        """Takes in one case."""
        self.n += 1
        self.n_whole += scored.is_whole
        self.n_wrong += scored.is_wrong
        self.n_asked += not scored.is_whole and not scored.is_wrong and scored.has_asked
        for name, verdict in scored.verdicts:
            self.fields.setdefault(name, Counter())[verdict] += 1

    def counts(self) -> dict[Verdict, int]:
        """Verdict -> fields of all cases together."""
        return {verdict: sum(counter[verdict] for counter in self.fields.values()) for verdict in VERDICTS}


def tally(scored: Iterable[Scored]) -> Tally:
    """The counts of those cases."""
    counted = Tally()
    for entry in scored:
        counted.add(entry)
    return counted


def score(case: Case, reading: Reading) -> Scored:
    """Compares a reading with what the case expects."""
    given = {name: value for name, value in reading.fields.items() if name not in NOT_SCORED and _is_said(value)}
    verdicts: list[tuple[str, Verdict]] = []
    for name, expected in case.expects.items():
        verdicts.append((name, _verdict(name, expected, given, reading)))
    needed = [frozenset(entry.split("|")) for entry in case.asks]
    for fields in needed:
        verdicts.append((QUESTION, _verdict_on_question(fields, given, reading)))
    open_fields = frozenset[str]().union(*needed) | reading.asked
    for name, value in given.items():
        if name not in case.expects and name not in open_fields and not _is_allowed(case, name, value, given):
            verdicts.append((name, "wrong"))
    wanted = _widened(frozenset[str]().union(*needed))
    return Scored(case, reading, tuple(verdicts), sum(not _widened({name}) & wanted for name in reading.asked))


def run_case(case: Case, reader: Reader) -> Scored:
    """Has a reader read a case, in a folder that holds its files."""
    with tempfile.TemporaryDirectory(prefix="agenttune-request-") as folder:
        write_files(case, Path(folder))
        return score(case, reader(case.turns, Path(folder)))


def read_by_grammar(turns: Sequence[str], folder: Path) -> Reading:
    """What the offline grammar and the checker make of a request; a sentence of theirs counts as a question."""
    try:
        request = read_turns(turns, PlanOptions(cwd=str(folder)))
    except UserError as error:
        return Reading({}, asked_by(error), is_open=True, said=str(error))
    return checked(request, folder)


def reader_of(model: ModelReader) -> Reader:
    """A model as a reader; where it gives no usable reply, everything has to be asked.

    The reader raises what says that the model cannot be asked at all: ModelError, BudgetExhausted.
    """

    def read_by_model(turns: Sequence[str], folder: Path) -> Reading:
        try:
            reading = model.read(turns)
        except ModelError as error:
            if error.verdict in UNTRIED:
                raise
            return Reading({}, frozenset([SOMEWHERE]), is_open=True, said=f"{error.verdict}: {error}")
        if reading.questions or reading.request.family is None:
            questions = " · ".join(entry.text for entry in reading.questions)
            return Reading(
                said_fields(reading.request), frozenset(entry.field for entry in reading.questions), said=questions
            )
        return checked(reading.request, folder)

    return read_by_model


def checked(request: Request, folder: Path) -> Reading:
    """A request as a reading, with the checker's sentence about it if it has one."""
    fields = said_fields(request)
    try:
        plan_of(request, cwd=folder, now=NOW)
    except UserError as error:
        return Reading(fields, asked_by(error), said=str(error))
    return Reading(fields)


def said_fields(request: Request) -> dict[str, object]:
    """The fields of a request that hold something."""
    return {name: value for name in Request.model_fields if _is_said(value := getattr(request, name))}


def asked_by(error: UserError) -> frozenset[str]:
    """The fields that a sentence of the grammar or the checker asks about."""
    if isinstance(error, RequestNotUnderstood) and error.fields:
        return frozenset(error.fields)
    sentence = _QUOTED.sub("", str(error).partition("; I do understand")[0])
    matches = ((re.search(pattern, sentence), name) for pattern, name in _ABOUT)
    found = {name or match[1] for match, name in matches if match}
    return frozenset(found or {SOMEWHERE})


# -- comparing -------------------------------------------------------------------------------------


def _verdict(name: str, expected: object, given: Mapping[str, object], reading: Reading) -> Verdict:
    if name in given and _agrees(name, expected, given[name]):
        return "correct"
    if name in reading.asked or (name not in given and reading.is_open):
        return "asked"
    return "wrong" if name in given else "missed"


def _verdict_on_question(fields: frozenset[str], given: Mapping[str, object], reading: Reading) -> Verdict:
    """Of a question about one of `fields` that was needed: where another came instead, nothing starts at least."""
    if _widened(fields) & _widened(reading.asked):
        return "correct"
    if reading.asked:
        return "asked"
    return "wrong" if any(name in given for name in fields) else "missed"


def _widened(fields: Iterable[str]) -> frozenset[str]:
    found = frozenset(fields)
    return found | SUBJECT if found & SUBJECT else found


def _is_said(value: object) -> bool:
    return value is not None and value != () and value != []


def _is_allowed(case: Case, name: str, value: object, given: Mapping[str, object]) -> bool:
    """Whether the words imply it; a metric implies the direction in which it is better."""
    if name in case.allows:
        return _agrees(name, case.allows[name], value)
    metric = METRICS.get(str(given.get("metric")))
    return name == "direction" and metric is not None and metric.direction == value


def _agrees(name: str, expected: object, value: object) -> bool:
    if name == "ranges":
        return _same_ranges(expected, value)
    if name == "constraints":
        return _pair_up(expected, value, lambda wanted, got: _any_spelling(wanted, got, _plain_condition))
    if name == "command":
        return _any_spelling(expected, value, lambda text: " ".join(text.replace("`", " ").split()))
    if name in ("data", "script", "function"):
        return _any_spelling(expected, value, lambda text: text.removeprefix("./"))
    return _any_spelling(expected, value, _plain)


def _any_spelling(expected: object, value: object, plain: Callable[[str], str]) -> bool:
    """Whether the value is the expected one, or one of its spellings."""
    if isinstance(expected, list):
        return any(_any_spelling(entry, value, plain) for entry in expected)
    if _is_number(expected) and _is_number(value):
        return math.isclose(float(str(expected)), float(str(value)), rel_tol=1e-9, abs_tol=1e-12)
    return plain(str(expected)) == plain(str(value))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", "_", text.strip().lower())


def _plain_condition(text: str) -> str:
    """ "latency_ms <= 20.0" as "latency_ms<20", "error < 1e-6" as "error<1e-06"."""
    tight = re.sub(r"\s+", "", text.lower()).replace("<=", "<").replace(">=", ">")
    return re.sub(r"(?<![\w.])\d+(?:\.\d+)?(?:e[-+]?\d+)?", lambda number: f"{float(number[0]):g}", tight)


def _same_ranges(expected: object, value: object) -> bool:
    got = [entry.model_dump() if isinstance(entry, AskedRange) else entry for entry in _listed(value)]
    return _pair_up(expected, got, _same_range)


def _same_range(expected: object, value: object) -> bool:
    assert isinstance(expected, Mapping) and isinstance(value, Mapping)
    if not _any_spelling(expected["parameter"], value.get("parameter"), _plain):
        return False
    if "log" in expected and value.get("log") != expected["log"]:
        return False
    bounds_agree = all(
        (expected.get(side) is None) == (value.get(side) is None)
        and (expected.get(side) is None or _any_spelling(expected[side], value[side], _plain))
        for side in ("low", "high")
    )
    return bounds_agree and _pair_up(
        expected.get("values", []), value.get("values", ()), lambda wanted, got: _any_spelling(wanted, got, _plain)
    )


def _pair_up(expected: object, value: object, agrees: Callable[[object, object], bool]) -> bool:
    """Whether each expected entry has one that agrees, and no other is left."""
    left = list(_listed(value))
    for wanted in _listed(expected):
        found = next((at for at, got in enumerate(left) if agrees(wanted, got)), None)
        if found is None:
            return False
        del left[found]
    return not left


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else (value,)
