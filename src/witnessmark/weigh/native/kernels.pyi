"""Chains of the latent-class model, compiled: one flat function over buffers.

See `witnessmark.weigh.estimating.engine`.
"""

from typing import Any

from numpy.typing import NDArray

Buffer = NDArray[Any]

def run_latent(
    patterns: Buffer,
    counts: Buffer,
    lists: int,
    classes: int,
    prior: tuple[float, float, float, Buffer],
    swaps: int,
    scalings: int,
    glides: float,
    chance: Buffer,
    alpha: Buffer,
    ln_weight: Buffer,
    present: Buffer,
    absent: Buffer,
    unseen: Buffer,
    off: Buffer,
    kept: int,
    thin: int,
    rows: Buffer,
) -> None: ...
