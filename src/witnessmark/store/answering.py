"""The questions that the catalog answers: which exhibit, which record, what was done to what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, or_, select, type_coerce

from witnessmark.errors import IntegrityError, UsageError
from witnessmark.model import Acquisition, Digest, Item
from witnessmark.model.wire import Noun
from witnessmark.ports import N, Sieve, Sifted
from witnessmark.store import catalog, tables
from witnessmark.store.reading import Reading, checked_noun
from witnessmark.store.remembering import remembered
from witnessmark.store.sqlite import open_scratch


class Answering(Reading):
    """One case with its catalog."""

    def exhibits(self) -> Iterator[tuple[str, Digest]]:
        """Every exhibit number with the digest of its original, in order of number."""
        column = tables.catalog_object.c
        query = (
            select(column.exhibit, column.digest).where(column.exhibit.is_not(None)).order_by(column.entry)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        yield from ((exhibit, Digest(digest)) for exhibit, digest in rows)

    def sift(self, sieve: Sieve, start: int, count: int) -> Sequence[Sifted]:
        """The first `count` exhibits from the place `start` on that come through a sieve."""
        asked = {"start": start, "count": count, **_asking(sieve)}
        with self._reading() as connection:
            rows = connection.execute(_sifting(_shape(sieve)), asked).all()
        return [
            Sifted(place, exhibit, Digest(digest), media_type, size, Counter(kinds.split()) if kinds else {})
            for place, exhibit, digest, media_type, size, kinds in rows
        ]

    def places(self, sieve: Sieve, every: int) -> tuple[int, Sequence[int]]:
        """How many exhibits come through a sieve, and the place of each `every`-th, the first one's first."""
        with self._reading() as connection:
            found = connection.execute(_placing(_shape(sieve)), _asking(sieve)).scalars().all()
        return len(found), found[::every]

    def digest_of_exhibit(self, exhibit: str) -> Digest:
        """The bytes behind an exhibit number; UsageError if there is none."""
        with self._reading() as connection:
            digest = connection.execute(_NUMBERED, {"exhibit": exhibit}).scalar()
        if digest is None:
            raise UsageError(f"this case has no exhibit {exhibit}", advice="`witnessmark show` lists them")
        return Digest(digest)

    @remembered
    def exhibit_of(self, digest: Digest) -> str | None:
        """The exhibit number of these bytes, if they are an exhibit."""
        with self._reading() as connection:
            return connection.execute(_EXHIBIT, tables.asking(digest)).scalar()

    def exhibits_of(self, digests: Sequence[Digest]) -> dict[Digest, str]:
        """The exhibit numbers of those of these bytes that are exhibits, asked for at once."""
        with self._reading() as connection:
            rows = connection.execute(_EXHIBITS, tables.asking_among(digests)).all()
        return {Digest(digest): exhibit for digest, exhibit in rows}

    @remembered
    def item(self, digest: Digest) -> Item:
        """The item record of an exhibit's original."""
        with self._reading() as connection:
            row = connection.execute(_ITEM, tables.asking(digest)).first()
        if row is None or row[0] is None:
            raise UsageError(f"{digest} is not an exhibit of this case")
        return _as(Item, checked_noun(*row))

    @remembered
    def acquisitions(self, digest: Digest) -> Sequence[tuple[int, Acquisition]]:
        """How these bytes came in, each time, with the index of the log entry."""
        with self._reading() as connection:
            rows = connection.execute(_ARRIVALS, tables.asking(digest)).all()
        return [(entry, _as(Acquisition, checked_noun(name, body))) for entry, name, body in rows]

    def acquisitions_of(self, digests: Sequence[Digest]) -> dict[Digest, Sequence[tuple[int, Acquisition]]]:
        """What `acquisitions` says of each of these bytes, asked for at once."""
        column, known = tables.catalog_acquisition.c, tables.catalog_object.c
        query = (
            select(known.digest, column.entry, column.record)
            .join_from(tables.catalog_object, tables.catalog_acquisition, known.exhibit == column.exhibit)
            .where(tables.among(known.digest, digests))
            .order_by(column.entry)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        bodies = self._bodies([Digest(name) for _, _, name in rows])
        found: dict[Digest, list[tuple[int, Acquisition]]] = {}
        for digest, entry, name in rows:
            found.setdefault(Digest(digest), []).append((entry, _as(Acquisition, bodies[name])))
        return dict(found)

    def acquired_in(self, run: str) -> Sequence[Acquisition]:
        """Everything that one run acquired, in the order of the log."""
        column = tables.catalog_acquisition.c
        query = select(column.record).where(column.run == run).order_by(column.entry)
        with self._reading() as connection:
            names = [Digest(name) for name in connection.execute(query).scalars()]
        bodies = self._bodies(names)
        return [_as(Acquisition, bodies[name]) for name in names]

    @remembered
    def find(self, kind: type[N], about: Digest | None = None) -> Sequence[tuple[Digest, N]]:
        """Every record of a kind, or those about one thing, in the order of the log."""
        word = kind.__name__.lower()
        if about is None:
            names = self._names(_OF_KIND, kind=word)
        elif self.memory.told is None:
            names = self._names(_OF_KIND_ABOUT, kind=word, about=about)
        else:  # the next question will be for another kind
            names = self._about(about).get(word, [])
        bodies = self._bodies(names)
        return [(name, _as(kind, bodies[name])) for name in names]

    def find_of(self, kind: type[N], things: Sequence[Digest]) -> dict[Digest, Sequence[tuple[Digest, N]]]:
        """What `find` says of each of these things, asked for at once; what has none is left out."""
        record, mention = tables.catalog_record.c, tables.catalog_mention.c
        query = (
            select(mention.about, mention.record)
            .join_from(tables.catalog_mention, tables.catalog_record, mention.record == record.record)
            .where(mention.about.in_(tables.listed(things)), mention.kind == kind.__name__.lower())
            .group_by(mention.about, mention.record)
            .order_by(func.min(record.entry), mention.record)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        bodies = self._bodies(tuple(dict.fromkeys(Digest(name) for _, name in rows)))
        found: dict[Digest, list[tuple[Digest, N]]] = {}
        for about, name in rows:
            found.setdefault(Digest(about), []).append((Digest(name), _as(kind, bodies[name])))
        return dict(found)

    def _names(self, query: Select[Any], **asked: str) -> list[Digest]:
        with self._reading() as connection:
            return [Digest(name) for name in connection.execute(query, asked).scalars()]

    @remembered
    def _about(self, thing: Digest) -> dict[str, list[Digest]]:
        """The names of all records about one thing by their kind, in the order of the log."""
        found: dict[str, list[Digest]] = {}
        with self._reading() as connection:
            for name, kind in connection.execute(_ABOUT, {"about": thing}):
                found.setdefault(kind, []).append(Digest(name))
        return found

    def by_handle(self, kind: str, handle: str) -> Digest | None:
        """The record of a kind that people last called so."""
        column = tables.catalog_record.c
        called = column.handle == self.lookup_key(handle)
        query = select(column.record).where(called, column.kind == kind)
        with self._reading() as connection:
            name = connection.execute(query.order_by(column.entry.desc()).limit(1)).scalar()
        return None if name is None else Digest(name)

    @remembered
    def entry_of(self, record: Digest) -> int | None:
        """The index of the first log entry that generated a record other than an item or acquisition."""
        with self._reading() as connection:
            return connection.execute(_ENTRY, {"record": record}).scalar()

    @remembered
    def acts(self, kind: str, run: str | None = None, used: Digest | None = None) -> Sequence[int]:
        """The indexes of log entries of a type, of one run or on one object if wished."""
        if used is not None and run is None and self.memory.told is not None:
            return self._acts_on(used).get(kind, [])  # the next question will be for another type
        query, asked = (_OF_TYPE, {}) if used is None else (_OF_TYPE_ON, tables.asking(used))
        if run is not None:
            query = query.where(_ACTION.run == run)
        with self._reading() as connection:
            return list(connection.execute(query, {"type": kind, **asked}).scalars())

    @remembered
    def acts_on(self, digest: Digest) -> Sequence[int]:
        """The indexes of the log entries that used an object, its acquisitions aside."""
        return sorted(entry for entries in self._acts_on(digest).values() for entry in entries)

    @remembered
    def _acts_on(self, digest: Digest) -> dict[str, list[int]]:
        """The indexes of the log entries that used an object by their type, in the order of the log."""
        found: dict[str, list[int]] = {}
        with self._reading() as connection:
            for entry, kind in connection.execute(_ACTS, tables.asking(digest)):
                found.setdefault(kind, []).append(entry)
        return found

    @remembered
    def members_of(self, digest: Digest) -> Sequence[Digest]:
        """The exhibits that came out of an archive, a message or a saved page, in the order of the log."""
        with self._reading() as connection:
            found = connection.execute(_MEMBERS, {"within": digest}).scalars()
            return [Digest(name) for name in dict.fromkeys(found)]

    def catalog_fingerprint(self) -> str:
        """The whole catalog as text: equal before and after a rebuild."""
        with self._reading() as connection:
            return catalog.fingerprint(connection)

    def catalog_holds(self) -> bool:
        """Whether the catalog is just what the log and the records make it, and is stated to be."""
        with self._database.explaining(), open_scratch() as scratch, scratch.begin():
            tables.projection.create_all(scratch)
            made = catalog.rebuild(scratch, self.actions(), self._key_of)
            with self._reading() as connection:
                stated = catalog.extent_of(connection)
            is_stated = stated is None or stated == made
            return is_stated and catalog.fingerprint(scratch) == self.catalog_fingerprint()


_OBJECT, _ACQUIRED, _RECORD = tables.catalog_object.c, tables.catalog_acquisition.c, tables.catalog_record.c
_MENTION, _ACTION = tables.catalog_mention.c, tables.catalog_action.c
_EXHIBIT = select(_OBJECT.exhibit).where(tables.asked_for(_OBJECT.digest))
_EXHIBITS = select(_OBJECT.digest, _OBJECT.exhibit).where(
    tables.asked_among(_OBJECT.digest), _OBJECT.exhibit.is_not(None)
)
_NUMBERED = select(_OBJECT.digest).where(_OBJECT.exhibit == bindparam("exhibit"))
_RECORD_OF, _BODY = tables.record.c.digest, type_coerce(tables.record.c.body, tables.OctetsIfAny)
_ITEM = (
    select(_OBJECT.item, _BODY)
    .outerjoin_from(tables.catalog_object, tables.record, tables.names(_RECORD_OF, _OBJECT.item))
    .where(tables.asked_for(_OBJECT.digest))
)
_NUMBER = select(_OBJECT.number).where(tables.asked_for(_OBJECT.digest))
_ARRIVALS = (
    select(_ACQUIRED.entry, _ACQUIRED.record, _BODY)
    .outerjoin_from(tables.catalog_acquisition, tables.record, tables.names(_RECORD_OF, _ACQUIRED.record))
    .where(_ACQUIRED.exhibit == _EXHIBIT.scalar_subquery())
    .order_by(_ACQUIRED.entry)
)
_MEMBERS = (
    select(_OBJECT.digest)
    .join_from(tables.catalog_acquisition, tables.catalog_object, _OBJECT.exhibit == _ACQUIRED.exhibit)
    .where(_ACQUIRED.within == bindparam("within"))
    .order_by(_ACQUIRED.entry)
)
_KINDS = select(func.min(_ACTION.type).label("type")).cte("kinds", recursive=True)
_OTHER = tables.catalog_action.alias("other").c
_NEXT = select(func.min(_OTHER.type)).where(_OTHER.type > _KINDS.c.type).scalar_subquery()
_KINDS = _KINDS.union_all(select(_NEXT).where(_KINDS.c.type.is_not(None)))
_ACTS = (
    select(_ACTION.entry, _ACTION.type)
    .where(_ACTION.type.in_(select(_KINDS.c.type)), _ACTION.object == _NUMBER.scalar_subquery())
    .order_by(_ACTION.entry)
)
"""Every type is named, for the index of acts begins with it: without them the whole log is gone through."""
_OF_TYPE = select(_ACTION.entry).where(_ACTION.type == bindparam("type")).order_by(_ACTION.entry)
_OF_TYPE_ON = _OF_TYPE.where(_ACTION.object == _NUMBER.scalar_subquery())
_ENTRY = select(func.min(_RECORD.entry)).where(_RECORD.record == bindparam("record"))
_OF_KIND = (
    select(_RECORD.record)
    .where(_RECORD.kind == bindparam("kind"))
    .group_by(_RECORD.record)
    .order_by(func.min(_RECORD.entry), _RECORD.record)
)
_ABOUT = (
    select(_MENTION.record, _MENTION.kind)
    .join_from(tables.catalog_mention, tables.catalog_record, _MENTION.record == _RECORD.record)
    .where(_MENTION.about == bindparam("about"))
    .group_by(_MENTION.record, _MENTION.kind)
    .order_by(func.min(_RECORD.entry), _MENTION.record)
)
_OF_KIND_ABOUT = _ABOUT.where(_MENTION.kind == bindparam("kind"))
"""The questions that pages ask most, each made once: to make one anew costs more than to have it answered."""


def _shape(sieve: Sieve) -> Sieve:
    """A sieve without its names and places: all of one shape are asked for by one question."""
    return replace(
        sieve,
        among=None if sieve.among is None else frozenset(),
        at=None if sieve.at is None else frozenset(),
        but=_SOME if sieve.but else frozenset(),
    )


def _asking(sieve: Sieve) -> dict[str, Any]:
    """The names and places of a sieve, as a question of its shape is asked with them."""
    asked: dict[str, Any] = {}
    if sieve.among is not None:
        asked |= tables.asking_among(sorted(sieve.among))
    if sieve.at is not None:
        asked |= tables.asking_at(sieve.at)
    if sieve.but:
        asked |= tables.asking_among(sorted(sieve.but), _BUT)
    return asked


@lru_cache(maxsize=200)
def _sifting(shape: Sieve) -> Select[Any]:
    """What is told of the exhibits that come through a sieve, each with the kinds of all records about it."""
    column, mention = tables.catalog_object.c, tables.catalog_mention.c
    about = select(func.aggregate_strings(mention.kind, " ")).where(
        mention.about == column.digest, *_counting(shape)
    )
    told = (column.number, column.exhibit, column.digest, column.media_type, column.size)
    return (
        select(*told, about.scalar_subquery())
        .where(column.number >= bindparam("start"), *_through(shape))
        .order_by(column.number)
        .limit(bindparam("count"))
    )


@lru_cache(maxsize=200)
def _placing(shape: Sieve) -> Select[Any]:
    column = tables.catalog_object.c
    return select(column.number).where(*_through(shape)).order_by(column.number)


_BUT = "but_"
_SOME = frozenset((Digest.of(b""),))


def _through(sieve: Sieve) -> Iterator[ColumnElement[bool]]:
    """What the rows of exhibits that come through a sieve have in common."""
    column, mention = tables.catalog_object.c, tables.catalog_mention.c
    yield column.exhibit.is_not(None)
    if sieve.media:
        yield or_(*(column.media_type.startswith(media, autoescape=True) for media in sieve.media))
    for media in sieve.other_than:
        yield ~column.media_type.startswith(media, autoescape=True)
    for kinds, is_wanted in ((sieve.has, True), (sieve.lacks, False)):
        for kind in kinds:
            found = exists().where(mention.about == column.digest, mention.kind == kind, *_counting(sieve))
            yield found if is_wanted else ~found
    if sieve.among is not None:
        yield tables.asked_among(column.digest)
    if sieve.at is not None:
        yield tables.asked_at(column.number)


def _counting(sieve: Sieve) -> Iterator[ColumnElement[bool]]:
    """What the mentions of records that count have in common."""
    if sieve.but:
        yield ~tables.asked_among(tables.catalog_mention.c.record, _BUT)


def _as(kind: type[N], noun: Noun) -> N:
    if not isinstance(noun, kind):
        raise IntegrityError(f"a {kind.__name__.lower()} was expected, not a {type(noun).__name__.lower()}")
    return noun
