"""Keys: made once, kept away from the case, and a memory of what was published that only grows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from witnessmark.errors import IntegrityError, MalformedError, RefusedError, UnavailableError
from witnessmark.ports import Head
from witnessmark.preserve.keys import KeyFolder, create_keys, folder_of, load_keys

ORIGIN = "desk.example/tests"


@pytest.fixture
def keys(tmp_path: Path) -> KeyFolder:
    return create_keys(tmp_path / "not" / "yet" / "there", ORIGIN)


def test_keys_that_were_made_are_loaded_again(keys: KeyFolder) -> None:
    loaded = load_keys(keys.folder.parent, ORIGIN, keys.signer.verifier.vkey())
    assert loaded.signer.private_bytes() == keys.signer.private_bytes()
    assert loaded.vault_key == keys.vault_key


def test_keys_are_for_their_owner_only(keys: KeyFolder) -> None:
    assert keys.folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in keys.folder.iterdir()} == {0o600}


def test_keys_are_never_overwritten(keys: KeyFolder) -> None:
    with pytest.raises(RefusedError, match="holds keys already"):
        create_keys(keys.folder.parent, ORIGIN)
    assert load_keys(keys.folder.parent, ORIGIN, keys.signer.verifier.vkey()).vault_key == keys.vault_key


def test_an_origin_with_slashes_stays_inside_the_folder(tmp_path: Path) -> None:
    assert folder_of(tmp_path, "../../etc/keys").parent == tmp_path


def test_a_missing_key_is_refused(keys: KeyFolder) -> None:
    (keys.folder / "vault.key").unlink()
    with pytest.raises(RefusedError, match="is not there"):
        load_keys(keys.folder.parent, ORIGIN, keys.signer.verifier.vkey())


def test_the_key_of_another_case_is_refused(keys: KeyFolder, tmp_path: Path) -> None:
    other = create_keys(tmp_path / "other", ORIGIN)
    with pytest.raises(RefusedError, match="is not the key of this case"):
        load_keys(keys.folder.parent, ORIGIN, other.signer.verifier.vkey())


@pytest.mark.parametrize(
    ("content", "family"), [("not hexadecimal", RefusedError), ("00" * 31, MalformedError)]
)
def test_a_key_that_is_no_key_is_refused(keys: KeyFolder, content: str, family: type[Exception]) -> None:
    (keys.folder / "log.key").write_text(content)
    with pytest.raises(family):
        load_keys(keys.folder.parent, ORIGIN, keys.signer.verifier.vkey())


def test_nothing_is_remembered_before_something_was_published(keys: KeyFolder) -> None:
    assert keys.published() == Head(0, sha256(b"").digest())


def test_what_was_published_is_remembered(keys: KeyFolder) -> None:
    keys.remember(Head(3, b"\x03" * 32))
    assert keys.published() == Head(3, b"\x03" * 32)


def test_a_shorter_log_does_not_replace_the_memory_of_a_longer_one(keys: KeyFolder) -> None:
    keys.remember(Head(5, b"\x05" * 32))
    keys.remember(Head(4, b"\x04" * 32))
    assert keys.published() == Head(5, b"\x05" * 32)


def test_many_that_publish_at_once_leave_the_longest_in_memory(keys: KeyFolder) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(keys.remember, [Head(size, bytes([size]) * 32) for size in range(1, 60)]))
    assert keys.published() == Head(59, bytes([59]) * 32)


@pytest.mark.parametrize(
    "content", ["", "{}", '{"size": "x", "root": "00"}', '{"size": 1, "root": "zz"}', "[1]"]
)
def test_a_damaged_memory_is_no_reason_to_forget(keys: KeyFolder, content: str) -> None:
    (keys.folder / "published.json").write_text(content)
    with pytest.raises(IntegrityError, match="could not be noticed"):
        keys.published()


def test_a_disk_that_cannot_keep_the_memory_is_named(keys: KeyFolder) -> None:
    (keys.folder / "published.json.new").mkdir()
    with pytest.raises(UnavailableError, match="cannot be read or written"):
        keys.remember(Head(1, b"\x01" * 32))
    assert keys.published() == Head(0, sha256(b"").digest())


def test_a_memory_that_was_lost_is_none(keys: KeyFolder) -> None:
    (keys.folder / "published.json").unlink()
    assert keys.published() is None
