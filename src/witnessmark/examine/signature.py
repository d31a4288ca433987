"""What kind of bytes are these? Decided by what they hold, never by what they are called.

Binary formats are told by the signature at their beginning; a few signatures are shared by a
family (RIFF, ISO media, Matroska, Ogg, ZIP, TIFF) whose members a second look tells apart. Without a
signature the bytes are text of some kind or unknown. This is the cheap answer for the moment of
sealing; which *other* formats the same bytes also satisfy is told by `polyglot`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from witnessmark.examine import writing

UNKNOWN = "application/octet-stream"
EMPTY = "application/x-empty"


@dataclass(frozen=True, slots=True)
class Signature:
    """Bytes that stand at a fixed place in every file of a format."""

    media_type: str
    magic: bytes
    offset: int = 0

    def opens(self, head: bytes) -> bool:
        """Whether a file that begins so is of this format."""
        return head.startswith(self.magic, self.offset)


SIGNATURES: tuple[Signature, ...] = (
    Signature("image/jpeg", b"\xff\xd8\xff"),
    Signature("image/png", b"\x89PNG\r\n\x1a\n"),
    Signature("image/gif", b"GIF87a"),
    Signature("image/gif", b"GIF89a"),
    Signature("application/x-riff", b"RIFF"),
    Signature("application/x-riff", b"RF64"),
    Signature("application/x-iso-media", b"ftyp", 4),
    Signature("video/quicktime", b"moov", 4),
    Signature("video/quicktime", b"mdat", 4),
    Signature("video/quicktime", b"wide", 4),
    Signature("application/x-ebml", b"\x1a\x45\xdf\xa3"),
    Signature("application/x-ogg", b"OggS"),
    Signature("image/x-tiff", b"II*\x00"),
    Signature("image/x-tiff", b"MM\x00*"),
    Signature("image/tiff", b"II+\x00"),
    Signature("image/tiff", b"MM\x00+"),
    Signature("image/x-panasonic-rw2", b"IIU\x00"),
    Signature("image/x-olympus-orf", b"IIRO"),
    Signature("image/x-fuji-raf", b"FUJIFILMCCD-RAW"),
    Signature("image/jp2", b"\x00\x00\x00\x0cjP  \r\n\x87\n"),
    Signature("image/x-jp2-codestream", b"\xff\x4f\xff\x51"),
    Signature("image/jxl", b"\x00\x00\x00\x0cJXL \r\n\x87\n"),
    Signature("image/jxl", b"\xff\x0a"),
    Signature("image/vnd.adobe.photoshop", b"8BPS"),
    Signature("image/vnd.microsoft.icon", b"\x00\x00\x01\x00"),
    Signature("image/x-win-cursor", b"\x00\x00\x02\x00\x01\x00"),
    Signature("image/x-icns", b"icns"),
    Signature("image/x-netpbm", b"P1"),
    Signature("image/x-netpbm", b"P2"),
    Signature("image/x-netpbm", b"P3"),
    Signature("image/x-netpbm", b"P4"),
    Signature("image/x-netpbm", b"P5"),
    Signature("image/x-netpbm", b"P6"),
    Signature("image/x-netpbm", b"P7"),
    Signature("image/x-netpbm", b"PF"),
    Signature("image/x-netpbm", b"Pf"),
    Signature("image/vnd.ms-dds", b"DDS "),
    Signature("image/x-sgi", b"\x01\xda"),
    Signature("image/x-sun-raster", b"\x59\xa6\x6a\x95"),
    Signature("image/x-exr", b"\x76\x2f\x31\x01"),
    Signature("image/vnd.radiance", b"#?RADIANCE"),
    Signature("image/x-qoi", b"qoif"),
    Signature("image/x-sigma-x3f", b"FOVb"),
    Signature("image/x-minolta-mrw", b"\x00MRM"),
    Signature("image/x-canon-crw", b"II\x1a\x00\x00\x00HEAPCCDR"),
    Signature("image/vnd.djvu", b"AT&TFORM"),
    Signature("image/wmf", b"\xd7\xcd\xc6\x9a"),
    Signature("image/x-xcf", b"gimp xcf"),
    Signature("application/pdf", b"%PDF-"),
    Signature("application/postscript", b"%!PS"),
    Signature("application/postscript", b"\xc5\xd0\xd3\xc6"),
    Signature("application/rtf", b"{\\rtf"),
    Signature("application/x-zip", b"PK\x03\x04"),
    Signature("application/zip", b"PK\x05\x06"),
    Signature("application/zip", b"PK\x07\x08PK\x03\x04"),
    Signature("application/gzip", b"\x1f\x8b\x08"),
    Signature("application/x-bzip2", b"BZh"),
    Signature("application/x-xz", b"\xfd7zXZ\x00"),
    Signature("application/zstd", b"\x28\xb5\x2f\xfd"),
    Signature("application/x-7z-compressed", b"7z\xbc\xaf\x27\x1c"),
    Signature("application/vnd.rar", b"Rar!\x1a\x07"),
    Signature("application/x-tar", b"ustar\x0000", 257),
    Signature("application/x-tar", b"ustar  \x00", 257),
    Signature("application/x-ole-storage", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    Signature("application/vnd.sqlite3", b"SQLite format 3\x00"),
    Signature("application/warc", b"WARC/1."),
    Signature("application/warc", b"WARC/0."),
    Signature("application/c2pa", b"jumb", 4),
    Signature("audio/flac", b"fLaC"),
    Signature("audio/mpeg", b"ID3"),
    Signature("audio/amr", b"#!AMR"),
    Signature("audio/midi", b"MThd"),
    Signature("video/x-flv", b"FLV\x01"),
    Signature("video/x-ms-asf", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    Signature("video/mpeg", b"\x00\x00\x01\xba"),
    Signature("video/mpeg", b"\x00\x00\x01\xb3"),
    Signature("application/x-elf", b"\x7fELF"),
    Signature("application/vnd.microsoft.portable-executable", b"MZ"),
    Signature("font/woff2", b"wOF2"),
    Signature("font/woff", b"wOFF"),
)


_BY_FIRST_BYTE = tuple(
    tuple(one for one in SIGNATURES if one.offset or one.magic[0] == first) for first in range(256)
)
"""The signatures that a file with this first byte can have: every file that comes in is asked."""


def media_type_of(head: bytes) -> str:
    """The media type that the first bytes of a file speak for (some 4 KiB are plenty)."""
    if not head:
        return EMPTY
    candidates = _BY_FIRST_BYTE[head[0]]
    family = next((signature.media_type for signature in candidates if signature.opens(head)), None)
    if family is not None:
        return _MEMBERS[family](head) if family in _MEMBERS else family
    for looks_like, media_type in _SHAPES:
        if looks_like(head):
            return media_type
    written = writing.media_type_of_text(head)
    if written in (None, "text/plain") and _is_late_pdf(head):
        return "application/pdf"
    return written or ("image/x-tga" if _is_targa(head) else UNKNOWN)


def _member_of_riff(head: bytes) -> str:
    forms = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
    return forms.get(head[8:12], UNKNOWN)


_BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"hevc": "image/heic-sequence",
    b"mif1": "image/heif",
    b"msf1": "image/heif-sequence",
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"crx ": "image/x-canon-cr3",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"3gp": "video/3gpp",
    b"3g2": "video/3gpp2",
}


def _member_of_iso_media(head: bytes) -> str:
    """The main brand decides; a HEIF structure that lists a coding is of that coding."""
    size = int.from_bytes(head[:4], "big")
    main = head[8:12]
    listed = {head[at : at + 4] for at in range(16, min(size, len(head), 256) - 3, 4)}
    if main in (b"mif1", b"msf1"):
        main = next((brand for brand in (b"avif", b"heic", b"heix") if brand in listed), main)
    return _BRANDS.get(main) or _BRANDS.get(main[:3]) or "video/mp4"


def _member_of_ebml(head: bytes) -> str:
    return "video/webm" if b"\x42\x82" in head[:64] and b"webm" in head[:64] else "video/x-matroska"


def _member_of_ogg(head: bytes) -> str:
    return "video/ogg" if b"\x80theora" in head[:128] else "audio/ogg"


def _member_of_tiff(head: bytes) -> str:
    return "image/x-canon-cr2" if head[8:10] == b"CR" else "image/tiff"


_OFFICE = {
    b"word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    b"xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    b"AndroidManifest.xml": "application/vnd.android.package-archive",
    b"archive/": "application/wacz",
    b"datapackage.json": "application/wacz",
}


def _member_of_zip(head: bytes) -> str:
    """An archive whose first entries are those of a document format is that document."""
    declared = re.match(
        rb"PK\x03\x04.{22}\x08\x00..mimetype([a-z.+/-]{3,90})(?=PK|[^a-z.+/-]|$)", head, re.DOTALL
    )
    if declared:
        return declared[1].decode("ascii")
    names = [head[entry.end() :] for entry in re.finditer(rb"PK\x03\x04.{26}", head, re.DOTALL)]
    for start, media_type in _OFFICE.items():
        if any(name.startswith(start) for name in names):
            return media_type
    return "application/zip"


_NETPBM = {
    b"1": "image/x-portable-bitmap",
    b"2": "image/x-portable-graymap",
    b"3": "image/x-portable-pixmap",
    b"4": "image/x-portable-bitmap",
    b"5": "image/x-portable-graymap",
    b"6": "image/x-portable-pixmap",
    b"7": "image/x-portable-arbitrarymap",
    b"F": "image/x-portable-floatmap",
    b"f": "image/x-portable-floatmap",
}
_NETPBM_HEAD = re.compile(rb"P([1-7Ff])(?:\s+(?:#[^\n]*\n\s*)*(?:\d+\s+\d+\s|WIDTH\b))")


def _member_of_netpbm(head: bytes) -> str:
    """A digit, then width and height; anything else that begins with `P1` and the like is writing."""
    found = _NETPBM_HEAD.match(head[:512])
    return _NETPBM[found[1]] if found else writing.media_type_of_text(head) or UNKNOWN


_MEMBERS: dict[str, Callable[[bytes], str]] = {
    "application/x-riff": _member_of_riff,
    "application/x-iso-media": _member_of_iso_media,
    "application/x-ebml": _member_of_ebml,
    "application/x-ogg": _member_of_ogg,
    "image/x-tiff": _member_of_tiff,
    "image/x-netpbm": _member_of_netpbm,
    "application/x-zip": _member_of_zip,
}


_OBJECT = re.compile(rb"\d{1,9}\s{1,9}\d{1,5}\s{1,9}obj\b")
_LATE_PDF = re.compile(rb"%PDF-[12]\.\d")


def _is_late_pdf(head: bytes) -> bool:
    """Readers look for a PDF's header in the first 1,024 bytes; writing that speaks of one has no objects."""
    return _LATE_PDF.search(head[:1024]) is not None and _OBJECT.search(head) is not None


