"""The tool `show_trial`."""

from __future__ import annotations

from agenttune.insight.quoting import quote, spell_json, spell_number
from agenttune.report.export import trial_json
from agenttune.tools.workspace import ToolResult, Workspace
from agenttune.trial import SOURCE_WORDS

MOST_REPORTS = 12


def show_trial(workspace: Workspace, number: int, study: str | None = None) -> ToolResult:
    """Tell everything that is recorded of one trial: configuration, who proposed it and why, result, failure, notes.

    Args:
        number: of the trial.
        study: the study's name; left out, the one that is spoken of.
    """
    row = workspace.row(study)
    trial = workspace.store.trial(row.id, number)
    proposal = trial.proposal
    told = [
        f"trial {trial.number} of study {row.name}: {trial.state.value}",
        f"configuration: {spell_json(dict(trial.config))}",
        f"proposed by {trial.arm}: {quote(trial.reason, 400)}",
    ]
    if proposal.predicted_mean is not None:
        sd = "" if proposal.predicted_sd is None else f" (sd {spell_number(proposal.predicted_sd, 2)})"
        source = "" if proposal.prediction_source is None else f", {SOURCE_WORDS[proposal.prediction_source]}"
        told.append(f"predicted: {spell_number(proposal.predicted_mean)}{sd}{source}")
    if trial.outcome is not None:
        values = ", ".join(
            f"{quote(name, 40)} {spell_number(value, 6)}" for name, value in trial.outcome.values.items()
        )
        told.append(f"measured: {values} in {trial.outcome.elapsed_s:.1f} s")
    if trial.failure is not None:
        told.append(f"failed ({trial.failure.kind.value}): {quote(trial.failure.message, 400)}")
    reports = trial.reports[-MOST_REPORTS:]
    told += [
        f"step {report.step}: {spell_json(dict(report.metrics))} after {report.elapsed_s:.1f} s" for report in reports
    ]
    told += [f"note: {quote(note, 400)}" for note in trial.notes]
    return ToolResult("\n".join(told), trial_json(trial))
