"""A mask hides its region in every derivative made after it was set; nothing older is used again."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from witnessmark.desk.desk import Desk
from witnessmark.desk.release import Choice
from witnessmark.desk.sidecar import Line
from witnessmark.errors import RefusedError, UsageError
from witnessmark.model import Observation, Purpose, Rating, Region, Shape
from witnessmark.model.wire import digest_of
from witnessmark.wiring import Hand, open_desk

BOX = (40, 60, 120, 80)
"""x, y, width, height of the mask."""
MAKER, TAKEN = "Orlo Optical", "2019:03:02 10:11:12"
"""What the picture says of the camera."""


def run(work: Path, *words: str, code: int = 0) -> tuple[list[dict[str, object]], str]:
    """The answers of a command and what else it said."""
    environment = {
        **os.environ,
        "WITNESSMARK_PERSON": "tester",
        "WITNESSMARK_KEYS": str(work / "keys"),
    }
    given = words if words[0] == "new" else (*words, "--case", "case")
    command = [sys.executable, "-m", "witnessmark", *given, "--json"]
    ran = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == code, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()], " ".join(ran.stderr.split())


def hidden(picture: Path) -> bool:
    """Whether the region of the mask is of one colour, a little inside its edges."""
    with Image.open(picture) as opened:
        seen = np.asarray(opened.convert("L"), float)
    scale = seen.shape[1] / 320
    x, y, width, height = (round(number * scale) for number in BOX)
    return float(np.ptp(seen[y + 15 : y + height - 15, x + 15 : x + width - 15])) < 12


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with one picture: a brief was made, then a mask was set, then another brief was made."""
    work = tmp_path_factory.mktemp("masks")
    noise = np.random.default_rng(7).integers(0, 255, (24, 32, 3), dtype=np.uint8)
    written = Image.Exif()
    written.update({ExifTags.Base.Make: MAKER, ExifTags.Base.DateTime: TAKEN})
    street = Image.fromarray(noise).resize((320, 240), Image.Resampling.NEAREST)
    street.save(work / "street.png", exif=written)
    run(work, "new", "case", "--name", "Masks")
    run(work, "take", "street.png")
    run(work, "brief", "before")
    _, said = run(work, "package", "too-early", "--redact", "E00001", code=2)
    assert "no mask was set on E00001" in said
    run(work, "observe", "E00001", "--purpose", "mask", "--box", ",".join(map(str, BOX)))
    run(work, "brief", "after")
    return work


