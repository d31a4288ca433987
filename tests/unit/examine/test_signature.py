"""Types by content: each format by its own first bytes, and text by what it says."""

from __future__ import annotations

import gzip
import io
import time
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from witnessmark.examine.signature import EMPTY, UNKNOWN, media_type_of


def picture(form: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 30, 30)).save(stream, form)
    return stream.getvalue()


def archive(*names: str, mimetype: str | None = None) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as bundle:
        if mimetype is not None:
            bundle.writestr("mimetype", mimetype)
        for name in names:
            bundle.writestr(name, "x")
    return stream.getvalue()


BY_SIGNATURE = {
    "image/jpeg": picture("JPEG"),
    "image/png": picture("PNG"),
    "image/gif": picture("GIF"),
    "image/webp": picture("WEBP"),
    "image/tiff": picture("TIFF"),
    "image/bmp": picture("BMP"),
    "image/jp2": picture("JPEG2000"),
    "image/heic": b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic",
    "image/avif": b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1",
    "video/mp4": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41",
    "video/quicktime": b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  ",
    "audio/mp4": b"\x00\x00\x00\x18ftypM4A \x00\x00\x02\x00M4A isom",
    "video/3gpp": b"\x00\x00\x00\x18ftyp3gp4\x00\x00\x02\x003gp4isom",
    "video/webm": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm",
    "video/x-matroska": b"\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\x82\x88matroska",
    "audio/ogg": b"OggS\x00\x02" + bytes(22) + b"\x01\x1e\x01vorbis",
    "audio/wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "video/x-msvideo": b"RIFF\x24\x00\x00\x00AVI LIST",
    "audio/flac": b"fLaC\x00\x00\x00\x22",
    "audio/mpeg": b"\xff\xfb\x90\x64\x00",
    "audio/aac": b"\xff\xf1\x50\x80\x02\x1f\xfc",
    "audio/aiff": b"FORM\x00\x00\x00\x1aAIFFCOMM",
    "video/mp2t": b"".join(b"\x47" + bytes(187) for _ in range(3)),
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    "application/zip": archive("a.txt"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": archive(
        "[Content_Types].xml", "_rels/.rels", "word/document.xml"
    ),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": archive(
        "[Content_Types].xml", "xl/workbook.xml"
    ),
    "application/vnd.oasis.opendocument.text": archive(
        "content.xml", mimetype="application/vnd.oasis.opendocument.text"
    ),
    "application/epub+zip": archive("META-INF/container.xml", mimetype="application/epub+zip"),
    "application/wacz": archive("archive/data.warc.gz", "datapackage.json"),
    "application/gzip": gzip.compress(b"x"),
    "application/x-tar": b"a.txt" + bytes(252) + b"ustar\x0000" + bytes(200),
    "application/x-ole-storage": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(8),
    "application/warc": b"WARC/1.1\r\nWARC-Type: response\r\n",
    "application/vnd.sqlite3": b"SQLite format 3\x00",
    "image/vnd.adobe.photoshop": b"8BPS\x00\x01" + bytes(6) + b"\x00\x03",
    "image/vnd.microsoft.icon": picture("ICO"),
    "image/x-icns": b"icns\x00\x00\x01\x00",
    "image/vnd.ms-dds": picture("DDS"),
    "image/x-sgi": picture("SGI"),
    "image/x-pcx": picture("PCX"),
    "image/x-tga": picture("TGA"),
    "image/x-portable-pixmap": picture("PPM"),
    "image/x-portable-graymap": b"P5\n# a comment\n8 8\n255\n" + bytes(64),
    "image/x-portable-bitmap": b"P4 8 8\n" + bytes(8),
    "image/x-portable-arbitrarymap": b"P7\nWIDTH 8\nHEIGHT 8\n",
    "image/x-portable-floatmap": b"PF\n8 8\n-1.0\n" + bytes(64),
    "image/x-xbitmap": b"#define seal_width 8\n#define seal_height 8\nstatic char seal_bits[] = {0x01};\n",
    "image/x-xpixmap": b'/* XPM */\nstatic char *seal[] = {"8 8 2 1"};\n',
    "image/x-exr": b"\x76\x2f\x31\x01\x02\x00\x00\x00",
    "image/vnd.radiance": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n",
    "image/emf": b"\x01\x00\x00\x00" + bytes(36) + b" EMF",
    "application/postscript": b"\xc5\xd0\xd3\xc6\x1e\x00\x00\x00",
}

