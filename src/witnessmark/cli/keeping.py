"""Verbs of keeping: verify, scrub, renew, erase, log, rebuild."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from witnessmark.cli.app import Common, at_desk, verb
from witnessmark.cli.screen import Screen, plain, some
from witnessmark.desk import log_lines, verify_package
from witnessmark.errors import UnavailableError, UsageError
from witnessmark.model import Check, CheckState

EXIT_BROKEN = 6


@verb
def verify(
    common: Common,
    package: Annotated[Path | None, typer.Argument(help="A package to check instead of the case.")] = None,
    vkey: Annotated[str | None, typer.Option(help="The key of the package's log, from elsewhere.")] = None,
    trust_package_key: Annotated[
        bool,
        typer.Option(
            "--trust-package-key", help="Take the key from the package: it then only agrees with itself."
        ),
    ] = False,
) -> None:
    """Check everything again from the bytes up: holds, broken, or not checkable."""
    if package is not None:
        screen = common.screen()
        _say(verify_package(package, vkey, trust_package_key=trust_package_key), screen)
        return
    with at_desk(common, writes=False, warns=False) as (desk, screen):
        _say(desk.verify(), screen)


@verb
def scrub(
    common: Common,
    sample: Annotated[float, typer.Option(min=0.0, max=1.0, help="The share of objects to hash.")] = 1.0,
    repair_from: Annotated[
        list[Path] | None, typer.Option(help="A copy of the case or a package to mend from; repeat it.")
    ] = None,
) -> None:
    """Hash what is kept, and mend what has rotted from a copy that hashes right."""
    for place in repair_from or ():
        if not place.is_dir():
            raise UsageError(f"{place} is no folder", advice="give a copy of the case, or a package of it")
    with at_desk(common, writes=True) as (desk, screen):
        _say(desk.scrub(sample, repair_from or []), screen)


@verb
def renew(common: Common) -> None:
    """Stamp again what outside time stamps would expire soon."""
    with at_desk(common, writes=True) as (desk, screen):
        count, left = desk.renew()
        renewed = f"{some(count, 'time stamp was', 'time stamps were')} renewed."
        screen.answer({"renewed": count, "left": left}, renewed)
        if left:
            raise UnavailableError(
                f"{some(left, 'time stamp', 'time stamps')} will expire soon and could not be renewed",
                advice="run it again in time, or name a further [[authority]] in the settings",
            )


@verb
def erase(
    common: Common,
    names: Annotated[
        list[str], typer.Argument(help="What to erase for good: exhibits, or records by their digest.")
    ],
    reason: Annotated[str, typer.Option(help="Why; it stays on record.")],
) -> None:
    """Destroy exhibits, what was made of them and said of them. The log keeps a tombstone and verifies."""
    with at_desk(common, writes=True) as (desk, screen):
        tombstone = desk.erase(names, reason)
        screen.answer(
            {"objects": tombstone.objects, "commitments": tombstone.commitments},
            f"Erased: {some(len(tombstone.objects), 'object or record', 'objects and records')}, "
            f"{some(len(tombstone.commitments), 'personal value', 'personal values')}. "
            "Copies and backups elsewhere are not: erase those too.",
        )


@verb
def log(
    common: Common,
    start: Annotated[int, typer.Option(min=0, max=2**53, help="The first entry.")] = 0,
    key: Annotated[
        bool, typer.Option("--key", help="Only the log's name and the key that verifies it.")
    ] = False,
    export: Annotated[
        Path | None, typer.Option(help="Write the log as static tiles into this folder.")
    ] = None,
    accept: Annotated[
        bool,
        typer.Option(
            "--accept", help="Take this log for the one last published, if published.json was lost."
        ),
    ] = False,
) -> None:
    """Show the custody log: who did what, when, with what. Writing it out is an entry of its own."""
    with at_desk(common, writes=export is not None, warns=not accept) as (desk, screen):
        if accept:
            size = desk.accept_log()
            screen.answer(
                {"size": size}, f"The log is accepted as it stands, at {some(size, 'entry', 'entries')}."
            )
            return
        if key:
            origin, vkey = desk.case.origin()
            screen.answer({"origin": origin, "vkey": vkey}, plain(vkey))
            return
        if export is not None:
            count = desk.export_log(export)
            screen.answer(
                {"files": count, "folder": str(export)},
                f"{some(count, 'file', 'files')} in {plain(str(export))}",
            )
            return
        for facts, sentence in log_lines(desk.case, start):
            screen.answer(facts, plain(sentence))


@verb
def rebuild(common: Common) -> None:
    """Drop the catalog and make it again from the log, the records and the vault."""
    with at_desk(common, writes=False, warns=False) as (desk, screen):
        count = desk.rebuild()
        screen.answer(
            {"entries": count}, f"The catalog was made again from {some(count, 'entry', 'entries')}."
        )


def _say(checks: Iterable[Check], screen: Screen) -> None:
    """Every check, then their sum; the exit code says whether anything is broken."""
    states: Counter[CheckState] = Counter()
    for check in checks:
        states[check.state] += 1
        screen.check(check)
    screen.aside(", ".join(f"{states[state]} {state}" for state in CheckState))
    if states[CheckState.BROKEN]:
        raise typer.Exit(EXIT_BROKEN)
