"""Sound: which recordings of the case sound like this one, from when to when.

Numbers of Chromaprint's fingerprints that are equal vote for an offset in time; what is laid over each other
by it is compared bit by bit. Cut, re-coded or shown with other pictures, a recording is found by its sound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from witnessmark.errors import MalformedError
from witnessmark.match.video.aligning import Stretch, offsets, stretches
from witnessmark.match.video.saying import measured, told
from witnessmark.model import Digest, Facts, Match

METHOD = "sound 1"
STEP_MS = 4096 // 3 / 11025 * 1000
LIMITS = (
    "From one moment to the other the two sound alike, coarsely (Chromaprint). The same music, siren or "
    "broadcast in two recordings is alike too, and says nothing of what is seen. Sound at another speed "
    "or under louder sound is not found. That nothing was found says that this method did not find it."
)
_BITS = 32
_ALIKE = 8.0
"""Of 32 bits, so many may differ in the mean of about two seconds; unrelated sound differs in about 16."""
_OVER = 17
_HEARD_MS = 2600
"""A number is of so much sound from its time on; it is half alike where half of that is."""
_GAP_MS, _LEAST_MS = 1000, 2500
_LEAST_VALUES = 8
"""So many different numbers a stretch must have: silence and steady tones have few."""
_COMMON = 64
"""A number that occurs more often in the case than this, for each recording of it, says nothing."""

Print = NDArray[np.uint32]


def unpacked(packed: bytes) -> Print:
    """The numbers of a fingerprint as it is kept; MalformedError if it is none."""
    if len(packed) % 4:
        raise MalformedError("these are no numbers of a fingerprint")
    return np.frombuffer(packed, "<u4").astype(np.uint32)


@dataclass(slots=True)
class Sounds:
    """The recordings of a case by their sound."""

    _prints: dict[Digest, Print] = field(default_factory=dict)
    _sorted: tuple[list[Digest], NDArray[np.int64], NDArray[np.int64]] | None = None

    def add(self, digest: Digest, numbers: Print) -> None:
        """Keep a recording among those that are searched."""
        if len(numbers) and digest not in self._prints:
            self._prints[digest] = numbers
            self._sorted = None

    def match(self, digest: Digest, numbers: Print) -> tuple[Match, ...]:
        """The recordings that sound like parts of this one; the longest part first."""
        found = []
        for candidate, mine, theirs in self._votes(digest, numbers):
            common = list(_stretches(numbers, self._prints[candidate], mine, theirs))
            if common:
                found.append(_match(digest, candidate, sorted(common, key=lambda one: one.query_from)))
        return tuple(sorted(found, key=_worth))

    def _votes(
        self, digest: Digest, numbers: Print
    ) -> Iterator[tuple[Digest, NDArray[np.int64], NDArray[np.int64]]]:
        """For each recording the places of the query and of it that have equal numbers."""
        if not self._prints or not len(numbers):
            return
        owners, values, places = self._indexed()
        mine = np.flatnonzero(_telling(numbers))
        wanted = numbers[mine].astype(np.int64)
        first, last = np.searchsorted(values, wanted, "left"), np.searchsorted(values, wanted, "right")
        counts = np.where(last - first <= _COMMON * len(owners), last - first, 0)
        row = np.repeat(np.arange(len(mine)), counts)
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        hits = places[first[row] + within]
        who, where = hits >> _BITS, hits & ((1 << _BITS) - 1)
        for owner in np.unique(who).tolist():
            if owners[owner] != digest:
                yield owners[owner], mine[row[who == owner]], where[who == owner]

    def _indexed(self) -> tuple[list[Digest], NDArray[np.int64], NDArray[np.int64]]:
        """Whose the recordings are; the telling numbers in order, and beside each whose and where it is."""
        if self._sorted is None:
            owners = list(self._prints)
            values, places = [], []
            for owner, digest in enumerate(owners):
                numbers = self._prints[digest]
                where = np.flatnonzero(_telling(numbers))
                values.append(numbers[where].astype(np.int64))
                places.append(where + (owner << _BITS))
            every, all_places = np.concatenate(values), np.concatenate(places)
            order = np.argsort(every, kind="stable")
            self._sorted = owners, every[order], all_places[order]
        return self._sorted


def _telling(numbers: Print) -> NDArray[np.bool_]:
    """Which numbers differ from the one before: what does not change is silence or a steady tone."""
    telling = np.ones(len(numbers), bool)
    telling[1:] = numbers[1:] != numbers[:-1]
    return telling


def _stretches(
    numbers: Print, others: Print, mine: NDArray[np.int64], theirs: NDArray[np.int64]
) -> Iterator[Stretch]:
    """What both have in common, offset by offset; no moment of the query is told twice."""
    is_told = np.zeros(len(numbers), bool)
    times = np.rint(np.arange(len(numbers)) * STEP_MS).astype(np.int64)
    for offset in offsets(times[mine], np.rint(theirs * STEP_MS).astype(np.int64)):
        near = np.abs(np.rint((theirs - mine) * STEP_MS) - offset) <= 1000
        if is_told[mine[near]].all():
            continue
        shifts, counts = np.unique((theirs - mine)[near], return_counts=True)
        shift = int(shifts[counts.argmax()])
        apart = _apart(numbers, others, shift)
        for run in stretches((apart <= _ALIKE) & ~is_told, times, _GAP_MS):
            first, last = run.start, run.stop - 1
            is_begin = first == 0 or first + shift == 0
            is_end = last == len(numbers) - 1 or last + shift == len(others) - 1
            start = int(times[first]) + (0 if is_begin else _HEARD_MS // 2)
            end = int(times[last]) + (_HEARD_MS if is_end else _HEARD_MS // 2)
            if end - start >= _LEAST_MS and len(np.unique(numbers[run])) >= _LEAST_VALUES:
                is_told[run] = True
                moved, bits = round(shift * STEP_MS), round(float(np.median(apart[run])))
                yield Stretch(start, end, start + moved, end + moved, bits, run.stop - run.start)


def _apart(numbers: Print, others: Print, shift: int) -> NDArray[np.float64]:
    """The bits that differ at each place of the query, in the mean of about two seconds around it."""
    place = np.arange(len(numbers)) + shift
    is_there = (place >= 0) & (place < len(others))
    bits = np.bitwise_count(numbers ^ others[np.clip(place, 0, len(others) - 1)]).astype(float)
    bits[~is_there] = _BITS / 2
    sums = np.concatenate([[0.0], np.cumsum(bits)])
    low = np.clip(np.arange(len(bits)) - _OVER // 2, 0, None)
    high = np.clip(np.arange(len(bits)) + _OVER // 2 + 1, None, len(bits))
    apart: NDArray[np.float64] = (sums[high] - sums[low]) / (high - low)
    apart[~is_there] = _BITS
    return apart


def _match(query: Digest, candidate: Digest, found: list[Stretch]) -> Match:
    longest = max(found, key=lambda one: one.length)
    return Match(
        query=query,
        candidate=candidate,
        method=METHOD,
        distance=longest.distance,
        transform="identity",
        reason="by its sound, " + told(found, "{distance} of 32 bits differ"),
        limits=LIMITS,
        measured=Facts(measured(found)),
    )


def _worth(match: Match) -> tuple[float, int, str]:
    heard = sum(one["query_to_s"] - one["query_from_s"] for one in match.measured["segments"])
    return -heard, match.distance, match.candidate.hex
