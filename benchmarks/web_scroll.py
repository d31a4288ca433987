"""How long a tile of the gallery stays blank in view while somebody scrolls through a large case.

    python benchmarks/web_scroll.py --folder DIR [--seconds 20]

In a real Chromium; DIR is the one of `web_rates.py`, whose case must have been made. In each frame that is
drawn every place of the window that should show a tile is looked at: it is blank if no tile is there, or one
that is not filled yet. The wheel is turned at two speeds and both ways, then it is jumped to places by chance
of a fixed seed. Printed are the longest time that one tile was blank in view, and how many were so for more
than 200 ms.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from argon2 import PasswordHasher
from playwright.sync_api import Page
from tests.browser.browsers import Served, chromium
from tests.servers.desks import ADA, PASSPHRASE, serving_desk

from witnessmark.web.accounts import Accounts

BAR_MS = 200
WATCH = """
() => {
  const list = document.querySelector("[data-gallery]");
  const total = Number(list.dataset.total), high = 188, wide = 164;
  const since = new Map();
  const seen = { frames: 0, tiles: 0, blank: 0, longest: 0, over: 0, slowest: 0, last: performance.now() };
  const ended = (index, now) => {
    const lasted = now - since.get(index);
    since.delete(index);
    seen.longest = Math.max(seen.longest, lasted);
    if (lasted > 200) seen.over += 1;
  };
  const look = (now) => {
    seen.frames += 1;
    seen.slowest = Math.max(seen.slowest, now - seen.last);
    seen.last = now;
    const box = list.getBoundingClientRect();
    const columns = Math.max(1, Math.floor((list.clientWidth + 12) / wide));
    const first = Math.max(0, Math.floor(-box.top / high)) * columns;
    const last = Math.min(total, (Math.floor((innerHeight - box.top) / high) + 1) * columns);
    const filled = new Set();
    for (const one of list.children) if (one.firstElementChild) filled.add(Number(one.ariaPosInSet) - 1);
    for (const index of since.keys()) {
      if (index < first || index >= last || filled.has(index)) ended(index, now);
    }
    for (let index = first; index < last; index += 1) {
      seen.tiles += 1;
      if (filled.has(index)) continue;
      seen.blank += 1;
      if (!since.has(index)) since.set(index, now);
    }
    requestAnimationFrame(look);
  };
  window.seenByBenchmark = () => {
    for (const index of since.keys()) ended(index, performance.now());
    return { ...seen };
  };
  requestAnimationFrame(look);
}
"""


def main() -> None:
    """Print what was seen at each speed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving_desk(options.folder / "case") as (office, address):
        quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        object.__setattr__(office, "accounts", Accounts(Path(folder) / "accounts.json", quick))
        office.accounts.first(ADA, PASSPHRASE)
        with chromium() as browser:
            served = Served(office, address, browser)
            for name, pixels, every_s in (("slow wheel", 240, 0.1), ("fast wheel", 720, 0.1)):
                page = opened(served)
                told(name, scrolled(page, pixels, every_s, options.seconds))
            told("jumps", jumped(opened(served), options.seconds))


def opened(served: Served) -> Page:
    """The gallery at its beginning, watched."""
    page = served.page("en", width=1280, scheme="light").page
    page.goto(served.address + "/gallery")
    page.wait_for_selector("[data-gallery] a.tile")
    page.wait_for_timeout(1000)
    page.evaluate(WATCH)
    return page


def scrolled(page: Page, pixels: int, every_s: float, seconds: float) -> dict[str, Any]:
    """The wheel turned down for three quarters of the time, then up."""
    page.mouse.move(640, 400)
    began = time.monotonic()
    while (gone := time.monotonic() - began) < seconds:
        page.mouse.wheel(0, pixels if gone < seconds * 0.75 else -pixels)
        page.wait_for_timeout(every_s * 1000)
    return seen(page)


def jumped(page: Page, seconds: float) -> dict[str, Any]:
    """Somewhere else at once, each second."""
    chance, began = random.Random(1), time.monotonic()  # noqa: S311 - no secret
    while time.monotonic() - began < seconds:
        page.evaluate("part => scrollTo(0, document.documentElement.scrollHeight * part)", chance.random())
        page.wait_for_timeout(1000)
    return seen(page)


def seen(page: Page) -> dict[str, Any]:
    """What was seen until now."""
    found: dict[str, Any] = page.evaluate("() => ({ ...window.seenByBenchmark(), top: scrollY })")
    page.context.close()
    return found


def told(name: str, found: dict[str, Any]) -> None:
    """One line of what was seen."""
    share, longest = found["blank"] / max(1, found["tiles"]), found["longest"]
    kept = "kept" if longest <= BAR_MS else "missed"
    frames = f"{name:10} {found['frames']:5} frames, slowest {found['slowest']:4.0f} ms"
    bar = f"bar {BAR_MS} ms: {kept}, {found['over']} longer"
    load = f"load {os.getloadavg()[0]:.1f}"
    print(f"{frames}; {share:.2%} of tiles blank, longest {longest:4.0f} ms ({bar}); {load}", flush=True)


if __name__ == "__main__":
    main()
