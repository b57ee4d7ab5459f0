"""Studies: ask / report / tell / run, the loop and its controls.

`Study` and `tune` are the Python interface; `status` and `follow` look at a study from outside.
"""

from __future__ import annotations

from agenttune.study.result import Result, trials_frame
from agenttune.study.status import follow, has_live_driver, status
from agenttune.study.study import Study
from agenttune.study.tuning import tune

__all__ = ["Result", "Study", "follow", "has_live_driver", "status", "trials_frame", "tune"]
