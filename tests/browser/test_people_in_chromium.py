"""What people do with each other and with their own account, in a real Chromium."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from playwright.sync_api import CDPSession, Page, expect
from tests.browser.browsers import IN_CHROMIUM, Served, Watched, press_until, served_case
from tests.servers.desks import PASSPHRASE

from witnessmark.model import Comment
from witnessmark.web.factors import STEP_S, FactorBook, code_of
from witnessmark.web.roles import Role
from witnessmark.web.tokens import Tokens

pytestmark = IN_CHROMIUM
SOON_MS = 30_000
SAID = "<b>Is that</b> the hall?"


@pytest.fixture(scope="module")
def served(hostile_desk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One desk and one browser for all; its accounts are of this test alone."""
    folder = tmp_path_factory.mktemp("people")
    with served_case(hostile_desk, folder) as made:
        object.__setattr__(made.office, "factors", FactorBook(folder / "factors.json"))
        object.__setattr__(made.office, "tokens", Tokens(folder / "tokens.json"))
        yield made


def test_a_comment_is_written_shown_as_text_and_stands_on_the_board_of_whom_it_is_for(served: Served) -> None:
    analyst = served.page("en", width=1280, scheme="light", role=Role.ANALYST)
    lead = served.page("ar", width=320, scheme="dark", role=Role.LEAD)
    analyst.page.goto(f"{served.address}/exhibits/E00007")
    form = analyst.page.locator("#talk > details").first
    form.locator("summary").click()
    form.locator("textarea").fill(SAID)
    form.get_by_label("lead").check()
    form.locator("button").click()
    expect(analyst.page.locator(".talk .said").last).to_have_text(SAID, timeout=SOON_MS)
    assert not analyst.axe()
    analyst.shot("talk-en-1280")
    lead.page.goto(served.address)
    lead.page.get_by_text(SAID).wait_for()
    lead.page.locator("#mine ~ ul a").first.click()
    expect(lead.page.locator(".talk .said").last).to_have_text(SAID, timeout=SOON_MS)
    lead.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert not lead.axe()
    assert lead.too_wide() <= 0
    assert served.office.desk.case.find(Comment)[-1][1].mentions == ("lead",)
    for watched in (analyst, lead):
        assert not watched.ran()
        watched.page.context.close()


def device_of(page: Page, **options: object) -> CDPSession:
    """A device with a finger on it, in the browser itself."""
    channel = page.context.new_cdp_session(page)
    channel.send("WebAuthn.enable", {"enableUI": False})
    usual = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    usual |= dict.fromkeys(("hasResidentKey", "hasUserVerification", "isUserVerified"), True)
    told = channel.send("WebAuthn.addVirtualAuthenticator", {"options": {**usual, **options}})
    assert told["authenticatorId"]
    return channel


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1280, "light"), ("ar", 320, "dark")])
def test_a_passkey_is_made_and_lets_in_by_keyboard_alone(
    served: Served, language: str, width: int, scheme: str
) -> None:
    watched = served.page(language, width=width, scheme=scheme, role=Role.LEAD)
    page = watched.page
    device_of(page)
    page.goto(f"{served.address}/account")
    expect(page.locator("#passkey-label")).to_be_visible(timeout=SOON_MS)
    press_until(page, "#passkey-label")
    page.keyboard.type(f"<b>key</b> {language}")
    page.keyboard.press("Tab")
    page.keyboard.type("not my passphrase")
    page.keyboard.press("Enter")
    trouble = page.locator("[data-passkey] [role=alert]")
    expect(trouble).to_have_text("that is not your passphrase", timeout=SOON_MS)
    page.locator("#passkey-own").fill(PASSPHRASE)
    page.keyboard.press("Enter")
    listed = page.locator("details.account summary").filter(has_text=f"<b>key</b> {language}")
    expect(listed).to_have_count(1, timeout=SOON_MS)
    _read(watched, f"passkeys-{language}-{width}")
    told = page.locator(".codes code").all_inner_texts()
    assert len(told) == (10 if language == "en" else 0), "recovery codes are told once, with the first"
    page.locator(".me summary").click()
    page.locator("form[action='/leave'] button").click()
    page.wait_for_url(f"{served.address}/sign-in")
    expect(page.locator("form.passkey")).to_be_visible(timeout=SOON_MS)
    _read(watched, f"sign-in-{language}-{width}")
    press_until(page, "form.passkey button")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{served.address}/")
    expect(page.locator(".who")).to_have_text("lead", timeout=SOON_MS)
    assert not [fault for fault in watched.ran() if "status of 403" not in fault]
    page.context.close()


