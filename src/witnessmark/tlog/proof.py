"""Proof files (C2SP tlog-proof): one text that shows, offline, that an entry is in a signed log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from witnessmark.errors import MalformedError
from witnessmark.tlog.checkpoint import Checkpoint
from witnessmark.tlog.keys import Verifier
from witnessmark.tlog.merkle import HASH_BYTES, MOST_HASHES, check_inclusion, is_path, leaf_hash
from witnessmark.tlog.note import ParsedNote, open_checkpoint, parse_note
from witnessmark.tlog.strict import LARGEST, base64, decimal, head_and_note, unbase64

_HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class TlogProof:
    """Entry number, path to the root, and the signed checkpoint that holds that root.

    `extra` is carried along and covered by nothing: never rely on it.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint_note: bytes
    extra: bytes | None = None
    _note: ParsedNote = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.index <= LARGEST:
            raise MalformedError(f"a proof cannot be of entry {self.index}")
        if not is_path(self.hashes):
            raise MalformedError(f"a proof holds up to {MOST_HASHES} hashes of {HASH_BYTES} bytes")
        object.__setattr__(self, "_note", parse_note(self.checkpoint_note))
        Checkpoint.parse(self._note.text)

    def encode(self) -> bytes:
        """Return the bytes of the `.tlog-proof` file."""
        extra = () if self.extra is None else (f"extra {base64(self.extra)}",)
        lines = (_HEADER, *extra, f"index {self.index}", *(base64(value) for value in self.hashes))
        return "".join(f"{line}\n" for line in (*lines, "")).encode() + self.checkpoint_note

    @classmethod
    def parse(cls, proof: bytes) -> TlogProof:
        """Return the proof that the bytes of a `.tlog-proof` file spell; nothing in it is checked yet."""
        lines, note = head_and_note(proof, "the proof file")
        if lines.pop(0) != _HEADER:
            raise MalformedError(f"a proof file begins with the line {_HEADER}")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = unbase64(lines.pop(0)[6:], "the extra line of the proof")
        if not lines or not lines[0].startswith("index "):
            raise MalformedError("the proof file has no index line where it belongs")
        index = decimal(lines.pop(0)[6:], "the index in the proof file")
        hashes = tuple(unbase64(line, "a hash in the proof file", HASH_BYTES) for line in lines)
        return cls(index, hashes, note, extra)

    def check(self, entry: bytes, verifiers: Iterable[Verifier], origin: str) -> Checkpoint:
        """Return the signed checkpoint that holds `entry`; raise if anything does not fit."""
        checkpoint, _ = open_checkpoint(self._note, verifiers, origin)
        self.check_under(checkpoint, entry)
        return checkpoint

    def check_under(self, checkpoint: Checkpoint, entry: bytes) -> None:
        """Raise unless `entry` is in the log at a checkpoint that the reader has opened before."""
        check_inclusion(self.index, checkpoint.size, leaf_hash(entry), self.hashes, checkpoint.root)
