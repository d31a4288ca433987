"""A picture from close in a real Chromium: zoomed, marked by pointer and by keys alone, covered again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from playwright.sync_api import Page, expect
from tests.browser.browsers import IN_CHROMIUM, Served, Watched, comes_true, press_until, served_case

from witnessmark.model import Observation, Purpose, Rating, Shape
from witnessmark.web.roles import Role

pytestmark = IN_CHROMIUM
PICTURE = "/exhibits/E00008/close"


@pytest.fixture(scope="module")
def served(hostile_desk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One desk and one browser for all."""
    with served_case(hostile_desk, tmp_path_factory.mktemp("browser")) as one:
        yield one


def is_bright(page: Page) -> bool:
    """Whether the picture is drawn from close."""
    return bool(page.locator("[data-near].open").count())


def opened(served: Served, scheme: str = "light") -> Watched:
    """A window with the picture uncovered, by one key."""
    watched = served.page("en", width=1280, scheme=scheme)
    watched.page.goto(served.address + PICTURE)
    watched.page.wait_for_selector("[data-controls]:not([hidden])")
    assert not is_bright(watched.page)
    watched.page.keyboard.press("v")
    watched.page.wait_for_selector("[data-near].open")
    return watched


def put_on_record(page: Page, words: str) -> None:
    """Say by keyboard that what was just drawn is equipment, and what it is."""
    page.keyboard.press("e")
    press_until(page, "[name=text]")
    page.keyboard.type(words)
    press_until(page, "form[data-mark-form] button.main")
    page.keyboard.press("Enter")
    expect(page.locator("[name=region]")).to_have_value("")


def test_a_picture_is_zoomed_and_marked_by_keyboard_alone(served: Served) -> None:
    case = served.office.desk.case
    watched = opened(served)
    page = watched.page
    digest = case.digest_of_exhibit("E00008")
    marks = len(case.find(Observation, digest))
    press_until(page, "[name=tool]")
    page.keyboard.press("ArrowRight")  # from moving to boxes
    press_until(page, "[data-hand]")
    page.keyboard.press("+")
    marks_drawn = page.locator("[data-marks]")
    assert comes_true(page, lambda: 0 < marks_drawn.evaluate("one => one.viewBox.baseVal.width") < 480)
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "sort"
    region = page.locator("[name=region]").input_value()
    put_on_record(page, "a crate of <b>tools</b>")
    found = [mark for _, mark in case.find(Observation, digest)][marks:]
    assert [(one.purpose, one.text, one.author.name) for one in found] == [
        (Purpose.EQUIPMENT, "a crate of <b>tools</b>", "Ada Verrin")
    ]
    assert found[0].region is not None
    left, top, wide, high = map(float, region.split(","))
    assert found[0].region.points == ((left, top), (left + wide, top + high))
    assert "<b>tools</b>" in page.locator("[data-list]").inner_text()
    assert watched.ran() == []


def test_the_curtain_covers_what_was_open_and_each_look_is_an_entry(served: Served) -> None:
    case = served.office.desk.case
    looks = len(case.acts("exhibit.uncovered"))
    watched = opened(served)
    page = watched.page
    assert len(case.acts("exhibit.uncovered")) == looks + 1
    page.keyboard.press("Escape")
    assert not is_bright(page)
    page.keyboard.press("Enter")
    assert not is_bright(page), "the picture came back with the page"
    assert watched.ran() == []


def test_marks_are_drawn_by_pointer_and_masks_are_solid(served: Served) -> None:
    case = served.office.desk.case
    digest = case.digest_of_exhibit("E00007")
    watched = served.page("en", width=1280, scheme="dark")
    page = watched.page
    page.goto(served.address + PICTURE.replace("8", "7"))
    page.wait_for_selector("[data-controls]:not([hidden])")
    page.keyboard.press("v")
    page.wait_for_selector("[data-near].open")
    box = page.locator("[data-hand]").bounding_box()
    assert box is not None
    page.check("[name=tool][value=polygon]")
    for x, y in ((0.2, 0.2), (0.5, 0.2), (0.4, 0.6)):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.keyboard.press("Enter")
    assert page.locator("[name=region]").input_value().count(",") == 3
    page.select_option("[name=sort]", "mask")
    page.click("form[data-mark-form] button.main")
    page.wait_for_selector(".mark-mask")
    (mark,) = [one for _, one in case.find(Observation, digest) if one.purpose is Purpose.MASK]
    assert mark.region is not None and mark.region.shape is Shape.POLYGON
    fill = page.locator(".mark-mask path").evaluate("one => getComputedStyle(one).fill")
    assert fill == "rgb(0, 0, 0)"
    page.select_option("[name=sort]", "level")
    page.select_option("[name=level]", "0")
    page.click("form[data-mark-form] button.main")
    expect(page.locator("[data-list] li")).to_have_count(2)
    assert [one.level for _, one in case.find(Rating, digest)] == [0]
    watched.shot("close-mask")
    answer = page.request.get(served.address + "/exhibits/E00007/marks").json()
    assert [one["target"]["selector"]["type"] for one in answer["items"]] == ["SvgSelector"]
    assert watched.ran() == []


def test_nobody_marks_over_marks_that_they_have_not_seen(served: Served) -> None:
    ada, ben = (served.page("en", width=1000, scheme="light") for _ in range(2))
    for one in (ada, ben):
        one.page.goto(served.address + PICTURE.replace("8", "5"))
        one.page.wait_for_selector("[data-controls]:not([hidden])")
        one.page.fill("[name=region]", "10,10,50,40")
        one.page.select_option("[name=sort]", "note")
        one.page.fill("[name=text]", "a door")
    ada.page.click("form[data-mark-form] button.main")
    expect(ada.page.locator("[name=region]")).to_have_value("")
    ben.page.click("form[data-mark-form] button.main")
    ben.page.wait_for_selector("[data-trouble]:not([hidden])")
    assert ben.page.locator("[name=text]").input_value() == "a door"
    assert not ada.ran()
    assert [fault for fault in ben.ran() if "409" not in fault] == []


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1280, "light"), ("ar", 320, "dark")])
def test_the_page_can_be_read_by_everyone(served: Served, language: str, width: int, scheme: str) -> None:
    watched = served.page(language, width=width, scheme=scheme)
    watched.page.goto(served.address + PICTURE)
    watched.page.wait_for_selector("[data-controls]:not([hidden])")
    watched.page.keyboard.press("v")
    watched.page.wait_for_selector("[data-near].open")
    assert not watched.axe()
    assert watched.too_wide() <= 0
    watched.shot(f"close-{language}-{width}")
    assert watched.ran() == []


def test_a_viewer_looks_but_does_not_mark_and_without_script_it_goes_by_forms(served: Served) -> None:
    viewer = served.page("en", width=1000, scheme="light", role=Role.VIEWER)
    viewer.page.goto(served.address + PICTURE)
    expect(viewer.page.locator("[data-mark-form]")).to_have_count(0)
    plain = served.page("en", width=1000, scheme="light", script=False)
    page = plain.page
    page.goto(served.address + PICTURE)
    page.locator("[data-plain] button").click()
    assert "/seen/" in (page.locator(".near img").get_attribute("src") or "")
    page.fill("[name=region]", "5,5 60,5 30,70")
    page.select_option("[name=sort]", "clothing")
    page.fill("[name=text]", "a grey coat")
    page.locator("form[data-mark-form] button.main").click()
    page.wait_for_url("**/close")
    assert "a grey coat" in page.locator("[data-list]").inner_text()
    plain.shot("close-plain")
