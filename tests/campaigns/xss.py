"""The campaign of cross-site scripting: corpora of payloads through every place that shows foreign text.

Usage: python -m tests.campaigns.xss FOLDER [--work DIR] [--most N] [--pages N]. FOLDER holds DOMPurify's
`expect.mjs` and H5SC's `items.js` and `payloads.js`; nothing of them is kept in this project. Each payload
becomes a file's name, a title, an author, a text, a picture's metadata, a subject and a sender, a claim, a
speaker, a quote, a unit, a note, a place, a comment and a question; some a task, a reason and the name of a
kept search. Then a real Chromium goes to every page without the pages' content security policy, so that
nothing but escaping is left, then to every fifth as a person would; and it opens the brief and what browsers
show of a package. It ends with 1 if a script ran, a dialog or page opened by itself, or anything outside was
asked for.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from tests.browser.browsers import Served, Watched, served_case
from tests.servers.desks import ADA, office_of

from witnessmark.cli import run
from witnessmark.desk.four_eyes import Sensitive
from witnessmark.desk.sidecar import Line
from witnessmark.desk.texts import kept_text
from witnessmark.model import Claim, Statement
from witnessmark.publish.sentences import visible

READER = Path(__file__).with_name("payloads.mjs")
TAGS = (270, 271, 272, 305, 315)
"""Fields of a picture's metadata that are text."""
FEW = 40


def payloads(folder: Path) -> list[str]:
    """Every payload of the corpora once, in one line."""
    ran = subprocess.run(["node", str(READER), str(folder)], capture_output=True, text=True, check=True)
    found = (" ".join(one.replace("\0", "").split()) for one in json.loads(ran.stdout))
    return list(dict.fromkeys(one for one in found if one))


def made_case(folder: Path, said: Sequence[str]) -> Path:
    """A case in `folder` in which each payload stands in each place."""
    case, keys = folder / "case", ("--keys", str(folder / "keys"), "--as", ADA)
    run(["new", str(case), "--name", said[0], "--focus", said[-1], *keys])
    (case / "witnessmark.toml").write_text(f'[desk]\nkeys = "{folder / "keys"}"\nperson = "{ADA}"\n', "utf-8")
    write_files(folder / "material", said)
    run(["take", str(folder / "material"), "--case", str(case)])
    put_on_record(folder, case, said)
    return case


def put_on_record(folder: Path, case: Path, said: Sequence[str]) -> None:
    """Each payload as what people say of the case and to each other."""
    quoted = write_sidecars(folder, case, said)
    for verb, name in (
        ("assess", "claims"),
        ("statements", "said"),
        ("observe", "seen"),
        ("assess", "ruled"),
    ):
        run([verb, "--from", str(folder / f"{name}.jsonl"), "--case", str(case)])
    office = office_of(case)
    desk = office.desk
    exhibits = [digest for _, digest in desk.case.exhibits()]
    claims = [name for name, _ in desk.case.find(Claim)]
    for number, one in enumerate(said):
        about = (exhibits if number % 2 else claims)[number % len(claims)]
        desk.enter([Line("xss", {"kind": "comment", "about": about, "text": one, "mentions": [ADA]})])
    for number, one in enumerate(said[:FEW]):
        desk.enter(
            [Line("xss", {"kind": "assignment", "about": claims[number], "task": one[:300], "to": ADA})]
        )
        with desk.second_person() as four:
            four.ask(Sensitive.ORIGINAL, exhibits[:1], one[:300])
        office.searches.keep(ADA, visible(one)[:50], f"words={quote(one[:150])}")
    office.close()
    desk.close()
    print(f"{len(exhibits)} exhibits, {len(claims)} claims, {quoted} of {len(said)} quotes", flush=True)


def write_files(folder: Path, said: Sequence[str]) -> None:
    """Pages, pictures and letters; the text with everything is said.txt."""
    folder.mkdir()
    (folder / "said.txt").write_text("\n\n".join(("Notes.", *said)), "utf-8")
    for number, one in enumerate(said):
        name = f"{number} {one}".replace("/", "∕")[:60]
        words, inside = escape(one), escape(one, quote=True)
        (folder / f"{name}.html").write_text(
            f'<html lang="en"><head><title>{words}</title><meta name="author" content="{inside}">'
            f'<meta property="og:site_name" content="{inside}"></head>'
            f"<body><article><p>{words}</p><p>A speaker said that 40 men died.</p></article></body></html>",
            "utf-8",
        )
        (folder / f"{number}.eml").write_bytes(
            f"From: =?utf-8?b?{_base64(one[:100])}?= <a@desk.example>\n"
            f"Subject: =?utf-8?b?{_base64(one[:100])}?=\n"
            "Date: Tue, 19 Nov 2024 10:00:00 +0000\nContent-Type: text/plain; charset=utf-8\n\n"
            f"{one}\n".encode()
        )
    for start in range(0, len(said), len(TAGS)):
        exif = Image.Exif()
        for tag, one in zip(TAGS, said[start:], strict=False):
            exif[tag] = one
        side = 32 + start % 200
        Image.linear_gradient("L").resize((side, side)).convert("RGB").save(
            folder / f"{start}.jpg", exif=exif
        )


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def write_sidecars(folder: Path, case: Path, said: Sequence[str]) -> int:
    """Claims, statements, notes and rulings; how many of the payloads can be quoted from the text."""

    def write(name: str, lines: Iterator[dict[str, object]]) -> None:
        text = "\n".join(json.dumps({"author": ADA, **line}) for line in lines)
        (folder / f"{name}.jsonl").write_text(text, "utf-8")

    office = office_of(case)
    exhibit = next(
        digest
        for _, digest in office.desk.case.exhibits()
        if (text := kept_text(office.desk.case, digest)) and text.content.startswith("Notes.")
    )
    text = kept_text(office.desk.case, exhibit)
    content = "" if text is None else text.content
    office.close()
    office.desk.close()
    quoted = [number for number, one in enumerate(said) if one in content]
    where = {"latitude": 17.3, "longitude": 62.9, "radius_m": 500, "name": said[1]}
    when = {"start": "2024-11-19T00:00:00+04:00", "end": "2024-11-19T23:59:59+04:00"}
    event: dict[str, object] = {"kind": "event", "id": "hall", "name": said[2], "where": where, "when": when}
    claim: dict[str, object] = {"kind": "claim", "event": "hall", "topic": "other"}
    write("claims", iter((event, *({**claim, "id": f"c{n}", "text": one} for n, one in enumerate(said)))))
    write(
        "said",
        (
            {
                "id": f"s{n}", "file": "said.txt", "speaker": visible(said[n]), "relays": None,
                "stance": ("asserts", "denies")[n % 2], "quote": said[n], "claim": f"c{n}", "topic": "other",
                "amount": {"low": 40, "best": 40, "high": 40, "qualifier": "exactly", "unit": said[n]},
            }
            for n in quoted
        ),
    )  # fmt: skip
    bodies = ({"purpose": ("note", "place")[n % 2], "value": one} for n, one in enumerate(said))
    write(
        "seen",
        ({"exhibit_file": f"{n % -(-len(said) // 5) * 5}.jpg", "body": one} for n, one in enumerate(bodies)),
    )
    write(
        "ruled",
        (
            {
                "kind": "assessment", "id": f"a{n}", "claim": f"c{n}", "status": "contested",
                "rests_on": [f"s{n}"], "reasons": said[n],
            }
            for n in quoted[:FEW]
        ),
    )  # fmt: skip
    return len(quoted)


