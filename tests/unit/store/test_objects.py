"""Objects: bytes under their own digest, whole or not at all, and given out only when they still fit."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import subprocess
from pathlib import Path
from threading import Thread

import pytest

from witnessmark.errors import IntegrityError, MalformedError, RefusedError, UnavailableError
from witnessmark.model import Digest
from witnessmark.ports import Staged
from witnessmark.store import objects
from witnessmark.store.objects import Objects, open_objects


@pytest.fixture
def store(tmp_path: Path) -> Objects:
    return open_objects(tmp_path, create=True)


def staged(store: Objects, *contents: bytes) -> list[Staged]:
    return [store.stage(io.BytesIO(content), lambda _: "x/y") for content in contents]


@pytest.mark.parametrize("count", [1, 3, 4, 40])
def test_bytes_lie_under_their_digest_singly_and_in_batches(store: Objects, count: int) -> None:
    contents = [b"%d" % number for number in range(count)]
    store.keep(staged(store, *contents))
    for content in contents:
        digest = Digest.of(content)
        assert store.path_of(digest).name == hashlib.sha256(content).hexdigest()
        with store.open(digest) as kept:
            assert kept.read() == content
    assert set(store.names()) == {Digest.of(content) for content in contents}


def test_coreutils_check_the_store_without_us(store: Objects) -> None:
    store.keep(staged(store, b"one", b"two", b"three", b"four"))
    lines = "".join(f"{name.hex}  {store.path_of(name)}\n" for name in store.names())
    ran = subprocess.run(["sha256sum", "-c", "--quiet"], input=lines, text=True, check=False)
    assert ran.returncode == 0


def test_kept_bytes_cannot_be_written_by_accident(store: Objects) -> None:
    store.keep(staged(store, b"content"))
    assert store.path_of(Digest.of(b"content")).stat().st_mode & 0o222 == 0


def overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(content)


def test_what_is_read_by_its_path_is_checked_first(store: Objects) -> None:
    (one,) = staged(store, b"content")
    store.keep([one])
    with store.checked(one.digest) as path:
        assert path.read_bytes() == b"content"
    overwrite(store.path_of(one.digest), b"another")
    with pytest.raises(IntegrityError, match="has changed"), store.checked(one.digest):
        pytest.fail("changed bytes were given out")
    store.path_of(one.digest).unlink()
    with pytest.raises(IntegrityError, match="is missing"), store.checked(one.digest):
        pytest.fail("missing bytes were given out")


def test_bytes_put_in_the_place_of_an_open_object_are_not_read(store: Objects) -> None:
    (one,) = staged(store, b"content")
    store.keep([one])
    other = store.path_of(one.digest).with_name("other")
    other.write_bytes(b"another")
    with store.checked(one.digest) as path:
        other.replace(store.path_of(one.digest))
        assert path.read_bytes() == b"content"


def test_an_object_that_is_written_to_while_it_is_read_is_noticed(store: Objects) -> None:
    (one,) = staged(store, b"content")
    store.keep([one])
    kept = store.path_of(one.digest)
    before = kept.stat()
    with pytest.raises(IntegrityError, match="written to while"), store.checked(one.digest):
        overwrite(kept, b"longer than it was")
    overwrite(kept, b"content")
    os.utime(kept, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(IntegrityError, match="has changed"), store.checked(one.digest):
        overwrite(kept, b"another")
        os.utime(kept, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_the_same_bytes_may_be_kept_again_while_they_are_read(store: Objects) -> None:
    store.keep(staged(store, b"content"))
    with store.checked(Digest.of(b"content")) as path:
        store.keep(staged(store, b"content"))
        assert path.read_bytes() == b"content"


def test_staged_bytes_are_not_visible_before_they_are_kept(store: Objects) -> None:
    (one,) = staged(store, b"content")
    assert not store.has(one.digest)
    store.discard([one])
    assert not Path(one.path).exists()
    store.discard([one])


def test_the_same_bytes_twice_in_one_batch_are_one_object(store: Objects) -> None:
    store.keep(staged(store, b"a", b"a", b"b", b"b", b"a"))
    assert set(store.names()) == {Digest.of(b"a"), Digest.of(b"b")}


def test_a_rotten_object_is_mended_by_taking_the_right_bytes_in_again(store: Objects) -> None:
    digest = Digest.of(b"content")
    store.keep(staged(store, b"content"))
    store.path_of(digest).chmod(0o600)
    store.path_of(digest).write_bytes(b"Content")
    with pytest.raises(IntegrityError, match="has changed"):
        store.open(digest)
    store.keep(staged(store, b"content", b"1", b"2", b"3"))
    store.open(digest).close()


def test_an_object_that_is_missing_is_named(store: Objects) -> None:
    digest = Digest.of(b"never kept")
    with pytest.raises(IntegrityError, match=f"{digest.hex} is missing"):
        store.open(digest)


def test_a_removed_object_is_gone_and_may_be_removed_again(store: Objects) -> None:
    store.keep(staged(store, b"content"))
    store.remove(Digest.of(b"content"))
    store.remove(Digest.of(b"content"))
    assert not store.has(Digest.of(b"content"))


def test_known_bytes_are_synced_before_they_take_the_place_of_others(
    store: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.keep(staged(store, b"1", b"2", b"3", b"4"))
    order: list[str] = []
    replace, sync = os.replace, objects._sync_all

    def replacing(source: str, target: str) -> None:
        order.append("rename")
        replace(source, target)

    def syncing(root: int) -> None:
        order.append("sync")
        sync(root)

    monkeypatch.setattr(os, "replace", replacing)
    monkeypatch.setattr(objects, "_sync_all", syncing)
    store.keep(staged(store, b"5", b"6", b"7", b"8"))
    assert order == ["rename"] * 4 + ["sync"]
    order.clear()
    store.keep(staged(store, b"9", b"8", b"7", b"10"))
    assert order == ["sync"] + ["rename"] * 4 + ["sync"]


def test_a_single_file_does_not_come_between_a_batch_that_looked_and_its_sync(
    store: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = open_objects(store.root)  # as another process has it
    batch, single = staged(store, b"1", b"2", b"3", b"4"), staged(other, b"1")
    name, order, keepers = store.path_of(batch[0].digest), list[str](), list[Thread]()
    exists, sync = os.path.exists, objects._sync_all

    def keep_singly() -> None:
        other.keep(single)
        order.append("single file durable")

    def looking(path: str) -> bool:
        found = exists(path)
        if str(path) == str(name) and not keepers:
            keepers.append(Thread(target=keep_singly))
            keepers[0].start()
            keepers[0].join(0.5)  # it could be acknowledged now, if nothing held it back
        return found

    def syncing(root: int) -> None:
        sync(root)
        order.append("batch durable")

    monkeypatch.setattr(os.path, "exists", looking)
    monkeypatch.setattr(objects, "_sync_all", syncing)
    store.keep(batch)
    keepers[0].join()
    assert order == ["batch durable", "single file durable"]
    other.close()


def test_after_a_failed_sync_nothing_more_is_written(store: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = staged(store, b"1", b"2", b"3", b"4")

    def fail(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(objects, "_sync_all", fail)
    with pytest.raises(UnavailableError, match="reported a fault"):
        store.keep(batch)
    monkeypatch.undo()
    with pytest.raises(UnavailableError, match="was stopped"):
        staged(store, b"5")
    with pytest.raises(UnavailableError, match="was stopped"):
        store.keep([])


@pytest.mark.parametrize(
    ("code", "family", "words"),
    [
        (errno.ENOSPC, UnavailableError, "is full"),
        (errno.EDQUOT, UnavailableError, "is full"),
        (errno.EIO, UnavailableError, "reported a fault"),
        (errno.EROFS, RefusedError, "cannot be written"),
        (errno.EACCES, RefusedError, "cannot be written"),
        (errno.EMFILE, UnavailableError, "cannot be written"),
    ],
)
def test_what_the_disk_says_is_told_in_our_words(
    store: Objects, monkeypatch: pytest.MonkeyPatch, code: int, family: type[Exception], words: str
) -> None:
    def fail(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "write", fail)
    with pytest.raises(family, match=words):
        staged(store, b"content")
    assert [path for path in (store.root / "tmp").rglob("*") if path.is_file()] == []


class Broken(io.BytesIO):
    """A source whose disk fails."""

    def readinto(self, _: object) -> int:
        raise OSError(errno.EIO, "Input/output error")


def test_a_source_at_fault_is_not_confused_with_our_own_disk(store: Objects) -> None:
    with pytest.raises(MalformedError, match="cannot be read"):
        store.stage(Broken(), lambda _: "x/y")
    store.keep(staged(store, b"still possible"))


def test_leftovers_of_the_dead_are_swept_and_the_living_are_left_alone(store: Objects) -> None:
    (one,) = staged(store, b"still being worked on")
    dead = store.root / "tmp" / "4711-dead"
    dead.mkdir()
    (dead / "1").write_bytes(b"left behind")
    open_objects(store.root).close()
    assert not dead.exists()
    assert Path(one.path).exists()
    store.close()
    assert list((store.root / "tmp").iterdir()) == []
