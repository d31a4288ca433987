#!/usr/bin/env python3
"""Check an evidence package without any software of the desk that made it.

    python3 verify_package.py FOLDER --vkey "the log's verifier key, which you got elsewhere"

It needs Python 3.11 and `cryptography`. Exit code: 0, or 6 if anything is broken, 2 for a wrong command.
"""

import argparse
import base64
import csv
import hashlib
import hmac
import json
import os
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MANIFEST, SEALED, POLICY = "manifest-sha256.txt", "custody/sealed-sha256.txt", "custody/policy"
CHECKPOINT, COSIGNED, ITEMS = "custody/checkpoint", "custody/checkpoint.cosigned", "data/items.csv"
REST, IMPRINTS = "it rests on what is broken, or on an unknown key", ("sha256", "sha384", "sha512")
TAG_MANIFESTS = {"tagmanifest-sha256.txt": "sha256", "tagmanifest-sha512.txt": "sha512"}
NAME = re.compile(r"(?!.{241})[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
ENTRY = re.compile(r"custody/entries/(0|[1-9][0-9]{0,18})")
TOKEN = re.compile(r"^timestamps/([A-Za-z0-9_][A-Za-z0-9._-]*)-[1-9][0-9]{0,8}(?:\.tsq|\.tsr|-chain\.pem)$")
TILE = re.compile(r"custody/tile/[0-9]/(x[0-9]{3}/)*[0-9]{3}(\.p/[0-9]{1,3})?")
PROOF = re.compile(r"c2sp\.org/tlog-proof@v1\n(extra .*\n)?index (0|[1-9][0-9]*)((\n.+)*)")
ELSEWHERE = re.compile(r"custody/(earlier/.*\.tsr|tile/0/(x000/)*000(\.p/[0-9]+)?)")
WRONG = AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError, csv.Error
HEX = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
LINK = re.compile(r"""\]\(<?([^)>\s:]+)[)>\s]|\s(?:href|src)\s*=\s*["']?([^"'\s>:]+)["'\s>]""", re.IGNORECASE)
UNFIT = re.compile("[\x00-\x09\x0b-\x1f\ufffd\ud800-\udfff]")  # what no signed note may hold


def need(good: object, what: str, reason: str, seen: str) -> None:
    """Go on only if `good`."""
    if not good:
        raise AssertionError(what, reason, seen)


class Key(NamedTuple):
    """A public key under its name. Type 1 signs for a log; types 4 and 6 cosign for a witness."""

    label: str  # its name and its id, as a vkey begins
    type: int
    public: bytes

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

    def __init__(self, root: Path, key: Key | None, policy: str) -> None:
        self.root, self.key, self.policy = root, key or Key("", 0, b""), policy
        self.has_key, self.has_policy = key is not None, bool(policy)
        self.lines, self.blamed = list[tuple[str, str, str]](), set[str]()
        self.files, self.hashes, self.fixed = dict[str, int](), dict[str, str](), dict[str, str]()
        self.size, self.tree, self.cosigned, self.opened = 0, b"", b"", dict[str | None, str]()
        self.sealed, self.held, self.records = dict[str, Any](), dict[int, Any](), dict[str, Any]()

    def run(self) -> None:
        """Make every check, each after those that it relies on; the caption of one that holds is told."""
        checks = (self.names, self.tag_files, self.checkpoint, self.seal, self.payload, self.entries)
        for check in (*checks, self.contents, self.items, self.references, self.witnesses, self.timestamps):
            before = len(self.blamed), len(self.lines)
            self._attempt(check)
            if before == (len(self.blamed), len(self.lines)):
                self.lines.append((check.__name__.replace("_", " "), "holds", str(check.__doc__)))

    def _attempt(self, check: Any, *things: Any) -> Any:
        try:
            return check(*things)
        except WRONG as error:
            told = (str((*things, check.__name__)[0]), "malformed", repr(error))
            return self.blame(*(error.args if isinstance(error, AssertionError) else told))

    def blame(self, what: str, reason: str, seen: str) -> None:
        """Say once that `what` is broken, or without a reason that nobody can tell."""
        if not reason or not self._is_blamed(what):
            self.blamed |= {what} if reason else set()
            verdict = ("broken", f"{reason}: {seen}") if reason else ("not checkable", seen)
            self.lines.append((what.encode("ascii", "backslashreplace").decode(), *verdict))

    def _is_blamed(self, path: str) -> bool:
        return not self.blamed.isdisjoint([path, *map(str, Path(path).parents)])

    def _has(self, path: str) -> bool:
        if path not in self.files:
            self.blame(path, "missing", "it is not in the package")
        return not self._is_blamed(path)

    def _read(self, path: str) -> bytes:
        return (self.root / path).read_bytes()

    def _parse(self, path: str) -> dict[str, Any]:
        return {**json.loads(self._read(path))}

    def _digest(self, path: str, algorithm: str = "sha256") -> str:
        with (self.root / path).open("rb") as file:
            return hashlib.file_digest(file, algorithm).hexdigest()

    def names(self) -> None:
        """There are only plain files, under names that every system reads alike."""
        known: dict[str, str] = {}
        for place in sorted(self.root.rglob("*")):
            self._attempt(self._look, str(place.relative_to(self.root)), known)

    def _look(self, path: str, known: dict[str, str]) -> None:
        place, other = self.root / path, known.setdefault(path.casefold(), path)
        need(not place.is_symlink(), path, "link", "a package holds no links")
        need(NAME.fullmatch(path), path, "unsafe name", "other systems would read this name differently")
        need(other == path, path, "name clash", f"it differs from {other} by case alone")
        need(place.is_file() or place.is_dir(), path, "not a file", "it is a device, a pipe or a socket")
        self.files |= {path: place.stat().st_size} if place.is_file() else {}

    def manifest(self, name: str) -> dict[str, str]:
        """The digests that a manifest lists."""
        need(name in self.files, name, "missing", "it is not in the package")
        text, listed = self._read(name).decode("latin-1"), dict[str, str]()
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

    def tag_files(self) -> None:
        """Both tag manifests list every file outside data, and list it as it is."""
        lists = {name: listed for name in TAG_MANIFESTS if (listed := self._attempt(self.manifest, name))}
        tags = {path for path in self.files if not path.startswith("data/")} - TAG_MANIFESTS.keys()
        for path in sorted(tags.union(*lists.values())) if lists else ():
            there, is_listed = path in self.files, any(path in listed for listed in lists.values())
            facts = {name: self._digest(path, TAG_MANIFESTS[name]) if there else None for name in lists}
            wrong = [name for name, listed in lists.items() if listed.get(path) != facts[name]]
            if len(wrong) == len(lists):
                reason = "missing" if not there else "changed" if is_listed else "not listed"
                self.blame(path, reason, "the tag manifests say otherwise")
            for name in wrong if len(wrong) < len(lists) else ():  # the file shows which list is wrong
                self.blame(name, "changed", f"it says otherwise of {path} than the other tag manifest")

    def checkpoint(self) -> None:
        """The log's key signed the checkpoint, and the cosigned one is the same with lines added."""
        if self._has(POLICY):
            policy = self._read(POLICY).decode("utf-8", "replace")
            logs = keys_in(policy, "log")
            need(logs, POLICY, "malformed", "it names no log")
            self.policy, self.key = self.policy or policy, self.key if self.has_key else logs[0]
            if self.key != logs[0]:
                self.blame(POLICY, "wrong key", f"it names {logs[0].label}, and you gave {self.key.label}")
        need(self._has(CHECKPOINT) and self.key.label, CHECKPOINT, "", "there is no key to check it with")
        text, signers = open_note(self._read(CHECKPOINT), [self.key], CHECKPOINT)
        origin, size, root = [*text.split("\n"), "", ""][:3]
        is_ours = self.key in signers and self.key.type == 1 and self.key.label.startswith(f"{origin}+")
        need(is_ours, CHECKPOINT, "wrong key", f"it is of {origin}, and {self.key.label} did not sign it")
        need(re.fullmatch("[1-9][0-9]{0,17}", size), CHECKPOINT, "malformed", f"its size is {size[:9]!a}")
        self.size, self.tree = int(size), unbase64(root, CHECKPOINT)
        if not self.has_key:
            self.blame(CHECKPOINT, "", f"only the package names the key {self.key.label}; get it elsewhere")
        if self._has(COSIGNED):
            cosigned, start = self._read(COSIGNED), self._read(CHECKPOINT)
            open_note(cosigned, [], COSIGNED)
            need(cosigned.startswith(start), COSIGNED, "other checkpoint", f"it is not {CHECKPOINT} and more")
            self.cosigned = cosigned

    def seal(self) -> None:
        """The log holds a seal over this payload, these files and no others."""
        last = max([-1, *(int(found[1]) for path in self.files if (found := ENTRY.fullmatch(path)))])
        self._attempt(self.prove, last)
        action = self.held.get(last, {})
        reason = "" if self.blamed or not self.size else "missing"
        need(action.get("type") == "package.sealed", "seal", reason, f"entry {last}, the highest, is no seal")
        need(action["detail"].get("format") == 1, "seal", "malformed", "it is of another format")
        self.sealed = action["detail"]
        self.fixed = {MANIFEST: self.sealed["manifest"], SEALED: self.sealed["tags"]}
        if self._has(SEALED) and self._digest(SEALED) == self.sealed["tags"]:
            self.fixed |= self.manifest(SEALED)
        for path, digest in self.fixed.items():
            if self._has(path) and self._digest(path) != digest:
                self.blame(path, "not sealed", f"its SHA-256 is not {digest}, which was sealed")
        fixed = {*self.fixed, f"custody/entries/{last}", CHECKPOINT, COSIGNED, *TAG_MANIFESTS}
        own = fixed | {path.replace("/entries/", "/proofs/") + ".tlog-proof" for path in fixed}
        asked, has_tiles = {*self.sealed.get("authorities", ())}, self.sealed.get("whole_log")
        for path in sorted(self.files.keys() - own) if len(self.fixed) > 2 else ():
            is_free = path.startswith("data/") or (has_tiles and TILE.fullmatch(path))
            if not is_free and asked.isdisjoint(TOKEN.findall(path)):
                self.blame(path, "outside the seal", "the seal leaves no room for this file")

    def entries(self) -> None:
        """The log holds every other entry that is here."""
        need(self.cosigned, "entries", "", REST)
        for index in sorted(int(found[1]) for path in self.files if (found := ENTRY.fullmatch(path))):
            self._attempt(self.prove, index)

    def prove(self, index: int) -> None:
        """Keep an entry if the log holds it; if not, its proof is to blame if the seal fixes the entry."""
        path, proof = f"custody/entries/{index}", f"custody/proofs/{index}.tlog-proof"
        if index in (-1, *self.held) or not (self._has(path) & self._has(proof)) or not self.cosigned:
            return
        head, _, note = self._read(proof).partition(b"\n\n")
        found = PROOF.fullmatch(head.decode("latin-1")) or ["", "", "", ""]
        need(found[2], proof, "malformed", "it is no tlog-proof")
        need(note == self.cosigned, proof, "other checkpoint", f"it holds another checkpoint than {COSIGNED}")
        hashes = [unbase64(line, proof) for line in found[3].split()]
        leaf, is_here = hashlib.sha256(b"\0" + self._read(path)).digest(), found[2] == str(index)
        is_held = is_here and index < self.size and root_over(leaf, index, self.size, hashes) == self.tree
        need(is_held, proof if path in self.fixed else path, "not in the log", "they lead to another root")
        self.held[index] = self._parse(path)

    def payload(self) -> None:
        """The manifest lists every file under data, and lists it as it is."""
        self.hashes = {path: self._digest(path) for path in sorted(self.files) if path.startswith("data/")}
        need(not self._is_blamed(MANIFEST), "payload", "", f"{MANIFEST} is broken")
        listed = self.manifest(MANIFEST)
        for path in sorted({*self.hashes, *listed}):
            if (path not in listed or self._has(path)) and self.hashes.get(path) != listed.get(path):
                self.blame(path, "changed" if path in listed else "not listed", f"by {MANIFEST}")
        oxum = f"Payload-Oxum: {sum(self.files[path] for path in self.hashes)}.{len(self.hashes)}"
        is_counted = self.blamed or oxum in self._read("bag-info.txt").decode("utf-8", "replace").split("\n")
        need(is_counted, "bag-info.txt", "wrong count", f"it should say {oxum}")

    def contents(self) -> None:
        """Objects and records bear their digests as names, and log entries lead to each."""
        named = {path: path[13:] for path in self.hashes if path[:13] in ("data/objects/", "data/records/")}
        for path, name in named.items():
            suffix = ".json" if path.startswith("data/records/") else ""
            if name[64:] != suffix or not HEX.fullmatch(name[:64]):
                self.blame(path, "malformed", "its name is not a digest")
            elif self.hashes[path] != name[:64]:
                self.blame(path, "changed", f"its SHA-256 is {self.hashes[path]}, which is not its name")
            elif suffix:
                self.records[name[:64]] = self._attempt(self._parse, path) or {}
        need(self.held and not self.blamed, "contents", "", REST)
        made = {name[7:] for entry in self.held.values() for name in entry.get("generated", ())}
        known = {name[7:] for entry in self.held.values() for name in entry.get("used", ())}
        for record in (self.records[name] for name in made & self.records.keys()):
            known.update(one["digest"][7:] for one in (record, record.get("original", {})) if "size" in one)
        for path, name in named.items():
            if name[:64] not in (made if path.endswith(".json") else known):
                self.blame(path, "not entered", "no log entry here leads to it")

    def items(self) -> None:
        """The index says what records, log entries and objects say, and reveals what records commit to."""
        self._attempt(self.unseal, "data/revealed.jsonl")
        need(self.held and not self.blamed and self._has(ITEMS), "index", "", REST)
        csv.field_size_limit(2**31 - 1)
        personal = ("source", "source_url", "note")
        rows = list(csv.DictReader(re.findall(".*\n", self._read(ITEMS).decode("utf-8", "replace"))))
        need(rows and {"record", "log_entry", "sha256", "bytes"} <= {*rows[0]}, ITEMS, "malformed", "no rows")
        for number, row in enumerate(rows, 1):
            record, entry = self.records.get(row["record"], {}), self.held.get(int(row["log_entry"]), {})
            size = self.files.get(f"data/objects/{row['sha256']}")
            is_right = (
                f"sha256:{row['record']}" in entry.get("generated", ())
                and f"sha256:{row['sha256']}" in (record.get("digest"), *record.get("objects", ()))
                and (row["bytes"] == str(size) if row["presence"] == "enclosed" else size is None)
                and all(row[name] == record.get(name, "") for name in ("exhibit", "collected_at"))
                and all(row[name] == self.opened.get(record.get(name), "") for name in personal)
            )
            need(is_right, ITEMS, "disagrees", f"row {number} does not fit its record, log entry or object")
        due = {name for name, record in self.records.items() if record.get("kind") == "acquisition"}
        need(due <= {row["record"] for row in rows}, ITEMS, "disagrees", "an acquisition has no row")

    def unseal(self, path: str) -> None:
        """Keep what commitments are opened to, as it is spelled where no spreadsheet shall run it."""
        for line in self._read(path).splitlines() if path in self.files else ():
            sealed, key, value = map(json.loads(line).get, ("commitment", "key", "value"))
            made = hmac.digest(bytes.fromhex(key), value.encode("utf-8", "surrogatepass"), "sha256").hex()
            need(sealed == f"hmac-sha256:{made}", path, "disagrees", f"they do not open {sealed!a:.90}")
            cell = re.sub(r"\A(?=[=+\-@\t\r])", "'", value).encode("utf-8", "backslashreplace")
            self.opened[sealed] = cell.decode()

    def references(self) -> None:
        """Whatever the brief points at is here, or known to the records and log entries that are."""
        need(not self.blamed - {ITEMS}, "references", "", REST)
        sources = [path for path in self.files if path.startswith(("data/records/", "custody/entries/"))]
        known = {found for path in self.files for found in HEX.findall(path)}
        known |= {hashlib.sha256(self._read(path)).hexdigest() for path in sources}
        known |= {found for path in sources for found in HEX.findall(self._read(path).decode("latin-1"))}
        for path in {"data/brief.html", "data/brief.md", "data/annotations.jsonld"} & self.files.keys():
            text = self._read(path).decode("utf-8", "replace")
            links = [re.split("[#?]", "".join(found))[0] for found in LINK.findall(text)]
            lost = [one for one in links if one and os.path.normpath(f"data/{one}") not in self.files]
            for one in [*lost, *sorted({*HEX.findall(text)} - known)]:
                self.blame(path, "dangling", f"it points at {one[:120]!a}, which is not here")

    def witnesses(self) -> None:
        """Those whom your policy asks for have cosigned the checkpoint."""
        keys = keys_in(self.policy, r"witness\s+\S+")
        is_known = self.cosigned and keys and all(key.type == 4 for key in keys)
        need(is_known, "witnesses", "", "there is none, or not one whom this verifier can check")
        _, signers = open_note(self.cosigned, keys, COSIGNED)
        is_enough = signers or re.search(r"(?m)^quorum\s+none", self.policy)
        need(is_enough, COSIGNED, "no quorum", "no witness of the policy cosigned it")
        need(self.has_policy, "witnesses", "", f"{len(signers)} cosigned, but only the package names them")

    def timestamps(self) -> None:
        """Each answer of an authority is about the checkpoint; openssl judges it."""
        for path in sorted(filter(ELSEWHERE.fullmatch, self.files)):
            self.blame(path, "", "sealed, but not judged by this verifier; VERIFY.txt says how else")
        for stem in sorted({path[:-4] for path in self.files if TOKEN.match(path) and path[-4:-1] == ".ts"}):
            pair = f"{stem}.tsq", f"{stem}.tsr"
            if not any(map(self._is_blamed, (*pair, CHECKPOINT))) and all(map(self._has, pair)):
                ours = any(self._digest(CHECKPOINT, one) in self._read(pair[1]).hex() for one in IMPRINTS)
                need(ours, pair[1], "other bytes", f"it is not about {CHECKPOINT}")
                self.blame(pair[1], "", "check with openssl, as VERIFY.txt says in step 4")
        need(any(map(TOKEN.match, self.files)), "timestamps", "", "there is no answer of an authority here")


def open_note(note: bytes, keys: list[Key], what: str) -> tuple[str, set[Key]]:
    """The text of a signed note, and which of `keys` signed it; a wrong signature of theirs is broken."""
    text, blank, tail = note.decode("utf-8", "replace").rpartition("\n\n")
    rows, signers = tail[:-1].split("\n"), set[Key]()
    is_note = blank and tail.endswith("\n") and not UNFIT.search(text + tail) and len({*rows}) == len(rows)
    for row in rows:
        found = re.fullmatch(r"— ([^\s+]+) (\S+)", row)
        signature = unbase64(found[2], what) if found else b""
        need(is_note and len(signature) > 4, what, "malformed", f"it is no signed note: {row[:60]!a}")
        for key in keys:
            if found and key.label == f"{found[1]}+{signature[:4].hex()}":
                need(key.signed(f"{text}\n", signature[4:]), what, "wrong signature", f"by {key.label}")
                signers.add(key)
    return f"{text}\n", signers


def read_key(vkey: str, what: str) -> Key:
    """The key that a line of the form name+id+key spells."""
    name, _, rest = vkey.strip().partition("+")
    typed = unbase64(rest[9:], what)
    identity = hashlib.sha256(f"{name}\n".encode() + typed).digest()[:4]
    is_key = rest[:9] == f"{identity.hex()}+" and (typed[0], len(typed)) in ((1, 33), (4, 33), (6, 1313))
    need(is_key, what, "malformed", f"{vkey[:80]!a} is no verifier key of the form name+id+key")
    return Key(f"{name}+{identity.hex()}", typed[0], typed[1:])


def keys_in(policy: str, words: str) -> list[Key]:
    """The keys that follow some words at the beginning of a policy's lines."""
    return [read_key(vkey, POLICY) for vkey in re.findall(rf"^[ \t]*{words}\s+(\S+)", policy, re.MULTILINE)]


def root_over(leaf: bytes, index: int, size: int, hashes: list[bytes]) -> bytes:
    """The root to which a proof leads from a leaf hash; empty if the proof has another length."""
    if size == 1 or not hashes:
        return leaf if size == 1 and not hashes else b""
    split, (*rest, last) = 1 << (size - 1).bit_length() - 1, hashes
    if index < split:
        return hashlib.sha256(b"\1" + root_over(leaf, index, split, rest) + last).digest()
    return hashlib.sha256(b"\1" + last + root_over(leaf, index - split, size - split, rest)).digest()


def unbase64(text: str, what: str) -> bytes:
    """The bytes whose one canonical base64 spelling is `text`."""
    is_base64 = re.fullmatch("([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", text)
    value = base64.b64decode(text) if is_base64 else b""
    need(value and base64.b64encode(value).decode() == text, what, "malformed", f"{text[:60]!a} is no base64")
    return value


def main(arguments: list[str] | None = None) -> int:
    """Check the package that the command line names; the exit code."""
    parser = argparse.ArgumentParser(description="Check an evidence package.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--vkey", help="the log's verifier key, obtained elsewhere")
    parser.add_argument("--policy", type=Path, help="a tlog-policy file of your own that names witnesses")
    parser.add_argument("--json", action="store_true", help="print JSON Lines")
    given = parser.parse_args(arguments)
    try:
        need(given.folder.is_dir(), str(given.folder), "missing", "there is no such folder")
        key = read_key(given.vkey, "--vkey") if given.vkey else None
        package = Package(given.folder, key, given.policy.read_text() if given.policy else "")
    except (OSError, AssertionError, ValueError) as error:
        parser.error(" ".join(map(str, error.args)))
    package.run()
    for what, state, detail in package.lines:
        line = json.dumps({"what": what, "state": state, "detail": detail})
        sys.stdout.write(f"{line if given.json else f'{state:13}  {what}: {detail}'}\n")
    return 6 if package.blamed else 0


if __name__ == "__main__":
    sys.exit(main())
