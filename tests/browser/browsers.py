"""A real Chromium on a desk: what it asked for, what ran in it, and what judges its pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, sync_playwright
from tests.servers.desks import ADA, PASSPHRASE, copy_of, serving_desk

from witnessmark.model import Statement
from witnessmark.web.accounts import Accounts
from witnessmark.web.endpoint import SECTIONS
from witnessmark.web.office import Office
from witnessmark.web.roles import Role

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
IN_CHROMIUM = [
    pytest.mark.server,
    pytest.mark.skipif(MISSING is not None, reason=MISSING or ""),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
"""What every module of tests in a browser is marked with."""
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
            self.faults.append(f"console {said.text} {said.location['url']}")

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


class Served:
    """A served desk, a browser, and people who are signed in."""

    def __init__(self, office: Office, address: str, browser: Browser) -> None:
        self.office, self.address, self.browser = office, address, browser

    def page(
        self,
        language: str,
        *,
        width: int,
        scheme: str,
        script: bool = True,
        role: Role | None = None,
        trusting: bool = False,
    ) -> Watched:
        """A window in which Ada is signed in, or somebody who has one role alone.

        One that is trusting does not hold pages to their content security policy: all that could run runs.
        """
        name = ADA if role is None else role.value
        if self.office.accounts.named(name) is None and role is not None:
            self.office.accounts.add(name, PASSPHRASE, (role,))
        account = self.office.accounts.named(name)
        assert account is not None
        context = self.browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
            java_script_enabled=script,
            bypass_csp=trusting,
        )
        token = self.office.admit(account, "test", language)
        context.add_cookies(
            [{"name": self.office.cookie, "value": token, "domain": "localhost", "path": "/",
              "httpOnly": True, "sameSite": "Strict"}]
        )  # fmt: skip
        return Watched(context.new_page())

    def addresses(self) -> dict[str, str]:
        """Every page, by a name for its picture."""
        case = self.office.desk.case
        found = {word: path for word, path, _ in SECTIONS}
        found |= {"account": "/account", "claim": "/claims/1", "nothing": "/exhibits/E99999"}
        found |= {"pair": "/compare/E00008/E00007", "close": "/exhibits/E00008/close"}
        found |= {f"exhibit-{number}": f"/exhibits/{number}" for number, _ in case.exhibits()}
        for count, (name, _) in enumerate(case.find(Statement)):
            found[f"statement-{count:02}"] = f"/statements/{name.hex}"
        return found


@contextmanager
def served_case(case: Path, folder: Path) -> Iterator[Served]:
    """A copy of a case served, with a browser beside it; copy and accounts lie in `folder`."""
    with serving_desk(copy_of(case, folder / "desk")) as (office, address), chromium() as browser:
        quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        object.__setattr__(office, "accounts", Accounts(folder / "accounts.json", quick))
        office.accounts.first(ADA, PASSPHRASE)
        yield Served(office, address, browser)


def press_until(page: Page, wanted: str) -> None:
    """Press Tab until the wanted element has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    pytest.fail(f"{wanted} cannot be reached by Tab")


def comes_true(page: Page, is_so: Callable[[], bool], *, within_ms: int = 5_000) -> bool:
    """Whether something that the page draws in its own time is so before the time is over."""
    for _ in range(within_ms // 50):
        if is_so():
            return True
        page.wait_for_timeout(50)
    return is_so()
