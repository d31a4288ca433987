import bz2
import gzip
import io
import lzma
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from witnessmark.collect.archive import members
from witnessmark.errors import MalformedError

Read = dict[str, bytes | str]


def read(packed: bytes, **caps: int) -> Read:
    """What came out, by name: bytes, or the reason why they did not come."""
    found: Read = {}
    for facts, content in members(io.BytesIO(packed), caps):
        name = str(facts["name"])
        assert name not in found
        taken = content if isinstance(content, bytes) else b"".join(content)
        found[name] = taken if facts["outcome"] == "done" else str(facts["reason"])
    return found


def zipped(entries: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 5, 6, 7, 8, 10)), content, method)
    return buffer.getvalue()


def tarred(entries: Mapping[str, bytes | str], mode: str = "w") -> bytes:
    """A tar archive; a text is the one-letter type of a member without bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in entries.items():
            info = tarfile.TarInfo(name)
            info.mtime = 1_400_000_000
            if isinstance(content, str):
                info.type = content.encode()
                info.linkname = "/etc/passwd"
                archive.addfile(info)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


FILES = {"a.txt": b"first", "folder/b.jpg": bytes(range(256)) * 100, "صورة.png": b"third", "empty": b""}


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_a_zip_gives_its_members_back_whatever_packed_them(method: int) -> None:
    assert read(zipped(FILES, method)) == FILES


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_gives_its_members_back_whatever_packed_them(mode: str) -> None:
    assert read(tarred(FILES, mode)) == FILES


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_lone_compressed_file_gives_what_it_holds(pack: Callable[[bytes], bytes]) -> None:
    assert read(pack(b"picture" * 1000)) == {"content": b"picture" * 1000}
    assert read(pack(b"")) == {"content": b""}


def test_times_and_owners_are_facts_and_owners_are_personal() -> None:
    ((facts, _),) = list(members(io.BytesIO(zipped({"a": b"x"})), {}))
    assert facts == {"name": "a", "outcome": "done", "modified": "2024-05-06T07:08:10"}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("a")
        info.mtime, info.uname = 1_400_000_000, "someone"
        archive.addfile(info)
    ((facts, _),) = list(members(io.BytesIO(buffer.getvalue()), {}))
    assert facts == {
        "name": "a",
        "outcome": "done",
        "modified": "2014-05-13T16:53:20Z",
        "personal": {"owner": "someone"},
    }


HOSTILE_NAMES = {
    "/etc/cron.d/x": "absolute",
    "\\\\server\\share\\x": "absolute",
    "C:\\Windows\\x": "absolute",
    "c:x": "absolute",
    "../up": "`..`",
    "a/../../up": "`..`",
    "a\\..\\..\\up": "`..`",
    "..": "`..`",
    "CON": "reserved",
    "folder/nul.txt": "reserved",
    "Lpt1": "reserved",
    "aux.h": "reserved",
    ".": "no usable name",
    "./": "no usable name",
}


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_is_refused_and_the_others_still_come(
    pack: Callable[[Mapping[str, bytes]], bytes], name: str
) -> None:
    found = read(pack({"before": b"1", name: b"evil", "after": b"2"}))
    assert found.pop("before") == b"1"
    assert found.pop("after") == b"2"
    ((_, reason),) = found.items()
    assert HOSTILE_NAMES[name] in str(reason)


@pytest.mark.parametrize("name", ["...", "a..b", "console.txt", "c", "com0", "10:45.jpg", "-rf", "a\nb"])
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_name_that_only_looks_hostile_is_taken(
    pack: Callable[[Mapping[str, bytes]], bytes], name: str
) -> None:
    assert list(read(pack({name: b"x"})).values()) == [b"x"]


@pytest.mark.parametrize(
    ("first", "second"),
    [("A.jpg", "a.jpg"), ("café", "cafe\u0301"), ("a/b", "a//b"), ("a/b", "./a/b"), ("STRASSE", "straße")],
)
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_names_that_a_file_system_would_take_for_one_are_not_both_taken(
    pack: Callable[[Mapping[str, bytes]], bytes], first: str, second: str
) -> None:
    found = list(read(pack({first: b"1", second: b"2", "other": b"3"})).values())
    assert found[0] == b"1"
    assert "an earlier member has the same name" in str(found[1])
    assert found[2] == b"3"


def test_the_same_name_twice_gives_the_first_and_a_line_for_the_second() -> None:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("a", b"1")
        archive.writestr("a", b"2")
    outcomes = [facts["outcome"] for facts, _ in members(io.BytesIO(buffer.getvalue()), {})]
    assert outcomes == ["done", "declined"]


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("1", "hard link"),
        ("2", "symbolic link"),
        ("3", "character"),
        ("4", "block"),
        ("6", "pipe"),
        ("Z", "kind"),
    ],
)
def test_links_and_devices_in_a_tar_are_refused(kind: str, word: str) -> None:
    found = read(tarred({"a": b"1", "odd": kind, "b": b"2"}))
    assert (found["a"], found["b"]) == (b"1", b"2")
    assert word in str(found["odd"])


def test_a_symbolic_link_in_a_zip_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert read(buffer.getvalue()) == {"link": "a symbolic link is not followed"}


def test_folders_are_passed_by() -> None:
    assert read(zipped({"folder/": b"", "folder/a": b"x"})) == {"folder/a": b"x"}
    assert read(tarred({"folder": "5", "folder/a": b"x"})) == {"folder/a": b"x"}


def test_an_encrypted_member_is_reported_and_the_others_come() -> None:
    packed = bytearray(zipped({"open": b"x", "locked": b"secret"}))
    second = packed.index(b"PK\x01\x02", packed.index(b"PK\x01\x02") + 1)
    packed[second + 8] |= 1
    assert read(bytes(packed)) == {"open": b"x", "locked": "it is encrypted; a password is needed"}


def test_a_member_packed_by_an_unknown_method_is_reported() -> None:
    packed = bytearray(zipped({"open": b"x", "odd": b"y"}))
    local = packed.index(b"PK\x03\x04", 4)
    central = packed.index(b"PK\x01\x02", packed.index(b"PK\x01\x02") + 1)
    packed[local + 8 : local + 10] = packed[central + 10 : central + 12] = struct.pack("<H", 9)
    found = read(bytes(packed))
    assert found["open"] == b"x"
    assert "cannot be unpacked" in str(found["odd"])


@pytest.mark.parametrize("size", [1000, 9 << 20])
def test_a_damaged_member_is_reported_and_nothing_of_it_comes(size: int) -> None:
    packed = bytearray(zipped({"a": b"1", "broken": bytes(size), "b": b"2"}, zipfile.ZIP_STORED))
    packed[packed.index(b"broken") + 100] ^= 1
    found = read(bytes(packed))
    assert (found["a"], found["b"]) == (b"1", b"2")
    assert "it is damaged: its bytes do not have the check sum" in str(found["broken"])


def test_a_large_member_comes_as_a_stream() -> None:
    content = bytes(range(256)) * 40_000
    for facts, stream in members(io.BytesIO(zipped({"large": content})), {}):
        assert facts["outcome"] == "done"
        assert isinstance(stream, Iterator)
        assert max(map(len, pieces := list(stream))) <= 1 << 20
        assert b"".join(pieces) == content


@pytest.mark.parametrize("pack", [zipped, lambda files: tarred(files, "w:gz")])
def test_members_beyond_the_cap_are_one_line(pack: Callable[[Mapping[str, bytes]], bytes]) -> None:
    found = read(pack({str(n): b"x" for n in range(20)}), entries=15)
    assert list(found) == [*map(str, range(15)), ""]
    assert "beyond the first 15 were not taken" in str(found[""])


@pytest.mark.parametrize("pack", [zipped, lambda files: tarred(files, "w:gz")])
def test_a_member_that_would_exceed_the_total_is_refused_and_smaller_ones_come(
    pack: Callable[[Mapping[str, bytes]], bytes],
) -> None:
    found = read(pack({"a": b"x" * 400, "b": b"y" * 700, "c": b"z" * 500}), total_bytes=1000)
    assert (found["a"], found["c"]) == (b"x" * 400, b"z" * 500)
    assert "more than 1,000 bytes" in str(found["b"])


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    found = read(zipped({"bomb": bytes(50 << 20), "a": b"x"}), ratio_from=1 << 20)
    assert "more than 200-fold" in str(found["bomb"])
    assert found["a"] == b"x"


def test_many_small_members_together_meet_the_same_ratio() -> None:
    files = {str(n): bytes(190_000) for n in range(40)}
    found = read(zipped(files), ratio_from=1 << 20, ratio=500)
    taken = [content for content in found.values() if isinstance(content, bytes)]
    assert 1 << 20 <= sum(map(len, taken)) <= 500 * len(zipped(files))
    assert 0 < len(taken) < 40


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
def test_a_compressed_tar_that_swells_is_broken_off(mode: str) -> None:
    with pytest.raises(MalformedError, match="more than 200-fold"):
        read(tarred({"a": b"x", "bomb": bytes(50 << 20)}, mode), ratio_from=1 << 20)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_lone_compressed_file_that_swells_is_broken_off(pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(MalformedError, match="more than 200-fold"):
        read(pack(bytes(50 << 20)), ratio_from=1 << 20)


def test_members_that_share_their_bytes_are_refused() -> None:
    packed = zipped({"a": b"x" * 1000, "b": b"y" * 1000}, zipfile.ZIP_STORED)
    second = packed.index(b"PK\x03\x04", 4)
    central = packed.index(b"PK\x01\x02", packed.index(b"PK\x01\x02") + 1)
    overlapped = bytearray(packed)
    overlapped[central + 42 : central + 46] = struct.pack("<L", second - 500)
    assert set(read(bytes(overlapped)).values()) == {
        "it shares its bytes with another member, as no honest archive does"
    }


def test_a_directory_that_would_fill_the_memory_is_refused() -> None:
    packed = zipped({"a": b"x"})
    end = packed.index(b"PK\x05\x06")
    size = 40 << 20
    record = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, size, end, 0)
    with pytest.raises(MalformedError, match="larger than 32 MiB"):
        read(packed[:end] + bytes(size) + record)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_cut_short_is_never_taken_for_a_whole_one(mode: str) -> None:
    packed = tarred({str(n): bytes([n]) * 700 for n in range(10)}, mode)
    body = 10 * 3 * 512 if mode == "w" else len(packed)
    for cut in range(700, body, max(1, body // 150)):
        try:
            found = read(packed[:cut])
        except MalformedError:
            continue
        assert "end mark" in str(found[""]), cut


def test_a_tar_cut_between_two_members_is_noticed_by_its_missing_end_mark() -> None:
    packed = tarred({"a": b"1" * 512, "b": b"2" * 512})
    assert read(packed[:1024]) == {
        "a": b"1" * 512,
        "": "it has no end mark: it may have been cut between two members",
    }


def test_a_broken_header_in_a_tar_is_not_taken_for_its_end() -> None:
    packed = bytearray(tarred({"a": b"1", "b": b"2", "c": b"3"}))
    packed[1024 + 150] ^= 0x40
    with pytest.raises(MalformedError, match="a header is broken"):
        read(bytes(packed))


def test_a_member_announced_beyond_all_bounds_ends_at_once() -> None:
    header = tarfile.TarInfo("huge")
    header.size = 1 << 60
    with pytest.raises(MalformedError, match="in the middle of a member"):
        read(header.tobuf(tarfile.GNU_FORMAT) + bytes(1024))


def test_archives_laid_end_to_end_are_all_read() -> None:
    assert read(tarred({"a": b"1"}) + tarred({"b": b"2"})) == {"a": b"1", "b": b"2"}
    assert read(tarred({"a": b"1"}, "w:gz") + tarred({"b": b"2"}, "w:gz")) == {"a": b"1", "b": b"2"}


def test_something_else_behind_the_end_of_a_tar_is_noticed() -> None:
    with pytest.raises(MalformedError, match="a header is broken"):
        read(tarred({"a": b"1"}) + b"hidden" * 1000)


def test_a_long_name_is_read_and_an_endless_one_is_refused() -> None:
    assert read(tarred({"n" * 3000: b"x"})) == {"n" * 3000: b"x"}
    header = tarfile.TarInfo("@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 1 << 40
    with pytest.raises(MalformedError, match="a name of"):
        read(header.tobuf(tarfile.GNU_FORMAT) + bytes(1 << 20))


def test_names_that_are_not_text_are_kept_byte_for_byte() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("??.txt", b"x")
    packed = buffer.getvalue().replace(b"??.txt", b"\xc7\xe1.txt")
    assert read(packed) == {"%C7%E1.txt": b"x"}
    assert read(buffer.getvalue().replace(b"??.txt", "é.txt".encode())) == {"é.txt": b"x"}


@pytest.mark.parametrize("packed", [b"", b"PK", b"text", b"PK\x03\x04", b"\x1f\x8b", b"BZh", bytes(512)])
def test_what_is_no_archive_is_malformed(packed: bytes) -> None:
    with pytest.raises(MalformedError):
        read(packed)


def test_an_empty_zip_has_no_members() -> None:
    assert read(zipped({})) == {}


def test_parameters_are_those_of_the_budget() -> None:
    caps: dict[str, Any] = {"entries": 1}
    assert [facts["outcome"] for facts, _ in members(io.BytesIO(zipped(FILES)), caps)] == ["done", "declined"]
