"""Recordings in a real Chromium: prepared, uncovered, stepped by frames, marked, and silent until asked."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")
pytest.importorskip("av", reason="the extra `media` is not installed")

from PIL import Image
from playwright.sync_api import Page, expect
from tests.browser.browsers import IN_CHROMIUM, Served, Watched, comes_true, press_until, served_case
from tests.servers.recordings import FRAMES, RATE, SOUND, VIDEO, recordings_case

from witnessmark.model import Moment, Observation, Purpose, Rating
from witnessmark.web.roles import Role

pytestmark = IN_CHROMIUM
STEP_MS = 1000 / RATE


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One desk and one browser for all, with both recordings prepared by their buttons."""
    case = recordings_case(tmp_path_factory.mktemp("recordings"))
    with served_case(case, tmp_path_factory.mktemp("browser")) as one:
        for number in (VIDEO, SOUND):
            watched = one.page("en", width=1280, scheme="light")
            watched.page.goto(f"{one.address}/exhibits/{number}/play")
            if number == VIDEO:
                watched.shot("play-not-prepared")
                assert not watched.axe()
            watched.page.click("[data-preparing] button")
            watched.page.wait_for_selector("[data-controls]:not([hidden])", timeout=60_000)
            assert watched.ran() == []
        yield one


def opened(served: Served, number: str, query: str = "", language: str = "en", width: int = 1280) -> Watched:
    """A window with the recording uncovered, by one key."""
    watched = served.page(language, width=width, scheme="dark" if language == "ar" else "light")
    page = watched.page
    page.goto(f"{served.address}/exhibits/{number}/play{query}")
    page.wait_for_selector("[data-controls]:not([hidden])")
    expect(page.locator("[data-near].open")).to_have_count(0)
    assert page.locator("[data-media]").get_attribute("src") is None
    page.keyboard.press("v")
    page.wait_for_selector("[data-near].open", state="attached")
    return watched


def left_edge(page: Page) -> float:
    """Where the box begins in the frame that is drawn now, in pixels of the upright video."""
    shot = page.locator("[data-media]").screenshot()
    whole = Image.open(io.BytesIO(shot)).convert("L").resize((320, 240))
    row = whole.crop((0, 120, 320, 121)).tobytes()
    return next(x for x, value in enumerate(row) if value > 150)


def test_a_video_is_stepped_through_to_the_frame_by_keys(served: Served) -> None:
    watched = opened(served, VIDEO, "?at=1000")
    page = watched.page
    expect(page.locator("[data-frame]")).to_have_text(f"frame {RATE + 1} of {FRAMES}")
    assert comes_true(page, lambda: abs(left_edge(page) - 5 * RATE) <= 2)
    for _ in range(3):
        page.keyboard.press(".")
    expect(page.locator("[data-clock]")).to_have_text("0:01.250")
    assert comes_true(page, lambda: abs(left_edge(page) - 5 * (RATE + 3)) <= 2), "another frame is drawn"
    page.keyboard.press(",")
    expect(page.locator("[data-frame]")).to_have_text(f"frame {RATE + 3} of {FRAMES}")
    assert comes_true(page, lambda: abs(left_edge(page) - 5 * (RATE + 2)) <= 2)
    shot = Image.open(io.BytesIO(page.locator("[data-media]").screenshot())).convert("RGB")
    red, green, blue = shot.getpixel((5, 5))  # type: ignore[misc]
    assert abs(red - green) < 12 and abs(green - blue) < 12, "the preview is not grey"
    assert watched.ran() == []


