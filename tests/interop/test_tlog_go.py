"""Go's x/mod/sumdb judges our logs and our strictness.

The checker under `go/` is built into a temporary folder against Debian's golang-golang-x-mod-dev.
How many mutated notes are compared is set by WITNESSMARK_MUTATIONS (3,000 unless said otherwise).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from witnessmark.errors import IntegrityError, MalformedError
from witnessmark.tlog import (
    Checkpoint,
    Cosigner,
    Frontier,
    Signer,
    TileReader,
    TlogProof,
    add_lines,
    encode_bundle,
    leaf_hashes,
    open_note,
    sign,
    tile_path,
)
from witnessmark.tlog.keys import is_key_name

pytestmark = [pytest.mark.outside]

GOPATH = Path("/usr/share/gocode")
ORIGIN = "desk.example/log"
LOG = Signer.from_private_bytes(ORIGIN, b"l" * 32)
WITNESS = Cosigner.from_private_bytes("witness.example/w", b"w" * 32)
SIZE = 10_000
OLD_SIZES = (1, 255, 256, 257, 4_096, 9_999)
PROVED = tuple(range(0, SIZE, 211))


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("go") is None:
        pytest.skip("go is not installed")
    if not (GOPATH / "src/golang.org/x/mod/sumdb").is_dir():
        pytest.skip(f"golang.org/x/mod is not under {GOPATH} (Debian: golang-golang-x-mod-dev)")
    folder = tmp_path_factory.mktemp("checker")
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": str(GOPATH), "GOFLAGS": ""}
    environment["GOCACHE"] = str(folder / "cache")
    sources = Path(__file__).with_name("go")
    subprocess.run(["go", "build", "-o", folder / "checker", "."], cwd=sources, env=environment, check=True)
    return folder / "checker"


def checkpoint_note(frontier: Frontier) -> bytes:
    text = Checkpoint(ORIGIN, frontier.size, frontier.root()).text()
    return add_lines(sign(text, LOG), WITNESS.sign_line(text, 1_700_000_000))


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a published log, some of its older checkpoints, and proof files."""
    folder = tmp_path_factory.mktemp("log")
    entries = [b'{"entry":%d,"nonce":"%d"}' % (number, number * number) for number in range(SIZE)]
    frontier, at = Frontier.empty(), 0
    for stop in (*OLD_SIZES, SIZE):
        frontier.extend(leaf_hashes(entries[at:stop]))
        at = stop
        write(folder / f"old/{stop}.note", checkpoint_note(frontier))
        for tile in frontier.take_changed():
            write(folder / tile_path(tile.level, tile.index, tile.width), tile.hashes)
    for start in range(0, SIZE, 256):
        bundle = entries[start : start + 256]
        write(folder / tile_path("entries", start // 256, len(bundle)), encode_bundle(bundle))
    note = checkpoint_note(frontier)
    write(folder / "checkpoint", note)
    reader = TileReader(lambda *place: (folder / tile_path(*place)).read_bytes(), SIZE)
    for index in PROVED:
        proof = TlogProof(index, reader.inclusion(index), note, b"extra" if index % 2 else None)
        write(folder / f"proofs/{index}.tlog-proof", proof.encode())
    return folder


def judge(checker: Path, folder: Path) -> dict[str, Any]:
    arguments = ["-sample", "300", "-witness", WITNESS.verifier.vkey()]
    for old in sorted(folder.glob("old/*.note")):
        arguments += ["-old", str(old)]
    for proof in sorted(folder.glob("proofs/*.tlog-proof")):
        arguments += ["-proof", str(proof)]
    command: list[str | Path] = [checker, "log", folder, LOG.verifier.vkey(), *arguments]
    answer = subprocess.run(command, check=False, capture_output=True)
    if answer.returncode:
        return {"mismatches": [answer.stderr.decode()]}
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def test_go_accepts_a_log_of_10_000_entries_with_its_tiles_checkpoints_and_proofs(
    checker: Path, published: Path
) -> None:
    found = judge(checker, published)
    assert found["mismatches"] == []
    assert (found["size"], found["records"], found["old"]) == (SIZE, 300, len(OLD_SIZES) + 1)
    assert found["proofs"] == len(PROVED)


def test_go_finds_every_flipped_bit_in_what_we_published(
    checker: Path, published: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "log"
    shutil.copytree(published, copy)
    # Partial tiles of older sizes are no part of the log as it is now.
    stale = {path for path in copy.rglob("*.p/*") if path.name not in {str(SIZE % 256), str(SIZE // 256)}}
    files = sorted({*copy.glob("tile/**/*"), *copy.glob("**/*.note"), copy / "checkpoint"} - stale)
    files = [path for path in files if path.is_file()]
    random = Random(7)  # noqa: S311
    for path in random.sample(files, 40):
        kept = path.read_bytes()
        bit = random.randrange(8 * _covered(kept))
        path.write_bytes(_flipped(kept, bit))
        assert judge(checker, copy)["mismatches"], f"bit {bit} of {path.relative_to(copy)} was not noticed"
        path.write_bytes(kept)
    assert judge(checker, copy)["mismatches"] == []


def test_go_allows_no_key_name_that_we_allow_and_it_does_not(checker: Path) -> None:
    answer = subprocess.run([checker, "names"], check=True, capture_output=True)
    allowed = {int(line, 16) for line in answer.stdout.split()}
    ours = {point for point in range(0x110000) if is_key_name(f"a{chr(point)}b")}
    assert ours - allowed == set()
    assert allowed - ours == {0xFFFD}


def test_no_mutated_note_is_accepted_by_us_and_refused_by_go(checker: Path) -> None:
    count = int(os.environ.get("WITNESSMARK_MUTATIONS", "3000"))
    kinds: Counter[str] = Counter()
    for start in range(0, count, 50_000):
        notes = list(mutated(Random(start), min(50_000, count - start)))  # noqa: S311
        for note, verdict in zip(notes, _oracle(checker, notes), strict=True):
            kinds[_compare(note, verdict)] += 1
    print(f"{count} mutated notes: {dict(kinds.most_common())}")  # noqa: T201
    assert kinds["both accept"] > count // 50, "the mutations hardly ever leave a good note"
    assert kinds["both refuse"] > count // 2
    assert not [kind for kind in kinds if kind.startswith(("accepted by us alone", "read differently"))]


def _covered(content: bytes) -> int:
    """Return how many bytes are covered by a hash or signature: of a note, its text."""
    return content.find(b"\n\n") if b"\n\n\xe2" in content else len(content)


def _flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _oracle(checker: Path, notes: list[bytes]) -> list[bytes]:
    stream = b"".join(len(note).to_bytes(4, "big") + note for note in notes)
    command: list[str | Path] = [checker, "notes", LOG.verifier.vkey(), WITNESS.verifier.vkey()]
    return subprocess.run(command, input=stream, check=True, capture_output=True).stdout.splitlines()


def _compare(note: bytes, verdict: bytes) -> str:
    go_accepts = verdict.startswith(b"accept ")
    try:
        opened = open_note(note, (LOG.verifier, WITNESS.verifier))
    except (MalformedError, IntegrityError) as error:
        return f"refused by us alone: {_kind(error)}" if go_accepts else "both refuse"
    if not go_accepts:
        return f"accepted by us alone: {verdict.decode()} {note!r}"
    same = int(verdict.split()[1]) == len(opened.signatures)
    return "both accept" if same else f"read differently: {note!r}"


def _kind(error: Exception) -> str:
    message = str(error)
    if "is wrong" in message or "wrong form" in message:
        return "a second signature by one key, and wrong"
    return next((kind for kind in ("canonical", "repeated", "U+FFFD") if kind in message), message)


def mutated(random: Random, count: int) -> Iterator[bytes]:
    """Give notes that are good, nearly good, or broken in one to four places."""
    text = Checkpoint(ORIGIN, 10_000, b"r" * 32).text()
    stranger = Signer.from_private_bytes("stranger.example", b"s" * 32)
    lines = (
        LOG.sign_line(text),
        WITNESS.sign_line(text, 1_700_000_000),
        stranger.sign_line(text),
        "— x AAAAAAA=\n",
        "— x AAAAAA==\n",
        "— déjà/vu MTIzNDU2\n",
    )
    free_text = "free text\n\nwith an empty line and ünïcödé\n"
    free = f"{free_text}\n{LOG.sign_line(free_text)}".encode()
    for _ in range(count):
        chosen = random.sample(lines, random.randint(1, len(lines)))
        note = free if random.random() < 0.1 else f"{text}\n{''.join(chosen)}".encode()
        for _ in range(random.choice((0, 1, 1, 1, 2, 4))):
            note = random.choice(MUTATIONS)(random, note)
        yield note


TROUBLE = tuple(
    [bytes((byte,)) for byte in (*range(33), 0x2B, 0x3D, 0x7F, 0x80, 0xA0, 0xC0, 0xED, 0xF4, 0xFF)]
    + [chr(point).encode() for point in (0x85, 0xA0, 0x1680, 0x2003, 0x2028, 0x202F, 0x205F, 0x3000)]
    + [chr(point).encode() for point in (0x200B, 0x2060, 0xFEFF, 0xFFFD, 0xFFFF, 0x1F600, 0x660, 0xFF11)]
    + [b"\xed\xa0\x80", b"\xc0\xaf", b"\xe2\x80", b"\n\n", b"\r\n", "— ".encode(), "—".encode(), b"- ", b"  "]
    + [b"=", b"==", b"====", b"A", b"AAAA", b"_", b"-", b"\n\n\xe2\x80\x94 "]
)


def _flip(random: Random, note: bytes) -> bytes:
    return _flipped(note, random.randrange(8 * len(note))) if note else note


def _insert(random: Random, note: bytes) -> bytes:
    at = random.randint(0, len(note))
    return note[:at] + random.choice(TROUBLE) + note[at:]


def _insert_near_a_joint(random: Random, note: bytes) -> bytes:
    joints = [at for at, byte in enumerate(note) if byte in b" \n="]
    at = random.choice(joints or [0]) + random.randint(0, 1)
    return note[:at] + random.choice(TROUBLE) + note[at:]


def _replace(random: Random, note: bytes) -> bytes:
    at = random.randint(0, len(note))
    return note[:at] + random.choice(TROUBLE) + note[at + random.randint(1, 3) :]


def _remove(random: Random, note: bytes) -> bytes:
    at = random.randint(0, len(note))
    return note[:at] + note[at + random.choice((1, 1, 1, 2, 4, 40)) :]


def _repeat_line(random: Random, note: bytes) -> bytes:
    lines = note.splitlines(keepends=True)
    if not lines:
        return note
    lines.insert(random.randint(0, len(lines)), random.choice(lines))
    return b"".join(lines)


def _swap_lines(random: Random, note: bytes) -> bytes:
    lines = note.splitlines(keepends=True)
    random.shuffle(lines)
    return b"".join(lines)


def _last_letter(random: Random, note: bytes) -> bytes:
    """Change the last letter before the padding, where base64 has bits that mean nothing."""
    ends = [at for at in range(1, len(note)) if note[at : at + 1] == b"=" and note[at - 1 : at] != b"="]
    if not ends:
        return note
    at = random.choice(ends)
    return note[: at - 1] + random.choice((b"A", b"B", b"Q", b"g", b"w", b"/", b"8")) + note[at:]


def _short_signature(random: Random, note: bytes) -> bytes:
    return (
        note + "— x ".encode() + random.choice((b"AAAA", b"AAAAAA==", b"AAAAAAA=", b"AAAAAAAA", b"")) + b"\n"
    )


MUTATIONS = (
    _flip,
    _insert,
    _insert_near_a_joint,
    _replace,
    _remove,
    _repeat_line,
    _swap_lines,
    _last_letter,
    _short_signature,
)
