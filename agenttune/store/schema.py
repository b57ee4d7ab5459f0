"""The tables of a store file, as they are now. How an older file gets there: migrations/.

Times are seconds since the epoch. JSON columns hold text of our own making (codec.py). The words of
`state` columns are the values of the enumerations in trial.py and spec.py. Rows are never deleted, so ids
only grow. A table whose rows are short has no rowid: a commit then writes one page for it, not two.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

HEAD = "0005"
"""Revision of the tables below: the newest in migrations/versions. Revisions are numbers, so that newer can be told."""

APPLICATION_ID = 0x41477455
""""AgtU" in bytes 68-71 of the file: tells our files from those of other programs that use SQLite."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


def _study() -> Column[str]:
    return Column("study_id", Text, ForeignKey("studies.id"), nullable=False)


studies = Table(
    "studies",
    metadata,
    Column("key", Integer, primary_key=True),  # order of creation, whatever the clock did
    Column("id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("end_reason", Text),
    Column("space_version", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("active_s", Float, nullable=False),
    Column("n_trials", Integer, nullable=False),  # counted against the budget
    Column("next_number", Integer, nullable=False),
    Column("driver", Text),  # lease, JSON
    Column("summary", Text, nullable=False),
    Column("spec", Text, nullable=False),  # long, so last: counting a trial then writes one page
)

spaces = Table(
    "spaces",
    metadata,
    Column("study_id", Text, ForeignKey("studies.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("space", Text, nullable=False),
    Column("edit", Text),  # JSON; NULL for the first version
    Column("summary", Text, nullable=False),
    Column("created_at", Float, nullable=False),
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", Integer, primary_key=True),
    _study(),
    Column("created_at", Float, nullable=False),
    Column("config", Text, nullable=False),
    Column("arm", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("space_version", Integer, nullable=False),
    Column("predicted_mean", Float),
    Column("predicted_sd", Float),
    Column("prediction_source", Text),
    Column("exchange_ids", Text, nullable=False),
    Column("seen_trials", Text, nullable=False),  # runs, "0-41,43": see numbers.py
    Column("parent", Integer),
    Column("memory", Text, nullable=False),
    Column("refusal_kind", Text),  # NULL: it became a trial
    Column("refusal", Text),
    Index("ix_proposals_refused", "study_id", sqlite_where=literal_column("refusal_kind IS NOT NULL")),
)

trials = Table(
    "trials",
    metadata,
    Column("study_id", Text, ForeignKey("studies.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("proposal_id", Integer, ForeignKey("proposals.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("replicate_of", Integer),
    Column("in_budget", Integer, nullable=False),
    Column("n_attempts", Integer, nullable=False),
    Column("outcome", Text),  # metrics, JSON
    Column("elapsed_s", Float),
    Column("is_late", Integer, nullable=False),
    Column("failure_kind", Text),
    Column("failure", Text),
    Column("ended_at", Float),
    Index("ix_trials_waiting", "study_id", "number", sqlite_where=literal_column("state = 'waiting'")),
    sqlite_with_rowid=False,
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("study_id", Text, nullable=False),
    Column("trial_number", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("directory", Text, nullable=False),
    Column("lease", Text),
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float),
    ForeignKeyConstraint(["study_id", "trial_number"], ["trials.study_id", "trials.number"]),
    UniqueConstraint("study_id", "trial_number", "number"),
    Index("ix_attempts_running", "study_id", sqlite_where=literal_column("state = 'running'")),
)

reports = Table(
    "reports",
    metadata,
    Column("study_id", Text, primary_key=True),
    Column("trial_number", Integer, primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),  # its number; 0: without an attempt
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("metrics", Text, nullable=False),
    Column("elapsed_s", Float, nullable=False),
    ForeignKeyConstraint(["study_id", "trial_number"], ["trials.study_id", "trials.number"]),
    sqlite_with_rowid=False,
)

notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    _study(),
    Column("trial_number", Integer),  # NULL: on the study
    Column("created_at", Float, nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_notes_study", "study_id", "trial_number"),
)

events = Table(
    "events",
    metadata,
    Column("study_id", Text, ForeignKey("studies.id"), primary_key=True),
    Column("id", Integer, primary_key=True, autoincrement=False),  # 1, 2, ... of the study, in the order of commits
    Column("trial_number", Integer),
    Column("created_at", Float, nullable=False),
    Column("kind", Text, nullable=False),
    Column("content", Text, nullable=False),
    sqlite_with_rowid=False,
)

controls = Table(
    "controls",
    metadata,
    Column("id", Integer, primary_key=True),
    _study(),
    Column("created_at", Float, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("accepted", Integer),
    Column("answer", Text),
    Column("answered_at", Float),
    Index("ix_controls_unanswered", "study_id", sqlite_where=literal_column("answered_at IS NULL")),
)

candidates = Table(
    "candidates",
    metadata,
    Column("id", Integer, primary_key=True),
    _study(),
    Column("created_at", Float, nullable=False),
    Column("config", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("predicted_mean", Float),
    Column("predicted_sd", Float),
    Column("space_version", Integer, nullable=False),
    Column("exchange_ids", Text, nullable=False),
    Column("asked_at", Integer, nullable=False),  # number of the trial that was to be proposed
    Column("salvaged", Text, nullable=False),  # JSON
    Column("prediction_source", Text),
    Column("sample", Integer, nullable=False, server_default="0"),
    Index("ix_candidates_study", "study_id"),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("study_id", Text, ForeignKey("studies.id")),  # NULL: outside any study
    Column("created_at", Float, nullable=False),
    Column("key", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("reply", Text),
    Column("verdict", Text, nullable=False),
    Column("latency_s", Float),
    Column("usage", Text, nullable=False),  # JSON: tokens by kind; of a reply used again, where it came from
    Column("dollars", Float),
    Column("why", Text),
    Column("revision", Text),  # the model as its server names it
    Column("numbers", Text),  # JSON; NULL where there are none, as in the next
    Column("others", Text),
    Index("ix_exchanges_key", "key"),
    Index("ix_exchanges_study", "study_id"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("study_id", Text, ForeignKey("studies.id")),  # NULL: outside any study
    Column("created_at", Float, nullable=False),
    Column("requests", Integer, nullable=False),  # as reserved; as it was, once settled
    Column("worst_tokens", Integer),
    Column("worst_dollars", Float),
    Column("tokens", Integer),
    Column("dollars", Float),
    Column("settled_at", Float),
    Index("ix_ledger_study", "study_id"),
    Index("ix_ledger_created_at", "created_at"),  # what a day cost
)

sessions = Table(
    "sessions",
    metadata,
    Column("key", Integer, primary_key=True),  # order of creation, whatever the clock did
    Column("id", Text, nullable=False, unique=True),
    Column("created_at", Float, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("title", Text, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("session_id", Text, ForeignKey("sessions.id"), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("kind", Text, nullable=False),
    Column("content", Text, nullable=False),
    Index("ix_entries_session", "session_id"),
)

code_entries = Table(
    "code_entries",
    metadata,
    Column("id", Integer, primary_key=True),
    _study(),
    Column("created_at", Float, nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", Integer),  # of a variant, 0, 1, ... within the study; NULL for the other kinds
    Column("content", Text, nullable=False),
    Index("ix_code_entries_number", "study_id", "number", unique=True),
)
