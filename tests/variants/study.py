"""A study over a tiny function, and a model that writes known code for it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agenttune.exchange import Prompt
from agenttune.models import Message, Reply, Sampling, Schemas
from agenttune.testing.scripted import ScriptedModel
from agenttune.variant import CodeEntry, Direction, Variant, name_of
from agenttune.variants.checking import Checked, check
from agenttune.variants.first import first_variant
from agenttune.variants.reading import read_block
from agenttune.variants.target import find_target
from agenttune.variants.tree import Step

SOURCE = '''"""A model file."""

SCALE = 2.0


def predict(x):
    """The user's own."""
    PARAMS = {"lr": 0.01}
    RANGES = {"lr": [1e-4, 1e-1, "log"]}
    return x * PARAMS["lr"]


def other():
    return SCALE
'''
"""The user's file; `predict` is the target."""
TARGET = "predict"


def block(body: str, *, name: str = "predict", arguments: str = "x") -> str:
    """A reply with one block."""
    return f"```python\ndef {name}({arguments}):\n    {body}\n```"


def directions(*ideas: str, **lessons: str) -> str:
    """A reply with directions."""
    return json.dumps({"directions": list(ideas), "lessons": lessons})


def v0(*, numbers: bool = True) -> Variant:
    """The user's own code."""
    made = first_variant(find_target(SOURCE, TARGET))
    return made if numbers else replace(made, parameters={}, defaults={})


@dataclass
class TinyChecker:
    """The real check of a block; fingerprints by a word in the code."""

    fingerprints: dict[str, str] = field(default_factory=dict)
    """Word -> hash."""

    def check(self, text: str) -> Checked:
        """As `variants.checking.check`."""
        return check(SOURCE, find_target(SOURCE, TARGET), text)

    def fingerprint(self, text: str) -> str | None:
        """The hash of the first word that the file has."""
        return next((value for word, value in self.fingerprints.items() if word in text), None)

    def own_fingerprint(self) -> str | None:
        """That of the user's file."""
        return self.fingerprint(SOURCE)


class PlainWriter:
    """Prompts that say what is asked, and how many entries were known."""

    def directions(self, entries: Sequence[CodeEntry], step: Step, *, k: int) -> Prompt:
        """For ideas."""
        return _prompt(f"directions {step.action} {name_of(step.parent)} of {len(entries)}")

    def block(self, entries: Sequence[CodeEntry], step: Step, direction: Direction) -> Prompt:
        """For code."""
        return _prompt(f"block {direction.idea} of {len(entries)}")

    def debug(self, entries: Sequence[CodeEntry], step: Step) -> Prompt:
        """For a mend."""
        return _prompt(f"debug {name_of(step.parent)} of {len(entries)}")

    def mending(self, step: Step) -> str:
        """The idea of it."""
        return f"mends {name_of(step.parent)}"


class Writing(ScriptedModel):
    """Answers by what is asked: directions, a block for an idea, a repair. The same request gets the same reply."""

    def __init__(self, write: Callable[[str], str], *, ideas: Callable[[str], Sequence[str]] | None = None) -> None:
        """
        Args:
            write: the reply to the last message of a request for code.
            ideas: those for the last message of a request for directions.
        """
        super().__init__()
        self._write = write
        self._ideas = ideas or (lambda text: ())

    def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: Schemas | None = None,
        tools: Sequence[Any] = (),
        sampling: Sampling | None = None,
    ) -> Reply:
        """The reply, and a record of the request."""
        super().complete(messages, schema=schema, sampling=sampling)
        text = str(messages[-1]["content"])
        if re.match("directions", text) or '{"directions"' in text:
            return Reply(directions(*self._ideas(text)))
        return Reply(self._write(text))


def _prompt(text: str) -> Prompt:
    return Prompt(({"role": "user", "content": text},), {"code_block.md.jinja": "abc"})


def code_of(reply: str) -> str:
    """The block of a reply."""
    return read_block(reply)
