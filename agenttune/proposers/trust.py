"""How far the record of a model's runs makes it trusted: the slack of the gate's rule (METHODS, section 5).

The slack is what the surrogate's log expected improvement may lie above that of the model's candidate before the
surrogate's own point runs instead. It is recomputed from the trials at each ask, so nothing is remembered.
"""

from __future__ import annotations

from agenttune.history import StudyView
from agenttune.trial import MODEL, Trial, TrialState

START = 1.0
GAIN = 2.0
"""Nats earned by a run that improved the incumbent."""
LOSS = -1.0
"""Nats lost by one that did not."""
DECAY = 0.9
"""What is left of the slack at each run: an old success does not count for ever."""
MOST = 8.0


def slack(view: StudyView) -> float:
    """The model's slack in nats, 0 to 8."""
    earned, best = START, None
    for trial in view.finished:
        value = _value(view, trial)
        improved = value is not None and (best is None or value > best)
        if trial.arm == MODEL and trial.replicate_of is None:
            earned = min(max(DECAY * earned + (GAIN if improved else LOSS), 0.0), MOST)
        if improved:
            best = value
    return earned


def _value(view: StudyView, trial: Trial) -> float | None:
    """Larger is better; None where the trial gave nothing that counts."""
    if trial.state is not TrialState.COMPLETE or trial.replicate_of is not None or not view.is_feasible(trial):
        return None
    value = trial.value(view.goal.metric)
    return None if value is None else view.goal.sign * value
