"""Likenesses: the pictures, recordings and texts of a case, ready to be asked which of them another one is.

Codes and features lie in the records and beside them; the index of features lies in the case's folder as
`index/features`, holds nothing that is not there, and is drawn up again when it is lost, damaged, or an
erasure has made away with something that it may hold. A picture from outside is described in the locked room
and leaves nothing here.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from witnessmark.desk.footage import PROPERTIES as RECORDED
from witnessmark.desk.footage import Recordings, read, when
from witnessmark.desk.lists import Lists
from witnessmark.desk.near_texts import NearTexts, read_text
from witnessmark.desk.presence import lies_here
from witnessmark.errors import MalformedError, RefusedError, UnavailableError
from witnessmark.examine import examine
from witnessmark.examine.features import PROPERTY, TASK
from witnessmark.match.lists import CodeLists
from witnessmark.match.pdq import PROPERTY as CODE
from witnessmark.match.pdq import Pictures
from witnessmark.model import Copy, Digest, Erasure, Finding, Match
from witnessmark.pixels.raster import MEDIA_TYPES
from witnessmark.plugins import Kit
from witnessmark.ports import Case, LockedRoom

if TYPE_CHECKING:
    from witnessmark.match.features.index import FeatureIndex
    from witnessmark.match.like import Likenesses, Seen
    from witnessmark.pixels.features import Features

Shown = tuple[dict[str, Any], str]
logger = logging.getLogger(__name__)
_FOLDER, _NAME = "index", "features"
_MOST_WAITING = 2_000


@dataclass(frozen=True, slots=True)
class Answer:
    """The exhibits that something is like, and what has to be said of the search itself."""

    hits: tuple[Shown, ...]
    remarks: tuple[str, ...]


class Likeness:
    """The pictures of one case. What is added while taking in lies on the disk; asking writes nothing."""

    def __init__(self, case: Case, root: Path) -> None:
        self._case, self._path = case, root / _FOLDER / _NAME
        self._known: Likenesses | None = None
        self._index: FeatureIndex | None = None
        self._is_written = False
        self._kept: dict[Digest, Digest] = {}
        self._recordings = Recordings(case)
        self._texts = NearTexts(case)
        self._lists: CodeLists | None = None

    def match(
        self, digest: Digest, found: Iterable[Finding], packed: Mapping[str, bytes]
    ) -> tuple[Match, ...]:
        """What an object of the case is like, by what was just found on it and packed, task by task.

        `add` it when that is on record.
        """
        findings = (*(one for _, one in self._case.find(Finding, digest)), *found)
        alike: tuple[Match, ...] = ()
        if any(one.property in (CODE, PROPERTY) for one in findings):
            seen = self._seen(digest, findings, packed.get(TASK))
            alike = (*self._drawn_up(writes=True).match(seen), *self._on_lists(digest, findings))
        if any(one.property in (CODE, *RECORDED) for one in findings):
            alike += self._recordings.match(digest, findings, packed)
        return (*alike, *self._texts.match(digest, packed))

    def add(self, digest: Digest, found: Iterable[Finding], packed: Mapping[str, bytes]) -> None:
        """Have an object among those that are asked from now on."""
        found = tuple(found)
        self._recordings.add(digest, found)
        self._texts.add(digest, found, packed)
        if self._known is None or not any(one.property in (CODE, PROPERTY) for one in found):
            return
        self._kept |= _kept_by(found)
        seen = self._seen(digest, found, packed.get(TASK))
        try:
            self._known.add(seen, lasting=self._is_written)
        except UnavailableError as error:  # the records are whole: whoever asks next draws it up again
            logger.warning("the index of features is not written any more: %s", type(error).__name__)
            self._is_written = False
            self._known.add(seen, lasting=False)
        with suppress(UnavailableError):  # as it was, and to be tried again
            self._merge_if_due()

    def find(self, picture: Path, media_type: str, kit: Kit, room: LockedRoom) -> Answer:
        """The exhibits that a picture, a recording or a text from outside is like.

        MalformedError if it cannot be looked for.
        """
        from witnessmark.match.like import Seen  # noqa: PLC0415 - heavy

        with picture.open("rb") as stream:
            digest = Digest.from_hex(hashlib.file_digest(stream, "sha256").hexdigest())
        same = self._case.exhibit_of(digest)
        hits = [] if same is None else [_hit_of_bytes(same, digest)]
        report = examine(Copy(digest, picture.stat().st_size, media_type), picture, kit.examiners, room)
        features, unread = _described(picture, media_type, room)
        recorded = read(picture, media_type, room)
        is_picture = features is not None or any(one.property == CODE for one in report.findings)
        written = read_text(picture, media_type, room)
        if not is_picture and not recorded.packed and not written:
            if same is not None:
                return Answer(tuple(hits), recorded.remarks)
            reasons = "; ".join((*(one.reason for one in report.not_done), *recorded.remarks))
            nothing = f"it is {media_type}, neither a picture nor a recording, nor a text of a dozen words"
            raise MalformedError(f"{picture} cannot be looked for: {reasons or nothing}")
        found = self._recordings.match(digest, report.findings, recorded.packed)
        found += self._texts.match(digest, written)
        uncovered = [self._texts.uncovered() if written else self._recordings.uncovered()]
        if is_picture:
            found = (*self._drawn_up(writes=False).match(Seen(digest, report.findings, features)), *found)
            found += self._on_lists(digest, report.findings)
            uncovered.append(self._uncovered())
        kept = (match for match in found if lies_here(self._case, match.candidate))
        hits += [_hit(self._case.item(match.candidate).exhibit, match) for match in kept]
        return Answer(tuple(hits), tuple(filter(None, (unread, *recorded.remarks, *uncovered))))

    def _on_lists(self, digest: Digest, findings: Iterable[Finding]) -> tuple[Match, ...]:
        """On which lists of codes from elsewhere the picture is."""
        if self._lists is None:
            self._lists = Lists(self._case).ready()
        return self._lists.match(digest, findings)

    def _merge_if_due(self) -> None:
        if (
            self._is_written
            and self._index is not None
            and self._index.waiting > max(_MOST_WAITING, len(self._index) // 8)
        ):
            self._index.merge()

    def beside(self, name: str) -> Path:
        """Where another index of the same case lies; `forget` takes it off the disk with this one."""
        return self._path.with_name(f"{_NAME}-{name}")

    def forget(self) -> None:
        """Take the index off the disk: something that it may hold was erased."""
        self._known = self._lists = None
        self._recordings.forget()
        self._texts.forget()
        for path in self._path.parent.glob(f"{_NAME}*"):
            path.unlink(missing_ok=True)

    def _uncovered(self) -> str | None:
        """A sentence if there are pictures in the case that could not be looked at here."""
        erased = {name for _, tombstone in self._case.find(Erasure) for name in tombstone.objects}
        kept = (digest for _, digest in self._case.exhibits() if digest not in erased)
        pictures = {one for one in kept if self._case.item(one).original.media_type.startswith("image/")}
        covered = len(pictures & self._kept.keys())
        if covered == len(pictures):
            return None
        return (
            f"The index covers {covered} of {len(pictures)} pictures by their features; the others could not "
            "be described, or came in before this was done, and crops of them are not found."
        )

    def _seen(self, digest: Digest, findings: Iterable[Finding], packed: bytes | None) -> Seen:
        from witnessmark.match.like import Seen  # noqa: PLC0415 - heavy
        from witnessmark.pixels.features import Features  # noqa: PLC0415 - heavy

        features = None if packed is None else Features.unpack(packed)
        return Seen(digest, tuple(findings), features or self._features_of(digest))

    def _features_of(self, digest: Digest) -> Features | None:
        """The features that were kept of a picture; None if there are none, or no longer."""
        from witnessmark.pixels.features import Features  # noqa: PLC0415 - heavy

        kept = self._kept.get(digest)
        if kept is None or not self._case.has(kept):
            return None
        with self._case.open(kept) as stream:
            return Features.unpack(stream.read())

    def _drawn_up(self, *, writes: bool) -> Likenesses:
        from witnessmark.match.like import Likenesses  # noqa: PLC0415 - heavy

        if self._known is None:
            found = [one for one in self._case.find(Finding) if one[1].property in (CODE, PROPERTY)]
            self._kept = _kept_by(one for _, one in found)
            self._index = self._drawn_up_index(writes=writes)
            self._known = Likenesses(Pictures.of(found), self._index, self._features_of)
        return self._known

    def _drawn_up_index(self, *, writes: bool) -> FeatureIndex:
        """The index, on the disk if it may be written there; else in memory only."""
        self._is_written = writes
        if writes:
            with suppress(UnavailableError, OSError):
                return self._indexed(writes=True)
            self._is_written = False
        return self._indexed(writes=False)

    def _indexed(self, *, writes: bool) -> FeatureIndex:
        """The index as it lies in the case, with what is not in it yet; a new one if it cannot be used."""
        index = self._opened(writes=writes)
        names = {Digest.from_hex(name.hex()) for name in index.names()}
        if names - self._kept.keys():  # it holds what the records do not: it is not theirs
            index, names = self._begun(writes=writes), set()
        self._catch_up(index, [digest for digest in self._kept if digest not in names], writes=writes)
        return index

    def _opened(self, *, writes: bool) -> FeatureIndex:
        from witnessmark.match.features.index import FeatureIndex  # noqa: PLC0415 - heavy

        if self._path.is_file():
            with suppress(MalformedError):
                index = FeatureIndex.open(self._path)
                index.verify()
                return index
        return self._begun(writes=writes)

    def _begun(self, *, writes: bool) -> FeatureIndex:
        from witnessmark.match.features.index import FeatureIndex  # noqa: PLC0415 - heavy

        if not writes:
            return FeatureIndex.build()
        self._path.parent.mkdir(exist_ok=True)
        return FeatureIndex.build((), self._path)

    def _catch_up(self, index: FeatureIndex, missing: list[Digest], *, writes: bool) -> None:
        import numpy as np  # noqa: PLC0415 - heavy

        from witnessmark.match.features.index import row  # noqa: PLC0415 - heavy

        for start in range(0, len(missing), _MOST_WAITING):
            some = ((one, self._features_of(one)) for one in missing[start : start + _MOST_WAITING])
            rows = [row(bytes.fromhex(one.hex), features) for one, features in some if features is not None]
            if rows:
                index.add(np.concatenate(rows), lasting=writes)
                if len(rows) == _MOST_WAITING and writes:
                    index.merge()


def _kept_by(findings: Iterable[Finding]) -> dict[Digest, Digest]:
    """For each picture the object that holds its features."""
    return {one.about: Digest(one.value["kept"]) for one in findings if one.property == PROPERTY}


def _described(picture: Path, media_type: str, room: LockedRoom) -> tuple[Features | None, str | None]:
    """The features of a picture from outside; or a sentence that says why there are none."""
    from witnessmark.pixels.features import Features  # noqa: PLC0415 - heavy

    if media_type not in MEDIA_TYPES:
        return None, None
    try:
        ((_, packed),) = [(part.facts, part.content.read()) for part in room.run(TASK, picture, {})]
        return Features.unpack(packed), None
    except (MalformedError, RefusedError, UnavailableError) as error:
        return None, f"Its features could not be found, so only its code was looked up: {error}"


def _hit_of_bytes(exhibit: str, digest: Digest) -> Shown:
    facts = {
        "exhibit": exhibit,
        "sha256": digest.hex,
        "distance": 0,
        "method": "exact",
        "transform": "identity",
        "matrix": [1, 0, 0, 0, 1, 0],
        "inliers": None,
        "overlap": 1,
        "reason": "the same bytes",
    }
    return facts, f"{exhibit}  the same bytes (exact)"


def _hit(exhibit: str, match: Match) -> Shown:
    facts = {
        "exhibit": exhibit,
        "sha256": match.candidate.hex,
        "distance": match.distance,
        "method": match.method,
        "transform": match.transform,
        "matrix": list(match.matrix) or None,
        "inliers": match.measured.get("inliers"),
        "overlap": match.measured.get("overlap"),
        "reason": match.reason,
        **when(match),
    }
    return facts, f"{exhibit}  {match.transform}: {match.reason} ({match.method})"
