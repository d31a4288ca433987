"""The faults: each spoils the good package in one way and says what a verifier has to blame, and for what.

Three hands: an accident (nothing else is touched), a careful forger (every manifest made anew), and
the desk itself (resealed with the real key: what a seal cannot show, the contents must).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from tests.conformance.bench import Bench, Blamed

from witnessmark.publish import package_layout as layout
from witnessmark.publish.package_layout import Reason
from witnessmark.tlog import Checkpoint, Cosigner, Signer, TlogProof, parse_note, sign

Fault = Callable[[Bench], Blamed]
FAULTS: dict[str, Fault] = {}
BEYOND_STANDALONE: set[str] = set()
"""Faults that only the product's verifier sees, and the one file says that it cannot."""

TAGS_256, TAGS_512 = layout.TAG_MANIFESTS
KINDS: dict[str, Callable[[Bench], str]] = {
    "an object": lambda bench: bench.object,
    "a record": lambda bench: bench.record,
    "the index": lambda _: layout.ITEMS,
    "the brief": lambda _: "data/brief.html",
    "the brief in Markdown": lambda _: "data/brief.md",
    "the annotations": lambda _: "data/annotations.jsonld",
    "a preview": lambda bench: bench.paths("data/previews/")[0],
    "bagit.txt": lambda _: layout.BAGIT,
    "bag-info.txt": lambda _: layout.BAG_INFO,
    "the letter": lambda _: layout.LETTER,
    "the second verifier": lambda _: layout.VERIFIER,
    "the payload manifest": lambda _: layout.MANIFEST,
    "the sealed list": lambda _: layout.SEALED_TAGS,
    "the policy": lambda _: layout.POLICY,
    "the checkpoint": lambda _: layout.CHECKPOINT,
    "the cosigned checkpoint": lambda _: layout.COSIGNED,
    "an entry": lambda _: layout.entry_path(0),
    "the seal": lambda bench: layout.entry_path(bench.seal),
    "a proof": lambda _: layout.proof_path(0),
    "the proof of the seal": lambda bench: layout.proof_path(bench.seal),
    "a tile": lambda bench: bench.paths("custody/tile/0/")[0],
    "the question to the authority": lambda _: "timestamps/stamp-1.tsq",
    "the answer of the authority": lambda _: "timestamps/stamp-1.tsr",
    "the chain of the authority": lambda _: "timestamps/stamp-1-chain.pem",
}


def fault(name: str, *, beyond_standalone: bool = False) -> Callable[[Fault], Fault]:
    """Enter a fault under a name."""

    def enter(spoil: Fault) -> Fault:
        assert name not in FAULTS, name
        FAULTS[name] = spoil
        if beyond_standalone:
            BEYOND_STANDALONE.add(name)
        return spoil

    return enter


def _flip(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes((content[middle] ^ 1,)) + content[middle + 1 :]


# --- accidents, to each kind of file


def _accident(what: str, name: str, spoil: Callable[[Bench, str], object], reason: Reason) -> None:
    def happen(bench: Bench) -> Blamed:
        path = KINDS[what](bench)
        spoil(bench, path)
        return {(path, reason)}

    fault(f"{what} {name}")(happen)


def _link(bench: Bench, path: str) -> None:
    outside = bench.root.parent / "outside"
    outside.write_bytes(bench.read(path))
    bench.remove(path)
    (bench.root / path).symlink_to(outside)


for _what in KINDS:
    _accident(_what, "has one bit flipped", lambda bench, path: bench.edit(path, _flip), Reason.CHANGED)
    _accident(_what, "is lost", Bench.remove, Reason.MISSING)
    _accident(_what, "grew by a byte", lambda b, path: b.edit(path, lambda c: c + b"\n"), Reason.CHANGED)
    _accident(_what, "is a link to the same bytes", _link, Reason.LINK)
for _what in ("an object", "the policy"):
    _accident(_what, "is empty", lambda bench, path: bench.write(path, b""), Reason.CHANGED)


@fault("an object is a pipe")
def _(bench: Bench) -> Blamed:
    path = bench.remove(bench.object)
    os.mkfifo(bench.root / path)
    return {(path, Reason.NOT_A_FILE)}


@fault("two objects have changed places")
def _(bench: Bench) -> Blamed:
    one, other = (layout.OBJECTS + digest.hex for digest in bench.case.objects[:2])
    first, second = bench.read(one), bench.read(other)
    bench.write(one, second)
    bench.write(other, first)
    return {(one, Reason.CHANGED), (other, Reason.CHANGED)}


@fault("a folder is a link")
def _(bench: Bench) -> Blamed:
    (bench.root / "data/previews").rename(bench.root.parent / "previews")
    (bench.root / "data/previews").symlink_to(bench.root.parent / "previews")
    return {("data/previews", Reason.LINK)}


# --- names


def _named(name: str, path: str, shown: str, reason: Reason) -> None:
    def plant(bench: Bench) -> Blamed:
        place = bench.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"planted\n")
        return {(shown, reason)}

    fault(name)(plant)


