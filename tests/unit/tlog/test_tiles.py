"""Frontier, tiles and proofs against a second, slow implementation written straight from RFC 6962."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import sha256

import pytest

from witnessmark.errors import IntegrityError, MalformedError, UsageError
from witnessmark.tlog import (
    EMPTY_ROOT,
    TILE_WIDTH,
    Frontier,
    TileReader,
    check_consistency,
    check_inclusion,
    decode_bundle,
    encode_bundle,
    leaf_hash,
    leaf_hashes,
    tile_path,
    tiles_of,
    verify_log,
)

ENTRIES = tuple(b"entry %d" % number for number in range(70_000))
LEAVES = leaf_hashes(ENTRIES)


class Naive:
    """RFC 6962 section 2.1 as it is printed: recursive functions over a list of entries."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        self.entries = entries
        self.root = cache(self._root)

    def _root(self, start: int, end: int) -> bytes:
        if start == end:
            return sha256(b"").digest()
        if end - start == 1:
            return sha256(b"\x00" + self.entries[start]).digest()
        split = start + self._split(end - start)
        return sha256(b"\x01" + self.root(start, split) + self.root(split, end)).digest()

    def path(self, index: int, start: int, end: int) -> tuple[bytes, ...]:
        if end - start == 1:
            return ()
        split = start + self._split(end - start)
        if index < split:
            return (*self.path(index, start, split), self.root(split, end))
        return (*self.path(index, split, end), self.root(start, split))

    def consistency(self, old: int, start: int, end: int, *, whole: bool = True) -> tuple[bytes, ...]:
        if old == end:
            return () if whole else (self.root(start, end),)
        split = start + self._split(end - start)
        if old <= split:
            return (*self.consistency(old, start, split, whole=whole), self.root(split, end))
        return (*self.consistency(old, split, end, whole=False), self.root(start, split))

    @staticmethod
    def _split(count: int) -> int:
        power = 1
        while power * 2 < count:
            power *= 2
        return power


NAIVE = Naive(ENTRIES)


