"""Videos by way of the desk: taken, and found again: cut, as a single frame, by their sound."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import wave
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from witnessmark.confine import Room
from witnessmark.errors import MalformedError, UnavailableError
from witnessmark.examine import sound as hearing
from witnessmark.match.video.sound import Sounds, unpacked
from witnessmark.model import Digest

NEEDS_FPCALC = pytest.mark.skipif(shutil.which("fpcalc") is None, reason="fpcalc is not installed")
pytestmark = [
    pytest.mark.skipif(find_spec("av") is None, reason="the extra 'media' is not installed"),
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg, which makes the videos, is not there"),
    pytest.mark.slow,
]
WIDTH, HEIGHT, RATE, SECONDS = 160, 120, 10, 20


def tune(path: Path) -> None:
    """A melody of four notes a second."""
    numbers, rate = np.random.default_rng(5), 11025
    at = np.arange(rate // 4) / rate
    notes = [
        sum(np.sin(2 * np.pi * 440 * 2 ** (note / 12) * part * at) / part for part in (1, 2, 3))
        for note in numbers.integers(-20, 20, SECONDS * 4)
    ]
    sound = np.concatenate(notes) / 2.5 + numbers.normal(0, 0.02, len(notes) * len(at))
    with wave.open(str(path), "wb") as stream:
        stream.setparams((1, 2, rate, 0, "NONE", ""))
        stream.writeframes((np.clip(sound, -1, 1) * 32000).astype("<i2").tobytes())


def moving() -> bytes:
    """Frames of scenes of three seconds, each of random blocks that a camera moves over."""
    numbers, frames = np.random.default_rng(7), []
    for number in range(SECONDS * RATE):
        if number % (3 * RATE) == 0:
            scene = numbers.integers(0, 256, (15, 20, 3), np.uint8).repeat(16, axis=0).repeat(16, axis=1)
        step = number % (3 * RATE) // 3
        frames.append(scene[step : step + HEIGHT, 2 * step : 2 * step + WIDTH].tobytes())
    return b"".join(frames)


def ffmpeg(*words: object, given: bytes = b"") -> None:
    end = ("-c:v", "libx264", "-preset", "ultrafast", "-g", str(RATE), "-threads", "1", "-pix_fmt", "yuv420p")
    told = [str(word) for word in (*words[:-1], *end, words[-1])]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *told], input=given, check=True)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("footage")
    tune(folder / "tune.wav")
    raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", RATE, "-i", "-")
    ffmpeg(*raw, "-i", folder / "tune.wav", "-shortest", folder / "original.mp4", given=moving())
    return folder / "original.mp4"


def witnessmark(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "WITNESSMARK_KEYS": str(folder / "keys"), "WITNESSMARK_PERSON": "tester"}
    return subprocess.run(
        [sys.executable, "-m", "witnessmark", *map(str, words)],
        cwd=folder,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def case(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    for words in (("new", "case", "--name", "Footage"), ("take", original, "--case", "case")):
        done = witnessmark(folder, *words)
        assert done.returncode == 0 or words[0] == "take", done.stderr
    return folder


def found(case: Path, query: Path) -> dict[str, dict[str, Any]]:
    done = witnessmark(case, "find", "--like", query, "--case", "case", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    return {line["method"]: line for line in lines if "method" in line}


@NEEDS_FPCALC
def test_a_cut_version_is_found_with_its_times_and_its_cut(
    case: Path, original: Path, tmp_path: Path
) -> None:
    query = tmp_path / "cut.mp4"
    chosen = "between(t,3,7.99)+between(t,12,17.99)"
    pictures = f"select='{chosen}',setpts=N/{RATE}/TB,hue=s=0"
    ffmpeg("-i", original, "-vf", pictures, "-af", f"aselect='{chosen}',asetpts=N/SR/TB", query)
    hits = found(case, query)
    seen, heard = hits["film 3"], hits["sound 1"]
    first, second = seen["segments"]
    assert (first["query_from_s"], first["query_to_s"]) == pytest.approx((0, 5), abs=0.5)
    assert (first["candidate_from_s"], first["candidate_to_s"]) == pytest.approx((3, 8), abs=0.5)
    assert (second["candidate_from_s"], second["candidate_to_s"]) == pytest.approx((12, 18), abs=0.5)
    assert seen["cuts"][0]["query_s"] == pytest.approx(5, abs=0.5)
    assert heard["segments"][-1]["candidate_to_s"] == pytest.approx(18, abs=0.5)


def test_a_frame_is_found_in_its_video_with_its_time(case: Path, original: Path, tmp_path: Path) -> None:
    query = tmp_path / "frame.png"
    words = ["ffmpeg", "-v", "error", "-ss", "10.4", "-i", str(original), "-frames:v", "1", str(query)]
    subprocess.run(words, check=True)
    assert found(case, query)["film 3"]["candidate_at_s"] == pytest.approx(10.4, abs=0.5)


def test_a_broken_video_is_no_query_that_found_nothing(case: Path, original: Path, tmp_path: Path) -> None:
    query = tmp_path / "broken.mp4"
    query.write_bytes(original.read_bytes()[:3000])
    done = witnessmark(case, "find", "--like", query, "--case", "case")
    assert done.returncode == 5
    assert "cannot be looked for" in done.stderr


@NEEDS_FPCALC
def test_the_sound_of_a_recording_is_read_in_the_room(original: Path, tmp_path: Path) -> None:
    wishes = {"programs": hearing.PROGRAMS, "limits": {"cpu_s": 60}}
    with Room() as room:
        ((facts, packed),) = [
            (part.facts, part.content.read()) for part in room.run(hearing.TASK, original, wishes)
        ]
        assert facts["complete"] is True
        assert facts["count"] == len(packed) // 4 > 100
        silent = tmp_path / "silent.mp4"
        ffmpeg("-i", original, "-an", silent)
        ((facts, nothing),) = [
            (part.facts, part.content.read()) for part in room.run(hearing.TASK, silent, wishes)
        ]
        assert (facts["has_sound"], nothing) == (False, b"")
        noise = tmp_path / "noise.mp4"
        noise.write_bytes(bytes(range(256)) * 40)
        with pytest.raises(MalformedError, match="fpcalc gave no fingerprint"):
            list(room.run(hearing.TASK, noise, wishes))
    sounds = Sounds()
    sounds.add(Digest.of(b"whole"), unpacked(packed))
    assert sounds.match(Digest.of(b"other"), unpacked(packed))


def test_a_program_that_is_not_there_is_said_to_be_missing(original: Path) -> None:
    with Room() as room, pytest.raises(UnavailableError, match="is not installed"):
        list(room.run(hearing.TASK, original, {"programs": ["no-such-fpcalc"]}))
