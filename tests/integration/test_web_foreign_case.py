"""Two cases side by side: what lets somebody into the one lets nobody into the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from argon2 import PasswordHasher
from tests.servers.desks import PASSPHRASE, office_of
from tests.servers.doors import ORIGIN, address_of, browser, came_in, program

from witnessmark.cli import run
from witnessmark.model import Statement
from witnessmark.web.accounts import Accounts
from witnessmark.web.office import Office
from witnessmark.web.roles import Role
from witnessmark.web.table import ENDPOINTS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
OWN = "the name of somebody of the other case"


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The desk of another case, in which the same pseudonyms have accounts with other passphrases."""
    tmp_path = tmp_path_factory.mktemp("other")
    case, keys = tmp_path / "other", tmp_path / "other-keys"
    (tmp_path / "note.txt").write_text("The hall was full on Monday, the caretaker said.", "utf-8")
    run(["new", str(case), "--name", "Other", "--keys", str(keys), "--as", "eve"])
    (case / "witnessmark.toml").write_text(f'[desk]\nkeys = "{keys}"\nperson = "eve"\n', "utf-8")
    run(["take", str(tmp_path / "note.txt"), "--case", str(case)])
    made = office_of(case)
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    object.__setattr__(made, "accounts", Accounts(tmp_path / "other-accounts.json", quick))
    made.accounts.first(OWN, PASSPHRASE)
    for role in Role:
        made.accounts.add(role.value, f"{PASSPHRASE} of the other case", (role,))
    yield made
    made.close()
    made.desk.close()


@pytest.mark.parametrize("role", list(Role), ids=lambda one: str(one.value))
def test_no_endpoint_answers_whoever_is_in_at_another_case(office: Office, other: Office, role: Role) -> None:
    person, form = came_in(office, role)
    caller = program(office, role)
    cookie, secret = person.cookies[office.cookie], caller.headers["authorization"]
    before = other.desk.case.head().size
    wrong = []
    stranger = browser(other)
    stranger.headers["authorization"] = secret
    for endpoint in ENDPOINTS:
        if endpoint.roles is None:
            continue
        stranger.cookies.set(other.cookie, cookie)
        address = address_of(office, endpoint.path)
        if endpoint.method == "GET":
            answer = stranger.get(address)
        else:
            is_call = endpoint.call is not None
            answer = stranger.post(
                address,
                headers={} if is_call else ORIGIN,
                content=b"{}" if is_call else f"form={form}".encode(),
            )
        if answer.status_code not in (303, 401) or answer.headers.get("location", "/sign-in") != "/sign-in":
            wrong.append((endpoint.method, endpoint.path, answer.status_code))
    assert not wrong
    assert other.desk.case.head().size == before


def test_what_one_case_has_is_not_there_in_another(office: Office, other: Office) -> None:
    other.accounts.change("lead", (Role.LEAD,), is_open=True)
    account = other.accounts.named("lead")
    assert account is not None
    client = browser(other)
    client.cookies.set(other.cookie, other.admit(account, "test", "en"))
    (name, _), *_ = office.desk.case.find(Statement)
    session = office.sessions.of(came_in(office, Role.LEAD)[0].cookies[office.cookie])
    assert session is not None
    granted = office.sessions.grant(session, "seen", office.desk.case.digest_of_exhibit("E00008"))
    for address in (f"/statements/{name.hex}", "/exhibits/E00008", "/covers/E00008.jpg", "/claims/1",
                    f"/seen/{granted}.jpg", "/compare/E00008/E00007"):  # fmt: skip
        assert client.get(address).status_code == 404, address
    assert browser(other, "127.0.0.1").get(f"/kept/{granted}/E00008").status_code == 404