class Shelf:
    """Tiles kept as a store would keep them: one row per place, the newest content."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, int], bytes] = {}
        self.frontier = Frontier.empty()

    def grow(self, leaves: Sequence[bytes]) -> None:
        self.frontier.extend(leaves)
        for tile in self.frontier.take_changed():
            self.rows[tile.level, tile.index] = tile.hashes

    def reader(self, size: int) -> TileReader:
        return TileReader(lambda level, index, width: self.rows[level, index][: 32 * width], size)

    def reload(self) -> Frontier:
        return Frontier.from_tiles(self.frontier.size, lambda level, index: self.rows[level, index])


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    shelf = Shelf()
    for start in range(0, len(LEAVES), 997):
        shelf.grow(LEAVES[start : start + 997])
    return shelf


def test_every_size_up_to_600_has_the_root_of_the_slow_implementation() -> None:
    frontier = Frontier.empty()
    assert frontier.root() == EMPTY_ROOT
    for size, leaf in enumerate(LEAVES[:600], 1):
        frontier.append(leaf)
        assert (frontier.size, frontier.root()) == (size, NAIVE.root(0, size))


@pytest.mark.parametrize("batch", [1, 3, 255, 256, 257, 5000])
def test_the_root_does_not_depend_on_how_the_entries_came(batch: int) -> None:
    frontier = Frontier.empty()
    for start in range(0, 1500, batch):
        frontier.extend(LEAVES[start : min(start + batch, 1500)])
        frontier.root()
    assert frontier.root() == NAIVE.root(0, 1500)


def test_proofs_of_every_size_up_to_600_equal_those_of_the_slow_implementation(shelf: Shelf) -> None:
    for size in range(1, 601):
        reader = shelf.reader(size)
        for place in {0, size // 3, size - 1}:
            assert reader.inclusion(place) == NAIVE.path(place, 0, size)
            assert reader.consistency(place + 1) == NAIVE.consistency(place + 1, 0, size)


@pytest.mark.slow
def test_every_proof_of_every_size_up_to_600_is_right_and_is_accepted(shelf: Shelf) -> None:
    for size in range(1, 601):
        reader, root = shelf.reader(size), NAIVE.root(0, size)
        assert reader.root() == root
        for place in range(size):
            inclusion, consistency = reader.inclusion(place), reader.consistency(place + 1)
            assert inclusion == NAIVE.path(place, 0, size)
            assert consistency == NAIVE.consistency(place + 1, 0, size)
            check_inclusion(place, size, LEAVES[place], inclusion, root)
            check_consistency(place + 1, size, NAIVE.root(0, place + 1), root, consistency)


@pytest.mark.parametrize("size", [65_279, 65_280, 65_281, 65_535, 65_536, 65_537, 65_792, 65_793, 70_000])
def test_sizes_around_256_squared_agree_with_the_slow_implementation(shelf: Shelf, size: int) -> None:
    reader = shelf.reader(size)
    assert reader.root() == NAIVE.root(0, size)
    for place in {0, 1, 255, 256, 65_278, size - 257, size - 256, size - 2, size - 1}:
        proof = reader.inclusion(place)
        assert proof == NAIVE.path(place, 0, size)
        check_inclusion(place, size, LEAVES[place], proof, reader.root())
    for old in {1, 2, 255, 256, 257, 65_279, size - 256, size - 1, size}:
        proof = reader.consistency(old)
        assert proof == NAIVE.consistency(old, 0, size)
        check_consistency(old, size, NAIVE.root(0, old), reader.root(), proof)


class Uniform(Naive):
    """A log of any length in which every entry is the same, so that its root takes no time."""

    def __init__(self) -> None:
        super().__init__(())

    def _root(self, start: int, end: int) -> bytes:
        return self._of(end - start)

    @cache  # noqa: B019
    def _of(self, count: int) -> bytes:
        if count == 1:
            return leaf_hash(b"same")
        split = self._split(count)
        return sha256(b"\x01" + self._of(split) + self._of(count - split)).digest()

    def tile(self, level: int, width: int) -> bytes:
        return self._of(256**level) * width


UNIFORM = Uniform()


@pytest.mark.parametrize(
    "size", [256**power + step for power in (3, 4, 7) for step in (-257, -2, -1, 0, 1, 2)]
)
def test_sizes_around_higher_powers_of_256_have_right_roots_and_proofs(size: int) -> None:
    reader = TileReader(lambda level, _, width: UNIFORM.tile(level, width), size)
    assert reader.root() == UNIFORM.root(0, size)
    for place in {0, 255, 256, size // 2, size // 2 + 1, size - 256, size - 1}:
        assert reader.inclusion(place) == UNIFORM.path(place, 0, size)
        assert reader.consistency(place + 1) == UNIFORM.consistency(place + 1, 0, size)


@pytest.mark.parametrize("power", [2, 3, 4, 7])
def test_a_log_grows_rightly_across_a_power_of_256(power: int) -> None:
    size = 256**power - 300
    frontier = Frontier.from_tiles(size, lambda level, _: UNIFORM.tile(level, (size >> 8 * level) % 256))
    assert frontier.root() == UNIFORM.root(0, size)
    for step in range(1, 600):
        frontier.append(leaf_hash(b"same"))
        assert frontier.root() == UNIFORM.root(0, size + step)
    changed = {(tile.level, tile.index): tile for tile in frontier.take_changed()}
    assert changed[power, 0].hashes == UNIFORM.tile(power, 1)
    assert all(tile.hashes == UNIFORM.tile(tile.level, tile.width) for tile in changed.values())


def test_a_reloaded_frontier_goes_on_where_the_first_one_stood() -> None:
    for size in (0, 1, 255, 256, 257, 600, 65_536, 65_600):
        shelf = Shelf()
        shelf.grow(LEAVES[:size])
        reloaded = shelf.reload()
        assert (reloaded.size, reloaded.root()) == (size, NAIVE.root(0, size))
        assert reloaded.take_changed() == ()
        reloaded.extend(LEAVES[size : size + 300])
        shelf.frontier.extend(LEAVES[size : size + 300])
        assert reloaded.take_changed() == shelf.frontier.take_changed()
        assert reloaded.root() == NAIVE.root(0, size + 300)


def test_a_tile_of_the_wrong_width_stops_the_reload() -> None:
    with pytest.raises(IntegrityError, match=r"tile/0/000\.p/3 has 64 bytes, not 96"):
        Frontier.from_tiles(3, lambda *_: b"x" * 64)
    with pytest.raises(IntegrityError, match=r"tile/0/000\.p/3 has 128 bytes, not 96"):
        TileReader(lambda *_: b"x" * 128, 3).root()


def test_a_copy_leaves_the_first_one_as_it_was() -> None:
    frontier = Frontier.empty()
    frontier.extend(LEAVES[:300])
    frontier.root()
    twin = frontier.copy()
    twin.extend(LEAVES[300:700])
    assert frontier.root() == NAIVE.root(0, 300)
    assert twin.root() == NAIVE.root(0, 700)
    assert [(tile.level, tile.index, tile.width) for tile in frontier.take_changed()] == [
        (0, 0, 256),
        (0, 1, 44),
        (1, 0, 1),
    ]
    third = frontier.copy()
    third.append(LEAVES[300])
    assert len(third.take_changed()) == 1
    assert frontier.take_changed() == ()


def test_only_changed_tiles_are_taken_and_each_once() -> None:
    frontier = Frontier.empty()
    assert frontier.take_changed() == ()
    frontier.extend(LEAVES[:256])
    (leaf_tile, above) = frontier.take_changed()
    assert (leaf_tile.is_full, leaf_tile.width, above.is_full, above.width) == (True, 256, False, 1)
    assert frontier.take_changed() == ()
    frontier.append(LEAVES[256])
    (tile,) = frontier.take_changed()
    assert (tile.level, tile.index, tile.width) == (0, 1, 1)
    frontier.extend(())
    assert frontier.take_changed() == ()


def test_what_is_no_hash_is_not_appended() -> None:
    frontier = Frontier.empty()
    with pytest.raises(UsageError, match="hash the entry"):
        frontier.append(b"an entry")
    assert frontier.size == 0


def test_the_tiles_taken_are_the_tiles_that_a_log_of_that_size_has(shelf: Shelf) -> None:
    listed = {(level, index): width for level, index, width in tiles_of(70_000)}
    assert {place: len(hashes) // 32 for place, hashes in shelf.rows.items()} == listed
    # The specification's own example.
    assert sum(width == TILE_WIDTH for (level, _), width in listed.items() if level == 0) == 273
    assert (listed[0, 273], listed[1, 0], listed[1, 1], listed[2, 0]) == (112, 256, 17, 1)
    assert list(tiles_of(256)) == [(0, 0, 256), (1, 0, 1)]
    assert list(tiles_of(0)) == []


def test_an_empty_log_read_through_tiles_has_the_empty_root() -> None:
    assert TileReader(lambda *_: b"", 0).root() == EMPTY_ROOT


@pytest.mark.parametrize("index", [-1, 10])
def test_there_is_no_proof_of_an_entry_outside_the_log(shelf: Shelf, index: int) -> None:
    with pytest.raises(UsageError, match="there is no entry"):
        shelf.reader(10).inclusion(index)


@pytest.mark.parametrize("old", [-1, 0, 11])
def test_there_is_no_consistency_proof_from_nothing_or_from_the_future(shelf: Shelf, old: int) -> None:
    with pytest.raises(UsageError, match="no proof from size"):
        shelf.reader(10).consistency(old)


def test_many_proofs_from_one_reader_stay_right(shelf: Shelf) -> None:
    reader = shelf.reader(70_000)
    for place in range(0, 70_000, 211):  # touches more tiles than the reader keeps
        check_inclusion(place, 70_000, LEAVES[place], reader.inclusion(place), NAIVE.root(0, 70_000))


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 1_234_067, 256, "tile/0/x001/x234/067"),
        (0, 1_067, 256, "tile/0/x001/067"),
        (1, 999, 1, "tile/1/999.p/1"),
        (63, 1_000_000, 255, "tile/63/x001/x000/000.p/255"),
        ("entries", 273, 112, "tile/entries/273.p/112"),
    ],
)
def test_tiles_lie_where_the_specification_says(level: int, index: int, width: int, path: str) -> None:
    assert tile_path(level, index, width) == path


@pytest.mark.parametrize(
    ("level", "index", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)]
)
def test_there_is_no_path_to_a_tile_that_cannot_be(level: int, index: int, width: int) -> None:
    with pytest.raises(UsageError, match="there is no tile"):
        tile_path(level, index, width)


def test_bundles_give_their_entries_again() -> None:
    entries = (b"", b"x", b"y" * 65_535)
    assert encode_bundle(entries)[:5] == b"\x00\x00\x00\x01x"
    assert decode_bundle(encode_bundle(entries)) == entries


@pytest.mark.parametrize("entries", [(), (b"",) * 257, (b"y" * 65_536,)])
def test_what_does_not_fit_a_bundle_is_not_bundled(entries: tuple[bytes, ...]) -> None:
    with pytest.raises(UsageError):
        encode_bundle(entries)


@pytest.mark.parametrize(
    ("bundle", "reason"),
    [
        (b"", "holds 0 entries"),
        (b"\x00", "ends inside entry 0"),
        (b"\x00\x02x", "ends inside entry 0"),
        (b"\x00\x01x\x00", "ends inside entry 1"),
        (b"\x00\x01x\xff\xff", "ends inside entry 1"),
        (b"\x00\x00" * 257, "holds 257 entries"),
    ],
)
def test_a_torn_bundle_is_refused(bundle: bytes, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        decode_bundle(bundle)


@pytest.mark.parametrize("size", [1, 256, 257, 1000])
def test_a_whole_log_is_verified_from_bundles_or_entries(size: int) -> None:
    groups = [ENTRIES[start : min(start + 256, size)] for start in range(0, size, 256)]
    assert verify_log(groups) == (size, NAIVE.root(0, size))
    assert verify_log(map(encode_bundle, groups)) == (size, NAIVE.root(0, size))


def test_no_bundles_are_the_empty_log() -> None:
    assert verify_log(()) == (0, EMPTY_ROOT)


def test_a_bundle_after_a_partial_one_is_refused() -> None:
    with pytest.raises(MalformedError, match="follows entry 3"):
        verify_log([ENTRIES[:3], ENTRIES[3:6]])
    with pytest.raises(MalformedError, match="up to 256"):
        verify_log([ENTRIES[:257]])


@pytest.mark.parametrize("size", [65_536, 65_537, 70_000])
def test_blocks_of_256_bundles_verified_apart_give_the_root_of_the_whole(size: int) -> None:
    above = Frontier.empty()
    for block in range(0, size, 65_536):
        starts = range(block, min(block + 65_536, size), 256)
        above.append(verify_log(ENTRIES[start : min(start + 256, size)] for start in starts)[1])
    assert above.root() == NAIVE.root(0, size)
