"""The catalog: what the records and the log say, laid out for questions.

It is a projection. `rows_of` turns one log entry and its records into rows, and is the only way
in, while the case grows and when it is rebuilt; so both give the same answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from sqlalchemy import Connection, Table, delete, select

from witnessmark.model import (
    Acquisition,
    Action,
    Assessment,
    Bearing,
    Claim,
    Copy,
    Counting,
    Decision,
    Digest,
    Erasure,
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
from witnessmark.model.wire import Noun
from witnessmark.store import tables
from witnessmark.store.database import lay_down

Row = tuple[Any, ...]
Rows = dict[Table, list[Row]]
KeyOf = Callable[[Sealed], bytes | None]
"""The keyed name of the value behind a commitment, by which equal ones are found; None if it was erased."""

_ACTED = (
    "INSERT OR IGNORE INTO catalog_action VALUES (?1, ?2, ?3, (SELECT number FROM catalog_object"  # noqa: S608
    f" WHERE {tables.named_in_words('digest', 4)} AND entry < ?1), ?5)"
)
"""An act is found by the number of the object that it used. Objects that came in together are mostly acted on
together, so that the index grows at one place; by digests it would at all places."""
_BECOMES_EXHIBIT = (
    "UPDATE catalog_object SET exhibit = ?1, item = ?2, size = ?3, media_type = ?4, entry = ?5"  # noqa: S608
    f" WHERE {tables.named_in_words('digest', 6)} AND exhibit IS NULL"
)

_ABOUT: Mapping[type, Callable[[Any], Iterable[str]]] = {
    Assessment: lambda noun: (noun.claim, *noun.rests_on),
    Bearing: lambda noun: (noun.on, noun.evidence),
    Claim: lambda noun: (noun.event,),
    Copy: lambda noun: (noun.derived_from,),
    Counting: lambda noun: (noun.about, noun.other),
    Decision: lambda noun: (noun.about, noun.other),
    Erasure: lambda noun: noun.objects,
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


def write(connection: Connection, rows: Rows, unheard_of: Set[str] = frozenset()) -> None:
    """Lay `rows` down; a row that is there already stays as it was first.

    `unheard_of` are digests of which it is known that the catalog has no row.

    Only a working copy whose very bytes come in later becomes the exhibit that it now is.
    """
    objects, acts = rows.pop(tables.catalog_object, []), rows.pop(tables.catalog_action, [])
    laid = lay_down(connection, tables.catalog_object, objects, if_new=True, unheard_of=unheard_of)
    if acts:
        connection.exec_driver_sql(_ACTED, acts)
    exhibits = [row for row in objects if row[1] is not None]
    if exhibits and laid < len(objects):
        connection.exec_driver_sql(_BECOMES_EXHIBIT, [(*row[1:6], row[0]) for row in exhibits])
    for table, lines in rows.items():
        lay_down(connection, table, lines, if_new=True)


def rebuild(
    connection: Connection,
    entries: Iterable[tuple[int, Action, Sequence[tuple[Digest, Noun]]]],
    key_of: KeyOf,
) -> int:
    """Empty the catalog and fill it again from the log; how many entries were read."""
    for table in tables.projection.sorted_tables:
        connection.execute(delete(table))
    count, rows = 0, collect_rows(())
    for index, action, nouns in entries:
        for table, row in rows_of(index, action, nouns, key_of):
            rows[table].append(row)
        count += 1
        if count % 2000 == 0:
            write(connection, rows)
            rows.clear()
    write(connection, rows)
    return count


def collect_rows(pairs: Iterable[tuple[Table, Row]]) -> Rows:
    """Rows gathered by table."""
    rows: Rows = defaultdict(list)
    for table, row in pairs:
        rows[table].append(row)
    return rows


def forget(connection: Connection, records: Sequence[Digest]) -> None:
    """Drop what the catalog knew of erased records."""
    for table in (tables.catalog_record, tables.catalog_mention):
        connection.execute(delete(table).where(table.c.record.in_(records)))


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
