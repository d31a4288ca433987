"""Browsers without a screen at the doors of a desk: who is signed in as what, and where endpoints lie."""

from __future__ import annotations

import re

from starlette.testclient import TestClient
from tests.servers.desks import ADA, PASSPHRASE

from witnessmark.model import Statement
from witnessmark.web.app import build
from witnessmark.web.office import Office
from witnessmark.web.roles import Role
from witnessmark.web.tokens import Scope

ADDRESS = "http://localhost:8765"
ORIGIN = {"origin": ADDRESS}
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


def program(office: Office, role: Role, host: str = "localhost") -> TestClient:
    """A program with a token for everything, of somebody with one role."""
    came_in(office, role)
    secret, _ = office.tokens.make(role.value, "a test", tuple(Scope), 1)
    client = browser(office, host)
    client.headers["authorization"] = f"Bearer {secret}"
    return client


def address_of(office: Office, path: str) -> str:
    """An endpoint's address with something in it that is there."""
    filled = filling(office)
    if path == "/live":
        return "/live?at=/&wait=no"  # without this it goes on as long as somebody listens
    return re.sub(r"\{(\w+)\}", lambda found: filled[found[1]], path)


def filling(office: Office) -> dict[str, str]:
    """Something that is there for every part of an address."""
    (name, _), *_ = office.desk.case.find(Statement)
    return {
        "exhibit": "E00001", "place": "0", "one": "E00008", "other": "E00007", "number": "1", "token": "none",
        "name": name.hex, "at": "0", "version": "0",
    }  # fmt: skip
