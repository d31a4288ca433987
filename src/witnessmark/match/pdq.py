"""Near-duplicates by PDQ: which stored pictures look like this one, in any of eight orientations.

Every stored code is compared with the eight codes of the query: exclusive or, and count the bits. That is
exact and needs no index; the time grows with the number of pictures in the case.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from witnessmark.errors import MalformedError
from witnessmark.model import Digest, Finding, Match

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

METHOD = "pdq 1"
RADIUS = 31
LEAST_QUALITY = 50
LIMITS = (
    "Of 19,900 pairs of unrelated photographs (BSDS500, test part) none lay within this distance in any "
    "orientation; plain textures and shared templates can: look before relying on it. Crops, frames, captions "
    "and screenshots of a picture are mostly not found by this method; that nothing was found says little."
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


def matches(query: Coded, candidates: Sequence[Coded], radius: int = RADIUS) -> Iterator[Match]:
    """The candidates that look like `query`, nearest first; none where either says too little."""
    import numpy as np  # noqa: PLC0415 - heavy

    usable = [
        other
        for other in candidates
        if other.digest != query.digest and other.rule == query.rule and other.quality >= LEAST_QUALITY
    ]
    if query.quality < LEAST_QUALITY or not usable:
        return
    stored = np.frombuffer(b"".join(other.codes[0] for other in usable), np.uint8).reshape(-1, _CODE_BYTES)
    asked = np.frombuffer(b"".join(query.codes), np.uint8).reshape(-1, _CODE_BYTES)
    rows, distances, turns = near(stored, asked, radius)
    for place in np.lexsort((rows, distances)):
        other, distance, change = usable[rows[place]], int(distances[place]), CHANGES[turns[place]]
        turned = "" if change == "none" else f" when the first is {change}"
        yield Match(
            query=query.digest,
            candidate=other.digest,
            method=METHOD,
            distance=distance,
            transform=change,
            reason=f"the two pictures differ in {distance} of 256 bits of their PDQ codes{turned}",
            limits=LIMITS,
        )
