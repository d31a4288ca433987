"""What people do with each other and with their own account, in a real Chromium."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from playwright.sync_api import expect
from tests.browser.browsers import MISSING, Served, served_case
from tests.servers.desks import PASSPHRASE

from witnessmark.model import Comment
from witnessmark.web.factors import STEP_S, FactorBook, code_of
from witnessmark.web.roles import Role
from witnessmark.web.tokens import Tokens

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(MISSING is not None, reason=MISSING or ""),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
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
    page.locator("form[action='/leave'] button").click()
    page.locator("#name").fill("reviewer")
    page.locator("#passphrase").fill(PASSPHRASE)
    page.locator("main button").click()
    page.locator("#code").wait_for()
    assert not watched.axe()
    page.locator("#code").fill("000000")
    page.locator("main button").click()
    expect(page.get_by_role("alert")).to_be_visible(timeout=SOON_MS)
    page.locator("#code").fill(recovery[0])
    page.locator("main button").click()
    page.wait_for_url(f"{served.address}/")
    assert not [fault for fault in watched.ran() if "status of 403" not in fault]
    page.context.close()
