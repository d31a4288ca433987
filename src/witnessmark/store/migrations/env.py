"""What Alembic runs: the steps, on the connection that it was handed."""

from __future__ import annotations

from alembic import context

from witnessmark.store import tables

context.configure(
    connection=context.config.attributes["connection"], target_metadata=[tables.primary, tables.projection]
)
with context.begin_transaction():
    context.run_migrations()
