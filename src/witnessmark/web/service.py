"""The service: the desk at a loopback address until told to stop; then the log is shown outside."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress

import uvicorn

from witnessmark.desk import Desk
from witnessmark.errors import UnavailableError, WitnessmarkError
from witnessmark.web.accounts import FILE_NAME, Accounts
from witnessmark.web.app import build
from witnessmark.web.factors import FILE_NAME as FACTORS_FILE
from witnessmark.web.factors import FactorBook
from witnessmark.web.gate import COLLECTED, DESK
from witnessmark.web.office import Office
from witnessmark.web.roles import FIRST
from witnessmark.web.tokens import FILE_NAME as TOKENS_FILE
from witnessmark.web.tokens import Tokens

_SIGN_EVERY_S = 20.0
_READ_EVERY_S = 2.0
_WEIGH_EVERY_S = 2.0
_REST = 5
"""How many times as long as a weighing took none follows, so that a long intake is not weighed all along."""
_MOST_CONNECTIONS = 200


def serve(desk: Desk, port: int, person: str | None, announce: Callable[[str], None]) -> None:
    """Answer browsers on this machine at `port` (0 takes a free one).

    `announce` is given the address: with a one-time link for whoever makes the first account, or for
    `person` if they have an account.
    """
    desk.require_writable()
    accounts = Accounts(desk.required_keys().folder / FILE_NAME)
    tokens = Tokens(desk.required_keys().folder / TOKENS_FILE)
    factors = FactorBook(desk.required_keys().folder / FACTORS_FILE)
    with _listening(port) as channels:
        office = Office(desk, accounts, tokens, factors, channels[0].getsockname()[1])
        path, name = office.first_link(person)
        announce(f"http://{DESK}:{office.port}{path}")
        announce(_said(path, name))
        config = uvicorn.Config(
            build(office),
            access_log=False,
            log_level="warning",
            lifespan="off",
            ws="none",
            http="h11",
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=5,
            limit_concurrency=_MOST_CONNECTIONS,
            h11_max_incomplete_event_size=32 * 1024,
        )
        server = uvicorn.Server(config)
        office.live.is_over = lambda: server.should_exit
        with (
            closing(office),
            _signing(desk),
            _reading(office),
            _weighing(office),
            suppress(KeyboardInterrupt),
        ):
            server.run(sockets=channels)


def _said(path: str, name: str | None) -> str:
    if path == "/":
        return "Sign in with your pseudonym and passphrase. Ctrl-C ends the service."
    if name is None:
        roles = " and ".join(FIRST)
        return f"This link works once, and makes the first account: {roles}. Ctrl-C ends the service."
    return f"This link works once, and lets {name} in. Ctrl-C ends the service."


@contextmanager
def _signing(desk: Desk) -> Iterator[None]:
    """While the service runs, what was entered is signed every so often; at its end it is shown outside."""
    signed = desk.case.head().size

    def sign() -> float:
        nonlocal signed
        size = desk.case.head().size
        if size != signed:
            desk.sign()
            signed = size
        return _SIGN_EVERY_S

    try:
        with _meanwhile("signing", sign, _SIGN_EVERY_S, _SIGN_EVERY_S):
            yield
    finally:
        desk.checkpoint()  # what failed meanwhile is insisted on here


@contextmanager
def _reading(office: Office) -> Iterator[None]:
    """While the service runs, words of what came in are read, so that they can be searched."""

    def read() -> float:
        return _READ_EVERY_S if office.words.refresh() else 0.0

    with _meanwhile("reading", read, 0.0, _READ_EVERY_S):
        yield


@contextmanager
def _weighing(office: Office) -> Iterator[None]:
    """While the service runs, claims are weighed as soon as something bears on them, before anybody asks."""

    def weigh() -> float:
        began_s = time.monotonic()
        office.claims()
        return max(_WEIGH_EVERY_S, _REST * (time.monotonic() - began_s))

    with _meanwhile("weighing", weigh, 0.0, _WEIGH_EVERY_S):
        yield


@contextmanager
def _meanwhile(name: str, work: Callable[[], float], first_s: float, again_s: float) -> Iterator[None]:
    """Work beside the service until it ends: at first after `first_s`, then after what `work` says.

    What fails is tried again after `again_s`.
    """
    over = threading.Event()

    def go() -> None:
        wait_s = first_s
        while not over.wait(wait_s):
            wait_s = again_s
            with suppress(WitnessmarkError, OSError):
                wait_s = work()

    thread = threading.Thread(target=go, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def _listening(port: int) -> Iterator[list[socket.socket]]:
    """The addresses that a browser may take `localhost` for, at one port, so that nobody else has them."""
    with ExitStack() as opened:
        try:
            first = opened.enter_context(socket.create_server((COLLECTED, port), family=socket.AF_INET))
            channels, taken = [first], first.getsockname()[1]
            if _has_ipv6():
                channels.append(
                    opened.enter_context(socket.create_server(("::1", taken), family=socket.AF_INET6))
                )
        except (OSError, OverflowError) as error:
            raise UnavailableError(
                f"the desk cannot listen at port {port}: {getattr(error, 'strerror', None) or error}",
                advice="give another one with --port; 0 takes any that is free",
            ) from error
        yield channels


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True
