"""The brief's editor in a real Chromium: by keyboard, faults beside the sentence, two people at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from playwright.sync_api import Page, expect
from tests.browser.browsers import IN_CHROMIUM, Served, press_until, served_case

from witnessmark.desk.editions import latest_edition, versions
from witnessmark.model import Chapter
from witnessmark.web.roles import Role

pytestmark = IN_CHROMIUM
SOON_MS = 20_000
CLAIMS = "#text-1"


@pytest.fixture(scope="module")
def served(hostile_desk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One desk and one browser for all."""
    with served_case(hostile_desk, tmp_path_factory.mktemp("editing")) as made:
        yield made


def unfolded(page: Page) -> None:
    """Every field for words is open."""
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")


def press(page: Page, act: str) -> None:
    """Send the form."""
    page.locator(f"button[value={act}]").first.click()


def test_a_sentence_is_written_by_keyboard_with_what_it_rests_on(served: Served) -> None:
    watched = served.page("en", width=1280, scheme="light", role=Role.ANALYST)
    page = watched.page
    page.goto(f"{served.address}/brief/edit")
    unfolded(page)
    press_until(page, CLAIMS)
    page.keyboard.type("There were 317 doors.")
    page.keyboard.press("Control+/")
    expect(page.locator("#pick")).to_be_focused()
    page.keyboard.type("E00003")
    expect(page.locator("[data-picks] li").first).to_contain_text("E00003", timeout=SOON_MS)
    press_until(page, "[data-picks] button")
    page.keyboard.press("Enter")
    expect(page.locator(CLAIMS)).to_have_value("There were 317 doors. {E00003}")
    expect(page.locator(CLAIMS)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("Who built it is not known. {claim 00000000}")
    press(page, "check")
    expect(page.locator(".faulty")).to_contain_text("{claim 00000000} names nothing in this case")
    assert watched.ran() == []


def test_faults_stand_beside_their_sentence_and_what_is_saved_is_told_word_by_word(served: Served) -> None:
    watched = served.page("en", width=1280, scheme="light", role=Role.ANALYST)
    page = watched.page
    page.goto(f"{served.address}/brief/edit")
    unfolded(page)
    page.fill(CLAIMS, "There were 317 doors. {E00003}\nWho built the hall is not known. {E00003}")
    press(page, "check")
    expect(page.locator(".sentences > li")).to_have_count(2)
    expect(page.locator(".faulty")).to_have_count(1)
    expect(page.locator(".faulty")).to_contain_text("the number 317 is given by nothing that it rests on")
    frame = page.frame_locator("iframe")
    expect(frame.locator(".by")).to_contain_text("analyst", timeout=SOON_MS)
    assert not watched.axe()
    watched.shot("brief-edit-faults")
    opened = page.request.get(served.address + str(page.locator(".sentences a").first.get_attribute("href")))
    assert opened.ok
    page.fill(CLAIMS, "Who built the hall is not known. {E00003}")
    press(page, "save")
    page.wait_for_url("**/brief/versions")
    expect(page.locator(".changes ins")).to_contain_text("Who built the hall is not known.")
    edition = latest_edition(served.office.desk.case)
    assert edition is not None
    assert [one.author.name for one in edition.sections[1].paragraphs[0].sentences] == ["analyst"]
    assert not watched.axe()
    assert watched.ran() == []


def test_sections_are_moved_and_left_out_and_readers_are_told(served: Served) -> None:
    watched = served.page("en", width=1280, scheme="dark", role=Role.LEAD)
    page = watched.page
    page.goto(f"{served.address}/brief/edit")
    press_until(page, "[value=down-1]")
    page.keyboard.press("Enter")
    expect(page.locator("#row-2")).to_have_text("What is claimed, and by whom")
    expect(page.locator("[value=down-2]")).to_be_focused()
    page.uncheck("[name=kept-1]")
    press(page, "save")
    expect(page.locator("[role=alert]")).to_contain_text("say why the section 'numbers' is left out")
    page.fill("[name=reason]", "No number is settled yet")
    press(page, "save")
    page.wait_for_url("**/brief/versions")
    expect(page.locator(".changes")).to_contain_text("left out")
    edition = latest_edition(served.office.desk.case)
    assert edition is not None
    assert edition.left_out == (Chapter.NUMBERS,)
    page.goto(f"{served.address}/brief/edit")
    expect(page.locator(".passage.out h2")).to_have_text("Numbers side by side")
    assert [fault for fault in watched.ran() if "422" not in fault] == []


def test_two_people_lose_nothing_are_told_at_once_and_see_what_clashes(served: Served) -> None:
    lead, analyst = (
        served.page("en", width=1280, scheme="light", role=role) for role in (Role.LEAD, Role.ANALYST)
    )
    place = {}
    for watched in (lead, analyst):
        watched.page.goto(f"{served.address}/brief/edit")
        unfolded(watched.page)
        heads = watched.page.locator(".passage h2").all_inner_texts()
        place = {name: number for number, name in enumerate(heads)}
    claims, limits = (place[name] for name in ("What is claimed, and by whom", "What this cannot tell"))
    mine = lead.page.locator(f"#text-{claims}")
    mine.fill("The lead says this. {E00003}")
    analyst.page.fill(f"#text-{claims}", "The analyst says that. {E00003}")
    analyst.page.fill(f"#text-{limits}", "The analyst doubts it. {E00003}")
    press(analyst.page, "save")
    analyst.page.wait_for_url("**/brief/versions")
    expect(lead.page.locator("[data-news] p")).to_contain_text(
        "Another version was saved since you began, by analyst", timeout=SOON_MS
    )
    before = len(versions(served.office.desk.case))
    press(lead.page, "save")
    conflict = lead.page.locator("section[role=alert]")
    expect(conflict).to_contain_text("Saved meanwhile by analyst", timeout=SOON_MS)
    expect(conflict).to_contain_text("What is claimed, and by whom")
    assert len(versions(served.office.desk.case)) == before
    assert not lead.axe()
    lead.shot("brief-conflict")
    expect(lead.page.locator(f"#text-{claims}")).to_have_value("The lead says this. {E00003}")
    expect(lead.page.locator(f"#text-{limits}")).to_have_value("The analyst doubts it. {E00003}")
    press(lead.page, "save")
    lead.page.wait_for_url("**/brief/versions")
    assert len(versions(served.office.desk.case)) == before + 1
    assert analyst.ran() == []
    assert [fault for fault in lead.ran() if "409" not in fault] == []


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ar", "dark")])
def test_the_editor_can_be_read_by_everyone(served: Served, language: str, scheme: str) -> None:
    watched = served.page(language, width=320, scheme=scheme)
    for path in ("edit", "versions", "references?q=E00003"):
        watched.page.goto(f"{served.address}/brief/{path}")
        assert not watched.axe()
        assert watched.too_wide() <= 0
        watched.shot(f"brief-{path.partition('?')[0]}-{language}-320")
    assert watched.ran() == []


def test_without_script_it_goes_by_forms_and_readers_do_not_edit(served: Served) -> None:
    page = served.page("en", width=1000, scheme="light", script=False, role=Role.ANALYST).page
    page.goto(f"{served.address}/brief/edit")
    press(page, "add")
    own = page.locator("section.passage:has(input[name^=title-])")
    own.locator("input[name^=title-]").fill("What is open")
    own.locator("textarea").fill("Who gave the order is open. {E00003}")
    press(page, "save")
    page.wait_for_url("**/brief/versions")
    expect(page.locator(".changes")).to_contain_text("What is open")
    viewer = served.page("en", width=1000, scheme="light", role=Role.VIEWER)
    for path in ("edit", "versions", "references"):
        answer = viewer.page.request.get(f"{served.address}/brief/{path}")
        assert answer.status == 403
