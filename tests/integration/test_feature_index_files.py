"""The index of features on disk: shared, crash-safe, and never silently incomplete."""

from __future__ import annotations

import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from witnessmark.errors import MalformedError, UnavailableError, UsageError
from witnessmark.match.features.image import ROW, Rows
from witnessmark.match.features.index import FeatureIndex, row
from witnessmark.pixels.features import Features

RNG = np.random.default_rng(4)


def picture(count: int = 120) -> Features:
    levels = RNG.integers(0, 9, (count, 128)).astype(np.uint8)
    places = RNG.integers(0, 65536, (count, 2)).astype(np.uint16)
    return Features(400, 300, places, levels, np.zeros((3, 4), np.uint8))


PICTURES = [picture() for _ in range(40)]


def rows(first: int, last: int) -> Rows:
    return np.concatenate([row(bytes([at]) * 32, PICTURES[at]) for at in range(first, last)])


def finds_all(index: FeatureIndex, count: int) -> bool:
    best = [index.search(one, 1)[0].name for one in PICTURES[:count]]
    return len(index) == count and best == [bytes([at]) * 32 for at in range(count)]


def test_an_index_is_the_same_when_it_is_opened_again(tmp_path: Path) -> None:
    built = FeatureIndex.build([rows(0, 20)], tmp_path / "features")
    built.add(rows(20, 25))
    built.add(rows(25, 26))
    opened = FeatureIndex.open(tmp_path / "features")
    assert (len(opened), opened.waiting) == (26, 6)
    assert finds_all(opened, 26)
    assert finds_all(built, 26)
    opened.merge()
    assert (len(opened), opened.waiting) == (26, 0)
    again = FeatureIndex.open(tmp_path / "features")
    again.verify()
    assert finds_all(again, 26)
    assert again.names() == [bytes([at]) * 32 for at in range(26)]


def test_what_is_not_to_last_is_found_and_written_nowhere(tmp_path: Path) -> None:
    index = FeatureIndex.build([rows(0, 5)], tmp_path / "features")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    index.add(rows(5, 9), lasting=False)
    assert finds_all(index, 9)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", ["features", "features.tail"])
def test_a_cut_file_is_refused(tmp_path: Path, name: str) -> None:
    FeatureIndex.build([rows(0, 20)], tmp_path / "features").add(rows(20, 23))
    whole = (tmp_path / name).read_bytes()
    for length in (0, 1, 63, 64, 4095, 4096, len(whole) // 2, len(whole) - 1):
        if length < len(whole):
            (tmp_path / name).write_bytes(whole[:length])
            with pytest.raises(MalformedError, match="cut"):
                FeatureIndex.open(tmp_path / "features")


def test_a_flipped_bit_is_noticed_before_anything_is_searched(tmp_path: Path) -> None:
    FeatureIndex.build([rows(0, 20)], tmp_path / "features").add(rows(20, 23))
    draw = random.Random(6)  # noqa: S311
    for name in ("features", "features.tail"):
        whole = (tmp_path / name).read_bytes()
        end = len(whole)
        for place in (0, 9, 30, 70, *(draw.randrange(end) for _ in range(25))):
            changed = bytearray(whole)
            changed[place] ^= 1 << draw.randrange(8)
            (tmp_path / name).write_bytes(changed)
            with pytest.raises(MalformedError):
                index = FeatureIndex.open(tmp_path / "features")
                index.verify()
        (tmp_path / name).write_bytes(whole)
    assert finds_all(FeatureIndex.open(tmp_path / "features"), 23)


def test_a_search_reads_nothing_unchecked(tmp_path: Path) -> None:
    path = tmp_path / "features"
    FeatureIndex.build([rows(0, 40)], path)
    changed = bytearray(path.read_bytes())
    opened = FeatureIndex.open(path)
    at = opened._image.lists.signatures_at + 8 * (opened._image.lists.count // 2)
    changed[at] ^= 1
    path.unlink()  # the mapped file stays as it is
    path.write_bytes(changed)
    index = FeatureIndex.open(path)
    for compiled in (None, False):
        with pytest.raises(MalformedError, match="damaged"):
            for one in PICTURES:
                index.search(one, 5, compiled=compiled)


def test_an_index_of_a_newer_version_or_of_other_words_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "features"
    FeatureIndex.build([rows(0, 3)], path)
    whole = bytearray(path.read_bytes())
    for place, told in ((8, "version 2"), (64, "another vocabulary")):
        changed = bytearray(whole)
        changed[place] = 2 if place == 8 else changed[place] ^ 1
        struct.pack_into("<I", changed, 4092, zlib.crc32(changed[:4092]))
        path.write_bytes(changed)
        with pytest.raises(MalformedError, match=told):
            FeatureIndex.open(path)


def test_an_index_that_is_not_there_is_the_askers_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no"):
        FeatureIndex.open(tmp_path / "features")


def test_a_full_disk_leaves_the_index_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = FeatureIndex.build([rows(0, 10)], tmp_path / "features")
    index.add(rows(10, 12))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.posix_fallocate", full)
        with pytest.raises(UnavailableError, match="No space left"):
            index.merge()
    assert finds_all(FeatureIndex.open(tmp_path / "features"), 12)
    index.merge()
    assert finds_all(index, 12)


def test_a_merge_that_ends_between_its_two_renamings_loses_nothing(tmp_path: Path) -> None:
    path, tail = tmp_path / "features", tmp_path / "features.tail"
    index = FeatureIndex.build([rows(0, 10)], path)
    index.add(rows(10, 14))
    before = tail.read_bytes()
    index.merge()
    tail.write_bytes(before)  # the image is new, the tail still the old one: it overlaps
    opened = FeatureIndex.open(path)
    assert (len(opened), opened.waiting) == (14, 0)
    assert finds_all(opened, 14)
    assert ROW.itemsize * 4 + 64 == len(before)
