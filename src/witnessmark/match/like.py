"""One answer from two searches: what picture of the case is this one, and how does the one lie on the other.

Codes find what looks the same as a whole, local features what was cut, framed, written over or set into a
screenshot. Whatever either finds is laid over the query and compared; a likeness that does not hold there
is not shown. So that none of many copies is missed, candidates are tried until several in a row have failed.

A page of which most lies on another one and some differs is neither: it is told as a page made alike, by a
method of its own that joins nothing.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from witnessmark.match.features.geometry import (
    FULL_AGREEMENT,
    LEAST_AGREEMENT,
    Matrix,
    Verified,
    laid_over,
    verify,
)
from witnessmark.match.features.index import FeatureIndex, row
from witnessmark.match.pdq import CHANGES, FAR, LEAST_QUALITY, Box, Candidate, Coded, Pictures
from witnessmark.match.pdq import METHOD as BY_CODE
from witnessmark.match.pdq import PROPERTY as CODE
from witnessmark.match.pdq import RADIUS as NEAR
from witnessmark.model import Digest, Facts, Finding, Match
from witnessmark.model.readings import Correspondence
from witnessmark.pixels.features import Features

BY_FEATURES, BY_FORM = "features 1", "form 1"
SAME_FORM = "same form"
"""What a page made alike is of the other, instead of a transform: it is no copy of it."""
UNKNOWN = 256
"""The distance of a picture that has no code to compare."""
LIMITS = (
    "At least twelve distinct places of the two pictures lie in one arrangement, and most of what both show "
    "looks alike block by block. Two exposures from one place and pages made from one form can come near "
    "to that: look at both. It does not say which is the older, nor what was done to either. That nothing "
    "was found says that this method did not find it, not that it is new."
)
LIMITS_OF_CODES = (
    "The codes are near and the pictures, made small, look alike block by block; too few places stand out to "
    "compare in detail. Plain surfaces and pages made from one form can come near to that: look at both. "
    "That nothing was found says that this method did not find it, not that it is new."
)
LIMITS_OF_FORMS = (
    "This is no match. Most of what is written on either page lies where it lies on the other, and some of "
    "it differs: so do two pages made from one form, and so does one page of which something was changed, "
    "written over or left out. Which of it this is, whoever reads both can say. At most three are told."
)
UNCOMPARED = "the exhibit's features are not at hand, so that the two could not be laid over each other"
_MOST, _PATIENCE, _MOST_FORMS = 400, 8, 3
_MOST_SHOWN, _MOST_GROUND, _GROUND_LEVELS = 2, 0.2, 12
_VERY_NEAR = 16
_AGREEMENT_OF_CODES = 0.85
"""What has to look alike where too few places were found: copies have .94, two posts of one program .72."""
_WHOLE, _UPRIGHT_DEGREES, _STRETCHED = 0.97, 1.5, 1.1
_SHOWN_PAIRS = 32
_MIRRORING = (1, 3, 4, 6)
_TURNED: tuple[tuple[tuple[float, float, float], tuple[float, float, float]], ...] = (
    *(((1, 0, 0), (0, 1, 0)), ((-1, 0, 1), (0, 1, 0)), ((-1, 0, 1), (0, -1, 1)), ((1, 0, 0), (0, -1, 1))),
    *(((0, 1, 0), (1, 0, 0)), ((0, -1, 1), (1, 0, 0)), ((0, -1, 1), (-1, 0, 1)), ((0, 1, 0), (-1, 0, 1))),
)
"""What each of the changes that codes tell apart does to places, both sides counted as 1."""
assert len(_TURNED) == len(CHANGES)  # noqa: S101


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture as it is looked up: what was found on it, and its features if it could be described."""

    digest: Digest
    findings: tuple[Finding, ...]
    features: Features | None


