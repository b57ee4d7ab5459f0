"""What alembic runs around the scripts. Needs no ini file: the connection is handed over by opening.py.

The connection is in a transaction already, which its owner ends.
"""

from __future__ import annotations

from alembic import context

from agenttune.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
)
context.run_migrations()
