"""The index of features: which pictures share visual words with this one, best first.

What it gives are candidates, to be verified by geometry (`witnessmark.match.features.geometry`): never an
answer. It covers the records numbered from 0 up to its length, and knows them by name.
"""

from __future__ import annotations

import mmap
import secrets
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from witnessmark.match.features.image import (
    MOST_INDEXED,
    ROW,
    Bytes,
    Image,
    Rows,
    names_of,
    read_image,
    write_image,
)
from witnessmark.match.features.lists import Lists, Scores, Sought, affordable, lists_of, weights_for
from witnessmark.match.features.words import vocabulary
from witnessmark.match.index.files import IndexFiles
from witnessmark.match.index.tail import Form
from witnessmark.pixels.features import Features

WAYS = 4
"""In how many words each feature is sought: where it lies near a border, its copy may lie beyond."""
MOST_SOUGHT = 450
MOST_POSTINGS = 3_000_000
"""So many postings a search goes through: among a million pictures one query has up to 400 million."""
_WORTH = (1.0, 0.45, 0.3, 0.22)
"""How likely a copy's feature lies in the nearest word, the next, and so on, compared with the first."""
_STRETCH = 128
"""Of so many records each the best is looked at first."""
TAIL = Form(b"wmftail\n", 1, ROW.itemsize, "an index of features")


class Candidate(NamedTuple):
    """A record that shares words with the query, and how much: comparable within one search only."""

    name: bytes
    score: float


class FeatureIndex:
    """An index of pictures by their local features, in memory or in files that many processes share.

    A search sees what was covered when the index was built or opened and what was added through this object;
    searches may run in several threads at once.
    """

    def __init__(self, image: Image, files: IndexFiles[Image] | None = None) -> None:
        self._image, self._files = image, files
        self._recent: list[_Batch] = []
        self._writing = threading.RLock()

    @classmethod
    def build(cls, rows: Sequence[Rows] = (), path: Path | str | None = None) -> Self:
        """An index over rows (see `row`), in memory or in files at `path` (an old index there goes)."""
        write = partial(
            write_image,
            None,
            rows,
            identity=secrets.token_bytes(16),
            vocabulary=vocabulary_name(),
            name="the index of features",
        )
        if path is None:
            return cls(write(_in_memory))
        files = _files(Path(path))
        with files.merging():
            files.replace(write, is_new=True)
        return cls.open(path)

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """The index in the files at `path`. MalformedError if they are cut, changed or of other words."""
        files = _files(Path(path))
        image, waiting = files.read()
        index = cls(image, files)
        index._grow(waiting.view(ROW)[:, 0])
        return index

    def __len__(self) -> int:
        """How many records the index covers."""
        return self._image.count + self.waiting

    @property
    def waiting(self) -> int:
        """How many of them were added since the last merge."""
        return sum(len(batch.names) for batch in self._recent)

    @property
    def bytes_on_disk(self) -> int:
        """The size of the image: what the index takes on disk, and of memory at most."""
        return len(self._image.lists.content)

    def names(self) -> list[bytes]:
        """The names of all records it covers, in the order in which they came."""
        held = [self._image.names, *(batch.names for batch in self._recent)]
        return [bytes(name) for part in held for name in part]

    def search(self, query: Features, most: int, *, compiled: bool | None = None) -> list[Candidate]:
        """At most `most` records that share words with `query`, the best first; ties in order of number.

        Raises MalformedError if a part of the index that is needed has changed on the disk.
        """
        sought = self._sought(query)
        found: list[tuple[float, int, bytes]] = []
        first = 0
        for names, sizes, lists in self._parts():
            scores = np.zeros(len(names), np.uint32)
            lists.vote(sought, scores, compiled=compiled)
            voted = _promising(scores, sizes, most)
            share = scores[voted] / np.sqrt(np.maximum(sizes[voted], 1).astype(np.float64))
            best = np.lexsort((voted, -share))[:most]
            found += [(-share[at], first + int(voted[at]), bytes(names[voted[at]])) for at in best.tolist()]
            first += len(names)
        return [Candidate(name, -worth) for worth, _, name in sorted(found)[:most]]

    def add(self, rows: Rows, *, lasting: bool = True) -> None:
        """Takes in more rows; on disk when this returns, if the index has files and it is to last."""
        with self._writing:
            if self._files is not None and lasting:
                with self._files.adding():
                    self._files.append(rows.view(np.uint8).reshape(len(rows), ROW.itemsize))
            self._grow(rows)

    def merge(self) -> None:
        """Takes what was added into the lists. If the disk is full or the process ends, all is as it was."""
        with self._writing:
            if self._files is None:
                self._image, self._recent = self._merged(_in_memory), []
                return
            with self._files.merging():
                self._reload()
                self._files.replace(self._merged, is_new=False)
            self._reload()

    def verify(self) -> None:
        """Compares all of the index with its checksums. MalformedError if anything has changed."""
        self._image.lists.verify()

    def _parts(self) -> Iterable[tuple[Bytes, NDArray[np.uint16], Lists]]:
        yield self._image.names, self._image.sizes, self._image.lists
        for batch in tuple(self._recent):
            yield batch.names, batch.sizes, batch.lists

    def _sought(self, query: Features) -> Sought:
        levels = query.levels[:MOST_SOUGHT]
        words, signatures = vocabulary().words(levels, WAYS)
        flat = words.ravel()
        starts = self._image.lists.starts
        sought = Sought(flat, signatures.ravel(), weights_for(starts, flat))
        return affordable(sought, starts, np.tile(_WORTH, len(levels)), MOST_POSTINGS)

    def _grow(self, rows: Rows) -> None:
        """Keep further rows in batches of which none is larger than twice all after it."""
        if not len(rows):
            return
        recent = [*self._recent, _Batch.of(rows)]
        while len(recent) > 1 and len(recent[-2].rows) <= 2 * len(recent[-1].rows):
            last = recent.pop()
            recent[-1] = _Batch.of(np.concatenate([recent[-1].rows, last.rows]))
        self._recent = recent

    def _merged(self, room: Callable[[int], Bytes]) -> Image:
        rows = [batch.rows for batch in self._recent]
        name, identity = self._image.lists.name, self._image.identity
        return write_image(
            self._image, rows, room, identity=identity, vocabulary=vocabulary_name(), name=name
        )

    def _reload(self) -> None:
        if self._files is not None:
            self._image, waiting = self._files.read()
            self._recent = []
            self._grow(waiting.view(ROW)[:, 0])


