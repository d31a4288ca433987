"""Lists of codes from elsewhere: whether a picture is on one, without the pictures that the list was made of.

PDQ has two references whose codes differ by some ten bits on large pictures, and a list does not say which
made it. A person says so when the list is read; a picture is then looked up by its code of the same rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from witnessmark.match.pdq import CHANGES, LEAST_QUALITY, RADIUS
from witnessmark.match.pdq import PROPERTY as CODE
from witnessmark.model import Digest, Facts, Finding, Match

if TYPE_CHECKING:
    from witnessmark.match.index import HashIndex

METHOD = "pdq-list 1"
LIMITS = (
    "A code on a list is near the code of the picture. What the listed picture shows, who listed it and "
    "whether rightly is not known here, and cannot be seen: plain textures and shared templates can come as "
    "near. If the list was made by the other of PDQ's two rules, some that are on it are missed. That "
    "nothing was found does not say that the picture is on no list."
)
_ROW = 36
_MOST_PLACES = 20


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list as it was read: the exhibit and its number, the rule, how places are counted, packed codes.

    A packed code is its place (four bytes, the highest first) and its 32 bytes.
    """

    digest: Digest
    exhibit: str
    rule: str
    counted: str
    packed: bytes


@dataclass(slots=True)
class CodeLists:
    """The lists of one case, ready to be searched."""

    lists: Sequence[CodeList]
    _shelves: dict[str, tuple[HashIndex, list[tuple[int, int]]]] = field(default_factory=dict)

    def match(self, about: Digest, findings: Iterable[Finding]) -> tuple[Match, ...]:
        """Each list with a code within 31 bits of the picture's in any orientation; by its nearest code."""
        best: dict[int, list[tuple[int, int, int]]] = {}
        for finding in findings:
            if finding.property == CODE and finding.about == about:
                for told in (finding.value, finding.value.get("sampled")):
                    if told is not None and int(told["quality"]) >= LEAST_QUALITY:
                        for which, hit in self._near(str(told["rule"]), told["codes"]):
                            best.setdefault(which, []).append(hit)
        return tuple(
            self._match(about, self.lists[which], sorted(set(hits))) for which, hits in sorted(best.items())
        )

    def _near(self, rule: str, written: Sequence[str]) -> Iterable[tuple[int, tuple[int, int, int]]]:
        """For each listed code that is near: which list, and distance, place and orientation."""
        import numpy as np  # noqa: PLC0415 - heavy

        index, places = self._shelf(rule)
        if not places:
            return
        codes = np.frombuffer(b"".join(map(bytes.fromhex, written)), np.uint8).reshape(-1, 32)
        found = index.search(codes, RADIUS)
        for record, distance, change in zip(found.ids, found.distances, found.queries(), strict=True):
            which, place = places[int(record)]
            yield which, (int(distance), place, int(change))

    def _shelf(self, rule: str) -> tuple[HashIndex, list[tuple[int, int]]]:
        import numpy as np  # noqa: PLC0415 - heavy

        from witnessmark.match.index import HashIndex  # noqa: PLC0415 - heavy

        if rule not in self._shelves:
            codes, places = [np.zeros((0, 32), np.uint8)], []
            for which, one in enumerate(self.lists):
                if rule.startswith(one.rule):
                    rows = np.frombuffer(one.packed, np.uint8).reshape(-1, _ROW)
                    codes.append(rows[:, 4:])
                    numbers = rows[:, :4].copy().view(">u4").ravel().tolist()
                    places += [(which, number) for number in numbers]
            index = HashIndex.build(np.ascontiguousarray(np.concatenate(codes)))
            self._shelves[rule] = index, places
        return self._shelves[rule]

    def _match(self, about: Digest, of: CodeList, hits: Sequence[tuple[int, int, int]]) -> Match:
        distance, place, change = hits[0]
        places = list(dict.fromkeys(hit[1] for hit in hits))
        more = f", and {len(places) - 1} further places of it are near too" if len(places) > 1 else ""
        turned = f" when the picture is {CHANGES[change]}" if change else ""
        return Match(
            query=about,
            candidate=of.digest,
            method=METHOD,
            distance=distance,
            transform=CHANGES[change],
            reason=f"its code ({of.rule}) differs in {distance} of 256 bits from the code in {of.counted} "
            f"{place} of the list {of.exhibit}{turned}{more}",
            limits=LIMITS,
            measured=Facts(place=place, counted=of.counted, places=places[:_MOST_PLACES], rule=of.rule),
        )
