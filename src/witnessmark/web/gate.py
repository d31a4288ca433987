"""The gate: which host was asked, where a request comes from, how long it may be, what browsers are told.

It stands before everything else, so that no page can forget it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DESK, COLLECTED = "localhost", "127.0.0.1"
"""The name of the desk, and the name that collected bytes come from: cookies ignore ports, not names."""
API = "/api/"
"""How the addresses begin at which programs are answered: by a token that no browser sends by itself."""
LARGEST = 64 * 1024
UPLOAD, LARGEST_UPLOAD = "/take", 2 * 1024**3
"""The only address that takes files, and how many bytes a form with files has at most."""
_SAFE = ("GET", "HEAD")
_EVERYWHERE: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with no referrer at all, browsers would send forms with no origin
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), display-capture=(), browsing-topics=()",
    "x-robots-tag": "noindex, noimageindex",
}


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets through what belongs to the desk at `localhost` and `port`, or to its host of collected bytes."""

    app: ASGIApp
    port: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or say in one sentence why not."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        scope["state"] = {**scope.get("state", {}), "is_desk": host == self._address(DESK)}
        if host not in (self._address(DESK), self._address(COLLECTED)):
            refusal = PlainTextResponse(f"The desk is at http://{self._address(DESK)}/ alone.\n", 421)
            await refusal(scope, receive, send)
            return
        is_program = scope["path"].startswith(API)
        largest = LARGEST_UPLOAD if scope["path"] == UPLOAD else LARGEST
        why_not = self._why_not(scope["method"], headers, largest, is_program=is_program)
        answer = self.app if why_not is None else _refusal(*why_not, is_program=is_program)
        await answer(scope, receive, self._telling(send, is_desk=scope["state"]["is_desk"]))

    def _why_not(
        self, method: str, headers: Headers, largest: int, *, is_program: bool
    ) -> tuple[int, str] | None:
        if method in _SAFE:
            return None
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        is_ours = origin == f"http://{self._address(DESK)}" and site in (None, "same-origin")
        is_ours |= is_program and origin is None and site is None  # no browser sent it
        if not is_ours:
            return 403, "This request does not come from a page of this desk."
        length = headers.get("content-length", "")
        if not length.isdecimal():
            return 411, "A request has to say how long it is."
        if int(length) > largest:
            return 413, f"A request has at most {largest} bytes."
        return None

    def _telling(self, send: Send, *, is_desk: bool) -> Send:
        told = {**_EVERYWHERE, "content-security-policy": self.policy(is_desk=is_desk)}
        told |= {"cross-origin-resource-policy": "same-origin", "cache-control": "no-store"}
        if is_desk:
            told["x-frame-options"] = "DENY"

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in told.items():
                    headers.setdefault(name, value)
            await send(message)

        return telling

    def policy(self, *, is_desk: bool) -> str:
        """What a page of this host may load and run: of the desk its own files, of the other nothing."""
        if not is_desk:
            return "sandbox; default-src 'none'; frame-ancestors 'none'"
        return "; ".join(
            (
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self'",
                "connect-src 'self'",
                "form-action 'self'",
                f"frame-src http://{self._address(COLLECTED)}",
                f"media-src http://{self._address(COLLECTED)}",
                "frame-ancestors 'none'",
                "base-uri 'none'",
                "require-trusted-types-for 'script'",
                "trusted-types 'none'",
            )
        )

    def _address(self, name: str) -> str:
        return f"{name}:{self.port}"


def _refusal(status: int, why: str, *, is_program: bool) -> Response:
    if is_program:
        return JSONResponse({"trouble": why, "advice": "send one JSON object with its length"}, status)
    return PlainTextResponse(why + "\n", status)