BY_WRITING = {
    "text/html": "<!-- saved -->\n<!DOCTYPE html>\n<html><body>A square</body></html>",
    "image/svg+xml": '<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "x" "y">\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    "application/xml": '<?xml version="1.0"?><rss><channel/></rss>',
    "application/json": '{"posts": [{"text": "A square"}]}',
    "text/csv": "name,date,place\nA,2014,Northgate\nB,2014,Southgate\n",
    "message/rfc822": "From: a@example.org\r\nTo: b@example.org\r\nSubject: pictures\r\n\r\nSee below.",
    "application/mbox": "From a@example.org Thu Jun 12 10:00:00 2014\nFrom: a@b.example\nSubject: x\n\nHello",
    "multipart/related": (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.org/\r\nSubject: A page\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="b"\r\n\r\n'
    ),
    "text/calendar": "BEGIN:VCALENDAR\nVERSION:2.0\n",
    "text/plain": "The spokesman said: nothing was known, nothing would be said.\nHe left.",
}


@pytest.mark.parametrize("media_type", BY_SIGNATURE)
def test_a_binary_format_is_known_by_its_first_bytes(media_type: str) -> None:
    assert media_type_of(BY_SIGNATURE[media_type][:4096]) == media_type


@pytest.mark.parametrize("media_type", BY_WRITING)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_text_is_known_by_what_it_says_in_any_encoding(media_type: str, encoding: str) -> None:
    assert media_type_of(BY_WRITING[media_type].encode(encoding)) == media_type


@pytest.mark.parametrize(
    ("begins", "media_type"),
    [
        ("<p>The lorries left at dawn.</p>", "text/html"),
        ("<div class='post'>The lorries left", "text/html"),
        ("<ul><li>one<li>two</ul>", "text/html"),
        ("<h2>Northgate</h2>\n<span>x</span>", "text/html"),
        ("<blockquote>no one</blockquote>", "text/html"),
        ("\n<!-- saved -->\n<section id=a>", "text/html"),
        ("<TABLE BORDER=0>", "text/html"),
        ("<rss version='2.0'><channel>", "application/xml"),
        ("<kml:Point xmlns:kml='x'>", "application/xml"),
        ("<gpx>\n  <trk>\n    <name>x", "application/xml"),
        ("<note/>", "application/xml"),
        ("<!DOCTYPE note SYSTEM 'note.dtd'>\n<note>", "application/xml"),
        ("<?xpacket begin='' id='x'?><x:xmpmeta xmlns:x='y'>", "application/xml"),
        ("<spokesman> nothing is known", "text/plain"),
        ("<a.person@example.org> wrote: nothing is known", "text/plain"),
        ("<3 and <5 are smaller", "text/plain"),
        ("<p", "text/plain"),
        ("P1 was the first, P2 the second", "text/plain"),
        ("%PDF-1.7 is how such a file begins, they said.", "application/pdf"),
        ("They said that %PDF-1.7 is how such a file begins.", "text/plain"),
    ],
)
def test_a_fragment_of_a_page_or_of_markup_is_told_from_writing(begins: str, media_type: str) -> None:
    assert media_type_of(begins.encode()) == media_type


@pytest.mark.parametrize(
    "before", [b"\n", b"HTTP/1.1 200 OK\r\n\r\n", bytes(100), b"\xef\xbb\xbf", b"x" * 1000]
)
def test_a_pdf_whose_header_comes_late_is_one(before: bytes) -> None:
    body = b"%PDF-1.4\n%\xe2\xe3\n1 0 obj\n<</Type/Catalog>>\nendobj\n"
    assert media_type_of(before + body) == "application/pdf"
    assert media_type_of(bytes(1100) + body) != "application/pdf"


