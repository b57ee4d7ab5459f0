"""Objectives that are command lines: `python train.py --lr {lr}`, in any language.

Nothing goes through a shell unless `"shell": true` says so. The metric is read from the output or
from a file (measurements.py); reports are JSON lines with a "step", printed or appended to
$AGENTTUNE_REPORTS. Not for: limits, logs, killing trees of processes (executors/).
"""

from __future__ import annotations

import codecs
import difflib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from agenttune.errors import ObjectiveError, TrialFailure
from agenttune.objectives import Run
from agenttune.objectives.command_line import (
    argument_text,
    check_placeholders,
    filled,
    filled_shell_text,
    filled_words,
)
from agenttune.objectives.measurements import (
    LineTail,
    Output,
    compile_metric_regex,
    read_number,
    read_result_file,
)
from agenttune.objectives.outcome import outcome_values
from agenttune.objectives.output import follow, kill_group, out_of_memory_kills, parent_death_hook
from agenttune.objectives.variables import REPORTS_NAME, RESULT_NAME, attempt_variables
from agenttune.redaction import remember_objective
from agenttune.types import Config, Json, Metrics

FIELDS = ("type", "command", "metric", "env", "shell")
METRIC_FIELDS = ("regex", "json_line", "file")

KILLED_CODES = {129: "SIGHUP", 130: "SIGINT", 137: "SIGKILL", 143: "SIGTERM", 241: "SIGTERM", 247: "SIGKILL"}
"""Exit codes that tell of a command within, killed from outside: of shells (128 + signal), and of Python
scripts that pass the return code of a subprocess on (256 - signal; 255 is too common to mean SIGHUP)."""
KILLED_SIGNALS = {-1: "SIGHUP", -2: "SIGINT", -9: "SIGKILL", -15: "SIGTERM"}

SHOWN_CHARACTERS = 80
"""Of a regex in a sentence."""
ARRIVAL_S = 1.0
"""Clocks of file systems lag behind the clock of the process by less than this."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A command ready to start."""

    argv: list[str]
    variables: dict[str, str]
    """Environment variables that are set on top of the environment."""


