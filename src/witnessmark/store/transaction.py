"""One transaction on a case: entries, records, vault, catalog and tiles become durable together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection, select

from witnessmark.errors import MalformedError
from witnessmark.model import Acquisition, Action, Digest, Item, Sealed
from witnessmark.model.wire import Noun, encode
from witnessmark.store import catalog, tables
from witnessmark.store.catalog import Extent
from witnessmark.store.database import lay_down, replace
from witnessmark.store.vault import Vault
from witnessmark.tlog import Frontier, leaf_hash

ENTRY_LIMIT = 65_535
_ALWAYS_NEW = (Acquisition, Item)
"""Records that no other equals: they hold a commitment under a fresh key, or a fresh exhibit number."""


class FolderTransaction:
    """One open transaction (implements `ports.Transaction`)."""

    def __init__(self, connection: Connection, frontier: Frontier, vault: Vault, extent: Extent) -> None:
        self._connection = connection
        self._frontier = frontier
        self._vault = vault
        self._extent = extent
        self._changed = Counter[str]()
        self._entries: list[tuple[int, bytes]] = []
        self._leaves: list[bytes] = []
        self._records: list[tuple[str, bytes]] = []
        self._new_records: list[tuple[str, bytes]] = []
        self._boxes: list[tuple[str, bytes]] = []
        self._rows = catalog.collect_rows(())
        self._sealed: dict[Sealed, str] = {}
        self._exhibits = extent.exhibits
        self._items = 0
        self._unheard_of: set[str] = set()
        self.has_forgotten = False

    def append(self, action: Action, nouns: Sequence[Noun] = ()) -> int:
        """Enter `action` with the records that it generated; the index of its entry."""
        written = [encode(noun) for noun in nouns]
        named = [(Digest.of(body), noun) for body, noun in zip(written, nouns, strict=True)]
        if named or action.generated:
            action = action.generating(tuple([digest for digest, _ in named]))
        line = encode(action)
        if len(line) > ENTRY_LIMIT:
            raise MalformedError(f"a log entry of {len(line):,} bytes is longer than the format allows")
        index = self._frontier.size + len(self._leaves)
        self._entries.append((index, line))
        self._leaves.append(leaf_hash(line))
        for (digest, noun), body in zip(named, written, strict=True):
            is_new = isinstance(noun, _ALWAYS_NEW)
            self._items += isinstance(noun, Item)
            (self._new_records if is_new else self._records).append((digest, body))
        for table, row in catalog.rows_of(index, action, named, self._key_of):
            self._rows[table].append(row)
        return index

    def seal(self, value: str) -> Sealed:
        """Lay a personal value into the vault; the commitment that stands for it."""
        commitment, box = self._vault.seal(value)
        self._boxes.append((commitment, box))
        self._sealed[commitment] = value
        return commitment

    def _key_of(self, commitment: Sealed) -> bytes | None:
        value = self._sealed.get(commitment)
        return None if value is None else self._vault.lookup(value)

    def next_exhibit(self) -> str:
        """The next free exhibit number."""
        self._exhibits += 1
        return f"E{self._exhibits:05d}"

    def exhibits_of(self, digests: Sequence[Digest]) -> dict[Digest, str]:
        """The exhibit numbers that any of these bytes have already."""
        column = tables.catalog_object.c
        query = select(column.digest, column.exhibit).where(tables.among(column.digest, digests))
        found = {Digest(digest): exhibit for digest, exhibit in self._connection.execute(query)}
        self._unheard_of.update(digests)
        self._unheard_of -= found.keys()
        return {digest: exhibit for digest, exhibit in found.items() if exhibit is not None}

    def erased_of(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        """Those of these bytes whose erasure is on record."""
        heard_of = [digest for digest in digests if digest not in self._unheard_of]
        if not heard_of:
            return frozenset()
        column = tables.catalog_mention.c
        query = select(column.about).where(
            column.kind == "erasure", column.about.in_(tables.listed(heard_of))
        )
        return frozenset(Digest(digest) for (digest,) in self._connection.execute(query))

    def forget(self, commitments: Sequence[Sealed], records: Sequence[Digest] = ()) -> None:
        """Destroy personal values and bodies of records. The tombstone is the caller's entry."""
        for table, column, names in (
            (tables.vault, tables.vault.c.commitment, commitments),
            (tables.record, tables.record.c.digest, records),
        ):
            self._connection.execute(table.delete().where(tables.among(column, names)))
        self._changed.update(catalog.forget(self._connection, records))
        self.has_forgotten = True

    def finish(self) -> None:
        """Lay everything down, ready to commit."""
        if not self._entries:
            return
        self._frontier.extend(self._leaves)
        lay_down(self._connection, tables.entry, self._entries)
        lay_down(self._connection, tables.record, self._new_records)
        lay_down(self._connection, tables.record, self._records, if_new=True)
        lay_down(self._connection, tables.vault, self._boxes)
        self._changed.update(catalog.write(self._connection, self._rows, self._unheard_of))
        catalog.state(self._connection, self._extent.grown(self._frontier.size, self._items, self._changed))
        tiles = [(tile.level, tile.index, tile.hashes) for tile in self._frontier.take_changed()]
        replace(self._connection, tables.tile, tiles)
        replace(self._connection, tables.head, [(0, self._frontier.size, self._frontier.root())])
