"""Passkeys at the door: made for a passphrase, signed once for each way in, and nothing given away."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")
pytest.importorskip("fido2", reason="the extra `web` is not installed")

from starlette.testclient import TestClient
from tests.servers.authenticators import PRESENT, Authenticator
from tests.servers.doors import ORIGIN, WORD, browser, came_in

from witnessmark.web.factors import MOST_PASSKEYS
from witnessmark.web.office import Office
from witnessmark.web.roles import Role
from witnessmark.web.sessions import CHALLENGE_S, HALF_S

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Clock:
    """The clock by which people wait."""

    def __init__(self, office: Office) -> None:
        self.now = 1_000_000.0
        for part in (office.sessions, office.attempts):
            part.clock_s = self

    def __call__(self) -> float:
        return self.now


def asked_to_make(client: TestClient, form: str) -> dict[str, Any]:
    answer = client.post("/account/passkeys/begun", data={"form": form, "own": WORD}, headers=ORIGIN)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def adopted(
    office: Office, role: Role = Role.ANALYST, device: Authenticator | None = None
) -> tuple[TestClient, str, Authenticator, list[str]]:
    """Somebody with a passkey: their browser, form, device, and the recovery codes that they were told."""
    client, form = came_in(office, role)
    device = device or Authenticator()
    fields = {"form": form, "label": "a key of mine", "answer": device.make(asked_to_make(client, form))}
    answer = client.post("/account/passkeys", data=fields, headers=ORIGIN)
    assert answer.status_code == 200, answer.text
    return client, form, device, re.findall(r'class="secret">((?:[a-z2-7]{4}-){3}[a-z2-7]{4})<', answer.text)


def asked_to_sign(client: TestClient) -> dict[str, Any]:
    answer = client.post("/sign-in/passkey/begun", data={"x": "1"}, headers=ORIGIN)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def given(client: TestClient, answer: str) -> int:
    """How the door answers to what a device said."""
    return client.post("/sign-in/passkey", data={"answer": answer}, headers=ORIGIN).status_code


def test_a_passkey_lets_its_owner_in_and_the_log_says_by_what(office: Office) -> None:
    _, _, device, recovery = adopted(office)
    assert len(recovery) == 10
    stranger = browser(office)
    options = asked_to_sign(stranger)
    assert (options["rpId"], options["userVerification"]) == ("localhost", "required")
    assert given(stranger, device.sign(options)) == 303
    assert stranger.get("/").status_code == 200
    case = office.desk.case
    entered = case.action(case.acts("desk.entered")[-1])
    assert (entered.performer.name, entered.detail["how"]) == ("analyst", "passkey")
    added = case.action(case.acts("factor.added")[-1])
    assert added.detail["factor"] == "passkey"
    assert "a key of mine" not in str(added)


def test_an_answer_is_taken_once_soon_and_for_the_challenge_that_was_given(office: Office) -> None:
    clock = Clock(office)
    _, _, device, _ = adopted(office)
    client = browser(office)
    answer = device.sign(asked_to_sign(client))
    assert given(client, answer) == 303
    assert given(browser(office), answer) == 403
    late = asked_to_sign(browser(office))
    clock.now += CHALLENGE_S + 1
    assert given(browser(office), device.sign(late)) == 403
    other, form = came_in(office, Role.ANALYST)
    assert given(browser(office), device.sign(asked_to_make(other, form))) == 403
    clock.now += 3_600
    assert given(browser(office), device.sign({"challenge": "AAAA"})) == 403
    stranger = browser(office)
    assert given(stranger, device.sign(asked_to_sign(stranger))) == 303


@pytest.mark.parametrize(
    "bent",
    [
        {"origin": "http://localhost:9999"},
        {"origin": "https://localhost:8765"},
        {"origin": "http://127.0.0.1:8765"},
        {"host": "desk.example"},
        {"flags": PRESENT},
        {"flags": 0},
        {"credential": b"another one"},
        {"handle": "AAAA"},
        {"handle": ""},
        {"uses": 0},
    ],
    ids=str,
)
def test_a_passkey_that_is_not_all_right_lets_nobody_in(office: Office, bent: dict[str, Any]) -> None:
    _, _, device, _ = adopted(office)
    for name, value in bent.items():
        setattr(device, name, value)
    client = browser(office)
    assert given(client, device.sign(asked_to_sign(client))) == 403
    assert client.get("/").status_code == 303


def test_another_key_under_the_same_name_lets_nobody_in(office: Office) -> None:
    _, _, device, _ = adopted(office)
    device.key = Authenticator().key
    client = browser(office)
    assert given(client, device.sign(asked_to_sign(client))) == 403


def test_a_count_that_goes_back_is_refused_and_on_the_log(office: Office) -> None:
    _, _, device, _ = adopted(office)
    client = browser(office)
    copied = Authenticator(handle=device.handle, credential=device.credential, key=device.key, uses=1)
    for _ in range(3):
        assert given(client, device.sign(asked_to_sign(client))) == 303
        client = browser(office)
    assert given(client, copied.sign(asked_to_sign(client))) == 403
    case = office.desk.case
    doubted = case.action(case.acts("factor.doubted")[-1])
    assert (doubted.detail["factor"], doubted.detail["name"]) == ("passkey", "analyst")


def test_a_device_that_does_not_count_is_let_in_each_time(office: Office) -> None:
    _, _, device, _ = adopted(office, device=Authenticator(uses=-1))
    for _ in range(2):
        client, device.uses = browser(office), -1
        assert given(client, device.sign(asked_to_sign(client))) == 303


@pytest.mark.parametrize("bent", [{"flags": PRESENT}, {"origin": "http://127.0.0.1:8765"}, {"host": "x"}])
def test_a_passkey_is_made_only_here_and_for_an_owner_whom_the_device_knows(
    office: Office, bent: dict[str, Any]
) -> None:
    client, form = came_in(office, Role.ANALYST)
    device = Authenticator(**bent)
    options = asked_to_make(client, form)
    assert options["authenticatorSelection"]["residentKey"] == "required"
    fields = {"form": form, "label": "x", "answer": device.make(options)}
    assert client.post("/account/passkeys", data=fields, headers=ORIGIN).status_code == 422
    assert not office.factors.of("analyst").passkeys


def test_making_one_takes_the_passphrase_and_a_challenge_of_this_session(office: Office) -> None:
    client, form = came_in(office, Role.ANALYST)
    wrong = {"form": form, "own": "wrong words entirely"}
    assert client.post("/account/passkeys/begun", data=wrong, headers=ORIGIN).status_code == 403
    other, its = came_in(office, Role.LEAD)
    options = asked_to_make(other, its)
    fields = {"form": form, "label": "x", "answer": Authenticator().make(options)}
    assert client.post("/account/passkeys", data=fields, headers=ORIGIN).status_code == 403
    again = {"form": its, "label": "x", "answer": Authenticator().make(options)}
    assert other.post("/account/passkeys", data=again, headers=ORIGIN).status_code == 403, "it was used up"
    assert not office.factors.of("analyst").passkeys


def test_several_have_names_and_one_is_ended_by_its_owner_alone(office: Office) -> None:
    client, form, device, _ = adopted(office)
    _, _, second, recovery = adopted(office)
    assert not recovery, "recovery codes are told once"
    known = asked_to_make(client, form)["excludeCredentials"]
    assert len(known) == 2
    twice = {"form": form, "label": "x", "answer": device.make(asked_to_make(client, form))}
    assert client.post("/account/passkeys", data=twice, headers=ORIGIN).status_code == 422
    first = office.factors.of("analyst").passkeys[0].name
    stranger, its = came_in(office, Role.CUSTODIAN)
    theirs = {"form": its, "own": WORD, "passkey": first}
    assert stranger.post("/account/passkeys/ended", data=theirs, headers=ORIGIN).status_code == 422
    mine = {"form": form, "own": "wrong words entirely", "passkey": first}
    assert client.post("/account/passkeys/ended", data=mine, headers=ORIGIN).status_code == 403
    mine["own"] = WORD
    assert client.post("/account/passkeys/ended", data=mine, headers=ORIGIN).status_code == 303
    at_door = browser(office)
    assert given(at_door, device.sign(asked_to_sign(at_door))) == 403
    assert given(at_door, second.sign(asked_to_sign(at_door))) == 303


def test_nobody_has_more_passkeys_than_anyone_needs(office: Office) -> None:
    client, form, _, _ = adopted(office)
    for count in range(MOST_PASSKEYS):
        fields = {"form": form, "label": f"key {count}",
                  "answer": Authenticator().make(asked_to_make(client, form))}  # fmt: skip
        answer = client.post("/account/passkeys", data=fields, headers=ORIGIN)
        assert answer.status_code == (200 if count < MOST_PASSKEYS - 1 else 403)
    for label in ("", " ", "x" * 61, "a\u0000b"):
        fields = {"form": form, "label": label, "answer": Authenticator().make(asked_to_make(client, form))}
        assert client.post("/account/passkeys", data=fields, headers=ORIGIN).status_code == 422


def test_with_a_passkey_a_passphrase_alone_lets_nobody_in_and_a_recovery_code_does_once(
    office: Office,
) -> None:
    Clock(office)
    _, _, _, recovery = adopted(office)
    for expected in (303, 403):
        client = browser(office)
        page = client.post("/sign-in", data={"name": "analyst", "passphrase": WORD}, headers=ORIGIN)
        assert (page.status_code, client.get("/").status_code) == (200, 303)
        token = re.search(r'name="halfway" value="([\w-]+)"', page.text)[1]  # type: ignore[index]
        fields = {"halfway": token, "code": recovery[3]}
        assert client.post("/sign-in/code", data=fields, headers=ORIGIN).status_code == expected
    assert HALF_S > 0


def test_a_custodian_ends_the_passkeys_of_whoever_lost_their_device_and_closes_the_door(
    office: Office,
) -> None:
    _, _, device, _ = adopted(office)
    custodian, form = came_in(office, Role.CUSTODIAN)
    lost = {"form": form, "name": "analyst", "own": WORD}
    assert custodian.post("/people/factors", data=lost, headers=ORIGIN).status_code == 303
    client = browser(office)
    assert given(client, device.sign(asked_to_sign(client))) == 403
    _, _, device, _ = adopted(office)
    office.accounts.change("analyst", (Role.ANALYST,), is_open=False)
    assert given(client, device.sign(asked_to_sign(client))) == 403


def test_the_door_says_of_nobody_whether_they_exist_and_whoever_guesses_has_to_wait(office: Office) -> None:
    clock = Clock(office)
    asked = asked_to_sign(browser(office))
    _, _, device, _ = adopted(office)
    again = asked_to_sign(browser(office))
    assert {**asked, "challenge": ""} == {**again, "challenge": ""}
    assert "allowCredentials" not in again
    said = set()
    closed = Authenticator(handle=device.handle)
    for count, one in enumerate((closed, Authenticator(handle="AAAA"), closed, closed, closed)):
        client = browser(office)
        fields = {"answer": one.sign(asked_to_sign(client))}
        answer = client.post("/sign-in/passkey", data=fields, headers=ORIGIN)
        assert answer.status_code == 403, count
        said.add(answer.text)
    assert len(said) == 1
    waiting = browser(office)
    assert waiting.post("/sign-in/passkey/begun", data={"x": "1"}, headers=ORIGIN).status_code == 429
    assert waiting.post("/sign-in/passkey", data={"answer": "{}"}, headers=ORIGIN).status_code == 429
    clock.now += 3
    assert given(waiting, device.sign(asked_to_sign(waiting))) == 303


def test_no_answer_that_is_none_is_more_than_refused(office: Office) -> None:
    client, form, device, _ = adopted(office)
    chance = random.Random(20_261_123)  # noqa: S311 - no secret
    door = browser(office)
    whole = device.sign(asked_to_sign(door))
    made = Authenticator().make(asked_to_make(client, form))
    odd = ["", "[]", "null", "{}", "[" * 15_000, '{"rawId":1}', '{"response":{}}']
    refused, made_of = set(), []
    for answer in odd + [bent(one, chance) for one in (whole, made) for _ in range(40)]:
        office.attempts.succeeded("address testclient")
        refused.add(door.post("/sign-in/passkey", data={"answer": answer}, headers=ORIGIN).status_code)
        fields = {"form": form, "label": "x", "answer": answer}
        made_of.append(client.post("/account/passkeys", data=fields, headers=ORIGIN).status_code)
    assert refused == {403}
    assert set(made_of) <= {200, 403, 422}
    assert made_of.count(200) <= 1, "a challenge is good once, also if nothing else of an answer is signed"


def bent(answer: str, chance: random.Random) -> str:
    """An answer of which some signs are others, somewhere in its bytes."""
    told = json.loads(answer)
    response = told["response"]
    name = chance.choice([name for name, value in response.items() if isinstance(value, str)])
    signs = list(response[name])
    for _ in range(chance.randrange(1, 6)):
        place = chance.randrange(max(1, len(signs)))
        signs[place : place + chance.randrange(1, 3)] = chance.choices("AZaz09_-", k=chance.randrange(3))
    response[name] = "".join(signs) if chance.random() < 0.9 else chance.choice([None, 7, [], {}])
    return json.dumps(told)
