"""What the interface asks of the rest: studies controlled, records looked up. What was said is the agent's.

Every method blocks and is called in a thread of its own, never on the event loop; each opens the
store for itself. Heavy packages are loaded here, after the first paint.
"""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from agenttune.errors import StoreError, UserError
from agenttune.tui.messages import Fact, ImportanceShares, StudyLine, TrialDetail
from agenttune.tui.phase import phase_of
from agenttune.tui.snapshot import only_failures
from agenttune.tui.text import log_lines
from agenttune.types import Json
from agenttune.variant import CODE, PARAMETER, Variant, name_of

if TYPE_CHECKING:
    from agenttune.history import StudyView
    from agenttune.insight.answers.why import WhyTrial
    from agenttune.insight.trust import Trust
    from agenttune.session import SessionRow
    from agenttune.spec import StudyRow
    from agenttune.store import Store
    from agenttune.study.code import Winner
    from agenttune.surrogate import Surrogate
    from agenttune.trial import Trial

LOG_NAME = "log.txt"
LOG_BYTES = 64_000
"""As much of a log as a person scrolls through; the path of the whole is shown."""
LOG_LINES = 400
DOCTOR_CELLS, UNUSABLE = 14, "<- cannot be used"
"""As `agenttune doctor` writes a line: its label, and its end where something is wrong."""
EXIT_UNUSABLE = 2
"""Its exit code then."""
LISTED = 20
"""Studies in a list; the command line has them all."""
IMPORTANCE_METHOD = "PED-ANOVA"
"""What agenttune.insight.importance does: how far a parameter's value separates the best trials from the rest."""
MOST_CELLS, LEAST_SAMPLE = 12_000, 100
"""Trials times parameters that importance rests on, and trials at least, evenly spread over the ranks: PED-ANOVA takes
6 s for 5,000 trials of 40 parameters, and the interface shares the interpreter."""
LONGEST_READ = 2000
"""Trials up to which a study is read for the best value in a list."""


