"""What leaves the desk appears whole or not at all, and overwrites nothing."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from witnessmark.desk import must_be_new, write_folder
from witnessmark.desk.output import write_file
from witnessmark.errors import RefusedError, UnavailableError


def test_a_folder_appears_with_all_that_was_to_be_in_it(tmp_path: Path) -> None:
    count = write_folder(tmp_path / "new" / "brief", [("brief.md", b"words"), ("previews/a.jpg", b"picture")])
    assert count == 2
    assert (tmp_path / "new/brief/previews/a.jpg").read_bytes() == b"picture"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["brief"]


def test_nothing_is_left_of_a_folder_that_could_not_be_finished(tmp_path: Path) -> None:
    def files() -> Iterator[tuple[str, bytes]]:
        yield "brief.md", b"words"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "brief", files())
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:  # noqa: ARG002 - the disk fails whatever is asked
            raise OSError(5, "Input/output error")

    with pytest.raises(UnavailableError, match="Input/output error"):
        write_file(tmp_path / "copy", Broken())
    assert list(tmp_path.iterdir()) == []
    write_file(tmp_path / "copy", BytesIO(b"bytes"))
    assert (tmp_path / "copy").read_bytes() == b"bytes"


@pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
def test_whatever_lies_there_is_left_alone(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "taken"
    if kind == "file":
        target.write_text("mine")
    elif kind == "folder":
        target.mkdir()
    else:
        target.symlink_to(tmp_path / "nowhere")
    for write in (
        lambda: must_be_new(target),
        lambda: write_file(target, BytesIO(b"theirs")),
        lambda: write_folder(target, [("a", b"theirs")]),
    ):
        with pytest.raises(RefusedError, match="exists already"):
            write()
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
    assert kind != "file" or target.read_text() == "mine"
