"""PDQ against Meta's own pictures and codes, and its eight orientations against turned pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from witnessmark.examine import pdq
from witnessmark.pixels import raster

DATA = Path(__file__).parents[4] / "shared/data/pdq/reg-test-input"

# Meta's Python implementation allows itself 16 bits from these.
OF_THE_REFERENCE = {
    "labelme-subset/q0003.jpg": "54a977c221d14c1c43ba5e6e21d4a13989a3553f1462611cbb85fda7be83b677",
    "labelme-subset/q0004.jpg": "992d44af36d69e6ca6b812585928bac11def254ef5398c6d07466c9abcc65b92",
    "labelme-subset/q0122.jpg": "cfb2009ddd21c6dab0046a7745b5984757a8a4535b3377aea2591d32b33ff940",
    "labelme-subset/q0291.jpg": "a0fe94f1e5cc1cc8dd855948498dc9243f7ca27336f036d7f212b74bc103c9a7",
    "labelme-subset/q0746.jpg": "1049d96239e24d4dca2c55512b8bdb77425f4dbcf575a0a95555aaab5554aaaa",
    "labelme-subset/q1050.jpg": "489db672e9190276d452aeab41eba20f02375fe4092d88defdf491a5c55c5f70",
    "labelme-subset/q2821.jpg": "b150231ffae4710ffcf4f18bb574b109a576f14bb8543189f8743289f174b109",
    "dih/bridge-1-original.jpg": "d8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22",
    "dih/bridge-2-rotate-90.jpg": "38a50efd71c83f429013d68d0ffffc52e34e0e15ada952a9d29684214aa9e5af",
    "dih/bridge-3-rotate-180.jpg": "2dadda64b5a142e5d362209057da895ae63b8c7fc277b4b766b319361f893188",
    "dih/bridge-4-rotate-270.jpg": "a5f0a457248995e8c9065c275aaa54d8b61ba4bdf8fcfc0387c32f8b0bfc4f05",
    "dih/bridge-5-flipx.jpg": "d8f80f31e0f417b00e37f5dd028f980fb36ed12a9662c1e233e64c634e9c64dd",
    "dih/bridge-6-flipy.jpg": "0dad259bb1a1bd18d362576556da32a1e63b7380c2374b4866b3c6c91b89ce77",
    "dih/bridge-7-flip-plus-1.jpg": "f0a5e10271dcc0bd9c5309720fff018de34ef1e8ada9a956d2967ade1ea91a50",
    "dih/bridge-8-flip-minus-1.jpg": "69f05aa8a4996a17c146a2da5aaaab07b61b5b60f8fc07fc83c3d0740bfcb0fa",
}


def apart(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


def scene(width: int = 400, height: int = 300) -> Image.Image:
    """A drawn square with houses and a sky: no symmetry, much structure."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for number in range(14):
        left, top = (number * 137) % width, (number * 89) % height
        colour = ((number * 53) % 256, (number * 101) % 256, (number * 29) % 256)
        draw.rectangle((left, top, left + 20 + number * 6, top + 60 - number * 3), fill=colour)
    return image


@pytest.mark.parametrize("name", OF_THE_REFERENCE)
def test_the_code_is_within_the_tolerance_of_the_reference(name: str) -> None:
    if not DATA.is_dir():
        pytest.skip("the shared data set is not at ../shared/data")
    with (DATA / name).open("rb") as stream:
        code = pdq.code_of(raster.decoded(stream).image)
    assert apart(code.codes[0], OF_THE_REFERENCE[name]) <= 16


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_code_at_a_place_is_the_code_of_the_picture_turned_so(orientation: int) -> None:
    turned = raster.upright(scene(), orientation)
    assert apart(pdq.code_of(scene()).codes[orientation - 1], pdq.code_of(turned).codes[0]) <= 16


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_and_its_upright_copy_have_the_same_code(orientation: int) -> None:
    stored = scene(257, 190)
    upright = raster.upright(stored, orientation)
    assert apart(pdq.code_of(stored, orientation).codes[0], pdq.code_of(upright).codes[0]) <= 8


def test_the_eight_codes_of_a_picture_without_symmetry_lie_far_apart() -> None:
    codes = pdq.code_of(scene()).codes
    assert all(apart(one, other) > 60 for one in codes for other in codes if one != other)
    assert len(set(codes)) == 8


def test_a_smaller_copy_has_nearly_the_same_code() -> None:
    assert (
        apart(
            pdq.code_of(scene(1600, 1200)).codes[0],
            pdq.code_of(scene(1600, 1200).resize((320, 240))).codes[0],
        )
        <= 16
    )


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (3, 2), (63, 65), (129, 128)])
def test_any_size_has_a_code(size: tuple[int, int]) -> None:
    code = pdq.code_of(scene(600, 500).resize(size))
    assert {len(written) for written in code.codes} == {64}


def test_a_plain_surface_has_no_quality() -> None:
    assert pdq.code_of(Image.new("RGB", (300, 200), (90, 90, 90))).quality == 0


def test_strips_do_not_show_in_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pdq.code_of(scene())
    monkeypatch.setattr(pdq, "_STRIP_PIXELS", 7 * 400)
    assert pdq.code_of(scene()) == whole
