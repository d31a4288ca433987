"""Quote: a statement in a person's own reading, at the exact place of its words in a text."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from witnessmark.desk.sidecar import Line, range_of_words
from witnessmark.errors import UsageError
from witnessmark.model import Claim, Digest, Event, Filing, Stance, Topic
from witnessmark.ports import Case
from witnessmark.web.arrange import LONGEST_CLAIM
from witnessmark.web.compare import written
from witnessmark.web.drawing import part_once
from witnessmark.web.matrix import MOST_TARGETS
from witnessmark.web.office import Visit, go

NEW = "new"
_LONGEST_WORDS, _LONGEST_NAME = 8_000, 200


def quoting_form(visit: Visit, exhibit: str, **page: str) -> Markup:
    """The form for whoever quotes from an exhibit, or from one `number` of its pages."""
    texts = {"exhibit": exhibit, "form": visit.required.form_token, **page}
    return part_once(visit, "quote_form.html", None, lambda: _offered(visit.desk.case), **texts)


def _offered(case: Case) -> dict[str, Any]:
    """What the form offers: claims, events, and the words of the desk."""
    return {
        "claims": _claims(case),
        "events": [(name.hex, one.name) for name, one in case.find(Event)],
        "topics": tuple(Topic),
        "stances": tuple(Stance),
        "longest_words": _LONGEST_WORDS,
        "longest_name": _LONGEST_NAME,
        "longest_claim": LONGEST_CLAIM,
    }


def quote(visit: Visit) -> Response:
    """A statement put on record, and on to its words at their place."""
    return go(f"/statements/{quoted(visit).hex}")


def quoted(visit: Visit) -> Digest:
    """The statement that a person quoted from a text, or from a page of a document."""
    number, unit = visit.fields.get("number", "").strip(), visit.fields.get("unit", "").strip()
    amount = range_of_words(number or None)
    table: dict[str, Any] = {
        "kind": "statement",
        "exhibit": visit.path("exhibit"),
        "page": _page(visit),
        "quote": written(visit, "words", _LONGEST_WORDS, "quote the words").replace("\r\n", "\n"),
        "speaker": " ".join(written(visit, "speaker", _LONGEST_NAME, "say whose words they are").split()),
        "stance": visit.fields.get("stance", ""),
        "claim": visit.fields.get("claim", ""),
        "amount": amount and {"low": amount.low, "best": amount.best, "high": amount.high,
                              "qualifier": amount.qualifier.value},
        "unit": unit if number else None,
    }  # fmt: skip
    lines = [Line("the form", table)]
    if table["claim"] == NEW:
        text = written(visit, "new_claim", LONGEST_CLAIM, "put the new claim in words")
        event, topic = visit.fields.get("event", ""), visit.fields.get("topic", "")
        lines.insert(0, Line("the new claim", {"kind": "claim", "id": NEW, "event": event, "topic": topic,
                                               "text": " ".join(text.split())}))  # fmt: skip
    elif not table["claim"]:
        raise UsageError("choose the claim that the statement is about, or put a new one")
    return visit.desk.enter(lines)[-1][0]


def _claims(case: Case) -> list[tuple[str, str]]:
    """The claims that stand by themselves, by name; nothing has to be weighed for it."""
    merged = {one.about: one.about != one.claim for _, one in case.find(Filing)}
    found = [(name.hex, one.text) for name, one in case.find(Claim) if not merged.get(name)]
    return found[-MOST_TARGETS:]


def _page(visit: Visit) -> int | None:
    page = visit.fields.get("page", "")
    if page and not (page.isascii() and page.isdecimal() and len(page) < 7):
        raise UsageError(f"{page[:8]!r} is no number of a page")
    return int(page) if page else None
