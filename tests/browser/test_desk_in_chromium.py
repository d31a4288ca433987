"""The desk in a real Chromium, on a case whose every text wants to run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from argon2 import PasswordHasher
from PIL import Image
from playwright.sync_api import expect
from tests.browser.browsers import IN_CHROMIUM, Served, Watched, comes_true, press_until, served_case
from tests.campaigns.xss import SHEET, Campaign
from tests.campaigns.xss_places import Sown
from tests.servers.desks import ADA, OUTSIDE, PASSPHRASE

from witnessmark.web.accounts import Accounts

pytestmark = IN_CHROMIUM


DRAWN_APART = ("statement-01", "exhibit-E00001", "exhibit-E00004", "exhibit-E00006")
"""Of statements and exhibits those that between them have all parts of their pages."""


@pytest.fixture(scope="module")
def served(hostile_desk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One desk and one browser for all."""
    with served_case(hostile_desk, tmp_path_factory.mktemp("browser")) as one:
        yield one


@pytest.mark.parametrize("trusting", [False, True])
def test_no_page_runs_what_it_shows_or_asks_for_anything_outside(served: Served, trusting: bool) -> None:
    """Trusting is without the content security policy: then there is nothing but escaping."""
    watched = served.page("en", width=1280, scheme="light", trusting=trusting)
    for address in served.addresses().values():
        watched.page.goto(served.address + address)
        watched.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    watched.page.wait_for_timeout(300)
    missing = [fault for fault in watched.ran() if "status of 404" not in fault]
    assert not missing


def test_the_campaign_names_the_payload_that_ran_and_where_it_had_been_put(served: Served) -> None:
    runs = "img src=x onerror=alert(1)>"
    sown = Sown([f"<{runs}", f"<img src=//{OUTSIDE}/x>", f"&lt;{runs}"])
    campaign, watched = (
        Campaign(served, sown, 0),
        served.page("en", width=1280, scheme="light", trusting=True),
    )
    watched.page.goto(f"{served.address}/account")
    watched.page.evaluate(SHEET, [text for _, text in sown.at("claim")])
    assert comes_true(
        watched.page, lambda: {"dialog", "outside"} <= {one.split()[0] for one in watched.faults}
    )
    campaign.judge(watched, "a sheet")
    assert [one for one in campaign.faults if "payload 0 of claim: <img src=x" in one]
    assert [one for one in campaign.faults if f"outside http://claim0001.{OUTSIDE}/x" in one]
    assert not [one for one in campaign.faults if "payload 2" in one]


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1280, "light"), ("ar", 320, "dark")])
def test_every_page_can_be_read_by_everyone(served: Served, language: str, width: int, scheme: str) -> None:
    watched = served.page(language, width=width, scheme=scheme)
    wrong: dict[str, list[str]] = {}
    for name, address in served.addresses().items():
        is_like_others = name.startswith(("statement-", "exhibit-")) and name not in DRAWN_APART
        if is_like_others:
            continue
        watched.page.goto(served.address + address)
        found = watched.axe()
        if watched.too_wide() > 0:
            found.append(f"{watched.too_wide()} pixels too wide")
        if found:
            wrong[name] = found
        watched.shot(f"{name}-{language}-{width}")
    assert not wrong


def test_the_first_account_is_made_by_keyboard_alone(served: Served, tmp_path: Path) -> None:
    kept = served.office.accounts
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    object.__setattr__(served.office, "accounts", Accounts(tmp_path / "accounts.json", quick))
    try:
        path, _ = served.office.first_link(ADA)
        watched = Watched(served.browser.new_page(locale="en"))
        watched.page.goto(served.address + path)
        assert not watched.axe()
        press_until(watched.page, "#name")
        watched.page.keyboard.press("Tab")
        watched.page.keyboard.type(PASSPHRASE)
        watched.page.keyboard.press("Tab")
        watched.page.keyboard.type(PASSPHRASE)
        watched.page.keyboard.press("Enter")
        watched.page.wait_for_url(served.address + "/")
        assert served.office.accounts.named(ADA) is not None
        assert not watched.ran()
    finally:
        object.__setattr__(served.office, "accounts", kept)


def test_a_picture_is_seen_only_while_a_key_is_held_and_the_log_says_so(served: Served) -> None:
    case = served.office.desk.case
    watched = served.page("en", width=1280, scheme="light")
    page = watched.page
    page.goto(served.address + "/gallery?kind=picture")
    page.wait_for_selector("a.tile img")
    press_until(page, "a.tile")
    covered = page.evaluate("document.activeElement.querySelector('img').src")
    assert "/covers/" in covered
    before = len(case.acts("exhibit.uncovered"))
    page.keyboard.down("v")
    page.wait_for_selector("a.tile .cover.open")
    assert "/seen/" in page.evaluate("document.activeElement.querySelector('img').src")
    assert len(case.acts("exhibit.uncovered")) == before + 1
    page.keyboard.up("v")
    expect(page.locator(".cover.open")).to_have_count(0)
    assert page.evaluate("document.activeElement.querySelector('img').src") == covered
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_url("**/exhibits/*")
    assert not watched.ran()


