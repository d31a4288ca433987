"""An original that was swapped, has rotted or is gone: nothing is made of it, and nothing is sealed."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from witnessmark.confine import Room
from witnessmark.desk.desk import Desk
from witnessmark.desk.intake import Wanted
from witnessmark.desk.release import Choice
from witnessmark.desk.sidecar import Line
from witnessmark.errors import IntegrityError
from witnessmark.ports import Part
from witnessmark.wiring import Begin, Hand, new_desk, open_desk

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the locked room needs Linux")

CHANGED, MISSING = "has changed", "original of E00001 is missing"
REDACTED = Choice(redacted=frozenset({"E00001"}))


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with Room() as room:
        yield room


def hand(work: Path) -> Hand:
    return Hand("tester", work / "keys", "tests", lambda _: None)


def mask(box: str) -> Line:
    selector = {"type": "FragmentSelector", "value": f"xywh=pixel:{box}"}
    body = {"purpose": "mask", "value": ""}
    return Line("a test", {"kind": "observation", "exhibit": "E00001", "selector": selector, "body": body})


@contextmanager
def opened(work: Path, room: Room) -> Iterator[Desk]:
    """A desk whose hostile files are looked at in a room that is there already."""
    desk = replace(open_desk(work / "case", hand(work)), room=room)
    with closing(desk.case):
        yield desk


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, room: Room) -> Path:
    """A case with one picture that has a mask, and another picture beside it."""
    work = tmp_path_factory.mktemp("lost")
    for seed, name in ((7, "a.png"), (8, "b.png")):
        noise = np.random.default_rng(seed).integers(0, 255, (24, 32, 3), dtype=np.uint8)
        Image.fromarray(noise).resize((320, 240), Image.Resampling.NEAREST).save(work / name)
    new_desk(work / "case", Begin("Lost"), hand(work)).case.close()
    with opened(work, room) as desk:
        list(desk.take(Wanted((work / "a.png",)), work, lambda *_: None))
        desk.enter([mask("40,60,120,80")])
    return work


@pytest.fixture
def work(kept: Path, tmp_path: Path) -> Path:
    """A copy of the case of one's own."""
    return shutil.copytree(kept, tmp_path / "work")


@pytest.fixture
def desk(work: Path, room: Room) -> Iterator[Desk]:
    with opened(work, room) as desk:
        yield desk


def spoil(desk: Desk, work: Path, how: str) -> Path:
    """The path of the original after another picture was put in its place, or after it was removed."""
    path = desk.case.path_of(desk.case.digest_of_exhibit("E00001"))
    path.chmod(0o600)
    path.unlink() if how == MISSING else shutil.copy(work / "b.png", path)
    return path


def state(desk: Desk) -> tuple[object, ...]:
    """What objects there are, and how often something was derived or sealed."""
    return sorted(desk.case.object_names()), *map(desk.case.acts, ("derive", "package.sealed", "brief.made"))


@pytest.mark.parametrize(
    ("how", "what"),
    [
        pytest.param(CHANGED, lambda desk, _: desk.brief(), id="a brief of what changed"),
        pytest.param(CHANGED, lambda desk, out: desk.package(out, REDACTED), id="a mask on what changed"),
        pytest.param(MISSING, lambda desk, _: desk.brief(), id="a brief of what is gone"),
        pytest.param(MISSING, lambda desk, out: desk.package(out, Choice()), id="a package of what is gone"),
        pytest.param(MISSING, lambda desk, out: desk.package(out, REDACTED), id="a mask on what is gone"),
    ],
)
def test_nothing_is_made_of_an_original_that_is_not_what_it_was(
    desk: Desk, work: Path, how: str, what: Callable[[Desk, Path], object]
) -> None:
    spoil(desk, work, how)
    before = state(desk)
    with pytest.raises(IntegrityError, match=how) as caught:
        what(desk, work / "out")
    if how == MISSING:
        assert "scrub --repair-from" in caught.value.advice
        assert "erase E00001" in caught.value.advice
    assert not (work / "out").exists()
    assert state(desk) == before


def test_an_original_that_is_swapped_while_it_is_looked_at_is_not_what_is_seen(
    desk: Desk, work: Path
) -> None:
    digest = desk.case.digest_of_exhibit("E00001")

    class Swapping(Room):
        """Has the picture overwritten just before it is handed in."""

        def run(self, task: str, untrusted: Path, parameters: Mapping[str, object]) -> Iterator[Part]:
            path = desk.case.path_of(digest)
            path.chmod(0o600)
            shutil.copy(work / "b.png", path)
            return desk.room.run(task, untrusted, parameters)

    before = state(desk)
    with pytest.raises(IntegrityError, match="written to while it was read"):
        replace(desk, room=Swapping()).brief()
    assert state(desk) == before


def test_an_original_that_is_gone_after_its_brief_was_made_is_not_called_withheld(
    desk: Desk, work: Path
) -> None:
    desk.brief()
    path = spoil(desk, work, MISSING)
    for again in (desk.brief, lambda: desk.package(work / "out", Choice())):
        with pytest.raises(IntegrityError, match=MISSING):
            again()
    backup = work / "backup" / "objects" / path.parent.name
    backup.mkdir(parents=True)
    shutil.copy(work / "a.png", backup / path.name)
    list(desk.scrub(1.0, [work / "backup"]))
    desk.package(work / "mended", Choice())
    assert (work / "mended" / "data" / "objects" / path.name).is_file()


def test_a_picture_that_is_like_a_missing_one_is_not_said_to_be_like_none(desk: Desk, work: Path) -> None:
    (found,) = desk.likeness.find(work / "a.png", "image/png", desk.kit, desk.room).hits[:1]
    assert found
    with Image.open(work / "a.png") as picture:
        picture.save(work / "again.jpg", quality=90)
    assert desk.likeness.find(work / "again.jpg", "image/jpeg", desk.kit, desk.room).hits
    spoil(desk, work, MISSING)
    with pytest.raises(IntegrityError, match=MISSING):
        desk.likeness.find(work / "again.jpg", "image/jpeg", desk.kit, desk.room)


def test_a_working_copy_that_is_gone_is_not_called_withheld(desk: Desk, work: Path) -> None:
    (preview,) = (path for path in desk.brief() if path.startswith("previews/"))
    desk.enter([mask("200,60,20,20")])
    desk.case.path_of(next(name for name in desk.case.object_names() if name.hex in preview)).unlink()
    with pytest.raises(IntegrityError, match="working copy made from E00001 is missing"):
        desk.package(work / "out", Choice())
    assert not (work / "out").exists()


def test_what_is_lost_for_good_is_put_on_record_as_erased(desk: Desk, work: Path) -> None:
    path = spoil(desk, work, MISSING)
    desk.erase(["E00001"], "the disk was lost")
    desk.package(work / "out", Choice())
    rows = (work / "out" / "data" / "items.csv").read_text().splitlines()
    assert [row for row in rows if path.name in row and ",erased," in row]
    assert not any(",withheld," in row for row in rows)
