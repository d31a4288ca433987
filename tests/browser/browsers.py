"""A real Chromium on a desk: what it asked for, what ran in it, and what judges its pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
SCRIPT = ROOT / "src" / "witnessmark" / "web" / "static" / "built" / "desk.js"
SHOTS = ROOT / "build" / "browser"
CHROMIUM = shutil.which("chromium")
MISSING = next(
    (
        reason
        for reason, is_there in (
            ("chromium is not installed (Debian: chromium)", CHROMIUM is not None),
            (
                "the scripts are not built (`make assets`, which needs npm)",
                AXE.is_file() and SCRIPT.is_file(),
            ),
        )
        if not is_there
    ),
    None,
)
"""Why no browser can be tried here; None if one can."""
_HERE = ("localhost", "127.0.0.1", "::1")
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Watched:
    """A page, and everything that it did which no page of the desk may do."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._asked)
        self.page.on("dialog", self._spoke)
        self.page.on("pageerror", lambda error: self.faults.append(f"error {error}"))
        self.page.on("popup", lambda popup: self.faults.append(f"popup {popup.url}"))
        self.page.on("console", self._complained)

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in _HERE:
            self.faults.append(f"outside {request.url}")

    def _spoke(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _complained(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.faults.append(f"console {said.text}")

    def ran(self) -> list[str]:
        """What ran or was asked for that should not, until now."""
        for frame in self.page.frames:
            if frame == self.page.main_frame and frame.evaluate("document.documentElement.dataset.ran ?? ''"):
                self.faults.append(f"a script ran in {frame.url}")
        return self.faults

    def axe(self) -> list[str]:
        """What axe-core finds wrong with the page as it is now."""
        self.page.evaluate(AXE.read_text("utf-8"))
        found: dict[str, Any] = self.page.evaluate(
            "tags => axe.run(document, {runOnly: tags, iframes: false})", _TAGS
        )
        return [
            f"{one['id']}: {one['help']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
            for one in found["violations"]
            for node in one["nodes"][:3]
        ]

    def too_wide(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(
            self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        )

    def shot(self, name: str) -> None:
        """A picture of the whole page, kept as build output."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, which can resolve no name but this machine's."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
                *(["--no-sandbox"] if os.geteuid() == 0 else []),
            ],
        )
        try:
            yield browser
        finally:
            browser.close()
