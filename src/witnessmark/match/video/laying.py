"""Laying over: which stretches of one video are which of another, by the codes of their frames.

Several offsets in time can explain a frame nearly as well, in slow scenes above all. So the frames are not
asked one by one: of all ways to go through the query, offset by offset, that one is taken on which its
frames are nearest, where each change of offset costs (Viterbi). A cut is told when what follows is plainly
nearer by another offset.

A frame is compared as a whole, and where hits say so also with what the other would be if it were cropped,
and window by window where something covers the rest; the nearest counts. Frames that say too little to be
looked up by (dark, plain) are no reason for a stretch, but one goes on over them where they are alike.

Where a camera hardly moves a stretch is alike at other times too; from where to where is told with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from witnessmark.match.pdq import FAR, RADIUS
from witnessmark.match.video.aligning import Stretch, offsets, stretches
from witnessmark.match.video.leeway import leeway
from witnessmark.pixels.film import LEAST_QUALITY, VIEWS, Codes, Rows, turned
from witnessmark.pixels.views import turned_to

Times = NDArray[np.int64]
Apart = NDArray[np.int64]
Way = tuple[int, int]
"""Which view of the query is compared with which of the candidate; 0 is the whole, with bars or without."""

AS_WHOLES: Way = (0, 0)
LOOSE = 88
"""Frames that are farther apart are not taken for the same; such as have nothing in common are some 128."""
_GAP_MS, _LEAST_MS = 1500, 900
_SHOWN_MS, _SOON_MS, _EDGE_MS, _BESIDE_MS = 1200, 250, 100, 600
"""How long a frame counts as shown, how much too soon it may come, what may be missing at the ends, and how
far a view may be from the moment that it stands for."""
_AROUND, _SHOWN, _BEFORE_AND_AFTER = (-4, -3, -2, -1, 0, 1), (-2, -1), (-1, 0)
_NOTHING, _AS_NEAR = 256, 0.25
_FINE = range(-600, 601, 40)
_LEAST_VIEWS, _LEAST_NEAR = 3, 0.3
_MOST_WAYS, _LEAST_VOTES = 6, 2
_CHANGE = 24.0
"""What a change of offset costs, in bits that differ times seconds."""
_LONGEST_S, _SHORTEST_S = 0.5, 0.02
LEAST_FAINT = 1
"""Frames of a lower quality than this have nothing that could be alike."""
_SAME_MS = 500
"""Stretches that follow one another by offsets no further apart are one."""
_SURE_MS = 800
"""If a stretch may lie anywhere within less than this, its times are told as they are."""


@dataclass(frozen=True, slots=True)
class Hits:
    """Likenesses to one candidate: its time and part, the row of the query, how that was turned, bits."""

    when: Times
    part: NDArray[np.int64]
    row: NDArray[np.int64]
    turn: NDArray[np.int64]
    distance: NDArray[np.int64]

    @classmethod
    def together(cls, several: Sequence[Hits]) -> Hits:
        """Those of several as one."""
        names = ("when", "part", "row", "turn", "distance")
        return cls(*(np.concatenate([getattr(one, name) for one in several]) for name in names))

    def those(self, chosen: NDArray[np.bool_]) -> Hits:
        """Some of them."""
        every = (self.when, self.part, self.row, self.turn, self.distance)
        return Hits(*(one[chosen] for one in every))


@dataclass(frozen=True, slots=True)
class Laid:
    """What two videos have in common: the stretches, how much it explains, and the way that is nearest."""

    stretches: tuple[Stretch, ...]
    worth: float
    way: Way


@dataclass(frozen=True, slots=True)
class Track:
    """The codes of one view of a video's frames with their times, in the order of time."""

    times: Times
    codes: Codes
    parts: NDArray[np.uint8]
    telling: NDArray[np.bool_]
    """Which of them say enough to be looked up by."""

    def apart(self, times: Times, codes: Codes, beside: Sequence[int]) -> Apart:
        """How far each code is from what is shown here at its time or just beside it; 256 where nothing is.

        `beside` are rows from the first one that is shown later; a frame is shown until the next one.
        """
        least = np.full(len(times), _NOTHING, np.int64)
        if not len(self.times):
            return least
        after = np.searchsorted(self.times, times, "right")
        is_during = (times >= self.times[0] - _EDGE_MS) & (times <= self.times[-1] + _SHOWN_MS)
        for step in beside:
            place = np.clip(after + step, 0, len(self.times) - 1)
            late = times - self.times[place]
            is_there = is_during & (late <= _SHOWN_MS) & (late >= -_SOON_MS)
            bits = np.bitwise_count(self.codes[place] ^ codes).sum(axis=1, dtype=np.int64)
            least = np.where(is_there, np.minimum(least, bits), least)
        return least


