"""Reading a package as files: what lies there, and whether it is what the lists say.

Nothing in a package is trusted: links are not followed, names that two systems would read
differently are refused. Two tag manifests make it possible to tell a damaged list from a damaged file.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG

from witnessmark.errors import UsageError
from witnessmark.model import Check, CheckState
from witnessmark.publish import package_layout as layout
from witnessmark.publish.package_bag import CHUNK
from witnessmark.publish.package_layout import Reason

_LINE = re.compile(r"([0-9a-f]{64}|[0-9a-f]{128})  (.+)")
_OXUM = re.compile(r"^Payload-Oxum: ([0-9]+)\.([0-9]+)$", re.MULTILINE)
_HEX_DIGITS = {"sha256": 64, "sha512": 128}


class ManifestError(Exception):
    """A manifest that cannot be used, and why."""

    def __init__(self, reason: Reason, explanation: str) -> None:
        super().__init__(explanation)
        self.reason = reason


@dataclass(slots=True)
class Scan:
    """The files of a package with their sizes and digests, and everything found broken so far.

    A thing is blamed once. What depends on a broken thing is not checkable, and not blamed for it.
    """

    root: Path
    files: dict[str, int] = field(default_factory=dict)
    sha256: dict[str, str] = field(default_factory=dict)
    blamed: set[str] = field(default_factory=set)

    def read(self, path: str) -> bytes:
        """The bytes of a small file."""
        return (self.root / path).read_bytes()

    def has(self, path: str) -> bool:
        """Whether the file is there and has not been found broken."""
        return path in self.files and not self.is_blamed(path)

    def is_blamed(self, path: str) -> bool:
        """Whether the file, or a folder that it lies in, has been found broken."""
        while path not in self.blamed and path:
            path = path.rpartition("/")[0]
        return bool(path)

    def under(self, folder: str) -> list[str]:
        """The files in a folder, sorted."""
        return sorted(path for path in self.files if path.startswith(folder))

    def broken(self, what: str, reason: Reason, explanation: str) -> Check:
        """The verdict that `what` is broken, remembered."""
        self.blamed.add(what)
        return broken(what, reason, explanation)

    def digest(self, path: str, algorithm: str = "sha256") -> str:
        """The digest of a file, read in pieces."""
        hasher = hashlib.new(algorithm, usedforsecurity=False)
        with (self.root / path).open("rb") as file:
            while chunk := file.read(CHUNK):
                hasher.update(chunk)
        return hasher.hexdigest()


def broken(what: str, reason: Reason, explanation: str) -> Check:
    """The verdict that `what` is broken for `reason`."""
    return Check(what, CheckState.BROKEN, f"{reason}: {explanation}")


def holds(what: str, detail: str) -> Check:
    """The verdict that `what` holds."""
    return Check(what, CheckState.HOLDS, detail)


def not_checkable(what: str, detail: str) -> Check:
    """The verdict that nobody could tell."""
    return Check(what, CheckState.NOT_CHECKABLE, detail)


def check_names(scan: Scan) -> Iterator[Check]:
    """Find every file of the package; anything that is not a plain file under a safe name is broken."""
    if not scan.root.is_dir():
        raise UsageError(f"{scan.root} is no folder", advice="give the folder that holds bagit.txt")
    known: dict[str, str] = {}
    for path, mode, size in sorted(_walk(scan.root, "")):
        fault = _fault_of_name(path, mode, known)
        if fault is not None:
            yield scan.broken(path.encode("ascii", "backslashreplace").decode("ascii"), *fault)
        elif S_ISREG(mode):
            scan.files[path] = size
    if not scan.blamed:
        yield holds("names", f"{len(scan.files)} plain files under safe names")


def check_tag_files(scan: Scan) -> Iterator[Check]:
    """Compare every file outside `data/` with both tag manifests, and these with each other."""
    lists: dict[str, Mapping[str, str]] = {}
    for name, algorithm in layout.TAG_MANIFESTS.items():
        try:
            lists[name] = read_manifest(scan, name, algorithm)
        except ManifestError as error:
            if not scan.is_blamed(name):
                yield scan.broken(name, error.reason, str(error))
    tags = {path for path in scan.files if not path.startswith("data/")} - layout.TAG_MANIFESTS.keys()
    before = len(scan.blamed)
    if lists:
        for path in sorted(tags.union(*lists.values())):
            yield from _vote(scan, path, lists)
    if not lists:
        yield not_checkable("tag files", "both tag manifests are broken")
    elif before == len(scan.blamed):
        yield holds("tag files", f"{len(tags)} files have the digests that the tag manifests list")


def check_payload(scan: Scan) -> Iterator[Check]:
    """Compare every file under `data/` with the payload manifest, if that is sound itself."""
    if scan.has(layout.BAGIT) and scan.read(layout.BAGIT) != layout.BAGIT_TXT:
        yield scan.broken(layout.BAGIT, Reason.MALFORMED, "it does not declare BagIt 1.0 in UTF-8")
    payload = scan.under("data/")
    for path in payload:
        scan.sha256[path] = scan.digest(path)
    if scan.is_blamed(layout.MANIFEST):
        yield not_checkable("payload", f"{layout.MANIFEST} is broken")
        return
    try:
        listed = read_manifest(scan, layout.MANIFEST, "sha256")
    except ManifestError as error:
        yield scan.broken(layout.MANIFEST, error.reason, str(error))
        return
    before = len(scan.blamed)
    for path in sorted({*payload, *listed}):
        yield from _compare(scan, path, listed.get(path))
    if len(scan.blamed) > before:
        return
    yield holds("payload", f"{len(payload)} files have the digests that {layout.MANIFEST} lists")
    yield from _check_oxum(scan, payload)


def read_manifest(scan: Scan, name: str, algorithm: str) -> dict[str, str]:
    """The digest that a manifest lists for each path; ManifestError if it is not one in strict form."""
    if name not in scan.files:
        raise ManifestError(Reason.MISSING, "it is not in the package")
    text = scan.read(name).decode("latin-1")
    if "\r" in text or not text.endswith("\n"):
        raise ManifestError(Reason.MALFORMED, "its lines do not all end in a single line feed")
    listed: dict[str, str] = {}
    for number, line in enumerate(text[:-1].split("\n"), 1):
        found = _LINE.fullmatch(line)
        if found is None or len(found[1]) != _HEX_DIGITS[algorithm]:
            raise ManifestError(Reason.MALFORMED, f"line {number} is not a digest, two spaces and a path")
        digest, path = found.groups()
        is_payload = path.startswith("data/")
        if not layout.is_safe_name(path) or is_payload != (name == layout.MANIFEST):
            raise ManifestError(Reason.UNSAFE_NAME, f"line {number} lists {path[:120]!a}")
        if path in listed:
            raise ManifestError(Reason.LISTED_TWICE, f"line {number} lists {path} again")
        listed[path] = digest
    return listed


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            path = prefix + entry.name
            yield path, status.st_mode, status.st_size
            if S_ISDIR(status.st_mode) and layout.is_safe_name(path):
                yield from _walk(Path(entry.path), f"{path}/")


def _fault_of_name(path: str, mode: int, known: dict[str, str]) -> tuple[Reason, str] | None:
    if S_ISLNK(mode):
        return Reason.LINK, "a package holds no links; it was not followed"
    if not layout.is_safe_name(path):
        return Reason.UNSAFE_NAME, "other systems would read this name differently"
    other = known.setdefault(path.casefold(), path)
    if other != path:
        return Reason.NAME_CLASH, f"it differs from {other} by case alone"
    if not S_ISREG(mode) and not S_ISDIR(mode):
        return Reason.NOT_A_FILE, "it is a device, a pipe or a socket"
    return None


def _vote(scan: Scan, path: str, lists: Mapping[str, Mapping[str, str]]) -> Iterator[Check]:
    """Who is to blame if lists and file differ: the file if no list fits it, else the list that does not."""
    if scan.is_blamed(path):
        return
    if path not in scan.files:
        wrong = [name for name, listed in lists.items() if path in listed]
        if len(wrong) == len(lists):
            yield scan.broken(path, Reason.MISSING, "the tag manifests list it, and it is not in the package")
            return
    else:
        fits = {
            name: listed.get(path) == scan.digest(path, layout.TAG_MANIFESTS[name])
            for name, listed in lists.items()
        }
        wrong = [name for name, is_fit in fits.items() if not is_fit]
        if len(wrong) == len(lists):
            is_listed = any(path in listed for listed in lists.values())
            reason = Reason.CHANGED if is_listed else Reason.NOT_LISTED
            yield scan.broken(path, reason, "the tag manifests list other bytes, or do not list it")
            return
    for name in wrong:
        if not scan.is_blamed(name):
            yield scan.broken(
                name, Reason.CHANGED, f"it says otherwise of {path} than the other tag manifest"
            )


def _compare(scan: Scan, path: str, listed: str | None) -> Iterator[Check]:
    if scan.is_blamed(path):
        return
    if path not in scan.files:
        yield scan.broken(path, Reason.MISSING, f"{layout.MANIFEST} lists it, and it is not in the package")
    elif listed is None:
        yield scan.broken(path, Reason.NOT_LISTED, f"{layout.MANIFEST} does not list it")
    elif listed != scan.sha256[path]:
        yield scan.broken(path, Reason.CHANGED, f"its SHA-256 is {scan.sha256[path]}, not {listed}")


def _check_oxum(scan: Scan, payload: list[str]) -> Iterator[Check]:
    if scan.blamed or layout.BAG_INFO not in scan.files:
        return
    stated = _OXUM.findall(scan.read(layout.BAG_INFO).decode("utf-8", "replace"))
    actual = (str(sum(scan.files[path] for path in payload)), str(len(payload)))
    if stated != [actual]:
        explanation = (
            f"the payload has {actual[0]} bytes in {actual[1]} files, and Payload-Oxum says otherwise"
        )
        yield scan.broken(layout.BAG_INFO, Reason.WRONG_COUNT, explanation)
