"""The offline assistant: a conversation without a language model.

`read` makes calls of tools of a sentence, by tables of phrases (phrases.py and one TOML file per language) and rules
(rules.py). Every word is accounted for: what is not understood, or could mean two things, is asked back, and then
nothing is done at all. Not for: running the calls, whether they are allowed, or wording what they answer.
"""

from __future__ import annotations

from agenttune.agent.offline.creating import read_in
from agenttune.agent.offline.reading import read
from agenttune.agent.offline.understood import Call, Understood

__all__ = ["Call", "Understood", "read", "read_in"]
