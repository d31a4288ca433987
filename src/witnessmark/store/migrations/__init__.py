"""Migrations: how the tables of a case in PostgreSQL become those of today's format (Alembic)."""

from __future__ import annotations

from sqlalchemy import Connection


def migrate(connection: Connection) -> None:
    """Bring the tables of the current schema to the newest step, inside the transaction that is open."""
    from alembic import command  # noqa: PLC0415 - an extra
    from alembic.config import Config  # noqa: PLC0415 - the same

    config = Config()
    config.set_main_option("script_location", "witnessmark.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
