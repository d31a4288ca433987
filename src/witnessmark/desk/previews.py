"""Previews: what is played of a recording, and a captured page replayed, made in the locked room and kept.

They stay at the desk: nothing of them goes into a brief or a package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from witnessmark.collect import replaying
from witnessmark.desk.presence import lies_here
from witnessmark.desk.texts import copies_of
from witnessmark.errors import MalformedError, RefusedError
from witnessmark.examine import playing
from witnessmark.model import Copy, Digest, Erasure, Facts, Observation, Purpose, Role
from witnessmark.ports import Case, LockedRoom
from witnessmark.preserve.custody import Custodian
from witnessmark.preserve.seal import keep_working_copy

PAGE = "witnessmark.examine.derive:page"
COVER_BLUR = 3.0
PAGE_PX = 1600
LARGEST_PX = 8192
STAYING = (playing.PLAYED, playing.STRIP, playing.FRAME, playing.WAVES, replaying.TASK, PAGE)
"""How what stays at the desk is made."""
FRAME_PX, FRAME_BLUR = 480, 8.0
MOST_FRAMES = 2_000
"""So many single frames of one recording are kept, covered and uncovered ones together."""
_TYPES = {playing.WAVES: playing.WAVES_TYPE, replaying.TASK: "text/html; charset=utf-8"}
_SLOW = {"limits": {"cpu_s": playing.CPU_S, "wall_s": playing.WALL_S}}


def is_recording(media_type: str) -> bool:
    """Whether there is something to be played in an exhibit."""
    return media_type.startswith(("video/", "audio/")) and media_type != "audio/midi"


def is_capture(media_type: str) -> bool:
    """Whether an exhibit is a captured page that can be replayed."""
    return media_type in replaying.MEDIA_TYPES


@dataclass(frozen=True, slots=True)
class Previews:
    """The previews of the recordings and captured pages of one case."""

    case: Case
    custodian: Custodian
    room: LockedRoom

    def strip(self, digest: Digest, *, covered: bool) -> Copy:
        """Frames from all over a video on one sheet: grey and blurred, or as they are."""
        wanted = {"grey": covered, "blur": COVER_BLUR if covered else 0.0, "masks": self._masks(digest)}
        return self._kept(playing.STRIP, digest, wanted) or self._made(playing.STRIP, digest, wanted)

    def frame(self, digest: Digest, at_ms: int, *, covered: bool) -> Copy:
        """The frame that a video shows at a time, upright: small, grey and blurred, or in full detail."""
        look = {"max_px": FRAME_PX, "grey": True, "blur": FRAME_BLUR} if covered else {"max_px": LARGEST_PX}
        wanted = {"at_ms": at_ms, **look, "masks": self._masks(digest)}
        return self._frame_kept(digest, at_ms, wanted) or self._made(playing.FRAME, digest, wanted)

    def waves(self, digest: Digest) -> tuple[Copy, bytes] | None:
        """How loud a recording is from beginning to end, two signed bytes a column; None if not prepared."""
        copy = self._kept(playing.WAVES, digest, {})
        if copy is None:
            return None
        with self.case.open(copy.digest) as stream:
            return copy, stream.read()

    def page(self, digest: Digest, number: int, *, covered: bool) -> Copy:
        """A page of a document, by its number from 1 on: small, grey and blurred, or to be read."""
        look = {"max_px": FRAME_PX, "grey": True, "blur": FRAME_BLUR} if covered else {"max_px": PAGE_PX}
        masks = self._masks(digest) if number == 1 else []  # marks on a document are on its first
        wanted = {"number": number, **look, "masks": masks}
        return self._kept(PAGE, digest, wanted) or self._made(PAGE, digest, wanted)

    def replay(self, digest: Digest, *, covered: bool) -> Copy:
        """A captured page as one file that asks for nothing; without any picture if it is covered."""
        wanted = {"media_type": self.case.item(digest).original.media_type, "covered": covered}
        return self._kept(replaying.TASK, digest, wanted) or self._made(replaying.TASK, digest, wanted)

    def prepared(self, digest: Digest, from_ms: int) -> Copy | None:
        """What can be played of a recording from a time on, if it was prepared with the masks of now."""
        return self._kept(playing.PLAYED, digest, self._to_play(digest, from_ms))

    def prepare(self, digest: Digest, from_ms: int, progress: Callable[[int], None]) -> Copy:
        """Make what can be played of a recording from a time on; `progress` is told the milliseconds done."""
        wanted = self._to_play(digest, from_ms)
        made = self.prepared(digest, from_ms) or self._made(playing.PLAYED, digest, wanted, progress)
        if made.parameters["has_sound"] and self._kept(playing.WAVES, digest, {}) is None:
            self._made(playing.WAVES, digest, {})
        return made

    def _to_play(self, digest: Digest, from_ms: int) -> Mapping[str, object]:
        return {"from_ms": from_ms, "masks": self._masks(digest)}

    def _masks(self, digest: Digest) -> list[dict[str, object]]:
        """What nobody shall see, as people marked it until now, each for its time or for all of it."""
        return list(_plain_masks(self.case, digest))

    def _kept(self, task: str, digest: Digest, wanted: Mapping[str, object]) -> Copy | None:
        asked = Facts(wanted)
        for copy in copies_of(self.case, digest):
            if copy.method == task and copy.parameters["asked"] == asked and self.case.has(copy.digest):
                return copy
        return None

    def _frame_kept(self, digest: Digest, at_ms: int, wanted: Mapping[str, object]) -> Copy | None:
        """The frame shown at a time, whichever time it was made for; RefusedError if too many are kept."""
        frames = [one for one in copies_of(self.case, digest) if one.method == playing.FRAME]
        for copy in frames:
            told, made_for = copy.parameters, copy.parameters["asked"]["at_ms"]
            is_shown = made_for == at_ms or told["at_ms"] <= at_ms < told["until_ms"]
            if is_shown and told["asked"] == Facts(wanted, at_ms=made_for) and self.case.has(copy.digest):
                return copy
        if len(frames) >= MOST_FRAMES:
            raise RefusedError(
                f"{MOST_FRAMES:,} frames of {self.case.exhibit_of(digest)} are kept, and no more are made",
                advice="look at a frame that was looked at before, or play the recording",
            )
        return None

    def _made(
        self,
        task: str,
        digest: Digest,
        wanted: Mapping[str, object],
        progress: Callable[[int], object] = bool,
    ) -> Copy:
        if not lies_here(self.case, digest):
            raise RefusedError(f"the original of {self.case.exhibit_of(digest)} was erased")
        content, facts = b"", Facts()
        with self.case.checked(digest) as path:
            for part in self.room.run(task, path, {**wanted, **_SLOW}):
                facts, content = part.facts, part.content.read()
                progress(int(facts.get("done_ms", 0)))
        if not content:
            raise MalformedError("nothing came of it")
        told = {name: value for name, value in facts.items() if name != "media_type"}
        copy = Copy(
            digest=Digest.of(content),
            size=len(content),
            media_type=facts.get("media_type", _TYPES.get(task, "")),
            role=Role.WORKING,
            derived_from=digest,
            method=task,
            parameters=Facts(told, asked=Facts(wanted)),
        )
        with self.case.transaction() as transaction:
            if self.case.find(Erasure, digest):  # it took its time: nothing is kept of what went meanwhile
                raise RefusedError(f"the original of {self.case.exhibit_of(digest)} was erased")
            keep_working_copy(self.case, content, copy)
            transaction.append(self.custodian.act("derive", used=(digest,)), [copy])
        return copy


def _plain_masks(case: Case, digest: Digest) -> Iterator[dict[str, object]]:
    for _, mark in case.find(Observation, digest):
        if mark.purpose is Purpose.MASK and mark.region is not None:
            when = mark.moment
            times = {} if when is None else {"from_ms": when.start_ms, "until_ms": when.end_ms}
            yield {"shape": mark.region.shape.value, "points": mark.region.points, **times}
