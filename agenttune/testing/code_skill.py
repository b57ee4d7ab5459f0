"""A model of known skill for code: it knows some patches, offers their ideas, and writes each on demand.

So that "useful patches are found and stacked, bad ones do no harm" is measured, not hoped. It answers from the request
alone, as a server would. A `CodeSkill` is a responder::

    with ModelServer(CodeSkill(PATCHES)) as server:
        ...
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agenttune.testing.answers import ChatRequest, Response, completion

_CODE = re.compile(r"^# v\d+, the variant to change\n<data>\n(.*?)\n</data>", re.MULTILINE | re.DOTALL)
_OWN = re.compile(r"This is v0, the user's own code\.\n<data>\n(.*?)\n</data>", re.DOTALL)
_WANTED = "# What is wanted"


@dataclass(frozen=True, slots=True)
class CodePatch:
    """One thing the model knows."""

    idea: str
    """As it is offered; no other patch's idea is part of it."""
    change: Callable[[str], str]
    """Source of the target -> source with the patch in it."""


@dataclass(frozen=True, slots=True)
class CodeSkill:
    """What the model knows, in the order in which it offers it."""

    patches: Sequence[CodePatch]

    def __call__(self, request: ChatRequest) -> Response:
        """The response to a request of OpenAI's chat completions."""
        return completion(self.answer(request))

    def answer(self, request: ChatRequest) -> str:
        """The content of a reply."""
        messages = [str(message.get("content", "")) for message in request.get("messages", [])]
        asked = messages[1] if len(messages) > 1 else messages[-1]
        wanted = asked.rpartition(_WANTED)[2]
        source = source_in(asked)
        if '"directions"' in wanted:
            fresh = [patch for patch in self.patches if patch.change(source) != source and not _is_known(patch, asked)]
            return json.dumps({"directions": [patch.idea for patch in fresh]})
        known = [patch for patch in self.patches if patch.idea in wanted]
        block = known[0].change(source) if known else source
        return f"```python\n{block}\n```"


def _is_known(patch: CodePatch, prompt: str) -> bool:
    """Whether the prompt says that the idea failed or was refused, or waits to be written."""
    lines = [line for line in prompt.splitlines() if patch.idea in line]
    return any("failed" in line or line.startswith("for v") or f': "{patch.idea}"' in line for line in lines)


def source_in(prompt: str) -> str:
    """The code that a prompt shows as what is to be changed; "" where it shows none."""
    found = _CODE.search(prompt) or _OWN.search(prompt)
    return found.group(1) if found else ""
