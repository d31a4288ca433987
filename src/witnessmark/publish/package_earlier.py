"""Reading earlier states of the log: which entries were there already when an authority stamped it.

All of these files are fixed by the seal. What is checked here is that the desk sealed what it says:
a checkpoint of the same log, proofs that lead to it, and tokens that are about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from witnessmark.errors import IntegrityError, MalformedError
from witnessmark.model import Check
from witnessmark.publish import package_layout as layout
from witnessmark.publish.package_custody import Custody
from witnessmark.publish.package_files import Scan, holds, not_checkable
from witnessmark.publish.package_layout import Reason
from witnessmark.publish.package_outside import TokenCheck, judged
from witnessmark.tlog import Checkpoint, TlogProof, Verifier, check_inclusion, leaf_hash, open_checkpoint

_PROOF = re.compile(r"(0|[1-9][0-9]{0,18})\.tlog-proof")
_TOKEN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*-[1-9][0-9]{0,8}(\.tsq|\.tsr|-chain\.pem)")


def check_earlier(custody: Custody, check_token: TokenCheck | None) -> Iterator[Check]:
    """Each earlier state of the log that the package holds, with its proofs and its tokens."""
    scan = custody.scan
    sizes = {size for path in scan.under(layout.EARLIER) if (size := layout.earlier_size(path)) is not None}
    for size in sorted(sizes):
        folder = layout.earlier_folder(size)
        if scan.blamed or custody.key is None or custody.checkpoint is None:
            yield not_checkable(folder, "it rests on what is broken")
        else:
            yield from _check_state(custody, folder, custody.key)
            yield from _check_tokens(scan, folder, size, check_token)


def _check_state(custody: Custody, folder: str, key: Verifier) -> Iterator[Check]:
    scan, path = custody.scan, f"{folder}checkpoint"
    if path not in scan.files:
        yield scan.broken(path, Reason.MISSING, "nothing says which state of the log this is")
        return
    note = scan.read(path)
    try:
        checkpoint, _ = open_checkpoint(note, (key,), key.name)
    except MalformedError as error:
        yield scan.broken(path, Reason.MALFORMED, str(error))
        return
    except IntegrityError as error:
        yield scan.broken(path, Reason.WRONG_SIGNATURE, str(error))
        return
    if layout.earlier_folder(checkpoint.size) != folder:
        yield scan.broken(path, Reason.OTHER_CHECKPOINT, f"it is of {checkpoint.size} entries")
        return
    yield from _check_proofs(custody, folder, note, checkpoint)


def _check_proofs(custody: Custody, folder: str, note: bytes, checkpoint: Checkpoint) -> Iterator[Check]:
    scan, count, before = custody.scan, 0, len(custody.scan.blamed)
    for path in scan.under(folder):
        name = path.removeprefix(folder)
        found = _PROOF.fullmatch(name)
        if found:
            fault = _fault_of_proof(custody, int(found[1]), scan.read(path), note, checkpoint)
            if fault is not None:
                yield scan.broken(path, *fault)
            count += 1
        elif name != "checkpoint" and not _TOKEN.fullmatch(name):
            yield scan.broken(path, Reason.MALFORMED, "it is neither a proof nor part of a token")
    if before == len(scan.blamed):
        yield holds(folder, f"{count} of the entries were in the log when it had {checkpoint.size}")


def _fault_of_proof(
    custody: Custody, index: int, written: bytes, note: bytes, checkpoint: Checkpoint
) -> tuple[Reason, str] | None:
    if index not in custody.entries:
        return Reason.DANGLING, f"entry {index} is not in the package"
    try:
        proof = TlogProof.parse(written)
        check_inclusion(
            index, checkpoint.size, leaf_hash(custody.entries[index]), proof.hashes, checkpoint.root
        )
    except MalformedError as error:
        return Reason.MALFORMED, str(error)
    except IntegrityError as error:
        return Reason.NOT_IN_LOG, str(error)
    if proof.checkpoint_note != note or proof.index != index:
        return Reason.OTHER_CHECKPOINT, "it is of another entry, or holds another checkpoint"
    return None


def _check_tokens(scan: Scan, folder: str, size: int, check_token: TokenCheck | None) -> Iterator[Check]:
    """Each token must be over the checkpoint, or over it and an earlier answer, which it renews."""
    if not scan.has(f"{folder}checkpoint"):
        return
    note = scan.read(f"{folder}checkpoint")
    replies = [path for path in scan.under(folder) if path.endswith(".tsr")]
    contents = (note, *(note + scan.read(path) for path in replies))
    for path in replies:
        question = path.removesuffix(".tsr") + ".tsq"
        if question not in scan.files:
            yield scan.broken(question, Reason.MISSING, "question and answer belong together")
        else:
            yield judged(scan, path.removesuffix(".tsr"), size, contents, check_token)
