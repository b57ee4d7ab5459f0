"""Which numbers of a model's reply the record holds; the others are marked."""

from __future__ import annotations

from dataclasses import asdict

from agenttune.agent.transcript import Transcript
from agenttune.errors import AgentTuneError
from agenttune.insight.provenance import marked_numbers
from agenttune.report.export import trial_json
from agenttune.tools.workspace import Workspace
from agenttune.types import Json


def marked(text: str, transcript: Transcript, workspace: Workspace) -> tuple[str, tuple[str, ...]]:
    """(the reply with a mark behind every number that no record holds, those numbers).

    What counts as the record: results of tools in this conversation, news of the study it was told, the person's own
    words, and the study that is spoken of.
    """
    marked_text, unsupported = marked_numbers(text, _told(transcript))
    if not unsupported:  # reading a study of thousands of trials takes a while
        return marked_text, ()
    return marked_numbers(text, [*_told(transcript), *_study(workspace)])


def _told(transcript: Transcript) -> list[Json]:
    record: list[Json] = []
    for entry in transcript.live:
        if entry.kind in ("user", "study", "compacted"):
            record.append(entry.content.get("text"))
        elif entry.kind == "tool" and not entry.content.get("is_error"):  # an error repeats what the model made up
            record += [entry.content.get("text"), entry.content.get("record")]
    return record


def _study(workspace: Workspace) -> list[Json]:
    """The study that is spoken of: what defines it, and its trials."""
    if workspace.study_id is None:
        return []
    try:
        row = workspace.row()
        view = workspace.view()
    except AgentTuneError:  # gone meanwhile
        return []
    spec = row.spec
    about: dict[str, Json] = {
        "space": view.space.to_json(),
        "goal": spec.goal.to_json(),
        "budget": dict(asdict(spec.budget)),
        "limits": dict(asdict(spec.limits)),
        "workers": spec.workers,
        "seed": spec.seed,
        "n_trials": row.n_trials,
        "active_s": row.active_s,
        "summary": dict(row.summary),
    }
    return [about, spec.request, *(trial_json(trial) for trial in view.trials)]
