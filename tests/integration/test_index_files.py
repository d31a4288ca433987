"""The index on disk: shared, crash-safe, and never silently incomplete."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from witnessmark.errors import MalformedError, UnavailableError, UsageError
from witnessmark.match import HashIndex
from witnessmark.match.index.engine import names

Codes = NDArray[np.uint8]
RNG = np.random.default_rng(3)
CODES = RNG.integers(0, 256, (600, 32), np.uint8)
CODES[300:] = CODES[:300]
CODES[300:, 7] ^= RNG.integers(0, 256, 300, np.uint8)


def answers(index: HashIndex, count: int = len(CODES)) -> bool:
    """Whether it covers so many of the codes and finds what is near each of them."""
    expected = np.bitwise_count(CODES[:count, None] ^ CODES[None, :count]).sum(axis=2) <= 31
    found = index.search(CODES[:count], 31)
    query, ids = np.nonzero(expected)
    return len(index) == count and np.array_equal(found.ids, ids) and np.array_equal(found.queries(), query)


@pytest.mark.parametrize("slots", [0, 16])
@pytest.mark.parametrize("kernel", names())
def test_an_index_is_the_same_when_it_is_opened_again(tmp_path: Path, slots: int, kernel: str) -> None:
    built = HashIndex.build(CODES[:400], tmp_path / "codes", slots=slots, kernel=kernel)
    assert built.add(CODES[400:450]) == range(400, 450)
    assert built.add(CODES[450:]) == range(450, 600)
    opened = HashIndex.open(tmp_path / "codes", kernel=kernel)
    assert (len(opened), opened.waiting) == (600, 200)
    assert answers(built)
    assert answers(opened)
    opened.merge()
    assert (len(opened), opened.waiting) == (600, 0)
    assert answers(opened)
    assert built.refresh()
    assert not built.refresh()
    assert (built.waiting, answers(built)) == (0, True)
    assert np.array_equal(HashIndex.open(tmp_path / "codes").codes(), CODES)
    assert {path.name for path in tmp_path.iterdir()} == {
        "codes",
        "codes.tail",
        "codes.lock",
        "codes.merging",
    }


def test_two_who_add_do_not_lose_each_others_codes(tmp_path: Path) -> None:
    one = HashIndex.build(CODES[:0], tmp_path / "codes")
    other = HashIndex.open(tmp_path / "codes")
    for start in range(0, 600, 20):
        writer = (one, other)[start // 20 % 2]
        assert writer.add(CODES[start : start + 20]).start == start
        if start == 300:
            one.merge()
    assert other.refresh() is False  # it was the last to add
    assert answers(other)
    assert one.refresh()
    assert answers(one)


@pytest.mark.parametrize("slots", [0, 16])
def test_wherever_the_files_are_cut_it_is_noticed(tmp_path: Path, slots: int) -> None:
    HashIndex.build(CODES[:400], tmp_path / "codes", slots=slots).add(CODES[400:])
    for name in ("codes", "codes.tail"):
        path = tmp_path / name
        whole = path.read_bytes()
        lengths = {0, 1, 63, 64, 65, 4095, 4096, 4097, len(whole) // 2, len(whole) - 1}
        for length in sorted(one for one in lengths if one < len(whole)):
            path.write_bytes(whole[:length])
            with pytest.raises(MalformedError, match="cut"):
                HashIndex.open(tmp_path / "codes")
        path.write_bytes(whole)
    assert answers(HashIndex.open(tmp_path / "codes"))


@pytest.mark.parametrize("kernel", [names()[0], "numpy"])
def test_any_byte_that_changes_is_noticed(tmp_path: Path, kernel: str) -> None:
    """Every byte of a small index: what it holds is refused, or nothing was lost by it."""
    index = HashIndex.build(CODES[:20], tmp_path / "codes")
    index.add(CODES[20:23])
    for name in ("codes", "codes.tail"):
        path = tmp_path / name
        whole = path.read_bytes()
        for place in range(len(whole)):
            if name == "codes" and 600 < place < 4000 and place % 50:
                continue  # the header is filled up with zeros there
            if kernel == "numpy" and place % 5:
                continue  # it reads the files in the same way
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
            with pytest.raises(MalformedError):
                HashIndex.open(tmp_path / "codes", kernel=kernel).search(CODES[:1], 256)
        path.write_bytes(whole)
    assert answers(HashIndex.open(tmp_path / "codes", kernel=kernel), 23)


@pytest.mark.parametrize("kernel", names())
def test_a_search_by_slots_meets_no_changed_byte_unawares(tmp_path: Path, kernel: str) -> None:
    index = HashIndex.build(CODES, tmp_path / "codes", slots=16)
    expected = index.search(CODES, 31, method="slots")
    path = tmp_path / "codes"
    whole = path.read_bytes()
    chance = random.Random(7)  # noqa: S311
    noticed = 0
    used = [4096 + chance.randrange(len(CODES) * 32) for _ in range(20)]
    for place in [*used, *(chance.randrange(4096, len(whole)) for _ in range(40))]:
        with path.open("r+b") as file:
            file.seek(place)
            file.write(bytes([whole[place] ^ 1 << chance.randrange(8)]))
        opened: HashIndex | None = None
        try:
            opened = HashIndex.open(path, kernel=kernel)
            found = opened.search(CODES, 31, method="slots")
            assert np.array_equal(found.ids, expected.ids)
            assert np.array_equal(found.offsets, expected.offsets)
        except MalformedError:
            noticed += 1
        if opened:
            with pytest.raises(MalformedError, match="damaged"):
                opened.verify()
        with path.open("r+b") as file:
            file.seek(place)
            file.write(whole[place : place + 1])
    assert noticed >= len(used)


@pytest.mark.parametrize("name", ["codes", "codes.tail"])
def test_a_newer_version_is_refused_by_name(tmp_path: Path, name: str) -> None:
    HashIndex.build(CODES, tmp_path / "codes")
    content = bytearray((tmp_path / name).read_bytes())
    content[8] = 9
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MalformedError, match="version 9 of its format; this program reads version 1"):
        HashIndex.open(tmp_path / "codes")


def test_files_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    index = HashIndex.build(CODES[:300], tmp_path / "codes")
    index.add(CODES[300:])
    (tmp_path / "old").write_bytes((tmp_path / "codes").read_bytes())
    index.merge()
    (tmp_path / "old").replace(tmp_path / "codes")
    with pytest.raises(MalformedError, match="the records between them are missing"):
        HashIndex.open(tmp_path / "codes")
    HashIndex.build(CODES, tmp_path / "other")
    (tmp_path / "other.tail").replace(tmp_path / "codes.tail")
    with pytest.raises(MalformedError, match="does not go with"):
        HashIndex.open(tmp_path / "codes")
    (tmp_path / "codes.tail").unlink()
    with pytest.raises(UsageError, match=r"there is no .*codes\.tail"):
        HashIndex.open(tmp_path / "codes")


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no"):
        HashIndex.open(tmp_path / "nothing")
    HashIndex.build(CODES, tmp_path / "codes")
    (tmp_path / "codes").write_bytes(b"x" * 10_000)
    with pytest.raises(MalformedError, match="not an index of codes"):
        HashIndex.open(tmp_path / "codes")


def test_what_an_addition_left_half_written_does_no_harm(tmp_path: Path) -> None:
    index = HashIndex.build(CODES[:300], tmp_path / "codes")
    index.add(CODES[300:400])
    with (tmp_path / "codes.tail").open("ab") as file:
        file.write(b"half a code")  # the power went before the header was written
    opened = HashIndex.open(tmp_path / "codes")
    assert answers(opened, 400)
    opened.add(CODES[400:])
    assert answers(HashIndex.open(tmp_path / "codes"))


def test_a_merge_that_stopped_before_the_tail_was_begun_anew_counts_nothing_twice(tmp_path: Path) -> None:
    index = HashIndex.build(CODES[:300], tmp_path / "codes")
    index.add(CODES[300:400])
    tail = (tmp_path / "codes.tail").read_bytes()
    index.merge()
    (tmp_path / "codes.tail").write_bytes(tail)
    opened = HashIndex.open(tmp_path / "codes")
    assert (opened.waiting, answers(opened, 400)) == (0, True)
    assert opened.add(CODES[400:]) == range(400, 600)
    opened.merge()
    assert answers(HashIndex.open(tmp_path / "codes"))


FULL = """
import os, subprocess, sys
from pathlib import Path
import numpy as np
from witnessmark.errors import UnavailableError
from witnessmark.match import HashIndex
disk = Path(sys.argv[1])
if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=500k", "tmpfs", disk]).returncode:
    sys.exit(77)
