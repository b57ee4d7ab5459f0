"""Reading a person's training script: what can be set, and how it prints its metrics. Nothing of it is imported or run.

`inspect_script` finds, `propose_space` makes a typed space of what was found, `propose_patch` a diff that makes the
script settable and its metric readable. Files are untrusted text: their size is
bounded, and what cannot be told is said so.
"""

from __future__ import annotations

from agenttune.inspection.config_files import ConfigFile
from agenttune.inspection.constants import ScriptConstant
from agenttune.inspection.patching import Patch, propose_patch
from agenttune.inspection.printed import Metric
from agenttune.inspection.script import Option, Script, inspect_script
from agenttune.inspection.spaces import Proposed, propose_space, usual_parameter

__all__ = [
    "ConfigFile",
    "Metric",
    "Option",
    "Patch",
    "Proposed",
    "Script",
    "ScriptConstant",
    "inspect_script",
    "propose_patch",
    "propose_space",
    "usual_parameter",
]