@pytest.mark.parametrize(
    "prose",
    [
        "They came at dawn, we were told.\nNobody saw them, he said.\nThe square was empty, she wrote.\n",
        "It was a dark night, and\nthe men, who came from\nthe town, left at dawn\n",
        "One came, two left, three stayed.\nFour came, five left, six stayed.\n",
        "Dear Ada, thank you for them\nI have seen them, and they are clear\nYours, a friend of the desk\n",
        "Wir waren da; sonst war niemand da.\nSie gingen; wir blieben noch.\nEs war still; es blieb still.\n",
    ],
)
def test_prose_is_no_table_even_if_every_line_has_as_many_commas(prose: str) -> None:
    assert media_type_of(prose.encode()) == "text/plain"


@pytest.mark.parametrize(
    "table",
    [
        "name, date, place\nAda, 2014, Northgate\nBo, 2014, Southgate\n",
        "apple, red, sweet\npear, green, sour\nplum, blue, tart\n",
        "id;what was said\n1;nothing is known, he said.\n2;they left at dawn.\n",
        'a,b\n1,"one, two"\n2,"three, four"\n',
        "latitude, longitude\n36.34, 43.13\n36.35, 43.14\n",
        "Ada\tNorthgate\nBo\tSouthgate\nCy\tEastgate\n",
    ],
)
def test_a_table_is_one_also_with_a_space_after_each_comma(table: str) -> None:
    assert media_type_of(table.encode()) == "text/csv"


@pytest.mark.parametrize(
    "head",
    [
        b"/**/" * 1024,
        b"%PDF-1.4 " + b"1" * 4087,
        b"<a " * 1365,
        b"P1 " + b"#\n" * 2046,
        b"<" * 4096,
        b"a, " * 1365,
    ],
)
def test_no_beginning_takes_long_to_judge(head: bytes) -> None:
    began = time.perf_counter()
    media_type_of(head)
    assert time.perf_counter() - began < 0.5


def test_a_targa_header_with_one_wrong_field_is_none() -> None:
    head = bytearray(picture("TGA")[:64])
    assert media_type_of(bytes(head)) == "image/x-tga"
    for at, wrong in ((1, 7), (2, 77), (5, 9), (16, 7), (17, 0xFF)):
        changed = bytes([*head[:at], wrong, *head[at + 1 :]])
        assert media_type_of(changed) == UNKNOWN, at


@pytest.mark.parametrize("text", ["Площадь пуста", "الساحة خالية", "广场是空的", "Füße"])
def test_writing_of_any_script_is_text_even_when_cut_inside_a_sign(text: str) -> None:
    whole = text.encode()
    assert {media_type_of(whole[:stop]) for stop in range(4, len(whole) + 1)} == {"text/plain"}


def test_an_old_eight_bit_text_is_still_text() -> None:
    assert media_type_of("Straße – café".encode("cp1252")) == "text/plain"


def test_no_bytes_at_all_have_a_type_of_their_own() -> None:
    assert media_type_of(b"") == EMPTY


def test_bytes_of_no_known_kind_are_called_unknown() -> None:
    assert media_type_of(bytes(range(256)) * 4) == UNKNOWN


def test_prose_with_commas_is_not_a_table() -> None:
    assert media_type_of(b"One, two.\nThree.\nFour, five, six.\n") == "text/plain"


def test_the_shared_pictures_are_known_by_their_content() -> None:
    folder = Path(__file__).parents[4] / "shared/data/exif-samples"
    if not folder.is_dir():
        pytest.skip("the shared data set is not at ../shared/data")
    kinds = {".jpg": "image/jpeg", ".tiff": "image/tiff", ".heic": "image/heic", ".png": "image/png"}
    for path in folder.rglob("*"):
        if path.suffix.lower() in kinds:
            with path.open("rb") as stream:
                assert media_type_of(stream.read(4096)) == kinds[path.suffix.lower()]
