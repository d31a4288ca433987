"""The sums over pixels, compiled: flat functions over buffers. See `witnessmark.pixels.engine`."""

from typing import Any

from numpy.typing import NDArray

Buffer = NDArray[Any] | bytes

def kernels() -> tuple[str, ...]: ...
def reduce(
    kernel: str,
    pixels: Buffer,
    row_starts: Buffer,
    row_lengths: Buffer,
    row_weights: Buffer,
    column_starts: Buffer,
    column_lengths: Buffer,
    column_weights: Buffer,
    reduced: Buffer,
) -> None: ...
def shrink(kernel: str, pixels: Buffer, factor: int, shrunk: Buffer) -> None: ...
def overlay(kernel: str, ours: Buffer, theirs: Buffer, height: int, width: int, sums: Buffer) -> None: ...
