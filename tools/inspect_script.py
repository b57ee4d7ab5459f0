"""The tool `inspect_script`."""

from __future__ import annotations

from agenttune.insight.quoting import quote, spell_json
from agenttune.inspection import inspect_script as inspect
from agenttune.inspection import propose_space
from agenttune.tools.toolbox import Weighed, weighed_reading
from agenttune.tools.workspace import ToolResult, Workspace

MOST_LINES = 40
"""Of constants, of numbers of a config file, of what is left alone."""


def inspect_script(workspace: Workspace, path: str) -> ToolResult:
    """Read a Python script of the workspace: its options, constants, config files and metrics, a space to tune it in.

    Nothing of it is run. To tune it, create_study takes a request such as "minimise val_loss of train.py, 20 trials".
    Where it prints no metric, or what is to be tuned is a constant, patch_script comes first.

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
        name = f"variable {option.variable}" if option.variable else option.flag or option.name
        told.append(f"- {quote(name)}: {option.kind}, {default}{choices}{about}")
    told += ["constants (set by patch_script):"] if script.constants else []
    for constant in script.constants[:MOST_LINES]:
        value = quote(constant.value) if isinstance(constant.value, str) else spell_json(constant.value)
        told.append(f"- {quote(constant.name)}: {constant.kind}, {value} (line {constant.line})")
    for config in script.configs:
        numbers = [f"{quote(name)} = {spell_json(value)}" for name, value in config.numbers.items()]
        told.append(f"config file {quote(config.name)} (line {config.line}): {', '.join(numbers[:MOST_LINES])}")
    told.append("metrics that it prints:")
    for metric in script.metrics:
        often = "in a loop" if metric.is_repeated else "once"
        told.append(f"- {quote(metric.name)} (line {metric.line}, {often})")
    if proposed.space is not None:
        told.append("a space to tune it in: " + " · ".join(proposed.space.describe()))
    if proposed.constants is not None:
        described = " · ".join(proposed.constants.describe()[:MOST_LINES])
        told.append(f"once patch_script has made constants settable, also: {described}")
    left_out = list(proposed.left_out.items())
    told += [f"left alone: {quote(name)}: {reason}" for name, reason in left_out[:MOST_LINES]]
    told += [f"left alone: {len(left_out) - MOST_LINES} more"] if len(left_out) > MOST_LINES else []
    told += [f"not known: {quote(sentence, 200)}" for sentence in script.unknowns]
    return ToolResult("\n".join(told), script.to_json())


def weigh(workspace: Workspace, path: str) -> Weighed:
    """Whether the file is hidden."""
    return weighed_reading(workspace, workspace.path(path))
