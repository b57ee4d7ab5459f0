"""The model of a study over code, ready to be asked for variants; what a study has of them as files.

The user's file as it was when the study was made stands in the spec's objective, so that all that is asked and checked
is a function of the record. Not for: what is asked of a model for configurations (asking.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from agenttune.budget import Budget
from agenttune.errors import AgentTuneError
from agenttune.events import ModelAsked
from agenttune.history import StudyView
from agenttune.insight.code_prompt import CodeWriter
from agenttune.insight.context import study_context
from agenttune.models import Model, Sampling
from agenttune.objectives import load_objective
from agenttune.proposers.code import has_numbers
from agenttune.replies.asking import Asking
from agenttune.replies.sender import Sends
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.study.asking import LazyDesk, Opened
from agenttune.study.seeds import seed_of
from agenttune.trial import Proposal
from agenttune.variant import Variant
from agenttune.variants.checking import Checked, check
from agenttune.variants.desk import N_REPLIES, CodeDesk
from agenttune.variants.first import first_variant
from agenttune.variants.kept import KeptVariant, keep_variant
from agenttune.variants.own_lines import with_own_lines
from agenttune.variants.question import MAX_BLOCKS, MAX_BLOCKS_ALONE, CodeQuestion
from agenttune.variants.target import Target, find_target, put
from agenttune.variants.tree import next_step, tree_of

FOLDER = "variants"
"""In a study's folder."""
SELF_REPORTED = (
    "Each variant is run as the user runs the program, and tells its own score: it must be told honestly, as it is."
)
PREDICTIONS = (
    "Each variant is fitted on training rows and predicts new ones, whose labels it never gets; that is scored."
)


class FileChecker:
    """Checks blocks against the user's file of one study; implements `variants.question.Checker`."""

    def __init__(self, store: Store, study_id: str, spec: StudySpec) -> None:
        self._spec = spec
        self._text, self._target = source_of(spec)
        self._folder = store.study_dir(study_id) / "fingerprint"
        self._own: tuple[str | None] | None = None

    def check(self, block: str) -> Checked:
        """The block, checked by its tree alone; see `variants.checking.check`."""
        return check(self._text, self._target, with_own_lines(block, self._target.source))

    def fingerprint(self, text: str) -> str | None:
        """Hash of what the file does with a tiny input, in the sandbox; None where that cannot be said."""
        from agenttune.objectives.code import CodeObjective  # a driver whose model has nothing new does without

        objective = dict(self._spec.objective) | {FOLDER: str(self._folder.parent / FOLDER)}
        try:
            made = load_objective(objective, cwd=Path(self._spec.cwd))
            if not isinstance(made, CodeObjective):
                return None
            return made.fingerprint(text, folder=self._folder, study_seed=self._spec.seed).value
        except (AgentTuneError, OSError):  # the trial that runs it will say so
            return None

    def own_fingerprint(self) -> str | None:
        """The same of the user's own file, made once."""
        if self._own is None:
            self._own = (self.fingerprint(self._text),)
        return self._own[0]


class LazyCodeDesk(LazyDesk):
    """A desk for code that is set up by its first question."""

    def __init__(
        self,
        store: Store,
        study_id: str,
        spec: StudySpec,
        *,
        budget: Callable[[], Budget],
    ) -> None:
        assert spec.model is not None  # a study over code without a model has no desk
        super().__init__(store, study_id, spec.model, budget=budget, reuse_replies=spec.reuse_replies)
        self._spec = spec

    def _made(self, model: Model, sender: Sends, sampling: Sampling) -> Opened:
        asking = Asking(
            model,
            store=self._store,
            study_id=self._study_id,
            budget=self._budget,
            sender=sender,
            sampling=sampling,
            n_replies=N_REPLIES,
        )
        return CodeDesk(asking, self._store, self._study_id, FileChecker(self._store, self._study_id, self._spec))


class CodePrompts:
    """Writes a study's questions for code, and has the store know when."""

    def __init__(self, store: Store, study_id: str, spec: StudySpec, *, latency_s: float) -> None:
        self._store = store
        self._study_id = study_id
        self._spec = spec
        self._latency_s = latency_s
        self._text, self._target = source_of(spec)

    def __call__(self, view: StudyView, *, k: int, hint: Proposal | None) -> CodeQuestion:
        """The question for the next variant; one that is asked again, for the same trial, goes on where it was."""
        self._store.announce(self._study_id, ModelAsked(view.number, self._latency_s))
        writer = CodeWriter(
            view,
            self._target,
            self._text,
            scoring=SELF_REPORTED if "command" in self._spec.objective else PREDICTIONS,
            context=study_context(self._spec),
            seconds=_rung_seconds(self._spec),
        )
        tree, is_alone = tree_of(view), not has_numbers(view)
        step = next_step(tree, view.rng())
        instead = next_step(tree, view.rng(), mends=False) if is_alone and step.action == "debug" else None
        return CodeQuestion(
            step,
            view.code,
            writer,
            asked_at=view.number,
            seed=seed_of(self._spec.seed, view.number),
            k=k,
            max_blocks=MAX_BLOCKS_ALONE if is_alone else MAX_BLOCKS,
            instead=instead,
        )


def source_of(spec: StudySpec) -> tuple[str, Target]:
    """The user's file as it was when the study was made, and the part of it that is changed.

    Raises:
        TargetError: it has no such part.
    """
    text = str(spec.objective["source"])
    return text, find_target(text, str(spec.objective["target"]))


def _rung_seconds(spec: StudySpec) -> float | None:
    """Which one run of a variant may take."""
    limits = spec.objective.get("limits")
    seconds = limits.get("seconds") if isinstance(limits, dict) else None
    return float(seconds) if isinstance(seconds, int | float) else spec.limits.seconds


def first_of(spec: StudySpec) -> Variant:
    """The user's own code, the first variant of a study."""
    return first_variant(source_of(spec)[1])


def keep_files(folder: Path, spec: StudySpec, variant: Variant) -> None:
    """Writes the files of a variant where they are missing, for the processes of attempts."""
    if (folder / f"{variant.name}.py").exists() and (folder / f"{variant.name}.json").exists():
        return
    text, target = source_of(spec)
    block = with_own_lines(variant.block, target.source)
    keep_variant(folder, variant.name, KeptVariant(put(text, target, block), block, target.name))
