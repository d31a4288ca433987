"""The door for programs: by a token in a header, never by a cookie, and with what they sent checked first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from witnessmark.errors import (
    IntegrityError,
    MalformedError,
    OutdatedError,
    RefusedError,
    UnavailableError,
    UsageError,
    WitnessmarkError,
)
from witnessmark.web.api.calling import read_body, read_question, told
from witnessmark.web.api.document import in_path
from witnessmark.web.endpoint import Call, Endpoint
from witnessmark.web.office import Office, Visit
from witnessmark.web.tokens import Token

_SCHEME = "bearer"
STATUS: Mapping[type[WitnessmarkError], int] = {
    UsageError: 404,
    UnavailableError: 503,
    OutdatedError: 409,
    RefusedError: 403,
    MalformedError: 422,
    IntegrityError: 500,
}


async def answered(office: Office, endpoint: Endpoint, request: Request) -> Response:
    """What a call is told, or in one sentence why it is told nothing."""
    asked = endpoint.call
    if asked is None:
        raise TypeError(f"{endpoint.path} is no call")
    try:
        body = await request.body()
    except ClientDisconnect:
        return trouble(UsageError("the request broke off"), 422)
    return await office.patiently(_answered, office, endpoint, request, body)


def trouble(error: WitnessmarkError, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """What went wrong, for a program."""
    return told({"trouble": str(error), "advice": error.advice}, status, headers)


def _answered(office: Office, endpoint: Endpoint, request: Request, body: bytes) -> Response:
    asked, token = endpoint.call, _token(office, request)
    account = None if token is None else office.accounts.named(token.owner)
    if token is None or account is None or asked is None or endpoint.roles is None:
        why = RefusedError("no token lets this program in", advice="send one as Authorization: Bearer …")
        return trouble(why, 401, {"www-authenticate": "Bearer"})
    if asked.scope not in token.scopes:
        return trouble(RefusedError(f"this token is not for {asked.scope.value}"), 403)
    if not endpoint.roles & frozenset(account.roles):
        return trouble(RefusedError("the owner of this token may not do that"), 403)
    try:
        visit = _visit(office, asked, request, body)
    except MalformedError as error:
        return trouble(MalformedError(str(error), advice=f"{DOCUMENTED}"), 422)
    visit.session = office.caller(token, account)
    try:
        return endpoint.answer(visit)
    except WitnessmarkError as error:
        status = next(code for family, code in STATUS.items() if isinstance(error, family))
        return trouble(error, 422 if status == 404 and asked.takes is not None else status)


DOCUMENTED = "what a call takes stands in /api/openapi.json"


def _token(office: Office, request: Request) -> Token | None:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return office.tokens.of(secret.strip()) if scheme.lower() == _SCHEME else None


def _visit(office: Office, asked: Call, request: Request, body: bytes) -> Visit:
    for name, value in request.path_params.items():
        in_path(name).read(value, f"{name} in the address")
    question = read_question(asked, request.query_params)
    sent = read_body(asked, body)
    fields, listed = _as_form(sent)
    return Visit(office, request, None, fields, "en", listed, question, sent)


def _as_form(sent: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """What a body holds as a form would have it; what is no text, number or list of texts is in the body."""
    listed = {
        name: tuple(value)
        for name, value in sent.items()
        if isinstance(value, list) and all(isinstance(one, str) for one in value)
    }
    fields = {name: value for name, value in sent.items() if isinstance(value, str)}
    fields |= {name: "yes" for name, value in sent.items() if value is True}
    whole = {name: value for name, value in sent.items() if isinstance(value, int)}
    fields |= {name: str(value) for name, value in whole.items() if not isinstance(value, bool)}
    return fields, listed
