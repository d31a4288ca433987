"""Erase: destroy bytes and personal values for good, and leave the reason and the tombstone.

The erasure is on record first; only then are bytes destroyed. A power cut in between leaves an
erasure on record whose bytes still lie there: `finish_erasures` ends what was begun.
"""

from __future__ import annotations

from collections.abc import Iterable

from witnessmark.model import Erasure
from witnessmark.ports import Store
from witnessmark.preserve.custody import Custodian


def erase(store: Store, custodian: Custodian, tombstone: Erasure) -> None:
    """Enter the tombstone and destroy what it names: bytes, bodies of records, personal values."""
    with store.transaction() as transaction:
        transaction.forget(tombstone.commitments, tombstone.objects)
        transaction.append(custodian.act("erase", used=tombstone.objects[:1]), [tombstone])
    finish_erasures(store, [tombstone])


def finish_erasures(store: Store, tombstones: Iterable[Erasure]) -> int:
    """Destroy bytes whose erasure is on record; how many still lay there."""
    remaining = [name for tombstone in tombstones for name in tombstone.objects if store.has(name)]
    for name in remaining:
        store.remove(name)
    return len(remaining)
