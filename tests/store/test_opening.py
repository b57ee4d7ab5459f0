"""Files that are refused, and what is left of them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agenttune.errors import AgentTuneError, StoreError, StudyNotFound
from agenttune.settings import state_dir
from agenttune.store import Store, opening, schema
from agenttune.testing.store import make_proposal, make_spec, run_one

N_TRIALS = 60


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed store with a study of some trials."""
    path = tmp_path_factory.mktemp("whole") / "store.db"
    with Store.open(path) as store:
        study = store.create_study(make_spec()).id
        for _ in range(N_TRIALS):
            run_one(store, study, n_reports=2)
    return path


@pytest.fixture
def whole(intact: Path) -> bytes:
    """The bytes of such a store."""
    return intact.read_bytes()


def refused(path: Path, *, match: str) -> str:
    """The sentence with which the store is refused, on one line."""
    with pytest.raises(StoreError, match=match) as caught:
        Store.open(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


# -- what is made ----------------------------------------------------------------------------------


def test_new_store_is_for_its_owner_alone(path: Path) -> None:
    with Store.open(path) as store:
        store.create_study(make_spec())
        assert [stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()] == [0o600] * 3


def test_last_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    Store.open(tmp_path / "new" / "store.db").close()
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_store_of_the_user_is_made_with_all_folders() -> None:
    with Store.open() as store:
        assert store.path == (state_dir() / "agenttune.db").resolve()


def test_store_uses_the_write_ahead_log_and_our_application_id(path: Path) -> None:
    Store.open(path).close()
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert raw.execute("PRAGMA application_id").fetchone() == (schema.APPLICATION_ID,)
    raw.close()


def test_empty_file_counts_as_none(path: Path) -> None:
    path.touch()
    with Store.open(path) as store:
        assert store.studies() == []


def test_link_to_a_store_is_followed(path: Path) -> None:
    Store.open(path).close()
    link = path.with_name("link.db")
    link.symlink_to(path)
    with Store.open(link) as store:
        assert store.path == path.resolve()


def test_build_that_was_killed_leaves_no_store_and_is_cleared_away(path: Path) -> None:
    left = path.with_name(f".{path.name}.new-abc")
    left.write_bytes(b"half")
    Store.open(path).close()
    assert set(files(path.parent)) == {"store.db"}


def test_build_that_fails_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(temporary: Path) -> None:
        assert temporary.exists()
        raise StoreError("no")

    monkeypatch.setattr(opening, "_make_tables", fails)
    folder = path.parent / "new"
    with pytest.raises(StoreError):
        Store.open(folder / path.name)
    assert not folder.exists()


def test_closed_store_says_so(path: Path) -> None:
    store = Store.open(path)
    store.close()
    with pytest.raises(StoreError, match="was closed"):
        store.studies()


# -- files that go away ----------------------------------------------------------------------------


def test_store_that_was_removed_is_noticed_and_not_made_anew(path: Path) -> None:
    with Store.open(path) as store:
        study = store.create_study(make_spec()).id
        path.unlink()
        with pytest.raises(StoreError, match=r"was removed or replaced .* is lost .*; no file is left"):
            store.study(study)
        with pytest.raises(StoreError, match="was removed or replaced"):
            store.send(study, "pause")
        assert not path.exists()


def test_store_that_was_replaced_is_noticed(path: Path, intact: Path) -> None:
    with Store.open(path) as store:
        study = store.create_study(make_spec()).id
        folder = store.study_dir(study)
        other = path.with_name("other.db")
        shutil.copy(intact, other)
        other.replace(path)
        with pytest.raises(StoreError, match=rf"the files of its trials are still in {folder.parent}"):
            store.studies()


def test_store_that_was_emptied_is_noticed(path: Path) -> None:
    with Store.open(path) as store:
        path.write_bytes(b"")
        with pytest.raises(StoreError, match="was removed or replaced"):
            store.studies()


def test_store_that_comes_back_is_used_again(path: Path) -> None:
    with Store.open(path) as store:
        row = store.create_study(make_spec())
        away = path.rename(path.with_name("away.db"))
        with pytest.raises(StoreError, match="was removed or replaced"):
            store.studies()
        away.rename(path)
        assert store.studies() == [row]


@pytest.mark.parametrize("place", ["gone.db", "no/such/gone.db"])
def test_store_that_must_exist_is_not_made(tmp_path: Path, place: str) -> None:
    with pytest.raises(StudyNotFound, match=rf"no store at {tmp_path / place}"):
        Store.open(tmp_path / place, must_exist=True)
    assert list(tmp_path.iterdir()) == []


# -- places that cannot be -------------------------------------------------------------------------


def test_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    assert f"--store {tmp_path / 'agenttune.db'}" in refused(tmp_path, match="is a folder")
    assert list(tmp_path.iterdir()) == []


def test_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    refused(tmp_path / "file" / "store.db", match="is a file, so it cannot hold a store")


def test_several_missing_folders_are_a_typo(tmp_path: Path) -> None:
    refused(tmp_path / "no" / "such" / "store.db", match="does not exist")
    assert list(tmp_path.iterdir()) == []


def test_device_is_told() -> None:
    refused(Path("/dev/null"), match="no ordinary file")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_folder_without_permission_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    refused(tmp_path / "store.db", match="no permission")
    refused(tmp_path / "new" / "store.db", match="cannot be made")
    tmp_path.chmod(0o700)


def test_place_without_permission_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda place, mode: False)  # what a plain user would be told
    refused(path, match="cannot be written: no permission for")
    assert files(path.parent) == {}


