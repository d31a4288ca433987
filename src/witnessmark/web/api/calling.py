"""Calling: what a program sent is checked first, and the answer has the shape that was told beforehand."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response

from witnessmark.errors import MalformedError
from witnessmark.web.endpoint import Call, Endpoint
from witnessmark.web.office import Visit
from witnessmark.web.roles import Role
from witnessmark.web.shapes import Shape

BEGINS = "/api/v1"
"""Where every call of this version lies. Within it, members may be added to answers, not taken away."""


def call(path: str, roles: frozenset[Role], asked: Call, tell: Callable[[Visit], Any]) -> Endpoint:
    """The endpoint of a call; `tell` gives the facts."""

    def answer(visit: Visit) -> Response:
        return told(asked.gives.given(tell(visit)), asked.status)

    return Endpoint("GET" if asked.takes is None else "POST", BEGINS + path, answer, roles, asked)


def told(facts: Any, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Facts as an answer; every sign is ASCII, so that no half of one breaks it."""
    written = json.dumps(facts, allow_nan=False, separators=(",", ":")).encode("ascii")
    return Response(written, status, dict(headers or {}), media_type="application/json")


def read_question(asked: Call, pairs: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a question, each checked; MalformedError names the first that is not in order."""
    unknown = [name for name in pairs if name not in asked.asks]
    if unknown:
        raise MalformedError(f"there is no question {unknown[0][:40]!r}", advice=_known(asked.asks))
    return {name: asked.asks[name].read(value, name) for name, value in pairs.items()}


def read_body(asked: Call, body: bytes) -> dict[str, Any]:
    """The fields of a body, each checked."""
    if asked.takes is None:
        return {}
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedError("the body is not JSON in UTF-8", advice="send one JSON object") from error
    read: dict[str, Any] = asked.takes.read(value, "the body")
    return read


def _known(asks: Mapping[str, Shape]) -> str:
    return f"known are {', '.join(asks)}" if asks else "this call takes none"
