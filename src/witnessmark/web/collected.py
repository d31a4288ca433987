"""Collected bytes, from a host of their own: browsers keep them apart from the desk and run nothing of them.

No cookie reaches this host. Each thing is given out by a token that the desk granted to one session, as long
as that session lives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from witnessmark.web.gate import COLLECTED, DESK
from witnessmark.web.office import Office
from witnessmark.web.sessions import Grant, Session

_CHUNK = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")
_GONE = PlainTextResponse("There is nothing here, or not any more. Ask at the desk again.\n", 404)
_BRIEF_TYPES = {"html": "text/html; charset=utf-8", "jpg": "image/jpeg"}


def kept(office: Office, request: Request) -> Response:
    """What a token gives leave for: an original as an attachment, what is played, or a page of a brief."""
    found = office.sessions.granted(str(request.path_params["token"]))
    if found is None:
        return _GONE
    session, grant = found
    name = str(request.path_params["name"])
    if grant.what == "replayed":
        return _replayed(office, session, grant)
    if grant.what == "played":
        return _played(session, grant, request.headers.get("range", ""))
    return _original(session, grant) if grant.what == "original" else _of_brief(office, session, grant, name)


def _played(session: Session, grant: Grant, wanted: str) -> Response:
    """What was made anew to be played, or the part of it that a browser asks for."""
    case = session.desk.case
    if grant.digest is None or not case.has(grant.digest):
        return _GONE
    with case.open(grant.digest) as stream:
        content = stream.read()
    headers = {"cross-origin-resource-policy": "cross-origin", "accept-ranges": "bytes"}
    asked = _RANGE.fullmatch(wanted)
    if asked is None:
        return Response(content, media_type=grant.detail, headers=headers)
    first = int(asked[1])
    last = min(int(asked[2]) if asked[2] else len(content), len(content) - 1)
    if first > last:
        return Response(status_code=416, headers={**headers, "content-range": f"bytes */{len(content)}"})
    headers["content-range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(content[first : last + 1], 206, headers, grant.detail)


def _replayed(office: Office, session: Session, grant: Grant) -> Response:
    """A captured page made anew, where nothing runs and nothing can be asked for, not even of this host."""
    case = session.desk.case
    if grant.digest is None or not case.has(grant.digest):
        return _GONE
    with case.open(grant.digest) as stream:
        content = stream.read()
    policy = (
        "sandbox; default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors http://{DESK}:{office.port}"
    )
    headers = {
        "content-security-policy": policy,
        "cross-origin-resource-policy": "cross-origin",
        "referrer-policy": "no-referrer",
        "x-dns-prefetch-control": "off",
    }
    return Response(content, media_type="text/html; charset=utf-8", headers=headers)


def _original(session: Session, grant: Grant) -> Response:
    case = session.desk.case
    if grant.digest is None or not case.has(grant.digest):
        return _GONE
    stream = case.open(grant.digest)
    return StreamingResponse(
        _parts(stream),
        media_type="application/octet-stream",
        headers={
            "content-disposition": f'attachment; filename="{grant.detail}.bin"',
            "content-length": str(case.item(grant.digest).original.size),
        },
    )


def _of_brief(office: Office, session: Session, grant: Grant, name: str) -> Response:
    content = session.drafts.get(grant.detail, {}).get(name) if grant.what == "brief" else None
    kind = _BRIEF_TYPES.get(name.rpartition(".")[2])
    if content is None or kind is None:
        return _GONE
    own, desk = f"http://{COLLECTED}:{office.port}", f"http://{DESK}:{office.port}"
    policy = (
        f"sandbox; default-src 'none'; img-src {own}; style-src 'unsafe-inline'; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {desk}"
    )
    headers = {"content-security-policy": policy, "cross-origin-resource-policy": "cross-origin"}
    return Response(content, media_type=kind, headers=headers)


def _parts(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while part := stream.read(_CHUNK):
            yield part