def test_write_ahead_log_without_its_store_is_not_applied_to_a_new_one(path: Path) -> None:
    path.with_name("store.db-wal").write_bytes(b"frames")
    refused(path, match=r"store\.db-wal is there without the store")
    assert set(files(path.parent)) == {"store.db-wal"}


# -- files that are not ours, or damaged -----------------------------------------------------------


def foreign_database(path: Path) -> None:
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE trials (x)")
    raw.commit()
    raw.close()


def our_database_without_tables(path: Path) -> None:
    raw = sqlite3.connect(path)
    raw.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
    raw.execute("CREATE TABLE x (x)")
    raw.commit()
    raw.close()


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda path: path.write_text("lr,score\n0.1,0.5\n"), "is not a store"),
        (lambda path: path.write_bytes(bytes(8192)), "is not a store"),
        (lambda path: path.write_bytes(opening.MAGIC), "another program"),
        (foreign_database, "another program"),
        (our_database_without_tables, "is damaged"),
    ],
    ids=["text", "zeros", "magic only", "other database", "no tables"],
)
def test_foreign_file_is_refused_and_kept(path: Path, make: Callable[[Path], object], match: str) -> None:
    make(path)
    before = path.read_bytes()
    copy = Path(refused(path, match=match).split("a copy is kept at ")[1].split(";")[0])
    assert path.read_bytes() == copy.read_bytes() == before
    assert set(files(path.parent)) == {path.name, copy.name}


def test_refusing_again_makes_no_second_copy(path: Path) -> None:
    path.write_text("text")
    assert refused(path, match="kept-") == refused(path, match="kept-")
    assert len(files(path.parent)) == 2


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_truncated_store_is_refused_and_kept(path: Path, whole: bytes, keep: float) -> None:
    torn = whole[: int(len(whole) * keep)]
    path.write_bytes(torn)
    refused(path, match="is damaged")
    assert set(files(path.parent).values()) == {torn}


def test_overwritten_page_is_refused_and_kept(path: Path, whole: bytes) -> None:
    torn = whole[:8192] + os.urandom(4096) + whole[12288:]
    path.write_bytes(torn)
    refused(path, match="is damaged")
    assert set(files(path.parent).values()) == {torn}


