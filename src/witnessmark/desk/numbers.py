"""Numbers: what is reported over time and what can be counted on pictures, with the way back to each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from witnessmark.desk.claims import Claims
from witnessmark.desk.counts import Counts, day_sentence, series_facts, title_of
from witnessmark.desk.floors import Floors
from witnessmark.desk.upright import upright_size
from witnessmark.model import Digest, Statement
from witnessmark.model.counting import FloorOfKind, Mark
from witnessmark.model.reported import Series
from witnessmark.ports import Case
from witnessmark.publish.counts import drawing, fates

Facts = dict[str, Any]
MOST_PICTURES = 24
"""How many pictures with their marks are shown of a kind."""


def numbers_facts(case: Case, claims: Claims) -> Facts:
    """Every series of reported numbers, drawn and told, and every minimum that marks on pictures prove.

    Nothing is registered here: pictures that wait for that are counted, and add nothing across each other.
    """
    named = {name.hex[:12]: name for name, _ in case.find(Statement)}
    numbers = {
        under: number
        for number, one in claims.called(None)
        for under in (one.digest, *one.absorbed)
    }  # fmt: skip
    series = Counts.of(case, weighing=claims.weighing).series()
    floors = Floors(case)
    marks = {mark.record: mark for mark in floors.marks()}
    return {
        "series": [_series(one, place, named, numbers, claims) for place, one in enumerate(series, start=1)],
        "floors": [_floor(case, floors, one, marks) for one in floors.told()],
        "not_registered": len(floors.waiting()),
    }


def _series(
    one: Series, place: int, named: Mapping[str, Digest], numbers: Mapping[Digest, int], claims: Claims
) -> Facts:
    told = series_facts(one)
    title, became = title_of(told), fates(told)
    listed: Sequence[tuple[str, Facts]] = [
        *((lineage["lineage"], entry) for lineage in told["lineages"] for entry in lineage["entries"]),
        *(("∅", entry) for entry in told["questioned"]),
    ]
    statements = [named.get(entry["entry"]) for _, entry in listed]
    filed = claims.weighing.under
    under = {filed[name] for name in statements if name is not None and name in filed}
    return {
        "title": title,
        "said": day_sentence(told["days"][-1]) if told["days"] else None,
        "drawn": drawing(told, title, place),
        "claims": sorted({numbers[each] for each in under if each in numbers}),
        "entries": [
            {**entry, "lineage": lineage, "became": became[entry["entry"]], "statement": name}
            for (lineage, entry), name in zip(listed, statements, strict=True)
        ],
    }


def _floor(case: Case, floors: Floors, one: FloorOfKind, marks: Mapping[Digest, Mark]) -> Facts:
    members = [marks[record] for record in one.whole.members]
    pictures = list(dict.fromkeys(mark.picture for mark in members))
    return {
        **floors.facts(one),
        "drawn": [_marked(case, each, members) for each in pictures[:MOST_PICTURES]],
        "more": max(0, len(pictures) - MOST_PICTURES),
    }


def _marked(case: Case, picture: Digest, members: Sequence[Mark]) -> Facts:
    """A picture with the marks on it that count, as shapes in its upright pixels."""
    return {
        "exhibit": case.exhibit_of(picture),
        "size": upright_size(case, picture),
        "marks": [
            {
                "shape": None if mark.region is None else mark.region.shape.value,
                "points": [] if mark.region is None else mark.region.points,
                "amount": str(mark.amount),
                "author": mark.author,
            }
            for mark in members
            if mark.picture == picture
        ],
    }
