"""The tables of a case, all in one file so that a row and its log entry share a transaction.

Primary: `entry`, `tile`, `head`, `checkpoint`, `token`, `record`, `vault`, `meta`.
Projection (dropped and recreated by `rebuild`): everything whose name starts with `catalog_`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    TypeDecorator,
    and_,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement, GenericFunction
from sqlalchemy.types import TypeEngine

from witnessmark.errors import IntegrityError

FORMAT = 1
"""The version of the case format that this release writes (docs/explanation/format/store.md)."""


NUMBER = Integer().with_variant(BigInteger(), "postgresql")


class Octets(TypeDecorator[bytes]):
    """Bytes, and IntegrityError for anything else: SQLite itself lets any column hold anything."""

    impl = LargeBinary
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes:  # noqa: ARG002 - SQLAlchemy's
        """The value that was read."""
        if not isinstance(value, bytes):
            raise IntegrityError(f"a value of the database has become {type(value).__name__}, not bytes")
        return value


class OctetsIfAny(TypeDecorator[bytes]):
    """Bytes of a row that may not be there, as an outer join finds it; IntegrityError for anything else."""

    impl = LargeBinary
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """The value that was read; None if there was no row."""
        if value is not None and not isinstance(value, bytes):
            raise IntegrityError(f"a value of the database has become {type(value).__name__}, not bytes")
        return value


class Whole(TypeDecorator[int]):
    """A whole number, and IntegrityError for anything else."""

    impl = Integer
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type that the database knows."""
        return dialect.type_descriptor(NUMBER)

    def process_result_value(self, value: Any, dialect: Dialect) -> int:  # noqa: ARG002 - SQLAlchemy's
        """The value that was read."""
        if not isinstance(value, int):
            raise IntegrityError(f"a value of the database has become {type(value).__name__}, not a number")
        return value


class Words(TypeDecorator[str]):
    """Text, and IntegrityError for anything else."""

    impl = String
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> str:  # noqa: ARG002 - SQLAlchemy's
        """The value that was read."""
        if not isinstance(value, str):
            raise IntegrityError(f"a value of the database has become {type(value).__name__}, not text")
        return value


_TAIL = 12
"""How many hexadecimal digits of a digest or commitment are indexed: 48 bits, a sixth of the whole. Rows
come in random order of their names, so that the size of these indexes decides what a new row costs."""


class _Tail(FunctionElement[str]):
    """The last digits of a name."""

    inherit_cache = True
    type = String()


@compiles(_Tail)
def _(tail: _Tail, compiler: SQLCompiler, **options: Any) -> str:
    return f"substr({compiler.process(tail.clauses, **options)}, -{_TAIL})"


@compiles(_Tail, "postgresql")
def _(tail: _Tail, compiler: SQLCompiler, **options: Any) -> str:
    return f"right({compiler.process(tail.clauses, **options)}, {_TAIL})"


class _Each(GenericFunction[str]):
    """The values of a list in JSON as rows."""

    name = "json_each"
    inherit_cache = True


@compiles(_Each, "postgresql")
def _(each: _Each, compiler: SQLCompiler, **options: Any) -> str:
    return f"jsonb_array_elements_text(CAST({compiler.process(each.clauses, **options)} AS jsonb))"


def _tail(column: ColumnElement[str]) -> ColumnElement[str]:
    return _Tail(column)


