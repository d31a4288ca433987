"""How stretches are told: in seconds of both, and where the query was cut."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from witnessmark.match.video.aligning import Stretch

_SAID, _CUT_MS = 4, 300


def measured(found: Sequence[Stretch]) -> dict[str, object]:
    """The segments and the cuts as facts, times in seconds."""
    segments = [
        {
            "query_from_s": one.query_from / 1000,
            "query_to_s": one.query_to / 1000,
            "candidate_from_s": one.candidate_from / 1000,
            "candidate_to_s": one.candidate_to / 1000,
            "distance": one.distance,
        }
        for one in found
    ]
    return {"segments": segments, "cuts": cuts(found)}


def cuts(found: Sequence[Stretch]) -> list[dict[str, float]]:
    """Where the query goes on at once with another place of the candidate: when, and from where to where.

    `found` are stretches in the order of the query. The moment is that between the two stretches.
    """
    return [
        {
            "query_s": round((one.query_to + two.query_from) / 2000, 3),
            "candidate_from_s": one.candidate_to / 1000,
            "candidate_to_s": two.candidate_from / 1000,
        }
        for one, two in pairwise(found)
        if abs((two.candidate_from - two.query_from) - (one.candidate_from - one.query_from)) > _CUT_MS
    ]


def told(found: Sequence[Stretch], apart: str) -> str:
    """The stretches as a sentence; `apart` says how far apart they are, with {distance} for the bits."""
    parts = [
        f"{_s(one.query_from)} to {_s(one.query_to)} s of the first is {_s(one.candidate_from)} to "
        f"{_s(one.candidate_to)} s of the second ({apart.format(distance=one.distance)})"
        for one in found[:_SAID]
    ]
    further = [f"and {len(found) - _SAID} further parts"] if len(found) > _SAID else []
    cut = len(cuts(found))
    made = (
        [f"the first is cut against the second in {cut} {'place' if cut == 1 else 'places'}"] if cut else []
    )
    return "; ".join([*parts, *further, *made])


def _s(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.1f}"
