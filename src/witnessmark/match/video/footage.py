"""Footage: in which video of the case a video or a picture is seen, from when to when.

About a frame of each second is in an exact index; every frame of a query is looked up there, as it is and
turned and mirrored. What is found votes for an offset in time, and what is laid over each other by it is
compared frame by frame. One dense side and one sparse side find clips that were shifted, which keyframes
against keyframes do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from witnessmark.match.index import HashIndex
from witnessmark.match.pdq import FAR, RADIUS, Coded
from witnessmark.match.video.aligning import Stretch, offsets, stretches
from witnessmark.match.video.saying import measured, told
from witnessmark.model import Digest, Facts, Match
from witnessmark.pixels.film import LEAST_QUALITY, Codes, Film, Rows, turned
from witnessmark.pixels.pdq import CODE_BYTES

METHOD = "film 1"
TRANSFORMS = (
    *("identity", "mirror", "rotate 180", "mirror + rotate 180"),
    *("mirror + rotate 270", "rotate 90", "mirror + rotate 90", "rotate 270"),
)
"""What lays the query over the candidate, in the order of the codes of `pixels.film.turned`."""
LIMITS = (
    "Frames that lie at the same distance in time look alike as wholes, by their codes; no frame was laid "
    "over the other. Two recordings of one event from one place, and programmes with the same studio or "
    "titles, can come near to that: look at both. Frames that were cropped by more than a tenth, or covered, "
    "are mostly not found. That nothing was found says that this method did not find it, not that it is new."
)
LIMITS_OF_STILLS = (
    "One frame and one picture look alike as wholes, by their codes; they were not laid over each other. "
    "Plain surfaces and pages made from one form can come near to that: look at both. Of a video about a "
    "frame of each second is looked up: what is seen for less can be missed."
)
_FAR_UP_TO = 1 << 19
"""Archives with more codes are asked for near ones only: likenesses of more than 31 bits take too long."""
_TOGETHER = 4096
_GAP_MS, _LEAST_MS = 1500, 900
_SHOWN_MS, _SOON_MS, _EDGE_MS = 1200, 250, 100
"""How long a frame counts as shown, how much too soon it may come, and what may be missing at the ends."""
_SHOWN = (-2, -1)
_NOTHING, _AS_NEAR = 256, 0.25
_FINE = range(-600, 601, 40)
_LEAST_VIEWS, _LEAST_NEAR = 3, 0.3
_SAME_MS, _SMOOTH = 300, np.full(5, 1 / 5)
_LOOSE = 88
"""Where frames were found to be alike, those before and after go with them up to so many bits; frames that
have nothing in common are some 128 bits apart."""


class Footage:
    """The videos and pictures of a case by their codes. `film_of` gives the film of a video that is here."""

    def __init__(self, film_of: Callable[[Digest], Film | None]) -> None:
        self._film_of = film_of
        self._films, self._stills = _Shelf(), _Shelf()

    def add_film(self, digest: Digest, film: Film) -> None:
        """Keep the seconds of a video among those that are searched."""
        rows = film.seconds[film.seconds["quality"] >= LEAST_QUALITY]
        self._films.add(digest, [code.tobytes() for code in rows["code"]], rows["ms"].tolist())

    def add_picture(self, picture: Coded) -> None:
        """Keep a picture and its regions, to be found in videos."""
        codes = [one[0] for one in _telling(picture)]
        self._stills.add(picture.digest, codes, [0] * len(codes))

    def of_film(self, digest: Digest, film: Film) -> tuple[Match, ...]:
        """What videos have parts of this one, and which pictures are seen in it; the longest part first."""
        rows = film.frames[film.frames["quality"] >= LEAST_QUALITY]
        if not len(rows):
            return ()
        every = turned(np.ascontiguousarray(rows["code"]))
        found = [
            *(self._film_in_film(digest, *one, rows) for one in self._films.hits(digest, every)),
            *(_still_in_film(digest, *one, rows) for one in self._stills.hits(digest, every)),
        ]
        return tuple(sorted(filter(None, found), key=_worth))

    def of_picture(self, picture: Coded) -> tuple[Match, ...]:
        """The videos in which a picture, or a region of it, is seen, and when; the nearest first."""
        telling = _telling(picture)
        if not telling:
            return ()
        every = np.frombuffer(b"".join(code for codes in telling for code in codes), np.uint8)
        codes = every.reshape(len(telling), -1, CODE_BYTES).transpose(1, 0, 2)
        hits = self._films.hits(picture.digest, codes)
        found = (self._picture_in_film(picture.digest, *one, codes) for one in hits)
        return tuple(sorted(filter(None, found), key=_worth))

    def _film_in_film(self, query: Digest, candidate: Digest, hits: _Hits, rows: Rows) -> Match | None:
        """Which stretches of the query are which of the candidate, by the turn that explains most of it."""
        theirs = self._film_of(candidate)
        if theirs is None:
            return None
        frames = theirs.frames[theirs.frames["quality"] >= LEAST_QUALITY]
        best: tuple[int, int, list[Stretch]] = (0, 0, [])
        turns, counts = np.unique(hits.turn, return_counts=True)
        for turn in turns[np.argsort(-counts, kind="stable")][:3].tolist():
            codes = turned(np.ascontiguousarray(rows["code"]))[turn]
            mine = _Side(rows["ms"].astype(np.int64), codes, rows["part"])
            found = list(_stretches(mine, _Side.of(frames), hits.turned(turn)))
            best = max(best, (sum(one.length for one in found), -turn, found), key=lambda one: one[:2])
        _, turn, found = best
        return _match_of_films(query, candidate, TRANSFORMS[-turn], found) if found else None

    def _picture_in_film(
        self, query: Digest, candidate: Digest, hits: _Hits, codes: NDArray[np.uint8]
    ) -> Match | None:
        """When the frame is shown that is nearest to the picture, if it is near enough."""
        film = self._film_of(candidate)
        if film is None:
            return None
        frames = _Side.of(film.frames[film.frames["quality"] >= LEAST_QUALITY])
        nearest: tuple[int, int, int] | None = None
        for place in np.argsort(hits.distance, kind="stable")[:32].tolist():
            around = np.abs(frames.times - hits.when[place]) <= 1000
            code = codes[hits.turn[place], hits.row[place]]
            apart = np.bitwise_count(frames.codes[around] ^ code).sum(axis=1, dtype=np.int64)
            if len(apart):
                least = int(apart.argmin())
                one = int(apart[least]), int(frames.times[around][least]), int(hits.turn[place])
                nearest = one if nearest is None else min(nearest, one)
        if nearest is None or nearest[0] > RADIUS:
            return None
        distance, at_ms, turn = nearest
        return Match(
            query=query,
            candidate=candidate,
            method=METHOD,
            distance=distance,
            transform=TRANSFORMS[turn],
            reason=f"the frame of the second at {at_ms / 1000:.1f} s and the first differ in {distance} of "
            "256 bits of their PDQ codes",
            limits=LIMITS_OF_STILLS,
            measured=Facts(candidate_at_s=at_ms / 1000),
        )


def _telling(picture: Coded) -> list[tuple[bytes, ...]]:
    """The eight codes of a picture and of each of its regions, as far as they say enough."""
    every = [(picture.codes, picture.quality), *((part.codes, part.quality) for part in picture.parts)]
    return [codes for codes, quality in every if quality >= LEAST_QUALITY]


def _match_of_films(query: Digest, candidate: Digest, transform: str, found: list[Stretch]) -> Match:
    found = sorted(found, key=lambda one: one.query_from)
    longest = max(found, key=lambda one: one.length)
    views = sum(one.views for one in found)
    changed = "" if transform == TRANSFORMS[0] else f"; changed by: {transform}"
    return Match(
        query=query,
        candidate=candidate,
        method=METHOD,
        distance=longest.distance,
        transform=transform,
        reason=told(found, "half of the frames within {distance} of 256 bits") + changed,
        limits=LIMITS,
        measured=Facts(measured(found), views=views),
    )


def _still_in_film(query: Digest, candidate: Digest, hits: _Hits, rows: Rows) -> Match | None:
    """A picture of the case that is seen in the query, when its code is nearest; None if it is not near."""
    nearest = int(hits.distance.argmin())
    distance, at_ms = int(hits.distance[nearest]), int(rows["ms"][hits.row[nearest]])
    if distance > RADIUS:
        return None
    return Match(
        query=query,
        candidate=candidate,
        method=METHOD,
        distance=distance,
        transform=TRANSFORMS[int(hits.turn[nearest])],
        reason=f"the frame of the first at {at_ms / 1000:.1f} s and the second differ in {distance} of 256 "
        "bits of their PDQ codes",
        limits=LIMITS_OF_STILLS,
        measured=Facts(query_at_s=at_ms / 1000),
    )


def _worth(match: Match) -> tuple[int, int, str]:
    segments = match.measured.get("segments", ())
    return (
        -sum(one["query_to_s"] - one["query_from_s"] for one in segments),
        match.distance,
        match.candidate.hex,
    )


@dataclass(slots=True)
class _Shelf:
    """Codes with whose they are and when; what came in goes into the index when it is searched next."""

    owners: list[Digest] = field(default_factory=list)
    known: set[Digest] = field(default_factory=set)
    who: list[int] = field(default_factory=list)
    when: list[int] = field(default_factory=list)
    came_in: list[bytes] = field(default_factory=list)
    index: HashIndex | None = None

    def add(self, digest: Digest, codes: Sequence[bytes], times: Sequence[int]) -> None:
        if digest in self.known:
            return
        self.known.add(digest)
        self.owners.append(digest)
        self.who += [len(self.owners) - 1] * len(codes)
        self.when += times
        self.came_in += codes

    def hits(self, digest: Digest, every: NDArray[np.uint8]) -> Iterator[tuple[Digest, _Hits]]:
        """What is near one of the codes (turns × n × 32 bytes), by whose it is; but for `digest`'s own."""
        index = self._indexed()
        if index is None:
            return
        radius = FAR if len(index) <= _FAR_UP_TO else RADIUS
        owners, times = np.array(self.who, np.int64), np.array(self.when, np.int64)
        pieces = []
        for turn, codes in enumerate(every):
            for start in range(0, len(codes), _TOGETHER):
                near = index.search(np.ascontiguousarray(codes[start : start + _TOGETHER]), radius)
                ids, rows = near.ids.astype(np.int64), near.queries().astype(np.int64) + start
                turns, apart = np.full(len(ids), turn), near.distances.astype(np.int64)
                pieces.append(np.stack([owners[ids], times[ids], rows, turns, apart]))
        found = np.concatenate(pieces, axis=1)
        for owner in np.unique(found[0]).tolist():
            if self.owners[owner] != digest:
                yield self.owners[owner], _Hits(*found[1:, found[0] == owner])

    def _indexed(self) -> HashIndex | None:
        if self.came_in:
            codes = np.frombuffer(b"".join(self.came_in), np.uint8).reshape(-1, CODE_BYTES)
            if self.index is None:
                self.index = HashIndex.build(codes)
            else:
                self.index.add(codes)
            self.came_in = []
        return self.index


