"""Code that a model wrote, run in the sandbox and scored: a variant and its numbers -> metrics.

*Predictions*: the variant's `fit_predict` predicts rows whose labels stay here (blind.py). *Self-reported*: a
command runs and tells its metric, which nobody can check; front ends must say so. An evaluation goes rung by
rung, a share of the training rows or an option of the command, and reports each but the last as a step: 1, 2, 4, ...

Not for: where variants come from (variants/, proposers/).
"""

from __future__ import annotations

import json
import logging
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, TypeGuard, cast, get_args

from agenttune.cards.csv_file import content_hash, near
from agenttune.cards.data import BUNDLED, Dataset, load_dataset
from agenttune.cards.estimators import metric_named
from agenttune.cards.metrics import Metric
from agenttune.errors import ObjectiveError, TrialFailure
from agenttune.objectives import Run
from agenttune.objectives.blind import BlindSplit, Part, holders_of_labels
from agenttune.objectives.command import CommandObjective
from agenttune.objectives.command_line import placeholders
from agenttune.objectives.measurements import Output
from agenttune.objectives.variables import RESULT_NAME
from agenttune.sandbox import Level, Limits
from agenttune.types import Config, Json, Metrics, Scalar
from agenttune.variant import PARAMETER
from agenttune.variants.fingerprint import Fingerprint, fingerprint, tiny_inputs
from agenttune.variants.kept import kept_variant
from agenttune.variants.running import SCRIPT_OUTPUT_BYTES, Confinement, VariantRun, run_entry, run_script
from agenttune.variants.work_folder import WorkFolder, make_work_folder, remove_work_folder

log = logging.getLogger(__name__)

SHARED_FIELDS = (
    "type", "file", "target", "source", "variants", "metric", "rungs", "limits", "allow_unsafe", "level",
    "self_reported",
)  # fmt: skip
PREDICTIONS_FIELDS = ("data", "data_target", "held_out", "sha256", "entry")
SCRIPT_FIELDS = ("command", "env", "shell")
DEFAULT_ENTRY = "fit_predict"
DEFAULT_HELD_OUT = 0.2
SANDBOX_NAME = "sandbox.json"
"""File in an attempt's folder that says how its code was confined."""


class _Stopped(Exception):
    """A rung was cut off, since nobody wants its score any more."""


@dataclass(frozen=True, slots=True)
class Rungs:
    """How an evaluation grows; one rung where nothing is said."""

    values: tuple[Scalar, ...] = (1.0,)
    option: str | None = None
    """Placeholder of the command; None where the values are shares of the training rows."""

    @classmethod
    def from_json(cls, content: Json, *, is_script: bool) -> Rungs:
        """Reads `{"share": [0.25, 1.0]}`, of predictions, or `{"option": "epochs", "values": [5, 20]}`, of a command.

        Raises:
            ObjectiveError: another entry, or values that do not grow.
        """
        if content is None:
            return cls()
        table = content if isinstance(content, dict) else {}
        wanted = {"option", "values"} if is_script else {"share"}
        example = '{"option": "epochs", "values": [5, 20]}' if is_script else '{"share": [0.25, 1.0]}'
        if set(table) != wanted:
            raise ObjectiveError(f"`rungs` must be like {example}, but got {content!r}")
        values = table["values" if is_script else "share"]
        numbers = [value for value in values if is_positive(value)] if isinstance(values, list) else []
        if not numbers or numbers != values or numbers != sorted(set(numbers)) or (not is_script and numbers[-1] != 1):
            last = "" if is_script else " up to 1"
            raise ObjectiveError(f"the values of `rungs` must grow{last}, as in {example}, but got {values!r}")
        return cls(tuple(numbers), str(table["option"]) if is_script else None)


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """What a variant predicts, and how that is scored."""

    dataset: Dataset
    metric: Metric
    held_out_share: float = DEFAULT_HELD_OUT
    entry: str = DEFAULT_ENTRY


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
    scoring: Predictions | CommandObjective
    rungs: Rungs
    confinement: Confinement

    @classmethod
    def from_json(cls, content: Mapping[str, Json], *, cwd: Path) -> CodeObjective:
        """Reads a study's `objective` entry; it runs and reads none of the code.

        ::

            {"type": "code", "file": "model.py", "target": "build_model", "source": "...", "variants": "/.../variants",
             "data": "digits", "metric": "accuracy", "rungs": {"share": [0.25, 1.0]}}
            {..., "command": "python train.py --epochs {epochs}", "metric": {"regex": "acc: ([0-9.]+)"},
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
        scoring = _script(content, cwd) if is_script else _predictions(content, cwd)
        rungs = Rungs.from_json(content.get("rungs"), is_script=is_script)
        if isinstance(scoring, CommandObjective):
            _check_placeholders(scoring, rungs)
        hidden = holders_of_labels(scoring.dataset) if isinstance(scoring, Predictions) else ()
        return cls(
            str(content["file"]),
            str(content["target"]),
            str(content["source"]),
            cwd / str(content["variants"]),
            cwd,
            scoring,
            rungs,
            _confinement(
                content, hidden=hidden, output_bytes=SCRIPT_OUTPUT_BYTES if is_script else Limits().output_bytes
            ),
        )

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
        folder = run.directory / f"work_{number}"
        if folder.exists():  # of an attempt that was killed
            remove_work_folder(folder)
        work = make_work_folder(
            folder,
            workspace=self.cwd,
            file=self.file,
            text=text,
            with_links=self.self_reported,
            private=store_of(self.variants),
        )
        for sentence in work.left_out:
            log.info(sentence)
        try:
            confinement = self._confined(run, number) if part == "validation" else self.confinement
            if isinstance(self.scoring, CommandObjective):
                return self._measured(self.scoring, work, config, run, rung=rung, confinement=confinement)
            return self._predicted(
                self.scoring, work, run, share=float(rung), part=part, seed=seed, confinement=confinement
            )
        finally:
            remove_work_folder(folder)

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


def is_self_reported(content: Mapping[str, Json]) -> bool:
    """Whether the score of a study's `objective` entry is what the code says of itself."""
    return content.get("type") == "code" and "command" in content


