"""Footage: in which video of the case a video or a picture is seen, from when to when.

About a frame of each second is in an exact index, with its views; every frame of a query is looked up there,
as it is and turned and mirrored. What is found votes for an offset in time, and what is laid over each other
by it is compared frame by frame. One dense side and one sparse side find clips that were shifted, which
keyframes against keyframes do not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from witnessmark.match.pdq import RADIUS, Coded
from witnessmark.match.video.laying import (
    Hits,
    Laid,
    Side,
    changed_by,
    comparable,
    is_way,
    laid_over,
    views_of,
)
from witnessmark.match.video.saying import measured, told
from witnessmark.match.video.shelf import Shelf
from witnessmark.model import Digest, Facts, Match
from witnessmark.pixels.film import LEAST_QUALITY, ROW, VIEWS, Codes, Film, Rows, turned
from witnessmark.pixels.pdq import CODE_BYTES

METHOD = "film 3"
TRANSFORMS = (
    *("identity", "mirror", "rotate 180", "mirror + rotate 180"),
    *("mirror + rotate 270", "rotate 90", "mirror + rotate 90", "rotate 270"),
)
"""What lays the query over the candidate, in the order of the codes of `pixels.film.turned`."""
LIMITS = (
    "Frames that lie at the same distance in time look alike as wholes, by their codes; no frame was laid "
    "over the other. Two recordings of one event from one place, and programmes with the same studio or "
    "titles, can come near to that: look at both. Crops are found if they are near one of 21 that are "
    "tried; frames that are mostly covered, or played at another speed, are mostly not found. That nothing "
    "was found says that this method did not find it, not that it is new."
)
LIMITS_OF_STILLS = (
    "One frame and one picture look alike as wholes, by their codes; they were not laid over each other. "
    "Plain surfaces and pages made from one form can come near to that: look at both. Of a video about a "
    "frame of each second and the first of each new scene is looked up: what is seen for less can be missed."
)

_MOST_TURNS, _NEAREST = 3, 32


class Footage:
    """The videos and pictures of a case by their codes. `film_of` gives the film of a video that is here."""

    def __init__(self, film_of: Callable[[Digest], Film | None]) -> None:
        self._film_of = film_of
        self._films, self._views, self._stills = Shelf(), Shelf(), Shelf()

    def add_film(self, digest: Digest, film: Film) -> None:
        """Keep the seconds of a video among those that are searched."""
        rows = film.seconds[film.seconds["quality"] >= LEAST_QUALITY]
        is_view = rows["part"] >= VIEWS
        self._films.add(digest, rows[~is_view])
        self._views.add(digest, rows[is_view])

    def add_picture(self, picture: Coded) -> None:
        """Keep a picture and its regions, to be found in videos."""
        codes = b"".join(one[0] for one in _telling(picture))
        rows = np.zeros(len(codes) // CODE_BYTES, ROW)
        rows["code"] = np.frombuffer(codes, np.uint8).reshape(-1, CODE_BYTES)
        self._stills.add(picture.digest, rows)

    def of_film(self, digest: Digest, film: Film) -> tuple[Match, ...]:
        """What videos have parts of this one, and which pictures are seen in it; the longest part first."""
        rows = film.frames[comparable(film.frames)]
        rows = rows[np.argsort(rows["ms"], kind="stable")]
        telling = np.flatnonzero(rows["quality"] >= LEAST_QUALITY)
        if not len(telling):
            return ()
        every = turned(np.ascontiguousarray(rows["code"][telling]))
        found: list[Match | None] = [
            _still_in_film(digest, *one, rows[telling]) for one in self._stills.hits(digest, every)
        ]
        hits: dict[Digest, list[Hits]] = defaultdict(list)
        for shelf in (self._films, self._views):
            for candidate, some in shelf.hits(digest, every):
                hits[candidate].append(replace(some, row=telling[some.row]))
        found += [self._film_in_film(digest, candidate, some, rows) for candidate, some in hits.items()]
        return tuple(sorted(filter(None, found), key=_worth))

    def of_picture(self, picture: Coded) -> tuple[Match, ...]:
        """The videos in which a picture, or a region of it, is seen, and when; the nearest first."""
        telling = _telling(picture)
        if not telling:
            return ()
        every = np.frombuffer(b"".join(code for codes in telling for code in codes), np.uint8)
        codes = every.reshape(len(telling), -1, CODE_BYTES).transpose(1, 0, 2)
        hits: dict[Digest, list[Hits]] = defaultdict(list)
        for shelf in (self._films, self._views):
            for candidate, some in shelf.hits(picture.digest, codes):
                hits[candidate].append(some)
        found = (self._picture_in_film(picture.digest, one, some, codes) for one, some in hits.items())
        return tuple(sorted(filter(None, found), key=_worth))

    def _film_in_film(
        self, query: Digest, candidate: Digest, several: Sequence[Hits], rows: Rows
    ) -> Match | None:
        """Which stretches of the query are which of the candidate, by the turn that explains most of it."""
        film = self._film_of(candidate)
        if film is None:
            return None
        theirs, hits = Side.of(film.frames), Hits.together(several)
        views = views_of(rows["part"])
        mine = views[hits.row]
        hits = _on_tracks(hits, views)
        turns, counts = np.unique(hits.turn, return_counts=True)
        best: tuple[float, int, Laid] | None = None
        for turn in turns[np.argsort(-counts, kind="stable")][:_MOST_TURNS].tolist():
            ways = np.stack([mine, views_of(hits.part)], axis=1)
            chosen = (hits.turn == turn) & is_way(turn, *ways.T)
            laid = laid_over(Side.of(rows, turn), theirs, hits.those(chosen), ways[chosen])
            if laid is not None and (best is None or laid.worth > best[0]):
                best = laid.worth, turn, laid
        return _match_of_films(query, candidate, TRANSFORMS[best[1]], best[2]) if best else None

    def _picture_in_film(
        self, query: Digest, candidate: Digest, several: Sequence[Hits], codes: Codes
    ) -> Match | None:
        """When the frame is shown that is nearest to the picture, if it is near enough."""
        film = self._film_of(candidate)
        if film is None:
            return None
        side, hits = Side.of(film.frames), Hits.together(several)
        views = views_of(hits.part)
        nearest: tuple[int, int, int] | None = None
        for place in np.argsort(hits.distance, kind="stable")[:_NEAREST].tolist():
            track = side.tracks.get(int(views[place]))
            if track is None:
                continue
            around = np.abs(track.times - hits.when[place]) <= 1000
            code = codes[hits.turn[place], hits.row[place]]
            apart = np.bitwise_count(track.codes[around] ^ code).sum(axis=1, dtype=np.int64)
            if len(apart):
                least = int(apart.argmin())
                one = int(apart[least]), int(track.times[around][least]), int(hits.turn[place])
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


def _on_tracks(hits: Hits, views: NDArray[np.int64]) -> Hits:
    """The same with rows counted within the view that they are of, as in `Side.of`."""
    number = np.zeros(len(views), np.int64)
    for view in np.unique(views):
        number[views == view] = np.arange((views == view).sum())
    return replace(hits, row=number[hits.row])


def _match_of_films(query: Digest, candidate: Digest, turn: str, laid: Laid) -> Match:
    found = sorted(laid.stretches, key=lambda one: one.query_from)
    longest = max(found, key=lambda one: one.length)
    views = sum(one.views for one in found)
    transform = changed_by(turn, laid.way)
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


def _still_in_film(query: Digest, candidate: Digest, hits: Hits, rows: Rows) -> Match | None:
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
