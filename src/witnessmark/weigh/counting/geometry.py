"""Can two marks on two registered pictures be one thing? Forbidden is only what every doubt still forbids.

A place in one picture lies on a line in the other (epipolar geometry), wherever it stands in depth. Along
that line it lies near where the places around it lie, give or take what stands out there. A pair of marks is
forbidden where the line misses by more than marks can be off, in every fit of the geometry that the match
holds; or where both pictures have places close by that agree, and the mark is farther off than marks can be
off, than those places disagree among themselves, and than things around stand out from each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from witnessmark.model import Match

FITTED, WIDE = 12, 80
"""How many places around a mark say where it lies, and how many say how far things stand out there."""
NEAR = 60 / 1024
"""Places support a mark if three of them lie within this part of the picture's longer side."""
_SLACK, _SPREAD, _TWICE = 3 / 1024, 1.5 / np.sqrt(2), 2.0
_RESIDUALS, _STANDING_OUT = 6.0, 0.95

Places = NDArray[np.float64]
Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spots:
    """The marks of one picture: where (float64[n, 2], pixels), how large, and how far off they may be.

    `radii` (float64[n]) reach from the middle of each mark to the edge of its region, `reach` is how far from
    where it belongs a mark was hardly ever set (three standard deviations), both in pixels: two marks of one
    thing that are off by three quarters of it each, away from each other, are still not told apart. `side`
    is the longer side of the picture.
    """

    places: Places
    radii: Table
    reach: float
    side: float


@dataclass(frozen=True, slots=True)
class Between:
    """What marks of two pictures can be to each other, as tables with a row for each mark of the first.

    `off_line` and `off_place` say which pairs are forbidden and by what; `apart` how far a mark lies from
    where the other one is expected, in parts of how far it may if things stand out no more than close by;
    infinite where nothing close by says so.
    """

    off_line: NDArray[np.bool_]
    off_place: NDArray[np.bool_]
    apart: Table

    @property
    def forbidden(self) -> NDArray[np.bool_]:
        """Pairs that cannot be one thing."""
        found: NDArray[np.bool_] = self.off_line | self.off_place
        return found


def between(match: Match, ours: Spots, theirs: Spots) -> Between:
    """What marks on the query of a match of registered views can be to marks on its candidate."""
    pairs = np.array([(*one.query, *one.candidate) for one in match.correspondences], np.float64)
    fits = np.array(match.measured["fundamental"], np.float64).reshape(-1, 3, 3)
    there = _expected(pairs, ours)
    back = _expected(pairs[:, [2, 3, 0, 1]], theirs)
    size_there, size_back = there.stretch[:, None], back.stretch[None, :]
    in_second = (
        _tolerance(theirs, ours.reach * size_there) + theirs.radii + (ours.radii[:, None] * size_there)
    )
    in_first = _tolerance(ours, theirs.reach * size_back) + ours.radii[:, None] + theirs.radii * size_back
    off_line = np.ones((len(ours.places), len(theirs.places)), bool)
    for fit in fits:
        off_second = _from_line(ours.places @ fit[:, :2].T + fit[:, 2], theirs.places)
        off_first = _from_line(theirs.places @ fit[:2] + fit[2], ours.places).T
        off_line &= (off_second > in_second) | (off_first > in_first)
    apart = _distances(there.places, theirs.places)
    apart_back = _distances(back.places, ours.places).T
    loose = _TWICE * in_second + (there.doubt[:, None] + back.doubt[None, :] * size_there)
    loose_back = _TWICE * in_first + (back.doubt[None, :] + there.doubt[:, None] * size_back)
    supported = there.is_supported[:, None] & back.is_supported[None, :]
    off_place = supported & (apart > loose) & (apart_back > loose_back)
    likely = np.minimum(apart / (in_second + there.off[:, None]), apart_back / (in_first + back.off[None, :]))
    nearest = np.where(supported, likely, np.inf)
    return Between(off_line, off_place, nearest)


def laid_over(matrix: tuple[float, ...], ours: Spots, theirs: Spots) -> Between:
    """The same for two copies of one picture, of which `matrix` (2 × 3) lays the first over the second."""
    laid = np.array(matrix, np.float64).reshape(2, 3)
    stretch = float(np.linalg.norm(laid[:, :2], 2))
    apart = _distances(ours.places @ laid[:, :2].T + laid[:, 2], theirs.places)
    far = np.hypot(theirs.reach, ours.reach * stretch) * _TWICE + _SLACK * theirs.side
    far = far + theirs.radii + ours.radii[:, None] * stretch
    return Between(np.zeros(apart.shape, bool), apart > far, apart / np.maximum(far, 1e-9))


