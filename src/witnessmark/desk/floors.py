"""Floors: what can be counted on the pictures of a case, with the way from each unit back to its region.

Pictures that people marked are registered to each other pair by pair, once; that is an entry of the log. What
could not be registered is said, and nothing is added up across it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

from witnessmark.desk.groups import Groups, standing
from witnessmark.desk.labels import all_taken_back
from witnessmark.desk.presence import lies_here
from witnessmark.desk.sidecar import Line
from witnessmark.errors import MalformedError, RefusedError, UsageError
from witnessmark.examine.features import PROPERTY as FEATURES
from witnessmark.examine.spots import TASK
from witnessmark.match.groups import Rulings
from witnessmark.model import (
    Decision,
    Digest,
    Facts,
    Finding,
    Match,
    Observation,
    Outcome,
    Purpose,
    Verdict,
)
from witnessmark.model.counting import ASSUMED, Counting, Floor, FloorOfKind, Mark
from witnessmark.model.groups import Kinship
from witnessmark.model.wire import digest_of
from witnessmark.ports import Case, LockedRoom
from witnessmark.preserve.custody import Custodian
from witnessmark.publish.annotation import selector
from witnessmark.weigh.counting.floor import floors
from witnessmark.weigh.counting.kinds import kind_of
from witnessmark.weigh.counting.loops import consistent
from witnessmark.weigh.counting.telling import REACH

if TYPE_CHECKING:
    from witnessmark.pixels.spots import Spots

ACT = "views.registered"
METHOD = "views"
WHOLE = 0.97
"""A copy holds marks against its original only if so much of one of the two lies in the other."""
_USUAL_SIDE = 1024.0

Progress = Callable[[str, int], None]


@dataclass(slots=True)
class Floors:
    """The marks of a case, the views registered for them, and what can be counted."""

    case: Case
    only: frozenset[Digest] = frozenset()
    _sizes: dict[Digest, float] = field(default_factory=dict)

    def marks(self) -> tuple[Mark, ...]:
        """Everything that people marked to be counted, on all pictures or on those that are asked for."""
        found = []
        gone = all_taken_back(self.case)
        for record, one in self.case.find(Observation):
            wanted = record not in gone and (not self.only or one.about in self.only)
            if (
                one.purpose is Purpose.COUNT
                and one.moment is None  # the same people may stand in many frames of one recording
                and one.amount is not None
                and wanted
                and lies_here(self.case, one.about)
            ):
                kind, side = kind_of(one.text), self._side(one.about)
                found.append(Mark(record, one.about, kind, one.amount, one.author.name, side, one.region))
        return tuple(found)

    def waiting(self) -> tuple[Digest, ...]:
        """Marked pictures that were not registered to the others yet."""
        done = self._done()
        return tuple(one for one in self._pictures() if one not in done)

    def register(self, custodian: Custodian, room: LockedRoom, progress: Progress) -> int:
        """Register each new picture to those before it; how many pairs could be."""
        done = self._done()
        before = [one for one in self._pictures() if done.get(one)]
        found: dict[Digest, Spots] = {}
        made = 0
        for place, picture in enumerate(self.waiting(), start=1):
            spots, why = self._described(picture, room)
            matches = []
            if spots is not None:
                found[picture] = spots
                for other in before:
                    if other not in found:
                        theirs, _ = self._described(other, room)
                        if theirs is None:
                            continue
                        found[other] = theirs
                    matches += _registered(other, found[other], picture, spots)
                before.append(picture)
            with self.case.transaction() as transaction:
                act = custodian.act(
                    ACT,
                    used=(picture,),
                    detail=Facts(compared=len(before) - 1 if spots is not None else 0),
                    outcome=Outcome.DONE if why is None else Outcome.FAILED,
                    error=why,
                )
                transaction.append(act, matches)
            made += len(matches)
            progress("pictures registered", place)
        return made

    def told(self, reach: float | None = None) -> tuple[FloorOfKind, ...]:
        """What can be counted of each kind, by all that is on record now."""
        marks = self.marks()
        if not marks:
            return ()
        same_place = [
            one.group.digests for one in Groups.of(self.case).told if one.group.kinship is Kinship.SAME_SCENE
        ]
        kept, _ = consistent(self._matches())
        words = [one for _, one in self.case.find(Counting)]
        return floors(marks, kept, words, same_place, REACH if reach is None else reach)

    def facts(self, told: Sequence[FloorOfKind], reach: float | None = None) -> list[dict[str, Any]]:
        """What can be counted of each kind: the whole, places and scenes, each with its marks."""
        marks = {mark.record: mark for mark in self.marks()}
        words = [self._word(word) for _, word in self.case.find(Counting)]
        matches = self._matches()
        pairs = {frozenset((match.query, match.candidate)) for match in matches}
        contradicting = [
            [self.case.exhibit_of(match.query), self.case.exhibit_of(match.candidate)]
            for match in consistent(matches)[1]
        ]
        return [
            {
                "kind": one.kind,
                "reach": REACH if reach is None else reach,
                "assumed": ASSUMED,
                "whole": self._floor(one.whole, marks),
                "places": [self._floor(floor, marks) for floor in one.places],
                "scenes": [self._floor(floor, marks) for floor in one.scenes],
                "unclear": [self._mark(marks[record]) for record in one.unclear],
                "not_believed": [self._word(word) for word in one.not_believed],
                "words": words,
                "not_registered": [
                    [self.case.exhibit_of(mine), self.case.exhibit_of(theirs)]
                    for mine, theirs in combinations(one.whole.pictures, 2)
                    if frozenset((mine, theirs)) not in pairs
                ],
                "contradicting": contradicting,
            }
            for one in told
        ]

    def failures(self) -> Iterator[str]:
        """The pictures that could not be registered to any other, and why."""
        for index in self.case.acts(ACT):
            act = self.case.action(index)
            if act.outcome is not Outcome.DONE:
                number = self.case.exhibit_of(act.used[0])
                yield f"{number} could not be registered to any picture: {act.error}"

    def apart(self, exhibits: Sequence[Digest], reason: str) -> list[Line]:
        """The words that make two scenes apart, one for each pair of their marked pictures."""
        scenes = [self._scene_of(one) for one in exhibits]
        for one, other in combinations(scenes, 2):
            shared = set(one) & set(other)
            if shared:
                number = self.case.exhibit_of(min(shared))
                raise UsageError(
                    f"both show one scene: {number} belongs to it",
                    advice="overrule the link first, with `alike … --verdict different`, if it is wrong",
                )
        return [
            counting_line("apart", mine, theirs, reason)
            for one, other in combinations(scenes, 2)
            for mine in one
            for theirs in other
        ]

    # --- inner

    def _pictures(self) -> tuple[Digest, ...]:
        every = Floors(self.case, _sizes=self._sizes).marks()
        return tuple(dict.fromkeys(mark.picture for mark in every))

    def _done(self) -> dict[Digest, bool]:
        """The pictures that were looked at, and whether they could be."""
        acts = [self.case.action(index) for index in self.case.acts(ACT)]
        return {act.used[0]: act.outcome is Outcome.DONE for act in acts}

    def _described(self, picture: Digest, room: LockedRoom) -> tuple[Spots | None, str | None]:
        from witnessmark.pixels.spots import Spots  # noqa: PLC0415 - heavy

        try:
            with self.case.checked(picture) as path:
                (part,) = [one.content.read() for one in room.run(TASK, path, {})]
            return Spots.unpack(part), None
        except (MalformedError, RefusedError) as error:
            return None, str(error)

    def _matches(self) -> list[Match]:
        """Registered views and whole copies that nobody overruled."""
        named, decisions = self.case.find(Match), self.case.find(Decision)
        rulings = Rulings.of(named, decisions)
        views = []
        for _, match in named:
            if match.method.partition(" ")[0] == METHOD:
                ruled = rulings.on(match)
                if ruled is None or ruled[1].verdict not in (Verdict.DIFFERENT, Verdict.REJECT):
                    views.append(match)
        pairs = {frozenset((one.query, one.candidate)) for one in views}
        copies = [match for _, match in standing(named, decisions) if _is_whole(match)]
        return [*(one for one in copies if frozenset((one.query, one.candidate)) not in pairs), *views]

    def _side(self, picture: Digest) -> float:
        if picture not in self._sizes:
            sizes = [one.value for _, one in self.case.find(Finding, picture) if one.property == FEATURES]
            known = [float(max(one["upright_width"], one["upright_height"])) for one in sizes]
            self._sizes[picture] = known[-1] if known else _USUAL_SIDE
        return self._sizes[picture]

    def _scene_of(self, picture: Digest) -> list[Digest]:
        """The marked pictures that are registered to one, itself first."""
        kept, _ = consistent(self._matches())
        found, waiting = [picture], [picture]
        marked = set(self._pictures()) | {picture}
        while waiting:
            here = waiting.pop()
            around = {
                end
                for match in kept
                if here in (match.query, match.candidate)
                for end in (match.query, match.candidate)
            }
            fresh = sorted(around & marked - set(found))
            found += fresh
            waiting += fresh
        return found

    def _floor(self, floor: Floor, marks: Mapping[Digest, Mark]) -> dict[str, Any]:
        return {
            "pictures": [self.case.exhibit_of(one) for one in floor.pictures],
            "at_least": floor.least,
            "bound": floor.bound,
            "exact": floor.least == floor.bound,
            "given": {"low": floor.amount.low, "high": floor.amount.high},
            "text": str(floor.amount),
            "best_single_picture": floor.single,
            "merged_estimate": floor.merged,
            "naive_sum": floor.naive,
            "grounds": {ground.value: count for ground, count in floor.grounds.items()},
            "marks": [self._mark(marks[record]) for record in floor.members],
        }

    def _mark(self, mark: Mark) -> dict[str, Any]:
        return {
            "exhibit": self.case.exhibit_of(mark.picture),
            "mark": mark.record,
            "selector": None if mark.region is None else selector(mark.region),
            "amount": str(mark.amount),
            "author": mark.author,
        }

    def _word(self, word: Counting) -> dict[str, Any]:
        names = [self.case.exhibit_of(one) or one for one in (word.about, word.other) if one is not None]
        return {
            "record": digest_of(word),
            "about": names,
            "manner": word.manner.value,
            "author": word.author.name,
            "reason": word.reason,
        }


def counting_line(manner: str, about: str, other: str | None, reason: str) -> Line:
    """The line of a sidecar that says how something is to be counted."""
    table = {"kind": "counting", "about": about, "other": other, "manner": manner, "reason": reason}
    return Line("the command", {name: value for name, value in table.items() if value})


def floor_lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """A floor for a person: the whole, then scene by scene, with what proves nothing beside it."""
    whole = facts["whole"]
    yield f"{facts['kind']}: counted {_least(whole)} on {_some(whole['pictures'])}"
    yield f"  {_beside(whole)}"
    if len(facts["scenes"]) > 1:
        for number, scene in enumerate(facts["scenes"], start=1):
            yield f"  scene {number} ({', '.join(scene['pictures'])}): {_least(scene)}; {_beside(scene)}"
    if len(facts["places"]) not in (1, len(facts["scenes"])):
        for number, place in enumerate(facts["places"], start=1):
            yield f"  place {number} ({', '.join(place['pictures'])}): {_least(place)}"
    yield from _remarks(facts)


def _remarks(facts: Mapping[str, Any]) -> Iterator[str]:
    """What people said on how it is counted, and what stands in the way."""
    for word in facts["words"]:
        yield f"  {word['author']}: {' and '.join(word['about'])} {word['manner']}, {word['reason']}"
    for word in facts["not_believed"]:
        yield f"  not believed, since they show one scene: {' and '.join(word['about'])} {word['manner']}"
    for pair in facts["contradicting"]:
        yield f"  {' and '.join(pair)} were registered, but other pictures contradict it: not used"
    count, pairs = len(facts["unclear"]), len(facts["not_registered"])
    if count:
        marks = "mark states" if count == 1 else "marks state"
        yield f"  {count} {marks} no lower bound, and count for nothing here"
    if pairs:
        what = "pair of pictures" if pairs == 1 else "pairs of pictures"
        yield f"  {pairs} {what} could not be registered: nothing is added up across them"


def _least(floor: Mapping[str, Any]) -> str:
    more = "" if floor["exact"] else f" (no more than {floor['bound']} can be proved; the search ended early)"
    return f"{floor['text']}{more}"


def _beside(floor: Mapping[str, Any]) -> str:
    return (
        f"best single picture {floor['best_single_picture']}; proving nothing: merged"
        f" {floor['merged_estimate']}, all marks together {floor['naive_sum']}"
    )


def _some(pictures: Sequence[str]) -> str:
    return f"{len(pictures)} picture{'' if len(pictures) == 1 else 's'}"


def _registered(one: Digest, ours: Spots, other: Digest, theirs: Spots) -> list[Match]:
    from witnessmark.match.registering import match_of, register  # noqa: PLC0415 - heavy

    found = register(ours, theirs)
    return [match_of(one, other, found)] if found is not None and found.holds else []


def _is_whole(match: Match) -> bool:
    shares = (match.measured.get("overlap"), match.measured.get("of_query"))
    return len(match.matrix) == 6 and max(float(one or 0) for one in shares) >= WHOLE


__all__ = ["ACT", "ASSUMED", "Floors", "counting_line", "floor_lines"]
