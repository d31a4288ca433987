"""A small log with all its states at hand, to be shown to witnesses: as it grew, or as someone forked it."""

from __future__ import annotations

from dataclasses import dataclass, field

from witnessmark.ports import KeptCheckpoint
from witnessmark.tlog import AddCheckpoint, Checkpoint, Frontier, Signer, TileReader, leaf_hash, sign


@dataclass(slots=True)
class Log:
    """A small log with all its states at hand."""

    signer: Signer = field(default_factory=lambda: Signer.generate("desk.example/log"))
    entries: list[bytes] = field(default_factory=list)

    def grow(self, count: int, flavour: str = "") -> Log:
        self.entries += [f"{flavour}{len(self.entries) + number}".encode() for number in range(count)]
        return self

    def fork(self, size: int) -> Log:
        """The log as a backup of `size` entries restores it."""
        return Log(self.signer, self.entries[:size])

    def note(self, size: int | None = None) -> bytes:
        size = len(self.entries) if size is None else size
        frontier = Frontier.empty()
        frontier.extend([leaf_hash(entry) for entry in self.entries[:size]])
        return sign(Checkpoint(self.signer.verifier.name, size, frontier.root()).text(), self.signer)

    def kept(self, size: int | None = None) -> KeptCheckpoint:
        """The checkpoint as a store keeps it before any witness saw it."""
        size = len(self.entries) if size is None else size
        return KeptCheckpoint(size, self.note(size), self.note(size))

    def consistency(self, old_size: int, size: int | None = None) -> tuple[bytes, ...]:
        tiles: dict[tuple[int, int], bytes] = {}
        frontier = Frontier.empty()
        for entry in self.entries[:size]:
            frontier.extend([leaf_hash(entry)])
            tiles.update({(tile.level, tile.index): tile.hashes for tile in frontier.take_changed()})
        reader = TileReader(lambda level, index, width: tiles[level, index][: width * 32], frontier.size)
        return reader.consistency(old_size)

    def request(self, old_size: int, size: int | None = None) -> bytes:
        proof = self.consistency(old_size, size) if old_size else ()
        return AddCheckpoint(old_size, proof, self.note(size)).encode()
