"""The doors of the desk in the browser: who may ask what, from where, and what is said to whom."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from markupsafe import escape
from tests.servers.desks import ADA, HOSTILE, PASSPHRASE
from tests.servers.doors import ORIGIN, WORD, address_of, browser, came_in, program

from witnessmark.desk.browsing import AUDITED
from witnessmark.model import Digest, Statement
from witnessmark.model.values import Sealed
from witnessmark.publish.sentences import visible
from witnessmark.web.office import Office
from witnessmark.web.roles import Role
from witnessmark.web.table import ENDPOINTS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.mark.parametrize("role", [None, *Role], ids=lambda one: "nobody" if one is None else one.value)
def test_each_endpoint_answers_just_those_whom_the_table_names(office: Office, role: Role | None) -> None:
    wrong = []
    caller = browser(office) if role is None else program(office, role)
    for endpoint in ENDPOINTS:
        if endpoint.path == "/leave":
            continue
        if endpoint.call is not None:
            client, form = caller, ""
        else:
            client, form = (browser(office), "") if role is None else came_in(office, role)
        address = address_of(office, endpoint.path)
        if endpoint.method == "POST" and endpoint.call is not None:
            status = client.post(address, content=b"{}").status_code
        elif endpoint.method == "POST":
            status = client.post(address, data={"form": form}, headers=ORIGIN).status_code
        else:
            status = client.get(address).status_code
        is_for_them = endpoint.roles is None or (role is not None and role in endpoint.roles)
        is_refused = status in (401, 403) or (role is None and status == 303)
        if endpoint.roles is None:
            is_refused = False  # the entrance answers everybody, if only to say no
        if is_refused == is_for_them and not _refused_for_its_fields(endpoint.path):
            wrong.append((endpoint.method, endpoint.path, status))
    assert not wrong


def _refused_for_its_fields(path: str) -> bool:
    """Endpoints that also ask for the passphrase of whoever is in; their own test is below."""
    return path in (
        "/people",
        "/people/change",
        "/account/tokens",
        "/account/codes/begun",
        "/account/codes/ended",
        "/people/factors",
        "/account/passkeys/begun",
        "/account/passkeys/ended",
        "/releases/policy",
    )


def test_only_a_custodian_lets_people_in_and_only_with_their_own_passphrase(office: Office) -> None:
    for role in Role:
        client, form = came_in(office, role)
        fields = {"form": form, "name": f"new {role}", "passphrase": "some words that nobody says",
                  "role": "viewer", "own": WORD}  # fmt: skip
        for own, is_right in (("wrong words entirely", False), (WORD, True)):
            answer = client.post("/people", data={**fields, "own": own}, headers=ORIGIN)
            is_let_in = office.accounts.named(f"new {role}") is not None
            assert is_let_in is (role is Role.CUSTODIAN and is_right)
            assert answer.status_code == (303 if is_let_in else 403)


def test_a_form_is_taken_only_from_a_page_of_the_desk_with_its_token(office: Office) -> None:
    client, form = came_in(office, Role.LEAD)
    fields = {"form": form, "language": "ar", "back": "/"}
    for headers in (
        {},
        {"origin": "http://localhost:9999"},
        {"origin": "http://127.0.0.1:8765"},
        {"origin": "null"},
        {**ORIGIN, "sec-fetch-site": "same-site"},
        {**ORIGIN, "sec-fetch-site": "cross-site"},
    ):
        assert client.post("/speak", data=fields, headers=headers).status_code == 403
    assert client.post("/speak", data={**fields, "form": "x"}, headers=ORIGIN).status_code == 403
    assert client.post("/speak", data=fields, headers=ORIGIN).status_code == 303
    for back in ("//outside.example", "http://outside.example/", "/\\outside.example", "javascript:1"):
        assert client.post("/speak", data={**fields, "back": back}, headers=ORIGIN).status_code == 403


def test_a_request_under_any_other_name_is_not_answered(office: Office) -> None:
    for host in ("desk.example:8765", "localhost", "localhost:8766", "127.0.0.1:80", "[::1]:8765", ""):
        assert browser(office).get("/", headers={"host": host}).status_code == 421


def test_the_host_of_collected_bytes_has_no_page_and_the_desk_gives_no_bytes(office: Office) -> None:
    other, (client, _) = browser(office, "127.0.0.1"), came_in(office, Role.LEAD)
    for endpoint in ENDPOINTS:
        if endpoint.method == "GET":
            assert other.get(address_of(office, endpoint.path)).status_code == 404
    assert other.get("/static/desk.css").status_code == 404
    session = office.sessions.of(client.cookies[office.cookie])
    assert session is not None
    digest = office.desk.case.digest_of_exhibit("E00001")
    token = office.sessions.grant(session, "original", digest, "E00001")
    assert client.get(f"/kept/{token}/E00001").status_code == 404
    answer = other.get(f"/kept/{token}/E00001")
    assert Digest.of(answer.content) == digest
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["content-disposition"] == 'attachment; filename="E00001.bin"'
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    office.sessions.end(session)
    assert other.get(f"/kept/{token}/E00001").status_code == 404


def test_an_original_goes_out_for_a_purpose_and_the_log_says_so_first(office: Office) -> None:
    client, form = came_in(office, Role.ANALYST)
    before = office.desk.case.head().size
    assert client.post("/exhibits/E00001/original", data={"form": form}, headers=ORIGIN).status_code == 422
    assert office.desk.case.head().size == before
    fields = {"form": form, "purpose": "for the lab"}
    answer = client.post("/exhibits/E00001/original", data=fields, headers=ORIGIN)
    assert answer.headers["location"].startswith("http://127.0.0.1:8765/kept/")
    act = office.desk.case.action(office.desk.case.acts("exhibit.read")[-1])
    assert (act.performer.name, act.detail["purpose"]) == ("analyst", "for the lab")


def test_a_look_at_what_is_not_rated_harmless_is_an_entry_of_the_log(office: Office) -> None:
    client, form = came_in(office, Role.VIEWER)
    case = office.desk.case
    number = next(number for number, digest in case.exhibits()
                  if case.item(digest).original.media_type == "image/png")  # fmt: skip
    json_wanted = {**ORIGIN, "accept": "application/json"}
    answer = client.post(f"/exhibits/{number}/uncovered", data={"form": form}, headers=json_wanted)
    assert answer.status_code == 200
    act = case.action(case.acts("exhibit.uncovered")[-1])
    assert act.performer.name == "viewer"
    assert act.used == (case.digest_of_exhibit(number),)
    shown = client.get(answer.json()["path"])
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.content[:2] == b"\xff\xd8"
    stranger, _ = came_in(office, Role.LEAD)
    assert stranger.get(answer.json()["path"]).status_code == 404


def test_the_log_tells_openings_looks_exports_and_doors_apart_and_misses_none(office: Office) -> None:
    client, form = came_in(office, Role.LEAD)
    case = office.desk.case
    fields = {"form": form, "purpose": "for <b>the</b> lab"}
    client.post("/exhibits/E00001/original", data=fields, headers=ORIGIN)
    client.post("/exhibits/E00008/uncovered", data={"form": form}, headers=ORIGIN)
    client.get("/covers/E00008.jpg")
    for kind, types in AUDITED.items():
        page = client.get(f"/log?kind={kind}").text
        told = set(re.findall(r'data-column="Entry">(\d+)<', page))
        assert told == {str(index) for name in types for index in case.acts(name)}, kind
    assert "for &lt;b&gt;the&lt;/b&gt; lab" in client.get("/log?kind=openings").text
    assert client.get("/log?kind=nothing").status_code == 404
    looks = case.acts("exhibit.uncovered")
    client.get("/covers/E00007.jpg")
    assert case.acts("exhibit.uncovered") == looks, "a covered preview is no look"


def test_who_only_reads_is_told_neither_source_nor_personal_metadata(office: Office) -> None:
    viewer, _ = came_in(office, Role.VIEWER)
    analyst, _ = came_in(office, Role.ANALYST)
    told = {"viewer": "", "analyst": ""}
    for number, _ in office.desk.case.exhibits():
        told["viewer"] += viewer.get(f"/exhibits/{number}").text
        told["analyst"] += analyst.get(f"/exhibits/{number}").text
    assert "material/" in told["analyst"]
    assert "material/" not in told["viewer"]
    artist = HOSTILE[8].split("=", 1)[1][:20]
    assert "Artist" in told["analyst"] or artist in told["analyst"]
    assert "Artist" not in told["viewer"]


def test_the_first_account_is_made_once_by_a_link_that_works_once(office: Office) -> None:
    path, name = office.first_link(ADA)
    assert name is None
    client = browser(office)
    assert client.get(path).status_code == 200
    good = {"name": ADA, "passphrase": PASSPHRASE, "again": PASSPHRASE}
    for wrong in ({"again": "something else here"}, {"passphrase": "short", "again": "short"}, {"name": " "},
                  {"passphrase": f"{ADA} {ADA}", "again": f"{ADA} {ADA}"}):  # fmt: skip
        assert client.post(path, data={**good, **wrong}, headers=ORIGIN).status_code == 422
        assert not office.accounts.all()
    answer = client.post(path, data=good, headers=ORIGIN)
    assert answer.status_code == 303
    assert re.search(r"HttpOnly; Path=/; SameSite=strict", answer.headers["set-cookie"])
    assert client.get("/").status_code == 200
    assert browser(office).get(path).status_code == 410
    assert browser(office).post(path, data=good, headers=ORIGIN).status_code == 410
    (made,) = office.desk.case.acts("account.made")[-1:]
    assert office.desk.case.action(made).detail["roles"] == ("lead", "custodian")
    again, name = office.first_link(ADA)
    assert name == ADA
    other = browser(office)
    assert other.post(again, headers=ORIGIN, data={"x": "1"}).status_code == 303
    assert other.get("/").status_code == 200


def test_whoever_guesses_has_to_wait_and_no_name_is_given_away(office: Office) -> None:
    office.accounts.first(ADA, PASSPHRASE)
    client = browser(office)
    said = set()
    for name in (ADA, "nobody here"):
        answer = client.post(
            "/sign-in", data={"name": name, "passphrase": "wrong words, all"}, headers=ORIGIN
        )
        assert answer.status_code == 403
        said.add(answer.text.replace(name, ""))
    assert len(said) == 1
    for _ in range(3):
        client.post("/sign-in", data={"name": ADA, "passphrase": "wrong words, all"}, headers=ORIGIN)
    answer = client.post("/sign-in", data={"name": ADA, "passphrase": PASSPHRASE}, headers=ORIGIN)
    assert answer.status_code == 429


def test_leaving_ends_the_session_and_closing_an_account_ends_all_of_them(office: Office) -> None:
    client, form = came_in(office, Role.VIEWER)
    again, _ = came_in(office, Role.VIEWER)
    kept = client.cookies[office.cookie]
    assert client.post("/leave", data={"form": form}, headers=ORIGIN).status_code == 303
    client.cookies.set(office.cookie, kept)
    assert client.get("/").status_code == 303
    assert again.get("/").status_code == 200
    office.accounts.change("viewer", (Role.VIEWER,), is_open=False)
    assert again.get("/").status_code == 303


def test_roles_that_are_taken_away_count_at_once(office: Office) -> None:
    client, _ = came_in(office, Role.LEAD)
    assert client.get("/log").status_code == 200
    office.accounts.change("lead", (Role.VIEWER,), is_open=True)
    assert client.get("/log").status_code == 403


def test_every_answer_carries_what_keeps_a_browser_in_bounds(office: Office) -> None:
    client, _ = came_in(office, Role.CUSTODIAN)
    for path in ("/", "/sign-in", "/nothing", "/static/desk.css", "/covers/E00001.jpg", "/exhibits/E9"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert path.startswith("/static") or headers["cache-control"] == "no-store"


def test_long_forms_and_broken_ones_are_refused_in_a_sentence(office: Office) -> None:
    client = browser(office)
    assert client.post("/sign-in", content=b"x" * 70_000, headers=ORIGIN).status_code == 413
    broken = {**ORIGIN, "content-type": "application/x-www-form-urlencoded"}
    assert client.post("/sign-in", content=b"name=%ff", headers=broken).status_code == 404
    many = "&".join(f"a{n}=1" for n in range(400)).encode()
    assert client.post("/sign-in", content=many, headers=broken).status_code == 404


def test_odd_questions_are_answered_in_a_sentence(office: Office) -> None:
    client, _ = came_in(office, Role.LEAD)
    for path in ("/gallery?page=x", "/gallery?kind=nothing", "/gallery?has=%3Cscript%3E", "/claims/0",
                 "/claims/%3Cscript%3E", "/statements/xyz", f"/statements/{'0' * 64}", "/brief?in=xx",
                 "/log?from=-1", "/compare/E00001/E00001", "/compare/E1/E2", "/compare?from=x",
                 "/review?after=E00001", "/review?after=E00001:%3C", "/review/E00001/0",
                 "/review/E00002/99999", "/review/E00002/-1", "/exhibits/E99999",
                 "/covers/E99999.jpg", "/seen/x.jpg"):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "<script>" not in answer.text.replace('<script type="module"', "")
    assert client.get("/gallery?page=99999").status_code == 200
    assert client.get("/log?from=99999999").status_code == 200


def test_no_foreign_text_becomes_markup_even_if_no_browser_would_run_it(office: Office) -> None:
    client, _ = came_in(office, Role.LEAD)
    case = office.desk.case
    addresses = ["/", "/gallery", "/claims", "/claims/1", "/log", "/brief", "/numbers", "/times", "/map"]
    addresses += ["/compare", "/compare/E00008/E00007", client.get("/review").headers["location"]]
    addresses += [f"/exhibits/{number}" for number, _ in case.exhibits()]
    addresses += [f"/statements/{name.hex}" for name, _ in case.find(Statement)]
    told = {address: client.get(address).text for address in addresses}
    unsafe = [payload for payload in HOSTILE if set(payload) & set("<>\"'\u202e")]
    raw = [(address, payload) for address, text in told.items() for payload in unsafe if payload in text]
    assert not raw
    everything = "".join(told.values())
    shown = [payload for payload in unsafe if str(escape(visible(payload))) in everything]
    assert len(shown) > len(unsafe) * 0.9, "the payloads did not reach the pages"


def test_a_sealed_value_never_stands_on_a_page(office: Office) -> None:
    client, _ = came_in(office, Role.VIEWER)
    assert Sealed.__name__ not in client.get("/exhibits/E00001").text
    assert "hmac-sha256" not in client.get("/exhibits/E00001").text
