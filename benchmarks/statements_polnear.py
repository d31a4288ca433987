"""How well statements are found in PolNeAR's official test set: source, cue and content.

    python benchmarks/statements_polnear.py CHECKOUT [split] [TAGGER]

CHECKOUT is a copy of github.com/networkdynamics/PolNeAR. Its texts belong to publishers and are under no
open licence: they are read where they lie, and nothing of them is kept here.

Only attributions by a word of saying count (`STATEMENT`); PolNeAR also marks wishes and plans. A gold
attribution is found if a proposed statement overlaps its cue and, for "triple", its source and content;
for "J.7" the words of the contents must also have a Jaccard index of .7 or more. Precision is the
same the other way round. What is right but not annotated (words within a quotation, as a rule) is
counted as wrong.

With the file of a tagger, what it marks is measured alone (cues with a content) and joined with what the
rules find, as it is proposed. The exact spans of its sources, cues and contents are counted too, as its
labels have them: one label to a word. Set OPENBLAS_NUM_THREADS=1: threads that wait for each other cost cpu.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from witnessmark.desk.corpora import read_corpus
from witnessmark.weigh.reading import Marker, Passage, statements
from witnessmark.weigh.reading.sentences import sentences, tokens_of
from witnessmark.weigh.tagging import Tagger
from witnessmark.weigh.tagging.labels import ROLES, Span, spans_of
from witnessmark.weigh.training.annotated import lesson

Place = tuple[int, int]
STATEMENT = re.compile(
    r"(?:said|says?|saying|told|tells?|telling|reported|reports?|reporting|claim(?:s|ed|ing)?|confirm(?:s|ed|ing)?|"
    r"den(?:y|ies|ied|ying)|add(?:s|ed|ing)|announc(?:e|es|ed|ing)|argu(?:e|es|ed|ing)|stat(?:e|es|ed|ing)|"
    r"insist(?:s|ed|ing)?|not(?:es|ed|ing)|warn(?:s|ed|ing)?|wrote|writes?|writing|tweet(?:s|ed|ing)?|"
    r"assert(?:s|ed|ing)?|alleg(?:e|es|ed|ing)|acknowledg(?:e|es|ed|ing)|admit(?:s|ted|ting)?|accus(?:e|es|ed|ing)|"
    r"suggest(?:s|ed|ing)?|explain(?:s|ed|ing)?|describ(?:e|es|ed|ing)|declar(?:e|es|ed|ing)|estimat(?:e|es|ed|ing)|"
    r"testif(?:y|ies|ied)|maintain(?:s|ed)?|contend(?:s|ed|ing)?|conclud(?:e|es|ed|ing)|disclos(?:e|es|ed)|"
    r"reveal(?:s|ed|ing)?|replied|respond(?:s|ed)|according|cit(?:e|es|ed|ing)|disput(?:e|es|ed|ing)|"
    r"reject(?:s|ed|ing)?|declin(?:e|es|ed|ing)|verif(?:y|ies|ied)|doubt(?:s|ed|ing)?|show(?:s|ed|ing)?|found|"
    r"point(?:s|ed)|statement|attribut(?:e|ed|es))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Attribution:
    """One attribution by its places; a gold one or a proposed one."""

    source: tuple[Place, ...]
    cue: tuple[Place, ...]
    content: tuple[Place, ...]


def main(checkout: Path, split: str = "test", tagger: str | None = None) -> None:
    marker = Tagger(Path(tagger).read_bytes()) if tagger else None
    measure(checkout, split, lambda text: _proposed(text, marker))
    if marker is not None:
        print("the tagger alone:")
        measure(checkout, split, lambda text: _marked(text, marker))
        _exact(checkout, split, marker)


def _proposed(text: str, marker: Marker | None) -> list[Attribution]:
    return [
        Attribution(_places([one.mention]), _places([one.cue]), _places(one.content))
        for one in statements(text, marker)
        if one.cue is not None
    ]


def _marked(text: str, marker: Marker) -> list[Attribution]:
    return [
        Attribution((mark.source,) if mark.source else (), (mark.cue,), mark.content)
        for mark in marker.mark(text)
        if mark.content
    ]


def measure(checkout: Path, split: str, propose: Callable[[str], list[Attribution]]) -> None:
    """Print how well statements are found, and how fast."""
    counts: Counter[str] = Counter()
    folder = checkout / "data" / split
    spent, read = 0.0, 0
    for path in sorted((folder / "text").glob("*.txt")):
        annotated = sorted((folder / "attributions").glob(path.stem.replace("[", "[[]") + "_*.ann"))
        if not annotated:
            continue
        text = path.read_bytes().decode()
        started = time.process_time()
        proposed = propose(text)
        spent += time.process_time() - started
        read += sum(1 for _ in sentences(text))
        _count(counts, text, _gold(annotated[0].read_text()), proposed)
    print(
        f"{split}: {counts['gold']} gold, {counts['proposed']} proposed, "
        f"{read / spent:.0f} sentences per cpu-second"
    )
    for name in ("cue", "triple", "J.7"):
        precision = counts["right " + name] / counts["proposed"]
        recall = counts["found " + name] / counts["gold"]
        score = 2 * precision * recall / (precision + recall)
        print(f"{name:7} P {precision:.3f}  R {recall:.3f}  F1 {score:.3f}")


def _exact(checkout: Path, split: str, tagger: Tagger) -> None:
    """Print the F1 of spans whose both ends are right, for each role."""
    counts: Counter[tuple[str, str]] = Counter()
    for annotated in read_corpus(checkout, split):
        learned = lesson(annotated)
        gold = {
            Span(span.role, start + span.start, start + span.end)
            for start, end in learned.words.units
            for span in spans_of(learned.labels[start:end])
        }
        given = set(tagger.spans(learned.words))
        for role in ROLES:
            counts[role, "gold"] += sum(1 for span in gold if span.role == role)
            counts[role, "given"] += sum(1 for span in given if span.role == role)
            counts[role, "right"] += sum(1 for span in gold & given if span.role == role)
    scores = (
        f"{role} {2 * counts[role, 'right'] / (counts[role, 'gold'] + counts[role, 'given']):.3f}"
        for role in ROLES
    )
    print("exact spans, F1:", ", ".join(scores))


def _count(
    counts: Counter[str], text: str, gold: Sequence[Attribution], proposed: Sequence[Attribution]
) -> None:
    for one, others, side in (
        *((one, proposed, "found") for one in gold),
        *((one, gold, "right") for one in proposed),
    ):
        if not any(
            STATEMENT.fullmatch(token.text) for start, end in one.cue for token in tokens_of(text, start, end)
        ):
            continue
        counts["gold" if side == "found" else "proposed"] += 1
        near = [other for other in others if _overlap(one.cue, other.cue)]
        sourced = [
            other for other in near if _overlap(one.source, other.source) or not (one.source or other.source)
        ]
        counts[f"{side} cue"] += bool(near)
        counts[f"{side} triple"] += any(_overlap(one.content, other.content) for other in sourced)
        counts[f"{side} J.7"] += any(_jaccard(text, one.content, other.content) >= 0.7 for other in sourced)


def _overlap(left: Iterable[Place], right: Sequence[Place]) -> bool:
    return any(start < other[1] and other[0] < end for start, end in left for other in right)


def _jaccard(text: str, left: Sequence[Place], right: Sequence[Place]) -> float:
    ours, theirs = _words(text, left), _words(text, right)
    return len(ours & theirs) / max(1, len(ours | theirs))


def _words(text: str, places: Sequence[Place]) -> set[int]:
    return {token.start for start, end in places for token in tokens_of(text, start, end)}


def _places(passages: Iterable[Passage | None]) -> tuple[Place, ...]:
    return tuple((passage.start, passage.end) for passage in passages if passage)


def _gold(annotations: str) -> list[Attribution]:
    """The attributions of a brat file."""
    places: dict[str, list[Place]] = {}
    found = []
    for line in annotations.splitlines():
        fields = line.split("\t")
        if len(fields) < 2 or not re.fullmatch(r"[TE]\d+", fields[0]):
            continue  # a note may run over several lines
        if line.startswith("T") and " " in fields[1]:
            spans = fields[1].split(" ", 1)[1].split(";")
            places[fields[0]] = [(int(start), int(end)) for start, end in (span.split() for span in spans)]
        elif line.startswith("E"):
            parts: dict[str, list[Place]] = defaultdict(list)
            for part in fields[1].split():
                role, name = part.split(":")
                parts[role.rstrip("0123456789")] += places.get(name, [])
            found.append(Attribution(*(tuple(sorted(parts[role])) for role in ("Source", "Cue", "Content"))))
    return found


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]), *sys.argv[2:])
    else:
        print("not measured: give a checkout of PolNeAR")