def store_of(variants: Path) -> tuple[Path, ...]:
    """What of a store must stay out of the code's reach: the study's folder, those beside it, and the store's file."""
    studies = variants.resolve().parent.parent
    stem = studies.name.removesuffix("-files")
    if stem == studies.name:  # not where a store keeps the files of its studies
        return (variants,)
    return (studies, *studies.parent.glob(f"{stem}.*"))


def _predictions(content: Mapping[str, Json], cwd: Path) -> Predictions:
    metric = metric_named(str(content["metric"]))
    named = str(content["data"])
    source = named if named in BUNDLED else (cwd / Path(named).expanduser()).resolve()
    expected = content.get("sha256")
    if expected is not None and isinstance(source, Path) and content_hash(source) != expected:
        raise ObjectiveError(
            f"{source} has changed since the study was made, so its trials would not compare: "
            "restore the file, or start a new study"
        )
    target, share = content.get("data_target"), content.get("held_out", DEFAULT_HELD_OUT)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < 1:
        raise ObjectiveError(f"`held_out` must be a share between 0 and 1, but got {share!r}")
    dataset = load_dataset(source, target=None if target is None else str(target), task=metric.task)
    return Predictions(dataset, metric, float(share), str(content.get("entry", DEFAULT_ENTRY)))


def _script(content: Mapping[str, Json], cwd: Path) -> CommandObjective:
    told = {name: content[name] for name in ("command", "metric", *SCRIPT_FIELDS) if name in content}
    objective = CommandObjective.from_json({"type": "command", **told}, cwd=cwd)
    if objective.file is not None and objective.file != Path(objective.file).name:
        raise ObjectiveError(
            f"the result file of code must be a bare name in its work folder, but got {objective.file!r}"
        )
    return objective


def _check_placeholders(scoring: CommandObjective, rungs: Rungs) -> None:
    """Refuses a command that asks for what no variant has, or that every rung would run alike."""
    option = rungs.option
    scoring.check(() if option is None else (option,))
    if option is not None and option not in placeholders([*scoring.words(), *scoring.env.values()]):
        raise ObjectiveError(
            f"every rung would run the same command, since it says nothing of {{{option}}}: {scoring.command!r}; put "
            f"it where the value belongs, as in 'python train.py --{option} {{{option}}}'"
        )


def _confinement(content: Mapping[str, Json], *, hidden: tuple[Path, ...], output_bytes: int) -> Confinement:
    limits, level = content.get("limits") or {}, content.get("level")
    if not isinstance(limits, dict) or not set(limits) <= {"seconds", "memory_bytes"}:
        raise ObjectiveError(f"`limits` of code takes `seconds` and `memory_bytes`, but got {limits!r}")
    usual = Limits()
    seconds, memory_bytes = limits.get("seconds", usual.seconds), limits.get("memory_bytes", usual.memory_bytes)
    if not is_positive(seconds) or not is_positive(memory_bytes):
        raise ObjectiveError(f"`limits` of code must be positive numbers, but got {limits!r}")
    if level is not None and level not in get_args(Level):
        raise ObjectiveError(f"`level` must be one of {', '.join(get_args(Level))}, but got {level!r}")
    return Confinement(
        Limits(float(seconds), int(memory_bytes), output_bytes=output_bytes),
        cast("Level | None", level),
        content.get("allow_unsafe", False) is True,
        hidden,
    )


def is_positive(value: Json) -> TypeGuard[int | float]:
    """Whether it is a positive number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf
