"""Reading a package as part of a log: key, checkpoint, seal, closed list of files, and each entry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from witnessmark.errors import IntegrityError, MalformedError, WitnessmarkError
from witnessmark.model import Action, Check, Facts
from witnessmark.model.values import NO_FACTS
from witnessmark.model.wire import decode
from witnessmark.publish import package_layout as layout
from witnessmark.publish.package_files import (
    ManifestError,
    Scan,
    holds,
    not_checkable,
    read_manifest,
)
from witnessmark.publish.package_layout import Reason
from witnessmark.tlog import (
    Checkpoint,
    Frontier,
    Policy,
    TlogProof,
    Verifier,
    check_inclusion,
    leaf_hash,
    open_checkpoint,
    parse_note,
    tile_path,
    tiles_of,
)
from witnessmark.tlog.merkle import HASH_BYTES

_LARGEST_ENTRY = 65_535
_HEX = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Trust:
    """What the reader has from elsewhere: the key of the log, a policy that names witnesses.

    `package_key` is for a reader who has neither and wants to know whether the package agrees with itself.
    """

    log: Verifier | None = None
    policy: Policy | None = None
    package_key: bool = False


@dataclass(slots=True)
class Custody:
    """The log as the package shows it, filled while it is checked."""

    scan: Scan
    trust: Trust
    policy: Policy | None = None
    key: Verifier | None = None
    checkpoint: Checkpoint | None = None
    cosigned: bytes | None = None
    seal: Facts = NO_FACTS
    sealed_tags: Mapping[str, str] = field(default_factory=dict)
    entries: dict[int, bytes] = field(default_factory=dict)

    @property
    def authorities(self) -> tuple[str, ...]:
        """The time-stamp authorities that the seal says were asked."""
        return tuple(self.seal.get("authorities", ()))


def check_log(custody: Custody) -> Iterator[Check]:
    """Whose log it is, and whether its key signed the checkpoint."""
    yield from _read_policy(custody)
    yield from _check_checkpoint(custody)
    yield from _check_cosigned(custody)


def check_seal(custody: Custody) -> Iterator[Check]:
    """Whether the log holds a seal over just these files."""
    scan = custody.scan
    indexes = [index for path in scan.files if (index := layout.entry_index(path)) is not None]
    if not indexes:
        yield scan.broken("seal", Reason.MISSING, "the package has no log entry at all")
        return
    path = layout.entry_path(max(indexes))
    yield from _check_entry(custody, max(indexes))
    if max(indexes) not in custody.entries:
        yield not_checkable(
            "seal", f"{path} or its proof is broken, or there is no checkpoint to hold it against"
        )
        return
    before = len(scan.blamed)
    yield from _read_seal(custody, path)
    if not custody.seal:
        return
    yield from _check_sealed_files(custody)
    yield from _check_closed_list(custody, max(indexes))
    if before == len(scan.blamed):
        yield holds("seal", f"entry {max(indexes)} seals this payload and these files, and no others")


def check_entries(custody: Custody) -> Iterator[Check]:
    """Whether each other disclosed entry is in the log, and the tiles of the whole log if they are there."""
    scan, before = custody.scan, len(custody.scan.blamed)
    for path in scan.under("custody/entries/"):
        index = layout.entry_index(path)
        if index is not None and index not in custody.entries and not scan.is_blamed(path):
            yield from _check_entry(custody, index)
    if custody.checkpoint is None or custody.cosigned is None:
        yield not_checkable("entries", "there is no sound checkpoint to hold them against")
    elif before == len(scan.blamed):
        yield holds("entries", f"{len(custody.entries)} entries are in the log of {custody.checkpoint.size}")
    if custody.checkpoint is not None and custody.seal.get("whole_log"):
        yield from _check_tiles(custody, custody.checkpoint)


def _read_policy(custody: Custody) -> Iterator[Check]:
    scan = custody.scan
    if not scan.has(layout.POLICY):
        if not scan.is_blamed(layout.POLICY):
            yield scan.broken(layout.POLICY, Reason.MISSING, "the package does not say whose log it is of")
        return
    try:
        policy = Policy.parse(scan.read(layout.POLICY))
        named = _first_log(policy)
    except WitnessmarkError as error:
        yield scan.broken(layout.POLICY, Reason.MALFORMED, str(error))
        return
    trusted = custody.trust.log
    custody.policy, custody.key = policy, trusted or named
    if trusted is not None and trusted != named:
        explanation = f"it names {named} as the log, and the key that you have is {trusted}"
        yield scan.broken(layout.POLICY, Reason.WRONG_KEY, explanation)


def _first_log(policy: Policy) -> Verifier:
    if not policy.logs:
        raise MalformedError("it names no log")
    return policy.logs[0].verifier


def _check_checkpoint(custody: Custody) -> Iterator[Check]:
    scan = custody.scan
    custody.key = custody.key or custody.trust.log
    if not scan.has(layout.CHECKPOINT):
        if not scan.is_blamed(layout.CHECKPOINT):
            yield scan.broken(layout.CHECKPOINT, Reason.MISSING, "the package has no checkpoint")
    elif custody.key is None:
        yield not_checkable(layout.CHECKPOINT, f"no key to check it with: {layout.POLICY} is broken")
    else:
        yield _signature(custody, custody.key)


def _signature(custody: Custody, key: Verifier) -> Check:
    """Whether `key` signed the checkpoint, and what that is worth to someone who has or has not the key."""
    scan, trust, written = custody.scan, custody.trust, custody.scan.read(layout.CHECKPOINT)
    try:
        lines = parse_note(written).lines
        if str(key) not in {line.key for line in lines}:
            explanation = f"it is signed by {lines[0].key}, not by {key}"
            return scan.broken(layout.CHECKPOINT, Reason.WRONG_KEY, explanation)
        checkpoint, _ = open_checkpoint(written, (key,), key.name)
    except MalformedError as error:
        return scan.broken(layout.CHECKPOINT, Reason.MALFORMED, str(error))
    except IntegrityError as error:
        return scan.broken(layout.CHECKPOINT, Reason.WRONG_SIGNATURE, str(error))
    custody.checkpoint = checkpoint
    signed = f"{checkpoint.size} entries, signed by {key}"
    if trust.log is not None:
        return holds(layout.CHECKPOINT, signed)
    if trust.package_key:
        return holds(layout.CHECKPOINT, f"{signed}, a key from the package itself, trusted as you asked")
    asked = "a key that the package itself names: get the key from the desk and give it"
    return not_checkable(layout.CHECKPOINT, f"{signed}, {asked}")


def _check_cosigned(custody: Custody) -> Iterator[Check]:
    scan, path = custody.scan, layout.COSIGNED
    if not scan.has(path) or not scan.has(layout.CHECKPOINT):
        if path not in scan.files and not scan.is_blamed(path):
            yield scan.broken(path, Reason.MISSING, "the package has no cosigned checkpoint")
        return
    cosigned = scan.read(path)
    try:
        parse_note(cosigned)
    except MalformedError as error:
        yield scan.broken(path, Reason.MALFORMED, str(error))
        return
    if not cosigned.startswith(scan.read(layout.CHECKPOINT)):
        yield scan.broken(path, Reason.OTHER_CHECKPOINT, f"it does not begin with {layout.CHECKPOINT}")
        return
    custody.cosigned = cosigned


def _check_entry(custody: Custody, index: int) -> Iterator[Check]:
    """Enter `index` among the sound entries, or say whether entry or proof is to blame."""
    scan, path, proof_path = custody.scan, layout.entry_path(index), layout.proof_path(index)
    if proof_path not in scan.files and not scan.is_blamed(proof_path):
        yield scan.broken(proof_path, Reason.MISSING, f"{path} has no proof")
    if not (scan.has(path) and scan.has(proof_path)) or custody.checkpoint is None or not custody.cosigned:
        return
    if scan.files[path] > _LARGEST_ENTRY:
        yield scan.broken(path, Reason.MALFORMED, f"a log entry has at most {_LARGEST_ENTRY} bytes")
        return
    entry = scan.read(path)
    try:
        proof = TlogProof.parse(scan.read(proof_path))
    except MalformedError as error:
        yield scan.broken(proof_path, Reason.MALFORMED, str(error))
        return
    if proof.checkpoint_note != custody.cosigned:
        yield scan.broken(
            proof_path, Reason.OTHER_CHECKPOINT, f"it holds another checkpoint than {layout.COSIGNED}"
        )
        return
    checkpoint, is_vouched = custody.checkpoint, path in custody.sealed_tags
    try:
        check_inclusion(index, checkpoint.size, leaf_hash(entry), proof.hashes, checkpoint.root)
        wrong = "" if proof.index == index else f"the proof is of entry {proof.index}, not of entry {index}"
    except IntegrityError as error:
        wrong = str(error)
    if wrong:
        yield scan.broken(proof_path if is_vouched else path, Reason.NOT_IN_LOG, wrong)
    else:
        custody.entries[index] = entry


def _read_seal(custody: Custody, path: str) -> Iterator[Check]:
    try:
        action = decode(custody.entries[max(custody.entries)])
    except MalformedError as error:
        yield custody.scan.broken(path, Reason.MALFORMED, str(error))
        return
    if not isinstance(action, Action) or action.type != layout.SEAL_TYPE:
        if any(blamed.startswith("custody/entries/") for blamed in custody.scan.blamed):
            yield not_checkable("seal", "an entry is broken, which may be the seal")
            return
        yield custody.scan.broken("seal", Reason.MISSING, f"{path}, the highest entry, is no seal")
    elif action.detail.get("format") != layout.FORMAT:
        explanation = f"a package of format {action.detail.get('format')!a} needs another verifier"
        yield custody.scan.broken("seal", Reason.MALFORMED, explanation)
    elif not _is_whole(action.detail):
        yield custody.scan.broken("seal", Reason.MALFORMED, "it does not say what a seal of this format says")
    else:
        custody.seal = action.detail


def _is_whole(seal: Facts) -> bool:
    digests = (seal.get("manifest"), seal.get("tags"))
    authorities = seal.get("authorities", ())
    return (
        all(isinstance(one, str) and _HEX.fullmatch(one) for one in digests)
        and isinstance(authorities, tuple)
        and all(isinstance(name, str) for name in authorities)
        and isinstance(seal.get("whole_log"), bool)
    )


def _check_sealed_files(custody: Custody) -> Iterator[Check]:
    """Both lists against the seal, and every file that the second list fixes."""
    scan, seal = custody.scan, custody.seal
    lists = {layout.MANIFEST: str(seal.get("manifest")), layout.SEALED_TAGS: str(seal.get("tags"))}
    yield from _compare_sealed(scan, lists)
    if not scan.has(layout.SEALED_TAGS):
        return
    try:
        custody.sealed_tags = read_manifest(scan, layout.SEALED_TAGS, "sha256")
    except ManifestError as error:
        yield scan.broken(layout.SEALED_TAGS, error.reason, str(error))
    yield from _compare_sealed(scan, custody.sealed_tags)


def _compare_sealed(scan: Scan, sealed: Mapping[str, str]) -> Iterator[Check]:
    for path, digest in sealed.items():
        if path not in scan.files and not scan.is_blamed(path):
            yield scan.broken(path, Reason.MISSING, "the seal covers it, and it is not in the package")
        elif scan.has(path) and scan.digest(path) != digest:
            yield scan.broken(path, Reason.NOT_SEALED, f"its SHA-256 is not {digest}, which was sealed")


def _check_closed_list(custody: Custody, seal_index: int) -> Iterator[Check]:
    """No file outside `data/` may be there but those that the seal lists and those that follow from it."""
    scan = custody.scan
    if not custody.sealed_tags:
        return
    indexes = [index for path in custody.sealed_tags if (index := layout.entry_index(path)) is not None]
    allowed = {*custody.sealed_tags, *layout.TAG_MANIFESTS, layout.MANIFEST, layout.SEALED_TAGS}
    allowed |= {layout.CHECKPOINT, layout.COSIGNED, layout.entry_path(seal_index)}
    allowed |= {layout.proof_path(index) for index in (*indexes, seal_index)}
    if custody.seal.get("whole_log") and custody.checkpoint is not None:
        allowed |= {f"custody/{tile_path(*tile)}" for tile in tiles_of(custody.checkpoint.size)}
    for path in sorted(scan.files):
        is_free = path.startswith("data/") or path in allowed or scan.is_blamed(path)
        if not is_free and layout.token_stem(path, custody.authorities) is None:
            yield scan.broken(path, Reason.OUTSIDE_SEAL, "the seal leaves no room for this file")


def _check_tiles(custody: Custody, checkpoint: Checkpoint) -> Iterator[Check]:
    """Whether the tiles lead to the signed root; the higher ones are made again from the lowest."""
    scan = custody.scan
    paths = {f"custody/{tile_path(*tile)}": tile for tile in tiles_of(checkpoint.size)}
    for path in paths:
        if path not in scan.files and not scan.is_blamed(path):
            yield scan.broken(path, Reason.MISSING, "the seal promises the whole log")
    if any(map(scan.is_blamed, paths)):
        yield not_checkable("whole log", "some of its tiles are broken")
    else:
        yield from _compare_tiles(scan, checkpoint, [path for path, tile in paths.items() if tile[0] == 0])


def _compare_tiles(scan: Scan, checkpoint: Checkpoint, lowest: list[str]) -> Iterator[Check]:
    before, frontier = len(scan.blamed), Frontier()
    for path in lowest:
        frontier.extend(_hashes(scan.read(path)))
    if frontier.root() != checkpoint.root or frontier.size != checkpoint.size:
        yield scan.broken("whole log", Reason.NOT_IN_LOG, "its tiles do not lead to the signed root")
        return
    for tile in frontier.take_changed():
        path = f"custody/{tile_path(tile.level, tile.index, tile.width)}"
        if scan.read(path) != tile.hashes:
            yield scan.broken(path, Reason.DISAGREES, "the tiles below it lead to other hashes")
    if before == len(scan.blamed):
        yield holds("whole log", f"its tiles lead to the root of all {checkpoint.size} entries")


def _hashes(tile: bytes) -> list[bytes]:
    whole = len(tile) - len(tile) % HASH_BYTES
    return [tile[at : at + HASH_BYTES] for at in range(0, whole, HASH_BYTES)]
