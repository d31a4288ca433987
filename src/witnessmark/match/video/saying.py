"""How stretches are told: in seconds of both, and where the query was cut."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from witnessmark.match.video.aligning import Stretch

_SAID, _CUT_MS = 4, 300


def measured(found: Sequence[Stretch]) -> dict[str, object]:
    """The segments and the cuts as facts, times in seconds.

    A segment that is alike at other times too, since the picture hardly changes, says between which times of
    the candidate it is (`candidate_earliest_s`, `candidate_latest_s`); its own are then only the likeliest.
    """
    segments = [
        {
            "query_from_s": one.query_from / 1000,
            "query_to_s": one.query_to / 1000,
            "candidate_from_s": one.candidate_from / 1000,
            "candidate_to_s": one.candidate_to / 1000,
            "distance": one.distance,
            **(
                {"candidate_earliest_s": one.earliest / 1000, "candidate_latest_s": one.latest / 1000}
                if one.earliest is not None and one.latest is not None
                else {}
            ),
        }
        for one in found
    ]
    return {"segments": segments, "cuts": cuts(found)}


def cuts(found: Sequence[Stretch]) -> list[dict[str, float]]:
    """Where the query goes on at once with another place of the candidate: when, and from where to where.

    `found` are stretches in the order of the query. The moment is that between the two stretches. Where one
    of them may lie so that the other follows it, nothing is said.
    """
    return [
        {
            "query_s": round((one.query_to + two.query_from) / 2000, 3),
            "candidate_from_s": one.candidate_to / 1000,
            "candidate_to_s": two.candidate_from / 1000,
        }
        for one, two in pairwise(found)
        if _is_apart(_offsets(one), _offsets(two))
    ]


def _offsets(one: Stretch) -> tuple[int, int]:
    """Between which offsets a stretch lies."""
    offset, away = one.candidate_from - one.query_from, one.candidate_to - one.query_to
    if one.earliest is None or one.latest is None:
        return min(offset, away), max(offset, away)
    return one.earliest - one.query_from, one.latest - one.query_to


def _is_apart(one: tuple[int, int], two: tuple[int, int]) -> bool:
    return two[0] - one[1] > _CUT_MS or one[0] - two[1] > _CUT_MS


def told(found: Sequence[Stretch], apart: str) -> str:
    """The stretches as a sentence; `apart` says how far apart they are, with {distance} for the bits."""
    parts = [
        f"{_s(one.query_from)} to {_s(one.query_to)} s of the first is {_place(one)} of the second "
        f"({apart.format(distance=one.distance)})"
        for one in found[:_SAID]
    ]
    further = [f"and {len(found) - _SAID} further parts"] if len(found) > _SAID else []
    cut = len(cuts(found))
    made = (
        [f"the first is cut against the second in {cut} {'place' if cut == 1 else 'places'}"] if cut else []
    )
    return "; ".join([*parts, *further, *made])


def _place(one: Stretch) -> str:
    if one.earliest is None or one.latest is None:
        return f"{_s(one.candidate_from)} to {_s(one.candidate_to)} s"
    return (
        f"somewhere between {_s(one.earliest)} and {_s(one.latest)} s (it looks much the same there; most "
        f"like {_s(one.candidate_from)} to {_s(one.candidate_to)} s)"
    )


def _s(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.1f}"