class _Batch(NamedTuple):
    """Some rows that wait, with lists of their own."""

    rows: Rows
    names: Bytes
    sizes: NDArray[np.uint16]
    lists: Lists

    @classmethod
    def of(cls, rows: Rows) -> _Batch:
        rows = np.ascontiguousarray(rows)
        filled = np.arange(MOST_INDEXED) < rows["count"][:, None]
        ids = np.repeat(np.arange(len(rows), dtype=np.uint32), rows["count"])
        words = rows["words"][filled].astype(np.uint32)
        lists = lists_of(words, rows["signatures"][filled], ids, "the tail of the index of features")
        return cls(rows, names_of(rows), rows["count"].astype(np.uint16), lists)


def row(name: bytes, features: Features) -> Rows:
    """A picture as one row for the index, under a name of 32 bytes."""
    kept = features.first(MOST_INDEXED)
    made = np.zeros(1, ROW)
    made["name"] = np.frombuffer(name, ROW["name"])
    made["count"] = len(kept)
    if len(kept):
        words, signatures = vocabulary().words(kept.levels)
        made["words"][0, : len(kept)] = words[:, 0]
        made["signatures"][0, : len(kept)] = signatures[:, 0]
    return made


@cache
def vocabulary_name() -> bytes:
    """What an index says of the words that it is built with."""
    return sha256(vocabulary().centres.tobytes()).digest()


def _promising(scores: Scores, sizes: NDArray[np.uint16], most: int) -> NDArray[np.intp]:
    """The records with votes among which the best `most` are, few more than these if there are many.

    As many stretches of records as are wanted have a best that reaches the bar: so have as many records. What
    is so near the bar that rounding could hide it is kept.
    """
    stretches = len(scores) // _STRETCH
    if stretches <= most:
        return np.flatnonzero(scores)
    share = np.divide(scores, np.sqrt(np.maximum(sizes, 1), dtype=np.float32), dtype=np.float32)
    highest = share[: stretches * _STRETCH].reshape(stretches, _STRETCH).max(axis=1)
    bar = np.partition(highest, -most)[-most] * np.float32(1 - 1e-5)
    return np.flatnonzero((share >= bar) & (scores > 0))


def _files(path: Path) -> IndexFiles[Image]:
    return IndexFiles(path, partial(read_image, vocabulary=vocabulary_name()), TAIL)


def _in_memory(size: int) -> Bytes:
    return np.frombuffer(mmap.mmap(-1, size), np.uint8)
