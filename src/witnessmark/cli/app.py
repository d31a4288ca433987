"""The application: options that every verb knows, and the desk that a verb works at."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from witnessmark.cli.screen import Screen, plain
from witnessmark.desk import Desk
from witnessmark.wiring import Hand, begin_session, find_case, open_desk

app = typer.Typer(
    name="witnessmark",
    help="A verification desk: take in, keep unchanged, examine, match, weigh, publish.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

CaseOption = Annotated[
    Path | None,
    typer.Option("--case", metavar="DIR", help="The case folder (default: the one around here)."),
]
KeysOption = Annotated[
    Path | None,
    typer.Option(
        "--keys", metavar="DIR", envvar="WITNESSMARK_KEYS", help="Where the keys of your cases lie."
    ),
]
PersonOption = Annotated[
    str | None,
    typer.Option("--as", metavar="NAME", envvar="WITNESSMARK_PERSON", help="The pseudonym you act under."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON Lines on stdout.")]


@dataclass(frozen=True, slots=True)
class Common:
    """The options that every verb knows."""

    case: Path | None
    keys: Path | None
    who: str | None
    as_json: bool

    def hand(self, screen: Screen) -> Hand:
        """Who is at work."""
        words = [Path(sys.argv[0]).name, *sys.argv[1:2]]
        return Hand(self.who, self.keys, shlex.join(words), lambda said: screen.aside(plain(said)))


@contextmanager
def at_desk(common: Common, *, writes: bool) -> Iterator[tuple[Desk, Screen]]:
    """The desk with the case on it, put away again afterwards."""
    screen = Screen(as_json=common.as_json)
    hand = common.hand(screen)
    desk = open_desk(find_case(common.case), hand)
    try:
        if writes:
            desk.require_writable()
            begin_session(desk, hand)
        yield desk, screen
    finally:
        desk.close()