def addresses(served: Served, said: Sequence[str]) -> Iterator[str]:
    """Every page of the desk, all pages of those that go on, and each payload as a question."""
    case = served.office.desk.case
    yield from served.addresses().values()
    claims = len(case.find(Claim))
    yield from (f"/claims/{number}" for number in range(1, claims + 1))
    yield from (f"/claims?from={start}" for start in range(0, claims, 20))
    exhibits = len(tuple(case.exhibits()))
    yield from (f"/gallery?page={number}" for number in range(exhibits // 60 + 1))
    yield from (f"/log?from={start}" for start in range(0, case.head().size, 100))
    for one in said:
        yield f"/gallery?words={quote(one[:150])}"
        yield f"/map?of={quote(one[:200])}"
    for one in said[:FEW]:
        yield f"/exhibits/{quote(one, safe='')}"
        yield f"/review?from={quote(one)}"
        yield f"/gallery?kind={quote(one)}"


def visit(watched: Watched, base: str, pages: Sequence[str], told: str) -> Counter[str]:
    """Go to each page, open what is folded; what was seen that may not be, with where."""
    seen: Counter[str] = Counter()
    page = watched.page
    for number, path in enumerate(pages):
        page.goto(base + path, wait_until="load")
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        faults = [one for one in watched.ran() if "the server responded with a status of 4" not in one]
        for one in faults:
            print(f"{told}: {path[:120]}: {one[:300]}", flush=True)
        seen.update({"pages": 1, "faults": len(faults)})
        watched.faults.clear()
        if number % 100 == 99:
            print(f"{told}: {number + 1} of {len(pages)} pages, {seen['faults']} faults", flush=True)
    page.wait_for_timeout(500)
    seen["faults"] += len(watched.ran())
    return seen


def written_out(folder: Path, case: Path) -> list[str]:
    """The brief and what a package holds that a browser shows, as addresses of files."""
    run(["brief", str(folder / "brief"), "--case", str(case)])
    run(["package", str(folder / "package"), "--case", str(case), "--comments"])
    shown = (".html", ".svg", ".txt", ".xhtml", ".xml", ".json", ".md")
    found = [path for name in ("brief", "package") for path in sorted((folder / name).rglob("*"))]
    return [path.as_uri() for path in found if path.suffix in shown and "evidence" not in path.parts]


def main() -> int:
    """Run the campaign."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--work", type=Path, help="where the case is made, and stays")
    parser.add_argument("--most", type=int, default=10_000, help="how many payloads at most")
    parser.add_argument("--pages", type=int, default=1_000_000, help="how many pages at most, by chance")
    wanted = parser.parse_args()
    said = payloads(wanted.corpus)[: wanted.most]
    print(f"{len(said)} payloads", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        work = wanted.work or Path(folder)
        work.mkdir(exist_ok=True)
        case = work / "case" if (work / "case").is_dir() else made_case(work, said)
        with served_case(case, Path(folder)) as served:
            pages = list(dict.fromkeys(addresses(served, said)))
            random.Random(1).shuffle(pages)  # so that any part of them is a fair one
            shown = served.office.desk.case.find(Statement)
            print(f"{len(pages)} pages, {len(shown)} statements", flush=True)
            del pages[wanted.pages :]
            seen = Counter[str]()
            for told, trusting, every in (("without policy", True, 1), ("as it is", False, 5)):
                watched = served.page("en", width=1280, scheme="light", trusting=trusting)
                seen += visit(watched, served.address, pages[::every], told)
            files = written_out(Path(folder), case)
            alone = Watched(served.browser.new_context(bypass_csp=True).new_page())
            seen += visit(alone, "", files, "files")
    print(f"{seen['pages']:,} pages drawn with {len(said)} payloads: {seen['faults']} ran or asked outside")
    return 1 if seen["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