@dataclass(frozen=True, slots=True)
class CommandObjective:
    """Runs a command once per configuration."""

    command: str | tuple[str, ...]
    """One string, split as a shell would, or the words."""
    cwd: Path
    regex: re.Pattern[str] | None = None
    """Metric by regex on output: the last match counts."""
    json_line: bool = False
    """Metric by JSON line: the last one without a step, or with `"final": true`; else the last report."""
    file: str | None = None
    """Metric by result file; placeholders allowed, relative to `cwd`."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Further environment variables; placeholders allowed."""
    is_shell: bool = False

    outlives_sigterm: ClassVar[bool] = True
    """The process around it must leave the command time to answer SIGTERM, which it gets as well."""

    @classmethod
    def from_json(cls, content: Mapping[str, Json], *, cwd: Path) -> CommandObjective:
        """Reads `{"type": "command", "command": ..., "metric": {...}, "env": {...}, "shell": false}`.

        `metric` is one of `{"regex": "..."}`, `{"json_line": true}`, `{"file": "out_{trial}.json"}`; without
        it the file at $AGENTTUNE_RESULT counts, else JSON lines.

        Raises:
            ObjectiveError: an unknown entry, an empty command, a malformed regex.
        """
        _refuse_unknown(content, FIELDS, "a command objective")
        command = content.get("command")
        if isinstance(command, list):
            command_words: str | tuple[str, ...] = tuple(str(word) for word in command)
        else:
            command_words = command if isinstance(command, str) else ""
        if not command_words or (isinstance(command_words, str) and not command_words.strip()):
            raise ObjectiveError(
                f"a command objective needs `command`, as in 'python train.py --lr {{lr}}', but got {command!r}"
            )
        metric = content.get("metric", {})
        if not isinstance(metric, dict):
            raise ObjectiveError(rf'`metric` must be a table, as in {{"regex": "acc: (\\S+)"}}, but got {metric!r}')
        _refuse_unknown(metric, METRIC_FIELDS, "`metric` of a command")
        if len(metric) > 1:
            raise ObjectiveError(f"`metric` takes one of {', '.join(METRIC_FIELDS)}, but got {', '.join(metric)}")
        regex, file, env = metric.get("regex"), metric.get("file"), content.get("env", {})
        if not isinstance(env, dict):
            raise ObjectiveError(f"`env` must be a table of names and values, but got {env!r}")
        remember_objective(content)
        objective = cls(
            command_words,
            cwd,
            regex=None if regex is None else compile_metric_regex(str(regex)),
            json_line=bool(metric.get("json_line", False)),
            file=None if file is None else str(file),
            env={name: str(value) for name, value in env.items()},
            is_shell=bool(content.get("shell", False)),
        )
        objective.words()
        return objective

    def words(self) -> list[str]:
        """The words of the command with their placeholders; a shell command is one word.

        Raises:
            ObjectiveError: quotes that do not end.
        """
        if not isinstance(self.command, str):
            return [shlex.join(self.command)] if self.is_shell else list(self.command)
        if self.is_shell:
            return [self.command]
        try:
            return shlex.split(self.command)
        except ValueError as error:
            raise ObjectiveError(f"the command {self.command!r} cannot be split into words: {error}") from error

    def check(self, names: Collection[str]) -> None:
        """Refuses placeholders that are no parameters of the space.

        Raises:
            ObjectiveError: names the placeholder and the nearest parameter.
        """
        check_placeholders([*self.words(), *self.env.values(), *([self.file] if self.file else [])], names)

    def launch(self, config: Config, *, trial_number: int, seed: int, checkpoint_dir: Path, directory: Path) -> Launch:
        """The words and variables with which the command runs for `config`; starts nothing."""
        values = self._placeholder_values(config, trial_number, seed, checkpoint_dir, directory)
        words = self.words()
        argv = ["/bin/sh", "-c", filled_shell_text(words[0], values)] if self.is_shell else filled_words(words, values)
        variables = attempt_variables(
            trial_number=trial_number, seed=seed, checkpoint_dir=checkpoint_dir, directory=directory
        )
        own = {name: filled(text, values) for name, text in self.env.items()}
        return Launch(argv, variables | {name: text for name, text in own.items() if text is not None})

    def evaluate(self, config: Config, run: Run) -> float | Metrics:
        """Runs the command to its end and reads its metric.

        Raises:
            TrialFailure: it exits with another code than 0 (crash), was killed from outside (lost), or
                never told its metric (invalid).
        """
        result_path = self._result_path(config, run)
        stamp_before = _stamp(result_path)
        kills_before = out_of_memory_kills()
        output = Output(
            metric=run.metric, regex=self.regex, on_report=lambda step, metrics: run.report(step, **metrics)
        )
        code = self._run(config, run, output)
        if code in KILLED_CODES or code in KILLED_SIGNALS:
            return self._after_kill(code, output, result_path, stamp_before, run.metric, kills_before)
        if code != 0:
            raise TrialFailure(_how_it_ended(code), kind="crash", detail="\n".join(output.tail), exit_code=code)
        return self.measured(output, result_path, stamp_before=stamp_before, metric=run.metric)

    def _run(self, config: Config, run: Run, output: Output) -> int:
        launch = self.launch(
            config,
            trial_number=run.trial_number,
            seed=run.seed,
            checkpoint_dir=run.checkpoint_dir,
            directory=run.directory,
        )
        process = self._start(launch)
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        reports = LineTail(run.directory / REPORTS_NAME)

        def on_output(chunk: bytes) -> None:
            text = decoder.decode(chunk)
            sys.stdout.write(text)  # the trial's output is what the command prints; an executor keeps it in a file
            output.feed(text)

        def on_tick(*, is_over: bool = False) -> None:
            for line in reports.new_lines(is_over=is_over):
                output.take(line)

        assert process.stdout is not None  # a pipe
        try:
            with process.stdout:
                follow(
                    process.stdout.fileno(),
                    pid=process.pid,
                    is_over=lambda: process.poll() is not None,
                    on_output=on_output,
                    on_tick=on_tick,
                )
        except BaseException:
            kill_group(process.pid)
            process.wait()
            raise
        output.close()
        on_tick(is_over=True)
        return process.wait()

    def _start(self, launch: Launch) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                launch.argv,
                cwd=self.cwd,
                env=os.environ | launch.variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                process_group=0,  # killed as a group should this process have to give it up
                preexec_fn=parent_death_hook(),
            )
        except OSError as error:
            raise TrialFailure(f"the command {launch.argv[0]!r} cannot be started: {error.strerror}") from error

    def measured(self, output: Output, result_path: Path, *, stamp_before: object, metric: str) -> float | Metrics:
        """What a command measured that exited with code 0.

        Args:
            output: all that it printed.
            result_path: where its result file lies, if it wrote one.
            stamp_before: what stood there before it started; None for nothing.
            metric: the goal's.

        Raises:
            TrialFailure: it never told its metric.
        """
        if self.regex is not None:
            return _captured(output, self.regex)
        has_result = _stamp(result_path) not in (None, stamp_before)
        if self.file is not None and not has_result:
            stale = "was there before it started" if stamp_before is not None else "is missing"
            raise TrialFailure(f"the command never wrote its result: {result_path} {stale}{_last_line(output)}")
        is_read = has_result and not self.json_line
        written = read_result_file(result_path, metric) if is_read else {}
        if not isinstance(written, dict) or metric in written:
            return written
        measured = written if self.file is not None else {**written, **output.outcome()}
        if metric not in measured:
            where = "printed no JSON line" if self.json_line else "wrote no result file and printed no JSON line"
            done = f"wrote {result_path.name} without" if is_read else f"{where} with"
            seen = f" (there were {', '.join(measured)})" if measured else ""
            raise TrialFailure(f"the command {done} its metric {metric!r}{seen}{_last_line(output)}")
        return measured

    def _after_kill(
        self, code: int, output: Output, result_path: Path, stamp_before: object, metric: str, kills_before: int
    ) -> float | Metrics:
        """A complete result file counts, whatever happened to its writer; else the trial may be run again."""
        if _stamp(result_path) not in (None, stamp_before) and self.regex is None and not self.json_line:
            try:
                return outcome_values(read_result_file(result_path, metric, must_be_closed=True), metric)
            except TrialFailure:
                pass  # torn by the kill
        tail = "\n".join(output.tail)
        if "SIGKILL" in _how_it_ended(code) and out_of_memory_kills() > kills_before:
            message = "the kernel killed the command because memory ran out"
            raise TrialFailure(message, kind="oom", detail=tail, exit_code=code)
        raise TrialFailure(_how_it_ended(code), kind="lost", detail=tail, exit_code=code)

    def _placeholder_values(
        self, config: Config, trial_number: int, seed: int, checkpoint_dir: Path, directory: Path
    ) -> dict[str, str]:
        built_in = {
            "seed": str(seed),
            "trial": str(trial_number),
            "checkpoint_dir": str(checkpoint_dir),
            "result": str(directory / RESULT_NAME),
        }
        return built_in | {name: argument_text(value) for name, value in config.items()}

    def _result_path(self, config: Config, run: Run) -> Path:
        if self.file is None:
            return run.directory / RESULT_NAME
        values = self._placeholder_values(config, run.trial_number, run.seed, run.checkpoint_dir, run.directory)
        path = filled(self.file, values)
        if path is None:
            raise TrialFailure(f"the result file {self.file!r} needs a parameter that is inactive in this trial")
        return self.cwd / path

    def left_result(self, config: Config, run: Run, *, since: float) -> dict[str, float] | None:
        """A complete result file of a command whose whole process tree is gone.

        Args:
            config: what it ran with.
            run: of that attempt.
            since: seconds since the epoch at which the attempt started; an older file is not its own.
        """
        if self.regex is not None or self.json_line:
            return None
        try:
            path = self._result_path(config, run)
            if path.stat().st_mtime < since - ARRIVAL_S:
                return None
            return outcome_values(read_result_file(path, run.metric, must_be_closed=True), run.metric)
        except (OSError, TrialFailure):
            return None