def _read(watched: Watched, name: str) -> None:
    """The page as it is now, judged and kept as a picture."""
    assert not watched.axe()
    assert watched.too_wide() <= 0
    watched.shot(name)


def test_a_device_that_does_not_know_its_owner_gets_nowhere_and_the_page_says_so(served: Served) -> None:
    watched = served.page("en", width=1280, scheme="light", role=Role.VIEWER)
    page = watched.page
    device_of(page, isUserVerified=False)
    page.goto(f"{served.address}/account")
    page.locator("#passkey-label").fill("a key that asks nobody")
    page.locator("#passkey-own").fill(PASSPHRASE)
    page.locator("#passkey-own ~ button").click()
    expect(page.locator("[data-passkey] [role=alert]")).to_have_text(
        "Nothing came from the device. Try again.", timeout=SOON_MS
    )
    assert not served.office.factors.of("viewer").passkeys
    assert not watched.ran()
    page.context.close()


def test_without_script_the_account_page_says_why_there_is_no_form(served: Served) -> None:
    watched = served.page("en", width=1280, scheme="light", role=Role.VIEWER, script=False)
    watched.page.goto(f"{served.address}/account")
    expect(watched.page.locator("[data-unscripted]")).to_be_visible()
    expect(watched.page.locator("#passkey-label")).to_be_hidden()
    watched.page.context.close()


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1280, "light"), ("ar", 320, "dark")])
def test_what_one_asks_for_another_one_grants_by_keyboard(
    served: Served, language: str, width: int, scheme: str
) -> None:
    asker = served.page(language, width=width, scheme=scheme, role=Role.ANALYST)
    asker.page.goto(f"{served.address}/releases?act=original&about=E00008")
    press_until(asker.page, "form[action='/releases'] #reason")
    asker.page.keyboard.type(f"{SAID} {language}")
    asker.page.keyboard.press("Enter")
    expect(asker.page.locator("div.account").first).to_contain_text(SAID, timeout=SOON_MS)
    expect(asker.page.locator("[name=verdict]")).to_have_count(0)
    lead = served.page(language, width=width, scheme=scheme, role=Role.CUSTODIAN)
    lead.page.goto(f"{served.address}/releases")
    _read(lead, f"releases-{language}-{width}")
    press_until(lead.page, "form[action$='/answered'] input[name=reason]")
    lead.page.keyboard.type("it is needed")
    lead.page.keyboard.press("Tab")
    lead.page.keyboard.type(PASSPHRASE)
    lead.page.keyboard.press("Tab")
    lead.page.keyboard.press("Enter")
    granted = lead.page.locator("div.account").filter(has_text="it is needed")
    expect(granted.filter(has_text=f"{SAID} {language}")).to_have_count(1, timeout=SOON_MS)
    for watched in (asker, lead):
        assert not watched.ran()
        watched.page.context.close()


def test_codes_are_begun_with_an_app_and_asked_for_at_the_door(served: Served) -> None:
    watched = served.page("en", width=1280, scheme="light", role=Role.REVIEWER)
    page = watched.page
    page.goto(f"{served.address}/account")
    page.locator("#codes-own").fill(PASSPHRASE)
    page.locator("#codes-own ~ button").click()
    secret = page.locator("code.secret").inner_text()
    assert not watched.axe()
    page.locator("#first-code").fill(code_of(secret, int(time.time()) // STEP_S))
    page.locator("#first-code ~ button").click()
    recovery = page.locator(".codes code").all_inner_texts()
    assert len(recovery) == 10
    assert not watched.axe()
    page.locator(".me summary").click()
    page.locator("form[action='/leave'] button").click()
    page.locator("#name").fill("reviewer")
    page.locator("#passphrase").fill(PASSPHRASE)
    page.locator("main button.main").click()
    page.locator("#code").wait_for()
    assert not watched.axe()
    page.locator("#code").fill("000000")
    page.locator("main button.main").click()
    expect(page.get_by_role("alert")).to_be_visible(timeout=SOON_MS)
    page.locator("#code").fill(recovery[0])
    page.locator("main button.main").click()
    page.wait_for_url(f"{served.address}/")
    assert not [fault for fault in watched.ran() if "status of 403" not in fault]
    page.context.close()
