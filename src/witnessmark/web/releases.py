"""Releases: what waits for the word of a second person, is asked for, granted or declined."""

from __future__ import annotations

from starlette.responses import Response

from witnessmark.desk.erasing import called
from witnessmark.desk.four_eyes import (
    LONGEST_REASON,
    MOST_ABOUT,
    FourEyes,
    Request,
    Sensitive,
    State,
    request_facts,
)
from witnessmark.errors import UsageError
from witnessmark.web.accounts import LONGEST
from witnessmark.web.drawing import draw
from witnessmark.web.office import Visit, go
from witnessmark.web.people import confirmed
from witnessmark.web.roles import CUSTODIANS, KEEPERS

_LONGEST_ABOUT = 20_000


def releases(visit: Visit) -> Response:
    """Every request of late, those that wait first, and which acts need a second person."""
    case, four = visit.desk.case, FourEyes(visit.desk.case, visit.desk.custodian)
    told = [request_facts(case, one) for one in four.requests()]
    mine = visit.required.account.name
    return draw(
        visit,
        "releases.html",
        waiting=[one for one in told if one["state"] == State.WAITS.value],
        answered=[one for one in told if one["state"] != State.WAITS.value],
        policy=four.policy(),
        acts=tuple(Sensitive),
        given={name: visit.asked(name)[:40] for name in ("act", "about")},
        mine=mine,
        answers_for=bool(visit.roles & KEEPERS),
        decides=bool(visit.roles & CUSTODIANS),
        longest=LONGEST,
        longest_reason=LONGEST_REASON,
        longest_about=_LONGEST_ABOUT,
    )


def ask_release(visit: Visit) -> Response:
    """A request in the name of whoever is in; to ask takes nothing but a reason."""
    asked(visit)
    return go("/releases")


def asked(visit: Visit) -> Request:
    """The request that was made."""
    names = " ".join(visit.listed.get("about", ())).replace(",", " ").split()
    if len(names) > MOST_ABOUT:
        raise UsageError(f"a request names at most {MOST_ABOUT} things", advice="ask in parts")
    act = _act(visit.fields.get("act", ""))
    with visit.desk.second_person() as four:
        return four.ask(
            act, [called(visit.desk.case, name) for name in names], visit.fields.get("reason", "")
        )


def answer_release(visit: Visit) -> Response:
    """Somebody else's request granted or declined, for the passphrase of whoever answers."""
    verdict = visit.fields.get("verdict", "")
    if verdict not in ("grant", "decline"):
        raise UsageError("say whether the request is granted or declined")
    number = visit.path("number")
    if not (number.isascii() and number.isdecimal() and len(number) < 12):
        raise UsageError(f"{number[:40]!r} is no request")
    confirmed(visit)
    with visit.desk.second_person() as four:
        four.answer(int(number), visit.fields.get("reason", ""), grants=verdict == "grant")
    return go("/releases")


def require_second(visit: Visit) -> Response:
    """Which acts need a second person from now on; one act fewer needs one itself."""
    confirmed(visit)
    with visit.desk.second_person() as four:
        four.require([_act(word) for word in visit.listed.get("act", ())])
    return go("/releases")


def _act(word: str) -> Sensitive:
    if word not in set(Sensitive):
        raise UsageError("choose what is asked for")
    return Sensitive(word)
