"""Signing in with a code besides the passphrase: asked for, good once, not to be guessed, lost and ended."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from starlette.testclient import TestClient
from tests.servers.doors import ORIGIN, WORD, browser, came_in

from witnessmark.web.factors import STEP_S, code_of
from witnessmark.web.office import Office
from witnessmark.web.roles import Role
from witnessmark.web.sessions import HALF_S

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Clock:
    """The clock by which codes change and the one by which people wait, moved together."""

    def __init__(self, office: Office) -> None:
        self.now = 1_800_000_000.0
        office.factors._clock_s = self
        for part in (office.sessions, office.attempts):
            part.clock_s = self

    def __call__(self) -> float:
        return self.now


def adopted(office: Office, clock: Clock) -> tuple[TestClient, str, str, list[str]]:
    """An analyst who is asked for codes from now on: their browser, form, secret and recovery codes."""
    client, form = came_in(office, Role.ANALYST)
    fields = {"form": form, "own": WORD}
    assert client.post("/account/codes", data={**fields, "code": "1"}, headers=ORIGIN).status_code == 422
    wrong = {**fields, "own": "wrong words entirely"}
    assert client.post("/account/codes/begun", data=wrong, headers=ORIGIN).status_code == 403
    page = client.post("/account/codes/begun", data=fields, headers=ORIGIN).text
    secret = re.search(r'class="secret">([A-Z2-7]{32})<', page)[1]  # type: ignore[index]
    assert not office.factors.of("analyst").asks_for_code
    given = {**fields, "code": code_of(secret, int(clock.now) // STEP_S)}
    page = client.post("/account/codes", data=given, headers=ORIGIN).text
    recovery = re.findall(r'class="secret">((?:[a-z2-7]{4}-){3}[a-z2-7]{4})<', page)
    assert len(recovery) == 10
    assert recovery[0] not in client.get("/account").text
    return client, form, secret, recovery


def halfway(office: Office) -> tuple[TestClient, str]:
    """A browser in which the passphrase was given, and the token to go on with."""
    client = browser(office)
    page = client.post("/sign-in", data={"name": "analyst", "passphrase": WORD}, headers=ORIGIN)
    assert (page.status_code, client.get("/").status_code) == (200, 303)
    assert "set-cookie" not in page.headers
    return client, re.search(r'name="halfway" value="([\w-]+)"', page.text)[1]  # type: ignore[index]


def test_a_passphrase_alone_lets_nobody_in_who_has_codes_and_each_code_is_good_once(office: Office) -> None:
    clock = Clock(office)
    _, _, secret, recovery = adopted(office, clock)
    clock.now += STEP_S
    code = code_of(secret, int(clock.now) // STEP_S)
    client, token = halfway(office)
    for wrong in ({"code": ""}, {"code": "000000" if code != "000000" else "111111"}, {"halfway": "x"}):
        fields = {"halfway": token, "code": code, **wrong}
        assert client.post("/sign-in/code", data=fields, headers=ORIGIN).status_code == 403
    answer = client.post("/sign-in/code", data={"halfway": token, "code": code}, headers=ORIGIN)
    assert answer.status_code == 303
    assert client.get("/").status_code == 200
    case = office.desk.case
    assert case.action(case.acts("desk.entered")[-1]).detail["how"] == "passphrase and code"
    other, token = halfway(office)
    assert (
        other.post("/sign-in/code", data={"halfway": token, "code": code}, headers=ORIGIN).status_code == 403
    )
    by_recovery = {"halfway": token, "code": recovery[0]}
    assert other.post("/sign-in/code", data=by_recovery, headers=ORIGIN).status_code == 303
    assert case.action(case.acts("desk.entered")[-1]).detail["how"] == "passphrase and recovery code"
    again, token = halfway(office)
    by_recovery["halfway"] = token
    assert again.post("/sign-in/code", data=by_recovery, headers=ORIGIN).status_code == 403


def test_codes_cannot_be_guessed_and_a_half_way_in_does_not_last(office: Office) -> None:
    clock = Clock(office)
    _, _, secret, _ = adopted(office, clock)
    client, token = halfway(office)
    statuses = []
    for guess in range(6):
        fields = {"halfway": token, "code": f"00000{guess}"}
        statuses.append(client.post("/sign-in/code", data=fields, headers=ORIGIN).status_code)
    assert statuses == [403] * 5 + [429]
    another, token = halfway(office)
    right = {"halfway": token, "code": code_of(secret, int(clock.now) // STEP_S + 1)}
    assert another.post("/sign-in/code", data=right, headers=ORIGIN).status_code == 429
    clock.now += STEP_S
    assert another.post("/sign-in/code", data=right, headers=ORIGIN).status_code == 303
    late, token = halfway(office)
    clock.now += HALF_S + 1
    fields = {"halfway": token, "code": code_of(secret, int(clock.now) // STEP_S)}
    assert late.post("/sign-in/code", data=fields, headers=ORIGIN).status_code == 403
    assert late.get("/").status_code == 303


def test_codes_end_by_a_code_or_by_a_custodian_and_the_log_says_so(office: Office) -> None:
    clock = Clock(office)
    client, form, secret, recovery = adopted(office, clock)
    clock.now += STEP_S
    fields = {"form": form, "own": WORD, "code": "999999"}
    assert client.post("/account/codes/ended", data=fields, headers=ORIGIN).status_code == 403
    assert office.factors.of("analyst").asks_for_code
    fields["code"] = recovery[1]
    assert client.post("/account/codes/ended", data=fields, headers=ORIGIN).status_code == 303
    assert not office.factors.of("analyst").asks_for_code
    adopted(office, clock)
    custodian, its = came_in(office, Role.CUSTODIAN)
    assert "/people/factors" in custodian.get("/people").text
    lost = {"form": its, "name": "analyst", "own": "wrong words entirely"}
    assert custodian.post("/people/factors", data=lost, headers=ORIGIN).status_code == 403
    assert custodian.post("/people/factors", data={**lost, "own": WORD}, headers=ORIGIN).status_code == 303
    assert not office.factors.of("analyst").asks_for_code
    case = office.desk.case
    acts = [case.action(index) for index in case.acts("factor.ended")]
    assert [act.performer.name for act in acts[-2:]] == ["analyst", "custodian"]
    assert len(case.acts("factor.added")) >= 2
    assert secret not in str(acts)
