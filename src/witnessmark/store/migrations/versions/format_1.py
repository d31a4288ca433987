"""Format 1: the tables with which cases in PostgreSQL began."""

from __future__ import annotations

from alembic import op

revision = "format_1"
down_revision = None

STATEMENTS = """
CREATE TABLE checkpoint (
    size BIGINT NOT NULL,
    signed BYTEA NOT NULL,
    note BYTEA NOT NULL,
    PRIMARY KEY (size)
);
CREATE TABLE entry (
    idx BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (idx)
);
CREATE TABLE head (
    id BIGINT NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE meta (
    name VARCHAR COLLATE "C" NOT NULL,
    value VARCHAR COLLATE "C" NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE record (
    digest VARCHAR COLLATE "C" NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX record_digest ON record (right(digest, 12));
CREATE TABLE tile (
    level BIGINT NOT NULL,
    idx BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (level, idx)
);
CREATE TABLE token (
    checkpoint_size BIGINT NOT NULL,
    authority VARCHAR COLLATE "C" NOT NULL,
    serial BIGINT NOT NULL,
    request BYTEA NOT NULL,
    reply BYTEA NOT NULL,
    chain BYTEA NOT NULL,
    expires_at VARCHAR COLLATE "C",
    PRIMARY KEY (checkpoint_size, authority, serial)
);
CREATE TABLE vault (
    commitment VARCHAR COLLATE "C" NOT NULL,
    box BYTEA NOT NULL
);
CREATE INDEX vault_commitment ON vault (right(commitment, 12));
CREATE TABLE catalog_acquisition (
    entry BIGINT NOT NULL,
    record VARCHAR COLLATE "C" NOT NULL,
    exhibit VARCHAR COLLATE "C" NOT NULL,
    run VARCHAR COLLATE "C" NOT NULL,
    within VARCHAR COLLATE "C",
    PRIMARY KEY (entry)
);
CREATE INDEX catalog_acquisition_exhibit ON catalog_acquisition (exhibit);
CREATE INDEX catalog_acquisition_run ON catalog_acquisition (run);
CREATE INDEX catalog_acquisition_within ON catalog_acquisition (within) WHERE within IS NOT NULL;
CREATE TABLE catalog_action (
    entry BIGINT NOT NULL,
    type VARCHAR COLLATE "C" NOT NULL,
    outcome VARCHAR COLLATE "C" NOT NULL,
    object BIGINT,
    run VARCHAR COLLATE "C",
    PRIMARY KEY (entry)
);
CREATE INDEX catalog_action_type ON catalog_action (type, object);
CREATE TABLE catalog_mention (
    about VARCHAR COLLATE "C" NOT NULL,
    record VARCHAR COLLATE "C" NOT NULL,
    kind VARCHAR COLLATE "C" NOT NULL,
    PRIMARY KEY (about, record)
);
CREATE TABLE catalog_object (
    digest VARCHAR COLLATE "C" NOT NULL,
    exhibit VARCHAR COLLATE "C",
    item VARCHAR COLLATE "C",
    size BIGINT NOT NULL,
    media_type VARCHAR COLLATE "C" NOT NULL,
    entry BIGINT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (exhibit)
);
CREATE INDEX catalog_object_digest ON catalog_object (right(digest, 12));
CREATE TABLE catalog_record (
    record VARCHAR COLLATE "C" NOT NULL,
    entry BIGINT NOT NULL,
    kind VARCHAR COLLATE "C" NOT NULL,
    handle VARCHAR COLLATE "C",
    PRIMARY KEY (record, entry)
);
CREATE INDEX catalog_record_handle ON catalog_record (handle, kind);
CREATE INDEX catalog_record_kind ON catalog_record (kind, entry)
"""


def upgrade() -> None:
    """Make them."""
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)