def named(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """Whether `column`, a digest or commitment whose tail is indexed, is `name`.

    BETWEEN, since from `=` SQLite would work out the tail by itself and then not look for its index.
    """
    return and_(_tail(column) == name[-_TAIL:], column.between(name, name))


def asked_for(column: ColumnElement[str]) -> ColumnElement[bool]:
    """What `named` says, in a question that is made once and asked of many names, each time with `asking`."""
    return and_(_tail(column) == bindparam("tail"), column.between(bindparam("name"), bindparam("name")))


def asking(name: str) -> dict[str, str]:
    """What a question with `asked_for` is asked with."""
    return {"name": name, "tail": name[-_TAIL:]}


def names(column: ColumnElement[str], other: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether `column`, a digest whose tail is indexed, is what another column names."""
    return and_(_tail(column) == _tail(other), column.between(other, other))


def asked_among(column: ColumnElement[str], called: str = "") -> ColumnElement[bool]:
    """What `among` says, in a question that is made once, each time asked with `asking_among`.

    Who asks for two lists of names in one question has them `called` differently.
    """
    tails, names = (_rows_of(bindparam(f"{called}{one}", type_=String)) for one in ("tails", "names"))
    return and_(_tail(column).in_(tails), column.in_(names))


def asking_among(names: Sequence[str], called: str = "") -> dict[str, str]:
    """What a question with `asked_among` is asked with."""
    tails = [name[-_TAIL:] for name in names]
    return {f"{called}names": json.dumps(names), f"{called}tails": json.dumps(tails)}


def asked_at(column: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether `column` is one of some numbers, in a question made once, each time asked with `asking_at`."""
    value = func.json_each(bindparam("numbers", type_=String)).table_valued("value").c.value
    return column.in_(select(cast(value, BigInteger)))


def asking_at(numbers: Iterable[int]) -> dict[str, str]:
    """What a question with `asked_at` is asked with."""
    return {"numbers": json.dumps(sorted(numbers))}


def named_in_words(column: str, place: int) -> str:
    """What `named` says, for a statement in words whose parameter number `place` is the name."""
    tail = f"substr({column}, -{_TAIL}) = substr(?{place}, -{_TAIL})"
    return f"{tail} AND {column} BETWEEN ?{place} AND ?{place}"


def among(column: ColumnElement[str], names: Sequence[str]) -> ColumnElement[bool]:
    """Whether `column`, a digest or commitment whose tail is indexed, is one of `names`."""
    return and_(_tail(column).in_(listed([name[-_TAIL:] for name in names])), column.in_(listed(names)))


def listed(values: Sequence[str]) -> Select[Any]:
    """Values as rows, so that a statement reads the same for any number of them."""
    return _rows_of(json.dumps(values))


def _rows_of(written: Any) -> Select[Any]:
    return select(func.json_each(written).table_valued("value").c.value)


NAMED = {"named": True}
"""Marks a table whose first column is a name that it holds once."""

primary = MetaData()
projection = MetaData()

meta = Table(
    "meta",
    primary,
    Column("name", Words, primary_key=True),
    Column("value", Words, nullable=False),
)
entry = Table(
    "entry",
    primary,
    Column("idx", Whole, primary_key=True, autoincrement=False),
    Column("data", Octets, nullable=False),
)
tile = Table(
    "tile",
    primary,
    Column("level", Whole, primary_key=True),
    Column("idx", Whole, primary_key=True),
    Column("hashes", Octets, nullable=False),
)
head = Table(
    "head",
    primary,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("size", Whole, nullable=False),
    Column("root", Octets, nullable=False),
)
checkpoint = Table(
    "checkpoint",
    primary,
    Column("size", Whole, primary_key=True, autoincrement=False),
    Column("signed", Octets, nullable=False),
    Column("note", Octets, nullable=False),
)
token = Table(
    "token",
    primary,
    Column("checkpoint_size", Whole, primary_key=True),
    Column("authority", Words, primary_key=True),
    Column("serial", Whole, primary_key=True),
    Column("request", Octets, nullable=False),
    Column("reply", Octets, nullable=False),
    Column("chain", Octets, nullable=False),
    Column("expires_at", String),
)
record = Table(
    "record",
    primary,
    Column("digest", Words, nullable=False),
    Column("body", Octets, nullable=False),
    info=NAMED,
)
Index("record_digest", _tail(record.c.digest))
vault = Table(
    "vault",
    primary,
    Column("commitment", Words, nullable=False),
    Column("box", Octets, nullable=False),
)
Index("vault_commitment", _tail(vault.c.commitment))

catalog_object = Table(
    "catalog_object",
    projection,
    Column("digest", String, nullable=False),
    Column("exhibit", String, unique=True),
    Column("item", String),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String, nullable=False),
    Column("entry", NUMBER, nullable=False),
    Column("number", NUMBER, primary_key=True, autoincrement=False),
    info=NAMED,
)
Index("catalog_object_digest", _tail(catalog_object.c.digest))
catalog_acquisition = Table(
    "catalog_acquisition",
    projection,
    Column("entry", NUMBER, primary_key=True, autoincrement=False),
    Column("record", String, nullable=False),
    Column("exhibit", String, nullable=False),
    Column("run", String, nullable=False),
    Column("within", String),
    Index("catalog_acquisition_exhibit", "exhibit"),
    Index("catalog_acquisition_run", "run"),
)
_within = catalog_acquisition.c.within
Index(
    "catalog_acquisition_within",
    _within,
    sqlite_where=_within.is_not(None),
    postgresql_where=_within.is_not(None),
)
catalog_record = Table(
    "catalog_record",
    projection,
    Column("record", String, primary_key=True),
    Column("entry", NUMBER, primary_key=True, autoincrement=False),
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
    Column("entry", NUMBER, primary_key=True, autoincrement=False),
    Column("type", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("object", NUMBER),
    Column("run", String),
    Index("catalog_action_type", "type", "object"),
)
