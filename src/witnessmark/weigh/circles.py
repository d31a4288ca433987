"""Circular reporting: sources who cite each other for one thing, so that nobody is the first.

A chain of relays cannot be written down as a circle, because a record can name only what came before it. But
two texts can still show one: in the first, a paper has it from an agency; in the second, the agency has it
from that paper.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from witnessmark.model import Digest, Statement
from witnessmark.model.weighing import Circle
from witnessmark.weigh.lineage import folded


def circles(statements: Mapping[Digest, Statement]) -> tuple[Circle, ...]:
    """Every group of sources that cite each other on one claim, with the statements in which they do."""
    cited: dict[Digest, dict[str, dict[str, set[Digest]]]] = defaultdict(lambda: defaultdict(dict))
    names: dict[str, str] = {}
    for digest, statement in sorted(statements.items()):
        if statement.relays is None:
            continue
        source = statements[statement.relays]
        citing, name = folded(statement.speaker), folded(source.speaker)
        names.setdefault(citing, statement.speaker)
        names.setdefault(name, source.speaker)
        if citing != name:
            cited[statement.claim][citing].setdefault(name, set()).update((digest, statement.relays))
    return tuple(
        Circle(claim, tuple(names[name] for name in group), _statements(graph, group))
        for claim, graph in sorted(cited.items())
        for group in _groups(graph)
    )


def _groups(graph: Mapping[str, Mapping[str, set[Digest]]]) -> Iterator[tuple[str, ...]]:
    """The groups in which everyone leads to everyone."""
    reached = {name: _reached(graph, name) for name in graph}
    done: set[str] = set()
    for name in sorted(graph):
        group = tuple(sorted(other for other in reached[name] if name in reached.get(other, ())))
        if name in reached[name] and not done.intersection(group):
            done.update(group)
            yield group


def _reached(graph: Mapping[str, Mapping[str, set[Digest]]], name: str) -> set[str]:
    """Everyone whom `name` cites, at whatever remove; itself only by way of others."""
    found: set[str] = set()
    waiting = list(graph.get(name, ()))
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting.extend(graph.get(other, ()))
    return found


def _statements(graph: Mapping[str, Mapping[str, set[Digest]]], group: tuple[str, ...]) -> tuple[Digest, ...]:
    inside = {
        digest
        for citing in group
        for name, several in graph.get(citing, {}).items()
        if name in group
        for digest in several
    }
    return tuple(sorted(inside))
