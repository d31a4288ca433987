"""Collecting with the real locked room: what hostile files hold comes out of it, or the reason why not."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from witnessmark.collect import collect, expand
from witnessmark.collect.files import FileCollector, lead_to
from witnessmark.collect.leads import leads_in
from witnessmark.confine import Room
from witnessmark.errors import UsageError
from witnessmark.model import Copy, Digest, Outcome
from witnessmark.ports import Capture, Declined, Lead


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with Room() as opened:
        yield opened


def kept(path: Path, content: bytes, media_type: str) -> Copy:
    path.write_bytes(content)
    return Copy(Digest.of(content), len(content), media_type)


def opened(
    path: Path, content: bytes, media_type: str, room: Room, source: str = "/a/box"
) -> dict[str, object]:
    """What came out, by source: bytes, or the reason."""
    found: dict[str, object] = {}
    for one in expand(kept(path, content, media_type), source, path, room):
        if isinstance(one, Declined):
            found[one.source] = one.reason
        else:
            with one.open() as stream:
                found[one.source] = stream.read()
    return found


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_the_members_of_an_archive_come_out_of_the_room(tmp_path: Path, room: Room) -> None:
    content = bytes(range(256)) * 50_000
    assert opened(tmp_path / "x", zipped(a=b"1", b=content), "application/zip", room) == {
        "/a/box!/a": b"1",
        "/a/box!/b": content,
    }


def test_a_capture_from_a_container_says_what_held_it(tmp_path: Path, room: Room) -> None:
    copy = kept(tmp_path / "x", zipped(a=b"1"), "application/zip")
    (capture,) = expand(copy, "/a/box", tmp_path / "x", room)
    assert isinstance(capture, Capture)
    assert (capture.within, capture.method) == (copy.digest, "unpacked from an archive")
    assert "modified" in capture.declared


def test_a_member_that_nobody_reads_is_passed_over(tmp_path: Path, room: Room) -> None:
    copy = kept(tmp_path / "x", zipped(a=bytes(3 << 20), b=b"2"), "application/zip")
    captures = list(expand(copy, "/a/box", tmp_path / "x", room))
    assert [one.source for one in captures] == ["/a/box!/a", "/a/box!/b"]


def test_a_member_can_be_opened_once(tmp_path: Path, room: Room) -> None:
    copy = kept(tmp_path / "x", zipped(a=b"1"), "application/zip")
    for capture in expand(copy, "/a/box", tmp_path / "x", room):
        assert isinstance(capture, Capture)
        assert capture.open().read() == b"1"
        with pytest.raises(UsageError, match="once"):
            capture.open()


def test_a_message_gives_its_parts(tmp_path: Path, room: Room) -> None:
    message = EmailMessage()
    message["From"] = "a@example.org"
    message.set_content("text")
    message.add_attachment(b"picture", maintype="image", subtype="png", filename="p.png")
    found = opened(tmp_path / "x", message.as_bytes(), "message/rfc822", room, "/a/mail.eml")
    assert found == {"/a/mail.eml!/1": b"text\n", "/a/mail.eml!/2/p.png": b"picture"}


def test_a_broken_archive_is_one_line_and_no_error(tmp_path: Path, room: Room) -> None:
    found = opened(tmp_path / "x", b"PK\x03\x04 and no more", "application/zip", room)
    assert list(found) == ["/a/box"]
    assert "cannot be opened" in str(found["/a/box"])


def test_a_bomb_is_one_line_and_what_came_before_it_stays(tmp_path: Path, room: Room) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, size in (("a", 3), ("bomb", 150 << 20)):
            info = tarfile.TarInfo(name)
            info.size = size
            archive.addfile(info, io.BytesIO(bytes(size)))
    path = tmp_path / "x"
    captures = expand(kept(path, gzip.compress(buffer.getvalue()), "application/gzip"), "/a/box", path, room)
    first = next(captures)
    assert isinstance(first, Capture)
    assert first.open().read() == bytes(3)
    bomb, end = captures
    assert isinstance(bomb, Declined)
    assert isinstance(end, Declined)
    assert (bomb.source, bomb.outcome) == ("/a/box!/bomb", Outcome.DECLINED)
    assert (end.source, end.outcome) == ("/a/box", Outcome.FAILED)
    assert "more than 200-fold" in bomb.reason
    assert "more than 200-fold" in end.reason


def test_containers_are_opened_five_deep(tmp_path: Path, room: Room) -> None:
    found = opened(tmp_path / "x", zipped(a=b"1"), "application/zip", room, "/a" + "!/b" * 5)
    assert "5 deep and no further" in str(found["/a" + "!/b" * 5])
    assert list(opened(tmp_path / "x", zipped(a=b"1"), "application/zip", room, "/a" + "!/b" * 4)) == [
        "/a" + "!/b" * 4 + "!/a"
    ]


def test_archives_that_cannot_be_opened_here_say_so_and_other_things_hold_nothing(
    tmp_path: Path, room: Room
) -> None:
    assert opened(tmp_path / "x", b"7z", "application/x-7z-compressed", room) == {
        "/a/box": "7z archives are kept as they are and not opened here"
    }
    assert opened(tmp_path / "x", b"\xff\xd8\xff", "image/jpeg", room) == {}


def test_a_spreadsheet_of_leads_is_followed(tmp_path: Path, room: Room) -> None:
    (tmp_path / "a.jpg").write_bytes(b"picture")
    (tmp_path / "leads.csv").write_text("file;link\na.jpg;https://example.org/1\n../b;x\n")
    table, picture, outside = collect(leads_in(tmp_path / "leads.csv", room), [FileCollector()], tmp_path)
    assert isinstance(table, Capture)
    assert isinstance(picture, Capture)
    assert isinstance(outside, Declined)
    assert picture.source_url == "https://example.org/1"
    assert "lies outside" in outside.reason


def test_a_lead_that_no_collector_takes_is_one_line(tmp_path: Path) -> None:
    first = Declined("before", "reason")
    assert list(collect([first, lead_to(tmp_path)], [], tmp_path)) == [
        first,
        Declined(str(tmp_path), "no collector takes this kind of lead"),
    ]


def test_a_collector_that_refuses_stops_no_other_lead(tmp_path: Path) -> None:
    class Refusing(FileCollector):
        def collect(self, lead: Lead, quarantine: Path) -> Iterator[Capture | Declined]:
            if lead.source == "bad":
                raise UsageError("no")  # what a person can mend ends the run
            return super().collect(lead, quarantine)

    (tmp_path / "a").write_text("x")
    with pytest.raises(UsageError):
        list(collect([Lead(tmp_path, "bad")], [Refusing()], tmp_path))
    (capture,) = collect([lead_to(tmp_path)], [Refusing()], tmp_path)
    assert isinstance(capture, Capture)
