"""Forgeries: someone without the key changes something and makes every manifest anew."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.conformance.bench import Bench, Blamed
from tests.conformance.faults import KINDS, Change, Fault, added, fault, flip, lost

from witnessmark.publish import package_layout as layout
from witnessmark.publish.package_layout import Reason
from witnessmark.tlog import Checkpoint, Cosigner, Signer, TlogProof, parse_note, sign

# --- the careful forger: every manifest is made anew, and the seal tells

_MANIFEST_TELLS = (layout.MANIFEST, Reason.NOT_SEALED)


def _forged(name: str, spoil: Fault) -> None:
    def forge(bench: Bench) -> Blamed:
        blamed = spoil(bench)
        bench.relist()
        return blamed

    fault(f"forged: {name}")(forge)


def _forged_payload(what: str) -> Fault:
    def spoil(bench: Bench) -> Blamed:
        path = bench.edit(KINDS[what](bench), flip)
        is_named = path.startswith((layout.OBJECTS, layout.RECORDS))
        return {_MANIFEST_TELLS} | ({(path, Reason.CHANGED)} if is_named else set())

    return spoil


def _forged_tag(what: str, reason: Reason, change: Change = flip) -> Fault:
    return lambda bench: {(bench.edit(KINDS[what](bench), change), reason)}


def _telling(spoil: Callable[[Bench, str], object], what: str) -> Fault:
    """A change to the payload that only the sealed manifest tells of."""

    def forge(bench: Bench) -> Blamed:
        spoil(bench, KINDS[what](bench))
        return {_MANIFEST_TELLS}

    return forge


for _what in ("an object", "a record", "the index", "the brief", "a preview"):
    _forged(f"{_what} was altered", _forged_payload(_what))
for _what in ("an object", "a record", "the index", "the brief"):
    _forged(f"{_what} was dropped", _telling(Bench.remove, _what))
for _what in (
    "bagit.txt",
    "bag-info.txt",
    "the letter",
    "the second verifier",
    "the sealed list",
    "an entry",
):
    _forged(f"{_what} was altered", _forged_tag(_what, Reason.NOT_SEALED))
_forged("the policy has a comment more", _forged_tag("the policy", Reason.NOT_SEALED, lambda c: c + b"# x\n"))
_forged("a file was added to the payload", _telling(lambda b, _: b.write("data/more.txt", b"x"), "the brief"))
for _path in (
    *("NOTE.txt", "custody/more", "custody/proofs/x", "custody/entries/x"),
    *("custody/proofs/99.tlog-proof", "timestamps/other-1.tsr", "timestamps/stamp-1.txt"),
):
    _forged(f"{_path} was added", added(_path, Reason.OUTSIDE_SEAL))
for _path in (
    *(layout.BAGIT, layout.BAG_INFO, layout.LETTER, layout.VERIFIER, layout.SEALED_TAGS),
    *(layout.entry_path(0), layout.proof_path(0), layout.CHECKPOINT, layout.COSIGNED, layout.POLICY),
    *("timestamps/stamp-1.tsq", "timestamps/stamp-1.tsr"),
):
    _forged(f"{_path} was dropped", lost(_path))


@fault("forged: a log's tile was altered", beyond_standalone=True)
def _(bench: Bench) -> Blamed:
    bench.edit(KINDS["a tile"](bench), flip)
    bench.relist()
    return {("whole log", Reason.NOT_IN_LOG)}


@fault("forged: a tile was added", beyond_standalone=True)
def _(bench: Bench) -> Blamed:
    path = bench.write("custody/tile/0/001", b"x")
    bench.relist()
    return {(path, Reason.OUTSIDE_SEAL)}


@fault("forged: the seal was altered")
def _(bench: Bench) -> Blamed:
    path = layout.entry_path(bench.seal)
    bench.edit(path, lambda content: content.replace(b'"format":1', b'"format":2'))
    bench.relist()
    return {(path, Reason.NOT_IN_LOG)}


@fault("forged: the seal was dropped with its proof")
def _(bench: Bench) -> Blamed:
    seal = bench.seal
    bench.remove(layout.entry_path(seal))
    bench.remove(layout.proof_path(seal))
    bench.relist()
    return {("seal", Reason.MISSING)}


@fault("forged: every entry was dropped")
def _(bench: Bench) -> Blamed:
    for path in (*bench.paths("custody/entries/"), *bench.paths("custody/proofs/")):
        bench.remove(path)
    bench.relist()
    return {("seal", Reason.MISSING)}


@fault("forged: a seal over the new lists was written without the key")
def _(bench: Bench) -> Blamed:
    bench.write("data/brief.html", b"<p>all is well</p>")
    bench.relist()
    path, fresh = layout.entry_path(bench.seal), bench.sha256(layout.MANIFEST).encode()
    bench.edit(
        path, lambda content: re.sub(rb'"manifest":"[0-9a-f]{64}"', b'"manifest":"' + fresh + b'"', content)
    )
    bench.relist()
    return {(path, Reason.NOT_IN_LOG)}


@fault("forged: an entry was invented")
def _(bench: Bench) -> Blamed:
    seal = bench.seal
    path = bench.write(layout.entry_path(seal + 5), bench.read(layout.entry_path(seal)))
    bench.write(layout.proof_path(seal + 5), bench.read(layout.proof_path(seal)))
    bench.relist()
    return {(path, Reason.NOT_IN_LOG)}


# --- proofs and checkpoints, manifests made anew


def _proof(name: str, change: Callable[[Bench, TlogProof], bytes], reason: Reason) -> None:
    def spoil(bench: Bench) -> Blamed:
        path = layout.proof_path(0)
        fresh = change(bench, TlogProof.parse(bench.read(path)))
        bench.edit(path, lambda _: fresh)
        bench.relist()
        return {(path, reason)}

    fault(f"a proof {name}")(spoil)


_proof("is of another entry", lambda b, _: b.read(layout.proof_path(1)), Reason.NOT_IN_LOG)
_proof(
    "lacks a hash", lambda _, p: TlogProof(0, p.hashes[:-1], p.checkpoint_note).encode(), Reason.NOT_IN_LOG
)
_proof(
    "has a hash too many",
    lambda _, p: TlogProof(0, (*p.hashes, bytes(32)), p.checkpoint_note).encode(),
    Reason.NOT_IN_LOG,
)
_proof(
    "has its hashes in another order",
    lambda _, p: TlogProof(0, p.hashes[::-1], p.checkpoint_note).encode(),
    Reason.NOT_IN_LOG,
)
_proof(
    "names another entry", lambda _, p: TlogProof(3, p.hashes, p.checkpoint_note).encode(), Reason.NOT_IN_LOG
)
_proof(
    "holds an older checkpoint",
    lambda b, p: TlogProof(0, p.hashes, b.read(layout.CHECKPOINT)).encode(),
    Reason.OTHER_CHECKPOINT,
)
_proof("begins with another word", lambda _, p: p.encode().replace(b"c2sp", b"C2SP", 1), Reason.MALFORMED)
_proof(
    "has an index with a zero before it",
    lambda _, p: p.encode().replace(b"index 0", b"index 00"),
    Reason.MALFORMED,
)
_proof("has a hash that is no base64", lambda _, p: p.encode().replace(b"=\n", b"!\n", 1), Reason.MALFORMED)


def _resigned(bench: Bench, note: bytes) -> None:
    """Put another checkpoint everywhere where the true one was."""
    for path in bench.paths("custody/proofs/"):
        proof = TlogProof.parse(bench.read(path))
        bench.write(path, TlogProof(proof.index, proof.hashes, note).encode())
    bench.write(layout.CHECKPOINT, note)
    bench.write(layout.COSIGNED, note)
    bench.relist()


@fault("the checkpoint is signed by another key of the same name")
def _(bench: Bench) -> Blamed:
    text = parse_note(bench.read(layout.CHECKPOINT)).text
    _resigned(bench, sign(text, Signer.generate(bench.case.log.name)))
    return {(layout.CHECKPOINT, Reason.WRONG_KEY)}


@fault("the whole log is another desk's")
def _(bench: Bench) -> Blamed:
    other = Signer.generate("other.example/log")
    checkpoint = Checkpoint.parse(parse_note(bench.read(layout.CHECKPOINT)).text)
    bench.write(layout.POLICY, f"log {other.verifier.vkey()}\nquorum none\n".encode())
    _resigned(bench, sign(Checkpoint(other.verifier.name, checkpoint.size, checkpoint.root).text(), other))
    return {(layout.POLICY, Reason.WRONG_KEY), (layout.CHECKPOINT, Reason.WRONG_KEY)}


@fault("the checkpoint has another root under the old signature")
def _(bench: Bench) -> Blamed:
    note = bench.read(layout.CHECKPOINT)
    root = note.split(b"\n")[2]
    _resigned(bench, note.replace(root, b"A" * 43 + b"="))
    return {(layout.CHECKPOINT, Reason.WRONG_SIGNATURE)}


@fault("the checkpoint has another size under the old signature")
def _(bench: Bench) -> Blamed:
    note = bench.read(layout.CHECKPOINT)
    size = note.split(b"\n")[1]
    _resigned(bench, note.replace(b"\n" + size + b"\n", b"\n1" + size + b"\n", 1))
    return {(layout.CHECKPOINT, Reason.WRONG_SIGNATURE)}


@fault("the checkpoint is no note")
def _(bench: Bench) -> Blamed:
    bench.write(layout.CHECKPOINT, b"not a note\n")
    bench.relist()
    return {(layout.CHECKPOINT, Reason.MALFORMED)}


@fault("the cosigned checkpoint is no note")
def _(bench: Bench) -> Blamed:
    bench.write(layout.COSIGNED, bench.read(layout.CHECKPOINT) + b"more\n")
    bench.relist()
    return {(layout.COSIGNED, Reason.MALFORMED)}


@fault("the cosigned checkpoint is another one")
def _(bench: Bench) -> Blamed:
    text = parse_note(bench.read(layout.CHECKPOINT)).text
    bench.write(layout.COSIGNED, sign(text, Signer.generate("stranger.example/log")))
    bench.relist()
    return {(layout.COSIGNED, Reason.OTHER_CHECKPOINT)}


def _recosigned(bench: Bench, note: bytes) -> None:
    for path in bench.paths("custody/proofs/"):
        proof = TlogProof.parse(bench.read(path))
        bench.write(path, TlogProof(proof.index, proof.hashes, note).encode())
    bench.write(layout.COSIGNED, note)
    bench.relist()


@fault("the witness's cosignature was taken off")
def _(bench: Bench) -> Blamed:
    _recosigned(bench, bench.read(layout.CHECKPOINT))
    return {(layout.COSIGNED, Reason.NO_QUORUM)}


@fault("the witness's cosignature is wrong")
def _(bench: Bench) -> Blamed:
    lines = bench.read(layout.COSIGNED).decode().split("\n")
    lines[-2] = lines[-2][:-20] + ("A" if lines[-2][-20] != "A" else "B") + lines[-2][-19:]
    _recosigned(bench, "\n".join(lines).encode())
    return {(layout.COSIGNED, Reason.WRONG_SIGNATURE)}


@fault("a stranger of the witness's name cosigned")
def _(bench: Bench) -> Blamed:
    checkpoint = bench.read(layout.CHECKPOINT)
    stranger = Cosigner.generate(bench.case.witness.verifier.name)
    line = stranger.sign_line(parse_note(checkpoint).text, 1_772_625_600)
    _recosigned(bench, checkpoint + line.encode())
    return {(layout.COSIGNED, Reason.NO_QUORUM)}


@fault("the token is over other bytes")
def _(bench: Bench) -> Blamed:
    (other,) = bench.stamp(b"some other bytes\n", 1)
    path = bench.write("timestamps/stamp-1.tsr", other.reply)
    bench.relist()
    return {(path, Reason.OTHER_BYTES)}
