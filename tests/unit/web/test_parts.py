"""Forms with files: however they are cut into pieces they read the same, and nothing else is read at all."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from witnessmark.errors import UsageError
from witnessmark.web.parts import Parts, Sink

TYPE = "multipart/form-data; boundary=----x"
WHOLE = (
    b'------x\r\nContent-Disposition: form-data; name="form"\r\n\r\na token\r\n'
    b'------x\r\nContent-Disposition: form-data; name="files"; filename="%22a%0D%0Ab.png"\r\n'
    b"Content-Type: image/png\r\n\r\n\x00\r\n------\r\n------y\r\n------ x\r\n\r\n------x\r\n"
    b'Content-Disposition: form-data; name="files"; filename="\xd9\x86\xd8\xb5.txt"\r\n\r\n\r\n------x--\r\n'
)
SAID = [
    ("form", None, b"a token"),
    ("files", '"a\r\nb.png', b"\x00\r\n------\r\n------y\r\n------ x\r\n"),
    ("files", "نص.txt", b""),
]


def read(pieces: Iterable[bytes], content_type: str = TYPE) -> list[tuple[str, str | None, bytes]]:
    """Every part with its name, its file's name and its content."""
    found: list[tuple[str, str | None, bytes]] = []

    def begin(name: str, file_name: str | None) -> Sink:
        gathered = bytearray()

        def take(piece: bytes) -> None:
            gathered.extend(piece)
            if not piece:
                found.append((name, file_name, bytes(gathered)))

        return take

    parts = Parts(content_type, begin)
    for piece in pieces:
        parts.feed(piece)
    parts.finish()
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
def test_a_form_reads_the_same_in_pieces_of_any_size(size: int) -> None:
    assert read(WHOLE[n : n + size] for n in range(0, len(WHOLE), size)) == SAID


@pytest.mark.parametrize("at", range(1, len(WHOLE) - 2, 3))
def test_a_form_that_breaks_off_anywhere_is_refused(at: int) -> None:
    with pytest.raises(UsageError):
        read([WHOLE[:at]])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"words before" + WHOLE,
        WHOLE + b"words after",
        WHOLE.replace(b"Content-Disposition: form-data", b"Content-Disposition: attachment", 1),
        WHOLE.replace(b'name="form"', b"name=form", 1),
        WHOLE.replace(b'name="form"', b'name="' + b"x" * 9000 + b'"', 1),
        WHOLE.replace(b'name="form"', b'name="\xff"', 1),
        WHOLE.replace(b"------x\r\n", b"------xx\r\n", 1),
        b"------x\r\n" + b"x" * 9000,
    ],
)
def test_what_no_browser_sends_is_refused(body: bytes) -> None:
    with pytest.raises(UsageError):
        read([body])


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data", "multipart/mixed; boundary=----x"])
def test_what_is_no_form_with_files_is_refused(kind: str) -> None:
    with pytest.raises(UsageError):
        read([WHOLE], kind)
