"""What is played and leafed through of a recording has the masks of its time burned in."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("av", reason="the extra `media` is not installed")

import av
import numpy as np
from PIL import Image
from tests.servers.recordings import RATE, SIZE, write_video

from witnessmark.examine import playing

BOX = {"shape": "box", "points": [[0, 160], [320, 240]]}
"""The lower third, where the ground is plain."""
STEP_MS = 1000 / RATE


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain ground, a frame every 83 ms."""
    path = tmp_path_factory.mktemp("masked") / "video.mp4"
    write_video(path, frames=24)
    return path


def made(task: Any, path: Path, **parameters: object) -> tuple[Any, bytes]:
    """The last part of what a task gives."""
    with path.open("rb") as stream:
        *_, (facts, content) = task(stream, parameters)
    return facts, content


def darkness(picture: np.ndarray[Any, Any]) -> float:
    """How bright the masked third is: near 0 if it is black."""
    return float(picture[picture.shape[0] * 7 // 10 :].mean())


def masked(from_ms: int, until_ms: int) -> list[dict[str, object]]:
    """A mask that holds for a time."""
    return [{**BOX, "from_ms": from_ms, "until_ms": until_ms}]


def test_a_mask_without_a_time_is_on_every_frame(video: Path) -> None:
    _, content = made(playing.played, video, from_ms=0, masks=[BOX])
    with av.open(io.BytesIO(content), "r") as opened:
        values = [darkness(one.to_ndarray(format="gray")) for one in opened.decode(video=0)]
    assert len(values) == 24
    assert max(values) < 12
    facts, sheet = made(playing.strip, video, masks=[BOX])
    pixels = np.asarray(Image.open(io.BytesIO(sheet)).convert("L"))
    wide, high = facts["tile_width"], facts["tile_height"]
    for place in range(len(facts["times_ms"])):
        left, top = place % facts["columns"] * wide, place // facts["columns"] * high
        assert darkness(pixels[top : top + high, left : left + wide]) < 12


@pytest.mark.parametrize(("first", "end"), [(540, 541), (501, 580), (500, 584)])
def test_a_mask_holds_for_each_frame_that_is_seen_in_its_time(video: Path, first: int, end: int) -> None:
    """A time that begins while a frame is shown hides it too; what is far from it is seen."""
    _, content = made(playing.played, video, from_ms=0, masks=masked(first, end))
    with av.open(io.BytesIO(content), "r") as opened:
        values = [darkness(one.to_ndarray(format="gray")) for one in opened.decode(video=0)]
    assert values[6] < 12, "the frame from 500 to 583 ms"
    assert min(values[:5]) > 25
    assert min(values[8:]) > 25
    facts, frame = made(playing.frame, video, at_ms=540, masks=masked(first, end))
    assert facts["at_ms"] == round(6 * STEP_MS)
    assert darkness(np.asarray(Image.open(io.BytesIO(frame)).convert("L"))) < 12
    _, before = made(playing.frame, video, at_ms=170, masks=masked(first, end))
    assert darkness(np.asarray(Image.open(io.BytesIO(before)).convert("L"))) > 25


def test_a_frame_of_the_strip_is_masked_by_what_begins_while_it_is_shown(video: Path) -> None:
    facts, _ = made(playing.strip, video)
    at = facts["times_ms"][-1]
    facts, sheet = made(playing.strip, video, masks=masked(at + 40, at + 41))
    pixels = np.asarray(Image.open(io.BytesIO(sheet)).convert("L"))
    place, wide, high = len(facts["times_ms"]) - 1, facts["tile_width"], facts["tile_height"]
    left, top = place % facts["columns"] * wide, place // facts["columns"] * high
    assert darkness(pixels[top : top + high, left : left + wide]) < 12


def test_the_video_is_as_large_as_its_masks_are_drawn_for(video: Path) -> None:
    facts, _ = made(playing.frame, video, at_ms=0)
    assert (facts["upright_width"], facts["upright_height"]) == SIZE
