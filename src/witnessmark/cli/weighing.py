"""Verbs of weighing: review what is proposed; claims and lineages, as they stand and as people rule them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Annotated

import typer

from witnessmark.cli.app import Common, at_desk, verb
from witnessmark.cli.claims_shown import (
    change_shown,
    claim_shown,
    grid_shown,
    grouped_shown,
    lineage_shown,
    oddity_shown,
)
from witnessmark.cli.reviewing import Sitting, keyboard, require_terminal
from witnessmark.cli.screen import Screen
from witnessmark.desk import Claims, Line, changes, entry_at
from witnessmark.desk.arranging import split_off, taken_back
from witnessmark.desk.erasing import called
from witnessmark.desk.reviewing import Reviewing, grouped_facts
from witnessmark.errors import UsageError
from witnessmark.model import Digest
from witnessmark.model.wire import Noun

ReasonOption = Annotated[str, typer.Option(help="Why; it stays on record.")]


@partial(verb, without="as_json")
def review(
    common: Common,
    exhibits: Annotated[
        list[str] | None, typer.Argument(help="The texts to go through; all of them if left out.")
    ] = None,
) -> None:
    """Go through proposed statements at the keyboard: confirm, edit, reject, skip, undo."""
    require_terminal()
    with (
        at_desk(common, writes=True) as (desk, screen),
        desk.reviewing(exhibits or ()) as reviewing,
        keyboard() as (key, ask),
    ):
        Sitting(reviewing, screen, key, ask).run()


@verb
def claims(
    common: Common,
    claim: Annotated[
        str | None, typer.Argument(help="One claim with everything on it: its number, words or digest.")
    ] = None,
    proposed: Annotated[
        bool, typer.Option("--proposed", help="What nobody has reviewed yet, by claim; and claims alike.")
    ] = False,
    since: Annotated[
        str | None, typer.Option(help="What changed since a time (ISO 8601) or an entry of the log.")
    ] = None,
    move: Annotated[
        str | None, typer.Option(help="Count a statement under another claim, or merge a claim into it.")
    ] = None,
    to: Annotated[str | None, typer.Option(help="The claim that --move moves to.")] = None,
    new: Annotated[
        str | None,
        typer.Option(help="Instead of --to: the words of a new claim that --move splits it off to."),
    ] = None,
    undo: Annotated[
        str | None, typer.Option(help="Take a move or a merger back: its record, by its digest.")
    ] = None,
    reason: ReasonOption = "",
) -> None:
    """Show who stands how to each claim, sources folded into lineages; or move, merge, split and undo."""
    if any(one is not None for one in (move, to, new, undo)):
        _arrange(common, (move, to, new, undo), reason)
        return
    with at_desk(common, writes=False) as (desk, screen):
        if proposed:
            for facts in grouped_facts(desk.case, Reviewing(desk.case, desk.custodian)):
                screen.answer(facts, grouped_shown(facts))
            return
        found = Claims.of(desk.case)
        if since is not None:
            for _, facts in changes(desk.case, entry_at(desk.case, since)):
                screen.answer(facts, change_shown(facts))
            return
        wanted = found.called(claim)
        told = [found.facts(number, one) for number, one in wanted]
        if not common.as_json and claim is None and told:
            screen.answer({}, grid_shown(told, [facts for _, facts in found.lineages()], screen.width))
        for facts in told:
            screen.answer(facts, claim_shown(facts, whole=claim is not None))


def _arrange(
    common: Common, asked: tuple[str | None, str | None, str | None, str | None], reason: str
) -> None:
    move, to, new, undo = asked
    if undo is None and new is None:
        rule(common, {"kind": "filing", "about": move, "claim": to, "reason": reason})
        return
    if (undo is None) == (move is None) or to is not None or (undo is not None and new is not None):
        raise UsageError("give --move with --to or --new, or --undo by itself")
    with at_desk(common, writes=True) as (desk, screen):
        if undo is not None:
            made = desk.enter(*taken_back(desk.case, called(desk.case, undo), reason))
        else:
            made = desk.enter(split_off(desk.case, called(desk.case, move or ""), new or "", reason))
        _told(screen, made)


@verb
def lineages(
    common: Common,
    statement: Annotated[
        str | None, typer.Argument(help="To rule: the statement that has it from another, or has not.")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Argument(help="The statements or exhibits that it does or does not have it from."),
    ] = None,
    tie: Annotated[bool, typer.Option("--tie", help="It depends on them.")] = False,
    apart: Annotated[bool, typer.Option("--apart", help="It is independent of them.")] = False,
    reason: ReasonOption = "",
) -> None:
    """Show which statements go back to one knowledge of things, and on what that rests; or rule on it."""
    if statement is not None or tie or apart:
        if statement is None or not source or tie == apart:
            raise UsageError(
                "to rule, give a statement, what it does or does not depend on, and --tie or --apart"
            )
        word = "dependent" if tie else "independent"
        rule(
            common,
            *(
                {"kind": "tie", "statement": statement, "source": one, "dependence": word, "reason": reason}
                for one in source
            ),
        )
        return
    with at_desk(common, writes=False) as (desk, screen):
        found = Claims.of(desk.case)
        for _, facts in found.lineages():
            screen.answer(facts, lineage_shown(facts))
        for facts in found.oddities():
            screen.answer(facts, oddity_shown(facts))


def rule(common: Common, *tables: Mapping[str, object]) -> None:
    """Put rulings on record: all of them or none."""
    lines = [Line("the command", {name: value for name, value in table.items() if value}) for table in tables]
    with at_desk(common, writes=True) as (desk, screen):
        _told(screen, desk.enter(lines))


def _told(screen: Screen, entered: Iterable[tuple[Digest, Noun]]) -> None:
    for digest, noun in entered:
        kind = type(noun).__name__.lower()
        screen.answer({"kind": kind, "record": digest}, f"[green]{kind}[/] {digest}")
