"""Search among codes of 256 bits, compiled: flat functions over buffers. See `witnessmark.match.index`."""

from typing import Any

from numpy.typing import NDArray

Buffer = NDArray[Any] | bytes

class DamagedError(Exception): ...

def kernels() -> tuple[str, ...]: ...
def search(
    kernel: str,
    image: Buffer,
    plan: Buffer,
    sums: Buffer,
    seen: Buffer,
    queries: Buffer,
    radius: int,
    by_slots: int,
    offsets: Buffer,
    work: Buffer,
) -> tuple[bytearray, bytearray, bytearray]: ...
def join(
    kernel: str,
    image: Buffer,
    plan: Buffer,
    slot: int,
    rows: Buffer,
    radius: int,
    room: int,
    standing: Buffer,
) -> tuple[tuple[bytearray, bytearray, bytearray], bool]: ...
def reorder(codes: Buffer, table: Buffer, rows: Buffer) -> None: ...
def sort_slot(
    rows: Buffer, first_bit: int, width: int, ahead_bit: int, starts: Buffer, ids: Buffer, ahead: Buffer
) -> None: ...
def checksums(content: Buffer, block: int, sums: Buffer) -> None: ...
def votes(
    image: Buffer, plan: Buffer, sums: Buffer, seen: Buffer, sought: Buffer, table: Buffer, scores: Buffer
) -> None: ...
def nearest(
    ours: Buffer, theirs: Buffer, shorter: Buffer, best: Buffer, first: Buffer, second: Buffer
) -> None: ...
