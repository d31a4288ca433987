"""Learn the visual words from pictures that are drawn here: nobody's photographs, the same every time.

    python tools/vocabulary.py [--pictures 600] [--out src/witnessmark/match/features/vocabulary.bin]

Dead leaves (overlapping shapes of all sizes, as things in the world cover each other) with texture, shading
and lines of text have edges, corners and blobs much as photographs do. Two tables of 256 centres are learnt
by k-means from their RootSIFT descriptors, one for each half.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from witnessmark.match.features.words import CENTRES, FINE, HALF
from witnessmark.pixels.features import features

OUT = Path(__file__).parents[1] / "src/witnessmark/match/features/vocabulary.bin"
SIDES = (400, 300)
ROUNDS, MOST = 20, 300_000


def main() -> None:
    """Draw, describe, learn, write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pictures", type=int, default=600)
    asked.add_argument("--out", type=Path, default=OUT)
    options = asked.parse_args()
    rng = np.random.default_rng(2026)
    found = [features(np.asarray(drawn(rng))).levels for _ in range(options.pictures)]
    levels = np.concatenate(found)
    levels = levels[rng.permutation(len(levels))[:MOST]]
    print(f"{len(levels):,} descriptors of {options.pictures} pictures")
    tables = [learnt(levels[:, half * HALF :][:, :HALF], rng) for half in (0, 1)]
    options.out.write_bytes(np.stack(tables).tobytes())


def drawn(rng: np.random.Generator) -> Image.Image:
    """A picture of shapes that cover each other."""
    width, height = SIDES
    image = Image.new("L", SIDES, 128)
    for _ in range(int(rng.integers(60, 900))):
        radius = float(np.clip(3 * rng.random() ** (-1 / 1.6), 3, 160))
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        corners = int(rng.choice([3, 4, 4, 5, 40]))
        turns = np.sort(rng.uniform(0, 2 * np.pi, corners)) if corners < 40 else np.linspace(0, 2 * np.pi, 40)
        stretch = rng.uniform(0.4, 1, 2)
        points = [(x + radius * stretch[0] * np.cos(t), y + radius * stretch[1] * np.sin(t)) for t in turns]
        tile = _texture(rng, int(rng.integers(0, 256)))
        mask = Image.new("L", SIDES, 0)
        ImageDraw.Draw(mask).polygon(points, fill=255)
        image.paste(tile, mask=mask) if radius > 12 else image.paste(int(rng.integers(0, 256)), mask=mask)
    if rng.random() < 0.35:
        _write(image, rng)
    return image.filter(ImageFilter.GaussianBlur(float(rng.choice([0, 0.6, 1.2, 2.5]))))


def _texture(rng: np.random.Generator, level: int) -> Image.Image:
    """Noise with a spectrum that falls, on a slope of brightness."""
    width, height = SIDES
    coarse = rng.normal(0, 1, (height // 4, width // 4))
    spectrum = np.fft.rfft2(coarse)
    rows, columns = np.fft.fftfreq(height // 4)[:, None], np.fft.rfftfreq(width // 4)[None]
    spectrum /= np.maximum(np.hypot(rows, columns), 0.01) ** rng.uniform(0.3, 1.6)
    noise = np.fft.irfft2(spectrum, coarse.shape)
    noise *= rng.uniform(0, 35) / max(1e-9, float(noise.std()))
    slope = np.linspace(-1, 1, width // 4)[None] * rng.uniform(-40, 40)
    values = np.clip(level + noise + slope, 0, 255).astype(np.uint8)
    return Image.fromarray(values).resize(SIDES, Image.Resampling.BICUBIC)


def _write(image: Image.Image, rng: np.random.Generator) -> None:
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 9))):
        letters = "".join(rng.choice(list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ 0123456789"), 30))
        place = (float(rng.uniform(-40, 200)), float(rng.uniform(0, 280)))
        draw.text(
            place, letters, fill=int(rng.choice([0, 255])), font=ImageFont.load_default(rng.uniform(9, 34))
        )


def learnt(parts: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """256 centres by k-means, in sixteenths of a level."""
    values = parts.astype(np.float32) * FINE
    centres = values[rng.permutation(len(values))[:CENTRES]]
    for _ in range(ROUNDS):
        near = np.argmin((centres * centres).sum(axis=1) - 2 * (values @ centres.T), axis=1)
        counts = np.bincount(near, minlength=CENTRES)
        sums = np.stack([np.bincount(near, values[:, part], CENTRES) for part in range(HALF)], axis=1)
        lost = counts == 0
        centres = (sums / np.maximum(counts, 1)[:, None]).astype(np.float32)
        centres[lost] = values[rng.integers(0, len(values), int(lost.sum()))]
    print(f"largest share {counts.max() / len(values):.3f}, smallest {counts.min() / len(values):.5f}")
    return np.clip(np.rint(centres), 0, 255).astype(np.uint8)


if __name__ == "__main__":
    main()
