"""What one picture of 2 megapixels costs: decoding and codes, features, and the search for likenesses.

    python benchmarks/picture_cost.py FOLDER --base FOLDER [--records 1000000] [--pictures 12] [--index FILE]

Pictures of FOLDER are scaled to 2 megapixels and saved as JPEG; those of --base are described, and the index
is filled up to --records with them: of each copy three words in ten are drawn anew from all words that the
base has, and one bit in eight of the signatures is turned, so that lists are as long and as uneven as the
base makes them and the copies are no likenesses. What the locked room and the records cost is not in it, nor
the search of codes (see `hash_search.py`). An index that is there already (--index) is opened and not built.

Bar: 90 ms of one core in all, 4 GB for a million pictures.
"""

from __future__ import annotations

import argparse
import io
import math
import os
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program itself does

import numpy as np
from PIL import Image, ImageOps

from witnessmark.examine.features import described
from witnessmark.examine.picture import Picture
from witnessmark.match.features.image import ROW, Rows
from witnessmark.match.features.index import FeatureIndex, row
from witnessmark.match.like import Likenesses, Seen
from witnessmark.match.pdq import PROPERTY, Coded, Pictures
from witnessmark.model import Copy, Digest
from witnessmark.pixels.features import Features

ENDINGS, PIXELS, CHUNK = {".jpg", ".jpeg"}, 2_000_000, 50_000


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--base", type=Path, required=True)
    asked.add_argument("--records", type=int, default=1_000_000)
    asked.add_argument("--pictures", type=int, default=12)
    asked.add_argument("--index", type=Path, help="the index, in a file; built there if there is none")
    given = asked.parse_args()
    rng = np.random.default_rng(1)
    kept: dict[Digest, Features] = {}
    for path in pictures_in(given.base)[:100]:
        content = path.read_bytes()
        kept[Digest.of(content)] = described(io.BytesIO(content))
    base = np.concatenate([row(bytes.fromhex(name.hex), one) for name, one in kept.items()])
    began = time.process_time()
    if given.index is not None and given.index.is_file():
        index = FeatureIndex.open(given.index)
        index.verify()
    else:
        index = FeatureIndex.build(filled(base, given.records, rng), given.index)
    size = index.bytes_on_disk
    print(
        f"index of {len(index):,}, built or read: {time.process_time() - began:.0f} s, "
        f"{size / 1e9:.2f} GB, {size / len(index):,.0f} bytes a picture; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    likenesses = Likenesses(Pictures(), index, lambda name: kept.get(name) or kept[_one_of(kept, name)])
    rounds = [cost(scaled(path), likenesses) for path in pictures_in(given.folder)[: given.pictures]]
    for name, spent in zip(("codes", "features", "search"), np.median(rounds, axis=0), strict=True):
        print(f"{name}: {1e3 * spent:.1f} ms of processor")
    print(
        f"in all: {1e3 * np.median(np.sum(rounds, axis=1)):.1f} ms in the middle of {len(rounds)} (bar: 90)"
    )


def cost(content: bytes, likenesses: Likenesses) -> Sequence[float]:
    """Seconds of processor for the codes, the features and the search of a picture."""
    digest, copy = Digest.of(content), Copy(Digest.of(content), len(content), "image/jpeg")
    times = [time.process_time()]
    findings = tuple(one for one in Picture().examine(copy, io.BytesIO(content)) if one.property == PROPERTY)
    times.append(time.process_time())
    packed = described(io.BytesIO(content)).pack()
    times.append(time.process_time())
    likenesses.match(Seen(digest, findings, Features.unpack(packed)))
    times.append(time.process_time())
    assert Coded.of(findings[0]).codes
    return [after - before for before, after in pairwise(times)]


def filled(base: Rows, records: int, rng: np.random.Generator) -> list[Rows]:
    """The base, and changed copies of it under names of their own."""
    words = base["words"][np.arange(base["words"].shape[1]) < base["count"][:, None]]
    chunks = [base]
    for start in range(len(base), records, CHUNK):
        some = base[rng.integers(0, len(base), min(CHUNK, records - start))].astype(ROW)
        shape = some["words"].shape
        drawn = words[rng.integers(0, len(words), shape)]
        some["words"] = np.where(rng.random(shape, np.float32) < 0.3, drawn, some["words"])
        flips = rng.integers(0, 1 << 63, (3, *shape), np.uint64)
        some["signatures"] ^= flips[0] & flips[1] & flips[2]
        names = np.arange(start, start + len(some), dtype="<u8").view(np.uint8).reshape(-1, 8)
        some.view(np.uint8).reshape(len(some), -1)[:, :8] = names
        chunks.append(some)
    return chunks


def scaled(path: Path) -> bytes:
    """The picture at 2 megapixels, as a JPEG file."""
    with Image.open(path) as opened:
        image = ImageOps.exif_transpose(opened).convert("RGB")
    scale = math.sqrt(PIXELS / (image.width * image.height))
    stream = io.BytesIO()
    image.resize((round(image.width * scale), round(image.height * scale))).save(stream, "JPEG", quality=90)
    return stream.getvalue()


def pictures_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)


def _one_of(kept: dict[Digest, Features], name: Digest) -> Digest:
    """Whose features stand for those of a copy, which has none of its own."""
    return list(kept)[int(name.hex[:4], 16) % len(kept)]


if __name__ == "__main__":
    main()
