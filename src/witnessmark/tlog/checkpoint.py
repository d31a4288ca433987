"""Checkpoints (C2SP tlog-checkpoint): which log, how long, and under which root."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from witnessmark.errors import MalformedError
from witnessmark.tlog.merkle import HASH_BYTES
from witnessmark.tlog.strict import LARGEST, UNFIT, base64, decimal, shown, unbase64


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of the log called `origin`: how many entries it has and the root over them."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions)
        if not all(lines) or any("\n" in line or UNFIT.search(line) for line in lines):
            raise MalformedError(f"a checkpoint of {shown(self.origin)} has an empty or unprintable line")
        if not 0 <= self.size <= LARGEST:
            raise MalformedError(f"a checkpoint of {shown(self.origin)} cannot have size {self.size}")
        if len(self.root) != HASH_BYTES:
            raise MalformedError(f"a checkpoint of {shown(self.origin)} has a root of {len(self.root)} bytes")

    def text(self) -> str:
        """Return the checkpoint as the text of a note, ready to be signed."""
        lines = (self.origin, str(self.size), base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Return the checkpoint that the text of a note spells."""
        return _parsed(text)


@lru_cache(maxsize=16)
def _parsed(text: str) -> Checkpoint:
    """The same checkpoint stands under each of many proofs, and in each is read twice."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop():
        raise MalformedError(f"not a checkpoint of three or more lines: {shown(text)}")
    origin, size, root, *extensions = lines
    return Checkpoint(
        origin,
        decimal(size, f"the size in the checkpoint of {shown(origin)}"),
        unbase64(root, f"the root in the checkpoint of {shown(origin)}", HASH_BYTES),
        tuple(extensions),
    )
