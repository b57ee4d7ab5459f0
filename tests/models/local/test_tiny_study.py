"""A whole study with a model that knows nothing: what masks cannot hold is refused, drawn again, and counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agenttune import Budget, Goal, Int, Space, Study
from agenttune.models.local.client import stop_hosts
from agenttune.replies.offers import offers_of
from agenttune.settings import settings_path
from agenttune.spec import StudySpec
from agenttune.store import Store
from agenttune.study.replay import replay
from agenttune.types import Config

pytestmark = pytest.mark.slow

SPACE = Space(a=Int(1, 2), b=Int(1, 2), constraints=["a != b"])
"""Half of it breaks the constraint."""
KNOWN: tuple[Config, ...] = ({"a": 1, "b": 2}, {"a": 2, "b": 1})
"""The other half, so that nothing the model can say is new."""
OBJECTIVE = "def value(config):\n    return config['a']\n"


@pytest.fixture
def spec(tiny_llama: Path, tmp_path: Path) -> Iterator[StudySpec]:
    """A study that asks it; its process ends with the test."""
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text('latency_s = 100.0\nsamples = 1\nlocal_device = "cpu"\nlocal_dtype = "float32"\n')
    (tmp_path / "objective_of_tiny.py").write_text(OBJECTIVE)
    yield StudySpec(
        name="tiny",
        space=SPACE,
        goal=Goal("value", "maximize"),
        objective={"type": "python", "target": "objective_of_tiny:value"},
        budget=Budget(trials=4),
        proposer="llm",
        model=f"hf:{tiny_llama}",
        executor="inline",
        first=KNOWN,
        cwd=str(tmp_path),
    )
    stop_hosts()


@pytest.mark.long
def test_replies_full_of_broken_constraints_and_duplicates_are_drawn_again_counted_and_replayed(
    spec: StudySpec, tmp_path: Path
) -> None:
    with Store.open(tmp_path / "studies.db") as store, Store.open(tmp_path / "again.db") as into:
        Study.from_spec(spec, store=store).run()
        study = store.study()
        assert [trial.config for trial in store.trials(study.id)] == list(KNOWN)
        exchanges = [exchange for _, exchange in store.exchanges(study.id)]
        assert len({exchange.reply for exchange in exchanges}) == 3
        assert {exchange.verdict for exchange in exchanges} <= {"infeasible", "duplicate"}
        offers = offers_of(store, study.id)
        assert (offers.n_offered, offers.n_illegal) == (12, 0)
        assert offers.n_infeasible + offers.n_duplicate == 12 and offers.n_infeasible and offers.n_duplicate
        replayed = replay(store, study, into)
        assert (replayed.difference, replayed.n_exchanges) == (None, 3)
        assert offers_of(into, into.study().id) == offers
