"""Versions: what was taken of one address at several times, side by side, and what changed word by word."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from starlette.responses import Response

from witnessmark.desk.addresses import Version, changed, two_versions
from witnessmark.desk.wording import Piece, shortened
from witnessmark.model import Digest
from witnessmark.web.drawing import draw
from witnessmark.web.office import Visit

_GONE, _NEW = "gone", "new"


def version_facts(visit: Visit, digest: Digest) -> list[dict[str, Any]]:
    """Each address of an exhibit with all that was taken of it, and what changed since the one before."""
    told = []
    for address, found in visit.office.addresses.versions(digest):
        before = next((one for one, other in pairwise(_each_once(found)) if other.digest == digest), None)
        pieces = None if before is None else _changed(visit, before.digest, digest)
        told.append(
            {
                "address": address,
                "versions": found,
                "before": before,
                "changed": None if pieces is None else _cut(pieces),
            }
        )
    return told


def side_by_side(visit: Visit) -> Response:
    """Two versions of one address beside each other: what only the earlier has, and what only the later."""
    case = visit.desk.case
    one, other = (case.digest_of_exhibit(visit.path(name)) for name in ("one", "other"))
    earlier, later = two_versions(visit.office.addresses, one, other)
    pieces = _changed(visit, earlier.digest, later.digest)
    sides = (("version_earlier", earlier, _GONE), ("version_later", later, _NEW))
    return draw(
        visit,
        "versions.html",
        address=earlier.address,
        sides=[
            (word, version, None if pieces is None else _side(pieces, kind)) for word, version, kind in sides
        ],
        is_same=pieces is not None and all(piece.kind == "same" for piece in pieces),
    )


# --- inner


def _each_once(found: Sequence[Version]) -> list[Version]:
    """The versions without those in which the same bytes came again."""
    return list({one.digest: one for one in reversed(found)}.values())[::-1]


def _changed(visit: Visit, earlier: Digest, later: Digest) -> list[Piece] | None:
    """What changed, worked out once until something comes in that bears on it."""
    return visit.answered(("wording", earlier, later), lambda: changed(visit.desk.case, earlier, later))


def _cut(pieces: list[Piece]) -> list[tuple[str, str]]:
    return shortened(pieces) if any(piece.kind != "same" for piece in pieces) else []


def _side(pieces: list[Piece], kind: str) -> list[tuple[str, str]]:
    """One version as it is, with what only it has marked."""
    return [(piece.kind, piece.text) for piece in pieces if piece.kind in ("same", kind)]
