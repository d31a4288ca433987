"""Pages: a copy is one page whatever was done to it; another page of the form is not, if little differs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from witnessmark.match.features.geometry import Verified, verify
from witnessmark.match.features.pages import (
    LEAST_LEFT,
    MOST_DIFFERENT,
    SURELY_DIFFERENT,
    Compared,
    compared,
)
from witnessmark.pixels.features import Features, features

pytest.importorskip("cv2", reason="OpenCV is not installed (extra pictures)")

_LETTERS = list("abcdefghiklmnoprstuvw   ")
_NAME = "Ilian Oresh, miller"


def certificate(name: str = _NAME, seed: int = 1, *, lines: int = 24) -> Image.Image:
    """A page with much print, the same for everyone, and one name."""
    rng = np.random.default_rng(seed)
    page = Image.new("L", (850, 1100), 248)
    draw = ImageDraw.Draw(page)
    font, large = ImageFont.load_default(22), ImageFont.load_default(46)
    draw.ellipse((60, 40, 170, 150), outline=0, width=7)
    draw.text((210, 70), "CERTIFICATE OF RESIDENCE", fill=0, font=large)
    draw.text((210, 200), name, fill=30, font=ImageFont.load_default(34))
    draw.line((200, 245, 780, 245), fill=60, width=2)
    for line in range(lines):
        written = "".join(rng.choice(_LETTERS, 58))
        draw.text((70, 290 + 32 * line), written, fill=20, font=font)
    return page


def laid(query: Image.Image, candidate: Image.Image) -> Verified | None:
    return verify(described(query), described(candidate))


def described(page: Image.Image) -> Features:
    return features(np.asarray(page))


def _softened(page: Image.Image) -> Image.Image:
    return page.filter(ImageFilter.GaussianBlur(2.5))


def _noisy(page: Image.Image) -> Image.Image:
    noise = np.random.default_rng(5).normal(0, 20, (page.height, page.width))
    return Image.fromarray(np.clip(np.asarray(page) + noise, 0, 255).astype(np.uint8))


def _with_logo(page: Image.Image) -> Image.Image:
    out = page.copy()
    ImageDraw.Draw(out).rectangle((620, 860, 830, 1070), fill=90)
    return out


def _captioned(page: Image.Image) -> Image.Image:
    out = page.copy()
    draw = ImageDraw.Draw(out)
    draw.rectangle((0, 950, 850, 1100), fill=0)
    draw.text((30, 985), "Seen today near the bridge", fill=255, font=ImageFont.load_default(56))
    return out


def _hidden(page: Image.Image) -> Image.Image:
    """A part in coarse blocks, as names are hidden."""
    out = page.copy()
    part = page.crop((60, 420, 520, 740))
    out.paste(
        part.resize((29, 20), Image.Resampling.BOX).resize(part.size, Image.Resampling.NEAREST), (60, 420)
    )
    return out


def _framed(page: Image.Image) -> Image.Image:
    out = Image.new("L", (1100, 1300), 0)
    out.paste(page, (130, 90))
    return out


def _stamped(page: Image.Image) -> Image.Image:
    """Rings and bars over the page, with strokes much wider than those of its writing."""
    out = page.copy()
    draw = ImageDraw.Draw(out)
    for side in (0, 56):
        draw.ellipse((560 + side, 640 + side, 800 - side, 880 - side), outline=150, width=16)
    draw.line((640, 700, 720, 820), fill=60, width=16)
    draw.line((640, 820, 720, 700), fill=60, width=16)
    return out


@pytest.mark.parametrize(
    "edit",
    [
        lambda page: page,
        lambda page: page.resize((340, 440), Image.Resampling.LANCZOS),
        lambda page: page.crop((40, 150, 800, 900)),
        lambda page: page.rotate(4, Image.Resampling.BICUBIC, fillcolor=248).crop((60, 60, 790, 1040)),
        *(_softened, _noisy, _with_logo, _captioned, _hidden, _framed, _stamped),
    ],
)
def test_an_edited_copy_of_a_page_is_that_page(edit: object) -> None:
    assert callable(edit)
    found = laid(edit(certificate()), certificate())
    assert found is not None
    assert found.page is not None
    assert found.holds, found.page


@pytest.mark.parametrize(
    "edit",
    [lambda page: page, lambda page: page.resize((425, 550), Image.Resampling.LANCZOS), _noisy, _framed],
)
def test_the_same_certificate_for_another_person_is_another_page(edit: object) -> None:
    assert callable(edit)
    found = laid(edit(certificate("Vesna Tarok, carpenter")), certificate())
    assert found is not None
    assert found.inliers > 100  # nearly everything is the same
    assert found.page is not None
    assert not found.holds, found.page


def test_a_form_that_is_empty_is_not_the_one_that_was_filled_in() -> None:
    found = laid(certificate(""), certificate("Vesna Tarok and Ilian Oresh, of the mill"))
    assert found is not None
    assert not found.holds, found.page


def test_parts_of_two_pages_with_too_little_in_common_to_tell_are_no_match() -> None:
    found = laid(certificate(), certificate())
    assert found is not None
    untold = replace(found, page=None, share=0.9, ground=0.3, agreement=0.95)
    assert untold.holds
    assert not replace(untold, of_candidate=0.5, of_query=0.4).holds
    assert replace(untold, of_candidate=0.5, of_query=0.4, are_pages=False).holds


def test_one_line_in_common_and_a_strip_that_is_not_makes_no_match() -> None:
    whole, head = certificate(), certificate()
    head.paste(248, (0, 330, 850, 1100))
    found = laid(head, whole)
    assert found is None or not found.holds, found.page


def test_two_pages_with_one_head_are_two() -> None:
    found = laid(certificate(seed=1), certificate(seed=2))
    assert found is None or not found.holds


def test_without_a_larger_copy_of_both_nothing_is_said_of_writing() -> None:
    page, photograph = described(certificate()), described(_photograph())
    whole = np.array([[1, 0, 0], [0, 1, 0]], float)
    assert photograph.detail is None
    for query, candidate in ((page, photograph), (photograph, page)):
        assert compared(query, candidate, whole, np.zeros((0, 4), np.float32)) is None


def test_where_hardly_anything_is_written_nothing_is_said() -> None:
    page = described(certificate("A", lines=0))
    away = np.array([[1, 0, 700], [0, 1, 900]], float)
    assert compared(page, page, away, np.zeros((0, 4), np.float32)) is None


@pytest.mark.parametrize(
    ("left", "different", "is_one"),
    [(1, 0, True), (LEAST_LEFT, SURELY_DIFFERENT, True), (LEAST_LEFT - 0.01, 0, False), (1, 0.003, False)],
)
def test_enough_has_to_be_left_and_hardly_anything_may_differ(
    left: float, different: float, is_one: bool
) -> None:
    assert Compared(3000, left, different).is_one_page is is_one


def test_of_coarse_copies_more_may_differ_and_never_more_than_one_in_a_hundred() -> None:
    assert Compared(1000, 1, 0.006, alike=0.9).is_one_page
    assert Compared(1000, 1, MOST_DIFFERENT, alike=0.5).is_one_page
    assert not Compared(1000, 1, MOST_DIFFERENT + 0.001, alike=0.5).is_one_page


def test_of_sharp_copies_no_spot_as_large_as_a_letter_may_differ() -> None:
    assert Compared(9000, 1, 9 / 9000, alike=0.99, largest=4).is_one_page
    assert not Compared(9000, 1, 9 / 9000, alike=0.99, largest=9).is_one_page
    assert Compared(9000, 1, 9 / 9000, alike=0.9, largest=9).is_one_page
    assert Compared(300, 1, 5 / 300, alike=0.9, largest=2).is_one_page  # a few blocks of a small page
    assert not Compared(42, 1, 5 / 42, alike=0.95, largest=2).is_one_page  # of a page with hardly any
    assert not Compared(4552, 0.99, 0.0053, alike=0.92, largest=22).is_one_page  # a sum of money


def _photograph() -> Image.Image:
    values: NDArray[np.float64] = np.random.default_rng(3).normal(128, 60, (60, 80))
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8)).resize((800, 600))


def _on_a_lid(seed: int) -> Image.Image:
    """A receipt on the grey lid of a scanner, its middle written by chance."""
    rng = np.random.default_rng(2)
    lid = rng.normal(165, 9, (1100, 850))
    for _ in range(60):
        top, left = rng.integers(0, 1000), rng.integers(0, 800)
        lid[top : top + rng.integers(2, 5), left : left + rng.integers(10, 60)] -= 40
    out = Image.fromarray(np.clip(lid, 0, 255).astype(np.uint8))
    out.paste(0, (0, 0, 60, 1100))
    out.paste(certificate(lines=14).crop((0, 0, 850, 600)).resize((380, 330)), (460, 20))
    for written, below, height in ((certificate(seed=seed), 350, 200), (certificate(seed=9), 550, 330)):
        out.paste(written.crop((0, 280, 850, 280 + 2 * height)).resize((380, height)), (460, below))
    return out


def test_receipts_of_one_shop_are_two_pages_whatever_they_were_scanned_on() -> None:
    one, other = _on_a_lid(3), _on_a_lid(4)
    verified = laid(one, other)
    assert verified is not None and verified.ground < 0.25  # so that it does not look like paper
    assert not verified.holds and verified.is_of_one_form
    again = laid(_softened(one), one)
    assert again is not None and again.holds


def test_what_the_few_levels_of_a_larger_copy_make_up_in_the_dark_is_not_compared() -> None:
    rng = np.random.default_rng(3)
    picture = np.full((640, 800), 128.0)
    for _ in range(500):
        height, width = (int(side) for side in np.clip(10 / rng.random(2), 8, 250))
        top, left = int(rng.integers(0, 640)), int(rng.integers(0, 800))
        picture[top : top + height, left : left + width] = rng.integers(0, 256)
    dark = np.where(picture > 225, 0.4 * picture, 24 + 0.06 * picture)
    noisy = np.clip(dark + rng.normal(0, 6, dark.shape), 0, 255)
    copies = (one.astype(np.uint8) for one in (noisy, dark))
    verified = verify(*(replace(features(one), detail=one & np.uint8(0xF0)) for one in copies))
    assert verified is not None and verified.page is not None
    assert verified.page.different <= MOST_DIFFERENT and verified.holds


@pytest.mark.parametrize(
    ("misfit_px", "closely", "is_page", "holds"),
    [
        (0.05, 0.98, False, True),  # letters over a third of a copy
        (0.45, 0.996, False, True),  # of a small copy: places are off, what is left is the same
        (0.05, 0.9, False, True),
        (0.4, 0.93, False, False),  # another subject before one ground, a little moved
        (0.2, 0.9, False, False),
        (0.2, 0.9, True, True),  # small copies of pages show little
        (1.3, 0.88, True, False),  # two receipts in one hand
    ],
)
def test_of_another_exposure_more_has_to_agree(
    misfit_px: float, closely: float, is_page: bool, holds: bool
) -> None:
    pairs = np.zeros((150, 4), np.float32)
    of_photographs = Verified(
        *(np.eye(2, 3), pairs, 0.97, 0.95, 0.72, 0.3, 0.1),
        is_page=is_page,
        closely=closely,
        misfit_px=misfit_px,
    )
    assert of_photographs.holds is holds
    assert replace(of_photographs, agreement=0.93).holds
