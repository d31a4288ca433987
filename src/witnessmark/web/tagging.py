"""Tagging: one record of the same kind on each of several exhibits, entered together or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from witnessmark.desk.labels import labels_like
from witnessmark.desk.seen import Unmarked
from witnessmark.desk.sidecar import Line
from witnessmark.errors import MalformedError, UsageError
from witnessmark.model import Digest, Observation, Purpose, Rating
from witnessmark.web.drawing import draw
from witnessmark.web.marks import LEVEL
from witnessmark.web.office import Visit

SORTS = (LEVEL, *(one.value for one in (Purpose.NOTE, Purpose.PLACE, Purpose.EQUIPMENT, Purpose.CLOTHING)))
"""What can be put on several exhibits at once: how graphic they are, or a label of a purpose."""
MOST_AT_ONCE, LONGEST_TEXT = 500, 200
_NUMBER = re.compile(r"E[0-9]{5,9}")


@dataclass(frozen=True, slots=True)
class Done:
    """What was put on exhibits or taken back: the level that each of them has now, and the new records."""

    levels: dict[str, int | None]
    sort: str = ""
    text: str = ""
    records: tuple[Digest, ...] = ()
    taken_back: int = 0


def tag(visit: Visit) -> Response:
    """The page that says what was put on record, with the way to take it back."""
    return _told(visit, tagged(visit))


def untag(visit: Visit) -> Response:
    """The page that says what was taken back."""
    return _told(visit, untagged(visit))


def tagged(visit: Visit) -> Done:
    """A record on each chosen exhibit, if nobody marked any of them since the page was opened."""
    numbers, sort = _chosen(visit), visit.fields.get("sort", "")
    text, written = visit.fields.get("text", "").strip(), visit.fields.get("level", "")
    if sort not in SORTS:
        raise UsageError("say what to put on record", advice=f"one of {', '.join(SORTS)}")
    if sort != LEVEL:
        _fit(text)
    if visit.fields.get("act") == "back":
        return _without(visit, numbers, sort, text)
    if sort == LEVEL:
        level = _level(written)
        tables: list[dict[str, Any]] = [{"kind": "rating", "exhibit": one, "level": level} for one in numbers]
        return Done(dict.fromkeys(numbers, level), sort, "", _enter(visit, tables, numbers))
    body = {"purpose": sort, "value": text}
    tables = [{"kind": "observation", "exhibit": number, "body": body} for number in numbers]
    return Done(dict.fromkeys(numbers), sort, text, _enter(visit, tables, numbers))


def untagged(visit: Visit) -> Done:
    """Labels and levels taken back, each by a decision of its own; what counted before counts again."""
    named = _words(visit, "records")
    if not named or len(named) > MOST_AT_ONCE:
        raise UsageError("there is nothing to be taken back")
    try:
        records = [Digest.from_hex(one.removeprefix("sha256:")) for one in named]
    except MalformedError as error:
        raise UsageError("there is no such label") from error
    case = visit.desk.case
    nouns = [case.noun(one) for one in records if case.entry_of(one) is not None]
    about = tuple(dict.fromkeys(noun.about for noun in nouns if isinstance(noun, Observation | Rating)))
    visit.desk.take_back(records, _reason(visit), Unmarked(about, _since(visit)))
    numbers = [str(case.exhibit_of(one)) for one in about]
    return Done(dict.fromkeys(numbers), taken_back=len(records))


def _without(visit: Visit, numbers: tuple[str, ...], sort: str, text: str) -> Done:
    """A label taken back from each of the chosen exhibits that has it."""
    case = visit.desk.case
    digests = tuple(case.digest_of_exhibit(number) for number in numbers)
    found = list(labels_like(case, digests, sort, text))
    if not found:
        raise UsageError("none of those chosen has this label")
    visit.desk.take_back(found, _reason(visit), Unmarked(digests, _since(visit)))
    return Done(dict.fromkeys(numbers), sort, "" if sort == LEVEL else text, taken_back=len(found))


def _reason(visit: Visit) -> str:
    """Why labels are taken back, if the person says it."""
    reason = visit.fields.get("reason", "").strip()
    if len(reason) > LONGEST_TEXT:
        raise UsageError(f"a reason has at most {LONGEST_TEXT:,} signs", advice="go back and shorten it")
    return reason


def _fit(text: str) -> None:
    if not 0 < len(text) <= LONGEST_TEXT:
        raise UsageError(f"a label has 1 to {LONGEST_TEXT:,} signs")


def _enter(visit: Visit, tables: list[dict[str, Any]], numbers: tuple[str, ...]) -> tuple[Digest, ...]:
    digests = tuple(visit.desk.case.digest_of_exhibit(number) for number in numbers)
    lines = [Line("the form", table) for table in tables]
    return tuple(record for record, _ in visit.desk.enter(lines, Unmarked(digests, _since(visit))))


def _since(visit: Visit) -> int:
    since = visit.fields.get("since", "")
    if not (since.isascii() and since.isdecimal() and len(since) < 12):
        raise UsageError("this form does not say when its page was opened", advice="load the page again")
    return int(since)


def _chosen(visit: Visit) -> tuple[str, ...]:
    """The exhibits that were chosen: by their boxes, and by the script those that are out of sight."""
    said = (*visit.listed.get("exhibit", ()), *_words(visit, "exhibits"))
    numbers = tuple(dict.fromkeys(map(_exhibit, said)))
    if not numbers:
        raise UsageError("no exhibit was chosen", advice="choose one by its box, or with X")
    if len(numbers) > MOST_AT_ONCE:
        raise UsageError(f"at most {MOST_AT_ONCE} exhibits are marked at once, not {len(numbers):,}")
    return numbers


def _words(visit: Visit, name: str) -> list[str]:
    """The words of a field that holds several: one text from a page, a list from a program."""
    return " ".join(visit.listed.get(name, ())).split()


def _exhibit(number: str) -> str:
    if not _NUMBER.fullmatch(number):
        raise UsageError(f"{number[:20]!r} is no number of an exhibit")
    return number


def _level(written: str) -> int:
    if written not in tuple("01234"):
        raise UsageError("say how graphic they are, from 0 (none) to 4 (extreme)")
    return int(written)


def _told(visit: Visit, done: Done) -> Response:
    visit.since = visit.desk.case.head().size  # what one did oneself is no news
    back = urlencode(parse_qsl(visit.fields.get("back", ""), max_num_fields=40))
    facts: dict[str, Any] = {
        "chosen": done.levels,
        "sort": done.sort,
        "text": done.text,
        "records": " ".join(record.hex for record in done.records),
        "taken_back": done.taken_back,
        "longest": LONGEST_TEXT,
        "back_to": f"/gallery?{back}" if back else "/gallery",
        "back": back,
    }
    return draw(visit, "tagged.html", **facts)
