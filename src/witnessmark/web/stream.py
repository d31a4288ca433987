"""The stream: an open page is told at once who else is there and what changed, by events from the server."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response, StreamingResponse

from witnessmark.errors import UsageError
from witnessmark.model import Digest, Investigation
from witnessmark.publish.sentences import visible
from witnessmark.web.board import claims_now
from witnessmark.web.endpoint import SECTIONS
from witnessmark.web.live import LOOK_S, Here
from witnessmark.web.office import Visit
from witnessmark.web.roles import WORKERS

BEAT_S = 10.0
"""How often something is sent even if nothing happened, so that a browser that is gone is noticed."""
_KINDS = {"": "board", "exhibits": "gallery", "statements": "claims", "assessments": "claims"}
_OWN = frozenset({*(word for word, _, _ in SECTIONS), "take", "account"})


@dataclass(frozen=True, slots=True)
class Place:
    """A page: of what kind it is, and what it is about; nothing stands for the whole case."""

    kind: str
    address: str
    about: tuple[Digest, ...]


def live(visit: Visit) -> Response:
    """What happens while a page is open; with `wait=no` what has happened until now."""
    place, since = _place(visit, visit.asked("at")), visit.number("since")
    me = Here(visit.required.key, visit.required.account.name, place.kind, place.address)
    if visit.asked("wait") == "no":
        visit.office.live.look()
        return _streamed(_once(visit, place, since, me))
    with visit.office.live.entered(me):
        pass  # refused with a sentence before the stream begins, if there are too many
    return _streamed(_events(visit, place, since, me))


def _streamed(events: AsyncIterator[str]) -> Response:
    return StreamingResponse(events, media_type="text/event-stream")


async def _once(visit: Visit, place: Place, since: int, me: Here) -> AsyncIterator[str]:
    yield _event("state", _state(visit, me, visit.office.live.changed_by(since, *place.about)))


async def _events(visit: Visit, place: Place, since: int, me: Here) -> AsyncIterator[str]:
    office, told, silent_s = visit.office, None, 0.0
    names: dict[str, None] = {}
    with office.live.entered(me):
        while not office.live.is_over() and office.still_in(visit.required):
            if office.live.is_due:
                await office.soon(office.live.look)
            until = office.live.until
            names |= dict.fromkeys(office.live.changed_by(since, *place.about))
            since = until  # what was looked at is not looked at again
            state = _state(visit, me, tuple(names))
            if state != told:
                yield _event("state", state)
                told, silent_s = state, 0.0
            elif silent_s >= BEAT_S:
                yield ":\n\n"
                silent_s = 0.0
            await asyncio.sleep(LOOK_S)
            silent_s += LOOK_S
    yield _event("left", {})


def _event(name: str, facts: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(facts)}\n\n"


def _state(visit: Visit, me: Here, names: Sequence[str]) -> dict[str, Any]:
    """What the page is told, in the words of its reader."""
    words, live = visit.words, visit.office.live
    account = visit.office.accounts.named(me.name)
    works = account is not None and bool(frozenset(account.roles) & WORKERS)
    here = [
        {
            "name": visible(one.name),
            "page": words["this_page"] if works and one.address == me.address else words[one.kind],
        }
        for one in live.others(me)
    ]
    return {"changed": [visible(name) for name in names], "here": here}


def _place(visit: Visit, address: str) -> Place:
    """What the page at an address of the desk is about."""
    parts = address.split("?", maxsplit=1)[0].strip("/").split("/")
    kind = _KINDS.get(parts[0], parts[0])
    if not address.startswith("/") or kind not in _OWN:
        raise UsageError("that is no page of this desk")
    case = visit.desk.case
    found: tuple[Digest, ...] = ()
    if parts[0] == "claims" and len(parts) > 1:
        ((_, one),) = claims_now(visit).called(parts[1])
        found = (one.digest, *one.absorbed)
    elif parts == ["brief", "edit"]:  # what others save of it, not what else they do
        found = tuple(name for name, _ in case.find(Investigation)[-1:])
    elif parts[0] in ("exhibits", "compare", "review"):
        numbers = [part for part in parts[1:3] if re.fullmatch(r"E[0-9]{5,9}", part)]
        found = tuple(case.digest_of_exhibit(number) for number in numbers)
    return Place(kind, "/".join(parts), found)
