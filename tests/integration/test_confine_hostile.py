"""A slice of the hostile campaign with files made here: each ends as a result or as a reason."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image
from tests.campaigns import hostile

from witnessmark.confine import Limits, Room
from witnessmark.examine.signature import SIGNATURES
from witnessmark.plugins import discover


def chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")


def png(width: int, height: int, *further: bytes, depth: int = 8, colour: int = 2) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(1 << 20), 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(further) + pixels + chunk(b"IEND", b"")


def tiff(*entries: tuple[int, int, int, int], following: int = 0) -> bytes:
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", len(entries)) + body + struct.pack("<I", following)


def picture(form: str = "JPEG", size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    stream = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(stream, form, **options)
    return stream.getvalue()


def zip_bomb(depth: int = 3) -> bytes:
    content = bytes(8 << 20)
    for level in range(depth):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bundle:
            for number in range(4):
                bundle.writestr(f"{level}-{number}.zip", content)
        content = stream.getvalue()
    return content


def many_frames() -> bytes:
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6) + frame * 60_000 + b"\x3b"


FILES: dict[str, bytes] = {
    "empty": b"",
    "one byte": b"\xff",
    "png that says it is enormous": png(2**31 - 1, 2**31 - 1),
    "png just under the cap": png(10_900, 10_900),
    "png of sixteen bits": png(9_000, 9_000, depth=16),
    "png with a swelling text": png(8, 8, chunk(b"zTXt", b"a\x00\x00" + zlib.compress(bytes(200 << 20), 9))),
    "png with a swelling profile": png(
        8, 8, chunk(b"iCCP", b"a\x00\x00" + zlib.compress(bytes(99 << 20), 9))
    ),
    "png with a thousand chunks": png(8, 8, *[chunk(b"tEXt", b"a\x00b")] * 100_000),
    "gif with a vast screen": b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0) + b"\x3b",
    "gif of many frames": many_frames(),
    "tiff that runs in a circle": tiff((256, 3, 1, 8), following=8),
    "tiff with an endless strip": tiff(
        (256, 4, 1, 9_999), (257, 4, 1, 9_999), (273, 4, 2**31, 8), (279, 4, 2**31, 8)
    ),
    "tiff of vast pixels": tiff((256, 4, 1, 2**31), (257, 4, 1, 2**31), (262, 3, 1, 2), (277, 3, 1, 999)),
    "jpeg with a circling exif": picture(
        exif=b"Exif\x00\x00" + tiff((34665, 4, 1, 8), (34853, 4, 1, 8), following=8)
    ),
    "jpeg with broken exif": picture(exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff"),
    "jpeg of nothing but markers": b"\xff\xd8" + b"\xff\xe1\x00\x02" * 200_000,
    "jpeg of scans without end": picture(progressive=True)[:-2]
    + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" * 20_000,
    "mp4 with a box of all the world": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41"
    b"\x7f\xff\xff\xffmoov",
    "mp4 nested deeply": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41"
    + b"".join(struct.pack(">I4s", 8 * (9_000 - n), b"moov" if n % 2 else b"trak") for n in range(9_000)),
    "wave that lies about its length": b"RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\x7f",
    "zip of zips of zeros": zip_bomb(),
    "json nested deeply": b"[" * 500_000,
    "page nested deeply": b"<html>" + b"<div>" * 500_000,
    "svg that swells": b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "'
    + b"x" * 9_000
    + b'">]><svg xmlns="http://www.w3.org/2000/svg">'
    + b"&a;" * 90_000
    + b"</svg>",
    "pdf whose pages are their own children": b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2147483647>>endobj\n"
    b"trailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF",
    "pdf nested deeply": b"%PDF-1.4\n1 0 obj "
    + b"[" * 400_000
    + b"\nendobj trailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF",
}


def hurt(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content[: chance.randrange(1, len(content) + 1)])
    for _ in range(chance.randrange(30)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def noise() -> dict[str, bytes]:
    """Every signature with noise behind it, and true pictures with hurts."""
    chance = random.Random(2014)  # noqa: S311 - not a secret
    files = {
        f"noise {number}": bytes(signature.offset) + signature.magic + chance.randbytes(600)
        for number, signature in enumerate(SIGNATURES)
    }
    whole = [picture(form) for form in ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF", "JPEG2000")]
    files |= {f"hurt {number}": hurt(whole[number % len(whole)], chance) for number in range(64)}
    return files


def campaign(folder: Path, files: dict[str, bytes], leave_out: tuple[str, ...] = ()) -> hostile.Tally:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    examiners = [one for one in discover().examiners if one.name not in leave_out]
    with Room(Limits(cpu_s=4, wall_s=20)) as room:
        tally = hostile.run(hostile.files_in([folder]), examiners, room, threads=2)
    assert tally.wrong == []
    assert len(tally.seconds) == len(files)
    return tally


@pytest.mark.slow
def test_files_made_to_hurt_end_as_results_or_reasons(tmp_path: Path) -> None:
    tally = campaign(tmp_path, FILES)
    assert tally.outcomes["type", "result"] == len(FILES)
    assert tally.outcomes["picture 2", "declined"] >= 1
    assert max(tally.seconds) < 60


@pytest.mark.slow
def test_noise_behind_every_signature_ends_as_a_result_or_a_reason(tmp_path: Path) -> None:
    tally = campaign(tmp_path, noise(), leave_out=("metadata",))
    assert tally.outcomes["picture 2", "failed"] > 20
    assert tally.outcomes["picture 2", "result"] > 5


@pytest.mark.slow
def test_the_whole_take_survives_them_and_gives_each_an_end(tmp_path: Path) -> None:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    assert hostile.taken(list(hostile.files_in([tmp_path]))) == 0
