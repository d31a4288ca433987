"""Verbs of counting: counts, what is reported over time; floor, what can be told apart on pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import Annotated

import typer

from witnessmark.cli.app import Common, at_desk, verb
from witnessmark.cli.screen import Screen, plain, some
from witnessmark.cli.weighing import ReasonOption
from witnessmark.desk import Desk, find_exhibit, must_be_new, write_folder
from witnessmark.desk.counts import COLUMN_SETS, Counts, draw_counts, series_facts, series_lines
from witnessmark.desk.floors import ASSUMED, Floors, counting_line, floor_lines
from witnessmark.desk.output import write_file
from witnessmark.desk.sidecar import Line
from witnessmark.errors import UsageError
from witnessmark.model import Investigation, Manner
from witnessmark.model.reported import Quantity
from witnessmark.wiring import find_case


@verb
def counts(
    common: Common,
    tables: Annotated[
        list[Path] | None,
        typer.Argument(help="Tables (CSV): your own, or of UCDP GED, ACLED, Iraq Body Count, Airwars."),
    ] = None,
    quantity: Annotated[
        str | None, typer.Option(help="killed, injured, missing, detained, exhumed, identified or other")
    ] = None,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="What stood on this day (ISO 8601).")] = None,
    out: Annotated[
        Path | None, typer.Option(help="A new folder for a page that draws them over time.")
    ] = None,
    export: Annotated[Path | None, typer.Option(help="Instead: write the ledger to a new CSV file.")] = None,
    columns: Annotated[
        str, typer.Option(help=f"In whose columns to export: {', '.join(COLUMN_SETS)}.")
    ] = "own",
) -> None:
    """Show who reports how many over time: by quantity and by lineage, as ranges, never added or averaged.

    Inside a case its confirmed statements come first; tables are read beside them, or by themselves.
    """
    wanted = _quantity(quantity)
    day = _day(on)
    for target in filter(None, (out, export)):
        must_be_new(target)
    with _maybe_at_desk(common, tables or (), writes=export is not None) as (desk, screen):
        found = Counts.of(None if desk is None else desk.case, tables or ())
        if export is not None:
            _export(desk, screen, found, export, columns)
            return
        told = [series_facts(one, day) for one in found.series(wanted)]
        for facts in told:
            screen.answer(facts, "\n".join(map(plain, series_lines(facts))) + "\n")
        for problem in found.unread:
            screen.aside(f"Not read: {plain(problem)}")
        if not told:
            screen.aside("No number is on record here. That does not say that nobody gave one.")
        if out is not None:
            title = (
                desk.case.find(Investigation)[-1][1].name
                if desk
                else ", ".join(one.name for one in tables or ())
            )
            write_folder(out, [("counts.html", draw_counts(title, told))])
            screen.aside(f"The page lies in {plain(str(out / 'counts.html'))}.")


@verb
def floor(
    common: Common,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Only these pictures; with a word below, the pictures or marks that it is about."
        ),
    ] = None,
    reach: Annotated[
        float, typer.Option(help="How far off a mark may be, in pixels of a picture 1,024 pixels long.")
    ] = 12.0,
    apart: Annotated[
        bool, typer.Option("--apart", help="To say: nothing in one of these scenes is in another of them.")
    ] = False,
    moved: Annotated[
        bool, typer.Option("--moved", help="To say: between these pictures things may have moved.")
    ] = False,
    may_be_one: Annotated[
        bool, typer.Option("--may-be-one", help="To say: these marks may be one thing, partly hidden.")
    ] = False,
    may_be_none: Annotated[
        bool, typer.Option("--may-be-none", help="To say: these marks may be nothing of the kind.")
    ] = False,
    as_marked: Annotated[
        bool, typer.Option("--as-marked", help="To take back what was said of these.")
    ] = False,
    reason: ReasonOption = "",
) -> None:
    """Count what people marked on pictures (`observe --purpose count`) without counting anything twice.

    The minimum is the largest set of marks that are provably different things, each with its region. Pictures
    not registered to each other yet are registered first, and that is on record.
    """
    given = (apart, moved, may_be_one, may_be_none, as_marked)
    said = [manner for manner, is_said in zip(Manner, given, strict=True) if is_said]
    if len(said) > 1:
        raise UsageError(f"give one of {', '.join('--' + one.replace(' ', '-') for one in said)}")
    if not 0 < reach <= 1024:
        raise UsageError(f"--reach {reach:g} is no part of a picture 1,024 pixels long")
    if said:
        _say(common, said[0], names or (), reason)
        return
    with at_desk(common, writes=True) as (desk, screen):
        only = frozenset(find_exhibit(desk.case, name) for name in names or ())
        with screen.progress("registering pictures") as progress:
            desk.register_views(progress)
        found = Floors(desk.case, only)
        told = found.told(reach / 1024)
        for facts in found.facts(told, reach / 1024):
            screen.answer(facts, "\n".join(map(plain, floor_lines(facts))) + "\n")
        screen.aside(
            ASSUMED if told else "Nobody has marked anything to be counted: `observe --purpose count`."
        )
        for failure in found.failures():
            screen.aside(plain(failure))


def _say(common: Common, manner: Manner, names: Sequence[str], reason: str) -> None:
    """Put a word on record on how marks or pictures are to be counted."""
    if not reason.strip():
        raise UsageError("say why with --reason; it stays on record")
    if not names or (len(names) < 2 and manner not in (Manner.MAY_BE_NONE, Manner.AS_MARKED)):
        raise UsageError(
            f"name what may be {manner.value}: two or more" if names else "name what it is said of"
        )
    with at_desk(common, writes=True) as (desk, screen):
        for digest, _ in desk.enter(_lines(desk, manner, names, reason)):
            screen.answer({"kind": "counting", "record": digest}, f"[green]counting[/] {digest}")


def _lines(desk: Desk, manner: Manner, names: Sequence[str], reason: str) -> list[Line]:
    if manner is Manner.APART:
        return Floors(desk.case).apart([find_exhibit(desk.case, name) for name in names], reason)
    if manner is Manner.MAY_BE_NONE or (manner is Manner.AS_MARKED and len(names) == 1):
        return [counting_line(manner.value, name, None, reason) for name in names]
    return [counting_line(manner.value, one, other, reason) for one, other in combinations(names, 2)]


@contextmanager
def _maybe_at_desk(
    common: Common, tables: Sequence[Path], *, writes: bool
) -> Iterator[tuple[Desk | None, Screen]]:
    """The desk, or only a screen where tables are given and there is no case around."""
    if tables and common.case is None and not _is_in_a_case():
        yield None, common.screen()
        return
    with at_desk(common, writes=writes) as (desk, screen):
        yield desk, screen


def _is_in_a_case() -> bool:
    try:
        find_case(None)
    except UsageError:
        return False
    return True


def _export(desk: Desk | None, screen: Screen, found: Counts, target: Path, columns: str) -> None:
    written, rows, left_out = found.written_as(columns)
    if desk is None:
        write_file(target, BytesIO(written))
    else:
        desk.give_counts(target, written, columns, rows)
    lost = (
        f" {some(left_out, 'entry has', 'entries have')} no column there and is not in it."
        if left_out
        else ""
    )
    said = f"{some(rows, 'row lies', 'rows lie')} in {target}.{lost}"
    screen.answer({"file": str(target), "columns": columns, "rows": rows, "left_out": left_out}, plain(said))


def _quantity(word: str | None) -> Quantity | None:
    if word is None:
        return None
    try:
        return Quantity(word.strip().lower())
    except ValueError as error:
        raise UsageError(f"{word!r} is none of: {', '.join(Quantity)}") from error


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a day", advice="such as 2014-06-27") from error