for _name, _path, _shown in (
    ("a name with a space", "data/a b", "data/a b"),
    ("a name with a newline", "data/a\nb", "data/a\nb"),
    ("a name with a backslash", "data/..\\b", "data/..\\b"),
    ("a name with a composed letter", "data/\u00e9.txt", "data/\\xe9.txt"),
    ("a name with a letter and its accent apart", "data/e\u0301.txt", "data/e\\u0301.txt"),
    ("a name with a colon", "data/c:b", "data/c:b"),
    ("a hidden file", "data/.hidden", "data/.hidden"),
    ("a name that looks like an option", "data/-rf", "data/-rf"),
    ("a name of bytes that are no text", "data/\udcff", "data/\\udcff"),
    ("a hidden folder", ".git", ".git"),
):
    _named(f"{_name} was planted", _path, _shown, Reason.UNSAFE_NAME)


@fault("a name differs from another by case alone")
def _(bench: Bench) -> Blamed:
    bench.write("data/BRIEF.html", b"planted\n")
    return {("data/brief.html", Reason.NAME_CLASH), ("data/BRIEF.html", Reason.NOT_LISTED)}


# --- files that nobody listed

_named("an unlisted file in the payload", "data/more.txt", "data/more.txt", Reason.NOT_LISTED)
_named("an unlisted object", "data/objects/more", "data/objects/more", Reason.NOT_LISTED)
_named("an unlisted file at the top", "README.txt", "README.txt", Reason.NOT_LISTED)
_named("a list of files to fetch", "fetch.txt", "fetch.txt", Reason.NOT_LISTED)
_named("an unlisted file beside the log", "custody/more", "custody/more", Reason.NOT_LISTED)
_named("an unlisted token", "timestamps/stamp-2.tsr", "timestamps/stamp-2.tsr", Reason.NOT_LISTED)
_named("another manifest", "manifest-md5.txt", "manifest-md5.txt", Reason.NOT_LISTED)


# --- tag manifests in a wrong form


def _upper(content: bytes) -> bytes:
    return re.sub(rb"[a-f]", lambda found: found[0].upper(), content, count=1)


FORMS: dict[str, tuple[Callable[[bytes], bytes], Reason]] = {
    "with CR line ends": (lambda content: content.replace(b"\n", b"\r\n"), Reason.MALFORMED),
    "with a bare CR": (lambda content: content.replace(b"\n", b"\r", 1), Reason.MALFORMED),
    "without its last line feed": (lambda content: content[:-1], Reason.MALFORMED),
    "with an empty line": (lambda content: content + b"\n", Reason.MALFORMED),
    "with capital digits": (_upper, Reason.MALFORMED),
    "with one space": (lambda content: content.replace(b"  ", b" ", 1), Reason.MALFORMED),
    "with a star before the path": (lambda content: content.replace(b"  ", b" *", 1), Reason.MALFORMED),
    "with a byte-order mark": (lambda content: b"\xef\xbb\xbf" + content, Reason.MALFORMED),
    "in UTF-16": (lambda content: content.decode().encode("utf-16"), Reason.MALFORMED),
    "that is empty": (lambda _: b"", Reason.MALFORMED),
    "that lists a line twice": (lambda content: content + content.split(b"\n")[0] + b"\n", Reason.LISTED_TWICE),
    "that lists an absolute path": (lambda content: content.replace(b"  ", b"  /", 1), Reason.UNSAFE_NAME),
    "that climbs out": (lambda content: content.replace(b"  ", b"  ../", 1), Reason.UNSAFE_NAME),
    "that climbs out in a roundabout way": (
        lambda content: content.replace(b"  ", b"  data/../../", 1),
        Reason.UNSAFE_NAME,
    ),
    "with a percent sign in a path": (lambda content: content.replace(b"custody/", b"custody%2F", 1), Reason.UNSAFE_NAME),
}


def _malformed_tags(form: str, name: str) -> None:
    change, reason = FORMS[form]

    def spoil(bench: Bench) -> Blamed:
        bench.edit(name, change)
        return {(name, reason)}

    fault(f"{name} {form}")(spoil)


for _form in FORMS:
    _malformed_tags(_form, TAGS_256)
for _form in ("with CR line ends", "that lists a line twice", "that climbs out"):
    _malformed_tags(_form, TAGS_512)


@fault("one tag manifest has a digest changed")
def _(bench: Bench) -> Blamed:
    turn = {ord("0"): "1", **{ord(digit): "0" for digit in "123456789abcdef"}}
    bench.edit(TAGS_256, lambda content: content[:0] + chr(content[0]).translate(turn).encode() + content[1:])
    return {(TAGS_256, Reason.CHANGED)}


@fault("one tag manifest names a file that is not there")
def _(bench: Bench) -> Blamed:
    bench.edit(TAGS_512, lambda content: content.replace(b"custody/policy", b"custody/polity"))
    return {(TAGS_512, Reason.CHANGED)}


@fault("one tag manifest has lost a line")
def _(bench: Bench) -> Blamed:
    bench.edit(TAGS_256, lambda content: content.partition(b"\n")[2])
    return {(TAGS_256, Reason.CHANGED)}


for _name in layout.TAG_MANIFESTS:
    KINDS[_name] = lambda _, name=_name: name  # type: ignore[misc]
    _accident(_name, "is lost", Bench.remove, Reason.MISSING)
    _accident(_name, "is a link to the same bytes", _link, Reason.LINK)


# --- the careful forger: every manifest is made anew, and the seal tells

_MANIFEST_TELLS = (layout.MANIFEST, Reason.NOT_SEALED)


def _forged(name: str, spoil: Callable[[Bench], Blamed]) -> None:
    def forge(bench: Bench) -> Blamed:
        blamed = spoil(bench)
        bench.relist()
        return blamed

    fault(f"forged: {name}")(forge)


def _forged_payload(what: str) -> Callable[[Bench], Blamed]:
    def spoil(bench: Bench) -> Blamed:
        path = bench.edit(KINDS[what](bench), _flip)
        is_named = path.startswith((layout.OBJECTS, layout.RECORDS))
        return {_MANIFEST_TELLS} | ({(path, Reason.CHANGED)} if is_named else set())

    return spoil


def _forged_tag(what: str, reason: Reason, change: Callable[[bytes], bytes] = _flip) -> Callable[[Bench], Blamed]:
    return lambda bench: {(bench.edit(KINDS[what](bench), change), reason)}


for _what in ("an object", "a record", "the index", "the brief", "a preview"):
    _forged(f"{_what} was altered", _forged_payload(_what))
for _what in ("bagit.txt", "bag-info.txt", "the letter", "the second verifier"):
    _forged(f"{_what} was altered", _forged_tag(_what, Reason.NOT_SEALED))
    _forged(f"{_what} was dropped", lambda b, what=_what: {(b.remove(KINDS[what](b)), Reason.MISSING)})  # type: ignore[misc]
for _what in ("an object", "a record", "the index", "the brief"):
    _forged(f"{_what} was dropped", lambda b, what=_what: {_MANIFEST_TELLS} if b.remove(KINDS[what](b)) else set())  # type: ignore[misc]
