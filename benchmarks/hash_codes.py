"""Codes like those of a real archive, for the measures of the index: written once, read by every engine.

The bits go together as those of real pictures do: Gaussian variables with the correlations of PDQ codes of
real photographs (in all eight orientations), cut at the median of each code. Three in ten codes are copies
of others, edited a little or a lot, in groups whose sizes follow a power law up to 5,000; three in a hundred
share one of fifty templates, as screenshots do.

    python benchmarks/hash_codes.py 1e7 codes.npy [--pictures FOLDER]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from witnessmark.pixels.grey import brightness
from witnessmark.pixels.pdq import fingerprint

PICTURES = Path(__file__).parents[2] / "shared" / "data" / "bsds"
CLUSTERED, TEMPLATES, IN_TEMPLATES, LARGEST = 0.30, 50, 0.03, 5_000
EDITS = ((0.45, 0.0, 0.06), (0.35, 0.06, 0.30), (0.20, 0.30, 0.80))
"""Share of the copies, and how strong the edit is, from and to."""
FLIPS = ((0.45, 0, 12), (0.35, 12, 32), (0.20, 32, 60))
"""Of the queries that are copies: their share, and how many bits differ, from and to."""
CHUNK = 100_000
Array = NDArray[np.float32]


def shape_of(pictures: Path) -> Array:
    """What turns independent normal variables into such that go together as the bits of real codes."""
    codes = [
        np.frombuffer(code, np.uint8)
        for path in sorted(pictures.glob("*.jpg"))
        for code in fingerprint(brightness(Image.open(path))).codes
    ]
    if not codes:
        print(f"  no pictures in {pictures}: the bits are independent")
        return np.eye(256, dtype=np.float32)
    signs = np.unpackbits(np.array(codes), axis=1).astype(np.float64) * 2 - 1
    latent = np.sin(np.pi / 2 * np.corrcoef(signs.T))
    apart = latent - np.eye(256)
    noise = 2.5 / np.sqrt(len(signs) / 8)
    apart *= np.maximum(0, np.abs(apart) - noise) / (np.abs(apart) + 1e-9)
    values, vectors = np.linalg.eigh(np.eye(256) + apart)
    return np.linalg.cholesky((vectors * np.maximum(values, 0.05)) @ vectors.T).astype(np.float32).T


def cut(latent: Array) -> NDArray[np.uint8]:
    """Codes of which half of the bits are set."""
    return np.packbits(latent > np.partition(latent, 127, axis=1)[:, 127:128], axis=1)


def chunks(count: int, shape: Array, seed: int = 1) -> Iterator[NDArray[np.uint8]]:
    """So many codes, chunk by chunk."""
    rng = np.random.default_rng(seed)
    templates = rng.standard_normal((TEMPLATES, 256), np.float32) @ shape
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        single, shared = int(size * (1 - CLUSTERED)), int(size * IN_TEMPLATES)
        latent = rng.standard_normal((single, 256), np.float32) @ shape
        latent[:shared] = 0.85 * templates[rng.integers(0, TEMPLATES, shared)] + 0.53 * latent[:shared]
        sizes: list[int] = []
        while (left := size - single - sum(sizes)) > 0:
            sizes.append(int(min(rng.zipf(1.9), LARGEST, left)))
        copied = latent[np.repeat(rng.integers(0, max(single, 1), len(sizes)), sizes)]
        copied += _strength(rng, len(copied)) * (rng.standard_normal(copied.shape, np.float32) @ shape)
        yield np.concatenate([cut(latent), cut(copied)])[rng.permutation(size)]


def enlarged(codes: NDArray[np.uint8], times: int) -> NDArray[np.uint8]:
    """An archive up to five times as large: the same pictures mirrored, upside down, both, and transposed.

    To mirror a picture flips the bits of its code that stand for odd frequencies, so that the codes of the
    mirrored pictures go together exactly as those of the pictures do, and are far from them.
    """
    odd = np.arange(16) % 2
    columns, rows = np.packbits(np.tile(odd, 16)), np.packbits(np.repeat(odd, 16))
    turned = [np.zeros(32, np.uint8), columns, rows, columns ^ rows][:times]
    parts = [codes ^ flipped for flipped in turned]
    if times > len(turned):
        transposed = np.empty_like(codes)
        for start in range(0, len(codes), CHUNK):
            bits = np.unpackbits(codes[start : start + CHUNK], axis=1).reshape(-1, 16, 16)
            transposed[start : start + CHUNK] = np.packbits(bits.transpose(0, 2, 1).reshape(-1, 256), axis=1)
        parts.append(transposed)
    return np.concatenate(parts)


def queries_for(codes: NDArray[np.uint8], count: int, shape: Array, seed: int = 7) -> NDArray[np.uint8]:
    """Queries: one half copies of what is there with bits flipped, one half of nothing that is there."""
    rng = np.random.default_rng(seed)
    half = count // 2
    bits = np.unpackbits(codes[rng.integers(0, len(codes), half)], axis=1)
    kinds = rng.choice(len(FLIPS), half, p=[share for share, _, _ in FLIPS])
    for one, kind in zip(bits, kinds, strict=True):
        _, least, most = FLIPS[kind]
        one[rng.choice(256, int(rng.integers(least, most)), replace=False)] ^= 1
    strangers = cut(rng.standard_normal((count - half, 256), np.float32) @ shape)
    return np.concatenate([np.packbits(bits, axis=1), strangers])[rng.permutation(count)]


def archive(count: int, folder: Path, pictures: Path = PICTURES) -> NDArray[np.uint8]:
    """So many codes; generated once and kept in the folder."""
    path = folder / f"codes-{count}.npy"
    if not path.exists():
        kept = np.lib.format.open_memmap(path, "w+", np.uint8, (count, 32))
        at = 0
        for some in chunks(count, shape_of(pictures)):
            kept[at : at + len(some)] = some
            at += len(some)
        kept.flush()
    codes: NDArray[np.uint8] = np.load(path)
    return codes


def _strength(rng: np.random.Generator, count: int) -> Array:
    kinds = rng.choice(len(EDITS), count, p=[share for share, _, _ in EDITS])
    least, most = (np.array([edit[place] for edit in EDITS])[kinds] for place in (1, 2))
    return (least + (most - least) * rng.random(count)).astype(np.float32)[:, None]


def main() -> None:
    """Generate codes into a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("count", type=float, nargs="?", default=1e5)
    parser.add_argument("folder", type=Path, nargs="?", default=Path())
    parser.add_argument("--pictures", type=Path, default=PICTURES)
    options = parser.parse_args()
    print(archive(int(options.count), options.folder, options.pictures).shape)


if __name__ == "__main__":
    main()
