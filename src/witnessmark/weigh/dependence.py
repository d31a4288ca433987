"""Who has it from whom? Statements that go back to one knowledge of things make one lineage.

Six grounds tie statements to each other: one passes the other on; both are words of one voice, or of one
body through its spokesman or owner; both describe one picture; both stand in one copied passage; their
sources cite each other. The seventh is a person's word, and that one can also undo each of the others. Every
edge names what it rests on. That two statements share no edge does not make them independent: it only
says that nothing here shows that they are not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from witnessmark.model import Bond, Dependence, Digest, Stance, Statement, Verdict
from witnessmark.model.weighing import (
    Circle,
    Copied,
    Edge,
    Ground,
    Lineage,
    Lineages,
    Rulings,
    Surroundings,
)
from witnessmark.model.wire import digest_of
from witnessmark.weigh.circles import circles
from witnessmark.weigh.lineage import adds_nothing, folded
from witnessmark.weigh.passages import passages

Statements = Mapping[Digest, Statement]

_SPEAKS_OF_A_PICTURE = re.compile(
    r"\b(?:pictures?|photos?|photographs?|images?|videos?|footage|screenshots?|frames?|clips?)\b"
    r"|صور|فيديو|مقطع|фото|знім|відео|світлин",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Ruled:
    """What people said of pairs, latest word first to be asked."""

    words: Mapping[tuple[Digest, Digest], tuple[Dependence, Digest]]

    def apart(self, one: Digest, other: Digest) -> bool:
        """Whether a person said that these two do not depend on each other."""
        said = self.words.get((one, other)) or self.words.get((other, one))
        return said is not None and said[0] is Dependence.INDEPENDENT


def lineages(
    statements: Statements,
    rulings: Rulings = Rulings(),  # noqa: B008 - it is frozen
    surroundings: Surroundings = Surroundings(),  # noqa: B008 - it is frozen
) -> Lineages:
    """The lineages of `statements`, each with the edges that hold it together, the largest first."""
    ruled = _ruled(rulings)
    found = circles(statements)
    edges = [
        *_relayed(statements),
        *_voices(statements, rulings, ruled),
        *_pictured(statements, rulings, surroundings, ruled),
        *_copied(statements, surroundings),
        *_circular(found),
    ]
    kept = [edge for edge in edges if not ruled.apart(edge.statement, edge.source)]
    kept += _by_word(statements, ruled)
    return Lineages(_components(statements, kept), found, tuple(sorted(_too_early(statements))))


# --- grounds


def _relayed(statements: Statements) -> Iterator[Edge]:
    for digest, statement in statements.items():
        if statement.relays is not None and _has_it_from(statement, statements[statement.relays]):
            yield Edge(digest, statement.relays, Ground.RELAY, (digest,), is_ordered=True)


def _has_it_from(statement: Statement, source: Statement) -> bool:
    """Whether a relay rests on what it passes on: it adds nothing, or says just the same."""
    return adds_nothing(statement.stance) or statement.stance is source.stance


def _voices(statements: Statements, rulings: Rulings, ruled: _Ruled) -> Iterator[Edge]:
    """Edges between the own words of one voice or of one body, each to the earliest of them."""
    bodies = _bodies(rulings)
    own: dict[str, list[Digest]] = defaultdict(list)
    withdrawn = []
    for digest, statement in statements.items():
        if statement.stance is Stance.RETRACTS and statement.relays is None:
            withdrawn.append(digest)
        elif statement.relays is None or not _has_it_from(statement, statements[statement.relays]):
            own[_body_of(statement.speaker, bodies)[0]].append(digest)
    for digest in withdrawn:
        body = _body_of(statements[digest].speaker, bodies)[0]
        if body in own:
            own[body].append(digest)
        else:
            yield from _taken_back(statements, digest)
    for several in own.values():
        yield from _star(statements, several, ruled, partial(_same_voice, statements, bodies))


def _taken_back(statements: Statements, digest: Digest) -> Iterator[Edge]:
    """Who has no words of their own takes back what they passed on."""
    taken_back = statements[digest]
    for other, statement in statements.items():
        is_same = folded(statement.speaker) == folded(taken_back.speaker) and other != digest
        if is_same and statement.claim == taken_back.claim:
            yield Edge(digest, other, Ground.VOICE, (digest, other))


def _same_voice(
    statements: Statements, bodies: Mapping[str, tuple[str, Digest]], one: Digest, other: Digest
) -> Edge:
    speakers = [statements[digest].speaker for digest in (one, other)]
    if folded(speakers[0]) == folded(speakers[1]):
        return Edge(one, other, Ground.VOICE, (one, other))
    affiliations = [record for speaker in speakers for record in _body_of(speaker, bodies)[1]]
    return Edge(one, other, Ground.BODY, tuple(dict.fromkeys(affiliations)))


def _pictured(
    statements: Statements, rulings: Rulings, surroundings: Surroundings, ruled: _Ruled
) -> Iterator[Edge]:
    """Edges between those who describe one picture: as people say, or as it came with their own text."""
    same = _same_pictures(surroundings, rulings)
    seen: dict[Digest, dict[Digest, tuple[Digest, ...]]] = defaultdict(dict)
    for (statement, picture), (dependence, record) in ruled.words.items():
        is_picture = statement in statements and picture not in statements
        if is_picture and dependence is Dependence.DEPENDENT:
            head, matches = same.get(picture, (picture, ()))
            seen[head][statement] = (record, picture, *matches)
    for digest, said in statements.items():
        if said.relays is None and _SPEAKS_OF_A_PICTURE.search(said.appearance.quote):
            for picture in _brought_along(said, surroundings):
                if not ruled.apart(digest, picture):
                    head, matches = same.get(picture, (picture, ()))
                    seen[head].setdefault(digest, (picture, *matches))
    for several in seen.values():
        yield from _star(statements, list(several), ruled, partial(_same_picture, several))


def _brought_along(said: Statement, surroundings: Surroundings) -> tuple[Digest, ...]:
    """The pictures that came with the text of a statement, if its speaker is the one whose text it is."""
    carried = surroundings.carried.get(said.appearance.digest)
    if carried is None or folded(said.speaker) not in map(folded, carried.authors):
        return ()
    return carried.pictures


def _same_picture(resting: Mapping[Digest, tuple[Digest, ...]], one: Digest, other: Digest) -> Edge:
    return Edge(one, other, Ground.PICTURE, tuple(dict.fromkeys((*resting[one], *resting[other]))))


def _same_pictures(
    surroundings: Surroundings, rulings: Rulings
) -> dict[Digest, tuple[Digest, tuple[Digest, ...]]]:
    """For each picture that is like another: one that stands for all of them, and the matches behind it."""
    verdicts = {one.about: one.verdict for one in sorted(rulings.decisions, key=lambda one: one.decided_at)}
    alike = [
        (match.query, match.candidate, record)
        for record, match in surroundings.matches
        if verdicts.get(record) not in (Verdict.DIFFERENT, Verdict.SAME_SCENE, Verdict.REJECT)
    ]
    heads = _heads([(one, other) for one, other, _ in alike])
    behind: dict[Digest, list[Digest]] = defaultdict(list)
    for one, _, record in alike:
        behind[heads[one]].append(record)
    return {picture: (head, tuple(sorted(behind[head]))) for picture, head in heads.items()}


def _copied(statements: Statements, surroundings: Surroundings) -> Iterator[Edge]:
    """Edges between statements on one claim whose words stand in the same place of a copied passage."""
    standing: dict[Digest, list[Digest]] = defaultdict(list)
    for digest in sorted(statements, key=lambda digest: order(digest, statements[digest])):
        standing[statements[digest].appearance.text].append(digest)
    texts = {text: surroundings.texts[text] for text in standing if text in surroundings.texts}
    for copied in passages(texts):
        for one in standing[copied.one]:
            for other in standing[copied.other]:
                same_claim = statements[one].claim == statements[other].claim
                if same_claim and _is_copy(copied, statements[one], statements[other]):
                    yield _copy(statements, copied, one, other)


def _copy(statements: Statements, copied: Copied, one: Digest, other: Digest) -> Edge:
    began = [start_of(statements[digest]) for digest in (one, other)]
    is_ordered = None not in began and began[0] != began[1]
    on = (copied.one, copied.other)
    return Edge(other, one, Ground.PASSAGE, on, is_ordered=is_ordered, copied=copied)


def _is_copy(copied: Copied, one: Statement, other: Statement) -> bool:
    """Whether half of the shorter words of two statements lie on each other in a copied passage."""
    mine, theirs = one.appearance.span, other.appearance.span
    shared = 0
    for in_one, in_other in copied.runs:
        shift = in_other.start - in_one.start
        start = max(mine.start + shift, theirs.start, in_other.start)
        shared += max(0, min(mine.end + shift, theirs.end, in_other.end) - start)
    return 2 * shared >= min(mine.end - mine.start, theirs.end - theirs.start)


def _circular(found: Iterable[Circle]) -> Iterator[Edge]:
    for circle in found:
        first, *others = circle.statements
        for other in others:
            yield Edge(other, first, Ground.CIRCLE, circle.statements)


def _by_word(statements: Statements, ruled: _Ruled) -> Iterator[Edge]:
    for (statement, source), (dependence, record) in ruled.words.items():
        if dependence is Dependence.DEPENDENT and statement in statements and source in statements:
            yield Edge(statement, source, Ground.RULING, (record,), is_ordered=True)


# --- rulings


def _ruled(rulings: Rulings) -> _Ruled:
    """The latest word on each pair, whichever way round it was said."""
    words: dict[tuple[Digest, Digest], tuple[Dependence, Digest]] = {}
    for tie in sorted(rulings.ties, key=lambda tie: tie.tied_at):
        words.pop((tie.source, tie.statement), None)
        words[tie.statement, tie.source] = (tie.dependence, digest_of(tie))
    return _Ruled(words)


def _bodies(rulings: Rulings) -> dict[str, tuple[str, Digest]]:
    """Each source with the body that it speaks for or belongs to, and the record that says so."""
    bodies: dict[str, tuple[str, Digest]] = {}
    for one in sorted(rulings.affiliations, key=lambda one: one.stated_at):
        if one.bond is not Bond.SEPARATE:
            bodies[folded(one.source)] = (folded(one.body), digest_of(one))
        elif bodies.get(folded(one.source), ("",))[0] == folded(one.body):
            del bodies[folded(one.source)]
    return bodies


def _body_of(speaker: str, bodies: Mapping[str, tuple[str, Digest]]) -> tuple[str, tuple[Digest, ...]]:
    """The body at the end of what a speaker belongs to, and the records that lead there."""
    name, records = folded(speaker), list[Digest]()
    passed = {name}
    while name in bodies and bodies[name][0] not in passed:
        name, record = bodies[name]
        passed.add(name)
        records.append(record)
    return name, tuple(records)


# --- components


def _star(
    statements: Statements, several: Sequence[Digest], ruled: _Ruled, edge: Callable[[Digest, Digest], Edge]
) -> Iterator[Edge]:
    """An edge from each to the earliest; who was ruled apart from another of them has none here."""
    staying = [
        digest
        for digest in sorted(several, key=lambda digest: order(digest, statements[digest]))
        if not any(ruled.words.get((digest, other), ("",))[0] is Dependence.INDEPENDENT for other in several)
    ]
    for digest in staying[1:]:
        yield edge(digest, staying[0])


def _components(statements: Statements, edges: Sequence[Edge]) -> tuple[Lineage, ...]:
    heads = _heads([(edge.statement, edge.source) for edge in edges])
    members: dict[Digest, list[Digest]] = defaultdict(list)
    for digest in statements:
        members[heads.get(digest, digest)].append(digest)
    inside: dict[Digest, list[Edge]] = defaultdict(list)
    for edge in edges:
        inside[heads[edge.statement]].append(edge)
    found = [_lineage(statements, several, inside[name]) for name, several in members.items()]
    found.sort(key=lambda one: (-len(one.statements), order(one.head, statements[one.head])))
    return tuple(replace(one, name=_letters(place)) for place, one in enumerate(found))


def _letters(place: int) -> str:
    """The name of a place: A to Z, then AA, AB and so on."""
    letters = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def _lineage(statements: Statements, several: list[Digest], edges: list[Edge]) -> Lineage:
    in_order = tuple(sorted(several, key=lambda digest: order(digest, statements[digest])))
    hanging = {edge.statement for edge in edges if edge.is_ordered}
    head = next((digest for digest in in_order if digest not in hanging), in_order[0])
    places = {digest: place for place, digest in enumerate(in_order)}
    edges = sorted(dict.fromkeys(edges), key=lambda one: (places[one.statement], one.ground, one.source))
    return Lineage("", head, in_order, tuple(edges))


def _heads(pairs: Iterable[tuple[Digest, Digest]]) -> dict[Digest, Digest]:
    """For everything in `pairs`, one that stands for all that hangs together."""
    parents: dict[Digest, Digest] = {}

    def head(name: Digest) -> Digest:
        while parents.setdefault(name, name) != name:
            parents[name] = parents[parents[name]]
            name = parents[name]
        return name

    for one, other in pairs:
        low, high = sorted((head(one), head(other)))
        parents[high] = low
    return {name: head(name) for name in list(parents)}


# --- time


def _too_early(statements: Statements) -> Iterator[Digest]:
    """Relays that ended before what they pass on began: one of the two times is wrong, or the relay is."""
    for digest, statement in statements.items():
        if statement.relays is None:
            continue
        source = statements[statement.relays]
        ends = statement.said_at and (statement.said_at.end or statement.said_at.start)
        starts = source.said_at and source.said_at.start
        if ends and starts and ends < starts:
            yield digest


def order(digest: Digest, statement: Statement) -> tuple[bool, str, str, Digest]:
    """A key by which statements stand in their order of time, those without a time last."""
    start = start_of(statement)
    return (start is None, start.astimezone(UTC).isoformat() if start else "", statement.speaker, digest)


def start_of(statement: Statement) -> datetime | None:
    """When a statement was made, at the earliest; None if that is not known."""
    return (statement.said_at.start or statement.said_at.end) if statement.said_at else None
