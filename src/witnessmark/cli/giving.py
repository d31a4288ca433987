"""Verbs of giving out: brief and package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from witnessmark.cli.app import Common, at_desk, verb
from witnessmark.cli.screen import isolated, plain, some
from witnessmark.desk import Choice, must_be_new, write_folder
from witnessmark.errors import RefusedError, UsageError
from witnessmark.model import CheckState

DiscloseOption = Annotated[
    list[str] | None, typer.Option(help="An exhibit whose source may be shown; repeat it.")
]
LanguageOption = Annotated[str, typer.Option(help="What headings and labels of the brief speak: en or ar.")]


@verb
def brief(
    common: Common,
    out: Annotated[
        Path | None, typer.Argument(help="A new folder for the brief; with --check, one that was written.")
    ] = None,
    disclose: DiscloseOption = None,
    language: LanguageOption = "en",
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing: name every rule that the brief breaks.")
    ] = False,
) -> None:
    """Write the brief: who says what, what was found, and what nobody could verify; or check one."""
    if check:
        _check(common, out, frozenset(disclose or ()), language)
        return
    if out is None:
        raise UsageError("a brief needs a new folder", advice="or --check, to see whether it is in order")
    must_be_new(out)
    with at_desk(common, writes=True) as (desk, screen):
        files = desk.brief(frozenset(disclose or ()), language)
        write_folder(out, files.items())
        screen.answer(
            {"brief": str(out / "brief.html"), "files": len(files)},
            f"The brief lies in {plain(str(out / 'brief.html'))} (and brief.md beside it).",
        )


def _check(common: Common, folder: Path | None, disclosed: frozenset[str], language: str) -> None:
    """Name every rule that a brief breaks; RefusedError if it breaks any."""
    with at_desk(common, writes=True) as (desk, screen):
        faults = desk.check_brief(folder, disclosed, language)
        for fault in faults:
            screen.answer(
                {"rule": fault.rule, "where": fault.where},
                f"[red]{plain(fault.rule)}[/]: {isolated(fault.where)}",
            )
    if faults:
        raise RefusedError(
            f"the brief breaks {some(len(faults), 'rule', 'rules')}",
            advice="correct the records that are named, or write the brief again",
        )
    if not common.as_json:
        screen.aside("Every sentence leads where it says.")


@verb
def package(
    common: Common,
    out: Annotated[Path, typer.Argument(help="A new folder for the package.")],
    disclose: DiscloseOption = None,
    withhold: Annotated[
        list[str] | None, typer.Option(help="An exhibit whose bytes stay at the desk; repeat it.")
    ] = None,
    redact: Annotated[
        list[str] | None,
        typer.Option(help="A picture of which only a copy with its masks burned in goes out; repeat it."),
    ] = None,
    whole_log: Annotated[bool, typer.Option("--whole-log", help="Enclose every tile of the log.")] = False,
    comments: Annotated[
        bool, typer.Option("--comments", help="Enclose what people said to each other and who took on what.")
    ] = False,
    language: LanguageOption = "en",
) -> None:
    """Seal everything that the brief rests on into a package that others can check without us."""
    with at_desk(common, writes=True) as (desk, screen):
        disclosed, withheld, redacted = (frozenset(names or ()) for names in (disclose, withhold, redact))
        made = desk.package(out, Choice(disclosed, withheld, redacted, whole_log, language, comments))
        held = sum(check.state is CheckState.HOLDS for check in made.checks)
        vkey = desk.case.origin()[1]
        screen.answer(
            {"package": str(made.path), "files": made.files, "bytes": made.octets, "seal": made.seal},
            f"The package lies in {plain(str(made.path))}: {some(made.files, 'file', 'files')}, "
            f"{made.octets:,} bytes, sealed by log entry {made.seal}.\n"
            f"It was opened again and {some(held, 'check holds', 'checks hold')}.\n\n"
            f"Check it without us:\n  cd {plain(str(made.path))}\n"
            f"  sha256sum -c --quiet manifest-sha256.txt tagmanifest-sha256.txt\n"
            f"  bagit.py --validate .\n"
            f"  python3 verify_package.py . --vkey '{plain(vkey)}'\n"
            f"VERIFY.txt says what each of these proves, and how `openssl ts` checks the time stamps.",
        )
