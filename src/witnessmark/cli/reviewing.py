"""Review at the keyboard: one proposal after the other, one key for each decision."""

from __future__ import annotations

import os
import re
import select
import sys
import termios
import tty
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise

from witnessmark.cli.screen import Screen, isolated, plain, some
from witnessmark.desk.reviewing import Draft, Reviewing, Waiting, mended, new_claim
from witnessmark.errors import OutdatedError, UsageError
from witnessmark.model import Claim, TextSpan

HELP = (
    "[bold]c[/] confirm  [bold]e[/] edit  [bold]r[/] reject  [bold]s[/] skip  [bold]u[/] undo  "
    "[bold]1–9[/] choose the claim  [bold]n[/] new claim  [bold]q[/] quit  [bold]?[/] this"
)
_AROUND = 240
"""Signs of the text that are shown before and after the words."""
_END = ("", "\x04", "q")


def require_terminal() -> None:
    """Pass if there is a person at a keyboard; UsageError if not."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "a review needs a terminal",
            advice="`witnessmark statements EXHIBIT --json` proposes, `statements --from FILE` enters",
        )


@dataclass(slots=True)
class Sitting:
    """A person at a keyboard, going through what waits."""

    reviewing: Reviewing
    screen: Screen
    key: Callable[[], str]
    ask: Callable[[str], str]
    queue: list[Waiting] = field(default_factory=list)

    def run(self) -> None:
        """Go through what waits until nothing does or the person has had enough."""
        self.queue = list(self.reviewing.waiting())
        count = some(len(self.queue), "proposed statement waits", "proposed statements wait")
        self._say(f"{count}.\n{HELP}\n")
        place: int | None = 0
        while place is not None and place < len(self.queue):
            self._say(f"[dim]── {place + 1} of {len(self.queue)}[/]")
            place = self._one(place)
        decided = len(self.reviewing.done)
        left = len(self.queue) - decided
        self._say(f"{decided} decided and on record; {some(left, 'waits', 'wait')} still.")

    def _one(self, place: int) -> int | None:
        """The place in the queue to go to from here; None to end."""
        waiting = self.queue[place]
        draft = waiting.draft
        self._say(shown(waiting, draft))
        while True:
            key = self.key()
            if key in _END:
                return None
            if key == "s":
                return place + 1
            if key == "u" and (back := self._undo()) is not None:
                return back
            if key in ("c", "\r", "\n") and self._confirm(waiting, draft):
                return place + 1
            if key == "r":
                self._reject(waiting)
                return place + 1
            if key not in ("c", "\r", "\n", "u"):
                draft = self._changed(waiting, draft, key)

    def _confirm(self, waiting: Waiting, draft: Draft) -> bool:
        try:
            records = self.reviewing.confirm(waiting, draft)
        except (UsageError, OutdatedError) as error:
            self._say(f"[red]{plain(str(error))}[/]")
            return False
        self._say(f"[green]confirmed[/] [dim]{' '.join(record.hex[:12] for record in records)}[/]\n")
        return True

    def _reject(self, waiting: Waiting) -> None:
        reason = self.ask("why (Enter: no such statement)? ").strip() or "no such statement"
        try:
            self.reviewing.reject(waiting, reason)
        except OutdatedError as error:
            self._say(f"[red]{plain(str(error))}[/]\n")
            return
        self._say("[red]rejected[/]\n")

    def _undo(self) -> int | None:
        """The place of what was decided last, which waits again; None if nothing was."""
        taken_back = self.reviewing.undo()
        if taken_back is None:
            self._say("nothing was decided in this sitting")
            return None
        self._say("[yellow]undone[/]\n")
        return self.queue.index(taken_back)

    def _changed(self, waiting: Waiting, draft: Draft, key: str) -> Draft:
        """The draft after a key that changes it; every other key shows the help."""
        try:
            if key == "e":
                draft = self._edited(waiting, draft)
            elif key == "n":
                draft = replace(draft, claim=self._new_claim(waiting))
            elif key.isdigit() and 0 < int(key) <= len(waiting.claims):
                draft = replace(draft, claim=waiting.claims[int(key) - 1])
            else:
                self._say(HELP)
                return draft
        except UsageError as error:
            self._say(f"[red]{plain(str(error))}[/]")
            return draft
        self._say(shown(waiting, draft))
        return draft

    def _edited(self, waiting: Waiting, draft: Draft) -> Draft:
        """The draft as a person mends it; an empty answer keeps what is there, and - takes it away."""
        voices = self._field("voices, from who passes it on to who said it", " > ".join(draft.voices))
        stance = self._field("stance", draft.stance.value)
        quote = self._field("words", waiting.text.content[draft.span.start : draft.span.end])
        number = self._field("number", str(draft.amount) if draft.amount is not None else "-")
        unit = self._field("of what", draft.unit or "-")
        given = {"voices": voices, "stance": stance, "words": quote, "number": number, "unit": unit}
        return mended(waiting, draft, given)

    def _field(self, name: str, now: str) -> str:
        self._say(f"[dim]{name}:[/] {isolated(now)}")
        return self.ask("> ").strip() or now

    def _new_claim(self, waiting: Waiting) -> Claim:
        events = self.reviewing.events()
        if not events:
            raise UsageError(
                "the case has no event that a claim could be about",
                advice="enter one with `witnessmark assess --from FILE`",
            )
        event = events[0][0]
        if len(events) > 1:
            for number, (_, one) in enumerate(events, start=1):
                self._say(f"  {number} {isolated(one.name)}")
            answer = self.ask("which event? ").strip()
            if not answer.isdigit() or not 0 < int(answer) <= len(events):
                raise UsageError(f"{answer!r} is none of them")
            event = events[int(answer) - 1][0]
        return new_claim(event, waiting.proposed.topic, self.ask("the claim, put neutrally: "))

    def _say(self, text: str) -> None:
        self.screen.answer({}, text)


def shown(waiting: Waiting, draft: Draft) -> str:
    """A proposal: its words in their text, and what it would become."""
    counted = f"{draft.amount} {draft.unit or ''}".strip() if draft.amount is not None else ""
    number = f" [cyan]{plain(counted)}[/]" if counted else ""
    voices = " → ".join(map(isolated, draft.voices))
    reader = plain(f"{waiting.proposed.extractor} {waiting.proposed.version}")
    lines = [
        f"[bold]{waiting.number}[/] [dim]{draft.span.start}–{draft.span.end}, {reader}[/]",
        *context(waiting.text.content, draft.span, _marks(waiting)),
        f"  [bold]{voices}[/] [magenta]{draft.stance.replace('_', ' ')}[/]{number}",
    ]
    lines += [
        f"  [yellow]on record already:[/] {isolated(one.speaker)} {one.stance.replace('_', ' ')}"
        for one in waiting.on_record
    ]
    for place, claim in enumerate(waiting.claims, start=1):
        sign = "→" if claim == draft.claim else " "
        lines.append(f"  {sign} {place} {isolated(claim.text)}")
    if draft.claim is not None and draft.claim not in waiting.claims:
        lines.append(f"  → new: {isolated(draft.claim.text)}")
    return "\n".join(lines)


def context(content: str, span: TextSpan, marks: Mapping[tuple[int, int], str]) -> Iterator[str]:
    """The text around a span, line by line, the span reversed and other places in their style."""
    start = max(0, span.start - _AROUND)
    end = min(len(content), span.end + _AROUND)
    start = content.rfind("\n", start, span.start) + 1 or _word_before(content, start)
    stop = content.find("\n", span.end, end)
    end = stop if stop >= 0 else end
    inside = (place for marked in marks for place in marked if start < place < end)
    edges = sorted({start, end, span.start, span.end, *inside})
    text = ""
    for left, right in pairwise(edges):
        style = "reverse" if span.start <= left < span.end else ""
        style += next((f" {how}" for (one, other), how in marks.items() if one <= left < other), "")
        piece = "\n".join(map(plain, content[left:right].split("\n")))
        text += f"[{style.strip()}]{piece}[/]" if style else piece
    for line in text.split("\n"):
        if line.strip():
            yield f"  \u2068{line}\u2069"


def _word_before(content: str, start: int) -> int:
    found = re.search(r"\s", content[start : start + 40])
    return start + found.end() if start and found else start


def _marks(waiting: Waiting) -> dict[tuple[int, int], str]:
    proposed = waiting.proposed
    marks = {(voice.start, voice.end): "bold green" for voice in proposed.chain}
    if proposed.cue is not None:
        marks[proposed.cue.start, proposed.cue.end] = "underline"
    return marks


@contextmanager
def keyboard() -> Iterator[tuple[Callable[[], str], Callable[[str], str]]]:
    """One key at a time, and a line when asked; the terminal is left as it was found."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)

    def key() -> str:
        tty.setcbreak(descriptor, termios.TCSADRAIN)
        try:
            pressed = os.read(descriptor, 1)
            if (
                pressed > b"\x7f" or pressed == b"\x1b"
            ):  # an arrow or a letter of several bytes is no key of ours
                while select.select([descriptor], [], [], 0.02)[0]:
                    os.read(descriptor, 16)
                return "?"
            return pressed.decode("ascii").lower()
        finally:
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)

    def ask(question: str) -> str:
        try:
            return input(question)
        except EOFError:
            return ""

    try:
        yield key, ask
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
