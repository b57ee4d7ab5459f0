"""A whole study with a real model on this machine: asked in its own process, held to the space, judged by the gate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agenttune.cli import main
from agenttune.settings import settings_path
from agenttune.store import Store
from agenttune.trial import TrialState

pytestmark = [pytest.mark.real_model, pytest.mark.long, pytest.mark.timeout(1_200)]

N_TRIALS = 12
SETTINGS = 'latency_s = 600.0\nlocal_dtype = "float32"\n'
"""Trials wait for the model however busy the machine is, and how fast it is does not choose the dtype."""


@pytest.fixture
def spec(smollm2: Path) -> Iterator[str]:
    """How the model is spelled; its process ends with the test."""
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text(SETTINGS)
    yield f"hf:{smollm2}"
    main(["models", "stop"])


def test_real_model_proposes_for_digits_and_the_gate_judges_it(spec: str, tmp_path: Path) -> None:
    request, path = f"tune an SVM on digits for accuracy, {N_TRIALS} trials", tmp_path / "studies.db"
    words = ["tune", request, "--yes", "--model", spec, "--max-requests", "1", "--store", str(path)]
    assert main(words) == 0
    with Store.open(path) as store:
        row = store.study("svm-digits")
        trials = store.trials(row.id)
        exchanges = [exchange for _, exchange in store.exchanges(row.id)]
    assert [trial.state for trial in trials] == [TrialState.COMPLETE] * N_TRIALS
    assert {"default", "model"} < {trial.proposal.arm for trial in trials}
    assert all(row.spec.space.validate(trial.proposal.config) for trial in trials)
    (exchange,) = exchanges
    assert (exchange.verdict, len(exchange.others), exchange.dollars) == ("used", 1, 0.0)
    assert exchange.usage["completion"] > 0 and exchange.numbers
