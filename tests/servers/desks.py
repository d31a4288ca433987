"""A case whose every name and text wants to run in a browser, and the desk that serves it on loopback."""

from __future__ import annotations

import json
import random
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from PIL import Image, ImageDraw
from tests.fixtures.postgres import moved

from witnessmark.cli import run
from witnessmark.desk import Desk
from witnessmark.ports import POINTER
from witnessmark.web.accounts import FILE_NAME, Accounts
from witnessmark.web.app import build
from witnessmark.web.factors import FILE_NAME as FACTORS_FILE
from witnessmark.web.factors import FactorBook
from witnessmark.web.office import Office
from witnessmark.web.tokens import FILE_NAME as TOKENS_FILE
from witnessmark.web.tokens import Tokens
from witnessmark.wiring import served_desk

OUTSIDE = "outside.example"
RAN = "document.documentElement.dataset.ran=1"
HOSTILE = (
    f"<script>{RAN}</script>",
    f"<img src=x onerror={RAN}>",
    f'"><svg onload={RAN}>',
    f"'><body onload={RAN}>",
    f"</title><script>{RAN}</script>",
    f"</textarea><script>{RAN}</script>",
    f"--></style></script><script>{RAN}</script>",
    f"<iframe srcdoc='<script>parent.{RAN}</script>'></iframe>",
    f"<a href=javascript:{RAN}>a link</a>",
    f'" autofocus onfocus={RAN} x="',
    f"' style=animation-name:x onanimationstart={RAN} '",
    f"<math><mtext><table><mglyph><style><img src=x onerror={RAN}>",
    f"<noscript><p title='</noscript><img src=x onerror={RAN}>'>",
    f"<details open ontoggle={RAN}>",
    f"<video><source onerror={RAN}></video>",
    "<template><script>{{ 7*7 }}</script></template>",
    "{{ self.__init__.__globals__ }} {% include '/etc/passwd' %}",
    f"<img src=//{OUTSIDE}/pixel.gif>",
    f"<link rel=stylesheet href=//{OUTSIDE}/a.css>",
    f"<style>@import url(//{OUTSIDE}/b.css);*{{background:url(//{OUTSIDE}/c.png)}}</style>",
    f"<meta http-equiv=refresh content='0;url=http://{OUTSIDE}/'>",
    f"<base href=//{OUTSIDE}/><form action=//{OUTSIDE}/><button>press</button></form>",
    f"<object data=//{OUTSIDE}/o></object><embed src=//{OUTSIDE}/e>",
    f"<svg><use href=//{OUTSIDE}/u#x></use><image href=//{OUTSIDE}/i.png></image></svg>",
    "\u202eright to left override\u202c and \u2066an isolate\u2069",
    f"\\u003cscript\\u003e{RAN}\\u003c/script\\u003e &lt;script&gt;{RAN}&lt;/script&gt;",
)
"""Texts of our own that run, or ask for something outside, wherever a page forgets to escape them."""
CASE_NAME = f"Hall {HOSTILE[1]}"
ADA = "Ada Verrin"
PASSPHRASE = "four words of a desk"  # noqa: S105 - of a case that is made for a test


def hostile_case(folder: Path, database: str | None = None) -> Path:
    """A case in `folder`, or with its tables in a database that is given by its address.

    Its keys lie beside it, and `witnessmark.toml` names them and who is at work.
    """
    case = folder / "case"
    words = ["--name", CASE_NAME, "--focus", HOSTILE[0], "--keys", str(folder / "keys"), "--as", ADA]
    run(["new", str(case), *words, *(["--database", database] if database else [])])
    (case / "witnessmark.toml").write_text(f'[desk]\nkeys = "{folder / "keys"}"\nperson = "{ADA}"\n', "utf-8")
    material = folder / "material"
    material.mkdir()
    _write_material(material)
    run(["take", str(material), "--case", str(case)])
    _write_sidecars(folder)
    for verb, name in (
        ("assess", "claims"),
        ("statements", "said"),
        ("observe", "seen"),
        ("assess", "ruled"),
    ):
        run([verb, "--from", str(folder / f"{name}.jsonl"), "--case", str(case)])
    for reason in HOSTILE[:3]:
        run(["release", "--ask", "package", "--reason", reason, "--case", str(case)])
    return case


def _write_material(folder: Path) -> None:
    body = "\n".join(f"<p>{line} said that 40 men died in the hall.</p>" for line in HOSTILE)
    title = HOSTILE[4].replace("/", "∕")
    page = (
        f'<html lang="en"><head><title>A page {HOSTILE[1]}</title><meta name="author" content="{HOSTILE[2]}">'
    )
    (folder / f"{title[:60]}.html").write_text(f"{page}</head><body><article>{body}</article></body></html>")
    (folder / "said.txt").write_text("\n\n".join(("Notes of what was said.", *HOSTILE)), "utf-8")
    said = "قال المتحدث باسم البلدية إن ١٢ شخصا \u202bقتلوا\u202c في القاعة.\n"
    (folder / "نص.txt").write_text(said, "utf-8")
    (folder / "drawn.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" onload="{RAN}"><script>{RAN}</script></svg>'
    )
    (folder / "letter.eml").write_text(
        f"From: {HOSTILE[0]} <a@desk.example>\nSubject: {HOSTILE[1]}\nDate: Tue, 19 Nov 2024 10:00:00 +0000\n"
        f"Content-Type: text/html; charset=utf-8\n\n<p>{HOSTILE[1]} A letter about the hall.</p>\n"
    )
    gradient = Image.linear_gradient("L").convert("RGB")
    exif = Image.Exif()
    for tag, payload in ((270, HOSTILE[1]), (271, HOSTILE[0]), (272, HOSTILE[2]), (315, HOSTILE[8])):
        exif[tag] = payload
    exif[306] = "2024:11:19 10:00:00"
    exif.get_ifd(0x8769)[0x9003] = "2024:11:19 10:00:00"
    place = {1: "N", 2: (17.0, 18.0, 0.0), 3: "E", 4: (62.0, 48.0, 0.0), 16: "T", 17: 120.0, 31: 40.0}
    exif.get_ifd(0x8825).update(place)
    gradient.save(folder / f"{HOSTILE[1].replace('/', '∕')[:40]}.jpg", exif=exif)
    Image.radial_gradient("L").convert("RGB").save(folder / "round.png")
    whole = _scene()
    whole.save(folder / "scene-whole.png")
    whole.crop((40, 30, 440, 330)).save(folder / "scene-cut.png")


