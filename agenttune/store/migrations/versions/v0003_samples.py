"""Several replies to one request and the distributions of their numbers; whose prediction a candidate has. Frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds columns; what models predicted so far is what they said."""
    with op.batch_alter_table("exchanges") as table:
        table.add_column(sa.Column("numbers", sa.Text(), nullable=True))
        table.add_column(sa.Column("others", sa.Text(), nullable=True))
    with op.batch_alter_table("candidates") as table:
        table.add_column(sa.Column("prediction_source", sa.Text(), nullable=True))
        table.add_column(sa.Column("sample", sa.Integer(), server_default="0", nullable=False))
    op.execute("UPDATE candidates SET prediction_source = 'verbal' WHERE predicted_mean IS NOT NULL")