# --- inner


@dataclass(frozen=True, slots=True)
class _Expected:
    """Where marks are expected in the other picture, and how sure that is."""

    places: Places
    off: Table
    doubt: Table
    stretch: Table
    is_supported: NDArray[np.bool_]


def _expected(pairs: Places, marks: Spots) -> _Expected:
    """Each mark moved as the places around it move: an affine map, those close by counting most."""
    count = len(marks.places)
    places, near, doubt = np.zeros((count, 2)), np.zeros(count), np.zeros(count)
    stretch, supported = np.ones(count), np.zeros(count, bool)
    for row, place in enumerate(marks.places):
        far = np.hypot(*(pairs[:, :2] - place).T)
        order = np.argsort(far)
        close = order[:FITTED]
        moved = _affine(pairs[close], 1 / (far[close] + _SLACK * marks.side))
        off = np.abs(_moved(moved, pairs[close, :2]) - pairs[close, 2:]).mean()
        places[row] = _moved(moved, place[None])[0]
        stretch[row] = np.linalg.norm(moved[:2], 2)
        supported[row] = far[order[min(2, len(order) - 1)]] < NEAR * marks.side
        near[row] = _RESIDUALS / 3 * off
        doubt[row] = _RESIDUALS * off + _relief(pairs[order[:WIDE]])
    return _Expected(places, near, doubt, stretch, supported)


def _relief(pairs: Places) -> float:
    """How far things around stand out from one plane, in pixels of the other picture."""
    plane = _homography(pairs)
    here = np.c_[pairs[:, :2], np.ones(len(pairs))] @ plane.T
    depth = np.where(np.abs(here[:, 2:]) < 1e-9, 1e-9, here[:, 2:])
    off = np.hypot(*(here[:, :2] / depth - pairs[:, 2:]).T)
    return float(np.quantile(off, _STANDING_OUT))


def _homography(pairs: Places) -> Places:
    """The plane that pairs lie on best (normalised direct linear transform)."""
    ours, move = _normalised(pairs[:, :2])
    theirs, turn = _normalised(pairs[:, 2:])
    x, y = theirs[:, :1], theirs[:, 1:2]
    nothing = np.zeros_like(ours)
    rows = np.concatenate([np.c_[ours, nothing, -x * ours], np.c_[nothing, ours, -y * ours]])
    matrix = np.linalg.svd(rows, full_matrices=False)[2][-1].reshape(3, 3)
    plane: Places = np.linalg.inv(turn) @ matrix @ move
    return plane


def _normalised(places: Places) -> tuple[Places, Places]:
    middle = places.mean(axis=0)
    size = np.sqrt(2) / max(float(np.linalg.norm(places - middle, axis=1).mean()), 1e-9)
    move = np.array([[size, 0, -size * middle[0]], [0, size, -size * middle[1]], [0, 0, 1]])
    return np.c_[places, np.ones(len(places))] @ move.T, move


def _affine(pairs: Places, weights: Table) -> Places:
    """The affine map (float64[3, 2]) that moves the first places of pairs onto the second."""
    ours = np.c_[pairs[:, :2], np.ones(len(pairs))] * weights[:, None]
    found: Places = np.linalg.lstsq(ours, pairs[:, 2:] * weights[:, None], rcond=None)[0]
    return found


def _moved(affine: Places, places: Places) -> Places:
    moved: Places = np.c_[places, np.ones(len(places))] @ affine
    return moved


def _tolerance(marks: Spots, other: Table) -> Table:
    """How far two marks of one thing can lie apart, both being off."""
    tolerance: Table = _SPREAD * np.hypot(marks.reach, other) + _SLACK * marks.side
    return tolerance


def _from_line(lines: Places, places: Places) -> Table:
    """How far each place lies from each line."""
    sizes = np.maximum(np.hypot(lines[:, 0], lines[:, 1]), 1e-12)
    far: Table = np.abs(lines[:, :2] @ places.T + lines[:, 2:]) / sizes[:, None]
    return far


def _distances(ours: Places, theirs: Places) -> Table:
    far: Table = np.hypot(*(ours[:, None] - theirs[None]).transpose(2, 0, 1))
    return far
