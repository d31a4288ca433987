"""People: who may come in, and as what. Each change asks for the passphrase of whoever makes it."""

from __future__ import annotations

from starlette.responses import Response

from witnessmark.errors import RefusedError, UsageError
from witnessmark.model import Facts
from witnessmark.web.accounts import LONGEST, LONGEST_NAME, SHORTEST
from witnessmark.web.drawing import draw
from witnessmark.web.office import Visit, go
from witnessmark.web.roles import Role


def people(visit: Visit) -> Response:
    """Every account of this case."""
    bounds = {"shortest": SHORTEST, "longest": LONGEST, "longest_name": LONGEST_NAME}
    accounts = visit.office.accounts.all()
    coded = {one.name for one in accounts if visit.office.factors.of(one.name).asks_for_code}
    return draw(visit, "people.html", accounts=accounts, coded=coded, **bounds)


def add(visit: Visit) -> Response:
    """A further account."""
    confirmed(visit)
    name, passphrase = visit.fields.get("name", ""), visit.fields.get("passphrase", "")
    account = visit.office.accounts.add(name, passphrase, _roles(visit))
    visit.desk.note("account.made", Facts(name=account.name, roles=[role.value for role in account.roles]))
    return go("/people")


def change(visit: Visit) -> Response:
    """Other roles for somebody, or no way in any more; who is in under it has to come in again."""
    confirmed(visit)
    is_open = visit.fields.get("open") == "yes"
    name = visit.fields.get("name", "")
    account = visit.office.accounts.change(name, _roles(visit), is_open=is_open)
    if not is_open:
        visit.office.sessions.end_all_of(account.name)
        visit.office.tokens.revoke_all_of(account.name)
    roles = [role.value for role in account.roles]
    visit.office.desk.at_work(visit.desk.custodian.performer).note(
        "account.changed", Facts(name=account.name, roles=roles, open=is_open)
    )
    return go("/people")


def forget_factors(visit: Visit) -> Response:
    """No code or passkey is asked of somebody, as when their device is lost; their passphrase stays."""
    confirmed(visit)
    account = visit.office.accounts.named(visit.fields.get("name", ""))
    if account is None:
        raise UsageError("nobody is called that here", advice="choose one of the list")
    visit.office.factors.forget(account.name)
    visit.desk.note("factor.ended", Facts(factor="codes and passkeys", name=account.name))
    return go("/people")


def _roles(visit: Visit) -> tuple[Role, ...]:
    known = {role.value for role in Role}
    return tuple(Role(word) for word in visit.listed.get("role", ()) if word in known)


def confirmed(visit: Visit) -> None:
    """Pass if it is the person themselves who asks, and not somebody at a desk that was left open."""
    name = visit.required.account.name
    guessed = f"name {name.casefold()}"
    if visit.office.attempts.wait_s(guessed):
        raise RefusedError("too many wrong passphrases", advice="wait a while, then try again")
    if visit.office.accounts.admitted(name, visit.fields.get("own", "")) is None:
        visit.office.attempts.failed(guessed)
        raise RefusedError("that is not your passphrase", advice="nothing was changed")
    visit.office.attempts.succeeded(guessed)