def test_one_key_hides_everything_until_it_is_asked_for_again(served: Served) -> None:
    watched = served.page("en", width=1280, scheme="light")
    page = watched.page
    page.goto(served.address + "/claims")
    page.keyboard.press("Escape")
    expect(page.locator("[data-curtain]")).to_be_visible()
    assert not watched.axe()
    watched.shot("curtain")
    page.reload()
    expect(page.locator("[data-curtain]")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("[data-curtain]")).to_be_hidden()
    assert page.locator("main").evaluate("one => one.inert") is False


def test_a_place_picked_by_keyboard_marks_its_times_and_a_time_its_place(served: Served) -> None:
    watched = served.page("en", width=1280, scheme="light")
    page = watched.page
    page.goto(served.address + "/map")
    expect(page.locator(".spot")).to_have_count(2)
    press_until(page, ".spot.finding")
    page.keyboard.press("Enter")
    taken = page.locator(".spot.finding").get_attribute("data-of")
    expect(page.locator(f".times-of > .picked:not([data-of={taken}])")).to_have_count(0)
    expect(page.locator(f".times-of > .picked[data-of={taken}] rect")).to_have_count(1)
    expect(page.locator("[data-picked]")).to_have_text(re.compile("places 1, times [2-9]"))
    page.locator(".times-of [data-pick^=v]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".spot.event")).to_have_class(re.compile("picked"))
    expect(page.locator(".spot.finding.picked")).to_have_count(0)
    seen = page.locator("[data-map]").get_attribute("viewBox")
    page.locator("[data-atlas]").focus()
    page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-map]")).not_to_have_attribute("viewBox", seen or "")
    assert not watched.axe()
    assert not watched.ran()
    watched.shot("map-picked")


def test_without_any_script_everything_is_still_there(served: Served) -> None:
    watched = served.page("en", width=800, scheme="light", script=False)
    page = watched.page
    page.goto(served.address + "/gallery?kind=picture")
    expect(page.locator("a.tile")).to_have_count(5)
    page.locator("a.tile").first.click()
    page.wait_for_url("**/exhibits/*")
    page.locator("[data-uncover] button").click()
    page.wait_for_url("**/uncovered")
    assert "/seen/" in (page.locator(".cover.large img").get_attribute("src") or "")
    page.goto(served.address + "/map")
    page.locator("td [data-pick]").first.click()
    expect(page.locator(".times-of > .picked")).not_to_have_count(0)


def test_the_brief_is_drawn_in_a_frame_of_the_other_host_where_nothing_runs(served: Served) -> None:
    watched = served.page("en", width=1280, scheme="light")
    page = watched.page
    page.goto(served.address + "/brief")
    frame = page.frame_locator("iframe.paper")
    assert "Hall" in frame.locator("h1").inner_text()
    (inner,) = [one for one in page.frames if one != page.main_frame]
    assert inner.url.startswith("http://127.0.0.1:")
    assert not watched.ran()


def test_two_pictures_are_laid_over_each_other_covered_until_asked_and_by_keyboard(served: Served) -> None:
    case = served.office.desk.case
    watched = served.page("en", width=1280, scheme="light")
    page = watched.page
    page.goto(served.address + "/compare/E00008/E00007")
    before = len(case.acts("exhibit.uncovered"))
    page.wait_for_selector("[data-controls]")
    press_until(page, "[name=mode]")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-stage]")).to_be_visible()
    expect(page.locator("[data-two]")).to_be_hidden()
    page.locator("[data-slider] input").fill("25")
    assert "75%" in page.locator("[data-clip]").evaluate("one => one.style.clipPath")
    assert "/covers/" in (page.locator("[data-over] img").get_attribute("src") or "")
    page.keyboard.press("v")
    page.wait_for_selector("[data-stage] .cover.open")
    page.check("[value=difference]")
    expect(page.locator("[data-stage] .cover.open")).to_have_count(2)
    stage = page.locator("[data-stage]")
    assert comes_true(page, lambda: darkest_half(stage.screenshot()) < 12), "what is alike is not black"
    watched.shot("difference")
    assert not watched.axe()
    assert len(case.acts("exhibit.uncovered")) == before + 2
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.locator(".cover.open")).to_have_count(0)
    assert not watched.ran()


def test_a_proposal_is_reviewed_by_keyboard_alone_and_the_keys_can_be_switched_off(served: Served) -> None:
    case = served.office.desk.case
    watched = served.page("en", width=1280, scheme="light")
    page = watched.page
    page.goto(served.address + "/review")
    first = page.url
    page.keyboard.press("s")
    page.wait_for_url(lambda url: url != first)
    second = page.url
    before = len(case.acts("statement.confirmed"))
    page.keyboard.press("1")
    expect(page.locator("[name=claim]").first).to_be_checked()
    page.keyboard.press("c")
    page.wait_for_url(lambda url: url != second)
    assert len(case.acts("statement.confirmed")) == before + 1
    page.keyboard.press("u")
    page.wait_for_url(second)
    page.keyboard.press("r")
    page.keyboard.type("cs no such thing")
    assert page.url == second
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != second)
    third = page.url
    page.uncheck("[data-keys]")
    page.locator("h1").click()
    page.keyboard.press("s")
    page.wait_for_timeout(150)
    assert page.url == third
    assert not watched.ran()


def darkest_half(shot: bytes) -> float:
    """How bright the darker half of a picture is at most, from 0 to 255."""
    grey = sorted(Image.open(BytesIO(shot)).convert("L").resize((64, 64)).getdata())
    return float(grey[len(grey) // 2])
