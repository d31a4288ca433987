"""Near texts: the readable texts of a case, ready to be asked which of them another text nearly is.

They lie in the records and beside them; nothing more is kept. A text from outside is read in the locked room
and leaves nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from witnessmark.desk.presence import lies_here
from witnessmark.desk.texts import READABLE
from witnessmark.model import Digest, Finding, Match
from witnessmark.ports import Case, LockedRoom

if TYPE_CHECKING:
    from witnessmark.match.texts import Texts

TASK = "witnessmark.collect.readable:readable"
MEDIA_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "application/json", "application/pdf")


class NearTexts:
    """The texts of one case; drawn up when they are first asked."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._kept: dict[Digest, Digest] = {}
        self._known: Texts | None = None

    def match(self, digest: Digest, packed: Mapping[str, bytes]) -> tuple[Match, ...]:
        """Which texts of the case an object's is nearly the same as, if it has one."""
        if TASK not in packed:
            return ()
        found = self._drawn_up().match(digest, packed[TASK].decode("utf-8"))
        return tuple(match for match in found if lies_here(self._case, match.candidate))

    def add(self, digest: Digest, findings: Iterable[Finding], packed: Mapping[str, bytes]) -> None:
        """Have an object's text among those that are asked from now on; it is on record."""
        if self._known is not None and TASK in packed:
            self._kept |= _kept_by(findings)
            self._known.add(digest, packed[TASK].decode("utf-8"))

    def forget(self) -> None:
        """Let go of all of it: something of it was erased."""
        self._known = None

    def uncovered(self) -> str | None:
        """A sentence if there are exhibits of which no text was read."""
        known, every = len(self._drawn_up()), len(list(self._case.exhibits()))
        return (
            f"The text was compared with {known} readable texts of a dozen words and more; {every - known} "
            f"of {every} exhibits have none."
        )

    def _drawn_up(self) -> Texts:
        from witnessmark.match.texts import Texts  # noqa: PLC0415 - heavy

        if self._known is None:
            self._kept = _kept_by(one for _, one in self._case.find(Finding))
            self._known = Texts(self._text_of)
            for digest in self._kept:
                content = self._text_of(digest)
                if content is not None:
                    self._known.add(digest, content)
        return self._known

    def _text_of(self, digest: Digest) -> str | None:
        kept = self._kept.get(digest)
        if kept is None or not lies_here(self._case, digest) or not self._case.has(kept):
            return None
        with self._case.open(kept) as stream:
            return stream.read().decode("utf-8")


def read_text(path: Path, media_type: str, room: LockedRoom) -> dict[str, bytes]:
    """The text of a file from outside, by the task that reads it; empty if it has too little of it."""
    from witnessmark.match.texts import says_enough  # noqa: PLC0415 - heavy

    if media_type not in MEDIA_TYPES:
        return {}
    ((_, content),) = [
        (part.facts, part.content.read()) for part in room.run(TASK, path, {"media_type": media_type})
    ]
    return {TASK: content} if says_enough(content.decode("utf-8")) else {}


def _kept_by(findings: Iterable[Finding]) -> dict[Digest, Digest]:
    """For each exhibit with a readable text the object that holds it."""
    return {
        one.about: Digest(one.value["text"])
        for one in findings
        if one.property == READABLE and "text" in one.value
    }
