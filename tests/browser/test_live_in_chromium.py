"""Several people at once in real Chromium: who is here, what changed, and that nobody's words are lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from playwright.sync_api import Page, expect
from tests.browser.browsers import IN_CHROMIUM, Served, served_case

from witnessmark.model import Assessment
from witnessmark.web.roles import Role

pytestmark = IN_CHROMIUM
SOON_MS = 15_000


@pytest.fixture(scope="module")
def served(hostile_desk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One desk and one browser for all."""
    with served_case(hostile_desk, tmp_path_factory.mktemp("live")) as made:
        yield made


def opened(page: Page) -> None:
    """Unfold every part of the page."""
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")


def assess(page: Page, words: str) -> None:
    """Fill in the form and send it."""
    opened(page)
    page.locator("form[action$='/assessed'] select[name=status]").select_option(index=1)
    page.locator("form[action$='/assessed'] textarea[name=reasons]").fill(words)
    page.locator("form[action$='/assessed'] input[name=also]").fill("E00006")
    page.locator("form[action$='/assessed'] button").last.click()


def test_an_open_page_tells_who_is_here_and_who_changed_it_and_a_stale_word_is_refused(
    served: Served,
) -> None:
    lead = served.page("en", width=1280, scheme="light", role=Role.LEAD)
    viewer = served.page("en", width=1280, scheme="light", role=Role.VIEWER)
    analyst = served.page("ar", width=1280, scheme="light", role=Role.ANALYST)
    for watched in (lead, viewer, analyst):
        watched.page.goto(f"{served.address}/claims/1")
    expect(lead.page.locator("[data-here] li")).to_have_text(
        ["analyst this very page", "viewer this very page"], timeout=SOON_MS
    )
    expect(viewer.page.locator("[data-here] li")).to_have_text(
        ["analyst Claims", "lead Claims"], timeout=SOON_MS
    )
    expect(analyst.page.locator("[data-here] li").first).to_contain_text("lead", timeout=SOON_MS)
    expect(lead.page.locator("[data-news] p")).to_be_hidden()
    before = len(served.office.desk.case.find(Assessment))
    opened(lead.page)
    lead.page.locator("form[action$='/assessed'] textarea[name=reasons]").fill("What the lead has begun.")
    assess(analyst.page, "One says so, one denies it.")
    news = lead.page.locator("[data-news] p")
    expect(news).to_contain_text("Changed since you opened this page, by analyst", timeout=SOON_MS)
    expect(viewer.page.locator("[data-news] p")).to_be_visible(timeout=SOON_MS)
    assert not lead.axe()
    lead.shot("live-changed-en-1280")
    assess(lead.page, "What the lead has begun.")
    expect(lead.page.locator("main")).to_contain_text("since you opened this page")
    assert len(served.office.desk.case.find(Assessment)) == before + 1
    lead.page.goto(f"{served.address}/claims/1")
    expect(lead.page.locator("[data-news] p")).to_be_hidden()
    assess(lead.page, "What the lead has begun, having read the other.")
    lead.page.wait_for_url("**/claims/1#assessed")
    assert len(served.office.desk.case.find(Assessment)) == before + 2
    for watched in (lead, viewer, analyst):
        assert not [fault for fault in watched.ran() if "status of 409" not in fault]
        watched.page.context.close()


def test_whoever_closes_the_page_or_signs_out_is_not_here_any_more(served: Served) -> None:
    lead = served.page("en", width=320, scheme="dark", role=Role.LEAD)
    other = served.page("en", width=1280, scheme="light", role=Role.VIEWER)
    lead.page.goto(f"{served.address}/gallery")
    other.page.goto(f"{served.address}/gallery")
    expect(lead.page.locator("[data-here] li")).to_have_text(["viewer this very page"], timeout=SOON_MS)
    assert lead.too_wide() <= 0
    assert not lead.axe()
    other.page.locator(".me summary").click()
    other.page.locator("form[action='/leave'] button").click()
    expect(lead.page.locator("[data-here] li")).to_have_count(0, timeout=2 * SOON_MS)
    expect(lead.page.locator(".others")).to_be_hidden()
    lead.page.context.close()
    other.page.context.close()
