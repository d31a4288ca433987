"""Gather: everything that a brief may draw on, out of the case and into one dossier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from witnessmark.collect.codes import TASK as CODES
from witnessmark.desk.editions import latest_edition
from witnessmark.desk.erasing import SHEET
from witnessmark.desk.floors import Floors
from witnessmark.desk.groups import Groups, seen_outside
from witnessmark.desk.labels import all_taken_back
from witnessmark.desk.looking import undone
from witnessmark.desk.presence import lies_here
from witnessmark.desk.previews import STAYING
from witnessmark.desk.texts import READABLE, copies_of, text_by
from witnessmark.desk.upright import lies_on, upright_size
from witnessmark.desk.weighing import weighing_of
from witnessmark.errors import MalformedError, RefusedError, UnavailableError, UsageError
from witnessmark.examine.features import TASK as FEATURES
from witnessmark.examine.sheet import packed
from witnessmark.model import (
    Action,
    Affiliation,
    Assessment,
    Bearing,
    Claim,
    Copy,
    Decision,
    Digest,
    Erasure,
    Estimate,
    Event,
    Facts,
    Filing,
    Finding,
    Grade,
    Hypothesis,
    Investigation,
    Item,
    Match,
    Observation,
    Purpose,
    Rating,
    Rereading,
    Role,
    Tie,
)
from witnessmark.model.counting import Counting
from witnessmark.ports import Case, LockedRoom, N
from witnessmark.preserve.custody import Custodian
from witnessmark.preserve.seal import keep_working_copy
from witnessmark.publish.dossier import Arrival, Custody, Dossier, Exhibit, Preview
from witnessmark.tlog import Policy, Verifier

PREVIEW = "witnessmark.examine.derive:preview"
MASKED = "witnessmark.examine.derive:upright"
NOT_FOR_READERS = (FEATURES, CODES, SHEET, *STAYING)
"""What the search keeps for itself, what shows a second exhibit, and what was made to be looked at here."""
MOST_SHEETS = 200
PREVIEWED = ("image/", "video/", "application/pdf")
PREVIEW_PX = 360
PREVIEW_BLUR = 6
SEEN_PX = 1280
CLOSE_PX = 8192
"""The longer side of what is seen at most: at a glance, and when somebody looks closely."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """Gathers dossiers; makes the previews that they need, each once."""

    case: Case
    custodian: Custodian
    room: LockedRoom
    policy: Policy | None
    roots: tuple[bytes, ...]

    def dossier(self, disclosed: frozenset[str] = frozenset()) -> Dossier:
        """All that the case holds now; `disclosed` are the exhibits whose sources may be shown."""
        known = self._known()
        exhibits = tuple(self._exhibit(digest, known) for _, digest in self.case.exhibits())
        for exhibit in exhibits:
            lies_here(self.case, exhibit.digest)  # a brief that is silent about a lost original would mislead
        previews = self._previews(exhibits)
        counted = Floors(self.case)
        texts = [text_by(self.case, known.findings.get(exhibit.digest, ())) for exhibit in exhibits]
        return Dossier(
            investigation=self._investigation(),
            custody=self._custody(),
            made_at=self.custodian.clock.now(),
            events=self._all(Event),
            exhibits=exhibits,
            claims=self._all(Claim),
            weighing=weighing_of(self.case),
            texts={text.digest: text.content for text in texts if text is not None},
            assessments=self._all(Assessment),
            hypotheses=self._all(Hypothesis),
            grades=self._all(Grade),
            findings=self._all(Finding),
            matches=self._all(Match),
            decisions=self._all(Decision),
            observations=self._standing(Observation),
            ratings=self._standing(Rating),
            erasures=self._all(Erasure),
            filings=self._all(Filing),
            ties=self._all(Tie),
            affiliations=self._all(Affiliation),
            bearings=self._all(Bearing),
            rereadings=self._all(Rereading),
            undone=self._undone(),
            previews=previews,
            sheets=self._sheets(previews),
            groups=Groups.of(self.case, None, known.stamped).told,
            countings=self._all(Counting),
            estimates=self._all(Estimate),
            edition=latest_edition(self.case),
            floors=counted.told(),
            not_registered=counted.waiting(),
            disclosed=disclosed,
        )

    def masked(self, digest: Digest) -> Copy:
        """The whole picture with the masks of now burned in, made if there is none yet."""
        original = self.case.item(digest).original
        masks = self._masks(digest)
        if not masks:
            number = self.case.exhibit_of(digest)
            raise UsageError(
                f"no mask was set on {number}, so there is nothing to hide",
                advice=f"set one with `witnessmark observe {number} --purpose mask --box x,y,width,height`",
            )
        self._must_hide(digest)
        return self._made_by(MASKED, original, {"masks": masks})

    def _must_hide(self, digest: Digest) -> None:
        """Pass if no mask lies outside of the picture, where it would hide nothing of it."""
        size = upright_size(self.case, digest)
        for record, mark in self.case.find(Observation, digest):
            is_mask = mark.purpose is Purpose.MASK and mark.region is not None
            if is_mask and mark.region is not None and size is not None and not lies_on(mark.region, size):
                raise RefusedError(
                    f"a mask on {self.case.exhibit_of(digest)} hides nothing: it lies outside of the picture,"
                    f" which is {size[0]} × {size[1]} pixels when it is held upright",
                    advice=f"set it where it belongs, and take this one back: `witnessmark erase {record.hex}"
                    " --reason …`",
                )

    def _all(self, kind: type[N]) -> tuple[N, ...]:
        return tuple(noun for _, noun in self.case.find(kind))

    def _standing(self, kind: type[N]) -> tuple[N, ...]:
        """Every label of a kind that nobody took back; masks always stand."""
        gone = all_taken_back(self.case)
        found = self.case.find(kind)
        return tuple(
            noun for name, noun in found if name not in gone or getattr(noun, "purpose", None) is Purpose.MASK
        )

    def _investigation(self) -> Investigation:
        found = self._all(Investigation)
        if not found:
            raise UsageError(
                "this case does not say what it is about", advice="begin one with `witnessmark new`"
            )
        return found[-1]

    def _custody(self) -> Custody:
        origin, vkey = self.case.origin()
        checkpoints = self.case.checkpoints()
        witnesses: tuple[str, ...] = ()
        if self.policy is not None and checkpoints:
            witnesses = tuple(self.policy.check(checkpoints[-1].note))
        return Custody(
            origin=origin,
            verifier_key=vkey,
            fingerprint=fingerprint_of(vkey),
            checkpoint_size=checkpoints[-1].size if checkpoints else 0,
            witnesses=witnesses,
            time_stamps=tuple(dict.fromkeys(token.authority for token in self.case.tokens())),
        )

    def _known(self) -> _Known:
        """Asked of the case once, not once for each of its exhibits."""
        findings: defaultdict[Digest, list[Finding]] = defaultdict(list)
        for finding in self._all(Finding):
            findings[finding.about].append(finding)
        copies: defaultdict[Digest, list[Copy]] = defaultdict(list)
        for copy in self._all(Copy):
            if (
                copy.derived_from is not None and copy.method not in NOT_FOR_READERS
            ):  # the search's, not for readers
                copies[copy.derived_from].append(copy)
        readers: defaultdict[Digest, set[str]] = defaultdict(set)
        for index in self.case.acts("exhibit.read"):
            act = self.case.action(index)
            for digest in act.used:
                readers[digest].add(act.performer.name)
        return _Known(
            findings, copies, readers, seen_outside(self.case, self.roots, self.custodian.clock.now())
        )

    def _exhibit(self, digest: Digest, known: _Known) -> Exhibit:
        item: Item = self.case.item(digest)
        described = _described(known.findings.get(digest, ()))
        return Exhibit(
            item=item,
            arrivals=tuple(self._arrivals(digest, known.stamped)),
            copies=tuple(known.copies.get(digest, ())),
            title=described.get("title"),
            outlet=described.get("outlet"),
            published=described.get("published"),
            language=described.get("language"),
            page_spans=_page_spans(known.findings.get(digest, ())),
            accessed_by=tuple(sorted(known.readers.get(digest, ()))),
        )

    def _arrivals(self, digest: Digest, stamped: Sequence[tuple[int, datetime]]) -> Sequence[Arrival]:
        return [
            Arrival(
                acquisition=acquisition,
                instrument=self.case.action(index).instrument,
                source=self.case.reveal(acquisition.source),
                source_url=acquisition.source_url and self.case.reveal(acquisition.source_url),
                log_index=index,
                not_later_than=next((time for size, time in stamped if size > index), None),
            )
            for index, acquisition in self.case.acquisitions(digest)
        ]

    def _undone(self) -> tuple[Action, ...]:
        failed = (self.case.action(index).used for index in self.case.acts("examine.failed"))
        return tuple(act for used in dict.fromkeys(failed) for act in undone(self.case, used[0]))

    # --- previews

    def _previews(self, exhibits: Sequence[Exhibit]) -> Mapping[Digest, Preview]:
        previews = {}
        for exhibit in exhibits:
            is_seen = exhibit.item.original.media_type.startswith(PREVIEWED)
            if is_seen and lies_here(self.case, exhibit.digest):
                preview = self._preview(exhibit.item.original)
                if preview is not None:
                    previews[exhibit.digest] = preview
        return previews

    def _preview(self, original: Copy) -> Preview | None:
        """The kept preview with the masks of now, made if there is none; None if it cannot be made."""
        masks = self._masks(original.digest)
        wanted = {"max_px": PREVIEW_PX, "grey": True, "blur": PREVIEW_BLUR, "masks": masks}
        try:
            return _preview_of(self._made_by(PREVIEW, original, wanted))
        except (MalformedError, RefusedError, UnavailableError):
            return None

    def covered(self, digest: Digest) -> Preview | None:
        """The preview of one exhibit, small, grey and blurred; None if there is nothing to be seen in it."""
        original = self.case.item(digest).original
        if not original.media_type.startswith(PREVIEWED) or not lies_here(self.case, digest):
            return None
        return self._preview(original)

    def seen(self, digest: Digest, *, closely: bool = False) -> Copy:
        """What is to be seen in one exhibit, neither grey nor blurred, with the masks of now burned in."""
        wanted = {
            "max_px": CLOSE_PX if closely else SEEN_PX,
            "grey": False,
            "blur": 0.0,
            "masks": self._masks(digest),
        }
        return self._made_by(PREVIEW, self.case.item(digest).original, wanted)

    # --- sheets

    def _sheets(self, previews: Mapping[Digest, Preview]) -> Mapping[Digest, Preview]:
        """For each match of two pictures with previews both side by side; of the first so many."""
        sheets: dict[Digest, Preview] = {}
        for record, match in self.case.find(Match):
            if {match.query, match.candidate} <= previews.keys() and len(sheets) < MOST_SHEETS:
                sheet = self._sheet(match, previews[match.query], previews[match.candidate])
                if sheet is not None:
                    sheets[record] = sheet
        return sheets

    def _sheet(self, match: Match, one: Preview, other: Preview) -> Preview | None:
        """The kept sheet of a match with the previews of now, made if there is none; None if it cannot be."""
        scales = [
            preview.width / self._upright_width(digest, preview)
            for digest, preview in ((match.query, one), (match.candidate, other))
        ]
        asked = Facts(
            shown_with=match.query,
            of=(one.digest, other.digest),
            matrix=_scaled(match.matrix, *scales),
            pairs=[
                [scales[0] * n for n in pair.query] + [scales[1] * n for n in pair.candidate]
                for pair in match.correspondences
            ],
        )
        for copy in copies_of(self.case, match.candidate):
            if copy.method == SHEET and copy.parameters["asked"] == asked and self.case.has(copy.digest):
                return _preview_of(copy)
        try:
            return _preview_of(self._made_of_two(match.candidate, one, other, asked))
        except (MalformedError, RefusedError, UnavailableError):
            return None

    def _made_of_two(self, of: Digest, one: Preview, other: Preview, asked: Facts) -> Copy:
        contents = []
        for preview in (one, other):
            with self.case.open(preview.digest) as stream:
                contents.append(stream.read())
        with NamedTemporaryFile() as both:
            both.write(packed(*contents))
            both.flush()
            wanted = {"matrix": asked["matrix"], "pairs": asked["pairs"]}
            parts = self.room.run(SHEET, Path(both.name), wanted)
            ((facts, content),) = [(part.facts, part.content.read()) for part in parts]
        copy = Copy(
            digest=Digest.of(content),
            size=len(content),
            media_type="image/jpeg",
            role=Role.WORKING,
            derived_from=of,
            method=SHEET,
            parameters=Facts(asked=asked, width=facts["width"], height=facts["height"]),
        )
        keep_working_copy(self.case, content, copy)
        with self.case.transaction() as transaction:
            used = (of, asked["shown_with"])
            transaction.append(self.custodian.act("derive", used=used), [copy])
        return copy

    def _upright_width(self, digest: Digest, preview: Preview) -> int:
        """How wide a picture is upright; as wide as its preview if nobody measured it."""
        size = upright_size(self.case, digest)
        return size[0] if size is not None else preview.width

    def _masks(self, digest: Digest) -> list[dict[str, object]]:
        """What nobody shall see of a picture, as people marked it until now."""
        return [
            {"shape": mark.region.shape.value, "points": mark.region.points}
            for _, mark in self.case.find(Observation, digest)
            if mark.purpose is Purpose.MASK and mark.region is not None
        ]

    def _made_by(self, task: str, original: Copy, wanted: Mapping[str, object]) -> Copy:
        """The kept working copy that a task made with just these wishes, made now if there is none."""
        for copy in copies_of(self.case, original.digest):
            is_wanted = copy.method == task and copy.parameters["asked"] == Facts(wanted)
            if is_wanted and self.case.has(copy.digest):
                return copy
        if not lies_here(self.case, original.digest):
            raise RefusedError(f"the original of {self.case.exhibit_of(original.digest)} was erased")
        with self.case.checked(original.digest) as path:
            ((facts, content),) = [
                (part.facts, part.content.read()) for part in self.room.run(task, path, wanted)
            ]
        copy = Copy(
            digest=Digest.of(content),
            size=len(content),
            media_type="image/jpeg",
            role=Role.WORKING,
            derived_from=original.digest,
            method=task,
            parameters=Facts(asked=Facts(wanted), width=facts["width"], height=facts["height"]),
        )
        keep_working_copy(self.case, content, copy)
        with self.case.transaction() as transaction:
            transaction.append(self.custodian.act("derive", used=(original.digest,)), [copy])
        return copy


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of each exhibit, and how far the log reached when someone outside saw it."""

    findings: Mapping[Digest, Sequence[Finding]]
    copies: Mapping[Digest, Sequence[Copy]]
    readers: Mapping[Digest, Set[str]]
    stamped: Sequence[tuple[int, datetime]]