class Likenesses:
    """The pictures of a case, to be asked which of them another picture is.

    `features_of` gives the kept features of one of them, None if there are none.
    """

    def __init__(
        self, pictures: Pictures, index: FeatureIndex, features_of: Callable[[Digest], Features | None]
    ) -> None:
        self._pictures, self._index, self._features_of = pictures, index, features_of

    def match(self, seen: Seen) -> tuple[Match, ...]:
        """Every picture that holds the same as the query, or a part of it; those that agree most first.

        After them the pages that were made alike, three at most (`BY_FORM`): these are no matches.
        A likeness that cannot be laid over the query is given only if the codes of both as they are lie
        within 31 bits, and its reason says so.
        """
        hints = self._hints(seen)
        tried: dict[Digest, Match | None] = {}
        for candidate in hints:
            tried[candidate] = self._tried(seen, candidate, hints[candidate])
        for part, is_mirrored in itertools.product(_asked(seen), (False, True)):
            failed = 0
            for candidate in self._ranked(part, is_mirrored=is_mirrored):
                if tried.get(candidate) is None:
                    tried[candidate] = self._by_features(part, candidate, hints, is_mirrored=is_mirrored)
                found = tried[candidate]
                failed = 0 if found is not None and found.method != BY_FORM else failed + 1
                if failed == _PATIENCE:
                    break
        return _told(match for match in tried.values() if match is not None)

    def add(self, seen: Seen, *, lasting: bool = True) -> None:
        """Keep a picture among those that are searched; with its features if it has any.

        UnavailableError if it cannot be written to an index that it is to last in; its code is kept then.
        """
        for finding in seen.findings:
            if finding.property == CODE and finding.about == seen.digest:
                self._pictures.add(Coded.of(finding))
        if seen.features is not None:
            self._index.add(row(bytes.fromhex(seen.digest.hex), seen.features), lasting=lasting)

    def _hints(self, seen: Seen) -> dict[Digest, Candidate]:
        """The pictures whose codes are near, the nearest first."""
        codes = [one for one in seen.findings if one.property == CODE and one.about == seen.digest]
        found = (near for code in codes for near in self._pictures.candidates(Coded.of(code), FAR))
        hints: dict[Digest, Candidate] = {}
        for near in sorted(found, key=lambda one: one.distance):
            hints.setdefault(near.digest, near)
        return hints

    def _ranked(self, seen: Seen, *, is_mirrored: bool) -> Iterator[Digest]:
        """Candidates by their words, for the query as it is or mirrored."""
        if seen.features is None:
            return
        query = seen.features.mirrored() if is_mirrored else seen.features
        for found in self._index.search(query, _MOST):
            name = Digest.from_hex(found.name.hex())
            if name != seen.digest:
                yield name

    def _tried(self, seen: Seen, candidate: Digest, hint: Candidate) -> Match | None:
        """What there is to say of a picture whose code is near."""
        theirs = self._features_of(candidate)
        if theirs is None or seen.features is None:
            is_plain = (
                hint.distance <= NEAR and hint.change == 0 and not (hint.query_part or hint.candidate_part)
            )
            return _by_code_alone(seen.digest, candidate, hint.distance) if is_plain else None
        is_mirrored = hint.change in _MIRRORING
        verified = _verified(seen.features, theirs, is_mirrored=is_mirrored)
        if verified is not None and (verified.holds or verified.is_of_one_form):
            return _match(seen.digest, candidate, verified, hint.distance)
        needed = _AGREEMENT_OF_CODES if verified is None else FULL_AGREEMENT
        if hint.distance > (NEAR if verified is None else _VERY_NEAR):
            return None
        laid = laid_over(seen.features, theirs, _implied(hint, seen.features, theirs))
        is_another_page = laid.page is not None and not laid.page.is_one_page
        if is_another_page or (laid.agreement or 0) < needed:
            return None
        return _match(seen.digest, candidate, laid, hint.distance)

    def _by_features(
        self, seen: Seen, candidate: Digest, hints: dict[Digest, Candidate], *, is_mirrored: bool
    ) -> Match | None:
        """What there is to say of a picture that shares words with the query."""
        theirs = self._features_of(candidate)
        if theirs is None or seen.features is None:
            return None
        verified = _verified(seen.features, theirs, is_mirrored=is_mirrored)
        if verified is None or not (verified.holds or verified.is_of_one_form):
            return None
        distance = hints[candidate].distance if candidate in hints else UNKNOWN
        return _match(seen.digest, candidate, verified, distance)


def transform_of(verified: Verified) -> str:
    """What the query is of the candidate, in words joined by plus signs; identity if it is all of it.

    `mirror` (left to right, before anything else), `rotate N` (degrees clockwise that lay the query over the
    candidate), `stretch`, `crop` (the query shows only a part of it), `embedded` (the query shows more).
    """
    linear = verified.matrix[:, :2]
    is_mirrored = np.linalg.det(linear) < 0
    turned = linear * (-1, 1) if is_mirrored else linear
    angle = math.degrees(math.atan2(turned[1, 0] - turned[0, 1], turned[0, 0] + turned[1, 1])) % 360
    quarter = round(angle / 90) % 4 * 90
    off = min(abs(angle - quarter), 360 - abs(angle - quarter))
    wide, narrow = np.linalg.svd(linear, compute_uv=False)
    shown = round(quarter if off < _UPRIGHT_DEGREES else angle) % 360
    words = (
        ("mirror", is_mirrored),
        (f"rotate {shown}", shown != 0),
        ("stretch", wide > _STRETCHED * narrow),
        ("crop", verified.of_candidate < _WHOLE),
        ("embedded", verified.of_query < _WHOLE),
    )
    return " + ".join(word for word, applies in words if applies) or "identity"


def _asked(seen: Seen) -> list[Seen]:
    """The query, and the pictures that a screen or page shows: each with its own features only.

    The letters of a screen share words with every screen: what it shows would come after all of those.
    """
    if seen.features is None:
        return []
    shown = (seen.features.within(box) for box in _shown_on(seen))
    return [seen, *(replace(seen, features=one) for one in shown)]


