"""The verb of lists of victims: link them, go through doubtful pairs at the keyboard, rule on two rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

import typer

from witnessmark.cli.app import Common, at_desk, verb
from witnessmark.cli.reviewing import keyboard, require_terminal
from witnessmark.cli.screen import Screen, isolated, plain, some
from witnessmark.cli.weighing import ReasonOption
from witnessmark.desk import Desk, must_be_new
from witnessmark.desk.linking import (
    LIMITS,
    Asked,
    Linking,
    exhibits,
    files,
    linking,
    table_csv,
    with_cells,
)
from witnessmark.desk.output import write_file
from witnessmark.errors import UsageError
from witnessmark.weigh.linking import Linked, Meaning
from witnessmark.wiring import locked_room

_KEYS = "[bold]s[/] same person  [bold]d[/] different  [bold]k[/] skip  [bold]q[/] quit"
_VERDICTS = {"s": "same", "d": "different"}
_ACTS = ("link", "review", "rule")


@verb
def lists(
    common: Common,
    act: Annotated[str, typer.Argument(help="link, review (at the keyboard), or rule (on two rows).")],
    what: Annotated[
        list[str],
        typer.Argument(help="The lists: files, or exhibits of the case; to rule, two rows: E00003:12."),
    ],
    unique: Annotated[
        list[str] | None, typer.Option(help="A list in which nobody stands twice; repeat it.")
    ] = None,
    on: Annotated[
        str | None, typer.Option(help="The day on which ages are reckoned where births are told (ISO 8601).")
    ] = None,
    show: Annotated[
        list[str] | None,
        typer.Option(help="Tell the cells of this column too, by header or meaning; repeat it."),
    ] = None,
    table: Annotated[
        Path | None, typer.Option(help="A new CSV of how many people are on which lists, for `estimate`.")
    ] = None,
    draws: Annotated[
        int, typer.Option(min=0, max=1000, help="In that table: so many ways in which rows may be people.")
    ] = 0,
    verdict: Annotated[str, typer.Option(help="To rule: same, different, or open.")] = "",
    reason: ReasonOption = "",
) -> None:
    """Say which rows of lists of victims name one person, how surely and why; a person decides the doubtful.

    Names leave this command only in columns that --show names.
    """
    if act not in _ACTS:
        raise UsageError(f"{act!r} is nothing to do with lists", advice=f"known are {', '.join(_ACTS)}")
    if draws and table is None:
        raise UsageError("--draws goes with --table")
    if table is not None:
        must_be_new(table)
    asked = Asked(tuple(unique or ()), _day(on), draws, tuple(show or ()))
    if act == "rule":
        _rule(common, what, verdict, reason)
    elif act == "review":
        _review(common, what, asked)
    else:
        _link(common, what, asked, table)


def _link(common: Common, what: Sequence[str], asked: Asked, table: Path | None) -> None:
    with _lying_open(common, what) as (open_lists, desk, screen):
        found = _linked(open_lists, asked, screen)
        told = with_cells(open_lists, found, found.told(), asked.shown)
        if desk is not None:
            desk.note_linked(found, open_lists, asked)
        _tell(found, told, open_lists, screen)
        if table is not None:
            names = [Path(roll.called).stem for roll in found.rolls]
            tables = list(found.drawn_tables(asked.draws)) if asked.draws else [found.table()]
            write_file(table, BytesIO(table_csv(names, tables, drawn=bool(asked.draws))))
            screen.aside(plain(f"The table lies in {table}."))


def _tell(found: Linked, told: Iterable[Mapping[str, Any]], open_lists: Linking, screen: Screen) -> None:
    for one in found.lists():
        facts = {**one, "unread": open_lists.unread.get(str(one["list"]), 0)}
        screen.answer(facts, list_shown(facts))
    for pair in told:
        screen.answer(dict(pair), pair_shown(pair))
    for person in found.persons():
        rows = ", ".join(f"{row['list']} {row['row']}" for row in person["rows"])
        screen.answer(person, plain(f"person {person['person']}: {rows}"))
    table = found.table()
    counts = found.counts()
    summary = {
        "rows": len(found.people.lists),
        "people": sum(table.values()),
        **counts,
        "patterns": [{"lists": list(pattern), "people": count} for pattern, count in table.items()],
        "limits": LIMITS,
    }
    people = some(sum(table.values()), "person", "people")
    said = (
        f"{some(len(found.people.lists), 'row', 'rows')}, {people};"
        f" {some(counts['linked'], 'pair', 'pairs')} linked, {counts['review']:,} for a person to look at."
    )
    screen.answer(summary, f"{plain(said)}\n{plain(LIMITS)}")


def _review(common: Common, what: Sequence[str], asked: Asked) -> None:
    """Go through the doubtful pairs; each decision is on record at once."""
    require_terminal()
    with (
        at_desk(common, writes=True) as (desk, screen),
        keyboard() as (key, ask),
        linking(exhibits(desk.case, what), desk.room, desk.case) as open_lists,
    ):
        found = _linked(open_lists, asked, screen)
        waiting = [one for one in found.told() if one["review"] and not _is_ruled(found, one)]
        told = list(with_cells(open_lists, found, waiting, asked.shown or _shown_in_review(found)))
        place_of = {roll.called: place for place, roll in enumerate(found.rolls)}
        for count, pair in enumerate(told, 1):
            screen.aside(f"[dim]── {count} of {len(told)}[/]\n{pair_shown(pair)}\n{_KEYS}")
            pressed = _one_of(key, "sdkq")
            if pressed in _VERDICTS:
                reason = ask("Why? ").strip() or "looked at both rows in review"
                one, other = ((place_of[side["list"]], side["row"]) for side in pair["pair"])
                desk.identify(open_lists, (one, other), _VERDICTS[pressed], reason)
            elif pressed != "k":
                break


def _shown_in_review(found: Linked) -> list[str]:
    """What a person has to see to decide: every column that is compared."""
    meant = {str(one["meaning"]) for roll in found.rolls for one in roll.columns_told()}
    return sorted(meant - {Meaning.IGNORED.value})


def _rule(common: Common, what: Sequence[str], verdict: str, reason: str) -> None:
    if len(what) != 2 or not verdict:
        raise UsageError("to rule, give two rows such as E00003:12, --verdict and --reason")
    named = [_row(one) for one in what]
    with at_desk(common, writes=True) as (desk, screen):
        sources = exhibits(desk.case, list(dict.fromkeys(name for name, _ in named)))
        place_of = {source.exhibit: place for place, source in enumerate(sources)}
        rows = [(place_of[exhibits(desk.case, [name])[0].exhibit], row) for name, row in named]
        with linking(sources, desk.room, desk.case) as open_lists:
            record = desk.identify(open_lists, (rows[0], rows[1]), verdict, reason)
        screen.answer(
            {"kind": "identification", "record": record}, f"[green]identification[/] {plain(record)}"
        )


@contextmanager
def _lying_open(common: Common, what: Sequence[str]) -> Iterator[tuple[Linking, Desk | None, Screen]]:
    """The lists, read: files without a case, exhibits at its desk."""
    if all(Path(one).is_file() for one in what):
        with locked_room() as room, linking(files([Path(one) for one in what]), room) as open_lists:
            yield open_lists, None, common.screen()
        return
    if any(Path(one).is_file() for one in what):
        raise UsageError(
            "give files or exhibits, not both", advice="take the files in: then all are exhibits"
        )
    with (
        at_desk(common, writes=True) as (desk, screen),
        linking(exhibits(desk.case, what), desk.room, desk.case) as open_lists,
    ):
        yield open_lists, desk, screen


def _linked(open_lists: Linking, asked: Asked, screen: Screen) -> Linked:
    screen.aside("Linking; a few thousand rows take less than a minute.")
    found = open_lists.link(asked)
    list(open_lists.allowed(found, asked.shown))
    return found


def list_shown(facts: Mapping[str, Any]) -> str:
    """A list in a few lines: its rows and people, and how its columns were understood."""
    unread = f", {some(facts['unread'], 'row', 'rows')} could not be read" if facts["unread"] else ""
    lines = [f"[bold]{plain(facts['list'])}[/]: {facts['rows']} rows, {facts['people']} people{unread}"]
    for one in facts["columns"]:
        header = isolated(one["header"]) if one["header"] else f"column {one['column']}"
        lines.append(f"    {header}: {plain(one['meaning'])} (by {plain(one['by'])})")
    if facts["family_name_first"]:
        lines.append("    names are written with the family name first")
    return "\n".join(lines)


def pair_shown(pair: Mapping[str, Any]) -> str:
    """A pair in a few lines: which rows, how likely, and what speaks for it and against it in bits."""
    mark = "[green]linked[/]" if pair["linked"] else "not linked"
    doubt = " [yellow]look at it[/]" if pair["review"] else ""
    sides = " = ".join(plain(f"{side['list']} {side['row']}") for side in pair["pair"])
    lines = [f"{sides}  {pair['probability']:.0%} {mark}{doubt}"]
    shown = [side["cells"].values() for side in pair["pair"] if "cells" in side]
    lines += ["    " + "  ".join(isolated(cell) for cell in cells if cell.strip()) for cells in shown]
    met = [f"{one['feature']} {one['met']} {one['weight']:+.1f}" for one in pair["features"]]
    lines.append(
        plain(f"    {'; '.join(met)}; together {pair['together']:+.1f}; before {pair['prior']:+.1f}")
    )
    return "\n".join(lines)


def _is_ruled(found: Linked, pair: Mapping[str, Any]) -> bool:
    ruled = [{tuple(found.where(n).values()) for n in numbers} for numbers in found.ruled]
    return {(side["list"], side["row"]) for side in pair["pair"]} in ruled


def _one_of(key: Callable[[], str], keys: str) -> str:
    pressed = key()
    while pressed and pressed not in keys and pressed != "\x04":
        pressed = key()
    return pressed


def _row(text: str) -> tuple[str, int]:
    name, _, row = text.rpartition(":")
    if not name or not row.isdecimal():
        raise UsageError(f"{text!r} is no row of a list", advice="write it as E00003:12")
    return name, int(row)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no day such as 2024-11-19") from error
