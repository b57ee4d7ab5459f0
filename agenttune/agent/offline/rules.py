"""The rules by name: what the slots of a phrase become, one table out of those of the other modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from agenttune.agent.offline import bounding, changing, granting, looking
from agenttune.agent.offline.known import Known
from agenttune.agent.offline.understood import Call

Rule: TypeAlias = Callable[[Known, Mapping[str, str]], Call]
"""(study, text of each slot) -> a call; raises `RequestNotUnderstood` where it has to ask back."""

RULES: dict[str, Rule] = {**looking.RULES, **changing.RULES, **bounding.RULES, **granting.RULES}
"""For sentences about a study."""

FREE_RULES: dict[str, Callable[[Mapping[str, str]], Call]] = looking.FREE_RULES
"""For sentences that need none."""

QUESTIONS = {
    "ask_stop": 'shall the running trials end first ("stop after the running trials") or not ("kill it")?',
    "ask_more": 'more than now, or in all? Say "10 more trials" or "100 trials in all"',
    "ask_count": 'how many trials? Say a number, as in "ten more trials"',
    "ask_delete": 'nothing is deleted from the record, neither studies nor trials: "stop" ends a study',
    "ask_rerun": '`agenttune rerun N` in a terminal runs trial N again, outside the study; "confirm the winner" '
    "repeats the best in it, with other seeds",
    "ask_plot": 'into which file? Say "plot it to study.png"',
    "ask_export": 'what, and into which file? Say "export the best as flags to best.txt" or "export to study.csv"',
    "ask_freeze": 'at which value shall it stay? Say "fix momentum at 0.9", or "remove the parameter momentum"',
    "ask_thaw": 'only the latest edit can be taken back: "undo"; or give it a range, "lr between 1e-4 and 1e-1"',
    "ask_time": 'a number without its unit could be seconds or minutes: say "stop anything slower than 30 s"',
}
"""Rules that know what is meant, but not exactly: what they ask."""