@dataclass(frozen=True, slots=True)
class _Hits:
    """Likenesses to one candidate: its time, the row of the query, how that was turned, bits apart."""

    when: NDArray[np.int64]
    row: NDArray[np.int64]
    turn: NDArray[np.int64]
    distance: NDArray[np.int64]

    def turned(self, turn: int) -> _Hits:
        """Those of one turn."""
        are = self.turn == turn
        return _Hits(self.when[are], self.row[are], self.turn[are], self.distance[are])


@dataclass(frozen=True, slots=True)
class _Side:
    """The codes of a video's frames with their times, in the order of time."""

    times: NDArray[np.int64]
    codes: Codes
    parts: NDArray[np.uint8]

    @classmethod
    def of(cls, rows: Rows) -> _Side:
        order = np.argsort(rows["ms"], kind="stable")
        times, codes = rows["ms"][order].astype(np.int64), np.ascontiguousarray(rows["code"][order])
        return cls(times, codes, rows["part"][order])

    def apart(
        self, times: NDArray[np.int64], codes: Codes, beside: Sequence[int] = (-4, -3, -2, -1, 0, 1)
    ) -> NDArray[np.int64]:
        """How far each code is from what is shown here at its time or just beside it; 256 where nothing is.

        `beside` are rows from the first one that is shown later; a frame is shown until the next one.
        """
        if not len(self.times):
            return np.full(len(times), _NOTHING, np.int64)
        after = np.searchsorted(self.times, times, "right")
        is_during = (times >= self.times[0] - _EDGE_MS) & (times <= self.times[-1] + _EDGE_MS)
        least = np.full(len(times), _NOTHING, np.int64)
        for step in beside:
            place = np.clip(after + step, 0, len(self.times) - 1)
            late = times - self.times[place]
            is_there = is_during & (late <= _SHOWN_MS) & (late >= -_SOON_MS)
            bits = np.bitwise_count(self.codes[place] ^ codes).sum(axis=1, dtype=np.int64)
            least = np.where(is_there, np.minimum(least, bits), least)
        return least


