"""Verbs of giving out: brief and package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from witnessmark.cli.app import (
    CaseOption,
    Common,
    JsonOption,
    KeysOption,
    PersonOption,
    app,
    at_desk,
)
from witnessmark.cli.screen import plain
from witnessmark.desk import Choice, must_be_new, write_folder
from witnessmark.model import CheckState

DiscloseOption = Annotated[
    list[str] | None, typer.Option(help="An exhibit whose source may be shown; repeat it.")
]


@app.command()
def brief(
    out: Annotated[Path, typer.Argument(help="A new folder for the brief.")],
    disclose: DiscloseOption = None,
    case: CaseOption = None,
    keys: KeysOption = None,
    who: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the brief: who says what, what was found, and what nobody could verify."""
    with at_desk(Common(case, keys, who, as_json), writes=True) as (desk, screen):
        must_be_new(out)
        files = desk.brief(frozenset(disclose or ()))
        write_folder(out, files.items())
        screen.answer(
            {"brief": str(out / "brief.html"), "files": len(files)},
            f"The brief lies in {plain(str(out / 'brief.html'))} (and brief.md beside it).",
        )


@app.command()
def package(
    out: Annotated[Path, typer.Argument(help="A new folder for the package.")],
    disclose: DiscloseOption = None,
    withhold: Annotated[
        list[str] | None, typer.Option(help="An exhibit whose bytes stay at the desk; repeat it.")
    ] = None,
    whole_log: Annotated[bool, typer.Option("--whole-log", help="Enclose every tile of the log.")] = False,
    case: CaseOption = None,
    keys: KeysOption = None,
    who: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """Seal everything that the brief rests on into a package that others can check without us."""
    with at_desk(Common(case, keys, who, as_json), writes=True) as (desk, screen):
        made = desk.package(out, Choice(frozenset(disclose or ()), frozenset(withhold or ()), whole_log))
        held = sum(check.state is CheckState.HOLDS for check in made.checks)
        vkey = desk.case.origin()[1]
        screen.answer(
            {"package": str(made.path), "files": made.files, "bytes": made.octets, "seal": made.seal},
            f"The package lies in {plain(str(made.path))}: {made.files} files, {made.octets:,} bytes, "
            f"sealed by log entry {made.seal}.\nIt was opened again and {held} checks hold.\n\n"
            f"Check it without us:\n  cd {plain(str(made.path))}\n"
            f"  sha256sum -c --quiet manifest-sha256.txt tagmanifest-sha256.txt\n"
            f"  bagit.py --validate .\n"
            f"  python3 verify_package.py . --vkey '{plain(vkey)}'\n"
            f"VERIFY.txt says what each of these proves, and how `openssl ts` checks the time stamps.",
        )