def _scene() -> Image.Image:
    """A picture with much in it, so that a part of it is found again."""
    chance = random.Random(20_241_119)  # noqa: S311 - no secret
    scene = Image.new("RGB", (480, 360), (120, 130, 140))
    draw = ImageDraw.Draw(scene)
    for _ in range(260):
        x, y, side = chance.randrange(470), chance.randrange(350), chance.randrange(6, 60)
        colour = tuple(chance.randrange(256) for _ in range(3))
        draw.rectangle((x, y, x + side, y + chance.randrange(5, 40)), fill=colour)
    return scene


def _write_sidecars(folder: Path) -> None:
    def write(name: str, *lines: dict[str, object]) -> None:
        text = "\n".join(json.dumps({"author": ADA, **line}) for line in lines)
        (folder / f"{name}.jsonl").write_text(text, "utf-8")

    claims: list[dict[str, object]] = [
        {"kind": "claim", "id": f"c{n}", "event": "hall", "topic": "other", "text": f"{n} {line}"}
        for n, line in enumerate(HOSTILE[:6])
    ]
    hall = {"kind": "event", "id": "hall", "name": HOSTILE[1]}
    where = {"latitude": 17.3, "longitude": 62.9, "radius_m": 500, "name": HOSTILE[2]}
    when = {"start": "2024-11-19T00:00:00+04:00", "end": "2024-11-19T23:59:59+04:00"}
    write("claims", {**hall, "where": where, "when": when}, *claims)
    said: list[dict[str, object]] = [
        {
            "id": f"s{n}",
            "file": "said.txt",
            "speaker": line if line.isprintable() else "somebody",
            "relays": None,
            "stance": ("asserts", "denies", "cannot_verify")[n % 3],
            "quote": line,
            "amount": {"low": 40, "best": 40, "high": 40, "qualifier": "exactly", "unit": HOSTILE[1]},
            "claim": f"c{n % 6}",
            "topic": "other",
        }
        for n, line in enumerate(HOSTILE)
    ]
    write("said", *said)
    write(
        "seen",
        {"exhibit_file": "round.png", "body": {"purpose": "note", "value": HOSTILE[1]}},
        {"exhibit_file": "round.png", "body": {"purpose": "place", "value": HOSTILE[3]}},
    )
    write(
        "ruled",
        {
            "kind": "assessment", "id": "a1", "claim": "c0", "status": "contested", "rests_on": ["s0"],
            "reasons": HOSTILE[1],
        },
        {"kind": "hypothesis", "id": "h1", "claim": "c0", "text": HOSTILE[3]},
        {
            "kind": "tie", "statement": "s1", "source": "s0", "dependence": "dependent",
            "reason": HOSTILE[0],
        },
    )  # fmt: skip


def copy_of(case: Path, folder: Path) -> Path:
    """A case of its own in `folder`, just like one that was made there; with its own keys."""
    for name in ("case", "keys"):
        shutil.copytree(case.parent / name, folder / name)
    settings = folder / "case" / "witnessmark.toml"
    written = settings.read_text("utf-8")
    settings.write_text(written.replace(str(case.parent), str(folder)), "utf-8")
    pointer = folder / "case" / POINTER
    if pointer.exists():
        moved(pointer, f"copy_{secrets.token_hex(8)}")
    return folder / "case"


def office_of(case: Path, port: int = 8765) -> Office:
    """What the service would work with, not yet listening; close its desk."""
    desk: Desk = served_desk(case, None, None)
    folder = desk.required_keys().folder
    tokens, factors = Tokens(folder / TOKENS_FILE), FactorBook(folder / FACTORS_FILE)
    accounts = Accounts(folder / FILE_NAME)
    return Office(desk, accounts, tokens, factors, port, patience_s=60)  # a busy machine is no large case


@contextmanager
def serving_desk(case: Path) -> Iterator[tuple[Office, str]]:
    """The desk on a free port of loopback, and its address."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as channel:
        office = office_of(case, channel.getsockname()[1])
        config = uvicorn.Config(
            build(office), log_level="warning", access_log=False, ws="none", lifespan="off"
        )
        server = uvicorn.Server(config)
        office.live.is_over = lambda: server.should_exit
        thread = threading.Thread(target=server.run, kwargs={"sockets": [channel]})
        thread.start()
        try:
            ends = time.monotonic() + 30
            while not server.started:
                assert time.monotonic() < ends, "the desk did not start"
                time.sleep(0.02)
            yield office, f"http://localhost:{office.port}"
        finally:
            server.should_exit = True
            thread.join()
            office.close()
            office.desk.close()
