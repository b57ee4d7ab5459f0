"""The scripts lead to the tables of schema.py, and a later script reaches files that are there."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from agenttune.budget import Spending
from agenttune.errors import InternalError, StoreError
from agenttune.store import Store, codec, migrations, opening, schema
from agenttune.testing.store import make_spec

NEXT = '''"""Adds a column."""

from alembic import op
import sqlalchemy as sa

revision = "0006"
down_revision = "0005"


def upgrade():
    with op.batch_alter_table("studies") as table:
        table.add_column(sa.Column("colour", sa.Text()))
    {then}
'''


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    with Store.open(path) as store:
        store.create_study(make_spec())
    return path


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """A copy of the scripts, to add one to."""
    return Path(shutil.copytree(Path(str(migrations.__file__)).parent, tmp_path / "migrations"))


def columns(path: Path) -> set[str]:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        found = {column["name"] for column in inspect(connection).get_columns("studies")}
    engine.dispose()
    return found


@pytest.fixture
def by_scripts(tmp_path: Path) -> Path:
    """A file that has gone through every version there was, which a new one does not."""
    path = tmp_path / "grown.db"
    path.touch()
    opening.migrate(path)
    return path


def test_scripts_lead_to_the_tables_of_the_schema(by_scripts: Path) -> None:
    engine = create_engine(f"sqlite:///{by_scripts}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()


def test_tables_made_by_scripts_and_by_the_schema_are_the_same_but_for_order(path: Path, by_scripts: Path) -> None:
    assert definitions(path) == definitions(by_scripts)
    assert revision(path) == revision(by_scripts) == [(schema.HEAD,)]


def revision(path: Path) -> list[tuple[str]]:
    raw = sqlite3.connect(path)
    rows = raw.execute("SELECT version_num FROM alembic_version").fetchall()
    raw.close()
    return rows


def definitions(path: Path) -> dict[str, list[str]]:
    """Name -> clauses of tables and indices; shows what alembic does not compare (partial, WITHOUT ROWID)."""
    raw = sqlite3.connect(path)
    rows = raw.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'")
    found = {
        name: sorted(" ".join(sql.split()).replace(f'"{name}"', name).replace(" ) ", ", ) ").split(", "))
        for name, sql in rows  # a table that was altered has its name in quotes
    }
    raw.close()
    return found


def test_newest_script_is_the_one_the_library_expects() -> None:
    config = Config()
    config.set_main_option("script_location", "agenttune.store:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_every_revision_is_a_number() -> None:
    config = Config()
    config.set_main_option("script_location", "agenttune.store:migrations")
    assert all(script.revision.isdecimal() for script in ScriptDirectory.from_config(config).walk_revisions())


def test_later_script_reaches_a_store_with_rows(path: Path, scripts: Path) -> None:
    (scripts / "versions" / "v0006_colour.py").write_text(NEXT.format(then="pass"))
    opening.migrate(path, scripts=str(scripts))
    assert "colour" in columns(path)
    raw = sqlite3.connect(path)
    assert raw.execute("SELECT name, colour FROM studies").fetchall() == [("study", None)]
    raw.close()


def test_script_that_fails_leaves_the_store_as_it_was(path: Path, scripts: Path) -> None:
    (scripts / "versions" / "v0006_colour.py").write_text(NEXT.format(then='op.execute("no such statement")'))
    before = definitions(path)
    with pytest.raises(InternalError, match="no such statement"):
        opening.migrate(path, scripts=str(scripts))
    assert definitions(path) == before
    with Store.open(path) as store:
        assert [row.name for row in store.studies()] == ["study"]


def test_older_store_is_copied_and_brought_up_to_date(
    path: Path, scripts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (scripts / "versions" / "v0006_colour.py").write_text(NEXT.format(then="pass"))
    migrate, before = opening.migrate, path.read_bytes()
    monkeypatch.setattr(schema, "HEAD", "0006")
    monkeypatch.setattr(opening, "migrate", lambda where: migrate(where, scripts=str(scripts)))
    with Store.open(path) as store:
        assert [row.name for row in store.studies()] == ["study"]
    (copy,) = path.parent.glob("store.db.kept-*")
    assert copy.read_bytes() == before
    assert "colour" in columns(path)
    monkeypatch.setattr(schema, "HEAD", "0005")
    with pytest.raises(StoreError, match="newer"):
        Store.open(path)


def test_first_schema_is_brought_up_to_date_with_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    build_at(path, "0001")
    raw = sqlite3.connect(path)
    insert_study(raw)
    raw.execute("INSERT INTO ledger (study_id, created_at, requests, worst_tokens) VALUES ('s', 0, 1, 70)")
    raw.commit()
    raw.close()
    with Store.open(path) as store:
        assert store.spent("s") == Spending(1, 70, None)
        assert store.candidates("s") == ()
        assert [row.name for row in store.studies()] == ["study"]


def test_predictions_kept_before_their_source_was_are_what_the_model_said(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    build_at(path, "0002")
    raw = sqlite3.connect(path)
    insert_study(raw)
    request = codec.dumps({"model": "openai:test", "messages": [], "sampling": {"seed": 1}})
    raw.execute(
        "INSERT INTO exchanges (study_id, created_at, key, request, reply, verdict, usage)"
        " VALUES ('s', 0, 'k', ?, '{}', 'used', '{}')",
        (request,),
    )
    for mean in (0.5, None):
        raw.execute(
            "INSERT INTO candidates (study_id, created_at, config, reason, predicted_mean, space_version, exchange_ids,"
            " asked_at, salvaged) VALUES ('s', 0, '{}', 'why', ?, 1, '[1]', 0, '[]')",
            (mean,),
        )
    raw.commit()
    raw.close()
    with Store.open(path) as store:
        kept = [(entry.prediction_source, entry.sample) for entry in store.candidates("s")]
        ((_, exchange),) = store.exchanges("s")
    assert kept == [("verbal", 0), (None, 0)]
    assert (exchange.reply, exchange.numbers, exchange.others) == ("{}", (), ())


def insert_study(raw: sqlite3.Connection) -> None:
    """The row of a study called old, with id s."""
    raw.execute(
        "INSERT INTO studies (id, name, state, space_version, created_at, active_s, n_trials, next_number, summary,"
        " spec) VALUES ('s', 'old', 'new', 1, 0, 0, 0, 0, '{}', ?)",
        (codec.dumps(codec.spec_to_json(make_spec())),),
    )


def build_at(path: Path, revision: str) -> None:
    """A store as an older version made it."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "agenttune.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
    raw = sqlite3.connect(path)
    raw.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    raw.close()
