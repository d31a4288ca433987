"""Captured pages that want out, in a real Chromium: their words are seen, nothing runs or is asked for."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from PIL import Image
from playwright.sync_api import expect
from tests.browser.browsers import IN_CHROMIUM, Served, served_case
from tests.servers.captures import SITE, WORDS, captures_case

from witnessmark.web.roles import Role

pytestmark = IN_CHROMIUM


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One desk and one browser for all."""
    case = captures_case(tmp_path_factory.mktemp("captures"))
    with served_case(case, tmp_path_factory.mktemp("browser")) as one:
        yield one


@pytest.mark.parametrize("number", ["E00001", "E00002", "E00003"])
def test_a_capture_that_wants_out_shows_its_words_and_asks_for_nothing(served: Served, number: str) -> None:
    case = served.office.desk.case
    watched = served.page("en", width=1280, scheme="light")
    asked: list[str] = []
    page = watched.page
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served.address}/exhibits/{number}/replay")
    frame = page.frame_locator("iframe.replayed")
    expect(frame.get_by_text(WORDS)).to_be_visible()
    expect(frame.locator("img[src]")).to_have_count(0)
    looks = len(case.acts("exhibit.read"))
    page.locator("form[action$='/replay'] button").click()
    picture = page.frame_locator("iframe.replayed").locator("img[alt='a gate']")
    expect(picture).to_have_attribute("src", re.compile("^data:image/png;base64,"))
    assert picture.evaluate("one => one.naturalWidth") == 40
    page.frame_locator("iframe.replayed").get_by_text("a link", exact=True).first.click()
    page.wait_for_timeout(300)
    (inner,) = [one for one in page.frames if one != page.main_frame]
    assert inner.url.startswith("http://127.0.0.1:"), "the frame went elsewhere"
    assert inner.evaluate("self.origin") == "null"
    assert not inner.evaluate("document.documentElement.dataset.ran ?? ''")
    assert all("localhost:" in url or url.startswith(("http://127.0.0.1:", "data:")) for url in asked), asked
    outside = [url for url in asked if "outside.example" in url]
    assert outside == []
    assert len(case.acts("exhibit.read")) == looks
    assert [one for one in watched.ran() if "script execution" not in one.lower()] == []


def test_what_was_captured_with_a_page_dresses_it_and_what_was_not_is_told(served: Served) -> None:
    watched = served.page("en", width=1280, scheme="light")
    page = watched.page
    page.goto(f"{served.address}/exhibits/E00001/replay")
    colour = (
        page.frame_locator("iframe.replayed").locator("h1").evaluate("one => getComputedStyle(one).color")
    )
    assert colour == "rgb(1, 2, 3)"
    told = page.locator("main").inner_text()
    assert "2024-11-19T10:00:00Z" in told
    assert SITE in told
    assert "http://outside.example/1.png" in told
    assert "scripts: " in told
    source = page.locator("iframe.replayed").get_attribute("src") or ""
    answer = page.request.get(source)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'; img-src data:; font-src data:")
    assert "http:" not in policy.replace(served.address, "")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1280, "light"), ("ar", 320, "dark")])
def test_the_page_can_be_read_by_everyone(served: Served, language: str, width: int, scheme: str) -> None:
    watched = served.page(language, width=width, scheme=scheme)
    watched.page.goto(f"{served.address}/exhibits/E00001/replay")
    expect(watched.page.frame_locator("iframe.replayed").locator("h1")).to_be_visible()
    assert not watched.axe()
    assert watched.too_wide() <= 0
    watched.shot(f"replay-{language}-{width}")


def test_the_key_that_hides_everything_works_whatever_was_pressed_in_a_replayed_page(served: Served) -> None:
    page = served.page("en", width=1280, scheme="light").page
    page.goto(f"{served.address}/exhibits/E00003/replay")
    wrapper, curtain = page.locator("[data-framed]"), page.locator("[data-curtain]")
    page.frame_locator("iframe.replayed").locator("h1").click()
    expect(wrapper).to_be_focused()
    page.keyboard.press("Escape")
    expect(curtain).to_be_visible()
    page.locator("[data-show]").click()
    expect(curtain).to_be_hidden()
    page.locator("[data-taller] button").focus()
    page.keyboard.press("Shift+Tab")
    expect(wrapper).to_be_focused()  # the frame itself is passed over
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(wrapper).to_be_focused()
    page.keyboard.press("End")
    expect(wrapper).not_to_have_js_property("scrollTop", 0)
    page.keyboard.press("Escape")
    expect(curtain).to_be_visible()


def test_a_reader_is_not_told_where_it_came_from(served: Served) -> None:
    watched = served.page("en", width=1280, scheme="light", role=Role.VIEWER)
    watched.page.goto(f"{served.address}/exhibits/E00001/replay")
    expect(watched.page.frame_locator("iframe.replayed").get_by_text(WORDS)).to_be_visible()
    assert "paper.example" not in watched.page.locator("main").inner_text()


def test_the_pages_of_a_document_are_covered_until_asked_and_turned_by_keys(served: Served) -> None:
    pytest.importorskip("pypdfium2", reason="the extra `pdf` is not installed")
    case = served.office.desk.case
    watched = served.page("en", width=1280, scheme="light")
    page = watched.page
    page.goto(f"{served.address}/exhibits/E00004")
    expect(page.locator(".page-list a")).to_have_count(2)
    page.locator(".page-list a").first.click()
    page.wait_for_url("**/pages/1")
    page.keyboard.press(".")
    page.wait_for_url("**/pages/2")
    expect(page.locator(".leaf .text")).to_have_text("The gate was opened.")
    image = page.locator(".cover.large img")
    covered = image.get_attribute("src") or ""
    sheet = Image.open(io.BytesIO(page.request.get(served.address + covered).body()))
    assert sheet.mode == "L"
    page.locator("[data-uncover] button").focus()
    page.keyboard.down("v")
    expect(image).to_have_attribute("src", re.compile("/seen/"))
    page.keyboard.up("v")
    expect(image).to_have_attribute("src", re.compile("cover.jpg$"))
    assert not watched.axe()
    watched.shot("leaf-en-1280")
    assert page.request.get(f"{served.address}/exhibits/E00004/pages/3").status == 404
    assert not case.acts("exhibit.uncovered"), "a document that nobody rated is not graphic"
    arabic = served.page("ar", width=320, scheme="dark")
    arabic.page.goto(f"{served.address}/exhibits/E00004/pages/1")
    assert not arabic.axe()
    assert arabic.too_wide() <= 0
    arabic.shot("leaf-ar-320")
    assert watched.ran() == [] and arabic.ran() == []


def test_words_that_are_chosen_on_a_page_go_into_the_form_that_quotes_them(served: Served) -> None:
    pytest.importorskip("pypdfium2", reason="the extra `pdf` is not installed")
    page = served.page("en", width=1280, scheme="light").page
    page.goto(f"{served.address}/exhibits/E00004/pages/2")
    expect(page.locator("#quote-words")).to_be_hidden()
    page.locator("#quotable").select_text()
    page.locator("#quotable").press("Shift")
    expect(page.locator("#quote-words")).to_have_value("The gate was opened.")
    expect(page.locator("#quote-words")).to_be_visible()