def test_damaged_store_with_a_write_ahead_log_is_left_as_it_is(path: Path) -> None:
    with Store.open(path) as store:
        study = store.create_study(make_spec()).id
        store.add_trial(study, make_proposal(), seed=0)
        found = files(path.parent)  # as a crash would leave them
    torn = {
        path.name: found[path.name][:20480] + b"\xff" * 4096 + found[path.name][24576:],
        f"{path.name}-wal": found[f"{path.name}-wal"][: 4096 + 32],
    }
    for name, content in torn.items():
        path.with_name(name).write_bytes(content)
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    refused(path, match="is damaged")
    after = files(path.parent)
    copy = next(name for name in after if "kept" in name and "-wal" not in name and "-shm" not in name)
    assert {name: after[name] for name in torn} == torn
    assert (after[copy], after[f"{copy}-wal"]) == tuple(torn.values())


def test_torn_end_of_the_write_ahead_log_loses_only_what_was_not_whole(path: Path, tmp_path: Path) -> None:
    with Store.open(path) as store:
        study = store.create_study(make_spec()).id
        for _ in range(20):
            store.add_trial(study, make_proposal(), seed=0)
        found = files(path.parent)
    again = tmp_path / "again" / path.name
    again.parent.mkdir()
    again.write_bytes(found[path.name])
    again.with_name(f"{path.name}-wal").write_bytes(found[f"{path.name}-wal"][:-3000])
    with Store.open(again) as store:
        assert [trial.number for trial in store.trials(study)] == list(range(19))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_flipped_byte_is_read_or_told_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, intact: Path, place: float, flip: int
) -> None:
    path = tmp_path_factory.mktemp("flipped") / "store.db"
    torn = bytearray(intact.read_bytes())
    torn[int(place * len(torn))] ^= flip
    path.write_bytes(torn)
    try:
        with Store.open(path) as store:
            for row in store.studies():
                store.trials(row.id)
                store.events(row.id)
                store.spaces(row.id)
    except AgentTuneError as error:
        assert isinstance(error, StoreError)
        assert "damaged" in str(error) or "another program" in str(error) or "newer" in str(error)


def test_copy_that_cannot_be_made_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copy2", full)
    path.write_text("text")
    assert "no copy could be made (No space left on device)" in refused(path, match="is not a store")
    assert set(files(path.parent)) == {path.name}


def test_store_of_a_newer_version_is_refused_untouched(path: Path) -> None:
    Store.open(path).close()
    raw = sqlite3.connect(path)
    raw.execute("UPDATE alembic_version SET version_num = '0999'")
    raw.commit()
    raw.close()
    before = files(path.parent)
    refused(path, match=r"newer AgentTune \(schema 999, this one knows \d+\); upgrade")
    assert files(path.parent) == before


# -- failures while it is open ---------------------------------------------------------------------


def test_store_that_another_holds_too_long_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agenttune.store.database.BUSY_TIMEOUT_S", 0.01)
    with Store.open(path) as store, Store.open(path) as other:
        study = store.create_study(make_spec()).id
        with store._database.writing(), pytest.raises(StoreError, match="was held by another process"):
            other.add_trial(study, make_proposal(), seed=0)


def test_damage_found_while_reading_names_the_record(path: Path) -> None:
    with Store.open(path) as store:
        study = store.create_study(make_spec()).id
        store.add_trial(study, make_proposal(), seed=0)
        with store._database.writing() as connection:
            connection.raw.execute("UPDATE proposals SET config = '{torn'")
        with pytest.raises(StoreError, match="record of trial 0 is damaged"):
            store.trials(study)


def test_interrupted_transaction_is_undone_and_the_next_works(path: Path) -> None:
    with Store.open(path) as store:
        study = store.create_study(make_spec()).id
        with pytest.raises(KeyboardInterrupt), store._database.writing() as connection:
            connection.raw.execute("UPDATE studies SET n_trials = 99")
            raise KeyboardInterrupt
        store.add_trial(study, make_proposal(), seed=0)
        assert store.study(study).n_trials == 1
