"""`witnessmark serve`: the desk in the browser."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from witnessmark.desk import Desk
from witnessmark.errors import UnavailableError

Opening = Callable[[Path | None, Path | None, str | None], Desk]
"""Opens the desk with a case on it: where the case lies, where its keys lie, who is at work."""


def serve_app(open_desk: Opening) -> typer.Typer:
    """The one verb of this face."""
    app = typer.Typer(name="witnessmark", add_completion=False, pretty_exceptions_enable=False)

    @app.command()
    def serve(
        case: Annotated[
            Path | None,
            typer.Option("--case", metavar="DIR", help="The case folder (default: the one around here)."),
        ] = None,
        keys: Annotated[
            Path | None,
            typer.Option(
                "--keys", metavar="DIR", envvar="WITNESSMARK_KEYS", help="Where the keys of your cases lie."
            ),
        ] = None,
        who: Annotated[
            str | None,
            typer.Option(
                "--as", metavar="NAME", envvar="WITNESSMARK_PERSON", help="The pseudonym you act under."
            ),
        ] = None,
        port: Annotated[
            int, typer.Option(min=0, max=65535, help="The port at the loopback address; 0 takes a free one.")
        ] = 8765,
    ) -> None:
        """Open the desk in the browsers of this machine, at localhost; a one-time link lets you in."""
        try:
            from witnessmark.web.service import serve as run_service  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise UnavailableError(
                "the desk in the browser needs packages that are not installed",
                advice="pip install 'witnessmark[web]'",
            ) from error
        desk = open_desk(case, keys, who)
        try:
            run_service(desk, port, desk.custodian.performer.name, _announce)
        finally:
            desk.close()

    return app


def run(words: Sequence[str], open_desk: Opening) -> object:
    """Run the verb with the given words."""
    return serve_app(open_desk)(args=list(words), prog_name="witnessmark serve", standalone_mode=False)


def _announce(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
