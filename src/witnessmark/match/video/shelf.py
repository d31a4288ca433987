"""A shelf: codes with whose they are, when they are seen and of what of the frame, ready to be searched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from witnessmark.match.index import HashIndex
from witnessmark.match.pdq import FAR, RADIUS
from witnessmark.match.video.laying import Hits
from witnessmark.model import Digest
from witnessmark.pixels.film import ROW, Rows
from witnessmark.pixels.pdq import CODE_BYTES

_FAR_UP_TO = 1 << 19
"""Archives with more codes are asked for near ones only: likenesses of more than 31 bits take too long."""
_TOGETHER = 4096


@dataclass(slots=True)
class Shelf:
    """Codes that go into the index when it is searched next."""

    owners: list[Digest] = field(default_factory=list)
    known: set[Digest] = field(default_factory=set)
    came_in: list[Rows] = field(default_factory=list)
    index: HashIndex | None = None
    rows: Rows = field(default_factory=lambda: np.zeros(0, ROW))
    """What is in the index: as given, with the number of the owner beside each."""
    who: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def add(self, digest: Digest, rows: Rows) -> None:
        """Keep the rows of an object, once."""
        if digest in self.known:
            return
        self.known.add(digest)
        self.owners.append(digest)
        self.came_in.append(rows)

    def hits(self, digest: Digest, every: NDArray[np.uint8]) -> Iterator[tuple[Digest, Hits]]:
        """What is near one of the codes (turns × n × 32 bytes), by whose it is; but for `digest`'s own."""
        index = self._indexed()
        if index is None:
            return
        radius = FAR if len(index) <= _FAR_UP_TO else RADIUS
        pieces = []
        for turn, codes in enumerate(every):
            for start in range(0, len(codes), _TOGETHER):
                near = index.search(np.ascontiguousarray(codes[start : start + _TOGETHER]), radius)
                ids, rows = near.ids.astype(np.int64), near.queries().astype(np.int64) + start
                turns, apart = np.full(len(ids), turn), near.distances.astype(np.int64)
                when, part = self.rows["ms"][ids].astype(np.int64), self.rows["part"][ids].astype(np.int64)
                pieces.append(np.stack([self.who[ids], when, part, rows, turns, apart]))
        found = np.concatenate(pieces, axis=1)
        for owner in np.unique(found[0]).tolist():
            if self.owners[owner] != digest:
                yield self.owners[owner], Hits(*found[1:, found[0] == owner])

    def _indexed(self) -> HashIndex | None:
        if self.came_in:
            first = len(self.owners) - len(self.came_in)
            who = [np.full(len(rows), first + number) for number, rows in enumerate(self.came_in)]
            rows = np.concatenate(self.came_in)
            codes = np.ascontiguousarray(rows["code"]).reshape(-1, CODE_BYTES)
            if self.index is None:
                self.index = HashIndex.build(codes)
            else:
                self.index.add(codes)
            self.rows, self.who = np.concatenate([self.rows, rows]), np.concatenate([self.who, *who])
            self.came_in = []
        return self.index
