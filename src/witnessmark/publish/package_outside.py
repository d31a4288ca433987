"""Reading what others said of a package: witnesses who cosigned, and time-stamp authorities."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import new

from witnessmark.errors import IntegrityError, WitnessmarkError
from witnessmark.model import Check, CheckState
from witnessmark.ports import Token
from witnessmark.publish import package_layout as layout
from witnessmark.publish.package_custody import Custody
from witnessmark.publish.package_files import Scan, holds, not_checkable
from witnessmark.publish.package_layout import Reason
from witnessmark.tlog import Policy, open_checkpoint

TokenCheck = Callable[[bytes, Token], Check]
"""Judges one RFC 3161 token over the bytes of a checkpoint."""

_IMPRINTS = ("sha256", "sha384", "sha512")


def check_witnesses(custody: Custody) -> Iterator[Check]:
    """Who else saw this state of the log, as far as their keys are known from elsewhere."""
    policy = custody.trust.policy or custody.policy
    if policy is None or custody.key is None or custody.checkpoint is None or not custody.cosigned:
        yield not_checkable("witnesses", "the policy, the checkpoint or its cosigned copy is broken")
        return
    if not policy.witnesses:
        yield not_checkable("witnesses", "no outside witness: nothing here shows that there is no second log")
        return
    keys = (custody.key, *(witness.verifier for witness in policy.witnesses))
    try:
        open_checkpoint(custody.cosigned, keys, custody.key.name)
    except WitnessmarkError as error:
        yield custody.scan.broken(layout.COSIGNED, Reason.WRONG_SIGNATURE, str(error))
        return
    yield _quorum(custody, policy)


def check_tokens(custody: Custody, check_token: TokenCheck | None) -> Iterator[Check]:
    """When the checkpoint existed at the latest, by each authority that the seal says was asked."""
    scan = custody.scan
    if scan.is_blamed(layout.CHECKPOINT):
        yield not_checkable("timestamps", f"{layout.CHECKPOINT} is broken")
        return
    stems = {layout.token_stem(path, custody.authorities) for path in scan.under("timestamps/")} - {None}
    for stem in sorted(filter(None, stems)):
        yield from _check_token(custody, stem, check_token)
    for name in custody.authorities:
        if not any(stem and stem.rpartition("-")[0] == f"timestamps/{name}" for stem in stems):
            yield not_checkable(
                f"timestamps/{name}", "the authority was asked, and there is no answer of it here"
            )
    if custody.seal and not custody.authorities:
        yield not_checkable("timestamps", "no authority was asked: only the desk says when this existed")


def _quorum(custody: Custody, policy: Policy) -> Check:
    try:
        seen = policy.check(custody.cosigned or b"", custody.key)
    except IntegrityError as error:
        return custody.scan.broken(layout.COSIGNED, Reason.NO_QUORUM, str(error))
    names = ", ".join(seen) or "none, and the policy asks for none"
    if custody.trust.policy is not None or custody.trust.package_key:
        return holds("witnesses", f"cosigned by: {names}")
    return not_checkable("witnesses", f"cosigned by: {names}; but only the package itself names their keys")


def _check_token(custody: Custody, stem: str, check_token: TokenCheck | None) -> Iterator[Check]:
    scan = custody.scan
    if any(scan.is_blamed(f"{stem}{end}") for end in (".tsq", ".tsr", "-chain.pem")):
        yield not_checkable(f"{stem}.tsr", "it, its question or its certificates are broken")
        return
    for path in (f"{stem}.tsq", f"{stem}.tsr"):
        if path not in scan.files:
            yield scan.broken(path, Reason.MISSING, "question and answer belong together")
            return
    size = custody.checkpoint.size if custody.checkpoint else 0
    yield judged(scan, stem, size, (scan.read(layout.CHECKPOINT),), check_token)


def judged(
    scan: Scan, stem: str, size: int, contents: tuple[bytes, ...], check_token: TokenCheck | None
) -> Check:
    """How the token with files that begin with `stem` stands, which should be over one of `contents`."""
    token, path = _token(scan, stem, size), f"{stem}.tsr"
    named = [one for one in contents if any(new(name, one).digest() in token.reply for name in _IMPRINTS)]
    if not named:
        return scan.broken(path, Reason.OTHER_BYTES, "it is not about the checkpoint that it lies with")
    if check_token is None:
        return not_checkable(path, f"check with openssl, as {layout.LETTER} says in step 4")
    return _renamed(scan, path, check_token(named[0], token))


def _token(scan: Scan, stem: str, size: int) -> Token:
    authority, _, serial = stem.rpartition("/")[2].rpartition("-")
    chain = scan.read(f"{stem}-chain.pem") if scan.has(f"{stem}-chain.pem") else b""
    request, reply = scan.read(f"{stem}.tsq"), scan.read(f"{stem}.tsr")
    return Token(size, authority, int(serial), request, reply, chain, None)


def _renamed(scan: Scan, path: str, check: Check) -> Check:
    if check.state is CheckState.BROKEN:
        return scan.broken(path, Reason.WRONG_SIGNATURE, check.detail)
    return Check(path, check.state, check.detail)
