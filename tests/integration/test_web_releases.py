"""Two people for what is sensitive: asked for, answered by somebody else, good once, and all on the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from PIL import Image
from tests.servers.doors import ORIGIN, WORD, came_in, program

from witnessmark.cli import run
from witnessmark.desk import Choice, Desk
from witnessmark.desk.four_eyes import GOOD_FOR, WAITS, FourEyes, Sensitive, State
from witnessmark.errors import OutdatedError, RefusedError, UsageError
from witnessmark.model import Digest, person
from witnessmark.web.office import Office
from witnessmark.web.roles import Role
from witnessmark.wiring import served_desk

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PICTURE = "E00008"
"""An exhibit that nobody rated, so that it counts as graphic."""


@dataclass
class Clock:
    """A clock that a test moves."""

    at: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic_us(self) -> int:
        return 0


def eyes(office: Office, name: str, clock: Clock | None = None) -> FourEyes:
    """The requests of the case, with somebody at work."""
    custodian = office.desk.at_work(person(name)).custodian
    return FourEyes(office.desk.case, replace(custodian, clock=clock) if clock else custodian)


def released(office: Office, act: Sensitive, *names: str) -> None:
    """A grant for Ada by Ben."""
    about = [office.desk.case.digest_of_exhibit(name) for name in names]
    asked = eyes(office, "ada").ask(act, about, "the court asked for it")
    assert eyes(office, "ben").answer(asked.number, "so it did", grants=True).state is State.GRANTED


def test_a_request_is_granted_by_somebody_else_once_and_used_once(office: Office) -> None:
    ada, ben, eve = (eyes(office, name) for name in ("ada", "ben", "eve"))
    digest = office.desk.case.digest_of_exhibit(PICTURE)
    ada.require([Sensitive.ERASE])
    asked = ada.ask(Sensitive.ERASE, [digest], "  she asked\nus to ")
    assert (asked.state, asked.reason, asked.about) == (State.WAITS, "she asked us to", (digest,))
    with pytest.raises(RefusedError, match="nobody grants what they asked for"):
        ada.answer(asked.number, "why not", grants=True)
    assert not ada.has_grant(Sensitive.ERASE, [digest])
    ben.answer(asked.number, "I heard her say it", grants=True)
    for grants in (True, False):
        with pytest.raises(OutdatedError):
            eve.answer(asked.number, "me too", grants=grants)
    with pytest.raises(RefusedError):
        eve.use(Sensitive.ERASE, [digest])
    with pytest.raises(RefusedError):
        ada.use(Sensitive.ERASE, [digest, office.desk.case.digest_of_exhibit("E00001")])
    ada.use(Sensitive.PACKAGE, [digest])
    ada.use(Sensitive.ERASE, [digest])
    with pytest.raises(RefusedError):
        ada.use(Sensitive.ERASE, [digest])
    case = office.desk.case
    kinds = ("release.asked", "release.granted", "release.used")
    told = [case.action(case.acts(kind)[-1]) for kind in kinds]
    assert [act.performer.name for act in told] == ["ada", "ben", "ada"]
    assert {act.used for act in told} == {(digest,)}
    assert told[1].detail["reason"] == "I heard her say it"


def test_what_nobody_answers_and_what_nobody_uses_ends_by_itself(office: Office) -> None:
    clock = Clock()
    ada, ben = eyes(office, "ada", clock), eyes(office, "ben", clock)
    digest = office.desk.case.digest_of_exhibit(PICTURE)
    ada.require([Sensitive.ORIGINAL])
    late = ada.ask(Sensitive.ORIGINAL, [digest], "for the lab")
    clock.at += WAITS + timedelta(seconds=1)
    assert ada.request(late.number).state is State.EXPIRED
    with pytest.raises(OutdatedError, match="expired"):
        ben.answer(late.number, "all right", grants=True)
    asked = ada.ask(Sensitive.ORIGINAL, [digest], "for the lab, again")
    clock.at += WAITS
    ben.answer(asked.number, "all right", grants=True)
    clock.at += GOOD_FOR
    assert ada.has_grant(Sensitive.ORIGINAL, [digest])
    clock.at += timedelta(seconds=1)
    assert not ada.has_grant(Sensitive.ORIGINAL, [digest])
    with pytest.raises(RefusedError):
        ada.use(Sensitive.ORIGINAL, [digest])


def test_what_is_declined_or_withdrawn_is_not_done_and_the_reasons_stay(office: Office) -> None:
    ada, ben = eyes(office, "ada"), eyes(office, "ben")
    digest = office.desk.case.digest_of_exhibit(PICTURE)
    for who in (ada, ben):
        asked = ada.ask(Sensitive.ERASE, [digest], "for room on the disk")
        answered = who.answer(asked.number, "that is no ground", grants=False)
        assert (answered.state, answered.answer) == (State.DECLINED, "that is no ground")
    for words in ("", " ", "x" * 301):
        with pytest.raises(UsageError):
            ada.ask(Sensitive.ERASE, [digest], words)
    with pytest.raises(UsageError):
        ada.ask(Sensitive.ERASE, [], "all of it")
    with pytest.raises(UsageError):
        ben.answer(0, "that is no request", grants=True)


def test_to_require_less_takes_a_second_person_and_to_require_more_does_not(office: Office) -> None:
    ada = eyes(office, "ada")
    ada.require([Sensitive.ERASE])
    ada.require([Sensitive.ERASE, Sensitive.PACKAGE])
    with pytest.raises(RefusedError):
        ada.require([Sensitive.PACKAGE])
    assert ada.policy() == {Sensitive.ERASE, Sensitive.PACKAGE}
    released(office, Sensitive.POLICY)
    ada.require([])
    assert not ada.policy()
    ada.use(Sensitive.ERASE, [office.desk.case.digest_of_exhibit(PICTURE)])


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Desk]:
    """A case of a text and a picture that nobody rated, with Ada at work."""
    case, keys = tmp_path / "plain", ("--keys", str(tmp_path / "keys"), "--as", "ada")
    (tmp_path / "note.txt").write_text("The hall was full on Monday, the caretaker said.", "utf-8")
    Image.linear_gradient("L").save(tmp_path / "hall.png")
    run(["new", str(case), "--name", "Plain", *keys])
    run(["take", str(tmp_path / "note.txt"), str(tmp_path / "hall.png"), "--case", str(case), *keys])
    desk = served_desk(case, tmp_path / "keys", "ada")
    yield desk
    desk.close()


def test_commands_are_held_to_it_as_well(plain: Desk, tmp_path: Path) -> None:
    text, picture = (digest for _, digest in plain.case.exhibits())
    ada, ben = (FourEyes(plain.case, plain.at_work(person(name)).custodian) for name in ("ada", "ben"))
    ada.require((Sensitive.ORIGINAL, Sensitive.PACKAGE, Sensitive.ERASE))
    for refused in (
        lambda: plain.copy_out("E00002", tmp_path / "out.png"),
        lambda: plain.package(tmp_path / "package", Choice(disclosed=frozenset({"E00001"}))),
        lambda: plain.package(tmp_path / "package", Choice()),
        lambda: plain.erase(["E00002"], "a reason"),
    ):
        with pytest.raises(RefusedError, match="second person"):
            refused()
    assert not (tmp_path / "out.png").exists()
    assert not (tmp_path / "package").exists()
    plain.copy_out("E00001", tmp_path / "out.txt")
    plain.package(tmp_path / "covered", Choice(withheld=frozenset({"E00002"})))
    wanted: dict[Sensitive, tuple[Digest, ...]] = {
        Sensitive.PACKAGE: (),
        Sensitive.ORIGINAL: (picture,),
        Sensitive.ERASE: (text,),
    }
    for act, about in wanted.items():
        ben.answer(ada.ask(act, about, "the court asked for it").number, "so it did", grants=True)
    plain.package(tmp_path / "package", Choice(disclosed=frozenset({"E00001"})))
    plain.copy_out("E00002", tmp_path / "out.png")
    with pytest.raises(RefusedError, match="second person"):
        plain.erase(["E00001", "E00002"], "a reason")
    assert text in plain.erase(["E00001"], "a reason").objects
    assert [one.state for one in ada.requests()] == [State.USED] * 3


def test_an_original_goes_out_once_somebody_else_said_so(office: Office) -> None:
    analyst, form = came_in(office, Role.ANALYST)
    eyes(office, "ada").require([Sensitive.ORIGINAL])
    taken, place = {"form": form, "purpose": "for the lab"}, f"/exhibits/{PICTURE}/original"
    assert analyst.post(place, data=taken, headers=ORIGIN).status_code == 403
    assert f"/releases?act=original&amp;about={PICTURE}" in analyst.get(f"/exhibits/{PICTURE}").text
    asked = {"form": form, "act": "original", "about": PICTURE, "reason": "<b>for</b> the lab"}
    for bent in ({"about": ""}, {"act": "x"}, {"about": "E99999"}, {"reason": ""}):
        assert analyst.post("/releases", data={**asked, **bent}, headers=ORIGIN).status_code == 422
    assert analyst.post("/releases", data=asked, headers=ORIGIN).status_code == 303
    assert "&lt;b&gt;for&lt;/b&gt; the lab" in analyst.get("/releases").text
    eyes(office, "ben").answer(office.desk.case.acts("release.asked")[-1], "it is needed", grants=True)
    statuses = [analyst.post(place, data=taken, headers=ORIGIN).status_code for _ in range(2)]
    assert statuses == [303, 403]


def test_in_the_browser_keepers_answer_for_their_passphrase_and_not_for_themselves(office: Office) -> None:
    digest = office.desk.case.digest_of_exhibit(PICTURE)
    number = eyes(office, "lead").ask(Sensitive.ERASE, [digest], "she asked us to").number
    place, yes = f"/releases/{number}/answered", {"verdict": "grant", "reason": "I heard her", "own": WORD}
    told = {}
    for role in (Role.ANALYST, Role.LEAD, Role.CUSTODIAN):
        client, form = came_in(office, role)
        told[role] = place in client.get("/releases").text
        if role is not Role.CUSTODIAN:
            assert client.post(place, data={**yes, "form": form}, headers=ORIGIN).status_code == 403
    assert told == {Role.ANALYST: False, Role.LEAD: False, Role.CUSTODIAN: True}
    for bent in ({"own": "wrong words entirely"}, {"verdict": "x"}, {"reason": ""}):
        answer = client.post(place, data={**yes, "form": form, **bent}, headers=ORIGIN)
        assert answer.status_code in (403, 422)
    for odd in ("x", "0", "99999999999999"):
        answer = client.post(f"/releases/{odd}/answered", data={**yes, "form": form}, headers=ORIGIN)
        assert answer.status_code == 422
    assert not office.desk.case.acts("release.granted")
    statuses = [client.post(place, data={**yes, "form": form}, headers=ORIGIN).status_code for _ in range(2)]
    assert statuses == [303, 409]


def test_only_a_custodian_says_what_is_required_and_for_their_passphrase(office: Office) -> None:
    for role in Role:
        client, form = came_in(office, role)
        policy = {"form": form, "act": ["original", "erase"], "own": "wrong words entirely"}
        assert client.post("/releases/policy", data=policy, headers=ORIGIN).status_code == 403
        answer = client.post("/releases/policy", data={**policy, "own": WORD}, headers=ORIGIN)
        assert answer.status_code == (303 if role is Role.CUSTODIAN else 403)
    assert eyes(office, "ada").policy() == {Sensitive.ORIGINAL, Sensitive.ERASE}


def test_the_command_asks_answers_and_lists(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = ("--case", str(tmp_path / "desk" / "case"))  # the folder in which `office` has its copy
    run(["release", "--require", "erase", "--as", "ada", *case])
    run(["release", "--ask", "erase", PICTURE, "--reason", "she asked us to", "--as", "ada", *case])
    number = str(office.desk.case.acts("release.asked")[-1])
    run(["release", "--decline", number, "--reason", "not yet", "--as", "ben", *case])
    run(["release", *case])
    assert f"{number} erase of {PICTURE}, declined: ada asked, she asked us to; ben said, not yet" in (
        capsys.readouterr().out
    )
    for wrong in (["--ask", "x"], ["--ask", "erase", "--grant", "1"], ["--grant", "0", "--reason", "x"]):
        with pytest.raises(UsageError):
            run(["release", *wrong, "--as", "ben", *case])


def test_a_program_asks_and_sees_but_only_a_person_at_the_desk_answers(office: Office) -> None:
    client = program(office, Role.LEAD)
    sent = {"act": "original", "about": [PICTURE], "reason": "the court asked for it"}
    made = client.post("/api/v1/releases", json=sent)
    assert made.status_code == 201, made.text
    assert made.json()["about"] == [PICTURE]
    assert made.json()["state"] == State.WAITS.value
    told = client.get("/api/v1/releases").json()
    assert told["requests"][0] == made.json()
    answer = client.post(f"/api/v1/releases/{made.json()['request']}/answered", json={"verdict": "grant"})
    assert answer.status_code == 404
    assert eyes(office, "ben").request(made.json()["request"]).state is State.WAITS
    nothing = client.post("/api/v1/releases", json={"act": "original", "reason": "for nothing"})
    assert 400 <= nothing.status_code < 500
    assert program(office, Role.VIEWER).get("/api/v1/releases").status_code == 403
