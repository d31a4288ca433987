"""Names, addresses, places and paths that are planted in a case reach nothing that is made for others.

Each canary is a word of its own. It is looked for in every file of every export as text in several codings,
in hex, in base64, and as its SHA-256, by which somebody who guesses it could see that it was there.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from witnessmark.cli import run

GPS = (36.0, 16.0, 18.5828)
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
KINDS = (
    "artist", "owner of the camera", "serial number", "description", "user comment", "host computer",
    "creator in XMP", "comment of a JPEG", "comment of a thumbnail", "file name", "folder name",
    "note", "host of the source", "path of the source", "query of the source", "name of a sender",
    "mail of a sender", "mail of a receiver", "host of a message", "relay of a message", "author of a page",
    "member of an archive", "owner of a member", "name in a list", "remark in a list", "comment",
    "handle", "folder of the keys",
)  # fmt: skip


def canary(kind: str) -> str:
    """A word that stands nowhere else."""
    letters = hashlib.sha256(kind.encode()).hexdigest()[:12].translate(_LETTERS)
    return f"zq{letters}"


def written(word: str) -> Iterator[bytes]:
    """The ways in which a word could be found again."""
    for text in {word, word.upper(), word.capitalize(), quote(word)}:
        for coding in ("utf-8", "utf-16-le", "utf-16-be"):
            content = text.encode(coding)
            yield content
            yield content.hex().encode()
            for shift in range(3):
                yield base64.b64encode(b"x" * shift + content)[4 if shift else 0 : -4]
    yield hashlib.sha256(word.encode()).hexdigest().encode()
    yield hashlib.sha256(word.encode()).digest()


def test_a_word_is_found_in_every_way_in_which_it_could_go_out() -> None:
    word = canary("artist")
    assert len({canary(kind) for kind in KINDS}) == len(KINDS) >= 25
    for told in (
        word,
        f"x {word.upper()}",
        json.dumps({"a": word}),
        base64.b64encode(f"ab{word}cd".encode()).decode(),
    ):
        assert any(one in told.encode() for one in written(word)), told


def picture() -> bytes:
    """A photograph that says of itself all that one can say."""
    thumbnail = io.BytesIO()
    Image.new("RGB", (40, 30), "grey").save(thumbnail, "JPEG", comment=canary("comment of a thumbnail"))
    exif = Image.Exif()
    exif[0x013B], exif[0x010E] = canary("artist"), canary("description")
    exif[0x013C] = canary("host computer")
    within = exif.get_ifd(0x8769)
    within[0xA430], within[0xA431] = canary("owner of the camera"), canary("serial number")
    within[0x9286] = b"ASCII\0\0\0" + canary("user comment").encode()
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", GPS, "E", GPS
    xmp = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator><rdf:Seq><rdf:li>'
        f"{canary('creator in XMP')}</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    made = io.BytesIO()
    drawn = Image.effect_mandelbrot((320, 240), (-2, -1.5, 1, 1.5), 60).convert("RGB")
    drawn.save(made, "JPEG", exif=exif, xmp=xmp.encode(), comment=canary("comment of a JPEG"))
    content = made.getvalue()
    segment = b"\xff\xe2" + (len(thumbnail.getvalue()) + 2).to_bytes(2, "big") + thumbnail.getvalue()
    return content[:2] + segment + content[2:]


def material(folder: Path) -> None:
    """A picture, a mail, a page, two archives and a list, with a canary wherever one can stand."""
    (folder / canary("folder name")).mkdir(parents=True)
    (folder / canary("folder name") / f"{canary('file name')}.jpg").write_bytes(picture())
    (folder / "letter.eml").write_text(
        f"Received: from {canary('relay of a message')}.example by x; Tue, 19 Nov 2024 10:00:00 +0000\n"
        f"From: {canary('name of a sender')} <{canary('mail of a sender')}@desk.example>\n"
        f"To: {canary('mail of a receiver')}@desk.example\n"
        f"Message-ID: <1@{canary('host of a message')}.example>\n"
        "Subject: the hall\nDate: Tue, 19 Nov 2024 10:00:00 +0000\nContent-Type: text/plain\n\nA letter.\n"
    )
    (folder / "page.html").write_text(
        f'<html><head><meta name="author" content="{canary("author of a page")}">'
        "<title>The hall</title></head><body><article><p>The hall was full on Monday, the caretaker said to"
        " the paper.</p></article></body></html>"
    )
    with zipfile.ZipFile(folder / "packed.zip", "w") as packed:
        packed.writestr(f"{canary('member of an archive')}.txt", "A member.")
    with tarfile.open(folder / "packed.tar", "w") as packed_too:
        member = tarfile.TarInfo("member.txt")
        member.size, member.uname = 8, canary("owner of a member")
        packed_too.addfile(member, io.BytesIO(b"A member"))
    (folder / "list.csv").write_text(
        f"name,age,remark\n{canary('name in a list')},31,{canary('remark in a list')}\nSomebody Else,40,\n"
    )


@pytest.fixture(scope="module")
def given_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that the case makes for others."""
    work = tmp_path_factory.mktemp("canaries")
    case, out, keys = work / "case", work / "out", work / canary("folder of the keys")
    here = ("--case", str(case), "--keys", str(keys), "--as", "ada")
    run(["new", str(case), "--name", "The hall", *here[2:]])
    material(work / "material")
    address = (
        f"https://{canary('host of the source')}.example/{canary('path of the source')}"
        f"?token={canary('query of the source')}"
    )
    run(["take", str(work / "material"), "--source-url", address, "--note", canary("note"), *here])
    lines = (
        {"kind": "event", "id": "hall", "name": "The hall", "author": "ada"},
        {"kind": "claim", "id": canary("handle"), "event": "hall", "topic": "other", "text": "It was full.",
         "author": "ada"},
    )  # fmt: skip
    (work / "claims.jsonl").write_text("\n".join(map(json.dumps, lines)))
    run(["assess", "--from", str(work / "claims.jsonl"), *here])
    said = {"kind": "comment", "about": "E00001", "text": canary("comment"), "author": "ada"}
    (work / "said.jsonl").write_text(json.dumps(said))
    run(["assess", "--from", str(work / "said.jsonl"), *here])
    shown = run_shown(here)
    out.mkdir()
    withheld = [word for number in shown for word in ("--withhold", number)]
    run(["brief", str(out / "brief"), *here])
    run(["brief", str(out / "brief-ar"), "--language", "ar", *here])
    run(["package", str(out / "package"), *withheld, *here])
    run(["package", str(out / "whole"), "--whole-log", *withheld, *here])
    run(["codes", "--rule", "full", "--export", str(out / "codes.csv"), *here])
    run(["counts", "--out", str(out / "counts"), *here])
    run(["counts", "--export", str(out / "counts.csv"), *here])
    run(["log", "--export", str(out / "log"), *here])
    return out


def run_shown(here: tuple[str, ...]) -> list[str]:
    """The numbers of all exhibits."""
    from witnessmark.wiring import served_desk

    desk = served_desk(Path(here[1]), Path(here[3]), here[5])
    try:
        return [number for number, _ in desk.case.exhibits()]
    finally:
        desk.close()


def test_no_canary_reaches_what_is_made_for_others(given_out: Path) -> None:
    files = [path for path in given_out.rglob("*") if path.is_file()]
    assert len(files) > 20
    wanted = {kind: tuple(written(canary(kind))) for kind in KINDS}
    wanted["place"] = tuple(str(round(GPS[0] + GPS[1] / 60 + GPS[2] / 3600, n)).encode() for n in (2, 4, 6))
    found = []
    for path in files:
        content = path.read_bytes() + str(path.relative_to(given_out)).encode()
        kinds = [kind for kind, ways in wanted.items() if any(one in content for one in ways)]
        found += [(kind, str(path.relative_to(given_out))) for kind in kinds]
    assert not found
