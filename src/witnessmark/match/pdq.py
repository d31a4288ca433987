"""Near-duplicates by PDQ: which stored pictures look like this one or a part of it, in any orientation.

The codes of stored pictures and of their regions lie in an exact index, one for each rule by which codes are
made; the eight codes of the query and of each of its regions are looked up in it, and the nearest counts.
What lies within `RADIUS` is told; what lies within `FAR` is worth to be verified by other means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from witnessmark.errors import MalformedError
from witnessmark.model import Digest, Facts, Finding, Match

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from witnessmark.match.index import HashIndex

METHOD = "pdq 2"
PROPERTY = "pdq"
RADIUS = 31
FAR = 64
LEAST_QUALITY = 50
LIMITS = (
    "Of 19,900 pairs of unrelated photographs (BSDS500, test part) none lay within this distance in any "
    "orientation, nor did any two of their 235 regions; plain textures and shared templates can: look "
    "before relying on it. Crops, captions and marks over a picture are mostly not found by this method; "
    "that nothing was found says little."
)
_EARLIER = ", luma in floating point"
"""What the rule of codes said before brightness was taken in whole numbers; both are within a few bits."""
_CODE_BYTES = 32
_MOST_WAITING = 1 << 17

CHANGES = (
    *("none", "mirrored left to right", "turned by 180°", "mirrored top to bottom"),
    *("mirrored along the diagonal", "turned by 90° clockwise", "mirrored along the other diagonal"),
    "turned by 90° counter-clockwise",
)
"""What was done to the query to look like the candidate, in the order of the query's codes."""


Box = tuple[int, int, int, int]
"""A region of an upright picture: x, y, width, height in pixels, origin top left."""


@dataclass(frozen=True, slots=True)
class Part:
    """A region of a picture with its eight codes and its quality."""

    box: Box
    codes: tuple[bytes, ...]
    quality: int

    def __post_init__(self) -> None:
        _must_be_eight(self.codes, f"the region {self.box}")


