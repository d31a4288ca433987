"""Claims arranged by dragging and by choosing, taken back, and explanations weighed, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from playwright.sync_api import Page, expect
from tests.browser.browsers import IN_CHROMIUM, Served, press_until, served_case

from witnessmark.model import Bearing, Claim, Consistency, Filing, Hypothesis
from witnessmark.web.roles import Role

pytestmark = IN_CHROMIUM


@pytest.fixture(scope="module")
def served(hostile_desk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One desk and one browser for all."""
    with served_case(hostile_desk, tmp_path_factory.mktemp("claims")) as made:
        yield made


def rows_of(page: Page) -> list[str]:
    """The claims of the table by their names."""
    rows = page.locator("[data-claim]")
    return [str(rows.nth(n).get_attribute("data-claim")) for n in range(rows.count())]


def test_a_claim_is_dragged_onto_another_with_a_reason_and_that_is_taken_back(served: Served) -> None:
    case = served.office.desk.case
    watched = served.page("en", width=1280, scheme="light", role=Role.ANALYST)
    page = watched.page
    page.goto(f"{served.address}/claims")
    first, second, *_ = before = rows_of(page)
    page.locator(f"th [data-moves='{first}']").drag_to(page.locator(f"[data-claim='{second}'] th"))
    expect(page.locator("[name=what]")).to_have_value(first)
    expect(page.locator("[name=to]")).to_have_value(second)
    expect(page.locator("#why")).to_be_focused()
    page.keyboard.type("They say the same")
    page.locator("[data-arrange] button").click()
    expect(page.locator("#arranged")).to_contain_text("They say the same")
    assert first not in rows_of(page)
    filing = case.find(Filing)[-1][1]
    assert (filing.about, filing.claim, filing.author.name) == (first, second, "analyst")
    assert not watched.axe()
    watched.shot("claims-arranged")
    page.fill("#back-reason", "They do not")
    page.locator("#arranged button").click()
    expect(page.locator("#arranged")).to_contain_text("It was taken back")
    assert rows_of(page) == before
    assert case.find(Filing)[-1][1].reason == "taken back: They do not"
    assert watched.ran() == []


def test_a_statement_is_split_off_by_keyboard_alone_and_without_script(served: Served) -> None:
    case = served.office.desk.case
    watched = served.page("ar", width=320, scheme="dark", role=Role.ANALYST)
    page = watched.page
    page.goto(f"{served.address}/claims")
    assert not watched.axe()
    assert watched.too_wide() <= 0
    cell = page.locator("a.cell[data-moves]").first
    statement = str(cell.get_attribute("data-moves"))
    press_until(page, "#what")
    page.select_option("#what", statement)
    page.select_option("#to", "new")
    page.fill("#new-text", "A door was open")
    page.fill("#why", "It is about the door")
    press_until(page, "[data-arrange] button")
    page.keyboard.press("Enter")
    expect(page.locator("#arranged")).to_contain_text("A door was open")
    name, made = case.find(Claim)[-1]
    assert made.text == "A door was open"
    assert (case.find(Filing)[-1][1].about, case.find(Filing)[-1][1].claim) == (statement, name)
    watched.shot("claims-split-ar-320")
    stale = served.page("en", width=1000, scheme="light", script=False, role=Role.LEAD).page
    stale.goto(f"{served.address}/claims")
    one, other, *_ = rows_of(stale)
    for target in (page, stale):
        if target is page:
            page.goto(f"{served.address}/claims")
        target.select_option("#what", one)
        target.select_option("#to", other)
        target.fill("#why", "Alike")
        target.locator("[data-arrange] button").click()
    expect(stale.locator("main")).to_contain_text("since you opened this page")


def test_rival_explanations_are_put_forward_and_evidence_is_weighed_against_each(served: Served) -> None:
    case = served.office.desk.case
    watched = served.page("en", width=1280, scheme="dark", role=Role.ANALYST)
    page = watched.page
    before = len(case.find(Hypothesis))
    for text in ("It was a storm", "It was a fire"):
        page.goto(f"{served.address}/claims/2")
        page.locator("summary", has_text="Put an explanation forward").click()
        page.fill("#explanation", text)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".rivals thead")).to_contain_text(text)
    assert len(case.find(Hypothesis)) == before + 2
    page.locator("summary", has_text="Weigh a piece of evidence").click()
    page.fill("#evidence-also", "E00003")
    page.select_option("#to-0", "strongly consistent")
    page.select_option("#to-1", "inconsistent")
    page.fill("#bearing-reason", "Nothing is burnt")
    page.locator("form[action$='/bearings'] button").click()
    expect(page.locator(".rivals tbody")).to_contain_text("tells them apart")
    said = [one for _, one in case.find(Bearing)][-2:]
    assert {one.consistency for one in said} == {Consistency.STRONGLY_CONSISTENT, Consistency.INCONSISTENT}
    assert {one.reason for one in said} == {"Nothing is burnt"}
    watched.shot("claim-rivals")
    assert watched.axe() == []
    narrow = served.page("ar", width=320, scheme="light")
    narrow.page.goto(f"{served.address}/claims/2")
    assert not narrow.axe()
    assert narrow.too_wide() <= 0
    assert watched.ran() == []


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ar", 1280), ("en", 320), ("ar", 320)])
def test_the_menu_is_one_row_that_opens_by_keyboard_and_marks_the_page(
    served: Served, language: str, width: int
) -> None:
    watched = served.page(language, width=width, scheme="light")
    page = watched.page
    page.goto(f"{served.address}/claims")
    page.evaluate("document.querySelector('.others').remove()")  # who else is here has a row of its own
    bar = page.locator("header.top").bounding_box()
    assert bar is not None
    assert bar["height"] < 64
    if width < 1000:
        press_until(page, ".folded summary")
        page.keyboard.press("Enter")
    expect(page.locator("nav:visible [aria-current=page]:visible")).to_have_count(1)
    press_until(page, ".me summary")
    page.keyboard.press("Enter")
    expect(page.locator("form[action='/leave'] button")).to_be_visible()
    assert not watched.axe()
    assert watched.too_wide() <= 0
    assert watched.ran() == []
