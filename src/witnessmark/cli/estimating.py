"""The verb of estimates: how many in all, from partly overlapping lists, or why that cannot be said."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from witnessmark.cli.app import Common, at_desk, verb
from witnessmark.cli.screen import Screen, plain
from witnessmark.desk import Desk, find_exhibit, must_be_new, write_folder
from witnessmark.desk.estimates import (
    Asked,
    Strata,
    draw_estimates,
    estimate_lines,
    estimated,
    tables_in,
    tables_of_case,
)
from witnessmark.desk.presence import lies_here
from witnessmark.errors import UsageError
from witnessmark.model import Digest
from witnessmark.weigh.estimating import Settings
from witnessmark.weigh.estimating.chains import Prior


@verb
def estimate(
    common: Common,
    table: Annotated[
        str,
        typer.Argument(
            metavar="TABLE|CASE",
            help="Who is on which lists: a CSV such as `lists link --table` writes, an exhibit, or a"
            " case folder: then the lists that were last linked in it.",
        ),
    ],
    lists: Annotated[
        list[str] | None, typer.Option(help="A column that is a list, if not all are; repeat it.")
    ] = None,
    by: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Estimate for each stratum that this column names.")
    ] = None,
    classes: Annotated[int, typer.Option(help="At most so many kinds of persons (2 to 64).")] = 10,
    cap: Annotated[float, typer.Option(help="At most so many times as many unseen as seen.")] = 20.0,
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds on equal tables give equal numbers.")] = 1,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out what each list and the prior contribute.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="A new folder for a page that draws it.")] = None,
    enter: Annotated[
        str,
        typer.Option(metavar="WHOM", help="Put it on record, for the brief: an estimate of whom."),
    ] = "",
) -> None:
    """Estimate how many there are in all, from lists that partly overlap; or say why no number is printed.

    Several methods stand beside each other. Where they contradict each other, where chains disagree, or with
    fewer than three usable lists, the headline is refused, with reasons.
    """
    settings = Settings(Prior(classes=classes, cap=cap), seed=seed, beside=not quick)
    asked = Asked(tuple(lists or ()), by, settings)
    if out is not None:
        must_be_new(out)
    with ExitStack() as open_things:
        given = _given(open_things, common, table, asked, writes=bool(enter))
        with given.screen.progress("estimating") as progress:
            found = list(estimated(given.strata, asked, progress))
        for one in found:
            facts = one.facts()
            given.screen.answer(facts, "\n".join(map(plain, estimate_lines(facts))) + "\n")
        if out is not None:
            write_folder(out, [("estimates.html", draw_estimates(table, found))])
            given.screen.aside(f"The page lies in {plain(str(out / 'estimates.html'))}.")
        if given.desk is not None and enter:
            for record in given.desk.enter_estimates(enter, found, given.rests_on, asked):
                given.screen.answer({"kind": "estimate", "record": record}, f"[green]estimate[/] {record}")


@dataclass(frozen=True, slots=True)
class _Given:
    """What is estimated from, and the desk if it lies in a case."""

    screen: Screen
    strata: Strata
    desk: Desk | None = None
    rests_on: Sequence[Digest] = ()


def _given(open_things: ExitStack, common: Common, table: str, asked: Asked, *, writes: bool) -> _Given:
    path = Path(table)
    if path.is_file():
        if writes:
            raise UsageError(f"{table} is no exhibit: nothing on record can rest on it", advice="take it in")
        return _Given(common.screen(), tables_in(path, asked, path.name))
    if path.is_dir():
        if asked.lists or asked.by:
            raise UsageError("--lists and --by are about a table, not about a case")
        desk, screen = open_things.enter_context(at_desk(replace(common, case=path), writes=writes))
        screen.aside("Linking the lists of the case again, after all that people said on who is who.")
        strata, rests_on = tables_of_case(desk.case, desk.room)
        return _Given(screen, strata, desk, rests_on)
    if table.lower().endswith((".csv", ".tsv")):
        raise UsageError(
            f"{table} is no table that can be read",
            advice="give a CSV, or an exhibit of a case; of lists themselves: `lists link … --table`",
        )
    desk, screen = open_things.enter_context(at_desk(common, writes=writes))
    digest = find_exhibit(desk.case, table)
    if not lies_here(desk.case, digest):
        raise UsageError(f"{table} does not lie here any more: it was erased")
    with desk.case.checked(digest) as lying:
        strata = tables_in(lying, asked, table)
    return _Given(screen, strata, desk, (digest,))
