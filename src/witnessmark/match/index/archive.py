"""Where things lie in the bytes of an index, and the checks that they are still what was written.

An archive keeps its codes in one of two ways. *Columns*: eight columns of 32 bits, for scanning. *Rows*:
whole codes, with slots beside them: each slot lists all records in the order of the value of some 16 bits,
so that those that agree with a query there (or nearly) are found together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from witnessmark.errors import MalformedError
from witnessmark.match.index.found import Codes, Numbers

BITS = 256
CODE_BYTES = BITS // 8
COLUMNS = 8
AHEAD_BITS = 16
"""How many bits of the following slot stand beside each posting."""

Kind = TypeVar("Kind", bound=np.generic)

REBUILD = "build the index again from the records; it holds nothing that is not in them"


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot: which bits it reads, and where its directory, postings and looks ahead begin."""

    first_bit: int
    width: int
    starts_at: int
    ids_at: int
    ahead_at: int


@dataclass(frozen=True, slots=True)
class Archive:
    """Codes as they lie in `content`; what is at 0 is not there."""

    name: str
    content: Codes
    count: int
    rows_at: int = 0
    columns_at: int = 0
    stride: int = 0
    slots: tuple[Slot, ...] = ()
    checked: range = range(0)
    shift: int = 14
    sums: Numbers | None = None
    seen: Codes = field(default_factory=lambda: np.empty(0, np.uint8))

    def rows(self) -> Codes:
        """The codes, one after the other."""
        if self.rows_at:
            return self.part(self.rows_at, np.uint8, self.count * CODE_BYTES).reshape(-1, CODE_BYTES)
        columns = self.columns()
        return np.ascontiguousarray(columns.T).view(np.uint8).reshape(-1, CODE_BYTES)

    def columns(self) -> Numbers:
        """The codes as eight columns."""
        whole = self.part(self.columns_at, np.uint32, COLUMNS * self.stride)
        return whole.reshape(COLUMNS, self.stride)[:, : self.count]

    def starts(self, slot: Slot) -> Numbers:
        """Where the postings of each value of a slot begin; one more says where the last end."""
        return self.part(slot.starts_at, np.uint32, (1 << slot.width) + 1)

    def ids(self, slot: Slot) -> Numbers:
        """The records in the order of the slot's value."""
        return self.part(slot.ids_at, np.uint32, self.count)

    def ahead(self, slot: Slot) -> NDArray[np.uint16]:
        """The first bits of the following slot, for each posting."""
        return self.part(slot.ahead_at, np.uint16, self.count)

    def part(self, at: int, kind: type[Kind], count: int) -> NDArray[Kind]:
        """Some of the content, read as numbers."""
        size = count * np.dtype(kind).itemsize
        return self.content[at : at + size].view(kind)

    def is_damaged(self) -> MalformedError:
        """What to raise when the content is not what was written."""
        return MalformedError(f"{self.name} is damaged: some of its bytes have changed", advice=REBUILD)
