"""Code that a model wrote, run in the sandbox and scored: a variant and its numbers -> metrics.

*Predictions*: the variant's `fit_predict` predicts rows whose labels stay here (blind.py). *Self-reported*: a
command runs and tells its metric, which nobody can check; front ends must say so. An evaluation goes rung by
rung, a share of the training rows or an option of the command, and reports each but the last as a step: 1, 2, 4, ...

Not for: where variants come from (variants/, proposers/).
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from agenttune.cards.csv_file import near
from agenttune.errors import ObjectiveError, TrialFailure
from agenttune.objectives import Run
from agenttune.objectives.blind import BlindSplit, Part, holders_of_labels
from agenttune.objectives.code_entry import (
    PREDICTIONS_FIELDS,
    SCRIPT_FIELDS,
    SHARED_FIELDS,
    Predictions,
    Rungs,
    Scoring,
    check_rungs,
    confinement_of,
    is_self_reported,
    predictions_of,
    script_of,
)
from agenttune.objectives.command import CommandObjective
from agenttune.objectives.measurements import Output
from agenttune.objectives.variables import RESULT_NAME
from agenttune.sandbox import Limits
from agenttune.types import Config, Json, Metrics, Scalar
from agenttune.variant import PARAMETER
from agenttune.variants.fingerprint import Fingerprint, fingerprint, tiny_inputs
from agenttune.variants.kept import kept_variant
from agenttune.variants.running import SCRIPT_OUTPUT_BYTES, Confinement, VariantRun, run_entry, run_script
from agenttune.variants.work_folder import WorkFolder, work_folder

log = logging.getLogger(__name__)

SANDBOX_NAME = "sandbox.json"
"""File in an attempt's folder that says how its code was confined."""


class _Stopped(Exception):
    """A rung was cut off, since nobody wants its score any more."""