_forged("the policy has a comment more", _forged_tag("the policy", Reason.NOT_SEALED, lambda c: c + b"# x\n"))
_forged("a file was added to the payload", lambda b: {_MANIFEST_TELLS} if b.write("data/more.txt", b"x") else set())
_forged("a file was added at the top", lambda b: {(b.write("NOTE.txt", b"x"), Reason.OUTSIDE_SEAL)})
_forged("a file was added to the log", lambda b: {(b.write("custody/more", b"x"), Reason.OUTSIDE_SEAL)})
_forged("a proof was added", lambda b: {(b.write("custody/proofs/x", b"x"), Reason.OUTSIDE_SEAL)})
_forged("an unasked token was added", lambda b: {(b.write("timestamps/other-1.tsr", b"x"), Reason.OUTSIDE_SEAL)})
_forged("a tile was added", lambda b: {(b.write("custody/tile/0/001", b"x"), Reason.OUTSIDE_SEAL)})
_forged("the sealed list was altered", _forged_tag("the sealed list", Reason.NOT_SEALED))
_forged("an entry was altered", _forged_tag("an entry", Reason.NOT_SEALED))
_forged("an entry was dropped", lambda b: {(b.remove(layout.entry_path(0)), Reason.MISSING)})
_forged("a proof was dropped", lambda b: {(b.remove(layout.proof_path(0)), Reason.MISSING)})
_forged("the checkpoint was dropped", lambda b: {(b.remove(layout.CHECKPOINT), Reason.MISSING)})
_forged("the cosigned checkpoint was dropped", lambda b: {(b.remove(layout.COSIGNED), Reason.MISSING)})
_forged("the policy was dropped", lambda b: {(b.remove(layout.POLICY), Reason.MISSING)})
_forged("the sealed list was dropped", lambda b: {(b.remove(layout.SEALED_TAGS), Reason.MISSING)})
_forged("the answer of the authority was dropped", lambda b: {(b.remove("timestamps/stamp-1.tsr"), Reason.MISSING)})
_forged("the question was dropped", lambda b: {(b.remove("timestamps/stamp-1.tsq"), Reason.MISSING)})


@fault("forged: a log's tile was altered", beyond_standalone=True)
def _(bench: Bench) -> Blamed:
    bench.edit(KINDS["a tile"](bench), _flip)
    bench.relist()
    return {("whole log", Reason.NOT_IN_LOG)}


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
    bench.edit(path, lambda content: re.sub(rb'"manifest":"[0-9a-f]{64}"', b'"manifest":"' + fresh + b'"', content))
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
_proof("lacks a hash", lambda _, p: TlogProof(0, p.hashes[:-1], p.checkpoint_note).encode(), Reason.NOT_IN_LOG)
_proof("has a hash too many", lambda _, p: TlogProof(0, (*p.hashes, bytes(32)), p.checkpoint_note).encode(), Reason.NOT_IN_LOG)
_proof("has its hashes in another order", lambda _, p: TlogProof(0, p.hashes[::-1], p.checkpoint_note).encode(), Reason.NOT_IN_LOG)
_proof("names another entry", lambda _, p: TlogProof(3, p.hashes, p.checkpoint_note).encode(), Reason.NOT_IN_LOG)
_proof("holds an older checkpoint", lambda b, p: TlogProof(0, p.hashes, b.read(layout.CHECKPOINT)).encode(), Reason.OTHER_CHECKPOINT)
_proof("begins with another word", lambda _, p: p.encode().replace(b"c2sp", b"C2SP", 1), Reason.MALFORMED)
_proof("has an index with a zero before it", lambda _, p: p.encode().replace(b"index 0", b"index 00"), Reason.MALFORMED)
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


# --- the desk itself: sealed with the real key


def _sealed(name: str, spoil: Callable[[Bench], Blamed], *, beyond_standalone: bool = False) -> None:
    def seal(bench: Bench) -> Blamed:
        blamed = spoil(bench)
        bench.reseal()
        return blamed

    fault(f"sealed: {name}", beyond_standalone=beyond_standalone)(seal)


def _planted_object(bench: Bench) -> Blamed:
    content = b"nobody took this in\n"
    path = layout.OBJECTS + bench.sha256(bench.write("data/more", content))
    bench.remove("data/more")
    return {(bench.write(path, content), Reason.NOT_ENTERED)}


def _planted_record(bench: Bench) -> Blamed:
    content = bench.read(bench.record).replace(b'"noise"', b'"sound"')
    bench.write("data/more", content)
    path = f"{layout.RECORDS}{bench.sha256('data/more')}.json"
    bench.remove("data/more")
    return {(bench.write(path, content), Reason.NOT_ENTERED)}


_sealed("an object that nobody entered", _planted_object)
_sealed("a record that nobody entered", _planted_record)


@fault("sealed: an object under another name")
def _(bench: Bench) -> Blamed:
    path = layout.OBJECTS + "0" * 64
    bench.write(path, bench.read(bench.object))
    bench.reseal()
    return {(path, Reason.CHANGED)}


def _misnamed(folder: str, name: str) -> None:
    _sealed(f"a file called {name} in {folder}", lambda b: {(b.write(folder + name, b"{}"), Reason.MALFORMED)})


for _folder in (layout.OBJECTS, layout.RECORDS):
    for _name in ("readme.txt", "A" * 64, "0" * 63):
        _misnamed(_folder, _name)
_misnamed(layout.RECORDS, "0" * 64)
_misnamed(layout.OBJECTS, "0" * 64 + ".json")


