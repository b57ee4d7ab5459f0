"""Many processes and threads on one store file."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agenttune.store import Store
from agenttune.testing.store import claimed, make_proposal, make_spec, outcome_of, run_one
from agenttune.trial import TrialState

SCRIPT = Path(__file__).with_name("processes.py")


def command(job: str, *arguments: object) -> list[str]:
    return [sys.executable, str(SCRIPT), job, *map(str, arguments)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as store:
        yield store


def test_sixteen_processes_open_a_new_file_at_once(path: Path) -> None:
    done = subprocess.run(command("open", path, 16), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    with Store.open(path) as store:
        assert {row.name for row in store.studies()} == {f"study-{index}" for index in range(16)}
    assert [left.name for left in path.parent.iterdir() if left.name.startswith(".")] == []


def test_processes_open_a_new_file_in_a_new_folder_at_once(path: Path) -> None:
    done = subprocess.run(command("open", path.parent / "new" / "store.db", 4), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_eight_claimers_share_two_thousand_trials_without_a_duplicate(store: Store, path: Path) -> None:
    study = store.create_study(make_spec()).id
    for _ in range(2000):
        store.add_trial(study, make_proposal(), seed=0)
    done = subprocess.run(command("claim", path, study, 8), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    shares = [[int(number) for number in line.split()] for line in done.stdout.splitlines()]
    assert len(shares) == 8
    assert sorted(number for share in shares for number in share) == list(range(2000))
    assert len(store.running_attempts(study)) == 2000


def test_readers_do_not_wait_for_a_writer(store: Store, path: Path) -> None:
    study = store.create_study(make_spec()).id
    with Store.open(path) as reader, store._database.writing() as connection:
        connection.raw.execute("UPDATE studies SET n_trials = 99")
        assert reader.study(study).n_trials == 0  # a wait would end in a StoreError after 30 s


def test_reader_sees_one_moment(store: Store, path: Path) -> None:
    study = store.create_study(make_spec()).id
    with Store.open(path) as reader, reader._database.reading() as connection:
        count = "SELECT count(*) FROM trials"
        assert connection.raw.execute(count).fetchone() == (0,)
        store.add_trial(study, make_proposal(), seed=0)
        assert connection.raw.execute(count).fetchone() == (0,)


def test_killed_writer_leaves_every_transaction_it_was_assured_of(store: Store, path: Path) -> None:
    study = store.create_study(make_spec()).id
    writer = subprocess.Popen(command("write", path, study), stdout=subprocess.PIPE)
    assert writer.stdout is not None
    with writer.stdout as lines:
        for line in lines:
            if int(line) >= 50:
                writer.send_signal(signal.SIGKILL)
                break
        assured = int(max([line, *lines], key=int))
    assert writer.wait() == -signal.SIGKILL
    with Store.open(path) as again:
        trials = again.trials(study)
        assert [trial.state for trial in trials[: assured + 1]] == [TrialState.COMPLETE] * (assured + 1)
        assert len(trials) <= assured + 2
        run_one(again, study) if len(trials) == assured + 1 else claim_what_is_left(again, study)


def claim_what_is_left(store: Store, study: str) -> None:
    """The trial the writer was killed over is whole: waiting, running, or complete."""
    last = store.trials(study)[-1]
    if last.state is TrialState.WAITING:
        claimed(store, study)
    if last.state is not TrialState.COMPLETE:
        assert store.finish(study, last.number, TrialState.COMPLETE, outcome=outcome_of())


def test_death_within_a_transaction_undoes_it(store: Store, path: Path) -> None:
    study = store.create_study(make_spec()).id
    done = subprocess.run(command("die", path, study))
    assert done.returncode == -signal.SIGKILL
    assert [trial.state for trial in store.trials(study)] == [TrialState.WAITING]


def test_threads_share_a_store(store: Store) -> None:
    study = store.create_study(make_spec()).id
    seen: list[int] = []

    def read_while_the_other_writes() -> None:
        while not seen or seen[-1] < 50:
            seen.append(len(store.trials(study)))

    reader = threading.Thread(target=read_while_the_other_writes)
    reader.start()
    for _ in range(50):
        store.add_trial(study, make_proposal(), seed=0)
    reader.join()
    assert seen == sorted(seen)


def test_forked_child_uses_connections_of_its_own(store: Store, path: Path) -> None:
    study = store.create_study(make_spec()).id
    done = subprocess.run(command("fork", path, study), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert [trial.seed for trial in store.trials(study)] == [6, 7, 8]


def test_store_left_open_makes_no_noise_at_the_end(path: Path) -> None:
    code = f"from agenttune.store import Store; Store.open({str(path)!r}).studies()"
    done = subprocess.run([sys.executable, "-X", "dev", "-W", "error", "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