def test_it_is_silent_and_covered_until_asked_and_one_key_hides_it(served: Served) -> None:
    case = served.office.desk.case
    looks = len(case.acts("exhibit.uncovered"))
    watched = opened(served, VIDEO)
    page = watched.page
    media = page.locator("[data-media]")
    assert len(case.acts("exhibit.uncovered")) == looks + 1
    assert media.evaluate("one => one.muted")
    page.keyboard.press("k")
    assert comes_true(page, lambda: media.evaluate("one => !one.paused && one.currentTime > 0.2"))
    page.keyboard.press("m")
    assert not media.evaluate("one => one.muted")
    expect(page.locator("[data-do=sound]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(page.locator("[data-near].open")).to_have_count(0)
    assert media.evaluate("one => one.paused && one.muted && !one.hasAttribute('src')")
    page.keyboard.press("Enter")
    expect(page.locator("[data-near].open")).to_have_count(0)
    assert watched.ran() == []


def test_a_region_at_a_moment_is_marked_and_its_mark_leads_back(served: Served) -> None:
    case = served.office.desk.case
    digest = case.digest_of_exhibit(VIDEO)
    watched = opened(served, VIDEO, "?at=2000")
    page = watched.page
    box = page.locator("[data-hand]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.75)
    page.mouse.up()
    expect(page.locator("[name=moment]")).to_have_value("0:02.000-0:02.083")
    page.fill("[name=text]", "a <b>cart</b>")
    page.click("form[data-mark-form] button.main")
    expect(page.locator("[name=region]")).to_have_value("")
    (mark,) = [one for _, one in case.find(Observation, digest) if one.text == "a <b>cart</b>"]
    assert (mark.purpose, mark.moment) == (Purpose.NOTE, Moment(2_000, 2_083))
    assert mark.region is not None
    (left, top), (right, bottom) = mark.region.points
    assert all(
        abs(one - other) <= 2
        for one, other in zip((left, top, right, bottom), (80, 60, 160, 180), strict=True)
    )
    expect(page.locator("[data-listed].now")).to_have_count(1)
    page.locator("[data-position]").fill("3000")
    expect(page.locator("[data-listed].now")).to_have_count(0)
    expect(page.locator(".marks .mark")).to_have_class(re.compile("gone"))
    watched.shot("play-en-1280")
    page.locator("[data-list] a.clock").click()
    expect(page.locator("[data-clock]")).to_have_text("0:02.000")
    expect(page.locator(".marks .mark")).not_to_have_class(re.compile("gone"))
    (one,) = [
        each
        for each in page.request.get(f"{served.address}/exhibits/{VIDEO}/marks").json()["items"]
        if each["target"]["selector"]["value"].startswith("t=2,2.083&xywh=pixel:")
    ]
    assert one["target"]["selector"]["type"] == "FragmentSelector"
    assert watched.ran() == []


def test_one_frame_is_looked_at_closely_and_marked_by_keyboard_alone(served: Served) -> None:
    case = served.office.desk.case
    digest = case.digest_of_exhibit(VIDEO)
    watched = served.page("en", width=1280, scheme="light")
    page = watched.page
    page.goto(f"{served.address}/exhibits/{VIDEO}/play?at=1500")
    page.wait_for_selector("[data-controls]:not([hidden])")
    press_until(page, "[data-closely]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/close?at=1500")
    page.wait_for_selector("[data-controls]:not([hidden])")
    page.keyboard.press("v")
    page.wait_for_selector("[data-near].open")
    page.check("[name=tool][value=point]")
    press_until(page, "[data-hand]")
    page.keyboard.press("Enter")
    page.keyboard.press("e")
    page.fill("[name=text]", "a wheel")
    page.click("form[data-mark-form] button.main")
    expect(page.locator("[name=region]")).to_have_value("")
    (mark,) = [one for _, one in case.find(Observation, digest) if one.text == "a wheel"]
    assert mark.moment == Moment(1_500, 1_583)
    watched.shot("close-frame")
    assert watched.ran() == []


def test_a_sound_is_listened_to_and_marked_where_it_is_loud(served: Served) -> None:
    case = served.office.desk.case
    digest = case.digest_of_exhibit(SOUND)
    watched = opened(served, SOUND)
    page = watched.page
    waves = page.locator("[data-waves]")
    path = waves.locator("path").get_attribute("d") or ""
    values = [int(one.split()[1]) for one in path.strip("MZ").split(" L")]
    columns = len(values) // 2
    loud, quiet = values[: columns // 6], values[columns // 5 : columns // 3]
    assert min(loud) < -60 and min(quiet) > -20, "the waveform is not that of the sound"
    page.keyboard.press("l")
    expect(page.locator("[data-clock]")).to_have_text(re.compile(r"0:0[23]\.\d{3}"))
    page.locator("[data-position]").fill("1000")
    page.keyboard.press("i")
    page.locator("[data-position]").fill("1500")
    page.keyboard.press("o")
    expect(page.locator("[name=moment]")).to_have_value("0:01.000-0:01.501")
    page.fill("[name=text]", "a tone")
    page.click("form[data-mark-form] button.main")
    expect(page.locator("[data-list] a.clock")).to_have_text("0:01.000–0:01.501")
    (mark,) = [one for _, one in case.find(Observation, digest)]
    assert mark.moment == Moment(1_000, 1_501)
    page.select_option("[name=sort]", "level")
    page.select_option("[name=level]", "0")
    page.click("form[data-mark-form] button.main")
    expect(page.locator("[data-list] li")).to_have_count(2)
    assert [one.level for _, one in case.find(Rating, digest)] == [0]
    page.reload()
    expect(page.locator("[data-span]")).to_have_count(1)
    assert watched.ran() == []


@pytest.mark.parametrize("number", [VIDEO, SOUND])
@pytest.mark.parametrize(("language", "width"), [("en", 320), ("ar", 1280), ("ar", 320)])
def test_the_page_can_be_read_by_everyone(served: Served, number: str, language: str, width: int) -> None:
    watched = opened(served, number, language=language, width=width)
    assert not watched.axe()
    assert watched.too_wide() <= 0
    watched.shot(f"play-{number}-{language}-{width}")
    watched.page.goto(f"{served.address}/exhibits/{number}")
    assert not watched.axe()
    assert watched.too_wide() <= 0
    watched.shot(f"recording-{number}-{language}-{width}")
    assert watched.ran() == []


def test_the_frames_are_covered_until_asked_and_lead_to_their_times(served: Served) -> None:
    case = served.office.desk.case
    watched = served.page("en", width=1280, scheme="light")
    page = watched.page
    page.goto(f"{served.address}/exhibits/{VIDEO}")
    expect(page.locator(".frames li")).to_have_count(FRAMES // RATE)
    image = page.locator(".frames image").first
    covered = image.get_attribute("href") or ""
    sheet = Image.open(io.BytesIO(page.request.get(served.address + covered).body()))
    assert sheet.mode == "L"
    looks = len(case.acts("exhibit.uncovered"))
    page.click("[data-strip] button")
    page.wait_for_selector("[data-strip].open")
    assert "/seen/" in (image.get_attribute("href") or "")
    assert len(case.acts("exhibit.uncovered")) == looks + 1
    page.keyboard.press("Escape")
    expect(image).to_have_attribute("href", covered)
    page.keyboard.press("Enter")
    page.locator(".frames a").nth(2).click()
    page.wait_for_url("**/play?at=2000")
    assert watched.ran() == []


def test_a_viewer_plays_but_does_not_mark_and_without_script_it_goes_by_forms(served: Served) -> None:
    viewer = served.page("en", width=1000, scheme="light", role=Role.VIEWER)
    viewer.page.goto(f"{served.address}/exhibits/{VIDEO}/play")
    viewer.page.wait_for_selector("[data-controls]:not([hidden])")
    expect(viewer.page.locator("[data-mark-form]")).to_have_count(0)
    plain = served.page("en", width=1000, scheme="light", script=False)
    page = plain.page
    page.goto(f"{served.address}/exhibits/{VIDEO}/play?at=1000")
    page.locator("[data-plain] button").click()
    source = page.locator("video").get_attribute("src") or ""
    assert source.startswith("http://127.0.0.1:")
    answer = page.request.get(source, headers={"range": "bytes=10-19"})
    assert (answer.status, len(answer.body())) == (206, 10)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "video/webm"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert page.request.get(source, headers={"range": "bytes=99999999-"}).status == 416
    page.fill("[name=moment]", "1.0-1.2")
    page.fill("[name=text]", "typed by hand")
    page.locator("form[data-mark-form] button.main").click()
    page.wait_for_url("**/play?at=1000")
    assert "typed by hand" in page.locator("[data-list]").inner_text()
    plain.shot("play-plain")
