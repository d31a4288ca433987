"""Editing the brief: its text as people type it, saved as versions, and what changed between two of them.

One sentence stands on a line, an empty line begins a new paragraph, and in braces at its end a sentence
says what it rests on: `The gate was open at noon. {E00003} {statement 3f2a91bc}`. What is named there
has to be in the case, or nothing is saved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

from witnessmark.desk.wording import Piece, wording
from witnessmark.errors import MalformedError, OutdatedError, UsageError
from witnessmark.model import (
    Assessment,
    Chapter,
    Claim,
    Counting,
    Digest,
    Edited,
    Edition,
    Estimate,
    Finding,
    Hypothesis,
    Investigation,
    Match,
    Observation,
    OwnParagraph,
    OwnSentence,
    Statement,
)
from witnessmark.model.editions import LAST, MADE, OPTIONAL
from witnessmark.model.wire import Noun, digest_of
from witnessmark.ports import Case
from witnessmark.preserve.custody import Custodian

ENTERED = "edition.entered"
KINDS: Mapping[str, type[Noun]] = {
    "claim": Claim,
    "statement": Statement,
    "finding": Finding,
    "match": Match,
    "observation": Observation,
    "counting": Counting,
    "estimate": Estimate,
    "assessment": Assessment,
    "hypothesis": Hypothesis,
}
"""What a sentence may rest on besides exhibits."""
NONE = "none"
SHOWN, _SHORTEST = 12, 8
_NUMBER = re.compile(r"E[0-9]{5,9}")
_LINE = re.compile(r"(?P<text>[^{}]*)(?P<braces>(?:\{[^{}]*\}\s*)*)")
_HEAD = re.compile(r"#\s*(?P<chapter>[a-z]+)\s*(?::\s*(?P<title>.*))?")


@dataclass(frozen=True, slots=True)
class Typed:
    """A section as somebody types it; `title` is that of a section of their own."""

    chapter: Chapter
    text: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Unfit:
    """A line that cannot be saved: in which section from 0, the line itself, and what is wrong with it."""

    section: int
    line: str
    trouble: str


@dataclass(frozen=True, slots=True)
class Follows:
    """The version that somebody had before them when they began to edit; None for none."""

    edition: Digest | None

    def check(self, case: Case) -> None:
        """Pass if it is still the latest one; OutdatedError says whose version came in meanwhile."""
        found = versions(case)
        latest = found[-1][0] if found else None
        if latest != self.edition:
            by = found[-1][1].author.name if found else "somebody"
            raise OutdatedError(
                f"{by} has saved another version of the brief since you began",
                advice="look at what they changed, and save yours on top of it",
            )


def versions(case: Case) -> list[tuple[Digest, Edition]]:
    """Every saved version, in the order of the log."""
    return list(case.find(Edition))


def latest_edition(case: Case) -> Edition | None:
    """The version that counts; None if nobody edited the brief."""
    found = versions(case)
    return found[-1][1] if found else None


def version_called(case: Case, name: str) -> Digest | None:
    """The version of that name, or of a name that begins so; None for the word `none`."""
    if name == NONE:
        return None
    found = [digest for digest, _ in versions(case) if len(name) >= _SHORTEST and digest.hex.startswith(name)]
    if len(found) != 1:
        raise UsageError(f"{name[:80]!r} is no version of this brief")
    return found[0]


# --- from text to an edition and back


@dataclass(slots=True)
class Editing:
    """Makes editions out of what a person typed; a sentence that stays as it was keeps whose it is."""

    case: Case
    custodian: Custodian
    unfit: list[Unfit] = field(default_factory=list)
    _known: dict[str, Digest] = field(default_factory=dict)
    _by_kind: dict[str, list[Digest]] = field(default_factory=dict)

    def made(self, typed: Sequence[Typed], reason: str, follows: Digest | None) -> Edition | None:
        """The edition that `typed` comes to; None if a line cannot be saved, which `unfit` then tells."""
        found = self.case.find(Investigation)
        if not found:
            raise UsageError(
                "this case does not say what it is about", advice="begin one with `witnessmark new`"
            )
        before = self._sentences(latest_edition(self.case))
        sections = tuple(self._section(place, one, before) for place, one in enumerate(typed))
        if self.unfit:
            return None
        now, who = self.custodian.clock.now(), self.custodian.performer
        try:
            told = tuple(one for one in sections if one is not None)
            why = " ".join(reason.split()) or _still(latest_edition(self.case), told)
            return Edition(found[-1][0], told, who, now, why, follows)
        except MalformedError as error:
            raise UsageError(str(error)) from error

    def _sentences(self, edition: Edition | None) -> dict[tuple[str, tuple[Digest, ...]], OwnSentence]:
        every = tuple(edition.sentences.values()) if edition else ()
        for digest in (digest for sentence in every for digest in sentence.rests_on):
            self._known[name_of(self.case, digest)] = digest
        return {(one.text, one.rests_on): one for one in every}

    def _section(
        self, place: int, typed: Typed, before: Mapping[tuple[str, tuple[Digest, ...]], OwnSentence]
    ) -> Edited | None:
        paragraphs: list[OwnParagraph] = []
        sentences: list[OwnSentence] = []
        for line in (*typed.text.splitlines(), ""):
            if line.strip():
                found = self._sentence(place, " ".join(line.split()), before)
                sentences += [found] if found is not None else []
            elif sentences:
                paragraphs.append(OwnParagraph(tuple(sentences)))
                sentences = []
        try:
            return Edited(typed.chapter, tuple(paragraphs), " ".join(typed.title.split()))
        except MalformedError as error:
            self.unfit.append(Unfit(place, typed.title, str(error)))
        return None

    def _sentence(
        self, place: int, line: str, before: Mapping[tuple[str, tuple[Digest, ...]], OwnSentence]
    ) -> OwnSentence | None:
        try:
            text, names = _read_line(line)
            rests_on = tuple(dict.fromkeys(map(self._named, names)))
            now, who = self.custodian.clock.now(), self.custodian.performer
            return before.get((text, rests_on)) or OwnSentence(text, rests_on, who, now)
        except (UsageError, MalformedError) as error:
            self.unfit.append(Unfit(place, line, str(error)))
        return None

    def _named(self, name: str) -> Digest:
        """What a name in braces stands for; UsageError if the case has nothing of that name."""
        if name in self._known:
            return self._known[name]
        kind, _, begins = name.partition(" ")
        if _NUMBER.fullmatch(name):
            found = [digest for number, digest in self.case.exhibits() if number == name]
        elif kind in KINDS and len(begins) >= _SHORTEST:
            if kind not in self._by_kind:
                self._by_kind[kind] = [digest for digest, _ in self.case.find(KINDS[kind])]
            found = [digest for digest in self._by_kind[kind] if digest.hex.startswith(begins)]
        else:
            raise UsageError(
                f"{{{name[:60]}}} is no exhibit and no record; such as {{E00003}}, {{claim 3f2a91bc}}"
            )
        if len(found) != 1:
            raise UsageError(f"{{{name[:60]}}} names {'several' if found else 'nothing'} in this case")
        self._known[name] = found[0]
        return found[0]


def _read_line(line: str) -> tuple[str, list[str]]:
    """The words of a sentence, and the names of what it rests on."""
    read = _LINE.fullmatch(line)
    if read is None:
        raise UsageError("braces hold what a sentence rests on, and stand at its end")
    inside = re.findall(r"\{([^{}]*)\}", read["braces"])
    return read["text"].strip(), [name.strip() for one in inside for name in one.split(";") if name.strip()]


def _still(latest: Edition | None, sections: Sequence[Edited]) -> str:
    """The reason for what was left out before and still is, and nothing more."""
    there = {one.chapter for one in sections}
    is_same = latest is not None and latest.left_out == tuple(one for one in MADE if one not in there)
    return latest.reason if latest is not None and latest.left_out and is_same else ""


def save(case: Case, custodian: Custodian, edition: Edition) -> Digest:
    """Put a version on record, if nobody saved another one since it was begun; what is as before is not."""
    seen, latest = Follows(edition.follows), latest_edition(case)
    if latest is not None and edition.follows == digest_of(latest) and latest.sections == edition.sections:
        raise UsageError("nothing was changed, so there is no new version to save")
    with case.transaction() as transaction:
        seen.check(case)
        transaction.append(custodian.act(ENTERED), [edition])
    return digest_of(edition)


def name_of(case: Case, digest: Digest) -> str:
    """What stands in braces for an exhibit or a record; of what is gone, its digest."""
    number = case.exhibit_of(digest)
    if number is not None:
        return number
    noun = case.noun(digest) if case.entry_of(digest) is not None else None
    kind = next((word for word, one in KINDS.items() if isinstance(noun, one)), "gone")
    return f"{kind} {digest.hex[:SHOWN]}"


def typed_of(case: Case, edition: Edition | None) -> tuple[Typed, ...]:
    """An edition as it can be typed on; without one every section as it is made, and nobody's words."""
    if edition is None:
        return tuple(Typed(one) for one in MADE)
    return tuple(Typed(one.chapter, text_of(case, one), one.title) for one in edition.sections)


