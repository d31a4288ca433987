"""Presence: bytes lie in the case, or were erased on record; what is merely gone stops the work."""

from __future__ import annotations

from witnessmark.errors import IntegrityError
from witnessmark.model import Copy, Digest, Erasure
from witnessmark.ports import Case


def lies_here(case: Case, digest: Digest) -> bool:
    """Whether the bytes lie in the case; False if they were erased; IntegrityError if they are missing.

    They are not hashed: that they are still the same is checked when they are opened.
    """
    if case.has(digest):
        return True
    if case.find(Erasure, digest):
        return False
    number = case.exhibit_of(digest)
    raise IntegrityError(
        f"the {_called(case, digest, number)} is missing: nobody erased it, and {digest.hex} lies nowhere in"
        " this case",
        advice="bring it back with `witnessmark scrub --repair-from FOLDER` (a backup or a package); if it is"
        f" lost for good, put that on record with `witnessmark erase {number or digest} --reason …`",
    )


def _called(case: Case, digest: Digest, number: str | None) -> str:
    if number is not None:
        return f"original of {number}"
    made_from = (copy.derived_from for _, copy in case.find(Copy) if copy.digest == digest)
    origins = [case.exhibit_of(origin) for origin in made_from if origin is not None]
    return f"working copy made from {origins[0]}" if origins else "object"
