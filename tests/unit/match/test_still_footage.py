"""Footage of cameras that hardly move: when a part was seen is told as far as it can be told."""

from __future__ import annotations

import numpy as np

from witnessmark.match.video.footage import Footage
from witnessmark.model import Digest, Match
from witnessmark.pixels.film import ROW, Codes, Film

FRAME_MS, SECONDS = 200, 30
VIDEO, COPY = Digest.of(b"video"), Digest.of(b"copy")


def film(codes: Codes, quality: int | np.ndarray = 100) -> Film:
    rows = np.zeros(len(codes), ROW)
    rows["ms"], rows["quality"], rows["code"] = np.arange(len(codes)) * FRAME_MS, quality, codes
    return Film(640, 480, (0, 0, 640, 480), rows[:: 1000 // FRAME_MS], rows)


def frames(seed: int, is_still: bool) -> Codes:
    """Codes of frames: a few bits apart where the camera is still, else farther from one to the next."""
    numbers = np.random.default_rng(seed)
    bits = numbers.integers(0, 2, 256, np.uint8)
    rows = []
    for _ in range(SECONDS * 1000 // FRAME_MS):
        seen = bits.copy()
        seen[numbers.integers(0, 256, 2)] ^= 1
        rows.append(seen)
        if not is_still:
            bits[numbers.integers(0, 256, 12)] ^= 1
    return np.packbits(np.array(rows), axis=1)


def found(video: Film, copy: Film) -> Match:
    footage = Footage({VIDEO: video}.get)
    footage.add_film(VIDEO, video)
    (match,) = footage.of_film(COPY, copy)
    return match


def test_a_part_of_a_still_camera_is_told_between_two_times_and_the_truth_is_there() -> None:
    codes = frames(1, is_still=True)
    match = found(film(codes), film(codes[50:80]))
    (segment,) = match.measured["segments"]
    assert segment["candidate_earliest_s"] <= 10
    assert segment["candidate_latest_s"] >= 16
    assert match.measured["cuts"] == ()
    assert "somewhere between" in match.reason


def test_two_parts_of_a_still_camera_are_told_as_no_cut() -> None:
    codes = frames(2, is_still=True)
    match = found(film(codes), film(np.concatenate([codes[100:130], codes[10:40]])))
    assert match.measured["cuts"] == ()
    assert min(one["candidate_earliest_s"] for one in match.measured["segments"]) <= 2
    assert max(one["candidate_latest_s"] for one in match.measured["segments"]) >= 26


def test_where_the_picture_moves_times_are_told() -> None:
    codes = frames(3, is_still=False)
    match = found(film(codes), film(codes[50:80]))
    (segment,) = match.measured["segments"]
    assert "candidate_earliest_s" not in segment
    assert abs(segment["candidate_from_s"] - 10) <= 0.5
    assert "somewhere" not in match.reason


def test_dark_frames_belong_to_the_part_around_them_and_are_no_part_by_themselves() -> None:
    codes = frames(4, is_still=False)
    quality = np.full(len(codes), 100)
    quality[60:75] = 5
    match = found(film(codes, quality), film(codes[50:90], quality[50:90]))
    (segment,) = match.measured["segments"]
    assert abs(segment["query_to_s"] - segment["query_from_s"] - 8) <= 0.5
    dark = Footage({VIDEO: film(codes, 5)}.get)
    dark.add_film(VIDEO, film(codes, 5))
    assert dark.of_film(COPY, film(codes[50:90], 5)) == ()
