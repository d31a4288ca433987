import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from witnessmark.collect.files import FileCollector, OpenedFile, lead_to
from witnessmark.collect.names import name_of
from witnessmark.errors import RefusedError, UnavailableError
from witnessmark.model import Facts, Outcome
from witnessmark.ports import Capture, Declined, Lead


def _collected(folder: Path, collector: FileCollector | None = None) -> list[Capture | Declined]:
    return list((collector or FileCollector()).collect(lead_to(folder), folder / "unused"))


def _taken(folder: Path) -> dict[str, bytes]:
    captures = [one for one in _collected(folder) if isinstance(one, Capture)]
    return {one.source.removeprefix(f"{folder}/"): _content(one) for one in captures}


def _content(capture: Capture) -> bytes:
    with capture.open() as opened:
        return opened.read()


def _declined(folder: Path) -> dict[str, Declined]:
    captures = [one for one in _collected(folder) if isinstance(one, Declined)]
    return {one.source.removeprefix(f"{folder}/"): one for one in captures}


def test_every_file_of_a_folder_comes_in_the_same_order_hidden_ones_too(tmp_path: Path) -> None:
    for name in ("b/2", "b/1", "a", ".hidden", "c/d/e", "Thumbs.db"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    assert list(_taken(tmp_path)) == [".hidden", "Thumbs.db", "a", "b/1", "b/2", "c/d/e"]
    assert all(content.decode() == name for name, content in _taken(tmp_path).items())
    assert [one.source for one in _collected(tmp_path)] == [one.source for one in _collected(tmp_path)]


@pytest.mark.parametrize(
    "name",
    [b"\xff\xfe", b"new\nline", b"%FF", b"a!", "café".encode(), b"cafe\xcc\x81", b"\xc7\xe1", b"-rf", b" "],
)
def test_names_in_any_encoding_are_taken_and_told_apart(tmp_path: Path, name: bytes) -> None:
    folder = os.fsencode(tmp_path) + b"/" + name
    os.mkdir(folder)  # noqa: PTH102
    with open(folder + b"/" + name, "wb") as file:  # noqa: PTH123
        file.write(name)
    (source,) = _taken(tmp_path)
    assert name_of(source) == name + b"/" + name
    assert "!/" not in source
    assert _taken(tmp_path)[source] == name


def test_a_link_is_declined_and_its_reason_names_nobodys_files(tmp_path: Path) -> None:
    (tmp_path / "inside").write_text("x")
    (tmp_path / "to-inside").symlink_to("inside")
    (tmp_path / "out").symlink_to("/etc/passwd")
    (tmp_path / "loop").symlink_to(".")
    assert list(_taken(tmp_path)) == ["inside"]
    declined = _declined(tmp_path)
    assert set(declined) == {"to-inside", "out", "loop"}
    assert "is not followed; it leads out" in declined["out"].reason
    assert "passwd" not in declined["out"].reason  # reasons stand in the log in clear
    assert "taken under its own name" in declined["to-inside"].reason
    assert {one.outcome for one in declined.values()} == {Outcome.DECLINED}


def test_a_link_that_a_person_names_is_followed(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("x")
    (tmp_path / "link").symlink_to("folder")
    (tmp_path / "file-link").symlink_to("folder/file")
    assert _taken(tmp_path / "link") == {"file": b"x"}
    (capture,) = _collected(tmp_path / "file-link")
    assert isinstance(capture, Capture)
    assert capture.source == str(tmp_path / "file-link")
    assert _content(capture) == b"x"


def test_pipes_and_sockets_are_declined_without_being_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        reasons = {name: one.reason for name, one in _declined(tmp_path).items()}
    assert reasons == {
        "pipe": "a named pipe holds no bytes to keep",
        "socket": "a socket holds no bytes to keep",
    }


def test_a_device_is_declined() -> None:
    (declined,) = _collected(Path("/dev/null"))
    assert declined == Declined("/dev/null", "a character device holds no bytes to keep")


def test_a_path_that_leads_nowhere_is_one_failed_line(tmp_path: Path) -> None:
    (declined,) = _collected(tmp_path / "nothing")
    assert isinstance(declined, Declined)
    assert declined.outcome is Outcome.FAILED
    assert declined.reason == "cannot be reached: No such file or directory"


def test_a_file_that_vanishes_after_the_walk_says_so_when_it_is_opened(tmp_path: Path) -> None:
    (tmp_path / "gone").write_text("x")
    (capture,) = _collected(tmp_path)
    (tmp_path / "gone").unlink()
    assert isinstance(capture, Capture)
    with pytest.raises(UnavailableError, match="gone now"):
        capture.open()


def test_a_file_that_vanishes_during_the_walk_is_one_failed_line(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "b").write_text("x")
    walk = iter(FileCollector().collect(lead_to(tmp_path), tmp_path))
    next(walk)
    (tmp_path / "b").unlink()
    (declined,) = walk
    assert isinstance(declined, Declined)
    assert declined.outcome is Outcome.FAILED
    assert "was listed and cannot be reached" in declined.reason


def test_a_file_exchanged_for_a_link_or_a_pipe_is_not_opened(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("x")
    link, pipe = _collected(tmp_path)
    (tmp_path / "a").unlink()
    (tmp_path / "a").symlink_to("/etc/passwd")
    (tmp_path / "b").unlink()
    os.mkfifo(tmp_path / "b")
    assert isinstance(link, Capture)
    assert isinstance(pipe, Capture)
    with pytest.raises(UnavailableError):
        link.open()
    with pytest.raises(RefusedError, match="is none now"):
        pipe.open()


def test_a_folder_exchanged_for_a_link_is_not_entered(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "b").mkdir()
    walk = iter(FileCollector().collect(lead_to(tmp_path), tmp_path))
    next(walk)
    (tmp_path / "b").rmdir()
    (tmp_path / "b").symlink_to("/etc")
    (declined,) = walk
    assert isinstance(declined, Declined)


@pytest.fixture
def unprivileged_folder() -> Iterator[Path]:
    """A folder that anyone can reach, with this process running as nobody in particular."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        (Path(name) / "folder").mkdir(mode=0)
        (Path(name) / "file").touch(mode=0)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            yield Path(name)
        finally:
            os.seteuid(user)


def test_unreadable_files_and_folders_fail_with_the_reason(unprivileged_folder: Path) -> None:
    file, folder = _collected(unprivileged_folder)
    assert isinstance(file, Capture)
    with pytest.raises(UnavailableError, match="Permission denied"):
        file.open()
    assert isinstance(folder, Declined)
    assert folder.outcome is Outcome.FAILED
    assert "Permission denied" in folder.reason


def test_a_name_too_long_for_the_system_fails_with_the_reason(tmp_path: Path) -> None:
    (declined,) = _collected(tmp_path / ("n" * 300))
    assert isinstance(declined, Declined)
    assert "File name too long" in declined.reason


def test_a_growing_file_ends_where_it_ended_when_it_was_opened(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x" * 1000)
    opened = OpenedFile(tmp_path / "log")
    assert opened.read(10) == b"x" * 10
    with (tmp_path / "log").open("ab") as more:
        more.write(b"y" * 5000)
    assert opened.read() == b"x" * 990
    assert opened.read() == b""
    assert opened.remark() == (
        "the file grew from 1000 to 6000 bytes while it was read; the first 1000 were taken"
    )
    opened.close()


def test_a_shrinking_and_a_rewritten_file_are_remarked_upon(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 1000)
    os.utime(path, (1, 1))
    with OpenedFile(path) as opened:
        assert opened.remark() is None
        path.write_bytes(b"y" * 1000)
        assert opened.read() == b"y" * 1000
        assert opened.remark() == "the file was written to while it was read"
    with OpenedFile(path) as opened:
        path.write_bytes(b"")
        assert opened.read() == b""
        assert opened.remark() == "the file shrank from 1000 to 0 bytes while it was read"


def test_an_opened_file_can_be_read_and_sought_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "file"
    content = bytes(range(256)) * 5000
    path.write_bytes(content)
    with OpenedFile(path) as opened:
        buffer = bytearray(100)
        assert opened.readinto(buffer) == 100
        assert bytes(buffer) == content[:100]
        assert opened.seek(-10, os.SEEK_END) == len(content) - 10
        assert opened.read(100) == content[-10:]
        assert opened.seek(5) == 5
        assert opened.readall() == content[5:]


def test_what_was_said_of_the_lead_goes_with_every_capture(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    os.utime(tmp_path / "a", (1_400_000_000, 1_400_000_000))
    lead = Lead(tmp_path, "given", "https://example.org/", "consent", "by hand", Facts(topic="river"))
    (capture,) = FileCollector().collect(lead, tmp_path)
    assert isinstance(capture, Capture)
    assert (capture.source, capture.source_url) == ("given/a", "https://example.org/")
    assert (capture.legal_basis, capture.note) == ("consent", "by hand")
    assert capture.declared == Facts(topic="river")
    assert str(capture.file_modified_at) == "2014-05-13 16:53:20+00:00"


def test_a_modification_time_outside_the_calendar_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    try:
        os.utime(tmp_path / "a", (10**12, 10**12))
    except (OSError, OverflowError):
        pytest.skip("this file system cannot hold such a time")
    (capture,) = _collected(tmp_path)
    assert isinstance(capture, Capture)
    assert capture.file_modified_at is None or capture.file_modified_at.year > 2000


def test_the_case_itself_is_kept_out(tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "store").write_text("x")
    (tmp_path / "picture").write_text("x")
    case, picture = _collected(tmp_path, FileCollector(keep_out=(tmp_path / "case",)))
    assert case == Declined(f"{tmp_path}/case", "this folder is the case itself")
    assert isinstance(picture, Capture)
    (whole,) = _collected(tmp_path / "case", FileCollector(keep_out=(tmp_path / "case",)))
    assert isinstance(whole, Declined)


def test_a_thousand_folders_deep_is_walked_without_recursion(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        deeper = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(os.open("file", os.O_CREAT, dir_fd=here))
    os.close(here)
    try:
        (found,) = _collected(tmp_path)
    finally:
        subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)  # pytest would recurse, and fail
    assert isinstance(found, Capture)
    assert found.source.endswith("/d/file")


def test_a_sparse_file_of_a_terabyte_costs_nothing_until_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "huge").open("wb") as file:
        try:
            file.truncate(1 << 40)
        except OSError:
            pytest.skip("this file system has no sparse files of a terabyte")
    began = time.monotonic()
    (capture,) = _collected(tmp_path)
    assert isinstance(capture, Capture)
    with capture.open() as opened:
        assert opened.read(1 << 20) == bytes(1 << 20)
    assert time.monotonic() - began < 5
