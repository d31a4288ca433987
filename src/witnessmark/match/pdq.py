"""Near-duplicates by PDQ: which stored pictures look like this one, in any of eight orientations.

The stored codes lie in an exact index, one for each rule by which codes are made; the eight codes of the
query are looked up in it, and the nearest orientation counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from witnessmark.errors import MalformedError
from witnessmark.model import Digest, Finding, Match

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from witnessmark.match.index import HashIndex

METHOD = "pdq 1"
PROPERTY = "pdq"
RADIUS = 31
LEAST_QUALITY = 50
LIMITS = (
    "Of 19,900 pairs of unrelated photographs (BSDS500, test part) none lay within this distance in any "
    "orientation; plain textures and shared templates can: look before relying on it. Crops, frames, "
    "captions and screenshots of a picture are mostly not found by this method; that nothing was found "
    "says little."
)
_CODE_BYTES = 32
_MOST_WAITING = 1 << 17

CHANGES = (
    *("none", "mirrored left to right", "turned by 180°", "mirrored top to bottom"),
    *("mirrored along the diagonal", "turned by 90° clockwise", "mirrored along the other diagonal"),
    "turned by 90° counter-clockwise",
)
"""What was done to the query to look like the candidate, in the order of the query's codes."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A picture with its eight codes (the first as it is), its quality, and the rule they were made by."""

    digest: Digest
    codes: tuple[bytes, ...]
    quality: int
    rule: str

    def __post_init__(self) -> None:
        if len(self.codes) != len(CHANGES) or any(len(code) != _CODE_BYTES for code in self.codes):
            raise MalformedError(f"{self.digest} has no eight codes of 256 bits")

    @classmethod
    def of(cls, finding: Finding) -> Coded:
        """The code that a `pdq` finding holds."""
        value = finding.value
        try:
            codes = tuple(bytes.fromhex(written) for written in value["codes"])
            return cls(finding.about, codes, int(value["quality"]), str(value["rule"]))
        except (KeyError, TypeError, ValueError) as error:
            raise MalformedError(
                f"the finding {finding.property!r} on {finding.about} holds no PDQ code"
            ) from error


class Pictures:
    """The coded pictures of a case, to find those that look like a new one; grows as pictures come in."""

    def __init__(self, coded: Iterable[Coded] = ()) -> None:
        self._by_rule: dict[str, _Shelf] = {}
        self._known: set[Digest] = set()
        for picture in coded:
            self.add(picture)

    @classmethod
    def of(cls, found: Iterable[tuple[Digest, Finding]]) -> Pictures:
        """The pictures that the findings of a case describe (other findings are passed over)."""
        return cls(Coded.of(finding) for _, finding in found if finding.property == PROPERTY)

    def match(self, about: Digest, findings: Iterable[Finding]) -> tuple[Match, ...]:
        """What looks like the object `about` by its own `findings`; from now on it is among the pictures."""
        results: tuple[Match, ...] = ()
        for finding in findings:
            if finding.property == PROPERTY and finding.about == about:
                coded = Coded.of(finding)
                results = self.near(coded)
                self.add(coded)
        return results

    def add(self, picture: Coded) -> None:
        """Keep a picture, if its code says enough and it is not here already."""
        if picture.quality < LEAST_QUALITY or picture.digest in self._known:
            return
        self._known.add(picture.digest)
        shelf = self._by_rule.setdefault(picture.rule, _Shelf())
        shelf.digests.append(picture.digest)
        shelf.came_in += picture.codes[0]

    def near(self, query: Coded, radius: int = RADIUS) -> tuple[Match, ...]:
        """The pictures that look like `query`, nearest first; none if its own code says too little."""
        shelf = self._by_rule.get(query.rule)
        if query.quality < LEAST_QUALITY or shelf is None:
            return ()
        return tuple(
            _found(query.digest, shelf.digests[record], distance, CHANGES[turn])
            for distance, record, turn in sorted(shelf.nearest(query.codes, radius))
            if shelf.digests[record] != query.digest
        )


@dataclass(slots=True)
class _Shelf:
    """The pictures coded by one rule: what came in goes into the index when it is searched next."""

    digests: list[Digest] = field(default_factory=list)
    came_in: bytearray = field(default_factory=bytearray)
    index: HashIndex | None = None

    def nearest(self, codes: tuple[bytes, ...], radius: int) -> Iterator[tuple[int, int, int]]:
        """For each picture near one of the codes: its least distance, its place, and which code that was."""
        found = self._indexed().search(_rows(b"".join(codes)), radius)
        nearest: dict[int, tuple[int, int]] = {}
        asked = zip(found.ids.tolist(), found.distances.tolist(), found.queries().tolist(), strict=True)
        for record, distance, turn in asked:  # orientation by orientation: of two as near, the first stays
            if record not in nearest or distance < nearest[record][0]:
                nearest[record] = distance, turn
        return ((distance, record, turn) for record, (distance, turn) in nearest.items())

    def _indexed(self) -> HashIndex:
        from witnessmark.match.index import HashIndex  # noqa: PLC0415 - heavy

        if self.index is None:
            self.index = HashIndex.build(_rows(self.came_in))
        elif self.came_in:
            self.index.add(_rows(self.came_in))
        self.came_in = bytearray()
        if self.index.waiting > _MOST_WAITING:
            self.index.merge()
        return self.index


def _rows(codes: bytes | bytearray) -> NDArray[np.uint8]:
    import numpy as np  # noqa: PLC0415 - heavy

    return np.frombuffer(bytes(codes), np.uint8).reshape(-1, _CODE_BYTES)


def _found(query: Digest, candidate: Digest, distance: int, change: str) -> Match:
    turned = "" if change == CHANGES[0] else f" when the first is {change}"
    return Match(
        query=query,
        candidate=candidate,
        method=METHOD,
        distance=distance,
        transform=change,
        reason=f"the two pictures differ in {distance} of 256 bits of their PDQ codes{turned}",
        limits=LIMITS,
    )
