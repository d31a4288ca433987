"""The verb of editing: what people write into the brief themselves, in versions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from witnessmark.cli.app import Common, at_desk, verb
from witnessmark.cli.screen import Screen, isolated, plain
from witnessmark.desk import Desk
from witnessmark.desk.editions import changes, file_of, read_file_of, versions
from witnessmark.desk.references import References
from witnessmark.errors import UsageError
from witnessmark.model import Edition


@verb
def edit(
    common: Common,
    file: Annotated[
        Path | None,
        typer.Argument(help="What you typed; without it, the latest version is printed to type in."),
    ] = None,
    reason: Annotated[
        str, typer.Option(help="What you changed and why; needed where a section is left out.")
    ] = "",
    all_versions: Annotated[
        bool, typer.Option("--versions", help="Instead: every version, and whose.")
    ] = False,
    changed: Annotated[
        int | None,
        typer.Option("--changes", metavar="N", help="Instead: what version N changed, word by word."),
    ] = None,
    find: Annotated[
        str | None, typer.Option(help="Instead: what a sentence can rest on that holds these words.")
    ] = None,
) -> None:
    """Write sentences of your own into the brief, put its sections in order, or leave some out.

    `edit > brief.txt`, type, then `edit brief.txt`: one sentence a line, with what it rests on in braces at
    its end, such as {E00003} or {claim 3f2a91bc}. Nothing is saved if one of them is not in the case.
    """
    if sum((file is not None, all_versions, changed is not None, find is not None)) > 1:
        raise UsageError("give one of FILE, --versions, --changes and --find")
    with at_desk(common, writes=file is not None) as (desk, screen):
        if file is not None:
            follows, typed = read_file_of(desk.case, file)
            record = desk.edit_brief(typed, reason, follows)
            screen.answer({"kind": "edition", "record": record}, f"[green]edition[/] {plain(record)}")
        elif all_versions:
            _versions(desk, screen)
        elif changed is not None:
            _changes(desk, screen, changed)
        elif find is not None:
            for one in References(desk.case).find(find):
                facts = {"name": one.name, "kind": one.kind, "says": one.says, "record": one.digest}
                screen.answer(facts, f"[bold]{{{plain(one.name)}}}[/] {isolated(one.says)}")
        else:
            text = file_of(desk.case)
            screen.answer({"text": text}, plain(text.rstrip("\n")))


def _versions(desk: Desk, screen: Screen) -> None:
    for number, (record, one) in enumerate(versions(desk.case), 1):
        facts: dict[str, Any] = {
            "version": number,
            "record": record,
            "author": one.author.name,
            "saved_at": one.saved_at.isoformat(),
            "reason": one.reason,
            "left_out": [chapter.value for chapter in one.left_out],
        }
        left_out = f", without {', '.join(facts['left_out'])}" if one.left_out else ""
        screen.answer(
            facts,
            f"[bold]{number}[/] {plain(record.hex[:12])} {isolated(one.author.name)}, {facts['saved_at']}"
            f"{left_out}{f': {isolated(one.reason)}' if one.reason else ''}",
        )


def _changes(desk: Desk, screen: Screen, number: int) -> None:
    found: list[Edition] = [one for _, one in versions(desk.case)]
    if not 0 < number <= len(found):
        raise UsageError(f"there is no version {number} of this brief", advice="`edit --versions` lists them")
    signs = {"same": "{}", "gone": "[red][strike]{}[/][/]", "new": "[green][underline]{}[/][/]"}
    for one in changes(desk.case, found[number - 2] if number > 1 else None, found[number - 1]):
        facts = {
            "section": one.chapter.value,
            "title": one.title,
            "stands": one.stands,
            "words": [[piece.kind, piece.text] for piece in one.pieces],
        }
        told = "".join(signs[piece.kind].format(isolated(piece.text)) for piece in one.pieces)
        head = f"[bold]{one.chapter.value}[/]{f' {isolated(one.title)}' if one.title else ''}"
        screen.answer(facts, f"{head}{f' ({one.stands})' if one.stands else ''}\n{told}".rstrip())
