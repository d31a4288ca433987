"""The witness on the wire: two addresses, one to be given checkpoints and one to show them.

Nobody is told apart here but by the signature on a checkpoint; no address is logged or kept.
"""

from __future__ import annotations

import asyncio

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from witnessmark.errors import UnavailableError
from witnessmark.witness.answering import Witness

_LARGEST = 64 * 1024
_TIMEOUT_S = 10.0


def build(witness: Witness, *, largest: int = _LARGEST, timeout_s: float = _TIMEOUT_S) -> Starlette:
    """The web application that lets `witness` answer requests of up to `largest` bytes."""

    async def add_checkpoint(request: Request) -> Response:
        verdict = await run_in_threadpool(witness.answer, await _body(request, largest, timeout_s))
        if verdict.status == 409:
            return Response(verdict.body, 409, media_type="text/x.tlog.size")
        return PlainTextResponse(verdict.body, verdict.status)

    async def checkpoint(request: Request) -> Response:
        try:
            note = await run_in_threadpool(witness.published, request.path_params["hashed_origin"])
        except UnavailableError as error:
            return PlainTextResponse(f"{error}\n", 503)
        if note is None:
            return PlainTextResponse("this witness has no checkpoint of that log\n", 404)
        return PlainTextResponse(note)

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/{hashed_origin}/checkpoint", checkpoint, methods=["GET"]),
        ]
    )


async def _body(request: Request, largest: int, timeout_s: float) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(timeout_s):
            async for part in request.stream():
                body += part
                if len(body) > largest:
                    raise HTTPException(413, f"a request has at most {largest} bytes\n")
    except TimeoutError as error:
        raise HTTPException(408, "the request took too long\n") from error
    except ClientDisconnect as error:
        raise HTTPException(400, "the request broke off\n") from error
    return bytes(body)
