"""PDQ against the codes of both references, and its eight orientations against turned pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from witnessmark.errors import MalformedError, UsageError
from witnessmark.pixels import engine, pdq, raster
from witnessmark.pixels.grey import brightness
from witnessmark.pixels.pdq import Fingerprint, Pixels, Rule
from witnessmark.pixels.reduction import UNIT, Reduced, Weights, weights_for

DATA = Path(__file__).parents[4] / "shared/data/pdq"

OF_THE_REFERENCES = {
    "bridge-mods/blur-a-lot.jpg": (
        "f8f8f0cee0f4a84f0637022a038f67f0b36e26d596621e1d33e6b39c4e9c9b22",
        "d8f8f0cee0f4a84f0637022a078f67f0b36e2ed596621e1d33e6339c4e9c9b22",
        100,
    ),
    "bridge-mods/shrink-a-lot.jpg": (
        "d0f8f1ccc0f4a84d0a370a3a228f67f0b36e2ed5b6623e1d33e6339c4e9c9b22",
        "d0f8f1ccc0f4a84d0a370a3a228f67f0b36e2ed5b6623e1d33e6339c4e9c9b22",
        100,
    ),
    "dih/bridge-1-original.jpg": (
        "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22",
        "d8f8f0cee0f4a84f0637022a078f67f0b36e2ed596621e1d33e6339c4e9c9b22",
        100,
    ),
    "dih/bridge-2-rotate-90.jpg": (
        "30a10efd71cc3d429013d48d0ffffc52e34e0e17ada952a9d29685211ea9e5af",
        "30a10efdf1c83f429013d48d0ffffc52e34e0e35ada952a9d29605215aa9e5af",
        100,
    ),
    "dih/bridge-5-flipx.jpg": (
        "f8f80f31e0f417b20e37f5cd028f980fb36ed02a9662c1e233e64c634e9c64dd",
        "d8f80f33e0f417b20e37f5cd028f980fb36ed02a9662c1e233e64c634e9c64dd",
        100,
    ),
    "exif-rotn/exif-rotn-1.jpg": (
        "f439d924da56a1d4c63973a56acfc926cd53d9341b18367d318666cf9b142649",
        "dc399924da5621d4c63973a56acfc926cf53db341b18367d318666cf9b142649",
        100,
    ),
    "exif-rotn/exif-rotn-6.jpg": (
        "e9782aad54ae0b6365315ac278592d6ad4b5434a5bcd7471f7abcb594b481a94",
        "e8783aad54ae0b63653192c279592d6ad4b5434a5fcd7071f7abcb594b481a94",
        100,
    ),
    "labelme-subset/q0003.jpg": (
        "54a9f7c321d1443c43ba566e21d4a13989a3553f1472611cbbc5fda59e03b677",
        "54a9f7c321d1443c43ba566e21d4a13989a3553f1472611cbbc5fda59e03b677",
        3,
    ),
    "labelme-subset/q0004.jpg": (
        "992d44af36d69e6ca6b812585928bac11def254ef5398c6d07466c9abcc65b92",
        "992d44af36d69e6ca6b812585928bac11def254ef5398c6d07466c9abcc65b92",
        4,
    ),
    "labelme-subset/q0122.jpg": (
        "cfb2009ddd21c6dab0046a7745b5984757a8a4535b3377aea2591d32b33ff940",
        "cfb2009ddd21c6dab0046a7745b5984757a8a4535b3377aea2591d32b33ff940",
        100,
    ),
    "labelme-subset/q0291.jpg": (
        "a0fe94f1e5cc1cc8dd855948498dc9243f7ca27336f036d7f212b74bc103c9a7",
        "a0fe94f1e5cc1cc8dd855948498dc9243f7ca27336f036d7f212b74bc103c9a7",
        100,
    ),
    "labelme-subset/q0746.jpg": (
        "1049d96239e24d4dca2c55512b8bdb77425f4dbcf575a0a95555aaab5554aaaa",
        "1049d96239e24d4dca2c55512b8bdb77425f4dbcf575a0a95555aaab5554aaaa",
        100,
    ),
    "labelme-subset/q1050.jpg": (
        "489db672e9190276d452aeab41eba20f02375fe4092d88defdf491a5c55c5f70",
        "489db672e9190276d452aeab41eba20f02375fe4092d88defdf491a5c55c5f70",
        100,
    ),
    "labelme-subset/q2821.jpg": (
        "b150231ffae4710ffcf4f18bb574b109a576f14bb8543189f8743289f174b109",
        "b150231ffae4710ffcf4f18bb574b109a576f14bb8543189f8743289f174b109",
        100,
    ),
}
"""By pdqhash 0.2.8, by Meta's C++ tools (whose WASM tests have the same), and the quality by pdqhash."""