(disk / "index").mkdir()
codes = np.random.default_rng(1).integers(0, 256, (12000, 32), np.uint8)
index = HashIndex.build(codes[:5000], disk / "index" / "codes")
index.add(codes[5000:9000])
for verb in (index.merge, lambda: index.add(codes[9000:])):
    try:
        verb()
    except UnavailableError as error:
        print(error, "|", error.advice)
    opened = HashIndex.open(disk / "index" / "codes")
    assert np.array_equal(opened.codes(), codes[:9000])
    assert {path.suffix for path in (disk / "index").iterdir()} == {"", ".lock", ".merging", ".tail"}
    with (disk / "filler").open("wb") as filler:
        os.posix_fallocate(filler.fileno(), 0, os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize)
"""


def test_a_full_disk_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    """On a real file system of 500 kB."""
    command = [sys.executable, "-c", FULL, str(tmp_path)]
    ran = subprocess.run(
        ["unshare", "--map-root-user", "--mount", *command], capture_output=True, text=True, check=False
    )
    if ran.returncode == 77 or "unshare" in ran.stderr:
        pytest.skip("no file system can be mounted here")
    assert ran.returncode == 0, ran.stderr
    assert len(ran.stdout.splitlines()) == 2, ran.stdout
    merged, added = ran.stdout.splitlines()
    assert "could not be written: No space left on device | make room on the disk" in merged
    assert "could not be added" in added


MERGE = """
import sys
import numpy as np
from witnessmark.match import HashIndex
index = HashIndex.open(sys.argv[1])
codes = np.load(sys.argv[2])
print("ready", flush=True)
while len(index) < len(codes):
    index.add(codes[len(index) : len(index) + 10])
    print(len(index), flush=True)
    index.merge()
