"""Two searches, one answer: what holds is told with how it lies, and what only looks alike is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from witnessmark.match.features.geometry import ENOUGH_INLIERS, laid_over, verify
from witnessmark.match.features.index import FeatureIndex
from witnessmark.match.groups import kinship_of
from witnessmark.match.like import BY_FEATURES, BY_FORM, UNCOMPARED, Likenesses, Seen
from witnessmark.match.pdq import PROPERTY, Box, Pictures
from witnessmark.model import Digest, Facts, Finding, Match
from witnessmark.pixels.features import Features, features
from witnessmark.pixels.pdq import fingerprint

pytest.importorskip("cv2", reason="OpenCV is not installed (extra pictures)")

Grey = NDArray[np.uint8]


def drawn(seed: int, size: tuple[int, int] = (600, 800)) -> Grey:
    """A picture of rectangles of many sizes."""
    rng = np.random.default_rng(seed)
    picture = np.full(size, 128, np.uint8)
    for _ in range(500):
        height, width = (int(side) for side in np.clip(10 / rng.random(2), 8, 250))
        top, left = int(rng.integers(-40, size[0])), int(rng.integers(-40, size[1]))
        picture[max(0, top) : top + height, max(0, left) : left + width] = rng.integers(0, 256)
    return np.clip(picture + rng.normal(0, 3, size), 0, 255).astype(np.uint8)  # as a camera sees it


def form(seed: int) -> Grey:
    """A page of a form, filled in: everything printed is the same, everything written is not."""
    rng = np.random.default_rng(seed)
    page = Image.new("L", (800, 1000), 250)
    draw = ImageDraw.Draw(page)
    font, large = ImageFont.load_default(26), ImageFont.load_default(44)
    draw.ellipse((50, 40, 150, 140), outline=0, width=6)
    draw.text((190, 60), "REGISTRY OF ARRIVALS", fill=0, font=large)
    for place in range(8):
        top = 200 + 95 * place
        draw.text((50, top), ("Name", "Born", "From", "To", "By", "Papers", "Notes", "No.")[place], 0, font)
        draw.rectangle((200, top - 10, 750, top + 50), outline=80, width=2)
        written = "".join(rng.choice(list("abcdefghiklmnoprstuvw  "), int(rng.integers(6, 30))))
        draw.text((215, top), written, fill=40, font=font)
    return np.asarray(page)


def receipt(amount: str) -> Grey:
    """A long page with small writing of which one line is its own."""
    page = Image.new("L", (620, 1400), 245)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(17)
    rng = np.random.default_rng(4)
    for line in range(42):
        words = "".join(rng.choice(list("abcdefghiklmnoprstuvw   "), 44))
        draw.text((40, 30 + 31 * line), f"Total to be paid   {amount}" if line == 20 else words, 30, font)
    return np.asarray(page)


def post(shown: Grey, seed: int) -> Grey:
    """The screenshot of a post: a picture of 660 × 420 at 30, 320, and the writing around it."""
    rng = np.random.default_rng(seed)
    page = Image.new("L", (720, 1300), 255)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(30)
    draw.ellipse((30, 110, 110, 190), fill=int(rng.integers(40, 200)))
    for left, top in (
        (30, 30),
        (130, 120),
        (30, 215),
        (30, 255),
        *((30, top) for top in range(900, 1240, 60)),
    ):
        words = ("".join(rng.choice(list("abcdefghiklmnoprstuvw"), 6)) for _ in range(6))
        draw.text((left, top), " ".join(words), fill=0, font=font)
    page.paste(Image.fromarray(shown).resize((660, 420)), (30, 320))
    for left in range(50, 700, 165):
        draw.rounded_rectangle((left, 770, left + 36, 806), 9, outline=90, width=3)
        draw.text((left + 48, 772), str(rng.integers(1, 999)), fill=90, font=font)
    return np.asarray(page)


def digest_of(name: str) -> Digest:
    return Digest.of(name.encode())


def seen(name: str, picture: Grey, *, described: bool = True, part: Box | None = None) -> Seen:
    code = fingerprint(picture)
    codes = [bytes(one).hex() for one in code.codes]
    place = dict(zip(("x", "y", "width", "height"), part or (), strict=False))
    regions = [{**place, "codes": codes, "quality": 0}] if part else []
    facts = Facts(rule=str(code.rule), codes=codes, quality=code.quality, regions=regions)
    finding = Finding(digest_of(name), "picture 2", PROPERTY, facts, "limits")
    return Seen(digest_of(name), (finding,), features(picture) if described else None)


class Archive:
    """Some pictures, ready to be asked."""

    def __init__(self, **pictures: Grey) -> None:
        self.kept: dict[Digest, Features] = {}
        self.likenesses = Likenesses(Pictures(), FeatureIndex.build(), self.kept.get)
        for name, picture in pictures.items():
            one = seen(name, picture)
            assert one.features is not None
            self.kept[one.digest] = one.features
            self.likenesses.add(one)

    def find(self, picture: Grey, *, described: bool = True) -> dict[Digest, Match]:
        found = self.likenesses.match(seen("the query", picture, described=described))
        return {match.candidate: match for match in found}


@pytest.fixture(scope="module")
def archive() -> Archive:
    return Archive(**{f"picture {seed}": drawn(seed) for seed in range(12)})


ONE = drawn(5)
LARGER = np.pad(ONE, ((300, 100), (50, 350)), constant_values=30)


@pytest.mark.parametrize(
    ("query", "transform", "matrix"),
    [
        (ONE, "identity", (1, 0, 0, 0, 1, 0)),
        (ONE[:, ::-1], "mirror", (-1, 0, 800, 0, 1, 0)),
        (ONE[::-1, ::-1], "rotate 180", (-1, 0, 800, 0, -1, 600)),
        (np.rot90(ONE), "rotate 90", (0, -1, 800, 1, 0, 0)),
        (np.rot90(ONE, -1), "rotate 270", (0, 1, 0, -1, 0, 600)),
        (ONE[::-1], "mirror + rotate 180", (1, 0, 0, 0, -1, 600)),
        (ONE[60:500, 100:700], "crop", (1, 0, 100, 0, 1, 60)),
        (ONE[60:500, 700:100:-1], "mirror + crop", (-1, 0, 701, 0, 1, 60)),
        (LARGER, "embedded", (1, 0, -50, 0, 1, -300)),
        (ONE[:, ::2], "stretch", (2, 0, 0, 0, 1, 0)),
    ],
)
def test_an_edited_picture_is_found_with_how_it_lies(
    archive: Archive, query: Grey, transform: str, matrix: tuple[float, ...]
) -> None:
    found = archive.find(np.ascontiguousarray(query))
    assert found.keys() == {digest_of("picture 5")}
    (match,) = found.values()
    assert (match.method, match.transform) == (BY_FEATURES, transform)
    assert np.allclose(match.matrix, matrix, atol=4) and np.allclose(match.matrix[:2], matrix[:2], atol=0.02)
    assert match.measured["inliers"] >= 12
    assert match.measured["agreement"] > 0.8
    assert f"{match.measured['inliers']} places" in match.reason
    laid = np.array(match.matrix).reshape(2, 3)
    for pair in match.correspondences:
        assert np.allclose(laid @ (*pair.query, 1), pair.candidate, atol=10)


def test_the_overlap_is_how_much_of_the_exhibit_the_query_shows(archive: Archive) -> None:
    (match,) = archive.find(np.ascontiguousarray(ONE[:300])).values()
    assert match.measured["overlap"] == pytest.approx(0.5, abs=0.02)
    assert match.measured["of_query"] == pytest.approx(1, abs=0.02)


def test_every_copy_is_found_not_only_the_nearest_few() -> None:
    copies = {f"copy {number}": ONE[number % 9 :, number // 9 :] for number in range(30)}
    found = Archive(**copies, **{f"other {seed}": drawn(seed + 50) for seed in range(5)}).find(ONE)
    assert found.keys() == {digest_of(name) for name in copies}


def test_what_is_not_there_is_not_found(archive: Archive) -> None:
    for seed in range(100, 110):
        assert archive.find(drawn(seed)) == {}


def test_a_picture_mostly_covered_by_letters_is_one_and_one_with_another_half_is_not() -> None:
    whole, other = drawn(41), drawn(42)
    written = Image.fromarray(whole)
    draw, font = ImageDraw.Draw(written), ImageFont.load_default(110)
    for top in (10, 440):
        draw.text((20, top), "NOWHERE TO GO", 255, font, stroke_width=8, stroke_fill=0)
    joined = np.concatenate([whole[:330], other[330:]])
    for query, is_one in ((np.asarray(written), True), (joined, False)):
        found = verify(features(query), features(whole))
        assert found is not None
        assert (found.inliers > ENOUGH_INLIERS, found.holds) == (True, is_one)


def test_another_page_of_the_same_form_is_no_match() -> None:
    archive = Archive(**{f"form {seed}": form(seed) for seed in range(5)})
    for seed in range(20, 22):
        alike = verify(features(form(seed)), archive.kept[digest_of("form 0")])
        assert alike is not None and alike.inliers > 40  # they do share an arrangement
        told = archive.find(form(seed)).values()
        assert {match.method for match in told} <= {BY_FORM} and len(told) <= 3
    found = archive.find(form(3))
    assert [name for name, match in found.items() if match.method == BY_FEATURES] == [digest_of("form 3")]


def test_a_page_with_another_number_is_told_as_made_alike_and_joins_nothing() -> None:
    archive = Archive(receipt=receipt("3.00"))
    (match,) = archive.find(receipt("18.75")).values()
    assert match.method == BY_FORM and match.transform == "same form"
    assert match.reason.startswith("a page made alike, no copy: ") and "no match" in match.limits
    assert kinship_of(match) is None
    (same,) = archive.find(receipt("3.00")[20:, 10:]).values()
    assert same.method == BY_FEATURES


def test_what_a_post_shows_is_found_among_many_posts_and_no_other_post_is_it() -> None:
    whole = drawn(50)
    posts = {f"post {seed}": post(drawn(100 + seed, (300, 400)), seed) for seed in range(20)}
    archive = Archive(picture=whole, **posts)
    query = post(whole[20:580, 20:780], 99)
    alone = archive.likenesses.match(seen("the query", query))
    found = archive.likenesses.match(seen("the query", query, part=(30, 320, 660, 420)))
    assert {match.method for match in alone} <= {BY_FORM}  # every post shares more words with it
    assert [match.candidate for match in found if match.method != BY_FORM] == [digest_of("picture")]
    assert "embedded" in found[0].transform


def test_posts_of_one_program_with_near_codes_are_told_apart_by_what_they_show() -> None:
    one, other = (seen(f"post {seed}", post(drawn(seed, (300, 400)), seed)[:1000]) for seed in (1, 2))
    archive = Archive(**{"post 1": post(drawn(1, (300, 400)), 1)[:1000]})
    near = Seen(other.digest, (replace(one.findings[0], about=other.digest),), other.features)
    assert other.features is not None and one.features is not None
    laid = laid_over(other.features, one.features, np.eye(2, 3))
    assert laid.agreement is not None and laid.agreement > 0.6  # the program's share
    assert laid.page is not None and not laid.page.is_one_page
    assert archive.likenesses.match(near) == ()
    assert archive.find(post(drawn(1, (300, 400)), 1)[:1000]).keys() == {one.digest}


def test_a_flat_picture_finds_nothing_and_is_found_by_nothing() -> None:
    flat = np.full((300, 400), 90, np.uint8)
    archive = Archive(flat=flat, drawn=ONE)
    assert archive.find(flat) == {}
    assert archive.find(ONE).keys() == {digest_of("drawn")}


def test_without_features_only_near_codes_of_upright_wholes_are_given_and_it_is_said() -> None:
    archive = Archive(**{f"picture {seed}": drawn(seed) for seed in range(4)})
    (match,) = archive.find(drawn(2), described=False).values()
    assert match.candidate == digest_of("picture 2")
    assert UNCOMPARED in match.reason
    assert archive.find(np.ascontiguousarray(drawn(2)[:, ::-1]), described=False) == {}