def _stretches(mine: _Side, theirs: _Side, hits: _Hits) -> Iterator[Stretch]:
    """What both have in common, offset by offset; a frame goes with the one by which it is nearest."""
    claimed = _claims(mine, theirs, hits)
    if not claimed:
        return
    claims = np.array([claim for _, claim in claimed])
    nearest = np.argmin(claims, axis=0)
    for place, (offset, claim) in enumerate(claimed):
        apart = theirs.apart(mine.times + offset, mine.codes)
        is_its_own = (nearest == place) & np.isfinite(claim) & (apart <= _LOOSE)
        for run in stretches(is_its_own, mine.times, _GAP_MS):
            stretch = _stretch(mine, apart, run, offset)
            if stretch is not None:
                yield stretch


def _claims(mine: _Side, theirs: _Side, hits: _Hits) -> list[tuple[int, NDArray[np.float64]]]:
    """The offsets that explain some of the query, and how near each frame is by them; inf where it is not."""
    at = mine.times[hits.row]
    claimed: list[tuple[int, NDArray[np.float64]]] = []
    for coarse in offsets(at, hits.when):
        near = np.abs(hits.when - at - coarse) <= 1000
        offset = _refined(mine, theirs, coarse, np.unique(hits.row[near]))
        if any(abs(offset - one) < _SAME_MS for one, _ in claimed):
            continue
        apart = theirs.apart(mine.times + offset, mine.codes)
        is_claimed = np.zeros(len(apart), bool)
        for run in stretches(apart <= _LOOSE, mine.times, _GAP_MS):
            is_claimed[run] = _stretch(mine, apart, run, offset) is not None
        if is_claimed.any():
            shown = np.minimum(theirs.apart(mine.times + offset, mine.codes, _SHOWN), 2 * FAR)
            claimed.append((offset, np.where(is_claimed, _smooth(shown), np.inf)))
    return claimed