def _is_targa(head: bytes) -> bool:
    """A header without signature, each field of which is as it must be."""
    if len(head) < 18 or head[17] & 0xC0:
        return False
    mapped, kind, depth = head[1], head[2], head[16]
    colours, width, height = (int.from_bytes(head[at : at + 2], "little") for at in (5, 12, 14))
    depths = {1: (8,), 9: (8,), 2: (15, 16, 24, 32), 10: (15, 16, 24, 32), 3: (8, 16), 11: (8, 16)}
    has_map = mapped == 1 and 0 < colours <= 256 and head[7] in (15, 16, 24, 32)
    has_none = mapped == 0 and not any(head[3:8])
    return (
        depth in depths.get(kind, ())
        and 0 < width <= 16_384
        and 0 < height <= 16_384
        and (has_map if kind in (1, 9) else has_map or has_none)
    )


def _is_pcx(head: bytes) -> bool:
    return (
        len(head) >= 128
        and head[0] == 0x0A
        and head[1] in (0, 2, 3, 4, 5)
        and head[2] == 1
        and head[3] in (1, 2, 4, 8)
        and head[64] == 0
    )


def _is_enhanced_metafile(head: bytes) -> bool:
    return head[:4] == b"\x01\x00\x00\x00" and head[40:44] == b" EMF"


