"""The catalog: what the records and the log say, laid out for questions.

It is a projection. `rows_of` turns one log entry and its records into rows, and is the only way
in, while the case grows and when it is rebuilt; so both give the same answers.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select

from witnessmark.errors import IntegrityError
from witnessmark.model import (
    Acquisition,
    Action,
    Assessment,
    Assignment,
    Bearing,
    Claim,
    Comment,
    Copy,
    Counting,
    Decision,
    Digest,
    Erasure,
    Estimate,
    Filing,
    Finding,
    Grade,
    Hypothesis,
    Identification,
    Item,
    Match,
    Observation,
    PersonRecord,
    Rating,
    Rereading,
    Sealed,
    Statement,
    Tie,
)
from witnessmark.model.wire import Noun, decode
from witnessmark.store import tables
from witnessmark.store.database import head_of, lay_down, replace

Row = tuple[Any, ...]
Rows = dict[Table, list[Row]]
KeyOf = Callable[[Sealed], bytes | None]
"""The keyed name of the value behind a commitment, by which equal ones are found; None if it was erased."""

_STATED = "catalog"
"""Under which name in `meta` the extent of the catalog stands."""
_META = frozenset({"format", "origin", "vkey", "vault", _STATED})
_ITEM = b'{"exhibit":'
_DOUBLED = "find out how that came about: numbers on record cannot be changed; restore a copy from before it"

_ACTED_IN_SQLITE = (
    "INSERT OR IGNORE INTO catalog_action VALUES (?1, ?2, ?3, (SELECT number FROM catalog_object"  # noqa: S608
    f" WHERE {tables.named_in_words('digest', 4)} AND entry < ?1), ?5)"
)
"""An act is found by the number of the object that it used. Objects that came in together are mostly acted on
together, so that the index grows at one place; by digests it would at all places."""
_BECOMES_EXHIBIT_IN_SQLITE = (
    "UPDATE catalog_object SET exhibit = ?1, item = ?2, size = ?3, media_type = ?4, entry = ?5"  # noqa: S608
    f" WHERE {tables.named_in_words('digest', 6)} AND exhibit IS NULL"
)

_ACTED = {
    "sqlite": _ACTED_IN_SQLITE,
    "postgresql": (
        "INSERT INTO catalog_action SELECT one.entry, one.type, one.outcome, (SELECT number"
        " FROM catalog_object AS known WHERE right(known.digest, 12) = right(one.used, 12)"
        " AND known.digest = one.used AND known.entry < one.entry), one.run"
        " FROM (VALUES (%s::bigint, %s::varchar, %s::varchar, %s::varchar, %s::varchar))"
        " AS one (entry, type, outcome, used, run) ON CONFLICT DO NOTHING"
    ),
}
_BECOMES_EXHIBIT = {
    "sqlite": _BECOMES_EXHIBIT_IN_SQLITE,
    "postgresql": (
        "UPDATE catalog_object AS known SET exhibit = one.exhibit, item = one.item, size = one.size,"
        " media_type = one.media_type, entry = one.entry FROM (VALUES (%s::varchar, %s::varchar, %s::bigint,"
        " %s::varchar, %s::bigint, %s::varchar)) AS one (exhibit, item, size, media_type, entry, digest)"
        " WHERE right(known.digest, 12) = right(one.digest, 12) AND known.digest = one.digest"
        " AND known.exhibit IS NULL"
    ),
}

_ABOUT: Mapping[type, Callable[[Any], Iterable[str]]] = {
    Assessment: lambda noun: (noun.claim, *noun.rests_on),
    Assignment: lambda noun: (noun.about,),
    Bearing: lambda noun: (noun.on, noun.evidence),
    Claim: lambda noun: (noun.event,),
    Comment: lambda noun: (noun.about, noun.answers),
    Copy: lambda noun: (noun.derived_from,),
    Counting: lambda noun: (noun.about, noun.other),
    Decision: lambda noun: (noun.about, noun.other),
    Erasure: lambda noun: noun.objects,
    Estimate: lambda noun: noun.rests_on,
    Filing: lambda noun: (noun.about, noun.claim),
    Finding: lambda noun: (noun.about,),
    Grade: lambda noun: (noun.about,),
    Hypothesis: lambda noun: (noun.event, noun.claim),
    Identification: lambda noun: (noun.one, noun.other),
    Match: lambda noun: (noun.query, noun.candidate),
    Observation: lambda noun: (noun.about,),
    PersonRecord: lambda noun: (noun.list,),
    Rating: lambda noun: (noun.about,),
    Rereading: lambda noun: (noun.assessment,),
    Statement: lambda noun: (noun.claim, noun.appearance.digest),
    Tie: lambda noun: (noun.statement, noun.source),
}


def rows_of(
    index: int, action: Action, nouns: Sequence[tuple[Digest, Noun]], key_of: KeyOf
) -> Iterator[tuple[Table, Row]]:
    """The rows that entry `index` and the records it generated add to the catalog."""
    if action.type != "take.acquired":  # the acquisition's own row says the same
        yield tables.catalog_action, _action_row(index, action)
    for digest, noun in nouns:
        if isinstance(noun, Item):
            yield tables.catalog_object, _object_row(noun.original, index, noun.exhibit, digest)
        elif isinstance(noun, Acquisition):
            yield tables.catalog_acquisition, _acquisition_row(index, digest, noun)
        else:
            if isinstance(noun, Copy):
                yield tables.catalog_object, _object_row(noun, index)
            yield from _record_rows(index, digest, noun, _handle_key(action, key_of))


@dataclass(frozen=True, slots=True)
class Extent:
    """How far the catalog reaches: entries of the log, items on record, and rows of each table.

    It is kept beside the log in the transaction that lays the rows down, so that a catalog which lags or
    lacks rows is noticed without reading the log, and no exhibit number hangs on the catalog.
    """

    size: int
    exhibits: int
    rows: Mapping[str, int]

    def grown(self, size: int, exhibits: int, rows: Mapping[str, int]) -> Extent:
        """The extent after `rows` more (or less) of each table, when the log has `size` entries."""
        total = {name: count + rows.get(name, 0) for name, count in self.rows.items()}
        return Extent(size, self.exhibits + exhibits, total)


def extent_of(connection: Connection) -> Extent | None:
    """The extent that the case states; None if an earlier release wrote it, which stated none."""
    rows = connection.execute(select(tables.meta.c.name, tables.meta.c.value))
    stated = {str(name): str(value) for name, value in rows}
    if not stated.keys() <= _META:
        raise IntegrityError(f"`meta` of case.db holds what no case states: {sorted(stated.keys() - _META)}")
    if _STATED not in stated:
        return None
    try:
        told = json.loads(stated[_STATED])
        counts = {table.name: int(told["rows"][table.name]) for table in tables.projection.sorted_tables}
        return Extent(int(told["size"]), int(told["exhibits"]), counts)
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError(
            "what the case states of its catalog is damaged", advice="run `witnessmark rebuild`"
        ) from error


def state(connection: Connection, extent: Extent) -> None:
    """Keep the extent of the catalog."""
    told = {"exhibits": extent.exhibits, "rows": extent.rows, "size": extent.size}
    replace(connection, tables.meta, [(_STATED, json.dumps(told, sort_keys=True, separators=(",", ":")))])


def checked_extent(root: Path, connection: Connection) -> Extent:
    """The extent of a catalog that has every row it should have; IntegrityError if it lags or lacks some."""
    stated, found = extent_of(connection), _found(connection)
    if stated is None:
        stated = Extent(found.size, _items_on_record(connection), found.rows)
    if stated != found:
        raise IntegrityError(
            f"the catalog of {root} is not what its log and records say, so nothing can be entered",
            advice="run `witnessmark rebuild`: it makes the catalog again from the log and the records",
        )
    return stated


def _found(connection: Connection) -> Extent:
    rows = {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in tables.projection.sorted_tables
    }
    exhibits = connection.execute(select(func.count(tables.catalog_object.c.exhibit))).scalar_one()
    return Extent(head_of(connection).size, exhibits, rows)


def _items_on_record(connection: Connection) -> int:
    start = func.substr(tables.record.c.body, 1, len(_ITEM))
    query = select(tables.record.c.body).where(start == _ITEM)
    return sum(isinstance(decode(body), Item) for body in connection.execute(query).scalars())


def write(connection: Connection, rows: Rows, unheard_of: Set[str] = frozenset()) -> Mapping[str, int]:
    """Lay `rows` down; a row that is there already stays as it was first. How many are new, by table.

    `unheard_of` are digests of which it is known that the catalog has no row.

    Only a working copy whose very bytes come in later becomes the exhibit that it now is.
    """
    objects, acts = rows.pop(tables.catalog_object, []), rows.pop(tables.catalog_action, [])
    laid = lay_down(connection, tables.catalog_object, objects, if_new=True, unheard_of=unheard_of)
    new = {tables.catalog_object.name: laid}
    if acts:
        new[tables.catalog_action.name] = connection.exec_driver_sql(
            _ACTED[connection.dialect.name], acts
        ).rowcount
    exhibits = [row for row in objects if row[1] is not None]
    if exhibits and laid < len(objects):
        connection.exec_driver_sql(
            _BECOMES_EXHIBIT[connection.dialect.name], [(*row[1:6], row[0]) for row in exhibits]
        )
    for table, lines in rows.items():
        new[table.name] = lay_down(connection, table, lines, if_new=True)
    return new


def rebuild(
    connection: Connection,
    entries: Iterable[tuple[int, Action, Sequence[tuple[Digest, Noun]]]],
    key_of: KeyOf,
) -> Extent:
    """Empty the catalog and fill it again from the log; IntegrityError if two items have one number."""
    for table in tables.projection.sorted_tables:
        connection.execute(delete(table))
    count, rows, total = 0, collect_rows(()), Counter[str]()
    numbered: dict[str, tuple[int, Digest]] = {}
    for index, action, nouns in entries:
        for item in (noun for _, noun in nouns if isinstance(noun, Item)):
            _number(numbered, item, index)
        for table, row in rows_of(index, action, nouns, key_of):
            rows[table].append(row)
        count += 1
        if count % 2000 == 0:
            total.update(write(connection, rows))
            rows.clear()
    total.update(write(connection, rows))
    return Extent(
        count, len(numbered), {table.name: total[table.name] for table in tables.projection.tables.values()}
    )


def _number(numbered: dict[str, tuple[int, Digest]], item: Item, index: int) -> None:
    """Note whose number an item has."""
    earlier, digest = numbered.setdefault(item.exhibit, (index, item.original.digest))
    if earlier != index:
        raise IntegrityError(
            f"two items have the number {item.exhibit}: {digest}, of log entry {earlier}, and"
            f" {item.original.digest}, of log entry {index}",
            advice=_DOUBLED,
        )


def collect_rows(pairs: Iterable[tuple[Table, Row]]) -> Rows:
    """Rows gathered by table."""
    rows: Rows = defaultdict(list)
    for table, row in pairs:
        rows[table].append(row)
    return rows


def forget(connection: Connection, records: Sequence[Digest]) -> Mapping[str, int]:
    """Drop what the catalog knew of erased records; how many rows less each table has, below zero."""
    return {
        table.name: -connection.execute(delete(table).where(table.c.record.in_(records))).rowcount
        for table in (tables.catalog_record, tables.catalog_mention)
    }


def fingerprint(connection: Connection) -> str:
    """Every row of the catalog as text, in a fixed order: equal catalogs give equal texts."""
    return "\n".join(
        f"{table.name} {tuple(row)!r}"
        for table in tables.projection.sorted_tables
        for row in connection.execute(select(table).order_by(*table.columns))
    )


def _object_row(copy: Copy, index: int, exhibit: str | None = None, item: Digest | None = None) -> Row:
    return (copy.digest, exhibit, item, copy.size, copy.media_type, index, None)


def _acquisition_row(index: int, digest: Digest, acquisition: Acquisition) -> Row:
    return (index, digest, acquisition.exhibit, acquisition.run, acquisition.within)


def _action_row(index: int, action: Action) -> Row:
    used = action.used[0] if action.used else None
    return (index, action.type, action.outcome.value, used, action.detail.get("run"))


def _handle_key(action: Action, key_of: KeyOf) -> str | None:
    """The keyed name of what people called a record; the log only commits to the word itself."""
    handle = action.detail.get("handle")
    key = None if handle is None else key_of(Sealed(handle))
    return None if key is None else key.hex()


def _record_rows(index: int, digest: Digest, noun: Noun, handle: str | None) -> Iterator[tuple[Table, Row]]:
    kind = type(noun).__name__.lower()
    yield tables.catalog_record, (digest, index, kind, handle)
    about = _ABOUT.get(type(noun))
    for name in dict.fromkeys(about(noun)) if about else ():
        if name is not None:
            yield tables.catalog_mention, (name, digest, kind)