def _shown_on(seen: Seen) -> list[Box]:
    """The largest parts of a page or screen that hardly show its ground: the pictures on it."""
    if seen.features is None or seen.features.detail is None:
        return []
    small = seen.features.small.astype(int)
    plain = np.abs(small - np.bincount(small.ravel()).argmax()) <= _GROUND_LEVELS
    scale = max(small.shape) / max(seen.features.width, seen.features.height)
    codes = (one for one in seen.findings if one.property == CODE and one.about == seen.digest)
    boxes = []
    for box in {part.box for code in codes for part in Coded.of(code).parts}:
        left, top = round(box[0] * scale), round(box[1] * scale)
        right, below = round((box[0] + box[2]) * scale), round((box[1] + box[3]) * scale)
        shown = plain[top:below, left:right]
        if shown.size and shown.mean() <= _MOST_GROUND:
            boxes.append(box)
    return sorted(boxes, key=lambda box: (-box[2] * box[3], box))[:_MOST_SHOWN]


def _verified(query: Features, candidate: Features, *, is_mirrored: bool) -> Verified | None:
    """How the query, mirrored if so wished, lies over the candidate; in places of the query as it is."""
    found = verify(query.mirrored() if is_mirrored else query, candidate)
    if found is None or not is_mirrored:
        return found
    matrix, pairs = found.matrix.copy(), found.pairs.copy()
    matrix[:, 2] += matrix[:, 0] * query.width
    matrix[:, 0] *= -1
    pairs[:, 0] = query.width - pairs[:, 0]
    return replace(found, matrix=matrix, pairs=pairs)


def _implied(hint: Candidate, query: Features, candidate: Features) -> Matrix:
    """The map that near codes speak of: a part of the query, changed, over a part of the candidate."""
    x, y, width, height = hint.query_part or (0, 0, query.width, query.height)
    left, top, wide, high = hint.candidate_part or (0, 0, candidate.width, candidate.height)
    turned = np.array(_TURNED[hint.change], float)
    linear = turned[:, :2] / (width, height) * np.array([[wide], [high]])
    shift = turned[:, 2] * (wide, high) + (left, top) - linear @ np.array([x, y], float)
    return np.hstack([linear, shift[:, None]])


def _match(query: Digest, candidate: Digest, verified: Verified, distance: int) -> Match:
    pairs = verified.pairs[:_SHOWN_PAIRS].round(1).tolist()
    measured = {
        "inliers": verified.inliers,
        "overlap": round(verified.of_candidate, 3),
        "of_query": round(verified.of_query, 3),
    }
    if verified.agreement is not None:
        measured["agreement"] = round(verified.agreement, 3)
    if verified.page is not None:
        measured |= {"written": verified.page.blocks, "differing": round(verified.page.different, 4)}
    if not verified.inliers:
        method, limits = BY_CODE, LIMITS_OF_CODES
    elif verified.is_of_one_form:
        method, limits = BY_FORM, LIMITS_OF_FORMS
    else:
        method, limits = BY_FEATURES, LIMITS
    return Match(
        query=query,
        candidate=candidate,
        method=method,
        distance=distance,
        transform=SAME_FORM if method == BY_FORM else transform_of(verified),
        reason=_reason(verified, distance),
        limits=limits,
        matrix=tuple(round(float(number), 6) for number in verified.matrix.ravel()),
        correspondences=tuple(Correspondence((a, b), (c, d)) for a, b, c, d in pairs),
        measured=Facts(measured),
    )


def _reason(verified: Verified, distance: int) -> str:
    told = []
    if verified.inliers:
        told.append(f"{verified.inliers} places of the one lie on places of the other by one map")
    if distance < UNKNOWN:
        told.append(f"their PDQ codes differ in {distance} of 256 bits")
    if verified.page is not None and verified.is_of_one_form:
        parts = f"{verified.page.differing:,} of {verified.page.blocks:,} parts with writing differ"
        told.insert(0, f"a page made alike, no copy: {parts}")
    if verified.agreement is not None:
        told.append(f"{verified.agreement:.0%} of what both show looks alike block by block")
        if verified.holds and verified.agreement < LEAST_AGREEMENT and verified.page is None:
            told.append("what differs stands out over one of them, as letters do")
    covered = f"the first covers {verified.of_candidate:.0%} of the second"
    return "; ".join([*told, covered])


def _by_code_alone(query: Digest, candidate: Digest, distance: int) -> Match:
    return Match(
        query=query,
        candidate=candidate,
        method=BY_CODE,
        distance=distance,
        transform="identity",
        reason=f"the two pictures differ in {distance} of 256 bits of their PDQ codes; {UNCOMPARED}",
        limits=LIMITS_OF_CODES,
    )


def _told(found: Iterable[Match]) -> tuple[Match, ...]:
    """Matches, the best first, and then the pages made alike of which the least differs."""
    parted: tuple[list[Match], list[Match]] = ([], [])
    for match in found:
        parted[match.method == BY_FORM].append(match)
    matches, forms = parted
    forms.sort(key=lambda one: (float(one.measured["differing"]), *_worth(one)))
    return (*sorted(matches, key=_worth), *forms[:_MOST_FORMS])


def _worth(match: Match) -> tuple[int, int, str]:
    return -int(match.measured.get("inliers", 0)), match.distance, match.candidate.hex


__all__ = ["BY_CODE", "BY_FEATURES", "BY_FORM", "LEAST_QUALITY", "Likenesses", "Seen", "transform_of"]
