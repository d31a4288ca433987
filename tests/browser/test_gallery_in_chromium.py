"""The gallery in a real Chromium: words looked for in any script, searches kept, looks counted here alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from playwright.sync_api import expect
from tests.browser.browsers import IN_CHROMIUM, Served, Watched, press_until, served_case

pytestmark = IN_CHROMIUM


@pytest.fixture(scope="module")
def served(hostile_desk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One desk and one browser for all."""
    with served_case(hostile_desk, tmp_path_factory.mktemp("browser")) as one:
        while not one.office.words.refresh():
            pass
        yield one


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1280, "light"), ("ar", 320, "dark")])
def test_words_are_looked_for_in_any_script_and_the_search_is_kept(
    served: Served, language: str, width: int, scheme: str
) -> None:
    watched = served.page(language, width=width, scheme=scheme)
    page = watched.page
    case = served.office.desk.case
    entries = case.head().size
    page.goto(served.address + "/gallery")
    page.fill("[name=words]", "متحدث")
    page.keyboard.press("Enter")
    page.wait_for_url("**words=*")
    expect(page.locator("a.tile")).to_have_count(1)
    assert "E00009" in page.locator("a.tile").inner_text()
    page.fill("#keep-name", "<b>speakers</b>")
    page.keyboard.press("Enter")
    page.wait_for_selector("section.kept li")
    assert "<b>speakers</b>" in page.locator("section.kept li").inner_text()
    assert not watched.axe()
    assert watched.too_wide() <= 0
    watched.shot(f"gallery-searched-{language}-{width}")
    page.goto(served.address + "/gallery")
    page.click("section.kept li a")
    expect(page.locator("a.tile")).to_have_count(1)
    page.click("section.kept li button")
    expect(page.locator("section.kept li")).to_have_count(0)
    done = {case.action(index).type for index in range(entries, case.head().size)}
    assert done <= {"derive", "session.opened"}, "what somebody looks for is no entry of the log"
    assert watched.ran() == []


def test_how_much_somebody_looked_is_told_to_them_alone(served: Served) -> None:
    watched = served.page("en", width=1000, scheme="light")
    page = watched.page
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
    page.goto(served.address + "/gallery?kind=picture")
    page.wait_for_selector("a.tile img")
    expect(page.locator("[data-wellbeing]")).to_be_hidden()
    press_until(page, "a.tile")
    for count in range(1, 21):
        page.keyboard.down("v")
        page.wait_for_selector("a.tile .cover.open")
        page.keyboard.up("v")
        expect(page.locator("[data-looks]")).to_contain_text(f"today: {count},")
    expect(page.locator("[data-break]")).to_be_visible()
    assert not watched.axe()
    watched.shot("wellbeing")
    page.click("[data-rest]")
    expect(page.locator("[data-curtain]")).to_be_visible()
    page.keyboard.press("Enter")
    page.click("[data-forget]")
    expect(page.locator("[data-wellbeing]")).to_be_hidden()
    assert page.evaluate("Object.keys(localStorage).filter(one => one.startsWith('looks')).length") == 0
    assert not [one for one in sent if "looks" in one]
    assert watched.ran() == []


def looks_right(watched: Watched, name: str) -> None:
    """A page that axe finds nothing wrong with, and that fits its window; a picture of it is kept."""
    assert not watched.axe()
    assert watched.too_wide() <= 0
    watched.shot(name)


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1280, "light"), ("ar", 320, "dark")])
def test_copies_stand_once_and_unfold_by_a_key(
    served: Served, language: str, width: int, scheme: str
) -> None:
    watched = served.page(language, width=width, scheme=scheme)
    page = watched.page
    page.goto(served.address + "/gallery?kind=picture")
    whole = int(page.get_attribute("[data-gallery]", "data-total") or 0)
    assert whole == 5
    page.check("#fold")
    page.click(".filters button.main")
    page.wait_for_url("**fold=yes*")
    expect(page.locator("a.tile")).to_have_count(whole - 1)
    looks_right(watched, f"gallery-folded-{language}-{width}")
    press_until(page, "a.tile")
    for _ in range(whole):
        if page.evaluate("document.activeElement.dataset.exhibit") == "E00007":
            break
        page.keyboard.press("ArrowLeft" if language == "ar" else "ArrowRight")
    page.keyboard.press("f")
    page.wait_for_url("**open=E00007*")
    expect(page.locator("a.tile")).to_have_count(whole)
    expect(page.locator("a.tile[data-exhibit=E00007]")).to_be_focused()
    expect(page.locator("li.behind")).to_have_count(1)
    watched.shot(f"gallery-unfolded-{language}-{width}")
    page.keyboard.press("f")
    expect(page.locator("a.tile")).to_have_count(whole - 1)
    page.goto(served.address + "/gallery?captured_from=2024-11-19&place=nowhere&lang=en")
    expect(page.locator("details.further")).to_have_attribute("open", "")
    looks_right(watched, f"gallery-filters-{language}-{width}")
    assert watched.ran() == []


def test_copies_unfold_without_a_script(served: Served) -> None:
    watched = served.page("en", width=1000, scheme="light", script=False)
    page = watched.page
    page.goto(served.address + "/gallery?kind=picture&fold=yes")
    folded = page.locator("a.tile").count()
    page.click("a.more")
    expect(page.locator("a.tile")).to_have_count(folded + 1)
    page.click("a.more")
    expect(page.locator("a.tile")).to_have_count(folded)


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1280, "light"), ("ar", 320, "dark")])
def test_several_are_chosen_by_keyboard_and_tagged(
    served: Served, language: str, width: int, scheme: str
) -> None:
    watched = served.page(language, width=width, scheme=scheme)
    page, case = watched.page, served.office.desk.case
    page.goto(served.address + "/gallery")
    expect(page.locator("a.tile")).to_have_count(10)
    press_until(page, "a.tile")
    on = "ArrowLeft" if language == "ar" else "ArrowRight"
    for keys, chosen in (
        (("x", f"Shift+{on}", f"Shift+{on}"), 3),
        ((on, "x"), 4),
        (("x",), 3),
    ):
        for key in keys:
            page.keyboard.press(key)
        expect(page.locator("li.chosen-one")).to_have_count(chosen)
    expect(page.locator("[data-chosen]")).to_contain_text("3")
    looks_right(watched, f"gallery-chosen-{language}-{width}")
    page.select_option("#tag-level", "1")
    page.click(".tagging button.main")
    page.wait_for_url("**/gallery/tagged")
    assert [served.office.desk.level_of(case.digest_of_exhibit(f"E0000{n}")) for n in (1, 2, 3)] == [1, 1, 1]
    looks_right(watched, f"gallery-tagged-{language}-{width}")
    page.click("main form[action='/gallery/untagged'] button")
    page.wait_for_url("**/gallery/untagged")
    page.click(".acts a")
    page.wait_for_url("**/gallery")
    expect(page.locator("li.chosen-one")).to_have_count(0)
    assert watched.ran() == []


def test_several_are_tagged_without_a_script(served: Served) -> None:
    watched = served.page("en", width=1000, scheme="light", script=False)
    page = watched.page
    page.goto(served.address + "/gallery?kind=picture")
    for number in ("E00005", "E00007"):
        page.check(f"input[value={number}]")
    page.select_option("#tag-sort", "note")
    page.fill("#tag-text", "seen at the gate")
    page.click(".tagging button.main")
    expect(page.locator(".kinds li")).to_have_count(2)
