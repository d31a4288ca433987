"""Running a witness: what another desk, a newsroom or a university starts so that logs cannot lie to it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from witnessmark.errors import UnavailableError
from witnessmark.ports import Clock
from witnessmark.witness.answering import Witness
from witnessmark.witness.keys import load_key
from witnessmark.witness.ledger import KnownLog, Ledger

_MOST_CONNECTIONS = 200


def add_log(ledger_path: Path, vkey: str, clock: Clock, *, replace: bool = False) -> str:
    """Let the witness watch the log with this verifier key; the log's name."""
    with Ledger(ledger_path, clock) as ledger:
        return ledger.add_log(vkey, replace=replace).name


def list_logs(ledger_path: Path, clock: Clock) -> tuple[KnownLog, ...]:
    """Every log that the witness watches, and how far it saw each."""
    with Ledger(ledger_path, clock) as ledger:
        return ledger.logs()


def list_disputes(ledger_path: Path, origin: str, clock: Clock) -> tuple[bytes, ...]:
    """The notes that the log `origin` signed against its own history, as they came: proof of a fork."""
    with Ledger(ledger_path, clock) as ledger:
        return ledger.disputes(origin)


def serve(
    ledger_path: Path,
    key_path: Path,
    address: tuple[str, int],
    clock: Clock,
    announce: Callable[[str], None],
) -> None:
    """Answer logs at `address` (host, port; port 0 takes a free one) until told to stop.

    `announce` is given the verifier key that logs have to know, and where the witness listens.
    """
    try:
        import uvicorn  # noqa: PLC0415 - an extra, for those who run a witness

        from witnessmark.witness.app import build  # noqa: PLC0415 - the same
    except ImportError as error:
        raise UnavailableError(
            "the witness service needs packages that are not installed",
            advice="pip install 'witnessmark[witness]'",
        ) from error
    cosigner = load_key(key_path)
    with Ledger(ledger_path, clock) as ledger, _listening(address) as channel:
        host, port = channel.getsockname()[:2]
        announce(cosigner.verifier.vkey())
        announce(f"http://{f'[{host}]' if ':' in host else host}:{port}/")
        config = uvicorn.Config(
            build(Witness(ledger, cosigner)),
            access_log=False,  # no address of a client is written anywhere
            log_level="warning",
            lifespan="off",
            ws="none",
            http="h11",
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=5,
            limit_concurrency=_MOST_CONNECTIONS,
            h11_max_incomplete_event_size=16 * 1024,
        )
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[channel])


def _listening(address: tuple[str, int]) -> socket.socket:
    host, port = address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise UnavailableError(
            f"the witness cannot listen at {host} port {port}: {error.strerror}"
        ) from error
