"""Browsers without a screen at the doors of a desk: who is signed in as what, and where endpoints lie."""

from __future__ import annotations

import re

from starlette.testclient import TestClient
from tests.servers.desks import ADA, PASSPHRASE

from witnessmark.model import Statement
from witnessmark.web.app import build
from witnessmark.web.office import Office
from witnessmark.web.roles import Role

ORIGIN = {"origin": "http://localhost:8765"}
WORD = "another four words"


def browser(office: Office, host: str = "localhost") -> TestClient:
    """A browser that has been nowhere yet."""
    return TestClient(build(office), base_url=f"http://{host}:8765", follow_redirects=False)


def came_in(office: Office, role: Role) -> tuple[TestClient, str]:
    """A browser in which somebody with one role is signed in, and the token of their forms."""
    accounts = office.accounts
    if not accounts.all():
        accounts.first(ADA, PASSPHRASE)
    if accounts.named(role.value) is None:
        accounts.add(role.value, WORD, (role,))
    client = browser(office)
    token = office.admit(accounts.named(role.value), "test", "en")  # type: ignore[arg-type]
    client.cookies.set(office.cookie, token)
    session = office.sessions.of(token)
    assert session is not None
    return client, session.form_token


def address_of(office: Office, path: str) -> str:
    """An endpoint's address with something in it that is there."""
    (name, _), *_ = office.desk.case.find(Statement)
    filled = {
        "exhibit": "E00001", "place": "0", "one": "E00008", "other": "E00007", "number": "1", "token": "none",
        "name": name.hex,
    }  # fmt: skip
    return re.sub(r"\{(\w+)\}", lambda found: filled[found[1]], path)
