"""The verb of the stage: three answers (found, nothing found, could not look), whatever the file."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from witnessmark.confine import Limits, Room
from witnessmark.examine import examine
from witnessmark.examine.picture import Picture
from witnessmark.examine.polyglot import Formats
from witnessmark.examine.signature import media_type_of
from witnessmark.model import Copy, Digest, Outcome
from witnessmark.testing.misbehaviour import Impostor, Silent


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with Room(Limits(cpu_s=5, wall_s=20)) as room:
        yield room


def copy_of(content: bytes, folder: Path) -> tuple[Copy, Path]:
    path = folder / "untrusted"
    path.write_bytes(content)
    return Copy(Digest.of(content), len(content), media_type_of(content[:4096])), path


def chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that says that it is enormous."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    pixels = zlib.compress(bytes(1 << 22), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_who_could_not_look_is_told_and_stops_no_other(room: Room, tmp_path: Path) -> None:
    copy, path = copy_of(b"\xff\xd8\xff\xe0 no picture at all", tmp_path)
    examination = examine(copy, path, [Picture(), Formats()], room)
    (failed,) = examination.not_done
    assert (failed.examiner, failed.outcome) == ("picture 2", Outcome.FAILED)
    assert failed.reason == (
        "could not be examined: the picture cannot be decoded: it ends before the picture does "
        "(Truncated File Read)"
    )
    assert examination.looked == ("formats 1",)
    assert [finding.property for finding in examination.findings] == ["formats"]


def test_a_bomb_is_declined_before_it_is_decoded(room: Room, tmp_path: Path) -> None:
    copy, path = copy_of(bomb(100_000, 100_000), tmp_path)
    (declined,) = examine(copy, path, [Picture()], room).not_done
    assert declined.outcome is Outcome.DECLINED
    assert "100000 × 100000 pixels are more than" in declined.reason


def test_a_picture_just_under_the_cap_meets_the_limits_of_the_room_at_worst(
    room: Room, tmp_path: Path
) -> None:
    copy, path = copy_of(bomb(12_000, 9_999), tmp_path)
    examination = examine(copy, path, [Picture()], room)
    assert examination.findings or examination.not_done


def test_an_examiner_that_finds_nothing_has_looked(room: Room, tmp_path: Path) -> None:
    copy, path = copy_of(b"x", tmp_path)
    examination = examine(copy, path, [Silent()], room)
    assert (examination.looked, examination.findings, examination.not_done) == (("impostor 1",), (), ())


def test_a_finding_about_something_else_is_not_believed(room: Room, tmp_path: Path) -> None:
    copy, path = copy_of(b"x", tmp_path)
    (failed,) = examine(copy, path, [Impostor()], room).not_done
    assert "about something else" in failed.reason


def test_an_examiner_that_the_room_cannot_rebuild_is_told(room: Room, tmp_path: Path) -> None:
    class Local(Silent):
        pass

    copy, path = copy_of(b"x", tmp_path)
    (failed,) = examine(copy, path, [Local()], room).not_done
    assert "not a class at the top of its module" in failed.reason


def test_a_picture_of_a_kind_without_decoder_is_told_not_passed_over(room: Room, tmp_path: Path) -> None:
    copy, path = copy_of(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", tmp_path)
    (failed,) = examine(copy, path, [Picture()], room).not_done
    assert failed.outcome is Outcome.DECLINED
    assert "pictures of the type image/heic are kept, and there is no decoder for them here" in failed.reason


def test_nothing_is_asked_of_who_does_not_accept(room: Room, tmp_path: Path) -> None:
    copy, path = copy_of(b"plain words", tmp_path)
    examination = examine(copy, path, [Picture()], room)
    assert (examination.looked, examination.not_done) == ((), ())


def test_a_picture_in_a_picture_is_compared_with_it(room: Room, tmp_path: Path) -> None:
    inside = io.BytesIO()
    Image.linear_gradient("L").resize((160, 120)).save(inside, "JPEG")
    copy, path = copy_of(_with_thumbnail(inside.getvalue()), tmp_path)
    findings = {
        finding.property: finding.value for finding in examine(copy, path, [Picture()], room).findings
    }
    assert (findings["thumbnail"]["width"], findings["thumbnail"]["height"]) == (160, 120)
    assert findings["thumbnail"]["distance"] > 60


def _with_thumbnail(thumbnail: bytes) -> bytes:
    """A JPEG of another picture whose EXIF holds `thumbnail` (TIFF by hand: IFD0 empty, IFD1 with it)."""
    entries = [(0x0201, 4, 1, 8 + 6 + 2 + 24 + 4), (0x0202, 4, 1, len(thumbnail))]
    second = len(entries).to_bytes(2, "little") + b"".join(
        tag.to_bytes(2, "little")
        + kind.to_bytes(2, "little")
        + count.to_bytes(4, "little")
        + value.to_bytes(4, "little")
        for tag, kind, count, value in entries
    )
    tiff = (
        b"II*\x00\x08\x00\x00\x00" + b"\x00\x00" + (14).to_bytes(4, "little") + second + bytes(4) + thumbnail
    )
    stream = io.BytesIO()
    Image.radial_gradient("L").resize((320, 240)).save(stream, "JPEG", exif=b"Exif\x00\x00" + tiff)
    return stream.getvalue()