def only(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def everything_in(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def test_the_next_brief_shows_a_preview_with_the_mask_and_never_the_older_one(work: Path) -> None:
    old, new = only(work / "before/previews"), only(work / "after/previews")
    assert (hidden(old), hidden(new)) == (False, True)
    assert new.name != old.name
    assert old.stem not in (work / "after/brief.html").read_text()
    assert old.read_bytes() not in everything_in(work / "after")


def test_a_redacted_package_holds_the_picture_with_its_mask_and_not_without(work: Path) -> None:
    _, said = run(work, "package", "redacted", "--redact", "E00001")
    assert "masks" not in said
    package = work / "redacted"
    rows = list(csv.DictReader(io.StringIO((package / "data/items.csv").read_text(), newline="")))
    (original,) = (row for row in rows if row["role"] == "evidentiary")
    (masked,) = (row for row in rows if row["presence"] == "enclosed")
    assert original["presence"] == "withheld"
    assert masked["derived_from"] == original["sha256"]
    kept = only(package / "data/objects")
    assert kept.name == masked["sha256"]
    assert hidden(kept)
    with Image.open(kept) as opened:
        assert opened.size == (320, 240)
    secrets = [(work / "street.png").read_bytes(), only(work / "before/previews").read_bytes()]
    assert not any(secret in content for secret in secrets for content in everything_in(package))
    vkey = str(run(work, "log", "--key")[0][0]["vkey"])
    run(work, "verify", "redacted", "--vkey", vkey)
    alone = [sys.executable, str(package / "verify_package.py"), str(package), "--vkey", vkey]
    assert subprocess.run(alone, capture_output=True, check=False).returncode == 0


def test_what_checks_found_in_a_file_that_is_not_given_out_is_not_told_in_its_package(work: Path) -> None:
    run(work, "package", "plain")
    assert MAKER in (work / "plain/data/brief.html").read_text()
    for how in ("--withhold", "--redact"):
        package = work / f"package{how}"
        run(work, "package", package.name, how, "E00001")
        told = (package / "data/brief.html").read_text()
        assert "what checks found in it stays at the desk" in told
        secrets = (MAKER.encode(), TAKEN.encode(), TAKEN[:10].replace(":", "-").encode())
        assert not any(secret in content for secret in secrets for content in everything_in(package)), how
        vkey = str(run(work, "log", "--key")[0][0]["vkey"])
        run(work, "verify", package.name, "--vkey", vkey)


def test_a_package_that_undoes_a_mask_says_so(work: Path) -> None:
    _, said = run(work, "package", "open")
    assert "originals of pictures that have masks: E00001. With --redact" in said


def test_a_package_holds_its_brief_in_the_language_that_was_asked_for(work: Path) -> None:
    run(work, "package", "arabic", "--redact", "E00001", "--language", "ar")
    written = (work / "arabic/data/brief.html").read_text()
    assert 'lang="ar"' in written
    assert 'dir="rtl"' in written
    run(work, "package", "klingon", "--language", "xx", code=2)
    assert not (work / "klingon").exists()


@pytest.mark.parametrize("name", ["E00002", "E99999"])
def test_what_cannot_be_redacted_is_refused(work: Path, name: str) -> None:
    (work / "note.txt").write_text("No picture.")
    run(work, "take", "note.txt")
    run(work, "package", "out", "--redact", name, code=2)
    assert not (work / "out").exists()


@pytest.mark.parametrize(
    "where",
    [
        ("--box", "320,0,10,10"),
        ("--box", "900,900,100,100"),
        ("--polygon", "-9,0 -1,0 -1,9"),
        ("--point", "321,5"),
    ],
)
def test_a_mark_outside_of_the_upright_picture_is_refused_and_its_size_is_said(
    desk: Desk, where: tuple[str, str]
) -> None:
    lines = [mask_line(*where, "place"), mask_line(*where, "mask")]
    for line in (*lines, Line("a test", {**lines[0].table, "kind": "rating", "level": 3})):
        with pytest.raises(UsageError, match="320 × 240 pixels when it is held upright"):
            desk.enter([line])
    assert not desk.case.find(Rating)


def test_what_lies_across_the_edge_or_on_it_is_entered(desk: Desk) -> None:
    made = desk.enter(
        [
            mask_line("--box", "300,200,100,100"),
            mask_line("--box", "0,0,320,240"),
            mask_line("--point", "320,240", purpose="place"),
        ]
    )
    assert len(made) == 3


def test_a_point_is_no_mask(desk: Desk) -> None:
    with pytest.raises(UsageError, match="a point hides nothing"):
        desk.enter([mask_line("--point", "5,5")])


def test_a_mask_from_before_that_hides_nothing_is_not_redacted_with(desk: Desk, tmp_path: Path) -> None:
    about, now = desk.case.digest_of_exhibit("E00001"), desk.custodian.clock.now()
    outside = Region(Shape.BOX, ((900, 900), (1000, 1000)))
    mark = Observation(about, Purpose.MASK, desk.custodian.performer, now, "", outside)
    with desk.case.transaction() as transaction:
        transaction.append(desk.custodian.act("observation.entered"), [mark])
    before = len(list(desk.case.object_names()))
    with pytest.raises(RefusedError, match=r"hides nothing.*320 × 240") as caught:
        desk.package(tmp_path / "out", Choice(redacted=frozenset({"E00001"})))
    assert digest_of(mark).hex in caught.value.advice
    assert len(list(desk.case.object_names())) == before
    assert not (tmp_path / "out").exists()
    desk.erase([digest_of(mark).hex], "it was set in the wrong place")
    desk.package(tmp_path / "out", Choice(redacted=frozenset({"E00001"})))


def mask_line(way: str, numbers: str, purpose: str = "mask") -> Line:
    """A mark on the picture as the command enters it."""
    selectors: dict[str, dict[str, object]] = {
        "--box": {"type": "FragmentSelector", "value": f"xywh=pixel:{numbers}"},
        "--polygon": {"type": "SvgSelector", "value": f'points="{numbers}"'},
        "--point": {"type": "PointSelector", **dict(zip("xy", numbers.split(","), strict=False))},
    }
    body = {"purpose": purpose, "value": "something"}
    table = {"kind": "observation", "exhibit": "E00001", "selector": selectors[way], "body": body}
    return Line("a test", table)


@pytest.fixture
def desk(work: Path, tmp_path: Path) -> Iterator[Desk]:
    """A desk on a copy of the case."""
    for name in ("case", "keys"):  # the keys know how far the log has come
        shutil.copytree(work / name, tmp_path / name)
    hand = Hand("tester", tmp_path / "keys", "tests", lambda _: None)
    opened = open_desk(tmp_path / "case", hand)
    with closing(opened.case):
        yield opened
