#!/usr/bin/env python3
"""Check an evidence package without any software of the desk that made it.

    python3 verify_package.py FOLDER --vkey "the log's verifier key, which you got elsewhere"

Python 3.11 or later and the package `cryptography` are all it needs. It reads and changes nothing.
Each line says `holds`, `broken` or `not checkable`. A thing that is broken is blamed once, with the
reason first; what rests on it is then not checkable. Exit code: 0 if nothing is broken, 6 if something
is, 2 if the command makes no sense. Formats: BagIt (RFC 8493), the Merkle tree of RFC 6962, and C2SP's
signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof and tlog-policy (c2sp.org).
"""
# ruff: noqa: D102

import argparse
import base64
import csv
import hashlib
import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from posixpath import normpath
from typing import Any, NamedTuple
from urllib.parse import unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MANIFEST, SEALED, POLICY = "manifest-sha256.txt", "custody/sealed-sha256.txt", "custody/policy"
CHECKPOINT, COSIGNED, ITEMS = "custody/checkpoint", "custody/checkpoint.cosigned", "data/items.csv"
TAG_MANIFESTS = {"tagmanifest-sha256.txt": "sha256", "tagmanifest-sha512.txt": "sha512"}
NAME = re.compile(r"(?!.{241})[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
ENTRY = re.compile(r"custody/entries/(0|[1-9][0-9]{0,18})")
TOKEN = re.compile(r"timestamps/([A-Za-z0-9_][A-Za-z0-9._-]*)-[1-9][0-9]{0,8}(\.tsq|\.tsr|-chain\.pem)")
HEX = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
LINK = re.compile(r"""\]\(<?([^)>\s]+)|\s(?:href|src)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
UNFIT = re.compile("[\x00-\x09\x0b-\x1f\ufffd\ud800-\udfff]")  # what no signed note may hold
Problems = Iterator[tuple[str, str, str]]  # what is broken, for which reason, and what exactly was seen


class Wrong(Exception):  # noqa: N818
    """A problem after which a check cannot go on."""


def need(good: object, what: str, reason: str, seen: str) -> None:
    """Go on only if `good`."""
    if not good:
        raise Wrong(what, reason, seen)


class Key(NamedTuple):
    """A public key under its name. Type 1 signs for a log; types 4 and 6 cosign for a witness."""

    name: str
    id: bytes
    type: int
    public: bytes

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}"

    def signed(self, text: str, signature: bytes) -> bool:
        """Whether this key made `signature` over the text of a note; a cosignature also states a time."""
        message, time = text.encode(), int.from_bytes(signature[:8], "big")
        if self.type == 4:
            message, signature = f"cosignature/v1\ntime {time}\n{text}".encode(), signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return self.type == 1 or 0 < time < 2**63


class Package:
    """A package, and everything that has been said about it."""

    def __init__(self, root: Path, key: Key | None, policy: str, trusts_itself: bool) -> None:
        self.root, self.key, self.policy, self.trusts_itself = root, key, policy, trusts_itself
        self.has_key, self.has_policy = key is not None, bool(policy)
        self.lines, self.blamed = list[tuple[str, str, str]](), set[str]()
        self.files, self.hashes, self.fixed = dict[str, int](), dict[str, str](), dict[str, str]()
        self.size, self.tree, self.cosigned = 0, b"", b""
        self.seal, self.entries, self.records = dict[str, Any](), dict[int, Any](), dict[str, Any]()

    def run(self) -> None:
        """Make every check, each after those that it relies on; the caption of one that holds is its finding."""
        checks = (self.names, self.tag_files, self.checkpoint, self.sealed, self.payload, self.contents)
        for check in (*checks, self.items, self.references, self.witnesses, self.timestamps):
            before = len(self.blamed), len(self.lines)
            self.attempt(self.report, check)
            if before == (len(self.blamed), len(self.lines)):
                self.lines.append((check.__name__.replace("_", " "), "holds", str(check.__doc__)))

    def report(self, check: Callable[[], Problems]) -> None:
        for problem in check():
            self.blame(*problem)

    def attempt(self, check: Callable[[Any], Any], thing: Any) -> Any:
        try:
            return check(thing)
        except Wrong as wrong:
            return self.blame(*wrong.args)

    def blame(self, what: str, reason: str, seen: str) -> None:
        if not self.is_blamed(what):
            self.blamed.add(what)
            self.lines.append((what, "broken", f"{reason}: {seen}"))

    def untold(self, what: str, why: str) -> None:
        self.lines.append((what, "not checkable", why))

    def is_blamed(self, path: str) -> bool:
        return any(path == one or path.startswith(f"{one}/") for one in self.blamed)

    def has(self, path: str) -> bool:
        if path not in self.files:
            self.blame(path, "missing", "it is not in the package")
        return not self.is_blamed(path)

    def read(self, path: str) -> bytes:
        return (self.root / path).read_bytes()

    def digest(self, path: str, algorithm: str = "sha256") -> str:
        with (self.root / path).open("rb") as file:
            return hashlib.file_digest(file, algorithm).hexdigest()

    def names(self) -> Problems:
        """There are only plain files, under names that every system reads alike."""
        known: dict[str, str] = {}
        for folder, folders, files in os.walk(self.root):
            for path in sorted(os.path.relpath(Path(folder, name), self.root) for name in folders + files):
                shown, status = path.encode("ascii", "backslashreplace").decode(), (self.root / path).lstat()
                if stat.S_ISLNK(status.st_mode):
                    yield shown, "link", "a package holds no links"
                elif not NAME.fullmatch(path):
                    yield shown, "unsafe name", "other systems would read this name differently"
                elif known.setdefault(path.casefold(), path) != path:
                    yield path, "name clash", f"it differs from {known[path.casefold()]} by case alone"
                elif stat.S_ISREG(status.st_mode):
                    self.files[path] = status.st_size
                elif not stat.S_ISDIR(status.st_mode):
                    yield path, "not a file", "it is a device, a pipe or a socket"

    def manifest(self, name: str) -> dict[str, str]:
        """The digests that a manifest lists."""
        need(name in self.files, name, "missing", "it is not in the package")
        text, listed = self.read(name).decode("latin-1"), dict[str, str]()
        need("\r" not in text and text.endswith("\n"), name, "malformed", "a line does not end in LF alone")
        for line in text[:-1].split("\n"):
            digest, _, path = line.partition("  ")
            is_digest = re.fullmatch("[0-9a-f]*", digest) and len(digest) == (128 if "512" in name else 64)
            need(is_digest and path, name, "malformed", f"it has the line {line[:80]!a}")
            is_at_home = NAME.fullmatch(path) and path.startswith("data/") == (name == MANIFEST)
            need(is_at_home, name, "unsafe name", f"it lists {path[:120]!a}")
            need(path not in listed, name, "listed twice", f"it lists {path} again")
            listed[path] = digest
        return listed

    def tag_files(self) -> Problems:
        """Both tag manifests list every file outside data, and list it as it is."""
        lists = {name: self.attempt(self.manifest, name) for name in TAG_MANIFESTS}
        lists = {name: listed for name, listed in lists.items() if listed}
        tags = {path for path in self.files if not path.startswith("data/")} - TAG_MANIFESTS.keys()
        for path in sorted(tags.union(*lists.values())) if lists else ():
            listing, there = [name for name in lists if path in lists[name]], path in self.files
            fits = [n for n in listing if there and lists[n][path] == self.digest(path, TAG_MANIFESTS[n])]
            if there and not fits:
                yield path, "changed" if listing else "not listed", "the tag manifests say otherwise"
            elif not there and len(listing) == len(lists):
                yield path, "missing", "the tag manifests list it"
            else:  # the lists contradict each other, and the file shows which one is wrong
                for name in sorted(lists.keys() - set(fits) if there else listing):
                    yield name, "changed", f"it says otherwise of {path} than the other tag manifest"

    def checkpoint(self) -> Problems:
        """The log's key signed the checkpoint, and the cosigned one is the same with lines added."""
        if self.has(POLICY):
            policy = self.read(POLICY).decode("utf-8", "replace")
            log = [*keys_in(policy, "log"), None][0]
            need(log, POLICY, "malformed", "it names no log")
            self.policy, self.key = self.policy or policy, self.key or log
            if self.key != log:
                yield POLICY, "wrong key", f"it names {log}, and you gave {self.key}"
        if not self.has(CHECKPOINT) or not self.key:
            return
        text, signers = open_note(self.read(CHECKPOINT), [self.key], CHECKPOINT)
        origin, size, root = [*text.split("\n"), "", ""][:3]
        is_ours = self.key in signers and self.key.type == 1 and self.key.name == origin
        need(is_ours, CHECKPOINT, "wrong key", f"it is of {origin}, and {self.key} did not sign it")
        need(
            re.fullmatch("[1-9][0-9]{0,17}", size), CHECKPOINT, "malformed", f"it has the size {size[:30]!a}"
        )
        self.size, self.tree = int(size), unbase64(root, CHECKPOINT)
        if not self.has_key and self.trusts_itself:
            self.lines.append(
                (CHECKPOINT, "holds", f"signed by {self.key}, trusted from the package as you asked")
            )
        elif not self.has_key:
            self.untold(
                CHECKPOINT, f"signed by {self.key}, which only the package names; get it elsewhere (--vkey)"
            )
        if self.has(COSIGNED):
            open_note(self.read(COSIGNED), [], COSIGNED)
            is_same = self.read(COSIGNED).startswith(self.read(CHECKPOINT))
            need(is_same, COSIGNED, "other checkpoint", f"it does not begin with {CHECKPOINT}")
            self.cosigned = self.read(COSIGNED)

    def sealed(self) -> Problems:
        """The log holds the entries, and among them a seal over this payload, these files and no others."""
        indexes = sorted(int(found[1]) for path in self.files if (found := ENTRY.fullmatch(path)))
        need(indexes, "seal", "missing", "the package has no log entry")
        last = f"custody/entries/{indexes[-1]}"
        self.attempt(self.prove, indexes[-1])
        if indexes[-1] in self.entries:
            action = self.entries[indexes[-1]]
            need(
                action.get("type") == "package.sealed", "seal", "missing", f"{last}, the highest, is no seal"
            )
            need(action["detail"].get("format") == 1, "seal", "malformed", "it is of another format")
            self.seal = action["detail"]
            self.fixed = {MANIFEST: self.seal["manifest"], SEALED: self.seal["tags"]}
            if self.has(SEALED) and self.digest(SEALED) == self.seal["tags"]:
                self.fixed |= self.manifest(SEALED)
            for path, digest in self.fixed.items():
                if self.has(path) and self.digest(path) != digest:
                    yield path, "not sealed", f"its SHA-256 is not {digest}, which was sealed"
        else:
            self.untold("seal", f"{last}, its proof or the checkpoint is broken")
        for index in indexes[:-1]:
            self.attempt(self.prove, index)
        own = {*self.fixed, CHECKPOINT, COSIGNED, last, *TAG_MANIFESTS}
        own |= {f"custody/proofs/{found[1]}.tlog-proof" for path in own if (found := ENTRY.fullmatch(path))}
        others = {path for path in self.files if not path.startswith("data/")} - own
        for path in sorted(others) if len(self.fixed) > 2 else ():
            token, is_tile = (
                TOKEN.fullmatch(path),
                path.startswith("custody/tile/") and self.seal["whole_log"],
            )
            if not is_tile and (not token or token[1] not in self.seal.get("authorities", ())):
                yield path, "outside the seal", "the seal leaves no room for this file"
        if self.seal.get("whole_log"):
            self.untold("whole log", "check custody/tile with a tool for C2SP tlog-tiles")

    def prove(self, index: int) -> None:
        """Keep the log entry if the log holds it. If not, its proof is to blame if the seal fixes the entry."""
        path, proof = f"custody/entries/{index}", f"custody/proofs/{index}.tlog-proof"
        if not (self.has(path) & self.has(proof)) or not self.cosigned:
            return
        head, _, note = self.read(proof).partition(b"\n\n")
        form = r"c2sp\.org/tlog-proof@v1\n(extra .*\n)?index ([0-9]+)((\n.+)*)"
        found = re.fullmatch(form, head.decode("latin-1")) or ["", "", "", ""]
        need(found[2], proof, "malformed", "it is no tlog-proof")
        need(note == self.cosigned, proof, "other checkpoint", f"it holds another checkpoint than {COSIGNED}")
        hashes = [unbase64(line, proof) for line in found[3].split()]
        leaf, is_here = hashlib.sha256(b"\0" + self.read(path)).digest(), found[2] == str(index)
        is_held = is_here and index < self.size and root_over(leaf, index, self.size, hashes) == self.tree
        suspect = proof if path in self.fixed else path
        need(is_held, suspect, "not in the log", "the proof does not lead from it to the root")
        self.entries[index] = read_json(self.read(path), path)

    def payload(self) -> Problems:
        """The manifest lists every file under data, and lists it as it is."""
        self.hashes = {path: self.digest(path) for path in sorted(self.files) if path.startswith("data/")}
        if self.is_blamed(MANIFEST):
            return self.untold("payload", f"{MANIFEST} is broken")
        listed, before = self.manifest(MANIFEST), len(self.blamed)
        for path in sorted({*self.hashes, *listed}):
            if path not in listed:
                yield path, "not listed", f"{MANIFEST} does not list it"
            elif self.has(path) and self.hashes[path] != listed[path]:
                yield path, "changed", f"its SHA-256 is {self.hashes[path]}, not {listed[path]}"
        oxum = f"Payload-Oxum: {sum(self.files[path] for path in self.hashes)}.{len(self.hashes)}"
        if before == len(self.blamed) and self.has("bag-info.txt"):
            is_stated = oxum in self.read("bag-info.txt").decode("utf-8", "replace").split("\n")
            need(is_stated, "bag-info.txt", "wrong count", f"it should say {oxum}")
        return None

    def contents(self) -> Problems:
        """Objects and records bear their digests as names, and log entries lead to each."""
        named = {
            path: path[13:] for path in self.hashes if path.startswith(("data/objects/", "data/records/"))
        }
        for path, name in named.items():
            is_record = path.startswith("data/records/")
            if not HEX.fullmatch(name.removesuffix(".json") if is_record else name):
                yield path, "malformed", "its name is not a digest"
            elif self.hashes[path] != name.removesuffix(".json"):
                yield path, "changed", f"its SHA-256 is {self.hashes[path]}, which is not its name"
            elif is_record:
                self.records[name[:64]] = self.attempt(lambda one: read_json(self.read(one), one), path) or {}
        if {path for path in {*self.files, *self.fixed} if ENTRY.fullmatch(path)} - {
            f"custody/entries/{index}" for index in self.entries
        }:
            return self.untold("contents", "an entry is broken, so nobody can say what the log entered")
        made = {name[7:] for entry in self.entries.values() for name in entry.get("generated", ())}
        known = {name[7:] for entry in self.entries.values() for name in entry.get("used", ())} | made
        for record in (self.records[name] for name in made & self.records.keys()):
            known.update(one["digest"][7:] for one in (record, record.get("original", {})) if "size" in one)
        for path, name in named.items():
            if name.removesuffix(".json") not in (made if path.endswith(".json") else known):
                yield path, "not entered", "no log entry here leads to it"
        return None

    def items(self) -> Problems:
        """The index says what records, log entries and objects say; what it reveals is the desk's word."""
        if any(map(self.is_blamed, self.hashes)) or self.is_blamed(MANIFEST) or not self.has(ITEMS):
            return self.untold(ITEMS, "the payload is broken")
        rows = list(csv.DictReader(self.read(ITEMS).decode("utf-8", "replace").split("\n")))
        need(rows and {"record", "log_entry", "sha256", "bytes"} <= {*rows[0]}, ITEMS, "malformed", "no rows")
        for number, row in enumerate(rows, 1):
            record, entry = self.records.get(row["record"], {}), self.entries.get(int(row["log_entry"]), {})
            size = self.files.get(f"data/objects/{row['sha256']}")
            is_right = (
                f"sha256:{row['record']}" in entry.get("generated", ())
                and f"sha256:{row['sha256']}" in (record.get("digest"), *record.get("objects", ()))
                and (size is not None) == (row["presence"] == "enclosed")
                and (size is None or row["bytes"] == str(size))
                and all(row[name] == record.get(name, "") for name in ("exhibit", "collected_at"))
            )
            need(is_right, ITEMS, "disagrees", f"row {number} does not fit its record, log entry or object")
        due = {name for name, record in self.records.items() if record.get("kind") == "acquisition"}
        yield from [(ITEMS, "disagrees", "an acquisition has no row")][
            : len(due - {row["record"] for row in rows})
        ]

    def references(self) -> Problems:
        """Whatever the brief points at is here, or known to the records and log entries that are."""
        sources = [path for path in self.files if path.startswith(("data/records/", "custody/entries/"))]
        known = {path[-69:].removesuffix(".json")[-64:] for path in self.files}
        known |= {found for path in sources for found in HEX.findall(self.read(path).decode("latin-1"))}
        for path in ("data/brief.html", "data/brief.md", "data/annotations.jsonld"):
            text = self.read(path).decode("utf-8", "replace") if path in self.files and self.has(path) else ""
            links = [unquote(re.split("[#?]", one or two)[0]) for one, two in LINK.findall(text)]
            lost = [link for link in links if link and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", link)]
            lost = [link for link in lost if normpath(f"data/{link}") not in self.files]
            for one in [*sorted({*HEX.findall(text)} - known), *lost][:1]:
                yield path, "dangling", f"it points at {one[:120]!a}, which is not here"

    def witnesses(self) -> Problems:
        """Those whom your policy asks for have cosigned the checkpoint."""
        keys = keys_in(self.policy, r"witness\s+\S+")
        if not self.cosigned or not keys or any(key.type == 6 for key in keys):
            why = (
                "this needs another verifier"
                if keys and self.cosigned
                else "nothing shows that there is no second log"
            )
            return self.untold("witnesses", why)
        _, signers = open_note(self.read(COSIGNED), keys, COSIGNED)
        need(
            is_quorum(self.policy, signers),
            COSIGNED,
            "no quorum",
            "too few witnesses of the policy cosigned it",
        )
        if not self.has_policy and not self.trusts_itself:
            self.untold(
                "witnesses", f"{len(signers)} cosigned, by keys that only the package names (--policy)"
            )
        yield from ()

    def timestamps(self) -> Problems:
        """No time-stamp authority was asked."""
        for path in sorted(path for path in self.files if TOKEN.fullmatch(path)):
            if path.endswith(".tsq"):
                self.has(path[:-1] + "r")
            elif (
                path.endswith(".tsr")
                and self.has(path[:-1] + "q")
                and self.has(path)
                and self.has(CHECKPOINT)
            ):
                imprints = [
                    bytes.fromhex(self.digest(CHECKPOINT, name)) for name in ("sha256", "sha384", "sha512")
                ]
                reply = self.read(path)
                need(
                    any(one in reply for one in imprints),
                    path,
                    "other bytes",
                    f"it is not about {CHECKPOINT}",
                )
                self.untold(path, "check with openssl, as VERIFY.txt says in step 4")
        yield from ()


def open_note(note: bytes, keys: list[Key], what: str) -> tuple[str, set[Key]]:
    """The text of a signed note, and which of `keys` signed it; a wrong signature by one of them is broken."""
    text, blank, tail = note.decode("utf-8", "replace").rpartition("\n\n")
    rows, signers = tail[:-1].split("\n"), set[Key]()
    is_note = blank and tail.endswith("\n") and not UNFIT.search(text + tail) and len({*rows}) == len(rows)
    for row in rows:
        found = re.fullmatch(r"— ([^\s+]+) (\S+)", row)
        signature = unbase64(found[2], what) if found else b""
        need(is_note and len(signature) > 4, what, "malformed", f"it is no signed note: {row[:60]!a}")
        for key in keys:
            if found and (key.name, key.id) == (found[1], signature[:4]):
                need(key.signed(f"{text}\n", signature[4:]), what, "wrong signature", f"by {key}")
                signers.add(key)
    return f"{text}\n", signers


def read_key(vkey: str, what: str) -> Key:
    """The key that a line of the form name+id+key spells."""
    name, _, rest = vkey.strip().partition("+")
    typed = unbase64(rest[9:], what)
    identity, length = (
        hashlib.sha256(f"{name}\n".encode() + typed).digest()[:4],
        {6: 1313}.get(typed[:1][0], 33),
    )
    is_key = rest[:9] == f"{identity.hex()}+" and len(typed) == length and typed[0] in (1, 4, 6)
    need(is_key, what, "malformed", f"{vkey[:80]!a} is no verifier key of the form name+id+key")
    return Key(name, identity, typed[0], typed[1:])


def keys_in(policy: str, words: str) -> list[Key]:
    """The keys that follow some words at the beginning of a policy's lines."""
    return [read_key(vkey, POLICY) for vkey in re.findall(rf"^[ \t]*{words}\s+(\S+)", policy, re.MULTILINE)]


def is_quorum(policy: str, signers: set[Key]) -> bool:
    """Whether `signers` are as many as the policy asks for."""
    seen, quorum = {"none"}, ""
    for kind, name, *rest in (line.split() for line in policy.split("\n") if len(line.split()) > 1):
        if kind == "witness" and rest and read_key(rest[0], POLICY) in signers:
            seen.add(name)
        elif kind == "group" and rest:
            least = {"any": "1", "all": str(len(rest) - 1)}.get(rest[0], rest[0])
            seen |= {name} if least.isdecimal() and len(seen & {*rest[1:]}) >= int(least) else set()
        quorum = name if kind == "quorum" else quorum
    return quorum in seen


def root_over(leaf: bytes, index: int, size: int, hashes: list[bytes]) -> bytes:
    """The root to which a proof leads from a leaf hash; empty if the proof has another length."""
    if size == 1 or not hashes:
        return leaf if size == 1 and not hashes else b""
    split = 1 << (size - 1).bit_length() - 1
    if index < split:
        return hashlib.sha256(b"\1" + root_over(leaf, index, split, hashes[:-1]) + hashes[-1]).digest()
    right = root_over(leaf, index - split, size - split, hashes[:-1])
    return hashlib.sha256(b"\1" + hashes[-1] + right).digest()


def unbase64(text: str, what: str) -> bytes:
    """The bytes whose one canonical base64 spelling is `text`."""
    value = base64.b64decode(text.encode("ascii", "replace") + b"==")
    need(value and base64.b64encode(value).decode() == text, what, "malformed", f"{text[:60]!a} is no base64")
    return value


def read_json(written: bytes, what: str) -> Any:
    """The JSON object that is written there."""
    try:
        value = json.loads(written)
    except (ValueError, RecursionError) as error:
        raise Wrong(what, "malformed", f"it is not JSON: {error}") from error
    need(isinstance(value, dict), what, "malformed", "it is not a JSON object")
    return value


def main(arguments: list[str] | None = None) -> int:
    """Check the package that the command line names; the exit code."""
    parser = argparse.ArgumentParser(description="Check an evidence package.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--vkey", help="the log's verifier key, obtained elsewhere")
    parser.add_argument("--policy", type=Path, help="a tlog-policy file of your own that names witnesses")
    parser.add_argument("--trust-package-key", action="store_true", help="only see if it agrees with itself")
    parser.add_argument("--json", action="store_true", help="print JSON Lines")
    given = parser.parse_args(arguments)
    try:
        key = read_key(given.vkey, "--vkey") if given.vkey else None
        package = Package(
            given.folder, key, given.policy.read_text() if given.policy else "", given.trust_package_key
        )
        need((given.folder / "bagit.txt").exists(), str(given.folder), "missing", "it has no bagit.txt")
    except (Wrong, OSError) as error:
        parser.error(" ".join(map(str, error.args)))
    package.run()
    for what, state, detail in package.lines:
        line = {"what": what, "state": state, "detail": detail}
        sys.stdout.write((json.dumps(line) if given.json else f"{state:13}  {what}: {detail}") + "\n")
    return 6 if package.blamed else 0


if __name__ == "__main__":
    sys.exit(main())
