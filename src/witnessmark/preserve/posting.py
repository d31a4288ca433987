"""One question to a service that the settings name: bounded in time and size, and sent nowhere else.

No redirect is followed, no proxy taken from the environment, no name of ours told. The host is
resolved once and the address that was judged is the address that is connected to.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from witnessmark.errors import RefusedError, UnavailableError, UsageError

_PORTS = {"http": 80, "https": 443}
_INSIDE = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
            *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15"),
            *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        ),
    )
)
_OUTSIDE_6 = ip_network("2000::/3")
_NOT_OUTSIDE_6 = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the HTTP status, the type that was claimed, and the bytes, which nobody may trust."""

    status: int
    media_type: str
    untrusted: bytes


Post = Callable[[str, bytes, str], Answer]
"""Sends bytes of a media type to an address; UnavailableError if no whole answer comes."""


@dataclass(frozen=True, slots=True)
class HttpPost:
    """HTTP POST within `timeout_s` seconds in all, of answers up to `largest` bytes.

    Addresses on this machine and in private networks are refused unless `local_allowed`.
    """

    timeout_s: float = 20.0
    largest: int = 256 * 1024
    local_allowed: bool = False

    def __call__(self, url: str, body: bytes, media_type: str) -> Answer:
        """The answer to `body`; UnavailableError if none comes, RefusedError if the address is inside."""
        target = read_url(url)
        addresses = self._resolve(target)
        headers = {"Host": target.netloc, "Content-Type": media_type, "Connection": "close"}
        try:
            with (
                self._channel(target, addresses) as channel,
                _cut_after(channel, self.timeout_s),
                _closing(HTTPConnection(str(target.hostname))) as connection,
            ):
                if isinstance(channel, ssl.SSLSocket):
                    channel.do_handshake()
                connection.sock = channel
                connection.request("POST", _path(target), body, headers)
                return self._read(connection, target)
        except (OSError, HTTPException) as error:
            raise UnavailableError(f"{target.netloc} gave no whole answer: {_reason(error)}") from error

    def _resolve(self, target: SplitResult) -> tuple[str, ...]:
        host = str(target.hostname)
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError as error:
            raise UnavailableError(f"the name {host} cannot be resolved: {_reason(error)}") from error
        addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            if not self.local_allowed and not is_outside(address):
                raise RefusedError(
                    f"{host} is {address}, which is on this machine or in a private network",
                    advice="if that is meant, allow local addresses for this service in the settings",
                )
        return addresses

    def _channel(self, target: SplitResult, addresses: tuple[str, ...]) -> socket.socket:
        plain = self._connect(addresses, target.port or _PORTS[target.scheme])
        if target.scheme == "http":
            return plain
        context = ssl.create_default_context()
        return context.wrap_socket(plain, server_hostname=target.hostname, do_handshake_on_connect=False)

    def _connect(self, addresses: tuple[str, ...], port: int) -> socket.socket:
        for address in addresses[:-1]:
            with suppress(OSError):
                return socket.create_connection((address, port), timeout=self.timeout_s)
        return socket.create_connection((addresses[-1], port), timeout=self.timeout_s)

    def _read(self, connection: HTTPConnection, target: SplitResult) -> Answer:
        response = connection.getresponse()
        untrusted = response.read(self.largest + 1)
        if len(untrusted) > self.largest:
            raise UnavailableError(f"{target.netloc} answered with more than {self.largest:,} bytes")
        if response.length:  # a read with a limit does not say by itself that bytes are missing
            raise HTTPException(f"{response.length:,} bytes of the answer are missing")
        return Answer(response.status, response.headers.get_content_type(), untrusted)


def naming(post: Post, who: str) -> Post:
    """The same as `post`, but its failures say who was to be reached."""

    def named(url: str, body: bytes, media_type: str) -> Answer:
        try:
            return post(url, body, media_type)
        except (UnavailableError, RefusedError) as error:
            raise type(error)(f"{who}: {error}", advice=error.advice) from error

    return named


def read_url(url: str) -> SplitResult:
    """The parts of `url`; UsageError unless it is plain http or https without user, query or fragment."""
    try:
        target = urlsplit(url)
        usable = target.scheme in _PORTS and target.hostname and target.port != 0
    except ValueError as error:
        raise UsageError(f"{url!r} is not an address: {error}") from error
    if not usable or not url.isascii() or not url.isprintable() or " " in url:
        raise UsageError(f"{url!r} is not an http or https address")
    if target.username is not None or target.password is not None or target.fragment:
        raise UsageError(f"an address of a service holds no user, password or fragment: {target.hostname}")
    return target


def is_outside(address: str) -> bool:
    """Whether a numeric address is out in the world, by our own table and not the platform's."""
    parsed: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv4Address):
        return not any(parsed in network for network in _INSIDE)
    return parsed in _OUTSIDE_6 and not any(parsed in network for network in _NOT_OUTSIDE_6)


@contextmanager
def _cut_after(channel: socket.socket, seconds: float) -> Iterator[None]:
    """Shut the channel when the time is over, however slowly bytes drip in; TimeoutError then."""
    over = False

    def cut() -> None:
        nonlocal over
        over = True
        with suppress(OSError):  # it was closed a moment before, which is as good
            channel.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, HTTPException) as error:
        if over:
            raise TimeoutError(f"more than {seconds:g} s") from error
        raise
    finally:
        timer.cancel()
    if over:
        raise TimeoutError(f"more than {seconds:g} s")


@contextmanager
def _closing(connection: HTTPConnection) -> Iterator[HTTPConnection]:
    try:
        yield connection
    finally:
        connection.close()


def _path(target: SplitResult) -> str:
    return (target.path or "/") + (f"?{target.query}" if target.query else "")


def _reason(error: BaseException) -> str:
    strerror = getattr(error, "strerror", None)
    return str(strerror or error or type(error).__name__)
