"""Two views of one place: held against pictures whose truth is known, and what must not be linked."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from witnessmark.examine import spots as fine
from witnessmark.examine.features import described
from witnessmark.match.scenes import LIMITS, closer_views, match_of, two_views
from witnessmark.model import Digest
from witnessmark.pixels.features import Features, features

pytest.importorskip("cv2", reason="likenesses need OpenCV")
EXERCISE = Path(__file__).resolve().parents[3] / "examples/exercise"
YARD = tuple(f"incoming/pictures/halsan-front-0{number}.jpg" for number in (3, 4, 5, 6))
GATE = ("incoming/pictures/halsan-front-08.jpg", "incoming/pictures/gate-from-east.jpg")
ELSEWHERE = ("archive/tall-wesn-2023.jpg", "archive/sumeil-0151.jpg", "incoming/pictures/halsan-front-01.jpg")


@cache
def seen(name: str) -> Features:
    with (EXERCISE / name).open("rb") as stream:
        return described(stream)


def linked(one: str, other: str) -> bool:
    views = two_views(seen(one), seen(other))
    return views is not None and views.holds


def test_overlapping_views_of_one_place_are_linked_from_one_to_the_next() -> None:
    for one, other in pairwise(YARD):
        assert linked(one, other)
        assert linked(other, one)


@pytest.mark.parametrize(("one", "other"), list(combinations((YARD[0], *ELSEWHERE, GATE[0]), 2)))
def test_pictures_of_different_places_are_not_linked(one: str, other: str) -> None:
    assert not linked(one, other)


def test_two_sides_of_one_gate_have_too_little_in_common_and_that_is_no_word_on_the_place() -> None:
    assert not linked(*GATE)
    assert "not that the pictures show different places" in LIMITS


def test_a_thing_pasted_from_one_picture_into_another_links_them_and_the_limits_say_so() -> None:
    assert linked("incoming/pictures/trench-tanker.jpg", "incoming/pictures/gate-from-east.jpg")
    assert "pasted in from the other picture" in LIMITS


def test_the_places_that_agree_lie_in_upright_pixels_of_both_and_are_given_as_the_reason() -> None:
    one, other = seen(YARD[0]), seen(YARD[1])
    views = two_views(one, other)
    assert views is not None
    for columns, picture in ((views.pairs[:, :2], one), (views.pairs[:, 2:], other)):
        assert (columns >= 0).all()
        assert (columns <= (picture.width, picture.height)).all()
        assert columns[:, 0].max() > picture.width / 4  # not at the scale of the description
    match = match_of(Digest.of(b"one"), Digest.of(b"other"), views)
    assert match.measured["inliers"] == views.inliers == len(views.pairs)
    assert str(views.inliers) in match.reason
    assert len(match.correspondences) == min(32, views.inliers)


def test_pages_and_empty_pictures_are_not_compared() -> None:
    page = np.full((600, 400), 250, np.uint8)
    page[50:560:20, 40:360] = np.where(np.random.default_rng(1).random((26, 320)) < 0.4, 20, 250)
    described_page = features(page)
    assert two_views(described_page, described_page) is None
    empty = features(np.full((300, 300), 128, np.uint8))
    assert two_views(empty, seen(YARD[0])) is None
    assert two_views(empty, empty) is None


def captioned(name: str) -> bytes:
    """A picture of the exercise as a channel shows it, with its logo and a caption."""
    with Image.open(EXERCISE / name) as opened:
        picture = opened.convert("RGB").resize((1280, 720))
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(size=26)
    draw.rectangle((1080, 30, 1240, 110), fill=(200, 20, 20))
    draw.text((1095, 50), "NEWS 24", font=font, fill="white")
    draw.rectangle((0, 640, 1280, 720), fill=(20, 20, 120))
    draw.text((40, 660), "Market in the harbour town closed after a storm warning", font=font, fill="white")
    written = BytesIO()
    picture.save(written, "JPEG", quality=85)
    return written.getvalue()


def test_the_logo_and_caption_of_a_channel_are_no_place() -> None:
    glances, closer = {}, {}
    for name in (YARD[0], YARD[1], ELSEWHERE[0]):
        content = captioned(name)
        glances[name], closer[name] = described(BytesIO(content)), fine.described(BytesIO(content))
    for name, is_one_place in ((YARD[1], True), (ELSEWHERE[0], False)):
        for views in (
            two_views(glances[YARD[0]], glances[name]),
            closer_views(closer[YARD[0]], closer[name]),
        ):
            assert (views is not None and views.holds) is is_one_place


def test_the_places_of_a_closer_look_lie_in_upright_pixels_too() -> None:
    spots = []
    for name in YARD[:2]:
        with (EXERCISE / name).open("rb") as stream:
            spots.append(fine.described(stream))
    views = closer_views(*spots)
    assert views is not None
    assert views.holds
    assert views.is_closer
    assert (views.pairs[:, :2] <= (spots[0].width, spots[0].height)).all()
    assert views.pairs[:, 0].max() > spots[0].width / 2


def test_the_same_two_pictures_always_give_the_same_answer() -> None:
    first, again = (two_views(seen(YARD[0]), seen(YARD[1])) for _ in range(2))
    assert first is not None
    assert again is not None
    assert np.array_equal(first.pairs, again.pairs)
    assert first.on_a_plane == again.on_a_plane
