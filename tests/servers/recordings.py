"""A case with recordings of drawn scenes: a box that moves a step a frame, and a tone that comes and goes."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path

import numpy as np

from witnessmark.cli import run

ADA = "Ada Verrin"
FRAMES, RATE, SIZE = 48, 12, (320, 240)
VIDEO, SOUND = "E00001", "E00002"


def recordings_case(folder: Path) -> Path:
    """A case in `folder` with a video and a sound."""
    case, material = folder / "case", folder / "material"
    keys = ("--keys", str(folder / "keys"), "--as", ADA)
    run(["new", str(case), "--name", "A square", "--focus", "What was filmed there?", *keys])
    (case / "witnessmark.toml").write_text(f'[desk]\nkeys = "{folder / "keys"}"\nperson = "{ADA}"\n', "utf-8")
    material.mkdir()
    write_video(material / "a-square.mp4")
    write_sound(material / "b-tone.wav")
    run(["take", str(material), "--case", str(case)])
    return case


def write_video(path: Path, frames: int = FRAMES) -> None:
    """A bright box crosses a red ground, a frame a step; with a tone."""
    import av

    with av.open(str(path), "w") as out:
        picture = out.add_stream("mpeg4", rate=RATE)
        picture.width, picture.height, picture.pix_fmt, picture.gop_size = *SIZE, "yuv420p", RATE
        tone = out.add_stream("aac", rate=48_000)
        for number in range(frames):
            pixels = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
            pixels[:, :, 0] = 150
            left = number * 5
            pixels[90:150, left : left + 60] = 255
            one = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            one.pts, one.time_base = number, Fraction(1, RATE)
            out.mux(picture.encode(one))
        heard = av.AudioFrame.from_ndarray(_tone(frames / RATE)[None, :], format="fltp", layout="mono")
        heard.sample_rate, heard.pts = 48_000, 0
        resampler = av.AudioResampler("fltp", tone.layout, 48_000, 1024)
        for piece in (*resampler.resample(heard), *resampler.resample(None)):
            out.mux(tone.encode(piece))
        out.mux(picture.encode(None))
        out.mux(tone.encode(None))


def write_sound(path: Path, seconds: float = 3.0) -> None:
    """A tone that is loud in the first half of each second."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(48_000)
        out.writeframes((_tone(seconds) * 30_000).astype("<i2").tobytes())


def _tone(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    at = np.arange(round(seconds * 48_000)) / 48_000
    return (np.sin(2 * np.pi * 440 * at) * np.where(at % 1 < 0.5, 0.8, 0.02)).astype(np.float32)
