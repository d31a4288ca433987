"""Videos, whole and broken, read in the locked room: what was read up to where, or why nothing was."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from witnessmark.confine import Limits, Room
from witnessmark.errors import MalformedError
from witnessmark.examine import film as examining
from witnessmark.pixels.film import CONTENT, PARTS, VIEWS, WHOLE, Film, Rows

pytestmark = [
    pytest.mark.skipif(find_spec("av") is None, reason="the extra 'media' is not installed"),
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg, which makes the videos, is not there"),
    pytest.mark.slow,
]
MOVING = "mandelbrot=s=320x240:r=15:start_scale=0.5:end_scale=0.01:end_pts=90,trim=duration=6"
COSTS = {"cpu_s": 60, "wall_s": 120}


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with Room(Limits(cpu_s=10, wall_s=60)) as room:
        yield room


def made(path: Path, *words: str, source: str = "testsrc2=s=320x240:r=15:d=6", gop: int = 15) -> Path:
    """A video made of a test picture."""
    coder = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-threads", "1")
    end = (*coder, "-g", str(gop), "-keyint_min", str(gop), "-sc_threshold", "0")
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, *words, *end, "-y", str(path)],
        check=True,
    )
    return path


def read(room: Room, path: Path, **parameters: object) -> tuple[Mapping[str, Any], Film]:
    wishes = {"limits": COSTS, **parameters}
    ((facts, packed),) = [
        (part.facts, part.content.read()) for part in room.run(examining.TASK, path, wishes)
    ]
    return facts, Film.unpack(packed)


def part_of(rows: Rows, part: int) -> Rows:
    """The rows of a part of the frame."""
    return np.asarray(rows[rows["part"] == part])


def firsts(rows: Rows, part: int) -> Rows:
    """The first of each second; there may be others, of new scenes."""
    rows = part_of(rows, part)
    return rows[np.unique(rows["ms"] // 1000, return_index=True)[1]]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("film") / "plain.mp4")


def test_a_video_that_no_decoder_knows_ends_in_a_sentence(room: Room, plain: Path, tmp_path: Path) -> None:
    unknown = tmp_path / "unknown.mp4"
    unknown.write_bytes(plain.read_bytes().replace(b"avc1", b"zzzz"))
    with pytest.raises(MalformedError, match="no decoder here knows"):
        read(room, unknown)


def test_every_second_has_a_code_and_every_frame_was_seen(room: Room, plain: Path) -> None:
    facts, film = read(room, plain)
    assert facts["complete"] is True
    assert (facts["frames"], facts["seconds"]) == (90, 6)
    whole = firsts(film.seconds, WHOLE)
    assert whole["ms"].tolist() == [0, 1000, 2000, 3000, 4000, 5000]
    for part in range(VIEWS, PARTS):
        assert firsts(film.seconds, part)["ms"].tolist() == whole["ms"].tolist()
    assert facts["every_frame_until_s"] == facts["read_until_s"] == pytest.approx(5.933, abs=0.01)
    assert (film.width, film.height) == (320, 240)
    assert len(film.frames) > 12


def test_keyframes_stand_for_their_seconds_where_there_is_one_in_each(room: Room, plain: Path) -> None:
    facts, film = read(room, plain, every_frame_cpu_s=0)
    assert facts["frames"] <= 6 + 15  # one frame is seen before it is known how many are wanted
    whole, every = (firsts(one.seconds, WHOLE) for one in (film, read(room, plain)[1]))
    assert np.array_equal(whole["ms"] // 1000, np.arange(6))
    assert np.unpackbits(whole["code"] ^ every["code"], axis=1).sum(axis=1).max() == 0


def test_without_keyframes_the_seconds_are_decoded(room: Room, tmp_path: Path) -> None:
    path = made(tmp_path / "sparse.mp4", gop=250)
    facts, film = read(room, path, every_frame_cpu_s=0)
    assert (firsts(film.seconds, WHOLE)["ms"] // 1000).tolist() == [0, 1, 2, 3, 4, 5]
    assert facts["complete"] is True


def test_bars_are_cut_off_in_a_second_code(room: Room, tmp_path: Path, plain: Path) -> None:
    path = made(tmp_path / "bars.mp4", "-vf", "pad=320:320:0:40")
    facts, film = read(room, path)
    x, y, width, height = facts["content"]
    assert (x, width) == (0, 320)
    assert abs(y - 40) <= 1
    assert abs(height - 240) <= 2
    inner = firsts(film.seconds, CONTENT)["code"]
    original = firsts(read(room, plain)[1].seconds, WHOLE)
    assert not len(part_of(read(room, plain)[1].seconds, CONTENT))
    assert np.unpackbits(inner ^ original["code"], axis=1).sum(axis=1).max() <= 20


def test_a_bar_with_writing_is_cut_off_too_where_the_picture_moves(room: Room, tmp_path: Path) -> None:
    writing = "drawbox=x=20:y=12:w=200:h=12:color=white:t=fill"
    path = made(tmp_path / "written.mp4", "-vf", f"pad=320:300:0:60,{writing}", source=MOVING)
    facts, film = read(room, path)
    x, y, width, height = facts["content"]
    assert (x, width) == (0, 320)
    assert (y, height) == (pytest.approx(60, abs=2), pytest.approx(240, abs=3))
    assert len(part_of(film.seconds, CONTENT))


def test_the_first_frame_of_a_short_scene_is_searched_too(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "scenes.mp4"
    inserted = "[0:v][1:v]overlay=enable='between(t,2.3,2.7)'"
    other = ["-f", "lavfi", "-i", "mandelbrot=s=320x240:r=15:end_pts=90"]
    words = [
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=320x240:r=15:d=5",
        *other,
        "-filter_complex",
        inserted,
        "-t",
        "5",
    ]
    subprocess.run(["ffmpeg", "-v", "error", *words, "-c:v", "libx264", "-y", path], check=True)
    facts, film = read(room, path)
    assert facts["seconds"] == 5
    searched = part_of(film.seconds, WHOLE)["ms"].tolist()
    assert any(2250 <= at <= 2450 for at in searched)


def test_a_cut_off_video_says_up_to_where_it_was_read(room: Room, tmp_path: Path) -> None:
    whole = made(tmp_path / "whole.mp4", "-movflags", "+faststart").read_bytes()
    path = tmp_path / "truncated.mp4"
    path.write_bytes(whole[: len(whole) // 2])
    facts, film = read(room, path)
    assert facts["complete"] is False
    assert 0.5 < facts["read_until_s"] < 4.5
    assert "longer" in facts["stopped"]
    assert int(film.seconds["ms"].max()) <= facts["read_until_s"] * 1000


def test_what_is_no_video_is_said_to_be_none(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "noise.mp4"
    path.write_bytes(b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41" + bytes(range(256)) * 9)
    with pytest.raises(MalformedError, match="no recording that can be read"):
        read(room, path)


def test_a_recording_of_sound_alone_has_an_empty_film(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "tone.mp4"
    tone = ["-f", "lavfi", "-i", "sine=d=1"]
    subprocess.run(["ffmpeg", "-v", "error", *tone, "-c:a", "aac", "-y", path], check=True)
    facts, film = read(room, path)
    assert (facts["frames"], len(film.seconds), facts["complete"]) == (0, 0, True)


def test_a_video_that_does_not_end_is_left_when_its_time_is_up(room: Room, tmp_path: Path) -> None:
    path = made(tmp_path / "long.mp4", source="testsrc2=s=1280x720:r=30:d=15", gop=250)
    facts, film = read(room, path, limits={"cpu_s": 1, "wall_s": 60})
    assert facts["complete"] is False
    assert facts["stopped"] == "the processor time that one video may take was used up"
    assert 0 < facts["read_until_s"] < 14
    assert len(film.seconds) >= 1


def test_a_turned_video_is_coded_upright(room: Room, tmp_path: Path, plain: Path) -> None:
    path = tmp_path / "turned.mp4"
    words = ["-i", str(plain), "-c", "copy", "-metadata:s:v:0", "rotate=90", "-y", str(path)]
    subprocess.run(["ffmpeg", "-v", "error", *words], check=True)
    if b"rotation of" not in subprocess.run(["ffprobe", path], check=True, capture_output=True).stderr:
        pytest.skip("this ffmpeg cannot write a rotation")
    facts, _ = read(room, path)
    assert (facts["upright_width"], facts["upright_height"]) == (240, 320)


LOADED = """
import json, sys
from witnessmark.__main__ import main
try:
    main()
finally:
    maps = open("/proc/self/maps").read().splitlines()
    json.dump([line for line in maps if "/av" in line or "libx26" in line], open("loaded.json", "w"))
"""
"""The command, and which libraries of PyAV its own process had mapped at its end."""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process has mapped")
def test_the_process_of_the_command_never_loads_what_decodes_videos(plain: Path, tmp_path: Path) -> None:
    def run(*words: str) -> str:
        environment = {
            **os.environ,
            "WITNESSMARK_PERSON": "tester",
            "WITNESSMARK_KEYS": str(tmp_path / "keys"),
        }
        ran = subprocess.run(
            [sys.executable, "-c", LOADED, *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads((tmp_path / "loaded.json").read_text()) == []
        return ran.stdout

    run("new", "case", "--name", "Film")
    (taken,) = run("take", str(plain), "--case", "case", "--json").splitlines()
    assert json.loads(taken)["findings"] > 0
    assert '"film"' in run("show", "E00001", "--case", "case", "--json")
    assert run("find", "--like", str(plain), "--case", "case", "--json")
