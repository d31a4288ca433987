"""Hidden formats and trailing bytes."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import Any

import pytest
from PIL import Image

from witnessmark.errors import RefusedError
from witnessmark.examine import extent
from witnessmark.examine.polyglot import Formats
from witnessmark.examine.signature import media_type_of
from witnessmark.model import Copy, Digest


def picture(form: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((40, 30)).save(stream, form, **options)
    return stream.getvalue()


def archive(name: str = "hidden.txt") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as bundle:
        bundle.writestr(name, "x")
    return stream.getvalue()


def told(content: bytes) -> dict[str, Any]:
    copy = Copy(Digest.of(content), len(content), media_type_of(content[:4096]))
    (finding,) = Formats().examine(copy, io.BytesIO(content))
    return dict(finding.value)


WHOLE = {
    "JPEG": picture("JPEG"),
    "JPEG, progressive": picture("JPEG", progressive=True),
    "PNG": picture("PNG"),
    "GIF": picture("GIF"),
    "GIF, several frames": picture("GIF", save_all=True, append_images=[Image.new("RGB", (40, 30), "red")]),
    "WEBP": picture("WEBP"),
    "BMP": picture("BMP"),
    "AVIF": picture("AVIF"),
}


@pytest.mark.parametrize("form", WHOLE)
def test_a_whole_picture_ends_where_its_bytes_end(form: str) -> None:
    value = told(WHOLE[form])
    assert value["whole"] is True
    assert "trailing_bytes" not in value
    assert value["polyglot"] is False


@pytest.mark.parametrize("form", WHOLE)
def test_what_was_added_behind_a_picture_is_told_with_its_type(form: str) -> None:
    added = archive()
    value = told(WHOLE[form] + added)
    assert value["trailing_bytes"] == len(added)
    assert value["trailing_type"] == "application/zip"
    assert "application/zip" in value["formats"]
    assert value["polyglot"] is True


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "BMP"])
def test_a_picture_that_was_cut_is_not_whole(form: str) -> None:
    assert told(WHOLE[form][: len(WHOLE[form]) // 2])["whole"] is False


def test_zeros_behind_a_picture_are_not_worth_a_word() -> None:
    assert "trailing_bytes" not in told(WHOLE["JPEG"] + bytes(300))


def test_a_page_inside_a_picture_is_told() -> None:
    hidden = picture("JPEG", comment=b"<html><script>1</script>")
    assert told(hidden)["formats"] == ("image/jpeg", "text/html")


def test_a_pdf_inside_a_gif_is_told() -> None:
    content = WHOLE["GIF"][:6] + b"%PDF-1.4 " + WHOLE["GIF"][6:] + b"startxref\n0\n%%EOF"
    assert told(content)["formats"] == ("image/gif", "application/pdf")


def test_a_document_that_is_an_archive_by_design_is_no_polyglot() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as bundle:
        bundle.writestr("[Content_Types].xml", "x")
        bundle.writestr("word/document.xml", "x")
    value = told(stream.getvalue())
    assert value["polyglot"] is False
    assert value["leading"].endswith("wordprocessingml.document")


def test_an_archive_behind_a_program_is_told() -> None:
    program = b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\x00\x00" + bytes(60)
    assert told(program + archive())["formats"] == (
        "application/vnd.microsoft.portable-executable",
        "application/zip",
    )


def test_a_tar_is_known_by_its_checksum() -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as bundle:
        bundle.addfile(tarfile.TarInfo("a"), io.BytesIO())
    content = stream.getvalue()
    assert told(content)["formats"] == ("application/x-tar",)
    assert told(b"%PDF-" + content[5:])["formats"] == ("application/pdf",)


def test_too_much_to_search_is_declined() -> None:
    copy = Copy(Digest.of(b""), 1 << 40, "image/jpeg")
    with pytest.raises(RefusedError, match="not searched"):
        list(Formats().examine(copy, io.BytesIO()))


@pytest.mark.parametrize("reader", extent.ENDS.values())
def test_no_bytes_make_a_reader_stumble(reader: Any) -> None:
    for content in (b"", b"\xff" * 64, b"\x00" * 64, bytes(range(256)) * 2, b"\xff\xd8\xff\xda"):
        end = reader(content)
        assert end is None or end >= 0
