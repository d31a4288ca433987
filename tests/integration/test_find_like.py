"""Looking for a picture that is not taken in: what is found, what is said, and that nothing is left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("cv2", reason="OpenCV is not installed (extra pictures)")


@dataclass(frozen=True)
class Answer:
    code: int
    lines: list[dict[str, Any]]
    said: str


@dataclass(frozen=True)
class Desk:
    """The real command on one case."""

    work: Path

    def run(self, verb: str, *words: str | Path) -> Answer:
        given = [str(self.work / "case")] if verb == "new" else ["--case", str(self.work / "case")]
        command = [sys.executable, "-m", "witnessmark", verb, *given, *map(str, words), "--json"]
        ran = subprocess.run(
            [*command, "--keys", str(self.work / "keys")],
            env={**os.environ, "WITNESSMARK_PERSON": "tester"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in ran.stderr, ran.stderr
        return Answer(ran.returncode, [json.loads(line) for line in ran.stdout.splitlines()], ran.stderr)

    def files(self) -> dict[str, bytes]:
        """Every file of the case."""
        case = self.work / "case"
        return {str(path): path.read_bytes() for path in case.rglob("*") if path.is_file()}


def drawn(seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    picture = np.full((480, 640, 3), 128, np.uint8)
    for _ in range(400):
        height, width = (int(side) for side in np.clip(10 / rng.random(2), 8, 200))
        top, left = int(rng.integers(-40, 480)), int(rng.integers(-40, 640))
        picture[max(0, top) : top + height, max(0, left) : left + width] = rng.integers(0, 256, 3)
    return Image.fromarray(picture)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A case with four pictures, one of them stored on its side."""
    made = Desk(tmp_path_factory.mktemp("like"))
    assert made.run("new", "--name", "Likenesses").code == 0
    sources = made.work / "sources"
    sources.mkdir()
    for seed in range(3):
        drawn(seed).save(sources / f"{seed}.jpg", quality=88)
    sideways = Image.Exif()
    sideways[0x0112] = 6
    drawn(3).transpose(Image.Transpose.ROTATE_90).save(sources / "3.jpg", exif=sideways, quality=88)
    assert made.run("take", sources).code == 0
    return made


def exhibit(desk: Desk, name: str) -> str:
    return next(str(one["exhibit"]) for one in desk.run("show").lines if one["source"].endswith(name))


@pytest.mark.parametrize("seed", [1, 3])
def test_a_mirrored_crop_is_found_and_leaves_nothing_in_the_case(desk: Desk, seed: int) -> None:
    query = desk.work / "query.png"
    drawn(seed).crop((80, 60, 600, 430)).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(query)
    before = desk.files()
    answer = desk.run("find", "--like", query)
    (hit,) = answer.lines
    assert hit.keys() >= {
        *("exhibit", "sha256", "distance", "method", "transform", "matrix", "inliers", "overlap", "reason")
    }
    assert (hit["exhibit"], hit["method"]) == (exhibit(desk, f"{seed}.jpg"), "features 1")
    assert hit["transform"] == "mirror + crop"
    assert np.allclose(hit["matrix"], [-1, 0, 600, 0, 1, 60], atol=3)
    assert hit["inliers"] >= 12
    assert hit["overlap"] == pytest.approx(520 * 370 / (640 * 480), abs=0.02)
    assert "covers" not in answer.said
    assert desk.files() == before


def test_the_same_bytes_are_said_to_be_the_same(desk: Desk) -> None:
    (hit,) = desk.run("find", "--like", desk.work / "sources" / "2.jpg").lines
    assert (hit["method"], hit["distance"], hit["transform"]) == ("exact", 0, "identity")


def test_what_is_not_there_is_not_found_and_that_is_not_called_new(desk: Desk) -> None:
    query = desk.work / "absent.png"
    drawn(77).save(query)
    answer = desk.run("find", "--like", query)
    assert (answer.code, answer.lines) == (0, [])
    assert "does not say that it is new" in answer.said


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        (b"", 5, "cannot be looked for"),
        (b"\xff\xd8\xff\xe0 no picture", 5, "cannot be looked for"),
        (b"words, nothing but words", 5, "neither a picture nor a recording"),
    ],
)
def test_what_cannot_be_looked_at_is_no_empty_answer(
    desk: Desk, content: bytes, code: int, told: str
) -> None:
    query = desk.work / "broken.jpg"
    query.write_bytes(content)
    answer = desk.run("find", "--like", query)
    assert (answer.code, answer.lines) == (code, [])
    assert told in answer.said


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_pictures_of_every_kind_are_looked_for(desk: Desk, mode: str) -> None:
    query = desk.work / ("query.jpg" if mode == "CMYK" else "query.png")
    picture = drawn(0).convert("L") if mode == "I;16" else drawn(0).convert(mode)
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(picture).astype(np.uint16) * 257)
    picture.save(query)
    (hit,) = desk.run("find", "--like", query).lines
    assert (hit["exhibit"], hit["transform"]) == (exhibit(desk, "0.jpg"), "identity")


