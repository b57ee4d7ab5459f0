"""Tools the agent may call: one file each, whose docstring is what the model reads; installs as `agenttune.tools`.

A tool is one function `name(workspace, ...)` with typed arguments that returns a `ToolResult`; one that asks for
approval shows what it would do by a function `weigh` with the same arguments. To add one: its file, its line here.
"""

from __future__ import annotations

from typing import Literal

Effect = Literal["read", "note", "steer", "start", "write", "spend", "run", "outside", "delete", "code"]
"""What a call does at most, which decides whether a person is asked. "read": nothing; "note": writes to the record
only; "steer": changes a study that runs, within its budget; "start": has trials run within a budget that is shown;
"write": files in the workspace; "spend": more trials, time, money than was granted; "run": a command that the person
did not type; "outside": files outside the workspace,
and hidden ones; "delete": a file that is there is overwritten; "code": code that a model wrote."""

REGISTRY: dict[str, tuple[str, Effect]] = {
    "list_files": ("agenttune.tools.list_files", "read"),
    "read_file": ("agenttune.tools.read_file", "read"),
    "profile_data": ("agenttune.tools.profile_data", "read"),
    "inspect_script": ("agenttune.tools.inspect_script", "read"),
    "list_studies": ("agenttune.tools.list_studies", "read"),
    "open_study": ("agenttune.tools.open_study", "read"),
    "show_study": ("agenttune.tools.show_study", "read"),
    "show_trials": ("agenttune.tools.show_trials", "read"),
    "show_trial": ("agenttune.tools.show_trial", "read"),
    "explain_trial": ("agenttune.tools.explain_trial", "read"),
    "compare_trials": ("agenttune.tools.compare_trials", "read"),
    "failures": ("agenttune.tools.failures", "read"),
    "lessons": ("agenttune.tools.lessons", "read"),
    "next_ideas": ("agenttune.tools.next_ideas", "read"),
    "outlook": ("agenttune.tools.outlook", "read"),
    "predict": ("agenttune.tools.predict", "read"),
    "read_log": ("agenttune.tools.read_log", "read"),
    "create_study": ("agenttune.tools.create_study", "start"),
    "pause_study": ("agenttune.tools.pause_study", "steer"),
    "resume_study": ("agenttune.tools.resume_study", "start"),
    "stop_study": ("agenttune.tools.stop_study", "steer"),
    "propose": ("agenttune.tools.propose", "steer"),
    "edit_study": ("agenttune.tools.edit_study", "spend"),
    "undo_edit": ("agenttune.tools.undo_edit", "spend"),
    "add_note": ("agenttune.tools.add_note", "note"),
    "plot_study": ("agenttune.tools.plot_study", "write"),
    "export_study": ("agenttune.tools.export_study", "write"),
    "patch_script": ("agenttune.tools.patch_script", "delete"),
    "tune_code": ("agenttune.tools.tune_code", "code"),
    "confirm_winner": ("agenttune.tools.confirm_winner", "spend"),
}
"""Name -> (module, what it does at most unless its `weigh` knows better)."""
