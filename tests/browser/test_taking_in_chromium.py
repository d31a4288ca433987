"""Files come in by the browser in a real Chromium: dropped on the page, or by the plain field alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from playwright.sync_api import expect
from tests.browser.browsers import IN_CHROMIUM, Served, served_case

pytestmark = IN_CHROMIUM
DROPPED = """([name, text]) => {
    const given = new DataTransfer();
    given.items.add(new File([text], name));
    for (const kind of ["dragover", "drop"]) {
        document.querySelector("main").dispatchEvent(
            new DragEvent(kind, { dataTransfer: given, bubbles: true, cancelable: true }));
    }
}"""


@pytest.fixture(scope="module")
def served(hostile_desk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One desk and one browser for all."""
    with served_case(hostile_desk, tmp_path_factory.mktemp("browser")) as one:
        yield one


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1280, "light"), ("ar", 320, "dark")])
def test_what_is_dropped_is_taken_in(served: Served, language: str, width: int, scheme: str) -> None:
    watched = served.page(language, width=width, scheme=scheme)
    page = watched.page
    page.goto(served.address + "/gallery")
    page.click("a[href='/take']")
    page.wait_for_url("**/take")
    assert not watched.axe()
    assert watched.too_wide() <= 0
    page.evaluate(DROPPED, [f"<b>dropped</b> {language}.txt", f"Dropped in {language}, at the gate."])
    expect(page.locator("#take-files")).to_be_focused()
    page.fill("#take-note", "by hand")
    page.keyboard.press("Enter")
    expect(page.locator(".lines li")).to_have_count(1, timeout=60_000)
    expect(page.locator(".lines li")).to_contain_text(f"b> {language}.txt")  # a slash ends a folder
    assert not watched.axe()
    assert watched.too_wide() <= 0
    watched.shot(f"taken-{language}-{width}")
    page.click(".lines a")
    page.wait_for_url("**/exhibits/E*")
    assert watched.ran() == []


def test_files_are_taken_in_without_a_script(served: Served, tmp_path: Path) -> None:
    watched = served.page("en", width=1000, scheme="light", script=False)
    page = watched.page
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text(f"The file {name}.", "utf-8")
    page.goto(served.address + "/take")
    page.set_input_files("#take-files", [tmp_path / "one.txt", tmp_path / "two.txt"])
    page.click("form.taking button.main")
    expect(page.locator(".lines li")).to_have_count(2, timeout=60_000)
    assert watched.ran() == []
