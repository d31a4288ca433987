"""Numbers: what is reported over time, counted on pictures and estimated from lists, with the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from witnessmark.desk.claims import Claims
from witnessmark.desk.counts import Counts, day_sentence, series_facts, title_of
from witnessmark.desk.floors import Floors
from witnessmark.desk.upright import upright_size
from witnessmark.model import Digest, Estimate, Statement
from witnessmark.model.counting import FloorOfKind, Mark
from witnessmark.model.reported import Series
from witnessmark.ports import Case
from witnessmark.publish.counts import drawing, fates

Facts = dict[str, Any]
MOST_DRAWN, MOST_LISTED = 200, 1_000
"""How many entries of a series are drawn, and how many are listed, the latest ones; the page says so."""
MOST_PICTURES = 24
"""How many pictures with their marks are shown of a kind."""


def numbers_facts(case: Case, claims: Claims) -> Facts:
    """Every series of reported numbers, every minimum that marks on pictures prove, and every estimate.

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
    told, marks = floors.told(), {mark.record: mark for mark in floors.marks()}
    return {
        "series": [_series(one, place, named, numbers, claims) for place, one in enumerate(series, start=1)],
        "floors": [
            _floor(case, one, facts, marks) for one, facts in zip(told, floors.facts(told), strict=True)
        ],
        "not_registered": len(floors.waiting()),
        "estimates": [_estimate(case, one) for one in _latest_estimates(case)],
    }


def estimates_facts(case: Case) -> list[Facts]:
    """Every estimate on record, each method by itself; `counts` is false of one that a later one replaced."""
    every = case.find(Estimate)
    latest = {(one.of, one.stratum): name for name, one in every}
    return [
        {
            **_estimate(case, one),
            "record": name,
            "counts": latest[one.of, one.stratum] == name,
            "settings": one.settings,
            "told": one.told,
        }
        for name, one in every
    ]


def _latest_estimates(case: Case) -> list[Estimate]:
    """The latest estimate of each group of persons; earlier ones stay on record and are not shown."""
    return list({(one.of, one.stratum): one for _, one in case.find(Estimate)}.values())


def _estimate(case: Case, one: Estimate) -> Facts:
    """An estimate or its refusal: lists, links, number, what it assumes, and each method by itself."""
    methods = [each for each in one.told.get("methods", ()) if each.get("median") is not None]
    ends = [
        max(each["intervals"], key=lambda interval: float(interval["level"])) if each["intervals"] else None
        for each in methods
    ]
    return {
        "of": f"{one.of}, {one.stratum}" if one.stratum else one.of,
        "author": one.author.name,
        "entered_at": one.entered_at.isoformat(),
        "lists": [{"name": each.name, "persons": each.persons} for each in one.lists],
        "exhibits": [case.exhibit_of(each) for each in one.rests_on],
        "linked": one.linked,
        "amount": None
        if one.amount is None
        else {"low": one.amount.low, "best": one.amount.best, "high": one.amount.high},
        "method": one.method,
        "assumes": one.assumes,
        "reasons": list(one.reasons),
        "warnings": list(one.told.get("warnings", ())),
        "methods": [
            {
                "method": each["method"],
                "median": round(each["median"]),
                "low": None if end is None else round(end["low"]),
                "high": None if end is None else round(end["high"]),
                "failed": each.get("failed"),
            }
            for each, end in zip(methods, ends, strict=True)
        ],
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
    entries = [
        {**entry, "lineage": lineage, "became": became[entry["entry"]], "statement": name}
        for (lineage, entry), name in zip(listed, statements, strict=True)
    ]
    return {
        "title": title,
        "said": day_sentence(told["days"][-1]) if told["days"] else None,
        "drawn": drawing(told, title, place, MOST_DRAWN),
        "claims": sorted({numbers[each] for each in under if each in numbers}),
        "entries": entries,
    }


def _floor(case: Case, one: FloorOfKind, facts: Facts, marks: Mapping[Digest, Mark]) -> Facts:
    members = [marks[record] for record in one.whole.members]
    pictures = list(dict.fromkeys(mark.picture for mark in members))
    return {
        **facts,
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
