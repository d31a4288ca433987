"""Account: what belongs to whoever is in, such as the tokens by which programs act in their name."""

from __future__ import annotations

from starlette.responses import Response

from witnessmark.errors import RefusedError, UsageError
from witnessmark.model import Facts
from witnessmark.web.accounts import LONGEST
from witnessmark.web.drawing import draw
from witnessmark.web.entrance import LONGEST_CODE
from witnessmark.web.factors import LONGEST_LABEL as LONGEST_PASSKEY
from witnessmark.web.factors import address_of
from witnessmark.web.office import Visit, go
from witnessmark.web.people import confirmed
from witnessmark.web.roles import KEEPERS, WORKERS, Role
from witnessmark.web.tokens import LONGEST_LABEL, Scope, Token

DAYS = (1, 7, 30, 90, 366)
"""For how many days a token can be made on the page."""


def account(visit: Visit) -> Response:
    """The account of whoever is in."""
    return page(visit)


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
    return page(visit, secret)


def revoke_token(visit: Visit) -> Response:
    """Nobody gets in by a token any more; a custodian can take back anybody's."""
    name = visit.fields.get("token", "")
    if name not in {one.name for one in _listed(visit)}:
        raise UsageError("there is no such token of yours")
    taken = visit.office.tokens.revoke(name)
    visit.desk.note("token.revoked", Facts(token=taken.name, owner=taken.owner))
    return go("/account")


def begin_codes(visit: Visit) -> Response:
    """A fresh secret for an app for codes; nothing is asked of anyone before a code of it comes back."""
    confirmed(visit)
    if visit.office.factors.of(visit.required.account.name).has_codes:
        raise UsageError("codes are asked for already", advice="end that first")
    visit.required.offered = visit.office.factors.begin()
    return page(visit)


def adopt_codes(visit: Visit) -> Response:
    """From now on codes are asked for; recovery codes are shown this once."""
    session = visit.required
    if session.offered is None:
        raise UsageError("begin again", advice="a fresh secret is shown then")
    given = visit.fields.get("code", "")
    recovery = visit.office.factors.adopt(session.account.name, session.offered, given)
    session.offered = None
    visit.desk.note("factor.added", Facts(factor="codes"))
    return page(visit, None, recovery)


def end_codes(visit: Visit) -> Response:
    """No codes are asked for any more; that takes the passphrase and one more code."""
    confirmed(visit)
    name, guessed = visit.required.account.name, f"code {visit.required.account.name}"
    if visit.office.attempts.wait_s(guessed):
        raise RefusedError("too many wrong codes", advice="wait a while, then try again")
    if visit.office.factors.accepts(name, visit.fields.get("code", "")) is None:
        visit.office.attempts.failed(guessed)
        raise RefusedError("that is not a code of yours", advice="nothing was changed")
    visit.office.attempts.succeeded(guessed)
    visit.office.factors.end_codes(name)
    visit.desk.note("factor.ended", Facts(factor="codes"))
    return go("/account")


def page(visit: Visit, secret: str | None = None, recovery: tuple[str, ...] = ()) -> Response:
    """The account's page, with what is told this once: a token's secret, or recovery codes."""
    mine, offered = visit.required.account.name, visit.required.offered
    factors = visit.office.factors.of(mine)
    case = visit.desk.case.origin()[0]
    return draw(
        visit,
        "account.html",
        account=visit.required.account,
        tokens=_listed(visit),
        secret=secret,
        has_codes=factors.has_codes,
        passkeys=factors.passkeys,
        longest_passkey=LONGEST_PASSKEY,
        left=len(factors.recovery),
        offered=offered,
        app=None if offered is None else address_of(offered, mine, case),
        recovery=recovery,
        longest_code=LONGEST_CODE,
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
