"""Estimates at the desk: a table of who is on which lists, read, estimated from, told and drawn.

The table is a file, or an exhibit of a case. It has one column of 0 and 1 for each list, and a column of
counts or a row for each person. A column `draw` numbers the ways in which a linkage may have fallen
(`lists link --table --draws`): each is estimated from, and what they say is put together. Of a case itself,
the lists that were last linked there are linked again, after all that people have said on who is who.

What was found becomes a record when a person enters it, a refusal just as a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from pathlib import Path
from typing import Any

import numpy as np

from witnessmark.collect.table import open_table
from witnessmark.desk.linking import LINKED, exhibits, linking
from witnessmark.desk.linking import Asked as AskedOfLists
from witnessmark.errors import MalformedError, UsageError
from witnessmark.model import Digest, Estimate, Listed, PersonRecord, Qualifier, Range
from witnessmark.model import Facts as Said
from witnessmark.model.wire import digest_of
from witnessmark.ports import Case, LockedRoom
from witnessmark.preserve.custody import Custodian
from witnessmark.publish.estimates import estimates_page
from witnessmark.weigh.estimating import Estimation, Settings, Table, estimate, read
from witnessmark.weigh.estimating.numbers import Interval

Facts = dict[str, Any]
Progress = Callable[[str, int], None]
Strata = Mapping[str, tuple[Table, ...]]
"""The tables of each stratum, one for each draw of the linkage; all is one stratum with an empty name."""

ENTERED = "estimate.entered"
_DRAW = "draw"
_BARS = 60
_MOST_DRAWS = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: which columns are lists, which one tells strata, and how to estimate."""

    lists: Sequence[str] = ()
    by: str | None = None
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True, slots=True)
class Estimated:
    """What was found of one stratum (of all, if its name is empty)."""

    stratum: str
    tables: tuple[Table, ...]
    found: Estimation

    def facts(self) -> Facts:
        """The one object that is written; `stratum` stands in it only where there are strata."""
        named = {"stratum": self.stratum} if self.stratum else {}
        return {**named, **self.found.facts()}

    def drawn(self) -> Facts:
        """The facts with what only a drawing needs: the shape of each distribution, and the patterns."""
        first = self.tables[0]
        patterns = sorted(
            zip(first.counts.tolist(), first.patterns.tolist(), strict=True),
            key=lambda one: (-one[0], one[1]),
        )
        return {
            **self.facts(),
            "shapes": {one.method: _shape(one.draws) for one in self.found.methods},
            "patterns": [
                {"lists": [j for j in range(len(first.lists)) if pattern >> j & 1], "count": count}
                for count, pattern in patterns
            ],
        }


def estimated(strata: Strata, asked: Asked, progress: Progress) -> Iterator[Estimated]:
    """What each stratum says of the whole number of persons."""
    for stratum, tables in strata.items():
        yield Estimated(stratum, tables, estimate(tables, asked.settings, progress))


def tables_in(path: Path, asked: Asked, called: str) -> Strata:
    """The tables that a file holds; messages call it so."""
    header, rows = _rows(path, called)
    at = next((place for place, name in enumerate(header) if name.strip().lower() == _DRAW), None)
    if at is None or header[at] in asked.lists:
        return {
            name: (table,) for name, table in read([header, *rows], lists=asked.lists, by=asked.by).items()
        }
    draws: dict[str, list[Sequence[str]]] = {}
    for row in rows:
        draws.setdefault(row[at].strip() if at < len(row) else "", []).append([*row[:at], *row[at + 1 :]])
    if len(draws) > _MOST_DRAWS:
        raise UsageError(f"{called} has {len(draws)} draws, and at most {_MOST_DRAWS} are estimated from")
    heading = [*header[:at], *header[at + 1 :]]
    each = [read([heading, *some], lists=asked.lists, by=asked.by) for some in draws.values()]
    strata = dict.fromkeys(name for tables in each for name in tables)
    nobody = Table.of(next(iter(each[0].values())).lists, {})
    return {name: tuple(tables.get(name, nobody) for tables in each) for name in strata}


def tables_of_case(case: Case, room: LockedRoom) -> tuple[Strata, tuple[Digest, ...]]:
    """The lists that were last linked in a case, linked again after every word on who is who; and which."""
    acts = case.acts(LINKED)
    last = case.action(acts[-1]) if acts else None
    lists = last.used if last else tuple(dict.fromkeys(one.list for _, one in case.find(PersonRecord)))
    if not lists:
        raise UsageError(
            "no lists were linked in this case yet", advice="link them first: `lists link E00001 E00002 …`"
        )
    names = [case.exhibit_of(one) or str(one) for one in lists]
    unique, draws = (last.detail["unique"], last.detail["draws"]) if last else ((), 0)
    with linking(exhibits(case, names), room, case) as open_lists:
        found = open_lists.link(AskedOfLists(unique=unique))
        patterns = list(found.drawn_tables(draws)) if draws else [found.table()]
    counted = [
        {sum(mark << place for place, mark in enumerate(marks)): count for marks, count in one.items()}
        for one in patterns
    ]
    return {"": tuple(Table.of(names, one) for one in counted)}, tuple(lists)


