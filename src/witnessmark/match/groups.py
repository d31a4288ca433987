"""Groups: what belongs together, by what programs found and by what people decided.

Two exhibits are joined by a verified match or by a person, and groups are what hangs together (union-find),
each kind of kinship for itself. A person's word on two exhibits counts before any match between them; and
whom a person called different may not end up in one group by way of others: the weakest link gives way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from witnessmark.match.exact import Repetition
from witnessmark.model import Decision, Digest, Match, Verdict
from witnessmark.model.claims import OF_PAIRS
from witnessmark.model.groups import Group, Kinship, Link, Member, Overruled

Node = tuple[Digest, int]
"""An exhibit, and which spot of it is meant: 0 for the whole, else one of its parts."""
Pair = frozenset[Digest]
Box = tuple[float, float, float, float]

WHOLE = 0
_A_PART = 0.5
"""A picture of which less is shared is there as a part only."""
_SAME_SPOT = 0.3
_COVERED, _ALIKE, _TOO_SMALL = 0.97, 0.8, 0.1
_BY_METHOD = {
    "exact": Kinship.SAME_PICTURE,
    "pdq": Kinship.SAME_PICTURE,
    "features": Kinship.SAME_PICTURE,
    "scene": Kinship.SAME_SCENE,
    "film": Kinship.SAME_SEGMENT,
    "sound": Kinship.SAME_SEGMENT,
}
_JOINING = {
    Verdict.SAME: Kinship.SAME_PICTURE,
    Verdict.DERIVED: Kinship.SAME_PICTURE,
    Verdict.SAME_SCENE: Kinship.SAME_SCENE,
}


def kinship_of(match: Match) -> Kinship | None:
    """In what way a match joins two exhibits; None if it leads out of the case, as to a list of codes.

    Where two pictures only overlap and do not look quite alike there, they are two views of one scene; and so
    they are where one would be less than a tenth of the other, of which too little is left to tell.
    """
    kinship, told = _BY_METHOD.get(match.method.partition(" ")[0]), match.measured
    if kinship is Kinship.SAME_PICTURE and "agreement" in told:
        less, more = sorted((float(told["overlap"]), float(told["of_query"])))
        if less < _TOO_SMALL or (more < _COVERED and float(told["agreement"]) < _ALIKE):
            return Kinship.SAME_SCENE
    return kinship


def is_made_alike(match: Match) -> bool:
    """Whether it tells of two pages from one form, which is no match: it joins nothing."""
    return match.method.partition(" ")[0] == "form"


@dataclass(frozen=True, slots=True)
class Rulings:
    """The latest word of people on each pair of exhibits: its record, and the decision."""

    by_pair: Mapping[Pair, tuple[Digest, Decision]]

    @classmethod
    def of(
        cls, matches: Iterable[tuple[Digest, Match]], decisions: Iterable[tuple[Digest, Decision]]
    ) -> Rulings:
        """What people decided, given in the order of the log: on pairs, and on matches between them."""
        pairs = {record: frozenset((match.query, match.candidate)) for record, match in matches}
        found: dict[Pair, tuple[Digest, Decision]] = {}
        for record, decision in decisions:
            pair = pairs.get(decision.about)
            if decision.other is not None:
                pair = frozenset((decision.about, decision.other))
            if pair is not None:
                found.pop(pair, None)  # the latest word stands last
                found[pair] = record, decision
        return cls(found)

    def on(self, match: Match) -> tuple[Digest, Decision] | None:
        """The word that counts on the two exhibits of a match."""
        return self.by_pair.get(frozenset((match.query, match.candidate)))

    def overrules(self, match: Match) -> bool:
        """Whether a person says otherwise than a match."""
        ruled = self.on(match)
        if ruled is None or ruled[1].verdict is Verdict.ACCEPT:
            return False
        verdict, kinship = ruled[1].verdict, kinship_of(match)
        if verdict in (Verdict.DIFFERENT, Verdict.REJECT):
            return True
        return (verdict is Verdict.SAME_SCENE) != (kinship is Kinship.SAME_SCENE)


def groups(
    matches: Sequence[tuple[Digest, Match]],
    decisions: Sequence[tuple[Digest, Decision]],
    repetitions: Iterable[Repetition] = (),
    videos: Set[Digest] = frozenset(),
) -> tuple[Group, ...]:
    """All groups of two and more, and objects that came in several times; in a fixed order.

    `matches` and `decisions` come with their names, in the order of the log. What people call the same is
    a picture, or a segment where one of the two is among the `videos`.
    """
    rulings = Rulings.of(matches, decisions)
    made = [Group(Kinship.SAME_BYTES, (Member(one.digest),)) for one in repetitions]
    for kinship in (Kinship.SAME_PICTURE, Kinship.SAME_SEGMENT):
        made += _Joining(kinship, rulings, videos).groups(matches)
    pictures = [one for one in made if one.kinship is Kinship.SAME_PICTURE]
    made += _Joining(Kinship.SAME_SCENE, rulings, videos).groups(matches, beneath=pictures)
    order = list(Kinship)
    return tuple(sorted(made, key=lambda one: (order.index(one.kinship), sorted(one.digests))))


@dataclass(frozen=True, slots=True)
class _Joining:
    """The links of one kinship."""

    kinship: Kinship
    rulings: Rulings
    videos: Set[Digest]

    def groups(
        self, matches: Sequence[tuple[Digest, Match]], beneath: Sequence[Group] = ()
    ) -> Iterable[Group]:
        """What hangs together by this kinship; over the whole members of the groups `beneath` it."""
        forest = _Forest(self._apart())
        for group in beneath:
            for one, other in pairwise([each.digest for each in group.members if not each.is_part]):
                forest.join((one, WHOLE), (other, WHOLE))
        links: list[tuple[Node, Node, Link]] = []
        overruled: list[Overruled] = []
        for ends, link in (*self._decided(), *self._found(matches, overruled)):
            against = forest.join(*ends)
            if against:
                overruled.append(Overruled(link, against))
            else:
                links.append((*ends, link))
        return self._told(forest, links, overruled)

    def _kinship_of(self, pair: Pair, verdict: Verdict) -> Kinship | None:
        kinship = _JOINING.get(verdict)
        is_video = kinship is Kinship.SAME_PICTURE and not self.videos.isdisjoint(pair)
        return Kinship.SAME_SEGMENT if is_video else kinship

    def _apart(self) -> dict[Digest, dict[Digest, Digest]]:
        """Who may not be in one group with whom, and by which decision."""
        apart: dict[Digest, dict[Digest, Digest]] = defaultdict(dict)
        for pair, (record, decision) in self.rulings.by_pair.items():
            is_scene_only = decision.verdict is Verdict.SAME_SCENE and self.kinship is not Kinship.SAME_SCENE
            if decision.verdict is Verdict.DIFFERENT or is_scene_only:
                one, other = pair
                apart[one][other] = apart[other][one] = record
        return apart

    def _decided(self) -> Iterable[tuple[tuple[Node, Node], Link]]:
        """The links that people made, the latest first."""
        for pair, (record, decision) in reversed(list(self.rulings.by_pair.items())):
            if decision.verdict in OF_PAIRS and self._kinship_of(pair, decision.verdict) is self.kinship:
                one, other = sorted(pair)
                yield ((one, WHOLE), (other, WHOLE)), Link(one, other, record, decision.author.name)

    def _found(
        self, matches: Sequence[tuple[Digest, Match]], overruled: list[Overruled]
    ) -> Iterable[tuple[tuple[Node, Node], Link]]:
        """The links that programs found and nobody overruled, the strongest first."""
        kept: list[tuple[Digest, Match]] = []
        for record, match in matches:
            if kinship_of(match) is self.kinship:
                ruled = self.rulings.on(match)
                if ruled is not None and self.rulings.overrules(match):
                    overruled.append(Overruled(Link(match.query, match.candidate, record), (ruled[0],)))
                else:
                    kept.append((record, match))
        kept.sort(key=lambda one: (-int(one[1].measured.get("inliers") or 0), one[1].distance, one[0]))
        spots = _spots(kept) if self.kinship is Kinship.SAME_PICTURE else {}
        for record, match in kept:
            ends = tuple((one, spots.get((record, one), WHOLE)) for one in (match.query, match.candidate))
            yield (ends[0], ends[1]), Link(match.query, match.candidate, record)

    def _told(
        self, forest: _Forest, links: Sequence[tuple[Node, Node, Link]], overruled: Sequence[Overruled]
    ) -> Iterable[Group]:
        members: dict[Node, set[Node]] = defaultdict(set)
        joined: dict[Node, list[Link]] = defaultdict(list)
        for one, other, link in links:
            head = forest.head(one)
            joined[head].append(link)
            members[head] |= {one, other}
        for head, nodes in forest.trees().items():
            if head in joined:
                members[head] |= nodes
        for head, nodes in members.items():
            digests = {digest for digest, _ in nodes}
            whole = {digest for digest, spot in nodes if spot == WHOLE}
            touching = [one for one in overruled if not digests.isdisjoint((one.link.one, one.link.other))]
            yield Group(
                self.kinship,
                tuple(Member(one, one not in whole) for one in sorted(digests)),
                tuple(sorted(joined[head], key=lambda one: (one.by is None, one.record))),
                tuple(sorted(touching, key=lambda one: one.link.record)),
            )


@dataclass(slots=True)
class _Forest:
    """Trees of nodes that hang together (union-find), with those who may not."""

    apart: Mapping[Digest, Mapping[Digest, Digest]]
    above: dict[Node, Node] = field(default_factory=dict)
    below: dict[Node, set[Node]] = field(default_factory=dict)

    def head(self, node: Node) -> Node:
        """The node that stands for the tree."""
        path = []
        while (up := self.above.get(node, node)) != node:
            path.append(node)
            node = up
        self.above.update(dict.fromkeys(path, node))
        return node

    def join(self, one: Node, other: Node) -> tuple[Digest, ...]:
        """Make one tree of two; or the decisions that forbid it, and then nothing is joined."""
        small, large = sorted((self.head(one), self.head(other)), key=lambda node: len(self._nodes(node)))
        if small == large:
            return ()
        against = self._forbidden(small, large)
        if not against:
            self.above[small] = large
            self.below[large] = self._nodes(large) | self._nodes(small)
        return against

    def trees(self) -> Mapping[Node, Set[Node]]:
        """Every tree of more than one node by its head."""
        return {head: nodes for head, nodes in self.below.items() if self.head(head) == head}

    def _nodes(self, head: Node) -> set[Node]:
        return self.below.get(head, {head})

    def _forbidden(self, small: Node, large: Node) -> tuple[Digest, ...]:
        there = {digest for digest, _ in self._nodes(large)}
        here = {digest for digest, _ in self._nodes(small)}
        return tuple(
            sorted(
                {
                    record
                    for digest in here & self.apart.keys()
                    for foe, record in self.apart[digest].items()
                    if foe in there
                }
            )
        )


def _spots(matches: Iterable[tuple[Digest, Match]]) -> dict[tuple[Hashable, Digest], int]:
    """For each match and each of its exhibits the spot that is meant, if it is only a part of it."""
    parts: dict[Digest, list[tuple[Digest, Box]]] = defaultdict(list)
    for record, match in matches:
        pairs = match.correspondences
        for digest, share, places in (
            (match.query, match.measured.get("of_query"), [one.query for one in pairs]),
            (match.candidate, match.measured.get("overlap"), [one.candidate for one in pairs]),
        ):
            if share is not None and float(share) < _A_PART and places:
                parts[digest].append((record, _around(places)))
    spots: dict[tuple[Hashable, Digest], int] = {}
    for digest, several in parts.items():
        heads = list(range(len(several)))
        for (i, (_, box)), (j, (_, other)) in combinations(enumerate(several), 2):
            if heads[i] != heads[j] and _shared(box, other) > _SAME_SPOT:
                heads = [heads[i] if head == heads[j] else head for head in heads]
        numbers = {head: number for number, head in enumerate(dict.fromkeys(heads), start=WHOLE + 1)}
        spots |= {(record, digest): numbers[head] for (record, _), head in zip(several, heads, strict=True)}
    return spots


def _around(places: Sequence[tuple[float, float]]) -> Box:
    across, down = zip(*places, strict=True)
    return min(across), min(down), max(across), max(down)


def _shared(one: Box, other: Box) -> float:
    """How much of the smaller box lies in the other."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return max(0.0, width) * max(0.0, height) / max(smaller, 1e-9)


__all__ = ["Rulings", "groups", "kinship_of"]
