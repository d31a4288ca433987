"""`witnessmark witness`: what another desk types to watch our logs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from witnessmark.ports import Clock
from witnessmark.witness import add_log, create_key, list_disputes, list_logs, serve

FolderOption = Annotated[
    Path, typer.Option("--folder", help="Where the witness keeps its key and its memory.")
]
_KEY, _LEDGER = "witness.key", "witness.db"


def witness_app(clock: Clock, announce: Callable[[str], None]) -> typer.Typer:
    """The verbs of the witness service."""
    app = typer.Typer(
        name="witnessmark witness",
        help="Watch other desks' logs: remember how long they were, and cosign only what grew from that.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @app.command()
    def new(
        name: Annotated[str, typer.Argument(help="The witness's name, such as witness.example/w1.")],
        folder: FolderOption = Path("witness"),
    ) -> None:
        """Make a key for a new witness, and print what logs have to know."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        announce(create_key(folder / _KEY, name).verifier.vkey())

    @app.command()
    def watch(
        vkey: Annotated[str, typer.Argument(help="The verifier key of the log.")],
        folder: FolderOption = Path("witness"),
        replace: Annotated[bool, typer.Option(help="The log has a new key under its old name.")] = False,
    ) -> None:
        """Watch a log."""
        announce(add_log(folder / _LEDGER, vkey, clock, replace=replace))

    @app.command()
    def logs(folder: FolderOption = Path("witness")) -> None:
        """List the logs that are watched, and how far each was seen."""
        for known in list_logs(folder / _LEDGER, clock):
            announce(str(known))

    @app.command()
    def disputes(
        origin: Annotated[str, typer.Argument(help="The name of the log.")],
        folder: FolderOption = Path("witness"),
    ) -> None:
        """Print the checkpoints that a log signed against its own history, if it ever did."""
        for note in list_disputes(folder / _LEDGER, origin, clock):
            announce(note.decode())

    @app.command(name="serve")
    def serve_forever(
        folder: FolderOption = Path("witness"), host: str = "127.0.0.1", port: int = 8470
    ) -> None:
        """Answer logs until stopped."""
        serve(folder / _LEDGER, folder / _KEY, (host, port), clock, announce)

    return app


def run(words: Sequence[str], clock: Clock) -> object:
    """Run one verb of the witness with the given words."""

    def announce(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    return witness_app(clock, announce)(
        args=list(words), prog_name="witnessmark witness", standalone_mode=False
    )