@dataclass(frozen=True, slots=True)
class CodeObjective:
    """Runs and scores variants of one file."""

    PRELOAD: ClassVar[tuple[str, ...]] = (__name__, "pandas", "sklearn.datasets", "sklearn.impute",
                                          "sklearn.compose", "sklearn.metrics", "sklearn.model_selection")  # fmt: skip

    file: str
    """Relative to `cwd`."""
    target: str
    source: str
    """The user's file when the study was made."""
    variants: Path
    cwd: Path
    scoring: Scoring
    rungs: Rungs
    confinement: Confinement

    @classmethod
    def from_json(cls, content: Mapping[str, Json], *, cwd: Path) -> CodeObjective:
        """Reads a study's `objective` entry; it runs and reads none of the code.

        ::

            {"type": "code", "file": "model.py", "target": "build_model", "source": "...", "variants": "/.../variants",
             "data": "digits", "metric": "accuracy", "rungs": {"share": [0.25, 1.0]}}
            {..., "command": "python train.py --epochs {epochs}", "metric": {"regex": "acc: (\\\\S+)"},
             "rungs": {"option": "epochs", "values": [5, 20]}}

        Beside these `data_target` (a column), `held_out` (a share), `sha256` (of the data file), `entry` (a
        function's name), `env` and `shell` (of a command), `limits` ({"seconds", "memory_bytes"}, for each rung),
        `level`, `allow_unsafe`, and `self_reported`, which says which of the two it is and must be right.

        Raises:
            ObjectiveError: an unknown, missing or wrong entry, or a data file that has changed.
            DataError: a data file that cannot be used.
        """
        is_script = is_self_reported(content)
        fields = SHARED_FIELDS + (SCRIPT_FIELDS if is_script else PREDICTIONS_FIELDS)
        unknown = next((name for name in content if name not in fields), None)
        if unknown is not None:
            raise ObjectiveError(f"a code objective has no entry {unknown!r} here{near(unknown, fields)}")
        needed = ("file", "target", "source", "variants", "metric", "command" if is_script else "data")
        missing = next((name for name in needed if name not in content), None)
        if missing is not None:
            raise ObjectiveError(f"a code objective needs {missing!r}")
        if content.get("self_reported", is_script) != is_script:
            raise ObjectiveError(
                f"`self_reported` must be {json.dumps(is_script)} here: a command tells its own metric, and "
                "predictions are scored outside"
            )
        scoring = script_of(content, cwd) if is_script else predictions_of(content, cwd)
        rungs = Rungs.from_json(content.get("rungs"), is_script=is_script)
        if isinstance(scoring, CommandObjective):
            check_rungs(scoring, rungs)
        hidden = holders_of_labels(scoring.dataset) if isinstance(scoring, Predictions) else ()
        return cls(
            str(content["file"]),
            str(content["target"]),
            str(content["source"]),
            cwd / str(content["variants"]),
            cwd,
            scoring,
            rungs,
            confinement_of(
                content, hidden=hidden, output_bytes=SCRIPT_OUTPUT_BYTES if is_script else Limits().output_bytes
            ),
        )

    def check_rows(self, seed: int) -> None:
        """Refuses data with too few rows for what is held out, ahead of every trial.

        Raises:
            DataError: they are too few, or those of a class are.
        """
        if not isinstance(self.scoring, CommandObjective):
            self._blind(self.scoring, study_seed=seed, seed=seed)

    @property
    def data_hash(self) -> str | None:
        """Of the data file, as a study keeps it to notice a change; None where there is no file."""
        return None if isinstance(self.scoring, CommandObjective) else self.scoring.dataset.card.sha256

    @property
    def self_reported(self) -> bool:
        """Whether the code tells its own score."""
        return isinstance(self.scoring, CommandObjective)

    def evaluate(self, config: Config, run: Run) -> Metrics:
        """The metrics of the last rung that was run; once `run.should_stop`, a rung after the first is cut off.

        Raises:
            TrialFailure: the code failed, or what it handed back is of no use.
        """
        text = self._text(config)
        seed = run.study_seed if run.replicate_of is None else run.seed
        metrics: Metrics = {}
        for number, rung in enumerate(self.rungs.values):
            try:
                metrics = self._score(text, config, run, number=number, rung=rung, part="validation", seed=seed)
            except _Stopped:  # what is known is the rung before
                break
            if number == len(self.rungs.values) - 1:
                break
            run.report(2**number, **metrics)  # the rungs of the scheduler "halving"
            if run.should_stop:
                break
        return metrics

    def held_out(self, config: Config, run: Run) -> Metrics:
        """The metric on the held-out rows, of the same run as the last rung: its training rows, and all new rows.

        Raises:
            TrialFailure: as `evaluate`; a script has no such side.
        """
        if isinstance(self.scoring, CommandObjective):
            raise TrialFailure("a command tells its own metric: nothing is held out of it")
        text, number = self._text(config), len(self.rungs.values) - 1
        return self._score(
            text, config, run, number=number, rung=self.rungs.values[-1], part="held-out", seed=run.study_seed
        )

    def fingerprint(self, text: str, *, folder: Path, study_seed: int) -> Fingerprint:
        """What a variant's file does on a tiny fixed input; none of a script.

        Args:
            text: of the whole file.
            folder: where the run may work; it is made and taken away.
            study_seed: so that no row of the held-out part is among the input.

        Raises:
            SandboxError: code cannot be confined here as asked.
        """
        if isinstance(self.scoring, CommandObjective):
            return Fingerprint(None, "a command hands back no predictions")
        blind = self._blind(self.scoring, study_seed=study_seed, seed=study_seed)
        inputs = blind.inputs(blind.train)
        return fingerprint(
            text,
            tiny_inputs(inputs.train_x, inputs.train_y, n_classes=inputs.n_classes),
            folder=folder,
            workspace=self.cwd,
            file=self.file,
            entry_name=self.scoring.entry,
            private=store_of(self.variants),
            confinement=self.confinement,
        )

    def _confined(self, run: Run, number: int) -> Confinement:
        """A scheduler judges a rung while the next one runs already; the first one is always needed."""
        return replace(self.confinement, is_unwanted=lambda: run.should_stop) if number else self.confinement

    # -- one rung ------------------------------------------------------------------------------

    def _score(
        self, text: str, config: Config, run: Run, *, number: int, rung: Scalar, part: Part, seed: int
    ) -> Metrics:
        folder = work_folder(
            run.directory / f"work_{number}",
            workspace=self.cwd,
            file=self.file,
            text=text,
            with_links=self.self_reported,
            private=store_of(self.variants),
        )
        with folder as work:
            for sentence in work.left_out:
                log.info(sentence)
            confinement = self._confined(run, number) if part == "validation" else self.confinement
            if isinstance(self.scoring, CommandObjective):
                return self._measured(self.scoring, work, config, run, rung=rung, confinement=confinement)
            return self._predicted(
                self.scoring, work, run, share=float(rung), part=part, seed=seed, confinement=confinement
            )

    def _predicted(
        self,
        scoring: Predictions,
        work: WorkFolder,
        run: Run,
        *,
        share: float,
        part: Part,
        seed: int,
        confinement: Confinement,
    ) -> Metrics:
        blind = self._blind(scoring, study_seed=run.study_seed, seed=seed)
        rows = blind.training_rows(share, seed=seed)
        ran = run_entry(
            work, blind.inputs(rows), file=self.file, entry_name=scoring.entry, seed=seed % 2**32,
            confinement=confinement,
        )  # fmt: skip
        self._tell(ran, run)
        assert ran.predictions is not None  # there is no failure
        return {scoring.metric.name: blind.score(scoring.metric, ran.predictions, part, trained=rows)}

    def _measured(
        self,
        scoring: CommandObjective,
        work: WorkFolder,
        config: Config,
        run: Run,
        *,
        rung: Scalar,
        confinement: Confinement,
    ) -> Metrics:
        values = dict(config) if self.rungs.option is None else {**config, self.rungs.option: rung}
        launch = scoring.launch(
            values,
            trial_number=run.trial_number,
            seed=run.seed,
            checkpoint_dir=work.path,
            directory=work.path,
        )
        name = scoring.file or RESULT_NAME
        ran = run_script(work, launch.argv, environment=launch.variables, result_name=name, confinement=confinement)
        self._tell(ran, run)
        output = Output(metric=run.metric, regex=scoring.regex, on_report=lambda step, metrics: None)
        output.feed(ran.execution.output_tail)
        output.close()
        result_path = run.directory / RESULT_NAME
        result_path.unlink(missing_ok=True)  # of the rung before
        if ran.result is not None:
            result_path.write_bytes(ran.result)
        measured = scoring.measured(output, result_path, stamp_before=None, metric=run.metric)
        return dict(measured) if isinstance(measured, Mapping) else {run.metric: float(measured)}

    def _tell(self, ran: VariantRun, run: Run) -> None:
        """Writes down how the code was confined, shows its output, and raises what failed."""
        execution = ran.execution
        about = {
            "level": execution.level,
            "method": execution.method,
            "self_reported": self.self_reported,
            "elapsed_s": execution.elapsed_s,
            "peak_bytes": execution.peak_bytes,
        }
        (run.directory / SANDBOX_NAME).write_text(json.dumps(about) + "\n")
        log.info("code ran confined at level %s, by %s", execution.level, execution.method)
        if ran.tail:
            sys.stdout.write(f"{ran.tail}\n")  # the trial's output is what the code prints; an executor keeps it
        if ran.is_stopped:
            raise _Stopped
        if ran.failure is not None:
            raise ran.failure

    def _blind(self, scoring: Predictions, *, study_seed: int, seed: int) -> BlindSplit:
        return BlindSplit.of(scoring.dataset, held_out=scoring.held_out_share, study_seed=study_seed, seed=seed)

    def _text(self, config: Config) -> str:
        """The file of a configuration's variant, with the configuration's numbers in it."""
        name = str(config.get(PARAMETER, "v0"))
        values = {key.removeprefix(f"{name}."): value for key, value in config.items() if key.startswith(f"{name}.")}
        if name == "v0" and not values:
            return self.source
        variant = kept_variant(self.variants, name)
        if not values:
            return variant.text
        from agenttune.variants.numbers import with_values
        from agenttune.variants.target import find_target, put

        target = find_target(variant.text, variant.target)
        return put(variant.text, target, with_values(variant.block, values))


def store_of(variants: Path) -> tuple[Path, ...]:
    """What of a store must stay out of the code's reach: the study's folder, those beside it, and the store's file."""
    studies = variants.resolve().parent.parent
    stem = studies.name.removesuffix("-files")
    if stem == studies.name:  # not where a store keeps the files of its studies
        return (variants,)
    return (studies, *studies.parent.glob(f"{stem}.*"))
