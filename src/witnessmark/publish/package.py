"""A package: what the desk discloses, so sealed into its log that others can check it without us.

Order: payload and its manifest; every other file that can be written yet; the seal entry over
both lists; checkpoint, witnesses and time stamps over that entry; proofs; tag manifests. It is
written into a hidden folder, read back and verified there, and only then given its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from witnessmark.errors import IntegrityError, UsageError
from witnessmark.model import Check, CheckState, Digest, Facts, Sealed
from witnessmark.ports import KeptCheckpoint, Opening, Token
from witnessmark.publish import package_layout as layout
from witnessmark.publish import package_revealed
from witnessmark.publish.package_bag import BagWriter, explaining, manifest, require_room, staged
from witnessmark.publish.package_check import TokenCheck, Trust, check_package
from witnessmark.publish.package_items import LEGACY_HASHES, Disclosed, rows_of, table, with_revealed
from witnessmark.publish.package_letter import bag_info, letter
from witnessmark.tlog import TileReader, TlogProof, Verifier, tile_path, tiles_of

_MARGIN = 16 << 20


@dataclass(frozen=True, slots=True)
class Stamped:
    """A state of the log that was time-stamped before this package is made; `tile` gives the log's tiles."""

    checkpoint: KeptCheckpoint
    tokens: tuple[Token, ...]
    tile: Callable[[int, int, int], bytes]


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a package. Everything that is not named here stays at the desk.

    `entries` are log entries by index; `records` those of their records that are disclosed;
    `objects` the bytes that are enclosed, which `open` gives (it need not check them);
    `files` the brief and what belongs to it, by path under `data/`; `revealed` the personal
    values that may stand in items.csv, with their keys; `authorities` the time-stamp authorities
    that the seal will ask; `log` the key of the log, `policy` its witnesses in the form of C2SP tlog-policy;
    `earlier` the states of the log whose tokens show when the disclosed entries existed at the latest.
    """

    desk: str
    case: str
    instrument: str
    packaged_at: datetime
    log: Verifier
    policy: bytes
    entries: Mapping[int, bytes]
    records: Mapping[Digest, bytes]
    objects: Mapping[Digest, int]
    open: Callable[[Digest], BinaryIO]
    files: Mapping[str, bytes]
    revealed: Mapping[Sealed, Opening]
    authorities: tuple[str, ...] = ()
    whole_log: bool = False
    earlier: tuple[Stamped, ...] = ()


@dataclass(frozen=True, slots=True)
class SealedAt:
    """Where the log took in the seal: its entry, a signed checkpoint over it, and the tokens over that.

    `tile(level, index, width)` gives tiles of the log, from which the proofs are made.
    """

    index: int
    entry: bytes
    checkpoint: KeptCheckpoint
    tile: Callable[[int, int, int], bytes]
    tokens: tuple[Token, ...] = ()


@dataclass(frozen=True, slots=True)
class Packaged:
    """A finished package: where it lies, which log entry seals it, and every check it passed."""

    path: Path
    seal: int
    files: int
    octets: int
    checks: tuple[Check, ...]


def build_package(
    target: Path,
    contents: Contents,
    seal: Callable[[Facts], SealedAt],
    check_token: TokenCheck | None = None,
) -> Packaged:
    """Write, seal, re-open and verify a package at `target`; it appears there whole or not at all.

    `seal` appends an entry of type `package.sealed` with the given detail, and commits, signs,
    has cosigned and stamped the log. It is called once, when all that it seals is written.
    """
    target = target.absolute()
    require_room(target, sum(contents.objects.values()) + _MARGIN)
    with staged(target) as staging:
        bag = BagWriter(staging)
        _write_payload(bag, contents)
        detail = _write_sealed_tags(bag, contents)
        sealed = seal(detail)
        _write_custody(bag, contents, sealed)
        bag.write_tag_manifests()
        checks = _verified(staging, contents, check_token)
    files = len(bag.payload) + len(bag.tags) + len(layout.TAG_MANIFESTS)
    return Packaged(target, sealed.index, files, bag.octets, checks)


def _write_payload(bag: BagWriter, contents: Contents) -> None:
    legacy: dict[str, dict[str, str]] = {}
    for digest in sorted(contents.objects):
        with contents.open(digest) as source:
            poured = bag.pour(layout.OBJECTS + digest.hex, source, LEGACY_HASHES)
        if poured["sha256"] != digest.hex:
            raise IntegrityError(f"the object {digest.hex} has changed: its SHA-256 is {poured['sha256']}")
        legacy[digest.hex] = {name: poured[name] for name in LEGACY_HASHES}
    for name, written in contents.records.items():
        if Digest.of(written) != name:
            raise IntegrityError(f"the record {name.hex} has changed: its SHA-256 is no longer its name")
        bag.put(f"{layout.RECORDS}{name.hex}.json", written)
    for path, written in contents.files.items():
        bag.put(f"data/{path}", written)
    disclosed = Disclosed.read(contents.entries, contents.records, frozenset(contents.objects))
    if contents.revealed:
        bag.put(layout.REVEALED, package_revealed.written(contents.revealed))
    revealed = {commitment: opening.value for commitment, opening in contents.revealed.items()}
    rows = (with_revealed(row, disclosed, revealed) for row in rows_of(disclosed))
    bag.put(layout.ITEMS, table(row | legacy.get(row["sha256"], {}) for row in rows))


def _write_sealed_tags(bag: BagWriter, contents: Contents) -> Facts:
    """Write every tag file that can exist before the seal; the detail of the seal."""
    authorities = tuple(sorted({layout.authority_name(name) for name in contents.authorities}))
    bag.put(layout.BAGIT, layout.BAGIT_TXT)
    bag.put(layout.BAG_INFO, bag_info(_bag_facts(bag, contents)))
    bag.put(layout.VERIFIER, Path(__file__).with_name("standalone.py").read_bytes())
    bag.put(layout.POLICY, contents.policy)
    for index, entry in contents.entries.items():
        bag.put(layout.entry_path(index), entry)
    has_earlier = _write_earlier(bag, contents)
    vkey = contents.log.vkey()
    bag.put(layout.LETTER, letter(contents.desk, vkey, authorities, has_earlier=has_earlier))
    fixed = {path: digests["sha256"] for path, digests in bag.tags.items()}
    tags = bag.put(layout.SEALED_TAGS, manifest(fixed))
    return Facts(
        format=layout.FORMAT,
        manifest=bag.put(layout.MANIFEST, manifest(bag.payload)),
        tags=tags,
        authorities=authorities,
        whole_log=contents.whole_log,
        payload_files=len(bag.payload),
        payload_bytes=bag.octets,
    )


def _write_earlier(bag: BagWriter, contents: Contents) -> bool:
    """For each disclosed entry, the first state of the log that held it and was stamped; whether any did."""
    left = set(contents.entries)
    for stamped in sorted(contents.earlier, key=lambda one: one.checkpoint.size):
        size, signed = stamped.checkpoint.size, stamped.checkpoint.signed
        held = sorted(index for index in left if index < size)
        if held and stamped.tokens:
            left.difference_update(held)
            folder, reader = layout.earlier_folder(size), TileReader(stamped.tile, size)
            bag.put(f"{folder}checkpoint", signed)
            for index in held:
                proof = TlogProof(index, reader.inclusion(index), signed)
                bag.put(f"{folder}{index}.tlog-proof", proof.encode())
            for token in stamped.tokens:
                _write_token(bag, folder, token)
    return left != set(contents.entries)


def _bag_facts(bag: BagWriter, contents: Contents) -> tuple[tuple[str, str], ...]:
    return (
        ("Source-Organization", contents.desk),
        ("External-Identifier", contents.case),
        ("Bagging-Date", contents.packaged_at.date().isoformat()),
        ("Bag-Software-Agent", contents.instrument),
        ("Payload-Oxum", f"{bag.octets}.{len(bag.payload)}"),
        ("Witnessmark-Package-Format", str(layout.FORMAT)),
    )


def _write_custody(bag: BagWriter, contents: Contents, sealed: SealedAt) -> None:
    size = sealed.checkpoint.size
    if not max(contents.entries, default=-1) < sealed.index < size:
        raise UsageError(f"the seal is entry {sealed.index}; it must follow every entry that it covers")
    reader = TileReader(sealed.tile, size)
    bag.put(layout.entry_path(sealed.index), sealed.entry)
    bag.put(layout.CHECKPOINT, sealed.checkpoint.signed)
    bag.put(layout.COSIGNED, sealed.checkpoint.note)
    for index in (*contents.entries, sealed.index):
        proof = TlogProof(index, reader.inclusion(index), sealed.checkpoint.note)
        bag.put(layout.proof_path(index), proof.encode())
    if contents.whole_log:
        for level, index, width in tiles_of(size):
            bag.put(f"custody/{tile_path(level, index, width)}", sealed.tile(level, index, width))
    for token in sealed.tokens:
        _write_token(bag, "timestamps/", token)


def _write_token(bag: BagWriter, folder: str, token: Token) -> None:
    stem = f"{folder}{layout.authority_name(token.authority)}-{token.serial}"
    bag.put(f"{stem}.tsq", token.request)
    bag.put(f"{stem}.tsr", token.reply)
    if token.chain:
        bag.put(f"{stem}-chain.pem", token.chain)


def _verified(staging: Path, contents: Contents, check_token: TokenCheck | None) -> tuple[Check, ...]:
    """Every check of the package as it now lies on the disk; IntegrityError if one is broken."""
    with explaining(staging):
        checks = tuple(check_package(staging, Trust(contents.log), check_token))
    broken = [check for check in checks if check.state is CheckState.BROKEN]
    if broken:
        raise IntegrityError(
            f"the package did not verify when it was read back: {broken[0].what}: {broken[0].detail}",
            advice="no package was left behind; check the case with `witnessmark verify`",
        )
    return checks
