"""Videos: how fast their seconds are indexed, and how near their codes are to published ones.

    python benchmarks/video.py [--sample FOLDER]

FOLDER holds `tmk/sample-videos` and `vpdq/sample-hashes` of facebook/ThreatExchange (BSD licence), if it is
there; without it that part is left out, and said to be. The other videos are rendered here: scenes of random
texture that the camera moves over, cut every few seconds, coded by ffmpeg.

Bars: indexing at 480p at least 100 x real time on one core where there is a keyframe a second, 14 x where
frames have to be decoded; the published vPDQ hashes within 6 bits in the mean on at least 13 of 14 videos.
Whether edited copies are found is measured by `video_edits.py`.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from witnessmark.examine import film as examining
from witnessmark.pixels import film as coding
from witnessmark.pixels.film import Film

WIDTH, HEIGHT, RATE = 854, 480, 25


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sample", type=Path)
    parser.add_argument("--seconds", type=int, default=60)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sparse, dense = folder / "sparse.mp4", folder / "dense.mp4"
        render(dense, 1, wanted.seconds, every=RATE)
        ffmpeg("-i", dense, "-g", "250", "-keyint_min", "250", "-sc_threshold", "0", *H264, sparse)
        rates(dense, "a keyframe a second", 100)
        rates(sparse, "a keyframe in ten seconds", 14)
    if wanted.sample is None:
        print("published vPDQ hashes: left out, no --sample was given")
    else:
        published(wanted.sample)


H264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-threads", "1", "-pix_fmt", "yuv420p")


def ffmpeg(*words: str | Path) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, words)], check=True)


def render(path: Path, seed: int, seconds: int, every: int) -> None:
    """Scenes of random texture, three to six seconds each, that a camera moves over."""
    raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", "-")
    keys = ("-g", str(every), "-keyint_min", str(every), "-sc_threshold", "0")
    words = ["ffmpeg", "-v", "error", "-y", *raw, *H264, *keys, str(path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE) as coder:
        assert coder.stdin is not None
        for frame in frames(seed, seconds * RATE):
            coder.stdin.write(frame)


def frames(seed: int, left: int) -> Iterator[bytes]:
    numbers = np.random.default_rng(seed)
    while left:
        count = min(left, int(numbers.integers(3, 7)) * RATE)
        left -= count
        scene = np.zeros((2 * HEIGHT, 2 * WIDTH, 3))
        for cells in (4, 8, 16, 32, 96):
            grid = Image.fromarray((numbers.random((cells, cells, 3)) * 255).astype(np.uint8))
            scene += np.asarray(grid.resize((2 * WIDTH, 2 * HEIGHT), Image.Resampling.BICUBIC)) / cells**0.7
        scene = ((scene - scene.min()) / np.ptp(scene) * 255).astype(np.uint8)
        start = numbers.random(2) * (WIDTH, HEIGHT)
        end = np.clip(start + numbers.normal(0, 0.1, 2) * (WIDTH, HEIGHT), 0, (WIDTH - 1, HEIGHT - 1))
        for step in range(count):
            x, y = (start + (end - start) * step / count).astype(int)
            yield scene[y : y + HEIGHT, x : x + WIDTH].tobytes()


def read(path: Path, every_s: float = 1e9) -> tuple[dict[str, object], Film]:
    with path.open("rb") as stream:
        ((facts, packed),) = examining.film(stream, {examining.EVERY: every_s})
    return dict(facts), Film.unpack(packed)


def rates(path: Path, kind: str, bar: int) -> None:
    costs = {}
    for name, every_s in (("its seconds", 0.0), ("every frame", 1e9)):
        rounds = []
        for _ in range(3):
            before = time.process_time()
            facts, film = read(path, every_s)
            rounds.append(time.process_time() - before)
        costs[name] = float(str(facts["duration_s"])) / min(rounds)
    told = ", ".join(f"{name} {rate:.0f} x real time" for name, rate in costs.items())
    print(f"{WIDTH} × {HEIGHT}, {kind}: {told}; packed {len(film.pack())} bytes (bar for seconds: {bar} x)")


def published(sample: Path) -> None:
    """The code of every frame that is kept beside that which vPDQ's authors published for its time."""
    near = count = 0
    for path in sorted((sample / "tmk" / "sample-videos").glob("*.mp4")):
        listed = sample / "vpdq" / "sample-hashes" / f"{path.stem}.txt"
        if not listed.exists():
            continue
        lines = [line.split(",") for line in listed.read_text().split()]
        codes = np.array([list(bytes.fromhex(line[2])) for line in lines], np.uint8)
        times = np.array([float(line[3]) for line in lines])
        rows = read(path)[1].frames
        rows = rows[rows["part"] == coding.WHOLE]
        nearest = np.abs(times[:, None] - rows["ms"][None, :] / 1000).argmin(axis=0)
        apart = np.bitwise_count(rows["code"] ^ codes[nearest]).sum(axis=1)
        count += 1
        near += float(apart.mean()) <= 6
        print(
            f"{path.stem}: {len(rows)} of {len(codes)} frames, {apart.mean():.1f} bits, at most {apart.max()}"
        )
    print(f"published vPDQ hashes within 6 bits in the mean: {near} of {count} videos (bar: 13 of 14)")


if __name__ == "__main__":
    main()
