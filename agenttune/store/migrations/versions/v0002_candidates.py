"""Candidates of models; of an exchange why it ended, and the revision; requests outside any study. Frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table, and what is new in two others."""
    op.create_table(
        "candidates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("predicted_mean", sa.Float(), nullable=True),
        sa.Column("predicted_sd", sa.Float(), nullable=True),
        sa.Column("space_version", sa.Integer(), nullable=False),
        sa.Column("exchange_ids", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Integer(), nullable=False),
        sa.Column("salvaged", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name=op.f("fk_candidates_studies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidates")),
    )
    op.create_index("ix_candidates_study", "candidates", ["study_id"], unique=False)
    with op.batch_alter_table("exchanges") as table:
        table.alter_column("study_id", existing_type=sa.Text(), nullable=True)
        table.add_column(sa.Column("why", sa.Text(), nullable=True))
        table.add_column(sa.Column("revision", sa.Text(), nullable=True))
    with op.batch_alter_table("ledger") as table:
        table.alter_column("study_id", existing_type=sa.Text(), nullable=True)
        table.create_index("ix_ledger_created_at", ["created_at"], unique=False)
