"""The same bytes: one object that came into the case more than once.

Objects are known by the digest of their bytes, so the same bytes are already the same object: what there
is to find are its several acquisitions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from witnessmark.model import Acquisition, Digest


@dataclass(frozen=True, slots=True)
class Repetition:
    """One object and every occasion on which it came in, the earliest first."""

    digest: Digest
    acquisitions: tuple[Acquisition, ...]


def repeated(acquisitions: Iterable[Acquisition]) -> tuple[Repetition, ...]:
    """The objects that came in more than once, by exhibit."""
    occasions: defaultdict[Digest, list[Acquisition]] = defaultdict(list)
    for acquisition in acquisitions:
        occasions[acquisition.digest].append(acquisition)
    return tuple(
        Repetition(digest, tuple(sorted(found, key=lambda one: (one.collected_at, one.source))))
        for digest, found in sorted(occasions.items(), key=lambda entry: entry[1][0].exhibit)
        if len(found) > 1
    )