def apart(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def scene(width: int = 400, height: int = 300) -> Image.Image:
    """A drawn square with houses and a sky: no symmetry, much structure."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for number in range(14):
        left, top = (number * 137) % width, (number * 89) % height
        colour = ((number * 53) % 256, (number * 101) % 256, (number * 29) % 256)
        draw.rectangle((left, top, left + 20 + number * 6, top + 60 - number * 3), fill=colour)
    return image


def grey(image: Image.Image) -> Pixels:
    return brightness(image)


def opened(name: str) -> Image.Image:
    for folder in (DATA, DATA / "reg-test-input"):
        if (folder / name).is_file():
            return Image.open(folder / name)
    pytest.skip("the shared data set is not at ../shared/data")


@pytest.mark.parametrize("name", OF_THE_REFERENCES)
def test_from_colour_the_code_is_the_reference_bit_for_bit(name: str) -> None:
    full, sampled, quality = OF_THE_REFERENCES[name]
    colour = np.asarray(opened(name).convert("RGB"))
    found = pdq.fingerprint(colour)
    assert (found.code.hex(), found.quality, found.rule) == (full, quality, Rule.FULL)
    assert pdq.fingerprint(colour, Rule.SAMPLED).code.hex() == sampled


@pytest.mark.parametrize("name", OF_THE_REFERENCES)
def test_from_brightness_the_code_of_a_good_picture_is_within_a_few_bits(name: str) -> None:
    full, sampled, quality = OF_THE_REFERENCES[name]
    image = opened(name)
    image.draft("L", image.size)
    pixels = brightness(image)
    most = 8 if quality >= 80 else 40
    assert apart(pdq.fingerprint(pixels).code, bytes.fromhex(full)) <= most
    assert apart(pdq.fingerprint(pixels, Rule.SAMPLED).code, bytes.fromhex(sampled)) <= most


@pytest.mark.parametrize("kernel", engine.names())
@pytest.mark.parametrize(
    "shape", [(1, 1, 1), (3, 700, 1), (64, 64, 3), (129, 65, 3), (481, 321, 1), (9, 4099, 1)]
)
def test_every_kernel_equals_numpy(kernel: str, shape: tuple[int, int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    rows, columns = weights_for(shape[0]), weights_for(shape[1])
    ours, plain = engine.engine(kernel), engine.engine("numpy")
    assert np.array_equal(ours.reduce(pixels, rows, columns), plain.reduce(pixels, rows, columns))
    for factor in (1, 2, 5):
        layer = pixels[:, :, 0]
        assert np.array_equal(ours.shrink(layer, factor), plain.shrink(layer, factor))


@pytest.mark.parametrize("kernel", engine.names())
@pytest.mark.parametrize("shape", [(12, 12), (13, 19), (37, 100), (200, 131)])
def test_every_kernel_lays_pictures_over_each_other_as_numpy_does(
    kernel: str, shape: tuple[int, int]
) -> None:
    ours, theirs = np.random.default_rng(2).integers(0, 256, (2, *shape), np.uint8)
    summed = engine.engine(kernel).overlay(ours, theirs)
    assert summed.shape == (shape[0] // 6 - 1, shape[1] // 6 - 1, 29)
    assert np.array_equal(summed, engine.engine("numpy").overlay(ours, theirs))
    first, second = (int(one[:12, :12].sum()) for one in (ours, theirs))
    assert summed[0, 0, 0] == first and summed[0, 0, 14] == second  # the place where theirs lies
    products = ours[:12, :12].astype(int) * np.pad(theirs, 1, "edge")[:12, :12]
    assert summed[0, 0, 4] == products.sum()  # theirs moved down and right by one


@pytest.mark.parametrize("kernel", engine.names())
def test_white_is_as_bright_after_the_sums_as_before(kernel: str) -> None:
    white = np.full((3000, 777, 1), 255, np.uint8)
    reduced = engine.engine(kernel).reduce(white, weights_for(3000), weights_for(777))
    assert (reduced == 255 * UNIT).all()
    assert (engine.engine(kernel).shrink(white[:, :, 0], 300) == 255).all()
    over = engine.engine(kernel).overlay(white[:60, :, 0], white[:60, :, 0])
    assert set(np.unique(over).tolist()) == {144 * 255, 144 * 255**2}


def test_pixels_may_be_a_part_of_larger_ones() -> None:
    pixels = grey(scene())
    part = pixels[40:210, 31:300]
    assert pdq.fingerprint(part) == pdq.fingerprint(part.copy())
    turned = pixels.T[::-1]
    assert pdq.fingerprint(turned) == pdq.fingerprint(turned.copy())


def test_there_is_no_kernel_of_another_name() -> None:
    with pytest.raises(UsageError, match=r"no kernel 'abacus' here, only .*numpy"):
        engine.engine("abacus")


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_code_at_a_place_is_the_code_of_the_picture_turned_so(orientation: int, rule: Rule) -> None:
    turned = raster.upright(scene(), orientation)
    code = pdq.fingerprint(grey(scene()), rule).codes[orientation - 1]
    assert apart(code, pdq.fingerprint(grey(turned), rule).code) <= 16


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_turned_upright_has_the_code_of_its_upright_copy(orientation: int) -> None:
    stored = scene(257, 190)
    upright = raster.upright(stored, orientation)
    assert pdq.fingerprint(grey(stored), Rule.FULL, orientation) == pdq.fingerprint(grey(upright))


def test_the_eight_codes_of_a_picture_without_symmetry_lie_far_apart() -> None:
    codes = pdq.fingerprint(grey(scene())).codes
    assert all(apart(one, other) > 60 for one in codes for other in codes if one != other)
    assert len(set(codes)) == 8


@pytest.mark.parametrize("rule", Rule)
def test_a_smaller_copy_has_nearly_the_same_code(rule: Rule) -> None:
    large, small = scene(1600, 1200), scene(1600, 1200).resize((320, 240))
    assert apart(pdq.fingerprint(grey(large), rule).code, pdq.fingerprint(grey(small), rule).code) <= 16


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize(
    "size", [(1, 1), (1, 500), (500, 1), (3, 2), (63, 65), (129, 128), (1, 2000), (40_000, 3)]
)
def test_any_size_has_a_code(size: tuple[int, int], rule: Rule) -> None:
    found = pdq.fingerprint(grey(scene(600, 500).resize(size)), rule)
    assert {len(code) for code in found.codes} == {32}
    assert min(size) > 4 or found.quality == 0


def test_a_plain_surface_has_no_quality() -> None:
    assert pdq.fingerprint(np.full((200, 300), 90, np.uint8)).quality == 0


def test_what_are_no_pixels_is_refused() -> None:
    for wrong in (np.zeros((4, 4)), np.zeros(9, np.uint8), np.zeros((3, 3, 4), np.uint8)):
        with pytest.raises(UsageError, match="pixels are uint8"):
            pdq.fingerprint(wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="without pixels"):
        pdq.fingerprint(np.zeros((0, 4), np.uint8))


def test_a_fingerprint_has_eight_codes() -> None:
    with pytest.raises(MalformedError, match="eight codes"):
        Fingerprint((bytes(32),) * 7, 100)


def test_strips_do_not_show_in_the_brightness(monkeypatch: pytest.MonkeyPatch) -> None:
    image = scene().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    whole = brightness(image)
    monkeypatch.setattr("witnessmark.pixels.grey._STRIP_PIXELS", 7 * 400)
    assert np.array_equal(brightness(image), whole)


def test_the_kernels_refuse_what_would_lead_out_of_a_buffer() -> None:
    kernels = pytest.importorskip(
        "witnessmark.pixels.native.kernels", reason="nothing was compiled here: there was no compiler"
    )
    pixels, out = np.zeros((90, 70, 1), np.uint8), np.zeros((1, 64, 64), np.uint32)
    down, across = weights_for(90), weights_for(70)

    def reduce(pixels: Pixels, rows: Weights, columns: Weights, out: Reduced, name: str = "scalar") -> None:
        both = (rows.starts, rows.lengths, rows.weights, columns.starts, columns.lengths, columns.weights)
        kernels.reduce(name, pixels, *both, out)

    reduce(pixels, down, across, out)
    late = replace(across, starts=across.starts + 60)
    early = replace(across, starts=across.starts - 60)
    endless = replace(across, lengths=across.lengths + 2**40)
    wrong = [
        (pixels[:80], down, across, out),
        (pixels[:, :60], down, across, out),
        (pixels[:, ::2], down, across, out),
        (pixels[:, :, 0], down, across, out),
        (pixels, down, across, out[:, :63]),
        *((pixels, down, bad, out) for bad in (late, early, endless)),
        (pixels, replace(down, weights=down.weights[:, :0]), across, out),
        (pixels, replace(down, starts=down.starts[:5]), across, out),
    ]
    for arguments in wrong:
        with pytest.raises(ValueError, match="do not fit"):
            reduce(*arguments)
    with pytest.raises(ValueError, match="no kernel abacus"):
        reduce(pixels, down, across, out, "abacus")
    for factor in (0, -1, 3, 2**40):
        with pytest.raises(ValueError, match="do not fit"):
            kernels.shrink("scalar", pixels, factor, np.zeros((45, 35), np.uint8))
    room = np.zeros((2, 3, 29), np.uint32)
    for height, width in ((19, 24), (18, 30), (0, 0), (-18, -24), (11, 40), (2**40, 2**40)):
        with pytest.raises(ValueError, match="do not fit"):
            kernels.overlay("scalar", bytes(18 * 24), bytes(20 * 26), height, width, room)
    kernels.overlay("scalar", bytes(18 * 24), bytes(20 * 26), 18, 24, room)
    with pytest.raises(ValueError, match="no kernel abacus"):
        kernels.overlay("abacus", bytes(18 * 24), bytes(20 * 26), 18, 24, room)