def text_of(case: Case, section: Edited) -> str:
    """The paragraphs of a section as they are typed."""
    return "\n\n".join(
        "\n".join(line_of(case, one) for one in paragraph.sentences) for paragraph in section.paragraphs
    )


def line_of(case: Case, sentence: OwnSentence) -> str:
    """A sentence as it is typed."""
    return " ".join((sentence.text, *(f"{{{name_of(case, one)}}}" for one in sentence.rests_on)))


# --- a whole edition as one file


def file_of(case: Case) -> str:
    """The latest version as a file to type in: which version it follows, then each section."""
    found = versions(case)
    lines = [f"version {found[-1][0].hex[:SHOWN] if found else NONE}", ""]
    for one in typed_of(case, found[-1][1] if found else None):
        title = f": {one.title}" if one.title else ""
        lines += [f"# {one.chapter.value}{title}", *([one.text] if one.text else []), ""]
    return "\n".join(lines)


def read_file_of(case: Case, path: Path) -> tuple[Digest | None, tuple[Typed, ...]]:
    """What somebody typed into such a file: the version that it follows, and its sections."""
    try:
        first, *lines = path.read_text("utf-8").splitlines() or [""]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    word, _, name = first.strip().partition(" ")
    if word != "version":
        raise UsageError(
            f"{path} does not say in its first line which version it follows",
            advice="begin with what `witnessmark edit` prints",
        )
    typed: list[Typed] = []
    for number, line in enumerate(lines, 2):
        if not line.startswith("#"):
            if not typed and line.strip():
                raise UsageError(
                    f"{path}, line {number} stands in no section", advice="write `# claims` above it"
                )
            typed = [*typed[:-1], _with_line(typed[-1], line)] if typed else typed
            continue
        head = _HEAD.fullmatch(line.strip())
        if head is None or head["chapter"] not in tuple(Chapter):
            known = ", ".join(Chapter)
            raise UsageError(
                f"{path}, line {number} begins no section: {line[:60]!r}", advice=f"known: {known}"
            )
        typed.append(Typed(Chapter(head["chapter"]), "", (head["title"] or "").strip()))
    return version_called(case, name.strip()), tuple(typed)


