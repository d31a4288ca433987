"""Near-duplicates by PDQ: which stored pictures look like this one, in any of eight orientations.

Every stored code is compared with the eight codes of the query: exclusive or, and count the bits. That is
exact and needs no index; a million pictures take some 0.3 s.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from witnessmark.errors import MalformedError
from witnessmark.model import Digest, Finding, Match

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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
_BLOCK = 1 << 16

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


def near(
    codes: NDArray[np.uint8], query: NDArray[np.uint8], radius: int = RADIUS
) -> tuple[NDArray[np.intp], NDArray[np.int_], NDArray[np.intp]]:
    """Which rows of `codes` (n × 32 bytes) lie within `radius` bits of a row of `query` (8 × 32).

    Three arrays: the rows, their smallest distances, and which row of `query` is that near.
    """
    import numpy as np  # noqa: PLC0415 - heavy

    words = np.ascontiguousarray(codes).view(np.uint64)
    asked = np.ascontiguousarray(query).view(np.uint64)
    least = np.full(len(words), 1 << 15, np.int_)
    turn = np.zeros(len(words), np.intp)
    for start in range(0, len(words), _BLOCK):
        block = words[start : start + _BLOCK]
        apart = np.stack([np.bitwise_count(block ^ one).sum(axis=1, dtype=np.int_) for one in asked])
        turn[start : start + _BLOCK] = apart.argmin(axis=0)
        least[start : start + _BLOCK] = apart.min(axis=0)
    rows = np.flatnonzero(least <= radius)
    return rows, least[rows], turn[rows]


class Pictures:
    """The coded pictures of a case, to find those that look like a new one; grows as pictures come in."""

    def __init__(self, coded: Iterable[Coded] = ()) -> None:
        self._by_rule: dict[str, tuple[list[Digest], bytearray]] = {}
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
        digests, codes = self._by_rule.setdefault(picture.rule, ([], bytearray()))
        digests.append(picture.digest)
        codes += picture.codes[0]

    def near(self, query: Coded, radius: int = RADIUS) -> tuple[Match, ...]:
        """The pictures that look like `query`, nearest first; none if its own code says too little."""
        import numpy as np  # noqa: PLC0415 - heavy

        digests, codes = self._by_rule.get(query.rule, ([], bytearray()))
        if query.quality < LEAST_QUALITY or not digests:
            return ()
        stored = np.frombuffer(bytes(codes), np.uint8).reshape(-1, _CODE_BYTES)
        asked = np.frombuffer(b"".join(query.codes), np.uint8).reshape(-1, _CODE_BYTES)
        rows, distances, turns = near(stored, asked, radius)
        return tuple(
            _found(query.digest, digests[rows[place]], int(distances[place]), CHANGES[turns[place]])
            for place in np.lexsort((rows, distances))
            if digests[rows[place]] != query.digest
        )


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
