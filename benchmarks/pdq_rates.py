"""How fast a picture gets its PDQ codes, beside python-threatexchange and beside entropy decoding alone.

Camera pictures of 10 to 13 megapixels, and the same at 2 megapixels (JPEG, quality 85), in turns in one
process on one core; each figure is the mean over the pictures of the least cpu time of several rounds. Then
the codes: from colour they must be pdqhash's, bit for bit; from brightness within six bits of them. The
peers are not dependencies; to have them:

    python -m venv peers && peers/bin/pip install threatexchange
    taskset -c 1 python benchmarks/pdq_rates.py --peers peers/lib/python3.11/site-packages

Entropy decoding alone is what the libjpeg-turbo that is installed here does for lines that are skipped (its
headers and a C compiler are needed): the coefficients of all but the last lines are read and thrown away.

What decoding into fewer pixels would give is measured too (libjpeg-turbo reads squares of 2, 4 or 8 pixels
off their slowest waves; PDQ's weights are added up for each square). The product does not do so: the other
rule takes single pixels, and regions are looked for on all of them.

Bars: 9.5 x python-threatexchange at both sizes; the whole at most 1.25 x entropy decoding alone; equal
codes on at least 180 pictures; at most six bits on pictures of a quality of at least 80.
"""

from __future__ import annotations

import argparse
import ctypes
import io
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from witnessmark.pixels import engine, grey, pdq, prints
from witnessmark.pixels.reduction import Weights, weights_for
from witnessmark.pixels.regions import regions

DATA = Path(__file__).parents[2] / "shared" / "data"
ROUNDS = 5
ENTROPY = r"""
#include <stddef.h>
#include <stdio.h>
#include <jpeglib.h>
int entropy(const unsigned char *bytes, size_t size)
{
    struct jpeg_decompress_struct picture;
    struct jpeg_error_mgr errors;
    picture.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&picture);
    jpeg_mem_src(&picture, (unsigned char *)bytes, size);
    jpeg_read_header(&picture, TRUE);
    picture.out_color_space = JCS_GRAYSCALE;
    jpeg_start_decompress(&picture);
    int found = 0;
    if (picture.output_height > 32)
        found = (int)jpeg_skip_scanlines(&picture, picture.output_height - 32);
    jpeg_destroy_decompress(&picture);
    return found;
}
"""
BITS_A_PIXEL = 0.6


def main() -> None:
    """Print every figure with its bar."""
    options = read_options()
    sys.path.append(str(options.peers))
    large = list(camera_pictures(options.data))[: options.pictures]
    medium = [smaller(content) for content in large]
    print(f"kernel {engine.engine().name}; load {os.getloadavg()[0]:.1f}", flush=True)
    for name, pictures in (("12 MP", large), ("2 MP", medium)):
        rates(name, pictures, options.rounds)
    distances(sorted(options.data.rglob("*.jpg")))


def rates(name: str, pictures: list[bytes], rounds: int) -> None:
    """Milliseconds a picture of each way, and the two ratios."""
    from threatexchange.signal_type.pdq.pdq_hasher import pdq_from_bytes  # noqa: PLC0415 - a peer

    def decode(content: bytes) -> np.ndarray:
        return grey.decoded(io.BytesIO(content)).pixels

    ways: dict[str, Callable[[bytes], object]] = {
        "entropy decoding alone": compiled_entropy(),
        "decode": decode,
        "decode and PDQ": lambda content: pdq.fingerprint(decode(content)),
        "decode squares of 2 pixels, and PDQ": lambda content: by_squares(content, 2),
        "decode squares of 4 pixels, and PDQ": lambda content: by_squares(content, 4),
        "decode squares of 8 pixels, and PDQ": lambda content: by_squares(content, 8),
        "decode, PDQ by both rules and of all regions": lambda content: prints.fingerprints(decode(content)),
        "python-threatexchange": pdq_from_bytes,
    }
    least = {way: [float("inf")] * len(pictures) for way in ways}
    for _ in range(rounds):
        for number, content in enumerate(pictures):
            for way, run in ways.items():
                began = time.thread_time()
                run(content)
                least[way][number] = min(least[way][number], time.thread_time() - began)
    spent = {way: 1e3 * sum(times) / len(pictures) for way, times in least.items()}
    pixels, size = (np.mean([measure(one) for one in pictures]) / 1e6 for measure in (area, len))
    print(f"{name}: {len(pictures)} pictures of {pixels:.1f} MP and {size:.2f} MB in the mean")
    for way, milliseconds in spent.items():
        print(f"  {way}: {milliseconds:.2f} ms")
    ours, floor = spent["decode and PDQ"], spent["entropy decoding alone"]
    print(f"  beside python-threatexchange {spent['python-threatexchange'] / ours:.1f} x (bar 9.5)")
    print(f"  beside entropy decoding alone {ours / floor:.2f} x (bar 1.25)")
    for side in (2, 4, 8):
        off = [apart(by_squares(one, side), pdq.fingerprint(decode(one)).code) for one in pictures]
        ratio = spent[f"decode squares of {side} pixels, and PDQ"] / floor
        print(f"  squares of {side}: {ratio:.2f} x; {np.mean(off):.1f} bits off, {max(off)} at most")
    found = [len(regions(decode(content))) for content in pictures]
    print(f"  {np.mean(found):.1f} regions a picture", flush=True)


