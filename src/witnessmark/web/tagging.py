"""Tagging: one record of the same kind on each of several exhibits, entered together or not at all."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from witnessmark.desk.seen import Unmarked
from witnessmark.desk.sidecar import Line
from witnessmark.errors import UsageError
from witnessmark.model import Purpose
from witnessmark.web.drawing import draw
from witnessmark.web.marks import LEVEL
from witnessmark.web.office import Visit

SORTS = (LEVEL, *(one.value for one in (Purpose.NOTE, Purpose.PLACE, Purpose.EQUIPMENT, Purpose.CLOTHING)))
"""What can be put on several exhibits at once: how graphic they are, or a label of a purpose."""
MOST_AT_ONCE, LONGEST_TEXT = 500, 200
_NUMBER = re.compile(r"E[0-9]{5,9}")


def tag(visit: Visit) -> Response:
    """A record on each chosen exhibit, if nobody marked any of them since the page was opened."""
    numbers, sort = _chosen(visit), visit.fields.get("sort", "")
    text, written = visit.fields.get("text", "").strip(), visit.fields.get("level", "")
    if sort not in SORTS:
        raise UsageError("say what to put on record", advice=f"one of {', '.join(SORTS)}")
    if sort == LEVEL:
        levels = dict.fromkeys(numbers, _level(written))
        before = {number: _counted(visit, number) for number in numbers}
        _rate(visit, levels)
        return _told(visit, levels, sort, "", before)
    if not 0 < len(text) <= LONGEST_TEXT:
        raise UsageError(f"a label has 1 to {LONGEST_TEXT:,} signs")
    body = {"purpose": sort, "value": text}
    _enter(visit, [{"kind": "observation", "exhibit": number, "body": body} for number in numbers], numbers)
    return _told(visit, dict.fromkeys(numbers), sort, text, {})


def untag(visit: Visit) -> Response:
    """The levels that counted before put on record again, each as a rating of its own."""
    levels = {}
    for said in visit.fields.get("before", "").split():
        number, _, level = said.partition(":")
        levels[_exhibit(number)] = _level(level)
    if not levels or len(levels) > MOST_AT_ONCE:
        raise UsageError("there is nothing to be taken back")
    _rate(visit, levels)
    return _told(visit, levels, LEVEL, "", {})


def _rate(visit: Visit, levels: dict[str, int]) -> None:
    tables = [{"kind": "rating", "exhibit": number, "level": level} for number, level in levels.items()]
    _enter(visit, tables, tuple(levels))


def _enter(visit: Visit, tables: list[dict[str, Any]], numbers: tuple[str, ...]) -> None:
    case, since = visit.desk.case, visit.fields.get("since", "")
    if not (since.isascii() and since.isdecimal() and len(since) < 12):
        raise UsageError("this form does not say when its page was opened", advice="load the page again")
    digests = tuple(case.digest_of_exhibit(number) for number in numbers)
    visit.desk.enter([Line("the form", table) for table in tables], Unmarked(digests, int(since)))


def _chosen(visit: Visit) -> tuple[str, ...]:
    """The exhibits that were chosen: by their boxes, and by the script those that are out of sight."""
    said = (*visit.listed.get("exhibit", ()), *visit.fields.get("exhibits", "").split())
    numbers = tuple(dict.fromkeys(map(_exhibit, said)))
    if not numbers:
        raise UsageError("no exhibit was chosen", advice="choose one by its box, or with X")
    if len(numbers) > MOST_AT_ONCE:
        raise UsageError(f"at most {MOST_AT_ONCE} exhibits are marked at once, not {len(numbers):,}")
    return numbers


def _exhibit(number: str) -> str:
    if not _NUMBER.fullmatch(number):
        raise UsageError(f"{number[:20]!r} is no number of an exhibit")
    return number


def _level(written: str) -> int:
    if written not in tuple("01234"):
        raise UsageError("say how graphic they are, from 0 (none) to 4 (extreme)")
    return int(written)


def _counted(visit: Visit, number: str) -> int:
    return visit.desk.level_of(visit.desk.case.digest_of_exhibit(number))


def _told(visit: Visit, what: dict[str, Any], sort: str, text: str, before: dict[str, int]) -> Response:
    visit.since = visit.desk.case.head().size  # what one did oneself is no news
    back = urlencode(parse_qsl(visit.fields.get("back", ""), max_num_fields=40))
    facts: dict[str, Any] = {
        "chosen": what,
        "sort": sort,
        "text": text,
        "before": " ".join(f"{number}:{level}" for number, level in before.items()),
        "back_to": f"/gallery?{back}" if back else "/gallery",
        "back": back,
    }
    return draw(visit, "tagged.html", **facts)
