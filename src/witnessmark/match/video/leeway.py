"""Leeway: where else in a recording a stretch may lie, when a camera hardly moves and its moments look alike.

A stretch is laid over every place of the candidate, part by part. All places at which some part is about as
near as where it was found cannot be told from that one by the codes, and the truth may be any of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]
Apart = NDArray[np.int64]

MOST_MOMENTS, MOST_PLACES, STEP_MS = 96, 4000, 200
PART_MS, LEAST_MOMENTS = 2000, 3
_AS_NEAR = 12.0
"""Bits times seconds by which another place may be farther for a part, and yet be the true one."""
_AS_NEAR_SHARE = 0.05
"""The same as a share of the bits at the place that was found: what covers or crops a frame adds noise."""
_CLIP = 128

Comparing = Callable[[Times, NDArray[np.intp]], Apart]
"""How far moments (by their places in a list) are from what is shown at some times of the candidate."""


def leeway(moments: Times, offset: int, bounds: tuple[int, int], comparing: Comparing) -> tuple[int, int]:
    """The earliest and the latest offset (ms) by which some part of a stretch may be explained as well.

    `moments` are the times in the query of what the stretch rests on, `bounds` the first and last time of
    the candidate. The offset that was found lies between the two; if both are it, nothing else is as near.
    """
    chosen = np.linspace(0, len(moments) - 1, min(len(moments), MOST_MOMENTS)).round().astype(np.intp)
    times = moments[chosen]
    low, high = bounds[0] - int(times[-1]), bounds[1] - int(times[0])
    step = max(STEP_MS, (high - low) // MOST_PLACES)
    offsets = np.concatenate([[offset], np.arange(low, high + 1, step)])
    shown = (times[None, :] + offsets[:, None]).ravel()
    apart = comparing(shown, np.tile(chosen, len(offsets))).reshape(len(offsets), -1)
    farther = np.minimum(apart, _CLIP) - np.minimum(apart[0], _CLIP)
    earliest = latest = offset
    for inside in _parts(times):
        allowed = _AS_NEAR * 1000 / PART_MS + _AS_NEAR_SHARE * float(apart[0, inside].mean())
        as_near = offsets[farther[:, inside].mean(axis=1) <= allowed]
        earliest, latest = min(earliest, int(as_near.min())), max(latest, int(as_near.max()))
    return earliest, latest


def _parts(times: Times) -> list[NDArray[np.bool_]]:
    """The moments of each two seconds, every second; all if there are less."""
    starts = np.arange(times[0], max(times[0] + 1, times[-1] - PART_MS + 1), PART_MS // 2)
    parts = [(times >= start) & (times <= start + PART_MS) for start in starts]
    return [inside for inside in parts if inside.sum() >= LEAST_MOMENTS] or [np.ones(len(times), bool)]
