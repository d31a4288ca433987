"""Checkpoints: the signed word of how far the log reaches, made only after the commit.

Before anything is signed, the log is compared with what this machine last published. A restored
backup or a fork is noticed here, and refused.
"""

from __future__ import annotations

from witnessmark.errors import IntegrityError
from witnessmark.ports import KeptCheckpoint, Store
from witnessmark.preserve.keys import KeyFolder
from witnessmark.tlog import Checkpoint, TileReader, sign


def check_not_rolled_back(store: Store, keys: KeyFolder) -> None:
    """Pass if the log still holds everything that was ever published; IntegrityError if not or if unknown."""
    published, head = keys.published(), store.head()
    if published is None:
        raise IntegrityError(
            f"{keys.folder}/published.json is missing, so a rollback could not be noticed",
            advice="restore it from your copy of the keys; if it is lost, compare `witnessmark log` with the"
            " last package or a witness, then accept the log as it stands with `witnessmark log --accept`",
        )
    if published.size == 0:
        return
    if published.size > head.size:
        raise IntegrityError(
            f"the log has {head.size:,} entries, but {published.size:,} were published: it was rolled back",
            advice="this is an older copy of the case: find the newer one; if that is lost for good, begin a"
            " new case and take the folder of this one in as it is",
        )
    if root_at(store, published.size) != published.root:
        raise IntegrityError(
            f"the log's first {published.size:,} entries are not those that were published: it was forked",
            advice="another copy of this case went on by itself; find out which one was published",
        )


def sign_head(store: Store, keys: KeyFolder) -> KeptCheckpoint:
    """The kept checkpoint of the committed head, signed now if it was not before."""
    check_not_rolled_back(store, keys)
    head = store.head()
    kept = [checkpoint for checkpoint in store.checkpoints() if checkpoint.size == head.size]
    if not kept:
        note = sign(Checkpoint(keys.signer.verifier.name, head.size, head.root).text(), keys.signer)
        kept = [KeptCheckpoint(head.size, note, note)]
        store.keep_checkpoint(kept[0])
    keys.remember(head)
    return kept[0]


def root_at(store: Store, size: int) -> bytes:
    """The root that the log had at `size` entries."""
    return TileReader(store.tile, size).root()
