"""The desk: the one place that sees all six rooms, and the way through them.

take      collect → preserve → examine → match
enter     what people read, saw and judged (weigh)
brief     publish for readers
package   publish for those who check
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from witnessmark.desk.editions import Editing, Typed, save
from witnessmark.desk.erasing import called, doomed_by, held_elsewhere
from witnessmark.desk.estimates import Asked as AskedOfTables
from witnessmark.desk.estimates import Estimated, enter
from witnessmark.desk.floors import Floors
from witnessmark.desk.four_eyes import FourEyes, Sensitive
from witnessmark.desk.gather import Gathering
from witnessmark.desk.groups import Groups, seen_outside
from witnessmark.desk.intake import Progress, Run, Settled, Wanted
from witnessmark.desk.labels import ratings_on, taking_back
from witnessmark.desk.like import Answer, Likeness
from witnessmark.desk.linking import Asked, Linking, identify, note_linked
from witnessmark.desk.lists import Lists
from witnessmark.desk.output import must_be_new, read_file, write_file
from witnessmark.desk.outside import Outside
from witnessmark.desk.previews import Previews
from witnessmark.desk.readings import Readings, find_exhibit
from witnessmark.desk.release import Choice, Release
from witnessmark.desk.reviewing import Reviewing
from witnessmark.desk.scenes import Scenes
from witnessmark.desk.seen import Revision
from witnessmark.desk.session import Session, require_someone
from witnessmark.desk.showing import export_log
from witnessmark.desk.sidecar import Line
from witnessmark.errors import MalformedError, RefusedError, UsageError, WitnessmarkError
from witnessmark.model import (
    Agent,
    Assignment,
    Check,
    CheckState,
    Comment,
    Copy,
    Digest,
    Edition,
    Erasure,
    Facts,
    Finding,
    Investigation,
    Purpose,
)
from witnessmark.model.wire import Noun
from witnessmark.plugins import Kit
from witnessmark.ports import Case, KeptCheckpoint, LockedRoom, holds_case
from witnessmark.preserve.checkpoint import check_not_rolled_back, sign_head
from witnessmark.preserve.custody import Custodian, new_session
from witnessmark.preserve.erase import erase, finish_erasures
from witnessmark.preserve.keys import KeyFolder
from witnessmark.preserve.scrub import Scrub
from witnessmark.preserve.verify import verify
from witnessmark.preserve.verify_outside import Trust
from witnessmark.publish.annotation import annotation_page
from witnessmark.publish.brief import Brief
from witnessmark.publish.brief import brief as make_brief
from witnessmark.publish.brief import draft as draft_brief
from witnessmark.publish.dossier import UNKNOWN_LEVEL, Dossier, Preview
from witnessmark.publish.lint import Fault, lint
from witnessmark.publish.package import Packaged
from witnessmark.publish.package_check import Trust as PackageTrust
from witnessmark.publish.package_check import check_package
from witnessmark.publish.scenes import scenes_page
from witnessmark.publish.words import words_in
from witnessmark.tlog import Policy, Verifier
from witnessmark.weigh.linking import Linked, Place

SENSITIVE = 2
"""From this level on, that what is known of an exhibit was shown is an entry of the log."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A case open on the table, with everything that is needed to work on it."""

    case: Case
    keys: KeyFolder | None
    custodian: Custodian
    kit: Kit
    room: LockedRoom
    outside: Outside
    name: str
    policy: Policy | None
    policy_text: bytes
    roots: tuple[bytes, ...]
    media_type_of: Callable[[bytes], str]
    session: Session
    likeness: Likeness

    def take(self, wanted: Wanted, quarantine: Path, progress: Progress) -> Iterator[Settled]:
        """What became of everything that is wanted."""
        self._begin()
        run = Run(
            *(self.case, self.custodian, self.kit, self.room, self.likeness),
            *(quarantine, self.media_type_of, progress),
        )
        yield from run.take(wanted)
        self.checkpoint()

    def take_back(
        self, labels: Sequence[Digest], reason: str, seen: Revision | None = None
    ) -> list[tuple[Digest, Noun]]:
        """Marks and ratings taken back, together or not at all: each by a decision that stays on record."""
        return self.enter(taking_back(self.case, labels, reason), seen)

    def enter(self, lines: Iterable[Line], seen: Revision | None = None) -> list[tuple[Digest, Noun]]:
        """What people read, saw and judged, on record; with `seen`, only if no other word came in since."""
        self._begin()
        made = Readings(self.case, self.custodian).enter(lines, seen)
        self.checkpoint()
        return made

    @contextmanager
    def reviewing(self, exhibits: Sequence[str], again: Reviewing | None = None) -> Iterator[Reviewing]:
        """A sitting with the proposed statements of all texts, or of some exhibits; or the same one again."""
        self._begin()
        yield again or Reviewing(self.case, self.custodian, exhibits)
        self.checkpoint()

    def brief(self, disclosed: frozenset[str] = frozenset(), language: str = "en") -> Mapping[str, bytes]:
        """The brief and everything that it shows, by path; its frame speaks `language`."""
        words_in(language)
        self._begin()
        disclosed = self._numbers(disclosed)
        dossier = self._gathering().dossier(disclosed)
        files = self._files(dossier, language)
        digests = {path: Digest.of(content) for path, content in files.items()}
        self._record("brief.made", Facts(files=digests, disclosed=sorted(disclosed)))
        self.checkpoint()
        return files

    def edit_brief(self, typed: Sequence[Typed], reason: str, follows: Digest | None) -> Digest:
        """A version of what people write into the brief, on record; OutdatedError if it follows another one.

        What a sentence rests on has to be in the case: UsageError names the first line where it is not.
        """
        self._begin()
        editing = Editing(self.case, self.custodian)
        edition = editing.made(typed, reason, follows)
        if edition is None:
            first = editing.unfit[0]
            raise UsageError(f"{first.line[:80]!r}: {first.trouble}")
        record = save(self.case, self.custodian, edition)
        self.checkpoint()
        return record

    def drafted_brief(
        self, language: str, edition: Edition | None = None
    ) -> tuple[Mapping[str, bytes], tuple[Fault, ...]]:
        """The brief as it would be written now, with its previews by path, and every rule that it breaks.

        With `edition` as it would be if that were saved.
        """
        words_in(language)
        self._begin()
        dossier = self._gathering().dossier()
        if edition is not None:
            dossier = replace(dossier, edition=edition)
        made = draft_brief(dossier, language)
        return self._with_previews(made, dossier), lint(made.html, made.markdown, dossier)

    def check_brief(
        self, folder: Path | None, disclosed: frozenset[str] = frozenset(), language: str = "en"
    ) -> tuple[Fault, ...]:
        """Every rule that a brief breaks: the one in a folder, or the one that would be written now."""
        words_in(language)
        self._begin()
        dossier = self._gathering().dossier(self._numbers(disclosed))
        if folder is None:
            made = draft_brief(dossier, language)
            return lint(made.html, made.markdown, dossier)
        html, markdown = (read_file(folder / name) for name in ("brief.html", "brief.md"))
        return lint(html, markdown, dossier)

    def package(self, target: Path, choice: Choice) -> Packaged:
        """A sealed package of everything that the brief rests on."""
        must_be_new(target)
        words_in(choice.language)
        self._begin()
        disclosed, withheld = self._numbers(choice.disclosed), self._numbers(choice.withheld)
        redacted = self._numbers(choice.redacted)
        choice = replace(choice, disclosed=disclosed, withheld=withheld, redacted=redacted)
        gathering = self._gathering()
        masked = [gathering.masked(self.case.digest_of_exhibit(number)) for number in sorted(redacted)]
        dossier = gathering.dossier(disclosed).holding_back(withheld | redacted)
        if choice.comments:
            dossier = replace(dossier, talk=tuple(self._talk(dossier)))
        self._warn_of_masks(dossier)
        files = {
            **self._files(dossier, choice.language),
            "annotations.jsonld": annotation_page(dossier.observations),
        }
        self._four_eyes().use(Sensitive.PACKAGE, self._sensitive_in(dossier))
        release = Release(
            self.case,
            self.custodian,
            self.name,
            self.policy_text,
            tuple(authority.name for authority in self.outside.authorities),
            self.checkpoint,
            frozenset(copy.digest for copy in masked),
        )
        return release.package(target, dossier, files, choice)

    def verify(self) -> Iterator[Check]:
        """Everything that the case claims of itself, checked again."""
        published = self.keys.published() if self.keys else None
        if self.keys and published is None:
            fault = "`published.json` is missing beside the keys, so a rollback could not be noticed"
            yield Check("what was last published from here", CheckState.BROKEN, fault)
        verifier = self.keys.signer.verifier if self.keys else Verifier.from_vkey(self.case.origin()[1])
        now = self.custodian.clock.now()
        yield from verify(self.case, Trust(verifier, now, published, self.policy, self.roots))

    def scrub(self, sample: float, repair_from: Sequence[Path]) -> Iterator[Check]:
        """Every kept object, or a sample of them, hashed again and mended where a good copy is at hand."""
        self._begin()
        erased = {name for _, tombstone in self.case.find(Erasure) for name in tombstone.objects}
        copies = {copy.digest for _, copy in self.case.find(Copy)}
        names = ({digest for _, digest in self.case.exhibits()} | copies) - erased
        yield from Scrub(self.case, self.custodian, sample, repair_from).run(sorted(names))
        self.checkpoint()

    def renew(self) -> tuple[int, int]:
        """How many time stamps were renewed before they expire, and how many still have to be."""
        self._begin()
        renewed = self.outside.renew()
        self.checkpoint()
        return renewed

    def erase(self, names: Sequence[str], reason: str) -> Erasure:
        """The tombstone of exhibits or records, of what was made from them, and of what was said of them."""
        self._begin()
        if not reason.strip():
            raise UsageError("an erasure needs its reason", advice="say it with --reason; it stays on record")
        doomed = doomed_by(self.case, names)
        self._four_eyes().use(Sensitive.ERASE, (called(self.case, name) for name in names))
        elsewhere = held_elsewhere(self.case, doomed.originals)
        who, now = self.custodian.performer, self.custodian.clock.now()
        tombstone = Erasure(doomed.objects, doomed.commitments, reason, who, now)
        erase(self.case, self.custodian, tombstone)
        self.likeness.forget()
        self.checkpoint()
        if elsewhere:
            self.outside.notice(
                f"The same content, or part of it, still lies in {', '.join(elsewhere)}: erase that too."
            )
        for assessment in doomed.assessments:
            self.outside.notice(
                f"The assessment {assessment} rests on it and stays. Read it: `erase` takes its digest too."
            )
        for number, edition, resting in doomed.editions:
            sentences = "1 sentence" if resting == 1 else f"{resting} sentences"
            self.outside.notice(
                f"Version {number} of the brief has {sentences} resting on it and stays: read it, and save "
                f"another one. `erase {edition.hex[:12]}` takes the version."
            )
        return tombstone

    def export_log(self, folder: Path) -> int:
        """Write the log as static tiles into a new folder; how many files. The export is an entry itself."""
        self._begin()
        must_be_new(folder)
        self._record("log.exported", Facts(folder=folder.name))
        self.checkpoint()
        return export_log(self.case, folder)

    def rebuild(self) -> int:
        """Make the catalog again from the log, the records and the vault; how many entries were read."""
        check_not_rolled_back(self.case, self.required_keys())
        return self.case.rebuild()

    def accept_log(self) -> int:
        """Take the log as it stands for the one last published, where that was lost; how many entries it has.

        It is for a person who compared the log with what others hold of it, and stays on record.
        """
        keys = self.required_keys()
        require_someone(self.custodian.performer)
        if keys.published() is not None:
            raise UsageError(
                "what was last published of this log is remembered, so there is nothing to accept",
                advice="`witnessmark verify` says whether the log fits it",
            )
        self.case.rebuild()  # an entry is made, and that needs a catalog without gaps
        self.session.open()
        self._record("log.accepted", Facts(size=self.case.head().size))
        keys.remember(self.case.head())
        self.checkpoint()
        return self.case.head().size

    def warn_of_rollback(self) -> None:
        """Say what is wrong if the log does not hold what was published, to somebody who only reads."""
        if self.keys is not None:
            try:
                check_not_rolled_back(self.case, self.keys)
            except WitnessmarkError as error:
                self.outside.notice(f"{error}. Nothing can be written to this case.")

    def level_of(self, digest: Digest) -> int:
        """How graphic an exhibit is by the latest rating; what nobody rated counts as 3 unless it is text."""
        ratings = [one.level for _, one in ratings_on(self.case, digest) if one.region is None]
        if ratings:
            return ratings[-1]
        media = ("image/", "video/", "audio/")
        return UNKNOWN_LEVEL if self.case.item(digest).original.media_type.startswith(media) else 0

    def groups(self, about: Digest | None = None) -> Groups:
        """What belongs together in the case, or with one exhibit."""
        return Groups.of(self.case, about, self.stamped())

    def seek_scenes(self, progress: Progress) -> int:
        """How many links between views of one place were found among pictures not compared before."""
        scenes = Scenes(self.case)
        if not scenes.covered().waiting:
            return 0
        self._begin()
        found = scenes.seek(self.custodian, self.room, progress)
        self.checkpoint()
        return found

    def register_views(self, progress: Progress) -> int:
        """How many pairs of pictures that people marked could be registered, among those not tried before."""
        found = Floors(self.case)
        if not found.waiting():
            return 0
        self._begin()
        made = found.register(self.custodian, self.room, progress)
        self.checkpoint()
        return made

    def give_counts(self, target: Path, written: bytes, columns: str, rows: int) -> None:
        """Write the ledger of reported numbers to a new file, after it has been entered in the log."""
        must_be_new(target)
        self._begin()
        self._record("counts.given", Facts(file=Digest.of(written), columns=columns, rows=rows))
        self.checkpoint()
        write_file(target, BytesIO(written))

    def read_list(self, exhibit: str, rule: str | None) -> tuple[Finding, int]:
        """Read a list of codes by one of PDQ's rules; the finding, and how many pictures are on it."""
        self._begin()
        digest = find_exhibit(self.case, exhibit)
        read = Lists(self.case).read(digest, rule, self.custodian, self.room)
        self.checkpoint()
        return read

    def give_codes(self, target: Path, rule: str, exhibits: Sequence[str]) -> int:
        """Write the codes of pictures to a new file, after it has been entered in the log; how many."""
        must_be_new(target)
        self._begin()
        wanted = [find_exhibit(self.case, name) for name in exhibits] if exhibits else None
        written, on_it = Lists(self.case).given(rule, wanted)
        detail = Facts(file=Digest.of(written), rule=rule, pictures=len(on_it), chosen=sorted(exhibits))
        self._record("codes.given", detail)
        self.checkpoint()
        write_file(target, BytesIO(written))
        return len(on_it)

    def note_linked(self, found: Linked, open_lists: Linking, asked: Asked) -> None:
        """Enter that lists of victims were linked; no name goes into the log."""
        self._begin()
        note_linked(self.case, self.custodian, found, open_lists.sources, asked)
        self.checkpoint()

    def identify(self, open_lists: Linking, rows: tuple[Place, Place], verdict: str, reason: str) -> Digest:
        """A person's word on whether two rows of lists are of one person, on record."""
        self._begin()
        record = identify(open_lists, self.custodian, rows, verdict, reason)
        self.checkpoint()
        return record

    def enter_estimates(
        self, of: str, found: Sequence[Estimated], rests_on: Sequence[Digest], how: AskedOfTables
    ) -> list[Digest]:
        """What was estimated of each stratum, on record: of whom, on which exhibits it rests, and how."""
        self._begin()
        records = enter(self.case, self.custodian, of, found, rests_on, how)
        self.checkpoint()
        return records

    def draw_scenes(self, told: Sequence[Mapping[str, Any]], summary: Sequence[str]) -> bytes:
        """A page that draws scenes as they were told; no picture is in it."""
        return scenes_page(self.case.find(Investigation)[-1][1].name, told, summary)

    def stamped(self) -> Sequence[tuple[int, datetime]]:
        """How far the log reached when someone outside first vouched for it."""
        return seen_outside(self.case, self.roots, self.custodian.clock.now())

    def read(self, exhibit: str, purpose: str) -> Digest:
        """The digest of an exhibit's original, after the reading of it has been entered in the log."""
        self._begin()
        digest = find_exhibit(self.case, exhibit)
        with self.case.transaction() as transaction:
            detail = Facts(purpose=purpose)
            transaction.append(self.custodian.act("exhibit.read", used=(digest,), detail=detail))
        self.checkpoint()
        return digest

    def take_out(self, exhibit: str, purpose: str) -> Digest:
        """The digest of an original that goes out; of a graphic one only with the word of a second person."""
        self._begin()
        digest = find_exhibit(self.case, exhibit)
        if self.level_of(digest) >= SENSITIVE:
            self._four_eyes().use(Sensitive.ORIGINAL, (digest,))
        return self.read(exhibit, purpose)

    def may_take_out(self, digest: Digest) -> bool:
        """Whether an original can go out without a further word of a second person."""
        is_graphic = self.level_of(digest) >= SENSITIVE
        return not is_graphic or self._four_eyes().has_grant(Sensitive.ORIGINAL, (digest,))

    @contextmanager
    def second_person(self) -> Iterator[FourEyes]:
        """What needs two people in this case, to be asked for, answered and decided by whoever is at work."""
        self._begin()
        require_someone(self.custodian.performer)
        yield self._four_eyes()
        self.checkpoint()

    def opened(self, digest: Digest) -> int:
        """The level of an exhibit that is about to be shown; what is sensitive is a log entry first."""
        level = self.level_of(digest)
        if level >= SENSITIVE:
            self._begin()
            with self.case.transaction() as transaction:
                detail = Facts(purpose="shown")
                transaction.append(self.custodian.act("exhibit.read", used=(digest,), detail=detail))
        return level

    def covered(self, digest: Digest) -> Preview | None:
        """The small, grey and blurred preview of an exhibit, with its masks; None if it has none."""
        self.session.open()
        return self._gathering().covered(digest)

    def uncover(self, digest: Digest, *, closely: bool = False) -> Copy:
        """What is to be seen in an exhibit, made from pixels; a look at what is graphic is a log entry."""
        self._begin()
        level, copy = self.level_of(digest), self._gathering().seen(digest, closely=closely)
        if level:
            with self.case.transaction() as transaction:
                detail = Facts(level=level, closely=True) if closely else Facts(level=level)
                transaction.append(self.custodian.act("exhibit.uncovered", used=(digest,), detail=detail))
        return copy

    def previews(self) -> Previews:
        """What is played and leafed through of recordings, made when it is first asked for."""
        self._begin()
        return Previews(self.case, self.custodian, self.room)

    def looked(self, digest: Digest, detail: Facts) -> None:
        """Enter that something was seen or heard as it is, if the exhibit is graphic; `detail` says what."""
        level = self.level_of(digest)
        if level:
            self._begin()
            with self.case.transaction() as transaction:
                told = Facts(detail, level=level)
                transaction.append(self.custodian.act("exhibit.uncovered", used=(digest,), detail=told))

    def note(self, kind: str, detail: Facts) -> None:
        """Enter what was done at the door of this desk: who came in, who was let in as what."""
        self._begin()
        self._record(kind, detail)

    def at_work(self, who: Agent) -> Desk:
        """The same desk with somebody else at work; close only the one."""
        custodian = replace(self.custodian, performer=who, session=new_session())
        outside = replace(self.outside, custodian=custodian)
        return replace(self, custodian=custodian, outside=outside, session=self.session.of(custodian))

    def find_like(self, picture: Path) -> Answer:
        """Every exhibit that a picture is like; the picture itself is not taken in."""
        try:
            if not picture.is_file():
                raise UsageError(f"{picture} is no file", advice="give a picture to look for")
            with picture.open("rb") as stream:
                media_type = self.media_type_of(stream.read(4096))
        except (OSError, ValueError) as error:
            raise UsageError(
                f"{picture} cannot be read: {error}", advice="give a picture to look for"
            ) from error
        return self.likeness.find(picture, media_type, self.kit, self.room)

    def require_writable(self) -> None:
        """Pass if this case may be written to now: by someone, with its keys, and not after a rollback."""
        check_not_rolled_back(self.case, self.required_keys())
        require_someone(self.custodian.performer)

    def required_keys(self) -> KeyFolder:
        """The keys of the case; RefusedError if they are not at hand."""
        if self.keys is None:
            raise RefusedError(
                "the keys of this case are not at hand, so nothing can be written to it",
                advice="give the folder that holds them with --keys",
            )
        return self.keys

    def copy_out(self, exhibit: str, target: Path) -> Digest:
        """Write an original to a new file, checked on the way; the reading is entered in the log first."""
        must_be_new(target)
        digest = self.take_out(exhibit, "copied out with `show --out`")
        with self.case.open(digest) as source:
            write_file(target, source)
        return digest

    def close(self) -> None:
        """Put the case away."""
        self.room.close()
        self.case.close()

    def checkpoint(self) -> KeptCheckpoint:
        """The signed checkpoint of the log as it now stands."""
        return self.outside.checkpoint(self.required_keys())

    def sign(self) -> KeptCheckpoint:
        """The checkpoint of the log as it now stands, signed here; nobody outside is asked."""
        return sign_head(self.case, self.required_keys())

    def sign_off(self) -> None:
        """Sign what this run entered before it was refused or interrupted; nobody outside is asked."""
        if self.keys is not None and self.session.is_open:
            sign_head(self.case, self.keys)

    # --- inner

    def _begin(self) -> None:
        """Before anything is written: no log that was rolled back, no erasure left half done, who this is."""
        self.require_writable()
        self.session.open()
        finish_erasures(self.case, [tombstone for _, tombstone in self.case.find(Erasure)])

    def _four_eyes(self) -> FourEyes:
        return FourEyes(self.case, self.custodian)

    def _sensitive_in(self, dossier: Dossier) -> Iterator[Digest]:
        """The exhibits of a package that hold what a second person may have to release."""
        masked = _masked_in(dossier)
        for one in dossier.exhibits:
            is_told = one.number in dossier.disclosed
            goes_out = one.number not in dossier.held_back
            if is_told or (goes_out and (one.digest in masked or self.level_of(one.digest) >= SENSITIVE)):
                yield one.digest

    def _record(self, kind: str, detail: Facts) -> None:
        with self.case.transaction() as transaction:
            transaction.append(self.custodian.act(kind, detail=detail))

    def _gathering(self) -> Gathering:
        return Gathering(self.case, self.custodian, self.room, self.policy, self.roots)

    def _files(self, dossier: Dossier, language: str) -> Mapping[str, bytes]:
        return self._with_previews(make_brief(dossier, language), dossier)

    def _with_previews(self, made: Brief, dossier: Dossier) -> Mapping[str, bytes]:
        files = {"brief.html": made.html, "brief.md": made.markdown}
        for preview in (*dossier.previews.values(), *dossier.sheets.values()):
            with self.case.open(preview.digest) as stream:
                files[preview.path] = stream.read()
        return files

    def _talk(self, dossier: Dossier) -> Iterator[Noun]:
        """What people said to each other, apart from what is on exhibits that stay at the desk."""
        kept = {one.digest for one in dossier.exhibits if one.number in dossier.held_back}
        said: list[tuple[Digest, Comment | Assignment]] = [
            *self.case.find(Comment),
            *self.case.find(Assignment),
        ]
        yield from (one for _, one in said if one.about not in kept)

    def _warn_of_masks(self, dossier: Dossier) -> None:
        """Say which masks a package undoes, since the original goes with it."""
        masked = _masked_in(dossier)
        undone = {one.number for one in dossier.exhibits if one.digest in masked} - dossier.held_back
        if undone:
            self.outside.notice(
                f"The package holds originals of pictures that have masks: {', '.join(sorted(undone))}."
                " With --redact EXHIBIT a masked copy goes instead."
            )

    def _numbers(self, names: frozenset[str]) -> frozenset[str]:
        """The exhibit numbers that `names` stand for: a slip must not show or hand out the wrong thing."""
        numbers = (self.case.exhibit_of(find_exhibit(self.case, name)) for name in names)
        return frozenset(number for number in numbers if number is not None)


def _masked_in(dossier: Dossier) -> frozenset[Digest]:
    """What has masks that somebody set."""
    return frozenset(mark.about for mark in dossier.observations if mark.purpose is Purpose.MASK)


def verify_package(root: Path, vkey: str | None, *, trust_package_key: bool = False) -> Iterator[Check]:
    """A package checked as a stranger would, with a key from elsewhere or on its own word if so wished."""
    if holds_case(root):
        raise UsageError(f"{root} is a case, not a package", advice="check it with `verify --case DIR`")
    log = _key_from(vkey) if vkey else None
    yield from check_package(root, PackageTrust(log=log, package_key=trust_package_key))


def _key_from(vkey: str) -> Verifier:
    try:
        return Verifier.from_vkey(vkey)
    except MalformedError as error:
        raise UsageError(str(error), advice="give the key as the desk published it with --vkey") from error
