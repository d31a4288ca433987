"""Verbs of coming in and looking up: new, take, show, find."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from witnessmark.cli.app import Common, at_desk, verb
from witnessmark.cli.groups import in_groups
from witnessmark.cli.screen import Screen, plain, some
from witnessmark.desk import (
    Settled,
    Wanted,
    describe,
    find_exhibit,
    find_words,
    list_exhibits,
    texts_looked_into,
    versions_told,
)
from witnessmark.errors import NoRoomError, UnavailableError, UsageError
from witnessmark.model import Outcome
from witnessmark.wiring import Begin, new_desk

EXIT_SOME_FAILED = 5
SENSITIVE = 2
"""From this level on, showing what is known of an exhibit is an entry in the log."""


@partial(verb, without="case")
def new(
    common: Common,
    folder: Annotated[Path, typer.Argument(help="A folder for the case, new or empty.")],
    name: Annotated[str, typer.Option(help="What the case is called.")],
    focus: Annotated[str, typer.Option(help="What is to be found out.")] = "",
    authorization: Annotated[str, typer.Option(help="On what authority or legal basis.")] = "",
    origin: Annotated[
        str | None, typer.Option(help="The name of the log, if it should be a certain one.")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            help="For a desk of several: postgresql://host/database, where all but the objects will lie."
        ),
    ] = None,
) -> None:
    """Begin a case, with keys of its own outside of it."""
    screen = common.screen()
    desk = new_desk(folder, Begin(name, focus, authorization, origin, database), common.hand(screen))
    log, vkey = desk.case.origin()
    where = desk.required_keys().folder
    desk.close()
    screen.answer(
        {"case": str(folder), "origin": log, "vkey": vkey, "keys": str(where)},
        f"The case [bold]{plain(name)}[/] lies in {plain(str(folder))}.\n"
        f"Its keys lie in {plain(str(where))}: keep a copy where the case is not.\n"
        f"Publish this key somewhere that others can find it: [bold]{plain(vkey)}[/]",
    )


@verb
def take(
    common: Common,
    sources: Annotated[
        list[Path], typer.Argument(readable=False, help="Files, folders, archives, mail, saved pages.")
    ],
    leads: Annotated[bool, typer.Option("--leads", help="The sources are spreadsheets of leads.")] = False,
    source_url: Annotated[str | None, typer.Option(help="The address that the material came from.")] = None,
    legal_basis: Annotated[str | None, typer.Option(help="Why you may hold it.")] = None,
    note: Annotated[str | None, typer.Option(help="A note, kept erasable.")] = None,
) -> None:
    """Take material in: seal it, open what holds more, examine it, and look for where it was before."""
    failed, too_large = 0, list[Settled]()
    with at_desk(common, writes=True) as (desk, screen):
        wanted = Wanted(sources, leads, source_url, legal_basis, note)
        with tempfile.TemporaryDirectory() as quarantine, screen.progress("taking in") as progress:
            for settled in desk.take(wanted, Path(quarantine), progress):
                failed += settled.outcome is Outcome.FAILED
                too_large += [settled] * settled.lacks_room
                _answer(screen, settled)
        if not common.as_json:
            unread = f"{some(failed, 'thing', 'things')} could not be read, so not taken in. The rest"
            screen.aside(f"{unread if failed else 'Everything above'} is sealed and on record.")
    if too_large:
        others = f" and {len(too_large) - 1:,} more" if len(too_large) > 1 else ""
        raise NoRoomError(f"{too_large[0].source}{others} not taken in: {too_large[0].reason}")
    if failed:
        raise typer.Exit(EXIT_SOME_FAILED)


@verb
def show(
    common: Common,
    exhibit: Annotated[
        str | None, typer.Argument(help="An exhibit number; all exhibits if left out.")
    ] = None,
    text: Annotated[bool, typer.Option("--text", help="The readable text that was kept.")] = False,
    versions: Annotated[
        bool,
        typer.Option("--versions", help="What was taken of its address, and what changed each time."),
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Copy the original to this file; the reading is logged.")
    ] = None,
) -> None:
    """Show the exhibits, or one with everything that is known about it. Pictures are never opened."""
    if out is not None and exhibit is None:
        raise UsageError("--out needs an exhibit")
    if versions:
        _show_versions(common, exhibit)
        return
    with at_desk(common, writes=out is not None) as (desk, screen):
        if exhibit is None:
            for facts, sentence in list_exhibits(desk.case):
                screen.answer(facts, plain(sentence))
        elif out is not None:
            digest = desk.copy_out(exhibit, out)
            screen.answer({"exhibit": exhibit, "sha256": digest.hex, "file": str(out)}, plain(str(out)))
        else:
            digest = find_exhibit(desk.case, exhibit)
            if desk.level_of(digest) >= SENSITIVE:
                desk.read(exhibit, "shown")
            facts, lines = describe(desk.case, digest, with_text=text, stamped=desk.stamped())
            screen.answer(facts, "\n".join(map(plain, lines)))


def _show_versions(common: Common, exhibit: str | None) -> None:
    if exhibit is None:
        raise UsageError("--versions needs an exhibit")
    with at_desk(common, writes=False) as (desk, screen):
        found = list(versions_told(desk.case, find_exhibit(desk.case, exhibit)))
        for facts, sentence in found:
            screen.answer(facts, plain(sentence))
        if not found:
            screen.aside(f"{exhibit} is the only one that was taken of its address, or none is known.")


@verb
def find(
    common: Common,
    words: Annotated[str | None, typer.Argument(help="Words to look for in the readable texts.")] = None,
    like: Annotated[
        Path | None, typer.Option("--like", help="A picture, recording or text; it is not taken in.")
    ] = None,
) -> None:
    """Find where words stand, or where a picture, recording or text was seen before, within the case."""
    if (words is None) == (like is None):
        raise UsageError("say either words or --like FILE")
    found = 0
    with at_desk(common, writes=False) as (desk, screen):
        answer = None if like is None else desk.find_like(like)
        for facts, sentence in (
            find_words(desk.case, str(words)) if answer is None else in_groups(desk, answer)
        ):
            found += 1
            screen.answer(facts, "\n".join(map(plain, sentence.split("\n"))))
        for remark in () if answer is None else answer.remarks:
            screen.aside(plain(remark))
        if words is not None:
            looked_into, all_of_them = texts_looked_into(desk.case)
            unread = some(all_of_them - looked_into, "exhibit has", "exhibits have")
            screen.aside(
                f"{some(found, 'place', 'places')} in {some(looked_into, 'readable text', 'readable texts')};"
                f" {unread} none and could not be looked into."
            )
        elif not found:
            screen.aside("Nothing in the case was found to be like it. That does not say that it is new.")


def _answer(screen: Screen, settled: Settled) -> None:
    """Say what became of one thing; a run whose answers nobody reads is ended, not finished in silence."""
    try:
        screen.answer(_facts(settled), _sentence(settled))
    except BrokenPipeError as error:
        raise UnavailableError(
            "nobody reads the answers any more, so the taking in was stopped",
            advice="what was acknowledged is safe; the same command goes on from here",
        ) from error


def _facts(settled: Settled) -> dict[str, Any]:
    copy = settled.copy
    return {
        "exhibit": settled.exhibit,
        "sha256": copy.digest.hex if copy else None,
        "media_type": copy.media_type if copy else None,
        "size": copy.size if copy else None,
        "source": settled.source,
        "outcome": settled.outcome.value,
        "reason": settled.reason,
        "findings": settled.findings,
        "matches": settled.matches,
    }


def _sentence(settled: Settled) -> str:
    if settled.copy is None:
        return f"[yellow]{settled.outcome}[/] {plain(settled.source)}: {plain(settled.reason or '')}"
    tail = f" [dim]({plain(settled.reason)})[/]" if settled.reason else ""
    matched = f", [bold]{some(settled.matches, 'match', 'matches')}[/]" if settled.matches else ""
    return (
        f"[green]{settled.exhibit}[/] {plain(settled.source)} [dim]{settled.copy.media_type}, "
        f"{some(settled.findings, 'finding', 'findings')}[/]{matched}{tail}"
    )
