"""Where everything lies in a package, and the words for what can be wrong with one.

A package is a BagIt 1.0 bag (RFC 8493). What lies under `data/` is listed in the payload manifest,
whose digest is in the seal. Of the files beside it, those that existed before the seal are listed
with their digests in `custody/sealed-sha256.txt`, whose digest is in the seal too; those that could
only be made after it have names that follow from the seal. There is no room for any other file.
"""

from __future__ import annotations

import re
from enum import StrEnum

FORMAT = 1
SEAL_TYPE = "package.sealed"

BAGIT_TXT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
BAGIT = "bagit.txt"
BAG_INFO = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFESTS = {"tagmanifest-sha256.txt": "sha256", "tagmanifest-sha512.txt": "sha512"}
LETTER = "VERIFY.txt"
VERIFIER = "verify_package.py"

POLICY = "custody/policy"
CHECKPOINT = "custody/checkpoint"
COSIGNED = "custody/checkpoint.cosigned"
SEALED_TAGS = "custody/sealed-sha256.txt"
EARLIER = "custody/earlier/"

OBJECTS = "data/objects/"
RECORDS = "data/records/"
ITEMS = "data/items.csv"
REVEALED = "data/revealed.jsonl"
WRITINGS = ("data/brief.html", "data/brief.md", "data/annotations.jsonld")

_SAFE_NAME = re.compile(r"(?!.{241})[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_ENTRY = re.compile(r"custody/entries/(0|[1-9][0-9]{0,18})")
_TOKEN = re.compile(r"timestamps/([A-Za-z0-9_][A-Za-z0-9._-]*)-([1-9][0-9]{0,8})(\.tsq|\.tsr|-chain\.pem)")


class Reason(StrEnum):
    """What is wrong with the thing that a broken check names; its detail begins with the word."""

    MISSING = "missing"
    CHANGED = "changed"
    NOT_LISTED = "not listed"
    LISTED_TWICE = "listed twice"
    UNSAFE_NAME = "unsafe name"
    NAME_CLASH = "name clash"
    LINK = "link"
    NOT_A_FILE = "not a file"
    MALFORMED = "malformed"
    WRONG_COUNT = "wrong count"
    NOT_SEALED = "not sealed"
    OUTSIDE_SEAL = "outside the seal"
    WRONG_KEY = "wrong key"
    WRONG_SIGNATURE = "wrong signature"
    OTHER_CHECKPOINT = "other checkpoint"
    NOT_IN_LOG = "not in the log"
    NO_QUORUM = "no quorum"
    NOT_ENTERED = "not entered"
    DISAGREES = "disagrees"
    DANGLING = "dangling"
    OTHER_BYTES = "other bytes"


class Presence(StrEnum):
    """Whether the bytes behind a row of items.csv are in the package."""

    ENCLOSED = "enclosed"
    WITHHELD = "withheld"
    ERASED = "erased"


def is_safe_name(path: str) -> bool:
    """Whether every file system and every tool will take `path` for the same file, inside the package."""
    return _SAFE_NAME.fullmatch(path) is not None


def entry_path(index: int) -> str:
    """Where log entry `index` lies."""
    return f"custody/entries/{index}"


def entry_index(path: str) -> int | None:
    """The log entry that lies at `path`, if one does."""
    found = _ENTRY.fullmatch(path)
    return int(found[1]) if found else None


def proof_path(index: int) -> str:
    """Where the proof of log entry `index` lies."""
    return f"custody/proofs/{index}.tlog-proof"


def earlier_folder(size: int) -> str:
    """Where the proofs and tokens lie that rest on the log's earlier checkpoint of `size` entries."""
    return f"{EARLIER}{size}/"


def earlier_size(path: str) -> int | None:
    """The size of the earlier checkpoint in whose folder the file `path` lies, if it does."""
    found = re.match(r"custody/earlier/([1-9][0-9]{0,18})/", path)
    return int(found[1]) if found else None


def token_stem(path: str, authorities: tuple[str, ...]) -> str | None:
    """The token, by the beginning of its files' names, that the file `path` belongs to, if to any."""
    found = _TOKEN.fullmatch(path)
    return f"timestamps/{found[1]}-{found[2]}" if found and found[1] in authorities else None


def authority_name(name: str) -> str:
    """The name of a time-stamp authority as its files bear it."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name.strip().removeprefix("https://")).strip("_.-") or "authority"