def _captured(output: Output, regex: re.Pattern[str]) -> dict[str, float]:
    if output.matched is None:
        raise TrialFailure(
            f"the command never printed its metric: no line matches the regex {_shown(regex)}{_last_line(output)}"
        )
    values = {}
    for name, text in output.matched.items():
        try:
            values[name] = read_number(text)
        except ValueError as error:
            raise TrialFailure(
                f"the regex captured {text[:80]!r} for {name}, which is no number: have one printed alone, as in "
                f"'{name}: 0.5'; the regex is {_shown(regex)}"
            ) from error
    return values


def _shown(regex: re.Pattern[str]) -> str:
    """A regex in a sentence; those made from a script are long."""
    text = regex.pattern
    return repr(text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…")


def _last_line(output: Output) -> str:
    return f"; its last line was {output.last_line!r}" if output.last_line else "; it printed nothing"


def _how_it_ended(code: int) -> str:
    killed = KILLED_CODES.get(code) or KILLED_SIGNALS.get(code)
    if killed is not None:
        return f"the command was killed by {killed}"
    if code < 0:
        return f"the command crashed with {_signal_name(-code)}"
    return f"the command ended with exit code {code}"


def _signal_name(number: int) -> str:
    import signal

    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is written; None without a file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _refuse_unknown(content: Mapping[str, Json], fields: Collection[str], owner: str) -> None:
    for name in content:
        if name not in fields:
            near = difflib.get_close_matches(name, fields, n=1)
            hint = f": did you mean {near[0]!r}?" if near else f"; there are {', '.join(fields)}"
            raise ObjectiveError(f"{owner} has no entry {name!r}{hint}")
