"""Texts for language models, and answers to people: one file each (`*.md.jinja`), rendered by name; home of Jinja.

Not for: deciding what a model is told (insight/). The templates get finished, harmless text: whatever comes from
files, programs or people is quoted and capped before it gets here.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from agenttune.errors import InternalError
from agenttune.redaction import redact

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent
SUFFIX = ".md.jinja"
LONGEST_LINE, LONGEST_SCANNED = 400, 4_000
_FENCE = re.compile(r"<(?=/?data\b)", re.IGNORECASE)


def render(name: str, **values: object) -> str:
    """The text of the prompt `name` ("system"), without blanks at its ends.

    Args:
        name: of the file, without `.md.jinja`.
        **values: what the file names; see its text.

    Raises:
        InternalError: there is no such prompt, or it names something that is not in `values`.
    """
    from jinja2 import TemplateError

    try:
        return _environment().get_template(name + SUFFIX).render(**values).strip()
    except TemplateError as error:
        raise InternalError(f"the prompt {name!r} cannot be rendered: {type(error).__name__}: {error}") from error


@cache
def prompt_hash(name: str) -> str:
    """Sha256 of the text of the prompt's file.

    Raises:
        InternalError: there is no such prompt.
    """
    try:
        return hashlib.sha256((FOLDER / (name + SUFFIX)).read_bytes()).hexdigest()
    except OSError as error:
        raise InternalError(f"there is no prompt {name!r}: {error}") from error


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # these are no web pages
        auto_reload=False,
    )
    environment.filters["one_line"] = one_line
    return environment


def fenced(text: str) -> str:
    """Foreign text of several lines between the marks of data, which it cannot end."""
    return f"<data>\n{_FENCE.sub('(', text)}\n</data>"


def one_line(text: str) -> str:
    """A foreign sentence on one line, at most `LONGEST_LINE` characters of it, that cannot end its fence."""
    safe = redact(text[:LONGEST_SCANNED])[:LONGEST_LINE]
    visible = "".join(char if char.isprintable() else " " for char in safe)
    return _FENCE.sub("(", " ".join(visible.split())) + (" ..." if len(text) > LONGEST_LINE else "")
