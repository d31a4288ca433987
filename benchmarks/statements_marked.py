"""How many of the statements that were marked by hand are proposed.

    python benchmarks/statements_marked.py

The texts and the guide are in `examples/annotation`. A statement is found if a proposed one overlaps its
cue, its source and its content; precision is the same the other way round.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from witnessmark.weigh.reading import Passage, Proposed, statements

TEXTS = Path(__file__).parents[1] / "examples" / "annotation" / "texts.txt"
_OPENS = re.compile(r"\{([scx])(\d+)(?:<(\d+))?(?:=(\w+))? ")

Place = tuple[int, int]


@dataclass(slots=True)
class Marked:
    """One statement as it was marked."""

    source: list[Place] = field(default_factory=list)
    cue: list[Place] = field(default_factory=list)
    content: list[Place] = field(default_factory=list)
    stance: str = "asserts"


def main() -> None:
    gold = found = right = proposed = stances = 0
    for text, marked in read(TEXTS):
        given = [one for one in statements(text) if one.cue is not None]
        gold, proposed = gold + len(marked), proposed + len(given)
        for one in marked:
            fitting = [other for other in given if fits(one, other)]
            found += bool(fitting)
            stances += any(other.stance == one.stance for other in fitting)
        right += sum(1 for other in given if any(fits(one, other) for one in marked))
    precision, recall = right / proposed, found / gold
    print(f"{gold} statements marked, {proposed} proposed")
    print(f"source, cue and content: P {precision:.3f}  R {recall:.3f}  ", end="")
    print(f"F1 {2 * precision * recall / (precision + recall):.3f}")
    print(f"stance right in {stances / found:.3f} of the found")


def fits(one: Marked, other: Proposed) -> bool:
    """Whether a proposed statement overlaps a marked one in cue, source and content."""
    is_sourced = overlap(one.source, [other.mention]) if one.source else other.mention is None
    return is_sourced and overlap(one.cue, [other.cue]) and overlap(one.content, other.content)


def overlap(places: Sequence[Place], passages: Sequence[Passage | None]) -> bool:
    """Whether any of the places and any of the passages have a character in common."""
    return any(start < one.end and one.start < end for start, end in places for one in passages if one)


def read(path: Path) -> Iterator[tuple[str, list[Marked]]]:
    """The texts without their marks, and what was marked."""
    for line in path.read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield unmarked(line)


def unmarked(line: str) -> tuple[str, list[Marked]]:
    """One text without its marks, and its statements."""
    text = ""
    made: dict[str, Marked] = defaultdict(Marked)
    open_marks: list[tuple[str, str, int]] = []
    at = 0
    while at < len(line):
        match = _OPENS.match(line, at)
        if match is not None:
            open_marks.append((match[1], match[2], len(text)))
            if match[3]:
                made[match[2]].source = made[match[3]].source
            if match[4]:
                made[match[2]].stance = match[4]
            at = match.end()
        elif line[at] == "}" and open_marks:
            role, number, start = open_marks.pop()
            places = {"s": made[number].source, "c": made[number].cue, "x": made[number].content}[role]
            places += [(start, len(text))] if len(text) > start else []
            at += 1
        else:
            text += line[at]
            at += 1
    return text, [one for one in made.values() if one.cue and one.content]


if __name__ == "__main__":
    main()
