"""Footage: the videos and sounds of a case, ready to be asked in which of them something is seen or heard.

What they are asked by lies in the records and beside them; nothing more is kept. A video from outside is
read in the locked room and leaves nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from witnessmark.desk.presence import lies_here
from witnessmark.errors import MalformedError, RefusedError, UnavailableError
from witnessmark.examine import film, sound
from witnessmark.match.pdq import PROPERTY as CODE
from witnessmark.match.pdq import Coded
from witnessmark.model import Digest, Finding, Item, Match
from witnessmark.ports import Case, LockedRoom

if TYPE_CHECKING:
    from witnessmark.match.video.footage import Footage
    from witnessmark.match.video.sound import Sounds
    from witnessmark.pixels.film import Film

PROPERTIES = (film.PROPERTY, sound.PROPERTY)
_WHEN = ("segments", "cuts", "query_at_s", "candidate_at_s")
"""What is measured of a match that says when something is seen or heard."""
_TASKS = (
    (film.TASK, ("video/",), {"limits": {"cpu_s": film.CPU_S, "wall_s": film.WALL_S}}),
    (
        sound.TASK,
        ("video/", "audio/"),
        {"limits": {"cpu_s": sound.CPU_S, "wall_s": sound.WALL_S}, "programs": sound.PROGRAMS},
    ),
)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a recording from outside, by task; and sentences on what could not be."""

    packed: Mapping[str, bytes]
    remarks: tuple[str, ...]


class Recordings:
    """The videos and sounds of one case; drawn up when they are first asked."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._kept: dict[Digest, Digest] = {}
        self._partly: set[Digest] = set()
        self._known: tuple[Footage, Sounds] | None = None
        self._has_pictures = False

    def match(
        self, digest: Digest, findings: Iterable[Finding], packed: Mapping[str, bytes]
    ) -> tuple[Match, ...]:
        """In what of the case an object is seen or heard, or what is seen in it; by what was found on it."""
        from witnessmark.match.video.sound import unpacked  # noqa: PLC0415 - heavy
        from witnessmark.pixels.film import Film  # noqa: PLC0415 - heavy

        footage, sounds = self._drawn_up()
        found: list[Match] = []
        if film.TASK in packed:
            self._draw_pictures()
            found += footage.of_film(digest, Film.unpack(packed[film.TASK]))
        elif self._kept:
            for finding in findings:
                if finding.property == CODE and finding.about == digest:
                    found += footage.of_picture(Coded.of(finding))
        if sound.TASK in packed:
            found += sounds.match(digest, unpacked(packed[sound.TASK]))
        return tuple(match for match in found if lies_here(self._case, match.candidate))

    def add(self, digest: Digest, findings: Iterable[Finding]) -> None:
        """Have what was found on an object among what is asked from now on; it is on record."""
        if self._known is not None:
            for finding in findings:
                if finding.about == digest:
                    self._take_in(finding)

    def forget(self) -> None:
        """Let go of all of it: something of it was erased."""
        self._known = None

    def uncovered(self) -> str | None:
        """A sentence if there are videos in the case whose frames could not be coded, or not all of them."""
        self._drawn_up()
        videos = {
            item.original.digest
            for _, item in self._case.find(Item)
            if item.original.media_type.startswith("video/") and lies_here(self._case, item.original.digest)
        }
        partly = len(videos & self._partly)
        covered = len(videos & self._kept.keys())
        if covered == len(videos) and not partly:
            return None
        of_them = f", {partly} of them not to their ends" if partly else ""
        return (
            f"The frames of {covered} of {len(videos)} videos can be searched{of_them}; the others could not "
            "be read, or came in before this was done."
        )

    def _draw_pictures(self) -> None:
        """Have the pictures of the case among what videos are compared with."""
        if not self._has_pictures and self._known is not None:
            self._has_pictures = True
            for _, finding in self._case.find(Finding):
                if finding.property == CODE:
                    self._known[0].add_picture(Coded.of(finding))

    def _drawn_up(self) -> tuple[Footage, Sounds]:
        from witnessmark.match.video.footage import Footage  # noqa: PLC0415 - heavy
        from witnessmark.match.video.sound import Sounds  # noqa: PLC0415 - heavy

        if self._known is None:
            self._kept, self._partly, self._has_pictures = {}, set(), False
            self._known = Footage(self._film_of), Sounds()
            for _, finding in self._case.find(Finding):
                self._take_in(finding)
        return self._known

    def _take_in(self, finding: Finding) -> None:
        from witnessmark.match.video.sound import unpacked  # noqa: PLC0415 - heavy

        assert self._known is not None  # noqa: S101 - whoever calls has drawn them up
        footage, sounds = self._known
        if finding.property == CODE and self._has_pictures:
            footage.add_picture(Coded.of(finding))
        elif finding.property == film.PROPERTY:
            self._kept[finding.about] = Digest(finding.value["kept"])
            if not finding.value["complete"]:
                self._partly.add(finding.about)
            seen = self._film_of(finding.about)
            if seen is not None:
                footage.add_film(finding.about, seen)
        elif finding.property == sound.PROPERTY:
            heard = self._content(Digest(finding.value["kept"]))
            if heard is not None:
                sounds.add(finding.about, unpacked(heard))

    def _film_of(self, digest: Digest) -> Film | None:
        """What was kept of a video; None if there is nothing, or no longer."""
        from witnessmark.pixels.film import Film  # noqa: PLC0415 - heavy

        kept = self._kept.get(digest)
        content = None if kept is None else self._content(kept)
        return None if content is None else Film.unpack(content)

    def _content(self, kept: Digest) -> bytes | None:
        if not self._case.has(kept):
            return None
        with self._case.open(kept) as stream:
            return stream.read()


def read(recording: Path, media_type: str, room: LockedRoom) -> Read:
    """What there is to ask by of a recording from outside, and what of it could not be read."""
    packed: dict[str, bytes] = {}
    remarks = []
    for task, kinds, wishes in _TASKS:
        if not media_type.startswith(kinds):
            continue
        name = task.rpartition(":")[2]
        try:
            ((facts, packed[task]),) = [
                (part.facts, part.content.read()) for part in room.run(task, recording, dict(wishes))
            ]
        except (MalformedError, RefusedError, UnavailableError) as error:
            remarks.append(f"Its {name} could not be examined, and was not looked up: {error}.")
            continue
        if not facts["complete"]:
            remarks.append(f"Its {name} was read up to {facts['read_until_s']:.1f} s: {facts['stopped']}.")
    return Read(packed, tuple(remarks))


def when(match: Match) -> dict[str, object]:
    """When something is seen or heard, in plain values, as far as a match says so; times in seconds."""
    return {
        name: [dict(one) for one in value] if isinstance(value, tuple) else value
        for name, value in match.measured.items()
        if name in _WHEN
    }
