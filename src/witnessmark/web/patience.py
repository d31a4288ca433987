"""Patience: what a visit may have to wait for, asked before it is answered among those that are soon over."""

from __future__ import annotations

from witnessmark.desk.browsing import kind_of
from witnessmark.web.office import Visit


def weighing(visit: Visit) -> bool:
    """Whether claims have to be weighed first, which takes seconds in a large case."""
    return not visit.office.weighed.holds(visit.since)


def counting(visit: Visit) -> bool:
    """Whether claims have to be weighed, or their numbers told, first."""
    return weighing(visit) or not visit.office.counted.holds(visit.since)


def dating(visit: Visit) -> bool:
    """Whether the times of the whole case have to be put in lanes first."""
    return not visit.office.dated.holds(visit.since)


def following(visit: Visit) -> bool:
    """Whether what changes is asked of a claim, which has to be found among those that were weighed."""
    return visit.asked("at").startswith("/claims/") and weighing(visit)


def drawing(visit: Visit) -> bool:
    """Whether an exhibit is a video, of which a strip of frames may have to be drawn in the locked room."""
    case = visit.desk.case
    return kind_of(case.item(case.digest_of_exhibit(visit.path("exhibit"))).original.media_type) == "video"