def enter(
    case: Case,
    custodian: Custodian,
    of: str,
    found: Iterable[Estimated],
    rests_on: Sequence[Digest],
    how: Asked,
) -> list[Digest]:
    """Put on record what was found of each stratum, as an estimate of those whom a person names."""
    nouns = [_noun(custodian, of, one, tuple(rests_on), how) for one in found]
    with case.transaction() as transaction:
        transaction.append(custodian.act(ENTERED, used=tuple(rests_on)), nouns)
    return [digest_of(one) for one in nouns]


def _noun(
    custodian: Custodian, of: str, one: Estimated, rests_on: tuple[Digest, ...], how: Asked
) -> Estimate:
    overlaps = one.tables[0].overlaps()
    told, prior, headline = one.found.facts(), how.settings.prior, one.found.headline
    named = [Listed(name, int(overlaps[place, place])) for place, name in enumerate(one.tables[0].lists)]
    try:
        return Estimate(
            of,
            rests_on,
            tuple(named),
            one.found.observed,
            custodian.performer,
            custodian.clock.now(),
            stratum=one.stratum,
            amount=_whole(headline.median, headline.widest) if headline else None,
            method=headline.method if headline else "",
            assumes=headline.assumes if headline else "",
            reasons=one.found.reasons,
            settings=Said(
                lists=list(how.lists),
                by=how.by or "",
                seed=how.settings.seed,
                classes=prior.classes,
                cap=prior.cap,
            ),
            told=Said(told),
        )
    except MalformedError as error:
        raise UsageError(str(error)) from error


def _whole(best: float, ends: Interval) -> Range:
    return Range(floor(ends.low), round(best), ceil(ends.high), Qualifier.ABOUT)


def estimate_lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """An estimate for a person: the number or why there is none, each method, and what would move it."""
    stratum = f"{facts['stratum']}: " if facts.get("stratum") else ""
    lists = facts["lists"]
    yield f"{stratum}{facts['observed']:,} persons on {len(lists)} lists: {', '.join(lists)}."
    headline = facts["headline"]
    if headline is not None:
        yield f"Estimate {_number(headline)} by {headline['method']}, which assumes: {headline['assumes']}."
    else:
        yield "No number is printed:"
        yield from (f"  - {reason}" for reason in facts["reasons"])
    yield from (f"Note: {warning}." for warning in facts["warnings"])
    for one in facts["methods"]:
        told = [
            f"{name} {one[key]:,g}"
            for key, name in (("rhat", "R-hat"), ("ess_bulk", "bulk ESS"), ("ess_tail", "tail ESS"))
            if one.get(key) is not None
        ]
        ended = f"; failed: {one['failed']}" if one["failed"] else ""
        yield f"  {one['method']}: {_number(one)}{'; ' if told else ''}{', '.join(told)}{ended}"
    for one in facts["leave_one_out"]:
        yield f"  without {one['left_out']}: {_number(one)}{' (failed)' if one['failed'] else ''}"
    for one in facts["prior_sensitivity"]:
        changed = ", ".join(f"{name} {number:g}" for name, number in one["changed"].items())
        yield f"  with {changed}: {_number(one)}{' (failed)' if one['failed'] else ''}"


def draw_estimates(title: str, found: Sequence[Estimated]) -> bytes:
    """A page that draws estimates: distributions, overlaps, without each list, with other priors."""
    return estimates_page(title, [one.drawn() for one in found], [_first_lines(one.facts()) for one in found])


# --- inner


def _first_lines(facts: Facts) -> list[str]:
    lines = list(estimate_lines(facts))
    return lines[: len(lines) - sum(len(facts[key]) for key in _BELOW)]


_BELOW = ("methods", "leave_one_out", "prior_sensitivity")


def _number(one: Mapping[str, Any]) -> str:
    if one["median"] is None:
        return "no number"
    widest = max(one["intervals"], key=lambda interval: float(interval["level"]), default=None)
    ends = "" if widest is None else f" ({widest['level']:.0%}: {widest['low']:,.0f}–{widest['high']:,.0f})"
    return f"{one['median']:,.0f}{ends}"


def _shape(draws: np.ndarray[Any, np.dtype[np.float64]]) -> list[tuple[float, float, int]]:
    """Bars of a histogram of draws, the outermost hundredth left out: from, to, how many."""
    if not len(draws):
        return []
    low, high = (float(end) for end in np.quantile(draws, [0.005, 0.995]))
    counts, edges = np.histogram(draws, _BARS, (low, max(high, low + 1)))
    return [
        (float(start), float(end), int(count))
        for start, end, count in zip(edges, edges[1:], counts, strict=False)
    ]


def _rows(path: Path, called: str) -> tuple[list[str], list[Sequence[str]]]:
    try:
        with path.open("rb") as stream:
            if stream.read(4) == b"PK\x03\x04":
                raise UsageError(f"{called} is a workbook", advice="save the sheet as CSV")
            stream.seek(0)
            rows = [row for row in open_table(stream).rows if not row.is_blank]
    except OSError as error:
        raise UsageError(f"{called} cannot be read: {error.strerror or error}") from error
    problem = next((row for row in rows if row.problem is not None), None)
    if problem is not None:
        raise MalformedError(f"{called} row {problem.number}: {problem.problem}")
    if not rows:
        raise MalformedError(f"{called} has no row")
    return [name.lstrip("\ufeff") for name in rows[0].cells], [row.cells for row in rows[1:]]
