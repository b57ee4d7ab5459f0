"""The sections of a study file as pydantic models, and its typing errors as sentences.

Not for: `[space]` (space/document.py) and `[objective]` (each objective), which check their own keys.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, JsonValue, ValidationError

from agenttune.errors import StudyFileError
from agenttune.goal import Direction
from agenttune.plan.words import LONG_DURATION, read_duration
from agenttune.space import nearest
from agenttune.units import SIZE_EXAMPLE, read_bytes


def _seconds(value: object) -> object:
    """Seconds as a number, or as in "5 min"."""
    if isinstance(value, str) and re.fullmatch(LONG_DURATION, value.strip(), re.IGNORECASE):
        return read_duration(value)
    return value


def _bytes(value: object) -> object:
    """Bytes as a number, or as in "2G"."""
    if not isinstance(value, str):
        return value
    n_bytes = read_bytes(value)
    if n_bytes is None:
        raise ValueError(f"an amount of memory, like {SIZE_EXAMPLE}")
    return n_bytes


def _direction(value: object) -> object:
    """Also in British spelling."""
    return {"maximise": "maximize", "minimise": "minimize"}.get(value, value) if isinstance(value, str) else value


Seconds = Annotated[float | None, BeforeValidator(_seconds)]
Bytes = Annotated[int | None, BeforeValidator(_bytes)]


class Section(BaseModel):
    """Whatever has a fixed set of keys."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class GoalSection(Section):
    """`[goal]`."""

    metric: str
    direction: Annotated[Direction | None, BeforeValidator(_direction)] = None
    """May be left out for the metrics of estimators, whose direction is known."""
    constraints: list[str] = []
    """Expressions over metrics, "latency_ms < 20"."""
    target: float | None = None
    """The study ends once the metric is at least this good."""


class BudgetSection(Section):
    """`[budget]`."""

    trials: int | None = None
    seconds: Seconds = None
    tokens: int | None = None
    dollars: float | None = None
    requests: int | None = None


class TrialSection(Section):
    """`[trial]`: limits of one attempt."""

    seconds: Seconds = None
    memory: Bytes = None
    attempts: int = 3


class StudyDocument(Section):
    """A study file."""

    name: str | None = None
    seed: int = 0
    workers: int = 1
    gpus: int = 0
    proposer: str = "auto"
    model: str | None = None
    """Spelling of the language model to ask."""
    history: Literal["digest", "chat"] = "digest"
    reuse_replies: bool = False
    """Whether replies that other studies of the store got to the same requests are used again."""
    scheduler: str = "fifo"
    executor: str = "process"
    constraints: list[str] = []
    """Expressions over the parameters of the space."""
    objective: dict[str, JsonValue]
    space: dict[str, JsonValue] | None = None
    """May be left out for estimators, which have a curated one."""
    goal: GoalSection
    budget: BudgetSection = BudgetSection()
    trial: TrialSection = TrialSection()
    default: dict[str, JsonValue] | None = None
    """The setting to start from and to compare with."""
    first: list[dict[str, JsonValue]] = []
    """Configurations to run first."""


SECTIONS: dict[str, type[Section]] = {"goal": GoalSection, "budget": BudgetSection, "trial": TrialSection}
_KINDS = {"a valid integer": "a whole number", "a valid number": "a number", "a valid string": "text in quotes"}


def read_document(path: Path) -> StudyDocument:
    """The file's sections, checked one by one.

    Raises:
        StudyFileError: no such file, no TOML, an unknown key, a missing or wrong value.
    """
    return checked(_read_toml(path))


def checked(content: dict[str, Any]) -> StudyDocument:
    """The sections of a file's content.

    Raises:
        StudyFileError: an unknown key, a missing or wrong value.
    """
    goal = content.get("goal")
    if isinstance(goal, list) or (isinstance(goal, dict) and isinstance(goal.get("metric"), list)):
        raise StudyFileError(
            "a second objective is not supported yet: name one metric in [goal], and bound others by "
            'constraints, as in constraints = ["latency_ms < 20"]'
        )
    try:
        document = StudyDocument.model_validate(content)
    except ValidationError as error:
        raise StudyFileError(sentence(error)) from None
    _check_counts(document)
    return document


def unknown_key(key: str, known: Iterable[str], *, where: str) -> str:
    """The sentence about a key that is not one of `known`."""
    names = list(known)
    near = nearest(key, names)
    hint = f"did you mean `{near}`?" if near else f"there are {', '.join(names)}"
    return f"unknown key `{key}`{where}; {hint}"


def sentence(error: ValidationError, *, section: str | None = None) -> str:
    """What pydantic found, in words: an unknown key before all else, as it explains a missing one.

    Args:
        error: of a section or of a whole document.
        section: the section it is about, where the error does not tell.
    """
    first = min(error.errors(), key=lambda entry: entry["type"] != "extra_forbidden")
    place = [str(part) for part in first["loc"]]
    place = [section, *place] if section else place
    key, where = place[-1], f" in [{place[0]}]" if len(place) > 1 else ""
    if first["type"] == "extra_forbidden":
        return _misplaced(key, place, where)
    if first["type"] == "missing":
        return f"`{key}`{where} is missing" if where else f"[{key}] is missing"
    message = str(first["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    return f"`{key}`{where} must be {_KINDS.get(message, message)}, but got {first['input']!r}"


def _misplaced(key: str, place: list[str], where: str) -> str:
    known = SECTIONS.get(place[0], StudyDocument).model_fields
    homes = [name for name, section in SECTIONS.items() if key in section.model_fields]
    if homes and nearest(key, known) is None:
        return f"unknown key `{key}`{where}; it belongs in [{homes[0]}]"
    return unknown_key(key, known, where=where)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        siblings = [entry.name for entry in path.parent.glob("*.toml")] if path.parent.is_dir() else []
        near = nearest(path.name, siblings)
        hint = f"did you mean {near!r}?" if near else "`agenttune init` writes one"
        raise StudyFileError(f"there is no such file; {hint}") from None
    except OSError as error:
        raise StudyFileError(f"it cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise StudyFileError("it is no UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        reason = str(error)
        raise StudyFileError(f"it is no valid TOML: {reason[:1].lower()}{reason[1:]}") from error


def _check_counts(document: StudyDocument) -> None:
    for name, value, least in (
        ("workers", document.workers, 1),
        ("gpus", document.gpus, 0),
        ("seed", document.seed, 0),
        ("attempts", document.trial.attempts, 1),
    ):
        if value < least:
            raise StudyFileError(f"`{name}` must be at least {least}, but got {value}")
    for name, limit in (("seconds", document.trial.seconds), ("memory", document.trial.memory)):
        if limit is not None and limit <= 0:
            raise StudyFileError(f"`{name}` in [trial] must be more than 0, but got {limit}")
