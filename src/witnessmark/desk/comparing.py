"""Comparing: two exhibits, what was found alike, how the one lies on the other, and who decided what.

Nothing here writes. What a person decides is entered like every other reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from witnessmark.desk.browsing import has_cover, kind_of
from witnessmark.desk.seen import LAYS_ON, decisions_on, matches_between
from witnessmark.desk.texts import kept_text
from witnessmark.desk.upright import upright_size
from witnessmark.match.groups import Rulings
from witnessmark.match.texts import METHOD as OF_TEXTS
from witnessmark.model import Decision, Digest, Match
from witnessmark.ports import Case

Facts = dict[str, Any]
_MOST_POINTS = 40


def pair_facts(case: Case, one: Digest, other: Digest) -> Facts:
    """Two exhibits, every likeness of them seen from `one`, and the decisions on them, the latest last."""
    matches = matches_between(case, one, other)
    said = decisions_on(case, one, other, matches)
    return {
        "one": _side(case, one),
        "other": _side(case, other),
        "matches": [_match(case, record, match, one) for record, match in matches],
        "decisions": [_decision(case, record, decision) for record, decision in said],
    }


def pairs_alike(case: Case, first: int, count: int) -> Facts:
    """Some pairs that were found alike, those first on which nobody has decided, and how many there are."""
    matches = case.find(Match)
    rulings = Rulings.of(matches, case.find(Decision))
    pairs: dict[frozenset[Digest], Match] = {}
    for _, match in matches:
        inside = case.exhibit_of(match.candidate) is not None and case.exhibit_of(match.query) is not None
        if inside:
            pairs.setdefault(frozenset((match.query, match.candidate)), match)
    ordered = sorted(pairs.items(), key=lambda each: each[0] in rulings.by_pair)
    told = [_pair(case, match, rulings) for _, match in ordered[first : first + count]]
    return {"pairs": told, "all": len(pairs), "waiting": len(pairs.keys() - rulings.by_pair.keys())}


# --- inner


def _pair(case: Case, match: Match, rulings: Rulings) -> Facts:
    ruled = rulings.on(match)
    return {
        "one": case.exhibit_of(match.query),
        "other": case.exhibit_of(match.candidate),
        "kind": kind_of(case.item(match.query).original.media_type),
        "reason": match.reason,
        "method": match.method,
        "transform": match.transform,
        "decision": None if ruled is None else _decision(case, *ruled),
    }


def _side(case: Case, digest: Digest) -> Facts:
    media_type = case.item(digest).original.media_type
    return {
        "exhibit": case.exhibit_of(digest),
        "digest": digest,
        "kind": kind_of(media_type),
        "media_type": media_type,
        "has_cover": has_cover(media_type) and case.has(digest),
        "size": upright_size(case, digest),
    }


def _match(case: Case, record: Digest, match: Match, one: Digest) -> Facts:
    is_turned = match.query != one
    pairs = [(*each.query, *each.candidate) for each in match.correspondences[:_MOST_POINTS]]
    if is_turned:
        pairs = [(c, d, a, b) for a, b, c, d in pairs]
    is_of_texts = match.method == OF_TEXTS
    return {
        "record": record,
        "method": match.method,
        "transform": match.transform,
        "reason": match.reason,
        "limits": match.limits,
        "measured": dict(match.measured),
        "is_turned": is_turned,
        "matrix": _laid(match.matrix, is_turned=is_turned),
        "points": [] if is_of_texts else pairs,
        "passages": list(_passages(case, match, pairs, one)) if is_of_texts else [],
    }


def _laid(matrix: Sequence[float], *, is_turned: bool) -> tuple[float, ...] | None:
    """The map from upright pixels of the one to those of the other, row by row; None if there is none."""
    if len(matrix) != LAYS_ON:
        return None
    if not is_turned:
        return tuple(matrix)
    a, b, c, d, e, f = matrix
    area = a * e - b * d
    if abs(area) < 1e-9:
        return None
    p, q, r, s = e / area, -b / area, -d / area, a / area
    return p, q, -(p * c + q * f), r, s, -(r * c + s * f)


def _passages(
    case: Case, match: Match, pairs: Sequence[Sequence[float]], one: Digest
) -> Iterator[tuple[str, str]]:
    """The passages that two texts share, as each of them has it."""
    other = match.candidate if match.query == one else match.query
    mine, theirs = kept_text(case, one), kept_text(case, other)
    if mine is None or theirs is None:
        return
    for a, b, c, d in pairs:
        yield mine.content[int(a) : int(b)], theirs.content[int(c) : int(d)]


def _decision(case: Case, record: Digest, decision: Decision) -> Mapping[str, Any]:
    return {
        "record": record,
        "verdict": decision.verdict.value,
        "author": decision.author.name,
        "reason": decision.reason,
        "decided_at": decision.decided_at,
        "about": case.exhibit_of(decision.about),
        "is_of_pair": decision.other is not None,
    }
