"""The tables of a case, all in one file so that a row and its log entry share a transaction.

Primary: `entry`, `tile`, `head`, `checkpoint`, `token`, `record`, `vault`, `meta`.
Projection (dropped and recreated by `rebuild`): everything whose name starts with `catalog_`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table

FORMAT = 1
"""The version of the case format that this release writes (docs/explanation/format/store.md)."""

primary = MetaData()
projection = MetaData()

meta = Table(
    "meta",
    primary,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)
entry = Table(
    "entry",
    primary,
    Column("idx", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)
tile = Table(
    "tile",
    primary,
    Column("level", Integer, primary_key=True),
    Column("idx", Integer, primary_key=True),
    Column("hashes", LargeBinary, nullable=False),
)
head = Table(
    "head",
    primary,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    Column("root", LargeBinary, nullable=False),
)
checkpoint = Table(
    "checkpoint",
    primary,
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("signed", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
)
token = Table(
    "token",
    primary,
    Column("checkpoint_size", Integer, primary_key=True),
    Column("authority", String, primary_key=True),
    Column("serial", Integer, primary_key=True),
    Column("request", LargeBinary, nullable=False),
    Column("reply", LargeBinary, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("expires_at", String),
)
record = Table(
    "record",
    primary,
    Column("digest", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
vault = Table(
    "vault",
    primary,
    Column("commitment", String, primary_key=True),
    Column("box", LargeBinary, nullable=False),
)

catalog_object = Table(
    "catalog_object",
    projection,
    Column("digest", String, primary_key=True),
    Column("exhibit", String, unique=True),
    Column("item", String),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String, nullable=False),
    Column("entry", Integer, nullable=False),
)
catalog_acquisition = Table(
    "catalog_acquisition",
    projection,
    Column("entry", Integer, primary_key=True, autoincrement=False),
    Column("record", String, nullable=False),
    Column("exhibit", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("run", String, nullable=False),
    Column("commitment", String, nullable=False),
    Column("source_key", LargeBinary),
    Column("within", String),
    Index("catalog_acquisition_digest", "digest"),
    Index("catalog_acquisition_run", "run", "source_key"),
    Index("catalog_acquisition_within", "within"),
)
catalog_record = Table(
    "catalog_record",
    projection,
    Column("record", String, primary_key=True),
    Column("entry", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("handle", String),
    Index("catalog_record_kind", "kind", "entry"),
    Index("catalog_record_handle", "handle", "kind"),
)
catalog_mention = Table(
    "catalog_mention",
    projection,
    Column("about", String, primary_key=True),
    Column("record", String, primary_key=True),
    Column("kind", String, nullable=False),
)
catalog_action = Table(
    "catalog_action",
    projection,
    Column("entry", Integer, primary_key=True, autoincrement=False),
    Column("type", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("used", String),
    Column("run", String),
    Index("catalog_action_type", "type", "run"),
    Index("catalog_action_used", "used", "type"),
)
