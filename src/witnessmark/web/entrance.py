"""The entrance: one-time links, passphrases, and the way out."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from witnessmark.errors import RefusedError, UsageError, WitnessmarkError
from witnessmark.model import Facts, person
from witnessmark.web.accounts import LONGEST, LONGEST_NAME, SHORTEST, Account
from witnessmark.web.drawing import draw
from witnessmark.web.office import Visit, go
from witnessmark.web.words import LANGUAGES

LONGEST_CODE = 40
_BOUNDS = {"shortest": SHORTEST, "longest": LONGEST, "longest_name": LONGEST_NAME}


def sign_in_page(visit: Visit) -> Response:
    """The form for pseudonym and passphrase."""
    if visit.session is not None:
        return go("/")
    return draw(visit, "sign_in.html", trouble=None, given="", **_BOUNDS)


def sign_in(visit: Visit) -> Response:
    """In, if the passphrase is that of the pseudonym; whoever guesses has to wait longer each time."""
    name, passphrase = visit.fields.get("name", ""), visit.fields.get("passphrase", "")
    address = visit.request.client.host if visit.request.client else ""
    guessed = (f"name {name.casefold()}", f"address {address}")
    wait = visit.office.attempts.wait_s(*guessed)
    if wait:
        return sign_in_again(visit, visit.words["wait"].format(seconds=wait), name, 429)
    account = visit.office.accounts.admitted(name, passphrase)
    if account is None:
        visit.office.attempts.failed(*guessed)
        return sign_in_again(visit, visit.words["not_admitted"], name, 403)
    visit.office.attempts.succeeded(*guessed)
    if visit.office.factors.of(account.name).asks_for_code:
        return _ask_code(visit, visit.office.sessions.halfway(account.name), None, 200)
    return come_in(visit, account, "passphrase")


def give_code(visit: Visit) -> Response:
    """In, if the code is of now or a recovery code, and was not used before."""
    token = visit.fields.get("halfway", "")
    name = visit.office.sessions.half(token, use=False)
    account = None if name is None else visit.office.accounts.named(name)
    if name is None or account is None:
        return sign_in_again(visit, visit.words["too_late"], "", 403)
    guessed = f"code {name}"
    wait = visit.office.attempts.wait_s(guessed)
    if wait:
        return _ask_code(visit, token, visit.words["wait"].format(seconds=wait), 429)
    how = visit.office.factors.accepts(name, visit.fields.get("code", ""))
    if how is None:
        visit.office.attempts.failed(guessed)
        return _ask_code(visit, token, visit.words["wrong_code"], 403)
    visit.office.attempts.succeeded(guessed)
    if visit.office.sessions.half(token, use=True) is None:
        return sign_in_again(visit, visit.words["too_late"], "", 403)
    return come_in(visit, account, f"passphrase and {how}")


def _ask_code(visit: Visit, token: str, trouble: str | None, status: int) -> Response:
    return draw(visit, "code.html", status, halfway=token, trouble=trouble, longest_code=LONGEST_CODE)


def sign_in_again(visit: Visit, trouble: str, name: str, status: int) -> Response:
    """The form once more, and in a sentence why."""
    return draw(visit, "sign_in.html", status, trouble=trouble, given=name[:LONGEST_NAME], **_BOUNDS)


def enter_page(visit: Visit) -> Response:
    """What a one-time link leads to; looking at it does not use it up."""
    link = visit.office.sessions.linked(visit.path("token"), use=False)
    if link is None:
        return draw(visit, "link_gone.html", 410)
    given = visit.office.desk.custodian.performer.name
    return draw(visit, "enter.html", name=link.name, given=given, trouble=None, **_BOUNDS)


def enter(visit: Visit) -> Response:
    """In by a one-time link: as the person whom it is for, or as whoever makes the first account."""
    sessions, token = visit.office.sessions, visit.path("token")
    link = sessions.linked(token, use=False)
    if link is None:
        return draw(visit, "link_gone.html", 410)
    if link.name is None:
        try:
            account = _first(visit)
        except WitnessmarkError as error:
            given = visit.fields.get("name", "")[:LONGEST_NAME]
            return draw(visit, "enter.html", 422, name=None, given=given, trouble=str(error), **_BOUNDS)
        sessions.linked(token, use=True)
        return come_in(visit, account, "first account")
    named = visit.office.accounts.named(link.name)
    if named is None or sessions.linked(token, use=True) is None:
        return draw(visit, "link_gone.html", 410)
    return come_in(visit, named, "one-time link")


def _first(visit: Visit) -> Account:
    passphrase = visit.fields.get("passphrase", "")
    if passphrase != visit.fields.get("again", ""):
        raise UsageError(visit.words["not_same"])
    account = visit.office.accounts.first(visit.fields.get("name", ""), passphrase)
    made = Facts(name=account.name, roles=[role.value for role in account.roles])
    visit.office.desk.at_work(person(account.name)).note("account.made", made)
    return account


def come_in(visit: Visit, account: Account, how: str) -> Response:
    """The board, with the cookie of a new session."""
    token = visit.office.admit(account, how, visit.language)
    answer = go("/")
    answer.set_cookie(visit.office.cookie, token, path="/", httponly=True, samesite="strict")
    return answer


def leave(visit: Visit) -> Response:
    """Out: the session is over, here and wherever else its token may lie."""
    visit.office.sessions.end(visit.required)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(visit.office.cookie, path="/", httponly=True, samesite="strict")
    answer.headers["clear-site-data"] = '"cache", "storage"'
    return answer


def speak(visit: Visit) -> Response:
    """The pages in another language from now on."""
    language = visit.fields.get("language", "")
    if language not in LANGUAGES:
        raise UsageError("the desk does not speak that", advice=f"it speaks {', '.join(LANGUAGES)}")
    visit.required.language = language
    back = visit.fields.get("back", "/")
    is_here = back.startswith("/") and not back.startswith(("//", "/\\"))
    if not is_here:
        raise RefusedError("that is not a page of this desk")
    return go(back)
