"""Pictures of the desk for the README: the exercise case, served by the real command, in a real Chromium.

    make demo && .venv/bin/python tools/pictures.py [DEMO]

It opens the desk by its one-time link as a stranger would, which makes an account in the demo's case.
Nothing is uncovered: they show the desk as it opens.
"""

from __future__ import annotations

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("board", "gallery", "claims", "map")
PERSON, PASSPHRASE = "Ada Verrin", "a passphrase for pictures alone"


def main() -> None:
    """Write one picture a page into docs/images."""
    demo = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "demo-case"
    serve = [sys.executable, "-m", "witnessmark", "serve", "--port", "0", "--as", PERSON]
    around = os.environ | {"WITNESSMARK_KEYS": str(demo / "keys")}
    with (
        subprocess.Popen(serve, cwd=demo / "case", env=around, stdout=subprocess.PIPE, text=True) as desk,
        sync_playwright() as playwright,
    ):
        assert desk.stdout is not None
        link = next(line.strip() for line in desk.stdout if "/enter/" in line)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-GB")
            _enter(page, link)
            for name in PAGES:
                _take(page, link.split("/enter/")[0], name)
        finally:
            browser.close()
            desk.terminate()


def _enter(page: Page, link: str) -> None:
    page.goto(link)
    if page.locator("#name").count():
        for field, words in (("name", PERSON), ("passphrase", PASSPHRASE), ("again", PASSPHRASE)):
            page.fill(f"#{field}", words)
    page.click("main button.main")
    page.wait_for_load_state()


def _take(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/" if name == "board" else f"{address}/{name}")
    page.wait_for_timeout(3_000)  # tiles and lines come after the page
    picture = Image.open(BytesIO(page.screenshot())).convert("P", palette=Image.Palette.ADAPTIVE, colors=128)
    picture.save(ROOT / "docs" / "images" / f"desk-{name}.png", optimize=True)


if __name__ == "__main__":
    main()
