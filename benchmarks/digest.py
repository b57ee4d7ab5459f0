"""What a prompt costs: `python -m benchmarks.digest` prints estimated tokens and CPU milliseconds by trials.

Space and objective are those of `benchmarks.proposal_cost`; every twelfth trial fails, every fourth is the model's.
The view is fresh each time, as at an ask; its making is not counted.
"""

from __future__ import annotations

import gc
import time
from dataclasses import replace
from statistics import median

from agenttune.exchange import Prompt, estimate_tokens
from agenttune.history import StudyView
from agenttune.insight.prompt import MAX_TOKENS, llm_prompt
from agenttune.trial import Failure, FailureKind, Trial, TrialState
from benchmarks.proposal_cost import space
from benchmarks.proposal_cost import view as plain_view

SIZES = (10, 100, 1_000, 10_000)
BLOCKS = (1, 2, 4)
REPEATS = 5
BAR_MS = 50.0
"""CPU milliseconds at 10,000 trials of 7 parameters."""


def main() -> None:
    """Measures and prints."""
    _once(view(1, 10, seed=9))  # imports
    print(f"{'trials':>12}" + "".join(f"{n:>16,}" for n in SIZES))
    for n_blocks in BLOCKS:
        figures = [_figures(n_blocks, n) for n in SIZES]
        cells = "".join(f"{tokens:>6,} tok {ms:>4.0f} ms" for tokens, ms in figures)
        print(f"{7 * n_blocks:>3} parameters{cells}")
    print(f"bars: under {MAX_TOKENS:,} tokens anywhere; {BAR_MS:.0f} ms at 10,000 trials of 7 parameters")


def view(n_blocks: int, n: int, *, seed: int) -> StudyView:
    """A study in which models propose and some trials fail."""
    made = plain_view(space(n_blocks), n, seed=seed)
    return replace(made, trials=tuple(_varied(trial) for trial in made.trials), budget_trials=2 * n)


def _varied(trial: Trial) -> Trial:
    if trial.number % 12 == 5:
        failure = Failure(FailureKind.OOM, f"out of memory at step {trial.number}: tried to allocate 2.0 GiB")
        return replace(trial, state=TrialState.FAILED, outcome=None, failure=failure)
    if trial.number % 4 == 1:
        told = replace(trial.proposal, arm="model", predicted_mean=-1.0, predicted_sd=0.5, prediction_source="verbal")
        return replace(trial, proposal=told)
    return trial


def _figures(n_blocks: int, n: int) -> tuple[int, float]:
    done = [_once(view(n_blocks, n, seed=seed)) for seed in range(REPEATS)]
    tokens = max(sum(estimate_tokens(str(m["content"])) for m in prompt.messages) for prompt, _ in done)
    return tokens, 1e3 * median(seconds for _, seconds in done)


def _once(given: StudyView) -> tuple[Prompt, float]:
    gc.disable()  # a full collection walks the trials of all views made so far, and would count as the prompt's
    started = time.process_time()
    prompt = llm_prompt(given, k=4, context={"request": "tune the network"})
    elapsed_s = time.process_time() - started
    gc.enable()
    return prompt, elapsed_s


if __name__ == "__main__":
    main()
