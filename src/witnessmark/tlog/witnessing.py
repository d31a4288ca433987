"""What a witness decides (C2SP tlog-witness): whether a log only ever grew.

Everything here is pure. Whoever runs a witness looks up the key and the last state by
`AddCheckpoint.origin`, asks `decide`, and on status 200 stores the new state, comparing and
storing in one step, before handing out a cosignature.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from witnessmark.errors import IntegrityError, MalformedError
from witnessmark.tlog.checkpoint import Checkpoint
from witnessmark.tlog.keys import Verifier
from witnessmark.tlog.merkle import EMPTY_ROOT, HASH_BYTES, MOST_HASHES, check_consistency, is_path
from witnessmark.tlog.note import open_note, parse_note
from witnessmark.tlog.strict import LARGEST, base64, decimal, head_and_note, shown, unbase64


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A log's request to be cosigned: where the witness stood, the way from there, the new checkpoint."""

    old_size: int
    proof: tuple[bytes, ...]
    note: bytes
    claimed: Checkpoint = field(init=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.old_size <= LARGEST:
            raise MalformedError(f"the old size cannot be {self.old_size}")
        if not is_path(self.proof):
            raise MalformedError(
                f"a consistency proof holds up to {MOST_HASHES} hashes of {HASH_BYTES} bytes"
            )
        object.__setattr__(self, "claimed", Checkpoint.parse(parse_note(self.note).text))

    @property
    def origin(self) -> str:
        """The log that the request claims to be from; believed only after `decide`."""
        return self.claimed.origin

    def encode(self) -> bytes:
        """Return the body of the request."""
        lines = (f"old {self.old_size}", *(base64(value) for value in self.proof), "")
        return "".join(f"{line}\n" for line in lines).encode() + self.note

    @classmethod
    def parse(cls, body: bytes) -> AddCheckpoint:
        """Return the request that `body` spells; a MalformedError is an answer of status 400."""
        (old, *hashes), note = head_and_note(body, "the request")
        if not old.startswith("old "):
            raise MalformedError("the request does not begin with an old size line")
        proof = tuple(unbase64(line, "a hash in the request", HASH_BYTES) for line in hashes)
        return cls(decimal(old[4:], "the old size"), proof, note)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The witness's answer: HTTP status, body, and with status 200 the checkpoint to store and cosign."""

    status: int
    body: str
    checkpoint: Checkpoint | None = None


def decide(request: AddCheckpoint, known: Verifier | None, last: tuple[int, bytes] | None) -> Verdict:
    """Return what a witness that trusts `known` and last saw `last` (size, root) answers.

    With status 409 the body is the size last seen (content type `text/x.tlog.size`); with 200 it
    is empty and the caller fills it with the cosignature line, once the state is stored.
    """
    if known is None:
        return Verdict(404, f"this witness does not know the log {shown(request.origin)}\n")
    try:
        open_note(request.note, (known,))
    except IntegrityError as error:
        return Verdict(403, f"{error}\n")
    size, root = last or (0, EMPTY_ROOT)
    new = request.claimed
    if request.old_size > new.size:
        return Verdict(400, f"the old size {request.old_size} is above the checkpoint's {new.size}\n")
    if request.old_size != size:
        return Verdict(409, f"{size}\n")
    try:
        _require_growth(request, root)
    except IntegrityError as error:
        return Verdict(422, f"{error}\n")
    return Verdict(200, "", new)


def _require_growth(request: AddCheckpoint, root: bytes) -> None:
    new = request.claimed
    if new.size == 0 and new.root != EMPTY_ROOT:
        raise IntegrityError("the checkpoint gives an empty log a root that is not empty")
    if request.old_size:
        check_consistency(request.old_size, new.size, root, new.root, request.proof)
    elif request.proof:
        raise IntegrityError("a consistency proof from size zero has to be empty")
