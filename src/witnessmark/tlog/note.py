"""Signed notes (C2SP signed-note) and checkpoints: a few lines of text, and under them who signed it.

Opening is at least as strict as Go's x/mod/sumdb/note: a note that we accept is accepted there
too. The text of a note means nothing until `open_note` has found a good signature by a key that
the reader already had; a wrong signature by a known key condemns the whole note.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from witnessmark.errors import IntegrityError, MalformedError, UsageError
from witnessmark.tlog.checkpoint import Checkpoint
from witnessmark.tlog.keys import Signer, Verifier, is_key_name
from witnessmark.tlog.merkle import EMPTY_ROOT
from witnessmark.tlog.strict import UNFIT, base64, shown, unbase64

MOST_BYTES = 1_000_000
MOST_SIGNATURES = 100
_DASH = "— "


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line under a note, read but not checked."""

    name: str
    key_id: int
    signature: bytes

    @property
    def key(self) -> str:
        """The key that the line claims, as in the first two parts of a vkey."""
        return f"{self.name}+{self.key_id:08x}"

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {base64(self.key_id.to_bytes(4, 'big') + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class ParsedNote:
    """A note taken apart, with nothing checked yet: do not believe its text."""

    text: str
    lines: tuple[SignatureLine, ...]


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """A key that did sign the note, and, for a cosignature, the time (Unix seconds) that it states."""

    name: str
    key_id: int
    timestamp: int | None


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A note that at least one known key has signed; `unknown` lists the other keys' names and ids."""

    text: str
    signatures: tuple[VerifiedSignature, ...]
    unknown: tuple[str, ...]

    def signature_of(self, verifier: Verifier) -> VerifiedSignature | None:
        """Return the good signature by that key, if there is one."""
        for signature in self.signatures:
            if (signature.name, signature.key_id) == (verifier.name, verifier.key_id):
                return signature
        return None


def sign(text: str, *signers: Signer) -> bytes:
    """Return `text` as a note signed by each of `signers`."""
    if not signers:
        raise UsageError("a note needs at least one signature")
    return add_lines(text.encode() + b"\n", *(signer.sign_line(text) for signer in signers))


def add_lines(note: bytes, *lines: str) -> bytes:
    """Return `note` with signature lines put under it, such as those that a witness answered."""
    longer = note + "".join(lines).encode()
    parse_note(longer)
    return longer


def parse_note(note: bytes) -> ParsedNote:
    """Return the parts of `note`, whose form is right; no signature is checked."""
    if len(note) > MOST_BYTES:
        raise MalformedError(f"a note of {len(note)} bytes is over the limit of {MOST_BYTES}")
    try:
        whole = note.decode()
    except UnicodeDecodeError as error:
        raise MalformedError(f"the note is not UTF-8 at byte {error.start}") from error
    if found := UNFIT.search(whole):
        raise MalformedError(f"the note has the forbidden character U+{ord(found.group()):04X}")
    head, blank, tail = whole.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise MalformedError("the note does not end with a blank line and signature lines")
    rows = tail[:-1].split("\n")
    if len(rows) > MOST_SIGNATURES:
        raise MalformedError(f"the note has {len(rows)} signatures; the limit is {MOST_SIGNATURES}")
    lines = tuple(_parse_line(row) for row in rows)
    _refuse_repeats(lines)
    return ParsedNote(head + "\n", lines)


def open_note(note: bytes | ParsedNote, verifiers: Iterable[Verifier]) -> OpenedNote:
    """Return the text of `note` and who signed it, if a known key did and none signed wrongly."""
    known = _by_key(verifiers)
    parsed = note if isinstance(note, ParsedNote) else parse_note(note)
    signatures, unknown = [], []
    for line in parsed.lines:
        verifier = known.get((line.name, line.key_id))
        if verifier is None:
            unknown.append(line.key)
        else:
            timestamp = verifier.check(parsed.text, line.signature)
            signatures.append(VerifiedSignature(line.name, line.key_id, timestamp))
    if not signatures:
        raise IntegrityError(f"no known key signed the note; it names {', '.join(map(shown, unknown[:5]))}")
    return OpenedNote(parsed.text, tuple(signatures), tuple(unknown))


def open_checkpoint(
    note: bytes | ParsedNote, verifiers: Iterable[Verifier], origin: str
) -> tuple[Checkpoint, OpenedNote]:
    """Return the checkpoint in `note` if it is of the log `origin` and signed by the log's own key.

    The log's key is the one named as the origin; what a witness signed, with a time, cannot stand in.
    """
    opened = open_note(note, verifiers)
    checkpoint = Checkpoint.parse(opened.text)
    if checkpoint.origin != origin:
        raise IntegrityError(
            f"the checkpoint is of the log {shown(checkpoint.origin)}, not of {shown(origin)}"
        )
    if all(line.name != origin or line.timestamp is not None for line in opened.signatures):
        raise IntegrityError(f"the checkpoint of {shown(origin)} is not signed by the log's own key")
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise IntegrityError(f"the checkpoint of {shown(origin)} gives an empty log a root that is not empty")
    return checkpoint, opened


def _by_key(verifiers: Iterable[Verifier]) -> dict[tuple[str, int], Verifier]:
    known: dict[tuple[str, int], Verifier] = {}
    for verifier in verifiers:
        if known.setdefault((verifier.name, verifier.key_id), verifier) != verifier:
            raise UsageError(f"two different keys are both called {verifier}")
    return known


def _parse_line(row: str) -> SignatureLine:
    if not row.startswith(_DASH):
        raise MalformedError(f"a signature line does not begin with an em dash and a space: {shown(row)}")
    name, _, encoded = row[len(_DASH) :].partition(" ")
    if not is_key_name(name):
        raise MalformedError(f"a signature line has no valid key name: {shown(row)}")
    value = unbase64(encoded, f"the signature of {shown(name)}")
    if len(value) < 5:
        raise MalformedError(f"the signature of {shown(name)} has {len(value)} bytes; 5 is the least")
    return SignatureLine(name, int.from_bytes(value[:4], "big"), value[4:])


def _refuse_repeats(lines: Sequence[SignatureLine]) -> None:
    if len(set(lines)) != len(lines):
        raise MalformedError("a signature line is repeated")
