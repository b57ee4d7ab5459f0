"""`Toolbox`: the tools of one conversation: what a model is told of them, what a call would do, and the call itself.

Home of langchain-core's tools: the schema of a tool is read from its function and docstring. Not for: whether a call
is allowed (agent/approvals.py).
"""

from __future__ import annotations

import copy
import importlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from agenttune.errors import UserError
from agenttune.redaction import redact
from agenttune.space import nearest
from agenttune.tools import REGISTRY, Effect
from agenttune.tools.workspace import STANDING, ToolResult, Workspace
from agenttune.types import Json

if TYPE_CHECKING:
    from langchain_core.tools import StructuredTool

MOST_CHARS = 12_000
"""Of a result's text: about 4,000 tokens."""
MOST_NUMBER = 10**12
"""Largest whole number of an argument: beyond is a mistake, and a database's integers end at 63 bits."""
HERE = "workspace"
"""First parameter of every tool's function, which no model fills in."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a call would do, before it is done."""

    effect: Effect
    what: str
    """For the person who may have to allow it: exact command, diff, budget, one line each."""
    settled: Mapping[str, Any] = field(default_factory=dict)
    """Arguments that the call takes besides, so that what runs is what was shown."""


def weighed_reading(workspace: Workspace, path: Path) -> Weighed:
    """What reading a file of the workspace is: a hidden one may hold keys."""
    return Weighed("outside" if workspace.is_hidden(path) else "read", f"read {path}")


def weighed_writing(workspace: Workspace, path: Path, what: str) -> Weighed:
    """What writing a file of the workspace is: one that is there would be lost."""
    if workspace.is_hidden(path):
        return Weighed("outside", f"{what} to the hidden {path}")
    if path.name.lower() == STANDING.lower():
        return Weighed("outside", f"{what} to {path}, which every conversation here reads as your instructions")
    if path.exists():
        return Weighed("delete", f"{what} to {path}, which is there and is overwritten")
    return Weighed("write", f"{what} to {path}")


class Tool:
    """One tool, loaded on first use."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.module_name, self.effect = REGISTRY[name]

    @cached_property
    def _module(self) -> Any:
        return importlib.import_module(self.module_name)

    @cached_property
    def function(self) -> Callable[..., ToolResult]:
        """The function behind it: `function(workspace, **arguments)`."""
        function: Callable[..., ToolResult] = getattr(self._module, self.name)
        return function

    @property
    def arguments(self) -> type[BaseModel]:
        """Its arguments as a pydantic model."""
        return _arguments_of(self.name, self.function)

    def schema(self) -> dict[str, Json]:
        """The tool in the shape of OpenAI's chat completions."""
        content = copy.deepcopy(_schema_of(self.arguments))
        about = content.pop("description", "")
        content.pop("title", None)
        for entry in content.get("properties", {}).values():
            entry.pop("title", None)
        content["additionalProperties"] = False
        return {"type": "function", "function": {"name": self.name, "description": about, "parameters": content}}

    def checked(self, arguments: str | Mapping[str, Json]) -> dict[str, Any]:
        """Arguments as the function takes them.

        Raises:
            UserError: they are no JSON object, or one of them is unknown, missing or wrong.
        """
        content = _object(arguments)
        known = self.arguments.model_fields
        for name in content:
            if name not in known:
                near = nearest(name, list(known))
                hint = f"did you mean `{near}`?" if near else f"there are {', '.join(known) or 'none'}"
                raise UserError(f"{self.name} has no argument `{redact(name)[:80]}`; {hint}")
        try:
            model = self.arguments.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "the arguments"
            got = "" if first["type"] == "missing" else f", but got {redact(repr(first['input']))[:120]}"
            raise UserError(f"`{place}` of {self.name}: {first['msg'][:1].lower()}{first['msg'][1:]}{got}") from None
        found = {name: getattr(model, name) for name in known}
        for name, value in found.items():
            if isinstance(value, int) and abs(value) > MOST_NUMBER:
                raise UserError(f"`{name}` of {self.name} must be at most {MOST_NUMBER:,}, but got {value:.3g}")
        return found

    def weigh(self, workspace: Workspace, arguments: Mapping[str, Any]) -> Weighed:
        """What the call would do.

        Raises:
            UserError: it cannot be done.
        """
        weigh: Callable[..., Weighed] | None = getattr(self._module, "weigh", None)
        if weigh is not None:
            return weigh(workspace, **arguments)
        told = ", ".join(f"{name}={json.dumps(value, default=str)}" for name, value in arguments.items())
        return Weighed(self.effect, f"{self.name}({redact(told)[:400]})")

    def call(self, workspace: Workspace, arguments: Mapping[str, Any]) -> ToolResult:
        """Does it.

        Raises:
            UserError: it cannot be done.
        """
        result = self.function(workspace, **arguments)
        record = json.loads(_encodable(json.dumps(result.record, ensure_ascii=False)))
        return ToolResult(_bounded(redact(_encodable(result.text))), record)

    def as_langchain(self, workspace: Workspace) -> StructuredTool:
        """The tool for programs that hold langchain-core tools; nobody asks for approval there."""
        from langchain_core.tools import StructuredTool

        def run(**arguments: Any) -> str:
            return self.call(workspace, self.checked(arguments)).text

        about = str(self.arguments.model_json_schema().get("description", ""))
        return StructuredTool.from_function(run, name=self.name, description=about, args_schema=self.arguments)


class Toolbox:
    """The tools of a conversation by name."""

    def __init__(self, names: Iterable[str] | None = None) -> None:
        """
        Args:
            names: which; None is all.
        """
        self._tools = {name: Tool(name) for name in (REGISTRY if names is None else names)}

    def schemas(self) -> list[dict[str, Json]]:
        """All of them, as models are told."""
        return [tool.schema() for tool in self._tools.values()]

    def tool(self, name: str) -> Tool:
        """The tool of that name.

        Raises:
            UserError: there is none.
        """
        if name not in self._tools:
            near = nearest(name, list(self._tools))
            hint = f"did you mean {near}?" if near else f"there are {', '.join(self._tools)}"
            raise UserError(f"no tool is called {redact(name)[:80]!r}; {hint}")
        return self._tools[name]


@cache
def _arguments_of(name: str, function: Callable[..., ToolResult]) -> type[BaseModel]:
    from langchain_core.tools.base import create_schema_from_function

    schema = create_schema_from_function(name, function, filter_args=[HERE], parse_docstring=True)
    assert issubclass(schema, BaseModel)  # not one of pydantic's first version
    return schema


@cache
def _schema_of(arguments: type[BaseModel]) -> dict[str, Any]:
    return arguments.model_json_schema()


def _object(arguments: str | Mapping[str, Json]) -> dict[str, Any]:
    content: object = arguments
    if isinstance(arguments, str):
        try:
            content = json.loads(arguments or "{}")
        except (ValueError, RecursionError):
            content = arguments
    if not isinstance(content, Mapping):
        raise UserError(f"arguments are one JSON object, but got {redact(str(content))[:120]!r}")
    return dict(content)


def _encodable(text: str) -> str:
    """The text without halves of characters, which names of files may hold and nothing can store or send."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _bounded(text: str) -> str:
    if len(text) <= MOST_CHARS:
        return text
    half = MOST_CHARS // 2
    return f"{text[:half]}\n... ({len(text) - MOST_CHARS:,} characters are left out) ...\n{text[-half:]}"
