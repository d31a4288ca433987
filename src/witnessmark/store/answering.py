"""The questions that the catalog answers: which exhibit, which record, what was done to what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from witnessmark.errors import IntegrityError, UsageError
from witnessmark.model import Acquisition, Digest, Item
from witnessmark.model.wire import Noun
from witnessmark.ports import N, Sieve, Sifted
from witnessmark.store import catalog, tables
from witnessmark.store.reading import Reading
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
        column, mention = tables.catalog_object.c, tables.catalog_mention.c
        query = (
            select(column.number, column.exhibit, column.digest, column.media_type, column.size)
            .where(column.number >= start, *_through(sieve))
            .order_by(column.number)
            .limit(count)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
            about = tables.listed([digest for _, _, digest, _, _ in rows])
            counted = (
                select(mention.about, mention.kind, func.count())
                .where(mention.about.in_(about))
                .group_by(mention.about, mention.kind)
            )
            records: dict[str, dict[str, int]] = {}
            for digest, kind, how_many in connection.execute(counted):
                records.setdefault(digest, {})[kind] = how_many
        return [
            Sifted(place, exhibit, Digest(digest), media_type, size, records.get(digest, {}))
            for place, exhibit, digest, media_type, size in rows
        ]

    def places(self, sieve: Sieve, every: int) -> tuple[int, Sequence[int]]:
        """How many exhibits come through a sieve, and the place of each `every`-th, the first one's first."""
        column = tables.catalog_object.c
        query = select(column.number).where(*_through(sieve)).order_by(column.number)
        with self._reading() as connection:
            found = connection.execute(query).scalars().all()
        return len(found), found[::every]

    def digest_of_exhibit(self, exhibit: str) -> Digest:
        """The bytes behind an exhibit number; UsageError if there is none."""
        column = tables.catalog_object.c
        with self._reading() as connection:
            digest = connection.execute(select(column.digest).where(column.exhibit == exhibit)).scalar()
        if digest is None:
            raise UsageError(f"this case has no exhibit {exhibit}", advice="`witnessmark show` lists them")
        return Digest(digest)

    def exhibit_of(self, digest: Digest) -> str | None:
        """The exhibit number of these bytes, if they are an exhibit."""
        column = tables.catalog_object.c
        with self._reading() as connection:
            return connection.execute(
                select(column.exhibit).where(tables.named(column.digest, digest))
            ).scalar()

    def exhibits_of(self, digests: Sequence[Digest]) -> dict[Digest, str]:
        """The exhibit numbers of those of these bytes that are exhibits, asked for at once."""
        column = tables.catalog_object.c
        query = select(column.digest, column.exhibit).where(
            tables.among(column.digest, digests), column.exhibit.is_not(None)
        )
        with self._reading() as connection:
            return {Digest(digest): exhibit for digest, exhibit in connection.execute(query)}

    def item(self, digest: Digest) -> Item:
        """The item record of an exhibit's original."""
        column = tables.catalog_object.c
        with self._reading() as connection:
            name = connection.execute(select(column.item).where(tables.named(column.digest, digest))).scalar()
        if name is None:
            raise UsageError(f"{digest} is not an exhibit of this case")
        return _as(Item, self.noun(Digest(name)))

    def acquisitions(self, digest: Digest) -> Sequence[tuple[int, Acquisition]]:
        """How these bytes came in, each time, with the index of the log entry."""
        column, known = tables.catalog_acquisition.c, tables.catalog_object.c
        exhibit = select(known.exhibit).where(tables.named(known.digest, digest)).scalar_subquery()
        query = select(column.entry, column.record).where(column.exhibit == exhibit).order_by(column.entry)
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [(entry, _as(Acquisition, self.noun(Digest(name)))) for entry, name in rows]

    def acquired_in(self, run: str) -> Sequence[Acquisition]:
        """Everything that one run acquired, in the order of the log."""
        column = tables.catalog_acquisition.c
        query = select(column.record).where(column.run == run).order_by(column.entry)
        with self._reading() as connection:
            names = [Digest(name) for name in connection.execute(query).scalars()]
        bodies = self._bodies(names)
        return [_as(Acquisition, bodies[name]) for name in names]

    def find(self, kind: type[N], about: Digest | None = None) -> Sequence[tuple[Digest, N]]:
        """Every record of a kind, or those about one thing, in the order of the log."""
        record, mention = tables.catalog_record.c, tables.catalog_mention.c
        word = kind.__name__.lower()
        query = select(record.record)
        if about is None:
            query = query.where(record.kind == word)
        else:
            query = query.join_from(
                tables.catalog_mention, tables.catalog_record, mention.record == record.record
            )
            query = query.where(mention.about == about, mention.kind == word)
        query = query.group_by(record.record).order_by(func.min(record.entry), record.record)
        with self._reading() as connection:
            names = [Digest(name) for name in connection.execute(query).scalars()]
        bodies = self._bodies(names)
        return [(name, _as(kind, bodies[name])) for name in names]

    def by_handle(self, kind: str, handle: str) -> Digest | None:
        """The record of a kind that people last called so."""
        column = tables.catalog_record.c
        called = column.handle == self.lookup_key(handle)
        query = select(column.record).where(called, column.kind == kind)
        with self._reading() as connection:
            name = connection.execute(query.order_by(column.entry.desc()).limit(1)).scalar()
        return None if name is None else Digest(name)

    def entry_of(self, record: Digest) -> int | None:
        """The index of the first log entry that generated a record other than an item or acquisition."""
        column = tables.catalog_record.c
        with self._reading() as connection:
            return connection.execute(select(func.min(column.entry)).where(column.record == record)).scalar()

    def acts(self, kind: str, run: str | None = None, used: Digest | None = None) -> Sequence[int]:
        """The indexes of log entries of a type, of one run or on one object if wished."""
        column = tables.catalog_action.c
        query = select(column.entry).where(column.type == kind).order_by(column.entry)
        if run is not None:
            query = query.where(column.run == run)
        if used is not None:
            known = tables.catalog_object.c
            number = select(known.number).where(tables.named(known.digest, used)).scalar_subquery()
            query = query.where(column.object == number)
        with self._reading() as connection:
            return list(connection.execute(query).scalars())

    def acts_on(self, digest: Digest) -> Sequence[int]:
        """The indexes of the log entries that used an object, its acquisitions aside."""
        column, known = tables.catalog_action.c, tables.catalog_object.c
        number = select(known.number).where(tables.named(known.digest, digest)).scalar_subquery()
        query = select(column.entry).where(column.object == number).order_by(column.entry)
        with self._reading() as connection:
            return list(connection.execute(query).scalars())

    def members_of(self, digest: Digest) -> Sequence[Digest]:
        """The exhibits that came out of an archive, a message or a saved page, in the order of the log."""
        column = tables.catalog_acquisition.c
        query = _acquired().where(column.within == digest).order_by(column.entry)
        with self._reading() as connection:
            return [Digest(name) for name in dict.fromkeys(connection.execute(query).scalars())]

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
            found = exists().where(mention.about == column.digest, mention.kind == kind)
            yield found if is_wanted else ~found
    if sieve.among is not None:
        yield tables.among(column.digest, sorted(sieve.among))


def _acquired() -> Select[str]:
    """The digests of what acquisitions brought in."""
    known, acquired = tables.catalog_object.c, tables.catalog_acquisition.c
    return select(known.digest).join_from(
        tables.catalog_acquisition, tables.catalog_object, known.exhibit == acquired.exhibit
    )


def _as(kind: type[N], noun: Noun) -> N:
    if not isinstance(noun, kind):
        raise IntegrityError(f"a {kind.__name__.lower()} was expected, not a {type(noun).__name__.lower()}")
    return noun