def by_squares(content: bytes, side: int) -> bytes:
    """The code of a JPEG that is decoded into the means of squares of so many pixels, or nearly so."""
    import simplejpeg  # noqa: PLC0415 - measured

    height, width, *_ = simplejpeg.decode_jpeg_header(content)
    least = {"min_height": -(-height // side), "min_width": -(-width // side), "min_factor": 1}
    means = simplejpeg.decode_jpeg(content, "GRAY", **least)
    reduced = engine.engine().reduce(means, of_squares(height, side), of_squares(width, side))[0]
    code: bytes = pdq.orientations(pdq.spectrum(reduced))[0].tobytes()
    return code


@cache
def of_squares(length: int, side: int) -> Weights:
    """PDQ's weights along a side of so many samples, added up for each square."""
    whole = weights_for(length)
    first = whole.starts // side
    count = (whole.starts + whole.lengths - 1) // side - first + 1
    weights = np.zeros((len(first), int(count.max())), np.uint32)
    for row, (start, size) in enumerate(zip(whole.starts, whole.lengths, strict=True)):
        squares = np.arange(start, start + size) // side - first[row]
        np.add.at(weights[row], squares, whole.weights[row, :size])
    return Weights(first, count, weights)


def compiled_entropy() -> Callable[[bytes], object]:
    """What reads the coefficients of a JPEG and nothing more."""
    with tempfile.TemporaryDirectory() as scratch:
        source, library = Path(scratch) / "entropy.c", Path(scratch) / "entropy.so"
        source.write_text(ENTROPY)
        subprocess.run(
            ["cc", "-O2", "-shared", "-fPIC", str(source), "-o", str(library), "-ljpeg"], check=True
        )
        loaded = ctypes.CDLL(str(library))
    return lambda content: loaded.entropy(content, ctypes.c_size_t(len(content)))


def distances(paths: Iterable[Path]) -> None:
    """How many bits our codes differ from pdqhash's."""
    import pdqhash  # noqa: PLC0415 - a peer

    exact: Counter[int] = Counter()
    fast: Counter[int] = Counter()
    qualities = 0
    for path in paths:
        try:
            with path.open("rb") as stream, Image.open(path) as image:
                brightness = grey.decoded(stream)
                colour = np.asarray(image.convert("RGB"))
        except Exception as error:  # noqa: BLE001 - broken on purpose
            print(f"  left out: {path.name} ({type(error).__name__})")
            continue
        bits, quality = pdqhash.compute(colour)
        code = np.packbits(bits.astype(np.uint8)).tobytes()
        ours = pdq.fingerprint(colour)
        exact[apart(ours.code, code)] += 1
        qualities += ours.quality == quality
        if quality >= 80:
            fast[apart(pdq.fingerprint(brightness.pixels).code, code)] += 1
    print(f"from colour: {sum(exact.values())} pictures, {qualities} of the same quality (bar 0 bits on 180)")
    print(f"  pictures by bits apart: {dict(sorted(exact.items()))}")
    print(f"from brightness: {sum(fast.values())} pictures of a quality of 80 and more (bar 6 bits)")
    print(f"  pictures by bits apart: {dict(sorted(fast.items()))}")


def camera_pictures(folder: Path) -> Iterator[bytes]:
    """The whole JPEG of 10 to 13 megapixels that are not compressed to nothing."""
    import simplejpeg  # noqa: PLC0415 - measured

    for path in sorted(folder.rglob("*.jp*g")):
        content = path.read_bytes()
        try:
            pixels = simplejpeg.decode_jpeg(content, "GRAY").size
        except ValueError:  # broken on purpose
            continue
        if 9.9e6 < pixels < 13.1e6 and len(content) * 8 > BITS_A_PIXEL * pixels:
            yield content


def smaller(content: bytes) -> bytes:
    """The picture at 2 megapixels."""
    image = Image.open(io.BytesIO(content)).convert("RGB")
    scale = (2e6 / (image.width * image.height)) ** 0.5
    stream = io.BytesIO()
    size = round(image.width * scale), round(image.height * scale)
    image.resize(size, Image.Resampling.LANCZOS).save(stream, "JPEG", quality=85)
    return stream.getvalue()


def area(content: bytes) -> int:
    with Image.open(io.BytesIO(content)) as image:
        return image.width * image.height


def apart(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", type=Path, required=True, help="site-packages that have the peers")
    parser.add_argument("--data", type=Path, default=DATA, help="pictures, with folders below")
    parser.add_argument("--pictures", type=int, default=12, help="so many for the rates")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
