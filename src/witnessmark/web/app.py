"""The application: every endpoint of the table behind the gate, and what went wrong told in a sentence."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from witnessmark.errors import UsageError, WitnessmarkError
from witnessmark.web.api.document import DOCUMENT, written
from witnessmark.web.api.door import STATUS, answered, trouble
from witnessmark.web.assets import asset
from witnessmark.web.collected import kept
from witnessmark.web.drawing import draw
from witnessmark.web.endpoint import Endpoint
from witnessmark.web.gate import API, Gate
from witnessmark.web.office import Office, Visit, language_of, session_of, visit_of
from witnessmark.web.table import ENDPOINTS
from witnessmark.web.taking import receive, receiving

logger = logging.getLogger(__name__)


def build(office: Office) -> ASGIApp:
    """The desk at `localhost` and collected bytes at `127.0.0.1`, both at the office's port."""

    async def give_kept(request: Request) -> Response:
        if request.state.is_desk:
            raise HTTPException(404)
        return await office.patiently(kept, office, request)

    async def give_asset(request: Request) -> Response:
        found = asset(str(request.path_params["name"]))
        if found is None or not request.state.is_desk:
            raise HTTPException(404)
        return Response(found[0], media_type=found[1], headers={"cache-control": "no-cache"})

    async def describe(request: Request) -> Response:
        if not request.state.is_desk:
            raise HTTPException(404)
        return Response(written(), media_type="application/json", headers={"cache-control": "no-cache"})

    routes = [
        Route(DOCUMENT, describe, methods=["GET"]),
        Route("/static/{name}", give_asset, methods=["GET"]),
        Route("/kept/{token}/{name:path}", give_kept, methods=["GET"]),
        *(Route(one.path, _answering(office, one), methods=[one.method]) for one in ENDPOINTS),
    ]
    app = Starlette(routes=routes, exception_handlers={404: _nothing, 405: _nothing})
    return Gate(app, office.port)


async def _nothing(request: Request, error: Exception) -> Response:
    if request.url.path.startswith(API):
        status = error.status_code if isinstance(error, HTTPException) else 404
        headers = error.headers if isinstance(error, HTTPException) else None
        return trouble(UsageError("there is nothing here", advice=f"look into {DOCUMENT}"), status, headers)
    return PlainTextResponse("There is nothing here.\n", 404)


def _answering(office: Office, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        if not request.state.is_desk:
            raise HTTPException(404)
        if endpoint.call is not None:
            return await answered(office, endpoint, request)
        if endpoint.takes_files:
            return await _with_files(office, endpoint, request)
        try:
            visit = await visit_of(office, request)
        except WitnessmarkError as error:
            return PlainTextResponse(f"{error}: {error.advice}\n", STATUS[type(error)])
        return await _in_turn(endpoint, visit)

    return answer


async def _in_turn(endpoint: Endpoint, visit: Visit) -> Response:
    """What the endpoint answers, given where it keeps nobody waiting who asks for what is soon over."""
    if not endpoint.always_takes_long:
        answer = await visit.office.soon(_answered_soon, endpoint, visit)
        if answer is not None:
            return answer
    return await visit.office.patiently(_answered, endpoint, visit)


async def _with_files(office: Office, endpoint: Endpoint, request: Request) -> Response:
    """What is answered to a form with files, which is read only for those who may send it."""
    session = session_of(office, request)
    visit = Visit(office, request, session, {}, language_of(request, session))
    if session is None or not visit.roles & (endpoint.roles or frozenset()):
        return await _in_turn(endpoint, visit)
    try:
        with receiving(office, session, int(request.headers["content-length"])) as sent:
            await receive(office, sent, request)
            visit.sent, visit.fields = sent, sent.fields
            return await _in_turn(endpoint, visit)
    except WitnessmarkError as error:
        return await office.patiently(_trouble, visit, error)


def _answered_soon(endpoint: Endpoint, visit: Visit) -> Response | None:
    """What the endpoint answers this visitor, or why it does not; None if that may take long."""
    if callable(endpoint.takes_long) and visit.session is not None:
        visit.since = visit.office.desk.case.head().size
        with suppress(WitnessmarkError):  # told by the answer
            if endpoint.takes_long(visit):
                return None
    return _answered(endpoint, visit)


def _answered(endpoint: Endpoint, visit: Visit) -> Response:
    """What the endpoint answers this visitor, or why it does not."""
    if endpoint.roles is not None and visit.session is None:
        is_page = endpoint.method == "GET" and "{" not in endpoint.path.replace("{number}", "")
        return RedirectResponse("/sign-in", 303) if is_page else PlainTextResponse("Sign in first.\n", 401)
    if endpoint.roles is not None and not visit.roles & endpoint.roles:
        return draw(visit, "not_allowed.html", 403)
    if visit.session is not None and not visit.since:
        visit.since = visit.office.desk.case.head().size
    try:
        return endpoint.answer(visit)
    except WitnessmarkError as error:
        return _trouble(visit, error)


def _trouble(visit: Visit, error: WitnessmarkError) -> Response:
    status = next(code for family, code in STATUS.items() if isinstance(error, family))
    if status == 500:
        logger.error("kept evidence has changed: the service should be stopped")
    if visit.request.method == "POST" and status == 404:
        status = 422
    if "application/json" in visit.request.headers.get("accept", ""):
        return JSONResponse({"trouble": str(error), "advice": error.advice}, status)
    return draw(visit, "trouble.html", status, trouble=str(error), advice=error.advice)