@dataclass(frozen=True, slots=True)
class Side:
    """A video's codes by view; 0 is the whole."""

    tracks: dict[int, Track]

    @classmethod
    def of(cls, rows: Rows, turn: int = 0) -> Side:
        """The side that rows make, turned or mirrored."""
        rows = rows[comparable(rows)]
        rows = rows[np.argsort(rows["ms"], kind="stable")]
        codes = turned(np.ascontiguousarray(rows["code"]))[turn] if turn else rows["code"]
        views = views_of(rows["part"])
        tracks = {}
        for view in np.unique(views).tolist():
            chosen = views == view
            times = rows["ms"][chosen].astype(np.int64)
            telling = rows["quality"][chosen] >= LEAST_QUALITY
            tracks[view] = Track(times, np.ascontiguousarray(codes[chosen]), rows["part"][chosen], telling)
        return cls(tracks)


def comparable(rows: Rows) -> NDArray[np.bool_]:
    """Which rows are laid over others: whole frames even if they are faint, views only if they say enough."""
    is_faint: NDArray[np.bool_] = (rows["part"] < VIEWS) & (rows["quality"] >= LEAST_FAINT)
    return is_faint | (rows["quality"] >= LEAST_QUALITY)


def views_of(parts: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Which view a part of a frame is: 0 for the whole with bars or without, else its own number."""
    return np.where(parts < VIEWS, 0, parts).astype(np.int64)


def is_way(turn: int, mine: NDArray[np.int64], theirs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which pairs of views are compared: one of them whole, or both windows on the same of the frame."""
    windows = turned_to(turn)
    to = np.array([0] * VIEWS + [-1 if one is None else one + VIEWS for one in windows])
    chosen: NDArray[np.bool_] = (mine == 0) | (theirs == 0) | (to[mine] == theirs)
    return chosen


def laid_over(mine: Side, theirs: Side, hits: Hits, ways: NDArray[np.int64]) -> Laid | None:
    """What both have in common, `ways` (n × 2) being the views that each of the hits is of; None if nothing.

    `mine` is turned as the hits are.
    """
    chosen = _chosen(ways, hits)
    if not chosen or 0 not in mine.tracks:
        return None
    comparing = _Comparing(mine, theirs, chosen)
    found = list(_offsets(comparing, hits, ways))
    if not found:
        return None
    costs = np.stack([comparing.costs(offset) for offset in found])
    followed = _followed(costs, comparing.lengths)
    apart = [comparing.apart(offset) for offset in found]
    own = np.min([np.where(followed == place, one, _NOTHING) for place, one in enumerate(apart)], axis=0)
    runs = [
        (run, apart[place], found[place])
        for run, place in _runs(followed, comparing.are_alike(own), comparing.moments)
    ]
    kept = [
        several for several in _joined([[run] for run in runs], comparing) if _stretch(comparing, several)
    ]
    good = [one for several in _joined(kept, comparing) if (one := _stretch(comparing, several))]
    if not good:
        return None
    is_explained = followed < len(found)
    nearest = np.where(is_explained, costs.min(axis=0), LOOSE)
    worth = float(((LOOSE - nearest).clip(0) * comparing.lengths).sum())
    way = comparing.nearest_way(max(good, key=lambda one: one.length))
    return Laid(tuple(_with_leeway(comparing, one) for one in good), worth, way)


class _Comparing:
    """Two sides and the ways by which they are compared, moment by moment of the query."""

    def __init__(self, mine: Side, theirs: Side, ways: Sequence[Way]) -> None:
        self.mine, self.theirs = mine, theirs
        self.ways = [way for way in ways if way[0] in mine.tracks and way[1] in theirs.tracks]
        whole = mine.tracks[0]
        self.moments, self._first = np.unique(whole.times, return_index=True)
        self.telling = np.logical_or.reduceat(whole.telling, self._first)
        steps = np.diff(self.moments, append=self.moments[-1:] + 40) / 1000
        self.lengths = np.where(self.telling, steps.clip(_SHORTEST_S, _LONGEST_S), 0)
        self.ends = self.moments + np.diff(self.moments, append=self.moments[-1:]).clip(0, _LONGEST_S * 1000)
        self._beside = {way[0]: self._beside_of(mine.tracks[way[0]]) for way in self.ways if way[0]}

    def are_alike(self, apart: Apart) -> NDArray[np.bool_]:
        """Which moments count as the same, so far apart; faint ones only if they are near."""
        return apart <= np.where(self.telling, LOOSE, RADIUS)

    def is_faint(self, moments: slice, offset: int) -> bool:
        """Whether neither side shows anything that says enough, at these moments of the query."""
        times, theirs = self.moments[moments] + offset, self.theirs.tracks[0]
        if self.telling[moments].any() or not len(times):
            return False
        shown = (theirs.times >= times[0]) & (theirs.times <= times[-1])
        return bool(shown.any()) and not bool(theirs.telling[shown].any())

    def apart(self, offset: int) -> Apart:
        """How far each moment is, by the nearest way, from anything shown about then."""
        apart: Apart = np.min([self._by_way(way, offset, _AROUND) for way in self.ways], axis=0)
        return apart

    def costs(self, offset: int) -> NDArray[np.float64]:
        """The same from what is shown just then."""
        least = np.min([self._by_way(way, offset, self._narrow(way)) for way in self.ways], axis=0)
        return np.asarray(least, np.float64)

    def nearest_way(self, stretch: Stretch) -> Way:
        """The way by which a stretch is nearest in the mean."""
        inside = (self.moments >= stretch.query_from) & (self.moments <= stretch.query_to)
        offset = stretch.candidate_to - stretch.query_to
        means = [np.minimum(self._by_way(way, offset, _AROUND)[inside], 2 * FAR).mean() for way in self.ways]
        return self.ways[int(np.argmin(means))]

    def refined(self, coarse: int, way: Way, rows: NDArray[np.int64]) -> int:
        """The offset near a coarse one by which the frames of a way that voted for it are nearest.

        The sparser side is asked: each of its frames is laid on what the denser one shows just then.
        """
        one, other, sign = self.mine.tracks[way[0]], self.theirs.tracks[way[1]], 1
        chosen = rows[:: max(1, len(rows) // 400)]
        times, codes = one.times[chosen], one.codes[chosen]
        if _pace(one) < _pace(other):
            span = times.min() + coarse - _SOON_MS, times.max() + coarse + _SOON_MS
            inside = np.flatnonzero((other.times >= span[0]) & (other.times <= span[1]) & other.telling)
            inside = inside[:: max(1, len(inside) // 400)]
            if len(inside):
                times, codes, other, sign = other.times[inside], other.codes[inside], one, -1
        around = [other.apart(times + sign * (coarse + step), codes, _SHOWN) for step in _FINE]
        means = np.minimum(around, 2 * FAR).mean(axis=1)
        steps = np.flatnonzero(means <= means.min() + _AS_NEAR)
        return coarse + _FINE[int(steps[len(steps) // 2])]

    def _narrow(self, way: Way) -> Sequence[int]:
        """What is shown just then: the last frame, of a side with views the one after it as well."""
        return _BEFORE_AND_AFTER if way[1] else _SHOWN

    def _by_way(self, way: Way, offset: int, beside: Sequence[int]) -> Apart:
        track = self.mine.tracks[way[0]]
        apart = self.theirs.tracks[way[1]].apart(track.times + offset, track.codes, beside)
        if way[0] == 0:
            return np.minimum.reduceat(apart, self._first)
        place, is_beside = self._beside[way[0]]
        return np.where(is_beside, apart[place], _NOTHING)

    def _beside_of(self, track: Track) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """For each moment the frame of a sparse track that is nearest in time, and whether it is near."""
        after = np.searchsorted(track.times, self.moments).clip(1, max(1, len(track.times) - 1))
        before = after - 1
        after = after.clip(0, len(track.times) - 1)
        far = np.abs(track.times[after] - self.moments), np.abs(track.times[before] - self.moments)
        place = np.where(far[0] < far[1], after, before)
        return place, np.minimum(*far) <= _BESIDE_MS


def _chosen(ways: NDArray[np.int64], hits: Hits) -> list[Way]:
    """The ways that most moments of the query speak for."""
    known, of = np.unique(ways, axis=0, return_inverse=True)
    counts = [len(np.unique(hits.row[of.ravel() == place])) for place in range(len(known))]
    order = np.argsort(-np.array(counts), kind="stable")
    kept = [place for place in order[:_MOST_WAYS].tolist() if counts[place] >= _LEAST_VOTES]
    found = [(int(known[place][0]), int(known[place][1])) for place in kept]
    return found if AS_WHOLES in found else [AS_WHOLES, *found]


def _offsets(comparing: _Comparing, hits: Hits, ways: NDArray[np.int64]) -> Iterator[int]:
    """The offsets by which anything long enough is alike."""
    at = _times_of(comparing.mine, hits, ways)
    known: list[int] = []
    for coarse in offsets(at, hits.when):
        near = np.abs(hits.when - at - coarse) <= 1000
        own, counts = np.unique(ways[near], axis=0, return_counts=True)
        way = (int(own[counts.argmax()][0]), int(own[counts.argmax()][1]))
        of_way = near & (ways == way).all(axis=1)
        offset = comparing.refined(coarse, way, np.unique(hits.row[of_way]))
        if offset in known:
            continue
        apart = comparing.apart(offset)
        if any(
            _stretch(comparing, [(run, apart, offset)])
            for run in stretches(comparing.are_alike(apart), comparing.moments, _GAP_MS)
        ):
            known.append(offset)
            yield offset


def _times_of(mine: Side, hits: Hits, ways: NDArray[np.int64]) -> Times:
    """The times in the query of the hits, whose rows are those of the track of their view."""
    at = np.zeros(len(hits.row), np.int64)
    for view in np.unique(ways[:, 0]).tolist():
        chosen = ways[:, 0] == view
        at[chosen] = mine.tracks[view].times[hits.row[chosen]]
    return at


def _followed(costs: NDArray[np.float64], lengths: NDArray[np.float64]) -> NDArray[np.int64]:
    """For each moment by which row of `costs` (bits) it is explained; their number where by none.

    `lengths` are the seconds that each moment lasts.
    """
    bits = np.concatenate([np.minimum(costs, 2 * FAR), np.full((1, costs.shape[1]), float(LOOSE))]) * lengths
    came_from = np.zeros(bits.shape, np.int64)
    total, every = bits[:, 0].copy(), np.arange(len(bits))
    for moment in range(1, bits.shape[1]):
        best = int(total.argmin())
        is_changed = total > total[best] + _CHANGE
        came_from[:, moment] = np.where(is_changed, best, every)
        total = np.where(is_changed, total[best] + _CHANGE, total) + bits[:, moment]
    followed = np.zeros(bits.shape[1], np.int64)
    followed[-1] = total.argmin()
    for moment in range(bits.shape[1] - 1, 0, -1):
        followed[moment - 1] = came_from[followed[moment], moment]
    return followed


_Run = tuple[slice, Apart, int]
"""Consecutive moments of the query, how far every one of it is apart by an offset, and that offset."""


def _runs(
    followed: NDArray[np.int64], are_alike: NDArray[np.bool_], moments: Times
) -> Iterator[tuple[slice, int]]:
    """Which consecutive moments are alike by one offset, but for gaps; and by which."""
    places = np.flatnonzero(are_alike)
    if not len(places):
        return
    is_other = (np.diff(moments[places]) > _GAP_MS) | (np.diff(followed[places]) != 0)
    breaks = np.flatnonzero(is_other)
    for first, last in zip((0, *(breaks + 1)), (*breaks, len(places) - 1), strict=True):
        yield slice(int(places[first]), int(places[last]) + 1), int(followed[places[first]])


def _joined(runs: Sequence[list[_Run]], comparing: _Comparing) -> list[list[_Run]]:
    """What follows at once by an offset that hardly differs is one."""
    joined: list[list[_Run]] = []
    for run in runs:
        last = joined[-1][-1] if joined else None
        if (
            last is not None
            and abs(run[0][2] - last[2]) <= _SAME_MS
            and (
                comparing.moments[run[0][0].start] - comparing.moments[last[0].stop - 1] <= _GAP_MS
                or comparing.is_faint(slice(last[0].stop, run[0][0].start), last[2])
            )
        ):
            joined[-1] += run
        else:
            joined.append(list(run))
    return joined


def _stretch(comparing: _Comparing, runs: Sequence[_Run]) -> Stretch | None:
    """The stretch that runs make, if it is long enough and says enough to be told."""
    telling = np.concatenate([comparing.telling[run] for run, _, _ in runs])
    apart = np.concatenate([apart[run] for run, apart, _ in runs])[telling]
    moments = np.concatenate([comparing.moments[run] for run, _, _ in runs])[telling]
    are_near = apart <= FAR
    if not are_near.any():
        return None
    first, last = runs[0], runs[-1]
    start, end = int(comparing.moments[first[0].start]), int(comparing.ends[last[0].stop - 1])
    distance = int(np.median(apart[are_near]))
    views = _views(comparing.mine.tracks[0], moments[are_near])
    if comparing.lengths[first[0].start : last[0].stop].sum() < _LEAST_MS / 1000:
        return None
    if end - start < _LEAST_MS or are_near.mean() < _LEAST_NEAR:
        return None
    if distance > RADIUS and views < _LEAST_VIEWS:
        return None
    beginning = max(0, start + first[2])
    return Stretch(beginning - first[2], end, beginning, end + last[2], distance, int(are_near.sum()), views)


def _with_leeway(comparing: _Comparing, stretch: Stretch) -> Stretch:
    """A stretch with the times between which it is, where they are wider than what is told otherwise."""
    way = comparing.nearest_way(stretch)
    mine, theirs = comparing.mine.tracks[way[0]], comparing.theirs.tracks[way[1]]
    inside = mine.telling & (mine.times >= stretch.query_from) & (mine.times <= stretch.query_to)
    if not inside.any():
        return stretch
    times, codes = mine.times[inside], mine.codes[inside]
    offset = stretch.candidate_to - stretch.query_to
    earliest, latest = leeway(
        times,
        offset,
        (int(theirs.times[0]), int(theirs.times[-1])),
        lambda shown, which: theirs.apart(shown, codes[which], _SHOWN),
    )
    if latest - earliest <= _SURE_MS:
        return stretch
    whole = stretch.candidate_from - (offset - earliest), stretch.candidate_to + (latest - offset)
    end = int(comparing.theirs.tracks[0].times[-1]) + _SHOWN_MS
    return replace(stretch, earliest=max(0, whole[0]), latest=max(stretch.candidate_to, min(whole[1], end)))


def _views(track: Track, moments: Times) -> int:
    """How many codes there are at some moments of which each differs plainly from the one before."""
    inside = np.isin(track.times, moments)
    most = 0
    for part in np.unique(track.parts[inside]):
        seen, last = 0, None
        for code in track.codes[inside & (track.parts == part)]:
            if last is None or int(np.bitwise_count(code ^ last).sum()) > RADIUS:
                seen, last = seen + 1, code
        most = max(most, seen)
    return most


def _pace(track: Track) -> float:
    """Frames a second."""
    span = int(track.times[-1] - track.times[0])
    return len(np.unique(track.times)) / max(1, span)


def changed_by(turn: str, way: Way) -> str:
    """What lays the query over the candidate: the turn, and that one of them is cropped."""
    if way == AS_WHOLES or way[0] == way[1]:
        return turn
    return "crop" if turn == "identity" else f"{turn} + crop"


__all__ = ["Hits", "Laid", "Side", "changed_by", "is_way", "laid_over", "views_of"]
