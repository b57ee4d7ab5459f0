"""The tool `inspect_script`."""

from __future__ import annotations

from agenttune.insight.quoting import quote, spell_json
from agenttune.inspection import inspect_script as inspect
from agenttune.inspection import propose_space
from agenttune.tools.toolbox import Weighed, weighed_reading
from agenttune.tools.workspace import ToolResult, Workspace


def inspect_script(workspace: Workspace, path: str) -> ToolResult:
    """Read a Python script of the workspace: its command-line options, which metrics it prints, a space to tune it in.

    Nothing of it is run. To tune it, create_study takes a request such as "minimise val_loss of train.py, 20 trials".

    Args:
        path: the script, relative to the workspace.
    """
    script = inspect(workspace.path(path))
    proposed = propose_space(script)
    told = ["options:"]
    for option in script.options:
        default = "no default" if option.default is None else f"default {spell_json(option.default)}"
        choices = f", one of {spell_json(list(option.choices))}" if option.choices else ""
        about = f", {quote(option.help)}" if option.help else ""
        told.append(f"- {quote(option.flag or option.name)}: {option.kind}, {default}{choices}{about}")
    told.append("metrics that it prints:")
    for metric in script.metrics:
        often = "in a loop" if metric.is_repeated else "once"
        told.append(f"- {quote(metric.name)} (line {metric.line}, {often})")
    if proposed.space is not None:
        told.append("a space to tune it in: " + " · ".join(proposed.space.describe()))
    told += [f"left alone: {quote(name)}: {reason}" for name, reason in proposed.left_out.items()]
    told += [f"not known: {quote(sentence, 200)}" for sentence in script.unknowns]
    return ToolResult("\n".join(told), script.to_json())


def weigh(workspace: Workspace, path: str) -> Weighed:
    """Whether the file is hidden."""
    return weighed_reading(workspace, workspace.path(path))
