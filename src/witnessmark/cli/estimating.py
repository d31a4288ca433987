"""The verb of estimates: how many in all, from partly overlapping lists, or why that cannot be said."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from witnessmark.cli.app import Common, at_desk, verb
from witnessmark.cli.screen import Screen, plain
from witnessmark.desk import find_exhibit, must_be_new, write_folder
from witnessmark.desk.estimates import Asked, Estimated, draw_estimates, estimate_lines, estimated
from witnessmark.desk.presence import lies_here
from witnessmark.errors import UsageError
from witnessmark.weigh.estimating import Settings
from witnessmark.weigh.estimating.chains import Prior


@verb
def estimate(
    common: Common,
    table: Annotated[
        str,
        typer.Argument(
            help="Who is on which lists: a CSV such as `lists link --table` writes, or an exhibit."
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
) -> None:
    """Estimate how many there are in all, from lists that partly overlap; or say why no number is printed.

    Three methods stand beside each other. Where they contradict each other, where chains disagree, or with
    fewer than three usable lists, the headline is refused, with reasons.
    """
    settings = Settings(Prior(classes=classes, cap=cap), seed=seed, beside=not quick)
    asked = Asked(tuple(lists or ()), by, settings)
    if out is not None:
        must_be_new(out)
    if Path(table).is_file():
        _estimate(common.screen(), Path(table), Path(table).name, asked, out)
        return
    if Path(table).is_dir() or table.lower().endswith((".csv", ".tsv")):
        raise UsageError(
            f"{table} is no table that can be read",
            advice="give a CSV, or an exhibit of a case; of lists themselves: `lists link … --table`",
        )
    with at_desk(common, writes=False) as (desk, screen):
        digest = find_exhibit(desk.case, table)
        if not lies_here(desk.case, digest):
            raise UsageError(f"{table} does not lie here any more: it was erased")
        with desk.case.checked(digest) as path:
            _estimate(screen, path, table, asked, out)


def _estimate(screen: Screen, path: Path, named: str, asked: Asked, out: Path | None) -> None:
    found: list[Estimated] = []
    with screen.progress("estimating") as progress:
        found += estimated(path, asked, progress, named)
    for one in found:
        facts = one.facts()
        screen.answer(facts, "\n".join(map(plain, estimate_lines(facts))) + "\n")
    if out is not None:
        write_folder(out, [("estimates.html", draw_estimates(named, found))])
        screen.aside(f"The page lies in {plain(str(out / 'estimates.html'))}.")
