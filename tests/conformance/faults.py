"""The faults: each spoils the good package in one way and says what a verifier has to blame, and for what.

Three hands: an accident (nothing else is touched), a careful forger (every manifest made anew), and
the desk itself (resealed with the real key: what a seal cannot show, the contents must).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.conformance.bench import Bench, Blamed

from witnessmark.publish import package_layout as layout
from witnessmark.publish.package_layout import Reason

Fault = Callable[[Bench], Blamed]
Change = Callable[[bytes], bytes]
FAULTS: dict[str, Fault] = {}
BEYOND_STANDALONE: set[str] = set()
"""Faults that only the product's verifier sees: the one file leaves them out to stay short."""

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


def flip(content: bytes) -> bytes:
    """The bytes with one bit in the middle turned over."""
    middle = len(content) // 2
    return content[:middle] + bytes((content[middle] ^ 1,)) + content[middle + 1 :]


def edited(path: str, change: Change, reason: Reason) -> Fault:
    """The fault of a file that was changed."""
    return lambda bench: {(bench.edit(path, change), reason)}


def replaced(path: str, old: bytes, new: bytes, reason: Reason) -> Fault:
    """The fault of a file in which some bytes were replaced once."""
    return edited(path, lambda content: content.replace(old, new, 1), reason)


def added(path: str, reason: Reason, content: bytes = b"{}") -> Fault:
    """The fault of a file that should not be there."""
    return lambda bench: {(bench.write(path, content), reason)}


def lost(path: str, reason: Reason = Reason.MISSING) -> Fault:
    """The fault of a file that is not there."""
    return lambda bench: {(bench.remove(path), reason)}


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
    "that lists a line twice": (
        lambda content: content + content.split(b"\n")[0] + b"\n",
        Reason.LISTED_TWICE,
    ),
    "that lists an absolute path": (lambda content: content.replace(b"  ", b"  /", 1), Reason.UNSAFE_NAME),
    "that climbs out": (lambda content: content.replace(b"  ", b"  ../", 1), Reason.UNSAFE_NAME),
    "that climbs out in a roundabout way": (
        lambda content: content.replace(b"  ", b"  data/../../", 1),
        Reason.UNSAFE_NAME,
    ),
    "with a percent sign in a path": (
        lambda content: content.replace(b"custody/", b"custody%2F", 1),
        Reason.UNSAFE_NAME,
    ),
}