def _smooth(apart: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean over some frames before and after each."""
    beside = np.pad(apart.astype(float), len(_SMOOTH) // 2, "edge")
    return np.convolve(beside, _SMOOTH, "valid")


def _refined(mine: _Side, theirs: _Side, coarse: int, rows: NDArray[np.int64]) -> int:
    """The offset near a coarse one by which the frames that voted for it are nearest."""
    some = rows[:: max(1, len(rows) // 400)]
    around = [theirs.apart(mine.times[some] + coarse + step, mine.codes[some], _SHOWN) for step in _FINE]
    means = np.minimum(around, 2 * FAR).mean(axis=1)
    steps = np.flatnonzero(means <= means.min() + _AS_NEAR)
    return coarse + _FINE[int(steps[len(steps) // 2])]


def _stretch(mine: _Side, apart: NDArray[np.int64], run: slice, offset: int) -> Stretch | None:
    """The stretch, if it is long enough and says enough to be told."""
    are_near = apart[run] <= FAR
    if not are_near.any():
        return None
    start, end = int(mine.times[run][0]), int(mine.times[run][-1])
    distance = int(np.median(apart[run][are_near]))
    views = _views(mine.codes[run][are_near], mine.parts[run][are_near])
    if end - start < _LEAST_MS or are_near.mean() < _LEAST_NEAR:
        return None
    if distance > RADIUS and views < _LEAST_VIEWS:
        return None
    beginning = max(0, start + offset)
    return Stretch(beginning - offset, end, beginning, end + offset, distance, int(are_near.sum()), views)


def _views(codes: Codes, parts: NDArray[np.uint8]) -> int:
    """How many codes there are of which each differs plainly from the one before."""
    most = 0
    for part in np.unique(parts):
        seen, last = 0, None
        for code in codes[parts == part]:
            if last is None or int(np.bitwise_count(code ^ last).sum()) > RADIUS:
                seen, last = seen + 1, code
        most = max(most, seen)
    return most
