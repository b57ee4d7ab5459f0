"""The ledger against the clock, and against many processes at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agenttune.budget import Budget, Spending
from agenttune.errors import BudgetExhausted
from agenttune.store import Store
from agenttune.testing.store import make_spec

MIDNIGHT = 1_790_000_000 // 86_400 * 86_400.0
SCRIPT = Path(__file__).with_name("processes.py")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as store:
        yield store


def test_day_ends_at_midnight_utc(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    study = store.create_study(make_spec()).id
    moments = iter([MIDNIGHT - 1.0, MIDNIGHT - 0.5, MIDNIGHT, MIDNIGHT + 86_399.0])
    monkeypatch.setattr("agenttune.store.ledger.time.time", lambda: next(moments))
    daily = Budget(requests=1)
    store.reserve(study, Spending(1), Budget(), daily=daily)
    with pytest.raises(BudgetExhausted, match="the day's 1 requests"):
        store.reserve(study, Spending(1), Budget(), daily=daily)
    store.reserve(study, Spending(1), Budget(), daily=daily)
    with pytest.raises(BudgetExhausted, match="the day's 1 requests"):
        store.reserve(study, Spending(1), Budget(), daily=daily)


def test_eight_processes_reserve_exactly_the_requests_of_the_day(store: Store, path: Path) -> None:
    studies = [store.create_study(make_spec(f"study-{index}")).id for index in range(8)]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "reserve", str(path), "100", *studies], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    shares = [int(line) for line in done.stdout.splitlines()]
    assert len(shares) == 8
    assert sum(shares) == store.spent_today().requests == 100