def _with_line(typed: Typed, line: str) -> Typed:
    return Typed(typed.chapter, f"{typed.text}\n{line}" if typed.text else line, typed.title)


def merged(
    begun: Sequence[Typed], mine: Sequence[Typed], theirs: Sequence[Typed]
) -> tuple[tuple[Typed, ...], tuple[Typed, ...]]:
    """Two versions that began from one, as one; and the sections that both changed, of which mine stand.

    What only one of them changed is as they have it. The order is theirs if I did not change it.
    """
    before, after = ({_key(one): one for one in given} for given in (begun, theirs))
    own = {_key(one): one for one in mine}
    is_order_mine = [_key(one) for one in mine] != [_key(one) for one in begun]
    keys = list(own if is_order_mine else after)
    keys += [key for key in (after if is_order_mine else own) if key not in keys]
    kept: list[Typed] = []
    clashes: list[Typed] = []
    for key in keys:
        chosen = own.get(key)
        if chosen == before.get(key):
            chosen = after.get(key)
        elif after.get(key) not in (before.get(key), chosen):
            clashes.append(chosen or after[key])
        kept += [chosen] if chosen is not None else []
    last = [one for one in kept if one.chapter in LAST]
    return (*(one for one in kept if one.chapter not in LAST), *last), tuple(clashes)


# --- what changed


@dataclass(frozen=True, slots=True)
class Changed:
    """A section in which two versions differ; `stands` says whether it was put in, left out, or moved."""

    chapter: Chapter
    title: str
    stands: str
    pieces: tuple[Piece, ...]


def changes(case: Case, one: Edition | None, other: Edition | None) -> Iterator[Changed]:
    """Word by word, in which sections a later version differs from an earlier one (None: as it is made)."""
    yield from between(typed_of(case, one), typed_of(case, other))


def between(one: Sequence[Typed], other: Sequence[Typed]) -> Iterator[Changed]:
    """Word by word, in which sections what was typed later differs from what was typed before."""
    before = {_key(typed): typed for typed in one}
    after = {_key(typed): typed for typed in other}
    stay_before = [key for key in before if key in after]
    stay_after = [key for key in after if key in before]
    moved = set(_moved(stay_before, stay_after))
    for key, typed in after.items():
        was = before.get(key)
        stands = "put in" if was is None else "moved" if key in moved else ""
        pieces = tuple(wording(was.text if was else "", typed.text))
        if stands or any(piece.kind != "same" for piece in pieces):
            yield Changed(typed.chapter, typed.title, stands, pieces)
    for key, typed in before.items():
        if key not in after:
            yield Changed(typed.chapter, typed.title, "left out", tuple(wording(typed.text, "")))


def _key(typed: Typed) -> tuple[Chapter, str]:
    return typed.chapter, typed.title


def _moved(one: Sequence[object], other: Sequence[object]) -> Iterator[object]:
    """What stands elsewhere among what both have."""
    kept: set[object] = set()
    for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks():
        kept |= set(other[block.b : block.b + block.size])
    yield from (key for key in other if key not in kept)


def may_leave_out(chapter: Chapter) -> bool:
    """Whether a brief can go without a section."""
    return chapter in OPTIONAL or chapter is Chapter.OWN


def may_move(chapter: Chapter) -> bool:
    """Whether a section can stand elsewhere."""
    return chapter is not Chapter.WARNING and chapter not in LAST
