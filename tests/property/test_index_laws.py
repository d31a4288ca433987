"""Laws of the index: whoever searches it, and however it came to be, it finds what counting bits finds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from witnessmark.match.index import Found, HashIndex
from witnessmark.match.index.archive import Archive
from witnessmark.match.index.bits import bounds
from witnessmark.match.index.engine import engine, names

Codes = NDArray[np.uint8]
KERNELS = names()
SLOTS = (0, 15, 16)


def archive_of(seed: int, count: int, copies: float) -> Codes:
    """Codes of which some are copies of others, a few bits or none apart; some bits always say the same."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 256, (count, 32), np.uint8)
    codes[:, 5] = codes[:, 9]
    copied = int(count * copies)
    if copied:
        sources = rng.integers(0, max(1, count // 4), copied)
        strength = rng.choice([0.0, 0.02, 0.1, 0.25], (copied, 1))
        flips = np.packbits(rng.random((copied, 256)) < strength, axis=1)
        codes[count - copied :] = codes[sources] ^ flips
    return codes


def counted(codes: Codes, queries: Codes, radius: int) -> Found:
    """What lies within the radius, by counting bits one by one."""
    apart = np.unpackbits(codes[None] ^ queries[:, None], axis=2).sum(axis=2)
    query, ids = np.nonzero(apart <= radius)
    offsets = np.searchsorted(query, np.arange(len(queries) + 1))
    return Found(offsets, ids.astype(np.uint32), apart[query, ids].astype(np.uint16))


def assert_same(found: Found, expected: Found) -> None:
    """Both are the same, also in type and order."""
    assert [one.dtype for one in (found.ids, found.distances)] == [np.uint32, np.uint16]
    assert np.array_equal(found.offsets, expected.offsets)
    assert np.array_equal(found.ids, expected.ids)
    assert np.array_equal(found.distances, expected.distances)


archives = st.builds(archive_of, st.integers(0, 1 << 20), st.integers(0, 400), st.sampled_from([0, 0.3, 1]))


@pytest.mark.parametrize("kernel", KERNELS)
@settings(max_examples=15, deadline=None)
@given(
    archives,
    st.integers(0, 1 << 20),
    st.one_of(st.integers(0, 70), st.integers(0, 256)),
    st.sampled_from(SLOTS),
    st.sampled_from(["scan", "slots", None]),
    st.integers(0, 3),
)
def test_every_kernel_finds_what_counting_finds(  # noqa: PLR0917
    kernel: str, codes: Codes, seed: int, radius: int, slots: int, method: str | None, parts: int
) -> None:
    if method == "slots" and (not slots or radius > 16 * slots // 4):
        method = None  # so far, everything would be probed
    queries = np.concatenate([codes[:5], archive_of(seed, 5, 0)])
    cuts = sorted({len(codes) * part // 4 for part in range(4 - parts, 4)})
    first, *later = np.split(codes, cuts)
    index = HashIndex.build(first, slots=slots, kernel=kernel)
    for some in later:
        index.add(some)
    expected = counted(codes, queries, radius)
    assert_same(index.search(queries, radius, method=method), expected)  # type: ignore[arg-type]
    index.merge()
    assert index.waiting == 0
    assert_same(index.search(queries, radius), expected)
    assert np.array_equal(index.codes(), codes)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("slots", SLOTS)
@pytest.mark.parametrize("radius", [0, 15, 31, 47, 256])
def test_the_self_join_gives_every_pair_once(kernel: str, slots: int, radius: int) -> None:
    codes = archive_of(radius, 700 if radius < 256 else 90, 0.5)
    index = HashIndex.build(codes[:-60], slots=slots, kernel=kernel)
    index.add(codes[-60:])
    pairs = [pair for some in index.self_join(radius) for pair in triples(some)]
    expected = counted(codes, codes, radius)
    both = zip(expected.ids.tolist(), expected.queries().tolist(), expected.distances.tolist(), strict=True)
    assert sorted(pairs) == sorted(pair for pair in both if pair[0] < pair[1])
    assert len(pairs) > 90


def triples(pairs: tuple[NDArray[np.generic], ...]) -> Iterator[tuple[int, int, int]]:
    """Pairs one by one."""
    yield from zip(*(one.tolist() for one in pairs), strict=True)


@pytest.mark.parametrize("kernel", [name for name in KERNELS if name != "numpy"])
def test_a_join_that_is_cut_into_pieces_goes_on_where_it_stood(
    kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = np.repeat(archive_of(3, 20, 0), 30, axis=0)  # 30 times the same: 435 pairs each
    index = HashIndex.build(codes, slots=16, kernel=kernel)
    monkeypatch.setattr("witnessmark.match.index.engine._PAIRS_AT_ONCE", 1)
    pieces = list(index.self_join(3))
    assert len(pieces) > 5
    assert len({pair for some in pieces for pair in triples(some)}) == 20 * 435


@pytest.mark.parametrize("slots", SLOTS)
def test_every_engine_writes_the_same_bytes(slots: int) -> None:
    codes = archive_of(1, 3000, 0.5)
    written = []
    for kernel in KERNELS:
        image, _ = HashIndex.build(codes, slots=slots, kernel=kernel)._state
        written.append(image.archive.content[image.archive.checked.start :].tobytes())
    assert len(set(written)) == 1


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1 << 20), st.integers(0, 200))
def test_checksums_are_those_of_zlib(seed: int, size: int) -> None:
    content = np.random.default_rng(seed).integers(0, 256, size, np.uint8)
    expected = engine("numpy").checksums(content, 16)
    assert np.array_equal(engine().checksums(content, 16), expected)


@pytest.mark.parametrize("slots", SLOTS[1:])
def test_allowances_add_up_to_one_more_than_the_radius(slots: int) -> None:
    image, _ = HashIndex.build(archive_of(0, 100, 0), slots=slots)._state
    assert [sum(image.statistics.allowances(radius)) for radius in range(257)] == list(range(1, 258))
    assert sum(image.statistics.widths) == bounds(slots)[-1] == 256


def test_a_pair_just_inside_the_radius_is_found_wherever_its_bits_differ() -> None:
    """The worst cases of the pigeonhole: the differing bits spread over the slots in every uneven way."""
    rng = np.random.default_rng(9)
    codes = rng.integers(0, 256, (1, 32), np.uint8)
    queries = np.repeat(codes, 3000, axis=0)
    for number in range(len(queries)):
        centre, spread = rng.integers(0, 256), rng.integers(16, 257)
        bits = (centre + rng.permutation(spread)[: min(spread, 31)]) % 256
        queries[number] ^= np.packbits(np.isin(np.arange(256), bits))
    for slots, kernel in [
        *((16, kernel) for kernel in KERNELS),
        (15, None),
        (14, None),
        (13, None),
        (12, None),
    ]:
        index = HashIndex.build(codes, slots=slots, kernel=kernel)
        assert len(index.search(queries, 31, method="slots").ids) == len(queries), (slots, kernel)


def test_an_archive_of_columns_gives_back_its_rows() -> None:
    image, _ = HashIndex.build(codes := archive_of(4, 333, 0), slots=0)._state
    assert isinstance(image.archive, Archive)
    assert np.array_equal(image.archive.rows(), codes)