def _is_bitmap(head: bytes) -> bool:
    return (
        head[:2] == b"BM"
        and len(head) >= 18
        and int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 64, 108, 124)
    )


def _is_mpeg_audio(head: bytes) -> bool:
    """Frame sync, layer II or III, and neither a forbidden bit rate nor a forbidden sampling rate."""
    return (
        len(head) >= 4
        and head[0] == 0xFF
        and head[1] & 0xE0 == 0xE0
        and head[1] & 0x06 in (0x02, 0x04)
        and head[1] & 0x18 != 0x08
        and head[2] & 0xF0 not in (0x00, 0xF0)
        and head[2] & 0x0C != 0x0C
    )


def _is_adts(head: bytes) -> bool:
    return len(head) >= 4 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0 and (head[2] >> 2) & 0xF < 13


def _is_transport_stream(head: bytes) -> bool:
    return len(head) >= 377 and all(head[at] == 0x47 for at in (0, 188, 376))


def _is_aiff(head: bytes) -> bool:
    return head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC")


_SHAPES: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (_is_bitmap, "image/bmp"),
    (_is_aiff, "audio/aiff"),
    (_is_adts, "audio/aac"),
    (_is_mpeg_audio, "audio/mpeg"),
    (_is_transport_stream, "video/mp2t"),
    (_is_pcx, "image/x-pcx"),
    (_is_enhanced_metafile, "image/emf"),
)
