"""How a store file of an older version becomes a current one: alembic scripts, one per schema, never edited."""
