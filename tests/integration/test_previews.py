"""Previews: no more frames than there are are kept, and nothing of what was erased is made or left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("av", reason="the extra `media` is not installed")

from tests.servers.recordings import ADA, VIDEO, recordings_case

from witnessmark.desk import Desk, previews
from witnessmark.desk.texts import copies_of
from witnessmark.errors import RefusedError
from witnessmark.examine.playing import PLAYED
from witnessmark.model import person
from witnessmark.wiring import served_desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk over a case with a video, with its own locked room; its last test erases the video."""
    made = served_desk(recordings_case(tmp_path_factory.mktemp("previews")), None, ADA)
    yield made.at_work(person(ADA))
    made.close()


def test_a_frame_is_made_once_and_not_for_each_millisecond(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, made = desk.case.digest_of_exhibit(VIDEO), desk.previews()
    one = made.frame(digest, 500, covered=False)
    assert made.frame(digest, 540, covered=False) == one
    assert made.frame(digest, one.parameters["until_ms"], covered=False) != one
    monkeypatch.setattr(previews, "MOST_FRAMES", 2)
    with pytest.raises(RefusedError, match="2 frames of E00001 are kept"):
        made.frame(digest, 2_000, covered=False)
    assert made.frame(digest, 510, covered=False) == one


def test_what_is_made_goes_with_its_exhibit_also_what_was_in_the_making(desk: Desk) -> None:
    digest, made = desk.case.digest_of_exhibit(VIDEO), desk.previews()
    made.strip(digest, covered=False)
    made.frame(digest, 0, covered=True)
    before = [copy.digest for copy in copies_of(desk.case, digest)]

    def erased_meanwhile(_done: int) -> None:
        if desk.case.has(digest):
            desk.erase([VIDEO], "asked for")

    with pytest.raises(RefusedError, match="was erased"):
        made.prepare(digest, 0, erased_meanwhile)
    assert len(before) >= 3
    assert not any(map(desk.case.has, before))
    assert not any(desk.case.has(copy.digest) for copy in copies_of(desk.case, digest))
    assert PLAYED not in [copy.method for copy in copies_of(desk.case, digest)]
    assert made.prepared(digest, 0) is None
