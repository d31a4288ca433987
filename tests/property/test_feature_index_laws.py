"""The index of features gives what counting every vote gives, however it was filled, compiled or not."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from witnessmark.match.features.image import MOST_INDEXED, Rows
from witnessmark.match.features.index import MOST_SOUGHT, WAYS, Candidate, FeatureIndex, row
from witnessmark.match.features.lists import REACH, Sought, affordable, weights_for
from witnessmark.match.features.words import WORDS, vocabulary
from witnessmark.pixels.features import Features

seeds = st.integers(0, 2**32 - 1)
counts = st.lists(st.integers(0, 12), min_size=1, max_size=8)


def pictures(seed: int, sizes: list[int]) -> list[Features]:
    """Made-up features; some descriptors come again in several pictures, a little changed."""
    rng = np.random.default_rng(seed)
    shared = rng.integers(0, 9, (12, 128)).astype(np.uint8)
    made = []
    for size in sizes:
        levels = rng.integers(0, 9, (size, 128)).astype(np.uint8)
        again = rng.random(size) < 0.5
        levels[again] = shared[rng.integers(0, len(shared), int(again.sum()))]
        levels[again, rng.integers(0, 128)] = 3
        places = rng.integers(0, 65536, (size, 2)).astype(np.uint16)
        made.append(Features(400, 300, places, levels, np.zeros((3, 4), np.uint8)))
    return made


def rows_of(made: list[Features]) -> Rows:
    return np.concatenate([row(bytes([at]) * 32, one) for at, one in enumerate(made)])


def counted(query: Features, made: list[Features]) -> list[Candidate]:
    """Every vote counted one by one."""
    own = [vocabulary().words(one.levels[:MOST_INDEXED]) if len(one) else None for one in made]
    lengths = np.zeros(WORDS, np.int64)
    for pair in own:
        if pair is not None:
            np.add.at(lengths, pair[0][:, 0].astype(np.int64), 1)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint64)
    words, signatures = vocabulary().words(query.levels[:MOST_SOUGHT], WAYS)
    weights = weights_for(starts, words.ravel()).reshape(words.shape)
    found = []
    for at, pair in enumerate(own):
        votes = 0
        for word, signature in zip(*pair, strict=True) if pair is not None else ():
            for place in zip(*np.nonzero(words == word[0]), strict=True):
                apart = int(signature[0] ^ signatures[place]).bit_count()
                if apart <= REACH:
                    votes += round(64 * np.exp(-((apart / 12) ** 2))) * int(weights[place])
        if votes:
            found.append((-votes / np.sqrt(float(len(made[at]))), at))
    return [Candidate(bytes([at]) * 32, -worth) for worth, at in sorted(found)]


@given(seeds, counts)
def test_a_search_gives_what_counting_every_vote_gives(seed: int, sizes: list[int]) -> None:
    made = pictures(seed, sizes)
    index = FeatureIndex.build([rows_of(made)])
    for query in pictures(seed, [10, 0]):
        if len(query):
            for compiled in (False, None):
                assert index.search(query, 100, compiled=compiled) == counted(query, made)


@given(seeds, counts, st.data())
def test_an_index_is_the_same_however_it_was_filled(seed: int, sizes: list[int], data: st.DataObject) -> None:
    rows = rows_of(pictures(seed, sizes))
    whole = FeatureIndex.build([rows])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    index = FeatureIndex.build()
    for first, last in zip([0, *cuts], [*cuts, len(rows)], strict=True):
        index.add(rows[first:last])
        if data.draw(st.booleans()):
            index.merge()
        assert len(index) == last
    assert index.names() == whole.names()
    index.merge()
    (query,) = pictures(seed + 1, [25])
    assert index.waiting == 0
    assert index.search(query, 50) == whole.search(query, 50)
    assert index.search(query, 2) == whole.search(query, 50)[:2]


def test_the_best_few_of_many_records_are_the_first_of_all_that_share_words() -> None:
    few = pictures(5, [6] * 12)
    rows = np.concatenate([rows_of(few)] * 60)
    rows["count"] = np.random.default_rng(2).integers(1, 7, len(rows))
    index = FeatureIndex.build([rows])
    found = index.search(few[0], len(rows))
    assert len(found) > 300
    for most in (1, 3, 5):
        assert index.search(few[0], most) == found[:most]


@given(seeds, st.integers(0, 5000))
def test_what_is_sought_within_a_limit_is_what_tells_most_for_its_cost(seed: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    lengths = np.where(rng.random(WORDS) < 0.001, 2_000, 2)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint64)
    words = np.concatenate([np.flatnonzero(lengths > 2)[:3], np.arange(40)]).astype(np.uint32)
    signatures = np.arange(len(words), dtype=np.uint64)
    sought = Sought(words, signatures, weights_for(starts, words))
    kept = affordable(sought, starts, np.ones(len(words)), most)
    cost = lengths[words]
    assert cost[kept.signatures.astype(int)].sum() <= max(most, 0)
    if most >= cost.sum():
        assert len(kept.words) == len(words)
    left = np.setdiff1d(signatures, kept.signatures).astype(int)
    if len(left) and len(kept.words):  # no short list goes before a long one
        assert cost[left].min() >= cost[kept.signatures.astype(int)].max() or cost[left].max() > 2
    places = kept.signatures.astype(int)
    assert np.array_equal(kept.words, sought.words[places])
    assert np.array_equal(kept.weights, sought.weights[places])