def test_a_truncated_picture_is_found_by_what_is_left(desk: Desk) -> None:
    query = desk.work / "cut.jpg"
    whole = (desk.work / "sources" / "1.jpg").read_bytes()
    query.write_bytes(whole[: len(whole) * 2 // 3])
    assert exhibit(desk, "1.jpg") in {hit["exhibit"] for hit in desk.run("find", "--like", query).lines}


def test_a_tiny_or_flat_picture_finds_nothing(desk: Desk) -> None:
    for name, picture in {
        "tiny": Image.new("RGB", (1, 1)),
        "flat": Image.new("RGB", (300, 200), "grey"),
    }.items():
        picture.save(desk.work / f"{name}.png")
        answer = desk.run("find", "--like", desk.work / f"{name}.png")
        assert (answer.code, answer.lines) == (0, [])


@pytest.mark.parametrize("harm", ["lost", "cut", "flipped", "newer"])
def test_an_index_that_is_lost_or_damaged_is_made_good_from_the_records(desk: Desk, harm: str) -> None:
    path = desk.work / "case" / "index" / "features"
    whole = path.read_bytes()
    tail = path.with_name("features.tail").read_bytes()
    changed = bytearray(whole)
    if harm == "newer":
        changed[8] = 9
    changed[len(whole) // 2] ^= 16
    path.write_bytes(whole[:5000] if harm == "cut" else changed)
    if harm == "lost":
        path.unlink()
    query = desk.work / "query.png"
    drawn(1).crop((80, 60, 600, 430)).save(query)
    (hit,) = desk.run("find", "--like", query).lines
    assert hit["exhibit"] == exhibit(desk, "1.jpg")
    path.write_bytes(whole)
    path.with_name("features.tail").write_bytes(tail)


def test_take_tells_what_a_picture_is_like_and_a_picture_that_could_not_be_described_is_counted(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    desk.run("new", "--name", "Take")
    sources = tmp_path / "sources"
    sources.mkdir()
    drawn(8).save(sources / "a.jpg", quality=88)
    (sources / "b.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture at all")
    desk.run("take", sources)
    later = tmp_path / "later.jpg"
    drawn(8).crop((40, 30, 600, 440)).save(later, quality=60)
    (taken,) = desk.run("take", later).lines
    assert taken["matches"] == 1
    (shown,) = desk.run("show", taken["exhibit"]).lines
    (match,) = shown["match"]
    assert (match["transform"], match["method"]) == ("crop", "features 1")
    assert len(match["correspondences"]) >= 12
    answer = desk.run("find", "--like", sources / "a.jpg")
    assert {hit["method"] for hit in answer.lines} == {"exact", "features 1"}
    assert "covers 2 of 3 pictures" in answer.said


def test_an_erasure_takes_the_index_and_the_features_with_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.run("new", "--name", "Erased")
    sources = tmp_path / "sources"
    sources.mkdir()
    for seed in (1, 2):
        drawn(seed).save(sources / f"{seed}.jpg", quality=88)
    desk.run("take", sources)
    gone = exhibit(desk, "1.jpg")
    (facts,) = desk.run("show", gone).lines
    (finding,) = (one for one in facts["finding"] if one["property"] == "features")
    kept = finding["value"]["kept"].removeprefix("sha256:")
    name = bytes.fromhex(facts["digest"].removeprefix("sha256:"))
    assert any(kept in path for path in desk.files())
    assert any(name in content for path, content in desk.files().items() if "/index/" in path)
    assert desk.run("erase", gone, "--reason", "asked for").code == 0
    assert not any(kept in path or "/index/" in path for path in desk.files())
    query = tmp_path / "query.png"
    for seed, found in ((1, 0), (2, 1)):
        drawn(seed).crop((40, 30, 600, 440)).save(query)
        assert len(desk.run("find", "--like", query).lines) == found
    desk.run("take", query)
    assert not any(name in content for path, content in desk.files().items() if "/index/" in path)
