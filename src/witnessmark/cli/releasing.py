"""The verb of two people: release."""

from __future__ import annotations

from typing import Annotated

import typer

from witnessmark.cli.app import Common, at_desk, verb
from witnessmark.cli.screen import Screen, plain
from witnessmark.cli.weighing import ReasonOption
from witnessmark.desk.erasing import called
from witnessmark.desk.four_eyes import FourEyes, Request, Sensitive, request_facts, request_line
from witnessmark.errors import UsageError

NONE = "none"


@verb
def release(
    common: Common,
    about: Annotated[
        list[str] | None, typer.Argument(help="What is asked for: exhibits, or records by their digest.")
    ] = None,
    ask: Annotated[str | None, typer.Option(help="Ask for an act: original, package, erase, policy.")] = None,
    grant: Annotated[int | None, typer.Option(min=0, help="Grant a request of somebody else.")] = None,
    decline: Annotated[int | None, typer.Option(min=0, help="Decline a request.")] = None,
    require: Annotated[
        list[str] | None,
        typer.Option(help="An act that needs a second person from now on; repeat it. `none` for no act."),
    ] = None,
    reason: ReasonOption = "",
) -> None:
    """Show what waits for a second person; ask for a release, answer one, or say which acts need one."""
    chosen = [one for one in (ask, grant, decline, require) if one is not None]
    if len(chosen) > 1:
        raise UsageError("give one of --ask, --grant, --decline and --require")
    with at_desk(common, writes=bool(chosen)) as (desk, screen):
        if not chosen:
            _show(FourEyes(desk.case, desk.custodian), screen)
            return
        with desk.second_person() as four:
            if require is not None:
                four.require([_act(word) for word in require if word != NONE])
                _show(four, screen)
            elif ask is not None:
                names = [called(desk.case, name) for name in about or ()]
                _say(four, four.ask(_act(ask), names, reason), screen)
            else:
                number = grant if grant is not None else decline
                _say(four, four.answer(number or 0, reason, grants=grant is not None), screen)


def _show(four: FourEyes, screen: Screen) -> None:
    needed = [one.value for one in Sensitive if one in four.policy()]
    screen.aside(f"A second person is needed for: {', '.join(needed) or 'nothing'}.")
    for one in four.requests():
        _say(four, one, screen)


def _say(four: FourEyes, one: Request, screen: Screen) -> None:
    screen.answer(request_facts(four.case, one), plain(request_line(four.case, one)))


def _act(word: str) -> Sensitive:
    try:
        return Sensitive(word)
    except ValueError as error:
        known = ", ".join(Sensitive)
        raise UsageError(f"{word!r} is no act that can need a second person", advice=known) from error