def _described(findings: Sequence[Finding]) -> Mapping[str, str]:
    """What the text of an exhibit says of itself: title, outlet, published, language."""
    for finding in findings:
        if finding.property == READABLE:
            told = finding.value
            return {
                "title": told.get("title"),
                "outlet": told.get("outlet"),
                "published": told.get("published", {}).get("given"),
                "language": told.get("language", {}).get("code"),
            }
    return {}


def _page_spans(findings: Sequence[Finding]) -> tuple[tuple[int, int], ...]:
    """Where the pages of a document stand in its text, as `text_by` has it."""
    told = next((one.value for one in findings if one.property == READABLE and "text" in one.value), Facts())
    return tuple((start, end) for start, end in told.get("page_spans", ()))


def fingerprint_of(vkey: str) -> str:
    """What to compare by telephone: the key's SHA-256 in groups of four."""
    hexadecimal = Digest.of(Verifier.from_vkey(vkey).vkey().encode()).hex
    return " ".join(hexadecimal[start : start + 4] for start in range(0, 32, 4))


def _scaled(matrix: Sequence[float], one: float, other: float) -> list[float]:
    """A map between pixels of two pictures as one between their previews."""
    if not matrix:
        return []
    a, b, c, d, e, f = matrix
    ratio = other / one
    return [a * ratio, b * ratio, c * other, d * ratio, e * ratio, f * other]


def _preview_of(copy: Copy) -> Preview:
    return Preview(
        path=f"previews/{copy.digest.hex}.jpg",
        digest=copy.digest,
        width=copy.parameters["width"],
        height=copy.parameters["height"],
    )
