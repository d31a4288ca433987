"""Laws of footage and sound: what was cut out of something is found in it, from when to when."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from witnessmark.errors import MalformedError
from witnessmark.match.pdq import FAR, Coded
from witnessmark.match.video.aligning import offsets
from witnessmark.match.video.footage import Footage
from witnessmark.match.video.sound import STEP_MS, Sounds, unpacked
from witnessmark.model import Digest
from witnessmark.pixels import film as coding
from witnessmark.pixels import pdq
from witnessmark.pixels.film import ROW, Codes, Film

FRAME_MS = 200
SEEDS = st.integers(0, 2**32 - 1)


def named(name: str) -> Digest:
    return Digest.of(name.encode())


def moving(seed: int, seconds: int) -> Codes:
    """Codes of frames, five a second, each some bits from the one before and another scene now and then."""
    numbers = np.random.default_rng(seed)
    bits = numbers.integers(0, 2, 256, np.uint8)
    rows = []
    for _ in range(seconds * 1000 // FRAME_MS):
        rows.append(bits.copy())
        if numbers.random() < 0.05:
            bits = numbers.integers(0, 2, 256, np.uint8)
        bits[numbers.integers(0, 256, 12)] ^= 1
    return np.packbits(np.array(rows), axis=1)


def noisy(codes: Codes, flips: int, seed: int) -> Codes:
    bits = np.unpackbits(codes, axis=1)
    for row in bits:
        row[random.Random(seed).sample(range(256), flips)] ^= 1  # noqa: S311
    return np.packbits(bits, axis=1)


def film(codes: Codes) -> Film:
    rows = np.zeros(len(codes), ROW)
    rows["ms"], rows["quality"], rows["code"] = np.arange(len(codes)) * FRAME_MS, 100, codes
    return Film(640, 480, (0, 0, 640, 480), rows[:: 1000 // FRAME_MS], rows)


def from_the_nearest_second(codes: Codes, place: int) -> int:
    """How far the frame is from those beside it that archives are searched by: one of each second."""
    each = 1000 // FRAME_MS
    seconds = codes[max(0, place - each + 1) : place + each]
    beside = [one for at, one in enumerate(seconds, max(0, place - each + 1)) if at % each == 0]
    return min(int(np.bitwise_count(one ^ codes[place]).sum()) for one in beside)


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.integers(0, 120), st.integers(25, 60), st.integers(0, 30))
def test_a_clip_is_found_where_it_was_cut_out(seed: int, start: int, length: int, flips: int) -> None:
    whole, clip = moving(seed, 40), None
    clip = noisy(whole[start : start + length], flips, seed)
    footage = Footage({named("whole"): film(whole), named("other"): film(moving(seed + 1, 40))}.get)
    footage.add_film(named("whole"), film(whole))
    footage.add_film(named("other"), film(moving(seed + 1, 40)))
    (match,) = footage.of_film(named("clip"), film(clip))
    (segment,) = match.measured["segments"]
    assert match.candidate == named("whole")
    assert segment["candidate_from_s"] == pytest.approx(start * FRAME_MS / 1000, abs=0.5)
    assert segment["candidate_to_s"] == pytest.approx((start + length - 1) * FRAME_MS / 1000, abs=0.5)
    assert segment["query_from_s"] <= 0.5


@settings(max_examples=10, deadline=None)
@given(SEEDS, st.integers(0, 40), st.integers(90, 150))
def test_a_cut_is_told_with_its_moment(seed: int, one: int, two: int) -> None:
    whole = moving(seed, 40)
    joined = np.concatenate([whole[one : one + 40], whole[two : two + 40]])
    footage = Footage({named("whole"): film(whole)}.get)
    footage.add_film(named("whole"), film(whole))
    (match,) = footage.of_film(named("joined"), film(joined))
    (cut,) = match.measured["cuts"]
    assert cut["query_s"] == pytest.approx(8, abs=0.5)
    assert cut["candidate_from_s"] == pytest.approx((one + 40) * FRAME_MS / 1000, abs=0.5)
    assert cut["candidate_to_s"] == pytest.approx(two * FRAME_MS / 1000, abs=0.5)


@settings(max_examples=10, deadline=None)
@given(SEEDS, st.integers(1, 7))
def test_a_turned_or_mirrored_clip_is_found_with_its_turn(seed: int, turn: int) -> None:
    whole = moving(seed, 20)
    footage = Footage({named("whole"): film(whole)}.get)
    footage.add_film(named("whole"), film(whole))
    back = {5: 7, 7: 5}.get(turn, turn)
    (match,) = footage.of_film(named("clip"), film(coding.turned(whole[20:60])[turn]))
    assert match.transform != "identity"
    assert np.array_equal(coding.turned(coding.turned(whole)[turn])[back], whole)


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_what_is_elsewhere_is_not_found(seed: int) -> None:
    footage = Footage({named("whole"): film(moving(seed, 40))}.get)
    footage.add_film(named("whole"), film(moving(seed, 40)))
    assert footage.of_film(named("query"), film(moving(seed + 1, 40))) == ()


@settings(max_examples=10, deadline=None)
@given(SEEDS, st.integers(0, 199), st.integers(0, 20))
def test_a_picture_is_found_in_a_video_and_a_video_by_its_picture(seed: int, place: int, flips: int) -> None:
    whole = moving(seed, 40)
    assume(from_the_nearest_second(whole, place) + flips <= FAR)
    codes = tuple(
        code.tobytes() for code in coding.turned(noisy(whole[place : place + 1], flips, seed))[:, 0]
    )
    picture = Coded(named("picture"), codes, 100, pdq.Rule.FULL)
    footage = Footage({named("whole"): film(whole)}.get)
    footage.add_film(named("whole"), film(whole))
    (match,) = footage.of_picture(picture)
    assert match.measured["candidate_at_s"] == pytest.approx(place * FRAME_MS / 1000, abs=0.5)
    footage.add_picture(picture)
    matches = footage.of_film(named("query"), film(whole))
    still = next(one for one in matches if one.candidate == named("picture"))
    assert still.measured["query_at_s"] == pytest.approx(place * FRAME_MS / 1000, abs=0.5)


def test_a_still_scene_far_off_is_no_match() -> None:
    still = np.repeat(moving(3, 1)[:1], 100, axis=0)
    footage = Footage({named("whole"): film(still)}.get)
    footage.add_film(named("whole"), film(still))
    assert footage.of_film(named("near"), film(noisy(still, 10, 1)))
    assert footage.of_film(named("far"), film(noisy(still, 50, 1))) == ()


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_turned_codes_are_near_those_of_turned_pixels(seed: int) -> None:
    """Of 3,000 such pictures the farthest was 34 bits away, most are 8 to 14; unrelated ones are 128."""
    pixels = np.random.default_rng(seed).integers(0, 256, (24, 32), np.uint8).repeat(8, 0).repeat(8, 1)
    exact = pdq.fingerprint(pixels).codes
    near = coding.turned(np.frombuffer(exact[0], np.uint8)[None])[:, 0]
    for code, other in zip(near, exact, strict=True):
        assert np.bitwise_count(code ^ np.frombuffer(other, np.uint8)).sum() <= 48


@given(SEEDS)
def test_a_packed_film_is_read_back(seed: int) -> None:
    packed = film(moving(seed, 3)).pack()
    again = Film.unpack(packed)
    assert again.pack() == packed
    assert len(again.seconds) == 3
    for broken in (packed[:-1], packed + b"\0", b"x" + packed[1:], packed[:20], b""):
        with pytest.raises(MalformedError):
            Film.unpack(broken)


def test_no_votes_give_no_offset() -> None:
    nothing = np.zeros(0, np.int64)
    assert list(offsets(nothing, nothing)) == []


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.integers(0, 200), st.integers(60, 120))
def test_sound_is_found_where_it_was_cut_out(seed: int, start: int, length: int) -> None:
    numbers = np.random.default_rng(seed)
    whole = numbers.integers(0, 2**32, 400, np.uint32)
    flips = np.left_shift(np.uint32(1), numbers.integers(0, 32, length, np.uint32), dtype=np.uint32)
    are_changed = numbers.random(length) < 0.7
    clip = (whole[start : start + length] ^ np.where(are_changed, flips, np.uint32(0))).astype(np.uint32)
    sounds = Sounds()
    sounds.add(named("whole"), whole)
    sounds.add(named("other"), numbers.integers(0, 2**32, 400, np.uint32))
    (match,) = sounds.match(named("clip"), clip)
    (segment,) = match.measured["segments"]
    assert match.candidate == named("whole")
    assert segment["candidate_from_s"] == pytest.approx(start * STEP_MS / 1000, abs=0.5)


def test_silence_is_like_no_other_silence() -> None:
    sounds = Sounds()
    sounds.add(named("whole"), np.full(400, 627964279, np.uint32))
    assert sounds.match(named("query"), np.full(100, 627964279, np.uint32)) == ()
    with pytest.raises(MalformedError):
        unpacked(b"abc")