"""


def test_a_process_killed_while_it_merges_leaves_everything_it_promised(tmp_path: Path) -> None:
    codes = np.random.default_rng(5).integers(0, 256, (20_000, 32), np.uint8)
    np.save(tmp_path / "codes.npy", codes)
    HashIndex.build(codes[:2000], tmp_path / "codes", slots=16)
    chance = random.Random(1)  # noqa: S311
    for _ in range(12):
        command = [sys.executable, "-c", MERGE, str(tmp_path / "codes"), str(tmp_path / "codes.npy")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            time.sleep(chance.random() * 0.2)
            process.kill()
            promised = [
                int(line) for line in process.stdout.read().splitlines(keepends=True) if line[-1] == "\n"
            ]
        assert process.returncode == -signal.SIGKILL
        index = HashIndex.open(tmp_path / "codes")
        assert len(index) >= max(promised, default=2000)
        assert np.array_equal(index.codes(), codes[: len(index)])
        index.verify()
    assert len(index) > 2000


READ = """
import sys
import numpy as np
from witnessmark.match import HashIndex
codes = np.load(sys.argv[2])
index = HashIndex.open(sys.argv[1])
seen = refreshed = 0
while len(index) < len(codes):
    refreshed += index.refresh()
    assert len(index) >= seen
    seen = len(index)
    found = index.search(codes[:seen:97], 0)
    assert found.ids.tolist() == list(range(0, seen, 97)), (seen, found.ids)