class Engine:
    """Works on one store file."""

    def __init__(self, store_path: Path) -> None:
        self.store_path = store_path

    def warm_up(self) -> None:
        """Loads what the first sentence needs."""
        from agenttune.agent import Agent
        from agenttune.plan import EXAMPLE, understand

        understand(EXAMPLE)
        _ = Agent

    def standing(self) -> tuple[str | None, str]:
        """(spelling of the model that will answer, mode of approvals), as the settings and the policy file say."""
        from agenttune.agent.approvals import load_policy
        from agenttune.plan.model_choice import NONE, settings_model

        model = settings_model()[0]
        return (None if model == NONE else model), load_policy().mode

    def settings(self) -> list[Fact]:
        """Every setting with where its value comes from.

        Raises:
            SettingsError: the file holds a mistake.
        """
        from agenttune.redaction import redact_json
        from agenttune.settings import load_settings_with_sources

        settings, sources = load_settings_with_sources()
        values: dict[str, Json] = settings.model_dump(mode="json")
        return [
            Fact(name, f"{'-' if value is None else redact_json(value)} ({sources.get(name, 'default')})")
            for name, value in values.items()
        ]

    def doctor(self) -> Generator[Fact, None, None]:
        """What `agenttune doctor` finds, as it finds it; in a process of its own, which a broken library may crash.

        Raises:
            UserError: it does not start.
        """
        command = [sys.executable, "-m", "agenttune", "doctor", "--store", str(self.store_path)]
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            raise UserError(f"the doctor does not start: {error.strerror or error}") from error
        assert child.stdout is not None  # as asked for
        try:
            for line in child.stdout:
                label, text = line[:DOCTOR_CELLS].strip(), line[DOCTOR_CELLS:].strip()
                if label != "terminal":  # the child has none
                    yield Fact(label, text, is_bad=text.endswith(UNUSABLE))
            if child.wait() not in (0, EXIT_UNUSABLE):
                raise UserError(f"the doctor ended with exit code {child.returncode}: see `agenttune doctor`")
        finally:
            child.kill()
            child.wait()
            child.stdout.close()

    def recalled(self) -> list[str]:
        """What was typed in earlier windows, oldest first."""
        from agenttune.tui.history_file import load_history

        return load_history()

    def remember(self, text: str) -> None:
        """Keeps what was typed for the next window."""
        from agenttune.tui.history_file import append_history

        append_history(text)

    def conversations(self) -> list[SessionRow]:
        """Earlier conversations, newest first; none where there is no store yet."""
        if not self.store_path.exists():
            return []
        with self._open() as store:
            return store.sessions()

    def find(self, wanted: str | None) -> StudyRow:
        """The study of that name, id or unique prefix; None is the latest.

        Raises:
            StudyNotFound: there is none, or more than one.
        """
        with self._open() as store:
            return store.study(wanted)

    def control(self, study_id: str, kind: str, payload: dict[str, Json] | None = None) -> None:
        """Sends "pause" or "stop" to a study that runs.

        Raises:
            UserError: it has ended, or nobody drives it.
        """
        from agenttune.study import has_live_driver

        with self._open() as store:
            row = store.study(study_id)
            if row.state.is_ended:
                raise UserError(f"study {row.name!r} is {row.state.value}: there is nothing to {kind}")
            if not has_live_driver(row):
                raise UserError(
                    f"no process drives study {row.name!r}: there is nothing to {kind}; /continue goes on with it"
                )
            store.send(study_id, kind, payload)

    def go_on(self, study_id: str) -> None:
        """Goes on with a paused, interrupted or stopped study, with a new driver where it has none.

        Raises:
            UserError: it does not start, or there is nothing it could run.
        """
        from agenttune import steering

        with self._open() as store:
            steering.resume(store, store.study(study_id))

    def studies(self, *, on_damage: Callable[[StoreError], object] | None = None) -> list[StudyLine]:
        """The latest studies, newest first; none where there is no store yet.

        Args:
            on_damage: told of every study that cannot be read, which is then left out.
        """
        if not self.store_path.exists():
            return []
        with self._open() as store:
            return [_study_line(store, row) for row in store.studies(on_damage=on_damage)[:LISTED]]

    def detail(self, study_id: str, number: int) -> TrialDetail:
        """All that is known of one trial.

        Raises:
            TrialNotFound: the study has no such trial.
        """
        with self._open() as store:
            trial = store.trial(study_id, number)
            attempts = tuple(store.attempts(study_id, number))
            change = _change(store, store.study(study_id), trial)
        path = Path(attempts[-1].directory) / LOG_NAME if attempts else None
        if path is None or not path.exists():
            return TrialDetail(trial, attempts, None, (), change)
        return TrialDetail(trial, attempts, str(path), tuple(read_tail(path)), change)

    def why(self, study_id: str, number: int) -> WhyTrial | None:
        """What else would have run in a trial's place; None where no gate kept that. Seconds, with a surrogate's fit.

        Raises:
            UserError: the study has no such trial.
        """
        from agenttune.history import read_view
        from agenttune.insight.answers.why import gate_of, why_trial

        with self._open() as store:
            if "arms" not in (gate_of(store.trial(study_id, number)) or {}):
                return None
            view = read_view(store, store.study(study_id))
        return why_trial(view, number, _surrogate(view))

    def winner(self, study_id: str, number: int) -> Winner:
        """A variant with the best of its numbers, and the user's file as it would become.

        Raises:
            UserError: the study is not over code, or has no such variant.
        """
        from agenttune.study.code import winner_of

        with self._open() as store:
            return winner_of(store, store.study(study_id), number)

    def apply(self, winner: Winner) -> Path:
        """Writes a variant into the user's file; returns the backup of what was there.

        Raises:
            UserError: the file is not what it was when the study was made, or cannot be written.
        """
        from agenttune.study.code import apply_variant

        return apply_variant(winner)

    def trust(self, study_id: str) -> Trust:
        """How far the study's record lets one trust who proposed in it, what it cost, and what more trials promise.

        Seconds, where there are trials enough for a surrogate.

        Raises:
            StudyNotFound: there is no such study.
        """
        from agenttune.history import read_view
        from agenttune.insight import trust
        from agenttune.insight.answers.outlook import outlook
        from agenttune.proposers.trust import models_slack
        from agenttune.replies.costs import costs_of
        from agenttune.replies.offers import offers_of
        from agenttune.trial import MODEL

        with self._open() as store:
            row = store.study(study_id)
            view, costs, offers = read_view(store, row), costs_of(store, row.id), offers_of(store, row.id)
            refused = store.refused(row.id)
        has_model = offers.n_offered > 0 or any(trial.arm == MODEL for trial in view.trials)
        return trust.Trust(
            row.id,
            view.goal.metric,
            len(view.finished),
            trust.arm_records(view),
            trust.gate_record(view),
            trust.forecasts_by_surrogate(view),
            trust.forecasts_by_model(view),
            models_slack(view) if has_model else None,
            offers,
            trust.other_refusals(refused),
            costs,
            row.active_s,
            outlook(
                view,
                _surrogate(view),
                budget=row.spec.budget,
                n_trials=row.n_trials,
                active_s=row.active_s,
                dollars=costs.spent.dollars,
                workers=row.spec.workers,
            ),
        )

    def importance(self, study_id: str) -> ImportanceShares:
        """How much each parameter matters; without shares where the trials are too few to tell."""
        from agenttune.history import read_view
        from agenttune.insight.importance import MIN_TRIALS, importance

        with self._open() as store:
            view = read_view(store, store.study(study_id))
        ranked = view.ranked()
        most = max(LEAST_SAMPLE, MOST_CELLS // max(1, len(view.space.columns)))
        sample = sorted(ranked[:: math.ceil(len(ranked) / most) or 1], key=lambda trial: trial.number)
        n_trials, complaint, shares = len(ranked), "", {}
        try:
            found = importance(replace(view, trials=tuple(sample)))
            n_trials, shares = found.n_trials, found.shares
        except UserError as error:
            complaint = str(error)
        return ImportanceShares(
            study_id, len(view.complete), n_trials, shares, IMPORTANCE_METHOD, MIN_TRIALS, complaint
        )

    def space_edits(self, study_id: str) -> dict[int, str]:
        """Version of the space -> the edit that led to it, in words; none for the first."""
        with self._open() as store:
            edits = store.edits(study_id)
        return {edit.version: f"{edit.sentence}, by {edit.by}" for _, edit in edits if edit.version is not None}

    def _open(self) -> Store:
        from agenttune.settings import default_store_path
        from agenttune.store import Store

        path = None if self.store_path == default_store_path() else self.store_path
        return Store.open(path, must_exist=True)


def read_tail(path: Path) -> list[str]:
    """The last lines of a log, safe to show."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - LOG_BYTES))
            text = stream.read(LOG_BYTES).decode(errors="replace")
    except OSError:
        return []
    lines = log_lines(text)
    if size > LOG_BYTES:
        del lines[0]  # it was cut somewhere
    while lines and not lines[-1]:
        del lines[-1]
    return lines[-LOG_LINES:]


def _surrogate(view: StudyView) -> Surrogate | None:
    """The surrogate of a view; None where the outlook would make nothing of one."""
    from agenttune.insight.answers.outlook import LEAST_COMPLETE

    if len(view.ranked()) < LEAST_COMPLETE:
        return None
    from agenttune.surrogate import fit, remembered  # with scipy

    return fit(view, remembered(view))


def _change(store: Store, row: StudyRow, trial: Trial) -> str:
    """What a trial's variant changes in its parent's block, without the lines that name files."""
    if row.spec.objective.get("type") != CODE:
        return ""
    from agenttune.variants.patch import unified_diff

    variants = {entry.name: entry for entry in store.code_entries(row.id) if isinstance(entry, Variant)}
    variant = variants.get(str(trial.config.get(PARAMETER)))
    if variant is None or variant.parent is None:
        return ""
    before, after = (f"{entry.block.rstrip()}\n" for entry in (variants[name_of(variant.parent)], variant))
    return "".join(unified_diff(before, after, path=variant.name).splitlines(keepends=True)[2:])


def _study_line(store: Store, row: StudyRow) -> StudyLine:
    from agenttune.history import read_view
    from agenttune.study import status

    word, best, has_only_failures = status(row), None, False
    if row.n_trials <= LONGEST_READ:
        view = read_view(store, row)
        best = None if view.incumbent is None else view.value(view.incumbent)
        has_only_failures = only_failures(phase_of(word), view)
    budget, metric = row.spec.budget.trials, row.spec.goal.metric
    return StudyLine(row.id, row.name, word, metric, row.n_trials, budget, best, row.created_at, has_only_failures)