def _row(name: str, old: bytes, new: bytes, *, beyond_standalone: bool = False) -> None:
    def spoil(bench: Bench) -> Blamed:
        return {(bench.edit(layout.ITEMS, lambda c: c.replace(old, new, 1)), Reason.DISAGREES)}

    _sealed(f"the index {name}", spoil, beyond_standalone=beyond_standalone)


_row("gives another exhibit number", b"E00002", b"E00009")
_row("gives another size", b",307200,", b",307201,")
_row("says that an erased object is enclosed", b"erased", b"enclosed")
_row("says that an enclosed object is withheld", b"enclosed", b"withheld")
_row("gives another run", b"run-1", b"run-2", beyond_standalone=True)
_row("names another collector", b"analyst-1", b"analyst-2", beyond_standalone=True)
_row("gives another type", b"text/plain", b"text/html", beyond_standalone=True)

def _without_row(content: bytes) -> bytes:
    lines = content.split(b"\r\n")
    return b"\r\n".join(lines[:2] + lines[3:])


_sealed("the index has lost a row", lambda b: {(b.edit(layout.ITEMS, _without_row), Reason.DISAGREES)})
_sealed("the index is not there", lambda b: {(b.remove(layout.ITEMS), Reason.MISSING)})
_sealed("the index has another heading", lambda b: {(b.edit(layout.ITEMS, lambda c: c.replace(b"record", b"recorded", 1)), Reason.MALFORMED)})
_sealed("the brief links to nothing", lambda b: {(b.edit("data/brief.html", lambda c: c + b'<a href="objects/x">'), Reason.DANGLING)})
_sealed("the brief links out of the package", lambda b: {(b.edit("data/brief.html", lambda c: c + b'<a href="../../etc/passwd">'), Reason.DANGLING)})
_sealed("the brief shows what is not there", lambda b: {(b.edit("data/brief.html", lambda c: c + b'<img src="previews/x.jpg">'), Reason.DANGLING)})
_sealed("the brief names an unknown digest", lambda b: {(b.edit("data/brief.html", lambda c: c + b"f" * 64), Reason.DANGLING)})
_sealed("the brief in Markdown links to nothing", lambda b: {(b.edit("data/brief.md", lambda c: c + b"[x](objects/x)"), Reason.DANGLING)})
_sealed("an annotation is about an unknown object", lambda b: {(b.edit("data/annotations.jsonld", lambda c: c + b"f" * 64), Reason.DANGLING)})
_sealed("the brief loads from outside", lambda b: {(b.edit("data/brief.html", lambda c: c + b'<img src="https://example.org/x">'), Reason.DANGLING)}, beyond_standalone=True)


def _miscounted(name: str, old: bytes, new: bytes) -> None:
    def seal(bench: Bench) -> Blamed:
        bench.edit(layout.BAG_INFO, lambda content: content.replace(old, new))
        bench.reseal(keeps_count=True)
        return {(layout.BAG_INFO, Reason.WRONG_COUNT)}

    fault(f"sealed: {name}")(seal)


_miscounted("the payload is counted wrongly", b"Oxum: ", b"Oxum: 1")
_miscounted("the payload is not counted", b"Oxum", b"Oxen")
_sealed("the bag is of an older version", lambda b: {(b.edit(layout.BAGIT, lambda c: c.replace(b"1.0", b"0.97")), Reason.MALFORMED)}, beyond_standalone=True)
_sealed("the policy names no log", lambda b: {(b.edit(layout.POLICY, lambda _: b"quorum none\n"), Reason.MALFORMED)})
_sealed("the policy names a broken key", lambda b: {(b.edit(layout.POLICY, lambda c: c.replace(b"+", b"+0", 1)), Reason.MALFORMED)})


def _sealed_manifest(form: str) -> None:
    change, reason = FORMS[form]

    def spoil(bench: Bench) -> Blamed:
        bench.edit(layout.MANIFEST, change)
        bench.reseal(keeps_manifest=True)
        return {(layout.MANIFEST, reason)}

    fault(f"sealed: a payload manifest {form}")(spoil)


for _form in FORMS:
    if "percent" not in _form and "empty" not in _form:
        _sealed_manifest(_form)


@fault("sealed: a package of a later format")
def _(bench: Bench) -> Blamed:
    bench.detail["format"] = 2
    bench.reseal()
    return {("seal", Reason.MALFORMED)}
