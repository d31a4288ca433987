"""Deciding: what a program puts on record in the name of its owner, by the very functions of the pages."""

from __future__ import annotations

from typing import Any

from witnessmark.desk.claims import Claims
from witnessmark.desk.four_eyes import request_facts
from witnessmark.desk.seen import Seen
from witnessmark.model import Digest, Filing
from witnessmark.web import arrange, assess, compare, releases, review, tagging, talk
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
    """A claim merged or taken apart, a statement moved or split off."""
    return _claim(visit, assess.filed(visit))


def unfiled(visit: Visit) -> Facts:
    """A ruling on what counts where, taken back by a further one."""
    record, ruling = arrange.undone(visit, visit.path("name"))
    assert isinstance(ruling, Filing)  # noqa: S101 - for the type checker
    return _claim(visit, assess.Said(record, ruling.claim))


def labelled(visit: Visit) -> Facts:
    """The same label, or how graphic they are, on several exhibits."""
    return _labels(visit, tagging.tagged(visit).records)


def unlabelled(visit: Visit) -> Facts:
    """Labels taken back, each by a decision of its own."""
    tagging.untagged(visit)
    return _labels(visit, ())


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


def _claim(visit: Visit, said: assess.Said) -> Facts:
    case = visit.desk.case
    number, one = next(
        each for each in Claims.of(case).called(None) if said.claim in (each[1].digest, *each[1].absorbed)
    )
    revision = Seen.now(case, one.digest, *one.absorbed).revision
    return {"number": number, "record": said.record, "revision": revision}


def _labels(visit: Visit, records: tuple[Digest, ...]) -> Facts:
    return {"records": list(records), "since": visit.desk.case.head().size}
