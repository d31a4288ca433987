"""In how many framed, posted and collected pictures the picture itself is found by the code of a region.

Each picture is edited (`picture_edits.py`) and cut into regions; it is found if the code of one of them, or
of the whole, lies within the radius of the code of the picture. No index, no other orientation is asked.

    python benchmarks/picture_regions.py --pictures 60
"""

from __future__ import annotations

import argparse
import time
import zlib
from pathlib import Path

import numpy as np
from picture_edits import CHAINS, EDITS, opened
from PIL import Image

from witnessmark.pixels.grey import brightness
from witnessmark.pixels.pdq import fingerprint
from witnessmark.pixels.prints import fingerprints
from witnessmark.pixels.regions import regions

PICTURES = Path(__file__).parents[2] / "shared" / "data" / "bsds"
FRAMED = ("letterbox 12 %", "pillarbox 25 %", "frame 5 %", "bar above 20 %")
WITHIN = ("screenshot of a post", "side by side", "collage 2x2")
CHAINED = ("beside another, logo, sent on",)
NEAR, FAR = 31, 64
OTHERS = 40


def main() -> None:
    """Print the share found of each edit, and how many regions there are."""
    options = read_options()
    paths = sorted(options.folder.glob("*.jpg"))
    pictures = [opened(path) for path in paths[: options.pictures]]
    others = [opened(path) for path in paths[-OTHERS:]]
    codes = [fingerprint(brightness(picture)).code for picture in pictures]
    edits = {name: EDITS[name] for name in (*FRAMED, *WITHIN)} | {name: CHAINS[name] for name in CHAINED}
    for name, edit in edits.items():
        nearest, counts = [], []
        for number, picture in enumerate(pictures):
            rng = np.random.default_rng(zlib.crc32(f"{name}{number}".encode()))
            found = fingerprints(brightness(edit(picture, rng, others)))
            asked = [found.whole, *(one for _, one in found.regions)]
            nearest.append(min(apart(one.code, codes[number]) for one in asked))
            counts.append(len(found.regions))
        near, far = (np.mean(np.array(nearest) <= radius) for radius in (NEAR, FAR))
        print(
            f"{name}: {near:.0%} within {NEAR}, {far:.0%} within {FAR}; {np.mean(counts):.1f} regions",
            flush=True,
        )
    plain(pictures)


def plain(pictures: list[Image.Image]) -> None:
    """What is found in pictures that are one whole, and what it costs."""
    counts, spent = [], []
    for picture in pictures:
        grey = brightness(picture)
        began = time.thread_time()
        counts.append(len(regions(grey)))
        spent.append(time.thread_time() - began)
    without, mean, milliseconds = np.mean(np.array(counts) == 0), np.mean(counts), 1e3 * np.median(spent)
    print(f"not edited: {without:.0%} without regions, {mean:.1f} in the mean; {milliseconds:.1f} ms each")


def apart(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=PICTURES, help="a folder of JPEG")
    parser.add_argument("--pictures", type=int, default=60)
    return parser.parse_args()


if __name__ == "__main__":
    main()