@dataclass(frozen=True, slots=True)
class Coded:
    """A picture with its eight codes (the first as it is), its quality, their rule, and its regions."""

    digest: Digest
    codes: tuple[bytes, ...]
    quality: int
    rule: str
    parts: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        _must_be_eight(self.codes, str(self.digest))

    @classmethod
    def of(cls, finding: Finding) -> Coded:
        """The codes that a `pdq` finding holds; MalformedError if it holds none."""
        value = finding.value
        try:
            parts = tuple(
                Part(
                    (int(part["x"]), int(part["y"]), int(part["width"]), int(part["height"])),
                    tuple(bytes.fromhex(written) for written in part["codes"]),
                    int(part["quality"]),
                )
                for part in value.get("regions", ())
            )
            codes = tuple(bytes.fromhex(written) for written in value["codes"])
            rule = str(value["rule"]).removesuffix(_EARLIER)
            return cls(finding.about, codes, int(value["quality"]), rule, parts)
        except (KeyError, TypeError, ValueError) as error:
            raise MalformedError(
                f"the finding {finding.property!r} on {finding.about} holds no PDQ code"
            ) from error


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored picture that may be the query: how near their codes are, and of which parts they are.

    `change` is the place in `CHANGES`; a part is None where the whole picture is meant.
    """

    digest: Digest
    distance: int
    change: int
    query_part: Box | None = None
    candidate_part: Box | None = None


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
                results = tuple(_found(coded.digest, one) for one in self.candidates(coded, RADIUS))
                self.add(coded)
        return results

    def add(self, picture: Coded) -> None:
        """Keep a picture and its regions, as far as their codes say enough and it is not here already."""
        if picture.digest in self._known:
            return
        self._known.add(picture.digest)
        for box, codes in _telling(picture):
            shelf = self._by_rule.setdefault(picture.rule, _Shelf())
            shelf.records.append((picture.digest, box))
            shelf.came_in += codes[0]

    def candidates(self, query: Coded, radius: int = FAR) -> tuple[Candidate, ...]:
        """The pictures of which the whole or a region is near the query or a region of it, nearest first.

        Each is given once, by its nearest pair of codes; but if whole pictures are within `RADIUS`, by these.
        """
        return self._nearest(query, radius, are_whole=False)

    def near(self, query: Coded, radius: int = RADIUS) -> tuple[Match, ...]:
        """The pictures that look like `query` as a whole, nearest first; none if its code says too little."""
        found = self._nearest(replace(query, parts=()), radius, are_whole=True)
        return tuple(_found(query.digest, one) for one in found)

    def _nearest(self, query: Coded, radius: int, *, are_whole: bool) -> tuple[Candidate, ...]:
        shelf, telling = self._by_rule.get(query.rule), _telling(query)
        if shelf is None or not telling:
            return ()
        nearest: dict[Digest, tuple[bool, int, int, int, int, int]] = {}
        codes = [code for _, of_part in telling for code in of_part]
        for record, distance, place in shelf.near(codes, radius):
            digest, box = shelf.records[record]
            if digest == query.digest or (are_whole and box is not None):
                continue
            which, change = divmod(place, len(CHANGES))
            parts = (telling[which][0] is not None) + (box is not None)
            found = distance > RADIUS or parts > 0, distance, parts, record, change, which
            nearest[digest] = min(found, nearest.get(digest, found))
        ordered = sorted((found[1], found[3], digest, found) for digest, found in nearest.items())
        return tuple(
            Candidate(digest, distance, found[4], telling[found[5]][0], shelf.records[record][1])
            for distance, record, digest, found in ordered
        )


def _telling(picture: Coded) -> list[tuple[Box | None, tuple[bytes, ...]]]:
    """The codes of the whole picture and of its regions that say enough."""
    whole: list[tuple[Box | None, tuple[bytes, ...]]] = [(None, picture.codes)]
    parts = [(part.box, part.codes) for part in picture.parts if part.quality >= LEAST_QUALITY]
    return [*(whole if picture.quality >= LEAST_QUALITY else ()), *parts]


def _must_be_eight(codes: tuple[bytes, ...], of: str) -> None:
    if len(codes) != len(CHANGES) or any(len(code) != _CODE_BYTES for code in codes):
        raise MalformedError(f"{of} has no eight codes of 256 bits")


@dataclass(slots=True)
class _Shelf:
    """What is coded by one rule: what came in goes into the index when it is searched next."""

    records: list[tuple[Digest, Box | None]] = field(default_factory=list)
    came_in: bytearray = field(default_factory=bytearray)
    index: HashIndex | None = None

    def near(self, codes: Sequence[bytes], radius: int) -> Iterator[tuple[int, int, int]]:
        """Each record near one of the codes: its place, its distance, and which code that was."""
        found = self._indexed().search(_rows(b"".join(codes)), radius)
        return zip(found.ids.tolist(), found.distances.tolist(), found.queries().tolist(), strict=True)

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


def _found(query: Digest, candidate: Candidate) -> Match:
    change = CHANGES[candidate.change]
    turned = "" if not candidate.change else f" when the first is {change}"
    parts = {"first": candidate.query_part, "second": candidate.candidate_part}
    told = [f"a part of the {name} ({_said(box)})" if box else f"the {name}" for name, box in parts.items()]
    are_whole = not any(parts.values())
    return Match(
        query=query,
        candidate=candidate.digest,
        method=METHOD,
        distance=candidate.distance,
        transform=change,
        reason=f"{'the two pictures' if are_whole else ' and '.join(told)} differ in {candidate.distance} "
        f"of 256 bits of their PDQ codes{turned}",
        limits=LIMITS,
        measured=Facts({f"region_of_{name}": box for name, box in parts.items() if box}),
    )


def _said(box: Box) -> str:
    x, y, width, height = box
    return f"{width} × {height} pixels from {x}, {y}"