print(refreshed)
"""


def test_processes_read_while_another_adds_and_merges(tmp_path: Path) -> None:
    codes = np.random.default_rng(6).integers(0, 256, (4000, 32), np.uint8)
    np.save(tmp_path / "codes.npy", codes)
    index = HashIndex.build(codes[:1000], tmp_path / "codes", slots=16)
    command = [sys.executable, "-c", READ, str(tmp_path / "codes"), str(tmp_path / "codes.npy")]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    time.sleep(0.5)
    for start in range(1000, 4000, 250):
        index.add(codes[start : start + 250])
        if start % 500 == 0:
            index.merge()
        time.sleep(0.03)
    for reader in readers:
        said, _ = reader.communicate(timeout=120)
        assert reader.returncode == 0
        assert int(said) >= 1


def test_one_process_searches_and_adds_while_it_merges(tmp_path: Path) -> None:
    index = HashIndex.build(CODES[:200], tmp_path / "codes", slots=16)

    def merge_often() -> None:
        for _ in range(10):
            index.merge()

    merging = threading.Thread(target=merge_often)
    merging.start()
    for start in range(200, 600, 10):
        index.add(CODES[start : start + 10])
        assert answers(index, start + 10)
    merging.join()
    assert answers(HashIndex.open(tmp_path / "codes"))


def test_a_process_that_may_only_read_can_search(tmp_path: Path) -> None:
    HashIndex.build(CODES, tmp_path / "codes")
    for path in tmp_path.iterdir():
        path.chmod(0o444)
    tmp_path.chmod(0o555)
    with contextlib.ExitStack() as stack:
        stack.callback(tmp_path.chmod, 0o755)
        index = HashIndex.open(tmp_path / "codes")
        assert answers(index)
        if os.geteuid():
            with pytest.raises(UnavailableError):
                index.add(CODES)


@pytest.mark.parametrize(
    "codes",
    [
        np.zeros((3, 31), np.uint8),
        np.zeros((3, 32), np.int8),
        np.zeros(32, np.uint8),
        np.zeros((1, 2, 32), np.uint8),
        [b"x" * 32],
    ],
)
def test_codes_of_another_shape_are_refused(codes: Codes) -> None:
    index = HashIndex.build(CODES)
    for verb in (HashIndex.build, index.add, lambda some: index.search(some, 3)):
        with pytest.raises(UsageError, match="n × 32 bytes"):
            verb(codes)


def test_a_request_that_makes_no_sense_is_refused() -> None:
    index = HashIndex.build(CODES)
    for radius in (-1, 257):
        with pytest.raises(UsageError, match="from 0 to 256"):
            index.search(CODES, radius)
    with pytest.raises(UsageError, match="no kernel 'abacus' here"):
        HashIndex.build(CODES, kernel="abacus")
    with pytest.raises(UsageError, match="has no slots"):
        index.search(CODES, 3, method="slots")
    with pytest.raises(UsageError, match="not 40"):
        HashIndex.build(CODES, slots=40)


def test_codes_that_do_not_lie_in_one_piece_are_found_too() -> None:
    wide = np.zeros((300, 64), np.uint8)
    wide[:, ::2] = CODES[:300]
    assert answers(HashIndex.build(wide[:, ::2]), 300)


def test_a_large_index_opens_at_once(tmp_path: Path) -> None:
    HashIndex.build(CODES, tmp_path / "codes", slots=16)
    began = time.perf_counter()
    HashIndex.open(tmp_path / "codes")
    assert time.perf_counter() - began < 0.5
