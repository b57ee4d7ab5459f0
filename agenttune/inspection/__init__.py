"""Reading a person's training script: its options, and how it prints its metrics. Nothing of it is imported or run.

`inspect_script` finds, `propose_space` makes a typed space of what was found. Files are untrusted text: their size is
bounded, and what cannot be told is said so.
"""

from __future__ import annotations

from agenttune.inspection.script import Metric, Option, Script, inspect_script
from agenttune.inspection.spaces import Proposed, propose_space, usual_parameter

__all__ = ["Metric", "Option", "Proposed", "Script", "inspect_script", "propose_space", "usual_parameter"]
