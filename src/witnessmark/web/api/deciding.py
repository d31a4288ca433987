"""Deciding: what a program puts on record in the name of its owner, by the very functions of the pages."""

from __future__ import annotations

from typing import Any

from witnessmark.desk.claims import Claims
from witnessmark.desk.four_eyes import request_facts
from witnessmark.desk.seen import Seen
from witnessmark.web import assess, compare, releases, review, talk
from witnessmark.web.api.looking import told_talk
from witnessmark.web.office import Visit

Facts = dict[str, Any]


def pair(visit: Visit) -> Facts:
    """A person's word on two exhibits."""
    compare.decided(visit)
    revision = Seen.now(visit.desk.case, *compare.pair_of(visit)).revision
    return {"one": visit.path("one"), "other": visit.path("other"), "revision": revision}


def proposal(visit: Visit) -> Facts:
    """A proposed statement confirmed, mended or rejected."""
    waiting, records = review.decided(visit)
    return {"exhibit": waiting.number, "place": waiting.place, "records": records}


def filed(visit: Visit) -> Facts:
    """A claim merged or taken apart, or a statement moved."""
    return _claim(visit, assess.filed(visit))


def assessed(visit: Visit) -> Facts:
    """An assessment."""
    return _claim(visit, assess.assessed(visit))


def reread(visit: Visit) -> Facts:
    """A second reading of somebody else's assessment."""
    return _claim(visit, assess.reread(visit))


def commented(visit: Visit) -> Facts:
    """A comment."""
    return {"record": talk.commented(visit)}


def assigned(visit: Visit) -> Facts:
    """Who is to see to something."""
    return told_talk(talk.assigned(visit))


def release(visit: Visit) -> Facts:
    """A release asked for. To answer one takes a person at the desk."""
    return request_facts(visit.desk.case, releases.asked(visit))


def _claim(visit: Visit, number: int) -> Facts:
    case = visit.desk.case
    ((_, one),) = Claims.of(case).called(str(number))
    return {"number": number, "revision": Seen.now(case, one.digest, *one.absorbed).revision}
