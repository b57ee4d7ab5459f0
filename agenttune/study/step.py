"""One tuning step on a store: what is visible, what to run next, what came of it.

`Steps` is used by the loop (loop.py) and by ask / tell (study.py) alike, and by one process at a
time: whoever holds the study's driver lease. It keeps the trials in memory, since nobody else
writes them, so that a step costs the same at the first trial and at the ten-thousandth.

Not for: running attempts (executors/) or choosing configurations (proposers/).
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from pathlib import Path

from agenttune.budget import Budget
from agenttune.edits import Edit, Terms, apply, describe_edit, diff, edit_to_json, invert
from agenttune.errors import ConfigInvalid, StoreError, UserError
from agenttune.events import DriverChanged, Noted, ProposerChosen, StudyEdited
from agenttune.executors import Task
from agenttune.goal import Goal
from agenttune.history import StudyView
from agenttune.proposers import Proposer, load_proposer
from agenttune.proposers.llm import ModelArm
from agenttune.redaction import redact
from agenttune.schedulers import load_scheduler
from agenttune.space import Space
from agenttune.spec import WITH_MODEL
from agenttune.store import Store
from agenttune.study.arguments import require_new
from agenttune.study.asking import MakeArm, model_arm
from agenttune.study.code_asking import FOLDER
from agenttune.study.code_variants import StudyVariants
from agenttune.study.seeds import seed_of
from agenttune.trial import Attempt, Candidate, Decision, Failure, Outcome, Proposal, Report, Trial, TrialState
from agenttune.types import Config
from agenttune.variant import CODE

logger = logging.getLogger(__name__)

USED_UP = "every configuration of the space has been tried"
UNANSWERED = "unanswered"
"""Key in `Proposal.memory`, where a model had been asked and not been heard: how many candidates were known."""
NOTHING_FOUND = "no new configuration that the space allows could be found"


class Steps:
    """The steps of one study, by the one process that drives it."""

    def __init__(self, store: Store, study_id: str, *, make_arm: MakeArm = model_arm) -> None:
        self.store = store
        self.id = study_id
        row = store.study(study_id)
        self.spec = row.spec
        self.spaces = store.spaces(study_id)
        self.space_version = row.space_version
        self.trials = {trial.number: trial for trial in store.trials(study_id)}
        self.arm: ModelArm | None = None
        """The model, where the proposer asks one."""
        if self.spec.proposer in WITH_MODEL and self.spec.model is not None:
            self.arm = make_arm(store, study_id, self.spec, budget=lambda: self.spec.budget)
        self.proposer = load_proposer(self.spec.proposer, self.arm)
        self._candidates: tuple[Candidate, ...] = ()
        self._variants: StudyVariants | None = None
        """Those of a study over code."""
        if self.spec.objective.get("type") == CODE:
            self._variants = StudyVariants(store, study_id, self.spec, spaces=self.spaces.values())
        self._goes_on = self.arm is not None and (bool(self.trials) or self.arm.asked_for is not None)
        """Whether a driver before this one may have asked the model, and nobody was told of the change yet."""
        self.scheduler = load_scheduler(self.spec.scheduler)
        self.chosen: str | None = None
        """What `auto` chose last, or the proposer that had to step in."""
        self._missed: set[str] = set()
        """Metrics of constraints whose lack was announced."""

    @property
    def space(self) -> Space:
        """The current version of the space."""
        return self.spaces[self.space_version]

    @property
    def terms(self) -> Terms:
        """What holds now, as far as it can be edited."""
        return Terms.of(self.spec, self.space)

    def view(self) -> StudyView:
        """What everybody sees now."""
        trials = self.trials.values()
        return StudyView.of(self.spec, trials, spaces=self.spaces, space_version=self.space_version)

    def _view_to_propose(self) -> StudyView:
        """What proposers see: the view, with what a model offered."""
        view = self.view()
        if self.arm is None:
            return view
        if self._goes_on:
            self._goes_on = False
            self.store.announce(self.id, DriverChanged(len(self.trials)))
        last = self._candidates[-1].id if self._candidates else None
        self._candidates += self.store.candidates(self.id, after=last or 0)
        if self._variants is not None:
            for version, space in self._variants.take_in(self.space):
                self.space_version, self.spaces = version, {**self.spaces, version: space}
            view = replace(self.view(), code=self._variants.entries)
        # one under way, or cut off by the end of its driver, is none yet: it is made again, and leads to the same
        return replace(view, candidates=self._candidates, n_requests=self.store.n_settled(self.id))

    def has_waiting(self) -> bool:
        """Whether a trial waits to be run."""
        return any(trial.state is TrialState.WAITING for trial in self.trials.values())

    # -- proposing -----------------------------------------------------------------------------

    def is_ready(self) -> bool:
        """Whether `propose` can be called now, or an answer of the model should be waited for."""
        if self.arm is None or self.spent() is not None:
            return True
        try:
            return bool(getattr(self.proposer, "is_ready", lambda view: True)(self._view_to_propose()))
        except StoreError:
            raise
        except Exception as error:  # as in `_ask`
            logger.exception("proposer %s failed on study %s", self.spec.proposer, self.id)
            self.store.announce(
                self.id, Noted(f"{self.spec.proposer} could not ask its model ({type(error).__name__}: {error})")
            )
            return True

    def close(self) -> None:
        """Lets go of the model; a request under way is given up."""
        if self.arm is not None:
            self.arm.close()

    def propose(self) -> str | None:
        """Adds one WAITING trial.

        Returns:
            None if one was added, else why none can be: the budget, or a space that is used up.
        """
        if (spent := self.spent()) is not None:
            return spent
        proposal = self.next_proposal()
        if proposal is None:
            told = getattr(self.proposer, "nothing", None)
            if isinstance(told, str):
                return told
            return USED_UP if self.space.cardinality is not None else NOTHING_FOUND
        return None if self.add(proposal, max_trials=self.spec.budget.trials) else self.spent()

    def spent(self) -> str | None:
        """That the budget's trials are done; where people had more run than it holds, or it was cut, that too."""
        budget, n_counted = self.spec.budget.trials, self.n_counted()
        if budget is None or n_counted < budget:
            return None
        return f"{n_counted} trials done" + (f", the budget holds {budget}" if n_counted > budget else "")

    def n_counted(self) -> int:
        """Trials counted against the budget."""
        return sum(trial.in_budget for trial in self.trials.values())

    def add(
        self,
        proposal: Proposal,
        *,
        replicate_of: int | None = None,
        in_budget: bool = True,
        max_trials: int | None = None,
    ) -> Trial | None:
        """Stores a valid proposal as a WAITING trial; None if `max_trials` are counted already."""
        number = max(self.trials, default=-1) + 1
        trial = self.store.add_trial(
            self.id,
            replace(proposal, space_version=self.space_version),
            seed=seed_of(self.spec.seed, number),
            replicate_of=replicate_of,
            in_budget=in_budget,
            max_trials=max_trials,
        )
        if trial is not None:
            self.trials[trial.number] = trial
        return trial

    def next_proposal(self) -> Proposal | None:
        """What would run next; None if there is nothing. Those refused on the way are stored as such."""
        proposal = self._proposal()
        if proposal is None or self.arm is None or not self.arm.is_unanswered:
            return proposal
        return replace(proposal, memory={**proposal.memory, UNANSWERED: len(self._candidates)})

    def _proposal(self) -> Proposal | None:
        view = self._view_to_propose()
        self._announce_choice(view)
        asked = self._ask(self.proposer, view)
        if isinstance(asked, Proposal):
            return asked
        if getattr(self.proposer, "nothing", None) is not None:  # it says itself that there is nothing, and why
            return None
        if self.space.cardinality is not None and all(view.has_seen(config) for config in self.space.enumerate()):
            return None
        substitute = self._ask(load_proposer("random"), view)
        if not isinstance(substitute, Proposal):
            return None
        self._announce("random", asked)
        return replace(substitute, reason=f"{asked}; {substitute.reason}")

    def _ask(self, proposer: Proposer, view: StudyView) -> Proposal | str:
        """The proposer's proposal, or why there is none to run; one that is refused is stored as such."""
        name = self.spec.proposer
        try:
            proposals = proposer.propose(view, 1)
        except Exception as error:  # a proposer may be anybody's code, and trials must go on
            logger.exception("proposer %s failed on study %s", name, self.id)
            return redact(f"{name} failed ({type(error).__name__}: {error})")
        if not proposals:
            return f"{name} had nothing new to offer"
        refusal = self._refusal(proposals[0], view)
        if refusal is None:
            return replace(proposals[0], config=self.space.validate(proposals[0].config))
        self.store.refuse(self.id, replace(proposals[0], space_version=self.space_version), *refusal)
        return f"what {name} offered was refused ({refusal[0]})"

    def _refusal(self, proposal: Proposal, view: StudyView) -> tuple[str, str] | None:
        """(kind, reason) if the proposal cannot be run."""
        try:
            config = self.space.validate(proposal.config)
        except ConfigInvalid as error:
            return "invalid", str(error)
        if view.has_seen(config):
            return "duplicate", "this configuration is in the study already"
        return None

    def _announce_choice(self, view: StudyView) -> None:
        choose = getattr(self.proposer, "choose", None)
        if choose is not None:
            name, why = choose(view)
            self._announce(name, why)

    def _announce(self, proposer: str, why: str) -> None:
        if proposer != self.chosen:
            self.store.announce(self.id, ProposerChosen(proposer, why))
            self.chosen = proposer

    # -- people --------------------------------------------------------------------------------

    def add_config(self, config: Config, reason: str) -> Trial:
        """A person's own configuration: always run, counted.

        Raises:
            ConfigInvalid: it breaks a rule of the space.
            UserError: it is in the study already.
        """
        valid = self.space.fill(config)
        require_new(valid, self.trials.values())
        added = self.add(Proposal(config=valid, arm="human", reason=reason))
        assert added is not None  # without max_trials the store always adds
        return added

    def add_replicates(self, top: int, replicates: int) -> list[Trial]:
        """Repeats of the best `top` configurations, `replicates` each, outside the budget.

        Raises:
            UserError: nothing is COMPLETE yet, or nothing that is feasible.
        """
        best = best_to_confirm(self.view(), top, name=self.spec.name)
        added = []
        for _ in range(replicates):
            for trial in best:
                reason = f"repeats trial {trial.number} with another seed"
                proposal = Proposal(config=trial.config, arm=trial.arm, reason=reason, parent=trial.number)
                repeat = self.add(proposal, replicate_of=trial.number, in_budget=False)
                assert repeat is not None  # without max_trials the store always adds
                added.append(repeat)
        return added

    def edit(self, edit: Edit, *, by: str = "a person", undoes: int | None = None) -> StudyEdited:
        """Edits the study from now on; finished trials stay as they are.

        Args:
            edit: what changes.
            by: who wants it.
            undoes: the edit that this one takes back.

        Raises:
            UserError: it breaks a rule; nothing was changed.
        """
        before = self.terms
        after = apply(before, edit)
        told = StudyEdited(
            edit_id=0,  # the store counts
            edit=edit_to_json(edit),
            inverse=edit_to_json(invert(before, edit)),
            summary=describe_edit(edit),
            diff=diff(before, after, trials=self.trials.values()).to_json(),
            undoes=undoes,
            by=by,
        )
        return self.record_edit(told, after)

    def record_edit(self, edited: StudyEdited, after: Terms) -> StudyEdited:
        """Stores an edit and the terms that it leads to."""
        space = after.space if after.space != self.space else None
        edited = self.store.add_edit(self.id, edited, space=space, change=after.within)
        self.spec = after.within(self.spec)
        if edited.version is not None:
            self.space_version = edited.version
            self.spaces = {**self.spaces, edited.version: after.space}
        return edited

    def reached(self, *, former: Goal, end_reason: str | None) -> str | None:
        """After an edit: that the target is reached and so ends the study; None if nothing is reached, or it goes on.

        Args:
            former: the goal before the edit; a study that was let go on beyond the target of this very goal goes on.
            end_reason: why it was ending before the edit, if it was.
        """
        view = self.view()
        best, goal = view.incumbent, self.spec.goal
        if best is None or not goal.is_reached(view.value(best)):
            return None
        sentence = f"the target {goal.target:g} is reached"
        return sentence if goal != former or sentence == end_reason else None

    def set_budget(self, budget: Budget) -> None:
        """Changes what the study may spend in all."""
        self.store.set_budget(self.id, budget)
        self.spec = replace(self.spec, budget=budget)

    # -- running -------------------------------------------------------------------------------

    def claim(self) -> tuple[Trial, Attempt] | None:
        """The WAITING trial of the lowest number, now RUNNING; None if none waits."""
        claimed = self.store.claim(self.id)
        if claimed is not None:
            self.trials[claimed[0].number] = claimed[0]
        return claimed

    def task(self, trial: Trial, attempt: Attempt, *, gpu: int | None = None, mode: str = "evaluate") -> Task:
        """All that an executor needs to run `trial`; its folders exist afterwards."""
        directory = Path(attempt.directory)
        checkpoint = directory.parent / "checkpoint"
        for folder in (directory, checkpoint):
            folder.mkdir(parents=True, exist_ok=True)
        objective = dict(self.spec.objective)
        if objective.get("type") == "pickle":
            objective["path"] = str(self.store.study_dir(self.id) / str(objective["path"]))
        if self._variants is not None:
            self._variants.keep_files_of(trial)
            objective[FOLDER] = str(self._variants.folder)
        return Task(
            attempt=attempt,
            config=trial.config,
            objective=objective,
            metric=self.spec.goal.metric,
            seed=trial.seed,
            study_seed=self.spec.seed,
            limits=self.spec.limits,
            cwd=self.spec.cwd,
            checkpoint_dir=str(checkpoint),
            replicate_of=trial.replicate_of,
            gpu=gpu,
            mode=mode,
        )

    def record_reports(self, number: int, attempt_id: int, reports: Sequence[Report]) -> Decision:
        """Stores what a running trial measured and asks the scheduler about it."""
        new = self.store.add_reports(attempt_id, reports)
        if not new:
            return Decision.CONTINUE
        known = self.trials[number].reports
        n_kept = bisect_left(known, new[0].step, key=attrgetter("step"))  # a later attempt replaces the rest
        self.trials[number] = replace(self.trials[number], reports=(*known[:n_kept], *new))
        return self.scheduler.judge(self.trials[number], self.view())

    def record_outcome(self, number: int, state: TrialState, outcome: Outcome | None) -> bool:
        """Stores how a trial ended; False if it had ended before."""
        is_first = self._finish(number, state, outcome, None)
        if is_first and outcome is not None and state is TrialState.COMPLETE:
            self._announce_missing(number, outcome)
        return is_first

    def _announce_missing(self, number: int, outcome: Outcome) -> None:
        """Says of a metric that a constraint needs, at the first trial without it, that the trial lacks it."""
        missing = self.spec.goal.missing(outcome.values)
        if not self._missed.issuperset(missing):
            self._missed.update(missing)
            needed = ", ".join(self.spec.goal.constraints)
            text = f"it did not report {' and '.join(missing)}, so it cannot keep the constraints ({needed})"
            self.store.announce(self.id, Noted(text, number))

    def record_failure(self, number: int, failure: Failure) -> bool:
        """Stores that and why a trial failed; False if it had ended before."""
        return self._finish(number, TrialState.FAILED, None, failure)

    def _finish(self, number: int, state: TrialState, outcome: Outcome | None, failure: Failure | None) -> bool:
        is_first = self.store.finish(self.id, number, state, outcome=outcome, failure=failure)
        self.refresh(number)
        return is_first

    def requeue(self, number: int, *, counts: bool, reason: str) -> TrialState:
        """Puts a trial whose attempt died back to WAITING, or to FAILED(lost) when it died too often."""
        state = self.store.requeue(
            self.id, number, counts=counts, reason=reason, max_attempts=self.spec.limits.attempts
        )
        self.refresh(number)
        return state

    def refresh(self, number: int) -> None:
        """Reads one trial again."""
        self.trials[number] = self.store.trial(self.id, number)


def best_to_confirm(view: StudyView, top: int, *, name: str) -> list[Trial]:
    """The best `top` trials of a study.

    Raises:
        UserError: nothing is COMPLETE yet, or nothing that is feasible.
    """
    if best := view.ranked()[:top]:
        return best
    if view.shortfall is None:
        raise UserError(f"study {name!r} has no complete trial to confirm yet")
    raise UserError(f"study {name!r} has no feasible trial to confirm: {view.shortfall}; loosen a constraint")
