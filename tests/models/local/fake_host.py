"""A host's process with an engine of the tests' own: python fake_host.py ARGUMENTS OF THE HOST.

What it does stands in the `config.json` of its model's folder: {"fail": sentence} of loading; {"crash": true};
{"loads_when": file} and {"answers_when": file}, which it waits for, the latter also when it is cancelled if
{"stubborn": true}. Each start adds a line to `starts` in that folder.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agenttune.errors import ModelError
from agenttune.models import Message, NumberSaid, Reply, Sample, Sampling, Schemas, Score, ToolCall
from agenttune.models.local.host import main
from agenttune.types import Json

WORDS = ("Half ", "of ", "it ", "is ", "said.")


@dataclass(frozen=True)
class FakeInfo:
    """Of the fake engine."""

    name: str
    device: str

    def to_json(self) -> dict[str, Json]:
        """As JSON."""
        return {"name": self.name, "device": self.device, "memory_bytes": 1_500_000}


class FakeEngine:
    """Says its words one by one, or what the last message's "say" asks for."""

    def __init__(self, place: str, device: str, asked_to: Mapping[str, Any]) -> None:
        self.info = FakeInfo(Path(place).name, device)
        self._place = Path(place)
        self._asked_to = asked_to

    def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: Schemas | None = None,
        tools: Sequence[Mapping[str, Json]] = (),
        sampling: Sampling | None = None,
        on_text: Callable[[str], None],
        is_cancelled: Callable[[], bool],
    ) -> Reply:
        """A reply that uses every field."""
        asked = str(messages[-1]["content"])
        if asked == "fail":
            raise ModelError("the model would not", verdict="refused", usage={"prompt": 3, "completion": 0}, text="no")
        if asked == "decline":
            raise ModelError("the prompt is too long")
        if asked == "break":
            raise RuntimeError("torch\nbroke")
        if asked == "variables":
            text = json.dumps(dict(os.environ))
            return Reply(text)
        words = WORDS if schema is None else ('{"x": ', "0.5}")
        on_text(words[0])
        if "answers_when" in self._asked_to and asked != "at once":
            (self._place / "begun").touch()
            while not Path(self._asked_to["answers_when"]).exists():
                if is_cancelled() and "stubborn" not in self._asked_to:
                    (self._place / "cancelled").touch()
                    raise ModelError("cancelled")
                time.sleep(0.01)
        for word in words[1:]:
            on_text(word)
        return Reply(
            "".join(words),
            usage={"prompt": len(messages), "completion": len(words)},
            latency_s=0.1,
            revision="fake",
            tool_calls=tuple(ToolCall("1", str(tool["name"]), "{}") for tool in tools),
            rung="text" if schema is None else "ranges",
            numbers=() if schema is None else tuple(NumberSaid(name, 6, 0.5, 0.1, 0.9) for name in schema.measured),
            others=(Sample("1 is another", (NumberSaid("x", 0, 1.0, 0.0, 1.0),)),)
            if sampling is not None and sampling.n > 1
            else (),
        )

    def score(self, messages: Sequence[Message], candidates: Sequence[str]) -> list[Score]:
        """Longer is less probable."""
        return [Score(-float(len(candidate)), len(candidate)) for candidate in candidates]


def load(place: str, device: str, dtype: str, say: Callable[[str], None]) -> FakeEngine:
    """As `config.json` asks."""
    asked_to = json.loads((Path(place) / "config.json").read_text())
    with (Path(place) / "starts").open("a") as stream:
        stream.write(f"{os.getpid()}\n")
    say("weights: half of them")
    if "loads_when" in asked_to:
        while not Path(asked_to["loads_when"]).exists():
            time.sleep(0.01)
    if "fail" in asked_to:
        raise ModelError(asked_to["fail"], verdict="unsupported")
    if "crash" in asked_to:
        raise MemoryError("no room")
    return FakeEngine(place, device, asked_to)


if __name__ == "__main__":
    sys.exit(main(load_place=load))
