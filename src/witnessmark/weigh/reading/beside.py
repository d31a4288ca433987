"""Two readings of one text side by side: where they differ is shown, and nothing is decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from witnessmark.weigh.reading.proposed import Passage, Proposed


@dataclass(frozen=True, slots=True)
class Beside:
    """A statement with the name of its like in the other reading, and in what the two differ.

    `other` is None if the other reading has nothing of the kind.
    """

    statement: Proposed
    other: str | None
    differs: tuple[str, ...]

    def facts(self) -> dict[str, object]:
        """As JSON has it: the statement, and `beside`."""
        beside = {"id": self.other, "differs": list(self.differs)} if self.other else None
        return {**self.statement.facts(), "beside": beside}


def side_by_side(one: Sequence[Proposed], other: Sequence[Proposed]) -> Iterator[Beside]:
    """Each statement of both readings, in the order of the text, with its like in the other."""
    pairs = [(mine, _like(mine, other)) for mine in one] + [(theirs, _like(theirs, one)) for theirs in other]
    for mine, like in sorted(pairs, key=lambda pair: _start(pair[0])):
        yield Beside(mine, like.name if like else None, _differences(mine, like) if like else ())


def _start(one: Proposed) -> int:
    starts = [passage.start for passage in one.content]
    return min([*starts, one.cue.start] if one.cue else starts)


def _like(one: Proposed, others: Sequence[Proposed]) -> Proposed | None:
    """The statement with the same cue; without a cue, the one that shares most of the content."""
    shared = [(_shared(one, other), other) for other in others]
    most, like = max(shared, key=lambda pair: pair[0], default=(0, None))
    return like if most else None


def _shared(one: Proposed, other: Proposed) -> int:
    """How many signs two statements share; none if only one has a cue, or the cues stand apart."""
    if (one.cue is None) != (other.cue is None):
        return 0
    if one.cue is not None and other.cue is not None and not _overlap(one.cue, other.cue):
        return 0
    shared: list[int] = [_overlap(mine, theirs) for mine in one.content for theirs in other.content]
    return 1 + sum(shared)


def _overlap(one: Passage, other: Passage) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _differences(one: Proposed, other: Proposed) -> tuple[str, ...]:
    """What the two readings say differently."""
    named = {
        "source": _differ_in_source(one, other),
        "stance": one.stance is not other.stance,
        "content": 2 * (_shared(one, other) - 1) < 0.9 * (_size(one) + _size(other)),
        "quantities": [str(number.amount) for number in one.quantities]
        != [str(number.amount) for number in other.quantities],
    }
    return tuple(name for name, is_different in named.items() if is_different)


def _differ_in_source(one: Proposed, other: Proposed) -> bool:
    if one.source is None or other.source is None:
        return one.source is not other.source
    return not _overlap(one.source, other.source)


def _size(one: Proposed) -> int:
    return sum(passage.end - passage.start for passage in one.content)
