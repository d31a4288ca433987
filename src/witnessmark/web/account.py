"""Account: what belongs to whoever is in, such as the tokens by which programs act in their name."""

from __future__ import annotations

from starlette.responses import Response

from witnessmark.errors import UsageError
from witnessmark.model import Facts
from witnessmark.web.accounts import LONGEST
from witnessmark.web.drawing import draw
from witnessmark.web.office import Visit, go
from witnessmark.web.people import confirmed
from witnessmark.web.roles import KEEPERS, WORKERS, Role
from witnessmark.web.tokens import LONGEST_LABEL, Scope, Token

DAYS = (1, 7, 30, 90, 366)
"""For how many days a token can be made on the page."""


def account(visit: Visit) -> Response:
    """The account of whoever is in."""
    return _page(visit, None)


def make_token(visit: Visit) -> Response:
    """A new token, shown this once, for the passphrase of its owner."""
    confirmed(visit)
    days = visit.fields.get("days", "")
    if days not in map(str, DAYS):
        raise UsageError("choose how long the token lives")
    scopes = tuple(scope for scope in _scopes(visit) if scope.value in visit.listed.get("scope", ()))
    owner = visit.required.account.name
    secret, made = visit.office.tokens.make(owner, visit.fields.get("label", ""), scopes, int(days))
    detail = Facts(
        token=made.name, scopes=[scope.value for scope in made.scopes], until=made.until.isoformat()
    )
    visit.desk.note("token.made", detail)
    return _page(visit, secret)


def revoke_token(visit: Visit) -> Response:
    """Nobody gets in by a token any more; a custodian can take back anybody's."""
    name = visit.fields.get("token", "")
    if name not in {one.name for one in _listed(visit)}:
        raise UsageError("there is no such token of yours")
    taken = visit.office.tokens.revoke(name)
    visit.desk.note("token.revoked", Facts(token=taken.name, owner=taken.owner))
    return go("/account")


def _page(visit: Visit, secret: str | None) -> Response:
    return draw(
        visit,
        "account.html",
        account=visit.required.account,
        tokens=_listed(visit),
        secret=secret,
        scopes=_scopes(visit),
        days=DAYS,
        longest=LONGEST,
        longest_label=LONGEST_LABEL,
    )


def _listed(visit: Visit) -> list[Token]:
    is_custodian = Role.CUSTODIAN in visit.roles
    mine = visit.required.account.name
    return [one for one in visit.office.tokens.all() if is_custodian or one.owner == mine]


def _scopes(visit: Visit) -> tuple[Scope, ...]:
    """The scopes that are of any use to the visitor."""
    useful = {
        Scope.READ: True,
        Scope.WRITE: bool(visit.roles & WORKERS),
        Scope.CUSTODY: bool(visit.roles & KEEPERS),
    }
    return tuple(scope for scope in Scope if useful[scope])
