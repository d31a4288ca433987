"""The description of all calls as OpenAPI 3.1, made from the table that answers them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from witnessmark.web.api.answers import DIGEST, EXHIBIT, HEX, TROUBLE
from witnessmark.web.api.table import CALLS
from witnessmark.web.endpoint import Call, Endpoint
from witnessmark.web.roles import Role
from witnessmark.web.shapes import Schema, Shape, Text, Whole
from witnessmark.web.tokens import BEGINS

DOCUMENT = "/api/openapi.json"
"""Where the description lies; it says nothing of the case, so that anyone at the door may read it."""
_IN_PATH: dict[str, Shape] = {
    "exhibit": EXHIBIT,
    "one": EXHIBIT,
    "other": EXHIBIT,
    "number": Whole(1, 10**9, says="the number of a claim"),
    "name": HEX,
    "place": Whole(0, 10**8),
    "version": Whole(0, 10**6, says="the number of a version of the brief"),
}
_TROUBLES = {
    401: "no token, or one that is unknown, too old or taken back",
    403: "the token or the part of its owner does not include this, or it may not be done",
    404: "it names something that is not there",
    409: "somebody put a word on record since you looked; look again",
    413: "the body is too long",
    422: "something that was sent is not of its form, or makes no sense here",
    500: "kept evidence has changed: stop, and call for help",
    503: "something that is needed did not answer; try again later",
}


def document() -> dict[str, Any]:
    """The whole description."""
    paths: dict[str, Any] = {}
    for endpoint in CALLS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Witnessmark",
            "version": "1",
            "summary": "One case, as the desk in the browser shows it, for programs.",
            "description": (
                "Programs find; people assess: what is written is written in the name of the token's owner,"
                " with no more than that person may do. Members may be added to answers, not taken away."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": {"Trouble": TROUBLE.schema()},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": f"{BEGINS}…",
                    "description": "made on the page Tokens; a cookie lets nobody in here",
                }
            },
        },
        "security": [{"token": []}],
    }


def written() -> str:
    """The description as it is given out and kept in docs/reference."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    asked = endpoint.call
    if asked is None or endpoint.roles is None:
        raise TypeError(f"{endpoint.path} is no call")
    roles = ", ".join(role.value for role in Role if role in endpoint.roles)
    told: dict[str, Any] = {
        "operationId": re.sub(r"\W", "_", asked.name),
        "summary": asked.says.partition(". ")[0].rstrip("."),
        "description": f"{asked.says}\n\nScope: {asked.scope.value}. Parts: {roles}.",
        "parameters": list(_parameters(endpoint, asked)),
        "responses": {str(asked.status): _answer("as it stands now", asked.gives.schema())},
    }
    troubles = [code for code in _TROUBLES if asked.takes is not None or code not in (409, 413)]
    trouble = {"$ref": "#/components/schemas/Trouble"}
    told["responses"] |= {str(code): _answer(_TROUBLES[code], trouble) for code in troubles}
    if asked.takes is not None:
        body = {"application/json": {"schema": asked.takes.schema()}}
        told["requestBody"] = {"required": True, "content": body}
    return told


def _parameters(endpoint: Endpoint, asked: Call) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", endpoint.path):
        yield {"name": name, "in": "path", "required": True, "schema": in_path(name).schema()}
    for name, shape in asked.asks.items():
        yield {"name": name, "in": "query", "required": name == "words", "schema": shape.schema()}


def in_path(name: str) -> Shape:
    """The shape of a part of an address."""
    return _IN_PATH.get(name, Text())


def _answer(says: str, schema: Schema) -> dict[str, Any]:
    return {"description": says, "content": {"application/json": {"schema": schema}}}


__all__ = ["DIGEST", "DOCUMENT", "document", "in_path", "written"]
