"""Scenes: the pictures of a case that show one place, sought pair by pair, and told with what is not known.

Each picture is compared once with those that came before it, and that is an entry of the log. So a later run
compares only what is new, and what was never compared is known and said. What the features that are kept do
not link is looked at more closely, by spots that are found for it in the locked room and not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from witnessmark.desk.groups import Groups
from witnessmark.desk.presence import lies_here
from witnessmark.errors import MalformedError, RefusedError
from witnessmark.examine.features import PROPERTY
from witnessmark.examine.spots import TASK
from witnessmark.match.groups import kinship_of
from witnessmark.model import Digest, Facts, Finding, Match
from witnessmark.model.groups import Kinship, TimeEvidence
from witnessmark.ports import Case, LockedRoom
from witnessmark.preserve.custody import Custodian

if TYPE_CHECKING:
    from witnessmark.match.features.index import FeatureIndex
    from witnessmark.pixels.features import Features
    from witnessmark.pixels.spots import Spots

ACT = "scene.sought"
_MOST_HELD, _MOST_SPOTTED, _MOST_NAMED = 2_000, 300, 20
MOST_COMPARED = 100
"""How many earlier pictures one is compared with; of more, those that share most visual words."""
NO_LINK = (
    "No link found says that this method found none between two pictures, not that they show two places."
)
NOT_MEASURED = ("shadows", "camera path")
"""What would speak of the order in time too, and is not measured here."""

Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Covered:
    """Which pictures were compared, which were not because nothing could be described on them.

    Those that are `coarse` could not be looked at more closely.
    """

    compared: tuple[Digest, ...]
    waiting: tuple[Digest, ...]
    undescribed: tuple[Digest, ...]
    coarse: tuple[Digest, ...] = ()


@dataclass(slots=True)
class Scenes:
    """Seeks the scenes of a case and tells them."""

    case: Case
    _kept: dict[Digest, Digest] = field(default_factory=dict)
    _read: dict[Digest, Features] = field(default_factory=dict)
    _spotted: dict[Digest, Spots | str] = field(default_factory=dict)

    def covered(self) -> Covered:
        """How far the pictures of the case were compared."""
        self._kept = {
            one.about: Digest(one.value["kept"])
            for _, one in self.case.find(Finding)
            if one.property == PROPERTY and self.case.has(Digest(one.value["kept"]))
        }
        acts = [self.case.action(index) for index in self.case.acts(ACT)]
        done = {act.used[0]: act for act in acts if "closer" in act.detail}
        pictures = [one for _, one in self.case.exhibits() if self._is_picture(one)]
        known = [one for one in pictures if one in self._kept]
        return Covered(
            tuple(one for one in known if one in done),
            tuple(one for one in known if one not in done),
            tuple(one for one in pictures if one not in self._kept),
            tuple(one for one in known if one in done and "not_closer" in done[one].detail),
        )

    def seek(self, custodian: Custodian, room: LockedRoom, progress: Progress) -> int:
        """Compare each picture that is new with those before it; how many links were found."""
        covered = self.covered()
        before = list(covered.compared)
        found = 0
        nearest = _Nearest(self._features_of)
        for place, picture in enumerate(covered.waiting, start=1):
            others = nearest.of(picture, before)
            looked = self._looked(picture, others, room)
            made = list(looked.links)
            with self.case.transaction() as transaction:
                detail: dict[str, object] = {"compared": len(others), "before": len(before)}
                detail["closer"] = looked.closer
                if looked.not_closer:
                    detail["not_closer"] = looked.not_closer
                transaction.append(custodian.act(ACT, used=(picture,), detail=Facts(detail)), made)
            before.append(picture)
            found += len(made)
            progress("pictures compared", place)
        return found

    def told(self, groups: Groups) -> Iterator[dict[str, Any]]:
        """Each scene: its pictures, what links them, and their order by each kind of time by itself."""
        inliers = {record: match.measured.get("inliers") for record, match in groups.matches}
        kinds = {record: kinship_of(match) for record, match in groups.matches}
        for one in groups.told:
            if one.group.kinship is not Kinship.SAME_SCENE:
                continue
            facts = groups.facts(one)
            here = one.group.digests
            copies = [
                link
                for other in groups.told
                if other.group.kinship is Kinship.SAME_PICTURE
                for link in other.group.links
                if {link.one, link.other} <= here
            ]
            links = (*one.group.links, *copies)
            facts["links"] = [
                {
                    "one": self.case.exhibit_of(link.one),
                    "other": self.case.exhibit_of(link.other),
                    "kinship": (kinds.get(link.record) or one.group.kinship).value,
                    "inliers": inliers.get(link.record),
                    "record": link.record,
                    "by": link.by,
                }
                for link in dict.fromkeys(links)
            ]
            facts["order"] = {
                evidence.value: [time for time in facts["times"] if time["evidence"] == evidence.value]
                for evidence in TimeEvidence
            }
            facts["not_measured"] = list(NOT_MEASURED)
            yield facts

    def _looked(self, picture: Digest, others: Sequence[Digest], room: LockedRoom) -> _Looked:
        """Compare a picture with others: at a glance, then more closely with those that are left."""
        from witnessmark.match.scenes import (  # noqa: PLC0415 - heavy
            closer_views,
            match_of,
            may_show_one_place,
            two_views,
        )

        alike = {one for _, match in self.case.find(Match, picture) for one in (match.query, match.candidate)}
        links: list[Match] = []
        left: list[Digest] = []
        for other in others:
            if other not in alike:
                views = two_views(self._features_of(picture), self._features_of(other))
                if views is not None and views.holds:
                    links.append(match_of(picture, other, views))
                elif may_show_one_place(self._features_of(picture), self._features_of(other)):
                    left.append(other)
        spots, why = self._spots_of(picture, room) if left else (None, None)
        closer = 0
        for other in left if spots is not None else ():
            theirs, _ = self._spots_of(other, room)
            if spots is not None and theirs is not None:
                closer += 1
                views = closer_views(spots, theirs)
                if views is not None and views.holds:
                    links.append(match_of(picture, other, views))
        return _Looked(tuple(links), closer, why)

    def _features_of(self, picture: Digest) -> Features:
        from witnessmark.pixels.features import Features  # noqa: PLC0415 - heavy

        if picture not in self._read:
            if len(self._read) > _MOST_HELD:
                self._read.clear()
            with self.case.open(self._kept[picture]) as stream:
                self._read[picture] = Features.unpack(stream.read())
        return self._read[picture]

    def _spots_of(self, picture: Digest, room: LockedRoom) -> tuple[Spots | None, str | None]:
        """The spots of a picture, or why there are none."""
        from witnessmark.pixels.spots import Spots  # noqa: PLC0415 - heavy

        if picture not in self._spotted:
            if len(self._spotted) >= _MOST_SPOTTED:
                self._spotted.pop(next(iter(self._spotted)))
            try:
                with self.case.checked(picture) as path:
                    (part,) = [one.content.read() for one in room.run(TASK, path, {})]
                self._spotted[picture] = Spots.unpack(part)
            except (MalformedError, RefusedError) as error:
                self._spotted[picture] = str(error)
        spots = self._spotted[picture]
        return (None, spots) if isinstance(spots, str) else (spots, None)

    def _is_picture(self, digest: Digest) -> bool:
        return lies_here(self.case, digest) and self.case.item(digest).original.media_type.startswith(
            "image/"
        )


def scene_lines(number: int, facts: Mapping[str, Any]) -> Iterator[str]:
    """A scene for a person: its pictures, its links, and its order by each kind of time by itself."""
    members = ", ".join(one["exhibit"] for one in facts["members"])
    yield f"scene {number}: {members}"
    for link in facts["links"]:
        why = f"decided by {link['by']}" if link["by"] else f"{link['inliers']} places agree"
        yield f"  {link['one']} — {link['other']}: {link['kinship']}, {why}"
    for one in facts["overruled"]:
        said = "; ".join(
            f"{each['author']}: {each['verdict']}, {each['reason']}" for each in one["decisions"]
        )
        yield f"  overruled: {one['one']} — {one['other']} ({said})"
    for evidence, order in facts["order"].items():
        times = ", ".join(
            f"{one['exhibit']} {one['written']}{'' if one['zoned'] else ' (zone unknown)'}" for one in order
        )
        yield f"  by {evidence}: {times or 'nothing is known'}"


def summary_of(covered: Covered, case: Case) -> Iterator[str]:
    """What has to be said of the search itself."""
    count = len(covered.compared)
    yield (
        f"{count:,} pictures were compared"
        + (f", each with at most {MOST_COMPARED} before it" if count > MOST_COMPARED else ", each with each")
        + f"; {len(covered.undescribed):,} could not be described and were compared with none."
    )
    if covered.undescribed:
        numbers = [case.exhibit_of(one) or str(one) for one in covered.undescribed[:_MOST_NAMED]]
        more = len(covered.undescribed) - len(numbers)
        yield f"Not compared: {', '.join(numbers)}{f' and {more:,} more' if more else ''}."
    if count:
        yield ("Those that the first look did not link were looked at more closely.")
    if covered.coarse:
        yield f"{len(covered.coarse):,} could not be looked at more closely."
    yield NO_LINK
    yield f"Not measured here: {', '.join(NOT_MEASURED)}."


@dataclass(frozen=True, slots=True)
class _Looked:
    """What came of comparing one picture: links, how many were looked at more closely, why none could be."""

    links: tuple[Match, ...]
    closer: int
    not_closer: str | None


@dataclass(slots=True)
class _Nearest:
    """Which earlier pictures are worth a comparison: all, or of many those that share most words."""

    features_of: Callable[[Digest], Features]
    index: FeatureIndex | None = None
    held: set[Digest] = field(default_factory=set)

    def of(self, picture: Digest, before: Sequence[Digest]) -> list[Digest]:
        """Those of the pictures `before` that this one is compared with."""
        if len(before) <= MOST_COMPARED:
            return list(before)
        index = self._grown(before)
        found = index.search(self.features_of(picture), MOST_COMPARED)
        return [Digest.from_hex(one.name.hex()) for one in found]

    def _grown(self, before: Sequence[Digest]) -> FeatureIndex:
        import numpy as np  # noqa: PLC0415 - heavy

        from witnessmark.match.features.index import FeatureIndex, row  # noqa: PLC0415 - heavy

        new = [one for one in before if one not in self.held]
        if self.index is None:
            self.index = FeatureIndex.build()
        if new:
            rows = [row(bytes.fromhex(one.hex), self.features_of(one)) for one in new]
            self.index.add(np.concatenate(rows))
            self.held |= set(new)
        return self.index
