"""Claims read off a table of metadata: as written, with their offsets, and never made better."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from witnessmark.errors import MalformedError
from witnessmark.examine import metadata

exiftool = pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")


def claimed(of: str, tags: dict[str, Any]) -> dict[str, Any]:
    return next(claim for claim in metadata.CLAIMS if claim.property == of).read(tags)


def test_a_time_keeps_its_writing_and_gets_an_offset_only_from_its_own_group() -> None:
    tags = {
        "ExifIFD:DateTimeOriginal": "2014:06:12 10:11:12",
        "ExifIFD:OffsetTimeOriginal": "+03:00",
        "XMP-photoshop:DateCreated": "2014:06:12 09:00:00+02:00",
        "IFD0:ModifyDate": "2014:06:13 08:00:00",
        "QuickTime:CreateDate": "0000:00:00 00:00:00",
    }
    times = {claim["tag"]: claim for claim in claimed("metadata times", tags)["times"]}
    assert {tag: claim["offset"] for tag, claim in times.items()} == {
        "ExifIFD:DateTimeOriginal": "+03:00",
        "XMP-photoshop:DateCreated": "+02:00",
        "IFD0:ModifyDate": None,
    }
    assert times["ExifIFD:DateTimeOriginal"]["written"] == "2014:06:12 10:11:12"


@pytest.mark.parametrize("words", ["yesterday", "", "2014", "12.06.2014 10:00", 2014])
def test_what_is_no_time_is_not_made_one(words: object) -> None:
    assert claimed("metadata times", {"ExifIFD:DateTimeOriginal": words}) == {}


def test_a_position_is_signed_degrees_and_personal() -> None:
    tags = {
        "Composite:GPSLatitude": "-12.5",
        "Composite:GPSLongitude": "+130.25000000",
        "GPS:GPSImgDirection": 91,
    }
    value = claimed("metadata position", tags)
    assert (value["latitude"], value["longitude"], value["direction_deg"]) == (-12.5, 130.25, 91)
    assert value["personal"] is True


def test_a_position_off_the_earth_is_said_to_be_invalid() -> None:
    value = claimed("metadata position", {"Composite:GPSLatitude": "+95", "Composite:GPSLongitude": "0"})
    assert value == {"invalid": "95.0, 0.0"}


def test_half_a_position_is_none() -> None:
    assert claimed("metadata position", {"Composite:GPSLatitude": "+9"}) == {}


def test_what_leads_to_a_person_is_marked() -> None:
    tags = {"ExifIFD:SerialNumber": "3001234", "IFD0:Artist": "A. Person", "IFD0:Make": "Maker"}
    value = claimed("metadata personal", tags)
    assert value == {
        "personal": True,
        "named": {"ExifIFD:SerialNumber": "3001234", "IFD0:Artist": "A. Person"},
    }


def posted(tmp_path: Path, **words: Any) -> Path:
    exif = Image.Exif()
    exif[0x010F], exif[0x0131], exif[0x013B] = "Maker", "1.10", "\u202eA. Person \u00e9"
    exif.get_ifd(0x8769)[0x9003] = "2014:06:12 10:11:12"
    exif.get_ifd(0x8825).update({1: "S", 2: (12.0, 30.0, 0.0), 3: "E", 4: (130.0, 15.0, 0.0)})
    path = tmp_path / "posted.jpg"
    Image.new("RGB", (32, 16)).save(path, exif=exif)
    return path


@exiftool
def test_exiftool_is_read_whole_and_nothing_of_our_disk_comes_in(tmp_path: Path) -> None:
    with posted(tmp_path).open("rb") as stream:
        tags = metadata.read(stream)
    assert tags["IFD0:Make"] == "Maker"
    assert tags["IFD0:Software"] == "1.10"
    assert float(tags["Composite:GPSLatitude"]) == -12.5
    assert not [name for name in tags if name.startswith("System:")]
    assert not any(str(tmp_path) in str(value) for value in tags.values())


@exiftool
def test_the_same_bytes_give_the_same_table(tmp_path: Path) -> None:
    path = posted(tmp_path)
    with path.open("rb") as one, path.open("rb") as other:
        assert metadata.read(one) == metadata.read(other)


@exiftool
@pytest.mark.parametrize("content", [b"", b"\x00" * 64, bytes(range(256))])
def test_what_exiftool_cannot_read_is_malformed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "noise"
    path.write_bytes(content)
    with path.open("rb") as stream, pytest.raises(MalformedError, match="exiftool"):
        metadata.read(stream)


def test_numbers_keep_their_look() -> None:
    assert metadata._number("1.10") == "1.10"
    assert metadata._number("2.5") == 2.5
    assert metadata._number("1e999") == "1e999"
    assert metadata._whole("12345678901234567890") == "12345678901234567890"
    assert metadata._plain({"a": ["\ud800"]}) == {"a": ["?"]}
