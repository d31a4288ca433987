"""The application: options that every verb knows, and the desk that a verb works at."""

from __future__ import annotations

import inspect
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from witnessmark.cli.screen import Screen, plain
from witnessmark.desk import Desk
from witnessmark.errors import IntegrityError, WitnessmarkError
from witnessmark.wiring import Hand, find_case, open_desk

app = typer.Typer(
    name="witnessmark",
    help="A verification desk: take in, keep unchanged, examine, match, weigh, publish.",
    epilog="`witnessmark serve --help`: the desk in the browser. "
    "`witnessmark witness --help`: watch the logs of other desks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@dataclass(frozen=True, slots=True)
class Common:
    """The options that every verb knows."""

    case: Annotated[
        Path | None,
        typer.Option(
            "--case", metavar="DIR", readable=False, help="The case folder (default: the one around here)."
        ),
    ] = None
    keys: Annotated[
        Path | None,
        typer.Option(
            "--keys", metavar="DIR", envvar="WITNESSMARK_KEYS", help="Where the keys of your cases lie."
        ),
    ] = None
    who: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="NAME", envvar="WITNESSMARK_PERSON", help="The pseudonym you act under."
        ),
    ] = None
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON Lines on stdout.")] = False

    def screen(self) -> Screen:
        """Where answers go."""
        return Screen(as_json=self.as_json)

    def hand(self, screen: Screen) -> Hand:
        """Who is at work."""
        words = [Path(sys.argv[0]).name, *sys.argv[1:2]]
        return Hand(self.who, self.keys, shlex.join(words), lambda said: screen.aside(plain(said)))


def verb(function: Callable[..., None], *, without: str = "") -> Callable[..., None]:
    """Register a command: its first parameter, `common`, becomes the options that every verb knows.

    `without` names the one of them that makes no sense with this verb.
    """
    shared = inspect.signature(Common, eval_str=True).parameters.values()
    offered = [parameter for parameter in shared if parameter.name != without]
    _, *own = inspect.signature(function, eval_str=True).parameters.values()

    @wraps(function)
    def command(**given: Any) -> None:
        function(Common(**{one.name: given.pop(one.name) for one in offered}), **given)

    command.__signature__ = inspect.Signature([*own, *offered])  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in (*own, *offered)}
    app.command()(command)
    return command


@contextmanager
def at_desk(common: Common, *, writes: bool, warns: bool = True) -> Iterator[tuple[Desk, Screen]]:
    """The desk with the case on it, put away again afterwards.

    What a command entered before it was refused or interrupted is signed on the way out; if kept
    evidence has changed, nothing is. Who only reads is warned (`warns`) of a log that was rolled back.
    """
    screen = common.screen()
    desk = open_desk(find_case(common.case), common.hand(screen))
    try:
        if writes:
            desk.require_writable()
        elif warns:
            desk.warn_of_rollback()
        yield desk, screen
    except (WitnessmarkError, OSError, KeyboardInterrupt) as error:
        if not isinstance(error, IntegrityError):
            with suppress(WitnessmarkError, OSError):
                desk.sign_off()
        raise
    finally:
        desk.close()
