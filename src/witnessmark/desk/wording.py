"""Wording: what changed between two versions of a text, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\{[^{}]*\}|\w+|\s+|[^\w\s]")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_MOST_WORDS, _MOST_IN_LINES = 2_000, 500
"""What it takes grows faster than the passages. So longer ones are compared line by line, and then word by
word where lines differ, as far as those are short enough."""
_ALIKE = 0.5
"""From how much on lines are one that was changed, and not another one in its place."""
_AROUND = 240


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words that both versions have (`same`), only the earlier one (`gone`) or the later one (`new`)."""

    kind: str
    text: str


def wording(one: str, other: str, most: int = _MOST_WORDS) -> Iterator[Piece]:
    """The later text in pieces, each with whether the earlier one has it, and what only that one has."""
    before, after = _WORDS.findall(one), _WORDS.findall(other)
    is_long = max(len(before), len(after)) > most
    if is_long:
        before, after = _LINES.findall(one), _LINES.findall(other)
    if max(len(before), len(after)) > _MOST_WORDS:
        before, after = [one], [other]
    matcher = SequenceMatcher(None, before, after)
    if most == _MOST_IN_LINES and matcher.ratio() < _ALIKE:
        yield from (Piece("gone", one), Piece("new", other))
        return
    for kind, a, b, c, d in matcher.get_opcodes():
        gone, new = "".join(before[a:b]), "".join(after[c:d])
        if kind == "equal":
            yield Piece("same", gone)
        elif is_long and gone and new and (gone, new) != (one, other):
            yield from wording(gone, new, _MOST_IN_LINES)
        else:
            yield from (Piece(word, text) for word, text in (("gone", gone), ("new", new)) if text)


def shortened(pieces: Iterable[Piece]) -> list[tuple[str, str]]:
    """The pieces by kind, with what stayed the same cut down to what stands around a change."""
    return [
        (one.kind, f"{one.text[:_AROUND]} … {one.text[-_AROUND:]}")
        if one.kind == "same" and len(one.text) > 2 * _AROUND
        else (one.kind, one.text)
        for one in pieces
    ]
