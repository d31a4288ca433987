"""Each of our examiners keeps to what is asked of a stranger's."""

from __future__ import annotations

import io
import shutil
import wave
import zipfile
from importlib.metadata import entry_points
from importlib.util import find_spec

import pytest
from PIL import Image, ImageDraw

from witnessmark.examine.metadata import Metadata
from witnessmark.examine.pages import Pages
from witnessmark.examine.picture import Picture
from witnessmark.examine.polyglot import Formats
from witnessmark.examine.recording import Recording
from witnessmark.testing import ExaminerSuite, Sample


def drawn(form: str = "JPEG", **options: object) -> bytes:
    image = Image.linear_gradient("L").convert("RGB")
    draw = ImageDraw.Draw(image)
    for number in range(12):
        left, top = number * 71 % 240, number * 43 % 240
        draw.rectangle((left, top, left + 30, top + 20), fill=(number * 20, 255 - number * 20, 90))
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    exif.get_ifd(0x8769)[0x9003] = "2014:06:12 10:11:12"
    return drawn(exif=exif)


def document() -> bytes:
    """A PDF of one page with one line, written by hand."""
    line = b"BT /F1 18 Tf 30 100 Td (The square at noon) Tj ET"
    fonts = b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources %s >>" % fonts,
        b"<< /Length %d >> stream\n%s\nendstream" % (len(line), line),
    )
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj %s endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        content
        + b"xref\n0 5\n0000000000 65535 f \n%strailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
        % (
            table,
            len(content),
        )
    )


def sound() -> bytes:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(8000)
        recording.writeframes(bytes(16000))
    return stream.getvalue()


def archive() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as bundle:
        bundle.writestr("note.txt", "The square at noon")
    return stream.getvalue()


class TestPicture(ExaminerSuite):
    tool = Picture
    samples = (
        Sample("image/jpeg", with_exif()),
        Sample("image/png", drawn("PNG")),
        Sample("image/webp", drawn("WEBP")),
        Sample("image/gif", drawn("GIF")),
        Sample("image/tiff", drawn("TIFF", compression="tiff_lzw")),
    )


class TestFormats(ExaminerSuite):
    tool = Formats
    samples = (
        Sample("image/jpeg", drawn() + archive()),
        Sample("application/zip", archive()),
        Sample("application/pdf", document()),
        Sample("text/plain", b"The square at noon"),
    )


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
class TestMetadata(ExaminerSuite):
    tool = Metadata
    samples = (Sample("image/jpeg", with_exif()), Sample("application/pdf", document()))


@pytest.mark.skipif(find_spec("pypdfium2") is None, reason="the extra 'pdf' is not installed")
class TestPages(ExaminerSuite):
    tool = Pages
    samples = (Sample("application/pdf", document()),)


@pytest.mark.skipif(find_spec("av") is None, reason="the extra 'media' is not installed")
class TestRecording(ExaminerSuite):
    tool = Recording
    samples = (Sample("audio/wav", sound()),)


def test_every_examiner_that_is_installed_is_held_to_the_suite() -> None:
    ours = {
        point.load() for point in entry_points(group="witnessmark.examiners") if "witnessmark" in point.value
    }
    assert ours == {Picture, Formats, Metadata, Pages, Recording}
