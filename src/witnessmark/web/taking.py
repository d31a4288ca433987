"""Taking in by browser: files come to a place of their own, and go the way of `take` once all are there.

Until a form has come whole, nothing of it is sealed; if it breaks off, nothing of it is left. Where a file
lay on the other machine is not known: its source is this upload, and the name that the browser gave.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from witnessmark.desk.intake import Settled, Wanted
from witnessmark.errors import NoRoomError, UnavailableError, UsageError
from witnessmark.web.drawing import draw
from witnessmark.web.gate import LARGEST_UPLOAD
from witnessmark.web.office import Office, Visit
from witnessmark.web.parts import Parts
from witnessmark.web.sent import MOST_FILES, Sent
from witnessmark.web.sessions import Session

_SPARE_BYTES = 256 * 1024**2


def take_page(visit: Visit) -> Response:
    """The form for files."""
    return draw(visit, "take.html", settled=None, most=MOST_FILES, largest_gib=LARGEST_UPLOAD // 1024**3)


def take_files(visit: Visit) -> Response:
    """What became of each file that was sent; they are taken in one upload after the other."""
    sent = visit.sent
    if sent is None or not sent.names:
        raise UsageError("no file was sent", advice="choose at least one")
    url, basis, note = (sent.fields.get(name) or None for name in ("source_url", "legal_basis", "note"))
    wanted = Wanted(tuple(sent.names), source_url=url, legal_basis=basis, note=note, names=sent.names)
    with visit.office.taking, tempfile.TemporaryDirectory(prefix="witnessmark-") as quarantine:
        settled = list(visit.desk.take(wanted, Path(quarantine), lambda _what, _count: None))
    visit.since = visit.desk.case.head().size  # what one did oneself is no news
    told = [_told(one) for one in settled]
    return draw(visit, "take.html", settled=told, most=MOST_FILES, largest_gib=LARGEST_UPLOAD // 1024**3)


def _told(one: Settled) -> dict[str, Any]:
    name = one.source.split("/", 3)[-1] if one.source.startswith("upload/") else one.source
    facts = {"name": name, "exhibit": one.exhibit, "outcome": one.outcome.value, "reason": one.reason}
    return {**facts, "findings": one.findings, "matches": one.matches}


@contextmanager
def receiving(office: Office, session: Session, length: int) -> Iterator[Sent]:
    """A place for what one form sends, gone afterwards; UnavailableError if there is no room for it now."""
    with ExitStack() as opened:
        if not office.receiving.acquire(blocking=False):
            raise UnavailableError("others are sending files just now", advice="try again in a moment")
        opened.callback(office.receiving.release)
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="witnessmark-upload-")))
        if shutil.disk_usage(folder).free < length + _SPARE_BYTES:
            raise NoRoomError(f"there is no room here for {length:,} bytes")
        now = office.desk.custodian.clock.now()
        sent = Sent(folder, f"{now:%Y-%m-%dT%H.%M.%S.%f}Z", session)
        opened.callback(sent.close)
        yield sent


async def receive(office: Office, sent: Sent, request: Request) -> None:
    """Read a form as it comes; UsageError if it breaks off or cannot be read."""
    parts = Parts(request.headers.get("content-type", ""), sent.begin)
    try:
        async for piece in request.stream():
            if piece:
                await office.patiently(parts.feed, piece)
    except ClientDisconnect as error:
        raise UsageError("the request broke off") from error
    parts.finish()
